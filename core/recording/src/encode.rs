//! A block while it is written: snapshots become entries of a structure and values in columns.
//!
//! ```text
//! snapshot ─▶ what differs from the last one ─▶ structure: ticks, names, health, frames
//!                                           └▶ columns: one a series, differences to the value before
//! ```
//!
//! A block needs no other block to be read: it begins with all that was known. What can be derived of the
//! values in the block by the rule of [`derive`](manytop_plugin::derive) is not written.

mod devices;
mod sources;

use crate::{
    event::RecordedEvent,
    format::tag,
    names,
    wire::{put_i64, put_str, put_u64},
};
use devices::DeviceShadow;
use manytop_core::{
    clock::Moment,
    health::Health,
    reading::{Kind, Metric, Text},
    source::Source,
    view::{InstanceView, SourceView},
};
pub(crate) use sources::{CLASSES, ROLES, WrittenDevices, after_answer};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// What was written of a source.
#[derive(Default)]
struct SourceShadow {
    /// The view that was looked at last: the same one has nothing new.
    seen: Option<Arc<SourceView>>,
    name: Option<Source>,
    flags: u64,
    tags: Arc<[String]>,
    remarks: Vec<String>,
    /// Its instances, in their order.
    instances: Vec<usize>,
}

/// What was written of what one instance says of one source.
struct FeedShadow {
    number: u64,
    seen: Option<Arc<InstanceView>>,
    meta: Vec<u8>,
    provider: &'static str,
    health: Option<Health>,
    read_at: Moment,
    devices: Vec<DeviceShadow>,
}

/// Bytes that were added since the last time.
pub(crate) struct Added {
    pub structure: Vec<u8>,
    pub values: Vec<u8>,
}

/// A block that grows.
#[derive(Default)]
pub(crate) struct BlockBuilder {
    structure: Vec<u8>,
    columns: Vec<Vec<u8>>,
    /// Bytes in all columns.
    column_bytes: usize,
    /// Values since the last flush, in the order of time.
    unflushed: Vec<u8>,
    flushed: usize,
    strings: HashMap<Arc<str>, u64>,
    kinds: HashMap<&'static str, u64>,
    metrics: HashMap<&'static str, u64>,
    texts: HashMap<&'static str, u64>,
    schemas: HashMap<Vec<u64>, u64>,
    sources: BTreeMap<usize, SourceShadow>,
    feeds: BTreeMap<(usize, usize), FeedShadow>,
    next_feed: u64,
    began: Option<Moment>,
    now: Moment,
    /// The moment of the last tick that was written.
    ticked: Option<Moment>,
    /// Wall minus monotonic time, nanoseconds: at the beginning, and as written last.
    began_clock: i64,
    clock: i64,
    /// The events, with their moments, for the index.
    marks: Vec<(Moment, RecordedEvent)>,
    load: (f64, u32),
    /// Answers are written no more often than this.
    least_interval: Duration,
}

/// The wall clock is written again when it has moved by so many nanoseconds against the monotonic one.
const DRIFT: u64 = 1_000_000;

impl BlockBuilder {
    /// An empty block. `least_interval` says how often answers are written at the most.
    pub(crate) fn new(least_interval: Duration) -> BlockBuilder {
        BlockBuilder { least_interval, ..BlockBuilder::default() }
    }

    /// The first moment; `None` while the block is empty.
    pub(crate) fn began(&self) -> Option<Moment> {
        self.began
    }

    /// The last moment.
    pub(crate) fn ended(&self) -> Moment {
        self.now
    }

    /// Wall minus monotonic time at the beginning.
    pub(crate) fn began_clock(&self) -> i64 {
        self.began_clock
    }

    /// Wall minus monotonic time as written last; `None` while the block is empty.
    pub(crate) fn clock(&self) -> Option<i64> {
        self.began.map(|_| self.clock)
    }

    /// Bytes before compression.
    pub(crate) fn len(&self) -> usize {
        self.structure.len() + self.column_bytes
    }

    /// The mean load of this machine, percent.
    pub(crate) fn load(&self) -> Option<f64> {
        (self.load.1 > 0).then(|| self.load.0 / f64::from(self.load.1))
    }

    /// Counts a load for the index.
    pub(crate) fn add_load(&mut self, load: Option<f64>) {
        if let Some(load) = load {
            self.load.0 += load;
            self.load.1 += 1;
        }
    }

    /// The events so far.
    pub(crate) fn marks(&self) -> &[(Moment, RecordedEvent)] {
        &self.marks
    }

    /// What comes next happened at this moment, when the wall clock was so far from the monotonic one.
    pub(crate) fn at(&mut self, now: Moment, clock: i64) {
        self.now = self.now.max(now);
        if self.began.is_none() {
            self.began = Some(self.now);
            self.ticked = Some(self.now);
            (self.began_clock, self.clock) = (clock, clock);
            self.tick_tag(0);
        }
        if clock.abs_diff(self.clock) > DRIFT {
            self.clock = clock;
            self.tick();
            self.structure.push(tag::CLOCK);
            put_i64(&mut self.structure, clock);
        }
    }

