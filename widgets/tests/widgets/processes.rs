//! The list of processes: columns, filters, trees, groups, marks, what ended, details.

use crate::{
    machine::process,
    scene::{Feed, NOW, Scene, drawn, press_key, widget},
};
use manytop_core::{
    inventory,
    options::Options,
    provider::{BuildError, Plugin, Provides, Reader},
    ratatui_core::layout::Rect,
    reading::DeviceReading,
    view::View,
    vocabulary as v,
    widget::{Action, Key, Outcome, Widget},
};

fn build(_: &Options) -> Result<Box<dyn Reader>, BuildError> {
    unreachable!("only its description is read")
}

// The words of filters are those that providers declare; the real ones are in another package.
inventory::submit! {
    Plugin::reads("processtest", "Declares processes for the tests of filters", build).yields(&[
        Provides::new(v::PROCESS, &[
            &v::CPU_SECONDS, &v::RESIDENT_BYTES, &v::SWAP_BYTES, &v::PARENT, &v::STARTED_SECONDS,
            &v::RECEIVED_BYTES, &v::SENT_BYTES,
        ])
        .texts(&[&v::NAME, &v::COMMAND, &v::USER, &v::TYPE, &v::CGROUP, &v::CONTAINER]),
    ])
}

pub fn press(widget: &mut dyn Widget, view: &View<'_>, keys: &str) -> Outcome {
    let mut last = Outcome::Ignored;
    for key in keys.chars() {
        let key = match key {
            '\n' => Key::Enter,
            '\t' => Key::Tab,
            '\u{1b}' => Key::Esc,
            '3' => Key::F(3),
            '6' => Key::F(6),
            '>' => Key::Right,
            '<' => Key::Left,
            c => Key::Char(c),
        };
        last = press_key(widget, view, key);
    }
    last
}

/// Types letters, whatever they do as keys.
pub fn type_in(widget: &mut dyn Widget, view: &View<'_>, text: &str) {
    for c in text.chars() {
        press_key(widget, view, Key::Char(c));
    }
}

fn scene(readings: Vec<DeviceReading>) -> Scene {
    let mut feed = Feed::new();
    let local = feed.source("local");
    feed.good(local, NOW, readings);
    feed.scene()
}

/// A process with a parent and memory in MB.
pub fn child(pid: u32, parent: u32, name: &str, mega: f64) -> DeviceReading {
    DeviceReading::new(v::PROCESS, pid.to_string())
        .in_generation(u64::from(pid))
        .with(&v::RESIDENT_BYTES, mega * 1048576.0)
        .with(&v::PARENT, f64::from(parent))
        .text(&v::NAME, name)
        .text(&v::USER, if name == "sshd" { "root" } else { "dev" })
}

fn family() -> Scene {
    scene(vec![
        child(1, 0, "init", 1.0),
        child(10, 1, "sshd", 2.0),
        child(11, 10, "bash", 4.0),
        child(12, 11, "make", 8.0),
        child(20, 1, "cron", 16.0),
    ])
}

/// The first word of each row below the heads that begins with a number.
pub fn pids(widget: &mut dyn Widget, scene: &Scene) -> Vec<u32> {
    let lines = drawn(widget, scene, 90, 12);
    let number = |l: &String| l.trim_start_matches(['▌', '*', ' ']).split(' ').next()?.parse().ok();
    lines.iter().skip(1).filter_map(number).collect()
}

#[test]
fn columns_come_from_the_config_in_its_order() {
    let options = [("columns", "command,pid,nice"), ("sort", "pid")];
    let mut procs = widget("procs", &options);
    let reading = child(7, 1, "bash", 1.0).with(&v::NICE, 5.0);
    let lines = drawn(&mut *procs, &scene(vec![reading]), 60, 4);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&lines[0]), ["COMMAND", "PID▼", "NI"]);
    assert_eq!(words(lines[1].trim_start_matches('▌')), ["bash", "7", "5"]);
    let want = procs.wants().want;
    assert!(!want.expensive(v::PROCESS, &v::READ_BYTES), "no column shows it");
    let pss = widget("procs", &[("columns", "pid,pss,unit")]).wants().want;
    assert!(pss.expensive(v::PROCESS, &v::PSS_BYTES) && pss.dear_text(v::PROCESS, &v::UNIT));
}

#[test]
fn columns_are_chosen_and_moved_from_inside() {
    let scene = family();
    let view = scene.view();
    let mut procs = widget("procs", &[("columns", "pid,user,command")]);
    drawn(&mut *procs, &scene, 60, 30);
    press(&mut *procs, &view, "Cj");
    assert!(procs.is_typing(), "the menu has the keys");
    press(&mut *procs, &view, " k>");
    let lines = drawn(&mut *procs, &scene, 60, 30);
    assert!(lines.iter().any(|line| line.contains("[ ] user")), "{lines:?}");
    let outcome = press(&mut *procs, &view, "\n");
    let expected = Action::SetOption("columns", "pid,command".into());
    assert_eq!(outcome, Outcome::Act(expected), "it can be kept");
    let lines = drawn(&mut *procs, &scene, 60, 8);
    assert!(!lines[0].contains("USER"), "{lines:?}");
}

