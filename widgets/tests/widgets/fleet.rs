//! The table of hosts over a fleet: orders, filters, pins, groups, the map, and what a frame costs.

use crate::{
    machine::Machine,
    scene::{self, Feed, NOW, Scene, drawn, press_key, widget},
};
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect, style::Modifier},
    reading::DeviceReading,
    source::Source,
    view::View,
    vocabulary as v,
    widget::{Action, Key, Mouse, Outcome, Widget},
};

/// Hosts by name, tags, busy percentage, disk percentage, seconds since they answered, and whether the last
/// attempt failed.
type Host = (&'static str, &'static [&'static str], f64, f64, u64, bool);

fn fleet(hosts: &[Host]) -> Scene {
    let mut feed = Feed::new();
    for (name, tags, busy, disk, age, failed) in hosts {
        let source = feed.tagged(name, tags);
        let disks: &'static [(&str, &str, f64)] = Box::leak(Box::new([("vda1", "/", *disk)]));
        let machine = Machine { cores: 1, busy: *busy, disks, past: 5, ..Machine::default() };
        feed.machine(source, NOW - age, &machine);
        if *failed {
            feed.bad(source, NOW, "connection refused");
        }
    }
    feed.scene()
}

/// Twelve hosts of two groups and of none.
fn twelve() -> Scene {
    fleet(&[
        ("web-1", &["prod", "web"], 10.0, 20.0, 0, false),
        ("web-2", &["prod", "web"], 12.0, 30.0, 0, false),
        ("web-3", &["prod", "web"], 14.0, 99.0, 0, false),
        ("web-10", &["prod", "web"], 16.0, 97.0, 0, false),
        ("db-1", &["db"], 20.0, 85.0, 0, false),
        ("db-2", &["db"], 22.0, 40.0, 20, false),
        ("db-3", &["db"], 24.0, 40.0, 30, true),
        ("odd-1", &[], 5.0, 10.0, 0, false),
        ("odd-2", &[], 6.0, 50.0, 0, false),
        ("odd-3", &[], 7.0, 11.0, 0, false),
        ("odd-4", &[], 8.0, 12.0, 0, false),
        ("odd-5", &[], 9.0, 13.0, 0, false),
    ])
}

fn press(widget: &mut dyn Widget, scene: &Scene, keys: &str) -> Outcome {
    let mut last = Outcome::Ignored;
    for key in keys.chars() {
        let key = match key {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Esc,
            '→' => Key::Right,
            '←' => Key::Left,
            c => Key::Char(c),
        };
        last = press_key(widget, &scene.view(), key);
    }
    last
}

/// The names in the rows of the table, from the top; `height` with the heads.
fn names(hosts: &mut dyn Widget, scene: &Scene, height: u16) -> Vec<String> {
    let lines = drawn(hosts, scene, 158, height);
    let column = |l: &String| l.find(" HOST").map(|at| l[..=at].chars().count());
    let (head, column) = lines.iter().enumerate().find_map(|(n, l)| Some((n, column(l)?))).unwrap();
    let name = |l: &String| l.chars().skip(column).take_while(|c| *c != ' ').collect();
    let is_row = |l: &&String| !l.is_empty() && !l.starts_with('/');
    lines[head + 1..].iter().filter(is_row).map(name).collect()
}

fn title(hosts: &dyn Widget, scene: &Scene) -> String {
    hosts.title(&scene.view(), Rect::new(0, 0, 158, 8)).words()
}

#[test]
fn the_worst_stand_first_where_rows_do_not_fit() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[]);
    // down, stale, over a limit (the highest against its limit first), the others by their level
    let worst = ["db-3", "db-2", "web-3", "web-10", "db-1", "odd-2", "web-2"];
    assert_eq!(names(&mut *hosts, &scene, 8), worst);
    assert_eq!(title(&*hosts, &scene), "hosts ─ worst first ─ 5 need a look");
    let shown = hosts.title(&scene.view(), Rect::new(0, 0, 158, 8));
    let keys = "/ filter ─ sort ─ groups ─ pin ─ acknowledge ─ 1-7 of 12";
    assert_eq!(shown.right_words(), keys);
    assert_eq!(shown.scroll.map(|s| (s.first, s.shown, s.total)), Some((0, 7, 12)));
    assert!(drawn(&mut *hosts, &scene, 158, 8)[0].contains("WHY▼"), "the head says by what");
    let mut all = widget("hosts", &[]);
    let few = names(&mut *all, &scene, 13);
    let order = ["db-3", "db-2", "web-3", "web-10"];
    assert_eq!(few[..4], order, "where they fit, trouble first, then the config's order");
}

