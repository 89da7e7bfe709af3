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
    cgroup::PlaceCache,
    details::ProcessDetails,
    entry::{LONGEST_COMMAND, ProcessEntry},
    network::{Searched, SocketOwners},
    pid_watcher::PidWatcher,
    pss::Turn,
    stat,
    users::UserNames,
};
use crate::local::{
    memory,
    procfs::{self, ReusedFile, Root},
};
use manytop_plugin::{
    clock::Moment,
    provider::{Failure, Reader, Selection},
    reading::{Metric, PollResult, SourceReadings},
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
/// Polls after which the time of the machine's start is read again.
const POLLS_PER_BOOT_TIME: u32 = 512;

/// The reader.
pub struct ProcessTable {
    root: Root,
    folder: Option<OwnedFd>,
    newest: PidWatcher,
    pids: Vec<u32>,
    known: Vec<ProcessEntry>,
    facts: ProcessInfo,
    details: ProcessDetails,
    network: SocketOwners,
    pss: Turn,
    polls: u32,
    /// What was wanted the last time.
    wanted: ProcessFields,
    buffer: Vec<u8>,
}

/// What is wanted of all processes besides what is read anyway.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct ProcessFields {
    /// Input and output.
    pub traffic: bool,
    /// What is in the swap space.
    pub swap: bool,
    /// Proportional set sizes.
    pub pss: bool,
    /// Cgroups, and what is known by them.
    pub place: bool,
    /// What TCP sockets have carried.
    pub network: bool,
}

impl ProcessFields {
    fn of(want: &Selection) -> ProcessFields {
        let any = |all: &[&Metric]| all.iter().any(|q| want.expensive(v::PROCESS, q));
        let place = [&v::CGROUP, &v::UNIT, &v::CONTAINER];
        ProcessFields {
            traffic: any(&[&v::READ_BYTES, &v::WRITTEN_BYTES]),
            swap: any(&[&v::SWAP_BYTES]),
            pss: any(&[&v::PSS_BYTES]),
            network: any(&[&v::RECEIVED_BYTES, &v::SENT_BYTES]),
            place: place.iter().any(|text| want.dear_text(v::PROCESS, text)),
        }
    }
}

/// What all processes share.
pub struct ProcessInfo {
    pub people: UserNames,
    meminfo: ReusedFile,
    pub memory: Option<f64>,
    pub page: f64,
    states: HashMap<u8, Arc<str>>,
    pub places: PlaceCache,
    stat: ReusedFile,
    /// When the machine was started, in seconds since 1970.
    pub booted: Option<f64>,
    words: HashMap<String, Arc<str>>,
    /// Descriptors that may still be kept.
    pub spare: usize,
}

impl ProcessInfo {
    /// A word that many processes share.
    pub fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        let shared: Arc<str> = word.into();
        self.words.insert(word.to_owned(), shared.clone());
        shared
    }

    /// The kernel's word for the letter of a state.
    pub fn state(&mut self, letter: u8) -> Arc<str> {
        self.states.entry(letter).or_insert_with(|| stat::state(letter).into()).clone()
    }

    fn read_boot_time(&mut self) {
        let stat = self.stat.read_to_end().unwrap_or_default();
        self.booted = stat::boot_time(stat).or(self.booted);
    }
}

impl ProcessTable {
    /// Of this root; nothing is opened yet.
    pub fn below(root: Root) -> ProcessTable {
        let facts = ProcessInfo {
            people: UserNames::below(&root),
            meminfo: root.file("proc/meminfo"),
            memory: None,
            page: rustix::param::page_size() as f64,
            states: HashMap::new(),
            places: PlaceCache::below(&root),
            stat: root.file("proc/stat"),
            booted: None,
            words: HashMap::new(),
            spare: kept(),
        };
        ProcessTable {
            newest: PidWatcher::below(&root),
            details: ProcessDetails::below(&root),
            network: SocketOwners::below(&root),
            pss: Turn::default(),
            root,
            folder: None,
            pids: Vec::new(),
            known: Vec::new(),
            facts,
            polls: 0,
            wanted: ProcessFields::default(),
            buffer: vec![0; 2 * LONGEST_COMMAND],
        }
    }

    /// The pids that are there now, in order.
    fn list(&mut self) -> io::Result<()> {
        let folder = match &self.folder {
            Some(folder) => folder,
            None => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened =
                    rustix::fs::open(self.root.path("proc").as_path(), flags, Mode::empty())?;
                self.folder.insert(opened)
            }
        };
        rustix::fs::seek(folder, SeekFrom::Start(0))?;
        self.pids.clear();
        self.buffer.clear();
        let mut entries = RawDir::new(folder, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            if let Some(pid) = procfs::number(entry?.file_name().to_bytes()) {
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
            all.push(known.next_if(|p| p.pid == pid).unwrap_or_else(|| ProcessEntry::new(pid)));
        }
        known.for_each(|mut gone| gone.forget(&mut self.facts));
        self.known = all;
    }
}

impl Reader for ProcessTable {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let due = self.polls.is_multiple_of(POLLS_PER_LISTING);
        if self.newest.has_changed() || due {
            let proc = self.root.path("proc");
            self.list().map_err(|e| procfs::unreadable(&proc, &e))?;
            self.meet();
        }
        if due {
            let meminfo = self.facts.meminfo.read_once().map(memory::MemInfo::parse);
            self.facts.memory = meminfo.ok().and_then(|m| m.total);
        }
        // a clock that is set moves it a little
        if self.polls.is_multiple_of(POLLS_PER_BOOT_TIME) {
            self.facts.read_boot_time();
        }
        let Some(folder) = &self.folder else { return Err(Failure::absent()) };
        let wanted = ProcessFields::of(want);
        let traffic = wanted.traffic;
        if wanted.pss {
            self.pss.take(&mut self.known, folder, &mut self.buffer);
        }
        let mut readings = Vec::with_capacity(self.known.len());
        let facts = &mut self.facts;
        let (many, now) = (self.known.len() > FEW, Moment::now());
        // what was kept has as much in it as was wanted then
        let same = std::mem::replace(&mut self.wanted, wanted) == wanted;
        // of one that is wanted in detail, what is read besides belongs to the same moment
        let details: Vec<u32> =
            want.devices(v::PROCESS).iter().filter_map(|pid| pid.parse().ok()).collect();
        self.known.retain_mut(|process| {
            if many
                && same
                && !details.contains(&process.pid)
                && let Some(reading) = process.repeated(self.polls)
            {
                readings.push(reading);
                return true;
            }
            let reading = process.read(folder, &mut self.buffer, self.polls, facts, wanted);
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
        if wanted.network || !details.is_empty() {
            let searched = if wanted.network { Searched::All } else { Searched::Only(&details) };
            self.network.add_traffic(searched, &mut self.known, &mut readings, folder, facts);
        } else {
            self.network.forget();
        }
        let sockets = &self.network;
        self.details.tell(want, wanted, (folder, sockets), &mut self.known, &mut readings, facts);
        self.polls = self.polls.wrapping_add(1);
        Ok(PollResult { parts: vec![SourceReadings::own(now, readings)], ..PollResult::default() })
    }
}

/// How many descriptors may be kept.
fn kept() -> usize {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) / SHARE_KEPT;
    most.min(MOST_KEPT) as usize
}
