//! The first frame does not wait for any source.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::Home,
    terminal::Terminal,
};
use std::{ffi::OsStr, time::Duration};

#[test]
fn the_first_frame_is_there_before_any_remote_answers_and_one_never_does() {
    let (home, farm) = (Home::new(), Farm::new());
    let silent = farm.remote(Manner::Hang);
    // This one answers, but long after the first frame must be there.
    let slow = farm.remote(Manner::After(
        Duration::from_secs(4),
        bodies::gotop(Gotop { cores: vec![91], ..Gotop::default() }),
    ));
    let config = home.write(
        "slow.conf",
        format!("remote-silent-url={}\nremote-slow-url={}\n", silent.url(), slow.url()),
    );
    let terminal = Terminal::run(&home, (160, 48), &[OsStr::new("-C"), config.as_os_str()]);
    let screen = terminal
        .wait_for("the first frame", |screen| screen.contains("silent") && screen.contains("slow"));
    assert!(!screen.contains("91"), "a frame from before the answer:\n{screen}");
    terminal.expect_answers_keys();
    terminal.wait_for("this machine", |screen| {
        screen.lines().any(|l| l.contains("local") && l.contains("live"))
    });
    terminal.wait_for("the slow one's answer", |screen| {
        screen.lines().any(|l| l.contains("slow") && l.contains("91"))
    });
    let screen = terminal.screen();
    let silent = screen.lines().find(|l| l.contains("silent")).unwrap();
    assert!(!silent.contains("live"), "{screen}");
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0), "leaves without waiting for it");
}
