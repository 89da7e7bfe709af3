//! Alerts as a widget sees them: what fires at the moment that the screen shows.

use crate::source::Source;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How bad an alert is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// To be looked at.
    Warning,
    /// To be acted on.
    Critical,
}

impl Severity {
    /// The word in a config, in JSON and in labels.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }

    /// The severity of a word.
    pub fn parse(word: &str) -> Option<Severity> {
        [Severity::Warning, Severity::Critical].into_iter().find(|s| s.word() == word)
    }
}

/// An alert that fires.
#[derive(Clone, PartialEq, Debug)]
pub struct ActiveAlert {
    /// The rule's name.
    pub rule: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// The host.
    pub source: Source,
    /// The device, where the rule is about devices.
    pub device: Option<Arc<str>>,
    /// Since when it fires.
    pub since: SystemTime,
    /// What is the case, with values: `disk over its limit: vda /data 93 %`.
    pub text: String,
    /// Whether it is known and needs no look.
    pub acknowledged: bool,
}

impl ActiveAlert {
    /// How long it has been firing.
    pub fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.since).unwrap_or_default()
    }
}

/// All alerts that fire, the newest first, and how many began lately.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct AlertBoard {
    /// The alerts that fire.
    pub firing: Vec<ActiveAlert>,
    /// How many alerts began in the last ten minutes, those that have ended since among them.
    pub recent: usize,
    /// The time that this is of; `None`: the present.
    pub at: Option<SystemTime>,
    /// What fired at that time is not kept.
    pub is_unknown: bool,
}
