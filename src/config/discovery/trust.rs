//! To which hosts credentials may be sent: `.example.com`, `db.example.com`, `10.0.0.0/8`.

use std::net::IpAddr;

/// Hosts that may be sent credentials.
#[derive(Debug, Default)]
pub struct Trust(Vec<TrustRule>);

#[derive(Debug)]
enum TrustRule {
    /// All names below it, written with its dot.
    Below(String),
    Name(String),
    /// An address, and how many of its bits count.
    Network(IpAddr, u32),
}

impl Trust {
    /// Reads words as they stand in a config; blanks divide them as commas do.
    ///
    /// # Errors
    /// The word that is neither a host nor a network.
    pub fn read(words: &[String]) -> Result<Trust, String> {
        let words = words.iter().flat_map(|words| words.split_whitespace());
        words.map(rule).collect::<Result<_, _>>().map(Trust)
    }

    /// Whether a host is among them: a name by what it is called, an address by its network. Names are
    /// not looked up: otherwise the name server would decide.
    pub fn covers(&self, host: &str) -> bool {
        let address = host.parse::<IpAddr>().ok();
        self.0.iter().any(|rule| match (rule, address) {
            (TrustRule::Below(suffix), None) => host.len() > suffix.len() && host.ends_with(suffix),
            (TrustRule::Name(name), None) => host == name,
            (TrustRule::Network(network, bits), Some(address)) => inside(address, *network, *bits),
            _ => false,
        })
    }
}

fn rule(word: &str) -> Result<TrustRule, String> {
    let wrong = || {
        format!(
            "{word:?} is not a host or network; write .example.com, db.example.com or 10.0.0.0/8"
        )
    };
    let (address, bits) = match word.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (word, None),
    };
    if let Ok(address) = address.parse::<IpAddr>() {
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse::<u32>().map_err(|_| wrong()))?;
        return if bits <= all { Ok(TrustRule::Network(address, bits)) } else { Err(wrong()) };
    }
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name = word.to_lowercase();
    match name.trim_start_matches('.') {
        "" => Err(wrong()),
        _ if !name.chars().all(letter) => Err(wrong()),
        _ if name.starts_with('.') => Ok(TrustRule::Below(name)),
        _ => Ok(TrustRule::Name(name)),
    }
}

fn inside(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address.to_canonical(), network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            (a.to_bits() ^ n.to_bits()).checked_shr(32 - bits).unwrap_or_default() == 0
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            (a.to_bits() ^ n.to_bits()).checked_shr(128 - bits).unwrap_or_default() == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_are_named_are_trusted() {
        let words = [".example.com 10.0.0.0/8", "db.shop", "192.168.7.7", "fd00::/8"];
        let trust = Trust::read(&words.map(str::to_owned)).unwrap();
        for host in [
            "web1.example.com",
            "a.b.example.com",
            "10.255.0.1",
            "db.shop",
            "192.168.7.7",
            "fd12::1",
            "::ffff:10.1.1.1",
        ] {
            assert!(trust.covers(host), "{host}");
        }
        for host in [
            "example.com",
            "evilexample.com",
            "example.com.evil",
            ".example.com",
            "11.0.0.1",
            "x.db.shop",
            "192.168.7.8",
            "fe80::1",
            "10.0.0.1.example.org",
            "",
            "2130706433",
        ] {
            assert!(!trust.covers(host), "{host}");
        }
        assert!(!Trust::default().covers("a"));
        assert!(Trust::read(&["0.0.0.0/0".into()]).unwrap().covers("8.8.8.8"));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for word in
            ["10.0.0.0/33", "10.0.0/8", ".", "a/b", "*.example.com", "fd00::/129", "10.0.0.0/x"]
        {
            assert!(Trust::read(&[word.to_owned()]).is_err(), "{word}");
        }
    }
}
