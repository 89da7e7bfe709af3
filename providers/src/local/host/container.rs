//! How much processor time a container may use, and uses: what 100 % means inside of it.

use super::counts::Pressure;
use crate::{
    local::cgroup,
    local::cpulist,
    local::files::FilePath,
    local::procfs::{self, ReusedFile, Root},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::sync::Arc;

/// Polls after which it is looked again whether this is a container.
const POLLS_PER_SEARCH: u32 = 30;

/// The container that this machine is, if it is one.
pub struct OwnContainer {
    root: Root,
    kind: Option<Arc<str>>,
    files: Option<OwnContainerFiles>,
    polls: u32,
}

struct OwnContainerFiles {
    folder: FilePath,
    quota: ReusedFile,
    cpuset: ReusedFile,
    stat: ReusedFile,
    pressure: Pressure,
    /// How many processors are on, of the machine.
    processors: f64,
    last: Option<[f64; 3]>,
    /// Time used, in user mode and in the kernel, each by the limit that held at that time.
    used: [f64; 3],
}

impl OwnContainer {
    /// Below that root; nothing is read yet.
    pub fn below(root: &Root) -> OwnContainer {
        OwnContainer { root: root.clone(), kind: None, files: None, polls: 0 }
    }

    /// Adds what holds for the container. Returns its argument unchanged outside of a container.
    pub fn tell(&mut self, reading: DeviceReading, machine: &mut Pressure) -> DeviceReading {
        if self.polls.is_multiple_of(POLLS_PER_SEARCH) {
            self.search();
        }
        self.polls = self.polls.wrapping_add(1);
        let reading = match &mut self.files {
            Some(files) => files.tell(reading),
            None => machine.tell(reading),
        };
        match &self.kind {
            Some(kind) => reading.text(&v::CONTAINER, kind.clone()),
            None => reading,
        }
    }

    fn search(&mut self) {
        let folder = cgroup::of_container(&self.root);
        let kind = || cgroup::kind(&self.root).unwrap_or_else(|| "container".into()).into();
        self.kind = folder.is_some().then(kind);
        if folder.as_ref() != self.files.as_ref().map(|files| &files.folder) {
            let online = self.root.text("sys/devices/system/cpu/online").unwrap_or_default();
            let processors = cpulist::parse(online.as_bytes()).len() as f64;
            self.files = folder.map(|folder| OwnContainerFiles::new(folder, processors));
        }
    }
}

impl OwnContainerFiles {
    fn new(folder: FilePath, processors: f64) -> OwnContainerFiles {
        let file = |name: &str| ReusedFile::at(folder.join(name));
        OwnContainerFiles {
            quota: file("cpu.max"),
            cpuset: file("cpuset.cpus.effective"),
            stat: file("cpu.stat"),
            pressure: Pressure::of_cgroup(&folder),
            folder,
            processors,
            last: None,
            used: [0.0; 3],
        }
    }

    fn tell(&mut self, reading: DeviceReading) -> DeviceReading {
        let mut reading = self.pressure.tell(reading);
        let quota = self.quota.read_once().ok().and_then(quota);
        let set = self.cpuset.read_once().map(|list| cpulist::parse(list).len() as f64);
        let set = set.ok().filter(|n| *n > 0.0 && *n < self.processors);
        let limit = match (quota, set) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => match a.or(b) {
                Some(limit) => limit,
                None => return reading,
            },
        };
        reading = reading.with(&v::LIMIT_CPUS, limit);
        let Ok(stat) = self.stat.read_once() else { return reading };
        let fact = |key| cgroup::value(stat, key);
        reading = reading
            .with_some(&v::PERIODS, fact("nr_periods"))
            .with_some(&v::THROTTLED_PERIODS, fact("nr_throttled"));
        let times = ["usage_usec", "user_usec", "system_usec"].map(fact);
        let [Some(used), Some(user), Some(system)] = times else { return reading };
        self.add([used, user, system], limit);
        let counters = [&v::LIMIT_USED_SECONDS, &v::LIMIT_USER_SECONDS, &v::LIMIT_SYSTEM_SECONDS];
        counters.into_iter().zip(self.used).fold(reading, |r, (counter, n)| r.with(counter, n))
    }

    /// Adds what was used since the last poll, in microseconds.
    fn add(&mut self, now: [f64; 3], limit: f64) {
        let before = self.last.replace(now).unwrap_or([0.0; 3]);
        for ((sum, now), before) in self.used.iter_mut().zip(now).zip(before) {
            *sum += (now - before).max(0.0) / 1e6 / limit;
        }
    }
}

/// `200000 100000`: microseconds that may be used in each period; `max` without a limit.
pub fn quota(text: &[u8]) -> Option<f64> {
    let mut words = procfs::words(text.trim_ascii()).map(procfs::number);
    let (quota, period) = (words.next()??, words.next()??);
    (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_so_many_processors() {
        assert_eq!(quota(b"150000 100000\n"), Some(1.5));
        assert_eq!((quota(b"max 100000\n"), quota(b""), quota(b"5 0")), (None, None, None));
    }

    #[test]
    fn what_is_used_counts_by_the_limit_of_its_time() {
        let mut files = OwnContainerFiles::new(FilePath::default(), 8.0);
        files.add([2e6, 1e6, 1e6], 2.0);
        files.add([6e6, 3e6, 3e6], 4.0);
        assert_eq!(files.used, [2.0, 1.0, 1.0]);
        files.add([1e6, 0.0, 0.0], 4.0);
        assert_eq!(files.used, [2.0, 1.0, 1.0], "a counter that began again adds nothing");
    }
}
