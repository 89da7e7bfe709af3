//! What a tracker needs to have read, and what it tells: what fires, what has changed, what is saved.

use super::{AlertKey, AlertPhase, AlertTracker, EVENTS, Tracked};
use crate::{
    alert::{ActiveAlert, AlertBoard, Severity},
    alerts::{
        AlertChange, AlertEvent, AlertPast, Probe, SavedAlerts, past::RECENT, saved::SavedAlert,
    },
    engine::Demand,
    past::{Mark, MarkKind},
    provider::Selection,
    source::Source,
    vocabulary as v,
    widget::Wants,
};
use std::{sync::Arc, time::SystemTime};

impl AlertTracker {
    /// What rules and watched processes need to have read. Built-in rules judge what is read anyway, unless
    /// the config says where their notices go.
    pub fn demands(&self) -> Vec<Demand> {
        let mut demands: Vec<Demand> = (self.rules.all.iter())
            .filter(|rule| !rule.is_built_in || rule.goes_somewhere())
            .filter_map(|rule| {
                let mut want = match &rule.probe {
                    Some(Probe::Filter(expression)) => expression.selection(),
                    Some(probe) => Selection::kinds(&probe.kind().into_iter().collect::<Vec<_>>()),
                    None => return None,
                };
                for more in [&rule.until, &rule.hosts].into_iter().flatten() {
                    want.join(&more.selection());
                }
                let hosts = rule.hosts.clone();
                let selects = move |source: &Source, tags: &[String]| {
                    hosts.as_ref().is_none_or(|hosts| hosts.may_select(source, tags))
                };
                let wants = Wants { want, history: Vec::new() };
                Some(Demand {
                    selects: Arc::new(selects),
                    wants,
                    scheduled: true,
                    closely: false,
                    past: None,
                })
            })
            .collect();
        for watch in &self.watches {
            let source = watch.source.clone();
            let wants = Wants { want: Selection::kinds(&[v::PROCESS]), history: Vec::new() };
            let selects = move |s: &Source, _: &[String]| *s == source;
            demands.push(Demand {
                selects: Arc::new(selects),
                wants,
                scheduled: true,
                closely: false,
                past: None,
            });
        }
        demands
    }

    /// All alerts that fire, the newest first, for widgets.
    pub fn board(&self, wall: SystemTime) -> AlertBoard {
        let fires = |t: &Tracked| t.phase == AlertPhase::Firing && !t.is_hostless;
        let firing = self.tracked.iter().filter(|(_, tracked)| fires(tracked));
        let mut firing: Vec<ActiveAlert> = firing
            .filter_map(|(key, tracked)| {
                let rule = self.rule(&key.rule)?;
                let device = (!key.device.is_empty()).then(|| key.device.clone());
                let known = self.acknowledged.covers(&key.rule, &key.source, device.as_deref());
                Some(ActiveAlert {
                    rule: key.rule.clone(),
                    severity: rule.severity,
                    source: key.source.clone(),
                    device,
                    since: tracked.since,
                    text: tracked.text.clone(),
                    acknowledged: known,
                })
            })
            .collect();
        firing.sort_by(|a, b| {
            let key = |alert: &ActiveAlert| (alert.rule.clone(), alert.source.clone());
            b.since.cmp(&a.since).then_with(|| key(a).cmp(&key(b)))
        });
        let began = |event: &&AlertEvent| {
            event.change == AlertChange::Firing
                && wall.duration_since(event.at).unwrap_or_default() < RECENT
        };
        let recent = self.events().filter(began).count();
        AlertBoard { firing, recent, ..AlertBoard::default() }
    }

    /// What fired before now, as far back as the changes are kept.
    pub fn past(&self, wall: SystemTime) -> AlertPast {
        let is_full = self.events.len() == EVENTS;
        let from = self.events.front().filter(|_| is_full).map(|(at, _)| *at);
        AlertPast::new(self.events.iter(), self.board(wall).firing, from)
    }

    /// The first group of the host of an alert that fires.
    pub fn group_of(&self, alert: &ActiveAlert) -> Option<&str> {
        let device = alert.device.clone().unwrap_or_default();
        let key = AlertKey { rule: alert.rule.clone(), source: alert.source.clone(), device };
        self.tracked.get(&key)?.tags.first().map(String::as_str)
    }

    /// The last changes of alerts with their times, the oldest first: marks on a time bar.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &AlertEvent> + '_ {
        self.events.iter().map(|(_, event)| event)
    }

    /// The alerts that began and the devices that ended, as marks of a time bar, the oldest first.
    pub fn marks(&self) -> Vec<Mark> {
        let began = self.events.iter().filter(|(_, event)| event.change != AlertChange::Resolved);
        began
            .map(|(at, event)| Mark {
                at: *at,
                kind: match event.severity {
                    Severity::Warning => MarkKind::Warning,
                    Severity::Critical => MarkKind::Critical,
                },
                source: Some(event.source.clone()),
                what: event.line(),
            })
            .collect()
    }

    /// Changes whenever what is to be saved changes.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Something about acknowledgements has changed.
    pub fn touch(&mut self) {
        self.version += 1;
    }

    /// What survives a restart, but for documents of webhooks.
    pub fn saved(&self) -> SavedAlerts {
        let firing = self.tracked.iter().filter(|(_, tracked)| tracked.phase == AlertPhase::Firing);
        let mut firing: Vec<SavedAlert> = firing
            .map(|(key, tracked)| SavedAlert {
                rule: key.rule.clone(),
                source: key.source.clone(),
                device: (!key.device.is_empty()).then(|| key.device.clone()),
                since: tracked.since,
                text: tracked.text.clone(),
            })
            .collect();
        firing.sort_by(|a, b| (a.since, &a.rule, &a.source).cmp(&(b.since, &b.rule, &b.source)));
        SavedAlerts {
            firing,
            acknowledged: self.acknowledged.entries().to_vec(),
            undelivered: Vec::new(),
        }
    }
}
