//! The whole board in the past: what it shows is what was live then.

use super::{board, board_of, readings};
use crate::tui::dashboard::Dashboard;
use manytop_core::{
    clock::Moment,
    provider::{Class, Failure},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{DeviceReading, PollResult, SourceReadings},
    source::Source,
    store::{Described, KeptPast, Store, Update},
    view::Snapshot,
    vocabulary as v,
    widget::{Action, Key, Outcome, ProcessTarget},
};
use std::{sync::Arc, time::Duration};

const FIRST: u64 = 1000;
const LAST: u64 = 1030;

/// How many rows more the head of the past has than that of the present, on a screen of 48 rows.
pub(super) const MORE: u16 = 3;

/// One machine and two hosts, of which the second does not answer from the tenth second to the twentieth,
/// second by second.
pub(super) fn played(names: &[&str]) -> Vec<(Moment, Snapshot)> {
    let mut store = Store::new();
    let past = KeptPast {
        span: Duration::from_secs(600),
        memory: 32 << 20,
        devices: Arc::new(|_, _| true),
        told: Duration::ZERO,
    };
    store.set_past(Some(past), Moment::from_secs(FIRST));
    let described = |name: &&str| Described {
        provider: "remote",
        source: Source::named(name),
        interval: Duration::from_secs(1),
        tags: Arc::default(),
        groups: Default::default(),
        expected_offline: false,
        many: false,
        has_past: false,
        attached: false,
    };
    let ids: Vec<usize> = names.iter().map(|name| store.add(described(name))).collect();
    let second = |t: u64| {
        let at = Moment::from_secs(t);
        for (n, id) in ids.iter().enumerate() {
            let is_lost = n == 1 && (FIRST + 10..FIRST + 20).contains(&t);
            let result = match is_lost {
                true => Err(Failure::new(Class::Unreachable, "connection refused")),
                false => {
                    let own = SourceReadings::own(at, changing(t * (n as u64 + 3)));
                    Ok(PollResult::of(vec![own]))
                }
            };
            store.take(Update { instance: *id, at, result, retry: None, took: None });
        }
        (at, store.snapshot())
    };
    (FIRST..=LAST).map(second).collect()
}

/// The readings of a host with changing values.
fn changing(seed: u64) -> Vec<DeviceReading> {
    let mut all = readings();
    let level = (seed * 37 % 89) as f64 + 0.45;
    for (n, reading) in all.iter_mut().enumerate() {
        if reading.values.get(&v::PERCENT).is_some() {
            reading.values.set(&v::PERCENT, (level + n as f64) % 100.0);
        }
    }
    let pid = 100 + seed % 5;
    all.push(
        DeviceReading::new(v::PROCESS, pid.to_string())
            .with(&v::PERCENT, level)
            .with(&v::RESIDENT_BYTES, level * 1e7)
            .text(&v::NAME, format!("worker-{pid}"))
            .text(&v::USER, "dev"),
    );
    all
}

pub(super) fn drawn(
    board: &mut Dashboard,
    (now, all): &(Moment, Snapshot),
    rows: u16,
) -> Vec<String> {
    let area = Rect::new(0, 0, 160, rows);
    let mut buffer = Buffer::empty(area);
    board.draw(all, *now, area, &mut buffer);
    let rows = buffer.content.chunks(160);
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
}

pub(super) fn press(board: &mut Dashboard, (now, all): &(Moment, Snapshot), keys: &str) {
    for c in keys.chars() {
        let key = match c {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Esc,
            c => Key::Char(c),
        };
        board.on_key(key, all, *now);
    }
}

/// The boxes, without the rows around them and without the ends of time axes.
pub(super) fn boxes(screen: &[String], head: usize) -> Vec<&String> {
    screen[head..screen.len() - 1].iter().filter(|row| !row.contains("m ┴")).collect()
}

