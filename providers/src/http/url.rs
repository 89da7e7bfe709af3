//! The address of a remote, taken apart: what may be shown, and what is only sent.

use super::{addresses::Route, proxy::Proxy};
use manytop_plugin::options::Secret;
use reqwest::Url;
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

/// Where to ask.
#[derive(Clone, Debug)]
pub struct Target {
    /// Without user, password, zone and fragment. The query may hold a secret: never shown.
    pub url: Url,
    /// The interface that leads to a link-local address: `eth0` of `http://[fe80::1%25eth0]/`.
    pub zone: Option<String>,
    /// User and password that stood in it.
    pub userinfo: Option<(String, Option<Secret>)>,
    /// The text between them, unless it is this machine.
    pub proxy: Option<Proxy>,
}

impl Target {
    /// Reads an address as written in a config.
    ///
    /// # Errors
    /// What is wrong with it, without repeating any of it: it may hold a password.
    pub fn parse(text: &str) -> Result<Target, String> {
        if text.contains('#') {
            return Err("\"#\" ends a URL; in a password write %23 (@ is %40), or use \
                        remote-NAME-password_file"
                .into());
        }
        if !text.contains("://") {
            return Err("write http:// or https:// before the host".into());
        }
        let (text, zone) = take_zone(text)?;
        let mut url = Url::parse(&text).map_err(|e| format!("not a valid URL: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("only http:// and https:// are understood".into());
        }
        let decode = |part: &str| {
            decode(part).ok_or("user and password must be UTF-8 when %-signs are undone")
        };
        let (user, password) = (decode(url.username())?, url.password().map(decode).transpose()?);
        let given = !user.is_empty() || password.is_some();
        let userinfo = given.then(|| (user, password.map(Secret::new)));
        // These fail for addresses that can have no user, which http ones always can.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let mut target = Target { url, zone, userinfo, proxy: None };
        if !target.is_loopback() && target.zone.is_none() {
            target.proxy = Proxy::on_the_way_to(&target.url);
        }
        Ok(target)
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or_default();
        match (&self.zone, host.strip_suffix(']')) {
            (Some(zone), Some(host)) => format!("{host}%{zone}]:{port}"),
            _ => format!("{host}:{port}"),
        }
    }

    /// Where connections lead: to the proxy, if there is one.
    pub fn route(&self) -> Arc<Route> {
        let proxy = self.proxy.as_ref().and_then(|proxy| proxy.place.rsplit_once(':'));
        match proxy.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => Route::new(host, None, port),
            None => {
                let host = self.url.host_str().unwrap_or_default();
                let port = self.url.port_or_known_default().unwrap_or_default();
                Route::new(host, self.zone.as_deref(), port)
            }
        }
    }

    /// Whether the address needs a zone and has none.
    pub fn lacks_zone(&self) -> bool {
        let local = |ip| matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        self.zone.is_none() && self.address().is_some_and(local)
    }

    /// Whether it is this machine, as far as the address itself tells.
    pub fn is_loopback(&self) -> bool {
        match self.address() {
            Some(ip) => ip.to_canonical().is_loopback(),
            None => {
                self.url.host_str().is_some_and(|h| h == "localhost" || h.ends_with(".localhost"))
            }
        }
    }

    /// Whether it is near, so that bytes cost less than packing them, as far as the address tells.
    pub fn is_near(&self) -> bool {
        self.is_loopback() || self.address().is_some_and(is_near)
    }

    /// Whether a proxy reads what we ask, and may answer in the place of the remote.
    pub fn is_spoken_for(&self) -> bool {
        self.proxy.is_some() && self.url.scheme() == "http"
    }

