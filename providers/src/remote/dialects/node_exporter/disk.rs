//! Filesystems and the block devices under them, from `statfs` and `/proc/diskstats`.

use crate::remote::dialect::{Device, Labelled, Part, Row, Slot, Slots};
use manytop_core::{
    reading::Reading,
    vocabulary::{
        AVAILABLE_BYTES, DISK, FREE_BYTES, MOUNTS, PERCENT, READ_BYTES, TOTAL_BYTES, TYPE,
        USED_BYTES, WRITTEN_BYTES,
    },
};
use std::{collections::BTreeMap, sync::Arc};

const SIZE: Slot = Slot::new("size");
const FREE: Slot = Slot::new("free");
const AVAILABLE: Slot = Slot::new("available");
const READ: Slot = Slot::new("read");
const WRITTEN: Slot = Slot::new("written");
const MAPPED: Slot = Slot::new("mapped");

const fn filesystem(metric: &'static str, slot: Slot) -> Row {
    Row::named(metric, slot).of(Part::Made(holder)).keeps(&["mountpoint", "fstype"])
}

/// The n-th label that [`filesystem`] rows keep.
const MOUNT: usize = 0;
const FSTYPE: usize = 1;

pub const ROWS: &[Row] = &[
    filesystem("node_filesystem_size_bytes", SIZE),
    filesystem("node_filesystem_free_bytes", FREE),
    filesystem("node_filesystem_avail_bytes", AVAILABLE),
    Row::named("node_disk_read_bytes_total", READ).of(Part::Made(block)),
    Row::named("node_disk_written_bytes_total", WRITTEN).of(Part::Made(block)),
    Row::named("node_disk_device_mapper_info", MAPPED).of(Part::Label("device")).keeps(&["name"]),
];

/// Filesystems that live in memory, or in a file of another one.
const NOT_SHOWN: [&str; 10] = [
    "autofs",
    "devtmpfs",
    "efivarfs",
    "fuse.lxcfs",
    "nsfs",
    "overlay",
    "ramfs",
    "rootfs",
    "squashfs",
    "tmpfs",
];

/// What holds a filesystem: the block device, the pool and dataset, or else the mount point.
fn holder(series: &Labelled<'_>) -> Option<String> {
    let (device, mount) = (series.get("device"), series.get("mountpoint"));
    let fstype = series.get("fstype");
    if mount.is_empty() || NOT_SHOWN.contains(&fstype) {
        return None;
    }
    match device.strip_prefix("/dev/") {
        Some(block) => (!block.is_empty() && !virtual_block(block)).then(|| block.to_owned()),
        None if fstype == "zfs" => Some(device.to_owned()),
        None => Some(mount.to_owned()),
    }
}

fn block(series: &Labelled<'_>) -> Option<String> {
    let device = series.get("device");
    (!device.is_empty() && !virtual_block(device)).then(|| device.to_owned())
}

/// Loops, and disks in memory.
fn virtual_block(device: &str) -> bool {
    let word = device.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() < device.len() && matches!(word, "loop" | "ram" | "zram" | "fd" | "sr")
}

/// What is known of one device, under whichever of its names it stood.
#[derive(Default)]
struct Known<'a> {
    mounts: BTreeMap<&'a str, Mount>,
    types: Option<&'a Arc<str>>,
    read: Option<f64>,
    written: Option<f64>,
}

/// The numbers of one mount point.
#[derive(Clone, Copy, Default)]
struct Mount {
    size: Option<f64>,
    free: Option<f64>,
    available: Option<f64>,
}

/// `/dev/mapper/x` and `dm-N` are one device, and so are several mounts of one: the shortest path
/// gives the numbers.
pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    let mapped: BTreeMap<String, &Arc<str>> = slots
        .devices()
        .flat_map(|d| d.all(MAPPED).map(move |m| (format!("mapper/{}", m.kept(0)), d.name())))
        .collect();
    let mut disks: Vec<(&Arc<str>, Known<'_>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for device in slots.devices() {
        let name = mapped.get(&**device.name()).copied().unwrap_or(device.name());
        let at = *places.entry(name).or_insert_with(|| {
            disks.push((name, Known::default()));
            disks.len() - 1
        });
        disks[at].1.add(&device);
    }
    disks.iter().filter_map(|(name, known)| reading(name, known)).collect()
}

impl<'a> Known<'a> {
    fn add(&mut self, device: &Device<'a>) {
        self.read = self.read.or(device.value(READ));
        self.written = self.written.or(device.value(WRITTEN));
        for (slot, place) in [
            (SIZE, (|m| &mut m.size) as fn(&mut Mount) -> &mut Option<f64>),
            (FREE, |m| &mut m.free),
            (AVAILABLE, |m| &mut m.available),
        ] {
            for found in device.all(slot) {
                let mount = self.mounts.entry(&**found.kept(MOUNT)).or_default();
                place(mount).get_or_insert(found.value);
                self.types.get_or_insert(found.kept(FSTYPE));
            }
        }
    }
}

