//! The hosts of a server: from the series of all targets to a part for each host, as old as its scrapes.

use super::{
    answer::QuerySeries,
    host::{EngineHost, PACE, millis},
    scraped::{SERIES, ScrapedTargets, TargetSeries, target_of},
};
use crate::{
    dialects::catalog::DialectCatalog,
    remote_clock::RemoteClock,
    targets::{SourceNames, TargetLabels},
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure, Selection},
    reading::PollResult,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

/// How long servers hand out a sample, where nothing else is asked for.
pub const LOOKBACK: Duration = Duration::from_secs(300);
/// Names of machines are asked for again after this.
const NAMES_LAST: Duration = Duration::from_secs(300);
/// And for targets that are new, no sooner than after this.
const NAMES_APART: Duration = Duration::from_secs(20);

/// How hosts are read and named.
#[derive(Debug)]
pub struct HostTerms {
    /// What all remotes share.
    pub catalog: Arc<DialectCatalog>,
    /// Temperatures of dialects that do not say their scale are in degrees Fahrenheit.
    pub fahrenheit: bool,
    /// How often the server is asked.
    pub refresh: Duration,
    /// A host that the server no longer has is forgotten after this.
    pub lookback: Duration,
}

/// The hosts that the server knows.
#[derive(Debug)]
pub struct EngineHosts {
    pub(super) terms: HostTerms,
    pub(super) known: BTreeMap<Arc<str>, EngineHost>,
    pub(super) names: SourceNames,
    /// When names of machines were asked for, and which targets there were.
    named: Option<Moment>,
    bare: HashSet<TargetLabels>,
    /// Jobs of which some host was understood: their others are hosts too, also while they are down.
    jobs: BTreeSet<String>,
    /// What was wanted last time.
    want: Selection,
    pub(super) clock: RemoteClock,
}

impl EngineHosts {
    /// No hosts yet.
    pub fn new(terms: HostTerms, names: SourceNames) -> EngineHosts {
        EngineHosts {
            terms,
            known: BTreeMap::new(),
            names,
            named: None,
            bare: HashSet::new(),
            jobs: BTreeSet::new(),
            want: Selection::nothing(),
            clock: RemoteClock::default(),
        }
    }

    /// How often the server is asked.
    pub fn refresh(&self) -> Duration {
        self.terms.refresh
    }

    /// What all remotes share.
    pub fn catalog(&self) -> &DialectCatalog {
        &self.terms.catalog
    }

    /// The shortest time between two scrapes of a target.
    pub fn pace(&self) -> Duration {
        let targets = self.known.values().flat_map(|host| host.targets.values());
        targets.filter_map(|target| target.pace).min().unwrap_or(PACE)
    }

    /// The server's clock showed this at about that moment.
    pub fn set_clock(&mut self, shown: f64, now: Moment) {
        self.clock.set(shown, now);
    }

    /// Whether the names of machines should be asked for: of targets that are only addresses, and then again from
    /// time to time.
    pub fn wants_names(&mut self, sorted: &ScrapedTargets<'_, '_>, now: Moment) -> bool {
        let told = sorted.targets.iter().filter(|target| !target.series.is_empty());
        let bare: HashSet<&TargetLabels> =
            told.map(|target| &target.labels).filter(|labels| self.names.is_bare(labels)).collect();
        let age = self.named.map(|named| now.since(named));
        let due = match age {
            None => !bare.is_empty(),
            Some(age) if age > NAMES_LAST => !bare.is_empty(),
            Some(age) => {
                age > NAMES_APART && bare.iter().any(|labels| !self.bare.contains(*labels))
            }
        };
        if due {
            self.named = Some(now);
            self.bare = bare.into_iter().cloned().collect();
            if age.is_some_and(|age| age > NAMES_LAST) {
                self.names.forget();
            }
        }
        due
    }

