//! All that can be read of the few processes that are shown with details.
//!
//! Their own readings get more quantities and texts; threads, open files and environment are devices of
//! their own. What takes more privileges than we have is named in the text `denied`.

use super::{
    connections,
    entry::{FileRead, ProcessEntry, deny, is_denied, open, read},
    network::SocketOwners,
    pss, stat,
    stat::Stat,
    table::{ProcessFields, ProcessInfo},
};
use crate::{
    local::cgroup::{self, MOUNT},
    local::procfs::{self, Root, TICKS_PER_SECOND},
};
use manytop_plugin::{
    provider::Selection,
    reading::{DeviceReading, Kind, Text},
    vocabulary as v,
};
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, RawDir},
};
use std::{path::Path, sync::Arc};

/// A command line of this many bytes is read whole.
const LONGEST_COMMAND: usize = 64 * 1024;
/// Polls after which the proportional set size is looked at again.
const POLLS_PER_PSS: u32 = 4;
/// Threads, files and variables that are listed.
const MOST: usize = 4096;
/// A cgroup lies no deeper than this.
const DEEPEST: usize = 32;

/// What is kept from poll to poll.
pub struct ProcessDetails {
    root: Root,
    buffer: Vec<u8>,
    names: Vec<u64>,
    polls: u32,
}

impl ProcessDetails {
    /// Of the processes below that root.
    pub fn below(root: &Root) -> ProcessDetails {
        ProcessDetails { root: root.clone(), buffer: Vec::new(), names: Vec::new(), polls: 0 }
    }

    /// Adds what is wanted in detail.
    pub fn tell(
        &mut self,
        want: &Selection,
        of_all: ProcessFields,
        (folder, sockets): (&OwnedFd, &SocketOwners),
        known: &mut [ProcessEntry],
        readings: &mut Vec<DeviceReading>,
        facts: &mut ProcessInfo,
    ) {
        // of all processes their threads are wanted only where a list shows them
        let all_threads = want.expensive(v::THREAD, &v::CPU_SECONDS);
        let devices = want.devices(v::PROCESS);
        if devices.is_empty() && !all_threads {
            self.buffer = Vec::new();
            return;
        }
        self.buffer.resize(LONGEST_COMMAND, 0);
        self.polls = self.polls.wrapping_add(1);
        let mut more = Vec::new();
        for device in devices {
            let Some(pid) = device.parse().ok().filter(|pid: &u32| pid.to_string() == **device)
            else {
                continue;
            };
            let process = known.binary_search_by_key(&pid, |p| p.pid).ok();
            let at = readings.iter().position(|reading| reading.device == *device);
            let (Some(process), Some(reading)) = (process.and_then(|n| known.get_mut(n)), at)
            else {
                continue;
            };
            let reading = &mut readings[reading];
            if !of_all.traffic {
                let with = process.with_traffic(reading.clone(), folder, &mut self.buffer, facts);
                *reading = with;
            }
            self.tell_one(folder, process, reading, facts);
            if want.kind(v::OPEN_FILE) || want.kind(v::CONNECTION) {
                let mut files = Vec::new();
                self.files(folder, pid, reading, &mut files, facts);
                if want.kind(v::CONNECTION) {
                    let paths = files.iter().filter_map(|file| file.texts.get(&v::PATH));
                    let paths = paths.map(|path| &**path);
                    more.extend(connections::of(&self.root, pid, paths, sockets));
                }
                if want.kind(v::OPEN_FILE) {
                    more.append(&mut files);
                }
            }
            if want.kind(v::ENVIRONMENT) {
                self.environment(folder, pid, reading, &mut more, facts);
            }
            if want.kind(v::THREAD) && !all_threads {
                self.threads(folder, pid, &mut more, facts);
            }
        }
        if all_threads {
            let several = |r: &&DeviceReading| r.values.get(&v::THREADS).is_some_and(|n| n > 1.0);
            let pids = readings.iter().filter(several).filter_map(|r| r.device.parse().ok());
            for pid in pids {
                self.threads(folder, pid, &mut more, facts);
            }
        }
        readings.append(&mut more);
    }

    fn tell_one(
        &mut self,
        folder: &OwnedFd,
        process: &mut ProcessEntry,
        reading: &mut DeviceReading,
        facts: &mut ProcessInfo,
    ) {
        let pid = process.pid;
        let buffer = &mut self.buffer;
        if let Some(stat) = read(folder, pid, "stat", buffer).bytes().and_then(Stat::parse) {
            stat.tell_details(&mut reading.values);
        }
        if let Some(status) = read(folder, pid, "status", buffer).bytes() {
            stat::tell_status(status, reading);
        }
        if let Some(limits) = read(folder, pid, "limits", buffer).bytes() {
            stat::tell_limits(limits, reading);
        }
        if let Some(score) = read(folder, pid, "oom_score", buffer).bytes() {
            let score = procfs::number(score.trim_ascii()).map(|n| n as f64);
            score.into_iter().for_each(|n| reading.values.set(&v::OOM_SCORE, n));
        }
        let command = read(folder, pid, "cmdline", buffer).bytes().and_then(stat::command);
        if let Some(command) = command {
            reading.texts.set(&v::COMMAND, command.into());
        }
        let table = read(folder, pid, "cgroup", buffer).bytes();
        if let Some(place) = table.and_then(|table| facts.places.of(table)).cloned() {
            if let Some(limit) = memory_limit(&self.root, &place.path) {
                reading.values.set(&v::LIMIT_BYTES, limit);
            }
            reading.texts.set(&v::CGROUP, place.path);
            place.unit.into_iter().for_each(|unit| reading.texts.set(&v::UNIT, unit));
            place.container.into_iter().for_each(|name| reading.texts.set(&v::CONTAINER, name));
        }
        if self.polls % POLLS_PER_PSS == 1 || process.pss.is_none() && !process.pss_denied {
            pss::look(process, folder, &mut self.buffer);
        }
        process.pss.into_iter().for_each(|pss| reading.values.set(&v::PSS_BYTES, pss));
        if process.pss_denied {
            deny(reading, facts, "pss");
        }
        tell_link(folder, pid, ("exe", &v::PROGRAM), "program", reading, facts);
        tell_link(folder, pid, ("cwd", &v::FOLDER), "folder", reading, facts);
        // since Linux 6.2 the size of the folder tells how many files are open
        let size = rustix::fs::statat(folder, format!("{pid}/fd"), rustix::fs::AtFlags::empty());
        if let Some(files) = size.ok().map(|stat| stat.st_size).filter(|size| *size > 0) {
            reading.values.set(&v::OPEN_FILES, files as f64);
        }
    }

