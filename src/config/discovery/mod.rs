//! Hosts that a file names: `discover-NAME-file`, a `file_sd` file of Prometheus.
//!
//! The files are looked at and read together with the config ([`crate::config::reload`]); what is done here is to
//! make instances of what they say. A file that cannot be read, or is written just now, changes nothing:
//! what it said before stays.

mod file;
mod trust;

use file::DiscoveredTarget;
use manytop_core::{
    config::{self, Config, Discovery, HOSTS, NAME, PATH, SCHEME, TAGS},
    names, text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};
use trust::Trust;

/// At most so many hosts are listed by name.
const NAMED: usize = 3;

/// What the files said when they could last be read, by the discovery's NAME.
#[derive(Clone, Default)]
pub struct Discovered(BTreeMap<Arc<str>, KnownFile>);

#[derive(Clone)]
struct KnownFile {
    file: PathBuf,
    targets: Vec<DiscoveredTarget>,
}

impl Discovered {
    /// The files to watch for changes.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.values().map(|known| known.file.as_path())
    }

    /// Reads the files that a config names, and adds the hosts to what it asks for.
    ///
    /// # Errors
    /// An option that cannot be; never a file.
    pub fn again(&self, config: &mut Config) -> Result<Discovered, String> {
        if config.discoveries.is_empty() {
            return Ok(Discovered::default());
        }
        let mut now = Discovered::default();
        let mut problems = Vec::new();
        let mut taken: BTreeSet<String> =
            config.instances.iter().map(|i| i.source.name().to_owned()).collect();
        let (mut found, mut notes) = (Vec::new(), Vec::new());
        for discovery in &config.discoveries {
            let trust = match trust(discovery) {
                Ok(trust) => trust,
                Err(wrong) => {
                    problems.push(config.discovery_error(discovery, HOSTS.spec(), &wrong));
                    continue;
                }
            };
            let file = discovery.options.get(&config::FILE);
            let targets = file::read(&file).unwrap_or_else(|wrong| {
                let before = self.0.get(&discovery.name).filter(|known| known.file == file);
                let stays = if before.is_some() { "; its hosts stay as they were" } else { "" };
                notes.push(format!("{}: {wrong}{stays}", file.display()));
                before.map(|known| known.targets.clone()).unwrap_or_default()
            });
            found.extend(hosts(discovery, &trust, &targets, &mut taken, &mut notes));
            now.0.insert(discovery.name.clone(), KnownFile { file, targets });
        }
        config.instances.extend(found);
        config.notes.extend(notes);
        if problems.is_empty() { Ok(now) } else { Err(problems.join("\n")) }
    }
}

/// The hosts that are sent the credentials. Required where credentials are set.
fn trust(discovery: &Discovery) -> Result<Trust, String> {
    let hosts = discovery.options.get(&HOSTS);
    if hosts.is_empty() && discovery.has_credentials() {
        return Err(
            "is missing: say who may be sent the credentials, .example.com 10.0.0.0/8; the file \
                    would decide it otherwise"
                .into(),
        );
    }
    Trust::read(&hosts)
}

/// The hosts of one file.
fn hosts(
    discovery: &Discovery,
    trust: &Trust,
    targets: &[DiscoveredTarget],
    taken: &mut BTreeSet<String>,
    notes: &mut Vec<String>,
) -> Vec<config::Instance> {
    let options = &discovery.options;
    let (scheme, path) = (options.get(&SCHEME), options.get(&PATH));
    let (template, tags) = (options.get(&NAME), options.get(&TAGS).unwrap_or_default());
    let terms = [false, true].map(|trusted| discovery.terms(trusted));
    let slash = if path.starts_with('/') { "" } else { "/" };
    let (mut found, mut wrong, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut twice, mut outside) = (Vec::new(), Vec::new());
    for target in targets {
        let shown = text::clean(&target.address).into_owned();
        let filled = fill(&template, target);
        let filled = if filled.trim().is_empty() { &target.address } else { filled.trim() };
        let name = names::from_wire(filled).filter(|name| !names::is_local(name));
        let Some((host, name)) = target.host().zip(name) else {
            wrong.push(shown);
            continue;
        };
        if name != filled {
            changed.push(name.clone().into_owned());
        }
        if !taken.insert(name.clone().into_owned()) {
            twice.push(name.into_owned());
            continue;
        }
        let trusted = trust.covers(&host);
        if !trusted && discovery.has_credentials() {
            outside.push(name.clone().into_owned());
        }
        let tags = tags.iter().map(|tag| fill(tag, target)).filter(|tag| !tag.is_empty());
        let url = format!("{scheme}://{}{slash}{path}", target.address);
        let terms = terms[usize::from(trusted)].as_ref().map_err(Clone::clone);
        let tags = tags.collect();
        match terms.and_then(|terms| discovery.instance(&name, &url, tags, terms)) {
            Ok(instance) => found.push(instance),
            Err(_) => wrong.push(shown),
        }
    }
    for (names, what) in [
        (wrong, "expected HOST:PORT, got"),
        (twice, "left out, since the name is taken:"),
        (changed, "had characters that a NAME cannot have:"),
        (outside, "asked without credentials, outside of its hosts:"),
    ] {
        if !names.is_empty() {
            notes.push(format!("discover {}: {what} {}", discovery.name, some(&names)));
        }
    }
    found
}

/// `a b c`, or `a b c and 7 more`.
fn some(names: &[String]) -> String {
    match names.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..NAMED].join(" ")),
        _ => names.join(" "),
    }
}

/// A template with what the file says of a host. A label that it does not have is empty.
fn fill(template: &str, target: &DiscoveredTarget) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, more)) = rest.split_once('{') {
        out.push_str(before);
        let Some((word, after)) = more.split_once('}') else {
            out.push('{');
            rest = more;
            continue;
        };
        match word {
            "address" => out.push_str(&target.address),
            "host" => out.push_str(&target.host().unwrap_or_default()),
            label => out.push_str(target.labels.get(label).map_or("", String::as_str)),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_from_labels() {
        let target = DiscoveredTarget {
            address: "web1.example.com:9100".into(),
            labels: Arc::new(BTreeMap::from([
                ("dc".into(), "eu".into()),
                ("x".into(), "{dc}".into()),
            ])),
        };
        for (template, filled) in [
            ("{address}", "web1.example.com:9100"),
            ("{dc}/{host}", "eu/web1.example.com"),
            ("{x}{none}-{", "{dc}-{"),
            ("plain", "plain"),
        ] {
            assert_eq!(fill(template, &target), filled, "{template}");
        }
    }
}
