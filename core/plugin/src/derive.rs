//! The one place where a rate or a share is made of two readings, for local, remote and re-read
//! alike: nothing at first sight or after a decrease; never a spike, never a negative. The same reading
//! again is not a second one: what was derived last stays.

use crate::{
    clock::Moment,
    reading::{DeviceReading, Metric, MetricType, Values},
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
#[doc(hidden)]
pub fn device(reading: DeviceReading, before: Option<&Device>, read_at: Moment) -> Device {
    let DeviceReading { kind, device, generation, resolution, read_at: read, mut values, texts } =
        reading;
    let before = before.filter(|old| old.generation == generation);
    let counters_at = read.unwrap_or(read_at);
    if let Some(old) = before.filter(|old| read.is_some() && old.counters_at == counters_at) {
        // what was only repeated is as it was, rates and all
        return Device { texts, read_at, ..old.clone() };
    }
    let mut window = VecDeque::new();
    match (before, resolution) {
        (Some(old), Some(resolution)) => {
            window = window_of(old, &values, counters_at, resolution);
            if let Some((base, earlier)) = window.front() {
                derive(&mut values, earlier, counters_at.since(*base));
            }
        }
        (Some(old), None) => derive(&mut values, &old.values, counters_at.since(old.counters_at)),
        (None, _) => {}
    }
    if let Some(old) = before.filter(|old| old.counters_at == counters_at) {
        keep_derived(&mut values, &old.values);
    }
    if resolution.is_some() && window.back().is_none_or(|(last, _)| *last != counters_at) {
        window.push_back((counters_at, values.clone()));
    }
    // the name known before is the same allocation over and over
    let name = before.map_or(device, |old| old.name.clone());
    Device { kind, name, generation, values, texts, read_at, counters_at, resolution, window }
}

/// The gauge that is derived of a counter.
fn derived(quantity: &Metric) -> Option<&'static Metric> {
    match *quantity.form() {
        MetricType::Gauge | MetricType::Total => None,
        MetricType::Counter { rate, .. } => Some(rate),
        MetricType::Share { percent, .. } | MetricType::Elapsed { percent } => Some(percent),
        MetricType::Mean { mean, .. } => Some(mean),
    }
}

/// Adds what was derived of these counters when they were read first.
fn keep_derived(now: &mut Values, before: &Values) {
    let kept: Vec<_> = (now.iter().filter_map(|(quantity, _)| derived(quantity)))
        .filter(|result| now.get(result).is_none())
        .filter_map(|result| Some((result, before.get(result)?)))
        .collect();
    kept.into_iter().for_each(|(result, value)| now.set(result, value));
}

/// What is derived between an earlier state of a device and this one, however many readings lie
/// between them: rates and shares, and nothing else. Between two states of one reading it is what was
/// derived of that reading. Without an earlier state, the shares of what has been
/// counted from the counters' own beginning.
#[doc(hidden)]
pub fn between(before: Option<&Device>, now: &Device) -> Values {
    let counters = || now.values.iter().filter(|(q, _)| !q.is_gauge());
    let mut values = Values::default();
    counters().for_each(|(quantity, value)| values.set(quantity, value));
    match before.filter(|old| old.generation == now.generation) {
        Some(old) if old.counters_at == now.counters_at => keep_derived(&mut values, &now.values),
        Some(old) => derive(&mut values, &old.values, now.counters_at.since(old.counters_at)),
        None => {
            let mut nothing = Values::default();
            let by_time = |q: &Metric| q.form().derived().is_some() && q.form().of().is_none();
            for (quantity, _) in counters().filter(|(q, _)| !by_time(q)) {
                nothing.set(quantity, 0.0);
            }
            // what time does not divide does not depend on how much has passed, as long as some has
            derive(&mut values, &nothing, Duration::MAX);
        }
    }
    let mut derived = Values::default();
    values.iter().filter(|(q, _)| q.is_gauge()).for_each(|(q, v)| derived.set(q, v));
    derived
}

