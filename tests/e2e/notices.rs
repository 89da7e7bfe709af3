//! Notices of alerts: many at once, at the end of the program, and beside another one.

use crate::{
    alerts::{Headless, LONG, config, configure, memory, nth_told, teller, told},
    farm::{Farm, Manner, Remote},
    home::{Home, wait_for},
    ports::Reserved,
    terminal::{PATIENCE, Terminal, send},
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A server that takes what is posted to it.
struct Receiver {
    bodies: Arc<Mutex<Vec<String>>>,
    _place: Reserved,
}

impl Receiver {
    fn start(place: Reserved) -> Receiver {
        let listener = TcpListener::bind(place.address()).unwrap();
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let taken = bodies.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if let Some(body) = posted(stream.unwrap()) {
                    taken.lock().unwrap().push(body);
                }
            }
        });
        Receiver { bodies, _place: place }
    }

    fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

/// The body of one request, which is answered.
fn posted(mut stream: TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
    String::from_utf8(body).ok()
}

#[test]
fn a_notice_that_waits_is_sent_at_the_end_and_an_undelivered_one_after_the_next_start() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.remote(memory(50.0));
    let address = Reserved::new();
    home.write(
        ".config/manytop/manytop.conf",
        format!(
            "{}alert-hook-when=mem>90\nalert-hook-webhook=http://{}/hook\n",
            config(&home, &remote),
            address.address()
        ),
    );
    let state = home.path().join(".state/manytop/alerts.json");
    let mut headless = Headless::start(&home);
    wait_for("a request", PATIENCE, || (!remote.seen().is_empty()).then_some(()));
    remote.now(memory(93.0));
    let before = remote.seen().len();
    wait_for("polls", PATIENCE, || (remote.seen().len() > before + 2).then_some(()));
    // the program runs at the end, well before the notice was due
    send("TERM", headless.child.id());
    headless.child.wait().unwrap();
    let line = nth_told(&home, 0);
    assert!(line.starts_with("firing db "), "{line}");
    // nothing listens at the webhook: the notice is kept
    let saved = fs::read_to_string(&state).unwrap();
    assert!(saved.contains("\"undelivered\": [") && saved.contains("mem 93 %"), "{saved}");
    let receiver = Receiver::start(address);
    let again = Headless::start(&home);
    let body = wait_for("the notice", LONG, || receiver.bodies().into_iter().next());
    let notice: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&notice["rule"], &notice["change"]), (&"hook".into(), &"firing".into()));
    drop(again);
    assert_eq!(told(&home).len(), 1, "what was told is not told again");
}

#[test]
fn two_programs_do_not_write_the_same_state() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.remote(memory(97.0));
    let layout = configure(&home, &remote);
    let args = ["-l".as_ref(), layout.as_os_str()];
    let acknowledge = |terminal: &Terminal| {
        terminal.wait_for_text(&["mem 97 > 95"]);
        terminal.press(&["a"]);
        terminal.wait_for_text(&["until:"]);
        terminal.press(&["Enter"]);
        terminal.wait_for_text(&["acknowledged until it recovers: db"]);
    };
    let first = Terminal::run(&home, (160, 48), &args);
    acknowledge(&first);
    let second = Terminal::run(&home, (160, 48), &args);
    second.wait_for_text(&["mem 97 > 95"]);
    second.press(&["A"]);
    second.wait_for_text(&["until it recovers"]);
    second.press(&["Enter"]);
    second.wait_for_text(&["another manytop keeps the alerts"]);
    drop(second);
    drop(first);
    let third = Terminal::run(&home, (160, 48), &args);
    third.wait_for_text(&["mem 97 > 95"]);
    third.press(&["A"]);
    third.wait_for_text(&["until it recovers"]);
}

#[test]
fn many_hosts_that_are_lost_at_once_are_one_notice() {
    const HOSTS: usize = 300;
    let (home, farm) = (Home::new(), Farm::new());
    let remotes: Vec<Remote> = (0..HOSTS).map(|_| farm.remote(memory(50.0))).collect();
    let mut config = format!(
        "nolocal=true\nalerts=off\nremote-*-tags=web\nalert-lost-when=state=down\n\
         alert-lost-for=2s\nalert-lost-run={}\n",
        teller(&home)
    );
    for (n, remote) in remotes.iter().enumerate() {
        config += &format!("remote-web-{n}-url={}\n", remote.url());
    }
    home.write(".config/manytop/manytop.conf", config);
    let _headless = Headless::start(&home);
    let answered = |times| remotes.iter().all(|remote| remote.requests() >= times);
    wait_for("answers of all", LONG, || answered(2).then_some(()));
    remotes.iter().for_each(|remote| remote.now(Manner::Refuse));
    let notice = |nth| -> Value {
        let line = nth_told(&home, nth);
        serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap()
    };
    let lost = notice(0);
    assert_eq!((&lost["change"], &lost["group"]), (&"firing".into(), &"web".into()), "{lost}");
    assert_eq!(lost["count"], HOSTS, "{}", lost["text"]);
    remotes.iter().for_each(|remote| remote.now(memory(50.0)));
    let back = notice(1);
    assert_eq!((&back["change"], &back["count"]), (&"resolved".into(), &HOSTS.into()), "{back}");
    assert_eq!(told(&home).len(), 2);
}
