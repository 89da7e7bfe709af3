//! The exporter's answers, by path, method and address.

use super::Exporter;
use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::{Home, PATH, binary, finish, wait_for},
    needs::{self, as_ordinary_user},
    peers::get,
    ports::Reserved,
    terminal::PATIENCE,
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Command,
    thread,
    time::Duration,
};

/// The head of an answer, and its body, over a connection that stays.
pub fn ask(stream: &mut TcpStream, request: &str) -> (String, String) {
    write!(stream, "{request}\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "hung up after {head:?}");
    }
    let head = head.to_lowercase();
    let length = head.split("content-length: ").nth(1).map(|rest| rest.lines().next().unwrap());
    let length = length.filter(|_| !request.starts_with("HEAD")).map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

#[test]
fn it_answers_get_and_head_under_any_name_on_one_connection() {
    let exporter = Exporter::start::<&str>(&[]);
    let mut stream = TcpStream::connect(exporter.address()).unwrap();
    let (head, body) = ask(&mut stream, "GET /metrics HTTP/1.1\r\nHost: other.example.com");
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    assert!(body.contains("gotop_memory_Main ") && body.contains("node_load1 "), "{body}");
    let (head, _) = ask(&mut stream, "HEAD /metrics HTTP/1.1\r\nHost: x");
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    let (head, body) = ask(&mut stream, "GET / HTTP/1.1\r\nHost: x");
    assert!(head.starts_with("http/1.1 200 ") && body.contains("/metrics"), "{head}{body}");
    let (_, body) = ask(&mut stream, "GET /-/healthy HTTP/1.1\r\nHost: x");
    assert_eq!(body, "manytop is healthy\n");
    let (head, _) = ask(&mut stream, "GET /other HTTP/1.1\r\nHost: x");
    assert!(head.starts_with("http/1.1 404 "), "{head}");
    let (head, _) = ask(&mut stream, "DELETE /metrics HTTP/1.1\r\nHost: x");
    assert!(head.starts_with("http/1.1 405 ") && head.contains("allow: get, head"), "{head}");
}

#[test]
fn a_head_that_does_not_end_is_hung_up_on() {
    let exporter = Exporter::start::<&str>(&[]);
    let mut stream = TcpStream::connect(exporter.address()).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nX: ").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // a byte now and then does not help
    let mut drip = stream.try_clone().unwrap();
    thread::spawn(move || {
        while drip.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(500));
        }
    });
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest); // an end or a reset, but no time-out of ours
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
    assert!(get(exporter.address(), "/-/healthy").is_some());
}