#[test]
fn any_column_sorts_by_key_and_by_click_and_either_way() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[]);
    names(&mut *hosts, &scene, 8);
    let order = |hosts: &dyn Widget| {
        title(hosts, &scene).split(" ─ ").nth(1).unwrap_or_default().to_owned()
    };
    press(&mut *hosts, &scene, "ss");
    assert_eq!(order(&*hosts), "by name");
    assert_eq!(names(&mut *hosts, &scene, 8)[..3], ["db-1", "db-2", "db-3"]);
    press(&mut *hosts, &scene, "r");
    let reversed = names(&mut *hosts, &scene, 8);
    assert_eq!(reversed[..3], ["web-10", "web-3", "web-2"], "ten comes after three");
    press(&mut *hosts, &scene, "S");
    assert_eq!(order(&*hosts), "trouble first");
    let heading = drawn(&mut *hosts, &scene, 158, 8)[0].clone();
    let column = heading[..heading.find("DISK%").unwrap()].chars().count() as u16;
    hosts.on_mouse(Mouse::Click { column, row: 0 }, &scene.view());
    assert_eq!(order(&*hosts), "by disk, highest first");
    assert_eq!(names(&mut *hosts, &scene, 8)[..3], ["web-3", "web-10", "db-1"]);
    assert!(drawn(&mut *hosts, &scene, 158, 8)[0].contains("DISK%▼"));
    hosts.on_mouse(Mouse::Click { column, row: 0 }, &scene.view());
    assert!(drawn(&mut *hosts, &scene, 158, 8)[0].contains("DISK%▲"));
    let lowest = names(&mut *hosts, &scene, 14);
    assert_eq!((lowest[0].as_str(), lowest[11].as_str()), ("odd-1", "db-3"), "unknown comes last");
}

#[test]
fn a_filter_is_an_expression_and_the_last_that_could_be_read_holds() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[]);
    let mut listed = |text: &str| {
        press(&mut *hosts, &scene, &format!("\u{1b}\u{1b}/{text}"));
        let lines = drawn(&mut *hosts, &scene, 158, 14);
        let line = lines.iter().find(|l| l.starts_with('/')).unwrap().clone();
        (names(&mut *hosts, &scene, 13), line, hosts.is_typing())
    };
    assert_eq!(listed("disk>80 & name~web").0, ["web-3", "web-10"]);
    let trouble = listed("state!=live").0;
    assert_eq!(trouble, ["db-3", "db-2"]);
    assert_eq!(listed("#db | odd-5").0.len(), 4);
    assert_eq!(listed("tag=").0.len(), 5, "those without a tag");
    assert_eq!(listed("!(#prod|#db) & disk<12").0, ["odd-1", "odd-3"]);
    let (rows, line, _) = listed("#db & cpu>2x");
    assert_eq!(rows, ["db-2", "db-1"], "what was typed before holds: {rows:?}");
    assert_eq!(line, "/#db & cpu>2x▏  \"2x\" is not a number");
    press(&mut *hosts, &scene, "\n");
    assert!(hosts.is_typing(), "what cannot be read is not kept");
    hosts.on_key(Key::Backspace, &scene.view());
    press(&mut *hosts, &scene, "2\n");
    assert!(!hosts.is_typing());
    assert_eq!(names(&mut *hosts, &scene, 13), ["db-1"], "of what is down no figure is known");
    press(&mut *hosts, &scene, "\u{1b}");
    assert_eq!(names(&mut *hosts, &scene, 13).len(), 12);
    press(&mut *hosts, &scene, "/nowhere\n");
    let lines = drawn(&mut *hosts, &scene, 158, 13);
    assert_eq!(lines[1], " nothing matches; Esc clears the filter");
    press(&mut *hosts, &scene, "g");
    let lines = drawn(&mut *hosts, &scene, 158, 13);
    assert_eq!(lines[1], " nothing matches; Esc clears the filter", "of groups too");
}

