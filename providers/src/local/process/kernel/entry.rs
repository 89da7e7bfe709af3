//! One process, from look to look.

use super::{
    network::ProcessTraffic,
    stat::{self, Stat},
    table::{ProcessFields, ProcessInfo},
};
use crate::local::procfs;
use manytop_plugin::{
    clock::Moment,
    reading::{DeviceReading, Texts},
    vocabulary as v,
};
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags},
    io::{Errno, pread},
};
use std::sync::Arc;

/// The longest command line that is kept, in bytes.
pub const LONGEST_COMMAND: usize = 4096;
/// Polls after which owner and command line are looked at again, a few processes at a time.
const POLLS_PER_LOOK: u32 = 128;
/// Polls after which it is looked again how much of a process is in the swap space.
const POLLS_PER_SWAP: u32 = 8;
/// Of many, one that is idle is looked at once in so many polls,
const POLLS_PER_IDLE: u32 = 4;
/// and after so many looks at which it had done nothing,
const LONG_IDLE: u32 = 3;
/// in so many.
const POLLS_PER_LONG_IDLE: u32 = 8;

/// What is known of it.
pub struct ProcessEntry {
    /// Its number.
    pub pid: u32,
    device: Arc<str>,
    start: u64,
    name: Vec<u8>,
    state: u8,
    /// Some kernels list a thread of process 1 beside it.
    is_thread: bool,
    texts: Texts,
    /// Polls since it was new.
    seen: u32,
    stat: Option<OwnedFd>,
    io: IoFile,
    /// Its cgroup was looked at.
    placed: bool,
    swap: Option<f64>,
    /// Its proportional set size, as last read,
    pub pss: Option<f64>,
    /// or that it may not be.
    pub pss_denied: bool,
    /// What its TCP sockets have carried.
    pub network: ProcessTraffic,
    /// The last reading and its moment, of one that did nothing before it.
    pub idle: Option<(DeviceReading, Moment)>,
    ticks: u64,
    /// It did something between the last two looks.
    pub worked: bool,
    /// Looks in a row at which it had done nothing.
    pub rests: u32,
}

/// What is known of a process's io file.
enum IoFile {
    Unopened,
    Kept(OwnedFd),
    /// It is another user's.
    Denied,
    /// The kernel keeps none.
    Missing,
}

impl ProcessEntry {
    /// One of which nothing is known yet.
    pub fn new(pid: u32) -> ProcessEntry {
        ProcessEntry {
            pid,
            device: pid.to_string().into(),
            start: 0,
            name: Vec::new(),
            state: 0,
            is_thread: false,
            texts: Texts::default(),
            seen: 0,
            stat: None,
            io: IoFile::Unopened,
            placed: false,
            swap: None,
            pss: None,
            pss_denied: false,
            network: ProcessTraffic::default(),
            idle: None,
            ticks: 0,
            worked: true,
            rests: 0,
        }
    }

    /// What was read of it, where it did nothing and it is not its turn.
    pub fn repeated(&self, poll: u32) -> Option<DeviceReading> {
        let long = self.rests >= LONG_IDLE;
        let polls = if long { POLLS_PER_LONG_IDLE } else { POLLS_PER_IDLE };
        let turn = self.pid.wrapping_add(poll).is_multiple_of(polls);
        let (reading, moment) = self.idle.as_ref().filter(|_| !turn)?;
        Some(reading.clone().read_at(*moment))
    }

    /// Lets go of the descriptors.
    pub fn forget(&mut self, facts: &mut ProcessInfo) {
        facts.spare += usize::from(self.stat.take().is_some());
        self.close_io(IoFile::Unopened, facts);
    }

    /// The pid has been given to another process.
    fn become_another(&mut self, start: u64, facts: &mut ProcessInfo) {
        self.close_io(IoFile::Unopened, facts);
        (self.start, self.seen, self.state, self.rests) = (start, 0, 0, 0);
        self.texts = Texts::default();
        self.idle = None;
        self.network = ProcessTraffic::default();
        (self.placed, self.swap, self.pss, self.pss_denied) = (false, None, None, false);
    }

    fn close_io(&mut self, now: IoFile, facts: &mut ProcessInfo) {
        if let IoFile::Kept(_) = std::mem::replace(&mut self.io, now) {
            facts.spare += 1;
        }
    }