#[test]
fn any_column_can_be_sorted_by() {
    let scene = family();
    let mut procs = widget("procs", &[("columns", "pid,parent,rss,command"), ("sort", "rss")]);
    assert_eq!(pids(&mut *procs, &scene), [20, 12, 11, 10, 1]);
    press(&mut *procs, &scene.view(), "6k\n");
    assert_eq!(pids(&mut *procs, &scene), [1, 10, 20, 11, 12], "by parent, then pid");
    press(&mut *procs, &scene.view(), "r");
    assert_eq!(pids(&mut *procs, &scene), [12, 11, 20, 10, 1]);
}

#[test]
fn a_filter_compares_figures_and_texts() {
    let scene = family();
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid")]);
    for (filter, expected) in [
        ("rss>3M & user=dev", vec![11, 12, 20]),
        ("name=ssh* | cmd~mak", vec![10, 12]),
        ("!(user=dev)", vec![10]),
        ("swap>0", vec![]),
        ("!(swap>0)", vec![]),
    ] {
        press(&mut *procs, &view, "/");
        type_in(&mut *procs, &view, filter);
        press(&mut *procs, &view, "\n");
        assert_eq!(pids(&mut *procs, &scene), expected, "{filter}");
        press(&mut *procs, &view, "\u{1b}");
    }
    press(&mut *procs, &view, "/");
    type_in(&mut *procs, &view, "rss>3M");
    assert_eq!(pids(&mut *procs, &scene), [11, 12, 20]);
    type_in(&mut *procs, &view, " & usr=x");
    let lines = drawn(&mut *procs, &scene, 90, 12);
    assert!(lines[0].contains("unknown word \"usr\""), "{lines:?}");
    assert_eq!(
        pids(&mut *procs, &scene).len(),
        0,
        "the last filter that could be read holds: a part of a name"
    );
}

#[test]
fn a_filter_in_a_tree_keeps_the_parents_and_adds_up_what_matches() {
    let scene = family();
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid"), ("tree", "true")]);
    press(&mut *procs, &view, "/");
    type_in(&mut *procs, &view, "make");
    press(&mut *procs, &view, "\n");
    assert_eq!(pids(&mut *procs, &scene), [1, 10, 11, 12]);
    let lines = drawn(&mut *procs, &scene, 90, 12);
    let sums = lines.iter().find(|line| line.contains("sum of matches")).unwrap();
    assert!(sums.contains("8.0M"), "{sums}");
}

#[test]
fn folding_hides_what_is_below_and_adds_it_up() {
    let scene = family();
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid"), ("tree", "true")]);
    drawn(&mut *procs, &scene, 90, 12);
    press(&mut *procs, &view, "j<");
    assert_eq!(pids(&mut *procs, &scene), [1, 10, 20]);
    let lines = drawn(&mut *procs, &scene, 90, 12);
    assert!(lines[2].contains("+2 sshd") && lines[2].contains("14M"), "{}", lines[2]);
    press(&mut *procs, &view, ">");
    assert_eq!(pids(&mut *procs, &scene), [1, 10, 11, 12, 20]);
    press(&mut *procs, &view, "*");
    assert_eq!(pids(&mut *procs, &scene), [1], "all at once");
    press(&mut *procs, &view, "*");
    assert_eq!(pids(&mut *procs, &scene).len(), 5);
    let mut folded = widget("procs", &[("tree", "true"), ("folded", "true")]);
    assert_eq!(pids(&mut *folded, &scene), [1], "from the start");
}

