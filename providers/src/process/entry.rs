//! One process, from look to look.

use super::{
    stat::{self, Stat},
    table::Facts,
};
use crate::kernel::TICKS_PER_SECOND;
use manytop_core::{
    clock::Moment,
    reading::{Reading, Texts},
    vocabulary as v,
};
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags},
    io::pread,
};
use std::sync::Arc;

/// The longest command line that is kept, in bytes.
pub const LONGEST_COMMAND: usize = 4096;
/// Polls after which owner and command line are looked at again, a few processes at a time.
const POLLS_PER_LOOK: u32 = 128;
/// Of many, one that is idle is looked at once in so many polls,
const POLLS_PER_IDLE: u32 = 4;
/// and after so many looks at which it had done nothing,
const LONG_IDLE: u32 = 3;
/// in so many.
const POLLS_PER_LONG_IDLE: u32 = 8;

/// What is known of it.
pub struct Process {
    /// Its number.
    pub pid: u32,
    device: Arc<str>,
    start: u64,
    name: Vec<u8>,
    state: u8,
    texts: Texts,
    /// Polls since it was new.
    seen: u32,
    stat: Option<OwnedFd>,
    io: Traffic,
    /// The last reading and its moment, of one that did nothing before it.
    pub idle: Option<(Reading, Moment)>,
    ticks: u64,
    /// It did something between the last two looks.
    pub worked: bool,
    /// Looks in a row at which it had done nothing.
    pub rests: u32,
}

/// What is known of a process's io file.
enum Traffic {
    Unopened,
    Kept(OwnedFd),
    /// It is another user's, or not there.
    Denied,
}

impl Process {
    /// One of which nothing is known yet.
    pub fn new(pid: u32) -> Process {
        Process {
            pid,
            device: pid.to_string().into(),
            start: 0,
            name: Vec::new(),
            state: 0,
            texts: Texts::default(),
            seen: 0,
            stat: None,
            io: Traffic::Unopened,
            idle: None,
            ticks: 0,
            worked: true,
            rests: 0,
        }
    }

    /// What was read of it, where it did nothing and it is not its turn.
    pub fn repeated(&self, poll: u32) -> Option<Reading> {
        let long = self.rests >= LONG_IDLE;
        let polls = if long { POLLS_PER_LONG_IDLE } else { POLLS_PER_IDLE };
        let turn = self.pid.wrapping_add(poll).is_multiple_of(polls);
        let (reading, moment) = self.idle.as_ref().filter(|_| !turn)?;
        Some(reading.clone().read_at(*moment))
    }

    /// Lets go of the descriptors.
    pub fn forget(&mut self, facts: &mut Facts) {
        facts.spare += usize::from(self.stat.take().is_some());
        self.close_io(Traffic::Unopened, facts);
    }

    /// The pid has been given to another process.
    fn become_another(&mut self, start: u64, facts: &mut Facts) {
        self.close_io(Traffic::Unopened, facts);
        (self.start, self.seen, self.state, self.rests) = (start, 0, 0, 0);
        self.texts = Texts::default();
        self.idle = None;
    }

    fn close_io(&mut self, now: Traffic, facts: &mut Facts) {
        if let Traffic::Kept(_) = std::mem::replace(&mut self.io, now) {
            facts.spare += 1;
        }
    }

