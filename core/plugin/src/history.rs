//! What is kept of a source: its devices' values, its health, its figures.
//!
//! ```text
//! answers ─▶ record ─▶ rows of changes ─┬▶ buckets: graphs
//!                                       └▶ SourceView::past: the source at an instant
//! ```
//!
//! A graph is drawn in buckets of time that stand still: a sample belongs to the same bucket on every
//! frame, and only the window moves.

mod buckets;
mod instance;
mod minutes;
mod past;
mod summary;
mod track;

pub use instance::KeptKind;
pub use past::Outage;
pub use summary::is_summarized;

use crate::{
    clock::Moment,
    health::Health,
    host_stats::HostStats,
    reading::{Kind, Metric},
    view::Devices,
};
use instance::{HealthFacts, InstanceHistory, KindHistory};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use summary::SummaryHistory;

/// Which line of a graph: a device's quantity, or, without a device, the source's own summary of it
/// (the mean of all processors, the sum over all interfaces).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Series {
    /// The kind.
    pub kind: Kind,
    /// The device; `None` for the source as a whole.
    pub device: Option<Arc<str>>,
    /// The name of the quantity.
    pub quantity: &'static str,
}

impl Series {
    /// The line of one device.
    pub fn of(kind: Kind, device: &Arc<str>, quantity: &Metric) -> Series {
        Series { kind, device: Some(device.clone()), quantity: quantity.name() }
    }

    /// The line of a whole source.
    pub fn whole(kind: Kind, quantity: &Metric) -> Series {
        Series { kind, device: None, quantity: quantity.name() }
    }
}

/// A window of time: so many buckets, the last of which holds the present.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The length of a bucket.
    pub bucket: Duration,
    /// How many.
    pub buckets: usize,
}

impl Window {
    /// The number of the bucket that holds `now`: a [`Trace`](crate::draw::Trace) keeps samples in their
    /// cells by it.
    pub fn newest(&self, now: Moment) -> u64 {
        now.as_nanos() / (self.bucket.as_nanos() as u64).max(1)
    }
}

/// How long before the first record a source's clock begins: older answers fit in.
const BEFORE: Duration = Duration::from_secs(2 * 24 * 3600);
/// The clock is moved when this much of its 31 bits of milliseconds has passed: 23 days.
const LATEST: u64 = 2_000_000_000;
/// Old rows are dropped once for so many answers.
const TRIM: u32 = 16;

/// One answer of an instance, as it is kept.
pub struct Recorded<'a> {
    /// The instance's number.
    pub id: usize,
    /// Its provider.
    pub provider: &'static str,
    /// When it was read.
    pub at: Moment,
    /// Its devices.
    pub devices: &'a Devices,
    /// The figures of the source with this answer.
    pub summary: &'a HostStats,
    /// What is kept of a kind.
    pub keeps: &'a dyn Fn(Kind) -> Option<KeptKind>,
    /// How long the figures are kept; `None`: they are not.
    pub summary_span: Option<Duration>,
    /// Drop what is older than this; it is the longest of all spans.
    pub span: Duration,
}

/// All that is kept of one source.
#[derive(Default)]
struct SourceHistory {
    /// The moment that milliseconds count from; `None` before the first record.
    base: Option<Moment>,
    instances: Vec<InstanceHistory>,
    summary: SummaryHistory,
    /// Answers since old rows were dropped.
    untrimmed: u32,
}

/// The past of one source. The store writes and the screen reads; each holds it for microseconds.
#[derive(Clone, Default)]
pub struct History(Arc<Mutex<SourceHistory>>);

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "History({} series)", self.len())
    }
}

impl SourceHistory {
    /// Milliseconds of a moment; `None` for one that is too old.
    fn millis(&mut self, at: Moment) -> Option<u32> {
        let base = *self.base.get_or_insert(at.before(BEFORE));
        if at < base {
            return None;
        }
        let millis = (at.since(base).as_nanos() as u64 + 500_000) / 1_000_000;
        if millis <= LATEST {
            return Some(millis as u32);
        }
        let by = millis.saturating_sub(BEFORE.as_millis() as u64);
        self.base = Some(base + Duration::from_millis(by));
        let by = u32::try_from(by).unwrap_or(u32::MAX);
        self.instances.iter_mut().for_each(|instance| instance.shift(by));
        self.summary.shift(by);
        Some(BEFORE.as_millis() as u32)
    }

