//! Frames: the devices of one answer, as what is other than in the answer before.

use super::{BlockBuilder, FeedShadow};
use crate::{
    format::{changed, status, tag},
    value::ColumnState,
    wire::{put_i64, put_option, put_u64},
};
use manytop_core::{
    clock::Moment,
    reading::{DeviceReading, Kind, Metric, Texts, Values},
    view::Device,
};
use manytop_plugin::derive;
use std::{collections::HashMap, time::Duration};

/// What a reader knows of a device at this place.
pub(super) struct DeviceShadow {
    pub(super) device: Device,
    /// The quantities that are written, with their columns.
    own: Vec<(&'static Metric, usize, ColumnState)>,
    /// The quantities of the device when `own` was made of them.
    all: Vec<&'static Metric>,
}

/// The quantities that are not derived of others of the same device.
pub(crate) fn own_metrics(all: &[&'static Metric]) -> Vec<&'static Metric> {
    let is_derived = |metric: &&'static Metric| {
        all.iter().any(|other| other.form().derived().is_some_and(|derived| derived == *metric))
    };
    all.iter().filter(|metric| !is_derived(metric)).copied().collect()
}

/// How the devices of an answer follow from those of the answer before: places among those, or new ones.
fn placed(old: &[DeviceShadow], new: &[Device]) -> Vec<Option<usize>> {
    let is = |old: &Device, new: &Device| {
        old.kind == new.kind && old.generation == new.generation && old.name == new.name
    };
    let mut index: Option<HashMap<(Kind, &str, u64), usize>> = None;
    let mut next = 0;
    let mut used = vec![false; old.len()];
    let mut places = Vec::with_capacity(new.len());
    for device in new {
        let at = match old.get(next) {
            Some(shadow) if is(&shadow.device, device) => Some(next),
            _ => {
                let index = index.get_or_insert_with(|| {
                    let key = |d: &'_ DeviceShadow| (d.device.kind, d.device.generation);
                    let all = old.iter().enumerate();
                    all.map(|(at, d)| ((key(d).0, &*d.device.name, key(d).1), at)).collect()
                });
                index.get(&(device.kind, &*device.name, device.generation)).copied()
            }
        };
        let at = at.filter(|at| !std::mem::replace(&mut used[*at], true));
        next = at.map_or(next, |at| at + 1);
        places.push(at);
    }
    places
}

/// A device and its answer.
struct ReadDevice<'a> {
    actual: &'a Device,
    read_at: Moment,
}

impl BlockBuilder {
    /// Writes an answer of a feed.
    pub(super) fn frame(
        &mut self,
        feed: &mut FeedShadow,
        devices: &[Device],
        read_at: Moment,
        took: Option<Duration>,
    ) {
        self.tick();
        let mut body = Vec::new();
        put_u64(&mut body, feed.number);
        Self::put_moment(self.now, &mut body, read_at);
        put_option(&mut body, took.map(|took| took.as_micros() as u64));
        let places = placed(&feed.devices, devices);
        let is_same = places.len() == feed.devices.len()
            && places.iter().enumerate().all(|(nth, place)| *place == Some(nth));
        body.push(u8::from(!is_same));
        if !is_same {
            self.put_roster(&mut body, &places, devices);
        }
        let mut old: Vec<Option<DeviceShadow>> =
            std::mem::take(&mut feed.devices).into_iter().map(Some).collect();
        let mut entries = Vec::new();
        let mut runs: Vec<(u8, u64)> = Vec::new();
        feed.devices.reserve(devices.len());
        for (place, actual) in places.into_iter().zip(devices) {
            let before = place.and_then(|place| old.get_mut(place)?.take());
            let (status, shadow) =
                self.device(before, &ReadDevice { actual, read_at }, &mut entries);
            match runs.last_mut() {
                Some((last, count)) if *last == status => *count += 1,
                _ => runs.push((status, 1)),
            }
            feed.devices.push(shadow);
        }
        runs.into_iter().for_each(|(status, n)| put_u64(&mut body, n << 2 | u64::from(status)));
        self.structure.push(tag::FRAME);
        self.structure.extend_from_slice(&body);
        self.structure.extend_from_slice(&entries);
        feed.read_at = read_at;
    }

