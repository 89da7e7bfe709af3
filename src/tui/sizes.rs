//! The whole board at every size a terminal can have, with one source and with several.

mod commands;
mod editing;
mod every_key;
mod overlays;
mod past;
mod random;
mod replay;

use crate::config::layouts::LayoutChoice;
use crate::tui::{bindings::Bindings, dashboard::Dashboard, dashboard_config::DashboardConfig};
use manytop_core::{
    clock::Moment,
    config::reserved_words,
    provider::{Class, Failure},
    ratatui_core::{
        buffer::{Buffer, Cell},
        layout::Rect,
    },
    reading::{DeviceReading, PollResult, SourceReadings},
    registry::Registry,
    source::Source,
    store::{Described, Store, Update},
    theme::Theme,
    view::{Settings, Snapshot},
    vocabulary as v,
    widget::{Action, Outcome},
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

const NOW: Moment = Moment::from_secs(1000);

fn board(snapshot: &Snapshot) -> Dashboard {
    board_of(snapshot, "default", &[])
}

fn board_of(snapshot: &Snapshot, layout: &str, folders: &[PathBuf]) -> Dashboard {
    let registry = Registry::load(&reserved_words()).unwrap();
    let (choice, _) = LayoutChoice::load(layout, folders, &registry).unwrap();
    let bindings = Bindings::new(&registry, &[]).unwrap();
    let parts = DashboardConfig {
        bindings,
        config_file: None,
        folders: folders.to_vec(),
        registry,
        choice,
        widget_options: BTreeMap::new(),
        theme: Theme::default(),
        theme_is_auto: false,
        settings: Settings::default(),
        statusbar: true,
        help: false,
        interval: Duration::from_secs(1),
        hooks: Vec::new(),
        addresses: Default::default(),
        signals: Default::default(),
        log: None,
        alerts: Default::default(),
        history: Some((Duration::from_secs(600), 32 << 20)),
    };
    Dashboard::new(parts, snapshot).unwrap()
}

/// Sources of which the second is down.
fn snapshot(names: &[&str]) -> Snapshot {
    store(names).snapshot()
}

fn store(names: &[&str]) -> Store {
    let mut store = Store::new();
    for (n, name) in names.iter().enumerate() {
        let instance = store.add(Described {
            provider: "remote",
            source: Source::named(name),
            interval: Duration::from_secs(1),
            tags: [["prod", "web"][n % 2].to_owned()].as_slice().into(),
            groups: Default::default(),
            expected_offline: false,
            many: false,
            has_past: false,
            attached: false,
        });
        let answer = PollResult::of(vec![SourceReadings::own(NOW, readings())]);
        let refused = Failure::new(Class::Unreachable, "connection refused");
        let result = if n == 1 { Err(refused) } else { Ok(answer) };
        store.take(Update { instance, at: NOW, result, retry: None, took: None });
    }
    store
}

fn readings() -> Vec<DeviceReading> {
    let full = |kind, device: &str| DeviceReading::new(kind, device).with(&v::PERCENT, 97.0);
    vec![
        full(v::CPU, "CPU0"),
        full(v::CPU, "CPU1"),
        full(v::MEMORY, "Main").with(&v::USED_BYTES, 9e9).with(&v::TOTAL_BYTES, 9.5e9),
        full(v::MEMORY, "Swap"),
        DeviceReading::new(v::TEMPERATURE, "coretemp_core0").with(&v::CELSIUS, 61.0),
        DeviceReading::new(v::NETWORK, "eth0")
            .with(&v::RECEIVED_RATE, 1e6)
            .with(&v::SENT_RATE, 1e3),
        full(v::DISK, "vda").text(&v::MOUNTS, "/").with(&v::TOTAL_BYTES, 1e12),
        full(v::PROCESS, "7").text(&v::NAME, "sh").text(&v::USER, "root"),
        DeviceReading::new(v::HOST, "").with(&v::LOAD1, 1.5).text(&v::HOSTNAME, "vm"),
    ]
}

#[test]
fn something_is_shown_at_every_size() {
    let every_size = |names: &[&str]| {
        let snapshot = snapshot(names);
        let mut board = board(&snapshot);
        for (width, height) in (1..=200).flat_map(|w| (1..=60).map(move |h| (w, h))) {
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            board.draw(&snapshot, NOW, area, &mut buffer);
            let shown = buffer.content.iter().any(|cell| cell.symbol() != " ");
            assert!(shown, "nothing is shown at {width}×{height}, {names:?}");
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| every_size(&["local"]));
        every_size(&["local", "pi4", "Jerry"]);
    });
}

#[test]
fn the_header_counts_an_acknowledged_host_apart() {
    let more: Vec<String> = (0..60).map(|n| format!("host-{n}")).collect();
    let more = more.iter().map(String::as_str);
    let names: Vec<&str> = ["local", "pi4", "Jerry"].into_iter().chain(more).collect();
    for (is_acknowledged, bar) in [(false, "1 DOWN"), (true, "1 acknowledged")] {
        let mut store = store(&names);
        store.acknowledge(&Source::named("pi4"), is_acknowledged);
        let snapshot = store.snapshot();
        let area = Rect::new(0, 0, 120, 40);
        let mut buffer = Buffer::empty(area);
        board(&snapshot).draw(&snapshot, NOW, area, &mut buffer);
        let first: String = buffer.content[..120].iter().map(|cell| cell.symbol()).collect();
        assert!(first.contains(bar), "no {bar:?} in {first:?}");
    }
}

/// The rows of a frame of this size.
fn rows(names: &[&str], width: u16, height: u16) -> Vec<String> {
    let snapshot = snapshot(names);
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    board(&snapshot).draw(&snapshot, NOW, area, &mut buffer);
    let row = |cells: &[Cell]| cells.iter().map(|cell| cell.symbol()).collect();
    buffer.content.chunks(usize::from(width)).map(row).collect()
}

#[test]
fn a_host_that_is_down_has_more_than_its_reason_below_the_list() {
    let shown = rows(&["local", "pi4", "Jerry"], 160, 48);
    for words in ["pi4 is down: connection refused", "last answer  none since manytop was started"]
    {
        assert!(shown.iter().any(|row| row.contains(words)), "no {words:?} in {shown:#?}");
    }
}

#[test]
fn an_opened_host_that_never_answered_says_so_once() {
    for (width, height) in [(240, 80), (160, 48), (80, 24)] {
        let snapshot = snapshot(&["local", "pi4", "Jerry"]);
        let mut board = board(&snapshot);
        let area = Rect::new(0, 0, width, height);
        board.act(Outcome::Act(Action::Open(Source::named("pi4"))), NOW);
        let mut buffer = Buffer::empty(area);
        board.draw(&snapshot, NOW, area, &mut buffer);
        let shown: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(shown.matches("pi4 is down:").count(), 1, "{width}x{height}: {shown}");
    }
}

#[test]
fn a_fleet_has_a_preview_where_there_are_rows_for_it() {
    let names: Vec<String> = (0..40).map(|n| format!("host-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let has_preview = |width, height| {
        rows(&names, width, height).iter().any(|row| row.contains("host-1 is down:"))
    };
    assert!(has_preview(160, 48) && has_preview(100, 30));
    assert!(!has_preview(80, 24), "the table needs the rows");
    let wide = rows(&names, 160, 48);
    assert!(wide[0].contains("39/40 in time"), "{}", wide[0]);
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
