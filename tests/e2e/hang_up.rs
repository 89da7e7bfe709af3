//! The end of a terminal is the end of what belongs to it, unless HUP was ignored at the start.

use crate::{
    home::{Home, wait_for},
    pty::{Pty, Start},
    terminal::{PATIENCE, send},
};
use std::{fs, net::TcpStream, path::Path};

/// Starts the program from a shell that has a job for it in the background.
const IN_BACKGROUND: [&str; 4] =
    ["sh", "-c", "set -m; sh -c 'echo $$ >pid; exec \"$@\"' sh \"$@\" & wait", "sh"];

/// The port that it says that it listens on.
fn port(said: &str) -> u16 {
    let rest = said.split("listening on 127.0.0.1:").nth(1).unwrap();
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

#[track_caller]
fn expect_free(port: u16) {
    wait_for("the port to be free", PATIENCE, || {
        TcpStream::connect(("127.0.0.1", port)).is_err().then_some(())
    });
}

#[track_caller]
fn expect_gone(pid: u32) {
    wait_for("the process to be gone", PATIENCE, || {
        (!Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
}

fn pid_of(home: &Home) -> u32 {
    wait_for("the program's pid", PATIENCE, || {
        let text = fs::read_to_string(home.path().join("pid")).ok()?;
        text.strip_suffix('\n')?.parse().ok()
    })
}

#[test]
fn a_screen_and_an_exporter_end_with_their_terminal() {
    for args in [&["-x", ":0"][..], &["--headless", "-x", ":0"]] {
        let home = Home::new();
        let mut pty = Start { args, ..Start::default() }.run(&home);
        let port = port(&pty.wait_for("machine only"));
        pty.hang_up();
        assert_eq!(pty.wait_for_end(), 129, "{args:?}");
        expect_free(port);
    }
}

#[test]
fn a_job_in_the_background_gets_no_signal_and_ends_all_the_same() {
    let home = Home::new();
    let args = &["--headless", "-x", ":0"];
    let mut pty = Start { args, before: &IN_BACKGROUND, ..Start::default() }.run(&home);
    let port = port(&pty.wait_for("machine only"));
    let pid = pid_of(&home);
    pty.hang_up();
    expect_gone(pid);
    expect_free(port);
}

#[test]
fn a_screen_that_ignores_hup_ends_when_there_is_nothing_to_draw_on() {
    let home = Home::new();
    let before = &["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let mut pty = Start { args: &["-x", ":0"], before, ..Start::default() }.run(&home);
    let port = port(&pty.wait_for("machine only"));
    send("HUP", pty.pid());
    pty.press("?");
    pty.wait_for("help");
    assert!(pty.is_running(), "HUP is ignored");
    pty.hang_up();
    pty.wait_for_end();
    expect_free(port);
}

/// Starts an exporter with nohup, and waits until it listens.
fn with_nohup(home: &Home) -> (Pty, u16) {
    let args = &["--headless", "-x", ":0"];
    let pty = Start { args, before: &["nohup"], ..Start::default() }.run(home);
    let port = wait_for("it to listen", PATIENCE, || said(home).map(|said| port(&said)));
    (pty, port)
}

fn said(home: &Home) -> Option<String> {
    let said = fs::read_to_string(home.path().join("nohup.out")).ok()?;
    said.contains("machine only").then_some(said)
}

#[test]
fn an_exporter_that_nohup_started_outlives_its_terminal() {
    let home = Home::new();
    let (mut pty, port) = with_nohup(&home);
    pty.hang_up();
    send("HUP", pty.pid());
    wait_for("it to read its config again", PATIENCE, || {
        said(&home)?.contains("config read again").then_some(())
    });
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok(), "it still serves");
    send("TERM", pty.pid());
    assert_eq!(pty.wait_for_end(), 0);
}