    /// `None` when it has ended, or is a thread of another process.
    pub fn read(
        &mut self,
        folder: &OwnedFd,
        buffer: &mut [u8],
        poll: u32,
        facts: &mut ProcessInfo,
        wanted: ProcessFields,
    ) -> Option<DeviceReading> {
        let (line, rest) = buffer.split_at_mut(LONGEST_COMMAND);
        let length = self.read_stat(folder, line, facts)?;
        let stat = Stat::parse(&line[..length])?;
        if stat.start != self.start {
            self.become_another(stat.start, facts);
        }
        self.worked =
            self.seen == 0 || stat.ticks != self.ticks || matches!(stat.state, b'R' | b'D');
        self.ticks = stat.ticks;
        self.look(&stat, folder, rest, poll, facts, wanted);
        if self.is_thread {
            return None;
        }
        self.seen = self.seen.saturating_add(1);
        let mut reading =
            DeviceReading::new(v::PROCESS, self.device.clone()).in_generation(self.start);
        reading.texts = self.texts.clone();
        stat.tell(&mut reading, Some(facts.page), facts.booted, facts.memory);
        let swap = self.swap.filter(|_| wanted.swap);
        reading = reading.with_some(&v::SWAP_BYTES, swap);
        if wanted.pss {
            reading = reading.with_some(&v::PSS_BYTES, self.pss);
            if self.pss_denied {
                deny(&mut reading, facts, "pss");
            }
        }
        Some(reading)
    }

    /// A kept descriptor belongs to this very process, and fails for the next of its pid.
    fn read_stat(
        &mut self,
        folder: &OwnedFd,
        line: &mut [u8],
        facts: &mut ProcessInfo,
    ) -> Option<usize> {
        if let Some(kept) = &self.stat {
            match pread(kept, &mut *line, 0) {
                Ok(length @ 1..) => return Some(length),
                _ => self.forget(facts),
            }
        }
        let opened = open(folder, self.pid, "stat").ok()?;
        let length = pread(&opened, line, 0).ok()?;
        if facts.spare > 0 {
            facts.spare -= 1;
            self.stat = Some(opened);
        }
        Some(length)
    }

    /// Brings the texts up to date, with as few reads as will do.
    fn look(
        &mut self,
        stat: &Stat<'_>,
        folder: &OwnedFd,
        rest: &mut [u8],
        poll: u32,
        facts: &mut ProcessInfo,
        wanted: ProcessFields,
    ) {
        let renamed = self.seen == 0 || self.name != stat.name;
        if renamed {
            self.name.clear();
            self.name.extend_from_slice(stat.name);
            self.texts.set(&v::NAME, String::from_utf8_lossy(stat.name).into());
        }
        if self.state != stat.state {
            self.state = stat.state;
            self.texts.set(&v::STATE, facts.state(stat.state));
        }
        // One that started while we watch may yet become another program, or another user's.
        let young = self.seen < 16 && self.seen.is_power_of_two() && poll > self.seen;
        let turn = (self.pid ^ poll).is_multiple_of(POLLS_PER_LOOK);
        if wanted.place && (!self.placed || young || turn) {
            self.placed = true;
            self.look_for_place(folder, rest, facts);
        }
        if wanted.swap
            && !stat.of_kernel
            && (self.swap.is_none() || (self.pid ^ poll).is_multiple_of(POLLS_PER_SWAP))
        {
            let status = read(folder, self.pid, "status", rest).bytes();
            self.swap = status.and_then(|status| stat::kilobytes(status, b"VmSwap:"));
        }
        if self.seen == 0 && stat.of_kernel {
            self.texts.set(&v::TYPE, facts.word("kernel"));
        }
        if stat.of_kernel && self.seen > 0 || !(renamed || young || turn) {
            return;
        }
        if let IoFile::Denied | IoFile::Missing = self.io {
            self.io = IoFile::Unopened;
        }
        let status = read(folder, self.pid, "status", rest).bytes();
        self.is_thread = status.is_some_and(is_thread);
        if let Some(uid) = status.and_then(stat::effective_user) {
            self.texts.set(&v::USER, facts.people.name(uid));
        }
        if stat.of_kernel {
            return;
        }
        let cmdline = read(folder, self.pid, "cmdline", rest).bytes();
        if let Some(command) = cmdline.and_then(stat::command)
            && self.texts.get(&v::COMMAND).is_none_or(|known| **known != *command)
        {
            self.texts.set(&v::COMMAND, command.into());
        }
    }

