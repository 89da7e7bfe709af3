//! The hosts of a server: from the series of all of them to a part for each, as old as its scrape.

use super::{
    answer::{Labels, Series},
    query::MARK,
};
use crate::{
    foreign::Clock,
    remote::{Interpreter, lexicon::Lexicon},
};
use manytop_core::{
    clock::Moment,
    provider::{Class, Failure, Want},
    reading::{Answer, Kind, Part, Reading},
    text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
    time::Duration,
};

/// How often hosts are scraped, as long as nobody knows better.
const PACE: Duration = Duration::from_secs(15);
/// A host that the server no longer has is forgotten after as long as its samples are handed out.
const FORGOTTEN: Duration = Duration::from_secs(300);

/// The hosts that the server has told of.
#[derive(Debug)]
pub struct Hosts {
    lexicon: Arc<Lexicon>,
    fahrenheit: bool,
    refresh: Duration,
    known: BTreeMap<Arc<str>, Host>,
    /// Jobs of which some host was understood: their others are hosts too, also while they are down.
    jobs: BTreeSet<String>,
    /// What was wanted last time.
    want: Want,
    clock: Clock,
}

#[derive(Debug)]
struct Host {
    interpreter: Interpreter,
    /// The moment of its last scrape, on the server's clock in milliseconds.
    scraped: i64,
    pace: Option<Duration>,
    /// When it was last among the server's targets.
    seen: Moment,
    /// The labels that the server gives to all that it scrapes of it.
    target: Vec<(String, String)>,
}

/// What the server has of one host now.
#[derive(Default)]
struct Told<'a, 'b> {
    series: Vec<(&'b Labels<'a>, f64)>,
    scraped: Option<f64>,
    up: Option<bool>,
    target: Option<&'b Labels<'a>>,
}

/// As milliseconds, in which servers count.
fn millis(at: f64) -> i64 {
    (at * 1000.0).round() as i64
}

impl Hosts {
    /// No hosts yet. `refresh`: how often the server is asked.
    pub fn new(lexicon: Arc<Lexicon>, fahrenheit: bool, refresh: Duration) -> Hosts {
        Hosts {
            lexicon,
            fahrenheit,
            refresh,
            known: BTreeMap::new(),
            jobs: BTreeSet::new(),
            want: Want::nothing(),
            clock: Clock::default(),
        }
    }

    /// What all remotes share.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The shortest time between two scrapes of a host.
    pub fn pace(&self) -> Duration {
        self.known.values().filter_map(|host| host.pace).min().unwrap_or(PACE)
    }

    /// The server's clock showed this at about that moment.
    pub fn set_clock(&mut self, shown: f64, now: Moment) {
        self.clock.set(shown, now);
    }

