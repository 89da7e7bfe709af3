//! How full a filesystem is.

use crate::{
    local::procfs,
    plausible::{self, Doubts, LEFT_OUT},
};
use manytop_plugin::{file_systems, reading::DeviceReading, vocabulary as v};
use std::path::Path;

/// What is known of a filesystem's space, in bytes, by statvfs or by what an exporter made of it.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Space {
    /// All of it.
    pub size: f64,
    /// What nothing occupies.
    pub free: Option<f64>,
    /// What a user without privileges can take of that; negative where the reserve is in use.
    pub available: Option<f64>,
    /// How many files it can hold, and how many more, as it counts them.
    pub inodes: Option<[f64; 2]>,
}

impl Space {
    /// Sets the quantities of a disk: used is size less free, and percent is used of used and available, as df
    /// has it. Where free or available is missing or cannot be true, the other one is taken; where both are,
    /// used and percent are absent. A size that cannot be true leaves nothing to compare with.
    pub fn tell(&self, reading: &mut DeviceReading, doubts: &mut Doubts) {
        let Space { size, .. } = *self;
        if !size.is_finite() || size <= 0.0 {
            return;
        }
        let device = reading.device.clone();
        let of = (reading.kind, &*device);
        if !doubts.is_amount(of, (&v::TOTAL_BYTES, size)) {
            return;
        }
        let given = self.available.map(|a| if a < 0.0 && -a <= size { 0.0 } else { a });
        let known = |value: Option<f64>| value.and_then(|v| plausible::part(v, size)).is_some();
        let (has_free, has_available) = (known(self.free), known(given));
        let instead = match has_available {
            true => "used_bytes is total less available",
            false => "used_bytes and percent are left out",
        };
        let free = doubts.part(of, (&v::FREE_BYTES, self.free), size, instead);
        let instead = if has_free { "percent is used of total" } else { LEFT_OUT };
        let available = doubts.part(of, (&v::AVAILABLE_BYTES, given), size, instead);
        let used = free.or(available).map(|left| size - left);
        let percent = match (used, available) {
            (Some(used), Some(left)) if used + left > 0.0 => Some(100.0 * used / (used + left)),
            (Some(used), None) => Some(100.0 * used / size),
            _ => None,
        };
        let values = &mut reading.values;
        for (quantity, value) in [
            (&v::PERCENT, percent),
            (&v::USED_BYTES, used),
            (&v::TOTAL_BYTES, Some(size)),
            (&v::AVAILABLE_BYTES, available),
            (&v::FREE_BYTES, free),
        ] {
            if let Some(value) = value {
                values.set(quantity, value);
            }
        }
        // a filesystem that counts none has no such limit
        let Some([all, free]) = self.inodes.filter(|[all, _]| *all > 0.0) else { return };
        let Some(free) = plausible::part(free, all) else {
            let what = format_args!(
                "free_inodes {free} is not between 0 and inodes {all}; both are left out"
            );
            return doubts.add(of.0, of.1, what);
        };
        values.set(&v::INODES, all);
        values.set(&v::FREE_INODES, free);
        values.set(&v::INODES_PERCENT, 100.0 * (all - free) / all);
    }

    /// Whether it is mounted where nothing can be written, and has no room that could tell otherwise.
    pub fn is_fuse_image(&self, kind: &str, read_only: bool) -> bool {
        file_systems::is_fuse_image(kind, read_only, self.free, self.available)
    }

    fn of_blocks([size, blocks, free, available]: [u64; 4]) -> Space {
        let bytes = |blocks: u64| blocks as f64 * size as f64;
        let (free, available) = (Some(bytes(free)), Some(bytes(available)));
        Space { size: bytes(blocks), free, available, inodes: None }
    }

    /// With the number of files that it can hold, and how many more.
    fn with_inodes(self, all: u64, free: u64) -> Space {
        Space { inodes: Some([all as f64, free as f64]), ..self }
    }
}

/// Asks the filesystem; waits for as long as it takes to answer. `None` when it does not say.
#[cfg(unix)]
pub fn of(path: &Path) -> Option<Space> {
    let s = rustix::fs::statvfs(path).ok()?;
    let space = Space::of_blocks([s.f_frsize, s.f_blocks, s.f_bfree, s.f_bavail]);
    Some(space.with_inodes(s.f_files, s.f_ffree))
}

/// Only Unix has statvfs.
#[cfg(not(unix))]
pub fn of(_: &Path) -> Option<Space> {
    None
}

