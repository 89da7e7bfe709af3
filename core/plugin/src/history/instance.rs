//! What is kept of one instance of a source: when it answered, what its devices were, how its health was.

use super::{minutes::Minutes, track::Track};
use crate::{
    health::Health,
    host_stats::HostStats,
    provider::Failure,
    reading::{Kind, Metric, MetricType},
    view::Device,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use crate::clock::Moment;

/// Whether a quantity is kept: what is shown, and counters that are shown as sums.
fn is_kept(metric: &Metric) -> bool {
    matches!(metric.form(), MetricType::Gauge | MetricType::Counter { .. })
}

/// What is kept of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptKind {
    /// For how long.
    pub span: Duration,
    /// Of each device; otherwise only of the source as a whole.
    pub each_device: bool,
    /// One mean and peak a minute for a day too.
    pub minutes: bool,
}

/// The devices of one kind.
#[derive(Debug)]
pub(super) struct KindHistory {
    pub(super) kind: Kind,
    /// The columns of all rows.
    pub(super) metrics: Vec<&'static Metric>,
    pub(super) devices: HashMap<Arc<str>, Track>,
    /// The source's own summary: device `None`.
    pub(super) whole: Track,
    pub(super) minutes: HashMap<Option<Arc<str>>, Minutes>,
}

impl KindHistory {
    fn new(kind: Kind) -> KindHistory {
        KindHistory {
            kind,
            metrics: Vec::new(),
            devices: HashMap::new(),
            whole: Track::default(),
            minutes: HashMap::new(),
        }
    }

    /// Which column a quantity has.
    pub(super) fn column(&self, quantity: &str) -> Option<usize> {
        self.metrics.iter().position(|metric| metric.name() == quantity)
    }

    pub(super) fn track(&self, device: Option<&Arc<str>>) -> Option<&Track> {
        match device {
            Some(device) => self.devices.get(device),
            None => Some(&self.whole).filter(|track| !track.is_empty()),
        }
    }

    /// A device's values in the columns of this kind.
    fn fill(&mut self, device: &Device, row: &mut Vec<f32>) {
        row.clear();
        row.resize(self.metrics.len(), f32::NAN);
        // the devices of a kind mostly have the same quantities in the same order
        let mut next = 0;
        for (metric, value) in device.values.iter().filter(|(metric, _)| is_kept(metric)) {
            let is = |known: &&&'static Metric| std::ptr::eq(**known, metric);
            let column = match self.metrics.get(next).filter(is) {
                Some(_) => next,
                None => {
                    self.metrics.iter().position(|known| *known == metric).unwrap_or_else(|| {
                        self.metrics.push(metric);
                        row.push(f32::NAN);
                        self.metrics.len() - 1
                    })
                }
            };
            row[column] = value as f32;
            next = column + 1;
        }
    }

    /// Takes the devices of one answer, those that it really had. `next`: the first answer after it.
    fn record(
        &mut self,
        (at, minute, next): (u32, u32, Option<u32>),
        keep: KeptKind,
        summary: &HostStats,
        all: &[Device],
        is_current: impl Fn(&Device) -> bool,
    ) {
        let mut row = Vec::with_capacity(self.metrics.len());
        let minutes = keep.minutes && next.is_none();
        let current = || all.iter().filter(|device| is_current(device));
        if keep.each_device {
            for (order, device) in current().enumerate() {
                self.fill(device, &mut row);
                if !self.devices.contains_key(&device.name) {
                    self.devices.insert(device.name.clone(), Track::default());
                }
                if let Some(track) = self.devices.get_mut(&device.name) {
                    let order = if self.kind.is_transient() { 0 } else { order as u32 };
                    track.identify(at, device.generation, order, &device.texts);
                    track.put(at, &row, next);
                }
                if minutes {
                    let kept = self.minutes.entry(Some(device.name.clone())).or_default();
                    kept.put(minute, &row);
                }
            }
        } else if let Some(device) = current().next() {
            self.fill(device, &mut row); // its columns
        }
        if next.is_none() {
            self.devices.values_mut().filter(|t| t.seen != at).for_each(|track| track.leave(at));
        }
        if self.kind.is_transient() || current().next().is_none() {
            return;
        }
        let whole = |metric: &&'static Metric| match metric.is_gauge() {
            true => summary.whole(self.kind, metric, all).map_or(f32::NAN, |value| value as f32),
            false => f32::NAN,
        };
        let row: Vec<f32> = self.metrics.iter().map(whole).collect();
        self.whole.put(at, &row, next);
        if minutes {
            self.minutes.entry(None).or_default().put(minute, &row);
        }
    }

    fn forget_before(&mut self, oldest: u32, minute: u32) {
        self.minutes.retain(|_, minutes| minutes.is_of_a_day_before(minute));
        self.devices.retain(|_, track| track.forget_before(oldest));
        self.whole.forget_before(oldest);
    }

    fn bytes(&self) -> usize {
        const TRACK: usize = size_of::<Track>() + 64;
        let tracks = self.devices.values().chain([&self.whole]);
        let minutes = self.minutes.values().map(Minutes::bytes);
        tracks.map(|track| track.bytes() + TRACK).sum::<usize>() + minutes.sum::<usize>()
    }
}

