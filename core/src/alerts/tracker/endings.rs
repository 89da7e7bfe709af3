//! What ends without an observation: alerts of hosts, rules and devices that are gone, watched processes, and
//! acknowledgements.

use super::{AlertKey, AlertPhase, AlertTracker, PATIENCE, Tracked};
use crate::{
    alerts::{
        AckTarget, AlertChange, AlertEvent, ProcessWatch,
        watch::{Presence, answers, presence},
    },
    clock::Moment,
    health::State,
    source::Source,
    view::Snapshot,
};
use std::time::SystemTime;

impl AlertTracker {
    /// Restored alerts fire on where their host is known.
    pub fn find_hosts(&mut self, snapshot: &Snapshot) {
        for (key, tracked) in self.tracked.iter_mut().filter(|(_, tracked)| tracked.is_hostless) {
            tracked.is_hostless = snapshot.find(&key.source).is_none();
        }
    }

    /// Ends alerts of hosts, rules or devices that no longer exist.
    pub(super) fn forget_gone(
        &mut self,
        snapshot: &Snapshot,
        now: Moment,
        wall: SystemTime,
        events: &mut Vec<AlertEvent>,
    ) {
        let round = self.round;
        self.memory.retain(|_, (seen, _)| *seen + 600 > round);
        // the hosts of a relay or a server are not known before its first answer
        let is_new = |t: &Tracked| t.round == 0 && now.since(t.began) < PATIENCE;
        let unseen = self.tracked.iter().filter(|(_, t)| t.round != round && !is_new(t));
        let mut unseen: Vec<AlertKey> = unseen.map(|(key, _)| key.clone()).collect();
        unseen
            .sort_by(|a, b| (&a.rule, &a.source, &a.device).cmp(&(&b.rule, &b.source, &b.device)));
        for key in unseen {
            let rule = self.rules.all.iter().find(|rule| rule.name == key.rule).cloned();
            let kind = rule.as_ref().and_then(|rule| rule.probe.as_ref()?.kind());
            let source = snapshot.find(&key.source);
            let is_over = match (&source, &rule, kind) {
                (None, ..) | (_, None, _) => true,
                (Some(source), _, Some(kind)) => answers(source, kind, now),
                (Some(_), _, None) => false,
            };
            if !is_over {
                continue;
            }
            if self.tracked.get(&key).is_some_and(|tracked| tracked.is_hostless) {
                // the host left the config while nothing ran: it did not recover
                self.tracked.remove(&key);
                self.version += 1;
                continue;
            }
            let gone = rule.filter(|rule| rule.gone).zip(source);
            match (gone, self.tracked.get(&key)) {
                (Some((rule, _)), Some(tracked)) if tracked.phase == AlertPhase::Present => {
                    let mut ended = tracked.clone();
                    let span = now.since(ended.began).as_secs_f64();
                    let span = crate::draw::number::span(span);
                    ended.text = format!("{} ended; seen for {span}", ended.text);
                    events.push(self.event(&key, &rule, &ended, AlertChange::Ended, wall));
                    self.tracked.remove(&key);
                }
                _ => self.resolve(&key, wall, events),
            }
        }
    }

    pub(super) fn look_at_watches(
        &mut self,
        snapshot: &Snapshot,
        now: Moment,
        wall: SystemTime,
        events: &mut Vec<AlertEvent>,
    ) {
        let Some(rule) = self.rules.watched.clone() else { return };
        let is_gone = |watch: &mut ProcessWatch| {
            let there = presence(snapshot, &watch.source, &watch.pid, watch.generation, now);
            matches!(there, Presence::Gone)
        };
        for watch in self.watches.extract_if(.., is_gone).collect::<Vec<_>>() {
            let tags = snapshot.find(&watch.source).map(|source| source.tags.clone());
            events.push(AlertEvent {
                at: wall,
                change: AlertChange::Ended,
                rule: rule.name.clone(),
                severity: rule.severity,
                text: watch.ended(now),
                since: wall.checked_sub(now.since(watch.since)).unwrap_or(wall),
                source: watch.source,
                device: Some(watch.pid),
                tags: tags.unwrap_or_default(),
                acknowledged: false,
            });
        }
    }

    /// Ends acknowledgements that have expired, or with a target that has recovered.
    pub(super) fn expire(&mut self, snapshot: &Snapshot, now: Moment, wall: SystemTime) {
        if self.acknowledged.entries().is_empty() {
            return;
        }
        let (tracked, limits) = (&self.tracked, &self.limits);
        let fires = |source: &Source| {
            tracked.iter().any(|(key, t)| key.source == *source && t.phase == AlertPhase::Firing)
        };
        let gone = self.acknowledged.expire(wall, |target| match target {
            AckTarget::Host(source) => snapshot.find(source).is_some_and(|view| {
                matches!(view.state(now), State::Live | State::Late)
                    && limits.all_over(view, now).next().is_none()
                    && !fires(source)
            }),
            AckTarget::Alert { rule, source, device } => {
                let device = device.clone().unwrap_or_default();
                let (rule, source) = (rule.clone(), source.clone());
                let key = AlertKey { rule, source, device };
                tracked.get(&key).is_none_or(|alert| alert.phase != AlertPhase::Firing)
            }
        });
        self.version += u64::from(!gone.is_empty());
    }
}