    /// Runs of devices of before (their number, and how far the first is from the end of the last run), and
    /// single new ones.
    fn put_roster(&mut self, body: &mut Vec<u8>, places: &[Option<usize>], devices: &[Device]) {
        put_u64(body, places.len() as u64);
        let (mut at, mut expected) = (0, 0_usize);
        while at < places.len() {
            match places[at] {
                Some(first) => {
                    let goes_on = |n: &usize| places.get(at + n) == Some(&Some(first + n));
                    let length = (1..).take_while(goes_on).count() + 1;
                    put_u64(body, length as u64);
                    put_i64(body, first as i64 - expected as i64);
                    expected = first + length;
                    at += length;
                }
                None => {
                    let device = &devices[at];
                    put_u64(body, 0);
                    let (kind, name) = (self.kind(device.kind), self.string(&device.name));
                    put_u64(body, kind);
                    put_u64(body, name);
                    put_u64(body, device.generation);
                    at += 1;
                }
            }
        }
    }

    fn device(
        &mut self,
        before: Option<DeviceShadow>,
        read: &ReadDevice<'_>,
        out: &mut Vec<u8>,
    ) -> (u8, DeviceShadow) {
        let ReadDevice { actual, read_at } = *read;
        if let Some(mut shadow) = before {
            let old = &shadow.device;
            let same = old.counters_at == actual.counters_at
                && old.resolution == actual.resolution
                && old.texts == actual.texts
                && old.values == actual.values;
            if same && actual.read_at == old.read_at && actual.read_at != read_at {
                return (status::LINGERING, shadow);
            }
            if same && actual.read_at == read_at && old.counters_at != read_at {
                shadow.device.read_at = read_at;
                return (status::REPEATED, shadow);
            }
            return self.read_again(shadow, read, out);
        }
        let shadow = DeviceShadow {
            device: Device {
                kind: actual.kind,
                name: actual.name.clone(),
                generation: actual.generation,
                values: Values::default(),
                texts: Texts::default(),
                read_at: Moment::default(),
                counters_at: Moment::default(),
                resolution: None,
                window: Default::default(),
            },
            own: Vec::new(),
            all: Vec::new(),
        };
        self.changed(shadow, true, read, out)
    }

    /// A device that was there before.
    fn read_again(
        &mut self,
        mut shadow: DeviceShadow,
        read: &ReadDevice<'_>,
        out: &mut Vec<u8>,
    ) -> (u8, DeviceShadow) {
        let ReadDevice { actual, read_at } = *read;
        let plain = actual.counters_at == read_at
            && actual.read_at == read_at
            && actual.resolution == shadow.device.resolution
            && actual.texts == shadow.device.texts
            && has_own(&mut shadow, actual);
        if plain {
            let reading = reading(&shadow, actual, read_at);
            let derived = derive::device(reading, Some(&shadow.device), read_at);
            if derived.values == actual.values {
                self.put_values(&mut shadow, actual, out);
                shadow.device = derived;
                return (status::FRESH, shadow);
            }
        }
        self.changed(shadow, false, read, out)
    }

