//! What went wrong between us and a remote, in words that a person can act on: what, where, what to
//! do. Nothing of the address but host, port and path is ever named.

use super::{proxy::Proxy, unpack::Packing, url::Target};
use crate::http::{
    http1::{HttpError, Spoken},
    response::too_long,
};
use manytop_plugin::provider::{Class, Failure};
use rustls::{AlertDescription, CertificateError};
use std::{error::Error, io};

/// The error of an address whose zone is an interface that is gone.
#[cfg(unix)]
const NO_INTERFACE: Option<i32> = Some(rustix::io::Errno::NODEV.raw_os_error());
/// Unknown.
#[cfg(not(unix))]
const NO_INTERFACE: Option<i32> = None;

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
    if error.is_connect() && target.lacks_zone() {
        return of_no_zone(target);
    }
    let io = cause::<io::Error>(&error);
    let gone =
        io.and_then(io::Error::raw_os_error).is_some_and(|error| Some(error) == NO_INTERFACE);
    if let Some(zone) = target.zone.as_ref().filter(|_| gone) {
        return of_no_interface(zone);
    }
    let io = io.map(io::Error::kind);
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
        return of_broken(HttpError::Damaged("wrong framing"), target);
    }
    if error.is_body() || error.is_decode() || io == Some(io::ErrorKind::UnexpectedEof) {
        return of_broken(HttpError::BrokeOff, target);
    }
    if io == Some(io::ErrorKind::BrokenPipe) || last(&said).starts_with("connection closed") {
        return broken_off(closed(target), target, shown);
    }
    let says = |words: &str| said.iter().any(|s| s.contains(words));
    match () {
        // A length beyond all numbers is called so, too.
        () if says("message head is too large") => Failure::new(
            Class::Payload,
            format!("the headers from {place} are too long, or the length that they announce"),
        ),
        () if says("invalid HTTP version") => {
            of_broken(HttpError::NoHttp(Spoken::Http("another version of HTTP".into())), target)
        }
        () if says("invalid HTTP status") => of_broken(HttpError::StatusLine, target),
        () if says("content-length") => {
            of_broken(HttpError::Damaged("Content-Length is not one number"), target)
        }
        () if says("transfer-encoding") => {
            of_broken(HttpError::Damaged("a Transfer-Encoding in HTTP/1.0"), target)
        }
        () if says("invalid HTTP header") => of_broken(HttpError::Header, target),
        () => unreachable(format!("no answer from {place}: {}", last(&said))),
    }
}

/// Whether a connection ended before anything of an answer came.
pub fn is_closed(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let http = cause::<hyper::Error>(error);
    let ended = [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof];
    let io = cause::<io::Error>(error).is_some_and(|error| ended.contains(&error.kind()));
    !error.is_connect()
        && (io
            || http.is_some_and(|e| e.is_incomplete_message() || e.is_closed() || e.is_canceled()))
}

/// The same of a connection of our own.
pub fn of_broken(broken: HttpError, target: &Target) -> Failure {
    let place = target.place();
    let unreachable = |reason: String| Failure::new(Class::Unreachable, reason);
    let payload = |reason: String| Failure::new(Class::Payload, reason);
    match broken {
        HttpError::Name(said) => of_name(&[said], target),
        HttpError::Connect(_) if target.lacks_zone() => of_no_zone(target),
        HttpError::Connect(error) => of_socket(error.kind(), target, false)
            .unwrap_or_else(|| unreachable(format!("cannot connect to {place}: {error}"))),
        HttpError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            unreachable(closed(target))
        }
        HttpError::Io(error) => of_socket(error.kind(), target, false)
            .unwrap_or_else(|| unreachable(format!("no answer from {place}: {error}"))),
        HttpError::Silent | HttpError::Stale => unreachable(closed(target)),
        HttpError::BrokeOff => unreachable("the answer broke off".into()),
        HttpError::NoHttp(spoken) => of_protocol(&spoken, target),
        HttpError::LongHead => payload(format!("the headers from {place} are too long")),
        HttpError::ManyHeaders => payload(format!("{place} sends more than 100 headers")),
        HttpError::Header => {
            payload(format!("{place} sends a header line that is not NAME: VALUE"))
        }
        HttpError::StatusLine => payload(format!("{place} answers with a broken status line")),
        HttpError::OnlyAnnounces => {
            payload(format!("{place} announces answers (1xx) again and again and sends none"))
        }
        HttpError::Switches => payload(format!("101: {place} goes on in another protocol"))
            .advise("is the port in remote-NAME-url the exporter's?"),
        HttpError::Transfer(way) => {
            let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | ' ' | '-');
            let way: String = way.chars().filter(|c| word(*c)).take(40).collect();
            payload(format!("the body comes with Transfer-Encoding: {way}, which is not supported"))
        }
        HttpError::LongBody => too_long(),
        HttpError::Damaged(what) => payload(format!("the answer is damaged: {what}")),
    }
}

