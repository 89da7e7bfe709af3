//! How many connections remotes need, and what is packed on the way.

use super::{Front, PASSWORD, QUICK_HASH, locked, requests};
use crate::{
    bodies::{self, Gotop},
    farm::Farm,
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal},
};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Remotes behind one Caddy, each asked four times or more: their requests.
fn many(global: &str, remotes: usize) -> Vec<serde_json::Value> {
    let (home, front) = (Home::new(), Front::with(global, &locked(QUICK_HASH)));
    let url = front.url(&format!("me:{PASSWORD}@"));
    let mut config = format!("nolocal=true\nremote-*-ca_file={}\n", front.caddy.authority());
    for n in 0..remotes {
        config += &format!("remote-r{n}-url={url}?n={n}\n");
    }
    let file = home.write("many.conf", config).display().to_string();
    let _terminal = Terminal::run(&home, (120, 40), &["-C", &file]);
    wait_for("four answers of each", PATIENCE, || {
        let all = requests(&front.caddy);
        let count = |n| {
            let target = format!("/metrics?n={n}");
            all.iter().filter(|r| r["uri"] == target).count()
        };
        (0..remotes).all(|n| count(n) >= 4).then_some(all)
    })
}

/// The connections on which the last requests came: one for each remote.
fn connections(requests: &[serde_json::Value], of_last: usize) -> usize {
    let last = requests.iter().rev().take(of_last);
    last.map(|r| r["remote_port"].to_string()).collect::<BTreeSet<_>>().len()
}

#[test]
fn remotes_behind_one_server_share_a_connection_of_http_2() {
    let all = many("", 12);
    assert!(all.iter().all(|r| r["proto"] == "HTTP/2.0"), "{all:?}");
    assert_eq!(connections(&all, 12), 1);
}

#[test]
fn over_http_1_connections_are_kept() {
    let all = many("servers {\nprotocols h1\n}", 6);
    assert!(all.iter().all(|r| r["proto"] == "HTTP/1.1"), "{all:?}");
    let ports: BTreeSet<_> = all.iter().map(|r| r["remote_port"].to_string()).collect();
    assert!(ports.len() <= 6, "{} connections for {} requests", ports.len(), all.len());
}

/// Hands bytes on, and can fall silent on all connections that there are, as a network does that has
/// forgotten them. New ones are served.
struct Relay {
    address: SocketAddr,
    /// Connections with smaller numbers are silent.
    silent: Arc<AtomicUsize>,
    count: Arc<AtomicUsize>,
}

impl Relay {
    fn to(server: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (silent, count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let relay = Relay { address, silent: silent.clone(), count: count.clone() };
        thread::spawn(move || {
            for here in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let there = TcpStream::connect(server).unwrap();
                let both = [(&here, &there), (&there, &here)];
                for (from, to) in
                    both.map(|(a, b)| (a.try_clone().unwrap(), b.try_clone().unwrap()))
                {
                    let silent = silent.clone();
                    thread::spawn(move || hand_on(from, to, number, &silent));
                }
            }
        });
        relay
    }

    fn falls_silent(&self) {
        self.silent.store(self.count.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

fn hand_on(mut from: TcpStream, mut to: TcpStream, number: usize, silent: &AtomicUsize) {
    let mut bytes = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        // incoming bytes are dropped; the connection stays open
        if number >= silent.load(Ordering::SeqCst) && to.write_all(&bytes[..n]).is_err() {
            return;
        }
    }
    if number >= silent.load(Ordering::SeqCst) {
        let _ = to.shutdown(std::net::Shutdown::Both);
    }
}

/// A request that is given up leaves a connection of HTTP/2 as it is: it must not be used for ever.
#[test]
fn a_connection_that_has_died_in_silence_is_replaced() {
    let (home, front) = (Home::new(), Front::locked());
    let relay = Relay::to(front.caddy.address());
    let url = front.url(&format!("me:{PASSWORD}@"));
    let port = |address: SocketAddr| format!("localhost:{}", address.port());
    let url = url.replace(&port(front.caddy.address()), &port(relay.address));
    let ca = front.caddy.authority();
    let config = format!(
        "nolocal=true\nremote-Jerry-url={url}\nremote-Jerry-ca_file={ca}\nremote-Jerry-timeout=2\n"
    );
    let file = home.write("jerry.conf", config).display().to_string();
    let terminal = Terminal::run(&home, (120, 40), &["-C", &file]);
    terminal.wait_for_text(&["▌Jerry ─ 1 cpu ─ "]);
    relay.falls_silent();
    terminal.wait_for_text(&["no answer within 2 s"]);
    terminal.wait_for("answers over another connection", |screen| !screen.contains("no answer"));
}

/// What a host was asked to pack, request after request.
fn packing(url: impl Fn(&crate::farm::Remote) -> String) -> Vec<String> {
    let (home, farm) = (Home::new(), Farm::new());
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    home.once(&format!("nolocal=true\nremote-Jerry-url={}\n", url(&jerry)), &[] as &[&str], 0);
    let lines = |head: &str| head.to_lowercase().lines().map(str::to_owned).collect::<Vec<_>>();
    let packing = |head: &str| {
        lines(head).into_iter().find_map(|l| Some(l.strip_prefix("accept-encoding: ")?.to_owned()))
    };
    jerry.seen().iter().map(|seen| packing(&seen.head).unwrap_or_default()).collect()
}

#[test]
fn nothing_is_packed_on_a_short_way() {
    let loopback = packing(|jerry| jerry.url());
    assert!(loopback.len() >= 2 && loopback.iter().all(|p| p == "identity"), "{loopback:?}");
    // an address that does not tell: the first answer does
    let unknown = packing(|jerry| jerry.url().replace("127.0.0.1", "0.0.0.0"));
    assert!(unknown.len() >= 2 && unknown[1..].iter().all(|p| p == "identity"), "{unknown:?}");
    assert_eq!(unknown[0], "gzip");
}
