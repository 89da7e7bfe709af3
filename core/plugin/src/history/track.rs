//! What is kept of one device: a row of values for each change, and its texts.
//!
//! A row holds until the next one, so a process that sleeps takes one row. A row may say that the device
//! is gone. Times are milliseconds on the clock of the source's [`History`](super::History).

use crate::reading::Texts;
use std::{collections::VecDeque, sync::Arc};

/// The bit of a row's time that says: the device is gone from here on.
const GONE: u32 = 1 << 31;

/// Texts of a device, and which one of its name it is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct DeviceIdentity {
    /// As [`Device::generation`](crate::view::Device).
    pub generation: u64,
    /// Its texts.
    pub texts: Texts,
    /// Its place among the devices of its kind; 0 for kinds with devices that come and go.
    pub order: u32,
}

/// The rows of one device. A value is NaN where it is not known.
#[derive(Default, Debug)]
pub(super) struct Track {
    /// Values in a row.
    stride: usize,
    times: VecDeque<u32>,
    values: VecDeque<f32>,
    identities: VecDeque<(u32, Arc<DeviceIdentity>)>,
    /// The last answer that had it.
    pub(super) seen: u32,
}

impl Track {
    fn time(&self, row: usize) -> u32 {
        self.times.get(row).map_or(0, |time| time & !GONE)
    }

    fn is_gone(&self, row: usize) -> bool {
        self.times.get(row).is_none_or(|time| time & GONE != 0)
    }

    fn is_row(&self, row: usize, values: &[f32]) -> bool {
        let bits = |value: f32| if value.is_nan() { u32::MAX } else { value.to_bits() };
        let of_row = self.values.range(row * self.stride..(row + 1) * self.stride);
        !self.is_gone(row) && of_row.zip(values).all(|(a, b)| bits(*a) == bits(*b))
    }

    /// Makes room for more values in each row; those of before are not known.
    fn widen(&mut self, stride: usize) {
        if stride <= self.stride {
            return;
        }
        let old = std::mem::replace(&mut self.stride, stride);
        if self.times.is_empty() {
            return;
        }
        let mut wide = VecDeque::with_capacity(stride * self.times.len());
        for row in 0..self.times.len() {
            wide.extend(self.values.range(row * old..(row + 1) * old));
            wide.extend(std::iter::repeat_n(f32::NAN, stride - old));
        }
        self.values = wide;
    }

    /// The row that holds at a time, gone or not.
    fn held(&self, at: u32) -> Option<usize> {
        self.times.partition_point(|time| time & !GONE <= at).checked_sub(1)
    }

    /// The row that holds at a time; `None` where the device was not there.
    pub(super) fn row(&self, at: u32) -> Option<usize> {
        self.held(at).filter(|row| !self.is_gone(*row))
    }

    /// When the device went away, if it was gone at that time.
    pub(super) fn gone_since(&self, at: u32) -> Option<u32> {
        let row = self.held(at).filter(|row| self.is_gone(*row))?;
        Some(self.time(row))
    }

    /// A value of a row; `None` where it is not known.
    pub(super) fn value(&self, row: usize, column: usize) -> Option<f32> {
        let at = (column < self.stride).then_some(row * self.stride + column)?;
        self.values.get(at).copied().filter(|value| !value.is_nan())
    }

    /// Texts and generation at a time.
    pub(super) fn identity(&self, at: u32) -> Option<&Arc<DeviceIdentity>> {
        let after = self.identities.partition_point(|(time, _)| *time <= at);
        self.identities.get(after.saturating_sub(1)).map(|(_, identity)| identity)
    }

    /// Takes an answer that had the device. `next` is the first answer after it, if there is one.
    pub(super) fn put(&mut self, at: u32, values: &[f32], next: Option<u32>) {
        self.widen(values.len());
        let mut row = values.to_vec();
        row.resize(self.stride, f32::NAN);
        match next {
            None => {
                self.seen = at;
                let last = self.times.len().checked_sub(1);
                if !last.is_some_and(|last| self.is_row(last, &row)) {
                    self.times.push_back(at);
                    self.values.extend(row);
                }
            }
            Some(next) => self.insert(at, row, next),
        }
    }

    /// Puts an older answer between its neighbours: what held before it holds again from `next` on.
    fn insert(&mut self, at: u32, row: Vec<f32>, next: u32) {
        let held = self.held(at);
        if held.is_some_and(|held| self.time(held) == at || self.is_row(held, &row)) {
            return;
        }
        let place = held.map_or(0, |held| held + 1);
        if self.times.get(place).is_none_or(|after| after & !GONE > next) {
            let (time, before) = match held {
                Some(held) => {
                    let values = self.values.range(held * self.stride..(held + 1) * self.stride);
                    let gone = self.times.get(held).map_or(GONE, |time| time & GONE);
                    (next | gone, values.copied().collect())
                }
                None => (next | GONE, vec![f32::NAN; self.stride]),
            };
            self.insert_row(place, time, before);
        }
        self.insert_row(place, at, row);
    }

    fn insert_row(&mut self, place: usize, time: u32, row: Vec<f32>) {
        self.times.insert(place, time);
        let rest = self.values.split_off(place * self.stride);
        self.values.extend(row);
        self.values.extend(rest);
    }

    /// Takes the texts of an answer, and its place in it.
    pub(super) fn identify(&mut self, at: u32, generation: u64, order: u32, texts: &Texts) {
        match self.identities.back() {
            Some((_, last))
                if (last.generation, last.order) == (generation, order) && last.texts == *texts => {
            }
            // an older answer changes no texts
            Some((time, _)) if *time >= at => {}
            _ => {
                let identity = DeviceIdentity { generation, order, texts: texts.clone() };
                self.identities.push_back((at, Arc::new(identity)));
            }
        }
    }

