//! The past of the whole screen, in a real terminal.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::{Home, binary, wait_for},
    needs,
    terminal::{PATIENCE, Terminal},
};
use std::ffi::OsStr;

/// A screen of this machine and one remote, which answers with a mark of its own.
fn with_remote(home: &Home, farm: &Farm) -> (Terminal, crate::farm::Remote) {
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    let text = format!("remote-Jerry-url={}\nremote-Jerry-refresh=500ms\n", remote.url());
    let config = home.write("past.conf", text);
    let args = [OsStr::new("-C"), config.as_os_str()];
    let terminal = Terminal::run(home, (160, 48), &args);
    terminal.wait_for_text(&["Jerry", "live"]);
    (terminal, remote)
}

#[test]
fn a_remote_that_died_is_shown_alive_before_with_its_values() {
    let (home, farm) = (Home::new(), Farm::new());
    let (terminal, remote) = with_remote(&home, &farm);
    wait_for("eight answers", PATIENCE, || (remote.requests() >= 8).then_some(()));
    let row = |screen: &str| {
        let row = screen.lines().find(|line| line.contains("Jerry"));
        row.map(str::to_owned).unwrap_or_default()
    };
    let alive = row(&terminal.screen());
    remote.now(Manner::Refuse);
    terminal.wait_for("Jerry to be down", |screen| row(screen).contains("DOWN"));
    terminal.press(&["f"]);
    terminal.wait_for_text(&["PAST", "it is now", "nothing can be signalled from here"]);
    // its death is the mark before; a few seconds before that it was alive
    terminal.press(&["{"]);
    terminal.wait_for_text(&["Jerry: "]);
    for _ in 0..9 {
        terminal.press(&[","]);
    }
    let then = terminal.wait_for("Jerry to be alive in the past", |screen| {
        screen.contains("PAST") && !row(screen).contains("DOWN") && row(screen).contains("live")
    });
    let figures = |row: &str| {
        let words = row.split_whitespace().filter(|word| word.parse::<f64>().is_ok());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(!figures(&alive).is_empty(), "{alive}");
    assert!(figures(&row(&then)).len() >= 2, "{then}");
    terminal.press(&["Escape"]);
    terminal.press(&["Escape"]);
    terminal.press(&["."]);
    terminal.wait_for_text(&["PAST"]);
    terminal.press(&["f"]);
    terminal
        .wait_for("the present", |screen| !screen.contains("PAST") && row(screen).contains("DOWN"));
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn a_time_is_typed_and_polling_goes_on() {
    let (home, farm) = (Home::new(), Farm::new());
    let (terminal, remote) = with_remote(&home, &farm);
    wait_for("eight answers", PATIENCE, || (remote.requests() >= 8).then_some(()));
    terminal.press(&["@"]);
    terminal.wait_for_text(&["go to a time:"]);
    terminal.press(&["-"]);
    terminal.type_text("2s");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["PAST"]);
    let asked = remote.requests();
    wait_for("more requests", PATIENCE, || (remote.requests() >= asked + 4).then_some(()));
    terminal.press(&["@"]);
    terminal.press(&["-"]);
    terminal.type_text("23h");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["nothing is kept of", "memory begins at", "PAST"]);
    terminal.press(&["f"]);
    terminal.wait_for("the present", |screen| !screen.contains("PAST"));
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn a_process_of_the_past_cannot_be_signalled() {
    let home = Home::new();
    let terminal = Terminal::run(&home, (160, 48), &["-l", "procs"]);
    terminal.wait_for_text(&["PID", "manytop"]);
    terminal.press(&["f"]);
    terminal.wait_for_text(&["PAST"]);
    terminal.press(&["d"]);
    terminal.wait_for_text(&["this is the past", "goes back to now"]);
    terminal.press(&["f"]);
    terminal.wait_for("the present", |screen| !screen.contains("PAST"));
    terminal.press(&["d"]);
    terminal.wait_for_text(&["TERM", "KILL"]);
    terminal.press(&["Escape"]);
    terminal.wait_for("the box to close", |screen| !screen.contains("─ signal ─"));
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn a_host_that_is_opened_shows_what_came_before() {
    let (home, farm) = (Home::new(), Farm::new());
    let (terminal, remote) = with_remote(&home, &farm);
    wait_for("twelve answers", PATIENCE, || (remote.requests() >= 12).then_some(()));
    remote.now(Manner::Refuse);
    terminal.wait_for_text(&["DOWN"]);
    terminal.press(&["Home"]);
    // the host in trouble is the first of the list
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["─ down "]);
    terminal.press(&["{"]);
    for _ in 0..9 {
        terminal.press(&[","]);
    }
    terminal.wait_for("its processors as they were", |screen| {
        screen.contains("PAST") && screen.contains("cpu ─") && !screen.contains("─ down ")
    });
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

/// Runs the program with these arguments beside a journal of its own, in a mount namespace, and a process that writes
/// `mark 1`, `mark 2`, … to it. The first lines of the shell are `setup`; `enter` is what the process does at first.
fn with_journal(home: &Home, setup: &str, enter: &str, args: &str) -> Terminal {
    needs::namespaces(&["--mount"]);
    needs::program("journalctl");
    let script = format!(
        "{setup}\nmount -t tmpfs none /run; mkdir -p /run/systemd/journal /run/log/journal\n\
         journald=$(ls /usr/lib/systemd/systemd-journald /lib/systemd/systemd-journald 2>/dev/null | head -1)\n\
         $journald 2>/dev/null & daemon=$!\n\
         until test -S /run/systemd/journal/stdout; do sleep 0.05; done\n\
         ( {enter} exec systemd-cat bash --norc -c \
         'for n in $(seq 600); do echo \"mark $n\"; sleep 1; done # talker' ) & talker=$!\n\
         {program} {args}; kill $talker $daemon\n",
        program = binary().display()
    );
    let script = home.write("script", script);
    let command = format!("exec unshare --mount bash --norc {}", script.display());
    Terminal::script(home, (180, 48), &command)
}

/// The newest `mark` on a screen.
fn newest(screen: &str) -> Option<u32> {
    let marks = screen.lines().filter_map(|line| line.split("mark ").nth(1));
    marks.filter_map(|rest| rest.split(' ').next()?.parse::<u32>().ok()).max()
}

/// Goes back in time while lines of the journal are shown: those before the instant, and none after it.
fn earlier_lines(terminal: &Terminal) {
    terminal.wait_for("some lines", |screen| newest(screen) >= Some(6));
    terminal.press(&["f"]);
    let frozen = terminal.wait_for("its lines", |s| s.contains("PAST") && newest(s) >= Some(3));
    let last = newest(&frozen).unwrap();
    for _ in 0..3 {
        terminal.press(&[","]);
    }
    terminal.wait_for("earlier lines", |s| newest(s).is_some_and(|mark| mark < last));
}

#[test]
fn the_details_of_a_process_have_its_last_lines_of_the_journal() {
    as_root!();
    let home = Home::new();
    let terminal = with_journal(&home, "", "", "-l procs");
    terminal.wait_for_text(&["procs"]);
    terminal.press(&["/"]);
    terminal.type_text("talker");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["bash --norc -c for"]);
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["─ journal ─", "mark 3"]);
    earlier_lines(&terminal);
    terminal.press(&["Enter", "f", "q"]);
    terminal.wait_for_end();
}

