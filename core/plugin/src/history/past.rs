//! A source at an instant, made of what is kept of it.

use super::{
    History, SourceHistory,
    instance::{HealthFacts, InstanceHistory, KindHistory},
    track::Track,
};
use crate::{
    clock::Moment,
    health::Health,
    host_stats::HostStats,
    source::Source,
    view::{Device, Devices, InstanceView, Role, SourceView},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// A change of a source's state that is worth a mark.
#[derive(Clone, PartialEq, Debug)]
pub struct Outage {
    /// When the first attempt failed.
    pub since: Moment,
    /// Why.
    pub reason: String,
    /// Whether the source went down; otherwise it only was stale.
    pub is_down: bool,
}

/// A value as it was before it was shortened to 32 bits, as far as it has few digits: 0.45 stays 0.45.
pub(super) fn exact(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

impl SourceView {
    /// The source at an instant: values, texts, health. `None` where nothing was known of it yet. What
    /// is not kept is absent: notes, durations of attempts, values that no graph or list shows. Before the first
    /// answer in memory it is as its engine tells it; without an answer of that engine it is idle.
    #[must_use]
    pub fn past(&self, at: Moment) -> Option<SourceView> {
        let Some(engine) = self.engine_past.as_ref().filter(|_| !self.remembers(at)) else {
            return self.of_history(&self.history, at);
        };
        let window = engine.window.as_ref().filter(|window| window.covers(at));
        let shown = window.and_then(|window| self.of_history(&window.history, at));
        shown.or_else(|| Some(self.idle()))
    }

    /// Whether memory reaches back to an instant.
    pub fn remembers(&self, at: Moment) -> bool {
        self.history.first().is_some_and(|first| first <= at)
    }

    /// The source without any values.
    fn idle(&self) -> SourceView {
        let idle = |now: &Arc<InstanceView>| {
            let health = Health { wanted: false, ..Health::new(now.health.interval) };
            let (notes, left_out, devices) = (Vec::new(), Vec::new(), Arc::default());
            Arc::new(InstanceView { health, notes, left_out, devices, ..(**now).clone() })
        };
        SourceView {
            acknowledged: false,
            instances: self.instances.iter().map(idle).collect(),
            summary: HostStats::default(),
            history: History::default(),
            ..self.clone()
        }
    }

    fn of_history(&self, history: &History, at: Moment) -> Option<SourceView> {
        let kept = history.kept();
        let mut instances = Vec::new();
        for instance in &kept.instances {
            let now = self.instances.iter().find(|now| now.id == instance.id);
            instances.extend(instance_at(&kept, instance, now.map(|i| &**i), at).map(Arc::new));
        }
        if instances.is_empty() {
            return None;
        }
        // in the order in which they are known today
        let order = |i: &Arc<InstanceView>| self.instances.iter().position(|now| now.id == i.id);
        instances.sort_by_key(|i| order(i).unwrap_or(usize::MAX));
        let figures = kept.summary.at(kept.look(at)).filter(|_| self.source != Source::Local);
        let all = instances.iter().flat_map(|i| i.devices.list.iter());
        let summary = figures.unwrap_or_else(|| HostStats::of(all));
        Some(SourceView {
            source: self.source.clone(),
            order: self.order,
            tags: self.tags.clone(),
            labels: self.labels.clone(),
            expected_offline: self.expected_offline,
            acknowledged: false,
            remarks: self.remarks.clone(),
            instances,
            summary,
            history: history.clone(),
            engine_past: self.engine_past.clone(),
        })
    }
}

fn instance_at(
    kept: &SourceHistory,
    instance: &InstanceHistory,
    now: Option<&InstanceView>,
    at: Moment,
) -> Option<InstanceView> {
    let look = kept.look(at);
    let answer = instance.last_answer(look);
    let after = instance.health.partition_point(|(time, _)| *time <= look);
    let facts = after.checked_sub(1).and_then(|last| instance.health.get(last));
    if answer.is_none() && facts.is_none() {
        return None;
    }
    let mut health = Health::new(facts.map_or(Duration::from_secs(1), |(_, f)| f.interval));
    if let Some((_, HealthFacts { wanted, excused, failure, failing_since, retry, .. })) = facts {
        (health.wanted, health.excused, health.failure) = (*wanted, *excused, failure.clone());
        (health.failing_since, health.retry) = (*failing_since, *retry);
    }
    health.last_good = answer.map(|answer| kept.moment(answer));
    let mut devices = Devices::default();
    if let Some(answer) = answer {
        let grace = health.stale_after().as_millis() as u32;
        for kind in &instance.kinds {
            let first = devices.list.len();
            devices_at(kept, kind, &instance.answers, answer, grace, &mut devices.list);
            if devices.list.len() > first {
                devices.kinds.push((kind.kind, first..devices.list.len()));
            }
        }
    }
    Some(InstanceView {
        id: instance.id,
        provider: instance.provider,
        health,
        dialects: now.map(|now| now.dialects.clone()).unwrap_or_default(),
        notes: Vec::new(),
        left_out: Vec::new(),
        repeated: 0,
        unread_lines: 0,
        role: now.map_or(Role::Single, |now| now.role),
        devices: Arc::new(devices),
    })
}

/// The devices of a kind with an answer; those that went away less than `grace` milliseconds before it
/// as they were.
fn devices_at(
    kept: &SourceHistory,
    kind: &KindHistory,
    answers: &VecDeque<u32>,
    answer: u32,
    grace: u32,
    out: &mut Vec<Device>,
) {
    let first = out.len();
    let mut orders = Vec::new();
    for (name, track) in &kind.devices {
        let last = match track.gone_since(answer) {
            None => answer,
            Some(_) if kind.kind.is_transient() => continue,
            Some(gone) => {
                // the last answer that had it
                let before = answers.partition_point(|at| *at < gone).checked_sub(1);
                match before.and_then(|at| answers.get(at)) {
                    Some(last) if answer - *last <= grace => *last,
                    _ => continue,
                }
            }
        };
        if let Some(device) = device_at(kept, kind, name, track, last) {
            let order = track.identity(last).map_or(0, |identity| identity.order);
            // processes by their numbers
            orders.push((last != answer, order, device.name.parse::<u64>().unwrap_or(u64::MAX)));
            out.push(device);
        }
    }
    // by the place that each had in the answer; those that are gone come last
    let mut devices: Vec<_> = orders.into_iter().zip(out.drain(first..)).collect();
    devices.sort_by_key(|(order, _)| *order);
    out.extend(devices.into_iter().map(|(_, device)| device));
}

fn device_at(
    kept: &SourceHistory,
    kind: &KindHistory,
    name: &Arc<str>,
    track: &Track,
    at: u32,
) -> Option<Device> {
    let row = track.row(at)?;
    let identity = track.identity(at)?;
    let mut values = crate::reading::Values::default();
    for (column, metric) in kind.metrics.iter().enumerate() {
        if let Some(value) = track.value(row, column) {
            values.set(metric, exact(value));
        }
    }
    let read_at = kept.moment(at);
    Some(Device {
        kind: kind.kind,
        name: name.clone(),
        generation: identity.generation,
        values,
        texts: identity.texts.clone(),
        read_at,
        counters_at: read_at,
        resolution: None,
        window: VecDeque::new(),
    })
}

impl History {
    /// When the source was stale or down between two moments, oldest first.
    pub fn outages(&self, from: Moment, to: Moment) -> Vec<Outage> {
        let kept = self.kept();
        let mut found = Vec::new();
        for instance in &kept.instances {
            let interval = instance.health.back().map(|(_, facts)| facts.interval);
            let stale = Health::new(interval.unwrap_or(Duration::from_secs(1))).stale_after();
            let facts = |at: u32| {
                let after = instance.health.partition_point(|(time, _)| *time <= at);
                instance.health.get(after.checked_sub(1)?).map(|(_, facts)| facts)
            };
            let end = kept.look(to);
            let mut answers = instance.answers.iter().copied().peekable();
            // before its first answer it may have been down from the beginning
            let began = instance.health.front().map(|(at, _)| *at);
            let mut last = match (began, answers.peek()) {
                (Some(began), None) => began,
                (_, Some(first)) => *first,
                (None, None) => continue,
            };
            for next in answers.chain([end]) {
                let since = last + stale.as_millis() as u32;
                let excused = facts(next).map_or(0, |facts| facts.excused.as_millis() as u32);
                if next > since.saturating_add(excused) && since <= end {
                    let wanted = facts(since).is_none_or(|facts| facts.wanted);
                    // the reason may come later than the silence
                    let failed = facts(next.saturating_sub(1)).and_then(|f| f.failure.clone());
                    let at = kept.moment(since);
                    if wanted && at >= from {
                        let reason = failed.as_ref().map_or("no answer", |f| f.reason()).to_owned();
                        found.push(Outage { since: at, reason, is_down: failed.is_some() });
                    }
                }
                last = next;
            }
        }
        found.sort_by_key(|outage| outage.since);
        found
    }
}