#[test]
fn pinned_hosts_stand_first_by_config_and_by_key() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[("pinned", "odd-4,web-?")]);
    let first = names(&mut *hosts, &scene, 8);
    assert_eq!(first[..5], ["web-3", "web-2", "web-1", "odd-4", "db-3"]);
    assert!(drawn(&mut *hosts, &scene, 158, 8)[2].starts_with(" * web-2"));
    press(&mut *hosts, &scene, "p");
    assert_eq!(names(&mut *hosts, &scene, 8)[..3], ["web-2", "web-1", "odd-4"], "no longer");
}

#[test]
fn what_is_over_a_limit_says_so_with_the_limit() {
    let mut scene = twelve();
    scene.settings.limits.put("disk=80,90").unwrap();
    let lines = drawn(&mut *widget("hosts", &[]), &scene, 158, 14);
    let row = |name: &str| lines.iter().find(|l| l.contains(name)).unwrap().trim_end().to_owned();
    assert!(row("web-10").contains("disk 97 > 90  ") && row("web-10").contains("97! /"));
    assert!(row("db-1").contains("disk 85 > 80  ") && row("db-1").starts_with(" ! "));
    assert!(row("db-2").contains("no answer for 20 s  ") && row("db-2").starts_with(" ? "));
    assert!(row("db-3").contains("connection refused, next try in 8 s"), "{}", row("db-3"));
    assert!(row("odd-1").contains("fine"), "{}", row("odd-1"));
}

#[test]
fn late_hosts_and_hosts_that_cannot_be_read_say_why() {
    let mut feed = Feed::new();
    let [fine, late, unread, new] = ["fine", "late", "unread", "new"].map(|n| feed.source(n));
    feed.machine(fine, NOW, &Machine { past: 3, ..Machine::default() });
    feed.machine(late, NOW - 3, &Machine { past: 3, ..Machine::default() });
    feed.good(unread, NOW, Vec::new());
    let _ = new;
    let mut hosts = widget("hosts", &[]);
    let scene = feed.scene();
    let lines = drawn(&mut *hosts, &scene, 158, 5);
    let row = |name: &str| lines.iter().find(|l| l.contains(name)).unwrap().clone();
    let late = row("late");
    assert!(late.contains("~ ▌ late") && late.ends_with("the last answer is 3 s old"), "{late}");
    assert!(
        row("unread").contains("u ▌ unread") && row("unread").contains("nothing in the answer")
    );
    assert!(row("new").ends_with("waiting for the first answer"), "{}", row("new"));
    assert_eq!(title(&*hosts, &scene), "hosts ─ trouble first ─ 2 need a look");
}

#[test]
fn the_cursor_keeps_the_colours_of_its_row() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[]);
    let area = Rect::new(0, 0, 158, 8);
    let mut buffer = Buffer::empty(area);
    hosts.draw(&scene.view(), area, &mut buffer);
    let theme = &scene.theme;
    assert_eq!(buffer[(0, 1)].symbol(), "▌");
    assert_eq!((buffer[(1, 1)].symbol(), Some(buffer[(1, 1)].fg)), ("x", theme.crit.fg));
    assert!((0..158).all(|x| Some(buffer[(x, 1)].bg) == theme.selection.bg));
    assert_eq!((buffer[(1, 2)].symbol(), Some(buffer[(1, 2)].fg)), ("?", theme.stale.fg));
    assert!(buffer[(3, 2)].modifier.contains(Modifier::BOLD), "the name of one in trouble");
    assert!(!buffer[(3, 6)].modifier.contains(Modifier::BOLD), "and of one that is fine");
}

#[test]
fn groups_add_up_with_how_many_take_part_and_open_as_a_filter() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[]);
    names(&mut *hosts, &scene, 14);
    press(&mut *hosts, &scene, "g");
    let lines = drawn(&mut *hosts, &scene, 158, 8);
    let row = |name: &str| -> Vec<String> {
        let cells = |l: &String| l.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let trimmed = |l: &&String| l.trim_start_matches(['▌', ' ']).starts_with(name);
        let line = lines.iter().find(trimmed).unwrap();
        cells(&line.replace('▌', " "))
    };
    // live, stale, down; the stale and the one that is down take no part in figures
    assert_eq!(row("db")[..4], ["db", "1/3", "1", "1"]);
    assert_eq!(row("db")[6], "1/3");
    assert_eq!(row("prod")[..4], ["prod", "4/4", "0", "0"]);
    assert_eq!(row("prod")[10..12], ["62", "99!"], "the mean and the fullest disk");
    assert!(lines.iter().any(|l| l.contains("prod") && l.ends_with("disk > 95: 2")), "{lines:#?}");
    assert_eq!(row("(none)")[1], "5/5");
    assert_eq!(lines.iter().filter(|l| !l.is_empty()).count(), 5, "prod and web are two groups");
    press(&mut *hosts, &scene, "j\n");
    assert_eq!(names(&mut *hosts, &scene, 14), ["web-3", "web-10", "web-1", "web-2"]);
    let title = hosts.title(&scene.view(), Rect::new(0, 0, 158, 14));
    assert!(title.words().contains(" ─ /#prod ─ "), "{title:?}");
}