#[test]
fn a_port_alone_is_this_machine_only_and_it_says_so() {
    let home = Home::new();
    let place = Reserved::on_both();
    let port = place.port();
    let mut command = Command::new(binary());
    command.args(["--headless", "-x", &format!(":{port}")]).env_clear().envs(home.env());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    let only = format!("(this machine only; 0.0.0.0:{port} for the network)\n");
    assert_eq!(said, format!("listening on 127.0.0.1:{port} {only}"));
    let v6: SocketAddr = format!("[::1]:{port}").parse().unwrap();
    if TcpListener::bind("[::1]:0").is_ok() {
        assert!(get(v6, "/-/healthy").is_some(), "IPv6's loopback too");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_port_that_cannot_be_had_is_one_clear_line() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let address = format!(":{port}");
    let complaint = |args: &[&str]| home.run(args).expect(1).stderr;
    assert_eq!(
        complaint(&["--headless", "-x", &address]),
        format!("-x :{port}: port already in use on 127.0.0.1\n")
    );
    assert_eq!(
        complaint(&["--headless", "--set", &format!("metricsexportport={port}")]),
        format!("metricsexportport={port}: port already in use on 127.0.0.1\n")
    );
    let no_port = home.run(&["--headless", "-x", "somewhere"]).expect(2).stderr;
    assert!(no_port.starts_with("-x somewhere: \"somewhere\" is not a port"), "{no_port}");
    assert_eq!(no_port.lines().count(), 1);
    let without = home.run(&["--headless"]).expect(2).stderr;
    assert!(without.contains("-x"), "{without}");
}

#[test]
fn a_port_without_the_right_to_it_is_one_clear_line() {
    as_root!();
    let home = Home::new();
    needs::program("ip");
    let mut command = Command::new("unshare");
    command.args(["-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]);
    command.args(as_ordinary_user());
    command.arg(binary()).args(["--headless", "-x", ":80"]);
    command.env_clear().envs(home.env()).env("PATH", PATH).current_dir("/");
    let done = finish(&mut command, Duration::from_secs(60)).expect(1);
    assert_eq!(done.stderr, "-x :80: no right to port 80; take one from 1024 up\n");
}

#[test]
fn who_does_not_answer_in_time_is_absent_and_the_rest_is_there() {
    let farm = Farm::new();
    let hangs = farm.remote(Manner::Hang);
    let well = farm.serve(bodies::gotop(Gotop::default()));
    let exporter = Exporter::start(&[
        "--export-remotes".to_owned(),
        "--remote".into(),
        format!("Hangs={}", hangs.url()),
        "--remote".into(),
        format!("Well={}", well.url()),
    ]);
    let body = exporter.scrape();
    assert!(body.contains("source=\"Well\",device") && body.contains("node_load1 "), "{body}");
    assert!(body.contains("manytop_source_up{source=\"Hangs\"} 0"), "{body}");
    assert!(!body.contains("source=\"Hangs\",device"), "{body}");
}

#[test]
fn a_scraper_that_says_how_long_it_waits_is_answered_by_then_and_the_others_are_told_all() {
    let farm = Farm::new();
    let slow =
        farm.remote(Manner::After(Duration::from_millis(600), bodies::gotop(Gotop::default())));
    let remote = ["--export-remotes", "--remote"].map(String::from);
    let exporter = Exporter::start(&[&remote[..], &[format!("Bob={}", slow.url())]].concat());
    let ask = |fields: &str| {
        let mut stream = TcpStream::connect(exporter.address()).unwrap();
        ask(&mut stream, &format!("GET /metrics HTTP/1.1\r\nHost: x{fields}"))
    };
    wait_for("all of it", PATIENCE, || ask("").1.contains("source=\"Bob\",device").then_some(()));
    // at first that page is shared
    let (head, body) = wait_for("a page of its own", PATIENCE, || {
        let answer = ask("\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.2");
        (!answer.1.contains("source=\"Bob\",device")).then_some(answer)
    });
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(body.contains("node_load1 "), "{body}");
    // what was enough for one is not all that there is
    let (_, body) = ask("\r\nX-Prometheus-Scrape-Timeout-Seconds: 10");
    assert!(body.contains("source=\"Bob\",device"), "{body}");
}

#[test]
fn names_of_processes_are_served_where_it_was_told_to_and_their_arguments_never() {
    let mut sleeper = Command::new("bash");
    sleeper.args(["-c", "printf plover >/proc/$$/comm; read -r x", "bash", "--password=xyzzy"]);
    sleeper.env("SECRET", "plugh").stdin(std::process::Stdio::piped());
    let mut sleeper = sleeper.spawn().unwrap();
    let comm = format!("/proc/{}/comm", sleeper.id());
    wait_for("its name", PATIENCE, || {
        std::fs::read_to_string(&comm).is_ok_and(|c| c.trim() == "plover").then_some(())
    });
    let silent = Exporter::start::<&str>(&[]).scrape();
    let told = Exporter::start(&["--export-processes"]);
    let told = wait_for("the process", PATIENCE, || {
        Some(told.scrape()).filter(|body| body.contains("plover"))
    });
    drop(sleeper.stdin.take());
    sleeper.wait().unwrap();
    assert!(!silent.contains("plover") && !silent.contains("manytop_process_"), "{silent}");
    for page in [silent, told] {
        assert!(!page.contains("xyzzy") && !page.contains("plugh"), "{page}");
    }
}
