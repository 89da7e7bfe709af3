//! Bodies in which no dialect finds anything, by how they begin.

use super::{bad_status::shown_path, unpack::is_text};
use crate::{
    exposition::{line, number},
    http::response::DecodedBody,
};
use manytop_plugin::provider::{Class, Failure};
use reqwest::Url;

/// What a page for people has in it where a server for many hosts answers.
const ENGINES: [&str; 4] =
    ["Prometheus Time Series", "VictoriaMetrics</", "<title>Thanos", "<title>Prometheus"];
const ENGINE: &str = "prometheus-NAME-url reads the hosts of a Prometheus server";

/// What is wrong with a body. `None` when it is a sound exposition of other things.
pub fn explain(received: &DecodedBody, url: &Url) -> Option<Failure> {
    let opening = &received.opening[..];
    let answer_type = received.head.answer_type();
    let payload = |reason: &str| Failure::new(Class::Payload, reason);
    if received.length == 0 {
        return Some(
            payload("the body is empty")
                .advise("Caddy 2 matches \"/\" exactly: write \"reverse_proxy localhost:8089\""),
        );
    }
    if is_utf16(opening) {
        return Some(
            payload("UTF-16, not UTF-8")
                .advise("PowerShell's > writes it; use Out-File -Encoding ascii"),
        );
    }
    let text = opening.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(opening).trim_ascii_start();
    if text.is_empty() {
        return Some(payload("the body is blank"));
    }
    if !text.starts_with(b"<") && is_exposition(text) {
        return None;
    }
    let failure = match what(text, answer_type.as_deref()) {
        What::Engine => payload("not Prometheus text: a Prometheus server").advise(ENGINE),
        What::Html => payload("HTML, not Prometheus text: a login page?"),
        What::Page => payload("HTML, not Prometheus text"),
        What::Xml => payload("XML, not Prometheus text"),
        What::Json => payload("JSON, not Prometheus text"),
        What::Protobuf => payload("protobuf, not Prometheus text")
            .advise("text was asked for: does something between change the header Accept?"),
        What::Text => payload("not Prometheus text: a status page?"),
        What::Bytes(of) => payload(&format!("not Prometheus text{of}")),
    };
    let elsewhere = failure.advice().is_none() && !url.path().ends_with("/metrics");
    Some(match elsewhere {
        true => {
            failure.advise(format!("metrics are usually at /metrics, not at {}", shown_path(url)))
        }
        false => failure,
    })
}

enum What {
    /// A server that knows many hosts, and not what one of them serves.
    Engine,
    Html,
    /// HTML that is not a form.
    Page,
    Xml,
    Json,
    Protobuf,
    Text,
    /// `: image/png`, where it is said.
    Bytes(String),
}

fn what(text: &[u8], answer_type: Option<&str>) -> What {
    let words = String::from_utf8_lossy(text);
    if text.starts_with(b"<?xml") {
        return What::Xml;
    }
    if text.starts_with(b"<") {
        let has = |words_of: &[&str]| words_of.iter().any(|word| words.contains(word));
        return match () {
            () if has(&ENGINES) => What::Engine,
            // A page that an exporter has at its root.
            () if has(&["/metrics\"", "/metrics'", "\"metrics\"", "Exporter"]) => What::Page,
            () => What::Html,
        };
    }
    if text.starts_with(b"{\"status\":\"") {
        return What::Engine;
    }
    let json = answer_type.is_some_and(|of| of == "application/json" || of.ends_with("+json"));
    let opens = matches!(text, [b'{' | b'[', rest @ ..]
        if matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'{' | b'[' | b']' | b'}' | b'0'..=b'9' | b'-')));
    if json || opens {
        return What::Json;
    }
    if answer_type.is_some_and(|of| of.contains("protobuf")) {
        return What::Protobuf;
    }
    if is_text(text) && std::str::from_utf8(&text[..text.len().min(256)]).is_ok() {
        return What::Text;
    }
    // The type is the server's own word: only its plain letters are shown.
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '+' | '.');
    let named = answer_type.filter(|of| !of.starts_with("text/") && of.chars().all(word));
    What::Bytes(named.map_or_else(String::new, |of| format!(": {}", &of[..of.len().min(40)])))
}

/// Whether a line of it is a comment, or ends in a value. The last line may be cut off by the end of what was
/// kept.
fn is_exposition(text: &[u8]) -> bool {
    let has_value = |line: &[u8]| line::value_at(line).and_then(|at| number::parse(&line[at..]));
    text.split(|b| *b == b'\n').any(|line| line.starts_with(b"#") || has_value(line).is_some())
}

/// Whether it begins with the mark of UTF-16, or has a zero in every other byte.
fn is_utf16(bytes: &[u8]) -> bool {
    let pairs = bytes.len().min(32) / 2;
    let zeros =
        |from: usize| pairs > 1 && bytes.iter().skip(from).step_by(2).take(pairs).all(|b| *b == 0);
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || zeros(0) != zeros(1)
}
