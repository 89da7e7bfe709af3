//! Filesystems and the block devices under them, from `statfs` and `/proc/diskstats`.

use crate::{
    dialects::{
        common_slots::{AVAILABLE, BUSY, FILES, FREE, READ, READ_TIME, SIZE, WRITE_TIME, WRITTEN},
        dialect::{DevicePart, DialectRow, Labelled, Slot, SlotDevice, Slots},
    },
    local::disk::Space,
    plausible::Doubts,
};
use manytop_plugin::{
    file_systems::{self, Class},
    reading::DeviceReading,
    vocabulary::{
        DISK, IO_SECONDS, MOUNTS, PERCENT, READ_BYTES, READS, REQUEST_SECONDS, REQUESTS, TYPE,
        WRITES, WRITTEN_BYTES,
    },
};
use std::{collections::BTreeMap, sync::Arc};

const READ_ONLY: Slot = Slot::new("read only");
const FREE_FILES: Slot = Slot::new("free files");
const READS_DONE: Slot = Slot::new("reads done");
const WRITES_DONE: Slot = Slot::new("writes done");
const READ_MILLIS: Slot = Slot::new("read milliseconds");
const WRITE_MILLIS: Slot = Slot::new("write milliseconds");
const BUSY_MILLIS: Slot = Slot::new("busy milliseconds");
const MAPPED: Slot = Slot::new("mapped");

const fn filesystem(
    metric: &'static str,
    older: &'static [&'static str],
    slot: Slot,
) -> DialectRow {
    DialectRow::named(metric, slot)
        .also(older)
        .of(DevicePart::Made(holder))
        .keeps(&["mountpoint", "fstype"])
}

const fn traffic(metric: &'static str, older: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(older).of(DevicePart::Made(block))
}

/// The n-th label that [`filesystem`] rows keep.
const MOUNT: usize = 0;
const FSTYPE: usize = 1;

/// The other names are those before 0.16.
pub const ROWS: &[DialectRow] = &[
    filesystem("node_filesystem_size_bytes", &["node_filesystem_size"], SIZE),
    filesystem("node_filesystem_free_bytes", &["node_filesystem_free"], FREE),
    filesystem("node_filesystem_avail_bytes", &["node_filesystem_avail"], AVAILABLE),
    filesystem("node_filesystem_files", &[], FILES),
    filesystem("node_filesystem_files_free", &[], FREE_FILES),
    DialectRow::named("node_filesystem_readonly", READ_ONLY)
        .of(DevicePart::Made(fuse_holder))
        .keeps(&["mountpoint", "fstype"]),
    traffic("node_disk_read_bytes_total", &["node_disk_bytes_read"], READ),
    traffic("node_disk_written_bytes_total", &["node_disk_bytes_written"], WRITTEN),
    traffic("node_disk_reads_completed_total", &["node_disk_reads_completed"], READS_DONE),
    traffic("node_disk_writes_completed_total", &["node_disk_writes_completed"], WRITES_DONE),
    traffic("node_disk_read_time_seconds_total", &[], READ_TIME),
    traffic("node_disk_write_time_seconds_total", &[], WRITE_TIME),
    traffic("node_disk_io_time_seconds_total", &[], BUSY),
    traffic("node_disk_read_time_ms", &[], READ_MILLIS),
    traffic("node_disk_write_time_ms", &[], WRITE_MILLIS),
    traffic("node_disk_io_time_ms", &[], BUSY_MILLIS),
    // FreeBSD; DragonFly's do not say which way
    DialectRow::named("node_devstat_bytes_total", READ)
        .has(&[("type", "read")])
        .of(DevicePart::Made(block)),
    DialectRow::named("node_devstat_bytes_total", WRITTEN)
        .has(&[("type", "write")])
        .of(DevicePart::Made(block)),
    DialectRow::named("node_disk_device_mapper_info", MAPPED)
        .of(DevicePart::Label("device"))
        .keeps(&["name"]),
];

