//! The targets of one host, put together: one part with the clock of each.

use manytop_plugin::{
    clock::Moment,
    reading::{DeviceReading, Kind, SourceReadings},
    vocabulary::{CPU, DISK, HOST, MEMORY, NETWORK, PROCESS},
};
use std::{cmp::Reverse, collections::HashSet, sync::Arc};

/// Kinds that describe the whole machine: each is read from one target of several, and nothing is added up.
const WHOLE: [Kind; 6] = [CPU, MEMORY, DISK, NETWORK, HOST, PROCESS];

/// What one target says of its host.
#[derive(Debug)]
pub struct TargetReadings {
    /// When it was scraped, or when it was pushed.
    pub read_at: Moment,
    /// The highest rank of its dialects.
    pub rank: u8,
    /// Its readings.
    pub readings: Vec<DeviceReading>,
    /// How they were understood.
    pub dialects: Vec<&'static str>,
    /// Which figures cannot be true.
    pub notes: Vec<String>,
    /// Lines that cannot be read.
    pub unread: usize,
}

/// The part of a host. It is as old as the newest of its targets, and each reading keeps the moment of its own.
/// A kind of the whole machine belongs to the target with the highest rank, the first of equal ones; of other
/// kinds each device does. `None` when no target is understood.
pub fn merge(member: Option<Arc<str>>, mut targets: Vec<TargetReadings>) -> Option<SourceReadings> {
    targets.retain(|target| !target.dialects.is_empty());
    let read_at = targets.iter().map(|target| target.read_at).max()?;
    let several = targets.len() > 1;
    targets.sort_by_key(|target| Reverse(target.rank));
    let mut part = SourceReadings { member, ..SourceReadings::own(read_at, Vec::new()) };
    let mut taken: HashSet<(Kind, Option<Arc<str>>)> = HashSet::new();
    for mut target in targets {
        if several {
            let key = |reading: &DeviceReading| match WHOLE.contains(&reading.kind) {
                true => (reading.kind, None),
                false => (reading.kind, Some(reading.device.clone())),
            };
            target.readings.retain(|reading| !taken.contains(&key(reading)));
            taken.extend(target.readings.iter().map(key));
            for reading in &mut target.readings {
                reading.read_at.get_or_insert(target.read_at);
            }
        }
        part.readings.append(&mut target.readings);
        part.left_out.append(&mut target.notes);
        part.unread_lines += target.unread;
        for dialect in target.dialects {
            if !part.dialects.contains(&dialect) {
                part.dialects.push(dialect);
            }
        }
    }
    if several {
        // equal kinds follow each other
        let mut kinds: Vec<Kind> = Vec::new();
        for reading in &part.readings {
            if !kinds.contains(&reading.kind) {
                kinds.push(reading.kind);
            }
        }
        part.readings.sort_by_key(|reading| kinds.iter().position(|kind| *kind == reading.kind));
    }
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::vocabulary::{CELSIUS, PERCENT, TEMPERATURE};

    fn target(t: u64, rank: u8, readings: Vec<DeviceReading>) -> TargetReadings {
        TargetReadings {
            read_at: Moment::from_secs(t),
            rank,
            readings,
            dialects: vec!["node_exporter"],
            notes: Vec::new(),
            unread: 0,
        }
    }

    #[test]
    fn each_reading_keeps_the_moment_of_its_target_and_nothing_is_told_twice() {
        let cpu = |name: &str, p| DeviceReading::new(CPU, name).with(&PERCENT, p);
        let sensor = |name: &str, c| DeviceReading::new(TEMPERATURE, name).with(&CELSIUS, c);
        let part = merge(
            Some("web".into()),
            vec![
                target(20, 1, vec![cpu("CPU0", 9.0), cpu("CPU9", 9.0), sensor("bmc", 30.0)]),
                target(10, 2, vec![cpu("CPU0", 1.0), sensor("core", 40.0)]),
            ],
        )
        .unwrap();
        assert_eq!(part.read_at, Moment::from_secs(20));
        let all: Vec<_> = part.readings.iter().map(|r| (r.kind, &*r.device, r.read_at)).collect();
        let at = |t| Some(Moment::from_secs(t));
        assert_eq!(
            all,
            [(CPU, "CPU0", at(10)), (TEMPERATURE, "core", at(10)), (TEMPERATURE, "bmc", at(20))]
        );
        let one = merge(None, vec![target(10, 2, vec![cpu("CPU0", 1.0)])]).unwrap();
        assert_eq!(one.readings[0].read_at, None, "the part's own");
        assert_eq!(merge(None, vec![]), None);
    }
}
