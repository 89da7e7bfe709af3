//! All processes, from /proc.
//!
//! What costs is the number of system calls and what the kernel computes in each. So a descriptor
//! of a process's stat stays open, and everything that hardly changes is read when the process is
//! new. The folder is listed only when the kernel has given out a pid since: a process that ends
//! says so itself, by its descriptor failing.
//!
//! Where there are many, those that have not worked between two looks are looked at less often, and what
//! was read of them is repeated with the moment at which it was.

use super::{
    newest::NewestPid,
    people::People,
    stat::{self, Stat},
};
use crate::{
    kernel::{self, KeptFile, Root, TICKS_PER_SECOND},
    memory,
};
use manytop_core::{
    clock::Moment,
    provider::{Failure, Reader, Want},
    reading::{Answer, Part, Reading, Texts},
    vocabulary as v,
};
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, RawDir, SeekFrom},
    io::pread,
};
use std::{collections::HashMap, io, sync::Arc};

/// So many descriptors are kept; of further processes the files are opened at each poll.
const KEPT: usize = 256;
/// Polls after which owner and command line are looked at again, a few processes at a time.
const POLLS_PER_LOOK: u32 = 128;
/// So many processes are all looked at on every poll.
const FEW: usize = 256;
/// Of more, one that is idle is looked at once in so many polls.
const POLLS_PER_IDLE: u32 = 4;
/// Polls after which the folder is listed in any case, and the size of memory read again: processes
/// may be given pids of their maker's choice, which leaves no trace in loadavg.
const POLLS_PER_LISTING: u32 = 8;
/// The longest command line that is kept, in bytes.
const LONGEST_COMMAND: usize = 4096;

/// The reader.
pub struct Table {
    root: Root,
    folder: Option<OwnedFd>,
    newest: NewestPid,
    pids: Vec<u32>,
    known: Vec<Process>,
    facts: Facts,
    polls: u32,
    /// Input and output were wanted the last time.
    traffic: bool,
    buffer: Vec<u8>,
}

/// What all processes share.
struct Facts {
    people: People,
    meminfo: KeptFile,
    memory: Option<f64>,
    page: f64,
    states: HashMap<u8, Arc<str>>,
    /// Descriptors that may still be kept.
    spare: usize,
}

struct Process {
    pid: u32,
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
    idle: Option<(Reading, Moment)>,
    ticks: u64,
    worked: bool,
}

/// What is known of a process's io file.
enum Traffic {
    Unopened,
    Kept(OwnedFd),
    /// It is another user's, or not there.
    Denied,
}

impl Table {
    /// Of this root; nothing is opened yet.
    pub fn below(root: Root) -> Table {
        let facts = Facts {
            people: People::below(&root),
            meminfo: root.file("proc/meminfo"),
            memory: None,
            page: rustix::param::page_size() as f64,
            states: HashMap::new(),
            spare: KEPT,
        };
        Table {
            newest: NewestPid::below(&root),
            root,
            folder: None,
            pids: Vec::new(),
            known: Vec::new(),
            facts,
            polls: 0,
            traffic: false,
            buffer: vec![0; 2 * LONGEST_COMMAND],
        }
    }

    /// The pids that are there now, in order.
    fn list(&mut self) -> io::Result<()> {
        let folder = match &self.folder {
            Some(folder) => folder,
            None => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = rustix::fs::open(self.root.path("proc"), flags, Mode::empty())?;
                self.folder.insert(opened)
            }
        };
        rustix::fs::seek(folder, SeekFrom::Start(0))?;
        self.pids.clear();
        self.buffer.clear();
        let mut entries = RawDir::new(folder, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            if let Some(pid) = kernel::number(entry?.file_name().to_bytes()) {
                self.pids.extend(u32::try_from(pid));
            }
        }
        self.buffer.resize(2 * LONGEST_COMMAND, 0);
        self.pids.sort_unstable();
        Ok(())
    }

    /// Takes in the processes that were listed and are not known, and forgets those that are known and
    /// were not listed.
    fn meet(&mut self) {
        let mut known = std::mem::take(&mut self.known).into_iter().peekable();
        let mut all = Vec::with_capacity(self.pids.len() + 8);
        for &pid in &self.pids {
            while let Some(mut gone) = known.next_if(|p| p.pid < pid) {
                gone.forget(&mut self.facts);
            }
            all.push(known.next_if(|p| p.pid == pid).unwrap_or_else(|| Process::new(pid)));
        }
        known.for_each(|mut gone| gone.forget(&mut self.facts));
        self.known = all;
    }
}

