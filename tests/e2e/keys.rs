//! Every key of the help, and sizes from 1×1 to 200×60, while remotes come and go.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal, is_help},
};
use std::{
    ffi::OsStr,
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command},
};

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
    terminal.wait_for_text(&["CPU0", "Main"]);
    terminal
}

#[test]
fn every_key_can_be_pressed_in_every_layout() {
    let (home, farm) = (Home::new(), Farm::new());
    let keys = [
        "h", "l", "j", "k", "g", "G", "C-d", "C-u", "C-f", "C-b", "Up", "Down", "Left", "Right",
        "PageUp", "PageDown", "Home", "End", "c", "m", "p", "n", "Tab", "BTab", "b", "f", "s", "[",
        "]", "e", "C-l", "C-r", "F1", "Escape", "Enter", "Escape", "Space", "x", "+", "-", "0",
        "1", "é",
    ];
    for layout in ["default", "gotop", "kitchensink", "procs"] {
        let terminal = fleet(&home, &farm, layout);
        let widgets = if layout == "default" { 8 } else { 3 };
        for _ in 0..widgets {
            for key in keys {
                terminal.press(&[key]);
            }
            terminal.press(&["Escape", "Escape", "Tab"]);
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
    terminal.press(&["?"]);
    let help = terminal.wait_for("help", is_help);
    for key in [
        "q", "?", "h", "l", "j", "k", "g", "G", "^d", "^u", "^f", "^b", "c", "m", "p", "n", "Tab",
        "/", "dd", "d3", "d9", "b",
    ] {
        let named =
            help.split(|c: char| c.is_whitespace() || c == '│' || c == ',').any(|w| w == key);
        assert!(named, "{key} is not in the help:\n{help}");
    }
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
    terminal.wait_for_text(&["CPU0", "Main", "good"]);
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
}

/// A process that does nothing, under a name that nothing else on this machine has.
struct Sleeper {
    name: String,
    child: Child,
}

impl Sleeper {
    fn new(home: &Home, name: &str) -> Sleeper {
        let name = format!("{name}{}", std::process::id());
        let program = home.path().join(&name);
        fs::copy(
            ["/usr/bin/sleep", "/bin/sleep"].iter().find(|p| Path::new(p).exists()).unwrap(),
            &program,
        )
        .unwrap();
        // Another test's fork may hold the copied file open for writing for a moment.
        let child = wait_for("a sleeper to start", PATIENCE, || {
            Command::new(&program).arg("600").spawn().ok()
        });
        Sleeper { name, child }
    }

    /// The signal that ended it.
    fn ended_by(&mut self) -> Option<i32> {
        let child = &mut self.child;
        wait_for("the process to end", PATIENCE, || child.try_wait().unwrap()).signal()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_question(screen: &str) -> bool {
    screen.contains("y yes")
}

#[test]
fn a_process_is_ended_after_a_question_and_not_without_a_yes() {
    for (keys, signal) in [("dd", 15), ("d3", 3), ("d9", 9)] {
        let home = Home::new();
        let mut sleeper = Sleeper::new(&home, "lazy");
        let terminal = Terminal::run(&home, (120, 36), &["-l", "procs"]);
        terminal.wait_for("processes", |screen| screen.contains("PID"));
        terminal.press(&["/"]);
        terminal.type_text(&sleeper.name);
        terminal.press(&["Enter"]);
        let pid = sleeper.child.id().to_string();
        let row = |screen: &str| {
            screen.lines().filter(|l| l.split_whitespace().any(|w| w == pid)).count()
        };
        terminal.wait_for("the sleeper alone", |screen| row(screen) == 1);
        terminal.type_text(keys);
        terminal.wait_for("a question", is_question);
        terminal.press(&["n"]);
        terminal.wait_for("no question", |screen| !is_question(screen));
        assert!(sleeper.child.try_wait().unwrap().is_none(), "ended without a yes");
        terminal.type_text(keys);
        terminal.wait_for("a question", is_question);
        terminal.press(&["y"]);
        assert_eq!(sleeper.ended_by(), Some(signal), "{keys}");
        terminal.wait_for("the row to go", |screen| row(screen) == 0);
        assert!(terminal.is_alive());
    }
}
