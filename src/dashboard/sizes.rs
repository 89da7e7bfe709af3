//! The whole board at every size a terminal can have, with one source and with several.

use super::{board::Board, parts::Parts};
use crate::layouts::Choice;
use manytop_core::{
    clock::Moment,
    config::reserved_words,
    provider::{Class, Failure},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{Answer, Part, Reading},
    registry::Registry,
    source::Source,
    store::{Described, Store, Update},
    theme::Theme,
    view::{Settings, Snapshot},
    vocabulary as v,
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

const NOW: Moment = Moment::from_secs(1000);

fn board(snapshot: &Snapshot) -> Board {
    board_of(snapshot, "default", &[])
}

fn board_of(snapshot: &Snapshot, layout: &str, folders: &[PathBuf]) -> Board {
    let registry = Registry::load(&reserved_words()).unwrap();
    let (choice, _) = Choice::load(layout, folders, &registry).unwrap();
    let parts = Parts {
        registry,
        choice,
        widget_options: BTreeMap::new(),
        theme: Theme::default(),
        settings: Settings::default(),
        statusbar: true,
        help: false,
        interval: Duration::from_secs(1),
    };
    Board::new(parts, snapshot).unwrap()
}

/// Sources of which the second is down.
fn snapshot(names: &[&str]) -> Snapshot {
    let mut store = Store::new();
    for (n, name) in names.iter().enumerate() {
        let instance = store.add(Described {
            provider: "remote",
            source: Source::named(name),
            interval: Duration::from_secs(1),
            tags: [["prod", "web"][n % 2].to_owned()].as_slice().into(),
            groups: Default::default(),
            expected_offline: false,
        });
        let answer = Answer::of(vec![Part::own(NOW, readings())]);
        let refused = Failure::new(Class::Unreachable, "connection refused");
        let result = if n == 1 { Err(refused) } else { Ok(answer) };
        store.take(Update { instance, at: NOW, result, retry: None, took: None });
    }
    store.snapshot()
}

fn readings() -> Vec<Reading> {
    let full = |kind, device: &str| Reading::new(kind, device).with(&v::PERCENT, 97.0);
    vec![
        full(v::CPU, "CPU0"),
        full(v::CPU, "CPU1"),
        full(v::MEMORY, "Main").with(&v::USED_BYTES, 9e9).with(&v::TOTAL_BYTES, 9.5e9),
        full(v::MEMORY, "Swap"),
        Reading::new(v::TEMPERATURE, "coretemp_core0").with(&v::CELSIUS, 61.0),
        Reading::new(v::NETWORK, "eth0").with(&v::RECEIVED_RATE, 1e6).with(&v::SENT_RATE, 1e3),
        full(v::DISK, "vda").text(&v::MOUNTS, "/").with(&v::TOTAL_BYTES, 1e12),
        full(v::PROCESS, "7").text(&v::NAME, "sh").text(&v::USER, "root"),
        Reading::new(v::HOST, "").with(&v::LOAD1, 1.5).text(&v::HOSTNAME, "vm"),
    ]
}

#[test]
fn something_is_shown_at_every_size() {
    for names in [&["local"][..], &["local", "pi4", "Jerry"][..]] {
        let snapshot = snapshot(names);
        let mut board = board(&snapshot);
        for (width, height) in (1..=200).flat_map(|w| (1..=60).map(move |h| (w, h))) {
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            board.draw(&snapshot, NOW, area, &mut buffer);
            let shown = buffer.content.iter().any(|cell| cell.symbol() != " ");
            assert!(shown, "nothing is shown at {width}×{height}, {names:?}");
        }
    }
}

/// How many sources the widgets look at in the second frame of a picture.
fn looked(hosts: usize, layout: &str, folders: &[PathBuf]) -> usize {
    let names: Vec<String> = (0..hosts).map(|n| format!("host-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let snapshot = snapshot(&names);
    let mut board = board_of(&snapshot, layout, folders);
    let area = Rect::new(0, 0, 160, 48);
    let mut draw = || {
        let mut buffer = Buffer::empty(area);
        board.draw(&snapshot, NOW, area, &mut buffer);
        board.looked()
    };
    let first = draw();
    assert!(first >= hosts, "the first frame puts them in order: {first}");
    draw()
}

#[test]
fn a_frame_of_ten_thousand_hosts_looks_at_no_more_of_them_than_one_of_two_thousand() {
    let (few, many) = (looked(2000, "default", &[]), looked(10_000, "default", &[]));
    // a longer number beside the map moves it by a column, which is a host a row
    assert!(many.abs_diff(few) <= 48, "{few}, {many}");
    assert!(few < 2000, "{few}");
}

#[test]
fn a_group_is_picked_once_a_picture() {
    let folder = std::env::temp_dir().join(format!("manytop-groups-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("layouts")).unwrap();
    std::fs::write(folder.join("layouts/groups"), "hosts@#prod\nhosts@#web,nobody\n").unwrap();
    let folders = [folder.clone()];
    let (few, many) = (looked(2000, "groups", &folders), looked(10_000, "groups", &folders));
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(few, many);
    assert!(few < 2000, "{few}");
}
