//! Servers that answer, but not with readings: each is down, and its error says what to do.

use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::{Farm, Manner},
    home::Home,
    peers::Peer,
};

/// One attempt, with a short time-out; gives the error.
#[track_caller]
fn error(farm: &Farm, fault: Manner, more: &str) -> String {
    let home = Home::new();
    let remote = farm.remote(fault);
    let config = format!("remote-Jerry-url={}\nremote-Jerry-timeout=1\n{more}", remote.url());
    let once = home.once(&config, &["--no-local"], 3);
    let jerry = once.source("Jerry");
    assert_eq!(jerry["state"], "down", "{jerry}");
    assert_eq!(once.labels("Jerry"), [], "no values without an answer");
    jerry["error"].as_str().unwrap_or_else(|| panic!("no error in {jerry}")).to_owned()
}

#[track_caller]
fn says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{part:?} is missing: {error}");
    }
}

fn body() -> crate::bodies::Body {
    bodies::gotop(Gotop::default())
}

#[test]
fn statuses_say_what_to_do() {
    let farm = Farm::new();
    says(&error(&farm, Manner::Status(404), ""), &["404"]);
    says(&error(&farm, Manner::Status(403), ""), &["403"]);
    says(&error(&farm, Manner::Status(500), ""), &["500"]);
}

#[test]
fn passwords_are_asked_for_and_never_repeated() {
    let farm = Farm::new();
    let locked = || Manner::Password { authorization: "bm9ib2R5Om5v", body: body() };
    says(
        &error(&farm, locked(), ""),
        &["401: the server asks for a password and none is set", "remote-Jerry-username"],
    );
    let wrong = "remote-Jerry-username=anna\nremote-Jerry-password=geheim\n";
    let said = error(&farm, locked(), wrong);
    says(&said, &["401: wrong user or password"]);
    assert!(!said.contains("geheim"), "{said}");
}

#[test]
fn what_is_no_prometheus_text_is_named() {
    let farm = Farm::new();
    let page = "<!DOCTYPE html><html><body><form>Log in</form></body></html>";
    says(&error(&farm, Manner::Html(page), ""), &["HTML, not Prometheus text"]);
    says(&error(&farm, Manner::Serve(bodies::text("")), ""), &["the body is empty"]);
}

/// What real servers answer at their root.
#[test]
fn an_address_without_a_path_says_where_to_read() {
    let (home, farm) = (Home::new(), Farm::new());
    let target = farm.serve(body());
    let (node, manytop) = (Peer::node_exporter(), Exporter::start::<&str>(&[]));
    let (prometheus, victoria) =
        (Peer::prometheus(&[target.address()]), Peer::victoria_metrics(&[target.address()]));
    let metrics = "metrics are usually at /metrics";
    let engine = |name: &str| format!("prometheus-{name}-url reads the hosts");
    let table = [
        ("node", node.address(), metrics.to_owned()),
        ("manytop", manytop.address(), metrics.to_owned()),
        ("prometheus", prometheus.address(), engine("prometheus")),
        ("victoria", victoria.address(), engine("victoria")),
    ];
    let urls = table.iter().map(|(name, at, _)| format!("remote-{name}-url=http://{at}\n"));
    let once = home.once(&urls.collect::<String>(), &["--no-local"], 3);
    for (name, _, right) in &table {
        says(once.source(name)["error"].as_str().unwrap(), &[right]);
    }
}

#[test]
fn redirects_are_not_followed() {
    let farm = Farm::new();
    let other = farm.serve(body());
    let login = "remote-Jerry-username=anna\nremote-Jerry-password=geheim\n";
    says(&error(&farm, Manner::Redirect(other.url()), login), &["302"]);
    assert_eq!(other.requests(), 0, "nobody else ever receives the password");
}

#[test]
fn answers_that_break_off_or_crawl_are_none() {
    let farm = Farm::new();
    assert!(!error(&farm, Manner::ResetInBody(body()), "").is_empty());
    says(&error(&farm, Manner::Drip(body()), ""), &["no answer within 1 s"]);
    says(&error(&farm, Manner::HeadersThenSilence, ""), &["no answer within 1 s"]);
    says(&error(&farm, Manner::Hang, ""), &["no answer within 1 s"]);
}

#[test]
fn a_slow_first_answer_is_an_answer() {
    let home = Home::new();
    let farm = Farm::new();
    let remote = farm.remote(Manner::After(std::time::Duration::from_millis(1200), body()));
    let once = home.once(&format!("remote-Jerry-url={}\n", remote.url()), &["--no-local"], 0);
    assert_eq!(once.state("Jerry"), "live");
}

#[test]
fn credentials_are_sent_as_basic_authentication_and_only_there() {
    let home = Home::new();
    let farm = Farm::new();
    let (with, without) = (farm.serve(body()), farm.serve(body()));
    let config = format!(
        "remote-with-url=http://anna:geheim@{}/metrics\nremote-without-url={}\n",
        with.address(),
        without.url()
    );
    home.once(&config, &["--no-local"], 0);
    let sent = |remote: &crate::farm::Remote| {
        remote.seen().iter().filter(|s| s.head.to_lowercase().contains("authorization:")).count()
    };
    assert_eq!((sent(&with), sent(&without)), (with.requests(), 0));
    // printf 'anna:geheim' | base64
    assert!(with.seen()[0].head.contains("Basic YW5uYTpnZWhlaW0="), "{}", with.seen()[0].head);
}