    /// The names in a folder of a process that are numbers, in their order.
    fn list(&mut self, folder: &OwnedFd, pid: u32, name: &str) -> rustix::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(folder, format!("{pid}/{name}"), flags, Mode::empty())?;
        self.names.clear();
        self.buffer.clear();
        let mut entries = RawDir::new(&opened, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let Ok(entry) = entry else { break };
            self.names.extend(procfs::number(entry.file_name().to_bytes()));
        }
        self.buffer.resize(LONGEST_COMMAND, 0);
        self.names.sort_unstable();
        Ok(())
    }

    fn files(
        &mut self,
        folder: &OwnedFd,
        pid: u32,
        reading: &mut DeviceReading,
        more: &mut Vec<DeviceReading>,
        facts: &mut ProcessInfo,
    ) {
        match self.list(folder, pid, "fd") {
            Ok(()) => {}
            Err(error) => {
                if is_denied(error) {
                    deny(reading, facts, "files");
                }
                return;
            }
        }
        reading.values.set(&v::OPEN_FILES, self.names.len() as f64);
        for number in self.names.iter().take(MOST) {
            if let Ok(path) = link(folder, &format!("{pid}/fd/{number}")) {
                more.push(part(v::OPEN_FILE, pid, number).text(&v::PATH, path));
            }
        }
    }

    fn environment(
        &mut self,
        folder: &OwnedFd,
        pid: u32,
        reading: &mut DeviceReading,
        more: &mut Vec<DeviceReading>,
        facts: &mut ProcessInfo,
    ) {
        let bytes = match read(folder, pid, "environ", &mut self.buffer) {
            FileRead::Bytes(bytes) => bytes,
            FileRead::Denied => return deny(reading, facts, "environment"),
            FileRead::Gone => return,
        };
        let variables = bytes.split(|b| *b == 0).filter(|v| !v.is_empty()).take(MOST);
        for variable in variables {
            let text = String::from_utf8_lossy(variable);
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            more.push(part(v::ENVIRONMENT, pid, name).text(&v::VALUE, value));
        }
    }

    fn threads(
        &mut self,
        folder: &OwnedFd,
        pid: u32,
        more: &mut Vec<DeviceReading>,
        facts: &mut ProcessInfo,
    ) {
        if self.list(folder, pid, "task").is_err() {
            return;
        }
        let mut line = [0; 1024];
        for number in self.names.iter().take(MOST) {
            let opened = open(folder, pid, &format!("task/{number}/stat"));
            let length = opened.and_then(|opened| rustix::io::pread(&opened, &mut line[..], 0));
            let Some(stat) = length.ok().and_then(|length| Stat::parse(&line[..length])) else {
                continue;
            };
            let word = facts.state(stat.state);
            let mut reading = DeviceReading::new(v::THREAD, number.to_string())
                .in_generation(stat.start)
                .with(&v::CPU_SECONDS, stat.ticks as f64 / TICKS_PER_SECOND)
                .with(&v::NICE, stat.nice)
                .with(&v::PARENT, f64::from(pid))
                .with_some(&v::LAST_CPU, stat.processor.map(|n| n as f64))
                .text(&v::NAME, String::from_utf8_lossy(stat.name));
            reading.texts.set(&v::STATE, word);
            more.push(reading);
        }
    }
}

/// Something that belongs to a process: `PID/NAME`.
pub(super) fn part(kind: Kind, pid: u32, name: impl std::fmt::Display) -> DeviceReading {
    DeviceReading::new(kind, format!("{pid}/{name}")).with(&v::PARENT, f64::from(pid))
}

/// The least of the limits on the way up from a cgroup.
fn memory_limit(root: &Root, path: &str) -> Option<f64> {
    let top = root.path(MOUNT);
    let mut below = Some(Path::new(path.trim_start_matches('/')));
    let mut least: Option<f64> = None;
    for _ in 0..DEEPEST {
        let Some(folder) = below else { break };
        let limit = procfs::text(&top.join(folder).join("memory.max"))
            .and_then(|text| cgroup::limit(text.as_bytes()));
        least = match (least, limit) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        below = folder.parent();
    }
    least
}

fn tell_link(
    folder: &OwnedFd,
    pid: u32,
    (file, text): (&str, &'static Text),
    word: &str,
    reading: &mut DeviceReading,
    facts: &mut ProcessInfo,
) {
    match link(folder, &format!("{pid}/{file}")) {
        Ok(path) => reading.texts.set(text, path),
        Err(error) if is_denied(error) => deny(reading, facts, word),
        // a thread of the kernel runs no file
        Err(_) => {}
    }
}

fn link(folder: &OwnedFd, path: &str) -> rustix::io::Result<Arc<str>> {
    let target = rustix::fs::readlinkat(folder, path, Vec::new())?;
    Ok(String::from_utf8_lossy(target.as_bytes()).into())
}
