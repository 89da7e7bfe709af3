//! Every key of the help, and sizes from 1×1 to 200×60, while remotes come and go.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::Home,
    needs,
    terminal::{Terminal, is_help, quoted},
};
use std::{ffi::OsStr, fs, path::Path};

/// A screen with this machine, a healthy remote and a dead one.
fn fleet(home: &Home, farm: &Farm, layout: &str) -> Terminal {
    let good = farm.serve(bodies::gotop(Gotop::default()));
    let dead = farm.remote(Manner::Refuse);
    let config = home.write(
        "fleet.conf",
        format!("remote-good-url={}\nremote-dead-url={}\n", good.url(), dead.url()),
    );
    let args = [OsStr::new("-C"), config.as_os_str(), OsStr::new("-l"), OsStr::new(layout)];
    let terminal = Terminal::run(home, (160, 48), &args);
    terminal.wait_for_text(&["cpu", "mem", "good"]);
    terminal
}

/// The keys that the help names, as tmux calls them, entry by entry; those that end the dashboard or
/// send it away are left out.
fn helps_keys(home: &Home) -> Vec<Vec<String>> {
    let list = home.run(&["--list", "keys"]).expect(0).stdout;
    let entries: Vec<Vec<String>> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .flat_map(|line| {
            // the action, at least 22 columns wide; its keys; what they do
            let keys = line.get(22..).and_then(|rest| rest.trim_start().split("  ").next());
            let keys = keys.unwrap_or_else(|| panic!("no keys: {line}"));
            keys.split_whitespace().map(tmux_keys).collect::<Vec<_>>()
        })
        .filter(|keys| !["q", "C-c", "F10", "C-z"].contains(&keys[0].as_str()))
        .collect();
    assert!(entries.len() >= 20, "{list}");
    entries
}

fn tmux_keys(key: &str) -> Vec<String> {
    match key {
        "Esc" => vec!["Escape".into()],
        "Shift-Tab" => vec!["BTab".into()],
        _ if key.starts_with('^') => vec![format!("C-{}", &key[1..])],
        _ if key.chars().count() <= 2 && !is_function(key) => {
            key.chars().map(String::from).collect()
        } // gg is g g
        _ => vec![key.into()],
    }
}

fn is_function(key: &str) -> bool {
    key.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok())
}

#[test]
fn every_key_can_be_pressed_in_every_layout() {
    let (home, farm) = (Home::new(), Farm::new());
    let named = helps_keys(&home);
    // what people press although no help names it
    let others = [
        "Up", "Down", "Left", "Right", "PageUp", "PageDown", "Home", "End", "F1", "Space", "x",
        "+", "-", "0", "1", "é",
    ];
    let others = others.map(|key| vec![key.to_owned()]);
    for layout in ["default", "gotop", "kitchensink", "procs"] {
        let terminal = fleet(&home, &farm, layout);
        let widgets = if layout == "default" { 8 } else { 3 };
        for _ in 0..widgets {
            for keys in named.iter().chain(&others) {
                for key in keys {
                    terminal.press(&[key]);
                }
                match keys[0].as_str() {
                    "d" => terminal.press(&["n"]), // no, nothing shall be signalled
                    "?" | "F1" | "L" | "E" | ":" | "C-p" | "F9" | "F4" => {
                        terminal.press(&["Escape"])
                    }
                    "/" => terminal.press(&["Enter"]), // else the filter takes all that follows
                    _ => {}
                }
            }
            terminal.press(&["Escape", "Escape", "BTab"]);
        }
        assert!(terminal.is_alive(), "{layout}:\n{}", terminal.screen());
        // Whatever is open now closes; what was pressed must not have ended or frozen it.
        terminal.press(&["Escape", "Escape", "Escape"]);
        terminal.wait_for("no help", |screen| !is_help(screen));
        terminal.expect_answers_keys();
        terminal.press(&["q"]);
        assert_eq!(terminal.wait_for_end(), Some(0), "{layout}");
    }
}