#[test]
fn the_details_of_a_service_have_its_last_lines_of_the_journal() {
    as_root!();
    let home = Home::new();
    // control groups of version 2 alone, as systemd has them, and a service in them
    let setup = "test -e /sys/fs/cgroup/cgroup.controllers || \
         mount --bind /sys/fs/cgroup/unified /sys/fs/cgroup || exit\n\
         unit=/sys/fs/cgroup/system.slice/manytop-talker.service; mkdir -p $unit || exit\n\
         trap 'kill $talker; wait; rmdir $unit' EXIT";
    let layout = home.write("box.layout", "container\n").display().to_string();
    let enter = "echo $BASHPID >$unit/cgroup.procs;";
    let terminal = with_journal(&home, setup, enter, &format!("-l {layout}"));
    terminal.wait_for_text(&["manytop-talker"]);
    terminal.press(&["Enter"]);
    // the service may not be the busiest
    let is_on = |screen: &str| screen.contains("─ manytop-talker.service ─");
    let screen = terminal.wait_for("the details", |screen| screen.contains("─ "));
    let rows = screen.lines().filter(|line| line.contains("service")).count();
    for _ in 0..rows {
        if is_on(&terminal.screen()) {
            break;
        }
        terminal.press(&["j"]);
    }
    terminal.wait_for("its lines", |screen| is_on(screen) && newest(screen) >= Some(3));
    earlier_lines(&terminal);
    terminal.press(&["Enter", "f", "q"]);
    terminal.wait_for_end();
}
