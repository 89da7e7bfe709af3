//! How fast bodies of a node_exporter are decoded, and what a remote keeps between two of them.
//!
//! `cargo run --release -p manytop-providers --example decode [BODY [REMOTES]]`
//!
//! 500 remotes have bodies of their own with different numbers (except those written with an
//! exponent), and are read one after the other, in chunks as they come from a socket. All bodies
//! together are 29 MB: more than a core's own caches, but not more than a large shared one. Give more
//! REMOTES to leave that too. The best of some rounds is printed.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use manytop_core::{provider::Selection, vocabulary as v};
use manytop_providers::remote::{DialectCatalog, ScrapeParser};
use std::{sync::Arc, time::Instant};

const CHUNK: usize = 16 * 1024;
const ROUNDS: usize = 20;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let body = match arguments.next() {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => include_str!("../tests/exposition/node_exporter-1.5.0.prom").to_owned(),
    };
    let remotes: usize = arguments.next().map_or(500, |n| n.parse().unwrap());
    let everything = Selection::kinds(&[
        v::CPU,
        v::MEMORY,
        v::TEMPERATURE,
        v::NETWORK,
        v::DISK,
        v::PROCESS,
        v::POWER,
        v::HOST,
    ]);

    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let mut fleet: Vec<(ScrapeParser, String)> = (0..remotes)
        .map(|n| (ScrapeParser::new(catalog.clone(), false), moved(&body, n)))
        .collect();
    for (remote, body) in &mut fleet {
        remote.read(body.as_bytes(), &everything);
    }

    let bytes: usize = fleet.iter().map(|(_, body)| body.len()).sum();
    for (what, want) in [("decoding", Selection::nothing()), ("decoding and readings", everything)]
    {
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for (remote, body) in &mut fleet {
                remote.begin();
                body.as_bytes().chunks(CHUNK).for_each(|chunk| remote.feed(chunk));
                std::hint::black_box(remote.end(&want));
            }
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{what}: {:.2} GB/s, {:.1} µs a body of {} bytes, {remotes} remotes",
            bytes as f64 / best / 1e9,
            best / remotes as f64 * 1e6,
            body.len(),
        );
    }
    let kept = fleet.iter().map(|(remote, _)| remote.footprint()).max().unwrap_or_default();
    println!("{kept} bytes a remote, {} shared series", catalog.pool().len());
}

/// The body with other digits after the first of each value, of the same length.
fn moved(body: &str, n: usize) -> String {
    let mut state = n as u64 * 0x9E37_79B9_7F4A_7C15 + 1;
    let mut line = |line: &str| {
        let Some(blank) = line.rfind(' ').filter(|_| !line.starts_with('#')) else {
            return format!("{line}\n");
        };
        let (key, value) = line.split_at(blank + 2);
        let value: String = value
            .chars()
            .map(|c| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                if c.is_ascii_digit() && !value.contains('e') {
                    char::from(b'0' + (state % 10) as u8)
                } else {
                    c
                }
            })
            .collect();
        format!("{key}{value}\n")
    };
    body.lines().map(&mut line).collect()
}
