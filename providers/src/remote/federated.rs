//! A body that holds the series of several targets: of a pushgateway, or of a Prometheus at `/federate`.
//!
//! Each line has the labels `job` and `instance` there, besides those that it had where it comes from. The lines of
//! a target are handed to a parser of its own, without the target's labels. A target is identified by the labels of
//! its `push_time_seconds` or `up`, which have no others; without these by `job`, `instance` and the labels of a
//! site. It is as old as the timestamps of its lines, or as the time of its push.

use super::lines::{LineBuffer, Measured};
use crate::{
    dialects::{catalog::DialectCatalog, scrape_parser::ScrapeParser},
    exposition::{adapter, line},
    remote_clock::RemoteClock,
    targets::{CommonLabels, SITE, SourceNames, TargetLabels, TargetReadings, merge},
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure, Selection},
    reading::{PollResult, SourceLabels},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::Arc,
    time::Duration,
};

/// Targets of one body; more are left out.
const TARGETS: usize = 10_000;
/// Series of one body; more are left out.
pub const SERIES: usize = 500_000;
/// The time between two samples of a target, as long as it is not known.
const PACE: Duration = Duration::from_secs(15);
/// The labels that every line of such a body has.
const NEEDED: [&[u8]; 2] = [b"job=\"", b"instance=\""];

/// Whether a line before its value has the labels of a target.
pub fn is_of_target(key: &[u8]) -> bool {
    let has = |label: &[u8]| {
        memchr::memmem::find_iter(key, label)
            .any(|at| at > 0 && matches!(key[at - 1], b'{' | b',' | b' '))
    };
    NEEDED.iter().all(|label| has(label))
}

/// The targets of such bodies.
#[derive(Debug)]
pub struct Federated {
    catalog: Arc<DialectCatalog>,
    names: SourceNames,
    /// Targets that `up` or `push_time_seconds` named in the last body, by instance and job.
    groups: HashMap<(String, String), BTreeSet<TargetLabels>>,
    /// And in this one.
    named: HashMap<(String, String), BTreeSet<TargetLabels>>,
    targets: BTreeMap<TargetLabels, FederatedTarget>,
    /// The sources of the last answer.
    sources: BTreeSet<Arc<str>>,
    clock: RemoteClock,
    want: Selection,
    buffer: LineBuffer,
    line: String,
    series: usize,
    too_many: bool,
    /// The labels that all lines of an instance and job have, of those for which no group was named.
    common: HashMap<(String, String), CommonLabels>,
    /// The target lines of the first body, kept until its groups are known.
    first: Option<Vec<u8>>,
    /// This body has an instance and job that are new, and no group of it is known.
    unknown: bool,
    /// The last body was taken to learn its groups only.
    learnt: bool,
}

#[derive(Debug)]
struct FederatedTarget {
    parser: ScrapeParser,
    pace: Measured,
    /// This body has it.
    there: bool,
    up: Option<bool>,
    /// Seconds on the server's clock: of the newest line, and of the push.
    newest: Option<f64>,
    pushed: Option<f64>,
}

impl Federated {
    /// Targets that nothing is known of.
    pub fn new(catalog: Arc<DialectCatalog>) -> Federated {
        Federated {
            catalog,
            names: SourceNames::default(),
            groups: HashMap::new(),
            named: HashMap::new(),
            targets: BTreeMap::new(),
            sources: BTreeSet::new(),
            clock: RemoteClock::default(),
            want: Selection::nothing(),
            buffer: LineBuffer::default(),
            line: String::new(),
            series: 0,
            too_many: false,
            common: HashMap::new(),
            first: Some(Vec::new()),
            unknown: false,
            learnt: false,
        }
    }

    /// Before the first chunk of a body.
    pub fn begin(&mut self) {
        self.buffer.begin();
        (self.series, self.too_many) = (0, false);
        self.named.clear();
        self.unknown = false;
        if self.first.is_some() {
            self.first = Some(Vec::new());
            self.common.clear();
        }
        for target in self.targets.values_mut() {
            (target.there, target.up, target.newest, target.pushed) = (false, None, None, None);
        }
    }

