//! Names are what people make of them, through the whole program: each NAME is one source, spelled
//! as it was, and no name ever captures another's devices.

use crate::{
    bodies::{self, Gotop},
    farm::Farm,
    home::Home,
    once::near,
};
use std::ffi::OsStr;

const NAMES: &[&str] = &[
    "Jerry",
    "jerry",
    "db",
    "db-1",
    "web.example.com",
    "10.0.0.1",
    "url",
    "x-url",
    "CPU0",
    "ünï",
    "a b",
];

/// What the CPU0 of the n-th name reports.
fn percent(n: usize) -> u32 {
    11 + 7 * n as u32
}

fn serve(farm: &Farm) -> Vec<(String, String)> {
    let body = |n| bodies::gotop(Gotop { cores: vec![percent(n), 1], ..Gotop::default() });
    let remotes = NAMES.iter().enumerate().map(|(n, name)| (name, farm.serve(body(n))));
    remotes.map(|(name, remote)| ((*name).to_owned(), remote.url())).collect()
}

fn check(once: &crate::once::Once) {
    assert_eq!(once.sources().len(), NAMES.len());
    for (n, name) in NAMES.iter().enumerate() {
        assert_eq!(once.state(name), "live", "{name}");
        let device = once.device(name, "cpu", "CPU0");
        assert_eq!(device["label"], format!("{name}-CPU0"));
        let value = once.value(name, "cpu", "CPU0", "percent");
        assert!(near(value, f64::from(percent(n))), "{name}: {value}");
        assert_eq!(once.devices_of(name, "cpu").len(), 2, "{name}");
    }
}

#[test]
fn every_name_is_one_source_of_its_own() {
    let home = Home::new();
    let farm = Farm::new();
    let remotes = serve(&farm);
    let keys = remotes.iter().map(|(name, url)| format!("remote-{name}-url={url}\n"));
    check(&home.once(&keys.collect::<String>(), &["--no-local"], 0));
}

#[test]
fn every_name_is_one_source_of_its_own_in_toml() {
    let home = Home::new();
    let farm = Farm::new();
    let tables = serve(&farm);
    let tables = tables.iter().map(|(name, url)| format!("[remote.\"{name}\"]\nurl = \"{url}\"\n"));
    let config = home.write("names.toml", tables.collect::<String>());
    let args = [OsStr::new("--once=json"), OsStr::new("--no-local"), OsStr::new("-C")];
    let done = home.run(&[&args[..], &[config.as_os_str()]].concat()).expect(0);
    check(&crate::once::Once::read(done));
}

#[test]
fn equal_labels_of_different_sources_do_not_overwrite_each_other() {
    let home = Home::new();
    let farm = Farm::new();
    // `x` + `y-sda1` and `x-y` + `sda1` read the same; they are two devices all the same.
    let disk = |device: &str, value: f64| {
        farm.serve(bodies::text(format!(
            "# TYPE gotop_disk_:dev:{device} gauge\ngotop_disk_:dev:{device} {value}\n\
             gotop_cpu_CPU0 5\n"
        )))
    };
    let (one, other) = (disk("y-sda1", 0.25), disk("sda1", 0.5));
    let config = format!("remote-x-url={}\nremote-x-y-url={}\n", one.url(), other.url());
    let once = home.once(&config, &["--no-local"], 0);
    let first = once.device("x", "disk", "y-sda1");
    let second = once.device("x-y", "disk", "sda1");
    assert_eq!((&first["label"], &second["label"]), (&"x-y-sda1".into(), &"x-y-sda1".into()));
    assert!(near(once.value("x", "disk", "y-sda1", "percent"), 25.0), "{first}");
    assert!(near(once.value("x-y", "disk", "sda1", "percent"), 50.0), "{second}");
}

#[test]
fn the_star_sets_the_default_for_all() {
    let home = Home::new();
    let farm = Farm::new();
    let body = bodies::gotop(Gotop::default());
    let (one, two) = (farm.serve(body.clone()), farm.serve(body));
    let config = format!(
        "remote-*-expected_offline=true\nremote-gone-url=http://127.0.0.1:9/\n\
         remote-one-url={}\nremote-two-url={}\n",
        one.url(),
        two.url()
    );
    let once = home.once(&config, &["--no-local"], 0);
    assert_eq!(once.sources().len(), 3, "the star is no remote itself");
    assert_eq!(once.state("gone"), "down");
}

#[test]
fn odd_addresses_arrive_as_they_were_written() {
    let home = Home::new();
    let farm = Farm::new();
    let body = bodies::gotop(Gotop::default());
    let query = farm.serve(body.clone());
    let password = farm.remote(crate::farm::Manner::Password {
        // printf 'anna:p@ss=1' | base64
        authorization: "YW5uYTpwQHNzPTE=",
        body,
    });
    let config = format!(
        "remote-query-url={}?a=b&c=d\nremote-pass-url=http://anna:p%40ss=1@{}/metrics\n",
        query.url(),
        password.address()
    );
    let once = home.once(&config, &["--no-local"], 0);
    assert_eq!((once.state("query"), once.state("pass")), ("live", "live"));
    for seen in query.seen() {
        assert_eq!(seen.target, "/metrics?a=b&c=d");
    }
}

#[test]
fn ipv6_addresses_are_addresses() {
    let home = Home::new();
    let config = "remote-six-url=http://[::1]:9/metrics\n";
    let once = home.once(config, &["--no-local"], 3);
    assert_eq!(once.state("six"), "down", "nobody is there, but the address was understood");
}
