//! Every other kind of answer: it is read, or named with what to do about it.

use super::*;

const BODY: &str = "gotop_cpu_CPU0 16\n";

/// What comes of an answer to a request for that path, over plain HTTP and over TLS.
fn both(path: &str, answer: impl Into<Vec<u8>>) -> [Result<PollResult, Failure>; 2] {
    let answer = answer.into();
    [false, true].map(|over_tls| {
        let answer = answer.clone();
        let server = Server::scripted(over_tls, move |stream, _, report| {
            report(server::head(stream).unwrap());
            let _ = stream.write_all(&answer);
            let _ = stream.flush();
        });
        ask(&[("url", &server.url(path)), ("insecure", "true")])
    })
}

fn said(path: &str, answer: impl Into<Vec<u8>>) -> [String; 2] {
    both(path, answer).map(|outcome| {
        let failure = outcome.unwrap_err().to_string();
        assert!(!failure.contains("hunter2"), "{failure}");
        assert!(!failure.contains(char::is_control), "{failure:?}");
        failure
    })
}

/// A head with these lines before its end, and the body.
fn answer(version: &str, lines: &str) -> String {
    format!("{version} 200 OK\r\n{lines}Content-Length: {}\r\n\r\n{BODY}", BODY.len())
}

#[test]
fn odd_heads_are_read() {
    for (version, lines) in [
        ("HTTP/1.0", ""),
        ("HTTP/1.1", "X-A: a\r\n  folded\r\n"),
        ("HTTP/1.1", "X-A : a\r\n"),
        ("HTTP/1.1", "Transfer-Encoding: identity\r\n"),
        ("HTTP/1.1", "Content-Length: 18\r\n"),
        ("\r\nHTTP/1.1", ""),
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1", ""),
    ] {
        // Read where the body ends by its length: the connection stays open.
        for outcome in both("/metrics", answer(version, lines)) {
            let answer = outcome.unwrap_or_else(|failure| panic!("{version} {lines:?}: {failure}"));
            assert_eq!(devices(&answer), ["CPU0"], "{version} {lines:?}");
        }
    }
    let [plain, tls] = both("/metrics", answer("HTTP/1.2", ""));
    assert_eq!(devices(&plain.unwrap()), ["CPU0"]);
    let tls = tls.unwrap_err().to_string();
    assert!(tls.contains("answers in another version of HTTP"), "{tls}");
}

#[test]
fn an_identity_that_is_said_does_not_keep_the_body_from_ending() {
    for over_tls in [false, true] {
        let server = Server::scripted(over_tls, |stream, _, report| {
            let text = answer("HTTP/1.1", "Transfer-Encoding: identity\r\n");
            while let Some(head) = server::head(stream) {
                report(head);
                stream.write_all(text.as_bytes()).unwrap();
                stream.flush().unwrap();
            }
        });
        let answer = ask(&[("url", &server.url("/metrics")), ("insecure", "true")]).unwrap();
        assert_eq!(devices(&answer), ["CPU0"], "TLS: {over_tls}");
    }
}

#[test]
fn broken_heads_and_bodies_are_named() {
    let ok = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}");
    for (text, reasons) in [
        (ok("garbage\r\n\r\n"), ["sends a header line that is not NAME: VALUE"; 2]),
        (ok("Content-Length: +5\r\n\r\nabcde"), ["Content-Length is not one number"; 2]),
        (ok("Content-Length: 5, 6\r\n\r\nabcde"), ["Content-Length is not one number"; 2]),
        (
            ok("Content-Length: 18446744073709551615\r\n\r\n"),
            ["the body is longer than 64 MiB", "the length that they announce"],
        ),
        (
            ok("Transfer-Encoding: xchunked\r\n\r\n"),
            ["Transfer-Encoding: xchunked, which is not supported"; 2],
        ),
        (
            ok("Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            ["damaged: the size of a chunk is not a number", "damaged: wrong framing"],
        ),
        (ok(&"X: y\r\n".repeat(110)), ["sends more than 100 headers", "are too long"]),
        ("HTTP/1.1 500 \u{1b}[31mred\r\n\r\n".into(), ["answers with a broken status line"; 2]),
        ("HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n".into(), ["101: 127.0.0.1:"; 2]),
    ] {
        for (said, reason) in said("/metrics", &*text).iter().zip(reasons) {
            assert!(said.contains(reason), "{text:?}: {said}");
        }
    }
    let announces = "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000);
    let failure = failure(announces);
    assert!(failure.reason().ends_with("announces answers (1xx) again and again and sends none"));
}

