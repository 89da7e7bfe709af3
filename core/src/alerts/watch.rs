//! Processes that a person watches until they end.

use crate::{
    clock::Moment,
    health::State,
    source::Source,
    view::{Snapshot, SourceView},
    vocabulary as v,
};
use std::{sync::Arc, time::Duration};

/// One process that is watched.
#[derive(Clone, PartialEq, Debug)]
pub struct ProcessWatch {
    /// Its host.
    pub source: Source,
    /// Its pid.
    pub pid: Arc<str>,
    /// What tells it from an earlier process of the same pid.
    pub generation: u64,
    /// Its name.
    pub name: String,
    /// When it was first seen by the watch.
    pub since: Moment,
    /// How long it had been running then, where that is known.
    pub ran: Option<Duration>,
}

/// Whether a device of a source is there, is gone, or cannot be known.
pub(super) enum Presence {
    There,
    Gone,
    Unknown,
}

/// Looks for a process in the newest answer of its host.
pub(super) fn presence(
    snapshot: &Snapshot,
    source: &Source,
    pid: &str,
    generation: u64,
    now: Moment,
) -> Presence {
    let Some(source) = snapshot.find(source) else { return Presence::Unknown };
    let mut answered = false;
    for instance in &source.instances {
        let processes = instance.devices(v::PROCESS);
        if let Some(process) = processes.iter().find(|process| &*process.name == pid) {
            return match process.generation == generation {
                true => Presence::There,
                false => Presence::Gone,
            };
        }
        // an instance that lists processes lists at least one
        answered |= !processes.is_empty() && !instance.health.state(now).is_old();
    }
    if answered { Presence::Gone } else { Presence::Unknown }
}

/// Whether the newest answer about a kind is a good one, so that a device that is not in it is gone.
pub(super) fn answers(source: &SourceView, kind: crate::reading::Kind, now: Moment) -> bool {
    let of_kind = |instance: &&Arc<crate::view::InstanceView>| {
        !instance.devices(kind).is_empty() && instance.health.wanted
    };
    let mut all = source.instances.iter().filter(of_kind).peekable();
    match all.peek() {
        Some(_) => all.all(|instance| instance.health.state(now) == State::Live),
        // no device of the kind is left: the whole source decides
        None => source.state(now) == State::Live,
    }
}

impl ProcessWatch {
    /// For people, when it has ended: `exit after 3h12m`.
    pub(super) fn ended(&self, now: Moment) -> String {
        let ran = now.since(self.since) + self.ran.unwrap_or_default();
        let span = crate::draw::number::span(ran.as_secs_f64());
        format!("{} ({}) exit after {span}", self.name, self.pid)
    }
}
