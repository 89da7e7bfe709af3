//! The series of an instant, by the target that each was scraped from.

use super::{
    answer::{QueryLabels, QuerySeries},
    query::{MARK, SAMPLED},
};
use crate::targets::{CommonLabels, TargetLabels};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// Series of all hosts together; more are left out.
pub const SERIES: usize = 500_000;

/// Metrics whose samples' times are asked for, at most.
const SAMPLED_METRICS: usize = 20;

/// The targets of an answer.
#[derive(Default, Debug)]
pub struct ScrapedTargets<'a, 'b> {
    /// Each with its series.
    pub targets: Vec<TargetSeries<'a, 'b>>,
    /// Metrics of instances and jobs whose samples have no time.
    timeless: BTreeMap<TargetKey<'b>, BTreeSet<&'b str>>,
    /// There are more series than [`SERIES`].
    pub too_many: bool,
}

/// Instance and job.
type TargetKey<'b> = (&'b str, &'b str);

/// What the server has of one target now.
#[derive(Debug)]
pub struct TargetSeries<'a, 'b> {
    /// The labels that the server gives to all that it scrapes of it.
    pub labels: TargetLabels,
    /// The moment of its last scrape, on the server's clock in seconds.
    pub scraped: f64,
    /// Whether it can be scraped; `None` where the server does not say.
    pub up: Option<bool>,
    /// Its series with their values, always in the same order.
    pub series: Vec<(&'b QueryLabels<'a>, f64)>,
}

impl<'a, 'b> ScrapedTargets<'a, 'b> {
    /// Puts each series to its target: of those with its instance and job that are scraped, the one that has most
    /// of its labels. One that no `up` belongs to is of what was pushed, or of a target that all series of its
    /// instance and job tell by their common labels. Samples before `oldest` are left out.
    pub fn sort(all: &'b [QuerySeries<'a>], oldest: Option<f64>) -> ScrapedTargets<'a, 'b> {
        let mut sorted = ScrapedTargets::default();
        let mut numbers: HashMap<TargetLabels, usize> = HashMap::new();
        let mut times: HashMap<TargetKey<'b>, Vec<(TargetLabels, f64)>> = HashMap::new();
        let mut pushes = times.clone();
        for series in all {
            let (Some(sample), labels) = (series.value, &series.metric) else { continue };
            match (labels.get(MARK), labels.get("__name__")) {
                (Some(SAMPLED), _) => {
                    times.entry(key(labels)).or_default().push((target_of(labels), sample.value));
                }
                (Some(_), _) => drop(sorted.add(&mut numbers, target_of(labels), sample.value)),
                (None, Some("push_time_seconds")) => {
                    pushes.entry(key(labels)).or_default().push((exported(labels), sample.value));
                }
                _ => {}
            }
        }
        let index = Index::of(&sorted.targets);
        let mut pending = Vec::new();
        let mut common: HashMap<TargetKey<'b>, CommonLabels> = HashMap::new();
        let mut kept = 0;
        for series in all {
            let (Some(sample), labels) = (series.value, &series.metric) else { continue };
            match labels.get("__name__") {
                None | Some("push_time_seconds") => continue,
                Some("up") => {
                    if let Some(number) = numbers.get(&target_of(labels)) {
                        sorted.targets[*number].up = Some(sample.value > 0.0);
                    }
                    continue;
                }
                Some(_) => {}
            }
            kept += 1;
            if kept > SERIES {
                sorted.too_many = true;
                break;
            }
            match index.find(labels, &sorted.targets) {
                Some(number) => sorted.targets[number].series.push((labels, sample.value)),
                None if key(labels) == ("", "") => {}
                None => {
                    let names = labels.0.iter().map(|(name, _)| &*name.0);
                    common.entry(key(labels)).or_default().add(names);
                    pending.push((labels, sample.value));
                }
            }
        }
        for (labels, value) in pending {
            let key = key(labels);
            let holds = |known: &&(TargetLabels, f64)| known.0.hold_for(|name| word(labels, name));
            let best = |known: &'_ HashMap<TargetKey<'b>, Vec<(TargetLabels, f64)>>| {
                let fit = known.get(&key).into_iter().flatten().filter(holds);
                fit.max_by_key(|(labels, _)| labels.len()).cloned()
            };
            let is_common = |name: &str| common.get(&key).is_some_and(|common| common.has(name));
            let found = best(&pushes).or_else(|| {
                let own = labels.0.iter().map(|(name, _)| &*name.0).chain(["instance", "job"]);
                let own = own.filter(|name| is_common(name));
                let own = own.filter_map(|name| Some((name, word(labels, name)?)));
                Some((TargetLabels::new(own), best(&times)?.1))
            });
            match (found, labels.get("__name__")) {
                (Some((target, at)), _) => {
                    let number = sorted.add(&mut numbers, target, at);
                    sorted.targets[number].series.push((labels, value));
                }
                (None, Some(name)) => drop(sorted.timeless.entry(key).or_default().insert(name)),
                (None, None) => {}
            }
        }
        // Always the same order: then the next body is as predicted, and each kind comes from the same target.
        sorted.targets.sort_by(|a, b| a.labels.cmp(&b.labels));
        sorted.targets.iter_mut().for_each(|target| target.series.sort_by(|a, b| a.0.cmp(b.0)));
        sorted.targets.retain(|target| {
            (target.up.is_some() || !target.series.is_empty())
                && oldest.is_none_or(|oldest| target.scraped >= oldest)
        });
        sorted
    }

    fn add(
        &mut self,
        numbers: &mut HashMap<TargetLabels, usize>,
        labels: TargetLabels,
        scraped: f64,
    ) -> usize {
        let number = *numbers.entry(labels).or_insert_with_key(|labels| {
            let labels = labels.clone();
            self.targets.push(TargetSeries { labels, scraped, up: None, series: Vec::new() });
            self.targets.len() - 1
        });
        let known = &mut self.targets[number];
        known.scraped = known.scraped.max(scraped);
        number
    }

    /// Adds metrics that tell the times of samples which have none yet, as few as will do. Returns whether there is
    /// any.
    pub fn add_sampled(&self, sampled: &mut BTreeSet<String>) -> bool {
        let before = sampled.len();
        for metrics in self.timeless.values() {
            if sampled.len() >= SAMPLED_METRICS {
                break;
            }
            if !metrics.iter().any(|metric| sampled.contains(*metric))
                && let Some(first) = metrics.first()
            {
                sampled.insert((*first).to_owned());
            }
        }
        sampled.len() > before
    }
}

