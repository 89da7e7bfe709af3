//! Faults of one server and its answers.

use super::{
    Row,
    Shows::{Down, Live, Slow, Unread, Unsteady},
    healthy,
};
use crate::{
    bodies,
    farm::{Farm, Manner, Remote, Then},
};
use flate2::{Compression, write::GzEncoder};
use std::{io::Write, sync::Arc, time::Duration};

/// Bytes that go out as they are, after this head.
fn raw(head: &'static str, body: impl Into<Vec<u8>>, then: Then) -> Manner {
    let whole = [b"HTTP/1.1 200 OK\r\n", head.as_bytes(), b"\r\n\r\n", &body.into()].concat();
    Manner::Raw(Arc::new(move |_| whole.clone()), then)
}

/// With its length before it.
pub fn bytes(body: Vec<u8>) -> Manner {
    let mut whole =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    whole.extend(body);
    Manner::Raw(Arc::new(move |_| whole.clone()), Then::Keep)
}

/// A healthy answer as servers of odd habits send it, and answers packed as they are not asked for.
fn odd() -> Vec<(&'static str, Manner, super::Shows)> {
    let body = healthy()(1, Duration::ZERO).into_bytes();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&body).unwrap();
    let gzip = packer.finish().unwrap();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&gzip).unwrap();
    let twice = packer.finish().unwrap();
    let zstd = [b"\x28\xb5\x2f\xfd\x04\x00", &body[..]].concat();
    let with = |version: &str, headers: &str, body: &[u8]| {
        let length = body.len();
        let head = format!("{version} 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    let sends = |bytes: Vec<u8>| Manner::Raw(Arc::new(move |_| bytes.clone()), Then::Keep);
    let packed = "Content-Encoding: gzip\r\n";
    let forged = "gotop_cpu_CPU0 99\n";
    let two = [with("HTTP/1.1", "", &body), with("HTTP/1.1", "", forged.as_bytes())].concat();
    let digest = "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"a, Basic\", nonce=\"b\"\r\n\
                  Content-Length: 0\r\n\r\n";
    vec![
        ("http-1.2", sends(with("HTTP/1.2", "", &body)), Live),
        ("folded-header", sends(with("HTTP/1.1", "X-A: a\r\n  b\r\n", &body)), Live),
        ("says-identity", sends(with("HTTP/1.1", "Transfer-Encoding: identity\r\n", &body)), Live),
        ("two-answers", sends(two), Live),
        ("packs-unasked", sends(with("HTTP/1.1", packed, &gzip)), Live),
        ("packs-in-secret", sends(with("HTTP/1.1", "", &gzip)), Live),
        ("says-it-packs", sends(with("HTTP/1.1", packed, &body)), Live),
        ("packs-twice", sends(with("HTTP/1.1", packed, &twice)), Down("the body is packed twice")),
        (
            "packs-by-zstd",
            sends(with("HTTP/1.1", "Content-Encoding: zstd\r\n", &zstd)),
            Down("the body is packed with zstd, which is not supported"),
        ),
        (
            "asks-for-digest",
            sends(digest.into()),
            Down("401: the server asks for digest authentication, which is not supported"),
        ),
    ]
}

/// Every manner that needs nothing but the farm, for the soak too.
pub fn manners() -> Vec<(&'static str, Manner, super::Shows)> {
    let body = healthy()(1, Duration::ZERO);
    let text = |text: &str| Manner::Serve(bodies::text(text));
    let chunked = "Transfer-Encoding: chunked";
    let broken_chunk = format!("{:x}\r\n{}\r\n{:x}\r\n{}", 100, &body[..100], 500, &body[100..300]);
    let mut not_utf8 = body.clone().into_bytes();
    not_utf8
        .extend(b"gotop_temp_\xff\xfe\xc3\x28 40\ngotop_disk_:dev:\xe2\x28\xa1 0.5\n\xff\xff\n");
    let binary: Vec<u8> = (0..5000_u32).map(|n| ((n * 7919) >> 3) as u8 | 0x80).collect();
    let long = format!("Content-Length: {}", body.len() + 1000);
    let short = "Content-Length: 40";
    let mut manners = odd();
    manners.extend([
        ("refused", Manner::Refuse, Down("connection refused by 127.0.0.1")),
        ("never-answers", Manner::Hang, Down("no answer within 2 s")),
        ("headers-then-silence", Manner::HeadersThenSilence, Down("no answer within 2 s")),
        ("byte-a-second", Manner::Drip(healthy()), Down("no answer within 2 s")),
        ("closed-in-body", Manner::ResetInBody(healthy()), Down("the answer broke off")),
        (
            "reset-in-body",
            raw("Content-Length: 9999", &body[..200], Then::Reset),
            Down("connection reset by 127.0.0.1"),
        ),
        ("truncated-chunks", raw(chunked, broken_chunk, Then::Close), Down("the answer broke off")),
        (
            "damaged-chunks",
            raw(chunked, "zz\r\nup 1\r\n", Then::Close),
            Down("the answer is damaged: the size of a chunk is not a number"),
        ),
        (
            "length-too-long",
            raw(long.leak(), body.clone(), Then::Close),
            Down("the answer broke off"),
        ),
        ("length-too-short", raw(short, body.clone(), Then::Close), Slow),
        (
            "not-http",
            Manner::Raw(Arc::new(|_| b"220 mail ESMTP\r\n".to_vec()), Then::Close),
            Down("does not speak HTTP"),
        ),
        (
            "closes-at-once",
            Manner::Raw(Arc::new(|_| Vec::new()), Then::Close),
            Down("closed the connection"),
        ),
        ("status-500", Manner::Status(500), Down("500 at /metrics")),
        ("status-503", Manner::Status(503), Down("503 at /metrics")),
        ("status-401", Manner::Status(401), Down("401: wrong user or password")),
        ("status-403", Manner::Status(403), Down("403: not allowed to read /metrics")),
        ("status-404", Manner::Status(404), Down("404 at /metrics")),
        (
            "html",
            Manner::Html("<!DOCTYPE html><title>Log in</title>"),
            Down("HTML, not Prometheus text"),
        ),
        ("empty-body", text(""), Down("the body is empty")),
        ("blank-body", text("\n\n \n"), Down("the body is blank")),
        ("binary", bytes(binary), Down("not Prometheus text")),
        (
            "other-metrics",
            text("up 1\n"),
            Unread("answers with 1 series: up; no dialect reads them"),
        ),
        ("invalid-utf8", bytes(not_utf8), Live),
        ("late-by-1.2s", Manner::After(Duration::from_millis(1200), healthy()), Slow),
    ]);
    manners
}

/// The rows. `elsewhere` is the target of a redirect that must not be followed.
pub fn rows(farm: &Farm, elsewhere: &Remote) -> Vec<Row> {
    let mut rows: Vec<Row> = manners()
        .into_iter()
        .map(|(name, manner, shows)| Row::new(farm, name, manner, shows))
        .collect();
    let to = |remote: &Remote| Manner::Redirect(remote.url().replace("127.0.0.1", "localhost"));
    rows.push(Row::new(
        farm,
        "redirect-elsewhere",
        to(elsewhere),
        Down("302 to localhost: not followed"),
    ));
    let looped =
        Row::new(farm, "redirect-loop", Manner::Refuse, Down("302 to 127.0.0.1: not followed"));
    let (here, itself) = (looped.asked.clone(), looped.asked.url());
    let begin = Box::new(move || here.now(Manner::Redirect(itself.clone())));
    rows.push(Row { begin, ..looped });
    // Up in one second, away in the next.
    let restarts = Row::new(farm, "restarts", Manner::Refuse, Unsteady);
    let (server, began) = (restarts.asked.clone(), std::time::Instant::now());
    let is_up = std::cell::Cell::new(true);
    let go_on = Box::new(move |_| {
        let up = began.elapsed().as_secs() % 2 == 0;
        if is_up.replace(up) != up {
            server.now(if up { Manner::Serve(healthy()) } else { Manner::Refuse });
        }
    });
    rows.push(Row { go_on: Some(go_on), ..restarts });
    rows
}
