//! The processes of a host, read while they are wanted.
//!
//! `stat` of all of them comes with each poll. Owner and command line are asked for once, when a process
//! is new or has another name, and now and then of each in turn.

use super::{frames::SshFrame, listing, listing::Patterns};
use crate::local::{
    memory::MemInfo,
    process::{
        stat::{self, Stat},
        user_names,
    },
    procfs::Root,
};
use manytop_core::file;
use manytop_plugin::{
    provider::Selection,
    reading::{DeviceReading, Metric, Texts},
    vocabulary as v,
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::Arc,
};

/// More processes than this are not taken.
const MOST: usize = 32 << 10;
/// Command lines that are asked for at once.
const MOST_COMMANDS: usize = 1000;
/// The longest command line that is kept, in bytes.
const LONGEST_COMMAND: usize = 4096;
/// Polls after which owner and command line are asked for again.
const POLLS_PER_LOOK: u32 = 128;

/// The files of all processes that are asked for at each poll: the name in its folder.
pub const STAT: &str = "stat";
/// What reached the disks.
pub const IO: &str = "io";

/// What is wanted of all processes besides what is read anyway.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct SshProcessFields {
    /// Input and output.
    pub traffic: bool,
    /// What is in the swap space.
    pub swap: bool,
}

impl SshProcessFields {
    /// By name.
    pub fn of(want: &Selection) -> SshProcessFields {
        let any = |all: &[&Metric]| all.iter().any(|q| want.expensive(v::PROCESS, q));
        SshProcessFields {
            traffic: any(&[&v::READ_BYTES, &v::WRITTEN_BYTES]),
            swap: any(&[&v::SWAP_BYTES]),
        }
    }
}

/// The request for a file of all processes, and the pattern of its paths.
pub fn of_all(file: &str) -> (String, Patterns) {
    (format!("/proc/[0-9]*/{file}"), Patterns::new(&[format!("/proc/*/{file}")]))
}

/// The paths of a file of these processes: digits alone come from there.
pub fn of_some(pids: &[u32], files: &[&str]) -> String {
    let mut words = String::new();
    for pid in pids {
        for file in files {
            let _ = write!(words, " /proc/{pid}/{file}");
        }
    }
    words
}

/// The pids of an answer that holds files of processes.
pub fn pids(frame: &SshFrame) -> Vec<u32> {
    let files = listing::files(frame, &of_all(STAT).1);
    files.iter().filter_map(|(path, _)| listing::pid(path)).collect()
}

/// One process, from poll to poll.
struct SshProcess {
    start: u64,
    name: Vec<u8>,
    device: Arc<str>,
    texts: Texts,
    line: Vec<u8>,
    traffic: [Option<f64>; 2],
    swap: Option<f64>,
    /// Its owner is to be asked for,
    owner_due: bool,
    /// and its command line.
    command_due: bool,
}

/// All of them.
#[derive(Default)]
pub struct SshProcesses {
    known: BTreeMap<u32, SshProcess>,
    users: Option<HashMap<u64, Arc<str>>>,
    states: HashMap<u8, Arc<str>>,
    polls: u32,
    /// Files of the processes that are shown with details, by pid and name.
    details: HashMap<(u32, String), Vec<u8>>,
}

impl SshProcesses {
    /// Whether the names of users are known.
    pub fn knows_users(&self) -> bool {
        self.users.is_some()
    }

    /// Takes the names of users from a tree's passwd.
    pub fn take_users(&mut self, root: &Root) {
        let passwd = root.path("etc/passwd").read(file::LIST).unwrap_or_default();
        self.users = Some(user_names::parse(&passwd));
    }

    /// Takes `stat` of all processes.
    pub fn take_stats(&mut self, frame: &SshFrame) {
        self.polls = self.polls.wrapping_add(1);
        let (_, patterns) = of_all(STAT);
        let mut before = std::mem::take(&mut self.known);
        for (path, mut line) in listing::files(frame, &patterns).into_iter().take(MOST) {
            let Some(pid) = listing::pid(&path) else { continue };
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            let Some(stat) = Stat::parse(&line) else { continue };
            let same = before.remove(&pid).filter(|process| process.start == stat.start);
            let mut process = same.unwrap_or_else(|| SshProcess::new(pid, &stat));
            process.renew(&stat, &mut self.states);
            let turn = (pid ^ self.polls).is_multiple_of(POLLS_PER_LOOK);
            process.owner_due |= turn;
            process.command_due |= turn && !stat.of_kernel;
            process.line = line;
            self.known.insert(pid, process);
        }
    }