/// What answers there instead of HTTP/1.1.
fn of_protocol(spoken: &Spoken, target: &Target) -> Failure {
    let place = target.place();
    let payload = |reason: String| Failure::new(Class::Payload, reason);
    let port = "is the port in remote-NAME-url the exporter's?";
    match spoken {
        Spoken::Tls => payload(format!("{place} speaks TLS, not plain HTTP"))
            .advise("write https:// in remote-NAME-url"),
        Spoken::Http2 => payload(format!("{place} speaks HTTP/2 only, not HTTP/1.1"))
            .advise("with TLS both are supported; does another port take HTTP/1.1?"),
        Spoken::Http(version) => {
            payload(format!("{place} answers in {version}, which is not supported here"))
                .advise("over plain HTTP versions 1.0 and 1.1 are, with TLS 2 as well")
        }
        Spoken::Bare => {
            payload(format!("{place} does not speak HTTP: it sends text without headers"))
                .advise("let a web server, or node_exporter's textfile collector, serve it")
        }
        Spoken::Ssh => payload(format!("{place} does not speak HTTP but SSH")).advise(port),
        Spoken::Other => payload(format!("{place} does not speak HTTP")).advise(port),
    }
}

fn closed(target: &Target) -> String {
    format!("{} closed the connection without an answer", target.place())
}

/// A link-local address alone leads nowhere.
fn of_no_zone(target: &Target) -> Failure {
    let host = target.url.host_str().unwrap_or_default().trim_end_matches(']');
    Failure::new(Class::Unreachable, format!("no way to {}: it is link-local", target.place()))
        .advise(format!("write the interface in remote-NAME-url: http://{host}%25eth0]/"))
}

fn of_no_interface(zone: &str) -> Failure {
    Failure::new(Class::Unreachable, format!("this machine has no interface {zone}"))
        .advise("`ip link` lists them")
}

fn of_name(said: &[String], target: &Target) -> Failure {
    let host = target.url.host_str().unwrap_or_default();
    if let Some(zone) = &target.zone {
        return of_no_interface(zone);
    }
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

/// A server that refuses our certificate may close the connection before its reason arrives.
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

pub fn of_a_locked_proxy(proxy: Option<&Proxy>) -> Failure {
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

/// What is wrong with how a body is packed.
pub fn of_packing(wrong: Packing) -> Failure {
    let payload = |reason: String| Failure::new(Class::Payload, reason);
    match wrong {
        Packing::Unread(name) => {
            let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | ' ' | '-');
            let name: String = name.chars().filter(|c| word(*c)).take(40).collect();
            payload(format!("the body is packed with {name}, which is not supported"))
                .advise("let the server, or what is between, send gzip or no packing")
        }
        Packing::Twice => payload("the body is packed twice".into()).advise(
            "the exporter packs it and something between once more: switch one of them off",
        ),
        Packing::Damaged => payload("the answer is damaged: wrong packing".into())
            .advise("is something between that packs, or cuts off, what it hands on?"),
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
