//! One source and what its instances have read of it.

use super::EnginePast;
use crate::{
    clock::Moment,
    health::{Health, State},
    history::History,
    host_stats::HostStats,
    provider::Failure,
    reading::{Kind, Metric, SourceLabels, Text, Texts, Values},
    source::{INSECURE, Source},
    vocabulary as v,
};
use std::{collections::VecDeque, ops::Range, sync::Arc, time::Duration};

/// A device with its last values, derived ones included.
#[derive(Clone, Debug)]
pub struct Device {
    /// The sort of device.
    pub kind: Kind,
    /// Its name within source and kind.
    pub name: Arc<str>,
    /// What tells it from an earlier one of the same name.
    pub generation: u64,
    /// Numbers, those that core derived among them.
    pub values: Values,
    /// Texts.
    pub texts: Texts,
    /// When it was last read. Older than its instance's last answer: it has disappeared since.
    pub read_at: Moment,
    /// When its counters were read, which may be before `read_at` for one that was only repeated.
    #[doc(hidden)]
    pub counters_at: Moment,
    #[doc(hidden)]
    pub resolution: Option<Duration>,
    #[doc(hidden)]
    pub window: VecDeque<(Moment, Values)>,
}

impl Device {
    /// The value of a quantity, in its unit; `None` when it is not known.
    pub fn value(&self, quantity: &Metric) -> Option<f64> {
        self.values.get(quantity)
    }

    /// A text.
    pub fn text(&self, text: &Text) -> Option<&str> {
        self.texts.get(text).map(|t| &**t)
    }

    /// The name that people know it by: of a disk where it is mounted, the shortest path; else its name.
    pub fn place(&self) -> &str {
        let mount = self.text(&v::MOUNTS).and_then(|mounts| mounts.split(' ').next());
        mount.filter(|mount| !mount.is_empty()).unwrap_or(&self.name)
    }

    /// What is derived between an earlier state of the same device and this one: rates and shares.
    /// Without an earlier state, the shares of all that was counted since the counters began.
    #[must_use]
    pub fn since(&self, earlier: Option<&Device>) -> Values {
        crate::derive::between(earlier, self)
    }
}

/// What an instance is to a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The source is its own, and the only one.
    Single,
    /// The source is its own, and it serves others besides: an engine, a relay.
    Server,
    /// The source is one of those that it serves.
    Member,
}

/// What one instance has said of one source.
#[derive(Clone, Debug)]
pub struct InstanceView {
    /// The number under which core knows the instance.
    pub id: usize,
    /// The provider's name.
    pub provider: &'static str,
    /// The facts about its health.
    pub health: Health,
    /// How its answer was understood.
    pub dialects: Vec<&'static str>,
    /// What a person should know although the answer is good.
    pub notes: Vec<String>,
    /// Which figures of its last answer are left out, and why.
    pub left_out: Vec<String>,
    /// Keys that stood twice in the last answer; the first of each was kept.
    pub repeated: usize,
    /// Lines of that answer that cannot be read.
    pub unread_lines: usize,
    /// Whether it speaks of its own source here, or serves others.
    pub role: Role,
    #[doc(hidden)]
    pub devices: Arc<Devices>,
}

/// The devices of one instance, equal kinds together.
#[derive(Clone, Default, Debug)]
#[doc(hidden)]
pub struct Devices {
    #[doc(hidden)]
    pub list: Vec<Device>,
    #[doc(hidden)]
    pub kinds: Vec<(Kind, Range<usize>)>,
}

impl InstanceView {
    /// The devices of a kind, in the order in which the provider gave them.
    pub fn devices(&self, kind: Kind) -> &[Device] {
        let all = &*self.devices;
        let range = all.kinds.iter().find(|(k, _)| *k == kind).map(|(_, r)| r.clone());
        range.and_then(|r| all.list.get(r)).unwrap_or_default()
    }

    /// All devices.
    pub fn all(&self) -> &[Device] {
        &self.devices.list
    }

    /// The kinds there are.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.devices.kinds.iter().map(|(k, _)| *k)
    }
}

