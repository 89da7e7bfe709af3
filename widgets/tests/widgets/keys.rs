//! Keys and the mouse: cursors, filters, orders, and what a person asks the application for.

use crate::{
    machine::process,
    scene::{self, Feed, NOW, Scene, drawn, press_key, widget},
};
use manytop_core::{
    ratatui_core::layout::Rect,
    reading::DeviceReading,
    source::Source,
    view::View,
    vocabulary as v,
    widget::{Action, Key, Mouse, Outcome, Widget},
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
        last = press_key(widget, view, key);
    }
    last
}

fn pids(widget: &mut dyn Widget, scene: &Scene) -> Vec<u32> {
    let lines = drawn(widget, scene, 76, 8);
    let pid = |l: &String| l.trim_start_matches(['▌', ' ']).split(' ').next()?.parse().ok();
    lines.iter().filter_map(pid).collect()
}

fn processes(order: &[u64]) -> Scene {
    let mut feed = Feed::new();
    let local = feed.source("local");
    for t in [NOW - 1, NOW] {
        let readings = order.iter().enumerate().map(|(busy, &n)| {
            let seconds = if t == NOW { 0.5 / (busy + 1) as f64 } else { 0.0 };
            process(n, 0).with(&v::CPU_SECONDS, 100.0 + seconds)
        });
        let memory = DeviceReading::new(v::MEMORY, v::MAIN).with(&v::TOTAL_BYTES, 16e9);
        feed.good(local, t, readings.chain([memory]).collect());
    }
    feed.scene()
}

fn signalled(outcome: Outcome) -> Vec<(u32, u64)> {
    match outcome {
        Outcome::Act(Action::Signal(processes)) => {
            processes.iter().map(|p| (p.pid, p.started)).collect()
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
    let title = procs.title(&view, Rect::new(0, 0, 76, 8)).words();
    assert!(title.starts_with("procs ─ by pid"), "{title}");
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
    let lines = drawn(&mut *procs, &after, 76, 8);
    assert!(lines[2].starts_with('▌') && lines[2].contains(" 1074 "), "{lines:#?}");
    let on = signalled(press(&mut *procs, &after.view(), "d"));
    assert_eq!(on, [(1074, 5002)]);
}

#[test]
fn a_pid_that_was_taken_again_is_another_process() {
    let mut procs = widget("procs", &[]);
    let before = processes(&[1, 2]);
    pids(&mut *procs, &before);
    press(&mut *procs, &before.view(), "j");
    let mut feed = Feed::new();
    let local = feed.source("local");
    feed.good(local, NOW, vec![process(1, 0), process(2, 0).in_generation(9)]);
    let after = feed.scene();
    let outcome = press(&mut *procs, &after.view(), "d");
    assert!(matches!(outcome, Outcome::Act(Action::Say(_))), "{outcome:?}");
}

#[test]
fn a_group_is_signalled_as_a_whole() {
    let scene = processes(&[0, 5, 1, 10]);
    let mut procs = widget("procs", &[]);
    let view = scene.view();
    press(&mut *procs, &view, "\t");
    drawn(&mut *procs, &scene, 76, 8);
    let mut on = signalled(press(&mut *procs, &view, "d"));
    on.sort_unstable();
    assert_eq!(on, [(1000, 5000), (1185, 5005), (1370, 5010)]);
}

#[test]
fn a_process_of_another_machine_is_never_taken_for_one_of_this() {
    let mut feed = Feed::new();
    let remote = feed.source("Jerry");
    feed.good(remote, NOW, vec![process(1, 0)]);
    let scene = feed.scene();
    for keys in ["d", "\td"] {
        let mut procs = widget("procs", &[]);
        drawn(&mut *procs, &scene, 76, 8);
        let outcome = press(&mut *procs, &scene.view(), keys);
        let Outcome::Act(Action::Signal(all)) = &outcome else { panic!("{outcome:?}") };
        assert!(!all.is_empty());
        assert!(all.iter().all(|one| one.source == Source::named("Jerry")), "{outcome:?}");
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
    assert!(lines.iter().any(|line| line.contains("/ POSTGRES --number 4▏")), "{lines:#?}");
    assert_eq!(pids(&mut *procs, &scene), [1148, 2628, 2813], "4, 44, 49");
    assert_eq!(press(&mut *procs, &view, "\n"), Outcome::Redraw);
    assert!(!procs.is_typing());
    let title = |procs: &mut dyn Widget| {
        drawn(procs, &scene, 76, 8);
        let title = procs.title(&view, Rect::new(0, 0, 76, 8));
        format!("{} {}", title.words(), title.right_words())
    };
    let filtered = title(&mut *procs);
    assert!(
        filtered.contains("/ POSTGRES --number 4") && filtered.contains("3 of 75"),
        "{filtered}"
    );
    press(&mut *procs, &view, "\u{1b}");
    let all = title(&mut *procs);
    assert!(!all.contains("POSTGRES") && all.contains("1-7 of 75"), "{all}");
}

#[test]
fn what_is_dear_to_read_is_wanted_only_while_its_column_is_shown() {
    let scene = scene::one();
    let mut procs = widget("procs", &[("columns", "pid,command")]);
    let expensive = |procs: &dyn Widget| procs.wants().want.expensive(v::PROCESS, &v::READ_BYTES);
    assert!(!expensive(&*procs));
    procs.toggle_column("read", &scene.view());
    assert!(expensive(&*procs));
    assert!(procs.columns().iter().any(|column| column.word == "read" && column.shown));
    procs.toggle_column("read", &scene.view());
    assert!(!expensive(&*procs));
}

#[test]
fn a_host_is_opened_by_name_and_not_by_row() {
    let scene = scene::four();
    let view = scene.view();
    let mut hosts = widget("hosts", &[]);
    let lines = drawn(&mut *hosts, &scene, 158, 7);
    let name = |l: &String| l.chars().skip(5).take_while(|c| *c != ' ').collect::<String>();
    let order: Vec<String> = lines[1..6].iter().map(name).collect();
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