#[test]
fn the_map_has_a_cell_a_host_that_mouse_and_keys_find() {
    let scene = scene::fleet();
    let mut hosts = widget("hosts", &[]);
    let lines = drawn(&mut *hosts, &scene, 158, 20);
    assert!(lines[0].starts_with(" map  cpu %  m next  mean "), "{}", lines[0]);
    let cells: Vec<char> = lines[1].chars().collect();
    assert_eq!((cells[1 + 17], cells[1 + 49]), ('?', 'x'), "stale, down: {}", lines[1]);
    assert_eq!(cells.len(), 1 + 156, "a blank before and behind");
    assert_eq!(cells[1 + 3], '▂', "21 %: {}", lines[1]);
    assert_eq!(cells[1 + 12], '!', "84 %: {}", lines[1]);
    assert_eq!(lines[2].chars().count(), 1 + 300 - 156);
    let open =
        |n: usize| Outcome::Act(Action::Open(Source::named(&format!("web-{n}.example.com:9100"))));
    hosts.on_mouse(Mouse::Click { column: 1 + 17, row: 1 }, &scene.view());
    assert_eq!(press(&mut *hosts, &scene, "\n"), open(17));
    assert_eq!(press(&mut *hosts, &scene, "→\n"), open(18));
    hosts.on_mouse(Mouse::Click { column: 1 + 3, row: 2 }, &scene.view());
    assert_eq!(press(&mut *hosts, &scene, "←\n"), open(156 + 2));
    assert_eq!(
        hosts.selected(&scene.view()),
        Some(Source::named("web-158.example.com:9100")),
        "boxes follow"
    );
    press(&mut *hosts, &scene, "m");
    assert!(drawn(&mut *hosts, &scene, 158, 20)[0].contains("map  mem %"), "the next figure");
    press(&mut *hosts, &scene, "MM");
    assert!(drawn(&mut *hosts, &scene, 158, 20)[0].contains("HOST"), "no map");
}

/// So many groups of so many hosts each.
fn groups(count: usize, hosts: usize) -> Scene {
    let mut feed = Feed::new();
    for group in 0..count {
        for n in 0..hosts {
            let id = feed.tagged(&format!("g{group}-{n}"), &[&format!("g{group}")]);
            let busy = (10 * (n % 10)) as f64;
            feed.machine(id, NOW, &Machine { cores: 1, busy, past: 1, ..Machine::default() });
        }
    }
    feed.scene()
}

#[test]
fn every_group_is_on_the_map_at_any_size() {
    let of = |scene: &Scene, width: u16, height: u16| {
        let lines = drawn(&mut *widget("hosts", &[]), scene, width, height);
        let end = lines.iter().position(|l| l.contains("HOST")).unwrap();
        lines[..end].to_vec()
    };
    let few = groups(3, 30);
    let lines = of(&few, 158, 30);
    assert_eq!(lines.len(), 4, "a row each: {lines:#?}");
    assert!(lines[0].contains("mean") && lines[0].ends_with("worst"), "{}", lines[0]);
    assert!(lines[1].starts_with(" g0       30  ▁▁▂▃▄▅▆!!!"), "{}", lines[1]);
    assert!(lines[1].contains(" !9 ") && lines[1].ends_with("100! g0-8"), "{}", lines[1]);
    let narrow = of(&few, 42, 18);
    assert_eq!(narrow.len(), 1 + 5, "what is over goes to the first groups: {narrow:#?}");
    let rows = |lines: &[String], name: &str| lines.iter().filter(|l| l.contains(name)).count();
    assert!((0..3).all(|n| rows(&narrow, &format!(" g{n} ")) == 1), "{narrow:#?}");
    assert!(narrow[5].contains(" +"), "how many have no cell: {narrow:#?}");
    let many = groups(40, 3);
    let lines = of(&many, 120, 24);
    assert_eq!(lines.len(), 12);
    assert!(lines[11].starts_with(" others   90  ▁▁▂"), "{}", lines[11]);
    assert_eq!((1..11).filter(|n| lines[*n].contains("  3  ")).count(), 10);
    // a cell of the others is a host that a click finds
    let mut hosts = widget("hosts", &[]);
    drawn(&mut *hosts, &many, 120, 24);
    let x = lines[11].chars().position(|c| c == '▁').unwrap() as u16;
    hosts.on_mouse(Mouse::Click { column: x + 4, row: 11 }, &many.view());
    assert_eq!(hosts.selected(&many.view()), Some(Source::named("g11-1")));
}

