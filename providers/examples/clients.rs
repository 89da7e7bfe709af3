//! What a client costs for plain HTTP: manytop's own HTTP/1.1, or reqwest. `benches/clients` runs it.
//!
//! `clients own|reqwest PORT [HOSTS [ROUNDS]]`
//!
//! Reads the page of each host of the farm (`benches/hosts`), all hosts at once, round after round, over connections
//! that are kept. Bodies are counted and not decoded.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use manytop_providers::http::{
    http1::{Connection, Listener, ResponseHead},
    url::Target,
};
use reqwest::Client;
use std::{fs, ops::ControlFlow, time::Instant};
use tokio::task::JoinSet;

/// Counts the bytes of a body.
#[derive(Default)]
struct Counted(usize);

impl Listener for Counted {
    fn head(&mut self, head: &ResponseHead) -> ControlFlow<()> {
        assert!(head.status.is_success());
        ControlFlow::Continue(())
    }

    fn body(&mut self, part: &[u8]) -> ControlFlow<(), usize> {
        self.0 += part.len();
        ControlFlow::Continue(part.len())
    }
}

/// One host, and the way to ask it.
enum ClientHost {
    Own(Box<(Connection, Target)>),
    Reqwest(Client, String),
}

impl ClientHost {
    /// The bytes of its page.
    async fn scrape(&mut self) -> usize {
        match self {
            ClientHost::Own(own) => {
                let (connection, target) = &mut **own;
                let (path, host) = (target.url.path(), target.url.authority());
                let request = format!(
                    "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: identity\r\n\r\n"
                );
                let mut counted = Counted::default();
                let route = target.route();
                connection.ask(&route, request.as_bytes(), &mut counted).await.unwrap();
                counted.0
            }
            ClientHost::Reqwest(client, url) => {
                let mut answer = client.get(&*url).send().await.unwrap();
                let mut bytes = 0;
                while let Some(chunk) = answer.chunk().await.unwrap() {
                    bytes += chunk.len();
                }
                bytes
            }
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [way, port, more @ ..] = &arguments[..] else {
        panic!("clients own|reqwest PORT [HOSTS [ROUNDS]]")
    };
    let number = |nth: usize, default| more.get(nth).map_or(default, |n| n.parse().unwrap());
    let (count, rounds): (usize, usize) = (number(0, 500), number(1, 20));
    let _ = rustls::crypto::ring::default_provider().install_default();
    // one client for all hosts, as manytop shares one
    let client = Client::builder().no_proxy().tcp_nodelay(true).tls_certs_only([]).build().unwrap();
    let host = |nth: usize| {
        let url = format!("http://127.1.{}.{}:{port}/node/metrics", 1 + nth / 250, 1 + nth % 250);
        match &**way {
            "own" => {
                ClientHost::Own(Box::new((Connection::default(), Target::parse(&url).unwrap())))
            }
            "reqwest" => ClientHost::Reqwest(client.clone(), url),
            _ => panic!("own or reqwest, not {way}"),
        }
    };
    let mut hosts: Vec<ClientHost> = (0..count).map(host).collect();
    round(&mut hosts).await; // connections are made here
    let (before, began) = (spent(), Instant::now());
    let mut bytes = 0;
    for _ in 0..rounds {
        bytes += round(&mut hosts).await;
    }
    let scrapes = count * rounds;
    println!(
        "| {way} | {count} | {:.0} µs | {:.0} µs | {:.1} MiB | {} |",
        (spent() - before) / scrapes as f64,
        began.elapsed().as_secs_f64() * 1e6 / scrapes as f64,
        resident() / 1024.0,
        bytes / scrapes,
    );
}

/// Scrapes all hosts at once.
async fn round(hosts: &mut Vec<ClientHost>) -> usize {
    let mut tasks = JoinSet::new();
    for mut host in hosts.drain(..) {
        tasks.spawn(async move {
            let bytes = host.scrape().await;
            (host, bytes)
        });
    }
    let mut bytes = 0;
    while let Some(done) = tasks.join_next().await {
        let (host, read) = done.unwrap();
        hosts.push(host);
        bytes += read;
    }
    bytes
}

/// Microseconds on a processor, as the scheduler counts them, of all threads.
fn spent() -> f64 {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let stat = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("schedstat"));
    let nanoseconds = threads
        .filter_map(|thread| stat(thread).ok()?.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.sum::<f64>() / 1e3
}

/// KiB in memory.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
