//! Answers that are not a 200, in words that a person can act on. Of an address nothing is named but host,
//! port and path; of what a server says nothing but words that are known, and numbers.

use super::{credentials::Sent, url::Target};
use crate::http::{
    errors::{of_a_locked_proxy, of_broken},
    http1::{HttpError, ResponseHead},
};
use manytop_plugin::provider::{Class, Failure};
use reqwest::{StatusCode, Url};

/// The most letters of a path that are shown.
const PATH_MAX: usize = 40;
/// Where metrics are, nearly everywhere.
const METRICS: &str = "metrics are usually at /metrics";

/// Why an answer with that head has no readings, and what to do.
pub fn explain(answer: &ResponseHead, target: &Target, sent: &Sent) -> Failure {
    let code = answer.status.as_u16();
    let path = shown_path(&target.url);
    let refuse = |reason: String| Failure::new(Class::Refused, reason);
    match answer.status {
        StatusCode::UNAUTHORIZED => unauthorized(answer, target, sent),
        StatusCode::FORBIDDEN => refuse(format!("403: not allowed to read {path}")),
        StatusCode::NOT_FOUND if !path.ends_with("/metrics") => {
            refuse(format!("404 at {path}: {METRICS}"))
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => refuse(format!("{code} at {path}"))
            .advise("is the path in remote-NAME-url the exporter's?"),
        StatusCode::PROXY_AUTHENTICATION_REQUIRED if target.proxy.is_none() => {
            let place = target.place();
            refuse(format!("407: {place} is a proxy that asks for a password"))
                .advise("remote-NAME-url is the exporter's address; a proxy belongs in HTTP_PROXY")
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => of_a_locked_proxy(target.proxy.as_ref()),
        StatusCode::TOO_MANY_REQUESTS => refuse("429: asked too often".into())
            .advise(format!("raise remote-NAME-refresh{}", later(answer))),
        StatusCode::BAD_REQUEST if target.url.scheme() == "http" => {
            refuse(format!("400 at {path}")).advise("does it speak TLS? then write https://")
        }
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
            refuse(format!("{code} at {path}: it cannot be read"))
                .advise("is remote-NAME-url the exporter's address?")
        }
        StatusCode::NOT_ACCEPTABLE => refuse(format!("406 at {path}: it has no Prometheus text")),
        StatusCode::REQUEST_TIMEOUT => {
            refuse("408: the request did not reach the server in time".into())
                .advise("is the way to it slow, or is a proxy between?")
        }
        StatusCode::MISDIRECTED_REQUEST => {
            refuse("421: the server does not serve that name".into())
                .advise("is the host in remote-NAME-url the one of its certificate?")
        }
        StatusCode::UPGRADE_REQUIRED => {
            refuse("426: the server wants another protocol than HTTP/1.1".into())
                .advise("does it speak TLS? then write https://")
        }
        StatusCode::NETWORK_AUTHENTICATION_REQUIRED => {
            refuse("511: the network between wants a login".into())
                .advise("log in to it with a browser")
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            refuse(format!("500 at {path}")).advise("the exporter's log says why")
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            refuse(format!("{code} at {path}"))
                .advise(format!("is the exporter behind the proxy running?{}", later(answer)))
        }
        StatusCode::NOT_MODIFIED => refuse(format!("304 at {path}: an answer without a body"))
            .advise("a cache between is at fault: ask the exporter itself"),
        status if status.is_redirection() => redirected(answer, target),
        status if status.is_success() => {
            let what = match status.as_u16() {
                204 | 205 => "an answer without a body",
                206 => "a part of a body",
                _ => "not a plain answer",
            };
            let failure = refuse(format!("{code} at {path}: {what}"));
            match path.ends_with("/metrics") {
                true => failure.advise("is remote-NAME-url the exporter's address?"),
                false => failure.advise(METRICS),
            }
        }
        StatusCode::SWITCHING_PROTOCOLS => of_broken(HttpError::Switches, target),
        _ => refuse(format!("{code} at {path}")),
    }
}

/// Ways to log in that servers ask for, and whether they are supported.
const SCHEMES: [(&str, bool); 8] = [
    ("Basic", true),
    ("Bearer", true),
    ("Digest", false),
    ("NTLM", false),
    ("Negotiate", false),
    ("Kerberos", false),
    ("HOBA", false),
    ("SCRAM-SHA-256", false),
];

fn unauthorized(answer: &ResponseHead, target: &Target, sent: &Sent) -> Failure {
    let refuse = |reason: String| Failure::new(Class::Refused, reason);
    let challenge = answer.challenge.as_deref().unwrap_or_default();
    let asked = schemes(challenge);
    let asks_for =
        |name: &str| asked.is_empty() || asked.iter().any(|s| s.eq_ignore_ascii_case(name));
    if !asks_for("Basic") && !asks_for("Bearer") {
        let known = SCHEMES.iter().find(|(name, known)| !known && asks_for(name));
        let name = known.map_or_else(|| "an unknown".to_owned(), |(name, _)| name.to_lowercase());
        let reason = format!("401: the server asks for {name} authentication");
        return refuse(format!("{reason}, which is not supported")).advise(
            "let it take a password (Basic) over https://, a token, or a client certificate; see \
             remote-NAME-username",
        );
    }
    // Some proxies say so too, though 407 would be theirs to say.
    if target.is_spoken_for() {
        return refuse("401: the server, or the proxy, asks for another user or password".into())
            .advise("see remote-NAME-username and HTTP_PROXY");
    }
    let token = !asks_for("Basic");
    match sent {
        Sent::Nothing if token => refuse("401: the server asks for a token and none is set".into())
            .advise("see remote-NAME-bearer_token_file"),
        Sent::Nothing => refuse("401: the server asks for a password and none is set".into())
            .advise("see remote-NAME-username"),
        Sent::Password(..) if token => {
            refuse("401: the server asks for a token, and a password is set".into())
                .advise("see remote-NAME-bearer_token_file")
        }
        Sent::Password(..) => refuse("401: wrong user or password".into()),
        Sent::Token(_) if !asks_for("Bearer") => {
            refuse("401: the server asks for a password, and a token is set".into())
                .advise("see remote-NAME-username")
        }
        Sent::Token(_) => refuse("401: the server does not accept the token".into()),
    }
}

/// The schemes of a challenge (RFC 9110, section 11.6.1): `Digest realm="a, b", qop=auth, Basic` has two.
fn schemes(challenge: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = challenge.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let words = parts.filter_map(|part| part.split_whitespace().next());
    words.filter(|word| !word.contains(['=', '"'])).collect()
}

fn redirected(answer: &ResponseHead, target: &Target) -> Failure {
    let code = answer.status.as_u16();
    let refuse = |reason: String| Failure::new(Class::Refused, reason);
    let to = answer.location.as_deref().and_then(|to| target.url.join(to).ok());
    let Some((to, host)) = to.as_ref().and_then(|to| Some((to, to.host_str()?))) else {
        return refuse(format!("{code} to nowhere: not followed"))
            .advise("is remote-NAME-url the exporter's address?");
    };
    let same_host = Some(host) == target.url.host_str();
    let same_port = to.port_or_known_default() == target.url.port_or_known_default();
    let path = to.path().trim_end_matches('/');
    if same_host && ["/graph", "/query", "/agent"].iter().any(|end| path.ends_with(end)) {
        return refuse(format!("{code}: a Prometheus server")).advise(
            "prometheus-NAME-url reads the hosts that it scrapes; its own metrics are at /metrics",
        );
    }
    let login = ["login", "signin", "sign_in", "oauth", "sso", "saml"];
    let failure = refuse(format!("{code} to {host}: not followed"));
    if login.iter().any(|word| to.path().to_ascii_lowercase().contains(word)) {
        return failure.advise(
            "a page to log in by hand: let the server take a password (Basic), a token, or a \
             client certificate",
        );
    }
    if same_host && to.scheme() == "https" && target.url.scheme() == "http" {
        return failure.advise("write https:// in remote-NAME-url");
    }
    let (from, to) = (target.url.path(), to.path());
    if same_host && same_port && to != from {
        // Another path may hold a secret, such as a session.
        return failure.advise(match () {
            () if to == "/metrics" => "write /metrics as the path in remote-NAME-url",
            () if to.strip_suffix('/') == Some(from) => "write a / behind remote-NAME-url",
            () if from.strip_suffix('/') == Some(to) => "leave out the / behind remote-NAME-url",
            () => "it leads to another path there; `curl -I` shows which",
        });
    }
    failure.advise("write the address itself in remote-NAME-url")
}

/// When the server wants to be asked again, if it says so in seconds.
fn later(answer: &ResponseHead) -> String {
    let seconds = answer.retry_after.as_deref().and_then(|text| text.parse::<u32>().ok());
    seconds
        .map_or_else(String::new, |seconds| format!(" (the server says: again after {seconds} s)"))
}

/// A path from a config is not a secret, but may be long.
pub fn shown_path(url: &Url) -> String {
    let path = url.path();
    match path.char_indices().nth(PATH_MAX) {
        Some((end, _)) => format!("{}…", &path[..end]),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_from_their_parameters() {
        assert_eq!(schemes("Digest realm=\"x\", nonce=\"n, Basic\""), ["Digest"]);
        assert_eq!(
            schemes("Basic realm=\"a\", Digest qop=\"auth\", NTLM"),
            ["Basic", "Digest", "NTLM"]
        );
        assert_eq!(schemes("Negotiate"), ["Negotiate"]);
        assert_eq!(schemes("realm=\"x\""), [""; 0]);
        assert_eq!(schemes(""), [""; 0]);
    }
}
