//! Every key of the table does what the help says of it: each binding has an expectation here.

use super::{
    board_of,
    past::{drawn, played},
};
use crate::tui::{
    bindings::{Binding, Bindings, Scope},
    dashboard::{Dashboard, Effect},
};
use manytop_core::{
    alert::{ActiveAlert, AlertBoard, Severity},
    clock::Moment,
    config::{Config, Request},
    reading::{DeviceReading, PollResult, SourceReadings},
    source::Source,
    store::{Described, Store, Update},
    view::Snapshot,
    vocabulary as v,
    widget::Key,
};
use std::{sync::Arc, time::Duration, time::SystemTime};

/// What a key is expected to do.
enum Expect {
    /// The terminal or the engine has this to do.
    Asks(fn(&Effect) -> bool),
    /// This is on the screen then, and was not before.
    Shows(&'static str),
    /// This was on the screen, and is no longer.
    Hides(&'static str),
    /// The screen looks different.
    Differs,
}

use Expect::{Asks, Differs, Hides, Shows};

/// The keys before it, as a config spells them, and what it is expected to do then.
fn expected(action: &str) -> Option<(&'static str, Expect)> {
    let expected = match action {
        "quit" => ("", Asks(|e| *e == Effect::Quit)),
        "help" => ("", Shows("─ help ─")),
        "palette" => ("", Shows("─ commands ─")),
        "options" => ("", Shows("─ options ─")),
        "add_host" => ("", Shows("─ add a host ─")),
        "picture" => ("", Asks(|e| *e == Effect::Picture)),
        "log" => ("", Shows("─ log ")),
        "acknowledged" => ("", Shows("─ acknowledged ─")),
        "explore" => ("", Shows("all that it serves")),
        "close" => ("Enter", Hides("back to all hosts")),
        "next_box" | "enlarge" | "time_shorter" | "time_longer" => ("", Differs),
        "box" => ("", Hides("╭─ 3 ")),
        "all_boxes" => ("z", Shows("╭─ 3 ")),
        "layout_next" => ("", Shows("layout gotop")),
        "layout_previous" => ("", Shows("layout hosts")),
        "layout_edit" => ("", Shows("discard")),
        "interval_longer" => ("", Asks(|e| *e == Effect::Interval(Duration::from_secs(2)))),
        "interval_shorter" => ("", Asks(|e| *e == Effect::Interval(Duration::from_millis(500)))),
        "bits" => ("", Shows("in bits a second")),
        "freeze" | "sample_back" | "minute_back" | "mark_back" => ("", Shows("PAST")),
        "sample_on" => (", ,", Differs),
        "minute_on" | "mark_on" | "play" => ("<", Differs),
        "go_to_time" => ("", Shows("go to a time:")),
        "host_previous" => ("Down Enter", Differs),
        "host_next" => ("Enter", Differs),
        "reload" => ("", Asks(|e| *e == Effect::Reload)),
        "suspend" => ("", Asks(|e| *e == Effect::Suspend)),
        "redraw" => ("", Asks(|e| *e == Effect::Clear)),

        "list_down" | "list_half_down" | "list_page_down" | "list_end" => ("", Differs),
        "list_up" | "list_half_up" | "list_page_up" | "list_top" => ("G", Differs),

        "edit_left" => ("E 3 l", Differs),
        "edit_right" | "edit_down" | "edit_up" => ("E 3", Differs),
        "edit_narrower" | "edit_wider" | "edit_taller" | "edit_shorter" => ("E 3", Differs),
        "edit_next" | "edit_previous" => ("E", Differs),
        "edit_box" => ("E 2", Differs),
        "edit_hide" => ("E 3", Differs),
        "edit_add" => ("E", Shows("─ add a box ─")),
        "edit_help" => ("E", Shows("─ help ─")),
        "edit_undo" => ("E 3 x", Differs),
        "edit_save" => ("E 3 x", Shows("save as layouts/my-default")),
        "edit_discard" => ("E 3 x", Hides("discard")),

        "alerts_open" => ("", Shows("back to all hosts")),
        "alerts_acknowledge" => ("", Shows("until:")),

        "container_details" => ("", Shows("─ web.service ─")),

        "hosts_open" => ("", Shows("back to all hosts")),
        "hosts_filter" => ("", Shows("▏")),
        "hosts_sort_next" | "hosts_sort_previous" | "hosts_reverse" | "hosts_groups" => {
            ("", Differs)
        }
        "hosts_mark" => ("", Differs),
        "hosts_pin" => ("Down Down", Differs),
        "hosts_unmark" => ("Space", Differs),
        "hosts_compare" => ("Space Space", Shows("hosts compared")),
        "hosts_acknowledge" => ("", Shows("until:")),
        "hosts_map_size" => ("", Differs),
        "hosts_map_figure" | "hosts_map_right" => ("M", Differs),
        "hosts_map_left" => ("M Right", Differs),

        "procs_details" => ("", Shows("environment")),
        "procs_signal" => ("", Shows("─ signal ─")),
        "procs_tree" | "procs_sort_mem" | "procs_sort_pid" | "procs_sort_name" => ("", Differs),
        "procs_filter" => ("", Shows("▏")),
        "procs_search" => ("", Shows("▏")),
        "procs_sort_choose" | "procs_columns" | "hosts_columns" => ("", Differs),
        "procs_watch" => ("", Asks(|e| matches!(e, Effect::Watch(_)))),
        "procs_mark" => ("", Differs),
        "procs_unmark" => ("Space", Differs),
        "procs_nicer" | "procs_nice" => ("", Shows("nice")),
        "procs_sort_cpu" | "procs_sort_next" | "procs_sort_previous" => ("p", Differs),
        "procs_reverse" | "procs_group" | "procs_user" | "procs_follow" => ("", Differs),
        "procs_fold" => ("t Down", Differs),
        "procs_fold_all" => ("t", Differs),
        "procs_unfold" => ("t Down Left", Differs),
        "procs_kernel" => ("p", Hides("kworker")),
        "procs_threads" => ("p", Shows("pool-1")),
        "procs_environment" => ("", Differs),
        "procs_files" => ("", Differs),
        _ => return None,
    };
    Some(expected)
}

/// Processes of a shell, of the kernel, and enough others to fill a screen; the first has a thread. And a service.
fn family() -> (Moment, Snapshot) {
    let mut store = Store::new();
    let instance = store.add(Described {
        provider: "local",
        source: Source::Local,
        interval: Duration::from_secs(1),
        tags: Arc::default(),
        groups: Default::default(),
        expected_offline: false,
        many: false,
        has_past: false,
        attached: false,
    });
    let one = |pid: u32, parent: u32, name: &str| {
        DeviceReading::new(v::PROCESS, pid.to_string())
            .in_generation(u64::from(pid))
            .with(&v::PERCENT, f64::from(pid % 17))
            .with(&v::RESIDENT_BYTES, f64::from(pid * 7 % 23) * 1e7)
            .with(&v::PARENT, f64::from(parent))
            .text(&v::NAME, name)
            .text(&v::USER, if pid.is_multiple_of(2) { "dev" } else { "root" })
    };
    let mut all = vec![
        one(1, 0, "init"),
        one(2, 0, "kworker").text(&v::TYPE, "kernel"),
        one(11, 1, "bash"),
        one(12, 11, "make"),
        one(16, 12, "cc"),
    ];
    let thread = DeviceReading::new(v::THREAD, "13").with(&v::PARENT, 12.0);
    all.push(thread.in_generation(13).text(&v::NAME, "pool-1"));
    all.extend((100..160).map(|pid| one(pid, 1, &format!("worker-{pid}"))));
    let service = DeviceReading::new(v::CONTAINER_KIND, "web.service");
    all.push(service.with(&v::PERCENT, 4.0).text(&v::TYPE, "service"));
    let now = Moment::from_secs(1000);
    let answer = PollResult::of(vec![SourceReadings::own(now, all)]);
    store.take(Update { instance, at: now, result: Ok(answer), retry: None, took: None });
    (now, store.snapshot())
}

fn alerts() -> AlertBoard {
    let alert = |host: &str| ActiveAlert {
        rule: "down".into(),
        severity: Severity::Critical,
        source: Source::named(host),
        device: None,
        since: SystemTime::UNIX_EPOCH,
        text: "is down".into(),
        acknowledged: false,
    };
    let firing = vec![alert("pi4"), alert("Jerry")];
    AlertBoard { firing, recent: 2, at: Some(SystemTime::UNIX_EPOCH), is_unknown: false }
}

/// A board that shows what the binding is about.
fn scene(scope: Scope, folder: &std::path::Path) -> (Dashboard, (Moment, Snapshot)) {
    let folders = [folder.to_owned()];
    let hosts = || played(&["local", "pi4", "Jerry"]).remove(15);
    let (layout, now) = match scope {
        Scope::Widget("procs") | Scope::Lists => ("procs", family()),
        Scope::Widget("alerts") => ("alerts", hosts()),
        Scope::Widget("container") => ("containers", family()),
        Scope::Widget("hosts") => ("hosts", hosts()),
        Scope::Editor => ("default", played(&["local"]).remove(15)),
        _ => ("default", hosts()),
    };
    let mut board = board_of(&now.1, layout, &folders);
    board.config = Config::load(&Request::bare(), &board.parts.registry).ok();
    board.live_alerts = Arc::new(alerts());
    drawn(&mut board, &now, 48);
    (board, now)
}

fn bindings() -> Vec<Binding> {
    let (board, _) = scene(Scope::Lists, &std::env::temp_dir());
    Bindings::new(&board.parts.registry, &[]).unwrap().all().to_vec()
}

#[test]
fn every_key_does_what_the_help_says() {
    let folder = std::env::temp_dir().join(format!("manytop-keys-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("layouts")).unwrap();
    std::fs::write(folder.join("layouts/alerts"), "alerts\ncpu\n").unwrap();
    std::fs::write(folder.join("layouts/hosts"), "hosts\n").unwrap();
    std::fs::write(folder.join("layouts/containers"), "container\n").unwrap();
    let mut wrong = Vec::new();
    for binding in bindings() {
        let action = binding.action();
        let Some((before, expect)) = expected(&action) else {
            wrong.push(format!("{action}: no expectation in this file"));
            continue;
        };
        let shown = binding.shown();
        let keys: Vec<&str> = match binding.command.name() {
            "box" => vec!["1"],
            _ if binding.keys.is_empty() => vec![""],
            _ => binding.command.default_keys().split_whitespace().collect(),
        };
        for key in keys {
            let (mut board, now) = scene(binding.scope, &folder);
            let press = |board: &mut Dashboard, word: &str| {
                let (first, second) = match word {
                    "gg" => (Key::Char('g'), Some(Key::Char('g'))),
                    word => (word.parse().unwrap(), None),
                };
                let effect = board.on_key(first, &now.1, now.0);
                let effect = second.map_or(effect, |key| board.on_key(key, &now.1, now.0));
                (effect, drawn(board, &now, 48).join("\n"))
            };
            for word in before.split_whitespace() {
                press(&mut board, word);
            }
            let old = drawn(&mut board, &now, 48).join("\n");
            let (effect, new) = match key {
                "" => {
                    let name = binding.command.name();
                    let effect = board.perform(binding.scope, name, 0, &now.1, now.0);
                    (effect, drawn(&mut board, &now, 48).join("\n"))
                }
                key => press(&mut board, key),
            };
            let is_as_expected = match &expect {
                Asks(is) => is(&effect),
                Shows(words) => !old.contains(words) && new.contains(words),
                Hides(words) => old.contains(words) && !new.contains(words),
                Differs => old != new,
            };
            if !is_as_expected {
                let name = format!("{action} ({key} of {shown})");
                wrong.push(format!("{name}: {effect:?}\n{old}\n=>\n{new}"));
            }
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
    let names: Vec<&str> = wrong.iter().filter_map(|text| text.lines().next()).collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), names.join("\n"));
}
