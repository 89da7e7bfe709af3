//! The farm does what the tests believe of it.

use super::*;
use crate::bodies;
use std::io::{Read, Write};

fn ask(stream: &mut std::net::TcpStream, target: &str) -> String {
    write!(stream, "GET {target} HTTP/1.1\r\nHost: farm\r\n\r\n").unwrap();
    let mut text = String::new();
    let mut chunk = [0; 4096];
    loop {
        let n = stream.read(&mut chunk).unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk[..n]));
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.split("Content-Length: ").nth(1).unwrap();
            body.len() >= length.lines().next().unwrap().parse().unwrap()
        });
        if n == 0 || whole {
            return text;
        }
    }
}

#[test]
fn it_keeps_connections_counts_dies_and_comes_back() {
    let farm = Farm::new();
    let remote = farm.serve(bodies::text("a 1\n"));
    let mut stream = std::net::TcpStream::connect(remote.address()).unwrap();
    assert!(ask(&mut stream, "/metrics?a=b").ends_with("\r\n\r\na 1\n"));
    remote.now(Manner::Status(404));
    assert!(ask(&mut stream, "/metrics").starts_with("HTTP/1.1 404 "), "same connection");
    assert_eq!(remote.requests(), 2);
    assert_eq!(remote.seen()[0].target, "/metrics?a=b");

    remote.now(Manner::Refuse);
    crate::home::wait_for("a refusal", crate::terminal::PATIENCE, || {
        std::net::TcpStream::connect(remote.address()).is_err().then_some(())
    });
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0, "open connections are closed too");
    remote.now(Manner::Serve(bodies::text("b 2\n")));
    let mut stream = crate::home::wait_for("its return", crate::terminal::PATIENCE, || {
        std::net::TcpStream::connect(remote.address()).ok()
    });
    assert!(ask(&mut stream, "/").ends_with("b 2\n"));
}
