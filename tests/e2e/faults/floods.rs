//! Faults of too much: what a remote may send is bounded, whatever it sends.

use super::{
    Row,
    Shows::{Down, Note},
    healthy,
    matrix::{Stage, play},
};
use crate::farm::{Farm, Manner, Then};
use flate2::{Compress, Compression, FlushCompress};
use std::{sync::Arc, time::Duration};

const LONGER: &str = "the body is longer than 64 MiB";

/// Comments; decoding them costs next to nothing, so that the flood comes at full speed.
fn comments() -> Vec<u8> {
    let line = [&b"# "[..], &[b'x'; 60_000], b"\n"].concat();
    line.repeat(4)
}

/// A mebibyte of nothing, packed so that any number of these can follow each other.
fn packed_block() -> Vec<u8> {
    let mut packed = Vec::with_capacity(64 * 1024);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&vec![b'#'; 1 << 20], &mut packed, FlushCompress::Full).unwrap();
    packed
}

/// A gotop's answer with this behind it.
fn and(more: Vec<u8>) -> Manner {
    let mut body = healthy()(1, Duration::ZERO).into_bytes();
    body.extend(more);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let whole = [head.into_bytes(), body].concat();
    Manner::Raw(Arc::new(move |_| whole.clone()), Then::Keep)
}

/// The floods, and how each is to be spoken of. For the soak too.
pub fn manners() -> Vec<(&'static str, Manner, super::Shows)> {
    let flood =
        |head, bytes: Vec<u8>, chunked| Manner::Flood { head, bytes: bytes.into(), chunked };
    let block = comments();
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bomb.extend(packed_block().repeat(1024));
    let packed =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n".as_bytes();
    let bomb = [packed, &bomb].concat();
    let mut line = b"gotop_temp_x{a=\"".to_vec();
    line.resize(10 << 20, b'y');
    line.extend(b"\"} 40\n");
    vec![
        (
            "announces-1-GB",
            flood("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", block.clone(), false),
            Down(LONGER),
        ),
        (
            "sends-1-GB",
            flood("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", block.clone(), false),
            Down(LONGER),
        ),
        (
            "endless-chunks",
            flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", block, true),
            Down(LONGER),
        ),
        ("gzip-bomb", Manner::Raw(Arc::new(move |_| bomb.clone()), Then::Close), Down(LONGER)),
        (
            "endless-headers",
            flood("HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n".repeat(1000), false),
            Down("sends more than 100 headers"),
        ),
        (
            "endless-header",
            flood("HTTP/1.1 200 OK\r\nX-Long: ", vec![b'x'; 60_000], false),
            Down("are too long"),
        ),
        (
            "endless-announcements",
            flood("", b"HTTP/1.1 102 Processing\r\n\r\n".repeat(1000), false),
            Down("announces answers (1xx) again and again and sends none"),
        ),
        ("line-of-10-MB", and(line), Note("lines that are too long are left out")),
        (MANY, and(million()), Note("too many series")),
    ]
}

/// A million series, every tenth of them of a name that is read.
fn million() -> Vec<u8> {
    let mut out = Vec::with_capacity(40_000_000);
    for n in 0..1_000_000 {
        let line = match n % 10 {
            0 => format!("gotop_temp_t{n} 40\n"),
            _ => format!("http_requests_total{{n=\"{n}\"}} 1\n"),
        };
        out.extend(line.bytes());
    }
    out
}

fn play_those(wanted: impl Fn(&str) -> bool) {
    let farm = Farm::new();
    let rows: Vec<Row> = manners()
        .into_iter()
        .filter(|(name, ..)| wanted(name))
        .map(|(name, manner, shows)| Row::new(&farm, name, manner, shows))
        .map(|row| row.with(&["timeout=20", "refresh=2"]))
        .collect();
    assert!(!rows.is_empty());
    // A debug build takes its time to read 64 MiB.
    let stage = Stage {
        refresh: 2,
        at_once: false,
        growth_kib: 20 * 1024,
        peak_kib: 20 * 1024,
        ..Stage::default()
    };
    play(&stage, &farm, &rows);
}

const MANY: &str = "million-series";

#[test]
fn floods() {
    play_those(|name| name != MANY);
}

/// By itself: it is the one flood that has to be read line by line, which takes a debug build seconds.
#[test]
fn a_million_series() {
    play_those(|name| name == MANY);
}
