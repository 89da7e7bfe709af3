//! The address of a remote, taken apart: what may be shown, and what is only sent.

use super::proxy::Proxy;
use manytop_core::options::Secret;
use reqwest::Url;
use std::net::IpAddr;

/// Where to ask.
#[derive(Clone, Debug)]
pub struct Target {
    /// Without user, password and fragment. The query may hold a secret: never shown.
    pub url: Url,
    /// User and password that stood in it.
    pub userinfo: Option<(String, Option<Secret>)>,
    /// What stands between, unless it is this machine.
    pub proxy: Option<Proxy>,
}

impl Target {
    /// Reads an address as it stands in a config.
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
        let mut url = Url::parse(text).map_err(|e| format!("is no URL: {e}"))?;
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
        let mut target = Target { url, userinfo, proxy: None };
        if !target.is_loopback() {
            target.proxy = Proxy::on_the_way_to(&target.url);
        }
        Ok(target)
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        format!("{host}:{}", self.url.port_or_known_default().unwrap_or_default())
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
            ("http://u:hunter2@/", "is no URL"),
            ("http://u:hunter2@h:port/", "is no URL"),
            ("http://u:hunter%ff@h/", "must be UTF-8"),
        ] {
            let error = Target::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("hunter"), "{text}: {error}");
        }
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
