//! The network traffic of processes: the bytes of TCP sockets, by the processes that have them open.
//!
//! `sock_diag` has the bytes of each socket, `/proc/PID/fd` the sockets of each process. Reading those folders
//! is the expensive part. So a process is searched when it is new, and while there is a socket without a known
//! process; a few are searched again at each poll, since sockets are handed on. A socket that several
//! processes share counts for the first in which it is found.
//!
//! Counters are sums of increments: a socket that is closed takes nothing away. What it carried before its
//! process was found does not count, unless both came up in the same poll: a rate never has a spike.

use super::{
    entry::{ProcessEntry, deny, is_denied},
    sock_diag::SockDiag,
    table::ProcessInfo,
};
use crate::local::procfs::{self, Root};
use manytop_plugin::{clock::Moment, reading::DeviceReading, vocabulary as v};
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, RawDir, readlinkat_raw},
    io::Errno,
};
use std::{collections::HashMap, time::Duration};

/// The time that a poll may spend on searching all processes.
const BUDGET: Duration = Duration::from_millis(5);
/// Polls after which a process is searched again.
const POLLS_PER_SEARCH: u32 = 64;

/// What is known of a process's traffic.
#[derive(Default)]
pub struct ProcessTraffic {
    access: Access,
    /// The run of polls in which the access was found.
    run: u32,
    /// Bytes in and out.
    counted: [u64; 2],
    /// The same, as of the process's last reading.
    reported: [u64; 2],
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Access {
    #[default]
    Unknown,
    Counted,
    /// It is another user's.
    Denied,
    /// It has a network namespace of its own. Its sockets are not seen.
    Elsewhere,
}

struct Socket {
    owner: Option<u32>,
    bytes: [u64; 2],
    /// Bytes since the poll before, until an owner is found.
    pending: [u64; 2],
    seen: u32,
}

/// Which processes are wanted.
#[derive(Clone, Copy)]
pub enum Searched<'a> {
    /// Each of them.
    All,
    /// These alone: they are searched at every poll.
    Only(&'a [u32]),
}

/// The sockets and their owners.
pub struct SocketOwners {
    diag: SockDiag,
    /// `None` where the processes are not this machine's.
    own_namespace: Option<Vec<u8>>,
    sockets: HashMap<u64, Socket>,
    /// Polls since traffic is wanted.
    polls: u32,
    /// How often that has begun.
    run: u32,
    /// Sockets without a known owner.
    orphans: usize,
    /// Searches of processes that are still worth it to find those.
    left: usize,
    /// The pid that was searched last.
    last: u32,
    numbers: Vec<u64>,
    buffer: Vec<u8>,
}

impl SocketOwners {
    /// Of the processes below that root.
    pub fn below(root: &Root) -> SocketOwners {
        let link = || root.path("proc/self/ns/net").read_link().ok();
        let link = root.is_this_machine().then(link).flatten();
        SocketOwners {
            diag: SockDiag::default(),
            own_namespace: link.map(|link| link.as_os_str().as_encoded_bytes().to_vec()),
            sockets: HashMap::new(),
            polls: 0,
            run: 1,
            orphans: 0,
            left: 0,
            last: 0,
            numbers: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Traffic is wanted no longer.
    pub fn forget(&mut self) {
        if self.polls > 0 {
            self.diag.close();
            (self.sockets, self.numbers, self.buffer) = Default::default();
            (self.polls, self.orphans, self.left) = (0, 0, 0);
            self.run = self.run.wrapping_add(1);
        }
    }

    /// The bytes that a socket has received and sent since it was opened.
    pub fn bytes(&self, inode: u64) -> Option<[u64; 2]> {
        self.sockets.get(&inode).map(|socket| socket.bytes)
    }

    /// Adds the traffic to the readings, which are those of `known` in their order.
    pub fn add_traffic(
        &mut self,
        searched: Searched<'_>,
        known: &mut [ProcessEntry],
        readings: &mut [DeviceReading],
        folder: &OwnedFd,
        facts: &mut ProcessInfo,
    ) {
        if self.own_namespace.is_none() || self.count(known).is_err() {
            return;
        }
        match searched {
            Searched::Only(pids) => {
                for pid in pids {
                    if let Ok(at) = known.binary_search_by_key(pid, |process| process.pid) {
                        self.search(&mut known[at], folder);
                    }
                }
            }
            Searched::All => self.search_all(known, folder),
        }
        for (process, reading) in known.iter_mut().zip(readings) {
            let is_wanted = match searched {
                Searched::All => true,
                Searched::Only(pids) => pids.contains(&process.pid),
            };
            let traffic = &mut process.network;
            if !is_wanted || traffic.run != self.run {
                continue;
            }
            match traffic.access {
                Access::Counted if reading.read_at.is_none() => traffic.reported = traffic.counted,
                // its counters belong to the moment of the reading; the next poll reads it again
                Access::Counted if traffic.reported != traffic.counted => process.idle = None,
                Access::Counted => {}
                Access::Denied => deny(reading, facts, "network"),
                Access::Unknown | Access::Elsewhere => {}
            }
            if traffic.access == Access::Counted {
                let [received, sent] = traffic.reported;
                reading.values.set(&v::RECEIVED_BYTES, received as f64);
                reading.values.set(&v::SENT_BYTES, sent as f64);
            }
        }
    }

    /// Reads all sockets, and adds what has come and gone to their owners.
    fn count(&mut self, known: &mut [ProcessEntry]) -> rustix::io::Result<()> {
        self.polls = self.polls.wrapping_add(1);
        let (polls, first) = (self.polls, self.polls == 1);
        let (sockets, mut orphans, mut is_news) = (&mut self.sockets, 0, false);
        self.diag.tcp(&mut |found| {
            let socket = sockets.entry(found.inode).or_insert_with(|| {
                is_news = true;
                let bytes = if first { found.bytes } else { [0; 2] };
                Socket { owner: None, bytes, pending: [0; 2], seen: 0 }
            });
            let [received, sent] = [0, 1].map(|n| found.bytes[n].saturating_sub(socket.bytes[n]));
            (socket.bytes, socket.pending, socket.seen) = (found.bytes, [received, sent], polls);
            let owner = socket
                .owner
                .and_then(|pid| known.binary_search_by_key(&pid, |process| process.pid).ok());
            match owner {
                Some(at) => known[at].network.add(socket.pending),
                None => {
                    is_news |= socket.owner.take().is_some();
                    orphans += 1;
                }
            }
        })?;
        sockets.retain(|_, socket| socket.seen == polls);
        self.orphans = orphans;
        if is_news {
            self.left = known.len();
        }
        Ok(())
    }

    /// Searches new processes and those whose turn it is, then others while a socket has no owner. What the
    /// time of a poll is too short for goes on in the next one.
    fn search_all(&mut self, known: &mut [ProcessEntry], folder: &OwnedFd) {
        self.left = self.left.min(known.len());
        let start = Moment::now();
        let first = known.partition_point(|process| process.pid <= self.last);
        let (before, after) = known.split_at_mut(first);
        for is_first_choice in [true, false] {
            for process in after.iter_mut().chain(before.iter_mut()) {
                let is_missing = self.orphans > 0 && self.left > 0;
                let is_wanted = match is_first_choice {
                    true => self.is_first_choice(process, is_missing),
                    false => is_missing,
                };
                if !is_wanted {
                    continue;
                }
                self.search(process, folder);
                if Moment::now().since(start) > BUDGET {
                    self.last = process.pid;
                    return;
                }
            }
        }
    }

    /// Whether a process is searched before others: it is new, it is its turn, or it is likely to have opened
    /// a connection, since it has done something or had others.
    fn is_first_choice(&self, process: &ProcessEntry, is_missing: bool) -> bool {
        let is_new = process.network.run != self.run;
        let is_busy = process.worked || process.network.counted != [0; 2];
        let turn = process.pid.wrapping_add(self.polls).is_multiple_of(POLLS_PER_SEARCH);
        is_new || turn || is_missing && is_busy
    }

    /// Looks which sockets a process has open.
    fn search(&mut self, process: &mut ProcessEntry, folder: &OwnedFd) {
        self.left = self.left.saturating_sub(1);
        let found = self.list(process.pid, folder);
        let access = match found {
            Ok(access) => access,
            Err(error) if is_denied(error) => Access::Denied,
            Err(_) => return,
        };
        let was_searched = process.network.run == self.run;
        (process.network.access, process.network.run) = (access, self.run);
        let before = self.orphans;
        if was_searched {
            let own = self.sockets.values_mut().filter(|s| s.owner == Some(process.pid));
            for socket in own {
                // what it carried has been counted
                (socket.owner, socket.pending) = (None, [0; 2]);
                self.orphans += 1;
            }
        }
        for inode in &self.numbers {
            let socket = self.sockets.get_mut(inode).filter(|socket| socket.owner.is_none());
            if let Some(socket) = socket {
                socket.owner = Some(process.pid);
                self.orphans -= 1;
                process.network.add(std::mem::take(&mut socket.pending));
            }
        }
        if self.orphans > before {
            self.left = usize::MAX;
        }
    }

    /// Puts the inodes of a process's sockets into `numbers`.
    fn list(&mut self, pid: u32, folder: &OwnedFd) -> rustix::io::Result<Access> {
        self.numbers.clear();
        let mut target = [0; 64];
        let link = format!("{pid}/ns/net");
        let length = readlinkat_raw(folder, link.as_str(), &mut target[..])?;
        if self.own_namespace.as_deref() != Some(&target[..length]) {
            return Ok(Access::Elsewhere);
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(folder, format!("{pid}/fd"), flags, Mode::empty())?;
        self.buffer.clear();
        self.buffer.reserve(FOLDER);
        let mut entries = RawDir::new(&opened, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let link = readlinkat_raw(&opened, entry.file_name(), &mut target[..]);
            let inode = match link {
                Ok(length) => {
                    let link = target[..length].strip_prefix(b"socket:[");
                    link.and_then(|link| link.strip_suffix(b"]"))
                }
                // the folder itself, or a file that was closed meanwhile
                Err(Errno::INVAL | Errno::NOENT) => None,
                Err(error) => return Err(error),
            };
            self.numbers.extend(inode.and_then(procfs::number));
        }
        Ok(Access::Counted)
    }
}

/// A folder is listed in pieces of this many bytes.
const FOLDER: usize = 4096;

impl ProcessTraffic {
    fn add(&mut self, [received, sent]: [u64; 2]) {
        self.counted[0] += received;
        self.counted[1] += sent;
    }
}
