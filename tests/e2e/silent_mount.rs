//! A mount that never answers: a FUSE filesystem with a server that never reads, in a mount namespace of
//! its own, so that no other program on the machine ever meets it.

use crate::{
    home::{Done, Home, binary, finish},
    needs,
    once::Once,
    terminal::{Terminal, quoted},
};
use std::{path::Path, process::Command, time::Duration};

/// Makes the mount at `silent`. The shell holds the other end; when it goes, the kernel lets go of all that wait.
const MOUNT: &str = "mkdir -p silent && exec 3<>/dev/fuse && \
    mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 /dev/silent silent";

/// Words that run a script with mounts of its own.
fn apart(script: &str) -> [&str; 7] {
    ["-m", "--propagation", "private", "bash", "--norc", "-c", script]
}

fn unshare(home: &Home, script: &str) -> Done {
    let mut command = Command::new("unshare");
    command.args(apart(script)).env_clear().envs(home.env()).current_dir(home.path());
    finish(&mut command, Duration::from_secs(60))
}

/// Fails, or leaves the test out, where root may not make the mount.
fn needs_mount(home: &Home) {
    if unshare(home, MOUNT).code != Some(0) {
        needs::missing("FUSE mounts", "run with CAP_SYS_ADMIN and /dev/fuse");
    }
}

/// A script that runs the program beside the mount.
fn script(args: &str) -> String {
    let program = quoted(binary().as_os_str());
    format!(
        "{MOUNT} || exit 99; {program} {args} 3<&-; code=$?; exec 3<&-; umount -l silent; exit $code"
    )
}

#[test]
fn it_turns_the_disks_late_and_nothing_else() {
    as_root!();
    let home = Home::new();
    needs_mount(&home);
    let done = unshare(&home, &script("--once=json"));
    assert_eq!(done.code, Some(3), "a source is not live\n{}\n{}", done.stdout, done.stderr);
    let once = Once::read(done);
    assert_ne!(once.state("local"), "live", "something is missing, and it says so");
    assert_ne!(once.state("local"), "down", "one hung mount does not turn the machine down");
    for (kind, device) in [("cpu", "CPU0"), ("memory", "Main"), ("host", "")] {
        assert!(once.find("local", kind, device).is_some(), "{kind}: {:?}", once.labels("local"));
    }
    assert!(!once.devices_of("local", "process").is_empty());
    assert!(once.devices_of("local", "disk").is_empty(), "nobody could read them");
}

#[test]
fn the_screen_lives_beside_it_and_quits_at_once() {
    as_root!();
    let home = Home::new();
    needs_mount(&home);
    let terminal =
        Terminal::run_program(&home, (160, 48), Path::new("unshare"), &apart(&script("")));
    terminal.wait_for_text(&["user", "used"]);
    terminal.wait_for("the disks to be late", |screen| {
        let screen = screen.to_lowercase();
        screen.contains("late") || screen.contains("no answer")
    });
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0), "the hung thread is never joined");
}
