//! One host of a server: its targets, and what their series become.

use super::{answer::QueryLabels, scraped::TargetSeries};
use crate::{
    dialects::catalog::DialectCatalog,
    remote::ScrapeParser,
    remote_clock::RemoteClock,
    targets::{TargetLabels, TargetReadings, merge},
};
use manytop_plugin::{
    clock::Moment,
    provider::Selection,
    reading::{SourceLabels, SourceReadings},
};
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

/// How often hosts are assumed to be scraped before that is known.
pub const PACE: Duration = Duration::from_secs(15);

/// A host.
#[derive(Debug)]
pub struct EngineHost {
    /// What is known of its targets.
    pub targets: BTreeMap<TargetLabels, EngineTarget>,
    /// When it was last among the server's targets.
    pub seen: Moment,
}

/// A target of a host.
#[derive(Debug)]
pub struct EngineTarget {
    parser: ScrapeParser,
    /// The moment of its last scrape, on the server's clock in milliseconds.
    pub scraped: i64,
    /// The time between two scrapes.
    pub pace: Option<Duration>,
    /// Its series told something of a host.
    pub scrape: bool,
}

/// As milliseconds, in which servers count.
pub fn millis(at: f64) -> i64 {
    (at * 1000.0).round() as i64
}

impl EngineHost {
    /// A host of which nothing is known.
    pub fn new(seen: Moment) -> EngineHost {
        EngineHost { targets: BTreeMap::new(), seen }
    }

    /// How far apart the news of it lies: a scrape is noticed at the next question.
    pub fn interval(&self, refresh: Duration) -> Duration {
        let scrape = self.targets.values().filter(|target| target.scrape);
        scrape.filter_map(|target| target.pace).min().unwrap_or(PACE) + refresh
    }

    /// Whether some of these targets was scraped since.
    pub fn is_older(&self, targets: &[&TargetSeries<'_, '_>]) -> bool {
        targets.iter().filter(|target| !target.series.is_empty()).any(|target| {
            let known = self.targets.get(&target.labels);
            known.is_none_or(|known| millis(target.scraped) > known.scraped)
        })
    }

    /// The targets that cannot be scraped, of those that told something or, where none did, of all. `None` where
    /// it is all of them.
    pub fn down<'t>(&self, targets: &[&'t TargetSeries<'_, '_>]) -> Option<Vec<&'t TargetLabels>> {
        let told = |labels: &TargetLabels| self.targets.get(labels).is_some_and(|t| t.scrape);
        let any = targets.iter().any(|target| told(&target.labels));
        let mut down = Vec::new();
        let mut answers = false;
        for target in targets.iter().filter(|target| !any || told(&target.labels)) {
            match target.up {
                Some(false) => down.push(&target.labels),
                _ => answers = true,
            }
        }
        (answers || down.is_empty()).then_some(down)
    }

    /// What its targets say now; `None` where nothing of it is understood: it is not a host, or not yet.
    pub fn part(
        &mut self,
        name: &Arc<str>,
        targets: &[&TargetSeries<'_, '_>],
        want: &Selection,
        (catalog, fahrenheit): (&Arc<DialectCatalog>, bool),
        (clock, refresh): (&RemoteClock, Duration),
    ) -> Option<SourceReadings> {
        let mut told = Vec::new();
        let mut labels: Vec<(Box<str>, Box<str>)> = Vec::new();
        for target in targets.iter().filter(|target| !target.series.is_empty()) {
            let known = self.targets.entry(target.labels.clone()).or_insert_with(|| EngineTarget {
                parser: ScrapeParser::new(catalog.clone(), fahrenheit),
                scraped: 0,
                pace: None,
                scrape: false,
            });
            let readings = known.read(target, want, clock.moment(target.scraped));
            if readings.dialects.is_empty() {
                continue;
            }
            known.scrape = true;
            for (name, value) in target.labels.iter() {
                if labels.iter().all(|(known, _)| **known != *name) {
                    labels.push((name.into(), value.into()));
                }
            }
            told.push(readings);
        }
        let mut part = merge(Some(name.clone()), told)?;
        for labels in self.down(targets).unwrap_or_default() {
            part.left_out.push(format!(
                "job \"{}\" at \"{}\" is not read: up is 0",
                labels.job(),
                labels.instance()
            ));
        }
        labels.sort();
        part.labels = SourceLabels::from(labels);
        part.interval = Some(self.interval(refresh));
        Some(part)
    }
}

impl EngineTarget {
    fn read(
        &mut self,
        target: &TargetSeries<'_, '_>,
        want: &Selection,
        read_at: Moment,
    ) -> TargetReadings {
        let mut body = String::with_capacity(target.series.len() * 64);
        for (labels, value) in &target.series {
            line(&mut body, labels, *value, &target.labels);
        }
        let parsed = self.parser.read(body.as_bytes(), want);
        let scraped = millis(target.scraped);
        let span = u64::try_from(scraped - self.scraped).ok().map(Duration::from_millis);
        if let Some(span) = span.filter(|span| self.scraped > 0 && !span.is_zero()) {
            let slower = |pace: Duration| if span < pace { span } else { (pace * 3 + span) / 4 };
            self.pace = Some(self.pace.map_or(span, slower));
        }
        self.scraped = self.scraped.max(scraped);
        let mut notes = parsed.notes;
        if parsed.left_out.many {
            notes.push("too many series; the rest is left out".to_owned());
        }
        TargetReadings {
            read_at,
            rank: self.parser.rank(&parsed.dialects),
            readings: parsed.readings,
            dialects: parsed.dialects,
            notes,
            unread: parsed.unread,
        }
    }
}

/// Writes a series as the target itself would have, without what the server has added.
pub fn line(out: &mut String, labels: &QueryLabels<'_>, value: f64, target: &TargetLabels) {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let Some(name) = labels.get("__name__").filter(|name| name.chars().all(legal)) else { return };
    out.push_str(name);
    let mut open = false;
    for (label, value) in &labels.0 {
        if label.0 == "__name__" || target.get(&label.0) == Some(&*value.0) {
            continue;
        }
        out.push(if open { ',' } else { '{' });
        open = true;
        match label.0.chars().all(legal) {
            true => out.push_str(&label.0),
            false => quoted(out, &label.0),
        }
        out.push('=');
        quoted(out, &value.0);
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

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}
