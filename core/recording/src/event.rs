//! What happens besides readings: what a time bar marks and what a person reads later.

use crate::{
    error::Damage,
    wire::{ByteReader, put_str, put_u64},
};
use std::sync::Arc;

/// What sort of event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EventKind {
    /// The recording began, or went on after a break.
    Started,
    /// The config was read again.
    Reload,
    /// A source became stale.
    Stale,
    /// A source went down.
    Down,
    /// A source is live again.
    Recovered,
    /// An alert of severity `warning` began to fire.
    Warning,
    /// An alert of severity `critical` began to fire.
    Critical,
    /// An alert ended.
    Resolved,
    /// A person acknowledged something, or took that back.
    Acknowledged,
    /// A source appeared under another name, or was removed.
    Renamed,
}

impl EventKind {
    /// All of them, by their numbers in a recording. New ones go to the end.
    const ALL: [EventKind; 10] = [
        EventKind::Started,
        EventKind::Reload,
        EventKind::Stale,
        EventKind::Down,
        EventKind::Recovered,
        EventKind::Warning,
        EventKind::Critical,
        EventKind::Resolved,
        EventKind::Acknowledged,
        EventKind::Renamed,
    ];

    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            EventKind::Started => "started",
            EventKind::Reload => "reload",
            EventKind::Stale => "stale",
            EventKind::Down => "down",
            EventKind::Recovered => "recovered",
            EventKind::Warning => "warning",
            EventKind::Critical => "critical",
            EventKind::Resolved => "resolved",
            EventKind::Acknowledged => "acknowledged",
            EventKind::Renamed => "renamed",
        }
    }
}

/// An event, without its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedEvent {
    /// What sort.
    pub kind: EventKind,
    /// The name of the source that it happened to; `None` for manytop itself.
    pub source: Option<Arc<str>>,
    /// A few words: a reason, the name of an alert and its values.
    pub text: String,
}

impl RecordedEvent {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let number = EventKind::ALL.iter().position(|kind| *kind == self.kind);
        out.push(number.unwrap_or_default() as u8);
        put_u64(out, u64::from(self.source.is_some()));
        put_str(out, self.source.as_deref().unwrap_or_default());
        put_str(out, &self.text);
    }

    pub(crate) fn read(reader: &mut ByteReader<'_>) -> Result<RecordedEvent, Damage> {
        let number = usize::from(reader.byte()?);
        let kind = *EventKind::ALL.get(number).ok_or(Damage("has an unknown sort of event"))?;
        let has_source = reader.u64()? == 1;
        let source = reader.str()?;
        let source = has_source.then(|| Arc::from(source));
        Ok(RecordedEvent { kind, source, text: reader.str()?.to_owned() })
    }
}
