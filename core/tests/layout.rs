//! The layout language, and what becomes of it on screens of all sizes.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod plugins;

use manytop_core::{
    layout::{BoxFill, From, Layout, Parsed},
    ratatui_core::layout::Rect,
    registry::Registry,
    source::Source,
};
use std::collections::BTreeMap;

fn parse(text: &str) -> Result<Parsed, Vec<String>> {
    Layout::parse("mine", text, &Registry::load(&[]).unwrap())
}

fn layout(text: &str) -> Layout {
    let parsed = parse(text).unwrap();
    assert_eq!(parsed.warnings, Vec::<String>::new(), "{text}");
    parsed.layout
}

/// Places by `widget x y width height`; `wants` goes by the widget's word.
fn placed(text: &str, area: Rect, wants: &dyn Fn(&str) -> BoxFill) -> Vec<String> {
    let layout = layout(text);
    let word = |i: usize| layout.items()[i].widget.name();
    let places = layout.place(area, &|i, _| wants(word(i)));
    places
        .iter()
        .map(|(i, r)| format!("{} {} {} {} {}", word(*i), r.x, r.y, r.width, r.height))
        .collect()
}

fn all(_: &str) -> BoxFill {
    BoxFill::All
}

const SCREEN: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };

#[test]
fn weights_share_the_width_and_rows_the_height() {
    assert_eq!(
        placed("cpu net\ndisk/2 mem/4", SCREEN, &all),
        ["cpu 0 0 60 20", "net 60 0 60 20", "disk 0 20 40 20", "mem 40 20 80 20"]
    );
}

#[test]
fn spans_stack_the_items_of_the_lines_below() {
    assert_eq!(
        placed("mem 2:cpu\nnet", SCREEN, &all),
        ["mem 0 0 60 20", "net 0 20 60 20", "cpu 60 0 60 40"]
    );
    assert_eq!(
        placed("2:cpu mem\nnet", SCREEN, &all),
        ["cpu 0 0 60 40", "mem 60 0 60 20", "net 60 20 60 20"]
    );
}

#[test]
fn gotops_own_layouts_look_as_in_gotop() {
    let default = "2:cpu\ndisk/1 2:mem/2\ntemp\n2:net 2:procs";
    assert_eq!(
        placed(default, Rect { width: 120, height: 60, ..SCREEN }, &all),
        [
            "cpu 0 0 120 20",
            "disk 0 20 40 10",
            "temp 0 30 40 10",
            "mem 40 20 80 20",
            "net 0 40 60 20",
            "procs 60 40 60 20"
        ]
    );
    let kitchensink = "3:cpu/2 3:mem/1\n4:temp/1 3:disk/2\npower\n3:net 3:procs";
    assert_eq!(
        placed(kitchensink, Rect { width: 120, height: 100, ..SCREEN }, &all),
        [
            "cpu 0 0 80 30",
            "mem 80 0 40 30",
            "temp 0 30 40 40",
            "disk 40 30 80 30",
            "power 40 60 80 10",
            "net 0 70 60 30",
            "procs 60 70 60 30"
        ]
    );
    let procs = "cpu 4:procs\ndisk\nmem\nnet";
    assert_eq!(
        placed(procs, SCREEN, &all),
        [
            "cpu 0 0 60 10",
            "disk 0 10 60 10",
            "mem 0 20 60 10",
            "net 0 30 60 10",
            "procs 60 0 60 40"
        ]
    );
}

#[test]
fn what_is_empty_gives_its_place_away() {
    let without = |gone: &'static str| {
        move |word: &str| if gone.contains(word) { BoxFill::Empty } else { BoxFill::All }
    };
    let text = "2:cpu\ndisk/1 2:mem/2\ntemp\n2:net 2:procs";
    assert_eq!(
        placed(text, SCREEN, &without("temp cpu net")),
        ["disk 0 0 40 20", "mem 40 0 80 20", "procs 0 20 120 20"]
    );
    assert_eq!(placed(text, SCREEN, &without("cpu disk mem temp net procs")), [""; 0]);
}

