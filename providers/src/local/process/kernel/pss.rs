//! Proportional set sizes, which cost the kernel a walk through a process's page tables each: a few at a
//! time, so that a poll stays short however many processes there are.

use super::{
    entry::{FileRead, ProcessEntry, read},
    stat,
};
use manytop_plugin::clock::Moment;
use rustix::fd::OwnedFd;
use std::time::Duration;

/// The time that a poll may spend on it.
const BUDGET: Duration = Duration::from_millis(5);

/// The next process.
#[derive(Default)]
pub struct Turn(u32);

impl Turn {
    /// Reads the next processes, until the time is used up.
    pub fn take(&mut self, processes: &mut [ProcessEntry], folder: &OwnedFd, buffer: &mut [u8]) {
        let start = Moment::now();
        let first = processes.partition_point(|p| p.pid <= self.0);
        let (before, after) = processes.split_at_mut(first);
        for process in after.iter_mut().chain(before) {
            look(process, folder, buffer);
            self.0 = process.pid;
            if Moment::now().since(start) > BUDGET {
                break;
            }
        }
    }
}

/// Looks at one process.
pub fn look(process: &mut ProcessEntry, folder: &OwnedFd, buffer: &mut [u8]) {
    let found = read(folder, process.pid, "smaps_rollup", buffer);
    process.pss_denied = matches!(found, FileRead::Denied);
    process.pss = match found {
        FileRead::Bytes(bytes) => stat::kilobytes(bytes, b"Pss:"),
        FileRead::Denied | FileRead::Gone => None,
    };
}