    /// The processes to ask for owner or swap.
    pub fn owners_due(&mut self, wanted: SshProcessFields) -> Vec<u32> {
        let all = wanted.swap && self.polls % 8 == 1;
        let due = self.known.iter_mut().filter(|(_, p)| all || p.owner_due);
        due.map(|(pid, process)| {
            process.owner_due = false;
            *pid
        })
        .collect()
    }

    /// The processes to ask for their command line.
    pub fn commands_due(&self) -> Vec<u32> {
        let due = self.known.iter().filter(|(_, process)| process.command_due);
        due.map(|(pid, _)| *pid).take(MOST_COMMANDS).collect()
    }

    /// These have been asked for their command line.
    pub fn commands_asked(&mut self, pids: &[u32]) {
        for pid in pids {
            if let Some(process) = self.known.get_mut(pid) {
                process.command_due = false;
            }
        }
    }

    /// Takes lines of `status`.
    pub fn take_status(&mut self, frame: &SshFrame) {
        let (_, patterns) = of_all("status");
        for (path, status) in listing::files(frame, &patterns) {
            let process = listing::pid(&path).and_then(|pid| self.known.get_mut(&pid));
            let Some(process) = process else { continue };
            process.swap = stat::kilobytes(&status, b"VmSwap:").or(process.swap);
            let Some(uid) = stat::effective_user(&status) else { continue };
            let name = self.users.as_ref().and_then(|users| users.get(&uid)).cloned();
            process.texts.set(&v::USER, name.unwrap_or_else(|| uid.to_string().into()));
        }
    }

    /// Takes command lines.
    pub fn take_commands(&mut self, frame: &SshFrame) {
        let (_, patterns) = of_all("cmdline");
        for (path, mut cmdline) in listing::files(frame, &patterns) {
            cmdline.truncate(LONGEST_COMMAND);
            let process = listing::pid(&path).and_then(|pid| self.known.get_mut(&pid));
            if let Some((process, command)) = process.zip(stat::command(&cmdline)) {
                process.texts.set(&v::COMMAND, command.into());
            }
        }
    }

    /// Takes what reached the disks.
    pub fn take_traffic(&mut self, frame: &SshFrame) {
        let (_, patterns) = of_all(IO);
        for (path, io) in listing::files(frame, &patterns) {
            if let Some(process) = listing::pid(&path).and_then(|pid| self.known.get_mut(&pid)) {
                process.traffic = stat::traffic(&io);
            }
        }
    }

    /// Takes files of processes that are shown with details.
    pub fn take_details(&mut self, frame: &SshFrame) {
        self.details.clear();
        let names = DETAILS.map(|name| format!("/proc/*/{name}"));
        for (path, content) in listing::files(frame, &Patterns::new(&names)) {
            let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            if let Some(key) = listing::pid(&path).zip(name) {
                self.details.insert(key, content);
            }
        }
    }

    /// Of which processes details are wanted, among those that are there.
    pub fn detailed(&self, want: &Selection) -> Vec<u32> {
        let pids = want.devices(v::PROCESS).iter().filter_map(|device| device.parse().ok());
        pids.filter(|pid| self.known.contains_key(pid)).collect()
    }

    /// All of them, in the order of their pids.
    pub fn readings(&self, root: &Root, wanted: SshProcessFields) -> Vec<DeviceReading> {
        let proc_stat = root.path("proc/stat").read(file::LIST).unwrap_or_default();
        let meminfo = root.path("proc/meminfo").read(file::LIST).unwrap_or_default();
        let memory = MemInfo::parse(&meminfo).total;
        let (booted, page) = (stat::boot_time(&proc_stat), root.page_bytes());
        let reading = |(pid, process): (&u32, &SshProcess)| {
            let stat = Stat::parse(&process.line)?;
            let mut reading =
                DeviceReading::new(v::PROCESS, process.device.clone()).in_generation(process.start);
            reading.texts = process.texts.clone();
            stat.tell(&mut reading, page, booted, memory);
            if wanted.traffic {
                let [read, written] = process.traffic;
                reading =
                    reading.with_some(&v::READ_BYTES, read).with_some(&v::WRITTEN_BYTES, written);
            }
            reading = reading.with_some(&v::SWAP_BYTES, process.swap.filter(|_| wanted.swap));
            self.tell_details(*pid, &stat, &mut reading);
            Some(reading)
        };
        self.known.iter().filter_map(reading).collect()
    }