#[test]
fn an_item_with_few_rows_leaves_the_rest_to_others() {
    let few = |word: &str| match word {
        "mem" => BoxFill::Rows(4),
        "net" => BoxFill::Rows(6),
        _ => BoxFill::All,
    };
    assert_eq!(
        placed("cpu\nmem net\nprocs", SCREEN, &few),
        ["cpu 0 0 120 17", "mem 0 17 60 6", "net 60 17 60 6", "procs 0 23 120 17"]
    );
    // Beside an item that fills any height, the last of a column is stretched: there are no holes.
    assert_eq!(
        placed("mem 2:procs\nnet", SCREEN, &few),
        ["mem 0 0 60 4", "net 0 4 60 36", "procs 60 0 60 40"]
    );
    assert_eq!(placed("mem\nnet", SCREEN, &few), ["mem 0 0 120 4", "net 0 4 120 6"]);
}

#[test]
fn on_a_small_screen_the_first_boxes_stay_readable() {
    let text = "cpu\nmem net disk temp\nprocs";
    let small = Rect { width: 30, height: 7, ..SCREEN };
    assert_eq!(
        placed(text, small, &all),
        ["cpu 0 0 30 4", "mem 0 4 10 3", "net 10 4 10 3", "disk 20 4 10 3"]
    );
    assert_eq!(placed(text, Rect { width: 1, height: 1, ..SCREEN }, &all), ["cpu 0 0 1 1"]);
    assert_eq!(placed(text, Rect::ZERO, &all), [""; 0]);
}

/// Numbers that look random and are the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn text(&mut self) -> String {
        let words = ["cpu", "mem", "net", "disk", "temp", "procs", "power"];
        let mut text = String::new();
        for _ in 0..=self.below(5) {
            for _ in 0..=self.below(4) {
                let (span, weight) = (self.below(4) + 1, self.below(5) + 1);
                let word = words[self.below(7) as usize];
                text += &format!("{span}:{word}/{weight} ");
            }
            text += "\n";
        }
        text
    }
}

#[test]
fn rectangles_stay_inside_never_overlap_and_leave_no_hole() {
    let mut numbers = Numbers(1);
    for round in 0..4000 {
        let text = numbers.text();
        let layout = layout(&text);
        let mut area = Rect {
            x: numbers.below(5) as u16,
            y: numbers.below(5) as u16,
            width: numbers.below(90) as u16,
            height: numbers.below(50) as u16,
        };
        if round % 50 == 0 {
            (area.x, area.width, area.y) = (u16::MAX - 30, 60, u16::MAX - 5);
        }
        let slots: Vec<BoxFill> = (0..layout.items().len())
            .map(|_| match numbers.below(4) {
                0 => BoxFill::Empty,
                1 => BoxFill::Rows(numbers.below(12) as u16),
                _ => BoxFill::All,
            })
            .collect();
        let greedy = round % 2 == 0;
        let wants = |i: usize, _| if greedy { BoxFill::All } else { slots[i] };
        let mut cells = BTreeMap::new();
        let mut seen = Vec::new();
        for (item, rect) in layout.place(area, &wants) {
            assert!(!rect.is_empty(), "{text} {area:?}");
            assert_ne!(wants(item, 0), BoxFill::Empty, "{text} {area:?}");
            assert!(!seen.contains(&item), "{text} {area:?}");
            seen.push(item);
            for y in rect.y..rect.y + rect.height {
                for x in rect.x..rect.x + rect.width {
                    assert!(
                        x >= area.x && u32::from(x) < u32::from(area.x) + u32::from(area.width)
                    );
                    assert!(
                        y >= area.y && u32::from(y) < u32::from(area.y) + u32::from(area.height)
                    );
                    assert_eq!(cells.insert((x, y), item), None, "overlap: {text} {area:?}");
                }
            }
        }
        let width = usize::from(area.width.min(u16::MAX - area.x));
        let height = usize::from(area.height.min(u16::MAX - area.y));
        if greedy {
            assert_eq!(cells.len(), width * height, "a hole: {text} {area:?}");
            let roomy = width >= 10 * 5 && height >= 3 * 4 * 6;
            assert!(!roomy || seen.len() == slots.len(), "left out: {text} {area:?}");
        }
    }
}