/// Every second of the past, stepped to from now, beside what a new board showed live then.
fn compare(names: &[&str], board: impl Fn(&Snapshot) -> Dashboard) {
    let seconds = played(names);
    let now = seconds.last().unwrap();
    let mut past = board(&now.1);
    drawn(&mut past, now, 48);
    press(&mut past, now, "f");
    // the cursor stays on its host, which a new board has not chosen
    let cells = |row: &&String| row.replace('▌', " ");
    for then in seconds.iter().rev() {
        let mut live = board(&then.1);
        let expected = drawn(&mut live, then, 48 - MORE);
        let shown = drawn(&mut past, now, 48);
        assert!(shown[0].contains("PAST"), "{}", shown[0]);
        let (expected, shown) = (boxes(&expected, 1), boxes(&shown, 1 + MORE as usize));
        for (expected, shown) in expected.iter().zip(&shown) {
            assert_eq!(cells(shown), cells(expected), "{names:?} at {:?}", then.0);
        }
        assert_eq!(expected.len(), shown.len());
        press(&mut past, now, ",");
    }
}

#[test]
fn a_frame_of_the_past_has_the_cells_that_were_live() {
    compare(&["local"], board);
    let folder = std::env::temp_dir().join(format!("manytop-past-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("layouts")).unwrap();
    std::fs::write(folder.join("layouts/plain"), "hosts\ncpu@local mem@pi4\n").unwrap();
    let folders = [folder.clone()];
    compare(&["local", "pi4", "Jerry"], |all| board_of(all, "plain", &folders));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_host_that_is_down_is_alive_before_and_esc_keeps_the_past() {
    let seconds = played(&["local", "pi4", "Jerry"]);
    let at = |t: u64| &seconds[(t - FIRST) as usize];
    let now = at(FIRST + 18);
    let mut board = board(&now.1);
    let is_down = |board: &mut Dashboard| {
        drawn(board, now, 48).iter().any(|row| row.contains("connection refused"))
    };
    assert!(is_down(&mut board));
    press(&mut board, now, "<");
    assert!(!is_down(&mut board), "the first second");
    press(&mut board, now, "\u{1b}\u{1b}");
    assert!(board.past.is_frozen(), "Esc never thaws");
    press(&mut board, now, "}");
    let shown = drawn(&mut board, now, 48);
    assert!(shown[47].contains("pi4: connection refused"), "the mark is said: {}", shown[47]);
    assert!(is_down(&mut board), "it died there");
    press(&mut board, now, "..");
    let bar = drawn(&mut board, now, 48)[2].clone();
    assert!(bar.contains('x'), "and the time bar has its mark: {bar}");
    press(&mut board, now, "f");
    assert!(!board.past.is_frozen() && is_down(&mut board));
}

#[test]
fn with_a_host_opened_the_marks_are_its_own() {
    let seconds = played(&["local", "pi4", "Jerry"]);
    let now = seconds.last().unwrap();
    let mut board = board(&now.1);
    drawn(&mut board, now, 48);
    board.act(Outcome::Act(Action::Open(Source::named("Jerry"))), now.0);
    drawn(&mut board, now, 48);
    press(&mut board, now, "{");
    let shown = drawn(&mut board, now, 48);
    assert!(shown[47].contains("nothing happened before this"), "{}", shown[47]);
    assert!(!shown[2].contains('x'), "the time bar has no mark of another host: {}", shown[2]);
    board.act(Outcome::Act(Action::Open(Source::named("pi4"))), now.0);
    press(&mut board, now, "{");
    let shown = drawn(&mut board, now, 48);
    assert!(shown[47].contains("pi4: connection refused"), "{}", shown[47]);
}

#[test]
fn esc_and_a_key_that_arrive_together_are_two_keys() {
    let seconds = played(&["local", "pi4"]);
    let now = seconds.last().unwrap();
    let mut board = board(&now.1);
    board.act(Outcome::Act(Action::Open(Source::named("pi4"))), now.0);
    board.on_key(Key::Alt('?'), &now.1, now.0);
    assert!(board.opened.is_none(), "Esc has left the host");
    let shown = drawn(&mut board, now, 48);
    assert!(shown.iter().any(|row| row.contains("this help")), "? has opened the help");
}

#[test]
fn nothing_is_signalled_from_the_past() {
    let seconds = played(&["local"]);
    let now = seconds.last().unwrap();
    let mut board = board(&now.1);
    press(&mut board, now, "f");
    let process = ProcessTarget { source: Source::Local, pid: 7, started: 1, name: "sh".into() };
    board.act(Outcome::Act(Action::Signal(vec![process])), now.0);
    let shown = drawn(&mut board, now, 48);
    assert!(shown[47].contains("this is the past"), "{}", shown[47]);
    assert!(!shown.iter().any(|row| row.contains("TERM")), "no signal can be chosen");
}

#[test]
fn a_click_on_a_graph_and_on_the_time_bar_goes_there() {
    let seconds = played(&["local"]);
    let now = seconds.last().unwrap();
    let mut board = board(&now.1);
    drawn(&mut board, now, 48);
    let age = |board: &mut Dashboard| {
        let shown = drawn(board, now, 48)[0].clone();
        let ago = shown.split(" s ago").next().unwrap().rsplit(' ').next().unwrap().parse::<u64>();
        (shown.contains("PAST"), ago.ok())
    };
    // the cpu box: the graph's right end lies before its divider
    let divider = drawn(&mut board, now, 48)[1].chars().position(|c| c == '┬').unwrap() as u16;
    board.on_mouse((divider - 6, 5), None, &now.1, now.0);
    let (is_past, _) = age(&mut board);
    assert!(is_past && board.past.live() == Some(now.0));
    let shown = |board: &mut Dashboard| board.past.frame(&now.1, now.0).unwrap().1;
    let clicked = shown(&mut board);
    drawn(&mut board, now, 48);
    // the graph moves, and what the mouse holds does not
    board.on_drag((divider - 8, 9));
    let dragged = shown(&mut board);
    let column = now.0.since(clicked) / 5;
    assert_eq!(now.0.since(dragged), column * 7);
    board.on_drag((divider + 9, 9));
    assert_eq!(shown(&mut board), now.0, "beside the graph: its nearest column");
    board.on_mouse((1, 2), None, &now.1, now.0);
    let frame = board.past.frame(&now.1, now.0).unwrap();
    assert!(frame.1.since(Moment::from_secs(FIRST)) < Duration::from_secs(1), "{:?}", frame.1);
    board.on_drag((80, 2));
    let frame = board.past.frame(&now.1, now.0).unwrap();
    let middle = frame.1.since(Moment::from_secs(FIRST)).as_secs();
    assert!((13..18).contains(&middle), "{middle}");
}

#[test]
fn without_history_a_key_of_time_says_so() {
    let seconds = played(&["local"]);
    let now = seconds.last().unwrap();
    let mut board = board(&now.1);
    board.parts.history = None;
    press(&mut board, now, ",");
    let shown = drawn(&mut board, now, 48);
    assert!(shown[47].contains("history is off") && !board.past.is_frozen(), "{}", shown[47]);
    assert!(board.kept_past().is_none());
}

#[test]
fn a_time_that_is_typed_wrong_says_what_was_expected() {
    let seconds = played(&["local"]);
    let now = seconds.last().unwrap();
    let mut board = board(&now.1);
    press(&mut board, now, "@25:99\n");
    let shown = drawn(&mut board, now, 48);
    assert!(shown[47].contains("expected 03:12, -2h"), "{}", shown[47]);
    press(&mut board, now, "\u{1b}");
    assert!(!board.past.is_frozen());
}

#[test]
fn it_plays_until_now() {
    let seconds = played(&["local"]);
    let at = |t: u64| &seconds[(t - FIRST) as usize];
    let mut now = at(FIRST + 20);
    let mut board = board(&now.1);
    press(&mut board, now, ",,,,,P");
    let began = board.past.frame(&now.1, now.0).unwrap().1;
    now = at(FIRST + 23);
    let later = board.past.frame(&now.1, now.0).unwrap().1;
    assert_eq!(later.since(began), Duration::from_secs(3));
    press(&mut board, now, "P");
    now = at(FIRST + 25);
    assert_eq!(board.past.frame(&now.1, now.0).unwrap().1, later, "it pauses");
}