impl Reader for Table {
    fn read(&mut self, want: &Want) -> Result<Answer, Failure> {
        let due = self.polls.is_multiple_of(POLLS_PER_LISTING);
        if self.newest.has_changed() || due {
            let proc = self.root.path("proc");
            self.list().map_err(|e| kernel::unreadable(&proc, &e))?;
            self.meet();
        }
        if due {
            let meminfo = self.facts.meminfo.record().map(memory::Facts::parse);
            self.facts.memory = meminfo.ok().and_then(|m| m.total);
        }
        let Some(folder) = &self.folder else { return Err(Failure::absent()) };
        let traffic =
            want.dear(v::PROCESS, &v::READ_BYTES) || want.dear(v::PROCESS, &v::WRITTEN_BYTES);
        let mut readings = Vec::with_capacity(self.known.len());
        let facts = &mut self.facts;
        let (many, now) = (self.known.len() > FEW, Moment::now());
        // what was kept has as much in it as was wanted then
        let same = std::mem::replace(&mut self.traffic, traffic) == traffic;
        self.known.retain_mut(|process| {
            if many
                && same
                && let Some(reading) = process.repeated(self.polls)
            {
                readings.push(reading);
                return true;
            }
            let reading = process.read(folder, &mut self.buffer, self.polls, facts);
            match reading {
                Some(mut reading) => {
                    let kept = process.idle.take().filter(|_| same && !process.worked);
                    if traffic && let Some((old, _)) = kept {
                        // without work there is no input or output
                        for quantity in [&v::READ_BYTES, &v::WRITTEN_BYTES] {
                            reading = reading.with_some(quantity, old.values.get(quantity));
                        }
                    } else if traffic {
                        reading = process.with_traffic(reading, folder, &mut self.buffer, facts);
                    }
                    process.idle = (many && !process.worked).then(|| (reading.clone(), now));
                    readings.push(reading);
                    true
                }
                None => {
                    process.forget(facts);
                    false
                }
            }
        });
        self.polls = self.polls.wrapping_add(1);
        Ok(Answer { parts: vec![Part::own(now, readings)], ..Answer::default() })
    }
}

impl Process {
    fn new(pid: u32) -> Process {
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
        }
    }

    /// What was read of it, where it did nothing and it is not its turn.
    fn repeated(&self, poll: u32) -> Option<Reading> {
        let turn = self.pid.wrapping_add(poll).is_multiple_of(POLLS_PER_IDLE);
        let (reading, moment) = self.idle.as_ref().filter(|_| !turn)?;
        Some(reading.clone().read_at(*moment))
    }

    /// Lets go of the descriptors.
    fn forget(&mut self, facts: &mut Facts) {
        facts.spare += usize::from(self.stat.take().is_some());
        self.close_io(Traffic::Unopened, facts);
    }

    /// The pid has been given to another process.
    fn become_another(&mut self, start: u64, facts: &mut Facts) {
        self.close_io(Traffic::Unopened, facts);
        (self.start, self.seen, self.state) = (start, 0, 0);
        self.texts = Texts::default();
        self.idle = None;
    }

    fn close_io(&mut self, now: Traffic, facts: &mut Facts) {
        if let Traffic::Kept(_) = std::mem::replace(&mut self.io, now) {
            facts.spare += 1;
        }
    }

    /// `None` when it has ended.
    fn read(
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
    fn with_traffic(
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