    /// Takes an answer that no longer had the device.
    pub(super) fn leave(&mut self, at: u32) {
        if self.times.back().is_some_and(|time| time & GONE == 0 && *time < at) {
            self.times.push_back(at | GONE);
            self.values.extend(std::iter::repeat_n(f32::NAN, self.stride));
        }
    }

    /// Drops rows that held only before a time. Returns whether anything is left.
    pub(super) fn forget_before(&mut self, oldest: u32) -> bool {
        let mut rows = 0;
        while self.times.get(rows + 1).is_some_and(|time| time & !GONE <= oldest) {
            rows += 1;
        }
        self.times.drain(..rows);
        self.values.drain(..rows * self.stride);
        while self.identities.get(1).is_some_and(|(time, _)| *time <= oldest) {
            self.identities.pop_front();
        }
        if self.times.capacity() > 4 * self.times.len().max(8) {
            self.times.shrink_to_fit();
            self.values.shrink_to_fit();
        }
        !(self.times.len() == 1 && self.is_gone(0) && self.time(0) <= oldest)
    }

    /// Moves all times closer to the clock's beginning.
    pub(super) fn shift(&mut self, by: u32) {
        self.times
            .iter_mut()
            .for_each(|time| *time = (*time & GONE) | (*time & !GONE).saturating_sub(by));
        self.identities.iter_mut().for_each(|(time, _)| *time = time.saturating_sub(by));
        self.seen = self.seen.saturating_sub(by);
    }

    /// The known values of one column at these answers, oldest first, from one time to another, both
    /// included.
    pub(super) fn samples<'a>(
        &'a self,
        answers: &'a VecDeque<u32>,
        column: usize,
        (from, to): (u32, u32),
    ) -> impl Iterator<Item = (u32, f32)> + 'a {
        let first = answers.partition_point(|at| *at < from);
        let mut next = self.held(from).unwrap_or(0);
        answers.range(first..).take_while(move |at| **at <= to).filter_map(move |at| {
            while self.times.get(next + 1).is_some_and(|time| time & !GONE <= *at) {
                next += 1;
            }
            let known = !self.is_gone(next) && self.time(next) <= *at;
            Some((*at, self.value(next, column).filter(|_| known)?))
        })
    }

    /// Whether it has no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        // texts are mostly shared with the present; what they add is their list
        const IDENTITY: usize = 240;
        4 * (self.times.capacity() + self.values.capacity()) + IDENTITY * self.identities.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f32 = f32::NAN;

    fn values(track: &Track, answers: &[u32]) -> Vec<(u32, f32)> {
        track.samples(&answers.iter().copied().collect(), 0, (0, 99)).collect()
    }

    #[test]
    fn a_row_is_kept_for_each_change_only() {
        let mut track = Track::default();
        for at in 1..=9 {
            track.put(at, &[if at < 5 { 1.0 } else { 2.0 }, NAN], None);
        }
        assert_eq!(track.times.len(), 2);
        assert_eq!(values(&track, &[1, 4, 5, 9]), [(1, 1.0), (4, 1.0), (5, 2.0), (9, 2.0)]);
        assert_eq!(track.value(0, 1), None, "unknown");
        track.put(10, &[2.0, NAN, 7.0], None);
        assert_eq!((track.value(0, 2), track.value(2, 2)), (None, Some(7.0)));
    }

    #[test]
    fn a_device_is_gone_until_it_is_back() {
        let mut track = Track::default();
        track.put(1, &[1.0], None);
        track.leave(3);
        track.leave(4);
        track.put(6, &[1.0], None);
        assert_eq!(
            [0, 1, 2, 3, 5, 6].map(|at| track.row(at)),
            [None, Some(0), Some(0), None, None, Some(2)]
        );
        assert_eq!((track.gone_since(5), track.gone_since(6)), (Some(3), None));
        assert_eq!(values(&track, &[0, 2, 4, 7]), [(2, 1.0), (7, 1.0)]);
    }

    #[test]
    fn an_older_answer_changes_its_own_time_only() {
        let mut track = Track::default();
        for at in [10, 20, 30] {
            track.put(at, &[1.0], None);
        }
        track.put(25, &[5.0], Some(30));
        track.put(15, &[1.0], Some(20));
        track.put(5, &[9.0], Some(10));
        let all = [5, 10, 15, 20, 25, 30];
        assert_eq!(
            values(&track, &all),
            [(5, 9.0), (10, 1.0), (15, 1.0), (20, 1.0), (25, 5.0), (30, 1.0)]
        );
    }

    #[test]
    fn what_held_only_before_is_dropped() {
        let mut track = Track::default();
        for at in 1..=5 {
            track.put(at * 10, &[at as f32], None);
        }
        assert!(track.forget_before(25));
        assert_eq!(values(&track, &[25, 50]), [(25, 2.0), (50, 5.0)], "the row that holds is kept");
        track.leave(60);
        assert!(!track.forget_before(60));
    }

    #[test]
    fn texts_belong_to_their_time() {
        let mut track = Track::default();
        track.identify(10, 1, 0, &Texts::default());
        track.identify(20, 1, 0, &Texts::default());
        track.identify(30, 2, 0, &Texts::default());
        let generation = |at| track.identity(at).map(|identity| identity.generation);
        assert_eq!((generation(29), generation(30), track.identities.len()), (Some(1), Some(2), 2));
    }
}
