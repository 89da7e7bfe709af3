//! Requests that no scraper sends: each is refused in a few bytes, and the next good client is served.

use super::Exporter;
use crate::peers::get;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

/// The status that comes back for these bytes, 0 when it hangs up without one, and the whole answer.
fn send(address: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (mut to, bytes) = (stream.try_clone().unwrap(), bytes.to_vec());
    // beside reading: it may hang up before it has read all
    let writes = thread::spawn(move || drop(to.write_all(&bytes)));
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => answer.extend(&piece[..n]),
            Err(e) => {
                assert!(e.kind() != std::io::ErrorKind::WouldBlock, "it never hangs up");
                break;
            }
        }
    }
    writes.join().unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
    (status.unwrap_or(0), answer)
}

fn line(method: &str, target: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Sends each, compares what comes back, and looks for a good client in between.
fn expect(cases: &[(&str, Vec<u8>, &[u16])]) {
    let exporter = Exporter::start::<&str>(&[]);
    let mut wrong = Vec::new();
    for (what, bytes, statuses) in cases {
        let (status, answer) = send(exporter.address(), bytes);
        if !statuses.contains(&status) {
            wrong.push(format!("{what}: {status}, not {statuses:?}"));
        }
        if status != 200 && answer.len() > 512 {
            wrong.push(format!("{what}: refused in {} bytes", answer.len()));
        }
        if answer.contains("<script") {
            wrong.push(format!("{what}: said again what was sent"));
        }
        let well = get(exporter.address(), "/-/healthy").is_some_and(|(status, _)| status == 200);
        assert!(well, "not served after {what}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_exact_paths_are_there() {
    let missing = |target: &'static str| (target, line("GET", target), &[404][..]);
    let long = format!("/{}", "a".repeat(10_000));
    let too_long = format!("/{}", "a".repeat(100_000));
    expect(&[
        missing("//metrics"),
        missing("/metrics/"),
        missing("/metrics/../metrics"),
        missing("/x/../metrics"),
        missing("/./metrics"),
        missing("/%2e%2e/metrics"),
        missing("/..%2fmetrics"),
        missing("/metric%73"),
        missing("/metrics%00"),
        missing("/metrics;x"),
        missing("/METRICS"),
        missing("/../../../../etc/passwd"),
        missing("/%3Cscript%3E"),
        ("a long path", line("GET", &long), &[404]),
        ("a path without an end", line("GET", &too_long), &[414, 431]),
        ("a zero byte", line("GET", "/metrics\0"), &[400]),
        ("no slash", line("GET", "metrics"), &[400, 404]),
        ("a script", line("GET", "/<script>alert(1)</script>"), &[400, 404]),
        // these say /metrics in another way that HTTP has
        ("absolute", line("GET", "http://other.example.com:80/metrics"), &[200]),
        ("a query", line("GET", "/metrics?name=../../etc/passwd&collect[]=cpu"), &[200]),
        ("without a Host", b"GET /metrics HTTP/1.0\r\n\r\n".to_vec(), &[200]),
    ]);
}

#[test]
fn only_get_and_head_are_answered() {
    let refused = |method: &'static str| (method, line(method, "/metrics"), &[405][..]);
    let post = |rest: &str| format!("POST /metrics HTTP/1.1\r\nHost: x\r\n{rest}").into_bytes();
    let stream = [post("Transfer-Encoding: chunked\r\n\r\n"), b"10000\r\nxyz".repeat(100_000)];
    expect(&[
        refused("POST"),
        refused("PUT"),
        refused("DELETE"),
        refused("PATCH"),
        refused("TRACE"),
        refused("OPTIONS"),
        refused("PROPFIND"),
        refused("get"),
        ("<script>", line("<script>", "/metrics"), &[400]),
        ("OPTIONS *", line("OPTIONS", "*"), &[405]),
        ("CONNECT", line("CONNECT", "other.example.com:443"), &[405]),
        ("a body without an end", stream.concat(), &[0, 400, 405]),
        (
            "a length past all numbers",
            post("Content-Length: 99999999999999999999999\r\n\r\n"),
            &[400],
        ),
        ("two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), &[400]),
        ("a negative length", post("Content-Length: -1\r\n\r\n"), &[400]),
    ]);
}

#[test]
fn heads_that_are_too_much_or_no_heads_are_refused() {
    let with = |fields: &str| {
        format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{fields}Connection: close\r\n\r\n")
            .into_bytes()
    };
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(40);
    expect(&[
        ("one field of a megabyte", with(&format!("X: {}\r\n", "a".repeat(1 << 20))), &[431]),
        ("10,000 fields", with(&"X: y\r\n".repeat(10_000)), &[431]),
        ("101 fields", with(&"X: y\r\n".repeat(101)), &[431]),
        ("a name without an end", with(&"X".repeat(1 << 20)), &[400, 431]),
        ("a zero byte", with("X: a\0b\r\n"), &[400]),
        ("no colon", with("nothing\r\n"), &[400]),
        ("a folded line", with("X: a\r\n b\r\n"), &[400]),
        ("an impossible version", b"GET /metrics HTTP/9.9\r\n\r\n".to_vec(), &[400]),
        ("no version", b"GET /metrics\r\n\r\n".to_vec(), &[400]),
        ("HTTP/2", preface, &[0, 400, 405]),
        ("TLS", hello, &[0, 400]),
        ("binary", (0..=255).cycle().take(50_000).collect(), &[0, 400]),
        ("blank lines without an end", b"\r\n".repeat(50_000), &[0, 400, 431]),
        ("nonsense to wait for", with("X-Prometheus-Scrape-Timeout-Seconds: 1e999\r\n"), &[200]),
        ("and more of it", with("X-Prometheus-Scrape-Timeout-Seconds: \"'--\r\n"), &[200]),
    ]);
}

#[test]
fn requests_one_after_the_other_without_waiting_are_answered_in_order() {
    let exporter = Exporter::start::<&str>(&[]);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut requests = String::new();
    for _ in 0..20 {
        requests += &(get("/-/healthy") + &get("/other"));
    }
    let (_, answers) = send(exporter.address(), (requests + "GET / HTTP/1.0\r\n\r\n").as_bytes());
    let statuses: Vec<_> = answers.split("HTTP/1.").skip(1).map(|a| a[2..5].to_owned()).collect();
    assert_eq!(statuses[..40], ["200", "404"].repeat(20));
    assert_eq!(statuses[40..], ["200"]);
}
