//! Lines of a log beside what is shown.

use crate::source::Source;
use std::sync::Arc;

/// The last lines that a process wrote to the journal before a moment, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessLog {
    /// The host of the process.
    pub source: Source,
    /// The name of its device: its pid.
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