/// Targets by instance and job, those with most labels first.
#[derive(Default)]
struct Index(HashMap<(String, String), Vec<usize>>);

impl Index {
    fn of(targets: &[TargetSeries<'_, '_>]) -> Index {
        let mut index = Index::default();
        for (number, target) in targets.iter().enumerate() {
            let key = (target.labels.instance().to_owned(), target.labels.job().to_owned());
            index.0.entry(key).or_default().push(number);
        }
        for numbers in index.0.values_mut() {
            numbers.sort_by_key(|number| Reverse(targets[*number].labels.len()));
        }
        index
    }

    fn find(&self, labels: &QueryLabels<'_>, targets: &[TargetSeries<'_, '_>]) -> Option<usize> {
        let (instance, job) = key(labels);
        let known = self.0.get(&(instance.to_owned(), job.to_owned()))?;
        let holds = |number: &&usize| targets[**number].labels.hold_for(|name| labels.get(name));
        known.iter().find(holds).copied()
    }
}

/// A label as it was before a server that scrapes a gateway put its own in front.
fn word<'b>(labels: &'b QueryLabels<'_>, name: &str) -> Option<&'b str> {
    let moved = |name| labels.get(name).or_else(|| labels.get("exported_job").map(|_| ""));
    match name {
        "instance" if labels.get("exported_job").is_some() => moved("exported_instance"),
        "job" => labels.get("exported_job").or_else(|| labels.get("job")),
        _ => labels.get(name),
    }
    .filter(|value| !value.is_empty())
}

/// Instance and job of a series, empty where they are missing.
fn key<'b>(labels: &'b QueryLabels<'_>) -> TargetKey<'b> {
    (word(labels, "instance").unwrap_or_default(), word(labels, "job").unwrap_or_default())
}

/// The labels of a push.
fn exported(labels: &QueryLabels<'_>) -> TargetLabels {
    let names = labels.0.iter().map(|(name, _)| &*name.0).chain(["instance", "job"]);
    let own = names.filter(|name| !name.starts_with("exported_"));
    TargetLabels::new(own.filter_map(|name| Some((name, word(labels, name)?))))
}

/// The labels of the target that a series of it tells, without its name and our mark.
pub fn target_of(labels: &QueryLabels<'_>) -> TargetLabels {
    let all = labels.0.iter().map(|(name, value)| (&*name.0, &*value.0));
    TargetLabels::new(all.filter(|(name, _)| *name != MARK))
}