    /// `None` when it has ended.
    pub fn read(
        &mut self,
        folder: &OwnedFd,
        buffer: &mut [u8],
        poll: u32,
        facts: &mut Facts,
    ) -> Option<Reading> {
        let (line, rest) = buffer.split_at_mut(LONGEST_COMMAND);
        let length = self.read_stat(folder, line, facts)?;
        let stat = Stat::parse(&line[..length])?;
        if stat.start != self.start {
            self.become_another(stat.start, facts);
        }
        self.worked =
            self.seen == 0 || stat.ticks != self.ticks || matches!(stat.state, b'R' | b'D');
        self.ticks = stat.ticks;
        self.look(&stat, folder, rest, poll, facts);
        self.seen = self.seen.saturating_add(1);
        let resident = stat.pages as f64 * facts.page;
        let mut reading = Reading::new(v::PROCESS, self.device.clone()).in_epoch(self.start);
        reading.texts = self.texts.clone();
        reading.values.set(&v::CPU_SECONDS, stat.ticks as f64 / TICKS_PER_SECOND);
        reading.values.set(&v::RESIDENT_BYTES, resident);
        reading.values.set(&v::THREADS, stat.threads as f64);
        reading.values.set(&v::NICE, stat.nice);
        reading.values.set(&v::PARENT, stat.parent as f64);
        if let Some(memory) = facts.memory.filter(|m| *m > 0.0) {
            reading.values.set(&v::MEMORY_PERCENT, 100.0 * resident / memory);
        }
        Some(reading)
    }

    /// A kept descriptor belongs to this very process, and fails for the next of its pid.
    fn read_stat(&mut self, folder: &OwnedFd, line: &mut [u8], facts: &mut Facts) -> Option<usize> {
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
        facts: &mut Facts,
    ) {
        let renamed = self.seen == 0 || self.name != stat.name;
        if renamed {
            self.name.clear();
            self.name.extend_from_slice(stat.name);
            self.texts.set(&v::NAME, String::from_utf8_lossy(stat.name).into());
        }
        if self.state != stat.state {
            self.state = stat.state;
            let word =
                facts.states.entry(stat.state).or_insert_with(|| stat::state(stat.state).into());
            self.texts.set(&v::STATE, word.clone());
        }
        // One that started while we watch may yet become another program, or another user's.
        let young = self.seen < 16 && self.seen.is_power_of_two() && poll > self.seen;
        let turn = (self.pid ^ poll).is_multiple_of(POLLS_PER_LOOK);
        if stat.of_kernel && self.seen > 0 || !(renamed || young || turn) {
            return;
        }
        if let Traffic::Denied = self.io {
            self.io = Traffic::Unopened;
        }
        if let Some(uid) = read(folder, self.pid, "status", rest).and_then(stat::effective_user) {
            self.texts.set(&v::USER, facts.people.name(uid));
        }
        if stat.of_kernel {
            return;
        }
        if let Some(command) = read(folder, self.pid, "cmdline", rest).and_then(stat::command)
            && self.texts.get(&v::COMMAND).is_none_or(|known| **known != *command)
        {
            self.texts.set(&v::COMMAND, command.into());
        }
    }

    /// With what it has read from disks and written to them, as far as we may know.
    pub fn with_traffic(
        &mut self,
        reading: Reading,
        folder: &OwnedFd,
        buffer: &mut [u8],
        facts: &mut Facts,
    ) -> Reading {
        let length = match &self.io {
            Traffic::Denied => return reading,
            Traffic::Kept(kept) => pread(kept, &mut *buffer, 0),
            Traffic::Unopened => open(folder, self.pid, "io").and_then(|opened| {
                let length = pread(&opened, &mut *buffer, 0);
                if facts.spare > 0 {
                    facts.spare -= 1;
                    self.io = Traffic::Kept(opened);
                }
                length
            }),
        };
        let Ok(length) = length else {
            self.close_io(Traffic::Denied, facts);
            return reading;
        };
        let [read, written] = stat::traffic(&buffer[..length]);
        reading.with_some(&v::READ_BYTES, read).with_some(&v::WRITTEN_BYTES, written)
    }
}

fn open(folder: &OwnedFd, pid: u32, file: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::fs::openat(folder, format!("{pid}/{file}"), flags, Mode::empty())
}

/// The beginning of a file of a process.
fn read<'b>(folder: &OwnedFd, pid: u32, file: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let opened = open(folder, pid, file).ok()?;
    let length = pread(&opened, &mut *buffer, 0).ok()?;
    buffer.get(..length)
}