    /// The next chunk, cut anywhere; `own` takes the lines of no target.
    pub fn feed(&mut self, chunk: &[u8], own: &mut ScrapeParser) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.feed(chunk, |line| self.take(line, own));
        self.buffer = buffer;
    }

    /// The sources of the last answer.
    pub fn into_names(self) -> impl Iterator<Item = Arc<str>> {
        self.sources.into_iter()
    }

    /// A whole line.
    fn take(&mut self, bytes: &[u8], own: &mut ScrapeParser) {
        if bytes.first() == Some(&b'#') || !is_of_target(bytes) {
            return own.feed(bytes);
        }
        let text = String::from_utf8_lossy(bytes);
        let Some(sample) = line::split(text.trim_end_matches(['\r', '\n'])) else {
            return own.feed(bytes);
        };
        let labels: Vec<(String, String)> = sample
            .labels
            .iter()
            .map(|(name, value)| (adapter::unescape(name), adapter::unescape(value)))
            .collect();
        let get = |name: &str| labels.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let all = || TargetLabels::new(labels.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        self.names.learn(sample.name, &all());
        let value = || sample.value.parse::<f64>().ok().filter(|value| value.is_finite());
        match sample.name {
            "push_time_seconds" => {
                if let Some(target) = self.add_group(all()) {
                    target.pushed = value();
                }
                return;
            }
            "up" => {
                if let Some(target) = self.add_group(all()) {
                    target.up = Some(value().is_some_and(|value| value > 0.0));
                    target.newest = newest(target.newest, sample.rest);
                }
                return;
            }
            _ if !self.catalog.filter().wants(bytes) => return,
            _ => {}
        }
        if self.series >= SERIES {
            self.too_many = true;
            return;
        }
        if let Some(first) = &mut self.first {
            let names = labels.iter().map(|(name, _)| name.as_str());
            self.common.entry(key_of(get("instance"), get("job"))).or_default().add(names);
            first.extend_from_slice(bytes);
            return;
        }
        self.series += 1;
        let key = key_of(get("instance"), get("job"));
        let groups = self.groups.get(&key).into_iter().flatten();
        let ours = groups.filter(|group| group.hold_for(get)).max_by_key(|group| group.len());
        let group = match ours {
            Some(group) => group.clone(),
            None => {
                let common = self.common.get(&key);
                self.unknown |= common.is_none();
                let is = |name: &str| match common {
                    Some(common) => common.has(name),
                    None => matches!(name, "instance" | "job") || SITE.contains(&name),
                };
                let kept = labels.iter().filter(|(name, _)| is(name));
                TargetLabels::new(kept.map(|(name, value)| (name.as_str(), value.as_str())))
            }
        };
        let mut out = std::mem::take(&mut self.line);
        write_line(&mut out, &sample, &group);
        if let Some(target) = self.target(group) {
            target.newest = newest(target.newest, sample.rest);
            target.parser.feed(out.as_bytes());
        }
        self.line = out;
    }

    fn add_group(&mut self, group: TargetLabels) -> Option<&mut FederatedTarget> {
        let key = key_of(Some(group.instance()), Some(group.job()));
        self.named.entry(key).or_default().insert(group.clone());
        self.target(group)
    }

    /// The target of those labels, from now on; `None` when there are too many.
    fn target(&mut self, group: TargetLabels) -> Option<&mut FederatedTarget> {
        if self.targets.len() >= TARGETS && !self.targets.contains_key(&group) {
            self.too_many = true;
            return None;
        }
        let catalog = &self.catalog;
        let target = self.targets.entry(group).or_insert_with(|| FederatedTarget {
            parser: ScrapeParser::new(catalog.clone(), false),
            pace: Measured::default(),
            there: false,
            up: None,
            newest: None,
            pushed: None,
        });
        if !std::mem::replace(&mut target.there, true) {
            target.parser.begin();
        }
        Some(target)
    }

    /// After the last chunk: adds a part for each source. `shown` is the server's clock at `now`. Returns whether
    /// the body held any target.
    pub fn end(
        &mut self,
        want: &Selection,
        (shown, now): (f64, Moment),
        own: &mut ScrapeParser,
        answer: &mut PollResult,
    ) -> bool {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.end(|line| self.take(line, own));
        if let Some(first) = self.first.take() {
            self.groups = self.named.clone();
            first.split_inclusive(|byte| *byte == b'\n').for_each(|line| self.take(line, own));
        }
        self.targets.retain(|_, target| target.there);
        // Lines went by other groups than this body names: the next one is split rightly.
        let differ =
            std::mem::replace(&mut self.groups, std::mem::take(&mut self.named)) != self.groups;
        // Pushes of a new instance and job may have labels of their own.
        let is_named = |labels: &TargetLabels| {
            let groups = self.groups.get(&key_of(Some(labels.instance()), Some(labels.job())));
            groups.is_none_or(|groups| groups.contains(labels))
        };
        let wrong = self.targets.keys().any(|labels| !is_named(labels));
        if ((differ && wrong) || self.unknown) && !std::mem::replace(&mut self.learnt, true) {
            self.first = self.unknown.then(Vec::new);
            answer.more = true;
            return true;
        }
        self.learnt = false;
        let other_want = std::mem::replace(&mut self.want, want.clone()) != *want;
        let latest =
            self.targets.values().filter_map(|t| t.newest.or(t.pushed)).fold(shown, f64::max);
        self.clock.set(latest, now);
        let names = self.names.assign(self.targets.keys());
        let mut hosts: BTreeMap<Arc<str>, Vec<(&TargetLabels, &mut FederatedTarget)>> =
            BTreeMap::new();
        for (name, target) in names.into_iter().zip(&mut self.targets) {
            hosts.entry(name).or_default().push(target);
        }
        let mut sources = BTreeSet::new();
        for (name, targets) in hosts {
            let mut parts = Vec::new();
            let (mut news, mut down, mut interval) = (other_want, false, None::<Duration>);
            let mut labels: Vec<(Box<str>, Box<str>)> = Vec::new();
            let mut timed = false;
            for (group, target) in targets {
                let parsed = target.parser.end(want);
                let at = target.newest.or(target.pushed);
                timed |= at.is_some();
                news |= at.is_none_or(|at| target.pace.add(at));
                down |= target.up == Some(false);
                if parsed.dialects.is_empty() {
                    continue;
                }
                let pace = target.pace.span().unwrap_or(PACE);
                interval = Some(interval.map_or(pace, |known| known.min(pace)));
                for (label, value) in group.iter() {
                    if labels.iter().all(|(known, _)| **known != *label) {
                        labels.push((label.into(), value.into()));
                    }
                }
                let mut notes = parsed.notes;
                if parsed.left_out.many {
                    notes.push("too many series; the rest is left out".to_owned());
                }
                parts.push(TargetReadings {
                    read_at: at.map_or(now, |at| self.clock.moment(at)),
                    rank: target.parser.rank(&parsed.dialects),
                    readings: parsed.readings,
                    dialects: parsed.dialects,
                    notes,
                    unread: parsed.unread,
                });
            }
            let Some(mut part) = merge(Some(name.clone()), parts) else {
                if down && self.sources.contains(&name) {
                    answer.failed.push((name.clone(), cannot_scrape()));
                    sources.insert(name);
                }
                continue;
            };
            sources.insert(name);
            if !news {
                continue; // it is as it was
            }
            labels.sort();
            part.labels = SourceLabels::from(labels);
            part.interval = interval.filter(|_| timed);
            answer.parts.push(part);
        }
        answer.gone.extend(self.sources.difference(&sources).cloned());
        self.sources = sources;
        if self.too_many {
            answer.notes.push(format!(
                "more than {SERIES} series or {TARGETS} targets; the rest is left out"
            ));
        }
        !self.targets.is_empty()
    }
}