    fn look_for_place(&mut self, folder: &OwnedFd, rest: &mut [u8], facts: &mut ProcessInfo) {
        let table = read(folder, self.pid, "cgroup", rest).bytes();
        let Some(place) = table.and_then(|table| facts.places.of(table)) else { return };
        self.texts.set(&v::CGROUP, place.path.clone());
        let known = [(&v::UNIT, &place.unit), (&v::CONTAINER, &place.container)];
        for (text, value) in known {
            if let Some(value) = value {
                self.texts.set(text, value.clone());
            }
        }
    }

    /// With what it has read from disks and written to them, as far as we may know.
    pub fn with_traffic(
        &mut self,
        mut reading: DeviceReading,
        folder: &OwnedFd,
        buffer: &mut [u8],
        facts: &mut ProcessInfo,
    ) -> DeviceReading {
        let length = match &self.io {
            IoFile::Missing => return reading,
            IoFile::Denied => {
                deny(&mut reading, facts, "io");
                return reading;
            }
            IoFile::Kept(kept) => pread(kept, &mut *buffer, 0),
            IoFile::Unopened => open(folder, self.pid, "io").and_then(|opened| {
                let length = pread(&opened, &mut *buffer, 0);
                if facts.spare > 0 {
                    facts.spare -= 1;
                    self.io = IoFile::Kept(opened);
                }
                length
            }),
        };
        let length = match length {
            Ok(length) => length,
            Err(error) if is_denied(error) => {
                self.close_io(IoFile::Denied, facts);
                deny(&mut reading, facts, "io");
                return reading;
            }
            Err(_) => {
                self.close_io(IoFile::Missing, facts);
                return reading;
            }
        };
        let [read, written] = stat::traffic(&buffer[..length]);
        reading.with_some(&v::READ_BYTES, read).with_some(&v::WRITTEN_BYTES, written)
    }
}

/// Opens a file of a process.
pub fn open(folder: &OwnedFd, pid: u32, file: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::fs::openat(folder, format!("{pid}/{file}"), flags, Mode::empty())
}

/// What became of reading a file of a process.
pub enum FileRead<'b> {
    /// Its beginning.
    Bytes(&'b [u8]),
    /// It takes more privileges.
    Denied,
    /// It is not there, or not for this process.
    Gone,
}

impl<'b> FileRead<'b> {
    /// What was read, if anything was.
    pub fn bytes(self) -> Option<&'b [u8]> {
        match self {
            FileRead::Bytes(bytes) => Some(bytes),
            FileRead::Denied | FileRead::Gone => None,
        }
    }
}

/// Whether an error says that more privileges would help.
pub fn is_denied(error: Errno) -> bool {
    matches!(error, Errno::ACCESS | Errno::PERM)
}

/// The beginning of a file of a process.
pub fn read<'b>(folder: &OwnedFd, pid: u32, file: &str, buffer: &'b mut [u8]) -> FileRead<'b> {
    let length = open(folder, pid, file).and_then(|opened| pread(&opened, &mut *buffer, 0));
    match length {
        Ok(length) => FileRead::Bytes(&buffer[..length]),
        Err(error) if is_denied(error) => FileRead::Denied,
        Err(_) => FileRead::Gone,
    }
}

/// Adds a word to what could not be read of a process for want of privileges.
pub fn deny(reading: &mut DeviceReading, facts: &mut ProcessInfo, word: &str) {
    let denied = match reading.texts.get(&v::DENIED) {
        Some(before) if before.split(' ').any(|known| known == word) => return,
        Some(before) => format!("{before} {word}").into(),
        None => facts.word(word),
    };
    reading.texts.set(&v::DENIED, denied);
}

/// Whether a text like /proc/PID/status is that of a thread of another process.
fn is_thread(status: &[u8]) -> bool {
    let number = |key: &[u8]| {
        let line = procfs::lines(status).find_map(|line| line.strip_prefix(key))?;
        procfs::number(line.trim_ascii())
    };
    let (process, own) = (number(b"Tgid:"), number(b"Pid:"));
    process.is_some() && own.is_some() && process != own
}
