//! Changes of alerts, in the form that logs, recordings and time bars use.

use crate::{alert::Severity, source::Source};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What happened to an alert.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AlertChange {
    /// It began to fire.
    Firing,
    /// It ended.
    Resolved,
    /// A device that was watched is gone; this is told once.
    Ended,
}

impl AlertChange {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            AlertChange::Firing => "firing",
            AlertChange::Resolved => "resolved",
            AlertChange::Ended => "ended",
        }
    }

    fn parse(word: &str) -> Option<AlertChange> {
        use AlertChange::{Ended, Firing, Resolved};
        [Firing, Resolved, Ended].into_iter().find(|change| change.word() == word)
    }
}

/// One change of one alert.
#[derive(Clone, PartialEq, Debug)]
pub struct AlertEvent {
    /// When it happened.
    pub at: SystemTime,
    /// What happened.
    pub change: AlertChange,
    /// The rule's name.
    pub rule: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// The host.
    pub source: Source,
    /// The device, where the rule is about devices.
    pub device: Option<Arc<str>>,
    /// Since when the alert fires, or has fired.
    pub since: SystemTime,
    /// What is the case, with values.
    pub text: String,
    /// The groups of the host.
    pub tags: Arc<[String]>,
    /// The alert or its host was acknowledged: it is logged and not sent.
    pub acknowledged: bool,
}

impl AlertEvent {
    /// As a line for people: `disk: db-3 /data 93 % > 90`.
    pub fn line(&self) -> String {
        let text = if self.text.is_empty() { "" } else { " " };
        let head = format!("{}: {}{text}{}", self.rule, self.source, self.text);
        match self.change {
            AlertChange::Firing | AlertChange::Ended => head,
            AlertChange::Resolved => {
                let fired = self.at.duration_since(self.since).unwrap_or_default();
                let span = crate::draw::number::span(fired.as_secs_f64());
                format!("{}: {} resolved after {span}", self.rule, self.source)
            }
        }
    }

    /// As JSON, for recordings; times are milliseconds since 1970.
    pub fn to_json(&self) -> Value {
        json!({
            "at_ms": millis(self.at),
            "change": self.change.word(),
            "rule": &*self.rule,
            "severity": self.severity.word(),
            "source": self.source.name(),
            "device": self.device.as_deref(),
            "since_ms": millis(self.since),
            "text": self.text,
            "tags": &self.tags[..],
            "acknowledged": self.acknowledged,
        })
    }

    /// From the JSON of [`AlertEvent::to_json`]; `None` where it is something else.
    pub fn from_json(value: &Value) -> Option<AlertEvent> {
        let text = |key: &str| value.get(key)?.as_str();
        let tags = value.get("tags")?.as_array()?.iter();
        let tags: Vec<String> = tags.filter_map(|tag| Some(tag.as_str()?.to_owned())).collect();
        Some(AlertEvent {
            at: time(value.get("at_ms")?.as_u64()?),
            change: AlertChange::parse(text("change")?)?,
            rule: text("rule")?.into(),
            severity: Severity::parse(text("severity")?)?,
            source: Source::named(text("source")?),
            device: text("device").map(Arc::from),
            since: time(value.get("since_ms")?.as_u64()?),
            text: text("text")?.to_owned(),
            tags: tags.into(),
            acknowledged: value.get("acknowledged")?.as_bool()?,
        })
    }
}

/// Milliseconds since 1970.
pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time of so many milliseconds since 1970.
pub(super) fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(UNIX_EPOCH)
}
