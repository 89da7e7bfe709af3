//! A mount that never answers: a FUSE filesystem whose other end never reads, in a mount namespace of
//! its own, so that no other program on the machine ever meets it.

use crate::{
    home::{Home, PATH, binary, finish},
    once::Once,
    terminal::{Terminal, quoted},
};
use std::{process::Command, time::Duration};

/// A script that makes the mount at `silent` and runs the program beside it. The shell holds the other
/// end; when it goes, the kernel lets go of all who wait.
fn script(args: &str) -> String {
    let program = quoted(binary().as_os_str());
    format!(
        "mkdir -p silent && exec 3<>/dev/fuse && \
         mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 /dev/silent silent || \
         {{ echo 'this container forbids FUSE mounts; run with CAP_SYS_ADMIN and /dev/fuse' >&2; exit 99; }}; \
         {program} {args} 3<&-; code=$?; exec 3<&-; umount -l silent; exit $code"
    )
}

#[test]
fn it_turns_the_disks_late_and_nothing_else() {
    let home = Home::new();
    let mut command = Command::new("unshare");
    command.args([
        "-m",
        "--propagation",
        "private",
        "bash",
        "--norc",
        "-c",
        &script("--once=json"),
    ]);
    command.env_clear().envs(home.env()).env("PATH", PATH).current_dir(home.path());
    let done = finish(&mut command, Duration::from_secs(60));
    assert_ne!(done.code, Some(99), "{}", done.stderr);
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
    let home = Home::new();
    let inner = quoted(std::ffi::OsStr::new(&script("")));
    let terminal = Terminal::script(
        &home,
        (160, 48),
        &format!("exec unshare -m --propagation private bash --norc -c {inner}"),
    );
    terminal.wait_for_text(&["CPU0", "Main"]);
    terminal.wait_for("the disks to be late", |screen| {
        let screen = screen.to_lowercase();
        screen.contains("late") || screen.contains("no answer")
    });
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0), "the hung thread is never joined");
}