fn from(text: &str) -> Vec<From> {
    layout(&format!("cpu@{text}")).items()[0].from.clone()
}

#[test]
fn selections_are_tags_globs_and_quoted_names() {
    let glob = |s: &str| From::Glob(s.into());
    let name = |s: &str| From::Name(s.into());
    assert_eq!(from("db"), [glob("db")]);
    assert_eq!(from("db,#prod,web-*"), [glob("db"), From::Tag("prod".into()), glob("web-*")]);
    assert_eq!(from(r#""a b","x/y,z@#*",db/3"#), [name("a b"), name("x/y,z@#*"), glob("db")]);
    assert_eq!(from(r#""a\"b\\c\n""#), [name(r#"a"b\c\n"#)], "only \\\" and \\\\ are special");
    assert_eq!(from("10.0.0.1:9100"), [glob("10.0.0.1:9100")]);
    assert_eq!(from("ünï"), [glob("ünï")]);
    let item = &layout("3:CPU@db/7\nmem\nmem").items()[0].clone();
    assert_eq!((item.widget.name(), item.span, item.weight), ("cpu", 3, 7));
}

#[test]
fn a_selection_matches_whole_names() {
    let tags = ["prod".to_owned()];
    let fits = |pattern: &str, source: &str| {
        layout(&format!("cpu@{pattern}")).items()[0].shows(&Source::named(source), &tags)
    };
    let yes = [
        ("db", "db"),
        ("web-*", "web-1"),
        ("web-*", "web-"),
        ("*", "anything"),
        ("*", "local"),
        ("local", "local"),
        ("db-?", "db-1"),
        ("*.example.com", "web.example.com"),
        ("a*b*c", "aXbbYc"),
        ("#prod", "anything"),
        ("db,Jerry", "Jerry"),
        ("\"a*\"", "a*"),
        ("ün?", "ünï"),
        ("**", "x"),
        ("\"a b\"", "a b"),
    ];
    let no = [
        ("db", "db-1"),
        ("db", "DB"),
        ("db", "db2"),
        ("web-*", "web"),
        ("db-?", "db-10"),
        ("#web", "web"),
        ("#pro*", "x"),
        ("\"a*\"", "ab"),
        ("local", "Local"),
        ("a*b*c", "aXbY"),
        ("#prod2,db", "x"),
    ];
    for (pattern, source) in yes {
        assert!(fits(pattern, source), "{pattern} shows {source}");
    }
    for (pattern, source) in no {
        assert!(!fits(pattern, source), "{pattern} does not show {source}");
    }
    assert!(layout("cpu").items()[0].shows(&Source::Local, &[]), "no @ shows every source");
}

#[test]
fn comments_blanks_and_line_ends_do_not_matter() {
    let plain = layout("cpu mem\nnet");
    let odd = layout("\u{feff}# a comment: nosuch\r\n\r\n  cpu\t  mem  \r\n   #x\r\nnet");
    let words = |l: &Layout| l.items().iter().map(|i| i.widget.name()).collect::<Vec<_>>();
    assert_eq!(words(&plain), words(&odd));
    assert!(parse("cpu # mem").is_err(), "a comment has its own line");
}

#[test]
fn everything_wrong_is_said_with_its_line() {
    let errors = |text: &str| parse(text).unwrap_err().join("\n");
    assert_eq!(
        errors("cpu memm\n\nprosc@db\nwat net@"),
        "mine:1: no widget \"memm\": did you mean \"mem\"? (manytop --list widgets shows all)\n\
         mine:3: no widget \"prosc\": did you mean \"procs\"? (manytop --list widgets shows all)\n\
         mine:4: no widget \"wat\" (manytop --list widgets shows all)\n\
         mine:4: \"net@\": a name is missing after \"@\" or \",\""
    );
    assert_eq!(errors(""), "mine: no widget in this layout");
    assert_eq!(errors("# only this"), "mine: no widget in this layout");
    assert_eq!(
        errors("cpu@\"a b"),
        "mine:1: a quote is not closed; inside quotes write \\\" for a quote"
    );
    assert_eq!(
        errors(r#"cpu@"a"b"#),
        r#"mine:1: "cpu@\"a\"b": after a closing quote comes ",", "/" or a blank"#
    );
    assert_eq!(
        errors(r#"cpu@a"b""#),
        r#"mine:1: "cpu@a\"b\"": a quote belongs around the whole name: @"a b""#
    );
    assert!(errors("cpu@a,,b").contains("a name is missing"));
    assert!(errors("cpu@#").contains("a name is missing"));
    assert!(errors("cpu@\"\"").contains("a name is missing"));
    assert!(errors(&"cpu ".repeat(201)).contains("201 widgets are too many"));
    assert!(errors(&"x".repeat(5000)).len() < 2000, "a message stays readable");
}

#[test]
fn odd_numbers_count_as_one_with_a_warning() {
    for text in
        ["0:cpu", "-2:cpu", "x:cpu", ":cpu", "1.5:cpu", "cpu/0", "cpu/-1", "cpu/", "cpu/1/2"]
    {
        let parsed = parse(text).unwrap();
        let item = &parsed.layout.items()[0];
        assert_eq!((item.span, item.weight), (1, 1), "{text}");
        assert_eq!(parsed.warnings.len(), 1, "{text}: {:?}", parsed.warnings);
        assert!(parsed.warnings[0].starts_with("mine:1: "), "{:?}", parsed.warnings);
    }
    let parsed = parse("99999999999999999999:cpu/7").unwrap();
    assert_eq!(parsed.layout.items()[0].span, 100);
    assert_eq!(
        parsed.warnings,
        [
            "mine:1: \"99999999999999999999:cpu/7\": the span \"99999999999999999999\" is not a whole number \
          from 1 to 100; it counts as 100"
        ]
    );
}

#[test]
fn any_text_is_refused_or_read_and_never_panics() {
    let mut numbers = Numbers(3);
    let pieces = ["cpu", "mem", ":", "/", "@", "\"", "\\", ",", "#", "*", " ", "\n", "9", "-", "ü"];
    let mut read = 0;
    for _ in 0..20_000 {
        let count = numbers.below(12);
        let text: String = (0..count).map(|_| pieces[numbers.below(15) as usize]).collect();
        if let Ok(parsed) = parse(&text) {
            read += 1;
            parsed.layout.place(SCREEN, &|_, _| BoxFill::All);
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn the_host_under_the_cursor_is_a_selection_that_only_a_screen_can_fill() {
    let layout = layout("disk\ncpu@> mem@>,db cpu@\">\"");
    let follows: Vec<bool> = layout.items().iter().map(|item| item.follows()).collect();
    assert_eq!(follows, [false, true, true, false], "in quotes it is a name");
    let shows = |item: usize, name: &str| layout.items()[item].shows(&Source::named(name), &[]);
    assert!(!shows(1, "db") && !shows(1, ">") && shows(2, "db") && shows(3, ">"));
}

#[test]
fn a_name_with_a_slash_is_quoted() {
    let parsed = parse("cpu@\"site/web\"/2 mem@site/web net@r/2").unwrap();
    let items = parsed.layout.items();
    let shows = |item: usize, name: &str| items[item].shows(&Source::named(name), &[]);
    assert!(shows(0, "site/web") && !shows(1, "site/web") && shows(1, "site"));
    assert_eq!(
        parsed.warnings,
        [
            "mine:1: \"mem@site/web\": the weight \"web\" is not a whole number from 1 to 100; it counts \
              as 1; a name with \"/\" is quoted: @\"site/web\""
        ]
    );
    let meant: Vec<_> = items.iter().map(|item| item.unquoted()).collect();
    assert_eq!(meant, [None, Some("site/1".into()), Some("r/2".into())]);
}
