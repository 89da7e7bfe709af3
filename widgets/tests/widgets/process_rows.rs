//! The list of processes: network traffic, several hosts, and rows that keep their places.

use crate::{
    processes::{child, pids, press, type_in},
    scene::{Feed, NOW, drawn, press_key, widget},
};
use manytop_core::{
    ratatui_core::layout::Rect,
    reading::DeviceReading,
    source::Source,
    vocabulary as v,
    widget::{Action, Key, Move, Outcome, Widget},
};

#[test]
fn traffic_is_read_while_it_is_shown_and_denied_where_it_may_not_be() {
    let of = |pid: u32, received: f64| {
        child(pid, 1, "web", 1.0).with(&v::RECEIVED_BYTES, received).with(&v::SENT_BYTES, 0.0)
    };
    let mut feed = Feed::new();
    let local = feed.source("local");
    feed.good(local, NOW - 1, vec![of(7, 0.0), of(8, 0.0)]);
    let denied = child(9, 1, "other", 1.0).text(&v::DENIED, "network");
    feed.good(local, NOW, vec![of(7, 1e3), of(8, 5e6), denied]);
    let scene = feed.scene();
    let mut procs = widget("procs", &[("columns", "pid,received,sent"), ("sort", "received")]);
    assert!(procs.wants().want.expensive(v::PROCESS, &v::RECEIVED_BYTES));
    let usual = widget("procs", &[]).wants().want;
    assert!(!usual.expensive(v::PROCESS, &v::RECEIVED_BYTES), "no column shows it");
    let lines = drawn(&mut *procs, &scene, 30, 6);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&lines[0]), ["PID", "RX/s▼", "TX/s"]);
    let rows: Vec<Vec<String>> =
        lines[1..4].iter().map(|l| words(l.trim_start_matches('▌'))).collect();
    assert_eq!(rows, [["8", "5.0M", "·"], ["7", "1.0k", "·"], ["9", "·", "·"]]);
    press(&mut *procs, &scene.view(), "/");
    type_in(&mut *procs, &scene.view(), "rx>1M");
    assert_eq!(pids(&mut *procs, &scene), [8]);
}

#[test]
fn connections_are_listed_with_their_traffic_above_the_open_files() {
    let connection = |inode: u32, port: u32, received: f64| {
        DeviceReading::new(v::CONNECTION, format!("7/{inode}"))
            .with(&v::PARENT, 7.0)
            .with(&v::RECEIVED_BYTES, received)
            .with(&v::SENT_BYTES, 2.0 * received)
            .text(&v::PROTOCOL, "tcp")
            .text(&v::STATE, "established")
            .text(&v::LOCAL, format!("10.0.0.1:{port}"))
            .text(&v::PEER, "10.0.0.2:443")
    };
    let file = DeviceReading::new(v::OPEN_FILE, "7/3")
        .with(&v::PARENT, 7.0)
        .text(&v::PATH, "/var/log/web.log");
    let mut feed = Feed::new();
    let local = feed.source("local");
    for (at, factor) in [(NOW - 1, 0.0), (NOW, 1.0)] {
        let calm = connection(11, 5001, 1e3 * factor);
        let busy = connection(12, 5002, 3e6 * factor);
        feed.good(local, at, vec![child(7, 1, "web", 1.0), calm, busy, file.clone()]);
    }
    let scene = feed.scene();
    let mut procs = widget("procs", &[]);
    drawn(&mut *procs, &scene, 100, 30);
    press(&mut *procs, &scene.view(), "\nO");
    let lines = drawn(&mut *procs, &scene, 100, 30);
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    assert!(lines[at("10.0.0.1:5002")].contains("▼ 3.0M ▲ 6.0M"), "{lines:?}");
    let order = ["connections ─ 2", "5002 > 10.0.0.2:443", "5001 >", "open files ─ 1", "web.log"];
    assert!(order.map(at).is_sorted(), "{lines:?}");
}

