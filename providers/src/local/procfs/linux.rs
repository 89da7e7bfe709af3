//! What only Linux has.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;

/// How local providers can read.
pub const BACKENDS: &[&str] = &["kernel", "sysinfo"];

/// The size of a page of memory, in bytes.
pub fn page_bytes() -> Option<f64> {
    Some(rustix::param::page_size() as f64)
}

/// Whether a table of mounts has changed since it was last read.
pub fn has_news(file: &File) -> bool {
    let mut polled = [PollFd::new(file, PollFlags::PRI)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut polled, Some(&at_once)) {
        Ok(changed) => changed > 0,
        Err(_) => true,
    }
}
