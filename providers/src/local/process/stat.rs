//! What the files of a process say: stat, status, cmdline and io.

use crate::local::procfs::{self, TICKS_PER_SECOND};
use manytop_plugin::{
    reading::{DeviceReading, Values},
    vocabulary as v,
};

/// What is used of the line.
#[derive(PartialEq, Debug)]
pub struct Stat<'a> {
    /// The short name; the kernel cuts it after 15 bytes.
    pub name: &'a [u8],
    /// A letter.
    pub state: u8,
    /// The parent's pid; 0 has none.
    pub parent: u64,
    /// A thread of the kernel's own: it has no command line.
    pub of_kernel: bool,
    /// Processor time used, in ticks, that of children not included.
    pub ticks: u64,
    /// What of that was spent in user mode.
    pub user_ticks: u64,
    /// Pages that were handed to it at its first touch, and those that had to be read first.
    pub faults: [u64; 2],
    /// -20 to 19.
    pub nice: f64,
    /// How many.
    pub threads: u64,
    /// When it was started, in ticks since boot.
    pub start: u64,
    /// Memory in RAM, in pages.
    pub pages: u64,
    /// The processor that it ran on last.
    pub processor: Option<u64>,
}

/// PF_KTHREAD among the flags.
const OF_KERNEL: u64 = 0x0020_0000;

impl<'a> Stat<'a> {
    /// Reads a line. A name may hold anything, blanks and brackets too: it ends at the last `)`.
    pub fn parse(line: &'a [u8]) -> Option<Stat<'a>> {
        let open = memchr::memchr(b'(', line)?;
        let close = memchr::memrchr(b')', line)?;
        let name = line.get(open + 1..close)?;
        // Fields are numbered from 1 in proc(5); the first behind the name is the third.
        let mut fields = procfs::words(line[close + 1..].trim_ascii());
        let state = *fields.next()?.first()?; // 3
        let parent = procfs::number(fields.next()?)?; // 4
        let flags = procfs::number(fields.nth(4)?)?; // 9
        let minor = procfs::number(fields.next()?)?; // 10
        let major = procfs::number(fields.nth(1)?)?; // 12
        let user = procfs::number(fields.nth(1)?)?; // 14
        let system = procfs::number(fields.next()?)?; // 15
        let nice = procfs::decimal(fields.nth(3)?)?; // 19
        let threads = procfs::number(fields.next()?)?; // 20
        let start = procfs::number(fields.nth(1)?)?; // 22
        let pages = procfs::number(fields.nth(1)?)?; // 24
        let processor = fields.nth(14).and_then(procfs::number); // 39
        Some(Stat {
            name,
            state,
            parent,
            of_kernel: flags & OF_KERNEL != 0,
            ticks: user.saturating_add(system),
            user_ticks: user,
            faults: [minor, major],
            nice,
            threads,
            start,
            pages,
            processor,
        })
    }
}

impl Stat<'_> {
    /// Sets the quantities of a process, given the size of a page, when the machine was started (in seconds
    /// since 1970) and its main memory, each where it is known.
    pub fn tell(
        &self,
        reading: &mut DeviceReading,
        page: Option<f64>,
        booted: Option<f64>,
        memory: Option<f64>,
    ) {
        let resident = page.map(|page| self.pages as f64 * page);
        let values = &mut reading.values;
        values.set(&v::CPU_SECONDS, self.ticks as f64 / TICKS_PER_SECOND);
        resident.into_iter().for_each(|bytes| values.set(&v::RESIDENT_BYTES, bytes));
        values.set(&v::THREADS, self.threads as f64);
        values.set(&v::NICE, self.nice);
        values.set(&v::PARENT, self.parent as f64);
        if let Some(booted) = booted {
            values.set(&v::STARTED_SECONDS, booted + self.start as f64 / TICKS_PER_SECOND);
        }
        if let Some((resident, memory)) = resident.zip(memory.filter(|m| *m > 0.0)) {
            values.set(&v::MEMORY_PERCENT, 100.0 * resident / memory);
        }
    }

    /// Sets the values of a process that is shown with details.
    pub fn tell_details(&self, values: &mut Values) {
        values.set(&v::USER_SECONDS, self.user_ticks as f64 / TICKS_PER_SECOND);
        values.set(&v::SYSTEM_SECONDS, (self.ticks - self.user_ticks) as f64 / TICKS_PER_SECOND);
        values.set(&v::FAULTS, self.faults[0] as f64);
        values.set(&v::MAJOR_FAULTS, self.faults[1] as f64);
        if let Some(processor) = self.processor {
            values.set(&v::LAST_CPU, processor as f64);
        }
    }
}

/// When the machine was started, in seconds since 1970, by /proc/stat.
pub fn boot_time(stat: &[u8]) -> Option<f64> {
    let line = procfs::lines(stat).find_map(|line| line.strip_prefix(b"btime "))?;
    procfs::number(line.trim_ascii()).map(|seconds| seconds as f64)
}

