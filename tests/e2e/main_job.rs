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
    for layout in ["gotop", "default"] {
        let args = [OsStr::new("-C"), config.as_os_str(), OsStr::new("-l"), OsStr::new(layout)];
        let terminal = Terminal::run(&home, (160, 48), &args);
        let screen = terminal.wait_for_text(&["Jerry", "Main", "Swap", "CPU0"]);
        assert!(!screen.contains("TB"), "invented bytes:\n{screen}");
        terminal.wait_for("the served values", |screen| {
            let cpu0 = row(screen, "Jerry-CPU0").is_some_and(|r| r.contains("37"));
            let cpu1 = row(screen, "Jerry-CPU1").is_some_and(|r| r.contains("58"));
            let main =
                row(screen, "Jerry-Main").is_some_and(|r| r.contains("61") || r.contains("62"));
            let swap = screen.contains("Jerry-Swap")
                || row(screen, "Jerry-Main").is_some_and(|r| r.contains("Swap"));
            cpu0 && cpu1 && main && swap && screen.contains("12")
        });
        terminal.wait_for("remote disk and network", |screen| {
            screen.contains("vda") && screen.contains("83") && screen.contains("250")
        });
        terminal.wait_for("this machine's own processors and memory", |screen| {
            let own = |device: &str| {
                screen.match_indices(device).any(|(at, _)| !screen[..at].ends_with('-'))
            };
            own("CPU0") && own("Main")
        });
        terminal.press(&["q"]);
        assert_eq!(terminal.wait_for_end(), Some(0));
    }
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
