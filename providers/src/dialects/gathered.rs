//! The readings of one body, put together by host.

use super::{dialect::Dialect, scrape_parser::ParsedHost};
use crate::natural;
use manytop_plugin::{
    reading::{DeviceReading, Kind},
    vocabulary::{CPU, DISK, MEMORY, NETWORK},
};
use std::{cmp::Reverse, sync::Arc};

/// The readings of a body, by host. The host that is asked has no name.
#[derive(Default, Debug)]
pub struct Gathered(Vec<HostReadings>);

#[derive(Debug)]
struct HostReadings {
    name: Option<Arc<str>>,
    /// Kinds with devices of several dialects.
    mixed: Vec<Kind>,
    readings: Vec<DeviceReading>,
    dialects: Vec<&'static Dialect>,
}

impl Gathered {
    fn host(&mut self, name: Option<&Arc<str>>) -> &mut HostReadings {
        let at = self.0.iter().position(|host| host.name.as_ref() == name).unwrap_or_else(|| {
            let name = name.cloned();
            let (readings, dialects, mixed) = (Vec::new(), Vec::new(), Vec::new());
            self.0.push(HostReadings { name, mixed, readings, dialects });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Whether no host is known yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// That dialect serves that host.
    pub fn add_dialect(&mut self, host: Option<&Arc<str>>, dialect: &'static Dialect) {
        let host = self.host(host);
        if !host.dialects.iter().any(|known| std::ptr::eq(*known, dialect)) {
            host.dialects.push(dialect);
        }
    }

    /// Adds a reading. One that only accompanies those of another dialect completes a device of its name.
    pub fn add(
        &mut self,
        host: Option<&Arc<str>>,
        dialect: &'static Dialect,
        reading: DeviceReading,
        owns: bool,
    ) {
        self.add_dialect(host, dialect);
        let host = self.host(host);
        let same = |r: &&mut DeviceReading| r.kind == reading.kind && r.device == reading.device;
        match host.readings.iter_mut().find(same).filter(|_| !owns) {
            None => {
                if !owns && !host.mixed.contains(&reading.kind) {
                    host.mixed.push(reading.kind);
                }
                host.readings.push(reading);
            }
            Some(known) => complete(known, &reading),
        }
    }

    /// The readings and dialects of the host that is asked, and the other hosts by name.
    pub fn finish(self) -> (Vec<DeviceReading>, Vec<&'static str>, Vec<ParsedHost>) {
        let (mut own, mut spoken, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for HostReadings { name, mixed, mut readings, mut dialects } in self.0 {
            for kind in mixed.into_iter().filter(|kind| ORDERED.contains(kind)) {
                sort(&mut readings, kind);
            }
            dialects.sort_by_key(|dialect| (Reverse(dialect.rank()), dialect.name()));
            let dialects: Vec<_> = dialects.into_iter().map(Dialect::name).collect();
            match name {
                None => (own, spoken) = (readings, dialects),
                Some(name) => others.push(ParsedHost { name, readings, dialects }),
            }
        }
        others.sort_by(|a, b| a.name.cmp(&b.name));
        (own, spoken, others)
    }
}

/// Kinds whose devices are in natural order, whichever dialects they come from.
const ORDERED: [Kind; 4] = [CPU, MEMORY, NETWORK, DISK];

/// Puts the devices of a kind, which follow each other, in natural order.
fn sort(readings: &mut [DeviceReading], kind: Kind) {
    let of_kind = |reading: &DeviceReading| reading.kind == kind;
    let Some(first) = readings.iter().position(of_kind) else { return };
    let count = readings[first..].iter().take_while(|reading| of_kind(reading)).count();
    readings[first..first + count].sort_by(|a, b| natural::order(&a.device, &b.device));
}

/// Adds what is missing.
fn complete(known: &mut DeviceReading, more: &DeviceReading) {
    for (metric, value) in more.values.iter() {
        if known.values.get(metric).is_none() {
            known.values.set(metric, value);
        }
    }
    for (text, value) in more.texts.iter() {
        if known.texts.get(text).is_none() {
            known.texts.set(text, value.clone());
        }
    }
}
