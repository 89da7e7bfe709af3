//! How the series of the explorer changed while it is open.

use manytop_core::{clock::Moment, view::Device, vocabulary as v};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

/// Values that are kept of a series: two a column of the sparkline.
pub const SAMPLES: usize = 24;

/// The last values of every series of one host.
#[derive(Default)]
pub struct Trends(HashMap<Arc<str>, Trend>);

struct Trend {
    read_at: Moment,
    value: f64,
    samples: VecDeque<f64>,
}

impl Trends {
    /// Takes the values of the host's last answer: of counters (`counts`) what they grew by a second, of others the value.
    /// Series that the host no longer has are forgotten.
    pub fn record(&mut self, all: &[&Device], counts: impl Fn(&Device) -> bool) {
        for device in all {
            let Some(value) = device.value(&v::METRIC_VALUE) else { continue };
            let Some(trend) = self.0.get_mut(&device.name) else {
                let samples = if counts(device) { VecDeque::new() } else { [value].into() };
                self.0
                    .insert(device.name.clone(), Trend { read_at: device.read_at, value, samples });
                continue;
            };
            let seconds = device.read_at.since(trend.read_at).as_secs_f64();
            if seconds <= 0.0 {
                continue;
            }
            let sample = if counts(device) { (value - trend.value) / seconds } else { value };
            (trend.read_at, trend.value) = (device.read_at, value);
            // a counter that restarted has no rate
            if sample >= 0.0 || !counts(device) {
                trend.samples.push_back(sample);
            }
            if trend.samples.len() > SAMPLES {
                trend.samples.pop_front();
            }
        }
        if self.0.len() > all.len() {
            let names: HashSet<&str> = all.iter().map(|device| &*device.name).collect();
            self.0.retain(|name, _| names.contains(&**name));
        }
    }

    /// The values of a series from its lowest (0) to its highest (1), the newest last.
    pub fn shares(&self, series: &str) -> Vec<Option<f64>> {
        let Some(trend) = self.0.get(series) else { return Vec::new() };
        let low = trend.samples.iter().copied().fold(f64::INFINITY, f64::min);
        let high = trend.samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let share = |value: &f64| if high > low { (value - low) / (high - low) } else { 0.0 };
        trend.samples.iter().map(|value| Some(share(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::explorer::tests::valued;

    #[test]
    fn counters_show_their_growth_and_gauges_their_value() {
        let mut trends = Trends::default();
        let mut record = |second: f64, gauge: f64, counter: f64| {
            let all = [valued("gauge", gauge, second), valued("calls_total", counter, second)];
            trends
                .record(&all.iter().collect::<Vec<_>>(), |device| device.name.ends_with("_total"));
        };
        record(1.0, 10.0, 100.0);
        record(2.0, 30.0, 110.0);
        record(2.0, 30.0, 110.0);
        record(4.0, 20.0, 150.0);
        record(5.0, 20.0, 3.0);
        assert_eq!(trends.shares("gauge"), [0.0, 1.0, 0.5, 0.5].map(Some));
        assert_eq!(trends.shares("calls_total"), [0.0, 1.0].map(Some), "10 and 20 a second");
        trends.record(&[&valued("gauge", 1.0, 6.0)], |_| false);
        assert!(trends.shares("calls_total").is_empty());
    }
}
