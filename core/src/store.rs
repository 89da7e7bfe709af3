//! Sole owner of what is known. Answers and failures go in, pictures of all sources come out.
//!
//! The key of a device is (source, kind, device), typed and never joined; what one instance says of a
//! source replaces what the same instance said of it before, and nothing else.

mod devices;
mod members;

use crate::{
    clock::Moment,
    groups::Groups,
    health::Health,
    history::{History, Series},
    provider::{Class, Failure},
    reading::{Answer, Part},
    source::Source,
    summary::Summary,
    view::{Devices, InstanceView, Snapshot, SourceView},
    widget::Keep,
};
use devices::devices;
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
}

/// What one attempt brought.
#[derive(Debug)]
pub struct Update {
    /// The number that [`Store::add`] gave.
    pub instance: usize,
    /// When the attempt ended.
    pub at: Moment,
    /// The answer, or why there is none.
    pub result: Result<Answer, Failure>,
    /// When the next attempt is due, after a failure.
    pub retry: Option<Moment>,
    /// How long the attempt took.
    pub took: Option<Duration>,
}

/// Which sources a demand is for.
pub type Selects = Arc<dyn Fn(&Source, &[String]) -> bool + Send + Sync>;

/// Lines to keep, for the sources that somebody shows.
#[derive(Clone)]
pub struct Kept {
    /// Which sources.
    pub selects: Selects,
    /// Which lines.
    pub keep: Keep,
}

struct Instance {
    described: Described,
    /// Of all of it, whatever its members said.
    health: Health,
    members: Vec<usize>,
    /// Of members, why they cannot be read where they come from, and since when.
    failed: HashMap<usize, (Arc<Failure>, Moment)>,
    /// It asks something else than before: of these members, nothing was heard since.
    unheard: Vec<usize>,
}