    /// Takes the series that tell names of machines.
    pub fn learn_names(&mut self, all: &[QuerySeries<'_>]) {
        for series in all {
            if let Some(metric) = series.metric.get("__name__") {
                self.names.learn(metric, &target_of(&series.metric));
            }
        }
    }

    /// Gives all hosts their names, those of another moment that follows too.
    pub fn assign_names(&mut self, sorted: &ScrapedTargets<'_, '_>) {
        self.names.assign(sorted.targets.iter().map(|target| &target.labels));
    }

    /// The instances of a host's targets.
    pub fn instances(&self, host: &str) -> BTreeSet<String> {
        let targets = self.known.get(host).into_iter().flat_map(|host| host.targets.keys());
        targets.map(|target| target.instance().to_owned()).collect()
    }

    /// What the server's clock shows at a moment, in seconds; `None` before it has answered.
    pub fn server_time(&self, at: Moment) -> Option<f64> {
        self.clock.shown(at)
    }

    /// Learns how often each target is scraped from the moments of its scrapes.
    pub fn learn_pace(&mut self, ups: &[QuerySeries<'_>]) {
        for series in ups {
            let labels = target_of(&series.metric);
            let mut spans: Vec<i64> = (series.values.windows(2))
                .map(|pair| millis(pair[1].at) - millis(pair[0].at))
                .filter(|span| *span > 0)
                .collect();
            spans.sort_unstable();
            let Some(median) = spans.get(spans.len() / 2) else { continue };
            let mut hosts = self.known.values_mut();
            if let Some(target) = hosts.find_map(|host| host.targets.get_mut(&labels)) {
                target.pace = Some(Duration::from_millis(median.unsigned_abs()));
            }
        }
    }

    /// Makes parts of an instant's series.
    pub fn take(
        &mut self,
        sorted: &ScrapedTargets<'_, '_>,
        want: &Selection,
        chosen: bool,
        answer: &mut PollResult,
    ) {
        let now = Moment::now();
        let anew = std::mem::replace(&mut self.want, want.clone()) != *want;
        let names = self.names.assign(sorted.targets.iter().map(|target| &target.labels));
        let mut hosts: BTreeMap<Arc<str>, Vec<&TargetSeries<'_, '_>>> = BTreeMap::new();
        for (name, target) in names.into_iter().zip(&sorted.targets) {
            hosts.entry(name).or_default().push(target);
        }
        let mut down = Vec::new();
        for (name, targets) in &hosts {
            let silent = targets.iter().all(|target| target.series.is_empty());
            if silent && !self.known.contains_key(name) {
                if targets.iter().all(|target| target.up == Some(false)) {
                    down.push((name, targets));
                }
                continue;
            }
            let host = self.known.entry(name.clone()).or_insert_with(|| EngineHost::new(now));
            host.seen = now;
            let told = targets.iter().filter(|target| !target.series.is_empty());
            self.jobs.extend(told.map(|target| target.labels.job().to_owned()));
            if !silent && (anew || host.is_older(targets)) {
                let (catalog, refresh) = (&self.terms.catalog, self.terms.refresh);
                let how = (catalog, self.terms.fahrenheit);
                answer.parts.extend(host.part(name, targets, want, how, (&self.clock, refresh)));
            }
            if host.down(targets).is_none() {
                down.push((name, targets));
            }
        }
        let ours = |targets: &[&TargetSeries<'_, '_>]| {
            chosen || targets.iter().any(|target| self.jobs.contains(target.labels.job()))
        };
        for (name, targets) in down {
            if self.known.contains_key(name) || ours(targets) {
                answer.failed.push((name.clone(), cannot_scrape()));
            }
        }
        self.miss(&hosts, now, answer);
        if sorted.too_many {
            answer.notes.push(format!(
                "more than {SERIES} series; the rest is left out: divide the hosts among several by \
                 prometheus-NAME-select"
            ));
        }
    }

    /// Gives parts that were made before the pace was known their interval.
    pub fn mark(&self, answer: &mut PollResult) {
        for part in &mut answer.parts {
            let host = part.member.as_ref().and_then(|name| self.known.get(name));
            part.interval = host.map(|host| host.interval(self.terms.refresh));
        }
    }

    /// Hosts that the server says nothing of any more fail, and are forgotten later. One that has another name now
    /// is gone under the old one at once.
    fn miss(
        &mut self,
        now_there: &BTreeMap<Arc<str>, Vec<&TargetSeries<'_, '_>>>,
        now: Moment,
        answer: &mut PollResult,
    ) {
        let missing = |name: &Arc<str>| !now_there.contains_key(name);
        for (name, host) in self.known.iter().filter(|(name, _)| missing(name)) {
            let renamed = !self.names.is_given(name);
            match renamed || now.since(host.seen) > self.terms.lookback {
                true => answer.gone.push(name.clone()),
                false => answer.failed.push((name.clone(), not_a_target())),
            }
        }
        self.known.retain(|name, _| !answer.gone.contains(name));
    }
}

fn cannot_scrape() -> Failure {
    Failure::new(Class::Unreachable, "up is 0: the server cannot scrape it")
        .advise("the server's page Status, Targets says why")
}

fn not_a_target() -> Failure {
    Failure::new(Class::Unreachable, "the server no longer has it among its targets")
}

#[cfg(test)]
mod tests;