    fn address(&self) -> Option<IpAddr> {
        let host = self.url.host_str()?;
        host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

/// Takes the zone out of an address, since the URL standard knows none: `%25eth0` (RFC 6874), or `%eth0`.
fn take_zone(text: &str) -> Result<(Cow<'_, str>, Option<String>), String> {
    let whole = || Ok((Cow::Borrowed(text), None));
    let Some((scheme, rest)) = text.split_once("://") else { return whole() };
    let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    let host = authority.rfind('@').map_or(0, |at| at + 1);
    let Some((inner, _)) = authority[host..].strip_prefix('[').and_then(|h| h.split_once(']'))
    else {
        return whole();
    };
    let Some((address, zone)) = inner.split_once('%') else { return whole() };
    let zone = decode(zone.strip_prefix("25").unwrap_or(zone)).filter(|zone| {
        // Names of interfaces have at most 15 bytes on Linux, and as many elsewhere.
        let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@');
        (1..=15).contains(&zone.len()) && zone.chars().all(word)
    });
    let Some(zone) = zone else {
        return Err("after % comes the name of an interface: http://[fe80::1%25eth0]/".into());
    };
    if !address.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_unicast_link_local()) {
        return Err("only a link-local address (fe80::…) has a zone".into());
    }
    let (before, behind) = (&rest[..host], &rest[host + inner.len() + 2..]);
    Ok((Cow::Owned(format!("{scheme}://{before}[{address}]{behind}")), Some(zone)))
}

/// Loopback, link-local, or of a private network.
pub fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Undoes `%40` and its like.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        let hex = |at: usize| more.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &more[2..];
            }
            _ => {
                bytes.push(first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn userinfo(text: &str) -> Option<(String, Option<String>)> {
        let target = Target::parse(text).unwrap();
        assert!(!target.url.as_str().contains('@'), "{}", target.url);
        target.userinfo.map(|(user, password)| (user, password.map(|p| p.reveal().to_owned())))
    }

    #[test]
    fn user_and_password_leave_the_address() {
        let pair = |u: &str, p: Option<&str>| Some((u.to_owned(), p.map(str::to_owned)));
        assert_eq!(userinfo("https://u:p@h/metrics"), pair("u", Some("p")));
        assert_eq!(userinfo("https://u:a%40b%23c%25@h/metrics"), pair("u", Some("a@b#c%")));
        assert_eq!(userinfo("https://u:p@ss@h/"), pair("u", Some("p@ss")));
        assert_eq!(userinfo("https://u:a=b&c@h/"), pair("u", Some("a=b&c")));
        assert_eq!(userinfo("https://u@h/"), pair("u", None));
        assert_eq!(userinfo("https://h/?a=b&c=d"), None);
        assert_eq!(
            Target::parse("https://u:p@h/?a=b&c=d").unwrap().url.as_str(),
            "https://h/?a=b&c=d"
        );
    }

    #[test]
    fn errors_say_what_to_do_and_repeat_nothing() {
        for (text, part) in [
            ("https://u:hunter#2@h/", "in a password write %23 (@ is %40)"),
            ("h:8089/metrics", "write http:// or https://"),
            ("ftp://u:hunter2@h/", "only http:// and https://"),
            ("http://u:hunter2@/", "not a valid URL"),
            ("http://u:hunter2@h:port/", "not a valid URL"),
            ("http://u:hunter%ff@h/", "must be UTF-8"),
            ("http://u:hunter2@[fe80::1%25]/", "the name of an interface"),
            ("http://u:hunter2@[fe80::1%eth/0]/", "not a valid URL"),
            ("http://u:hunter2@[fe80::1%25a%20b]/", "the name of an interface"),
            ("http://u:hunter2@[2001:db8::1%25eth0]/", "only a link-local address"),
        ] {
            let error = Target::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("hunter"), "{text}: {error}");
        }
    }

    #[test]
    fn zones_are_taken_out_and_shown() {
        for text in [
            "http://u:p%25q@[fe80::1%25eth0]:9100/metrics?x=%25",
            "http://u:p%25q@[fe80::1%eth0]:9100/metrics?x=%25",
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(target.url.as_str(), "http://[fe80::1]:9100/metrics?x=%25");
            assert_eq!(target.zone.as_deref(), Some("eth0"));
            assert_eq!(target.place(), "[fe80::1%eth0]:9100");
            assert!(target.is_near() && !target.lacks_zone());
        }
        // An interface may be called by its number.
        let zone = |text| Target::parse(text).unwrap().zone;
        assert_eq!(zone("http://[fe80::1%3]/").as_deref(), Some("3"));
        assert_eq!(zone("http://h/[fe80::1%25eth0]/"), None);
        assert!(Target::parse("http://[fe80::1]/").unwrap().lacks_zone());
        assert!(!Target::parse("http://[fd00::1]/").unwrap().lacks_zone());
    }

    #[test]
    fn near_and_far() {
        for (text, loopback, near) in [
            ("http://127.0.0.1:8089/", true, true),
            ("http://[::1]/", true, true),
            ("http://localhost/", true, true),
            ("http://[::ffff:127.0.0.1]/", true, true),
            ("http://192.168.1.5/", false, true),
            ("http://10.0.0.1/", false, true),
            ("http://[fd00::1]/", false, true),
            ("http://8.8.8.8/", false, false),
            ("http://localhost.example.com/", false, false),
            ("http://nas/", false, false),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!((target.is_loopback(), target.is_near()), (loopback, near), "{text}");
        }
        assert_eq!(Target::parse("https://nas/x?y").unwrap().place(), "nas:443");
        assert_eq!(Target::parse("http://[::1]:8089/").unwrap().place(), "[::1]:8089");
    }
}