/// What of the past a stepped counter is still measured against: three steps of it, and nothing from
/// before a decrease.
fn window_of(
    old: &Device,
    now: &Values,
    read_at: Moment,
    resolution: Duration,
) -> VecDeque<(Moment, Values)> {
    let decreased = now.iter().any(|(q, v)| {
        matches!(q.form(), MetricType::Counter { .. }) && old.values.get(q).is_some_and(|o| v < o)
    });
    if decreased || old.resolution.is_none() {
        return VecDeque::new();
    }
    let oldest = read_at.before(resolution * STEPS + resolution / 4);
    let mut window: VecDeque<_> =
        old.window.iter().filter(|(t, _)| *t >= oldest).cloned().collect();
    if window.is_empty() {
        window.extend(old.window.back().cloned());
    }
    window
}

/// Sets what is derived of the counters in `now`. Readings of one device mostly hold the same quantities
/// in the same order, so an earlier value is looked for at the same place first.
fn derive(now: &mut Values, before: &Values, elapsed: Duration) {
    let seconds = elapsed.as_secs_f64();
    if seconds <= 0.0 {
        return;
    }
    // several shares in a row are mostly of the same whole
    let mut whole: Option<(&Metric, Option<f64>)> = None;
    for place in 0..now.len() {
        let Some((quantity, value)) = now.at(place) else { break };
        let form = quantity.form();
        let Some(derived) = form.derived() else { continue };
        let Some(growth) = growth(before.near(place, quantity), value) else { continue };
        let by = match form.of() {
            Some(of) => match whole {
                Some((known, by)) if std::ptr::eq(known, of) => by,
                _ => {
                    let by = now.get(of).and_then(|value| self::growth(before.get(of), value));
                    whole = Some((of, by));
                    by
                }
            },
            None => Some(seconds),
        };
        if let Some(result) = by.and_then(|by| divided(form, growth, by)) {
            now.set(derived, result);
        }
    }
}

/// By how much a counter has grown; `None` at first sight and after a decrease.
fn growth(before: Option<f64>, now: f64) -> Option<f64> {
    before.filter(|before| now >= *before).map(|before| now - before)
}

/// More than the whole is not a share; a rounding step more is the whole.
const WHOLE: f64 = 1.01;

/// What is derived of a growth, and of that by which it is divided.
fn divided(form: &MetricType, growth: f64, by: f64) -> Option<f64> {
    match form {
        MetricType::Gauge | MetricType::Total => None,
        MetricType::Counter { factor, .. } => Some(factor * growth / by),
        MetricType::Share { .. } if by > 0.0 && growth <= by * WHOLE => {
            Some((100.0 * growth / by).min(100.0))
        }
        MetricType::Mean { .. } if by > 0.0 => Some(growth / by),
        MetricType::Share { .. } | MetricType::Mean { .. } => None,
        // counted at another moment than the clock was read: what is over belongs to the time before
        MetricType::Elapsed { .. } => Some((100.0 * growth / by).min(100.0)),
    }
}

/// The devices of the last answer, to be found again by what a new answer says.
#[doc(hidden)]
pub struct Before<'a> {
    old: &'a [Device],
    used: Vec<bool>,
    next: usize,
    index: Option<HashMap<(&'static str, &'a str), usize>>,
    fresh: HashSet<(&'static str, Arc<str>)>,
}

/// What was known of a reading's device.
#[doc(hidden)]
pub enum Lookup<'a> {
    Existing(&'a Device),
    New,
    /// The same key stood in this answer before.
    Repeated,
}

impl<'a> Before<'a> {
    #[doc(hidden)]
    pub fn new(old: &'a [Device]) -> Before<'a> {
        Before { old, used: vec![false; old.len()], next: 0, index: None, fresh: HashSet::new() }
    }

    /// Finds the device of a reading: nearly always the one after the last that was found.
    #[doc(hidden)]
    pub fn find(&mut self, reading: &DeviceReading) -> Lookup<'a> {
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
            Some(at) if self.used[at] => Lookup::Repeated,
            Some(at) => {
                self.used[at] = true;
                self.next = at + 1;
                Lookup::Existing(&self.old[at])
            }
            None if self.fresh.insert((reading.kind.word(), reading.device.clone())) => Lookup::New,
            None => Lookup::Repeated,
        }
    }

    /// The devices that the new answer no longer has.
    #[doc(hidden)]
    pub fn missing(&self) -> impl Iterator<Item = &'a Device> + '_ {
        self.old.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(d, _)| d)
    }
}