    fn tick_tag(&mut self, nanos: u64) {
        self.structure.push(tag::TICK);
        put_u64(&mut self.structure, nanos);
    }

    /// Writes that time has moved on, if it has.
    fn tick(&mut self) {
        let last = self.ticked.unwrap_or(self.now);
        if self.now > last {
            self.tick_tag(self.now.since(last).as_nanos() as u64);
            self.ticked = Some(self.now);
        }
    }

    /// Writes an event.
    pub(crate) fn event(&mut self, event: RecordedEvent) {
        self.tick();
        self.structure.push(tag::EVENT);
        event.put(&mut self.structure);
        self.marks.push((self.now, event));
    }

    /// What was added since the last time; `None` where that is nothing.
    pub(crate) fn flush(&mut self) -> Option<Added> {
        if self.flushed == self.structure.len() {
            return None;
        }
        let structure = self.structure[self.flushed..].to_vec();
        self.flushed = self.structure.len();
        Some(Added { structure, values: std::mem::take(&mut self.unflushed) })
    }

    /// The whole block, by column.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() + 4 * self.columns.len() + 16);
        put_u64(&mut out, self.structure.len() as u64);
        out.extend_from_slice(&self.structure);
        put_u64(&mut out, self.columns.len() as u64);
        self.columns.iter().for_each(|column| put_u64(&mut out, column.len() as u64));
        self.columns.iter().for_each(|column| out.extend_from_slice(column));
        out
    }

    /// The block after this one: it begins with all that is known, at the moment of the last entry.
    pub(crate) fn next(self) -> BlockBuilder {
        let mut next = BlockBuilder::new(self.least_interval);
        next.at(self.now, self.clock);
        for (order, source) in self.sources {
            next.renew_source(order, source);
        }
        for (key, feed) in self.feeds {
            next.renew_feed(key, feed);
        }
        let orders: Vec<usize> = next.sources.keys().copied().collect();
        orders.into_iter().for_each(|order| next.put_instances(order));
        next
    }

    /// A moment, as its distance from its tick.
    fn put_moment(now: Moment, out: &mut Vec<u8>, moment: Moment) {
        put_i64(out, now.as_nanos().wrapping_sub(moment.as_nanos()) as i64);
    }

    /// The number of a text, which is written where it is new.
    fn string(&mut self, text: &str) -> u64 {
        if let Some(number) = self.strings.get(text) {
            return *number;
        }
        self.structure.push(tag::STRING);
        put_str(&mut self.structure, text);
        let number = self.strings.len() as u64;
        self.strings.insert(text.into(), number);
        number
    }

    fn kind(&mut self, kind: Kind) -> u64 {
        if let Some(number) = self.kinds.get(kind.word()) {
            return *number;
        }
        self.structure.push(tag::KIND);
        put_str(&mut self.structure, kind.word());
        self.structure.push(u8::from(kind.is_transient()));
        let number = self.kinds.len() as u64;
        self.kinds.insert(kind.word(), number);
        number
    }

    fn metric(&mut self, metric: &'static Metric) -> u64 {
        if let Some(number) = self.metrics.get(metric.name()) {
            return *number;
        }
        let others: Vec<u64> =
            names::others(metric).into_iter().map(|other| self.metric(other)).collect();
        self.structure.push(tag::METRIC);
        let mut others = others.into_iter();
        let mut entry = Vec::new();
        let numbers = std::cell::RefCell::new(&mut others);
        names::put_metric(&mut entry, metric, |_| numbers.borrow_mut().next().unwrap_or_default());
        self.structure.extend_from_slice(&entry);
        let number = self.metrics.len() as u64;
        self.metrics.insert(metric.name(), number);
        number
    }

    fn text(&mut self, text: &'static Text) -> u64 {
        if let Some(number) = self.texts.get(text.name()) {
            return *number;
        }
        self.structure.push(tag::TEXT);
        put_str(&mut self.structure, text.name());
        self.structure.push(u8::from(text.is_long()));
        let number = self.texts.len() as u64;
        self.texts.insert(text.name(), number);
        number
    }

    fn schema(&mut self, metrics: &[&'static Metric]) -> u64 {
        let list: Vec<u64> = metrics.iter().map(|metric| self.metric(metric)).collect();
        if let Some(number) = self.schemas.get(&list) {
            return *number;
        }
        self.structure.push(tag::SCHEMA);
        put_u64(&mut self.structure, list.len() as u64);
        list.iter().for_each(|metric| put_u64(&mut self.structure, *metric));
        let number = self.schemas.len() as u64;
        self.schemas.insert(list, number);
        number
    }

    fn column(&mut self) -> usize {
        self.columns.push(Vec::new());
        self.columns.len() - 1
    }
}
