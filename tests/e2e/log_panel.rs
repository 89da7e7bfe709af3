//! Events are shown on a full screen: counted in the first row, listed in the log panel, and
//! written to the log file.

use crate::{
    bodies,
    farm::{Farm, Manner},
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal},
};
use std::fs;

#[test]
fn who_went_down_and_came_back_and_what_is_wrong_with_the_config() {
    let (home, farm) = (Home::new(), Farm::new());
    let jerry = farm.serve(bodies::within_limits());
    let tom = farm.serve(bodies::within_limits());
    let config = format!(
        "nolocal=true\nremote-jerry-url={}\nremote-tom-url={}\nremote-tom-expected_offline=true\n",
        jerry.url(),
        tom.url()
    );
    let path = home.write(".config/manytop/manytop.conf", &config);
    let terminal = Terminal::run::<&str>(&home, (120, 30), &[]);
    let first = terminal.wait_for_text(&["2 hosts  2 fine"]);
    assert!(!first.contains("L log"), "there is nothing to look at:\n{first}");

    tom.now(Manner::Refuse);
    terminal.wait_for_text(&["1 fine", "1 offline"]);
    jerry.now(Manner::Refuse);
    let down = terminal.wait_for_text(&["1 DOWN", "1 offline", "!1 L log"]);
    assert!(down.contains("expected; "), "the one that may be down says so quietly:\n{down}");
    jerry.now(Manner::Serve(bodies::within_limits()));
    terminal.wait_for_text(&["1 fine"]);
    fs::write(&path, format!("{config}layuot=x\nremote-jerry-refresh=soon\n")).unwrap();
    terminal.wait_for_text(&["config refused, 2 problems", "!3 L log"]);
    terminal.press(&["L"]);
    let lines = [
        "tom is down: ",
        "jerry is down: ",
        "; last good ",
        "jerry is back after ",
        "config not read again: ",
        "did you mean \"layout\"?",
        "\"soon\" is not a duration",
    ];
    terminal.wait_for_text(&lines);
    let log = home.path().join(".state/manytop/manytop.log");
    let log = wait_for("the log", PATIENCE, || fs::read_to_string(&log).ok());
    assert!(lines.iter().all(|line| log.contains(line)), "{log}");

    // as many lines as it is high, and more: the older ones are found by scrolling
    terminal.resize(60, 8);
    terminal.wait_for("the newest", |s| s.contains("\"soon\"") && !s.contains("tom is down"));
    terminal.press(&["g"]);
    terminal.wait_for("the oldest", |s| s.contains("tom is down") && !s.contains("\"soon\""));
    terminal.press(&["Escape"]);
    terminal.resize(120, 30);
    terminal.wait_for("no panel, and nothing new", |s| {
        s.contains("STATE") && !s.contains("L log") && !s.contains("is back after")
    });
    terminal.expect_answers_keys();
}

#[test]
fn one_that_is_acknowledged_is_no_trouble_until_it_recovers() {
    let (home, farm) = (Home::new(), Farm::new());
    let body = || bodies::within_limits();
    let [a, b] = [(); 2].map(|()| farm.serve(body()));
    let config = format!("nolocal=true\nremote-a-url={}\nremote-b-url={}\n", a.url(), b.url());
    home.write(".config/manytop/manytop.conf", config);
    let terminal = Terminal::run::<&str>(&home, (120, 30), &[]);
    terminal.wait_for_text(&["2 hosts  2 fine"]);
    terminal.press(&["a"]);
    terminal.wait_for_text(&["until:"]);
    terminal.press(&["Escape"]);
    b.now(Manner::Refuse);
    // in its row: for a while the bar says what a key did
    terminal.wait_for("b to be down", |s| s.contains(" DOWN "));
    let row = |screen: &str, name: &str| {
        let is_row = |line: &str| line.split_whitespace().any(|word| word == name);
        screen.lines().skip(3).take(3).position(is_row)
    };
    // trouble comes first, and keys go to the row under the cursor
    terminal.press(&["Home"]);
    terminal.wait_for("b on top", |s| row(s, "b") < row(s, "a"));
    terminal.press(&["a"]);
    terminal.wait_for_text(&["until:"]);
    terminal.press(&["Enter"]);
    // the row under the cursor stays where it is
    terminal.wait_for_text(&["acknowledged until it recovers: b", "x ▌ b ", "acknowledged; conn"]);
    terminal.press(&["Escape"]);
    terminal.wait_for("b below", |s| row(s, "a") < row(s, "b"));
    b.now(Manner::Serve(body()));
    terminal.wait_for("b to be live", |s| !s.contains(" DOWN ") && !s.contains("acknowledged; "));
    b.now(Manner::Refuse);
    terminal.wait_for("an alarm again", |s| s.contains(" DOWN ") && row(s, "b") < row(s, "a"));
}
