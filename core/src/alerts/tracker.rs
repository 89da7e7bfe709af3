//! The state of each alert: pending, firing, resolved.

mod endings;
mod look;
mod report;

use self::look::Looked;
use super::{
    Acknowledgements, AlertChange, AlertEvent, AlertRule, AlertRules, ProcessWatch, SavedAlerts,
    probe::{Probe, Remembered},
};
use crate::{
    clock::Moment,
    filter::Truth,
    health::State,
    host_metric::Limits,
    source::Source,
    view::{Device, Snapshot, SourceView},
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// So many events are kept.
const EVENTS: usize = 1000;
/// For so long an alert that was restored waits for its host.
const PATIENCE: Duration = Duration::from_secs(120);
/// So many alerts are tracked; more are not begun.
const MOST: usize = 20_000;

/// An alert: a rule, a host, and the device where the rule is about devices (else empty).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct AlertKey {
    rule: Arc<str>,
    source: Source,
    device: Arc<str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AlertPhase {
    /// The condition holds, not yet for long enough.
    Pending,
    /// It fires.
    Firing,
    /// Of a rule about devices that end: the condition holds.
    Present,
}

/// Time for which a truth has been observed without a gap of unknown.
#[derive(Clone, Copy, Default, Debug)]
struct Held {
    total: Duration,
    last: Option<Moment>,
}

impl Held {
    fn observe(&mut self, truth: Truth, now: Moment) {
        match truth {
            Truth::True => {
                self.total += self.last.map_or(Duration::ZERO, |last| now.since(last));
                self.last = Some(now);
            }
            Truth::Unknown => self.last = None,
            Truth::False => *self = Held::default(),
        }
    }
}

#[derive(Clone, Debug)]
struct Tracked {
    phase: AlertPhase,
    holds: Held,
    ends: Held,
    /// Wall time at which it began to fire, or to be present.
    since: SystemTime,
    began: Moment,
    text: String,
    tags: Arc<[String]>,
    generation: u64,
    /// The round in which it was last looked at.
    round: u64,
    /// It was restored, and its host was in no snapshot yet: it may have left the config.
    is_hostless: bool,
}

/// The state of all alerts.
#[derive(Default)]
pub struct AlertTracker {
    rules: AlertRules,
    limits: Limits,
    tracked: HashMap<AlertKey, Tracked>,
    /// What probes remember of devices without a tracked rule.
    memory: HashMap<AlertKey, (u64, Remembered)>,
    watches: Vec<ProcessWatch>,
    /// Acknowledgements.
    pub acknowledged: Acknowledgements,
    /// The last changes with their moments, the oldest first.
    events: VecDeque<(Moment, AlertEvent)>,
    round: u64,
    /// Changes whenever what [`AlertTracker::saved`] returns may have changed.
    version: u64,
}

impl AlertTracker {
    /// A tracker of these rules, with what was saved before: alerts that fired then fire on, without
    /// an event, as soon as a snapshot has their host.
    pub fn new(rules: AlertRules, limits: Limits, saved: SavedAlerts, now: Moment) -> AlertTracker {
        let mut tracker = AlertTracker { rules, limits, ..AlertTracker::default() };
        for alert in saved.firing {
            if tracker.rule(&alert.rule).is_none() {
                continue;
            }
            let device = alert.device.unwrap_or_default();
            let key = AlertKey { rule: alert.rule, source: alert.source, device };
            let fired = Tracked {
                phase: AlertPhase::Firing,
                since: alert.since,
                text: alert.text,
                is_hostless: true,
                ..Tracked::new(alert.since, now)
            };
            tracker.tracked.insert(key, fired);
        }
        tracker.acknowledged = Acknowledgements::new(saved.acknowledged);
        tracker
    }

    /// Goes on with other rules; alerts of rules of the same name go on.
    pub fn set_rules(&mut self, rules: AlertRules, limits: Limits) {
        (self.rules, self.limits) = (rules, limits);
        self.version += 1;
    }

    /// The rules.
    pub fn rules(&self) -> &AlertRules {
        &self.rules
    }

    /// The rule of that name, or that of watched processes.
    pub fn rule(&self, name: &str) -> Option<&AlertRule> {
        let watched = self.rules.watched.iter();
        self.rules.all.iter().chain(watched).find(|rule| &*rule.name == name)
    }

    /// Whether nothing can ever fire, so that nothing need be observed.
    pub fn is_idle(&self) -> bool {
        self.rules.all.is_empty() && self.watches.is_empty() && self.tracked.is_empty()
    }

    /// Watches a process until it ends, or no longer where it is watched. Returns whether it is now.
    pub fn watch(&mut self, watch: ProcessWatch) -> bool {
        let same = |w: &ProcessWatch| {
            (&w.source, &w.pid, w.generation) == (&watch.source, &watch.pid, watch.generation)
        };
        let before = self.watches.len();
        self.watches.retain(|other| !same(other));
        if self.watches.len() < before {
            return false;
        }
        self.watches.push(watch);
        true
    }

    /// Takes a picture; returns what has changed, in the order of rules and hosts.
    pub fn observe(
        &mut self,
        snapshot: &Snapshot,
        now: Moment,
        wall: SystemTime,
    ) -> Vec<AlertEvent> {
        self.round += 1;
        self.find_hosts(snapshot);
        let mut events = Vec::new();
        let rules = std::mem::take(&mut self.rules);
        let tracked: HashSet<Source> = self.tracked.keys().map(|key| key.source.clone()).collect();
        let mut silent = HashMap::new();
        for source in &snapshot.sources {
            let state = source.state(now);
            let looked = Looked { source, state, is_tracked: tracked.contains(&source.source) };
            if looked.is_tracked && matches!(state, State::Starting | State::Idle | State::Down) {
                silent.insert(&source.source, state);
            }
            if !matches!(state, State::Starting | State::Idle) {
                for rule in &rules.all {
                    let Some(probe) = &rule.probe else { continue };
                    self.look(rule, probe, &looked, now, wall, &mut events);
                }
            }
        }
        self.rules = rules;
        self.keep_silent(&silent);
        let rank = |event: &AlertEvent| self.rules.all.iter().position(|r| r.name == event.rule);
        events.sort_by_cached_key(rank);
        self.forget_gone(snapshot, now, wall, &mut events);
        self.look_at_watches(snapshot, now, wall, &mut events);
        self.expire(snapshot, now, wall);
        for event in &events {
            if self.events.len() == EVENTS {
                self.events.pop_front();
            }
            self.events.push_back((now, event.clone()));
            self.version += 1;
        }
        events
    }

    #[expect(clippy::too_many_arguments, reason = "one alert, one observation")]
    fn step(
        &mut self,
        rule: &AlertRule,
        probe: &Probe,
        looked: &Looked<'_>,
        device: Option<&Device>,
        truth: Truth,
        now: Moment,
        wall: SystemTime,
        events: &mut Vec<AlertEvent>,
    ) {
        if truth != Truth::True && !looked.is_tracked {
            return;
        }
        let source = looked.source;
        let key = key(rule, source, device);
        let remembered = self.memory.get(&key).map(|(_, remembered)| remembered);
        let facts = || probe.facts(source, device, now, &self.limits, remembered);
        let generation = device.map_or(0, |device| device.generation);
        let Some(tracked) = self.tracked.get_mut(&key) else {
            if truth == Truth::True && self.tracked.len() < MOST {
                let phase = if rule.gone { AlertPhase::Present } else { AlertPhase::Pending };
                let mut begun = Tracked { phase, generation, ..Tracked::new(wall, now) };
                begun.round = self.round;
                begun.tags = source.tags.clone();
                begun.text = facts();
                begun.holds.observe(Truth::True, now);
                if phase == AlertPhase::Pending && begun.holds.total >= rule.hold {
                    begun.phase = AlertPhase::Firing;
                    events.push(self.event(&key, rule, &begun, AlertChange::Firing, wall));
                }
                self.tracked.insert(key, begun);
            }
            return;
        };
        if rule.gone && tracked.generation != generation {
            return; // another device of the same name: the first is gone
        }
        tracked.round = self.round;
        tracked.tags = source.tags.clone();
        tracked.holds.observe(truth, now);
        match tracked.phase {
            AlertPhase::Present => {
                if truth == Truth::False {
                    self.tracked.remove(&key);
                }
            }
            AlertPhase::Pending => {
                if truth == Truth::False {
                    self.tracked.remove(&key);
                } else if truth == Truth::True {
                    tracked.text = facts();
                    if tracked.holds.total >= rule.hold {
                        tracked.phase = AlertPhase::Firing;
                        tracked.since = wall;
                        tracked.ends = Held::default();
                        let begun = tracked.clone();
                        events.push(self.event(&key, rule, &begun, AlertChange::Firing, wall));
                    }
                }
            }
            AlertPhase::Firing => {
                let end = match &rule.until {
                    Some(until) => until.test(source, device, now),
                    None => truth.negated(),
                };
                if truth == Truth::True {
                    tracked.text = facts();
                }
                tracked.ends.observe(end, now);
                if end == Truth::True && tracked.ends.total >= rule.hold {
                    self.resolve(&key, wall, events);
                }
            }
        }
    }

    fn resolve(&mut self, key: &AlertKey, wall: SystemTime, events: &mut Vec<AlertEvent>) {
        let Some(tracked) = self.tracked.remove(key) else { return };
        if tracked.phase != AlertPhase::Firing {
            return;
        }
        let rule = self.rule(&key.rule).cloned();
        let rule = rule.unwrap_or_else(|| AlertRule::without_condition(key.rule.clone()));
        events.push(self.event(key, &rule, &tracked, AlertChange::Resolved, wall));
    }

    fn event(
        &self,
        key: &AlertKey,
        rule: &AlertRule,
        tracked: &Tracked,
        change: AlertChange,
        at: SystemTime,
    ) -> AlertEvent {
        let device = (!key.device.is_empty()).then(|| key.device.clone());
        AlertEvent {
            at,
            change,
            rule: key.rule.clone(),
            severity: rule.severity,
            source: key.source.clone(),
            acknowledged: self.acknowledged.covers(&key.rule, &key.source, device.as_deref()),
            device,
            since: tracked.since,
            text: tracked.text.clone(),
            tags: tracked.tags.clone(),
        }
    }
}

fn key(rule: &AlertRule, source: &SourceView, device: Option<&Device>) -> AlertKey {
    let device = device.map(|device| device.name.clone()).unwrap_or_default();
    AlertKey { rule: rule.name.clone(), source: source.source.clone(), device }
}

impl Tracked {
    fn new(since: SystemTime, began: Moment) -> Tracked {
        Tracked {
            phase: AlertPhase::Pending,
            holds: Held::default(),
            ends: Held::default(),
            since,
            began,
            text: String::new(),
            tags: Arc::default(),
            generation: 0,
            round: 0,
            is_hostless: false,
        }
    }
}
