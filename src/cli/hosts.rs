//! Hosts on the command line: `manytop web1 web2:9100 ssh://db1 @hosts.txt`.
//!
//! In a file there is one on each line, `#` begins a comment, and a name may stand before a URL:
//!
//! ```text
//! # the shop
//! web1
//! web2:9100
//! db https://db.example.com/metrics
//! ```

use manytop_core::{file, masking};
use std::{collections::BTreeSet, net::Ipv6Addr, path::Path};

/// A host that is to be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// Where it was given: itself, or file and line.
    pub place: String,
    /// The source's name.
    pub name: String,
    /// Where it is read; `probe://HOST` where only the host is known.
    pub url: String,
}

/// Takes arguments for hosts, and reads the files that they name.
///
/// # Errors
/// All that is wrong, a line each, with file and line.
pub fn read(args: &[String]) -> Result<Vec<Host>, String> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for arg in args {
        let shown = masking::argument(arg);
        match arg.strip_prefix('@') {
            Some(path) => match read_list(Path::new(path)) {
                Ok(text) => {
                    let first = found.len();
                    lines(&shown[1..], &text, &mut found, &mut problems);
                    untrusted(Path::new(path), &found[first..], &mut problems);
                }
                Err(e) => problems.push(format!("{shown}: {e}")),
            },
            None if Path::new(arg).is_file() => problems.push(format!(
                "{shown} is a file; write -C {shown} for a config, @{shown} for a list of hosts"
            )),
            None => found.extend(host(&shown, arg).map_err(|e| problems.push(e)).ok()),
        }
    }
    name(&mut found, &mut problems);
    if problems.is_empty() { Ok(found) } else { Err(problems.join("\n")) }
}

/// A file, or a pipe: `@<(…)`.
fn read_list(path: &Path) -> Result<String, file::ReadError> {
    file::read_argument(path, file::LIST).and_then(|(bytes, _)| file::text(bytes))
}

/// Says of hosts over ssh that they are not taken from a file that other users can write.
fn untrusted(path: &Path, found: &[Host], problems: &mut Vec<String>) {
    let Some(host) = found.iter().find(|host| host.url.starts_with(SSH)) else { return };
    if let Some(remedy) = file::open_to_others(path) {
        let problem = "ssh:// is not taken from a file that other users can write";
        problems.push(format!("{}: {problem}; {remedy}", host.place));
    }
}

/// What the addresses of hosts over ssh begin with.
const SSH: &str = "ssh://";

fn lines(file: &str, text: &str, found: &mut Vec<Host>, problems: &mut Vec<String>) {
    for (line, nth) in text.lines().zip(1..) {
        let line = match line.find('#') {
            // within a URL it does not begin a comment
            Some(at) if at == 0 || line[..at].ends_with(char::is_whitespace) => &line[..at],
            _ => line,
        };
        if !line.trim().is_empty() {
            match host(&format!("{file}:{nth}"), line.trim()) {
                Ok(host) => found.push(host),
                Err(problem) => problems.push(problem),
            }
        }
    }
}

/// `HOST`, `HOST:PORT`, `URL` or `NAME URL`.
fn host(place: &str, text: &str) -> Result<Host, String> {
    let wrong = || {
        let shown = if text.contains('@') { "(not shown, it may hold a password)" } else { text };
        format!(
            "{place}: {shown:?} is not a host; write HOST, HOST:PORT, a URL, or NAME URL in a file"
        )
    };
    let made =
        |name: &str, url: String| Ok(Host { place: place.to_owned(), name: name.to_owned(), url });
    if let Some((name, url)) = text.split_once(char::is_whitespace) {
        let url = url.trim();
        let fine = is_url(url)
            && !url.contains(char::is_whitespace)
            && !is_url(name)
            && !name.contains('=');
        return if fine { made(name, url.to_owned()) } else { Err(wrong()) };
    }
    if is_url(text) {
        let (_, rest) = text.split_once("://").ok_or_else(wrong)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (name, _) = cut(authority).ok_or_else(wrong)?;
        return made(&name, text.to_owned());
    }
    let (name, port) = cut(text).ok_or_else(wrong)?;
    let bracketed = if name.contains(':') { format!("[{name}]") } else { name.clone() };
    made(
        &name,
        match port {
            Some(port) => format!("http://{bracketed}:{port}/metrics"),
            None => format!("probe://{bracketed}"),
        },
    )
}

