//! Sole owner of what is known. Answers and failures go in, pictures of all sources come out.
//!
//! The key of a device is (source, kind, device), typed and never joined; what one instance says of a
//! source replaces what the same instance said of it before, and nothing else.

mod devices;
mod members;
mod names;
mod past_window;
mod record;

use crate::{
    clock::Moment,
    health::Health,
    host_stats::HostStats,
    masking,
    model::groups::Groups,
    provider::{Class, Failure},
    reading::{PollResult, SourceReadings},
    source::Source,
    view::{Devices, InstanceView, Role, Snapshot, SourceView},
    widget::Keep,
};
use devices::devices;
use names::{Clashes, WireNames, inherited};
pub use record::KeptPast;
use record::{Keeper, KeptAnswer, record};
use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// What the store must know of an instance before it has said anything.
#[derive(Clone, PartialEq, Debug)]
pub struct Described {
    /// The provider's name.
    pub provider: &'static str,
    /// The source that its own parts belong to.
    pub source: Source,
    /// How often it is asked.
    pub interval: Duration,
    /// The groups that its sources belong to.
    pub tags: Arc<[String]>,
    /// The groups that they belong to by their names.
    pub groups: Groups,
    /// A person said that it may be down.
    pub expected_offline: bool,
    /// Its provider serves other sources; its first answer names them.
    pub many: bool,
    /// It tells what they were like at any instant.
    pub has_past: bool,
    /// It only adds readings to a source that another instance is named after.
    pub attached: bool,
}

/// What one attempt brought.
#[derive(Debug)]
pub struct Update {
    /// The number that [`Store::add`] gave.
    pub instance: usize,
    /// When the attempt ended.
    pub at: Moment,
    /// The answer, or the failure.
    pub result: Result<PollResult, Failure>,
    /// When the next attempt is due, after a failure.
    pub retry: Option<Moment>,
    /// How long the attempt took.
    pub took: Option<Duration>,
}

/// Which sources a demand is for.
pub type Selects = Arc<dyn Fn(&Source, &[String]) -> bool + Send + Sync>;

/// Series to keep, for the sources that are shown.
#[derive(Clone)]
pub struct KeptSeries {
    /// Which sources.
    pub selects: Selects,
    /// Which lines.
    pub keep: Keep,
}

struct StoredInstance {
    described: Described,
    /// Of all of it, whatever its members said.
    health: Health,
    /// Its own source, then those that it serves.
    members: Vec<usize>,
    /// Those that it serves, by the names that they bear on the wire.
    names: HashMap<Arc<str>, usize>,
    /// What is to be said of names on the wire.
    wire: WireNames,
    /// Since when it is not wanted.
    idle_since: Option<Moment>,
    /// Of members, why they cannot be read where they come from, and since when.
    failed: HashMap<usize, (Arc<Failure>, Moment)>,
    /// It asks something else than before: of these members, nothing was heard since.
    unheard: Vec<usize>,
}

/// All that is known.
#[derive(Default)]
pub struct Store {
    instances: BTreeMap<usize, Box<StoredInstance>>,
    next: usize,
    sources: BTreeMap<usize, Arc<SourceView>>,
    numbers: Arc<HashMap<Source, usize>>,
    /// How many pictures there have been.
    pictures: Cell<u64>,
    next_source: usize,
    kept: Vec<KeptSeries>,
    keeper: Keeper,
    clashes: Clashes,
    /// When manytop was away the last time, and for how long.
    away: Option<(Moment, Duration)>,
}

impl Store {
    /// An empty store.
    pub fn new() -> Store {
        Store::default()
    }

    /// An empty store, with room for the names of so many sources.
    pub fn for_some(sources: usize) -> Store {
        let numbers = Arc::new(HashMap::with_capacity(sources));
        Store { numbers, ..Store::default() }
    }

    /// Announces an instance; its source is known from now on, as `starting`.
    pub fn add(&mut self, described: Described) -> usize {
        let id = self.next;
        self.next += 1;
        if !described.attached {
            self.reclaim(&described.source);
        }
        let source = self.source(&described.source, &described);
        let health = Health::new(described.interval);
        let view = InstanceView {
            id,
            provider: described.provider,
            health: health.clone(),
            dialects: Vec::new(),
            notes: Vec::new(),
            left_out: Vec::new(),
            repeated: 0,
            unread_lines: 0,
            role: if described.many { Role::Server } else { Role::Single },
            devices: Arc::default(),
        };
        if let Some(entry) = self.sources.get_mut(&source) {
            Arc::make_mut(entry).instances.push(Arc::new(view));
        }
        let instance = StoredInstance {
            described,
            health,
            members: vec![source],
            names: HashMap::new(),
            wire: WireNames::default(),
            idle_since: None,
            failed: HashMap::new(),
            unheard: Vec::new(),
        };
        self.instances.insert(id, Box::new(instance));
        id
    }