/// What holds a filesystem: the block device, the pool and dataset, the container of APFS volumes, or else
/// the mount point. Programs that serve filesystems share the device `/dev/fuse`, which holds nothing.
fn holder(series: &Labelled<'_>) -> Option<String> {
    let (device, mount) = (series.get("device"), series.get("mountpoint"));
    let (fstype, with_virtual) = (series.get("fstype"), series.shows().with_virtual);
    let shown = match file_systems::class(fstype) {
        Class::Storage => true,
        Class::Image | Class::Virtual => with_virtual,
        Class::Kernel => false,
    };
    if mount.is_empty() || !shown {
        return None;
    }
    if fstype == "apfs"
        && let Some(container) = container(device)
    {
        return Some(container);
    }
    match device.strip_prefix("/dev/").filter(|name| *name != "fuse") {
        Some(block) => {
            let shown = with_virtual || !file_systems::is_virtual_device(block);
            (!block.is_empty() && shown).then(|| block.to_owned())
        }
        None if fstype == "zfs" => Some(device.to_owned()),
        None => Some(mount.to_owned()),
    }
}

/// The disk that is an APFS container, `disk3` of `/dev/disk3s1s1`: its volumes share its space, and each
/// says the size and the free bytes of all of it. A snapshot's name goes before an `@`.
fn container(device: &str) -> Option<String> {
    let block = device.rsplit('@').next()?.strip_prefix("/dev/")?;
    let number = block.strip_prefix("disk")?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let (number, volume) = number.split_at(end);
    let is_volume = volume.is_empty() || volume.starts_with('s');
    (!number.is_empty() && is_volume).then(|| format!("disk{number}"))
}

/// The [`holder`], where it matters whether it is mounted read-only: a FUSE program may serve an image.
fn fuse_holder(series: &Labelled<'_>) -> Option<String> {
    file_systems::is_fuse(series.get("fstype")).then(|| holder(series))?
}

fn block(series: &Labelled<'_>) -> Option<String> {
    let device = series.get("device");
    let shown = series.shows().with_virtual || !file_systems::is_virtual_device(device);
    (!device.is_empty() && shown).then(|| device.to_owned())
}

/// What is known of one device, under whichever of its names it stood.
#[derive(Default)]
struct MountIndex<'a> {
    mounts: BTreeMap<&'a str, MountNumbers>,
    types: Option<&'a Arc<str>>,
    read: Option<f64>,
    written: Option<f64>,
    requests: Requests,
}

/// What the block device has done, and how long it took.
#[derive(Clone, Copy, Default)]
struct Requests {
    reads: Option<f64>,
    writes: Option<f64>,
    seconds: Option<f64>,
    busy: Option<f64>,
}

impl Requests {
    fn of(device: &SlotDevice<'_>) -> Requests {
        let seconds = |slot, millis| {
            device.value(slot).or_else(|| device.value(millis).map(|millis| millis / 1e3))
        };
        let (read, write) = (seconds(READ_TIME, READ_MILLIS), seconds(WRITE_TIME, WRITE_MILLIS));
        Requests {
            reads: device.value(READS_DONE),
            writes: device.value(WRITES_DONE),
            seconds: read.zip(write).map(|(read, write)| read + write),
            busy: seconds(BUSY, BUSY_MILLIS),
        }
    }

    /// Those that are known of either.
    fn or(self, other: Requests) -> Requests {
        Requests {
            reads: self.reads.or(other.reads),
            writes: self.writes.or(other.writes),
            seconds: self.seconds.or(other.seconds),
            busy: self.busy.or(other.busy),
        }
    }

    fn tell(&self, reading: DeviceReading) -> DeviceReading {
        let all = self.reads.zip(self.writes).map(|(reads, writes)| reads + writes);
        reading
            .with_some(&READS, self.reads)
            .with_some(&WRITES, self.writes)
            .with_some(&REQUESTS, all)
            .with_some(&REQUEST_SECONDS, self.seconds)
            .with_some(&IO_SECONDS, self.busy)
    }
}

