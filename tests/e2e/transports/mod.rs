//! How remotes are reached: real Caddies, proxies and certificates between two manytops.

mod caddy;
mod client_certificate;
mod connections;
mod protobuf;
mod proxy;
mod secrets;

use crate::{exporter::Exporter, peers::Peer};
use serde_json::Value;

/// A password, and what `htpasswd -B -C 4` makes of it: quick to check.
const PASSWORD: &str = "correct-horse";
const QUICK_HASH: &str = "$2y$04$abcdefghijklmnopqrstuuPoaPXzWjiVz4HaNq2LJXksWbO79E.S6";

/// Caddy's spelling until 2.7; `basic_auth` from 2.8 on.
const BASIC_AUTH: &str = "basicauth";

/// A manytop without a screen behind a Caddy with TLS.
struct Front {
    caddy: Peer,
    exporter: Exporter,
}

impl Front {
    /// `site` is put into the site's block before `reverse_proxy`.
    fn new(site: &str) -> Front {
        Front::with("", site)
    }

    /// With global options of Caddy's.
    fn with(global: &str, site: &str) -> Front {
        let exporter = Exporter::start::<&str>(&[]);
        let site = format!("{site}\nreverse_proxy {}", exporter.address());
        Front { caddy: Peer::caddy_tls(global, &site), exporter }
    }

    /// Behind a password that is quick to check.
    fn locked() -> Front {
        Front::new(&locked(QUICK_HASH))
    }

    /// Where its metrics are; `userinfo` is nothing or ends with `@`.
    fn url(&self, userinfo: &str) -> String {
        url(&self.caddy, userinfo)
    }

    /// A config for Jerry, which answers.
    fn config(&self, userinfo: &str) -> String {
        let (url, ca) = (self.url(userinfo), self.caddy.authority());
        format!("nolocal=true\nremote-Jerry-url={url}\nremote-Jerry-ca_file={ca}\n")
    }
}

fn url(caddy: &Peer, userinfo: &str) -> String {
    format!("https://{userinfo}localhost:{}/metrics", caddy.address().port())
}

/// A block that asks for `me` and the password of that hash.
fn locked(hash: &str) -> String {
    format!("{BASIC_AUTH} {{\nme {hash}\n}}\ntls internal")
}

/// What Caddy logged of this program's requests.
fn requests(caddy: &Peer) -> Vec<Value> {
    let requests = caddy.access_log().into_iter().map(|mut entry| entry["request"].take());
    let agent = |r: &Value| r["headers"]["User-Agent"][0].as_str().map(str::to_owned);
    requests.filter(|r| agent(r).is_some_and(|agent| agent.starts_with("manytop/"))).collect()
}
