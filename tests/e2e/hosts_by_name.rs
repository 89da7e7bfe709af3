//! Hosts on the command line, by their names alone.

use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::{Farm, Manner},
    faults::network::Network,
    home::Home,
    once::Once,
    peers::Peer,
    terminal::Terminal,
};
use std::{ffi::OsStr, time::Duration};

/// A loopback address of a network of its own, in which the usual ports are free.
fn host(nth: u32) -> String {
    format!("127.77.0.{nth}")
}

#[test]
fn a_host_is_found_at_the_usual_ports_and_it_is_said_what_was_found() {
    as_root!();
    Network::new().inside(finds_hosts_at_the_usual_ports);
}

fn finds_hosts_at_the_usual_ports() {
    let home = Home::new();
    let [node, many, nobody] = [1, 2, 3].map(host);
    let _node = Peer::node_exporter_at(format!("{node}:9100").parse().unwrap());
    let _many = Exporter::at::<&str>(&format!("{many}:8089"), &[]);
    let farm = Farm::new();
    let gotop = farm.serve(bodies::gotop(Gotop::default()));
    let given = gotop.address().to_string();
    let args = ["--once=json", "--no-local", &node, &many, &nobody, &given];
    let done = home.run(&args).expect(3);
    for said in [
        format!("note: {node}: found at {node}:9100: node_exporter"),
        format!("note: {many}: found at {many}:8089: "),
    ] {
        assert!(done.stderr.contains(&said), "no {said:?} in\n{}", done.stderr);
    }
    assert!(
        !done.stderr.contains("127.0.0.1: found"),
        "what was given is no news: {}",
        done.stderr
    );
    let once = Once::read(done);
    let names: Vec<_> = once.sources().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, [&*node, &*many, &*nobody, "127.0.0.1"]);
    for name in [&*node, &*many, "127.0.0.1"] {
        assert_eq!(once.state(name), "live", "{name}");
    }
    let error = once.source(&nobody)["error"].to_string();
    assert!(
        error.contains(":9100 connection refused") && error.contains(":8089 connection"),
        "{error}"
    );
    assert!(error.contains("write HOST:PORT, or a URL"), "{error}");
}

#[test]
fn a_file_names_hosts_and_its_mistakes_are_told_by_line() {
    let home = Home::new();
    let farm = Farm::new();
    let body = bodies::gotop(Gotop::default());
    let (one, two) = (farm.serve(body.clone()), farm.serve(body));
    let text = format!("# the shop\n{}  # first\n\ndb {}?x=1\n", one.address(), two.url());
    home.write("hosts.txt", text);
    let once = Once::read(home.run(&["--once=json", "--no-local", "@hosts.txt"]).expect(0));
    assert_eq!((once.state("127.0.0.1"), once.state("db")), ("live", "live"));
    assert!(two.seen().iter().all(|seen| seen.target == "/metrics?x=1"));

    home.write("wrong.txt", "web1\nweb 1\nweb1\nhttp://u:secret@h/\n");
    let refused = home.run(&["--check-config", "@wrong.txt", "@nowhere.txt"]).expect(2);
    for line in [
        "wrong.txt:2: \"web 1\" is not a host",
        "wrong.txt:3: web1 is given twice",
        "@nowhere.txt: no such file",
    ] {
        assert!(refused.stderr.contains(line), "no {line:?} in\n{}", refused.stderr);
    }
    home.write("secret.txt", "http://u:secret@h/\n");
    let refused = home.run(&["--check-config", "@secret.txt"]).expect(2);
    assert!(refused.stderr.contains("secret.txt:1: remote-h-url: "), "{}", refused.stderr);
    assert!(!refused.stderr.contains("u:secret"), "{}", refused.stderr);
    home.write("my.conf", "");
    let refused = home.run(&[OsStr::new("my.conf")]).expect(2);
    assert!(refused.stderr.contains("-C my.conf") && refused.stderr.contains("@my.conf"));
}

#[test]
fn the_first_frame_does_not_wait_for_what_is_looked_for() {
    as_root!();
    Network::new().inside(draws_before_hosts_are_found);
}

fn draws_before_hosts_are_found() {
    let home = Home::new();
    let farm = Farm::new();
    let hangs = farm.remote(Manner::Hang);
    let late = farm.remote(Manner::After(
        Duration::from_secs(3),
        bodies::gotop(Gotop { cores: vec![77], ..Gotop::default() }),
    ));
    let (a, b) = (format!("a http://{}/", hangs.address()), late.address().to_string());
    home.write("slow.txt", format!("{a}\n{b}\n"));
    let nobody = host(9);
    let layout = home.write("hosts.layout", "hosts\n").display().to_string();
    let args = ["--no-local", "-l", &layout, "@slow.txt", &nobody];
    let terminal = Terminal::run(&home, (160, 12), &args);
    // no host has answered yet, and all are listed
    let screen = terminal.wait_for_text(&[" a ", "127.0.0.1", &nobody]);
    let answers = |screen: &str| screen.lines().skip(1).any(|line| line.contains(" live "));
    assert!(!answers(&screen), "{screen}");
    terminal.expect_answers_keys();
    terminal.wait_for("answers", |s| answers(s) && s.contains("nothing found"));
}