    fn changed(
        &mut self,
        mut shadow: DeviceShadow,
        is_new: bool,
        read: &ReadDevice<'_>,
        out: &mut Vec<u8>,
    ) -> (u8, DeviceShadow) {
        let ReadDevice { actual, read_at } = *read;
        let flag_at = out.len();
        let mut flags = 0;
        out.push(0);
        if is_new || !has_own(&mut shadow, actual) {
            flags |= changed::SCHEMA;
            shadow.all = actual.values.iter().map(|(metric, _)| metric).collect();
            let own = own_metrics(&shadow.all);
            put_u64(out, self.schema(&own));
            let old = std::mem::take(&mut shadow.own);
            shadow.own = own
                .into_iter()
                .map(|metric| {
                    let kept = old.iter().find(|(known, ..)| *known == metric);
                    kept.copied().unwrap_or_else(|| (metric, self.column(), ColumnState::default()))
                })
                .collect();
        }
        if actual.texts != shadow.device.texts {
            flags |= changed::TEXTS;
            put_u64(out, actual.texts.iter().count() as u64);
            for (text, words) in actual.texts.iter() {
                let (text, words) = (self.text(text), self.string(words));
                put_u64(out, text);
                put_u64(out, words);
            }
        }
        if actual.resolution != shadow.device.resolution {
            flags |= changed::RESOLUTION;
            put_option(out, actual.resolution.map(|r| r.as_nanos() as u64));
        }
        let own_read_at = actual.read_at;
        if own_read_at != read_at {
            flags |= changed::READ_AT;
            Self::put_moment(self.now, out, own_read_at);
        }
        if actual.counters_at != own_read_at {
            flags |= changed::COUNTERS_AT;
            Self::put_moment(self.now, out, actual.counters_at);
        }
        let reading = reading(&shadow, actual, own_read_at);
        let own = reading.values.clone();
        let before = (!is_new).then_some(&shadow.device);
        let mut device = derive::device(reading, before, own_read_at);
        if device.values != actual.values {
            flags |= changed::DERIVED;
            let derived: Vec<_> =
                actual.values.iter().filter(|(metric, _)| own.get(metric).is_none()).collect();
            put_u64(out, derived.len() as u64);
            device.values = own;
            for (metric, value) in derived {
                put_u64(out, self.metric(metric));
                ColumnState::default().put(value, out);
                device.values.set(metric, value);
            }
        }
        out[flag_at] = flags;
        self.put_values(&mut shadow, actual, out);
        shadow.device = device;
        (status::CHANGED, shadow)
    }

    /// A bitmap of the values that are others than before, into the structure; those, into their columns.
    fn put_values(&mut self, shadow: &mut DeviceShadow, actual: &Device, out: &mut Vec<u8>) {
        for chunk in shadow.own.chunks_mut(8) {
            let mut bits = 0;
            for (nth, (metric, column, state)) in chunk.iter_mut().enumerate() {
                let Some(value) = actual.values.get(metric).filter(|v| state.is_new(*v)) else {
                    continue;
                };
                bits |= 1 << nth;
                let from = self.unflushed.len();
                state.put(value, &mut self.unflushed);
                let bytes = &self.unflushed[from..];
                self.column_bytes += bytes.len();
                self.columns[*column].extend_from_slice(bytes);
            }
            out.push(bits);
        }
    }
}

/// Whether a device has the quantities that the shadow's columns are for.
fn has_own(shadow: &mut DeviceShadow, actual: &Device) -> bool {
    let all = || actual.values.iter().map(|(metric, _)| metric);
    if all().count() == shadow.all.len() && all().zip(&shadow.all).all(|(a, b)| std::ptr::eq(a, *b))
    {
        return true;
    }
    let all: Vec<_> = all().collect();
    let own = own_metrics(&all);
    let same =
        own.len() == shadow.own.len() && own.iter().zip(&shadow.own).all(|(a, (b, ..))| a == b);
    if same {
        shadow.all = all;
    }
    same
}

/// What a reader of the block makes the device of.
fn reading(shadow: &DeviceShadow, actual: &Device, read_at: Moment) -> DeviceReading {
    let mut values = Values::default();
    for (metric, ..) in &shadow.own {
        if let Some(value) = actual.values.get(metric) {
            values.set(metric, value);
        }
    }
    DeviceReading {
        kind: actual.kind,
        device: actual.name.clone(),
        generation: actual.generation,
        resolution: actual.resolution,
        read_at: (actual.counters_at != read_at).then_some(actual.counters_at),
        values,
        texts: actual.texts.clone(),
    }
}