/// The facts about health that change seldom. When it answered last is in the list of answers.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct HealthFacts {
    pub interval: Duration,
    pub wanted: bool,
    pub excused: Duration,
    pub failure: Option<Arc<Failure>>,
    pub failing_since: Option<Moment>,
    pub retry: Option<Moment>,
}

impl HealthFacts {
    pub(super) fn of(health: &Health) -> HealthFacts {
        HealthFacts {
            interval: health.interval,
            wanted: health.wanted,
            excused: health.excused,
            failure: health.failure.clone(),
            failing_since: health.failing_since,
            retry: health.retry,
        }
    }

    pub(super) fn is(&self, health: &Health) -> bool {
        self.interval == health.interval
            && self.wanted == health.wanted
            && self.excused == health.excused
            && self.failure == health.failure
            && self.failing_since == health.failing_since
            && self.retry == health.retry
    }
}

/// One instance of one source.
#[derive(Debug)]
pub(super) struct InstanceHistory {
    pub(super) id: usize,
    pub(super) provider: &'static str,
    /// When it answered well.
    pub(super) answers: VecDeque<u32>,
    pub(super) kinds: Vec<KindHistory>,
    pub(super) health: VecDeque<(u32, HealthFacts)>,
}

impl InstanceHistory {
    pub(super) fn new(id: usize, provider: &'static str) -> InstanceHistory {
        InstanceHistory {
            id,
            provider,
            answers: VecDeque::new(),
            kinds: Vec::new(),
            health: VecDeque::new(),
        }
    }

    /// Notes an answer in its order. Returns the first answer after it; `Err` where it is known.
    pub(super) fn answered(&mut self, at: u32) -> Result<Option<u32>, ()> {
        let place = self.answers.partition_point(|known| *known < at);
        match self.answers.get(place).copied() {
            None => {
                self.answers.push_back(at);
                Ok(None)
            }
            Some(known) if known == at => Err(()),
            Some(next) => {
                self.answers.insert(place, at);
                Ok(Some(next))
            }
        }
    }

    /// The last answer at or before a time.
    pub(super) fn last_answer(&self, at: u32) -> Option<u32> {
        let after = self.answers.partition_point(|answer| *answer <= at);
        self.answers.get(after.checked_sub(1)?).copied()
    }

    /// Takes the devices of one answer, equal kinds together.
    pub(super) fn record(
        &mut self,
        (at, minute, next): (u32, u32, Option<u32>),
        keeps: &dyn Fn(Kind) -> Option<KeptKind>,
        summary: &HostStats,
        kinds: &[(Kind, &[Device])],
    ) {
        for (kind, devices) in kinds {
            let Some(keep) = keeps(*kind) else { continue };
            let known = self.kinds.iter().position(|known| known.kind == *kind);
            let place = known.unwrap_or_else(|| {
                self.kinds.push(KindHistory::new(*kind));
                self.kinds.len() - 1
            });
            let newest = devices.iter().map(|device| device.read_at).max();
            let is_current = |device: &Device| Some(device.read_at) == newest;
            let when = (at, minute, next);
            self.kinds[place].record(when, keep, summary, devices, is_current);
        }
        if next.is_some() {
            return;
        }
        let is_absent =
            |kind: &Kind| kinds.iter().all(|(other, _)| other != kind) || keeps(*kind).is_none();
        for kind in self.kinds.iter_mut().filter(|known| is_absent(&known.kind)) {
            kind.devices.values_mut().for_each(|track| track.leave(at));
            kind.whole.leave(at);
        }
    }

    /// Drops what is older than a time, and of devices that are gone what is older than a day.
    pub(super) fn forget_before(&mut self, oldest: u32, minute: u32) {
        while self.answers.front().is_some_and(|at| *at < oldest) {
            self.answers.pop_front();
        }
        while self.health.get(1).is_some_and(|(at, _)| *at <= oldest) {
            self.health.pop_front();
        }
        self.kinds.iter_mut().for_each(|kind| kind.forget_before(oldest, minute));
    }

    pub(super) fn shift(&mut self, by: u32) {
        self.answers.iter_mut().for_each(|at| *at = at.saturating_sub(by));
        self.health.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(by));
        for kind in &mut self.kinds {
            kind.devices.values_mut().chain([&mut kind.whole]).for_each(|track| track.shift(by));
        }
    }

    pub(super) fn bytes(&self) -> usize {
        const FACTS: usize = size_of::<(u32, HealthFacts)>();
        let kinds = self.kinds.iter().map(KindHistory::bytes).sum::<usize>();
        4 * self.answers.capacity() + FACTS * self.health.capacity() + kinds
    }
}
