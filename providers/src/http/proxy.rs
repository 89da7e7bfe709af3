//! The proxy between manytop and a remote. reqwest reads the same variables; this decides what to
//! say of it, and that the way to it is not the way to the remote.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use std::env;

/// A proxy that a remote is asked through.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its host and port. User and password, if it has any, are known to reqwest alone.
    pub place: String,
    /// Where it is set.
    pub variable: &'static str,
}

impl Proxy {
    /// As `HTTPS_PROXY`, `NO_PROXY` and their like have it.
    pub fn on_the_way_to(url: &Url) -> Option<Proxy> {
        // curl's word for all; the crate takes it for all names.
        let all = |name| env::var_os(name).is_some_and(|value| value == "*");
        if all("NO_PROXY") || all("no_proxy") {
            return None;
        }
        let to: Uri = url.as_str().parse().ok()?;
        let proxy = Matcher::from_env().intercept(&to)?;
        let (host, port) = (proxy.uri().host()?, proxy.uri().port_u16());
        let port = port.unwrap_or(if proxy.uri().scheme_str() == Some("https") { 443 } else { 80 });
        let names = match url.scheme() {
            "https" => ["HTTPS_PROXY", "https_proxy"],
            _ => ["HTTP_PROXY", "http_proxy"],
        };
        let set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let variable = names.into_iter().find(set).unwrap_or("ALL_PROXY");
        Some(Proxy { place: format!("{host}:{port}"), variable })
    }
}