    /// Learns how often each host is scraped from the moments of its scrapes.
    pub fn learn_pace(&mut self, ups: &[Series<'_>]) {
        for series in ups {
            let Some(name) = name(&series.metric) else { continue };
            let mut spans: Vec<i64> = (series.values.windows(2))
                .map(|pair| millis(pair[1].at) - millis(pair[0].at))
                .filter(|span| *span > 0)
                .collect();
            spans.sort_unstable();
            let Some(median) = spans.get(spans.len() / 2) else { continue };
            if let Some(host) = self.known.get_mut(&name) {
                host.pace = Some(Duration::from_millis(median.unsigned_abs()));
            }
        }
    }

    /// Makes parts of an instant's series. Returns whether some host's scrape has no moment.
    pub fn take(
        &mut self,
        series: &[Series<'_>],
        want: &Want,
        chosen: bool,
        answer: &mut Answer,
    ) -> bool {
        let now = Moment::now();
        let anew = std::mem::replace(&mut self.want, want.clone()) != *want;
        let told = told(series);
        let mut timeless = false;
        let mut down = Vec::new();
        for (name, told) in &told {
            let known = self.known.contains_key(name);
            let Some(scraped) = told.scraped else {
                timeless |= !told.series.is_empty();
                continue;
            };
            if told.series.is_empty() && !known {
                if told.up == Some(false) {
                    down.push((name, told));
                }
                continue;
            }
            let host = self.known.entry(name.clone()).or_insert_with(|| Host {
                interpreter: Interpreter::new(self.lexicon.clone(), self.fahrenheit),
                scraped: 0,
                pace: None,
                seen: now,
                target: Vec::new(),
            });
            host.seen = now;
            if let Some(target) = told.target {
                let own = target.0.iter().filter(|(label, _)| label.0 != MARK);
                host.target = own.map(|(l, v)| (l.0.to_string(), v.0.to_string())).collect();
                self.jobs.extend(target.get("job").map(str::to_owned));
            }
            if told.up == Some(false) {
                down.push((name, told));
            }
            if told.series.is_empty() || (millis(scraped) <= host.scraped && !anew) {
                continue;
            }
            let part = host.part(name, told, want, self.clock.moment(scraped), self.refresh);
            answer.parts.extend(part);
        }
        let ours = |told: &Told<'_, '_>| {
            let job = told.target.and_then(|target| target.get("job"));
            chosen || job.is_some_and(|job| self.jobs.contains(job))
        };
        for (name, _) in
            down.into_iter().filter(|(name, told)| self.known.contains_key(*name) || ours(told))
        {
            answer.failed.push((name.clone(), cannot_scrape()));
        }
        self.miss(&told, now, answer);
        timeless
    }

    /// Gives parts that were made before the pace was known their interval.
    pub fn mark(&self, answer: &mut Answer) {
        for part in &mut answer.parts {
            let host = part.member.as_ref().and_then(|name| self.known.get(name));
            part.interval = host.map(|host| host.interval(self.refresh));
        }
    }

    /// What becomes of hosts of which the server says nothing any more.
    fn miss(&mut self, told: &BTreeMap<Arc<str>, Told<'_, '_>>, now: Moment, answer: &mut Answer) {
        let missing = |name: &Arc<str>| !told.contains_key(name);
        for (name, host) in self.known.iter().filter(|(name, _)| missing(name)) {
            match now.since(host.seen) > FORGOTTEN {
                true => answer.gone.push(name.clone()),
                false => answer.failed.push((name.clone(), no_target())),
            }
        }
        self.known.retain(|name, _| !answer.gone.contains(name));
    }

    /// Adds what a kind was like at each scrape, by host and moment.
    pub fn past(&self, kind: Kind, series: &[Series<'_>], into: &mut Past) {
        let mut bodies: BTreeMap<(Arc<str>, i64), String> = BTreeMap::new();
        for series in series {
            let Some(name) = name(&series.metric) else { continue };
            let Some(host) = self.known.get(&name) else { continue };
            for sample in series.values.iter().filter(|s| millis(s.at) < host.scraped) {
                let body = bodies.entry((name.clone(), millis(sample.at))).or_default();
                line(body, &series.metric, sample.value, &host.target);
            }
        }
        let want = Want::kinds(&[kind]);
        let mut interpreters: BTreeMap<Arc<str>, Interpreter> = BTreeMap::new();
        for ((name, at), body) in bodies {
            let interpreter = interpreters
                .entry(name.clone())
                .or_insert_with(|| Interpreter::new(self.lexicon.clone(), self.fahrenheit));
            let understood = interpreter.read(body.as_bytes(), &want);
            into.entry((name, at)).or_default().extend(understood.readings);
        }
    }

    /// The parts of the past, a host after the other, the oldest first.
    pub fn past_parts(&self, past: Past) -> impl Iterator<Item = Part> {
        past.into_iter().map(|((name, at), readings)| Part {
            member: Some(name),
            ..Part::own(self.clock.moment(at as f64 / 1000.0), readings)
        })
    }
}

/// What hosts were like before, by name and moment.
pub type Past = BTreeMap<(Arc<str>, i64), Vec<Reading>>;

impl Host {
    /// How far apart what is heard of it lies: a scrape is heard of at the next question.
    fn interval(&self, refresh: Duration) -> Duration {
        self.pace.unwrap_or(PACE) + refresh
    }

    /// `None` when nothing of it is understood: it is no host, or not yet.
    fn part(
        &mut self,
        name: &Arc<str>,
        told: &Told<'_, '_>,
        want: &Want,
        taken: Moment,
        refresh: Duration,
    ) -> Option<Part> {
        let mut body = String::with_capacity(told.series.len() * 64);
        for (labels, value) in &told.series {
            line(&mut body, labels, *value, &self.target);
        }
        let understood = self.interpreter.read(body.as_bytes(), want);
        let scraped = millis(told.scraped?);
        let span = u64::try_from(scraped - self.scraped).ok().map(Duration::from_millis);
        if let Some(span) = span.filter(|span| self.scraped > 0 && !span.is_zero()) {
            let slower = |pace: Duration| if span < pace { span } else { (pace * 3 + span) / 4 };
            self.pace = Some(self.pace.map_or(span, slower));
        }
        self.scraped = scraped;
        Some(Part {
            member: Some(name.clone()),
            dialects: understood.dialects,
            interval: Some(self.interval(refresh)),
            ..Part::own(taken, understood.readings)
        })
    }
}

fn told<'a, 'b>(all: &'b [Series<'a>]) -> BTreeMap<Arc<str>, Told<'a, 'b>> {
    let mut hosts: BTreeMap<Arc<str>, Told<'_, '_>> = BTreeMap::new();
    for series in all {
        let (Some(name), Some(sample)) = (name(&series.metric), series.value) else { continue };
        let host = hosts.entry(name).or_default();
        if series.metric.get(MARK).is_some() {
            if host.scraped.is_none_or(|scraped| scraped < sample.value) {
                (host.scraped, host.target) = (Some(sample.value), Some(&series.metric));
            }
        } else if series.metric.get("__name__") == Some("up") {
            // of several targets of one name, one that answers is enough
            host.up = Some(host.up == Some(true) || sample.value > 0.0);
        } else {
            host.series.push((&series.metric, sample.value));
        }
    }
    // always the same order: then the next body is as predicted
    hosts.values_mut().for_each(|host| host.series.sort_by(|a, b| a.0.cmp(b.0)));
    hosts
}

/// The source that a series belongs to.
fn name(labels: &Labels<'_>) -> Option<Arc<str>> {
    let name = text::clean(labels.get("instance").filter(|name| !name.is_empty())?);
    // this machine's own name is no other's
    Some(if name == "local" { "instance local".into() } else { name.into() })
}

/// Writes a series as the host itself would have, without what the server has added.
fn line(out: &mut String, labels: &Labels<'_>, value: f64, target: &[(String, String)]) {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let Some(name) = labels.get("__name__").filter(|name| name.chars().all(legal)) else { return };
    out.push_str(name);
    let mut open = false;
    for (label, value) in &labels.0 {
        let added = target.iter().any(|(l, v)| *l == label.0 && *v == value.0);
        if added || label.0 == "__name__" || !label.0.chars().all(legal) {
            continue;
        }
        out.push(if open { ',' } else { '{' });
        open = true;
        out.push_str(&label.0);
        out.push_str("=\"");
        for c in value.0.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                c => out.push(c),
            }
        }
        out.push('"');
    }
    if open {
        out.push('}');
    }
    let _ = match value {
        f64::INFINITY => out.write_str(" +Inf\n"),
        f64::NEG_INFINITY => out.write_str(" -Inf\n"),
        value => writeln!(out, " {value}"),
    };
}

fn cannot_scrape() -> Failure {
    Failure::new(Class::Unreachable, "up is 0: the server cannot scrape it")
        .advise("the server's page Status, Targets says why")
}

fn no_target() -> Failure {
    Failure::new(Class::Unreachable, "the server no longer has it among its targets")
}

#[cfg(test)]
mod tests;
