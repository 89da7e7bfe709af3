//! What fired at a moment of a recording.
//!
//! The text of an event of an alert begins with what identifies the alert: `full of db /data: 93 % > 90`. The
//! event of its end begins with the same words.

use crate::{
    event::{EventKind, RecordedEvent},
    index::RecordingIndex,
};
use manytop_core::{
    alert::{ActiveAlert, AlertBoard, Severity},
    alerts::{LAG, RECENT},
    clock::Moment,
    source::Source,
};
use std::sync::Arc;

/// The part of a text that identifies an alert, and the rest.
fn parts(text: &str) -> (&str, &str) {
    text.split_once(": ").unwrap_or((text, ""))
}

/// What fired at a moment, the newest first.
pub(crate) fn board(index: &RecordingIndex, at: Moment) -> AlertBoard {
    let mut firing: Vec<(Moment, Severity, &RecordedEvent)> = Vec::new();
    let mut recent = 0;
    for (began, event) in index.events(Moment::default(), at + LAG) {
        let same = |other: &RecordedEvent| {
            other.source == event.source && parts(&other.text).0 == parts(&event.text).0
        };
        let is_recent = *began <= at && at.since(*began) < RECENT;
        let severity = match event.kind {
            // what fires on is recorded again
            EventKind::Started => {
                firing.clear();
                continue;
            }
            EventKind::Warning => Severity::Warning,
            EventKind::Critical => Severity::Critical,
            EventKind::Resolved => {
                // a device that ended is not counted, as on the screen
                let ended = parts(&event.text).1 == "ended";
                // only a beginning belongs to the sample before it: an alert of less than a second is seen
                if ended || *began <= at {
                    recent -= usize::from(ended && is_recent && recent > 0);
                    firing.retain(|(_, _, other)| !same(other));
                }
                continue;
            }
            _ => continue,
        };
        recent += usize::from(is_recent);
        firing.retain(|(_, _, other)| !same(other));
        firing.push((*began, severity, event));
    }
    let wall = index.wall(at);
    let alert = |(began, severity, event): (Moment, Severity, &RecordedEvent)| {
        let source = event.source.as_deref()?;
        let (identity, text) = parts(&event.text);
        let (rule, of) = identity.split_once(" of ").unwrap_or((identity, ""));
        let device = of.strip_prefix(source).map(str::trim).filter(|device| !device.is_empty());
        Some(ActiveAlert {
            rule: rule.into(),
            severity,
            source: Source::named(source),
            device: device.map(Arc::from),
            since: index.wall(began),
            text: text.to_owned(),
            acknowledged: false,
        })
    };
    let firing = firing.into_iter().rev().filter_map(alert).collect();
    AlertBoard { firing, recent, at: Some(wall), is_unknown: false }
}