fn key_of(instance: Option<&str>, job: Option<&str>) -> (String, String) {
    (instance.unwrap_or_default().to_owned(), job.unwrap_or_default().to_owned())
}

/// The later of a time and a line's timestamp, in seconds. The text of Prometheus has milliseconds, that of
/// OpenMetrics seconds.
fn newest(known: Option<f64>, rest: &str) -> Option<f64> {
    let stamp = rest.split([' ', '\t', '#']).next().and_then(|word| word.parse::<f64>().ok());
    let stamp = stamp.filter(|stamp| *stamp > 0.0 && stamp.is_finite());
    let seconds = stamp.map(|stamp| if stamp > 1e11 { stamp / 1000.0 } else { stamp });
    match (known, seconds) {
        (Some(known), Some(seconds)) => Some(known.max(seconds)),
        (known, seconds) => known.or(seconds),
    }
}

/// A line as the target itself would have written it.
fn write_line(out: &mut String, sample: &line::Sample<'_>, group: &TargetLabels) {
    out.clear();
    out.push_str(sample.name);
    let mut open = false;
    for (name, value) in sample.labels.iter() {
        let plain = adapter::unescape(name);
        let of_group = group.get(&plain).is_some_and(|known| known == adapter::unescape(value));
        if of_group || matches!(plain.as_str(), "instance" | "job") {
            continue;
        }
        out.push(if open { ',' } else { '{' });
        open = true;
        let bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let _ = if bare {
            write!(out, "{name}=\"{value}\"")
        } else {
            write!(out, "\"{name}\"=\"{value}\"")
        };
    }
    let _ = writeln!(out, "{} {}", if open { "}" } else { "" }, sample.value);
}

fn cannot_scrape() -> Failure {
    Failure::new(Class::Unreachable, "up is 0: the server cannot scrape it")
        .advise("the server's page Status, Targets says why")
}

#[cfg(test)]
#[path = "federated_tests.rs"]
mod tests;
