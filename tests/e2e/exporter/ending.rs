//! How it ends: answers under way are completed, other connections are closed.

use super::Exporter;
use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner, Remote},
    home::{Home, wait_for},
    peers::get,
    ports::Reserved,
    terminal::{PATIENCE, Terminal, send},
};
use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    thread::{self, JoinHandle},
    time::Duration,
};

/// Takes most of the time that a scrape has.
fn slow(farm: &Farm) -> Remote {
    farm.remote(Manner::After(Duration::from_millis(700), bodies::gotop(Gotop::default())))
}

/// A scrape that the remote has been asked for, and has not answered yet.
fn under_way(address: SocketAddr, slow: &Remote) -> JoinHandle<Option<(u16, String)>> {
    // the first sample, taken at the start, is over
    wait_for("the first sample", PATIENCE, || {
        let (_, body) = get(address, "/metrics")?;
        body.contains("source=\"Bob\",device").then_some(())
    });
    // the page of that sample is shared for a while: only a request that polls the remote again is under way
    wait_for("a scrape under way", PATIENCE, || {
        let before = slow.requests();
        let scrape = thread::spawn(move || get(address, "/metrics"));
        while !scrape.is_finished() {
            if slow.requests() > before {
                return Some(scrape);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    })
}

#[track_caller]
fn expect_answered(scrape: JoinHandle<Option<(u16, String)>>) {
    let (status, body) = scrape.join().unwrap().expect("an answer");
    assert_eq!(status, 200);
    assert!(body.contains("source=\"Bob\",device"), "{body}");
}

#[test]
fn told_to_end_without_a_screen_it_answers_first() {
    let farm = Farm::new();
    for signal in ["TERM", "INT"] {
        let slow = slow(&farm);
        let remote = format!("Bob={}", slow.url());
        let mut exporter =
            Exporter::start(&["--no-local", "--export-remotes", "--remote", &remote]);
        let scrape = under_way(exporter.address(), &slow);
        send(signal, exporter.pid());
        expect_answered(scrape);
        assert_eq!(exporter.wait_for_end(), Some(0), "{signal}");
    }
}

#[test]
fn a_screen_that_is_quit_answers_first() {
    let farm = Farm::new();
    let (home, slow, place) = (Home::new(), slow(&farm), Reserved::new());
    let address = place.address();
    let (remote, export) = (format!("Bob={}", slow.url()), address.to_string());
    // nothing on the screen is of Bob: only a scrape asks it
    let args = [
        "--export-remotes",
        "-x",
        &export,
        "--remote",
        &remote,
        "--set",
        "remote-Bob-refresh=3600",
    ];
    let terminal = Terminal::run(&home, (100, 30), &args);
    terminal.wait_for_text(&["listening on"]);
    let scrape = under_way(address, &slow);
    terminal.press(&["q"]);
    expect_answered(scrape);
    assert_eq!(terminal.wait_for_end(), Some(0));
    assert_eq!(get(address, "/metrics"), None);
}

#[test]
fn who_has_not_asked_yet_is_not_waited_for() {
    let mut exporter = Exporter::start::<&str>(&[]);
    let connect = || TcpStream::connect(exporter.address()).unwrap();
    let (silent, mut partial, mut idle) = (connect(), connect(), connect());
    partial.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ").unwrap();
    super::serving::ask(&mut idle, "GET /-/healthy HTTP/1.1\r\nHost: x");
    exporter.scrape(); // so those before have been taken
    send("TERM", exporter.pid());
    // they are still there when it has ended
    assert_eq!(exporter.wait_for_end(), Some(0));
    drop((silent, partial, idle));
}

#[test]
fn an_answer_that_nobody_takes_does_not_keep_it() {
    let mut exporter = Exporter::start::<&str>(&[]);
    let mut stream = TcpStream::connect(exporter.address()).unwrap();
    // more than the buffers of the way hold
    let requests = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2000);
    let mut ask = stream.try_clone().unwrap();
    let asks = thread::spawn(move || drop(ask.write_all(requests.as_bytes())));
    assert!(stream.peek(&mut [0]).unwrap() > 0, "it answers");
    send("TERM", exporter.pid());
    assert_eq!(exporter.wait_for_end(), Some(0));
    let _ = stream.flush();
    asks.join().unwrap();
}
