//! Keys and the mouse: cursors, filters, orders, and what a person asks the application for.

use crate::{
    machine::process,
    scene::{self, Feed, NOW, Scene, drawn, widget},
};
use manytop_core::{
    ratatui_core::layout::Rect,
    source::Source,
    view::View,
    vocabulary as v,
    widget::{Action, Key, Mouse, Outcome, Signal, Widget},
};

fn press(widget: &mut dyn Widget, view: &View<'_>, keys: &str) -> Outcome {
    let mut last = Outcome::Ignored;
    for key in keys.chars() {
        let key = match key {
            '\n' => Key::Enter,
            '\t' => Key::Tab,
            '\u{1b}' => Key::Esc,
            '\u{8}' => Key::Backspace,
            c => Key::Char(c),
        };
        last = widget.on_key(key, view);
    }
    last
}

fn pids(widget: &mut dyn Widget, scene: &Scene) -> Vec<u32> {
    let lines = drawn(widget, scene, 76, 8);
    lines.iter().filter_map(|l| l.split_whitespace().next()?.parse().ok()).collect()
}

fn processes(order: &[u64]) -> Scene {
    let mut feed = Feed::new();
    let local = feed.source("local");
    for t in [NOW - 1, NOW] {
        let readings = order.iter().enumerate().map(|(busy, &n)| {
            let seconds = if t == NOW { 0.5 / (busy + 1) as f64 } else { 0.0 };
            process(n, 0).with(&v::CPU_SECONDS, 100.0 + seconds)
        });
        feed.good(local, t, readings.collect());
    }
    feed.scene()
}

fn signalled(outcome: Outcome) -> (Signal, Vec<(u32, u64)>) {
    match outcome {
        Outcome::Act(Action::Signal(signal, processes)) => {
            (signal, processes.iter().map(|p| (p.pid, p.started)).collect())
        }
        other => panic!("no signal: {other:?}"),
    }
}

#[test]
fn processes_are_sorted_by_what_a_person_chose() {
    let scene = processes(&[3, 1, 2]);
    let mut procs = widget("procs", &[]);
    assert_eq!(pids(&mut *procs, &scene), [1111, 1037, 1074]);
    let view = scene.view();
    press(&mut *procs, &view, "m");
    assert_eq!(pids(&mut *procs, &scene), [1111, 1074, 1037]);
    press(&mut *procs, &view, "p");
    assert_eq!(pids(&mut *procs, &scene), [1037, 1074, 1111]);
    press(&mut *procs, &view, "p");
    assert_eq!(pids(&mut *procs, &scene), [1111, 1074, 1037]);
    assert_eq!(procs.title(&view, Rect::new(0, 0, 76, 8)).left, "procs by pid, highest first");
    press(&mut *procs, &view, "n");
    assert_eq!(pids(&mut *procs, &scene), [1074, 1037, 1111], "bash, exporter, sshd");
}

#[test]
fn sorting_never_moves_the_row_under_the_cursor() {
    let mut procs = widget("procs", &[]);
    let before = processes(&[1, 2, 3]);
    assert_eq!(pids(&mut *procs, &before), [1037, 1074, 1111]);
    press(&mut *procs, &before.view(), "j");
    let after = processes(&[3, 1, 2]);
    assert_eq!(pids(&mut *procs, &after), [1111, 1074, 1037]);
    let (signal, on) = signalled(press(&mut *procs, &after.view(), "dd"));
    assert_eq!((signal, on), (Signal::Terminate, vec![(1074, 5002)]));
}

#[test]
fn a_pid_that_was_taken_again_is_another_process() {
    let mut procs = widget("procs", &[]);
    let before = processes(&[1, 2]);
    pids(&mut *procs, &before);
    press(&mut *procs, &before.view(), "j");
    let mut feed = Feed::new();
    let local = feed.source("local");
    feed.good(local, NOW, vec![process(1, 0), process(2, 0).in_epoch(9)]);
    let after = feed.scene();
    let outcome = press(&mut *procs, &after.view(), "d9");
    assert!(matches!(outcome, Outcome::Act(Action::Say(_))), "{outcome:?}");
}

#[test]
fn a_group_is_signalled_as_a_whole_and_only_after_two_keys() {
    let scene = processes(&[0, 5, 1, 10]);
    let mut procs = widget("procs", &[]);
    let view = scene.view();
    press(&mut *procs, &view, "\t");
    drawn(&mut *procs, &scene, 76, 8);
    let (signal, mut on) = signalled(press(&mut *procs, &view, "d3"));
    on.sort_unstable();
    assert_eq!((signal, on), (Signal::Quit, vec![(1000, 5000), (1185, 5005), (1370, 5010)]));
    assert_eq!(press(&mut *procs, &view, "dx"), Outcome::Ignored, "the second key was another");
    assert_eq!(press(&mut *procs, &view, "9"), Outcome::Ignored);
}

