//! The file_sd format: a list of groups, each with targets and the labels that they share.
//!
//! Labels that begin with `__` would tell a Prometheus how to poll; here the config says that.

use manytop_core::file;
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// More hosts than these are too many.
const MOST: usize = 20_000;

/// A host that the file names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiscoveredTarget {
    /// `HOST:PORT`, as written in the file.
    pub address: String,
    /// What else is said of it.
    pub labels: Arc<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct TargetGroup {
    targets: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// The hosts that a file names, each once.
///
/// # Errors
/// It cannot be read, or not be understood: with the line, as far as it is known.
pub fn read(path: &Path) -> Result<Vec<DiscoveredTarget>, String> {
    let text = file::read_text(path, file::LIST).map_err(|e| e.to_string())?;
    let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    parse(&text, json)
}

fn parse(text: &str, json: bool) -> Result<Vec<DiscoveredTarget>, String> {
    if text.trim().is_empty() {
        // a file that is being written: a file without hosts holds []
        return Err("is empty; no hosts are written []".into());
    }
    let groups: Vec<TargetGroup> = match json {
        true => serde_json::from_str(text).map_err(|e| e.to_string())?,
        false => serde_yaml_ng::from_str(text).map_err(|e| e.to_string())?,
    };
    let mut all: Vec<DiscoveredTarget> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for TargetGroup { targets, labels } in groups {
        let labels = Arc::new(labels);
        for address in targets {
            if seen.insert((address.clone(), labels.clone())) {
                all.push(DiscoveredTarget { address, labels: labels.clone() });
            }
        }
    }
    if all.len() > MOST {
        return Err(format!("names {} hosts, which is more than {MOST}", all.len()));
    }
    Ok(all)
}

impl DiscoveredTarget {
    /// The host without its port, in small letters; `None` for text that is not an address. What would change
    /// the meaning of a URL is in no host's name.
    pub fn host(&self) -> Option<String> {
        let address = self.address.as_str();
        let (host, port) = match address.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
            }
            None => match address.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (address, None),
            },
        };
        let letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let fine = !host.is_empty() && host.chars().all(letter);
        let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
        let port = port.is_none_or(|port| digits(port) && port.parse::<u16>().is_ok_and(|p| p > 0));
        (fine && port).then(|| host.trim_end_matches('.').to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_say_the_same() {
        let json =
            r#"[{"targets": ["a:1", "b:2", "a:1"], "labels": {"dc": "eu"}}, {"targets": []}]"#;
        let yaml =
            "# hosts\n- targets:\n  - a:1\n  - 'b:2'\n  labels:\n    dc: eu\n- targets: []\n";
        let targets = parse(json, true).unwrap();
        assert_eq!(targets.len(), 2);
        assert_eq!((&*targets[1].address, &*targets[1].labels["dc"]), ("b:2", "eu"));
        assert_eq!(parse(yaml, false), Ok(targets.clone()));
        assert_eq!(parse(json, false), Ok(targets), "JSON is YAML too");
        assert_eq!(parse("[]", true), Ok(vec![]));
    }

    #[test]
    fn a_half_written_file_says_nothing() {
        for (text, json) in [
            ("", true),
            ("\n", false),
            ("[{\"targets\": [\"a:1\"", true),
            ("- targets: [a:1, b", false),
            ("- tar", false),
            ("{}", true),
            ("[{\"targets\": [1]}]", true),
        ] {
            assert!(parse(text, json).is_err(), "{text:?}");
        }
        let wrong = parse("[\n{\"targets\": 7}]", true).unwrap_err();
        assert!(wrong.contains("line 2"), "{wrong}");
        let bomb = (1..30).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            format!("{text}a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1)
        });
        assert!(parse(&format!("{bomb}\n- targets: *a29\n"), false).is_err());
    }

    #[test]
    fn an_address_is_a_host_and_a_port_and_nothing_else() {
        let host = |address: &str| {
            DiscoveredTarget { address: address.into(), labels: Arc::default() }.host()
        };
        assert_eq!(host("Web1.Example.com.:9100").as_deref(), Some("web1.example.com"));
        assert_eq!(host("[::1]:9100").as_deref(), Some("::1"));
        assert_eq!(host("10.0.0.1").as_deref(), Some("10.0.0.1"));
        for odd in [
            "",
            ":9100",
            "a:b",
            "a:0",
            "a:99999",
            "u:p@evil:1",
            "evil/.example.com",
            "ssh:host",
            "ssh://h",
            "http://h:1",
            "a:1/x",
            "a?b",
            "a#b",
            "a\\b",
            "a b",
            "[::1",
            "[x]:1",
        ] {
            assert_eq!(host(odd), None, "{odd}");
        }
    }
}
