//! A fleet on the screen: the order, filters, the map, boxes that follow the cursor, opened hosts, groups.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner, Remote},
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal, has_box},
};
use std::ffi::OsStr;

/// A host with processors that are that busy.
fn busy(farm: &Farm, percent: u32) -> Remote {
    let cores = vec![percent; 2];
    farm.serve(bodies::still(bodies::gotop(Gotop { cores, disk: 0.1, ..Gotop::default() })))
}

/// A hundred hosts: `web-1` to `web-60`, tagged by their names; `db-1` to `db-40`, the odd ones tagged `prod`.
/// `web-40` is the busiest, `db-7` is down.
fn hundred(farm: &Farm) -> String {
    let mut config = "groups=web:web-*\n".to_owned();
    for n in 1..=60 {
        let remote = busy(farm, if n == 40 { 97 } else { n % 50 });
        config += &format!("remote-web-{n}-url={}\n", remote.url());
    }
    for n in 1..=40 {
        let remote = if n == 7 { farm.remote(Manner::Status(500)) } else { busy(farm, 3) };
        config += &format!("remote-db-{n}-url={}\n", remote.url());
        if n % 2 == 1 {
            config += &format!("remote-db-{n}-tags=prod\n");
        }
    }
    config
}

fn start(home: &Home, size: (u16, u16), config: &str, more: &[&OsStr]) -> Terminal {
    let config = home.write("fleet.conf", config);
    let args = [OsStr::new("--no-local"), OsStr::new("-C"), config.as_os_str()];
    Terminal::run(home, size, &[&args, more].concat())
}

/// The row of the table's heading.
fn heading(screen: &str) -> usize {
    let found = screen.lines().position(|line| line.contains("   HOST "));
    found.unwrap_or_else(|| panic!("no table:\n{screen}"))
}

/// The name in a row of the table; the first is 0.
fn host(screen: &str, row: usize) -> String {
    let line = screen.lines().nth(heading(screen) + 1 + row).unwrap_or_default();
    line.chars().skip(4).take_while(|c| *c != ' ').collect()
}

/// Presses the left button, in columns and rows from 0.
fn click(terminal: &Terminal, column: usize, row: usize) {
    for end in ["M", "m"] {
        terminal.type_text(&format!("\u{1b}[<0;{};{}{end}", column + 1, row + 1));
    }
}

fn opened(name: &str) -> impl Fn(&str) -> bool {
    let begin = format!(" {name} ");
    move |screen: &str| {
        screen.lines().next().is_some_and(|l| l.starts_with(&begin) && l.contains(" host "))
    }
}

#[test]
fn the_worst_stand_first_and_the_boxes_below_follow_the_cursor() {
    let (home, farm) = (Home::new(), Farm::new());
    let terminal = start(&home, (160, 48), &hundred(&farm), &[]);
    let screen = terminal.wait_for("the worst first", |screen| {
        screen.contains("98 fine   x 1 DOWN   ! 1 over a limit")
            && screen.contains("   HOST ")
            && host(screen, 0) == "db-7"
            && host(screen, 1) == "web-40"
    });
    assert!(screen.contains(" mean 15  p95 46 "), "of those that answered:\n{screen}");
    let line = screen.lines().find(|l| l.contains("│ ! web-40 ")).unwrap();
    assert!(line.contains("cpu 97 > 95"), "{line}");
    let screen = terminal.wait_for_text(&["db-7 is down: 500"]);
    assert_eq!(screen.matches("is down").count(), 1, "said once:\n{screen}");
    terminal.press(&["j"]);
    let screen = terminal.wait_for("its boxes", |screen| {
        screen.contains("─ ▌web-40 ─ 2 cpu ─ 97 %") && screen.contains("│ mem    ██")
    });
    let line = screen.lines().nth(heading(&screen) + 2).unwrap();
    assert!(line.starts_with("│▌! web-40"), "{line}");
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
}

#[test]
fn a_filter_is_read_as_it_is_typed_and_says_in_place_what_is_wrong() {
    for size in [(160, 48), (80, 24)] {
        let (home, farm) = (Home::new(), Farm::new());
        let terminal = start(&home, size, &hundred(&farm), &[]);
        terminal.wait_for_text(&["x 1 DOWN"]);
        terminal.press(&["/"]);
        terminal.type_text("cpu>40 & #web & cpu>");
        terminal.wait_for_text(&["/cpu>40 & #web & cpu>▏", "a value is missing after \"cpu>\""]);
        terminal.type_text("90");
        terminal.wait_for("one row", |s| host(s, 0) == "web-40" && host(s, 1).is_empty());
        terminal.press(&["Enter"]);
        terminal.wait_for("no line to type in", |screen| !screen.contains("90▏"));
        terminal.press(&["Escape"]);
        terminal.wait_for("all of them", |screen| !host(screen, 1).is_empty());
        terminal.expect_answers_keys();
    }
}

