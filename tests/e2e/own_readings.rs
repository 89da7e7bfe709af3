//! Readings of a user's own making, and new kinds, as the whole program shows them.

use crate::{
    home::Home,
    terminal::{PATIENCE, Terminal},
};
use std::fs;

#[test]
fn what_a_command_prints_and_a_file_holds_is_in_json_and_a_broken_command_says_why() {
    let home = Home::new();
    let folder = home.write("text/backup.prom", "backup_bytes 7e9\n").parent().unwrap().to_owned();
    let script = home.write("rooms.sh", "echo '\"living room\" 21.5 C'; echo all is well\n");
    let config = format!(
        "command-rooms-run=/bin/sh {}\ncommand-broken-run=/bin/sh -c \"echo no bus >&2; exit 4\"\n\
         textfile-dir={}\n",
        script.display(),
        folder.display()
    );
    let once = home.once::<&str>(&config, &[], 3);
    assert_eq!(once.value("rooms", "metric", "living room", "value"), 21.5);
    assert_eq!(once.value("local", "metric", "backup_bytes", "value"), 7e9);
    assert_eq!(once.state("broken"), "down");
    let broken = once.source("broken").to_string();
    assert!(broken.contains("sh ended with code 4: no bus"), "{broken}");
}

#[test]
fn the_last_good_values_of_a_command_that_breaks_stay_with_their_age() {
    let home = Home::new();
    let state = home.write("state", "room 21 C\nBackup finished at noon\n");
    let config = format!(
        "nolocal=true\nlayout=own\ncommand-rooms-run=/bin/cat {}\ncommand-rooms-refresh=200ms\n",
        state.display()
    );
    home.write(".config/manytop/layouts/own", "metric\ntext@rooms\n");
    home.write(".config/manytop/manytop.conf", config);
    let terminal = Terminal::run::<&str>(&home, (100, 24), &[]);
    terminal.wait_for_text(&["room", "21 C", "Backup finished at noon"]);
    fs::remove_file(&state).unwrap();
    // cat says why it fails
    terminal.wait("the reason", PATIENCE, |screen| {
        screen.contains("cat ended with code 1") && screen.contains("Backup finished at noon")
    });
    fs::write(&state, "room 22 C\n").unwrap();
    terminal.wait("new values", PATIENCE, |screen| screen.contains("22 C"));
}

/// A command of which the config says nothing to run.
#[test]
fn a_command_needs_a_program() {
    let home = Home::new();
    let config = home.write("own.conf", "command-rooms-refresh=1m\ncommand-x-run=\n");
    let done = home.run(&["--check-config", "-C", config.to_str().unwrap()]).expect(2);
    let said = [&*done.stdout, &*done.stderr].concat();
    assert!(said.contains("command-rooms-run"), "{said}");
    assert!(said.contains("has refresh but no run"), "{said}");
}

#[test]
fn a_degraded_array_is_named_in_the_first_row_and_in_its_box() {
    let home = Home::new();
    let mdstat = "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0](F)\n      \
                  1953382464 blocks super 1.2 [2/1] [_U]\n\nunused devices: <none>\n";
    let root = home.write("tree/proc/mdstat", mdstat);
    let root = root.parent().unwrap().parent().unwrap();
    let set = format!("storage-root={}", root.display());
    let terminal = Terminal::run(&home, (160, 48), &["-C", "/dev/null", "--set", &set]);
    let screen = terminal.wait_for_text(&["md0 degraded"]);
    assert!(screen.lines().next().is_some_and(|row| row.contains("md0 degraded")), "{screen}");
    terminal.wait("its box", PATIENCE, |screen| {
        screen.lines().skip(1).any(|row| row.contains("md0") && row.contains("raid1"))
    });
}
