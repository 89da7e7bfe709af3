//! `probe://HOST`: where a host is known and not what it serves, the usual ports are tried, once.

use crate::http::url::Target;
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure},
};
use std::time::Duration;

/// node_exporter's port, then manytop's own.
const PORTS: [u16; 2] = [9100, 8089];
/// A port that says nothing for so long is not it.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// So long is said what was found.
const NEWS: Duration = Duration::from_secs(10);

/// What may be there, until it is known.
#[derive(Debug, Default)]
pub struct PortProbe {
    /// Where it may be; empty when it is known.
    candidates: Vec<Target>,
    found: Option<Moment>,
}

/// Where to ask, and what else it may be.
///
/// # Errors
/// What is wrong with the address, without repeating any of it.
pub fn parse(text: &str) -> Result<(Target, PortProbe), String> {
    let Some(host) = text.strip_prefix("probe://") else {
        return Ok((Target::parse(text)?, PortProbe::default()));
    };
    if host.is_empty() || host.contains(['/', '@', '?']) || host.ends_with(':') {
        return Err("after probe:// comes a host and nothing else".into());
    }
    let candidates: Vec<Target> = PORTS
        .iter()
        .map(|port| Target::parse(&format!("http://{host}:{port}/metrics")))
        .collect::<Result<_, _>>()?;
    Ok((candidates[0].clone(), PortProbe { candidates, found: None }))
}

impl PortProbe {
    /// Where it may be; empty when it is known.
    pub fn candidates(&self) -> Vec<Target> {
        self.candidates.clone()
    }

    /// It is there.
    pub fn found(&mut self) {
        self.candidates = Vec::new();
        self.found = Some(Moment::now());
    }

    /// What was found, as long as it is news.
    pub fn note(&self, target: &Target, dialects: &[&str]) -> Option<String> {
        let news = self.found.is_some_and(|at| Moment::now().since(at) < NEWS);
        news.then(|| format!("found at {}: {}", target.place(), dialects.join(", ")))
    }
}

/// Nothing was found, for these reasons, in the order of the ports.
pub fn nothing(failures: &[Failure]) -> Failure {
    match failures {
        [first, ..] if first.reason().starts_with("no such host") => first.clone(),
        _ => {
            let tried: Vec<_> =
                PORTS.iter().zip(failures).map(|(p, f)| format!(":{p} {}", f.reason())).collect();
            Failure::new(Class::Unreachable, format!("nothing found: {}", tried.join(", ")))
                .advise("write HOST:PORT, or a URL")
        }
    }
}