/// The numbers of one mount point.
#[derive(Clone, Copy, Default)]
struct MountNumbers {
    size: Option<f64>,
    free: Option<f64>,
    available: Option<f64>,
    read_only: Option<f64>,
    files: Option<f64>,
    free_files: Option<f64>,
}

/// `/dev/mapper/x` and `dm-N` are one device, and so are several mounts of one: the shortest path
/// gives the numbers.
pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let mapped: BTreeMap<String, &Arc<str>> = slots
        .devices()
        .flat_map(|d| d.all(MAPPED).map(move |m| (format!("mapper/{}", m.kept(0)), d.name())))
        .collect();
    let mut disks: Vec<(&Arc<str>, MountIndex<'_>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for device in slots.devices() {
        let name = mapped.get(&**device.name()).copied().unwrap_or(device.name());
        let at = *places.entry(name).or_insert_with(|| {
            disks.push((name, MountIndex::default()));
            disks.len() - 1
        });
        disks[at].1.add(&device);
    }
    let (with_virtual, mut doubts) = (slots.shows().with_virtual, slots.doubts());
    let made = |(name, known)| reading(name, known, with_virtual, &mut doubts);
    disks.iter().map(|(name, known)| (*name, known)).filter_map(made).collect()
}

impl<'a> MountIndex<'a> {
    fn add(&mut self, device: &SlotDevice<'a>) {
        self.read = self.read.or(device.value(READ));
        self.written = self.written.or(device.value(WRITTEN));
        self.requests = self.requests.or(Requests::of(device));
        for (slot, place) in [
            (SIZE, (|m| &mut m.size) as fn(&mut MountNumbers) -> &mut Option<f64>),
            (FREE, |m| &mut m.free),
            (AVAILABLE, |m| &mut m.available),
            (READ_ONLY, |m| &mut m.read_only),
            (FILES, |m| &mut m.files),
            (FREE_FILES, |m| &mut m.free_files),
        ] {
            for found in device.all(slot) {
                let mount = self.mounts.entry(&**found.kept(MOUNT)).or_default();
                place(mount).get_or_insert(found.value);
                self.types.get_or_insert(found.kept(FSTYPE));
            }
        }
    }
}

fn reading(
    name: &Arc<str>,
    known: &MountIndex<'_>,
    with_virtual: bool,
    doubts: &mut Doubts,
) -> Option<DeviceReading> {
    let sized = known.mounts.iter().filter(|(_, m)| m.size.is_some_and(|size| size > 0.0));
    let mut mounts: Vec<(&str, &MountNumbers)> =
        sized.map(|(point, mount)| (*point, mount)).collect();
    // The shortest path first; of equal length the first of the alphabet.
    mounts.sort_by_key(|(point, _)| (point.len(), *point));
    let mut reading = DeviceReading::new(DISK, name.clone());
    if let Some((_, first)) = mounts.first() {
        let size = first.size.unwrap_or_default();
        let (free, available) = (first.free, first.available);
        let inodes = first.files.zip(first.free_files).map(|(all, free)| [all, free]);
        let space = Space { size, free, available, inodes };
        space.tell(&mut reading, doubts);
        let fstype = known.types.map_or("", |fstype| &**fstype);
        if space.is_fuse_image(fstype, first.read_only == Some(1.0)) {
            if !with_virtual {
                return None;
            }
            // It is full by nature; of a type that no list knows, its percentage would raise alarms.
            reading.values.remove(&PERCENT);
        }
        // a blank inside a path is written as in mountinfo
        let points: Vec<String> =
            mounts.iter().map(|(point, _)| point.replace(' ', "\\040")).collect();
        reading = reading.text(&MOUNTS, points.join(" "));
        if let Some(fstype) = known.types {
            reading = reading.text(&TYPE, fstype.clone());
        }
    } else if [known.read, known.written].iter().all(|bytes| bytes.unwrap_or_default() == 0.0) {
        // Neither mounted nor ever used.
        return None;
    }
    let reading =
        reading.with_some(&READ_BYTES, known.read).with_some(&WRITTEN_BYTES, known.written);
    Some(known.requests.tell(reading))
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
