//! What went wrong between us and a remote, in words that a person can act on: what, where, what to
//! do. Nothing of the address but host, port and path is ever named.

use super::{
    credentials::Sent,
    plain::{Broken, Head},
    proxy::Proxy,
    url::Target,
};
use manytop_core::provider::{Class, Failure};
use reqwest::{StatusCode, Url};
use rustls::{AlertDescription, CertificateError};
use std::{error::Error, io};

/// There was no answer, or it broke off. `shown`: we have a certificate to show.
pub fn of_transport(error: reqwest::Error, target: &Target, shown: bool) -> Failure {
    let (error, place) = (error.without_url(), target.place());
    let unreachable = |reason: String| Failure::new(Class::Unreachable, reason);
    if let Some(tls) = cause::<rustls::Error>(&error) {
        return of_tls(tls, target, shown);
    }
    if let Some(proxy) = &target.proxy
        && error.is_connect()
    {
        return of_proxy(&error, proxy, target);
    }
    let io = cause::<io::Error>(&error).map(io::Error::kind);
    if let Some(failure) = io.and_then(|kind| of_socket(kind, target, shown)) {
        return failure;
    }
    let said = chain(&error);
    if is_of_names(&said) {
        return of_name(&said, target);
    }
    if error.is_connect() {
        return unreachable(format!("cannot connect to {place}: {}", last(&said)));
    }
    // HTTP/2 keeps of an alert its words only.
    if said.iter().any(|s| ALERTS.iter().any(|alert| s.ends_with(&format!("alert: {alert:?}")))) {
        return of_certificate(shown);
    }
    if matches!(io, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)) {
        return of_broken(Broken::Damaged, target);
    }
    if error.is_body() || error.is_decode() || io == Some(io::ErrorKind::UnexpectedEof) {
        return of_broken(Broken::BrokeOff, target);
    }
    if io == Some(io::ErrorKind::BrokenPipe) || last(&said).starts_with("connection closed") {
        return broken_off(closed(target), target, shown);
    }
    if said.iter().any(|s| s.contains("message head is too large")) {
        return of_broken(Broken::LongHead, target);
    }
    if said.iter().any(|s| s.contains("invalid HTTP")) {
        return of_broken(Broken::NoHttp, target);
    }
    unreachable(format!("no answer from {place}: {}", last(&said)))
}

/// The same of a connection of our own.
pub fn of_broken(broken: Broken, target: &Target) -> Failure {
    let place = target.place();
    let unreachable = |reason: String| Failure::new(Class::Unreachable, reason);
    match broken {
        Broken::Name(said) => of_name(&[said], target),
        Broken::Connect(error) => of_socket(error.kind(), target, false)
            .unwrap_or_else(|| unreachable(format!("cannot connect to {place}: {error}"))),
        Broken::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            unreachable(closed(target))
        }
        Broken::Io(error) => of_socket(error.kind(), target, false)
            .unwrap_or_else(|| unreachable(format!("no answer from {place}: {error}"))),
        Broken::Silent => unreachable(closed(target)),
        Broken::BrokeOff => unreachable("the answer broke off".into()),
        Broken::NoHttp => Failure::new(Class::Payload, format!("{place} does not speak HTTP"))
            .advise("is the port in remote-NAME-url the exporter's?"),
        Broken::LongHead => {
            Failure::new(Class::Payload, format!("the headers from {place} are too long"))
        }
        Broken::Damaged => {
            Failure::new(Class::Payload, "the answer is damaged: wrong packing or framing")
        }
    }
}

fn closed(target: &Target) -> String {
    format!("{} closed the connection without an answer", target.place())
}

fn of_name(said: &[String], target: &Target) -> Failure {
    let host = target.url.host_str().unwrap_or_default();
    // glibc and musl: EAI_AGAIN
    if said.iter().any(|s| s.contains("emporary failure") || s.contains("ry again")) {
        let reason = format!("no name server answers for {host}");
        return Failure::new(Class::Unreachable, reason)
            .advise("is the network up, and /etc/resolv.conf right?");
    }
    Failure::new(Class::Unreachable, format!("no such host: {host}"))
        .advise("check the name in remote-NAME-url, and the network")
}

/// What a socket says in a word that everybody knows.
fn of_socket(kind: io::ErrorKind, target: &Target, shown: bool) -> Option<Failure> {
    let place = target.place();
    let unreachable = |reason: String| Failure::new(Class::Unreachable, reason);
    Some(match kind {
        io::ErrorKind::ConnectionRefused => {
            let advice = match target.is_loopback() {
                true => "is the exporter running?",
                false => {
                    "is the exporter running, and bound to more than loopback (-x 0.0.0.0:8089)?"
                }
            };
            unreachable(format!("connection refused by {place}")).advise(advice)
        }
        io::ErrorKind::ConnectionReset => {
            broken_off(format!("connection reset by {place}"), target, shown)
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            unreachable(format!("no route to {place}"))
        }
        io::ErrorKind::TimedOut => unreachable(format!("{place} does not answer")),
        _ => return None,
    })
}

