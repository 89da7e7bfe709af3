//! What an answer's readings become: devices, cleaned, derived, equal kinds together.

use crate::{
    clock::Moment,
    derive::{self, Before, Lookup},
    reading::{DeviceReading, MetricType, SourceReadings, Unit},
    text,
    view::{Device, Devices},
};
use std::{borrow::Cow, time::Duration};

/// A cache that hands out one reading for longer than this is broken: nothing is derived any more.
const LONGEST_CACHE: Duration = Duration::from_secs(300);

/// A device's name is cut after [`text::LONGEST`] characters, its texts after these,
pub(super) const LONGEST_TEXT: usize = 1024;
/// and those that may be long (a command line) after these.
pub(super) const LONGEST_LONG_TEXT: usize = 16_384;

/// New readings and old devices become the devices of now. A device that is no longer there stays for
/// `grace`, as it was.
pub(super) fn devices(old: &Devices, part: SourceReadings, grace: Duration) -> (Devices, usize) {
    let read_at = part.read_at;
    let cached = cached(&old.list, &part);
    let mut before = Before::new(&old.list);
    let mut repeated = 0;
    let mut list = Vec::with_capacity(part.readings.len());
    for mut reading in part.readings {
        if let Cow::Owned(clean) = text::clean(&reading.device) {
            reading.device = clean.into();
        }
        reading.read_at = reading.read_at.or(cached);
        let old = match before.find(&reading) {
            Lookup::Existing(device) => Some(device),
            Lookup::New => None,
            Lookup::Repeated => {
                repeated += 1;
                continue;
            }
        };
        clean(&mut reading, old);
        list.push(derive::device(reading, old, read_at));
    }
    let lingers = |d: &&Device| !d.kind.is_transient() && read_at.since(d.read_at) <= grace;
    list.extend(before.missing().filter(lingers).cloned());
    (grouped(list), repeated)
}

/// The moment of the last reading, if this part is that reading once more: a gateway or a proxy hands it
/// out until it reads again, and gives no times. Then the processor times do not change. Where
/// none has ever passed, nothing can be told.
fn cached(old: &[Device], part: &SourceReadings) -> Option<Moment> {
    let mut counters_at = None;
    for reading in &part.readings {
        for (quantity, _) in reading.values.iter() {
            let MetricType::Share { of, percent } = *quantity.form() else { continue };
            if of.unit() != Unit::Seconds {
                continue;
            }
            let is = |d: &&Device| d.kind == reading.kind && d.name == reading.device;
            let device = old.iter().find(is)?;
            let same = reading.values.get(of).filter(|whole| *whole > 0.0) == device.value(of);
            if !same || device.value(percent).is_none() {
                return None;
            }
            counters_at = Some(device.counters_at);
        }
    }
    counters_at.filter(|counters_at| part.read_at.since(*counters_at) <= LONGEST_CACHE)
}

/// Whatever the provider, its words may come from a stranger: they are made fit for a screen here,
/// where all of them pass. A text that the device before shares is clean already.
fn clean(reading: &mut DeviceReading, old: Option<&Device>) {
    for (text, words) in reading.texts.iter_mut() {
        let known = old.and_then(|old| old.text(text));
        if known.is_some_and(|known| std::ptr::eq(known, &**words)) {
            continue;
        }
        let longest = if text.is_long() { LONGEST_LONG_TEXT } else { LONGEST_TEXT };
        if let Cow::Owned(clean) = text::clean_to(words, longest) {
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

#[cfg(test)]
mod tests {
    use super::super::tests::{good, remote};
    use crate::{
        model::store::Store,
        reading::DeviceReading,
        vocabulary::{
            BUSY_SECONDS, CPU, NETWORK, PERCENT, RECEIVED_BYTES, RECEIVED_RATE, TOTAL_SECONDS,
        },
    };

    #[test]
    fn a_cache_that_hands_out_one_reading_again_changes_no_rate() {
        let mut store = Store::new();
        let id = store.add(remote("a"));
        let mut read = |t, busy, total, bytes| {
            let cpu = DeviceReading::new(CPU, "CPU0")
                .with(&BUSY_SECONDS, busy)
                .with(&TOTAL_SECONDS, total);
            let net = DeviceReading::new(NETWORK, "eth0").with(&RECEIVED_BYTES, bytes);
            store.take(good(id, t, vec![cpu, net]));
            let view = store.snapshot().sources[0].clone();
            let rate = view.device(NETWORK, "eth0").unwrap().value(&RECEIVED_RATE);
            (view.device(CPU, "CPU0").unwrap().value(&PERCENT), rate)
        };
        assert_eq!(read(10, 5.0, 10.0, 0.0), (None, None));
        assert_eq!(read(11, 5.0, 10.0, 0.0), (None, Some(0.0)), "time may never pass there");
        assert_eq!(read(20, 10.0, 20.0, 500.0), (Some(50.0), Some(500.0 / 9.0)));
        assert_eq!(read(21, 10.0, 20.0, 500.0), (Some(50.0), Some(500.0 / 9.0)));
        assert_eq!(read(29, 10.0, 20.0, 500.0), (Some(50.0), Some(500.0 / 9.0)));
        assert_eq!(read(30, 11.0, 30.0, 1500.0), (Some(10.0), Some(100.0)), "over ten seconds");
        assert_eq!(read(40, 11.0, 40.0, 1500.0), (Some(0.0), Some(0.0)), "time has passed");
        assert_eq!(read(400, 11.0, 40.0, 1500.0), (None, Some(0.0)), "nothing lasts that long");
    }
}
