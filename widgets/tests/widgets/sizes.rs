//! Every widget at every size, in every scene: no panic, and not a cell outside of its area.

use crate::{
    kinds,
    machine::Machine,
    scene::{self, Scene, drawn, widget, words},
};
use manytop_core::ratatui_core::{
    buffer::{Buffer, Cell},
    layout::Rect,
};

const SIZES: [(u16, u16); 3] = [(200, 60), (160, 48), (80, 24)];

fn at_every_size(scene: &Scene, sizes: impl Iterator<Item = (u16, u16)>) {
    let view = scene.view();
    let mut widgets: Vec<_> = words().into_iter().map(|w| (w, widget(w, &[]))).collect();
    let mut untouched = Cell::new("#");
    untouched.set_fg(manytop_core::ratatui_core::style::Color::Red);
    for (width, height) in sizes {
        // A frame of cells around it that must stay as they are.
        let area = Rect::new(2, 1, width, height);
        let all = Rect::new(0, 0, width + 4, height + 2);
        for (word, widget) in &mut widgets {
            let mut buffer = Buffer::filled(all, untouched.clone());
            widget.draw(&view, area, &mut buffer);
            widget.title(&view, area);
            widget.rows(&view, width);
            for (at, cell) in buffer.content.iter().enumerate() {
                let (x, y) = buffer.pos_of(at);
                if !area.contains((x, y).into()) {
                    assert_eq!(*cell, untouched, "{word} at {width}x{height} wrote at {x},{y}");
                }
            }
        }
    }
}

fn small() -> impl Iterator<Item = (u16, u16)> {
    (0..=60).flat_map(|width| (0..=20).map(move |height| (width, height)))
}

#[test]
fn no_size_breaks_a_widget() {
    at_every_size(&scene::four(), small().chain(SIZES));
    at_every_size(&scene::one(), small().chain(SIZES));
}

#[test]
fn nothing_to_show_breaks_no_widget() {
    at_every_size(&scene::silent(&[]), small().chain(SIZES));
    at_every_size(&scene::silent(&["local", "Jerry"]), small().chain(SIZES));
}

#[test]
fn many_devices_and_many_sources_break_no_widget() {
    let some = |n: u16| small().filter(move |(w, h)| (w + h) % n == 0).chain(SIZES);
    at_every_size(&scene::big(), some(3));
    at_every_size(&scene::open_kinds(), some(1));
    at_every_size(&kinds::scene(1), some(1));
    at_every_size(&kinds::scene(2), some(1));
    at_every_size(&scene::fleet(), some(17));
}

#[test]
fn hostile_names_and_numbers_break_no_widget() {
    let sizes = [(0, 0), (1, 1), (2, 5), (7, 3), (13, 9), (33, 12), (59, 20)];
    at_every_size(&scene::hostile(), sizes.into_iter().chain(SIZES));
}

#[test]
fn a_widget_keeps_inside_a_buffer_smaller_than_its_area() {
    let scene = scene::four();
    for word in words() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 5));
        widget(word, &[]).draw(&scene.view(), Rect::new(10, 3, 100, 40), &mut buffer);
    }
}

#[test]
fn a_warning_of_a_source_that_answers_stands_in_its_row() {
    let mut feed = scene::Feed::new();
    let (plain, insecure) = (feed.source("plain"), feed.source("insecure"));
    feed.machine(plain, scene::NOW, &Machine::default());
    let readings = Machine::default().readings(scene::NOW);
    feed.good_but(insecure, scene::NOW, readings, &["the certificate is not checked"]);
    let lines = scene::drawn(&mut *scene::widget("hosts", &[]), &feed.scene(), 158, 4);
    let row = |name: &str| lines.iter().find(|l| l.contains(name)).unwrap().clone();
    assert!(row("insecure").contains("the certificate is not checked"), "{lines:#?}");
    assert!(!row("plain").contains("certificate"), "{lines:#?}");
}

