//! Hooks with the real program: on the terminal, beside the screen, and what is refused.

use crate::{
    bodies::{self, Gotop},
    farm::Farm,
    home::{Home, wait_for},
    needs,
    terminal::{PATIENCE, Terminal},
};
use std::fs;

/// The example that ships, with its programs replaced by those of this test.
fn example() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hooks.conf")).unwrap()
}

#[test]
fn the_shipped_examples_are_read_and_shown_in_the_help() {
    let home = Home::new();
    let file = home.write("hooks.conf", example());
    let file = file.display().to_string();
    home.run(&["-C", &file, "--check-config"]).expect(0);
    let terminal = Terminal::run(&home, (160, 60), &["-C", &file, "-l", "procs"]);
    terminal.wait_for_text(&["procs"]);
    terminal.press(&["?"]);
    terminal.wait_for_text(&["Alt-s", "system calls of the process"]);
    terminal.press(&["Escape"]);
    terminal.press(&[":"]);
    terminal.type_text("system calls");
    terminal.wait_for_text(&["system calls of the process"]);
}

#[test]
fn a_program_gets_the_terminal_and_gives_it_back() {
    needs::program("less");
    let home = Home::new();
    let text = home.write("text", "a page of text\n");
    let conf = home.write(
        "manytop.conf",
        format!(
            "hook-page-run=less +G {}\nhook-page-key=y\nhook-page-screen=true\n\
             hook-told-run=sh -c \"echo $1 >> told\" sh {{pid}}\nhook-told-key=B\nhook-told-box=procs\n\
             hook-bad-run=sh -c \"echo went wrong >&2; exit 3\"\nhook-bad-key=W\nhook-bad-confirm=true\n",
            text.display()
        ),
    );
    let conf = conf.display().to_string();
    let terminal = Terminal::run(&home, (120, 40), &["-C", &conf, "-l", "procs"]);
    terminal.wait_for_text(&["procs"]);
    terminal.press(&["y"]);
    terminal.wait_for("the page alone", |s| s.contains("a page of text") && !s.contains("procs"));
    // keys are the program's: "q" ends it, and not the dashboard
    terminal.press(&["q"]);
    // with its rows: a hook that names a pid needs one under the cursor
    terminal.wait_for_text(&["COMMAND", "root"]);
    terminal.press(&["B"]);
    terminal.wait_for_text(&["hook told: done"]);
    let told = wait_for("a pid", PATIENCE, || {
        fs::read_to_string(home.path().join("told")).ok().filter(|text| text.ends_with('\n'))
    });
    assert!(told.trim().parse::<u32>().is_ok(), "{told:?}");
    terminal.press(&["W"]);
    terminal.wait_for_text(&["start it", "went wrong"]);
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["hook bad: sh: exit status: 3: went wrong"]);
    terminal.expect_answers_keys();
}

#[test]
fn the_name_of_a_remote_never_becomes_an_option() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    let conf = home.write(
        "manytop.conf",
        format!(
            "nolocal=true\nremote--oProxyCommand-url={}\nhook-in-run=sh -c \"echo $1 > told\" sh {{host}}\n\
             hook-in-key=y\n",
            remote.url()
        ),
    );
    let conf = conf.display().to_string();
    let terminal = Terminal::run(&home, (120, 40), &["-C", &conf]);
    terminal.wait_for_text(&["-oProxyCommand"]);
    terminal.press(&["y"]);
    terminal.wait_for_text(&["could be read as an option is refused"]);
    assert!(!home.path().join("told").exists());
}
