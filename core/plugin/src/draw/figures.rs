//! Figures of hosts as numbers with their units.

use super::number::{self, ShortStr};
use crate::{
    host_metric::{HostMetric, Over},
    view::Settings,
};

impl HostMetric {
    /// A value of it, as short as columns need it.
    pub fn show(self, value: f64, settings: &Settings) -> ShortStr {
        match self {
            HostMetric::Cpu | HostMetric::Memory | HostMetric::Disk => number::percent(value),
            HostMetric::Celsius => number::degrees(value, settings.fahrenheit),
            HostMetric::Load => number::count(value),
            HostMetric::Received | HostMetric::Sent => number::rate(value, settings.bits),
            HostMetric::Uptime | HostMetric::Age => number::span(value),
            HostMetric::Took => number::short_span(value),
        }
    }
}

impl Over {
    /// `mem 96 > 95`.
    pub fn show(&self, settings: &Settings) -> ShortStr {
        let show = |value| self.measure.show(value, settings);
        let (value, limit) = (show(self.value), show(self.limit));
        let word = self.measure.word();
        match *value == *limit && self.measure.is_percent() {
            // rounded, they would be equal
            true => ShortStr::of(format_args!("{word} {} > {limit}", number::fixed(self.value, 1))),
            false => ShortStr::of(format_args!("{word} {value} > {limit}")),
        }
    }
}
