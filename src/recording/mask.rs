//! `--mask`: names of hosts, users, command lines and addresses become others, the same ones each time, so
//! that a recording can be given to a stranger. What stays is what a figure needs: kinds, quantities,
//! devices of hardware, names of programs.

use manytop_core::{
    host_stats::HostStats,
    provider::Failure,
    reading::{SourceLabels, Texts},
    source::Source,
    view::{Device, Devices, InstanceView, Snapshot, SourceView},
    vocabulary as v,
};
use std::{collections::HashMap, net::IpAddr, sync::Arc};

/// Users and mount points that say nothing of whose machine it is.
const COMMON: &[&str] = &[
    "root",
    "nobody",
    "daemon",
    "www-data",
    "/",
    "/boot",
    "/boot/efi",
    "/home",
    "/var",
    "/tmp",
    "/usr",
    "/srv",
    "/opt",
    "/var/log",
    "/var/lib",
    "[SWAP]",
];
/// Texts that are words of the kernel or of a maker.
const HARMLESS: &[&str] = &[
    "name",
    "state",
    "type",
    "kernel",
    "processor",
    "distribution",
    "limit",
    "link",
    "part",
    "cpus_allowed",
    "denied",
    "protocol",
];

/// The replacement of each text.
#[derive(Default)]
pub struct Masker {
    names: HashMap<(&'static str, String), String>,
    counts: HashMap<&'static str, usize>,
}

impl Masker {
    fn other(&mut self, sort: &'static str, text: &str) -> String {
        if let Some(known) = self.names.get(&(sort, text.to_owned())) {
            return known.clone();
        }
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        let other = format!("{sort}-{count}");
        self.names.insert((sort, text.to_owned()), other.clone());
        other
    }

    /// A source under another name; this machine stays `local`.
    pub fn source(&mut self, source: &Source) -> Source {
        match source {
            Source::Local => Source::Local,
            Source::Named(name) => Source::named(&self.other("host", name)),
        }
    }

    /// A list of words between blanks, each masked unless it is common.
    fn words_of(&mut self, sort: &'static str, text: &str) -> String {
        let words = text.split(' ').map(|word| match COMMON.contains(&word) {
            true => word.to_owned(),
            false => self.other(sort, word),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Free words: addresses and names of hosts in it are masked, quoted words too.
    pub fn words(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let is_part = |c: char| c.is_alphanumeric() || "-_.:[]/@%".contains(c);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| is_part(c) != is_part(first)).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            out += &match is_part(first) {
                true => self.word(part),
                false => part.to_owned(),
            };
            rest = after;
        }
        out
    }

    fn word(&mut self, word: &str) -> String {
        let (stem, end) = match word.strip_suffix([':', '.', ',']) {
            Some(stem) => (stem, &word[stem.len()..]),
            None => (word, ""),
        };
        let is_host = self.names.contains_key(&("host", stem.to_owned()));
        let host = stem.rsplit_once(':').map_or(stem, |(host, _)| host).trim_matches(['[', ']']);
        let is_address = host.parse::<IpAddr>().is_ok() || stem.parse::<IpAddr>().is_ok();
        // a domain name, a path, a URL
        let is_name = stem.contains('/') && stem.len() > 1
            || stem.contains('@')
            || stem.split('.').count() > 2 && stem.chars().any(char::is_alphabetic);
        match (is_host, is_address, is_name) {
            (true, ..) => self.other("host", stem) + end,
            (_, true, _) => self.other("address", stem) + end,
            (.., true) => self.other("name", stem) + end,
            _ => word.to_owned(),
        }
    }

    /// A device with other texts; a disk that is named by its mount point gets another name.
    pub fn device(&mut self, device: &Device) -> Device {
        let mut texts = Texts::default();
        for (text, words) in device.texts.iter() {
            let name = text.name();
            let masked = match name {
                _ if HARMLESS.contains(&name) => words.to_string(),
                "user" => self.words_of("user", words),
                "mounts" => self.words_of("/mount", words),
                "hostname" => self.other("host", words),
                "addresses" => self.words_of("address", words),
                "unit" | "failed" | "container" | "cgroup" => self.words_of("unit", words),
                "command" => {
                    let program = device.text(&v::NAME).unwrap_or("program").to_owned();
                    format!("{program} ({})", self.other("arguments", words))
                }
                _ => self.other("text", words),
            };
            texts.set(text, masked.into());
        }
        let mut masked = Device { texts, ..device.clone() };
        let is_path = device.name.contains('/') && !COMMON.contains(&&*device.name);
        if is_path {
            masked.name = self.other("/mount", &device.name).into();
        }
        if device.kind.word() == "container" {
            masked.name = self.other("unit", &device.name).into();
        }
        masked
    }

    fn instance(&mut self, view: &InstanceView) -> InstanceView {
        let list = view.devices.list.iter().map(|device| self.device(device)).collect();
        let devices = Arc::new(Devices { list, kinds: view.devices.kinds.clone() });
        let mut health = view.health.clone();
        health.failure = health.failure.map(|failure| {
            let masked = Failure::new(failure.class(), self.words(failure.reason()));
            Arc::new(match failure.advice() {
                Some(advice) => masked.advise(self.words(advice)),
                None => masked,
            })
        });
        let mut all = |texts: &[String]| texts.iter().map(|text| self.words(text)).collect();
        let (notes, left_out) = (all(&view.notes), all(&view.left_out));
        InstanceView { devices, health, notes, left_out, ..view.clone() }
    }

    /// A snapshot under other names, its graphs included.
    pub fn snapshot(&mut self, snapshot: &Snapshot) -> Snapshot {
        // all names are known before words are looked at
        let names: Vec<Source> = snapshot.sources.iter().map(|s| self.source(&s.source)).collect();
        let sources = snapshot.sources.iter().zip(names).map(|(view, source)| {
            let instances: Vec<Arc<InstanceView>> =
                view.instances.iter().map(|i| Arc::new(self.instance(i))).collect();
            let remarks = view.remarks.iter().map(|text| self.words(text)).collect();
            let tags: Vec<String> = view.tags.iter().map(|tag| self.other("tag", tag)).collect();
            let summary = HostStats::of(instances.iter().flat_map(|i| i.all().iter()));
            Arc::new(SourceView {
                source,
                instances,
                remarks,
                summary,
                tags: tags.into(),
                labels: SourceLabels::default(),
                ..(**view).clone()
            })
        });
        let sources: Vec<Arc<SourceView>> = sources.collect();
        let numbers = sources.iter().map(|view| (view.source.clone(), view.order)).collect();
        let mut masked = Snapshot::new(sources, Arc::new(numbers), snapshot.number);
        masked.made = snapshot.made;
        masked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_always_the_same_other_one() {
        let mut masker = Masker::default();
        let first = masker.source(&Source::named("db.example.com"));
        assert_eq!(first.name(), "host-1");
        assert_eq!(masker.source(&Source::named("web")).name(), "host-2");
        assert_eq!(masker.source(&Source::named("db.example.com")), first);
        assert_eq!(masker.source(&Source::Local), Source::Local);
        let words = masker.words("db.example.com: connection to 10.1.2.3:9100 refused; 5.5 s");
        assert_eq!(words, "host-1: connection to address-1 refused; 5.5 s");
        assert_eq!(masker.words("see https://x.example/y"), "see name-1");
        assert_eq!(masker.words_of("user", "root alice"), "root user-1");
    }
}
