//! Caddy in front of a manytop, as the documentation has it: TLS, and a password.

use super::{BASIC_AUTH, Front, PASSWORD, QUICK_HASH, locked, requests, url};
use crate::{
    exporter::Exporter,
    home::{Done, Home, PATH, finish},
    needs,
    once::Once,
    peers::{Peer, curl},
    terminal::{Terminal, has_box},
};
use std::{fs, os::unix::fs::PermissionsExt, process::Command, time::Duration};

fn caddy(args: &[&str]) -> Done {
    needs::program("caddy");
    let mut command = Command::new("caddy");
    command.args(args).env_clear().env("PATH", PATH);
    finish(&mut command, Duration::from_secs(60))
}

/// The reason of the one source that is down.
fn reason(home: &Home, config: &str) -> String {
    let once = home.once(config, &["--no-local"], 3);
    once.source("Jerry")["error"].as_str().unwrap().to_owned()
}

#[test]
fn a_manytop_behind_caddy_with_a_password_in_the_url() {
    let home = Home::new();
    // the dear hash that Caddy makes, and the defaults of the time-out
    let hash = caddy(&["hash-password", "--plaintext", PASSWORD]).expect(0).stdout;
    let exporter = Exporter::at(":0", &[] as &[&str]);
    let site = format!("{}\nreverse_proxy {}", locked(hash.trim()), exporter.address());
    let front = Front { caddy: Peer::caddy_tls("", &site), exporter };

    let config = front.config(&format!("me:{PASSWORD}@")) + "remote-Jerry-refresh=2\n";
    let file = home.write("jerry.conf", &config).display().to_string();
    let terminal = Terminal::run(&home, (120, 40), &["-C", &file]);
    terminal.wait_for("its boxes", |screen| {
        ["cpu", "mem", "disk"].iter().all(|name| has_box(screen, "Jerry", name))
    });
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));

    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let once = home.run(&["--once=json", "-C", &file]).expect(0);
    assert_eq!(once.stderr, "", "over TLS there is nothing to warn of");
    assert_eq!(Once::read(once).state("Jerry"), "live");
    let all = requests(&front.caddy);
    assert!(!all.is_empty() && all.iter().all(|r| r["proto"] == "HTTP/2.0"), "{all:?}");
}

#[test]
fn what_is_missing_is_named() {
    let (home, front) = (Home::new(), Front::locked());
    let wrong = reason(&home, &front.config("me:wrong-horse@"));
    assert_eq!(wrong, "401: wrong user or password");
    let without = reason(&home, &front.config(""));
    assert!(without.starts_with("401: the server asks for a password"), "{without}");
    let url = front.url(&format!("me:{PASSWORD}@"));
    let unknown = reason(&home, &format!("remote-Jerry-url={url}\n"));
    assert!(unknown.contains("remote-Jerry-ca_file"), "{unknown}");
    drop(front.exporter);
    let config =
        format!("remote-Jerry-url={url}\nremote-Jerry-ca_file={}\n", front.caddy.authority());
    let gone = reason(&home, &config);
    assert_eq!(gone, "502 at /metrics; is the exporter behind the proxy running?");
}

#[test]
fn names_that_the_exporter_has_never_heard_of_are_as_good() {
    let exporter = Exporter::start::<&str>(&[]);
    let site = format!("tls internal\nreverse_proxy {}", exporter.address());
    let caddy = Peer::caddy_at("jerry.example.com", "", &site);
    let port = caddy.address().port();
    let resolve = format!("jerry.example.com:{port}:127.0.0.1");
    let url = format!("https://jerry.example.com:{port}/metrics");
    let page = curl(&["--cacert", &caddy.authority(), "--resolve", &resolve, &url]).expect(0);
    assert!(page.stdout.contains("node_load1 "), "{}", page.stdout);
}

/// What the documentation warns of.
#[test]
fn files_written_for_caddy_1_do_not_load_or_leave_the_metrics_open() {
    let home = Home::new();
    let adapt = |text: String| {
        let file = home.write("Caddyfile", text).display().to_string();
        caddy(&["adapt", "--config", &file, "--adapter", "caddyfile"])
    };
    let seed = "gotop.myserver.net {\n\tbasicauth / gotopusername supersecretpassword\n\t\
                proxy / http://localhost:8089\n}\n";
    adapt(seed.to_owned()).expect(1);

    let exporter = Exporter::start::<&str>(&[]);
    let status = |site: &str| {
        let site = format!("tls internal\n{site}\nreverse_proxy {}", exporter.address());
        let caddy = Peer::caddy_tls("", &site);
        let args = ["--cacert", &caddy.authority(), "-o", "/dev/null", "-w", "%{http_code}"];
        curl(&[&args[..], &[&url(&caddy, "")]].concat()).expect(0).stdout
    };
    let open = format!("{BASIC_AUTH} / {{\nme {QUICK_HASH}\n}}");
    assert_eq!(status(&open), "200", "half of it is updated: the metrics are everybody's");
    assert_eq!(status(&locked(QUICK_HASH)), "401", "as it should be");
}
