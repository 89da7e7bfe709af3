//! A farm of exporters for benches: thousands of hosts in one process; their counters move every second.
//!
//! ```text
//! farm [--port FIRST[-LAST]] [--period SECONDS]
//! ```
//!
//! It listens on the loopback device alone. A host is an address and a port: all of 127.0.0.0/8 is loopback,
//! so 127.1.0.1 to 127.1.255.254 are 65,000 hosts on one port, each with a connection of its
//! own, and a range of ports multiplies them. What a host is like is the client's choice, by the first word
//! of the path:
//!
//! | path | answer |
//! |---|---|
//! | `/node/metrics` | a real node_exporter's body, 58 kB |
//! | `/node64/metrics` | the same with 64 processors, 8 disks and 4 interfaces, 157 kB |
//! | `/gotop/metrics` | a real gotop's body, 2.3 kB |
//! | `/small/metrics`, `/metrics` | 60 lines, half of them in gotop's words and half in all-smi's |
//! | `/hang/metrics` | none, ever; the connection stays open |
//! | `/cut/metrics` | half of node_exporter's body, then the end of the connection |
//! | `/error/metrics` | 503 |
//! | `/reset` | forgets what was measured of clients |
//! | `/report` | what was measured since: requests, hosts, lateness |
//!
//! A port that is not in the range refuses. Answers are HTTP/1.1 with keep-alive, never packed, and ask
//! nothing of the query: a client that asks for a part gets the whole.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod bodies;
mod record;
mod serve;

use std::{process::ExitCode, time::Duration};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (mut ports, mut period) = (19_100..=19_100, Duration::from_secs(1));
    while let Some(arg) = args.next() {
        let value = args.next().unwrap_or_default();
        let scrape = match arg.as_str() {
            "--port" => {
                let (first, last) = value.split_once('-').unwrap_or((&value, &value));
                first.parse().ok().zip(last.parse().ok()).map(|(a, b)| ports = a..=b)
            }
            "--period" => value.parse().ok().map(|s| period = Duration::from_secs_f64(s)),
            _ => None,
        };
        if scrape.is_none() {
            eprintln!("farm: {arg} {value}: use --port FIRST[-LAST] or --period SECONDS");
            return ExitCode::from(2);
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(serve::serve(ports, period)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("farm: {error}");
            ExitCode::FAILURE
        }
    }
}
