//! One-minute means and peaks of the values of one device, for a day.

use std::collections::VecDeque;

/// How many minutes are kept.
const MOST: usize = 24 * 60;
/// Nanoseconds in a minute.
pub(super) const MINUTE: u64 = 60_000_000_000;

/// The sum of the minute that is under way, of one value.
#[derive(Clone, Copy, Default, Debug)]
struct MinuteSum {
    sum: f64,
    count: u32,
    peak: f32,
}

/// Means and peaks: a row a minute.
#[derive(Default, Debug)]
pub(super) struct Minutes {
    running: Vec<MinuteSum>,
    minute: u32,
    /// The first one: it began before its first answer, so that it is not kept.
    first: Option<u32>,
    /// Which minute of the clock a row is of.
    times: VecDeque<u32>,
    rows: VecDeque<Box<[(f32, f32)]>>,
}

impl Minutes {
    /// Adds the values of one answer, in the minute of the clock that it belongs to.
    pub(super) fn put(&mut self, minute: u32, values: &[f32]) {
        if minute < self.minute {
            return;
        }
        let first = *self.first.get_or_insert(minute);
        if minute != self.minute {
            match self.minute == first {
                true => self.running.fill(MinuteSum::default()),
                false => self.close(),
            }
            self.minute = minute;
        }
        if self.running.len() < values.len() {
            self.running.resize(values.len(), MinuteSum::default());
        }
        for (running, value) in self.running.iter_mut().zip(values) {
            if !value.is_nan() {
                running.peak = if running.count == 0 { *value } else { running.peak.max(*value) };
                running.sum += f64::from(*value);
                running.count += 1;
            }
        }
    }

    fn close(&mut self) {
        if self.running.iter().all(|running| running.count == 0) {
            return;
        }
        let mean = |r: &MinuteSum| match r.count {
            0 => (f32::NAN, f32::NAN),
            n => ((r.sum / f64::from(n)) as f32, r.peak),
        };
        self.rows.push_back(self.running.iter().map(mean).collect());
        self.times.push_back(self.minute);
        self.forget(MOST);
        self.running.fill(MinuteSum::default());
    }

    /// Keeps at most so many minutes, the newest.
    pub(super) fn forget(&mut self, most: usize) {
        let old = self.times.len().saturating_sub(most);
        self.times.drain(..old);
        self.rows.drain(..old);
    }

    /// Whether there was an answer in the day before a minute of the clock.
    pub(super) fn is_of_a_day_before(&self, minute: u32) -> bool {
        self.minute.saturating_add(MOST as u32) >= minute
    }

    /// The minutes that are over, with mean and peak of one value, oldest first.
    pub(super) fn values(&self, column: usize) -> impl Iterator<Item = (u32, f32, f32)> + '_ {
        self.times.iter().zip(&self.rows).filter_map(move |(minute, row)| {
            let (mean, peak) = *row.get(column)?;
            (!mean.is_nan()).then_some((*minute, mean, peak))
        })
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        self.rows.iter().map(|row| 8 * row.len() + 32).sum()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_mean_and_its_peak_once_it_is_over() {
        let mut minutes = Minutes::default();
        minutes.put(5, &[50.0, 50.0]);
        minutes.put(7, &[1.0, f32::NAN]);
        minutes.put(7, &[3.0, f32::NAN]);
        minutes.put(6, &[99.0]);
        assert_eq!(minutes.values(0).count(), 0, "it is under way");
        minutes.put(9, &[5.0, 4.0]);
        minutes.put(10, &[0.0]);
        assert_eq!(minutes.values(0).collect::<Vec<_>>(), [(7, 2.0, 3.0), (9, 5.0, 5.0)]);
        assert_eq!(minutes.values(1).collect::<Vec<_>>(), [(9, 4.0, 4.0)], "unknown at first");
        for minute in 11..3000 {
            minutes.put(minute, &[0.0]);
        }
        assert_eq!(minutes.len(), MOST);
    }
}
