//! How full a filesystem is.

use crate::kernel;
use manytop_core::{reading::Values, vocabulary as v};
use std::path::Path;

/// What statvfs says of a filesystem, in bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Space {
    /// All of it.
    pub size: f64,
    /// What nothing occupies.
    pub free: f64,
    /// What a user without privileges can take of that.
    pub available: f64,
}

impl Space {
    /// Sets the quantities of a disk.
    pub fn tell(&self, values: &mut Values) {
        let used = (self.size - self.free).max(0.0);
        let reachable = used + self.available;
        if reachable > 0.0 {
            values.set(&v::PERCENT, 100.0 * used / reachable);
        }
        values.set(&v::USED_BYTES, used);
        values.set(&v::TOTAL_BYTES, self.size);
        values.set(&v::AVAILABLE_BYTES, self.available);
        values.set(&v::FREE_BYTES, self.free);
    }

    fn of_blocks([size, blocks, free, available]: [u64; 4]) -> Space {
        let bytes = |blocks: u64| blocks as f64 * size as f64;
        Space { size: bytes(blocks), free: bytes(free), available: bytes(available) }
    }
}

/// Asks the filesystem; waits for as long as it takes to answer. `None` when it does not say.
#[cfg(unix)]
pub fn of(path: &Path) -> Option<Space> {
    let s = rustix::fs::statvfs(path).ok()?;
    Some(Space::of_blocks([s.f_frsize, s.f_blocks, s.f_bfree, s.f_bavail]))
}

/// Only Unix has statvfs.
#[cfg(not(unix))]
pub fn of(_: &Path) -> Option<Space> {
    None
}

/// What a recorded tree says of a mount point, both written as in mountinfo.
pub fn recorded(table: &[u8], mount: &str) -> Option<Space> {
    let row = |line| {
        let mut words = kernel::words(line);
        (words.next() == Some(mount.as_bytes())).then_some(words)
    };
    let mut words = kernel::lines(table).find_map(row)?;
    let mut next = || words.next().and_then(kernel::number);
    Some(Space::of_blocks([next()?, next()?, next()?, next()?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_of_what_users_can_reach_as_in_df() {
        let space = recorded(b"/ 4096 1000 400 300\n", "/").unwrap();
        let mut values = Values::default();
        space.tell(&mut values);
        assert_eq!(values.get(&v::USED_BYTES), Some(600.0 * 4096.0));
        assert_eq!(values.get(&v::PERCENT), Some(100.0 * 600.0 / 900.0));
        assert_eq!(recorded(b"/ 4096 1000 400\n", "/"), None);
    }
}