#[test]
fn the_order_is_made_anew_every_few_seconds_and_not_under_the_cursor() {
    let machine = |busy: f64| Machine { cores: 1, busy, past: 1, ..Machine::default() };
    let mut feed = Feed::new();
    let ids: Vec<usize> = (0..20).map(|n| feed.source(&format!("h{n}"))).collect();
    for (n, id) in ids.iter().enumerate() {
        feed.machine(*id, NOW - 30, &machine(60.0 - n as f64));
    }
    let mut scene = Feed::scene_at(&feed, NOW - 30);
    let mut hosts = widget("hosts", &[]);
    let order = |hosts: &mut dyn Widget, scene: &Scene| names(hosts, scene, 6);
    press(&mut *hosts, &scene, "sss");
    let first = order(&mut *hosts, &scene);
    assert_eq!(first.len(), 5);
    // all answer again, the other way round
    for (n, id) in ids.iter().enumerate() {
        for t in [NOW - 20, NOW - 19] {
            feed.machine(*id, t, &machine(3.0 * n as f64));
        }
    }
    press(&mut *hosts, &scene, "jj");
    let third = order(&mut *hosts, &scene)[2].clone();
    scene = Feed::scene_at(&feed, NOW - 19);
    let second = order(&mut *hosts, &scene);
    assert_eq!(second[2], third, "the row under the cursor stays");
    assert_ne!(second[0], first[0], "the others move");
    let mut again = Feed::scene_at(&feed, NOW - 17);
    for (n, id) in ids.iter().enumerate() {
        feed.machine(*id, NOW - 17, &machine(60.0 - n as f64));
    }
    again.snapshot = feed.0.snapshot();
    assert_eq!(order(&mut *hosts, &again), second, "not before five seconds have passed");
}

#[test]
fn a_frame_looks_at_what_is_in_view_however_many_hosts_there_are() {
    let looked = |hosts: usize| {
        let mut feed = Feed::new();
        for n in 0..hosts {
            let id = feed.source(&format!("web-{n}"));
            let machine =
                Machine { cores: 1, busy: (n % 90) as f64, past: 0, ..Machine::default() };
            feed.machine(id, NOW, &machine);
        }
        let scene = feed.scene();
        let mut hosts = widget("hosts", &[]);
        drawn(&mut *hosts, &scene, 80, 24);
        let count = |view: &View<'_>, hosts: &mut dyn Widget| {
            let area = Rect::new(0, 0, 80, 24);
            let mut buffer = Buffer::empty(area);
            hosts.draw(view, area, &mut buffer);
            hosts.title(view, area);
            hosts.rows(view, 80);
            hosts.is_empty(view);
            hosts.selected(view);
            view.looked()
        };
        count(&scene.view(), &mut *hosts)
    };
    let (few, many) = (looked(1000), looked(4000));
    assert_eq!(few, many);
    assert!(few <= 8 * 80 + 24, "a cell of the map and a row each: {few}");
}

#[test]
fn a_disk_that_hangs_makes_nothing_old_but_the_disk() {
    let mut feed = Feed::new();
    let [processors, disks] = ["local", "local"].map(|name| feed.source(name));
    let cpu = DeviceReading::new(v::CPU, "CPU0").with(&v::PERCENT, 41.0);
    let disk = DeviceReading::new(v::DISK, "vda1").with(&v::PERCENT, 72.0);
    feed.good(disks, NOW - 20, vec![disk]);
    feed.good(processors, NOW, vec![cpu]);
    let mut hosts = widget("hosts", &[]);
    let row = drawn(&mut *hosts, &feed.scene(), 160, 5).into_iter().find(|l| l.contains("local"));
    let row = row.unwrap();
    assert!(row.contains("stale") && row.contains("72?"), "{row}");
    assert!(row.contains(" 41 ") && !row.contains("41?"), "{row}");
}