    /// Milliseconds of a moment to look at, within what there is.
    fn look(&self, at: Moment) -> u32 {
        let since = self.base.map_or(0, |base| at.since(base).as_nanos() as u64);
        (since.saturating_add(500_000) / 1_000_000).min(LATEST) as u32
    }

    fn moment(&self, millis: u32) -> Moment {
        self.base.unwrap_or_default() + Duration::from_millis(millis.into())
    }

    fn instance(&mut self, id: usize, provider: &'static str) -> &mut InstanceHistory {
        let known = self.instances.iter().position(|instance| instance.id == id);
        let at = known.unwrap_or_else(|| {
            self.instances.push(InstanceHistory::new(id, provider));
            self.instances.len() - 1
        });
        &mut self.instances[at]
    }

    fn forget_before(&mut self, oldest: Moment) {
        let minute = (oldest.as_nanos() / minutes::MINUTE) as u32;
        let oldest = self.look(oldest);
        self.instances.iter_mut().for_each(|instance| instance.forget_before(oldest, minute));
        self.instances.retain(|i| !(i.answers.is_empty() && i.health.is_empty()));
        self.summary.forget_before(oldest);
    }

    /// Which instance has a series, and where.
    fn find(&self, series: &Series) -> Option<(&InstanceHistory, &KindHistory, usize)> {
        self.instances.iter().find_map(|instance| {
            let kind = instance.kinds.iter().find(|kind| kind.kind == series.kind)?;
            kind.track(series.device.as_ref())?;
            Some((instance, kind, kind.column(series.quantity)?))
        })
    }
}

impl History {
    fn kept(&self) -> MutexGuard<'_, SourceHistory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an answer. One that is older than the last fills the past; one of the same millisecond as a
    /// known one is dropped.
    pub fn record(&self, answer: &Recorded<'_>) {
        let mut kept = self.kept();
        let Some(at) = kept.millis(answer.at) else { return };
        let minute = (answer.at.as_nanos() / minutes::MINUTE) as u32;
        let instance = kept.instance(answer.id, answer.provider);
        if let Ok(next) = instance.answered(at) {
            let all = &answer.devices.list;
            let kinds: Vec<_> = (answer.devices.kinds.iter())
                .map(|(kind, range)| (*kind, all.get(range.clone()).unwrap_or_default()))
                .collect();
            instance.record((at, minute, next), answer.keeps, answer.summary, &kinds);
        }
        if answer.summary_span.is_some() {
            kept.summary.record(at, answer.summary);
        }
        kept.untrimmed += 1;
        if kept.untrimmed >= TRIM {
            kept.untrimmed = 0;
            kept.forget_before(answer.at.before(answer.span));
        }
    }

    /// Takes the health of an instance, as it is from this moment on.
    pub fn record_health(&self, id: usize, provider: &'static str, at: Moment, health: &Health) {
        let mut kept = self.kept();
        let Some(millis) = kept.millis(at) else { return };
        let good = health.last_good.and_then(|good| kept.millis(good));
        let instance = kept.instance(id, provider);
        if let Some(good) =
            good.filter(|good| instance.answers.back().is_none_or(|last| good > last))
        {
            instance.answers.push_back(good);
        }
        if instance.health.back().is_none_or(|(_, last)| !last.is(health)) {
            instance.health.push_back((millis, HealthFacts::of(health)));
        }
    }

    /// Forgets an instance.
    pub fn forget_instance(&self, id: usize) {
        self.kept().instances.retain(|instance| instance.id != id);
    }

    /// Drops what is older than a moment; the minutes stay.
    pub fn forget_before(&self, oldest: Moment) {
        self.kept().forget_before(oldest);
    }

