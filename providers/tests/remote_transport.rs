//! The remote provider against a server that does as it is told, over real sockets.

#![allow(clippy::unwrap_used)]

#[path = "transport/answers.rs"]
mod answers;
#[path = "transport/part.rs"]
mod asked_for_a_part;
#[path = "transport/idle.rs"]
mod idle;
#[path = "transport/packing.rs"]
mod packing;
mod server;

use manytop_core::{
    inventory,
    options::Options,
    provider::{Build, BuildError, Class, Failure, Plugin, Provider, Selection},
    reading::PollResult,
    vocabulary as v,
};
use manytop_providers::remote::BODY_MAX;
use server::{Server, ok};
use std::time::Duration;

const GOTOP: &str = "gotop_cpu_CPU0 16\ngotop_memory_Main 40\n";

fn plugin() -> &'static Plugin {
    inventory::iter::<Plugin>.into_iter().find(|p| p.name() == "remote").unwrap()
}

fn try_build(given: &[(&str, &str)]) -> Result<Box<dyn Provider>, BuildError> {
    let options = Options::parse(plugin().specs(), given).unwrap();
    match plugin().build() {
        Build::Polls(build) => build(&options),
        Build::Reads(_) => unreachable!(),
    }
}

fn remote(given: &[(&str, &str)]) -> Box<dyn Provider> {
    try_build(given).unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn want() -> Selection {
    Selection::kinds(&[v::CPU, v::MEMORY, v::HOST])
}

fn poll(remote: &mut Box<dyn Provider>) -> Result<PollResult, Failure> {
    block_on(remote.poll(&want()))
}

fn ask(given: &[(&str, &str)]) -> Result<PollResult, Failure> {
    poll(&mut remote(given))
}

/// What a server's answer leads to.
fn failure(answer: impl Into<Vec<u8>>) -> Failure {
    let server = Server::always(answer.into());
    ask(&[("url", &server.url("/"))]).unwrap_err()
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn devices(answer: &PollResult) -> Vec<String> {
    answer.parts[0].readings.iter().map(|r| r.device.to_string()).collect()
}

#[test]
fn a_good_answer_has_readings_dialects_and_nothing_to_note() {
    let server = Server::always(ok(GOTOP));
    let answer = ask(&[("url", &server.url("/metrics"))]).unwrap();
    assert_eq!(devices(&answer), ["CPU0", "Main"]);
    assert_eq!(answer.parts[0].dialects, ["gotop"]);
    assert_eq!(answer.notes, [""; 0]);
    let head = &server.heads()[0];
    assert!(head.starts_with("GET /metrics HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("accept-encoding: identity"), "loopback is not packed: {head}");
    assert!(!head.contains("authorization"), "{head}");
}

#[test]
fn one_connection_serves_many_polls() {
    let server = Server::keeping(ok(GOTOP).replace("Connection: close\r\n", ""));
    let mut remote = remote(&[("url", &server.url("/metrics?a=b&c=d"))]);
    block_on(async {
        for _ in 0..3 {
            remote.poll(&want()).await.unwrap();
        }
    });
    assert_eq!((server.heads().len(), server.connections()), (3, 1));
    assert!(server.heads()[2].starts_with("GET /metrics?a=b&c=d HTTP/1.1\r\n"));
}

#[test]
fn only_wanted_kinds_are_answered() {
    let server = Server::always(ok(GOTOP));
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    let answer = block_on(remote.poll(&Selection::kinds(&[v::MEMORY]))).unwrap();
    assert_eq!(devices(&answer), ["Main"]);
}

#[test]
fn a_body_of_other_things_is_no_answer_and_says_so() {
    let nothing = failure(ok("up 1\n"));
    assert_eq!(nothing.class(), Class::Unread);
    assert_eq!(nothing.reason(), "answers with 1 series: up; no dialect reads them");
    let body = "go_a 1\ngo_b 2\nredis_up 1\nredis_db_keys{db=\"db0\"} 5\nredis_x 1\n";
    let reason = failure(ok(body)).reason().to_owned();
    assert_eq!(reason, "answers with 5 series: redis_*, go_*; no dialect reads them");
}

#[test]
fn states_other_than_200_say_what_to_do() {
    for (line, said) in [
        (
            "401 Unauthorized",
            "401: the server asks for a password and none is set; see remote-NAME-username",
        ),
        ("403 Forbidden", "403: not allowed to read /"),
        ("404 Not Found", "404 at /: metrics are usually at /metrics"),
        ("500 Oops", "500 at /; the exporter's log says why"),
        ("502 Bad Gateway", "502 at /; is the exporter behind the proxy running?"),
        ("204 No Content", "204 at /: an answer without a body; metrics are usually at /metrics"),
    ] {
        let failure = failure(status(line));
        assert_eq!((failure.to_string().as_str(), failure.class()), (said, Class::Refused));
    }
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    let elsewhere = Server::always(ok(GOTOP));
    let line = format!("302 Found\r\nLocation: {}", elsewhere.url("/x?token=hunter2"));
    let server = Server::always(status(&line));
    let failure =
        ask(&[("url", &server.url("/metrics")), ("username", "u"), ("password", "hunter2")])
            .unwrap_err();
    assert_eq!(
        failure.to_string(),
        "302 to 127.0.0.1: not followed; write the address itself in remote-NAME-url"
    );
    assert_eq!(elsewhere.heads().len(), 0);
}

#[test]
fn credentials_are_sent_once_and_from_every_place_they_can_stand() {
    let folder = server::folder("credentials");
    std::fs::write(folder.join("secret"), "hunter2\nmore\n").unwrap();
    let file = folder.join("secret").display().to_string();
    let server = Server::always(ok(GOTOP));
    let plain = server.url("/metrics");
    let with_user = plain.replace("://", "://u:hunter%32@");
    let only_user = plain.replace("://", "://u@");
    let basic = "authorization: Basic dTpodW50ZXIy";
    for (given, header) in [
        (vec![("url", &*with_user)], basic),
        (vec![("url", &*plain), ("username", "u"), ("password", "hunter2")], basic),
        (vec![("url", &*plain), ("username", "u"), ("password_file", &*file)], basic),
        (vec![("url", &*only_user), ("password_file", &*file)], basic),
        (vec![("url", &*plain), ("bearer_token_file", &*file)], "authorization: Bearer hunter2"),
    ] {
        ask(&given).unwrap();
        let head = server.heads().pop().unwrap();
        assert!(head.contains(header), "{head}");
        assert_eq!(head.to_lowercase().matches("authorization:").count(), 1, "{head}");
        assert!(!head.contains('@'), "{head}");
    }
}

#[test]
fn a_refused_token_is_read_anew() {
    let folder = server::folder("token");
    let file = folder.join("token");
    std::fs::write(&file, "old").unwrap();
    let server = Server::new(|head| match head.contains("Bearer new") {
        true => ok(GOTOP).into(),
        false => status("401 Unauthorized").into(),
    });
    let path = file.display().to_string();
    let mut remote = remote(&[("url", &server.url("/metrics")), ("bearer_token_file", &path)]);
    let failure = poll(&mut remote).unwrap_err();
    assert_eq!(failure.to_string(), "401: the server does not accept the token");
    std::fs::write(&file, "new").unwrap();
    poll(&mut remote).unwrap();
    assert_eq!(server.heads().len(), 2);
}

#[test]
fn a_wrong_password_is_told_from_none() {
    let server = Server::always(status("401 Unauthorized"));
    let failure =
        ask(&[("url", &server.url("/metrics")), ("username", "u"), ("password", "hunter2")])
            .unwrap_err();
    assert_eq!(failure.to_string(), "401: wrong user or password");
}

#[test]
fn nobody_there() {
    let (_held, closed) = Server::closed();
    let failure = ask(&[("url", &format!("http://{closed}/metrics"))]).unwrap_err();
    let said = format!("connection refused by {closed}; is the exporter running?");
    assert_eq!((failure.to_string(), failure.class()), (said, Class::Unreachable));
    let failure = ask(&[("url", "http://nobody.invalid/metrics")]).unwrap_err();
    assert_eq!(failure.reason(), "no such host: nobody.invalid");
}

#[test]
fn answers_that_break_off() {
    let broken = "the answer broke off";
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nup 1\n";
    assert_eq!(failure(short).reason(), broken);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n5\r\nup";
    assert_eq!(failure(chunked).reason(), broken);
    let nothing = failure("");
    assert!(nothing.reason().ends_with("closed the connection without an answer"), "{nothing}");
    let gibberish = failure("SSH-2.0-OpenSSH_9\r\n");
    assert!(gibberish.reason().ends_with("does not speak HTTP but SSH"), "{gibberish}");
}

#[test]
fn a_huge_body_is_not_read() {
    let long = format!("the body is longer than {} MiB", BODY_MAX / 1024 / 1024);
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\nup 1\n", BODY_MAX + 1);
    assert_eq!(failure(announced).reason(), long);

    // few lines: this is about bytes
    let line = format!("# {}\n", "x".repeat(100_000));
    let chunk = format!("{:x}\r\n{line}\r\n", line.len());
    let mut endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..BODY_MAX / line.len() + 1 {
        endless.extend(chunk.bytes());
    }
    assert_eq!(failure(endless).reason(), long);
}

#[test]
fn a_poll_that_is_given_up_leaves_the_remote_usable() {
    let server = Server::dripping(
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ngotop_cpu_CPU0 9\ngotop_cp",
        ok(GOTOP),
    );
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    block_on(async {
        let wanted = want();
        let slow = tokio::time::timeout(Duration::from_millis(300), remote.poll(&wanted)).await;
        assert!(slow.is_err(), "it never ends");
        let answer = remote.poll(&wanted).await.unwrap();
        assert_eq!(answer.parts[0].readings[0].values.get(&v::PERCENT), Some(16.0));
        assert_eq!(devices(&answer), ["CPU0", "Main"]);
    });
}

#[test]
fn too_much_is_left_out_and_said() {
    let line = |n: usize| format!("gotop_temp_s{n} 40\n");
    let server = Server::always(ok(&(0..10_100).map(line).collect::<String>()));
    let answer = ask(&[("url", &server.url("/metrics"))]).unwrap();
    assert_eq!(answer.notes, ["too many series; the rest is left out"]);
    let server = Server::always(ok(&format!("{GOTOP}# {}\n", "x".repeat(100_000))));
    let answer = ask(&[("url", &server.url("/metrics"))]).unwrap();
    assert_eq!(answer.notes, ["lines that are too long are left out"]);
}

#[test]
fn options_are_checked_and_errors_keep_secrets() {
    let url = ("url", "https://h/metrics");
    for (given, option, part) in [
        (
            vec![("url", "https://u:hunter#2@h/")],
            "url",
            "write %23 (@ is %40), or use remote-NAME-password_file",
        ),
        (vec![url, ("password", "hunter2")], "password", "a password without a user"),
        (
            vec![("url", "https://u:hunter2@h/"), ("password", "hunter2")],
            "password",
            "one is enough",
        ),
        (
            vec![("url", "https://u:hunter2@h/"), ("username", "other")],
            "username",
            "another user stands in",
        ),
        (
            vec![url, ("username", "u"), ("password_file", "/nonexistent")],
            "password_file",
            "/nonexistent: no such file",
        ),
        (
            vec![url, ("bearer_token_file", "/dev/null")],
            "bearer_token_file",
            "the first line is empty",
        ),
        (
            vec![url, ("bearer_token_file", "/x"), ("username", "u")],
            "bearer_token_file",
            "only one can be sent",
        ),
        (vec![url, ("ca_file", "/dev/null")], "ca_file", "/dev/null: no certificate in PEM form"),
        (vec![url, ("key_file", "/dev/null")], "key_file", "a key without a certificate"),
        (
            vec![url, ("cert_file", "/dev/null")],
            "cert_file",
            "a certificate and its key are needed",
        ),
    ] {
        let error = try_build(&given).err().unwrap();
        assert!(error.option() == option && error.problem().contains(part), "{error}");
        assert!(!error.to_string().contains("hunter"), "{error}");
    }
}

#[test]
fn no_failure_names_a_secret() {
    let answers: [Vec<u8>; 8] = [
        status("401 Unauthorized").into(),
        status("404 Not Found").into(),
        status("302 Found\r\nLocation: http://u:hunter2@evil/?hunter2").into(),
        status("302 Found\r\nLocation: /?hunter2").into(),
        ok("").into(),
        ok("hunter2").into(),
        b"hunter2".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec(),
    ];
    let mut all = Vec::new();
    for answer in answers {
        let server = Server::always(answer);
        let url = server.url("/?key=hunter2").replace("://", "://hunter2:hunter2@");
        all.push(ask(&[("url", &url)]).unwrap_err());
    }
    let (_held, closed) = Server::closed();
    all.push(ask(&[("url", &format!("http://hunter2:hunter2@{closed}/?hunter2"))]).unwrap_err());
    all.push(ask(&[("url", "http://hunter2:hunter2@nobody.invalid/?hunter2")]).unwrap_err());
    for failure in all {
        assert!(!format!("{failure} {failure:?}").contains("hunter2"), "{failure}");
    }
}

mod tls {
    use super::*;

    fn file(name: &str) -> String {
        format!("{}/tests/tls/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    fn over_tls(
        certificate: &str,
        clients: bool,
        given: &[(&str, &str)],
    ) -> Result<PollResult, Failure> {
        let server = Server::tls(certificate, clients, ok(GOTOP).into());
        let url = server.url("/metrics");
        let given: Vec<_> = given.iter().copied().chain([("url", &*url)]).collect();
        ask(&given)
    }

    #[test]
    fn a_private_authority_is_trusted_when_it_is_named() {
        let failure = over_tls("server", false, &[]).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "this machine does not trust the certificate's issuer; for Caddy's \"tls internal\" copy \
             pki/authorities/local/root.crt from its data folder and set remote-NAME-ca_file"
        );
        let answer = over_tls("server", false, &[("ca_file", &file("ca.pem"))]).unwrap();
        assert_eq!((devices(&answer).len(), answer.notes.len()), (2, 0));
        let answer = over_tls("server", false, &[("insecure", "true")]).unwrap();
        assert_eq!(answer.notes, ["insecure: the certificate is not checked"]);
    }

    #[test]
    fn certificates_that_are_wrong_are_told_apart() {
        let ca = [("ca_file", &*file("ca.pem"))];
        let expired = over_tls("expired", false, &ca).unwrap_err();
        assert_eq!(expired.reason(), "the certificate has expired");
        let name = over_tls("wrongname", false, &ca).unwrap_err();
        assert_eq!(name.reason(), "the certificate is for another name than 127.0.0.1");
    }

    #[test]
    fn a_server_that_asks_for_a_certificate_gets_it() {
        let (ca, cert, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
        let given = [("ca_file", &*ca), ("cert_file", &*cert), ("key_file", &*key)];
        assert_eq!(devices(&over_tls("server", true, &given).unwrap()).len(), 2);
        let without = over_tls("server", true, &given[..1]).unwrap_err();
        assert!(without.to_string().contains("see remote-NAME-cert_file"), "{without}");
    }

    #[test]
    fn a_plain_server_under_https() {
        let server = Server::blunt(status("400 Bad Request"));
        let url = server.url("/metrics").replace("http:", "https:");
        let failure = ask(&[("url", &url)]).unwrap_err();
        assert!(
            failure.to_string().ends_with("does not speak TLS; write http:// in remote-NAME-url"),
            "{failure}"
        );
    }
}
