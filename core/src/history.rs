//! What was, for graphs: samples in the order of time, kept only for what somebody shows.
//!
//! A graph is drawn in buckets of time that stand still: a sample belongs to the same bucket on every
//! frame, and only the window moves.

use crate::{
    clock::Moment,
    reading::{Kind, Quantity},
};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

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
    pub fn of(kind: Kind, device: &Arc<str>, quantity: &Quantity) -> Series {
        Series { kind, device: Some(device.clone()), quantity: quantity.name() }
    }

    /// The line of a whole source.
    pub fn whole(kind: Kind, quantity: &Quantity) -> Series {
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

/// The samples of one line.
#[derive(Clone, Default, Debug)]
pub struct Samples(VecDeque<(Moment, f32)>);

/// More than this many samples a line are never kept.
pub const MOST_SAMPLES: usize = 1200;

impl Samples {
    /// Adds a sample. One that is older than the last is put where it belongs; one of the same moment
    /// is left out.
    pub fn push(&mut self, at: Moment, value: f64) {
        let place = self.0.partition_point(|&(t, _)| t < at);
        match self.0.get(place) {
            Some(&(t, _)) if t == at => return,
            Some(_) => self.0.insert(place, (at, value as f32)),
            None => self.0.push_back((at, value as f32)),
        }
        if self.0.len() > MOST_SAMPLES {
            self.0.pop_front();
        }
    }

    /// Forgets what is older than `oldest`.
    pub fn forget_before(&mut self, oldest: Moment) {
        while self.0.front().is_some_and(|&(t, _)| t < oldest) {
            self.0.pop_front();
        }
        if self.0.capacity() > 4 * self.0.len().max(16) {
            self.0.shrink_to_fit();
        }
    }

    /// When the last sample was taken.
    pub fn last(&self) -> Option<Moment> {
        self.0.back().map(|&(t, _)| t)
    }

    /// The mean of each bucket of the window, the newest last. A sample stands for the time until the
    /// next was due (`interval`, and half of one); buckets beyond that are gaps.
    pub fn buckets(&self, now: Moment, window: Window, interval: Duration) -> Vec<Option<f64>> {
        let bucket = (window.bucket.as_nanos() as u64).max(1);
        let newest = now.as_nanos() / bucket;
        let Some(oldest) = (newest + 1).checked_sub(window.buckets as u64) else {
            return vec![None; window.buckets];
        };
        let holds = interval + interval / 2;
        let mut sums = vec![(0.0_f64, 0_u32); window.buckets];
        let from = Moment::from_nanos(oldest * bucket).before(holds);
        let start = self.0.partition_point(|&(t, _)| t < from);
        for &(t, value) in self.0.range(start..) {
            if let Some((sum, n)) = (t.as_nanos() / bucket)
                .checked_sub(oldest)
                .and_then(|i| sums.get_mut(usize::try_from(i).ok()?))
            {
                *sum += f64::from(value);
                *n += 1;
            }
        }
        let mut carried =
            self.0.range(start..).take_while(|(t, _)| t.as_nanos() < oldest * bucket).last();
        let mut next = self.0.partition_point(|&(t, _)| t.as_nanos() < oldest * bucket);
        let mut out = Vec::with_capacity(window.buckets);
        for (i, &(sum, n)) in sums.iter().enumerate() {
            let begin = (oldest + i as u64) * bucket;
            if n > 0 {
                next += n as usize;
                carried = self.0.get(next - 1);
                out.push(Some(sum / f64::from(n)));
            } else {
                let held = carried.filter(|(t, _)| begin <= (*t + holds).as_nanos());
                out.push(held.map(|&(_, v)| f64::from(v)));
            }
        }
        out
    }
}

/// The lines that are kept of one source. The store writes and the screen reads; each holds it for
/// microseconds.
#[derive(Clone, Default)]
pub struct History(Arc<Mutex<HashMap<Series, Samples>>>);

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "History({} lines)", self.lines().len())
    }
}

