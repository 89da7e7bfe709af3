//! What survives a restart: alerts that fire, acknowledgements, and notices that were not delivered.

use super::{
    AckEntry,
    event::{millis, time},
};
use crate::source::Source;
use serde_json::{Value, json};
use std::{sync::Arc, time::SystemTime};

/// The version of the form.
const VERSION: u64 = 1;
/// At most so many bytes of undelivered documents are saved; the oldest go first.
const MOST_BYTES: usize = 4 << 20;

/// An alert that fired when it was saved.
#[derive(Clone, PartialEq, Debug)]
pub struct SavedAlert {
    pub(super) rule: Arc<str>,
    pub(super) source: Source,
    pub(super) device: Option<Arc<str>>,
    pub(super) since: SystemTime,
    pub(super) text: String,
}

/// A document for a webhook that was not delivered.
#[derive(Clone, PartialEq, Debug)]
pub struct SavedDocument {
    /// The name of its rule.
    pub rule: Arc<str>,
    /// When it was sent.
    pub at: SystemTime,
    /// Its text.
    pub text: String,
}

/// What is saved.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct SavedAlerts {
    /// The alerts that fire.
    pub firing: Vec<SavedAlert>,
    /// What is acknowledged.
    pub acknowledged: Vec<AckEntry>,
    /// Documents that were not delivered, the oldest first.
    pub undelivered: Vec<SavedDocument>,
}

impl SavedAlerts {
    /// As the text of a file.
    pub fn to_text(&self) -> String {
        let firing = self.firing.iter().map(|alert| {
            json!({
                "rule": &*alert.rule,
                "source": alert.source.name(),
                "device": alert.device.as_deref(),
                "since_ms": millis(alert.since),
                "text": alert.text,
            })
        });
        let mut bytes = 0;
        let fits = |document: &&SavedDocument| {
            bytes += document.text.len();
            bytes <= MOST_BYTES
        };
        let mut undelivered: Vec<Value> = (self.undelivered.iter().rev().take_while(fits))
            .map(|d| json!({ "rule": &*d.rule, "at_ms": millis(d.at), "document": d.text }))
            .collect();
        undelivered.reverse();
        let document = json!({
            "version": VERSION,
            "firing": firing.collect::<Vec<_>>(),
            "acknowledged": self.acknowledged.iter().map(AckEntry::to_json).collect::<Vec<_>>(),
            "undelivered": undelivered,
        });
        format!("{document:#}\n")
    }

    /// From the text of a file.
    ///
    /// # Errors
    /// It is not such a text.
    pub fn parse(text: &str) -> Result<SavedAlerts, String> {
        let saved: Value =
            serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        match saved.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(newer) => return Err(format!("expected version {VERSION}, got {newer}")),
            None => return Err("the version is missing".into()),
        }
        let list = |key: &str| saved.get(key).and_then(Value::as_array).into_iter().flatten();
        let alert = |value: &Value| {
            let text = |key: &str| value.get(key)?.as_str();
            Some(SavedAlert {
                rule: text("rule")?.into(),
                source: Source::named(text("source")?),
                device: text("device").map(Arc::from),
                since: time(value.get("since_ms")?.as_u64()?),
                text: text("text").unwrap_or_default().to_owned(),
            })
        };
        let document = |value: &Value| {
            Some(SavedDocument {
                rule: value.get("rule")?.as_str()?.into(),
                at: time(value.get("at_ms")?.as_u64()?),
                text: value.get("document")?.as_str()?.to_owned(),
            })
        };
        Ok(SavedAlerts {
            undelivered: list("undelivered").filter_map(document).collect(),
            firing: list("firing").filter_map(alert).collect(),
            acknowledged: list("acknowledged").filter_map(AckEntry::from_json).collect(),
        })
    }
}
