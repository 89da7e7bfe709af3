//! The exporter beside a screen.

use crate::{
    home::{Home, wait_for},
    peers::get,
    ports::Reserved,
    terminal::{PATIENCE, Terminal},
};
use std::{
    net::TcpListener,
    thread::sleep,
    time::{Duration, Instant},
};

#[test]
fn it_exports_more_than_is_shown_and_the_screen_is_none_the_worse() {
    let home = Home::new();
    let place = Reserved::new();
    let address = place.address();
    let export = format!("{address}");
    let terminal = Terminal::run(&home, (120, 40), &["-l", "minimal", "-x", &export]);
    terminal.wait_for_text(&["cpu", &format!("listening on {address}")]);
    let (_, body) = wait_for("a page", PATIENCE, || get(address, "/metrics"));
    // disks are not in that layout, processes are; these are not exported
    assert!(body.contains("gotop_disk_") && body.contains("node_filesystem_size_bytes"), "{body}");
    assert!(!body.contains("manytop_process_"), "{body}");
    // what is read on request only does not turn the machine stale
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(7) {
        let screen = terminal.screen();
        assert!(!screen.to_lowercase().contains("stale"), "{screen}");
        sleep(Duration::from_millis(200));
    }
    terminal.expect_answers_keys();
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
    assert_eq!(get(address, "/metrics"), None);
}

#[test]
fn a_busy_port_is_told_before_the_screen_is_taken() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let terminal = Terminal::run(&home, (120, 40), &["-x", &address]);
    assert_eq!(terminal.wait_for_end(), Some(1));
    let line = format!("-x {address}: port already in use on 127.0.0.1");
    assert_eq!(terminal.screen().trim(), line);
    assert_eq!(terminal.fact("alternate_on"), "0");
}