/// What a recorded tree says of a mount point, both written as in mountinfo.
pub fn recorded(table: &[u8], mount: &str) -> Option<Space> {
    let row = |line| {
        let mut words = procfs::words(line);
        (words.next() == Some(mount.as_bytes())).then_some(words)
    };
    let mut words = procfs::lines(table).find_map(row)?;
    let mut next = || words.next().and_then(procfs::number);
    let space = Space::of_blocks([next()?, next()?, next()?, next()?]);
    let inodes = next().zip(next());
    Some(inodes.map_or(space, |(all, free)| space.with_inodes(all, free)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    fn space(size: f64, free: f64, available: f64) -> Space {
        Space { size, free: Some(free), available: Some(available), inodes: None }
    }

    fn told(space: Space) -> (String, Vec<String>) {
        let mut doubts = Doubts::default();
        let mut reading = DeviceReading::new(v::DISK, "sda1");
        space.tell(&mut reading, &mut doubts);
        (lines(&[reading]), doubts.into_notes())
    }

    #[test]
    fn percent_is_of_what_users_can_reach_as_in_df() {
        let space = recorded(b"/ 4096 1000 400 300\n", "/").unwrap();
        let said = "sda1 percent=66.66666666666667 used_bytes=2457600 total_bytes=4096000 \
                    available_bytes=1228800 free_bytes=1638400\n";
        assert_eq!(told(space), (said.to_owned(), vec![]));
        assert_eq!(recorded(b"/ 4096 1000 400\n", "/"), None);
    }

    #[test]
    fn files_are_counted_where_the_filesystem_counts_them() {
        let percent = |table: &[u8]| {
            let mut reading = DeviceReading::new(v::DISK, "sda1");
            recorded(table, "/").unwrap().tell(&mut reading, &mut Doubts::default());
            reading.values.get(&v::INODES_PERCENT)
        };
        assert_eq!(percent(b"/ 4096 1000 400 300 200 50\n"), Some(75.0));
        assert_eq!(percent(b"/ 4096 1000 400 300 0 0\n"), None);
        assert_eq!(percent(b"/ 4096 1000 400 300 200 201\n"), None);
        let (said, notes) = told(Space { inodes: Some([200.0, -1.0]), ..space(100.0, 50.0, 40.0) });
        assert!(!said.contains("inodes"), "{said}");
        assert_eq!(
            notes,
            ["disk \"sda1\": free_inodes -1 is not between 0 and inodes 200; both are left out"]
        );
    }

    #[test]
    fn a_size_that_wrapped_leaves_no_figure() {
        let (said, notes) = told(space(1.8e19, 5e9, 4e9));
        assert_eq!(said, "sda1\n");
        assert_eq!(
            notes,
            ["disk \"sda1\": total_bytes 18000000000000000000 is more than exists; it is left out"]
        );
    }

    #[test]
    fn available_bytes_beyond_the_size_are_left_out_and_a_full_disk_is_full() {
        let space = recorded(b"/ 4096 1000000 10 18446744073709551000\n", "/").unwrap();
        let (said, notes) = told(space);
        assert_eq!(
            said,
            "sda1 percent=99.999 used_bytes=4095959040 total_bytes=4096000000 free_bytes=40960\n"
        );
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("disk \"sda1\": available_bytes 7555"), "{notes:?}");
        assert!(
            notes[0].ends_with("total_bytes 4096000000; percent is used of total"),
            "{notes:?}"
        );
    }

    #[test]
    fn the_sound_one_of_free_and_available_stands_in_for_the_other() {
        let space = |free, available| Space { size: 100.0, free, available, inodes: None };
        let (said, notes) = told(space(Some(500.0), Some(30.0)));
        assert_eq!(said, "sda1 percent=70 used_bytes=70 total_bytes=100 available_bytes=30\n");
        assert!(notes[0].ends_with("total_bytes 100; used_bytes is total less available"));
        let (said, notes) = told(space(Some(500.0), Some(-1e30)));
        assert_eq!(said, "sda1 total_bytes=100\n");
        assert_eq!(notes.len(), 2);
        assert_eq!(
            told(space(Some(40.0), None)).0,
            "sda1 percent=60 used_bytes=60 total_bytes=100 free_bytes=40\n"
        );
        assert_eq!(told(space(None, None)).0, "sda1 total_bytes=100\n");
    }

    /// UFS and ext4 count what root has taken of the reserve as a negative number.
    #[test]
    fn a_reserve_in_use_leaves_nothing_available() {
        let (said, notes) = told(space(100.0, 3.0, -5.0));
        assert_eq!(
            said,
            "sda1 percent=100 used_bytes=97 total_bytes=100 available_bytes=0 free_bytes=3\n"
        );
        assert!(notes.is_empty());
    }

    #[test]
    fn no_size_is_no_space() {
        assert_eq!(told(space(0.0, 0.0, 0.0)).0, "sda1\n");
    }
}
