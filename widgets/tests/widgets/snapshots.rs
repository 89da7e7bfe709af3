//! Whole widgets as pictures of text. `MANYTOP_BLESS=1` writes them again; look at the difference.

use crate::{
    kinds,
    scene::{self, Scene, lines, widget},
};
use manytop_core::ratatui_core::{buffer::Buffer, layout::Rect};
use std::{fmt::Write, fs, path::PathBuf};

/// Draws widgets one below the other, each with its title, and compares with the file of that name.
fn check(name: &str, scene: &Scene, widgets: &[(&str, u16, u16)]) {
    let mut picture = String::new();
    for &(word, width, height) in widgets {
        let mut widget = widget(word, &[]);
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let view = scene.view();
        // The second frame has what the first one asked for.
        widget.draw(&view, area, &mut buffer);
        buffer.reset();
        widget.draw(&view, area, &mut buffer);
        let title = widget.title(&view, area);
        let rows = widget.rows(&view, width).map_or("all".to_owned(), |n| n.to_string());
        let empty = if widget.is_empty(&view) { ", empty" } else { "" };
        writeln!(
            picture,
            "── {word} {width}x{height}, rows {rows}{empty} ─ {} ─ {}",
            title.words(),
            title.right_words()
        )
        .unwrap();
        for line in lines(&buffer) {
            writeln!(picture, "│{line}").unwrap();
        }
    }
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(format!("{name}.txt"));
    if std::env::var_os("MANYTOP_BLESS").is_some() {
        fs::write(&file, &picture).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if picture != expected {
        let differs = picture.lines().zip(expected.lines()).position(|(a, b)| a != b);
        panic!(
            "{} differs from line {:?} on; MANYTOP_BLESS=1 writes it anew. Drawn:\n{picture}",
            file.display(),
            differs.map(|n| n + 1)
        );
    }
}

#[test]
fn one_source() {
    check(
        "one",
        &scene::one(),
        &[
            ("cpu", 158, 12),
            ("cpu", 60, 6),
            ("mem", 60, 2),
            ("mem", 100, 10),
            ("net", 90, 1),
            ("disk", 90, 1),
            ("temp", 40, 3),
            ("procs", 76, 10),
            ("procs", 66, 6),
            ("procs", 30, 4),
            ("hosts", 140, 2),
        ],
    );
}

#[test]
fn four_remotes_one_stale_one_down() {
    check(
        "four",
        &scene::four(),
        &[
            ("hosts", 158, 7),
            ("hosts", 78, 6),
            ("hosts", 30, 4),
            ("cpu", 158, 12),
            ("cpu", 78, 8),
            ("mem", 62, 8),
            ("mem", 62, 4),
            ("mem", 30, 3),
            ("net", 100, 4),
            ("disk", 100, 5),
            ("temp", 70, 8),
            ("procs", 70, 6),
        ],
    );
}

#[test]
fn a_real_gotop_with_percent_only() {
    check(
        "gotop",
        &scene::gotop(),
        &[("cpu", 80, 6), ("mem", 60, 2), ("net", 80, 1), ("disk", 80, 1), ("hosts", 140, 2)],
    );
}

#[test]
fn sixty_four_cores() {
    check(
        "big",
        &scene::big(),
        &[
            ("cpu", 158, 12),
            ("cpu", 80, 5),
            ("mem", 70, 2),
            ("net", 110, 3),
            ("temp", 78, 10),
            ("batt", 80, 8),
            ("power", 60, 2),
            ("hosts", 158, 2),
        ],
    );
}

#[test]
fn three_hundred_sources() {
    check(
        "fleet",
        &scene::fleet(),
        &[("hosts", 158, 20), ("cpu", 120, 12), ("mem", 70, 6), ("net", 90, 4)],
    );
}

#[test]
fn containers_gpus_storage_and_own_readings() {
    check(
        "kinds",
        &kinds::scene(1),
        &[
            ("container", 96, 6),
            ("container", 62, 4),
            ("container", 24, 3),
            ("storage", 76, 6),
            ("storage", 40, 4),
            ("gpu", 76, 6),
            ("fan", 60, 2),
            ("metric", 60, 2),
            ("metric", 30, 2),
            ("text", 40, 2),
        ],
    );
    check("gpus", &kinds::scene(2), &[("gpu", 140, 2), ("gpu", 76, 2), ("gpu", 40, 2)]);
}

#[test]
fn kinds_that_no_widget_draws() {
    check("open_kinds", &scene::open_kinds(), &[("devices", 70, 7), ("devices", 70, 3)]);
}

#[test]
fn nobody_has_answered() {
    check(
        "silent",
        &scene::silent(&["local", "Jerry"]),
        &[("hosts", 140, 3), ("cpu", 60, 5), ("mem", 60, 2), ("procs", 60, 3)],
    );
}
