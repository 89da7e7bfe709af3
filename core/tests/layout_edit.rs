//! Layouts that are changed box by box, and written as text again.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod plugins;

use manytop_core::{
    layout::{Beside, BoxFill, From, Item, Layout, LayoutEdit, Resize, Toward},
    ratatui_core::layout::Rect,
    registry::Registry,
    testing::Numbers,
};

const SCREEN: Rect = Rect { x: 0, y: 0, width: 160, height: 48 };

fn registry() -> Registry {
    Registry::load(&[]).unwrap()
}

fn layout(text: &str) -> Layout {
    let parsed = Layout::parse("mine", text, &registry()).unwrap();
    assert_eq!(parsed.warnings, [""; 0], "{text}");
    parsed.layout
}

fn edit(text: &str, selected: &str) -> LayoutEdit {
    let layout = layout(text);
    let at = layout.items().iter().position(|item| item.widget.name() == selected).unwrap();
    LayoutEdit::new(&layout, at)
}

fn places(edit: &LayoutEdit) -> Vec<(usize, Rect)> {
    edit.layout().place(SCREEN, &|_, _| BoxFill::All)
}

fn shift(edit: &mut LayoutEdit, to: Toward) -> bool {
    edit.measure(&places(edit));
    edit.shift(to)
}

/// `widget x y width height` of each box, from the top.
fn drawn(layout: &Layout) -> Vec<(String, Rect)> {
    let mut all: Vec<(String, Rect)> = layout
        .place(SCREEN, &|_, _| BoxFill::All)
        .into_iter()
        .map(|(n, area)| (layout.items()[n].widget.name().to_owned(), area))
        .collect();
    all.sort_by_key(|(_, area)| (area.y, area.x));
    all
}

#[test]
fn a_layout_that_is_not_changed_has_its_text() {
    for text in [
        "cpu\nmem procs\n",
        "2:cpu\ndisk/1 2:mem/2\ntemp\n2:net 2:procs\n",
        "cpu 4:procs\ndisk\nmem\nnet\n",
        "cpu@#prod,web-*,\"a \\\"b\\\"\" mem@>/3\n",
    ] {
        let text_now = LayoutEdit::new(&layout(text), 0).text(&registry());
        assert_eq!(drawn(&layout(&text_now)), drawn(&layout(text)), "{text}{text_now}");
        let items = |text: &str| {
            let mut all: Vec<String> =
                layout(text).items().iter().map(|i| format!("{:?}", i.from)).collect();
            all.sort();
            all
        };
        assert_eq!(items(&text_now), items(text));
    }
}

#[test]
fn a_box_leaves_its_stack_and_goes_into_the_next() {
    let mut edit = edit("2:procs mem\nnet", "net");
    assert!(shift(&mut edit, Toward::Left), "out of the stack");
    assert_eq!(edit.layout().items().len(), 3);
    let x = |edit: &LayoutEdit, word: &str| {
        let all = drawn(&edit.layout());
        all.iter().find(|(name, _)| name == word).unwrap().1
    };
    assert!(x(&edit, "procs").x < x(&edit, "net").x && x(&edit, "net").x < x(&edit, "mem").x);
    assert!(shift(&mut edit, Toward::Left), "into the stack of procs");
    assert_eq!(x(&edit, "net").x, x(&edit, "procs").x);
    assert!(shift(&mut edit, Toward::Left), "a column of its own again");
    assert!(x(&edit, "net").x == 0 && x(&edit, "procs").x > 0);
    assert!(!shift(&mut edit, Toward::Left), "the edge");
}

#[test]
fn a_box_goes_down_through_stacks_and_rows() {
    let mut edit = edit("2:cpu mem\nnet\nprocs", "mem");
    let rows = |edit: &LayoutEdit| {
        let all = drawn(&edit.layout());
        all.into_iter().map(|(name, area)| (name, area.width == 160)).collect::<Vec<_>>()
    };
    let name = |name: &str, wide| (name.to_owned(), wide);
    assert!(shift(&mut edit, Toward::Down), "below net");
    assert_eq!(rows(&edit)[1..3], [name("net", false), name("mem", false)]);
    assert!(shift(&mut edit, Toward::Down), "a row of its own");
    assert_eq!(rows(&edit)[2], name("mem", true));
    assert!(shift(&mut edit, Toward::Down), "a column of the last row");
    assert_eq!(rows(&edit)[2..], [name("procs", false), name("mem", false)]);
    assert!(shift(&mut edit, Toward::Down), "the last row");
    assert_eq!(rows(&edit)[3], name("mem", true));
    assert!(!shift(&mut edit, Toward::Down), "the end");
}

#[test]
fn an_edge_moves_by_a_step_and_the_others_stay() {
    let mut edit = edit("cpu\n2:procs mem\nnet", "mem");
    let before = drawn(&edit.layout());
    let at = places(&edit);
    edit.resize(Resize::Wider, &at).unwrap();
    let after = drawn(&edit.layout());
    let area =
        |all: &[(String, Rect)], word: &str| all.iter().find(|(name, _)| name == word).unwrap().1;
    assert_eq!(area(&after, "mem").width, area(&before, "mem").width + 2);
    assert_eq!(area(&after, "procs").width, area(&before, "procs").width - 2);
    assert_eq!(area(&after, "cpu"), area(&before, "cpu"));
    let at = places(&edit);
    edit.resize(Resize::Shorter, &at).unwrap();
    let shorter = drawn(&edit.layout());
    assert_eq!(area(&shorter, "mem").height, area(&after, "mem").height - 1);
    assert_eq!(area(&shorter, "net").height, area(&after, "net").height + 1);
    assert_eq!(area(&shorter, "procs"), area(&after, "procs"));
}