#[test]
fn trouble_besides_limits_has_a_sign_and_words_and_what_is_late_comes_before_what_is_fine() {
    let mut feed = Feed::new();
    let [fine, late, swapping, unit] = ["fine", "late", "swapping", "unit"].map(|n| feed.source(n));
    let machine = Machine { past: 3, ..Machine::default() };
    feed.machine(fine, NOW, &machine);
    feed.machine(late, NOW - 3, &machine);
    let swap = DeviceReading::new(v::MEMORY, v::SWAP).with(&v::OUT_RATE, 41e6);
    feed.good(swapping, NOW, vec![swap]);
    let failed = DeviceReading::new(v::HOST, "").with(&v::FAILED_UNITS, 1.0);
    feed.good(unit, NOW, vec![failed.text(&v::FAILED, "certbot.service")]);
    let scene = feed.scene();
    let mut hosts = widget("hosts", &[]);
    let lines = drawn(&mut *hosts, &scene, 158, 5);
    let order = ["swapping", "unit", "late", "fine"];
    assert!(lines[1..].iter().zip(order).all(|(line, name)| line.contains(name)), "{lines:#?}");
    assert!(lines[1].contains("! ▌") && lines[1].ends_with("swapping 41MB/s"), "{}", lines[1]);
    assert!(lines[2].ends_with("certbot.service failed"), "{}", lines[2]);
    assert_eq!(title(&*hosts, &scene), "hosts ─ trouble first ─ 3 need a look");
}

#[test]
fn columns_are_chosen_by_config_and_from_inside() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[("columns", "load,disk,used")]);
    let head = drawn(&mut *hosts, &scene, 158, 20)[0].clone();
    let words: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(words, ["HOST", "LOAD", "DISK%", "USED"]);
    // the menu: the first is hidden, and closing it tells the application
    press(&mut *hosts, &scene, "C ");
    assert!(drawn(&mut *hosts, &scene, 158, 20).iter().any(|l| l.contains("[ ] load")));
    let kept = press(&mut *hosts, &scene, "\n");
    assert_eq!(kept, Outcome::Act(Action::SetOption("columns", "disk,used".into())));
    let head = drawn(&mut *hosts, &scene, 158, 20)[0].clone();
    assert_eq!(head.split_whitespace().collect::<Vec<_>>(), ["HOST", "DISK%", "USED"]);
    // a command shows one, and hides all but the last
    let turned = hosts.toggle_column("load", &scene.view());
    assert_eq!(turned, Outcome::Act(Action::SetOption("columns", "disk,used,load".into())));
    hosts.toggle_column("disk", &scene.view());
    hosts.toggle_column("used", &scene.view());
    assert_eq!(hosts.toggle_column("load", &scene.view()), Outcome::Ignored);
    let shown: Vec<_> = hosts.columns().iter().filter(|c| c.shown).map(|c| c.word).collect();
    assert_eq!(shown, ["load"]);
}

#[test]
fn a_marked_host_keeps_its_sign() {
    let scene = twelve();
    let mut hosts = widget("hosts", &[]);
    names(&mut *hosts, &scene, 14);
    press(&mut *hosts, &scene, " ");
    let lines = drawn(&mut *hosts, &scene, 158, 14);
    assert!(lines[1].contains("x*db-3"), "{}", lines[1]);
}

#[test]
fn a_group_on_the_map_has_the_history_of_its_mean() {
    let mut feed = Feed::new();
    for n in 0..60 {
        let id = feed.tagged(&format!("web-{n}"), &["web"]);
        let machine = Machine { cores: 1, busy: 60.0, past: 100, ..Machine::default() };
        feed.machine(id, NOW, &machine);
    }
    let mut hosts = widget("hosts", &[]);
    drawn(&mut *hosts, &feed.scene_at(NOW), 158, 30);
    let later = feed.scene_at(NOW + 1);
    let lines = drawn(&mut *hosts, &later, 158, 30);
    assert!(lines[0].contains("2m worst"), "{}", lines[0]);
    let braille = |c: char| ('\u{2801}'..='\u{28ff}').contains(&c);
    assert!(lines[1].chars().filter(|c| braille(*c)).count() >= 6, "{}", lines[1]);
}