/// All that is known of one source.
#[derive(Clone, Debug)]
pub struct SourceView {
    /// Which.
    pub source: Source,
    /// Its place in the config, from 0; it decides the colour.
    pub order: usize,
    /// The groups it belongs to.
    pub tags: Arc<[String]>,
    /// The labels under which it is known where its readings come from.
    pub labels: SourceLabels,
    /// A person said that it may be down.
    pub expected_offline: bool,
    /// A person knows that it is stale or down; it is forgotten when it recovers.
    pub acknowledged: bool,
    /// What a person should know of its name: that another source wants the same one.
    pub remarks: Vec<String>,
    /// What each instance has said of it; this machine has one for each local provider.
    pub instances: Vec<Arc<InstanceView>>,
    /// The figures of a row in a table of hosts.
    pub summary: HostStats,
    #[doc(hidden)]
    pub history: History,
    /// The engine that serves its past, where one does.
    #[doc(hidden)]
    pub engine_past: Option<EnginePast>,
}

impl SourceView {
    /// Whether it raises no alarm when it is stale or down.
    pub fn is_quiet(&self) -> bool {
        self.expected_offline || self.acknowledged
    }

    /// The provider: of several, the application's word for this machine.
    pub fn provider(&self) -> &'static str {
        match (&self.source, self.instances.first()) {
            (Source::Local, _) | (_, None) => "local",
            (_, Some(first)) => first.provider,
        }
    }

    /// Whether this is an engine or a relay that serves other sources and has no readings of its own: it is
    /// not a host.
    pub fn is_front(&self) -> bool {
        let front = |i: &Arc<InstanceView>| i.role == Role::Server && i.all().is_empty();
        !self.instances.is_empty() && self.instances.iter().all(front)
    }

    /// Whether the target is not authenticated.
    pub fn is_insecure(&self) -> bool {
        self.notes().any(|note| note.starts_with(INSECURE))
    }

    /// `!` after the name of a target that is not authenticated, else empty.
    pub fn mark(&self) -> &'static str {
        if self.is_insecure() { "!" } else { "" }
    }

    /// The worst state of what is wanted of it; down only when all instances are (one mount may hang).
    pub fn state(&self, now: Moment) -> State {
        let wanted =
            || self.instances.iter().filter(|i| i.health.wanted).map(|i| i.health.state(now));
        match wanted().max() {
            None => State::Idle,
            Some(State::Down) if wanted().any(|s| s != State::Down) => State::Stale,
            Some(worst) => worst,
        }
    }

    /// The instance that gives the source its state.
    pub fn worst(&self, now: Moment) -> Option<&InstanceView> {
        let wanted = self.instances.iter().filter(|i| i.health.wanted);
        wanted.max_by_key(|i| (i.health.state(now), i.health.age(now))).map(|i| &**i)
    }

    /// The age of the oldest last good answer of what is wanted; `None` before the first.
    pub fn age(&self, now: Moment) -> Option<Duration> {
        self.instances.iter().filter(|i| i.health.wanted).filter_map(|i| i.health.age(now)).max()
    }

    /// How long the last attempt took, the longest of what is wanted.
    pub fn took(&self) -> Option<Duration> {
        self.instances.iter().filter(|i| i.health.wanted).filter_map(|i| i.health.took).max()
    }

    /// Why the last attempt failed, if it did.
    pub fn failure(&self, now: Moment) -> Option<&Arc<Failure>> {
        let failed =
            self.instances.iter().filter(|i| i.health.wanted && i.health.failure.is_some());
        failed.max_by_key(|i| i.health.state(now)).and_then(|i| i.health.failure.as_ref())
    }

    /// What a person should know although the answers are good.
    pub fn notes(&self) -> impl Iterator<Item = &str> + '_ {
        let notes = self.instances.iter().flat_map(|i| &i.notes);
        notes.chain(&self.remarks).map(String::as_str)
    }

    /// Which figures of the last answers are left out because they cannot be true, and why. The log shows each
    /// once; they need not stay in sight.
    pub fn left_out(&self) -> impl Iterator<Item = &str> + '_ {
        self.instances.iter().flat_map(|i| i.left_out.iter().map(String::as_str))
    }

    /// The devices of a kind, over all instances. Of a source that is down there are none to show.
    pub fn devices(&self, kind: Kind) -> impl Iterator<Item = &Device> + '_ {
        self.instances.iter().flat_map(move |i| i.devices(kind))
    }

    /// One device.
    pub fn device(&self, kind: Kind, name: &str) -> Option<&Device> {
        self.devices(kind).find(|d| &*d.name == name)
    }

    /// The health of the instance that gives a kind.
    pub fn health(&self, kind: Kind) -> Option<&Health> {
        self.instances.iter().find(|i| !i.devices(kind).is_empty()).map(|i| &i.health)
    }

    /// How the answers were understood, each word once.
    pub fn dialects(&self) -> Vec<&'static str> {
        let mut all: Vec<_> =
            self.instances.iter().flat_map(|i| i.dialects.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
