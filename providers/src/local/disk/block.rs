//! Block devices: what the kernel calls them, and their traffic.

use crate::local::procfs::{self, Root};
use manytop_plugin::{reading::Values, vocabulary as v};
use std::path::Path;

/// A row of /proc/diskstats.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DiskstatsRow<'a> {
    /// Major and minor number.
    pub number: (u64, u64),
    /// The kernel's name.
    pub name: &'a [u8],
    /// The columns behind the name: of reads their number, those that were merged, sectors, and
    /// milliseconds; of writes the same; requests under way, and milliseconds with some under way.
    columns: [u64; 10],
}

/// diskstats counts in sectors of this size, whatever the disk's own are.
const SECTOR: f64 = 512.0;

impl DiskstatsRow<'_> {
    /// Sets the counters of a disk.
    pub fn tell(&self, values: &mut Values) {
        let [reads, _, read, read_time, writes, _, written, write_time, _, busy_time] =
            self.columns.map(|n| n as f64);
        values.set(&v::READ_BYTES, read * SECTOR);
        values.set(&v::WRITTEN_BYTES, written * SECTOR);
        values.set(&v::READS, reads);
        values.set(&v::WRITES, writes);
        values.set(&v::REQUESTS, reads + writes);
        values.set(&v::REQUEST_SECONDS, (read_time + write_time) / 1000.0);
        values.set(&v::IO_SECONDS, busy_time / 1000.0);
    }
}

/// The rows of /proc/diskstats: major, minor, name, and the columns of [`DiskstatsRow`].
pub fn traffic(diskstats: &[u8]) -> Vec<DiskstatsRow<'_>> {
    let row = |line| {
        let mut words = procfs::words(line);
        let number = (procfs::number(words.next()?)?, procfs::number(words.next()?)?);
        let name = words.next()?;
        let mut columns = [0; 10];
        for column in &mut columns {
            *column = procfs::number(words.next()?)?;
        }
        Some(DiskstatsRow { number, name, columns })
    };
    procfs::lines(diskstats).filter_map(row).collect()
}

/// Which block device it is that something is mounted from.
pub struct Mappings<'a> {
    root: &'a Root,
    traffic: &'a [DiskstatsRow<'a>],
}

impl<'a> Mappings<'a> {
    /// The devices that are there now.
    pub fn new(root: &'a Root, traffic: &'a [DiskstatsRow<'a>]) -> Mappings<'a> {
        Mappings { root, traffic }
    }

    /// The kernel's name of the device with that number. A filesystem on several devices (btrfs) has
    /// a number of its own, that no block device bears: then what is mounted tells it.
    pub fn name(&self, number: (u64, u64), mounted: &str) -> Option<String> {
        let by_number = self.traffic.iter().find(|t| t.number == number);
        if let Some(t) = by_number {
            return Some(String::from_utf8_lossy(t.name).into_owned());
        }
        let device = mounted.strip_prefix("/dev/")?;
        match device.strip_prefix("mapper/") {
            Some(mapped) => Some(self.mapped(mapped).unwrap_or_else(|| device.to_owned())),
            None => Some(self.linked(device).unwrap_or_else(|| device.to_owned())),
        }
    }

    /// `vg-root` is the name that the administrator gave to `dm-0`.
    fn mapped(&self, called: &str) -> Option<String> {
        let blocks = self.root.path("sys/block");
        let mut mapped = procfs::names(&blocks).into_iter().filter(|n| n.starts_with("dm-"));
        mapped.find(|n| procfs::text(&blocks.join(n).join("dm/name")).as_deref() == Some(called))
    }

    /// `disk/by-uuid/…` and `vg/root` are links to the device itself.
    fn linked(&self, device: &str) -> Option<String> {
        let link = self.root.path(Path::new("dev").join(device)).read_link().ok()?;
        let name = link.file_name()?.to_str()?;
        let known = self.traffic.iter().any(|t| t.name == name.as_bytes());
        known.then(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_kernels_short_rows_are_read_and_shorter_ones_left_out() {
        let rows = traffic(b" 254 0 vda 10 1 20 5 30 2 40 7 0 8 9\n 8 0 sda 1 2\n");
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.number, row.name), ((254, 0), &b"vda"[..]));
        let mut values = Values::default();
        row.tell(&mut values);
        let of = [&v::READ_BYTES, &v::WRITTEN_BYTES, &v::REQUESTS, &v::REQUEST_SECONDS];
        assert_eq!(of.map(|q| values.get(q).unwrap()), [10_240.0, 20_480.0, 40.0, 0.012]);
        assert_eq!(values.get(&v::IO_SECONDS), Some(0.008));
    }
}
