//! What is changed from inside and is there after the next start: the layout, and a host that was added.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal},
};
use std::{ffi::OsStr, fs};

#[test]
fn an_edited_layout_is_saved_and_in_force_at_the_next_start() {
    let home = Home::new();
    let start = || Terminal::run::<&OsStr>(&home, (120, 40), &[]);
    let terminal = start();
    terminal.wait_for_text(&["3 net", "procs"]);
    terminal.type_text("E");
    terminal.wait_for_text(&["discard"]);
    terminal.type_text("3x");
    terminal.wait_for("no net", |screen| !screen.contains(" net "));
    terminal.type_text("s");
    terminal.wait_for_text(&["save as layouts/my-default"]);
    terminal.press(&["Enter"]);
    let file = |name: &str| home.path().join(".config/manytop").join(name);
    let kept =
        wait_for("the key", PATIENCE, || fs::read_to_string(file("conf.d/90-screen.conf")).ok());
    assert_eq!(kept, "layout=my-default\n");
    let text = fs::read_to_string(file("layouts/my-default")).unwrap();
    assert!(text.contains("procs") && !text.contains("net"), "{text}");
    terminal.press(&["q"]);
    terminal.wait_for_end();
    let terminal = start();
    terminal.wait_for("the boxes of the layout", |screen| {
        screen.contains(" procs ") && screen.contains(" mem ") && !screen.contains(" net ")
    });
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn a_host_is_read_at_once_shown_with_its_state_and_then_written() {
    let (home, farm) = (Home::new(), Farm::new());
    let config = home.write("a.conf", "# mine\nlayout=minimal\n");
    let good = farm.serve(bodies::gotop(Gotop::default()));
    let asks = farm.remote(Manner::Status(401));
    let args = ["-C", config.to_str().unwrap()].map(OsStr::new);
    let terminal = Terminal::run(&home, (120, 40), &args);
    terminal.wait_for_text(&["procs"]);
    terminal.type_text(":add a host");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["NAME=URL"]);
    terminal.type_text(&format!("web={}", asks.url()));
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["401: the server asks for a password and none is set"]);
    terminal.press(&["u"]);
    terminal.wait_for("the line to be empty", |screen| !screen.contains("401"));
    terminal.type_text(&format!("web={}", good.url()));
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["web is live: gotop", "memory"]);
    assert_eq!(fs::read_to_string(&config).unwrap(), "# mine\nlayout=minimal\n", "not yet");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["remote-web-url written to"]);
    let written = format!("# mine\nlayout=minimal\nremote-web-url={}\n", good.url());
    assert_eq!(fs::read_to_string(&config).unwrap(), written);
    terminal.press(&["Enter"]);
    terminal.wait_for("the box to close", |screen| !screen.contains("NAME=URL"));
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn what_is_chosen_by_keys_is_an_option_of_this_run() {
    let home = Home::new();
    let terminal = Terminal::run::<&OsStr>(&home, (120, 40), &[]);
    terminal.wait_for_text(&["procs"]);
    terminal.type_text("+");
    terminal.wait_for_text(&["a frame every 2s"]);
    terminal.type_text("v");
    terminal.wait_for_text(&["layout=gotop for this run"]);
    terminal.type_text("o/layout");
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["gotop", "this run"]);
    terminal.press(&["u"]);
    terminal.wait_for("the default again", |screen| !screen.contains("this run"));
    terminal.press(&["Escape"]);
    terminal.wait_for_text(&["find a key by its words"]);
    terminal.press(&["Escape"]);
    let shown = terminal.wait_for("the first row", |screen| !screen.contains("─ options ─"));
    let first = shown.lines().next().unwrap_or_default();
    assert!(first.contains(" 2s "), "a config that is read again keeps the interval: {first}");
    terminal.press(&["q"]);
    terminal.wait_for_end();
}