/// All that is known.
#[derive(Default)]
pub struct Store {
    instances: BTreeMap<usize, Box<Instance>>,
    next: usize,
    sources: BTreeMap<usize, Arc<SourceView>>,
    numbers: Arc<HashMap<Source, usize>>,
    /// How many pictures there have been.
    pictures: Cell<u64>,
    next_source: usize,
    kept: Vec<Kept>,
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
        let source = self.source(&described.source, &described);
        let health = Health::new(described.interval);
        let view = InstanceView {
            id,
            provider: described.provider,
            health: health.clone(),
            dialects: Vec::new(),
            notes: Vec::new(),
            repeated: 0,
            devices: Arc::default(),
        };
        if let Some(entry) = self.sources.get_mut(&source) {
            Arc::make_mut(entry).instances.push(Arc::new(view));
        }
        let (failed, unheard, members) = (HashMap::new(), Vec::new(), vec![source]);
        let instance = Instance { described, health, members, failed, unheard };
        self.instances.insert(id, Box::new(instance));
        id
    }

    /// Describes an instance anew, its source as before: what is known of it stays. `asks_anew` when
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
                view.tags = described.groups.tags(&described.tags, &view.source);
                view.expected_offline = described.expected_offline;
            }
        }
        instance.described = described;
        self.share_health(id);
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
        if source.instances.is_empty() {
            Arc::make_mut(&mut self.numbers).remove(&source.source);
            self.sources.remove(&number);
        }
    }

    /// Says whether anybody wants something of an instance.
    pub fn set_wanted(&mut self, id: usize, wanted: bool) {
        let Some(instance) = self.instances.get_mut(&id) else { return };
        if instance.health.wanted != wanted {
            instance.health.wanted = wanted;
            if !wanted {
                instance.health.failure = None;
            }
            self.share_health(id);
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
    pub fn set_kept(&mut self, kept: Vec<Kept>) {
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
                let news = health.failure.as_deref() != Some(&failure);
                health.failing_since.get_or_insert(update.at);
                health.failure = Some(Arc::new(failure));
                health.retry = update.retry;
                self.share_health(update.instance);
                news
            }
            result => {
                let answer = result.unwrap_or_default();
                let news = health.failure.is_some() || health.last_good.is_none();
                (health.failure, health.failing_since, health.retry) = (None, None, None);
                // another clock than before may tell the time of it
                let before = health.last_good.filter(|_| instance.unheard.is_empty());
                health.last_good = before.max(Some(newest(&answer, update.at)));
                let mut first = false;
                let mut past = None;
                for part in answer.parts {
                    first |= self.take_part(update.instance, part, &answer.notes, &mut past);
                }
                first |= self.take_failed(update.instance, answer.failed, update.at);
                self.take_gone(update.instance, &answer.gone);
                first |= self.forget_unheard(update.instance);
                self.share_health(update.instance);
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

    fn source(&mut self, source: &Source, described: &Described) -> usize {
        if let Some(&number) = self.numbers.get(source) {
            return number;
        }
        let number = self.next_source;
        self.next_source += 1;
        let view = SourceView {
            source: source.clone(),
            order: number,
            tags: described.groups.tags(&described.tags, source),
            expected_offline: described.expected_offline,
            acknowledged: false,
            instances: Vec::new(),
            summary: Summary::default(),
            history: History::default(),
        };
        Arc::make_mut(&mut self.numbers).insert(source.clone(), number);
        self.sources.insert(number, Arc::new(view));
        number
    }

    /// Returns whether it is the first that is heard of that source. `past` is what was made of the part
    /// before, when that was too late to be shown.
    fn take_part(
        &mut self,
        id: usize,
        part: Part,
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
        let at = view.instances.iter().position(|i| i.id == id);
        let old = at.and_then(|at| view.instances.get(at)).filter(|_| !of_other);
        let heard = old.and_then(|i| i.health.last_good);
        if heard.is_some_and(|last| part.taken < last) {
            let before = past.take().filter(|(of, _)| *of == number).map(|(_, devices)| devices);
            let (devices, _) = devices(&before.unwrap_or_default(), part, Duration::ZERO);
            record(&self.kept, view, &Summary::of(devices.list.iter()), &devices);
            *past = Some((number, devices));
            return false;
        }
        if old.is_none_or(|i| i.health.failure.is_some() || i.health.state(part.taken).is_old()) {
            view.acknowledged = false; // it has recovered: the next time is news again
        }
        let old = at.and_then(|at| view.instances.get(at)).filter(|_| !of_other);
        let empty = Arc::default();
        let old_devices = old.map_or(&empty, |i| &i.devices);
        let taken = part.taken;
        let dialects = part.dialects.clone();
        let interval = part.interval.map_or(described.interval, |own| own.max(described.interval));
        let health = Health { last_good: Some(taken), ..Health::new(interval) };
        let (devices, repeated) = devices(old_devices, part, health.stale_after());
        let devices = Arc::new(devices);
        let fresh = InstanceView {
            id,
            provider: described.provider,
            health,
            dialects,
            notes: notes.to_vec(),
            repeated,
            devices: devices.clone(),
        };
        match at {
            Some(at) => view.instances[at] = Arc::new(fresh),
            None => view.instances.push(Arc::new(fresh)),
        }
        view.summary = Summary::of(view.instances.iter().flat_map(|i| i.devices.list.iter()));
        let summary = view.summary.clone();
        record(&self.kept, view, &summary, &devices);
        heard.is_none()
    }
}

/// An instance that stands for others is as old as its answer, whatever the age of what it tells.
fn newest(answer: &Answer, or: Moment) -> Moment {
    let own = answer.parts.iter().filter(|part| part.member.is_none());
    own.map(|part| part.taken).max().unwrap_or(or)
}

fn record(kept: &[Kept], view: &SourceView, summary: &Summary, devices: &Devices) {
    for Kept { selects, keep } in kept {
        if !selects(&view.source, &view.tags) {
            continue;
        }
        let range = devices.kinds.iter().find(|(k, _)| *k == keep.kind).map(|(_, r)| r.clone());
        let list = range.and_then(|r| devices.list.get(r)).unwrap_or_default();
        let Some(newest) = list.iter().map(|d| d.taken).max() else { continue };
        if keep.each_device {
            let current = list.iter().filter(|d| d.taken == newest);
            let samples = current.filter_map(|d| {
                Some((Series::of(keep.kind, &d.name, keep.quantity), d.value(keep.quantity)?))
            });
            view.history.record(newest, keep.span, samples);
        } else if let Some(value) = summary.whole(keep.kind, keep.quantity, list) {
            let sample = (Series::whole(keep.kind, keep.quantity), value);
            view.history.record(newest, keep.span, [sample]);
        }
        view.history.forget_lines_before(newest.before(keep.span));
    }
}

#[cfg(test)]
mod tests;
