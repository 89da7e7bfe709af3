//! Hosts with several addresses, of which some are silent, and addresses that need a zone.

use super::{
    PASSWORD, USER,
    front::{self, Authority, Paper},
    healthy,
    network::Network,
};
use crate::{
    farm::{Farm, Manner, Then},
    home::{Home, binary, finish},
    once::Once,
};
use std::{fmt::Write, fs, net::SocketAddr, process::Command, sync::Arc, time::Duration};

/// Two networks: the program is in the near one, servers are in the far one.
struct Nets {
    home: Home,
    near: Network,
    far: Network,
    farm: Farm,
}

/// The one address in the far network that answers, and some that nothing answers at.
const ALIVE: &str = "10.77.0.12";
const SILENT: [&str; 4] = ["10.77.0.9", "10.77.0.10", "10.77.0.11", "2001:db8:77::9"];

impl Nets {
    fn new() -> Nets {
        let (home, near, far) = (Home::new(), Network::new(), Network::new());
        let own = ["10.77.0.1/24", "2001:db8:77::1/64", "fe80::1/64"];
        near.join(&own, &far, &["10.77.0.12/24", "fe80::12/64"]);
        for address in SILENT {
            // Packets leave, and no card takes them.
            let card = ["lladdr", "02:00:00:00:00:09", "dev", "wire0", "nud", "permanent"];
            near.run(&[&["ip", "neigh", "add", address][..], &card].concat());
        }
        near.replace("/etc/nsswitch.conf", &home.write("nsswitch.conf", "hosts: files\n"));
        let farm = far.inside(Farm::new);
        Nets { home, near, far, farm }
    }

    /// Names, each with its addresses in the order in which they are found.
    fn names(&self, names: &[(&str, &[&str])]) {
        let line = |name: &str, address: &&str| format!("{address} {name}\n");
        let lines = names.iter().flat_map(|(name, all)| all.iter().map(move |a| line(name, a)));
        let hosts = self.home.write("hosts", lines.collect::<String>());
        self.near.replace("/etc/hosts", &hosts);
    }

    /// The port of a server that closes each connection after its answer, without TLS and with it.
    fn closing(&self) -> [u16; 2] {
        let body = healthy();
        let answer = move |n| {
            let body = body(n, Duration::from_secs(n as u64));
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .into_bytes()
        };
        let any: SocketAddr = "[::]:0".parse().unwrap();
        let remote = self.farm.remote_at(any, Manner::Raw(Arc::new(answer), Then::Close));
        let port = remote.address().port();
        let paper = Authority::new("of this test").paper(Paper::Good);
        let behind = SocketAddr::from(([127, 0, 0, 1], port));
        let (front, shown) = self.far.inside(|| front::start_at(any, behind, Some(paper)));
        // The front goes when nothing can change it any more.
        std::mem::forget(shown);
        [port, front.port()]
    }

    /// What the program says of remotes at these URLs.
    fn once(&self, urls: &[(&str, String)], code: i32) -> Once {
        let mut config = format!(
            "nolocal=true\nremote-*-timeout=4\nremote-*-insecure=true\nremote-*-username={USER}\n\
             remote-*-password={PASSWORD}\n"
        );
        for (name, url) in urls {
            let _ = writeln!(config, "remote-{name}-url={url}");
        }
        let config = self.home.write("addresses.conf", config);
        let prefix = self.near.prefix();
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).arg(binary()).args(["--once=json", "-C"]).arg(config);
        command.env_clear().envs(self.home.env()).current_dir(self.home.path());
        Once::read(finish(&mut command, Duration::from_secs(60)).expect(code))
    }

    /// How many connections the near network has begun so far.
    fn opened(&self) -> u64 {
        let table = self.near.inside(|| fs::read_to_string("/proc/thread-self/net/snmp").unwrap());
        let mut lines = table.lines().filter(|line| line.starts_with("Tcp:"));
        let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
        let mut pairs = names.split(' ').zip(values.split(' '));
        pairs.find(|(name, _)| *name == "ActiveOpens").unwrap().1.parse().unwrap()
    }
}

/// The time-out is 4 s, and a connection to a silent address takes minutes to fail.
#[test]
fn silent_addresses_do_not_keep_a_host_from_answering() {
    let nets = Nets::new();
    nets.names(&[
        ("two.test", &[SILENT[0], ALIVE]),
        ("four.test", &[SILENT[0], SILENT[1], SILENT[2], ALIVE]),
        ("six.test", &[SILENT[3], ALIVE]),
        ("silent.test", &[SILENT[0], SILENT[1]]),
    ]);
    let [plain, secure] = nets.closing();
    let mut urls = Vec::new();
    for name in ["two", "four", "six"] {
        urls.push((name, format!("http://{name}.test:{plain}/metrics")));
    }
    for (name, host) in [("two-tls", "two"), ("four-tls", "four"), ("six-tls", "six")] {
        urls.push((name, format!("https://{host}.test:{secure}/metrics")));
    }
    let once = nets.once(&urls, 0);
    for (name, _) in &urls {
        assert_eq!(once.state(name), "live", "{name}: {}", once.source(name));
        assert!(once.source(name)["error"].is_null(), "{}", once.source(name));
    }
    let once = nets.once(&[("silent", format!("http://silent.test:{plain}/metrics"))], 3);
    let error = once.source("silent")["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("no answer within 4 s; no connection is made"), "{error}");
}

/// Each look is two polls, and the server closes the connection after each.
#[test]
fn the_address_that_answered_is_tried_first_from_then_on() {
    let nets = Nets::new();
    nets.names(&[("two.test", &[SILENT[0], ALIVE])]);
    let [plain, secure] = nets.closing();
    for (url, opened) in [
        // The silent one and the one that answers, then that one alone.
        (format!("http://two.test:{plain}/metrics"), 3),
        // The winner is connected to once more by the client that speaks TLS.
        (format!("https://two.test:{secure}/metrics"), 5),
    ] {
        let before = nets.opened();
        nets.once(&[("two", url.clone())], 0);
        assert_eq!(nets.opened() - before, opened, "{url}");
    }
}

#[test]
fn a_zone_says_by_which_interface_a_link_local_address_is_reached() {
    let nets = Nets::new();
    let [plain, secure] = nets.closing();
    let urls = [
        ("plain", format!("http://[fe80::12%25wire0]:{plain}/metrics")),
        ("bare", format!("http://[fe80::12%wire0]:{plain}/metrics")),
        ("tls", format!("https://[fe80::12%25wire0]:{secure}/metrics")),
    ];
    let once = nets.once(&urls, 0);
    for (name, _) in &urls {
        assert_eq!(once.state(name), "live", "{name}: {}", once.source(name));
    }
    let wrong = [
        (
            "none",
            format!("http://[fe80::12]:{plain}/metrics"),
            "it is link-local; write the interface",
        ),
        (
            "none-tls",
            format!("https://[fe80::12]:{secure}/metrics"),
            "it is link-local; write the interface",
        ),
        (
            "other",
            format!("http://[fe80::12%25gone0]:{plain}/metrics"),
            "this machine has no interface gone0",
        ),
        (
            "other-tls",
            format!("https://[fe80::12%25gone0]:{secure}/metrics"),
            "this machine has no interface gone0",
        ),
    ];
    let urls: Vec<_> = wrong.iter().map(|(name, url, _)| (*name, url.clone())).collect();
    let once = nets.once(&urls, 3);
    for (name, _, words) in &wrong {
        let error = once.source(name)["error"].as_str().unwrap();
        assert!(error.contains(words), "{name}: {error}");
    }
}