#[test]
fn a_box_that_would_be_too_small_keeps_its_size() {
    let mut edit = edit("cpu\nmem net", "cpu");
    let mut steps = 0;
    while edit.resize(Resize::Taller, &places(&edit)).is_ok() {
        steps += 1;
        assert!(steps < 100, "it grows without end");
    }
    assert!(drawn(&edit.layout()).iter().all(|(_, area)| area.height >= 3));
    assert_eq!(drawn(&edit.layout()).len(), 3);
    assert!(edit.resize(Resize::Wider, &places(&edit)).is_err(), "it has the whole width");
}

#[test]
fn the_last_box_stays_and_others_go() {
    let mut edit = edit("cpu\nmem", "mem");
    assert!(edit.remove());
    assert_eq!((edit.text(&registry()).as_str(), edit.remove()), ("cpu\n", false));
}

#[test]
fn boxes_on_the_screen_become_rows_and_columns() {
    let items = layout("cpu procs mem net temp").items().to_vec();
    let at = |x, y, width, height| Rect { x, y, width, height };
    let places = [
        (0, at(0, 1, 160, 13)),
        (1, at(0, 14, 98, 33)),
        (2, at(98, 14, 62, 20)),
        (3, at(98, 34, 62, 13)),
    ];
    let edit = LayoutEdit::of_places(&items, &places, &[4], 2).unwrap();
    assert_eq!(edit.item().widget.name(), "mem");
    let text = edit.text(&registry());
    assert_eq!(text, "13:cpu\n33:procs/49 20:mem/31\n13:net\n6:temp\n");
}

#[test]
fn a_third_column_goes_to_the_highest_row() {
    let items = layout("cpu procs mem net").items().to_vec();
    let at = |x, y, width, height| Rect { x, y, width, height };
    let places = [
        (0, at(0, 0, 80, 10)),
        (1, at(0, 10, 50, 30)),
        (2, at(50, 10, 30, 30)),
        (3, at(80, 0, 40, 40)),
    ];
    let edit = LayoutEdit::of_places(&items, &places, &[], 0).unwrap();
    let layout = edit.layout();
    let columns = drawn(&layout).iter().filter(|(_, area)| area.y > 0).count();
    assert_eq!((layout.items().len(), columns), (4, 3), "{}", edit.text(&registry()));
}

#[test]
fn whatever_is_changed_the_text_means_what_is_shown() {
    let registry = registry();
    let words: Vec<_> = registry.widgets().iter().collect();
    let mut numbers = Numbers::default();
    let mut edit = edit("cpu\n2:procs mem\nnet", "cpu");
    for step in 0..4000 {
        let places = places(&edit);
        match numbers.below(9) {
            0..=3 => {
                edit.measure(&places);
                let to = [Toward::Left, Toward::Right, Toward::Up, Toward::Down];
                edit.shift(to[numbers.below(4)]);
            }
            4 | 5 => {
                let how = [Resize::Wider, Resize::Narrower, Resize::Taller, Resize::Shorter];
                let _ = edit.resize(how[numbers.below(4)], &places); // at an edge nothing fits
            }
            6 => edit.select(numbers.below(edit.count())),
            7 if edit.count() > 12 => _ = edit.remove(),
            _ if edit.count() < 20 => {
                let widget = words[numbers.below(words.len())];
                let from = match numbers.below(3) {
                    0 => vec![From::named("a b\"\\c"), From::Tag("x".into())],
                    1 => vec![From::named("web-1")],
                    _ => Vec::new(),
                };
                edit.measure(&places);
                let beside = [Beside::Below, Beside::Right, Beside::Last][numbers.below(3)];
                edit.add(Item { widget, from, span: 1, weight: 1, weighted: false }, beside);
            }
            _ => {}
        }
        let text = edit.text(&registry);
        let large = Rect { width: 400, height: 300, ..SCREEN };
        let of = |layout: &Layout| {
            let mut all: Vec<(String, Rect)> = layout
                .place(large, &|_, _| BoxFill::All)
                .into_iter()
                .map(|(n, area)| {
                    let item = &layout.items()[n];
                    (format!("{} {:?}", item.widget.name(), item.from), area)
                })
                .collect();
            all.sort_by_key(|(name, area)| (name.clone(), area.y, area.x));
            all
        };
        let (shown, read) = (of(&edit.layout()), of(&layout(&text)));
        assert_eq!(shown.len(), read.len(), "step {step}:\n{text}");
        for ((name, a), (other, b)) in shown.iter().zip(&read) {
            let near = |a: u16, b: u16| a.abs_diff(b) <= 3;
            assert!(
                name == other && near(a.x, b.x) && near(a.y, b.y) && near(a.width, b.width),
                "step {step}: {name} {a:?}, {other} {b:?}:\n{text}"
            );
        }
    }
}