#[test]
fn other_protocols_are_named() {
    for (bytes, reason) in [
        (&b"\x15\x03\x03\x00\x02\x02\x46"[..], "speaks TLS, not plain HTTP; write https://"),
        (b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00", "speaks HTTP/2 only"),
        (b"HTTP/2 200 OK\r\n\r\n", "answers in HTTP/2, which is not supported here"),
        (b"node_load1 0.5\nup 1\n", "does not speak HTTP: it sends text without headers"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP but SSH"),
        (b"220 mail ESMTP\r\n", "does not speak HTTP; is the port"),
    ] {
        let failure = failure(bytes).to_string();
        assert!(failure.contains(reason), "{failure}");
    }
}

fn status_with(line: &str, headers: &str) -> String {
    format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

#[test]
fn every_status_says_what_to_do() {
    for (line, headers, right) in [
        ("204 No Content", "", "204 at /metrics: an answer without a body; is remote-NAME-url"),
        ("206 Partial Content", "", "206 at /metrics: a part of a body"),
        ("304 Not Modified", "", "304 at /metrics: an answer without a body; a cache"),
        ("301 Moved", "", "301 to nowhere: not followed"),
        ("301 Moved", "Location: http://\r\n", "301 to nowhere: not followed"),
        (
            "301 Moved",
            "Location: /metrics/?hunter2\r\n",
            "301 to 127.0.0.1: not followed; write a / behind remote-NAME-url",
        ),
        (
            "307 Temporary Redirect",
            "Location: /hunter2?hunter2\r\n",
            "307 to 127.0.0.1: not followed; it leads to another path there",
        ),
        (
            "302 Found",
            "Location: /login?to=/metrics\r\n",
            "302 to 127.0.0.1: not followed; a page to log in by hand",
        ),
        (
            "308 Permanent Redirect",
            "Location: https://u:hunter2@example.com/metrics\r\n",
            "308 to example.com: not followed; write the address itself in remote-NAME-url",
        ),
        ("404 Not Found", "", "404 at /metrics; is the path in remote-NAME-url the exporter's?"),
        ("405 Method Not Allowed", "", "405 at /metrics: it cannot be read"),
        ("406 Not Acceptable", "", "406 at /metrics: it has no Prometheus text"),
        (
            "407 Proxy Authentication Required",
            "Proxy-Authenticate: Basic realm=\"p\"\r\n",
            " is a proxy that asks for a password; remote-NAME-url is the exporter's address",
        ),
        ("421 Misdirected Request", "", "421: the server does not serve that name"),
        ("426 Upgrade Required", "", "426: the server wants another protocol than HTTP/1.1"),
        (
            "429 Too Many Requests",
            "Retry-After: 30\r\n",
            "429: asked too often; raise remote-NAME-refresh (the server says: again after 30 s)",
        ),
        ("429 Too Many Requests", "Retry-After: hunter2\r\n", "raise remote-NAME-refresh"),
        ("500 Oops", "", "500 at /metrics; the exporter's log says why"),
        ("503 Busy", "Retry-After: 9\r\n", "running? (the server says: again after 9 s)"),
        ("511 Login", "", "511: the network between wants a login"),
        ("777 What", "", "777 at /metrics"),
    ] {
        for said in said("/metrics", status_with(line, headers)) {
            assert!(said.contains(right), "{line}: {said}");
        }
    }
}

#[test]
fn what_a_401_asks_for_is_named() {
    let folder = server::folder("challenges");
    std::fs::write(folder.join("secret"), "hunter2").unwrap();
    let file = folder.join("secret").display().to_string();
    let password = [("username", "u"), ("password", "hunter2")];
    let token = [("bearer_token_file", &*file)];
    let digest = "401: the server asks for digest authentication, which is not supported";
    for (challenge, given, right) in [
        ("Digest realm=\"x, Basic\", nonce=\"n\"", &[][..], digest),
        ("Digest realm=\"x\"", &password, digest),
        ("NTLM", &[], "the server asks for ntlm authentication, which is not supported"),
        ("Negotiate, NTLM", &token, "authentication, which is not supported"),
        ("Hunter2 x=y", &[], "401: the server asks for an unknown authentication"),
        ("Digest realm=\"x\", Basic realm=\"x\"", &[], "asks for a password and none is set"),
        ("Basic realm=\"x\"", &password, "401: wrong user or password"),
        ("Basic realm=\"x\"", &token, "asks for a password, and a token is set"),
        ("Bearer", &[], "asks for a token and none is set; see remote-NAME-bearer_token_file"),
        ("Bearer", &password, "asks for a token, and a password is set"),
        ("Bearer", &token, "401: the server does not accept the token"),
        ("", &password, "401: wrong user or password"),
    ] {
        let headers = match challenge {
            "" => String::new(),
            _ => format!("WWW-Authenticate: {challenge}\r\n"),
        };
        let server = Server::always(status_with("401 Unauthorized", &headers));
        let url = server.url("/metrics");
        let given: Vec<_> = given.iter().copied().chain([("url", &*url)]).collect();
        let said = ask(&given).unwrap_err().to_string();
        assert!(said.contains(right), "{challenge}: {said}");
        assert!(!said.to_lowercase().contains("hunter2"), "{challenge}: {said}");
    }
}

fn typed(of: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {of}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn bodies_that_are_not_an_exposition_are_named() {
    let utf16: Vec<u8> =
        format!("\u{feff}{GOTOP}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let protobuf = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily";
    let landing = "<html><head><title>Node Exporter</title></head><a href=\"/metrics\">Metrics</a>";
    for (of, body, right) in [
        ("text/plain", &b""[..], "the body is empty; Caddy 2 matches \"/\" exactly"),
        ("text/plain", b"\n \n", "the body is blank"),
        ("text/html", b"\n<!DOCTYPE html><form>", "HTML, not Prometheus text: a login page?"),
        ("text/html", landing.as_bytes(), "HTML, not Prometheus text"),
        ("text/xml", b"<?xml version=\"1.0\"?><x/>", "XML, not Prometheus text"),
        ("application/json", b"{\"data\": {\"x\": 1}}", "JSON, not Prometheus text"),
        ("text/plain", b"{\n  \"load\": 1,\n  \"x\": [1, 2]\n}\n", "JSON, not Prometheus text"),
        ("text/plain", b"[{\"load\": 1}]", "JSON, not Prometheus text"),
        (protobuf, b"\x3f\n\x0bnode_load1\x12\x00\x18\x01", "protobuf, not Prometheus text"),
        ("text/plain", &utf16, "UTF-16, not UTF-8; PowerShell's > writes it"),
        ("text/plain", &utf16[2..], "UTF-16, not UTF-8"),
        ("text/plain", b"OK\n", "not Prometheus text: a status page?"),
        (
            "text/plain",
            b"Active connections: 1 \nserver accepts",
            "not Prometheus text: a status page?",
        ),
        ("image/png", b"\x89PNG\r\n\x1a\n\x00\x00", "not Prometheus text: image/png"),
        ("image/\u{1b}png", b"\x89PNG\r\n\x1a\n\x00\x00", ""),
        (
            "application/json",
            b"{\"status\":\"success\",\"data\":{}}",
            "a Prometheus server; prometheus-NAME-url reads the hosts",
        ),
    ] {
        for said in said("/metrics", typed(of, body)) {
            assert!(said.contains(right), "{body:?}: {said}");
            assert!(!said.contains("usually"), "{said}");
        }
    }
}

#[test]
fn an_address_without_a_path_tells_about_metrics_or_the_engine() {
    let landing =
        b"<html><head><title>Node Exporter</title></head><a href=\"/metrics\">Metrics</a>";
    for body in [&landing[..], b"OK\n", b"{\"a\": 1}", b"<html>"] {
        for said in said("", typed("text/html", body)) {
            assert!(said.ends_with("; metrics are usually at /metrics, not at /"), "{said}");
        }
    }
    for status in ["404 Not Found", "204 No Content"] {
        for said in said("", status_with(status, "")) {
            assert!(said.contains("metrics are usually at /metrics"), "{said}");
        }
    }
    let engine = "prometheus-NAME-url reads the hosts";
    for to in ["/graph", "/query", "/prometheus/graph", "/agent"] {
        for said in said("", status_with("302 Found", &format!("Location: {to}\r\n"))) {
            assert!(
                said.starts_with("302: a Prometheus server") && said.contains(engine),
                "{said}"
            );
        }
    }
    for page in [
        "<title>Prometheus Time Series Collection and Processing Server</title>",
        "<h2>Single-node VictoriaMetrics</h2></br>",
    ] {
        for said in said("", typed("text/html", page.as_bytes())) {
            assert!(said.contains(engine), "{said}");
        }
    }
}