    /// Describes an instance again, with the source as before: its values stay. `asks_anew` when
    /// it is another one that asks from now on: its failures are forgotten; and `of_other` when it may ask
    /// something else: then nothing is derived from what was said before, and a member that the next
    /// answer no longer has is forgotten.
    pub fn change(&mut self, id: usize, described: Described, asks_anew: bool, of_other: bool) {
        let Some(instance) = self.instances.get_mut(&id) else { return };
        let health = &mut instance.health;
        health.interval = described.interval;
        if asks_anew {
            (health.failure, health.failing_since, health.retry) = (None, None, None);
        }
        if of_other {
            instance.unheard.clone_from(&instance.members);
        }
        for number in &instance.members {
            let Some(entry) = self.sources.get_mut(number) else { continue };
            // of several instances the first says what the source is
            if entry.instances.first().is_some_and(|first| first.id == id) {
                let view = Arc::make_mut(entry);
                view.tags = described.groups.tags(&described.tags, &view.source, &view.labels);
                view.expected_offline = described.expected_offline;
            }
        }
        instance.described = described;
        self.share_health(id, Moment::now());
    }

    /// Forgets an instance, and its sources where no other instance speaks of them.
    pub fn remove(&mut self, id: usize) {
        let Some(gone) = self.instances.remove(&id) else { return };
        gone.members.into_iter().for_each(|number| self.leave(id, number));
    }

    fn leave(&mut self, id: usize, number: usize) {
        let Some(entry) = self.sources.get_mut(&number) else { return };
        let source = Arc::make_mut(entry);
        source.instances.retain(|i| i.id != id);
        source.history.forget_instance(id);
        if source.instances.is_empty() {
            Arc::make_mut(&mut self.numbers).remove(&source.source);
            self.sources.remove(&number);
            self.settle_clash(number);
        }
    }

    /// A person knows that a source is stale or down, or wants to be reminded of it again. It ends when
    /// the source recovers.
    pub fn acknowledge(&mut self, source: &Source, acknowledged: bool) {
        let entry = self.numbers.get(source).and_then(|number| self.sources.get_mut(number));
        if let Some(entry) = entry {
            Arc::make_mut(entry).acknowledged = acknowledged;
        }
    }

    /// Says which lines to keep from now on.
    pub fn set_kept(&mut self, kept: Vec<KeptSeries>) {
        self.kept = kept;
    }

    /// Takes what an attempt brought. Returns whether a person should see it at once: a first answer,
    /// a new failure, a recovery.
    pub fn take(&mut self, update: Update) -> bool {
        let Some(instance) = self.instances.get_mut(&update.instance) else { return false };
        let health = &mut instance.health;
        health.took = update.took;
        match update.result {
            Err(failure) if failure.class() != Class::Absent => {
                let failure = failure.rephrased(masking::line);
                let news = health.failure.as_deref() != Some(&failure);
                health.failing_since.get_or_insert(update.at);
                health.failure = Some(Arc::new(failure));
                health.retry = update.retry;
                self.share_health(update.instance, update.at);
                news
            }
            result => {
                let answer = result.unwrap_or_default();
                let own = || answer.parts.iter().filter(|part| part.member.is_none());
                let news = health.failure.is_some() || health.last_good.is_none();
                (health.failure, health.failing_since, health.retry) = (None, None, None);
                let away = self.away.filter(|(since, _)| update.at <= *since);
                health.excused = away.map(|(_, gap)| gap).unwrap_or_default();
                if let Some(interval) = own().map(|part| part.interval).max() {
                    health.interval = interval.unwrap_or_default().max(instance.described.interval);
                }
                // another clock than before may tell the time of it
                let before = health.last_good.filter(|_| instance.unheard.is_empty());
                // one that serves others is as old as its answer, whatever the age of what it tells
                let newest = own().map(|part| part.read_at).max().unwrap_or(update.at);
                health.last_good = before.max(Some(newest));
                instance.wire.begin();
                let mut first = false;
                let mut past = None;
                for part in answer.parts {
                    first |= self.take_part(update.instance, part, &answer.notes, &mut past);
                }
                first |= self.take_failed(update.instance, answer.failed, update.at);
                self.take_window(update.instance, answer.window);
                self.take_gone(update.instance, &answer.gone);
                first |= self.forget_unheard(update.instance);
                self.put_notes(update.instance, answer.notes);
                self.share_health(update.instance, update.at);
                self.bound_history(update.at);
                news || first
            }
        }
    }