#[test]
fn old_values_say_so_without_colour() {
    let scene = scene::four();
    let line = |word: &str, name: &str| {
        let all = with_title(word, &scene, 10);
        all.into_iter().find(|l| l.contains(name)).unwrap_or_else(|| panic!("{word}: no {name}"))
    };
    assert!(line("hosts", "nas").starts_with(" ? ▌ nas"), "{}", line("hosts", "nas"));
    for word in ["hosts", "mem", "disk", "net", "temp", "cpu"] {
        let line = line(word, "nas");
        assert!(line.contains('?'), "{word}: {line}");
    }
    let down = line("hosts", "pi4");
    assert!(down.starts_with("▌x ▌ pi4") && down.contains("DOWN") && !down.contains('?'), "{down}");
    assert!(!down.contains("97"), "the last value of what is down is not shown: {down}");
    for word in ["disk", "net"] {
        let all = with_title(word, &scene, 20).join("\n");
        assert!(!all.contains("pi4"), "{word}: {all}");
    }
    for word in ["cpu", "mem"] {
        assert!(with_title(word, &scene, 10)[0].contains("pi4 -"), "{word}");
    }
}

/// The title and the rows of a widget of 158 columns.
fn with_title(word: &str, scene: &Scene, height: u16) -> Vec<String> {
    let mut widget = widget(word, &[]);
    let rows = drawn(&mut *widget, scene, 158, height);
    let title = widget.title(&scene.view(), Rect::new(0, 0, 158, height));
    let title = format!("{} ─ {}", title.words(), title.right_words());
    std::iter::once(title).chain(rows).collect()
}

#[test]
fn a_remote_device_bears_the_name_of_its_source() {
    let scene = scene::four();
    let all = |word, height| with_title(word, &scene, height).join("\n");
    for (word, height, label) in [
        ("cpu", 10, "━ Jerry 41"),
        ("cpu", 20, "Jerry-CPU7"),
        ("mem", 20, "━ Jerry 63"),
        ("mem", 3, "Jerry-Main"),
        ("disk", 20, "Jerry-sda"),
        ("net", 20, "Jerry-eth0"),
        ("temp", 20, "Jerry-"),
    ] {
        assert!(all(word, height).contains(label), "{label}: {}", all(word, height));
    }
}

#[test]
fn a_legend_has_columns_of_its_own() {
    let scene = scene::four();
    for width in 32..160 {
        let lines = drawn(&mut *widget("cpu", &[]), &scene, width, 10);
        let column = |l: &String| {
            l.chars().position(|c| c == 'J' || c == 'n').filter(|_| !l.contains("now"))
        };
        let Some(legend) = lines.iter().filter_map(column).min() else { continue };
        let braille = |c: char| ('\u{2800}'..='\u{28ff}').contains(&c);
        for line in &lines {
            let last = line.chars().collect::<Vec<_>>().iter().rposition(|c| braille(*c));
            assert!(last.is_none_or(|last| last < legend), "{width}: {line}");
        }
    }
}

#[test]
fn what_is_empty_says_so() {
    let scene = scene::one();
    let empty: Vec<_> =
        words().into_iter().filter(|w| widget(w, &[]).is_empty(&scene.view())).collect();
    assert_eq!(
        empty,
        [
            "alerts",
            "batt",
            "container",
            "devices",
            "fan",
            "gpu",
            "metric",
            "power",
            "source",
            "storage",
            "temp",
            "text"
        ]
    );
}

#[test]
fn colour_means_a_level_or_an_identity() {
    let scene = scene::big();
    let theme = &scene.theme;
    let colours = |word: &str, row: u16| {
        let area = Rect::new(0, 0, 78, 10);
        let mut buffer = Buffer::empty(area);
        widget(word, &[]).draw(&scene.view(), area, &mut buffer);
        let cells = (0..78).map(move |x| buffer[(x, row)].clone());
        let digits = cells.filter(|c| c.symbol().chars().all(|c| c.is_ascii_digit()));
        digits.map(|c| Some(c.fg)).collect::<Vec<_>>()
    };
    let mem = widget("mem", &[]).title(&scene.view(), Rect::new(0, 0, 78, 10));
    let percent = mem.left.iter().flat_map(|(segment, _)| &segment.spans);
    let percent = percent.filter(|span| span.content.contains("94")).map(|span| span.style.fg);
    assert_eq!(percent.collect::<Vec<_>>(), [theme.warn.fg], "94 % is a warning");
    assert!(!colours("power", 0).contains(&theme.crit.fg), "80 % of a battery is no alarm");
    assert!(colours("power", 1).contains(&theme.crit.fg), "4 % of a battery is one");
    assert!(colours("temp", 0).contains(&theme.warn.fg), "96 degrees are a warning");
}
