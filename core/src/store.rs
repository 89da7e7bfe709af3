//! Sole owner of what is known. Answers and failures go in, pictures of all sources come out.
//!
//! The key of a device is (source, kind, device), typed and never joined; what one instance says of a
//! source replaces what the same instance said of it before, and nothing else.

use crate::{
    clock::Moment,
    derive::{self, Before, Found},
    health::Health,
    history::{History, Series},
    provider::{Class, Failure},
    reading::{Answer, Part, Reading},
    source::Source,
    summary::Summary,
    text,
    view::{Device, Devices, InstanceView, Snapshot, SourceView},
    widget::Keep,
};
use std::{
    borrow::Cow,
    cell::Cell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// A device's name is cut after [`text::LONGEST`] characters; its texts (a command line) after these.
const LONGEST_TEXT: usize = 1024;

/// What the store must know of an instance before it has said anything.
#[derive(Clone, Debug)]
pub struct Described {
    /// The provider's name.
    pub provider: &'static str,
    /// The source that its own parts belong to.
    pub source: Source,
    /// How often it is asked.
    pub interval: Duration,
    /// The groups that the source belongs to.
    pub tags: Arc<[String]>,
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
}

/// All that is known.
#[derive(Default)]
pub struct Store {
    instances: BTreeMap<usize, Instance>,
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

    /// Announces an instance; its source is known from now on, as `starting`.
    pub fn add(&mut self, described: Described) -> usize {
        let id = self.next;
        self.next += 1;
        let source = self.source(&described.source, &described.tags, described.expected_offline);
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
        self.instances.insert(id, Instance { described, health, members: vec![source] });
        id
    }

    /// Forgets an instance, and its sources where no other instance speaks of them.
    pub fn remove(&mut self, id: usize) {
        let Some(gone) = self.instances.remove(&id) else { return };
        for number in gone.members {
            let Some(entry) = self.sources.get_mut(&number) else { continue };
            let source = Arc::make_mut(entry);
            source.instances.retain(|i| i.id != id);
            if source.instances.is_empty() {
                Arc::make_mut(&mut self.numbers).remove(&source.source);
                self.sources.remove(&number);
            }
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
                health.last_good = health.last_good.max(Some(newest(&answer, update.at)));
                let mut first = false;
                for part in answer.parts {
                    first |= self.take_part(update.instance, part, &answer.notes);
                }
                self.share_health(update.instance);
                news || first
            }
        }
    }

    /// A picture of all sources.
    pub fn snapshot(&self) -> Snapshot {
        let number = self.pictures.get() + 1;
        self.pictures.set(number);
        let sources = self.sources.values().cloned().collect();
        Snapshot::new(sources, self.numbers.clone(), number)
    }

    fn source(&mut self, source: &Source, tags: &Arc<[String]>, expected_offline: bool) -> usize {
        if let Some(&number) = self.numbers.get(source) {
            return number;
        }
        let number = self.next_source;
        self.next_source += 1;
        let view = SourceView {
            source: source.clone(),
            order: number,
            tags: tags.clone(),
            expected_offline,
            instances: Vec::new(),
            summary: Summary::default(),
            history: History::default(),
        };
        Arc::make_mut(&mut self.numbers).insert(source.clone(), number);
        self.sources.insert(number, Arc::new(view));
        number
    }

    /// Returns whether it is the first that is heard of that source.
    fn take_part(&mut self, id: usize, part: Part, notes: &[String]) -> bool {
        let Some(described) = self.instances.get(&id).map(|i| i.described.clone()) else {
            return false;
        };
        let source = match &part.member {
            None => described.source.clone(),
            Some(name) => Source::Named(name.clone()),
        };
        let number = self.source(&source, &described.tags, described.expected_offline);
        if let Some(instance) = self.instances.get_mut(&id)
            && !instance.members.contains(&number)
        {
            instance.members.push(number);
        }
        let Some(entry) = self.sources.get_mut(&number) else { return false };
        let view = Arc::make_mut(entry);
        let at = view.instances.iter().position(|i| i.id == id);
        let old = at.and_then(|at| view.instances.get(at));
        let heard = old.and_then(|i| i.health.last_good);
        if heard.is_some_and(|last| part.taken < last) {
            record(&self.kept, view, &Summary::default(), &past_devices(part));
            return false;
        }
        let empty = Arc::default();
        let old_devices = old.map_or(&empty, |i| &i.devices);
        let taken = part.taken;
        let dialects = part.dialects.clone();
        let health = Health { last_good: Some(taken), ..Health::new(described.interval) };
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

    /// Gives every member its instance's health, each with the time of its own last answer.
    fn share_health(&mut self, id: usize) {
        let Some(instance) = self.instances.get(&id) else { return };
        // the first is the instance's own source; members are as old as their own last part
        for (nth, number) in instance.members.iter().enumerate() {
            let Some(entry) = self.sources.get_mut(number) else { continue };
            let view = Arc::make_mut(entry);
            for shared in view.instances.iter_mut().filter(|i| i.id == id) {
                let of = if nth == 0 { &instance.health } else { &shared.health };
                let last_good = of.last_good;
                let health = Health { last_good, ..instance.health.clone() };
                if shared.health != health {
                    Arc::make_mut(shared).health = health;
                }
            }
        }
    }
}

fn newest(answer: &Answer, or: Moment) -> Moment {
    answer.parts.iter().map(|p| p.taken).max().unwrap_or(or)
}

/// The devices of a part that came too late to be shown: they only fill history.
fn past_devices(part: Part) -> Devices {
    let taken = part.taken;
    grouped(part.readings.into_iter().map(|r| derive::device(r, None, taken)).collect())
}

/// New readings and old devices become the devices of now. A device that is no longer there stays for
/// `grace`, as it was.
fn devices(old: &Devices, part: Part, grace: Duration) -> (Devices, usize) {
    let taken = part.taken;
    let mut before = Before::new(&old.list);
    let mut repeated = 0;
    let mut list = Vec::with_capacity(part.readings.len());
    for mut reading in part.readings {
        clean(&mut reading);
        match before.find(&reading) {
            Found::Known(device) => list.push(derive::device(reading, Some(device), taken)),
            Found::New => list.push(derive::device(reading, None, taken)),
            Found::Repeated => repeated += 1,
        }
    }
    let lingers = |d: &&Device| !d.kind.is_brief() && taken.since(d.taken) <= grace;
    list.extend(before.missing().filter(lingers).cloned());
    (grouped(list), repeated)
}

/// Whatever the provider, its words may come from a stranger: they are made fit for a screen here,
/// where all of them pass.
fn clean(reading: &mut Reading) {
    if let Cow::Owned(clean) = text::clean(&reading.device) {
        reading.device = clean.into();
    }
    for words in reading.texts.iter_mut() {
        if let Cow::Owned(clean) = text::clean_to(words, LONGEST_TEXT) {
            *words = clean.into();
        }
    }
}

/// Puts equal kinds together, in the order in which each first appears.
fn grouped(mut list: Vec<Device>) -> Devices {
    let mut kinds = Vec::new();
    for device in &list {
        if !kinds.contains(&device.kind) {
            kinds.push(device.kind);
        }
    }
    let place = |d: &Device| kinds.iter().position(|k| *k == d.kind).unwrap_or(kinds.len());
    if !list.is_sorted_by_key(place) {
        list.sort_by_key(place);
    }
    let mut ranges = Vec::with_capacity(kinds.len());
    let mut start = 0;
    for kind in kinds {
        let end = start + list[start..].iter().take_while(|d| d.kind == kind).count();
        ranges.push((kind, start..end));
        start = end;
    }
    Devices { list, kinds: ranges }
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
