//! One look at a host: which rules hold for it and its devices.

use super::{AlertTracker, key};
use crate::{
    alerts::{AlertEvent, AlertRule, probe::Probe},
    clock::Moment,
    filter::Truth,
    health::State,
    source::Source,
    view::SourceView,
};
use std::{collections::HashMap, time::SystemTime};

/// A host in one observation.
pub(super) struct Looked<'a> {
    pub source: &'a SourceView,
    pub state: State,
    /// Whether it had an alert before.
    pub is_tracked: bool,
}

impl AlertTracker {
    /// Tests a rule for a host and its devices.
    pub(super) fn look(
        &mut self,
        rule: &AlertRule,
        probe: &Probe,
        looked: &Looked<'_>,
        now: Moment,
        wall: SystemTime,
        events: &mut Vec<AlertEvent>,
    ) {
        let source = looked.source;
        let admitted = || match &rule.hosts {
            Some(hosts) => hosts.test(source, None, now),
            None => Truth::True,
        };
        let Some(kind) = probe.kind() else {
            let truth = match source.expected_offline && probe.is_about_health() {
                true => Truth::False,
                false => admitted().and(probe.test(source, None, now, &self.limits, None)),
            };
            return self.step(rule, probe, looked, None, truth, now, wall, events);
        };
        if looked.state == State::Down {
            return;
        }
        for instance in &source.instances {
            let devices = instance.devices(kind);
            if devices.is_empty() {
                continue;
            }
            let admitted = admitted();
            let old = instance.health.state(now) == State::Down;
            for device in devices {
                if instance.health.last_good > Some(device.read_at) {
                    continue; // it has disappeared
                }
                let limits = &self.limits;
                let truth = if old {
                    Truth::Unknown
                } else if probe.remembers() {
                    let key = key(rule, source, Some(device));
                    let entry = self.memory.entry(key).or_default();
                    entry.0 = self.round;
                    probe.test(source, Some(device), now, limits, Some(&mut entry.1))
                } else {
                    probe.test(source, Some(device), now, limits, None)
                };
                let truth = admitted.and(truth);
                self.step(rule, probe, looked, Some(device), truth, now, wall, events);
            }
        }
    }

    /// Marks alerts of hosts that say nothing as looked at: nothing can be said of them.
    pub(super) fn keep_silent(&mut self, silent: &HashMap<&Source, State>) {
        let (rules, round) = (&self.rules, self.round);
        let unseen = self.tracked.iter_mut().filter(|(_, tracked)| tracked.round != round);
        for (key, tracked) in unseen {
            let Some(state) = silent.get(&key.source) else { continue };
            let rule = rules.all.iter().find(|rule| rule.name == key.rule);
            let Some(probe) = rule.and_then(|rule| rule.probe.as_ref()) else { continue };
            if *state != State::Down || probe.kind().is_some() {
                tracked.round = round;
                tracked.holds.observe(Truth::Unknown, Moment::default());
                tracked.ends.observe(Truth::Unknown, Moment::default());
            }
        }
    }
}
