//! From samples to the buckets that a graph is drawn in.

use super::{Window, minutes::MINUTE};
use crate::clock::Moment;
use std::time::Duration;

/// The mean of each bucket of the window, the newest last. A sample holds until the next is due
/// (`interval`, and half of one); buckets beyond that are gaps. Samples after `now` are left out. What is
/// older than the samples comes from the means of `minutes`, of which the number and the mean are given, as far
/// as they are over at `now`.
pub(super) fn buckets(
    samples: impl Iterator<Item = (Moment, f32)>,
    minutes: impl Iterator<Item = (u32, f32)>,
    now: Moment,
    window: Window,
    interval: Duration,
) -> Vec<Option<f64>> {
    let bucket = (window.bucket.as_nanos() as u64).max(1);
    let newest = window.newest(now);
    let Some(oldest) = (newest + 1).checked_sub(window.buckets as u64) else {
        return vec![None; window.buckets];
    };
    let holds = interval + interval / 2;
    let begin = |i: usize| Moment::from_nanos((oldest + i as u64) * bucket);
    let at = |t: Moment| usize::try_from((t.as_nanos() / bucket).checked_sub(oldest)?).ok();
    let mut sums = vec![(0.0_f64, 0_u32); window.buckets];
    // the last sample of each bucket, and the one before the window
    let mut last: Vec<Option<(Moment, f32)>> = vec![None; window.buckets];
    let mut carried: Option<(Moment, f32)> = None;
    let mut first: Option<Moment> = None;
    for (t, value) in samples.take_while(|(t, _)| *t <= now) {
        first.get_or_insert(t);
        match at(t).and_then(|i| Some((sums.get_mut(i)?, last.get_mut(i)?))) {
            Some(((sum, n), last)) => {
                *sum += f64::from(value);
                *n += 1;
                *last = Some((t, value));
            }
            None => carried = Some((t, value)),
        }
    }
    let until = first.unwrap_or(now);
    for (minute, mean) in minutes {
        let began = u64::from(minute) * MINUTE;
        let over = Moment::from_nanos(began + MINUTE);
        if over < begin(0) || over > now {
            continue;
        }
        // a minute fills every bucket that it covers
        for t in (began..began + MINUTE).step_by(bucket.min(MINUTE) as usize) {
            let t = Moment::from_nanos(t);
            if t < until
                && let Some((sum, n)) = at(t).and_then(|i| sums.get_mut(i))
            {
                *sum += f64::from(mean);
                *n += 1;
            }
        }
    }
    let mut out = Vec::with_capacity(window.buckets);
    for (i, (&(sum, n), last)) in sums.iter().zip(&last).enumerate() {
        carried = last.or(carried);
        if n > 0 {
            out.push(Some(sum / f64::from(n)));
        } else {
            let held = carried.filter(|(t, _)| begin(i) <= *t + holds);
            out.push(held.map(|(_, value)| f64::from(value)));
        }
    }
    out
}
