//! What a test on a device compares.

use crate::{
    reading::{Metric, Text},
    view::{Device, SourceView},
    vocabulary as v,
};

/// The values of a device, or of a row that is made of one.
pub trait Subject {
    /// The name of the device.
    fn name(&self) -> &str;

    /// A metric; `None` where it is unknown.
    fn value(&self, metric: &Metric) -> Option<f64>;

    /// A text; `None` where it is unknown.
    fn text(&self, text: &Text) -> Option<&str>;

    /// The seconds since it was started; `None` where the time of day is unknown.
    fn age(&self) -> Option<f64> {
        None
    }
}

/// A device of a source. Texts that a process lacks for a known reason are not unknown: a thread of the
/// kernel has its name for a command line, a process of a user has no type, and one with a known cgroup that
/// is in no unit or container has an empty text for it.
#[derive(Clone, Copy)]
pub struct DeviceSubject<'a> {
    /// The source.
    pub source: &'a SourceView,
    /// The device.
    pub device: &'a Device,
}

impl<'a> DeviceSubject<'a> {
    /// As [`Subject::text`], for as long as the device.
    pub fn find(&self, text: &Text) -> Option<&'a str> {
        let (device, name) = (self.device, text.name());
        let absent = || match () {
            () if device.kind != v::PROCESS => None,
            () if name == v::COMMAND.name() => device.text(&v::NAME),
            () if name == v::TYPE.name() => Some(""),
            () if [v::UNIT.name(), v::CONTAINER.name()].contains(&name) => {
                device.text(&v::CGROUP).map(|_| "")
            }
            () => None,
        };
        device.text(text).or_else(absent)
    }
}

impl Subject for DeviceSubject<'_> {
    fn name(&self) -> &str {
        &self.device.name
    }

    fn value(&self, metric: &Metric) -> Option<f64> {
        let share = || {
            let is_share = self.device.kind == v::PROCESS && *metric == v::MEMORY_PERCENT;
            let total =
                self.source.summary.memory_total.filter(|total| is_share && *total > 0.0)?;
            Some(100.0 * self.device.value(&v::RESIDENT_BYTES)? / total)
        };
        self.device.value(metric).or_else(share)
    }

    fn text(&self, text: &Text) -> Option<&str> {
        self.find(text)
    }
}