fn reading(name: &Arc<str>, known: &Known<'_>) -> Option<Reading> {
    let sized = known.mounts.iter().filter(|(_, m)| m.size.is_some_and(|size| size > 0.0));
    let mut mounts: Vec<(&str, &Mount)> = sized.map(|(point, mount)| (*point, mount)).collect();
    // The shortest path first; of equal length the first of the alphabet.
    mounts.sort_by_key(|(point, _)| (point.len(), *point));
    let mut reading = Reading::new(DISK, name.clone());
    if let Some((_, first)) = mounts.first() {
        let used = first.size.zip(first.free).map(|(size, free)| (size - free).max(0.0));
        // As df: of what a user can have, what is taken.
        let percent = used.zip(first.available).filter(|(used, left)| used + left > 0.0);
        // a blank inside a path is written as in mountinfo
        let points: Vec<String> =
            mounts.iter().map(|(point, _)| point.replace(' ', "\\040")).collect();
        reading = reading
            .with_some(&PERCENT, percent.map(|(used, left)| 100.0 * used / (used + left)))
            .with_some(&USED_BYTES, used)
            .with_some(&TOTAL_BYTES, first.size)
            .with_some(&FREE_BYTES, first.free)
            .with_some(&AVAILABLE_BYTES, first.available)
            .text(&MOUNTS, points.join(" "));
        if let Some(fstype) = known.types {
            reading = reading.text(&TYPE, fstype.clone());
        }
    } else if [known.read, known.written].iter().all(|bytes| bytes.unwrap_or_default() == 0.0) {
        // Neither mounted nor ever used.
        return None;
    }
    Some(reading.with_some(&READ_BYTES, known.read).with_some(&WRITTEN_BYTES, known.written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

    fn mounted(device: &str, fstype: &str, mount: &str, [size, free, avail]: [&str; 3]) -> String {
        [("size", size), ("free", free), ("avail", avail)]
            .map(|(what, value)| {
                format!(
                    "node_filesystem_{what}_bytes{{device=\"{device}\",fstype=\"{fstype}\",mountpoint=\"{mount}\"}} {value}\n"
                )
            })
            .concat()
    }

    #[test]
    fn percent_is_as_df_has_it() {
        let body = mounted("/dev/vda1", "ext4", "/", ["1000", "400", "300"])
            + "node_disk_read_bytes_total{device=\"vda1\"} 7\nnode_disk_written_bytes_total{device=\"vda1\"} 8\n";
        assert_eq!(
            said(DISK, &body),
            "vda1 percent=66.66666666666667 used_bytes=600 total_bytes=1000 free_bytes=400 \
             available_bytes=300 read_bytes=7 written_bytes=8 mounts=\"/\" type=\"ext4\"\n"
        );
    }

    #[test]
    fn several_mounts_are_one_device_and_the_shortest_gives_the_numbers() {
        let body = mounted("/dev/sda2", "btrfs", "/home", ["1000", "500", "500"])
            + &mounted("/dev/sda2", "btrfs", "/", ["1000", "400", "400"])
            + &mounted("/dev/sda2", "btrfs", "/home", ["1", "1", "1"]);
        assert_eq!(
            said(DISK, &body),
            "sda2 percent=60 used_bytes=600 total_bytes=1000 free_bytes=400 available_bytes=400 \
             mounts=\"/ /home\" type=\"btrfs\"\n"
        );
    }

    #[test]
    fn mapped_devices_go_by_their_kernel_name() {
        let body = "node_disk_device_mapper_info{device=\"dm-0\",lv_name=\"root\",name=\"vg-root\",vg_name=\"vg\"} 1\n\
                    node_disk_read_bytes_total{device=\"dm-0\"} 9\n"
            .to_owned()
            + &mounted("/dev/mapper/vg-root", "ext4", "/", ["10", "5", "5"])
            + &mounted("/dev/mapper/crypt", "ext4", "/c", ["10", "5", "5"]);
        let said = said(DISK, &body);
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 2, "{said}");
        assert!(
            lines[0].starts_with("dm-0 percent=50 ") && lines[0].contains("read_bytes=9"),
            "{said}"
        );
        assert!(lines[1].starts_with("mapper/crypt percent=50 "), "{said}");
    }

    #[test]
    fn what_has_no_block_device_goes_by_dataset_or_mount_point() {
        let numbers = ["10", "5", "5"];
        let body = mounted("tank/data", "zfs", "/data", numbers)
            + &mounted("server:/export", "nfs4", "/mnt", numbers)
            + &mounted("tmpfs", "tmpfs", "/run", numbers)
            + &mounted("tmpfs", "tmpfs", "/tmp", numbers)
            + &mounted("overlay", "overlay", "/o", numbers)
            + &mounted("/dev/loop3", "squashfs", "/snap/x", numbers)
            + &mounted("/dev/loop4", "ext4", "/l", numbers)
            + &mounted("/dev/sdb1", "vfat", "/empty", ["0", "0", "0"]);
        let devices: Vec<_> =
            said(DISK, &body).lines().map(|l| l.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(devices, ["/mnt", "tank/data"]);
    }

    #[test]
    fn a_disk_that_holds_partitions_is_shown_for_its_traffic() {
        let body = "node_disk_read_bytes_total{device=\"sda\"} 5\nnode_disk_written_bytes_total{device=\"sda\"} 0\n\
                    node_disk_read_bytes_total{device=\"sdz\"} 0\nnode_disk_written_bytes_total{device=\"zram0\"} 9\n";
        assert_eq!(said(DISK, body), "sda read_bytes=5 written_bytes=0\n");
    }
}
