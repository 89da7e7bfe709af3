//! Lines of a log beside what is shown.

use crate::{reading::Kind, source::Source};
use std::sync::Arc;

/// The last lines of the journal of a process, a service or a container before a moment, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceLog {
    /// The host.
    pub source: Source,
    /// The kind of the device: process or container.
    pub kind: Kind,
    /// Its name: a pid, a unit, a container.
    pub device: Arc<str>,
    /// The lines.
    pub lines: Vec<LogLine>,
}

/// One line, fit for a screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// The time of day.
    pub at: String,
    /// What was written.
    pub text: String,
}
