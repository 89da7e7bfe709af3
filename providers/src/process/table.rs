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
    entry::{LONGEST_COMMAND, Process},
    newest::NewestPid,
    people::People,
};
use crate::{
    kernel::{self, KeptFile, Root},
    memory,
};
use manytop_core::{
    clock::Moment,
    provider::{Failure, Reader, Want},
    reading::{Answer, Part},
    vocabulary as v,
};
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, RawDir, SeekFrom},
    process::{Resource, getrlimit},
};
use std::{collections::HashMap, io, sync::Arc};

/// At most so many descriptors are kept, and no more than a share of those that we may have; of further
/// processes the files are opened at each poll.
const MOST_KEPT: u64 = 4096;
const SHARE_KEPT: u64 = 4;
/// So many processes are all looked at on every poll.
const FEW: usize = 256;
/// Polls after which the folder is listed in any case, and the size of memory read again: processes
/// may be given pids of their maker's choice, which leaves no trace in loadavg.
const POLLS_PER_LISTING: u32 = 8;

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
pub struct Facts {
    pub people: People,
    meminfo: KeptFile,
    pub memory: Option<f64>,
    pub page: f64,
    pub states: HashMap<u8, Arc<str>>,
    /// Descriptors that may still be kept.
    pub spare: usize,
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
            spare: kept(),
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
                    process.rests = if process.worked { 0 } else { process.rests + 1 };
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

/// How many descriptors may be kept.
fn kept() -> usize {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) / SHARE_KEPT;
    most.min(MOST_KEPT) as usize
}