#[test]
fn help_names_gotops_keys() {
    let (home, farm) = (Home::new(), Farm::new());
    let terminal = fleet(&home, &farm, "default");
    // as high as the help
    terminal.resize(160, 52);
    terminal.press(&["?"]);
    let keys = [
        "q", "?", "h", "l", "j", "k", "g", "G", "^d", "^u", "^f", "^b", "c", "m", "p", "n", "Tab",
        "/", "d", "b",
    ];
    let is_named = |help: &str, key: &str| {
        help.split(|c: char| c.is_whitespace() || c == '│' || c == ',').any(|w| w == key)
    };
    terminal.wait_for("every key in the help", |help| {
        is_help(help) && keys.iter().all(|key| is_named(help, key))
    });
}

#[test]
fn every_size_shows_something_and_none_breaks_it() {
    let (home, farm) = (Home::new(), Farm::new());
    let terminal = fleet(&home, &farm, "default");
    let diagonal = (1..=60).map(|n| (1 + (n - 1) * 199 / 59, n));
    let edges =
        [(200, 1), (1, 60), (200, 2), (2, 60), (3, 3), (59, 14), (60, 15), (80, 24), (200, 60)];
    for (width, height) in diagonal.chain(edges).chain([(1, 1), (160, 48)]) {
        terminal.resize(width, height);
        // A cell or two may be blank by right; from a few words' room on something is to be read.
        let room = width >= 10 && height >= 2;
        terminal.wait_for(&format!("something at {width}x{height}"), |screen| {
            !room || screen.lines().any(|line| line.chars().any(char::is_alphanumeric))
        });
        assert!(terminal.is_alive(), "{width}x{height}");
    }
    terminal.wait_for_text(&["cpu", "mem", "good"]);
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
}

/// Runs the process list in a PID namespace of its own, together with a process that does nothing under
/// the name `lazybones`: whatever is signalled there, no process outside can be hit.
fn with_lazybones(home: &Home) -> Terminal {
    let sleep = ["/usr/bin/sleep", "/bin/sleep"].into_iter().find(|path| Path::new(path).exists());
    fs::copy(sleep.unwrap(), home.path().join("lazybones")).unwrap();
    let binary = quoted(crate::home::binary().as_os_str());
    let script = format!("(./lazybones 600; echo $? >ended) &\n{binary} -l procs\n");
    let script = quoted(home.write("script", script).as_os_str());
    Terminal::script(
        home,
        (120, 36),
        &format!("exec unshare --pid --fork --kill-child --mount-proc bash --norc {script}"),
    )
}

fn is_question(screen: &str) -> bool {
    screen.contains("Esc  nothing")
}

#[test]
fn a_process_is_ended_after_a_question_and_not_without_enter() {
    as_root!();
    needs::namespaces(&["--pid", "--fork", "--mount-proc"]);
    for (keys, word, signal) in [("dd", "TERM", 15), ("d3", "QUIT", 3), ("d9", "KILL", 9)] {
        let home = Home::new();
        let terminal = with_lazybones(&home);
        terminal.wait_for("processes", |screen| screen.contains("lazybones"));
        terminal.press(&["/"]);
        terminal.type_text("lazybones");
        terminal.press(&["Enter"]);
        terminal.wait_for("lazybones alone", |screen| screen.contains("─ 1 of "));
        let asks = |screen: &str| {
            is_question(screen) && screen.contains(&format!("send {word} to lazybones "))
        };
        terminal.type_text(keys);
        terminal.wait_for("a question", asks);
        terminal.press(&["n"]);
        terminal.wait_for("no question", |screen| !is_question(screen));
        terminal.expect_answers_keys();
        let ended = home.path().join("ended");
        assert!(!ended.exists(), "ended without Enter");
        terminal.type_text(keys);
        terminal.wait_for("a question", asks);
        terminal.press(&["Enter"]);
        terminal.wait_until("the process to end", || ended.exists());
        terminal.wait_until("its exit code", || {
            fs::read_to_string(&ended).is_ok_and(|code| code.trim() == (128 + signal).to_string())
        });
        terminal.wait_for("the row to go", |screen| !screen.contains("─ 1 of "));
        assert!(terminal.is_alive());
    }
}