/// Sets the values of `status` for a process that is shown with details.
pub fn tell_status(status: &[u8], reading: &mut DeviceReading) {
    let values = &mut reading.values;
    for (key, quantity) in [("VmSwap:", &v::SWAP_BYTES), ("VmStk:", &v::STACK_BYTES)] {
        let found = kilobytes(status, key.as_bytes());
        found.into_iter().for_each(|bytes| values.set(quantity, bytes));
    }
    let switches = [
        ("voluntary_ctxt_switches:", &v::SWITCHES),
        ("nonvoluntary_ctxt_switches:", &v::FORCED_SWITCHES),
    ];
    for (key, quantity) in switches {
        let found = value(status, key.as_bytes());
        found.into_iter().for_each(|count| values.set(quantity, count));
    }
    let allowed = procfs::lines(status).find_map(|line| line.strip_prefix(b"Cpus_allowed_list:"));
    if let Some(allowed) = allowed {
        let allowed = String::from_utf8_lossy(allowed.trim_ascii());
        reading.texts.set(&v::CPUS_ALLOWED, allowed.into());
    }
}

/// Sets the limits of a process.
pub fn tell_limits(limits: &[u8], reading: &mut DeviceReading) {
    let all = [
        ("Max open files", &v::OPEN_FILES_LIMIT),
        ("Max processes", &v::TASKS_LIMIT),
        ("Max stack size", &v::STACK_LIMIT_BYTES),
    ];
    for (name, quantity) in all {
        let found = soft_limit(limits, name.as_bytes());
        found.into_iter().for_each(|limit| reading.values.set(quantity, limit));
    }
}

/// The kernel's word for the letter of a state.
pub fn state(letter: u8) -> &'static str {
    match letter {
        b'R' => "running",
        b'S' => "sleeping",
        b'D' => "disk sleep",
        b'T' => "stopped",
        b't' => "tracing stop",
        b'Z' => "zombie",
        b'X' | b'x' => "dead",
        b'P' => "parked",
        b'I' => "idle",
        b'W' => "waking",
        b'K' => "wakekill",
        _ => "unknown",
    }
}

/// The line `Uid:` of status gives the real, effective, saved and filesystem's user. The owner of the
/// process's folder would be cheaper, but is root for whatever may not be debugged.
pub fn effective_user(status: &[u8]) -> Option<u64> {
    let uids = procfs::lines(status).find_map(|line| line.strip_prefix(b"Uid:"))?;
    procfs::number(procfs::words(uids).nth(1)?)
}

/// The value of a line of status or smaps_rollup, `KEY: 12 kB`, in bytes.
pub fn kilobytes(text: &[u8], key: &[u8]) -> Option<f64> {
    value(text, key).map(|kib| kib * 1024.0)
}

/// The number in a line `KEY: 12`.
pub fn value(text: &[u8], key: &[u8]) -> Option<f64> {
    let rest = procfs::lines(text).find_map(|line| line.strip_prefix(key))?;
    procfs::words(rest).next().and_then(procfs::number).map(|n| n as f64)
}

/// The soft limit in a line of limits, `Max open files  1024  524288  files`; `None` without one.
pub fn soft_limit(limits: &[u8], name: &[u8]) -> Option<f64> {
    let rest = procfs::lines(limits).find_map(|line| line.strip_prefix(name))?;
    procfs::words(rest).next().and_then(procfs::number).map(|n| n as f64)
}

/// The arguments with blanks between them; `None` where there are none.
pub fn command(cmdline: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(cmdline).replace('\0', " ");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What io says of reads and writes that reached the disks.
pub fn traffic(io: &[u8]) -> [Option<f64>; 2] {
    ["read_bytes:", "write_bytes:"].map(|key| {
        let value = procfs::lines(io).find_map(|line| line.strip_prefix(key.as_bytes()))?;
        procfs::number(value.trim_ascii()).map(|n| n as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_last_bracket() {
        let line = b"42 (a) R (b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 7 9 20 -5 3 0 123456 \
            8192000 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 0 12\n";
        let want = Stat {
            name: b"a) R (b",
            state: b'S',
            parent: 1,
            of_kernel: false,
            ticks: 300,
            user_ticks: 250,
            faults: [100, 0],
            nice: -5.0,
            threads: 3,
            start: 123_456,
            pages: 200,
            processor: Some(3),
        };
        assert_eq!(Stat::parse(line), Some(want));
    }

    #[test]
    fn a_line_that_was_cut_is_no_process() {
        for line in ["", "42", "42 (a", "42 (a) S 1 2 3", ") 42 (a S"] {
            assert_eq!(Stat::parse(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn the_small_files_are_read() {
        assert_eq!(effective_user(b"Name:\tx\nUid:\t1000\t0\t0\t0\n"), Some(0));
        assert_eq!(command(b"sh\0-c\0echo a\0\0").as_deref(), Some("sh -c echo a"));
        assert_eq!(command(b"\0\0"), None);
        let io = b"rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n";
        assert_eq!(traffic(io), [Some(4096.0), Some(8192.0)]);
        assert_eq!(traffic(b""), [None, None]);
        let status = b"Name:\tx\nVmStk:\t     132 kB\nVmSwap:\t       8 kB\nThreads:\t5\n";
        assert_eq!(kilobytes(status, b"VmSwap:"), Some(8192.0));
        assert_eq!(value(status, b"Threads:"), Some(5.0));
        assert_eq!(value(status, b"VmPTE:"), None);
        let limits = b"Limit Soft Limit Hard Limit Units\n\
            Max open files            1024                 524288               files\n\
            Max stack size            unlimited            unlimited            bytes\n";
        assert_eq!(soft_limit(limits, b"Max open files"), Some(1024.0));
        assert_eq!(soft_limit(limits, b"Max stack size"), None);
    }
}
