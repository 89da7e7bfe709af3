//! What a scrape costs, at both ends, by format, packing and protocol. `benches/transports` runs it.
//!
//! `transports EXPORTER-PID PROXY-PID CA H1-URL H2-URL [ROUNDS [SCRAPES]]`
//!
//! Text is read as manytop reads it. Protobuf is walked through, which is less than would have to be done: each
//! name is looked up, and no reading is made of what is found.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use flate2::read::GzDecoder;
use manytop_core::{provider::Selection, vocabulary as v};
use manytop_providers::remote::{DialectCatalog, ScrapeParser};
use reqwest::{Certificate, Client, header};
use std::{collections::HashSet, fs, hint::black_box, io::Read, sync::Arc};

const TEXT: &str = "text/plain;version=0.0.4";
const PROTOBUF: &str =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

struct Way {
    protobuf: bool,
    packing: &'static str,
    http2: bool,
    bytes: usize,
    /// Microseconds a scrape of reader, proxy and exporter, round by round.
    spent: Vec<[f64; 3]>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [exporter, proxy, ca, h1, h2, more @ ..] = &arguments[..] else {
        panic!("transports EXPORTER-PID PROXY-PID CA H1-URL H2-URL [ROUNDS [SCRAPES]]")
    };
    let number = |nth: usize, default| more.get(nth).map_or(default, |n| n.parse().unwrap());
    let (rounds, scrapes) = (number(0, 7), number(1, 40));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = Certificate::from_pem(&fs::read(ca).unwrap()).unwrap();
    let client = || {
        Client::builder()
            .no_proxy()
            .no_gzip()
            .tcp_nodelay(true)
            .tls_certs_only([ca.clone()])
            .build()
            .unwrap()
    };
    let mut ways = Vec::new();
    for http2 in [false, true] {
        for protobuf in [false, true] {
            for packing in ["identity", "gzip", "zstd"] {
                ways.push(Way { protobuf, packing, http2, bytes: 0, spent: Vec::new() });
            }
        }
    }
    let wanted =
        Selection::kinds(&[v::CPU, v::MEMORY, v::TEMPERATURE, v::NETWORK, v::DISK, v::HOST]);
    let mut parser = ScrapeParser::new(Arc::new(DialectCatalog::new().unwrap()), false);
    let pids = ["self", proxy, exporter];
    for _ in 0..rounds {
        for way in &mut ways {
            let (client, url) = (client(), if way.http2 { h2 } else { h1 });
            let mut before = [0.0; 3];
            for nth in 0..scrapes + 3 {
                if nth == 3 {
                    before = pids.map(spent); // the connection is there, and all is warm
                }
                let accept = if way.protobuf { PROTOBUF } else { TEXT };
                let request = client.get(url).header(header::ACCEPT, accept);
                let answer =
                    request.header(header::ACCEPT_ENCODING, way.packing).send().await.unwrap();
                let version = if way.http2 { "HTTP/2.0" } else { "HTTP/1.1" };
                assert_eq!(format!("{:?}", answer.version()), version);
                let packing = answer.headers().get(header::CONTENT_ENCODING).cloned();
                assert_eq!(
                    packing.as_ref().map_or("identity", |p| p.to_str().unwrap()),
                    way.packing
                );
                let of_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
                assert_eq!(of_type.contains("protobuf"), way.protobuf);
                let body = answer.bytes().await.unwrap();
                way.bytes = body.len();
                let mut unpacked = Vec::new();
                let body: &[u8] = match way.packing {
                    "gzip" => {
                        GzDecoder::new(&*body).read_to_end(&mut unpacked).unwrap();
                        &unpacked
                    }
                    "zstd" => {
                        unpacked = zstd::stream::decode_all(&*body).unwrap();
                        &unpacked
                    }
                    _ => &body,
                };
                if way.protobuf {
                    assert!(black_box(walk(body)) > 50);
                } else {
                    assert!(black_box(parser.read(body, &wanted)).readings.len() > 3);
                }
            }
            let after = pids.map(spent);
            way.spent.push([0, 1, 2].map(|n| (after[n] - before[n]) / f64::from(scrapes)));
        }
    }
    println!("| protocol | format | packing | bytes | reader | proxy | exporter |");
    println!("|---|---|---|---|---|---|---|");
    for way in &mut ways {
        let median = |n: usize| {
            let mut all: Vec<f64> = way.spent.iter().map(|spent| spent[n]).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        println!(
            "| {} | {} | {} | {} | {:.0} µs | {:.0} µs | {:.0} µs |",
            if way.http2 { "HTTP/2" } else { "HTTP/1.1" },
            if way.protobuf { "protobuf" } else { "text" },
            if way.packing == "identity" { "none" } else { way.packing },
            way.bytes,
            median(0),
            median(1),
            median(2),
        );
    }
}

/// Microseconds on a processor, of all threads, as the scheduler counts them.
fn spent(pid: &str) -> f64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let stats = threads.filter_map(|t| fs::read_to_string(t.path().join("schedstat")).ok());
    stats.map(|s| s.split(' ').next().unwrap().parse::<f64>().unwrap()).sum::<f64>() / 1e3
}

/// The field's number, and what it holds: of a number nothing, else its bytes.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        let key = varint(&mut bytes)?;
        let length = match key & 7 {
            0 => {
                varint(&mut bytes)?;
                0
            }
            1 => 8,
            2 => varint(&mut bytes)? as usize,
            5 => 4,
            _ => return None,
        };
        let (field, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        Some((key >> 3, field))
    })
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// How many series of `node_` there are, each with its labels and its value.
fn walk(mut body: &[u8]) -> usize {
    let (mut series, mut seen) = (0, HashSet::new());
    while let Some(length) = varint(&mut body) {
        let (family, rest) = body.split_at(length as usize);
        body = rest;
        let mut wanted = false;
        for (number, field) in fields(family) {
            match number {
                1 => wanted = field.starts_with(b"node_") && seen.insert(field),
                4 if wanted => {
                    for (number, field) in fields(field) {
                        let inner = fields(field).map(|(_, field)| field.len()).sum::<usize>();
                        black_box((number, inner));
                    }
                    series += 1;
                }
                _ => {}
            }
        }
    }
    series
}