    fn tell_details(&self, pid: u32, stat: &Stat<'_>, reading: &mut DeviceReading) {
        if self.details.is_empty() {
            return;
        }
        let file = |name: &str| self.details.get(&(pid, name.to_owned()));
        let Some(status) = file("status") else { return };
        stat.tell_details(&mut reading.values);
        stat::tell_status(status, reading);
        file("limits").into_iter().for_each(|limits| stat::tell_limits(limits, reading));
        if let Some(io) = file("io") {
            let [read, written] = stat::traffic(io);
            read.into_iter().for_each(|n| reading.values.set(&v::READ_BYTES, n));
            written.into_iter().for_each(|n| reading.values.set(&v::WRITTEN_BYTES, n));
        }
    }
}

/// Files that are read of a process that is shown with details.
pub const DETAILS: [&str; 3] = ["status", "limits", "io"];

impl SshProcess {
    fn new(pid: u32, stat: &Stat<'_>) -> SshProcess {
        let mut texts = Texts::default();
        if stat.of_kernel {
            texts.set(&v::TYPE, "kernel".into());
        }
        SshProcess {
            start: stat.start,
            name: Vec::new(),
            device: pid.to_string().into(),
            texts,
            line: Vec::new(),
            traffic: [None; 2],
            swap: None,
            owner_due: true,
            command_due: !stat.of_kernel,
        }
    }

    fn renew(&mut self, stat: &Stat<'_>, states: &mut HashMap<u8, Arc<str>>) {
        if self.name != stat.name {
            // another program may run there now
            self.owner_due = true;
            self.command_due = !stat.of_kernel;
            self.name = stat.name.to_owned();
            self.texts.set(&v::NAME, String::from_utf8_lossy(stat.name).into());
        }
        let state = states.entry(stat.state).or_insert_with(|| stat::state(stat.state).into());
        self.texts.set(&v::STATE, state.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::files::FileTree;

    fn frame(payload: &str) -> SshFrame {
        SshFrame { payload: payload.into(), ..SshFrame::default() }
    }

    fn line(pid: u32, name: &str, start: u32) -> String {
        let stat = format!("{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 70 30 0 0 20 0 1 0 {start} 0 5");
        stat.lines().map(|line| format!("/proc/{pid}/stat:{line}\n")).collect()
    }

    #[test]
    fn owners_and_commands_are_asked_for_once_and_again_for_another_program() {
        let mut all = SshProcesses::default();
        let tree = FileTree::default();
        tree.set_page_bytes(Some(4096.0));
        tree.put("/etc/passwd", b"root:x:0:0::/:/bin/sh\n".to_vec());
        tree.put("/proc/stat", b"cpu 1\nbtime 1000\n".to_vec());
        let root = Root::of_tree(tree);
        all.take_users(&root);
        all.take_stats(&frame(&(line(7, "x) S\n9 (y", 100) + &line(8, "sh", 200))));
        assert_eq!(all.owners_due(SshProcessFields::default()), [7, 8]);
        assert_eq!(all.commands_due(), [7, 8]);
        all.commands_asked(&[7, 8]);
        all.take_status(&frame(
            "/proc/7/status:Uid:\t0\t0\t0\t0\n/proc/8/status:Uid:\t5\t5\t5\t5\n",
        ));
        all.take_commands(&frame("/proc/7/cmdline:evil\0/proc/8/cmdline:x\n@n + 1\0\n"));
        let readings = all.readings(&root, SshProcessFields::default());
        let text = |n: usize, text| readings[n].texts.get(text).map(|text| &**text);
        assert_eq!((text(0, &v::NAME), text(0, &v::USER)), (Some("x) S\n9 (y"), Some("root")));
        assert_eq!(text(0, &v::COMMAND), Some("evil /proc/8/cmdline:x"));
        assert_eq!((text(1, &v::USER), text(1, &v::COMMAND)), (Some("5"), None));
        assert_eq!(readings[1].values.get(&v::CPU_SECONDS), Some(1.0));
        assert_eq!(readings[1].values.get(&v::STARTED_SECONDS), Some(1002.0));
        assert_eq!(readings[1].values.get(&v::RESIDENT_BYTES), Some(20_480.0));

        all.take_stats(&frame(&line(8, "sh", 200)));
        assert!(all.commands_due().is_empty());
        all.take_stats(&frame(&line(8, "cat", 200)));
        assert_eq!(
            (all.commands_due(), all.owners_due(SshProcessFields::default())),
            (vec![8], vec![8])
        );
        all.take_stats(&frame(&line(8, "cat", 300)));
        let again = all.readings(&root, SshProcessFields::default());
        assert_eq!(again[0].generation, 300);
        assert_eq!(again[0].texts.get(&v::USER), None, "another process of the same pid");
        all.take_stats(&frame(""));
        assert!(all.readings(&root, SshProcessFields::default()).is_empty());
    }
}
