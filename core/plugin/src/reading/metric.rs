//! What is measured: quantities, how they behave from poll to poll, and texts.

use super::Unit;

/// How a quantity behaves from one poll to the next.
#[derive(Clone, Copy, Debug)]
pub enum MetricType {
    /// The value is shown as it is.
    Gauge,
    /// A counter that only grows; core derives `rate` = `factor`·Δself/Δt, per second.
    Counter {
        /// The gauge that core fills in.
        rate: &'static Metric,
        /// 1, or 100 where seconds of work become percent of one processor.
        factor: f64,
    },
    /// A counter of which a part is wanted: core derives `percent` = 100·Δself/Δ`of`.
    Share {
        /// The whole of which this is a part: a quantity of the same reading.
        of: &'static Metric,
        /// The gauge that core fills in.
        percent: &'static Metric,
    },
    /// A counter of seconds: core derives `percent`, the share of the time that has passed, 100 at most.
    Elapsed {
        /// The gauge that core fills in.
        percent: &'static Metric,
    },
    /// A counter of which the amount for each of `of` is wanted: core derives `mean` = Δself/Δ`of`, and
    /// nothing while `of` rests.
    Mean {
        /// What it is divided by: a counter of the same reading.
        of: &'static Metric,
        /// The gauge that core fills in.
        mean: &'static Metric,
    },
    /// A counter that is only the whole of some share, or that is only exported: nothing is derived.
    Total,
}

impl MetricType {
    /// The gauge that core derives; `None` where nothing is derived.
    pub const fn derived(&self) -> Option<&'static Metric> {
        match self {
            MetricType::Gauge | MetricType::Total => None,
            MetricType::Counter { rate, .. } => Some(rate),
            MetricType::Share { percent, .. } | MetricType::Elapsed { percent } => Some(percent),
            MetricType::Mean { mean, .. } => Some(mean),
        }
    }

    /// The counter that divides this one, increase by increase; `None`: elapsed time divides it.
    pub const fn of(&self) -> Option<&'static Metric> {
        match self {
            MetricType::Share { of, .. } | MetricType::Mean { of, .. } => Some(of),
            MetricType::Gauge
            | MetricType::Total
            | MetricType::Counter { .. }
            | MetricType::Elapsed { .. } => None,
        }
    }
}

/// A measured quantity. One name has one unit and one form everywhere; the registry sees to it.
#[derive(Debug)]
pub struct Metric {
    name: &'static str,
    unit: Unit,
    form: MetricType,
    help: &'static str,
}

impl Metric {
    /// A quantity that is shown as it is.
    pub const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Metric {
        Metric { name, unit, form: MetricType::Gauge, help }
    }

    /// A counter from which core derives `rate` per second.
    pub const fn counter(
        name: &'static str,
        unit: Unit,
        rate: &'static Metric,
        help: &'static str,
    ) -> Metric {
        Metric { name, unit, form: MetricType::Counter { rate, factor: 1.0 }, help }
    }

    /// A counter of seconds of work, from which core derives percent of one processor: more than 100
    /// where the work is done on several.
    pub const fn work(name: &'static str, percent: &'static Metric, help: &'static str) -> Metric {
        let form = MetricType::Counter { rate: percent, factor: 100.0 };
        Metric { name, unit: Unit::Seconds, form, help }
    }

    /// A counter from which core derives what percentage of the growth of `of` it makes up.
    pub const fn share(
        name: &'static str,
        unit: Unit,
        of: &'static Metric,
        percent: &'static Metric,
        help: &'static str,
    ) -> Metric {
        Metric { name, unit, form: MetricType::Share { of, percent }, help }
    }

    /// A counter of seconds, from which core derives what percentage of the passing time it makes up.
    pub const fn elapsed(
        name: &'static str,
        percent: &'static Metric,
        help: &'static str,
    ) -> Metric {
        Metric { name, unit: Unit::Seconds, form: MetricType::Elapsed { percent }, help }
    }

    /// A counter from which core derives how much of it there was for each of `of`.
    pub const fn mean(
        name: &'static str,
        unit: Unit,
        of: &'static Metric,
        mean: &'static Metric,
        help: &'static str,
    ) -> Metric {
        Metric { name, unit, form: MetricType::Mean { of, mean }, help }
    }

    /// A counter that nothing is derived from.
    pub const fn total(name: &'static str, unit: Unit, help: &'static str) -> Metric {
        Metric { name, unit, form: MetricType::Total, help }
    }

    /// The name in JSON and in metric names.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The unit of its values.
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// How it behaves from poll to poll.
    pub const fn form(&self) -> &MetricType {
        &self.form
    }

    /// One sentence.
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// Shown to people and in JSON: gauges, and what core derives. Counters are for the exporter.
    pub const fn is_gauge(&self) -> bool {
        matches!(self.form, MetricType::Gauge)
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}
impl Eq for Metric {}

/// A property that is a text: a kernel version, a user, `charging`.
#[derive(Debug)]
pub struct Text {
    name: &'static str,
    help: &'static str,
    long: bool,
}

impl Text {
    /// A text of that name.
    pub const fn new(name: &'static str, help: &'static str) -> Text {
        Text { name, help, long: false }
    }

    /// One that may be as long as a command line: it is cut after 16,384 characters instead of 1,024.
    #[must_use]
    pub const fn long(mut self) -> Text {
        self.long = true;
        self
    }

    #[doc(hidden)]
    pub const fn is_long(&self) -> bool {
        self.long
    }

    /// The name in JSON.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One sentence.
    pub const fn help(&self) -> &'static str {
        self.help
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}
impl Eq for Text {}
