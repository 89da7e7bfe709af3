//! The main job: this machine and a remote gotop, side by side on one screen.

use crate::{
    bodies::{self, GOTOP_RECEIVES, GOTOP_SENDS, Gotop},
    farm::Farm,
    home::Home,
    once::near,
    terminal::Terminal,
};
use std::ffi::OsStr;

/// The two lines of the seed.
fn config(home: &Home, url: &str) -> std::path::PathBuf {
    home.write("myserver.conf", format!("remote-Jerry-url={url}\nremote-Jerry-refresh=2\n"))
}

#[test]
fn the_screen_shows_a_remote_gotop_beside_this_machine() {
    let home = Home::new();
    let farm = Farm::new();
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let config = config(&home, &jerry.url());
    let start = |layout: &str| {
        let args = [OsStr::new("-C"), config.as_os_str(), OsStr::new("-l"), OsStr::new(layout)];
        // so wide that labels of single devices have room beside the graphs
        Terminal::run(&home, (200, 60), &args)
    };
    let terminal = start("gotop");
    let screen = terminal.wait_for_text(&["Jerry-Main", "Jerry-Swap", "Jerry-CPU0"]);
    assert!(!screen.contains("TB"), "invented bytes:\n{screen}");
    terminal.wait_for("the served values", |screen| {
        let has = |label: &str, value: &str| row(screen, label).is_some_and(|r| r.contains(value));
        has("Jerry-CPU0", "37")
            && has("Jerry-CPU1", "58")
            && has("Jerry-Main", "62")
            && has("Jerry-Swap", "12")
            && has("Jerry-vda", "83")
            && has("Jerry-all", "▼ 2")
    });
    terminal.wait_for("this machine's own processors and memory", |screen| {
        let own =
            |device: &str| screen.match_indices(device).any(|(at, _)| !screen[..at].ends_with('-'));
        own("CPU0") && own("Main")
    });
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));

    let terminal = start("default");
    terminal.wait_for("a row of the served values", |screen| {
        let rows: Vec<&str> = screen.lines().filter(|line| line.contains(" Jerry ")).collect();
        rows.iter()
            .any(|row| ["live", " 48 ", " 62 ", " 83!", " 40k "].iter().all(|v| row.contains(v)))
    });
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
}

fn row<'a>(screen: &'a str, label: &str) -> Option<&'a str> {
    screen.lines().find_map(|line| line.split_once(label)).map(|(_, rest)| rest)
}

#[test]
fn a_remote_gotop_in_json_is_what_was_served() {
    let home = Home::new();
    let farm = Farm::new();
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let text = std::fs::read_to_string(config(&home, &jerry.url())).unwrap();
    let once = home.once(&text, &[] as &[&str], 0);
    for (kind, device, quantity, value) in [
        ("cpu", "CPU0", "percent", 37.0),
        ("cpu", "CPU1", "percent", 58.0),
        ("memory", "Main", "percent", 61.5),
        ("memory", "Swap", "percent", 12.25),
        ("disk", "vda", "percent", 83.0),
    ] {
        let got = once.value("Jerry", kind, device, quantity);
        assert!(near(got, value), "{kind} {device} {quantity}: {got}, not {value}");
    }
    // gotop's counters go on once a second; two looks about a second apart see one or two steps.
    for (quantity, rate) in [
        ("received_bytes_per_second", GOTOP_RECEIVES as f64),
        ("sent_bytes_per_second", GOTOP_SENDS as f64),
    ] {
        let got = once.value("Jerry", "network", "all", quantity);
        assert!(got > rate * 0.4 && got < rate * 2.5, "{quantity}: {got}, not about {rate}");
    }
    assert!(once.find("local", "cpu", "CPU0").is_some(), "and this machine beside it");
}