    /// After the first answer to something else: its members that this answer does not have are
    /// gone. Returns whether there are any. The instance's own source stays.
    fn forget_unheard(&mut self, id: usize) -> bool {
        let Some(instance) = self.instances.get_mut(&id) else { return false };
        let own = instance.members.first().copied();
        let mut gone = std::mem::take(&mut instance.unheard);
        gone.retain(|number| Some(*number) != own);
        instance.members.retain(|number| !gone.contains(number));
        instance.names.retain(|_, number| !gone.contains(number));
        gone.iter().for_each(|number| self.leave(id, *number));
        !gone.is_empty()
    }

    /// A picture of all sources.
    pub fn snapshot(&self) -> Snapshot {
        let number = self.pictures.get() + 1;
        self.pictures.set(number);
        let sources = self.sources.values().cloned().collect();
        Snapshot::new(sources, self.numbers.clone(), number)
    }

    /// Returns whether it is the first that is heard of that source. `past` is what was made of the part
    /// before, when that was too late to be shown.
    fn take_part(
        &mut self,
        id: usize,
        part: SourceReadings,
        notes: &[String],
        past: &mut Option<(usize, Devices)>,
    ) -> bool {
        let Some((number, described)) = self.member(id, part.member.as_ref()) else { return false };
        let mut of_other = false;
        if let Some(instance) = self.instances.get_mut(&id)
            && let Some(at) = instance.unheard.iter().position(|unheard| *unheard == number)
        {
            instance.unheard.swap_remove(at);
            of_other = true;
        }
        let Some(entry) = self.sources.get_mut(&number) else { return false };
        let view = Arc::make_mut(entry);
        if !part.labels.is_empty() && view.labels != part.labels {
            view.labels = part.labels.clone();
            view.tags = described.groups.tags(&described.tags, &view.source, &view.labels);
        }
        let at = view.instances.iter().position(|i| i.id == id);
        let old = at.and_then(|at| view.instances.get(at)).filter(|_| !of_other);
        let heard = old.and_then(|i| i.health.last_good);
        if heard.is_some_and(|last| part.read_at < last) {
            let before = past.take().filter(|(of, _)| *of == number).map(|(_, devices)| devices);
            let (at, is_member) = (part.read_at, part.member.is_some());
            let (made, _) = devices(&before.unwrap_or_default(), part, Duration::ZERO);
            let summary = &HostStats::of(made.list.iter());
            let (provider, devices) = (described.provider, &made);
            let answer = KeptAnswer { id, provider, is_member, at, devices, summary };
            record(&self.kept, &self.keeper, view, &answer);
            *past = Some((number, made));
            return false;
        }
        if old.is_none_or(|i| i.health.failure.is_some() || i.health.state(part.read_at).is_old()) {
            view.acknowledged = false; // it has recovered: the next time is news again
        }
        let old = at.and_then(|at| view.instances.get(at)).filter(|_| !of_other);
        let empty = Arc::default();
        let old_devices = old.map_or(&empty, |i| &i.devices);
        let (read_at, own) = (part.read_at, part.member.is_none());
        let dialects = part.dialects.clone();
        let left_out = part.left_out.clone();
        let unread_lines = part.unread_lines;
        let interval = part.interval.map_or(described.interval, |own| own.max(described.interval));
        let health = Health { last_good: Some(read_at), ..Health::new(interval) };
        let (devices, repeated) = devices(old_devices, part, health.stale_after());
        let devices = Arc::new(devices);
        let fresh = InstanceView {
            id,
            provider: described.provider,
            health,
            dialects,
            notes: inherited(notes).into_iter().map(|note| masking::line(&note)).collect(),
            left_out,
            repeated,
            unread_lines,
            role: if own { Role::Single } else { Role::Member },
            devices: devices.clone(),
        };
        match at {
            Some(at) => view.instances[at] = Arc::new(fresh),
            None => view.instances.push(Arc::new(fresh)),
        }
        view.summary = HostStats::of(view.instances.iter().flat_map(|i| i.devices.list.iter()));
        let summary = &view.summary;
        let (provider, devices) = (described.provider, &*devices);
        let answer = KeptAnswer { id, provider, is_member: !own, at: read_at, devices, summary };
        record(&self.kept, &self.keeper, view, &answer);
        heard.is_none()
    }
}

#[cfg(test)]
pub(in crate::model) mod tests;
