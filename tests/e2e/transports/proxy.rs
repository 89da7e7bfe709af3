//! Remotes behind a proxy: a real Tinyproxy.
//!
//! 0.0.0.0 is no loopback address by its spelling, and is this machine all the same.

use super::{Front, PASSWORD, locked, requests};
use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::Farm,
    home::{Done, Home},
    once::Once,
    peers::Peer,
    ports::Reserved,
    transports::QUICK_HASH,
};

/// One look at Jerry with these variables.
fn once(url: &str, more: &str, env: &[(&str, &str)]) -> Done {
    let home = Home::new();
    let config = format!("nolocal=true\nremote-Jerry-url={url}\nremote-Jerry-timeout=15\n{more}");
    let file = home.write("jerry.conf", config).display().to_string();
    home.run_with(&["--once", "-C", &file], env)
}

/// A Caddy that answers for 0.0.0.0.
fn far() -> Front {
    let exporter = Exporter::start::<&str>(&[]);
    let site = format!("{}\nreverse_proxy {}", locked(QUICK_HASH), exporter.address());
    Front { caddy: Peer::caddy_at("0.0.0.0", "default_sni 0.0.0.0", &site), exporter }
}

#[test]
fn https_goes_through_a_tunnel() {
    let (front, proxy) = (far(), Peer::tinyproxy(""));
    let (port, ca) = (front.caddy.address().port(), front.caddy.authority());
    let url = format!("https://me:{PASSWORD}@0.0.0.0:{port}/metrics");
    let ca = format!("remote-Jerry-ca_file={ca}\n");
    let via = format!("http://{}", proxy.address());
    once(&url, &ca, &[("HTTPS_PROXY", &via)]).expect(0);
    let tunnels = proxy.proxied();
    let tunnel = format!("CONNECT 0.0.0.0:{port} HTTP/1.1");
    assert!(!tunnels.is_empty() && tunnels.iter().all(|t| *t == tunnel), "{tunnels:?}");
    assert_eq!(tunnels.len(), 1, "one tunnel serves all requests: {tunnels:?}");
    // the way is longer than to the proxy
    let all = requests(&front.caddy);
    let packed = |r: &serde_json::Value| r["headers"]["Accept-Encoding"][0] == "gzip";
    assert!(all.len() >= 2 && all.iter().all(packed), "{all:?}");

    for none in ["0.0.0.0", "*"] {
        once(&url, &ca, &[("HTTPS_PROXY", &via), ("NO_PROXY", none)]).expect(0);
    }
    assert_eq!(proxy.proxied().len(), 1, "NO_PROXY is honoured");
}

#[test]
fn loopback_is_never_asked_through_a_proxy() {
    let (farm, front, proxy) = (Farm::new(), Front::locked(), Peer::tinyproxy(""));
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let via = format!("http://{}", proxy.address());
    let all = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"];
    let all = all.map(|name| (name, &*via));
    once(&jerry.url(), "", &all).expect(0);
    once(&jerry.url().replace("127.0.0.1", "localhost"), "", &all).expect(0);
    let ca = format!("remote-Jerry-ca_file={}\n", front.caddy.authority());
    once(&front.url(&format!("me:{PASSWORD}@")), &ca, &all).expect(0);
    assert_eq!(proxy.proxied(), [""; 0]);

    once(&jerry.url().replace("127.0.0.1", "0.0.0.0"), "", &all).expect(0);
    assert!(!proxy.proxied().is_empty(), "the proxy was there to be asked");
}

/// What one look ends with that fails.
fn error(url: &str, env: &[(&str, &str)]) -> String {
    let home = Home::new();
    let config = format!("nolocal=true\nremote-Jerry-url={url}\nremote-Jerry-timeout=15\n");
    let file = home.write("jerry.conf", config).display().to_string();
    let done = home.run_with(&["--once=json", "-C", &file], env).expect(3);
    assert!(!done.stderr.contains("geheim"), "{}", done.stderr);
    Once::read(done).source("Jerry")["error"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_the_proxys_fault_is_said_to_be() {
    let farm = Farm::new();
    let jerry = farm.serve(bodies::gotop(Gotop::default()));
    let plain = jerry.url().replace("127.0.0.1", "0.0.0.0");
    let secure = plain.replace("http:", "https:");
    let both = [(&plain, "HTTP_PROXY"), (&secure, "HTTPS_PROXY")];
    let (closed, refusing) = (Reserved::new(), Reserved::new());
    let nobody = refusing.address();
    for (url, variable) in both {
        let said = error(url, &[(variable, &format!("http://{nobody}"))]);
        assert_eq!(said, format!("connection refused by the proxy {nobody}; is {variable} right?"));
    }
    let proxy = Peer::tinyproxy("BasicAuth me geheim\n");
    let via = format!("http://{}", proxy.address());
    let wrong = via.replace("://", "://me:falsch-geheim@");
    for (url, variable) in both {
        let said = error(url, &[(variable, &via)]);
        assert_eq!(said, format!("the proxy asks for a password; it stands in {variable}"));
        let said = error(url, &[(variable, &wrong)]);
        assert!(said.contains("proxy"), "{said}"); // to a wrong one Tinyproxy says 401
    }
    let right = via.replace("://", "://me:geheim@");
    once(&plain, "", &[("HTTP_PROXY", &right)]).expect(0);
    let closed = format!("https://0.0.0.0:{}/metrics", closed.port());
    let said = error(&closed, &[("HTTPS_PROXY", &right)]);
    assert!(said.starts_with("the proxy 127.0.0.1:") && said.contains("to 0.0.0.0:"), "{said}");
}