    /// Drops half of the minutes, the oldest.
    pub fn halve_minutes(&self) {
        let mut kept = self.kept();
        let kinds = kept.instances.iter_mut().flat_map(|instance| &mut instance.kinds);
        for minutes in kinds.flat_map(|kind| kind.minutes.values_mut()) {
            minutes.forget(minutes.len() / 2);
        }
    }

    /// Bytes that all of it takes.
    pub fn bytes(&self) -> usize {
        let kept = self.kept();
        kept.instances.iter().map(InstanceHistory::bytes).sum::<usize>() + kept.summary.bytes()
    }

    /// When the first answer that is kept was read.
    pub fn first(&self) -> Option<Moment> {
        let kept = self.kept();
        let first = kept.instances.iter().filter_map(|i| i.answers.front()).min().copied();
        first.map(|at| kept.moment(at))
    }

    /// When the last answer was read.
    pub fn last(&self) -> Option<Moment> {
        let kept = self.kept();
        let last = kept.instances.iter().filter_map(|i| i.answers.back()).max().copied();
        last.map(|at| kept.moment(at))
    }

    /// The last answer of any instance before a moment.
    pub fn answer_before(&self, at: Moment) -> Option<Moment> {
        let kept = self.kept();
        let before = kept.look(at).checked_sub(1)?;
        let last = kept.instances.iter().filter_map(|i| i.last_answer(before)).max();
        last.map(|at| kept.moment(at))
    }

    /// The first answer of any instance after a moment.
    pub fn answer_after(&self, at: Moment) -> Option<Moment> {
        let kept = self.kept();
        let at = kept.look(at);
        let after = |i: &InstanceHistory| {
            i.answers.get(i.answers.partition_point(|answer| *answer <= at)).copied()
        };
        kept.instances.iter().filter_map(after).min().map(|at| kept.moment(at))
    }

    /// A line in buckets, the newest last; `None` where no such line is kept. A sample holds until the
    /// next is due (`interval`, and half of one); buckets beyond that are gaps.
    pub fn buckets(
        &self,
        series: &Series,
        now: Moment,
        window: Window,
        interval: Duration,
    ) -> Option<Vec<Option<f64>>> {
        let kept = self.kept();
        let reach =
            window.bucket * u32::try_from(window.buckets).unwrap_or(u32::MAX) + 2 * interval;
        let range = (kept.look(now.before(reach)), kept.look(now));
        let moment = |(at, value)| (kept.moment(at), value);
        let figures = || {
            let (answers, track, column) = kept.summary.series(series)?;
            let samples = track.samples(answers, column, range).map(moment);
            Some(buckets::buckets(samples, std::iter::empty(), now, window, interval))
        };
        let Some((instance, kind, column)) = kept.find(series) else { return figures() };
        let track = kind.track(series.device.as_ref())?;
        let samples = track.samples(&instance.answers, column, range).map(moment);
        let minutes = kind.minutes.get(&series.device).into_iter();
        let minutes =
            minutes.flat_map(|minutes| minutes.values(column).map(|(t, mean, _)| (t, mean)));
        let mut out = buckets::buckets(samples, minutes, now, window, interval);
        // devices are kept while a host is opened, its figures always
        if out.contains(&None)
            && let Some(figures) = figures()
        {
            out.iter_mut().zip(figures).for_each(|(own, figure)| *own = own.or(figure));
        }
        Some(out)
    }

    /// The highest peak of the minutes of a series between two moments.
    pub fn peak(&self, series: &Series, since: Moment, to: Moment) -> Option<f64> {
        let kept = self.kept();
        let (_, kind, column) = kept.find(series)?;
        let minute = |at: Moment| (at.as_nanos() / minutes::MINUTE) as u32;
        let range = minute(since)..minute(to);
        let minutes = kind.minutes.get(&series.device)?;
        let peaks = minutes.values(column).filter(|(minute, ..)| range.contains(minute));
        peaks.map(|(_, _, peak)| f64::from(peak)).reduce(f64::max)
    }

    /// How many series are kept.
    pub fn len(&self) -> usize {
        let kept = self.kept();
        let kinds = kept.instances.iter().flat_map(|instance| &instance.kinds);
        kinds.map(|kind| kind.metrics.len() * kind.devices.len()).sum()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests;
