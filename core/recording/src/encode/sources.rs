//! Sources and what their instances say of themselves: names, tags, health, notes.

use super::{BlockBuilder, FeedShadow, SourceShadow};
use crate::{
    format::tag,
    wire::{put_option, put_u64},
};
use manytop_core::{
    clock::Moment,
    health::Health,
    provider::{Class, Failure},
    view::{Device, InstanceView, Role, Snapshot, SourceView},
};
use std::{sync::Arc, time::Duration};

/// Which of the devices of an answer are written: all, those that it was given, or none.
pub(crate) enum WrittenDevices<'a> {
    /// The answer is left out.
    None,
    /// These.
    All(&'a [Device]),
    /// These, of which some are as they were written before.
    Some(Vec<Device>),
}

/// Classes of failures, by their numbers in a recording.
pub(crate) const CLASSES: [Class; 6] = [
    Class::Absent,
    Class::Timeout,
    Class::Unreachable,
    Class::Refused,
    Class::Payload,
    Class::Panicked,
];

/// Roles of instances, by their numbers in a recording.
pub(crate) const ROLES: [Role; 3] = [Role::Single, Role::Server, Role::Member];

const EXPECTED_OFFLINE: u64 = 1;
const ACKNOWLEDGED: u64 = 2;

impl BlockBuilder {
    /// Writes what is other in this snapshot than in the last. `wanted` says of each source whether it is
    /// written, `devices` which devices of an answer.
    pub(crate) fn take(
        &mut self,
        snapshot: &Snapshot,
        wanted: &dyn Fn(&SourceView) -> bool,
        devices: &mut dyn for<'a> FnMut(
            &SourceView,
            &'a InstanceView,
            &[Device],
        ) -> WrittenDevices<'a>,
    ) {
        let is_there = |order: &usize| {
            snapshot.sources.binary_search_by_key(order, |source| source.order).is_ok()
        };
        let gone: Vec<usize> =
            self.sources.keys().copied().filter(|order| !is_there(order)).collect();
        for order in gone {
            self.sources.remove(&order);
            self.feeds.retain(|(of, _), _| *of != order);
            self.tick();
            self.structure.push(tag::SOURCE_GONE);
            put_u64(&mut self.structure, order as u64);
        }
        for view in &snapshot.sources {
            let seen = self.sources.get(&view.order).and_then(|shadow| shadow.seen.as_ref());
            if seen.is_some_and(|seen| Arc::ptr_eq(seen, view)) || !wanted(view) {
                continue;
            }
            self.source(view);
            for instance in &view.instances {
                let key = (view.order, instance.id);
                let seen = self.feeds.get(&key).and_then(|feed| feed.seen.as_ref());
                if seen.is_some_and(|seen| Arc::ptr_eq(seen, instance)) {
                    continue;
                }
                let mut feed = match self.feeds.remove(&key) {
                    Some(feed) => feed,
                    None => self.feed(key, instance.provider),
                };
                self.instance(&mut feed, view, instance, devices);
                feed.seen = Some(instance.clone());
                self.feeds.insert(key, feed);
            }
            let ids: Vec<usize> = view.instances.iter().map(|i| i.id).collect();
            let known = self.sources.get(&view.order).map(|shadow| &shadow.instances);
            if known != Some(&ids) {
                self.feeds.retain(|(of, id), _| *of != view.order || ids.contains(id));
                if let Some(shadow) = self.sources.get_mut(&view.order) {
                    shadow.instances = ids;
                }
                self.tick();
                self.put_instances(view.order);
            }
        }
    }

    fn source(&mut self, view: &Arc<SourceView>) {
        let mut shadow = self.sources.remove(&view.order).unwrap_or_default();
        let flags = u64::from(view.expected_offline) * EXPECTED_OFFLINE
            + u64::from(view.acknowledged) * ACKNOWLEDGED;
        let same = shadow.name.as_ref() == Some(&view.source)
            && shadow.flags == flags
            && shadow.tags == view.tags
            && shadow.remarks == view.remarks;
        shadow.seen = Some(view.clone());
        if !same {
            self.tick();
            shadow.name = Some(view.source.clone());
            shadow.flags = flags;
            shadow.tags = view.tags.clone();
            shadow.remarks.clone_from(&view.remarks);
            self.put_source(view.order, &shadow);
        }
        self.sources.insert(view.order, shadow);
    }

    fn put_source(&mut self, order: usize, shadow: &SourceShadow) {
        let name = self.string(shadow.name.as_ref().map_or("local", |name| name.name()));
        let mut entry = Vec::new();
        put_u64(&mut entry, order as u64);
        put_u64(&mut entry, name);
        put_u64(&mut entry, shadow.flags);
        self.put_texts(&mut entry, &shadow.tags);
        self.put_texts(&mut entry, &shadow.remarks);
        self.structure.push(tag::SOURCE);
        self.structure.extend_from_slice(&entry);
    }

    fn put_texts(&mut self, entry: &mut Vec<u8>, texts: &[impl AsRef<str>]) {
        put_u64(entry, texts.len() as u64);
        for text in texts {
            let number = self.string(text.as_ref());
            put_u64(entry, number);
        }
    }

    /// Which instances speak of a source, in their order.
    pub(super) fn put_instances(&mut self, order: usize) {
        let ids = self.sources.get(&order).map(|shadow| shadow.instances.clone());
        let numbers: Vec<u64> = (ids.unwrap_or_default().iter())
            .filter_map(|id| self.feeds.get(&(order, *id)).map(|feed| feed.number))
            .collect();
        self.structure.push(tag::FEEDS);
        put_u64(&mut self.structure, order as u64);
        put_u64(&mut self.structure, numbers.len() as u64);
        numbers.iter().for_each(|number| put_u64(&mut self.structure, *number));
    }

    fn feed(&mut self, (order, id): (usize, usize), provider: &'static str) -> FeedShadow {
        self.tick();
        let name = self.string(provider);
        self.structure.push(tag::FEED);
        put_u64(&mut self.structure, order as u64);
        put_u64(&mut self.structure, id as u64);
        put_u64(&mut self.structure, name);
        let number = self.next_feed;
        self.next_feed += 1;
        FeedShadow {
            number,
            seen: None,
            meta: Vec::new(),
            provider,
            health: None,
            read_at: Moment::default(),
            devices: Vec::new(),
        }
    }

    fn instance(
        &mut self,
        feed: &mut FeedShadow,
        view: &SourceView,
        instance: &InstanceView,
        devices: &mut dyn for<'a> FnMut(
            &SourceView,
            &'a InstanceView,
            &[Device],
        ) -> WrittenDevices<'a>,
    ) {
        self.put_meta(feed, instance);
        let is_new =
            feed.seen.as_ref().is_none_or(|seen| !Arc::ptr_eq(&seen.devices, &instance.devices));
        let mut is_left_out = false;
        if is_new && instance.health.last_good.is_some() {
            let before: Vec<Device> = match instance.kinds().any(|kind| kind.is_transient()) {
                true => feed.devices.iter().map(|shadow| shadow.device.clone()).collect(),
                false => Vec::new(),
            };
            let kept = devices(view, instance, &before);
            let list = match &kept {
                WrittenDevices::None => None,
                WrittenDevices::All(list) => Some(*list),
                WrittenDevices::Some(list) => Some(list.as_slice()),
            };
            is_left_out = list.is_none();
            if let Some(list) = list {
                let newest = list.iter().map(|device| device.read_at).max();
                let read_at = newest.or(instance.health.last_good).unwrap_or(self.now);
                let took = instance.health.took;
                self.frame(feed, list, read_at, took);
                feed.health = Some(after_answer(feed.health.as_ref(), read_at, took));
            }
        }
        self.put_health(feed, &instance.health, is_left_out);
    }

    fn put_meta(&mut self, feed: &mut FeedShadow, instance: &InstanceView) {
        let mut entry = Vec::new();
        put_u64(&mut entry, feed.number);
        let role = ROLES.iter().position(|role| *role == instance.role).unwrap_or_default();
        entry.push(role as u8);
        put_u64(&mut entry, instance.repeated as u64);
        put_u64(&mut entry, instance.unread_lines as u64);
        self.put_texts(&mut entry, &instance.dialects);
        self.put_texts(&mut entry, &instance.notes);
        self.put_texts(&mut entry, &instance.left_out);
        if feed.meta != entry {
            self.tick();
            self.structure.push(tag::META);
            self.structure.extend_from_slice(&entry);
            feed.meta = entry;
        }
    }

    /// Writes the health where it does not follow from the frames. Where a good answer was left out, its
    /// time is not news.
    fn put_health(&mut self, feed: &mut FeedShadow, health: &Health, is_left_out: bool) {
        let micros = |took: Duration| Duration::from_micros(took.as_micros() as u64);
        let interval = health.interval.max(self.least_interval);
        let mut health = Health { interval, took: health.took.map(micros), ..health.clone() };
        if let Some(known) = feed.health.as_ref().filter(|_| is_left_out) {
            (health.last_good, health.took) = (known.last_good, known.took);
        }
        if feed.health.as_ref() == Some(&health) {
            return;
        }
        self.tick();
        let mut failure = Vec::new();
        if let Some(why) = health.failure.as_deref() {
            failure = self.failure(why);
        }
        let now = self.now;
        let out = &mut self.structure;
        out.push(tag::HEALTH);
        put_u64(out, feed.number);
        put_u64(out, health.interval.as_nanos() as u64);
        out.push(u8::from(health.wanted));
        put_option(out, health.took.map(|took| took.as_micros() as u64));
        put_u64(out, health.excused.as_nanos() as u64);
        for moment in [health.last_good, health.failing_since, health.retry] {
            out.push(u8::from(moment.is_some()));
            if let Some(moment) = moment {
                Self::put_moment(now, out, moment);
            }
        }
        out.push(u8::from(health.failure.is_some()));
        out.extend_from_slice(&failure);
        feed.health = Some(health);
    }

    fn failure(&mut self, failure: &Failure) -> Vec<u8> {
        let class = CLASSES.iter().position(|class| *class == failure.class()).unwrap_or_default();
        let mut entry = vec![class as u8];
        put_u64(&mut entry, self.string(failure.reason()));
        let advice = failure.advice().map(|advice| self.string(advice));
        put_option(&mut entry, advice);
        entry
    }

    /// Writes a source of the block before.
    pub(super) fn renew_source(&mut self, order: usize, shadow: SourceShadow) {
        self.put_source(order, &shadow);
        self.sources.insert(order, shadow);
    }

    /// Writes a feed of the block before: what it said, its health, its devices.
    pub(super) fn renew_feed(&mut self, key: (usize, usize), old: FeedShadow) {
        let mut feed = self.feed(key, old.provider);
        if let Some(instance) = &old.seen {
            self.put_meta(&mut feed, instance);
        }
        let devices: Vec<Device> = old.devices.into_iter().map(|shadow| shadow.device).collect();
        self.frame(&mut feed, &devices, old.read_at, old.health.as_ref().and_then(|h| h.took));
        if let Some(health) = &old.health {
            self.put_health(&mut feed, health, false);
        }
        feed.seen = old.seen;
        self.feeds.insert(key, feed);
    }
}

/// The health of an instance after a frame, as a reader of the block has it.
pub(crate) fn after_answer(
    before: Option<&Health>,
    read_at: Moment,
    took: Option<Duration>,
) -> Health {
    let (interval, wanted) = before.map_or((Duration::ZERO, true), |h| (h.interval, h.wanted));
    let took = took.map(|took| Duration::from_micros(took.as_micros() as u64));
    Health { wanted, last_good: Some(read_at), took, ..Health::new(interval) }
}