#[test]
fn a_process_of_another_machine_is_never_signalled() {
    let mut feed = Feed::new();
    let remote = feed.source("Jerry");
    feed.good(remote, NOW, vec![process(1, 0)]);
    let scene = feed.scene();
    for keys in ["dd", "d9", "\tdd"] {
        let mut procs = widget("procs", &[]);
        drawn(&mut *procs, &scene, 76, 8);
        let outcome = press(&mut *procs, &scene.view(), keys);
        assert!(matches!(outcome, Outcome::Act(Action::Say(_))), "{outcome:?}");
    }
}

#[test]
fn a_filter_takes_all_keys_while_it_is_typed() {
    let scene = scene::one();
    let view = scene.view();
    let mut procs = widget("procs", &[]);
    press(&mut *procs, &view, "/POSTGRES --number 4");
    assert!(procs.is_typing());
    let lines = drawn(&mut *procs, &scene, 76, 8);
    assert_eq!(lines[7], "/POSTGRES --number 4▏");
    assert_eq!(pids(&mut *procs, &scene), [1148, 2628, 2813], "4, 44, 49");
    assert_eq!(press(&mut *procs, &view, "\n"), Outcome::Redraw);
    assert!(!procs.is_typing());
    let title = procs.title(&view, Rect::new(0, 0, 76, 8));
    assert_eq!(
        (title.left.as_str(), title.right.as_str()),
        ("procs by cpu%  /POSTGRES --number 4", "1-3 of 3")
    );
    press(&mut *procs, &view, "\u{1b}");
    assert_eq!(procs.title(&view, Rect::new(0, 0, 76, 8)).right, "1-7 of 75");
}

#[test]
fn what_is_dear_to_read_is_wanted_only_where_it_is_shown() {
    let scene = scene::one();
    let mut procs = widget("procs", &[]);
    let mut dear = |width| {
        drawn(&mut *procs, &scene, width, 8);
        procs.wants().want.dear(v::PROCESS, &v::READ_BYTES)
    };
    assert!(!dear(60));
    assert!(dear(100));
    assert!(!dear(60));
}

#[test]
fn a_host_is_opened_by_name_and_not_by_row() {
    let scene = scene::four();
    let view = scene.view();
    let mut hosts = widget("hosts", &[]);
    let lines = drawn(&mut *hosts, &scene, 158, 7);
    let order: Vec<&str> = lines[1..6].iter().map(|l| l[2..].split(' ').next().unwrap()).collect();
    assert_eq!(order, ["pi4", "nas", "local", "Jerry", "web-1"]);
    press(&mut *hosts, &view, "jjj");
    let open = |name: &str| Outcome::Act(Action::Open(Source::named(name)));
    assert_eq!(press(&mut *hosts, &view, "\n"), open("Jerry"));
    hosts.on_mouse(Mouse::Click { column: 9, row: 2 }, &view);
    assert_eq!(press(&mut *hosts, &view, "\n"), open("nas"));
    press(&mut *hosts, &view, "/WEB\n");
    let lines = drawn(&mut *hosts, &scene, 158, 7);
    assert!(lines[1].contains("web-1") && lines[2].is_empty(), "{lines:?}");
}

#[test]
fn a_frozen_table_keeps_its_order() {
    let mut hosts = widget("hosts", &[]);
    let names = |hosts: &mut dyn Widget, scene: &Scene| -> Vec<String> {
        let lines = drawn(hosts, scene, 100, 4);
        lines[1..].iter().map(|l| l[2..].split(' ').next().unwrap().to_owned()).collect()
    };
    let scene = |down: &str| {
        let mut feed = Feed::new();
        for name in ["a", "b", "c"] {
            let id = feed.source(name);
            if name == down {
                feed.bad(id, NOW, "refused");
            } else {
                feed.good(id, NOW, vec![]);
            }
        }
        feed.scene()
    };
    assert_eq!(names(&mut *hosts, &scene("c")), ["c", "a", "b"]);
    press(&mut *hosts, &scene("c").view(), "f");
    assert_eq!(names(&mut *hosts, &scene("b")), ["c", "a", "b"]);
    press(&mut *hosts, &scene("b").view(), "f");
    assert_eq!(names(&mut *hosts, &scene("b")), ["b", "a", "c"]);
}
