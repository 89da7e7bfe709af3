//! What is known and needs no notice: hosts and alerts, until they recover or until a time.

use super::event::{millis, time};
use crate::source::Source;
use serde_json::{Value, json};
use std::{sync::Arc, time::SystemTime};

/// What is acknowledged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AckTarget {
    /// A host: that it is down or stale, that it is over limits, and all its alerts.
    Host(Source),
    /// One alert.
    Alert {
        /// The rule's name.
        rule: Arc<str>,
        /// The host.
        source: Source,
        /// The device, where the rule is about devices.
        device: Option<Arc<str>>,
    },
}

impl AckTarget {
    /// The host.
    pub fn source(&self) -> &Source {
        match self {
            AckTarget::Host(source) | AckTarget::Alert { source, .. } => source,
        }
    }

    /// For people: `db-3`, `disk of db-3 /data`.
    pub fn words(&self) -> String {
        match self {
            AckTarget::Host(source) => source.to_string(),
            AckTarget::Alert { rule, source, device: None } => format!("{rule} of {source}"),
            AckTarget::Alert { rule, source, device: Some(device) } => {
                format!("{rule} of {source} {device}")
            }
        }
    }
}

/// One acknowledgement.
#[derive(Clone, PartialEq, Debug)]
pub struct AckEntry {
    /// What is acknowledged.
    pub target: AckTarget,
    /// When it was.
    pub at: SystemTime,
    /// Until when; `None`: until it recovers.
    pub until: Option<SystemTime>,
}

impl AckEntry {
    pub(super) fn to_json(&self) -> Value {
        let (rule, device) = match &self.target {
            AckTarget::Host(_) => (None, None),
            AckTarget::Alert { rule, device, .. } => (Some(&**rule), device.as_deref()),
        };
        json!({
            "source": self.target.source().name(),
            "rule": rule,
            "device": device,
            "at_ms": millis(self.at),
            "until_ms": self.until.map(millis),
        })
    }

    pub(super) fn from_json(value: &Value) -> Option<AckEntry> {
        let text = |key: &str| value.get(key)?.as_str();
        let source = Source::named(text("source")?);
        let target = match text("rule") {
            None => AckTarget::Host(source),
            Some(rule) => {
                let device = text("device").map(Arc::from);
                AckTarget::Alert { rule: rule.into(), source, device }
            }
        };
        let at = time(value.get("at_ms")?.as_u64()?);
        Some(AckEntry {
            target,
            at,
            until: value.get("until_ms").and_then(Value::as_u64).map(time),
        })
    }
}

/// All acknowledgements, the oldest first.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Acknowledgements {
    entries: Vec<AckEntry>,
}

impl Acknowledgements {
    /// Of these entries.
    pub fn new(entries: Vec<AckEntry>) -> Acknowledgements {
        Acknowledgements { entries }
    }

    /// All of them.
    pub fn entries(&self) -> &[AckEntry] {
        &self.entries
    }

    /// Adds one; an earlier one of the same is replaced.
    pub fn add(&mut self, entry: AckEntry) {
        self.lift(&entry.target);
        self.entries.push(entry);
    }

    /// Adds those of another process that are about something else; `true`: there were some.
    pub fn merge(&mut self, others: Vec<AckEntry>) -> bool {
        let before = self.entries.len();
        let is_known = |other: &AckEntry| self.entries.iter().any(|e| e.target == other.target);
        let new: Vec<AckEntry> = others.into_iter().filter(|other| !is_known(other)).collect();
        self.entries.extend(new);
        self.entries.len() > before
    }

    /// Takes one away. Returns whether there was one.
    pub fn lift(&mut self, target: &AckTarget) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.target != *target);
        self.entries.len() < before
    }

    /// Whether a host is acknowledged.
    pub fn has_host(&self, source: &Source) -> bool {
        let is = |entry: &AckEntry| matches!(&entry.target, AckTarget::Host(s) if s == source);
        self.entries.iter().any(is)
    }

    /// Whether an alert or its host is acknowledged.
    pub fn covers(&self, rule: &str, source: &Source, device: Option<&str>) -> bool {
        self.entries.iter().any(|entry| match &entry.target {
            AckTarget::Host(host) => host == source,
            AckTarget::Alert { rule: r, source: s, device: d } => {
                **r == *rule && s == source && d.as_deref() == device
            }
        })
    }

    /// Removes those that have expired, and those without a time that `has_recovered`. Returns
    /// what was taken away.
    pub fn expire(
        &mut self,
        now: SystemTime,
        mut has_recovered: impl FnMut(&AckTarget) -> bool,
    ) -> Vec<AckTarget> {
        let is_over = |entry: &mut AckEntry| match entry.until {
            Some(until) => until <= now,
            None => has_recovered(&entry.target),
        };
        self.entries.extract_if(.., is_over).map(|entry| entry.target).collect()
    }
}