#[test]
fn processes_of_several_hosts_are_listed_and_signalled_with_their_host() {
    let mut feed = Feed::new();
    for name in ["local", "web-1", "web-2"] {
        let source = feed.source(name);
        feed.good(source, NOW, vec![child(1, 0, "init", 1.0), child(10, 1, "sshd", 2.0)]);
    }
    let scene = feed.scene();
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid")]);
    let lines = drawn(&mut *procs, &scene, 120, 12);
    assert!(lines[0].contains("HOST"), "{lines:?}");
    for host in ["local", "web-1", "web-2"] {
        assert_eq!(lines.iter().filter(|line| line.contains(host)).count(), 2, "{host}: {lines:?}");
    }
    press(&mut *procs, &view, "/");
    type_in(&mut *procs, &view, "host=web-* & user=root");
    press(&mut *procs, &view, "\n");
    assert_eq!(pids(&mut *procs, &scene), [10, 10]);
    for key in [Key::Char('d'), Key::F(7), Key::F(8)] {
        let outcome = press_key(&mut *procs, &view, key);
        let of_remotes = match &outcome {
            Outcome::Act(Action::Signal(all) | Action::Renice(all, _)) => {
                !all.is_empty() && all.iter().all(|one| one.source != Source::Local)
            }
            Outcome::Act(Action::Say(_)) => true,
            _ => false,
        };
        assert!(of_remotes, "{key:?}: {outcome:?}");
    }
    // in a group of all hosts each process is named with its own
    press(&mut *procs, &view, "\u{1b}\t");
    drawn(&mut *procs, &scene, 120, 12);
    let Outcome::Act(Action::Signal(all)) = press(&mut *procs, &view, "d") else { panic!() };
    for one in &all {
        let mut its = scene.snapshot.find(&one.source).unwrap().devices(v::PROCESS);
        assert!(its.any(|process| *process.name == *one.pid.to_string()), "{all:?}");
    }
}

#[test]
fn rows_keep_their_places_for_a_moment_and_after_a_key() {
    let mut feed = Feed::new();
    let local = feed.source("local");
    let of = |pid: u32, bytes: f64| child(pid, 1, "web", bytes);
    let mut procs = widget("procs", &[("sort", "rss")]);
    let mut order = |procs: &mut dyn Widget, at: u64, readings: Vec<DeviceReading>| {
        feed.good(local, at, readings);
        let scene = feed.scene_at(at);
        let order = pids(procs, &scene);
        (scene, order)
    };
    assert_eq!(order(&mut *procs, NOW, vec![of(7, 5.0), of(8, 4.0)]).1, [7, 8]);
    let grown = || vec![of(7, 5.0), of(8, 9.0), of(9, 6.0)];
    assert_eq!(order(&mut *procs, NOW + 1, grown()).1, [9, 7, 8], "8 waits, 9 is new");
    assert_eq!(order(&mut *procs, NOW + 2, grown()).1, [8, 9, 7]);
    let shrunk = || vec![of(7, 5.0), of(8, 1.0), of(9, 6.0)];
    let (scene, _) = order(&mut *procs, NOW + 3, shrunk());
    procs.on_move(Move::Down, &scene.view());
    let (scene, rows) = order(&mut *procs, NOW + 4, shrunk());
    assert_eq!(rows, [8, 9, 7], "a key was pressed a second ago");
    press(&mut *procs, &scene.view(), "rr");
    assert_eq!(order(&mut *procs, NOW + 4, shrunk()).1, [9, 7, 8], "asked for");
}

#[test]
fn details_beside_the_list_keep_their_name_and_their_rows() {
    let long = child(4_194_303, 1, "binary_backend1", 3.0)
        .with(&v::STARTED_SECONDS, 1000.0)
        .text(&v::STATE, "disk sleep")
        .text(&v::USER, "systemd-timesync")
        .text(&v::COMMAND, "/usr/libexec/binary_backend1 --fast");
    let mut feed = Feed::new();
    let local = feed.source("local");
    feed.good(local, NOW, vec![long]);
    let scene = feed.scene();
    let mut procs = widget("procs", &[]);
    drawn(&mut *procs, &scene, 200, 40);
    press(&mut *procs, &scene.view(), "\n");
    let row = |procs: &mut dyn Widget| {
        let lines = drawn(procs, &scene, 200, 40);
        lines.iter().position(|line| line.ends_with("/usr/libexec/binary_backend1 --fast")).unwrap()
    };
    assert_eq!(row(&mut *procs), 0);
    let title = procs.title(&scene.view(), Rect::new(0, 0, 200, 40));
    let words = title.right_words();
    assert!(words.contains("binary_backend1 4194303") && words.contains("files"), "{words}");
    assert!(!words.contains("for "), "what there is no room for: {words}");
    press(&mut *procs, &scene.view(), "/");
    type_in(&mut *procs, &scene.view(), "bin");
    assert_eq!(row(&mut *procs), 0, "the filter takes a row of the list alone");
}