#[test]
fn a_signal_goes_to_all_that_are_marked() {
    let scene = family();
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid")]);
    drawn(&mut *procs, &scene, 90, 12);
    let targets = |outcome| match outcome {
        Outcome::Act(Action::Signal(all) | Action::Renice(all, _)) => {
            all.iter().map(|p| p.pid).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    press(&mut *procs, &view, "j  ");
    drawn(&mut *procs, &scene, 90, 12);
    assert_eq!(targets(press(&mut *procs, &view, "d")), [10, 11]);
    assert_eq!(targets(press_key(&mut *procs, &view, Key::F(8))), [10, 11]);
    press(&mut *procs, &view, "U");
    assert_eq!(targets(press(&mut *procs, &view, "d")), [12], "the one under the cursor");
}

#[test]
fn a_process_that_ends_under_the_cursor_stays_marked_as_ended() {
    let before = family();
    let mut procs = widget("procs", &[("sort", "pid")]);
    drawn(&mut *procs, &before, 90, 12);
    press(&mut *procs, &before.view(), "jj");
    drawn(&mut *procs, &before, 90, 12);
    let after = scene(vec![
        child(1, 0, "init", 1.0),
        child(10, 1, "sshd", 2.0),
        child(12, 1, "make", 8.0),
        child(20, 1, "cron", 16.0),
    ]);
    let lines = drawn(&mut *procs, &after, 90, 12);
    assert!(lines[3].contains("11") && lines[3].contains("x ended bash"), "{lines:?}");
    let outcome = press(&mut *procs, &after.view(), "d");
    assert_eq!(outcome, Outcome::Act(Action::Say("the process has ended".into())));
    press(&mut *procs, &after.view(), "j");
    let lines = drawn(&mut *procs, &after, 90, 12);
    assert!(!lines.iter().any(|line| line.contains("ended")), "{lines:?}");
}

#[test]
fn a_search_moves_and_hides_nothing() {
    let scene = family();
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid")]);
    drawn(&mut *procs, &scene, 90, 12);
    press(&mut *procs, &view, "3");
    type_in(&mut *procs, &view, "dev");
    press(&mut *procs, &view, "\n");
    let under = |procs: &mut dyn Widget| {
        let lines = drawn(procs, &scene, 90, 12);
        let line = lines.iter().find(|line| line.starts_with('▌')).unwrap().clone();
        line.trim_start_matches('▌').split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(under(&mut *procs), "1");
    press(&mut *procs, &view, "3");
    assert_eq!(under(&mut *procs), "11", "the next that matches");
    assert_eq!(pids(&mut *procs, &scene).len(), 5);
}

#[test]
fn kernel_threads_and_users_are_left_out_on_demand() {
    let kernel = child(2, 0, "ksoftirqd/0", 0.0).text(&v::TYPE, "kernel");
    let scene = scene(vec![child(1, 0, "init", 1.0), kernel, child(3, 1, "sshd", 1.0)]);
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "pid")]);
    assert_eq!(pids(&mut *procs, &scene), [1, 2, 3]);
    let lines = drawn(&mut *procs, &scene, 90, 12);
    assert!(lines[2].contains(" ksoftirqd/0"), "a name is no path: {}", lines[2]);
    press(&mut *procs, &view, "K");
    assert_eq!(pids(&mut *procs, &scene), [1, 3]);
    press(&mut *procs, &view, "uG\n");
    assert_eq!(pids(&mut *procs, &scene), [3], "root's");
    press(&mut *procs, &view, "\u{1b}");
    assert_eq!(pids(&mut *procs, &scene), [1, 3]);
}

#[test]
fn processes_are_grouped_by_name_container_and_unit() {
    let readings = (0..4).map(|n| {
        let name = if n % 2 == 0 { "web" } else { "db" };
        process(n, 0).text(&v::CONTAINER, name)
    });
    let scene = scene(readings.collect());
    let view = scene.view();
    let mut procs = widget("procs", &[("group", "container"), ("sort", "pid")]);
    assert_eq!(pids(&mut *procs, &scene), [2, 2], "two of each");
    assert!(procs.wants().want.dear_text(v::PROCESS, &v::CONTAINER));
    let title = procs.title(&view, Rect::new(0, 0, 90, 12));
    assert!(title.right_words().contains("of 2 groups"), "{}", title.right_words());
    press(&mut *procs, &view, "\t");
    let lines = drawn(&mut *procs, &scene, 90, 12);
    assert!(lines[1].contains("no unit"), "{lines:?}");
}

#[test]
fn every_command_does_something() {
    let scene = family();
    let view = scene.view();
    let plugins = manytop_core::inventory::iter::<manytop_core::widget::Plugin>;
    let plugin = plugins.into_iter().find(|plugin| plugin.name() == "procs").unwrap();
    for command in plugin.command_list() {
        let mut procs = widget("procs", &[("tree", "true")]);
        drawn(&mut *procs, &scene, 90, 12);
        if command.name() == "unfold" {
            procs.on_command("fold", &view);
        }
        let outcome = procs.on_command(command.name(), &view);
        assert_ne!(outcome, Outcome::Ignored, "{}", command.name());
    }
}

#[test]
fn details_read_one_process_whole_and_say_what_is_denied() {
    let reading = child(7, 1, "bash", 3.0)
        .with(&v::OPEN_FILES, 5.0)
        .with(&v::OPEN_FILES_LIMIT, 1024.0)
        .text(&v::PROGRAM, "/usr/bin/bash (deleted)")
        .text(&v::DENIED, "io environment");
    let scene = scene(vec![child(1, 0, "init", 1.0), reading]);
    let view = scene.view();
    let mut procs = widget("procs", &[("sort", "rss")]);
    assert!(procs.wants().want.devices(v::PROCESS).is_empty());
    drawn(&mut *procs, &scene, 100, 40);
    press(&mut *procs, &view, "\n");
    let lines = drawn(&mut *procs, &scene, 100, 40);
    assert_eq!(procs.wants().want.devices(v::PROCESS), ["7".into()]);
    let all = lines.join("\n");
    for part in [
        "not readable: io, environment",
        "cap_sys_ptrace",
        "5 of 1.0k",
        "! replaced or deleted",
        "init 1",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    press(&mut *procs, &view, "e");
    let want = procs.wants().want;
    assert!(want.kind(v::ENVIRONMENT) && !want.kind(v::OPEN_FILE));
    let all = drawn(&mut *procs, &scene, 100, 40).join("\n");
    assert!(all.contains("take a capability"), "{all}");
    press(&mut *procs, &view, "\u{1b}\u{1b}");
    assert!(procs.wants().want.devices(v::PROCESS).is_empty(), "closed: nothing more is read");
}