impl History {
    fn lines(&self) -> MutexGuard<'_, HashMap<Series, Samples>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds samples, and forgets what is older than `span`.
    pub fn record(
        &self,
        at: Moment,
        span: Duration,
        samples: impl IntoIterator<Item = (Series, f64)>,
    ) {
        let mut lines = self.lines();
        for (series, value) in samples {
            let line = lines.entry(series).or_default();
            line.push(at, value);
            line.forget_before(at.before(span));
        }
    }

    /// Forgets the lines that have had no sample since `oldest`.
    pub fn forget_lines_before(&self, oldest: Moment) {
        self.lines().retain(|_, line| line.last().is_some_and(|t| t >= oldest));
    }

    /// A line in buckets, as [`Samples::buckets`]; `None` where no such line is kept.
    pub fn buckets(
        &self,
        series: &Series,
        now: Moment,
        window: Window,
        interval: Duration,
    ) -> Option<Vec<Option<f64>>> {
        self.lines().get(series).map(|line| line.buckets(now, window, interval))
    }

    /// How many lines are kept.
    pub fn len(&self) -> usize {
        self.lines().len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.lines().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn samples(at: &[(f64, f64)]) -> Samples {
        let mut samples = Samples::default();
        for &(t, v) in at {
            samples.push(Moment::from_nanos((t * 1e9) as u64), v);
        }
        samples
    }

    fn window(buckets: usize) -> Window {
        Window { bucket: SECOND, buckets }
    }

    #[test]
    fn a_sample_keeps_its_bucket_while_the_window_moves() {
        let line = samples(&[(10.1, 1.0), (11.1, 2.0), (12.1, 3.0)]);
        let at = |ms: u64| line.buckets(Moment::from_nanos(ms * 1_000_000), window(3), SECOND);
        assert_eq!(at(12_200), [Some(1.0), Some(2.0), Some(3.0)]);
        assert_eq!(at(12_900), [Some(1.0), Some(2.0), Some(3.0)]);
        assert_eq!(at(13_100), [Some(2.0), Some(3.0), Some(3.0)], "held until the next is due");
        assert_eq!(at(14_000), [Some(3.0), Some(3.0), None], "then it is a gap");
    }

    #[test]
    fn a_slow_source_is_bridged_and_an_outage_is_not() {
        let line = samples(&[(10.0, 1.0), (12.0, 2.0), (20.0, 3.0)]);
        let got = line.buckets(Moment::from_secs(20), window(11), 2 * SECOND);
        let some = |v: f64| Some(v);
        assert_eq!(got[..6], [some(1.0), some(1.0), some(2.0), some(2.0), some(2.0), some(2.0)]);
        assert_eq!(got[6..], [None, None, None, None, some(3.0)]);
    }

    #[test]
    fn an_older_part_fills_history_in_its_place() {
        let mut line = samples(&[(10.0, 1.0), (12.0, 3.0)]);
        line.push(Moment::from_secs(11), 2.0);
        line.push(Moment::from_secs(11), 9.0);
        let got = line.buckets(Moment::from_secs(12), window(3), SECOND);
        assert_eq!(got, [Some(1.0), Some(2.0), Some(3.0)]);
    }

    #[test]
    fn a_line_is_bounded() {
        let mut line = Samples::default();
        for t in 0..5000 {
            line.push(Moment::from_secs(t), 0.0);
        }
        assert_eq!(line.0.len(), MOST_SAMPLES);
        line.forget_before(Moment::from_secs(4990));
        assert_eq!(line.0.len(), 10);
    }

    #[test]
    fn several_samples_in_a_bucket_are_averaged() {
        let line = samples(&[(10.0, 10.0), (10.5, 20.0)]);
        let got = line.buckets(Moment::from_secs(10), window(1), Duration::from_millis(500));
        assert_eq!(got, [Some(15.0)]);
    }
}
