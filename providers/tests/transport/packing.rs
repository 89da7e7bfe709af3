//! Bodies that are packed, as they say or otherwise.

use super::*;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use std::io::Write as _;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

/// An answer with these lines in its head.
fn with(lines: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn packed(body: &[u8]) -> Vec<u8> {
    with("Content-Encoding: gzip\r\n", body)
}

/// Over plain HTTP and over TLS.
fn both(answer: &[u8]) -> [Result<PollResult, Failure>; 2] {
    [false, true].map(|over_tls| {
        let answer = answer.to_vec();
        let server = Server::scripted(over_tls, move |stream, _, report| {
            report(server::head(stream).unwrap());
            let _ = stream.write_all(&answer);
            let _ = stream.flush();
        });
        ask(&[("url", &server.url("/metrics")), ("insecure", "true")])
    })
}

#[test]
fn packing_is_seen_by_the_bytes_whatever_the_headers_say() {
    let text = GOTOP.as_bytes();
    let two = [gzip(&text[..20]), gzip(&text[20..])].concat();
    let long = format!("{GOTOP}{}", "# some words\n".repeat(50_000));
    for (lines, body) in [
        ("Content-Encoding: gzip\r\n", gzip(text)),
        ("Content-Encoding: x-gzip\r\n", gzip(text)),
        ("Content-Encoding: GZIP\r\n", two),
        ("Content-Encoding: gzip, identity\r\n", gzip(long.as_bytes())),
        ("", gzip(text)),
        ("Content-Encoding: br\r\n", gzip(text)),
        ("Content-Encoding: deflate\r\n", zlib(text)),
        ("Content-Encoding: gzip\r\n", text.to_vec()),
        ("Content-Encoding: br\r\n", text.to_vec()),
        ("Content-Encoding: zstd\r\n", text.to_vec()),
        ("Content-Encoding: identity\r\n", text.to_vec()),
    ] {
        for outcome in both(&with(lines, &body)) {
            let answer = outcome.unwrap_or_else(|failure| panic!("{lines:?}: {failure}"));
            assert_eq!(devices(&answer), ["CPU0", "Main"], "{lines:?}");
        }
    }
}

#[test]
fn packing_that_cannot_be_undone_is_named() {
    let text = GOTOP.as_bytes();
    let zstd = zstd::bulk::compress(text, 3).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
    raw.write_all(text).unwrap();
    let raw = raw.finish().unwrap();
    let brotli = b"\x0b\x13\x80gotop_cpu_CPU0 16\n\x03".to_vec();
    let unread = |name: &str| format!("the body is packed with {name}, which is not supported");
    let twice = "the body is packed twice".to_owned();
    let damaged = "the answer is damaged: wrong packing".to_owned();
    let mut torn = gzip(text);
    torn[12] ^= 0xff;
    let short = gzip(text)[..30].to_vec();
    for (lines, body, reason) in [
        ("Content-Encoding: zstd\r\n", zstd.clone(), unread("zstd")),
        ("", zstd, unread("zstd")),
        ("Content-Encoding: br\r\n", brotli, unread("br")),
        ("Content-Encoding: deflate\r\n", raw, unread("deflate")),
        ("Content-Encoding: \u{1b}[31mx\r\n", text.to_vec(), String::new()),
        ("Content-Encoding: gzip\r\n", gzip(&gzip(text)), twice.clone()),
        ("Content-Encoding: gzip, gzip\r\n", gzip(&gzip(text)), twice.clone()),
        ("", gzip(&gzip(text)), twice),
        ("Content-Encoding: gzip\r\n", torn, damaged.clone()),
        ("Content-Encoding: gzip\r\n", short, damaged.clone()),
        ("Content-Encoding: gzip\r\n", vec![7; 100], damaged),
    ] {
        for outcome in both(&with(lines, &body)) {
            let failure = outcome.unwrap_err();
            assert_eq!(failure.class(), Class::Payload, "{failure}");
            assert!(failure.reason().contains(&reason), "{lines:?}: {failure}");
            assert!(!failure.to_string().contains(char::is_control), "{failure:?}");
        }
    }
}

#[test]
fn a_packed_body_is_unpacked_under_the_same_cap() {
    let bomb = gzip(&vec![b'\n'; BODY_MAX + 1024]);
    assert!(bomb.len() < 200_000);
    assert!(failure(packed(&bomb)).reason().starts_with("the body is longer than"));
}