fn is_url(text: &str) -> bool {
    ["http://", "https://", SSH].iter().any(|scheme| text.starts_with(scheme))
}

/// Host and port. An IPv6 address is in brackets, or has no port. With a zone it is written `fe80::1%eth0`,
/// and in a URL `fe80::1%25eth0`.
fn cut(text: &str) -> Option<(String, Option<u16>)> {
    if is_ipv6(text) {
        return Some((text.to_owned(), None));
    }
    let unescaped;
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => {
            unescaped = host.replacen("%25", "%", 1);
            let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
            (is_ipv6(&unescaped).then_some(&*unescaped)?, port)
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let fine = is_ipv6(host) || is_name(host);
    let port = port
        .map(|port| port.parse::<u16>().ok().filter(|port| *port > 0))
        .map_or(Some(None), |p| p.map(Some))?;
    fine.then(|| (host.to_owned(), port))
}

/// An IPv6 address, with a zone or without.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "x"));
    address.parse::<Ipv6Addr>().is_ok() && is_name(zone)
}

fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    !text.is_empty() && text.chars().all(letter) && !text.starts_with('-')
}

/// Two on one host are told apart by their ports.
fn name(hosts: &mut [Host], problems: &mut Vec<String>) {
    let mut taken = BTreeSet::new();
    let mut addresses = BTreeSet::new();
    for host in hosts {
        if !addresses.insert(host.url.clone()) {
            problems.push(format!("{}: {} is given twice", host.place, host.name));
        }
        // this machine's own name is taken
        if host.name == "local" || taken.contains(&host.name) {
            let place = host.url.split_once("://").map_or("", |(_, rest)| rest);
            let place = place.rsplit('@').next().unwrap_or_default();
            host.name = place.trim_end_matches("/metrics").trim_end_matches('/').to_owned();
        }
        taken.insert(host.name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<(String, String), String> {
        host("x:1", text).map(|host| (host.name, host.url))
    }

    #[test]
    fn a_host_alone_is_probed_and_one_with_a_port_is_not() {
        for (text, name, url) in [
            ("web1", "web1", "probe://web1"),
            ("web-1.example.com", "web-1.example.com", "probe://web-1.example.com"),
            ("10.0.0.7:9100", "10.0.0.7", "http://10.0.0.7:9100/metrics"),
            ("::1", "::1", "probe://[::1]"),
            ("[fe80::1]:81", "fe80::1", "http://[fe80::1]:81/metrics"),
            ("fe80::1%eth0", "fe80::1%eth0", "probe://[fe80::1%eth0]"),
            ("[fe80::1%eth0]:81", "fe80::1%eth0", "http://[fe80::1%eth0]:81/metrics"),
            ("http://[fe80::1%25eth0]:81/m", "fe80::1%eth0", "http://[fe80::1%25eth0]:81/m"),
            (
                "https://db.example.com:8443/m?a=b",
                "db.example.com",
                "https://db.example.com:8443/m?a=b",
            ),
            ("db https://db.example.com/m", "db", "https://db.example.com/m"),
            ("ssh://web1", "web1", "ssh://web1"),
            ("ssh://root@db1:2222", "db1", "ssh://root@db1:2222"),
        ] {
            assert_eq!(one(text), Ok((name.to_owned(), url.to_owned())), "{text}");
        }
        for text in [
            "web1:",
            "web1:0",
            "web1:port",
            "we b",
            "a b c",
            "-x",
            "a/b",
            "[::1",
            "fe80::1%",
            "[fe80::1%a b]:1",
            "a%eth0",
            "a@b",
            "http://",
            "x y://z",
        ] {
            let error = one(text).unwrap_err();
            assert!(
                error.starts_with("x:1: ") && error.contains("is not a host"),
                "{text}: {error}"
            );
        }
        assert!(!one("u:secret@h").unwrap_err().contains("secret"));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_line() {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        let text = "# shop\nweb1   # the first\n\nweb:x\nweb1:9100\nhttp://a/#b\nssh://r@a:22";
        lines("h.txt", text, &mut found, &mut problems);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("h.txt:4: \"web:x\" is not a host"), "{problems:?}");
        name(&mut found, &mut problems);
        let names: Vec<_> = found.iter().map(|h| (&*h.name, &*h.place)).collect();
        assert_eq!(
            names,
            [("web1", "h.txt:2"), ("web1:9100", "h.txt:5"), ("a", "h.txt:6"), ("a:22", "h.txt:7")]
        );
    }
}
