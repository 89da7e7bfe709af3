//! Hosts on the command line: `manytop web1 web2:9100 @hosts.txt`.
//!
//! In a file there is one on each line, `#` begins a comment, and a name may stand before a URL:
//!
//! ```text
//! # the shop
//! web1
//! web2:9100
//! db https://db.example.com/metrics
//! ```

use std::{collections::BTreeSet, fs, net::Ipv6Addr, path::Path};

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
        match arg.strip_prefix('@') {
            Some(file) => match fs::read_to_string(file) {
                Ok(text) => lines(file, &text, &mut found, &mut problems),
                Err(e) => problems.push(format!("{arg}: {e}")),
            },
            None if Path::new(arg).is_file() => problems.push(format!(
                "{arg} is a file; write -C {arg} for a config, @{arg} for a list of hosts"
            )),
            None => found.extend(host(arg, arg).map_err(|e| problems.push(e)).ok()),
        }
    }
    name(&mut found, &mut problems);
    if problems.is_empty() { Ok(found) } else { Err(problems.join("\n")) }
}

fn lines(file: &str, text: &str, found: &mut Vec<Host>, problems: &mut Vec<String>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, nth) in text.lines().zip(1..) {
        let line = match line.find('#') {
            // within a URL it is none
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
            "{place}: {shown:?} is no host; write HOST, HOST:PORT, a URL, or NAME URL in a file"
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
    text.starts_with("http://") || text.starts_with("https://")
}

/// Host and port. An IPv6 address stands in brackets, or has no port.
fn cut(text: &str) -> Option<(String, Option<u16>)> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text.to_owned(), None));
    }
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => {
            host.parse::<Ipv6Addr>().ok()?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let fine = !host.is_empty() && host.chars().all(letter) && !host.starts_with('-');
    let port = port
        .map(|port| port.parse::<u16>().ok().filter(|port| *port > 0))
        .map_or(Some(None), |p| p.map(Some))?;
    fine.then(|| (host.to_owned(), port))
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
            host.name = place.trim_end_matches("/metrics").to_owned();
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
            (
                "https://db.example.com:8443/m?a=b",
                "db.example.com",
                "https://db.example.com:8443/m?a=b",
            ),
            ("db https://db.example.com/m", "db", "https://db.example.com/m"),
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
            "a@b",
            "http://",
            "x y://z",
        ] {
            let error = one(text).unwrap_err();
            assert!(error.starts_with("x:1: ") && error.contains("is no host"), "{text}: {error}");
        }
        assert!(!one("u:secret@h").unwrap_err().contains("secret"));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_line() {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        let text = "# shop\nweb1   # the first\n\nweb:x\nweb1:9100\nhttp://a/#b\n";
        lines("h.txt", text, &mut found, &mut problems);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("h.txt:4: \"web:x\" is no host"), "{problems:?}");
        name(&mut found, &mut problems);
        let names: Vec<_> = found.iter().map(|h| (&*h.name, &*h.place)).collect();
        assert_eq!(names, [("web1", "h.txt:2"), ("web1:9100", "h.txt:5"), ("a", "h.txt:6")]);
    }
}
