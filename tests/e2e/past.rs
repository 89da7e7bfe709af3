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

#[test]
fn the_details_of_a_process_have_its_last_lines_of_the_journal() {
    as_root!();
    needs::namespaces(&["--mount"]);
    needs::program("journalctl");
    let home = Home::new();
    // a journal of its own, in a mount namespace
    let script = format!(
        "mount -t tmpfs none /run; mkdir -p /run/systemd/journal /run/log/journal\n\
         journald=$(ls /usr/lib/systemd/systemd-journald /lib/systemd/systemd-journald 2>/dev/null | head -1)\n\
         $journald 2>/dev/null & daemon=$!\n\
         until test -S /run/systemd/journal/stdout; do sleep 0.05; done\n\
         systemd-cat bash --norc -c 'for n in $(seq 600); do echo \"mark $n\"; sleep 1; done # talker' & talker=$!\n\
         {program} -l procs; kill $talker $daemon\n",
        program = binary().display()
    );
    let script = home.write("script", script);
    let command = format!("exec unshare --mount bash --norc {}", script.display());
    let terminal = Terminal::script(&home, (180, 48), &command);
    terminal.wait_for_text(&["procs"]);
    terminal.press(&["/"]);
    terminal.type_text("talker");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["bash --norc -c for"]);
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["─ journal ─", "mark 3"]);
    terminal.press(&["f"]);
    let newest = |screen: &str| {
        let marks = screen.lines().filter_map(|line| line.split("mark ").nth(1));
        marks.filter_map(|rest| rest.split(' ').next()?.parse::<u32>().ok()).max()
    };
    // the lines before the instant, and none after it
    let frozen = terminal.wait_for("its lines", |s| s.contains("PAST") && newest(s) >= Some(3));
    let last = newest(&frozen).unwrap();
    for _ in 0..3 {
        terminal.press(&[","]);
    }
    terminal.wait_for("earlier lines", |s| newest(s).is_some_and(|mark| mark < last));
    terminal.press(&["Enter", "f", "q"]);
    terminal.wait_for_end();
}
