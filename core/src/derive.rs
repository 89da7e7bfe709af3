//! The one place where a rate or a share is made of two readings, for local, remote and re-read
//! alike: nothing at first sight, after a decrease, or when no time has passed; never a spike, never
//! a negative.

use crate::{
    clock::Moment,
    reading::{Form, Reading, Values},
    view::Device,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

/// How much of a stepped counter's past its rate is taken over.
const STEPS: u32 = 3;

/// A reading and what was known of its device before become the device as it is known now.
pub(crate) fn device(reading: Reading, before: Option<&Device>, taken: Moment) -> Device {
    let Reading { kind, device, epoch, step, taken: read, mut values, texts } = reading;
    let before = before.filter(|old| old.epoch == epoch);
    let counted = read.unwrap_or(taken);
    if let Some(old) = before.filter(|old| read.is_some() && old.counted == counted) {
        // what was only repeated is as it was, rates and all
        return Device { texts, taken, ..old.clone() };
    }
    let mut trail = VecDeque::new();
    match (before, step) {
        (Some(old), Some(step)) => {
            trail = trail_of(old, &values, taken, step);
            if let Some((base, earlier)) = trail.front() {
                derive(&mut values, earlier, taken.since(*base));
            }
        }
        (Some(old), None) => derive(&mut values, &old.values, counted.since(old.counted)),
        (None, _) => {}
    }
    if step.is_some() {
        trail.push_back((taken, values.clone()));
    }
    // the name known before is the same allocation over and over
    let name = before.map_or(device, |old| old.name.clone());
    Device { kind, name, epoch, values, texts, taken, counted, step, trail }
}

/// What is derived between an earlier state of a device and this one, however many readings lie
/// between them: rates and shares, and nothing else. Without an earlier state, the shares of what has been
/// counted from the counters' own beginning.
pub(crate) fn between(before: Option<&Device>, now: &Device) -> Values {
    let counters = || now.values.iter().filter(|(q, _)| !q.is_gauge());
    let mut values = Values::default();
    counters().for_each(|(quantity, value)| values.set(quantity, value));
    match before.filter(|old| old.epoch == now.epoch) {
        Some(old) => derive(&mut values, &old.values, now.counted.since(old.counted)),
        None => {
            let mut nothing = Values::default();
            for (quantity, _) in
                counters().filter(|(q, _)| !matches!(q.form(), Form::Counter { .. }))
            {
                nothing.set(quantity, 0.0);
            }
            // a share does not depend on the time that has passed, as long as some has
            derive(&mut values, &nothing, Duration::MAX);
        }
    }
    let mut derived = Values::default();
    values.iter().filter(|(q, _)| q.is_gauge()).for_each(|(q, v)| derived.set(q, v));
    derived
}

/// What of the past a stepped counter is still measured against: three steps of it, and nothing from
/// before a decrease.
fn trail_of(
    old: &Device,
    now: &Values,
    taken: Moment,
    step: Duration,
) -> VecDeque<(Moment, Values)> {
    let decreased = now.iter().any(|(q, v)| {
        matches!(q.form(), Form::Counter { .. }) && old.values.get(q).is_some_and(|o| v < o)
    });
    if decreased || old.step.is_none() {
        return VecDeque::new();
    }
    let oldest = taken.before(step * STEPS + step / 4);
    let mut trail: VecDeque<_> = old.trail.iter().filter(|(t, _)| *t >= oldest).cloned().collect();
    if trail.is_empty() {
        trail.extend(old.trail.back().cloned());
    }
    trail
}

fn derive(now: &mut Values, before: &Values, elapsed: Duration) {
    let seconds = elapsed.as_secs_f64();
    if seconds <= 0.0 {
        return;
    }
    let growth = |values: &Values, q| match (values.get(q), before.get(q)) {
        (Some(new), Some(old)) if new >= old => Some(new - old),
        _ => None,
    };
    let mut derived = [None; 8];
    let mut found = 0;
    for (quantity, _) in now.iter() {
        let result = match *quantity.form() {
            Form::Gauge | Form::Total => None,
            Form::Counter { rate, factor } => {
                growth(now, quantity).map(|d| (rate, factor * d / seconds))
            }
            Form::Share { of, percent } => match (growth(now, quantity), growth(now, of)) {
                // more than the whole is no share; a rounding step more is the whole
                (Some(part), Some(whole)) if whole > 0.0 && part <= whole * 1.01 => {
                    Some((percent, (100.0 * part / whole).min(100.0)))
                }
                _ => None,
            },
        };
        if let (Some(result), Some(slot)) = (result, derived.get_mut(found)) {
            *slot = Some(result);
            found += 1;
        }
    }
    for (quantity, value) in derived.into_iter().flatten() {
        now.set(quantity, value);
    }
}

/// The devices of the last answer, to be found again by what a new answer says.
pub(crate) struct Before<'a> {
    old: &'a [Device],
    used: Vec<bool>,
    next: usize,
    index: Option<HashMap<(&'static str, &'a str), usize>>,
    fresh: HashSet<(&'static str, Arc<str>)>,
}

/// What was known of a reading's device.
pub(crate) enum Found<'a> {
    Known(&'a Device),
    New,
    /// The same key stood in this answer before.
    Repeated,
}

impl<'a> Before<'a> {
    pub(crate) fn new(old: &'a [Device]) -> Before<'a> {
        Before { old, used: vec![false; old.len()], next: 0, index: None, fresh: HashSet::new() }
    }

    /// Finds the device of a reading: nearly always the one after the last that was found.
    pub(crate) fn find(&mut self, reading: &Reading) -> Found<'a> {
        let is = |d: &Device| d.kind == reading.kind && d.name == reading.device;
        let at = match self.old.get(self.next) {
            Some(d) if is(d) => Some(self.next),
            _ => {
                let old = self.old;
                let index = self.index.get_or_insert_with(|| {
                    let key = |(i, d): (usize, &'a Device)| ((d.kind.word(), &*d.name), i);
                    // of a repeated name, the first
                    old.iter().enumerate().rev().map(key).collect()
                });
                index.get(&(reading.kind.word(), &*reading.device)).copied()
            }
        };
        match at {
            Some(at) if self.used[at] => Found::Repeated,
            Some(at) => {
                self.used[at] = true;
                self.next = at + 1;
                Found::Known(&self.old[at])
            }
            None if self.fresh.insert((reading.kind.word(), reading.device.clone())) => Found::New,
            None => Found::Repeated,
        }
    }

    /// The devices that the new answer no longer has.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &'a Device> + '_ {
        self.old.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(d, _)| d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{reading::Kind, vocabulary as v};

    const X: Kind = v::NETWORK;

    fn steps(step: Option<Duration>, samples: &[(f64, f64)]) -> Vec<Option<f64>> {
        let mut last: Option<Device> = None;
        let mut rates = Vec::new();
        for &(t, bytes) in samples {
            let mut reading = Reading::new(X, "eth0").with(&v::RECEIVED_BYTES, bytes);
            reading.step = step;
            let now = device(reading, last.as_ref(), Moment::from_nanos((t * 1e9) as u64));
            rates.push(now.value(&v::RECEIVED_RATE).map(|r| (r * 10.0).round() / 10.0));
            last = Some(now);
        }
        rates
    }

    #[test]
    fn a_counter_has_no_rate_at_first_sight_nor_after_a_decrease() {
        let got = steps(None, &[(1.0, 100.0), (3.0, 300.0), (4.0, 50.0), (5.0, 60.0)]);
        assert_eq!(got, [None, Some(100.0), None, Some(10.0)]);
    }

    #[test]
    fn no_time_no_rate() {
        assert_eq!(steps(None, &[(1.0, 100.0), (1.0, 300.0)]), [None, None]);
        assert_eq!(steps(None, &[(2.0, 100.0), (1.0, 300.0)]), [None, None], "a step back");
    }

    #[test]
    fn a_stepped_counter_is_averaged_over_three_steps() {
        // advances by 100 once a second, polled four times a second
        let samples: Vec<_> =
            (0..20).map(|i| (f64::from(i) * 0.25, f64::from(i / 4) * 100.0)).collect();
        let rates = steps(Some(Duration::from_secs(1)), &samples);
        for rate in &rates[13..] {
            let rate = rate.unwrap();
            assert!((75.0..=125.0).contains(&rate), "{rates:?}");
        }
        assert!(rates[1].is_some(), "over what there is: {rates:?}");
    }

    #[test]
    fn a_share_is_never_negative_nor_more_than_the_whole() {
        let cpu = |busy, total| {
            Reading::new(v::CPU, "CPU0").with(&v::BUSY_SECONDS, busy).with(&v::TOTAL_SECONDS, total)
        };
        let percent = |a: (f64, f64), b: (f64, f64)| {
            let first = device(cpu(a.0, a.1), None, Moment::from_secs(1));
            device(cpu(b.0, b.1), Some(&first), Moment::from_secs(2)).value(&v::PERCENT)
        };
        assert_eq!(percent((1.0, 10.0), (1.5, 11.0)), Some(50.0));
        assert_eq!(percent((1.0, 10.0), (2.001, 11.0)), Some(100.0));
        assert_eq!(percent((1.0, 10.0), (5.0, 11.0)), None, "more than the whole");
        assert_eq!(percent((1.0, 10.0), (0.5, 11.0)), None, "went backwards");
        assert_eq!(percent((1.0, 10.0), (1.0, 10.0)), None, "no time passed");
    }

    #[test]
    fn between_any_two_states_the_same_is_derived_and_without_an_earlier_one_the_mean() {
        let at = |t, busy, total| {
            let reading = Reading::new(v::CPU, "CPU0")
                .with(&v::BUSY_SECONDS, busy)
                .with(&v::TOTAL_SECONDS, total)
                .with(&v::PERCENT, 99.0)
                .with(&v::RECEIVED_BYTES, 10.0 * total);
            device(reading, None, Moment::from_secs(t))
        };
        let (old, now) = (at(1, 1.0, 10.0), at(11, 3.0, 20.0));
        let derived = between(Some(&old), &now);
        assert_eq!(derived.get(&v::PERCENT), Some(20.0));
        assert_eq!(derived.get(&v::RECEIVED_RATE), Some(10.0));
        assert_eq!(derived.get(&v::BUSY_SECONDS), None);
        let since_boot = between(None, &now);
        assert_eq!(since_boot.get(&v::PERCENT), Some(15.0));
        assert_eq!(since_boot.get(&v::RECEIVED_RATE), None, "nobody knows since when");
        assert_eq!(between(Some(&now), &old).get(&v::PERCENT), None, "backwards");
    }

    #[test]
    fn work_on_several_processors_is_more_than_100_percent() {
        let process = |s| Reading::new(v::PROCESS, "7").with(&v::CPU_SECONDS, s).in_epoch(1);
        let first = device(process(1.0), None, Moment::from_secs(1));
        let second = device(process(4.0), Some(&first), Moment::from_secs(2));
        assert_eq!(second.value(&v::PERCENT), Some(300.0));
        let other = process(9.0).in_epoch(2);
        let taken_again = device(other, Some(&second), Moment::from_secs(3));
        assert_eq!(taken_again.value(&v::PERCENT), None, "the pid was taken by another");
    }

    #[test]
    fn what_was_read_seldom_has_its_rate_over_the_time_between_two_looks() {
        let at = |s: u64| Moment::from_secs(s);
        let process = |s| Reading::new(v::PROCESS, "7").with(&v::CPU_SECONDS, s).in_epoch(1);
        let mut now = device(process(1.0), None, at(1));
        now = device(process(1.5), Some(&now), at(2));
        assert_eq!(now.value(&v::PERCENT), Some(50.0));
        for second in 3..6 {
            now = device(process(1.5).read_at(at(2)), Some(&now), at(second));
            assert_eq!(now.value(&v::PERCENT), Some(50.0), "repeated, not looked at");
            assert_eq!(now.taken, at(second), "it has not disappeared");
        }
        let (long, earlier) = (process(3.5), now.clone());
        now = device(long, Some(&now), at(6));
        assert_eq!(now.value(&v::PERCENT), Some(50.0), "two seconds of work in four");
        assert_eq!(between(Some(&earlier), &now).get(&v::PERCENT), Some(50.0));
    }

    #[test]
    fn readings_find_their_devices_in_any_order_and_repeats_are_noticed() {
        let old: Vec<_> = ["a", "b", "c"]
            .map(|n| device(Reading::new(X, n), None, Moment::from_secs(1)))
            .into_iter()
            .collect();
        let mut before = Before::new(&old);
        let mut look = |name: &str| match before.find(&Reading::new(X, name)) {
            Found::Known(d) => d.name.to_string(),
            Found::New => "new".into(),
            Found::Repeated => "repeated".into(),
        };
        assert_eq!(
            ["c", "a", "a", "d", "d"].map(&mut look),
            ["c", "a", "repeated", "new", "repeated"]
        );
        let missing: Vec<_> = before.missing().map(|d| d.name.to_string()).collect();
        assert_eq!(missing, ["b"]);
    }
}
