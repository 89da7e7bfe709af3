//! What the kernel counts of the whole machine: stalls, switches, interrupts, kills.

use crate::local::{
    files::FilePath,
    procfs::{self, ReusedFile, Root},
};
use manytop_plugin::{
    reading::{DeviceReading, Metric},
    vocabulary as v,
};

/// What tasks wait for, in the names of files.
const STALLS: [(&str, &Metric); 3] = [
    ("cpu", &v::CPU_STALLED_SECONDS),
    ("io", &v::IO_STALLED_SECONDS),
    ("memory", &v::MEMORY_STALLED_SECONDS),
];

/// The files that tell how long tasks were stalled; a kernel without them is asked once.
pub struct Pressure([Option<ReusedFile>; STALLS.len()]);

impl Pressure {
    /// Of the machine.
    pub fn below(root: &Root) -> Pressure {
        Pressure(STALLS.map(|(name, _)| Some(root.file(format!("proc/pressure/{name}")))))
    }

    /// Of a cgroup alone.
    pub fn of_cgroup(folder: &FilePath) -> Pressure {
        let file = |name| ReusedFile::at(folder.join(format!("{name}.pressure")));
        Pressure(STALLS.map(|(name, _)| Some(file(name))))
    }

    /// Adds what they say.
    pub fn tell(&mut self, mut reading: DeviceReading) -> DeviceReading {
        for ((_, quantity), kept) in STALLS.iter().zip(&mut self.0) {
            match kept.as_mut().map(ReusedFile::read_once) {
                Some(Ok(bytes)) => reading = reading.with_some(quantity, waited(bytes)),
                Some(Err(_)) => *kept = None,
                None => {}
            }
        }
        reading
    }
}

/// `some avg10=0.00 … total=12345`, in microseconds: how long at least one task waited.
fn waited(pressure: &[u8]) -> Option<f64> {
    let some = procfs::lines(pressure).find_map(|line| line.strip_prefix(b"some "))?;
    let total = procfs::words(some).find_map(|word| word.strip_prefix(b"total="))?;
    procfs::number(total).map(|microseconds| microseconds as f64 / 1e6)
}

/// What /proc/stat counts behind the processors.
const COUNTS: [(&str, &Metric); 4] = [
    ("intr", &v::INTERRUPTS),
    ("ctxt", &v::SWITCHES),
    ("processes", &v::FORKS),
    ("procs_blocked", &v::BLOCKED),
];

/// The names of what is read of /proc/stat, which is a long file where there are many processors.
pub const ON_DEMAND: &[&str] =
    &[v::INTERRUPTS.name(), v::SWITCHES.name(), v::FORKS.name(), v::BLOCKED.name()];

/// Adds what /proc/stat counts.
pub fn tell_counts(stat: &[u8], mut reading: DeviceReading) -> DeviceReading {
    let after = memchr::memmem::find(stat, b"\nintr").map_or(0, |at| at + 1);
    for line in procfs::lines(&stat[after..]) {
        let mut words = procfs::words(line);
        let name = words.next().unwrap_or_default();
        if let Some((_, quantity)) = COUNTS.iter().find(|(n, _)| n.as_bytes() == name) {
            let count = words.next().and_then(procfs::number);
            reading = reading.with_some(quantity, count.map(|n| n as f64));
        }
    }
    reading
}

/// How many processes the kernel has killed for want of memory.
pub fn oom_kills(vmstat: &[u8]) -> Option<f64> {
    let at = memchr::memmem::find(vmstat, b"\noom_kill ")?;
    let line = procfs::lines(&vmstat[at..]).next()?;
    procfs::words(line).nth(1).and_then(procfs::number).map(|n| n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read() {
        let pressure = b"some avg10=2.34 avg60=3.00 total=134471365\nfull avg10=0.00 total=7\n";
        assert_eq!(waited(pressure), Some(134.471365));
        assert_eq!(waited(b""), None);
        assert_eq!(oom_kills(b"pgfault 1\noom_kill 3\ndrop_pagecache 0\n"), Some(3.0));
        assert_eq!(oom_kills(b"pgfault 1\noom_kill_x 3\n"), None);
        let stat = b"cpu 1\nintr 50 1 2 3\nctxt 60\nbtime 9\nprocesses 70\nprocs_running 1\nprocs_blocked 2\n";
        let reading = tell_counts(stat, DeviceReading::new(v::HOST, ""));
        let all = [&v::INTERRUPTS, &v::SWITCHES, &v::FORKS, &v::BLOCKED];
        assert_eq!(all.map(|q| reading.values.get(q).unwrap()), [50.0, 60.0, 70.0, 2.0]);
    }
}