/// Whoever does not like our certificate may hang up before we have heard why.
fn broken_off(reason: String, target: &Target, shown: bool) -> Failure {
    let failure = Failure::new(Class::Unreachable, reason);
    match (target.url.scheme(), shown) {
        ("https", false) => {
            failure.advise("does it ask for a client certificate? see remote-NAME-cert_file")
        }
        ("https", true) => {
            failure.advise("does it trust the client certificate of remote-NAME-cert_file?")
        }
        _ => failure,
    }
}

fn is_of_names(said: &[String]) -> bool {
    said.iter().any(|s| s.contains("dns error") || s.contains("lookup address"))
}

/// There is no way through the proxy.
fn of_proxy(error: &reqwest::Error, proxy: &Proxy, target: &Target) -> Failure {
    let Proxy { place, variable } = proxy;
    let said = chain(error);
    let says = |words: &str| said.iter().any(|s| s.contains(words));
    let unreachable = |reason: String| {
        Failure::new(Class::Unreachable, reason).advise(format!("is {variable} right?"))
    };
    match cause::<io::Error>(error).map(io::Error::kind) {
        _ if says("proxy authorization required") => of_a_locked_proxy(Some(proxy)),
        _ if says("tunnel error: unsuccessful") => Failure::new(
            Class::Unreachable,
            format!("the proxy {place} refuses the way to {}", target.place()),
        ),
        Some(io::ErrorKind::ConnectionRefused) => {
            unreachable(format!("connection refused by the proxy {place}"))
        }
        _ if is_of_names(&said) => unreachable(format!("no such proxy: {place}")),
        _ => unreachable(format!("cannot connect to the proxy {place}: {}", last(&said))),
    }
}

fn of_a_locked_proxy(proxy: Option<&Proxy>) -> Failure {
    let variable = proxy.map_or("HTTP_PROXY or HTTPS_PROXY", |proxy| proxy.variable);
    Failure::new(Class::Refused, "the proxy asks for a password")
        .advise(format!("it stands in {variable}"))
}

fn of_tls(error: &rustls::Error, target: &Target, shown: bool) -> Failure {
    let refuse = |reason: String| Failure::new(Class::Refused, reason);
    let host = target.url.host_str().unwrap_or_default();
    match error {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                refuse("the certificate has expired".into())
                    .advise("renew it on the server, or set this machine's clock")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                refuse("the certificate is not valid yet".into())
                    .advise("is a clock wrong, here or there?")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                refuse(format!("the certificate is for another name than {host}"))
                    .advise("write the certificate's name in remote-NAME-url")
            }
            CertificateError::Revoked => refuse("the certificate was revoked".into()),
            CertificateError::UnknownIssuer => unknown_issuer(),
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                refuse("the certificate is self-signed".into())
                    .advise("copy it here and set remote-NAME-ca_file, or let an authority sign it")
            }
            other => refuse(format!("the certificate is not accepted: {other}")),
        },
        rustls::Error::InvalidMessage(_) => {
            refuse(format!("{} does not speak TLS", target.place()))
                .advise("write http:// in remote-NAME-url")
        }
        rustls::Error::AlertReceived(alert) if ALERTS.contains(alert) => of_certificate(shown),
        rustls::Error::AlertReceived(alert) => {
            refuse(format!("the server ended TLS: {alert:?}")).advise("its log says why")
        }
        other => refuse(format!("TLS failed: {other}")),
    }
}

/// What servers say of a client's certificate, or of none: each says another word.
const ALERTS: &[AlertDescription] = &[
    AlertDescription::CertificateRequired,
    AlertDescription::BadCertificate,
    AlertDescription::NoCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
];

fn of_certificate(shown: bool) -> Failure {
    let refuse = |reason: &str| Failure::new(Class::Refused, reason);
    match shown {
        true => refuse("the server does not accept the client certificate")
            .advise("is remote-NAME-cert_file signed by an authority that it trusts?"),
        false => refuse("the server asks for a client certificate, and none is set")
            .advise("see remote-NAME-cert_file"),
    }
}

fn unknown_issuer() -> Failure {
    let reason = "this machine does not trust the certificate's issuer";
    Failure::new(Class::Refused, reason).advise(
        "for Caddy's \"tls internal\" copy pki/authorities/local/root.crt from its data folder and set \
         remote-NAME-ca_file",
    )
}

