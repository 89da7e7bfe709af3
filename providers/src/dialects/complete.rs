//! Figures that follow from others, by the formulas of this machine's own readers.

use crate::{
    local::{disk::Space, memory::MemInfo},
    plausible::Doubts,
};
use manytop_plugin::{
    file_systems::{self, Class},
    reading::DeviceReading,
    vocabulary as v,
};

/// Completes a reading of processors, memory or disks. `None` for file systems that are not storage.
pub fn reading(reading: DeviceReading, doubts: &mut Doubts) -> Option<DeviceReading> {
    Some(match reading.kind.word() {
        "cpu" => cpu(reading),
        "memory" => memory(reading, doubts),
        "disk" => return disk(reading, doubts),
        _ => reading,
    })
}

/// Time at work and all time, where idle time and time in user mode are known.
pub fn cpu(reading: DeviceReading) -> DeviceReading {
    let value = |metric| reading.values.get(metric);
    let (Some(idle), Some(user)) = (value(&v::IDLE_SECONDS), value(&v::USER_SECONDS)) else {
        return reading;
    };
    let work = [
        &v::NICE_SECONDS,
        &v::SYSTEM_SECONDS,
        &v::IRQ_SECONDS,
        &v::SOFTIRQ_SECONDS,
        &v::STEAL_SECONDS,
    ];
    let busy = work.into_iter().filter_map(value).sum::<f64>() + user;
    let or_none = |metric| value(metric).unwrap_or_default();
    let total = busy + idle + or_none(&v::IOWAIT_SECONDS);
    let user = user + or_none(&v::NICE_SECONDS);
    let system = busy - user - or_none(&v::STEAL_SECONDS);
    reading
        .with(&v::BUSY_SECONDS, busy)
        .with(&v::TOTAL_SECONDS, total)
        .with(&v::USER_WORK_SECONDS, user)
        .with(&v::SYSTEM_WORK_SECONDS, system)
}

/// Used bytes and percent of main memory or swap space. A percentage that was given stays where the bytes
/// are not known.
pub fn memory(given: DeviceReading, doubts: &mut Doubts) -> DeviceReading {
    let value = |metric| given.values.get(metric);
    let (total, used) = (value(&v::TOTAL_BYTES), value(&v::USED_BYTES));
    let left = total.zip(used).map(|(total, used)| total - used);
    let device = given.device.clone();
    let mut made = if &*device == v::SWAP {
        let swap_free = value(&v::FREE_BYTES).or(left);
        let facts = MemInfo { swap_total: total, swap_free, ..MemInfo::default() };
        facts.swap(device, doubts)
    } else {
        let facts = MemInfo {
            total,
            available: value(&v::AVAILABLE_BYTES).or(left),
            free: value(&v::FREE_BYTES),
            buffers: value(&v::BUFFERS_BYTES),
            cached: value(&v::CACHED_BYTES),
            shared: value(&v::SHARED_BYTES),
            ..MemInfo::default()
        };
        facts.main(device, doubts)
    };
    // what the formulas do not know stays as it was given
    for (metric, value) in given.values.iter() {
        let is_part = total.is_some()
            && [&v::AVAILABLE_BYTES, &v::FREE_BYTES, &v::USED_BYTES].contains(&metric);
        if made.values.get(metric).is_none() && !is_part {
            made.values.set(metric, value);
        }
    }
    made
}

/// Space of a file system: used is size less free, percent is used of used and available.
pub fn disk(mut reading: DeviceReading, doubts: &mut Doubts) -> Option<DeviceReading> {
    let kind = reading.texts.get(&v::TYPE).map_or(Class::Storage, |t| file_systems::class(t));
    if kind == Class::Kernel {
        return None;
    }
    let value = |metric| reading.values.get(metric);
    let used = value(&v::USED_BYTES);
    let available = value(&v::AVAILABLE_BYTES);
    let size = value(&v::TOTAL_BYTES);
    let free = value(&v::FREE_BYTES).or_else(|| Some(size? - used?));
    let inodes = value(&v::INODES).zip(value(&v::FREE_INODES)).map(|(all, free)| [all, free]);
    let Some(size) = size else { return Some(reading) };
    let given = value(&v::PERCENT);
    [
        &v::TOTAL_BYTES,
        &v::USED_BYTES,
        &v::AVAILABLE_BYTES,
        &v::FREE_BYTES,
        &v::PERCENT,
        &v::INODES,
        &v::FREE_INODES,
    ]
    .into_iter()
    .for_each(|metric| {
        reading.values.remove(metric);
    });
    Space { size, free, available, inodes }.tell(&mut reading, doubts);
    if reading.values.get(&v::PERCENT).is_none()
        && let Some(given) = given
    {
        reading.values.set(&v::PERCENT, given);
    }
    Some(reading)
}