#[cfg(test)]
mod forms;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{reading::Kind, vocabulary as v};

    const X: Kind = v::NETWORK;

    fn steps(resolution: Option<Duration>, samples: &[(f64, f64)]) -> Vec<Option<f64>> {
        let mut last: Option<Device> = None;
        let mut rates = Vec::new();
        for &(t, bytes) in samples {
            let mut reading = DeviceReading::new(X, "eth0").with(&v::RECEIVED_BYTES, bytes);
            reading.resolution = resolution;
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
    fn the_same_sample_again_keeps_what_was_derived_of_it() {
        let got =
            steps(None, &[(1.0, 100.0), (3.0, 300.0), (3.0, 300.0), (3.0, 300.0), (4.0, 350.0)]);
        assert_eq!(got, [None, Some(100.0), Some(100.0), Some(100.0), Some(50.0)]);
        let second = Some(Duration::from_secs(1));
        let got = steps(second, &[(1.0, 100.0), (2.0, 200.0), (2.0, 200.0), (3.0, 300.0)]);
        assert_eq!(got, [None, Some(100.0), Some(100.0), Some(100.0)], "stepped counters too");
    }

    #[test]
    fn no_time_no_rate() {
        assert_eq!(steps(None, &[(1.0, 100.0), (1.0, 300.0)]), [None, None]);
        assert_eq!(steps(None, &[(2.0, 100.0), (1.0, 300.0)]), [None, None], "a resolution back");
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
            DeviceReading::new(v::CPU, "CPU0")
                .with(&v::BUSY_SECONDS, busy)
                .with(&v::TOTAL_SECONDS, total)
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
            let reading = DeviceReading::new(v::CPU, "CPU0")
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
        let process =
            |s| DeviceReading::new(v::PROCESS, "7").with(&v::CPU_SECONDS, s).in_generation(1);
        let first = device(process(1.0), None, Moment::from_secs(1));
        let second = device(process(4.0), Some(&first), Moment::from_secs(2));
        assert_eq!(second.value(&v::PERCENT), Some(300.0));
        let other = process(9.0).in_generation(2);
        let taken_again = device(other, Some(&second), Moment::from_secs(3));
        assert_eq!(taken_again.value(&v::PERCENT), None, "the pid was read_at by another");
    }

    #[test]
    fn what_was_read_seldom_has_its_rate_over_the_time_between_two_looks() {
        let at = |s: u64| Moment::from_secs(s);
        let process =
            |s| DeviceReading::new(v::PROCESS, "7").with(&v::CPU_SECONDS, s).in_generation(1);
        let mut now = device(process(1.0), None, at(1));
        now = device(process(1.5), Some(&now), at(2));
        assert_eq!(now.value(&v::PERCENT), Some(50.0));
        for second in 3..6 {
            now = device(process(1.5).read_at(at(2)), Some(&now), at(second));
            assert_eq!(now.value(&v::PERCENT), Some(50.0), "repeated, not looked at");
            assert_eq!(now.read_at, at(second), "it has not disappeared");
        }
        let (long, earlier) = (process(3.5), now.clone());
        now = device(long, Some(&now), at(6));
        assert_eq!(now.value(&v::PERCENT), Some(50.0), "two seconds of work in four");
        assert_eq!(between(Some(&earlier), &now).get(&v::PERCENT), Some(50.0));
    }

    #[test]
    fn readings_find_their_devices_in_any_order_and_repeats_are_noticed() {
        let old: Vec<_> = ["a", "b", "c"]
            .map(|n| device(DeviceReading::new(X, n), None, Moment::from_secs(1)))
            .into_iter()
            .collect();
        let mut before = Before::new(&old);
        let mut look = |name: &str| match before.find(&DeviceReading::new(X, name)) {
            Lookup::Existing(d) => d.name.to_string(),
            Lookup::New => "new".into(),
            Lookup::Repeated => "repeated".into(),
        };
        assert_eq!(
            ["c", "a", "a", "d", "d"].map(&mut look),
            ["c", "a", "repeated", "new", "repeated"]
        );
        let missing: Vec<_> = before.missing().map(|d| d.name.to_string()).collect();
        assert_eq!(missing, ["b"]);
    }
}