/// An answer that is no 200.
pub fn of_status(answer: &Head, target: &Target, sent: &Sent) -> Failure {
    let status = answer.status;
    let code = status.as_u16();
    let path = shown_path(&target.url);
    let refuse = |reason: String| Failure::new(Class::Refused, reason);
    match status {
        // Some proxies say so too, though 407 would be theirs to say.
        StatusCode::UNAUTHORIZED if target.is_spoken_for() => {
            refuse("401: the server, or the proxy, asks for another user or password".into())
                .advise("see remote-NAME-username and HTTP_PROXY")
        }
        StatusCode::UNAUTHORIZED => match sent {
            Sent::Nothing => refuse("401: the server asks for a password and none is set".into())
                .advise("see remote-NAME-username"),
            Sent::Password(..) => refuse("401: wrong user or password".into()),
            Sent::Token(_) => refuse("401: the server does not accept the token".into()),
        },
        StatusCode::FORBIDDEN => refuse(format!("403: not allowed to read {path}")),
        StatusCode::NOT_FOUND if !path.ends_with("/metrics") => {
            refuse(format!("404 at {path}: metrics are usually at /metrics"))
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => of_a_locked_proxy(target.proxy.as_ref()),
        StatusCode::TOO_MANY_REQUESTS => {
            refuse("429: asked too often".into()).advise("raise remote-NAME-refresh")
        }
        StatusCode::BAD_REQUEST if target.url.scheme() == "http" => {
            refuse(format!("400 at {path}")).advise("does it speak TLS? then write https://")
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            refuse(format!("{code} at {path}")).advise("is the exporter behind the proxy running?")
        }
        _ if status.is_redirection() => {
            let to = answer.location.as_deref().and_then(|to| target.url.join(to).ok());
            let host = to.as_ref().and_then(Url::host_str).unwrap_or("nowhere");
            refuse(format!("{code} to {host}: not followed"))
                .advise("write the address itself in remote-NAME-url")
        }
        _ => refuse(format!("{code} at {path}")),
    }
}

/// A body in which no dialect found anything, by its first bytes. `None` when it is a sound
/// exposition of other things.
pub fn of_body(opening: &[u8], length: usize, answer_type: Option<&str>) -> Option<Failure> {
    let wrong = |reason: &str| Some(Failure::new(Class::Payload, reason));
    let text = opening.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(opening).trim_ascii_start();
    if length == 0 {
        return Some(
            Failure::new(Class::Payload, "the body is empty")
                .advise("Caddy 2 matches \"/\" exactly: write \"reverse_proxy localhost:8089\""),
        );
    }
    if text.is_empty() {
        return wrong("the body is blank");
    }
    if text.starts_with(b"<") {
        return wrong("HTML, not Prometheus text: a login page?");
    }
    let ends_well = |line: &[u8]| {
        let at = super::exposition::line::value_at(line)?;
        super::exposition::number::parse(&line[at..])
    };
    let mut lines = text.split(|b| *b == b'\n');
    // The last line may be cut off by the end of what was kept.
    let sound = lines.any(|line| line.starts_with(b"#") || ends_well(line).is_some());
    if sound {
        return None;
    }
    match (text.first(), answer_type) {
        (Some(b'{' | b'['), Some("application/json")) => wrong("JSON, not Prometheus text"),
        _ => wrong("not Prometheus text"),
    }
}

/// A path is no secret, but may be long.
fn shown_path(url: &Url) -> String {
    let path = url.path();
    match path.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &path[..end]),
        None => path.to_owned(),
    }
}

/// The first cause of that type, also inside an `io::Error`.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| cause::<E>(inner)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn chain(error: &dyn Error) -> Vec<String> {
    let mut all = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next {
        all.push(error.to_string());
        next = error.source();
    }
    all
}

fn last(said: &[String]) -> &str {
    said.last().map_or("unknown", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_without_anything_known_is_told_apart_from_one_that_is_no_exposition() {
        let say =
            |body: &str, kind| of_body(body.as_bytes(), body.len(), kind).map(|f| f.to_string());
        assert_eq!(say("up 1\n", None), None);
        assert_eq!(say("# HELP x y\n", None), None);
        assert_eq!(say("\n\nup 1", None), None);
        let empty = "the body is empty; Caddy 2 matches \"/\" exactly: write \"reverse_proxy localhost:8089\"";
        assert_eq!(say("", None).as_deref(), Some(empty));
        assert_eq!(say("\n \n", None).as_deref(), Some("the body is blank"));
        let html = "HTML, not Prometheus text: a login page?";
        assert_eq!(say("\n<!DOCTYPE html>", None).as_deref(), Some(html));
        assert_eq!(
            say("{\"a\": 1}", Some("application/json")).as_deref(),
            Some("JSON, not Prometheus text")
        );
        assert_eq!(say("hello there\n", None).as_deref(), Some("not Prometheus text"));
        assert_eq!(say("\u{1}\u{2}\u{0}", None).as_deref(), Some("not Prometheus text"));
    }
}
