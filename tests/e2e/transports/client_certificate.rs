//! A Caddy that requires a client certificate, and server certificates that are not checked.

use super::{Front, PASSWORD, requests};
use crate::{
    home::{Home, PATH, finish},
    needs,
    terminal::Terminal,
};
use std::{process::Command, time::Duration};

/// A certificate, its key and its authority's, as the tests of the provider have them.
fn file(name: &str) -> String {
    format!("{}/providers/tests/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn front() -> Front {
    with("")
}

fn with(global: &str) -> Front {
    let trusted = file("ca.pem");
    let site = format!(
        "tls internal {{\nclient_auth {{\nmode require_and_verify\ntrusted_ca_cert_file {trusted}\n}}\n}}"
    );
    Front::with(global, &site)
}

fn shown(cert: &str, key: &str) -> String {
    format!("remote-Jerry-cert_file={cert}\nremote-Jerry-key_file={key}\n")
}

/// What one attempt leads to.
fn error(home: &Home, config: &str) -> String {
    home.once(config, &[] as &[&str], 3).source("Jerry")["error"].as_str().unwrap().to_owned()
}

#[test]
fn whoever_shows_the_right_certificate_is_let_in() {
    let (home, front) = (Home::new(), front());
    let (cert, key) = (file("client.pem"), file("client.key"));
    let config = front.config("") + &shown(&cert, &key);
    assert_eq!(home.once(&config, &[] as &[&str], 0).state("Jerry"), "live");
    // both in one file are as good
    let both = [&cert, &key].map(|path| std::fs::read_to_string(path).unwrap()).concat();
    let both = home.write("both.pem", both);
    let config = format!("{}remote-Jerry-cert_file={}\n", front.config(""), both.display());
    assert_eq!(home.once(&config, &[] as &[&str], 0).state("Jerry"), "live");
    let subjects = requests(&front.caddy);
    let subjects = subjects.iter().map(|r| r["tls"]["client_common_name"].as_str());
    assert!(subjects.clone().count() >= 2 && subjects.flatten().all(|name| name == "client"));
}

#[test]
fn whoever_shows_none_or_another_is_told_which() {
    let (home, front) = (Home::new(), front());
    // over HTTP/2 the word of the server may be lost, and what it hung up on is guessed
    let said = error(&home, &front.config(""));
    let asks = "client certificate";
    assert!(said.contains(asks) && said.ends_with("see remote-Jerry-cert_file"), "{said}");

    let (cert, key) = (home.path().join("other.pem"), home.path().join("other.key"));
    needs::program("openssl");
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]);
    openssl.args(["-subj", "/CN=stranger", "-keyout"]).arg(&key).arg("-out").arg(&cert);
    openssl.env_clear().env("PATH", PATH).env("HOME", home.path());
    finish(&mut openssl, Duration::from_secs(60)).expect(0);
    let (cert, key) = (cert.display().to_string(), key.display().to_string());
    let said = error(&home, &(front.config("") + &shown(&cert, &key)));
    assert!(said.contains(asks) && said.contains("remote-Jerry-cert_file"), "{said}");
    assert_eq!(requests(&front.caddy).len(), 0);
}

#[test]
fn over_http_1_the_servers_own_word_is_heard() {
    let (home, front) = (Home::new(), with("servers {\nprotocols h1\n}"));
    let said = error(&home, &front.config(""));
    let wanted =
        "the server asks for a client certificate, and none is set; see remote-Jerry-cert_file";
    assert_eq!(said, wanted);
}

#[test]
fn an_unchecked_certificate_is_marked_wherever_it_is_read() {
    let (home, front) = (Home::new(), Front::locked());
    let url = front.url(&format!("me:{PASSWORD}@"));
    let config = format!("nolocal=true\nremote-Jerry-url={url}\nremote-Jerry-insecure=true\n");
    let file = home.write("insecure.conf", config).display().to_string();
    let mark = "insecure: the certificate is not checked";
    let once = home.run(&["--once", "-C", &file]).expect(0);
    assert!(once.stderr.contains(mark), "{}", once.stderr);
    let terminal = Terminal::run(&home, (120, 40), &["-C", &file]);
    terminal.wait_for_text(&[" Jerry! ", "▌Jerry! ─ 1 cpu"]);
}

/// The system's authorities can be others.
#[test]
fn ssl_cert_file_is_honoured() {
    let (home, front) = (Home::new(), Front::locked());
    let url = front.url(&format!("me:{PASSWORD}@"));
    let file = home.write("jerry.conf", format!("nolocal=true\nremote-Jerry-url={url}\n"));
    let args = ["--once", "-C", &file.display().to_string()];
    home.run(&args).expect(3);
    home.run_with(&args, &[("SSL_CERT_FILE", &front.caddy.authority())]).expect(0);
}
