//! What hosts were like before: the samples of a span of time become parts, the oldest first.

use super::{
    answer::QuerySeries,
    host::{line, millis},
    hosts::EngineHosts,
    scraped::target_of,
};
use crate::{remote::ScrapeParser, targets::TargetLabels};
use manytop_plugin::{
    clock::Moment,
    provider::Selection,
    reading::{DeviceReading, SourceReadings},
};
use std::{collections::BTreeMap, sync::Arc};

/// Readings by host, target and moment.
type RangePoints = BTreeMap<Arc<str>, BTreeMap<TargetLabels, BTreeMap<i64, Vec<DeviceReading>>>>;

/// A source's name and the labels of its target.
type NamedTarget<'a> = (&'a Arc<str>, &'a TargetLabels);

impl EngineHosts {
    /// What these series tell of the wanted kinds at each scrape before the last one, as parts.
    pub fn past(&self, want: &Selection, all: &[QuerySeries<'_>]) -> Vec<SourceReadings> {
        // Which host has a target is known by the target's labels: a series has them and more.
        let mut index: BTreeMap<(&str, &str), Vec<NamedTarget<'_>>> = BTreeMap::new();
        for (name, host) in &self.known {
            for labels in host.targets.keys() {
                let found = index.entry((labels.instance(), labels.job())).or_default();
                found.push((name, labels));
            }
        }
        let mut bodies: BTreeMap<(&Arc<str>, &TargetLabels, i64), String> = BTreeMap::new();
        for series in all {
            let labels = target_of(&series.metric);
            let Some(found) = index.get(&(labels.instance(), labels.job())) else { continue };
            let ours = found.iter().filter(|(_, target)| target.hold_for(|name| labels.get(name)));
            let Some((name, target)) = ours.max_by_key(|(_, target)| target.len()) else {
                continue;
            };
            let last = self.known.get(*name).and_then(|host| host.targets.get(*target));
            let last = last.map_or(i64::MAX, |target| target.scraped);
            for sample in series.values.iter().filter(|s| millis(s.at) < last) {
                let body = bodies.entry((*name, *target, millis(sample.at))).or_default();
                line(body, &series.metric, sample.value, target);
            }
        }
        let mut points = RangePoints::new();
        let mut parsers: BTreeMap<&TargetLabels, ScrapeParser> = BTreeMap::new();
        for ((name, target, at), body) in bodies {
            let parser = parsers.entry(target).or_insert_with(|| {
                ScrapeParser::new(self.terms.catalog.clone(), self.terms.fahrenheit)
            });
            let parsed = parser.read(body.as_bytes(), want);
            let targets = points.entry(name.clone()).or_default();
            let moments = targets.entry(target.clone()).or_default();
            moments.entry(at).or_default().extend(parsed.readings);
        }
        self.past_parts(points)
    }

    /// The parts of the past, a host after the other, the oldest first. A part is of the moment at which the target
    /// with most samples was scraped; the others add what they said last before that, each with its own moment.
    fn past_parts(&self, past: RangePoints) -> Vec<SourceReadings> {
        let moment = |at: i64| self.clock.moment(at as f64 / 1000.0);
        let mut parts = Vec::new();
        for (name, mut targets) in past {
            let most = targets.iter().max_by_key(|(_, moments)| moments.len());
            let Some(first) = most.map(|(labels, _)| labels.clone()) else { continue };
            let Some(main) = targets.remove(&first) else { continue };
            for (at, mut readings) in main {
                for moments in targets.values_mut() {
                    let later = moments.split_off(&(at + 1));
                    let Some((own, others)) = std::mem::replace(moments, later).pop_last() else {
                        continue;
                    };
                    let read_at: Moment = moment(own);
                    readings.extend(others.into_iter().map(|reading| reading.read_at(read_at)));
                }
                let own = SourceReadings::own(moment(at), readings);
                parts.push(SourceReadings { member: Some(name.clone()), ..own });
            }
        }
        parts
    }
}