#[test]
fn a_host_is_opened_from_the_table_and_from_the_map_and_left_again() {
    let (home, farm) = (Home::new(), Farm::new());
    let terminal = start(&home, (160, 48), &hundred(&farm), &[]);
    terminal
        .wait_for("the order", |screen| screen.contains("   HOST ") && host(screen, 1) == "web-40");
    terminal.press(&["j", "Enter"]);
    terminal.wait_for("web-40", opened("web-40"));
    let screen = terminal.wait_for("its boxes", |screen| {
        ["mem", "net"].iter().all(|name| has_box(screen, "web-40", name))
    });
    // it serves no processes, and this machine's are not shown in their place
    assert!(has_box(&screen, "web-40", "cpu") && !screen.contains("procs"), "{screen}");
    terminal.press(&["["]);
    terminal.wait_for("the one before", opened("db-7"));
    terminal.press(&["]", "]"]);
    let screen = terminal
        .wait_for("the one after", |screen| !opened("db-7")(screen) && !opened("web-40")(screen));
    let third = screen.lines().next().unwrap().split_whitespace().next().unwrap().to_owned();
    terminal.press(&["Escape"]);
    let screen = terminal.wait_for("the table", |screen| screen.contains("   HOST "));
    assert_eq!(host(&screen, 2), third, "the cursor went along:\n{screen}");
    let line = screen.lines().nth(heading(&screen) + 3).unwrap();
    assert!(line.starts_with("│▌"), "{line}");

    // the map has the tags in their order: prod, web, and those without one
    let row = screen.lines().position(|l| l.starts_with("│ web ")).unwrap();
    let line = screen.lines().nth(row).unwrap();
    let first = line.chars().position(|c| ('▁'..='█').contains(&c)).unwrap();
    click(&terminal, first + 39, row);
    terminal.wait_for_text(&["─ ▌web-40 ─ 2 cpu ─ 97 %"]);
    terminal.press(&["Right", "Enter"]);
    terminal.wait_for("its neighbour on the map", opened("web-41"));
    terminal.press(&["Escape"]);
    terminal.wait_for("the table", |screen| screen.contains("   HOST "));
    terminal.press(&["g"]);
    let groups = terminal.wait_for_text(&["by group", "GROUP"]);
    let row = |name: &str| {
        groups
            .lines()
            .find(|l| {
                l.chars()
                    .skip(1)
                    .collect::<String>()
                    .trim_start_matches(['▌', ' '])
                    .starts_with(name)
            })
            .unwrap()
    };
    assert!(row("prod ").contains("19/20"), "{groups}");
    assert!(row("web ").contains("60/60"), "{groups}");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["/#prod", " of 20 "]);
    terminal.expect_answers_keys();
}

#[test]
fn a_layout_shows_a_group_and_asks_nobody_else() {
    let (home, farm) = (Home::new(), Farm::new());
    let body = || bodies::still(bodies::gotop(Gotop::default()));
    let all: Vec<Remote> = (0..6).map(|_| farm.serve(body())).collect();
    let names = ["web-1", "web-2", "www", "db-1", "db-2", "other"];
    let mut config = "groups=prod:web-*,prod:ww?\nremote-db-1-tags=prod,db\n".to_owned();
    for (name, remote) in names.iter().zip(&all) {
        config += &format!("remote-{name}-url={}\n", remote.url());
    }
    let layout = home.write("group.layout", "cpu@#prod\nmem@#prod\n");
    let terminal = start(&home, (120, 40), &config, &[OsStr::new("-l"), layout.as_os_str()]);
    let screen = terminal.wait_for_text(&["web-1-Main", "web-2-Main", "www-Main", "db-1-Main"]);
    for other in ["db-2", "other"] {
        assert!(!screen.contains(other), "{other} is no member:\n{screen}");
    }
    wait_for("requests", PATIENCE, || (all[0].requests() > 2).then_some(()));
    assert_eq!(all[4].requests() + all[5].requests(), 0, "nobody wants anything of the others");
}
