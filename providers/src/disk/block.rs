//! Block devices: what the kernel calls them, and their traffic.

use crate::kernel::{self, Root};
use std::{fs, path::Path};

/// A row of /proc/diskstats.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Traffic<'a> {
    /// Major and minor number.
    pub number: (u64, u64),
    /// The kernel's name.
    pub name: &'a [u8],
    /// Bytes read since boot.
    pub read_bytes: f64,
    /// Bytes written since boot.
    pub written_bytes: f64,
}

/// diskstats counts in sectors of this size, whatever the disk's own are.
const SECTOR: f64 = 512.0;

/// The rows of /proc/diskstats: major, minor, name; reads, merged, sectors, ms; writes, merged, sectors.
pub fn traffic(diskstats: &[u8]) -> Vec<Traffic<'_>> {
    let row = |line| {
        let mut words = kernel::words(line);
        let number = (kernel::number(words.next()?)?, kernel::number(words.next()?)?);
        let name = words.next()?;
        let read = kernel::number(words.nth(2)?)?;
        let written = kernel::number(words.nth(3)?)?;
        let bytes = |sectors: u64| sectors as f64 * SECTOR;
        Some(Traffic { number, name, read_bytes: bytes(read), written_bytes: bytes(written) })
    };
    kernel::lines(diskstats).filter_map(row).collect()
}

/// Which block device it is that something is mounted from.
pub struct Mappings<'a> {
    root: &'a Root,
    traffic: &'a [Traffic<'a>],
}

impl<'a> Mappings<'a> {
    /// The devices that are there now.
    pub fn new(root: &'a Root, traffic: &'a [Traffic<'a>]) -> Mappings<'a> {
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

    /// `vg-root` is what `dm-0` is called by those who made it.
    fn mapped(&self, called: &str) -> Option<String> {
        let blocks = self.root.path("sys/block");
        let mut mapped = kernel::names(&blocks).into_iter().filter(|n| n.starts_with("dm-"));
        mapped.find(|n| kernel::text(&blocks.join(n).join("dm/name")).as_deref() == Some(called))
    }

    /// `disk/by-uuid/…` and `vg/root` are links to the device itself.
    fn linked(&self, device: &str) -> Option<String> {
        let link = fs::read_link(self.root.path(Path::new("dev").join(device))).ok()?;
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
        let row = Traffic {
            number: (254, 0),
            name: b"vda",
            read_bytes: 10_240.0,
            written_bytes: 20_480.0,
        };
        assert_eq!(rows, [row]);
    }
}
