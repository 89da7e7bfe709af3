//! What an answer's readings become: devices, cleaned, derived, equal kinds together.

use crate::{
    derive::{self, Before, Found},
    reading::{Part, Reading},
    text,
    view::{Device, Devices},
};
use std::{borrow::Cow, time::Duration};

/// A device's name is cut after [`text::LONGEST`] characters; its texts (a command line) after these.
pub(super) const LONGEST_TEXT: usize = 1024;

/// New readings and old devices become the devices of now. A device that is no longer there stays for
/// `grace`, as it was.
pub(super) fn devices(old: &Devices, part: Part, grace: Duration) -> (Devices, usize) {
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
