//! Signals to processes of a host: allowed by its config alone, after a question that names the host.

use super::{Hostile, sshd::Sshd};
use crate::{home::wait_for, terminal::PATIENCE};

fn has_ended(process: &mut Hostile) -> bool {
    process.0.try_wait().unwrap().is_some()
}

#[test]
fn a_signal_reaches_a_process_where_the_config_allows_it() {
    let sshd = Sshd::new();
    let mut process = Hostile::new(b"zq) S 1 (q", b"zq");
    let screen = sshd.screen("remote-box-signals=true\n");
    screen.wait_for_text(&["procs", "live"]);
    screen.press(&["/"]);
    screen.type_text("zq");
    screen.press(&["Enter"]);
    screen.wait_for_text(&["1 of"]);
    screen.press(&["d"]);
    let question = format!("send TERM to zq) S 1 (q {} on box", process.0.id());
    screen.wait_for_text(&[&question]);
    assert!(!has_ended(&mut process), "nothing is sent before the answer");
    screen.press(&["Enter"]);
    screen.wait_for_text(&["SIGTERM sent to 1 on box"]);
    wait_for("the process to end", PATIENCE, || has_ended(&mut process).then_some(()));
}

#[test]
fn signals_are_off_unless_the_config_allows_them() {
    let sshd = Sshd::new();
    let mut process = Hostile::new(b"zoff", b"zoff");
    let screen = sshd.screen("");
    screen.wait_for_text(&["procs", "live"]);
    screen.press(&["/"]);
    screen.type_text("zoff");
    screen.press(&["Enter"]);
    screen.wait_for_text(&["1 of"]);
    screen.press(&["d"]);
    screen.wait_for_text(&["signals on box are off; remote-box-signals=true allows them"]);
    assert!(!has_ended(&mut process));
}
