//! Containers and services: processor time, memory and limits by their control groups (version 2).
//!
//! Walks `/sys/fs/cgroup` once in 10 polls, and reads `cpu.stat` and `memory.current` of each container and
//! service at each poll; `memory.stat` at every eighth, a few groups at a time; `memory.max` and `cpu.max`,
//! those of the groups above it included, at each walk.
//!
//! Containers are the control groups of Docker, Podman, containerd, CRI-O, Kubernetes, LXC and
//! systemd-nspawn; services are units that end in `.service`, those of a user's own service manager counted
//! together as `user@UID.service`. A device is named by the runtime's files:
//! `/var/lib/docker/containers/ID/config.v2.json`, Podman's and CRI-O's `containers.json`, containerd's
//! bundles, the links in `/var/log/containers`; of a pod `NAMESPACE/POD/CONTAINER`. Most of these files are
//! root's; without a name it is the beginning of the id, as `docker ps` shows it. Two of one name get the id too.
//!
//! From `cpu_seconds` core derives `percent` of one processor. `used_bytes` is the memory that the group
//! holds less the files in it that were not used lately, as `docker stats` has it. `limit_bytes` and
//! `limit_cpus` are the lowest limits that hold. `read_bytes` and `written_bytes` (`io.stat`, of all its disks) are
//! read on demand. The text `type` is the runtime, or `service`; `image` and
//! `pod` as far as the files say them.
//!
//! | option | default | |
//! |---|---|---|
//! | `services` | `true` | services too, not only containers |
//! | `root` | `/` | the folder that holds `sys`, `var`, `run` and `home` |
//!
//! On a machine with control groups of version 1, and on one without containers and services, the
//! hardware counts as absent.

pub mod names;
mod tree;

use crate::local::{
    cgroup,
    host::quota,
    procfs::{self, ROOT, ReusedFile, Root},
};
use manytop_plugin::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult, Text},
    vocabulary as v,
};
use names::ContainerNames;
use std::{collections::HashSet, sync::Arc};
use tree::{ControlGroup, GroupKind};

static SERVICES: Opt<bool> = Opt::<bool>::with_default(
    "services",
    "true",
    "Services of the service manager too, not only containers",
);

inventory::submit! {
    Plugin::reads("container", "Processor time and memory of containers and services.", build)
        .yields(&[Provides::new(v::CONTAINER_KIND, &[
            &v::CPU_SECONDS, &v::USED_BYTES, &v::LIMIT_BYTES, &v::LIMIT_CPUS, &v::READ_BYTES,
            &v::WRITTEN_BYTES,
        ]).texts(&[&v::TYPE, &v::IMAGE, &v::POD])
            .on_demand(&[v::READ_BYTES.name(), v::WRITTEN_BYTES.name()])])
        .options(&[SERVICES.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(below(Root::of(options)?, options.get(&SERVICES)))
}

/// The reader of the files below that root.
pub fn below(root: Root, services: bool) -> Box<dyn Reader> {
    let names = ContainerNames::below(&root);
    Box::new(ContainerReader { root, services, names, known: Vec::new(), polls: 0 })
}

const POLLS_PER_WALK: u32 = 10;
const POLLS_PER_STAT: usize = 8;

struct ContainerReader {
    root: Root,
    services: bool,
    names: ContainerNames,
    known: Vec<WatchedGroup>,
    polls: u32,
}

/// Texts and their values.
type TextValues = Vec<(&'static Text, Arc<str>)>;

/// A group and its files.
struct WatchedGroup {
    group: ControlGroup,
    device: Arc<str>,
    texts: TextValues,
    cpu: ReusedFile,
    current: ReusedFile,
    stat: ReusedFile,
    io: ReusedFile,
    /// Files in memory that were not used lately, in bytes, as last read.
    inactive: Option<f64>,
    limit_bytes: Option<f64>,
    limit_cpus: Option<f64>,
}

impl Reader for ContainerReader {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        if self.polls.is_multiple_of(POLLS_PER_WALK) {
            self.walk();
        }
        self.polls = self.polls.wrapping_add(1);
        if self.known.is_empty() {
            return Err(Failure::absent());
        }
        let turn = self.polls as usize;
        let traffic = [&v::READ_BYTES, &v::WRITTEN_BYTES]
            .iter()
            .any(|quantity| want.expensive(v::CONTAINER_KIND, quantity));
        let all = self.known.iter_mut().enumerate();
        let readings = all.filter_map(|(n, watched)| {
            watched.reading((n + turn).is_multiple_of(POLLS_PER_STAT), traffic)
        });
        Ok(PollResult::now(readings.collect()))
    }
}

impl ContainerReader {
    fn walk(&mut self) {
        let mut before = std::mem::take(&mut self.known);
        let mut all = Vec::new();
        for group in tree::groups(&self.root, self.services) {
            let at = before.iter().position(|known| known.group == group);
            let known = at.map(|at| before.swap_remove(at));
            // a name that was not there at the first look may have been written since
            let Some((name, texts)) = self.describe(&group.is) else { continue };
            let mut watched = known.unwrap_or_else(|| WatchedGroup::new(group));
            watched.device = name;
            watched.texts = texts;
            watched.read_limits();
            all.push(watched);
        }
        tell_apart(&mut all);
        all.sort_by(|a, b| crate::natural::order(&a.device, &b.device));
        self.known = all;
    }

    /// The name and the texts; `None` for what only holds a pod.
    fn describe(&mut self, is: &GroupKind) -> Option<(Arc<str>, TextValues)> {
        let (name, runtime, found) = match is {
            GroupKind::Service(unit) => (unit.as_str().into(), "service", None),
            GroupKind::Named(name, runtime) => (name.as_str().into(), *runtime, None),
            GroupKind::Id(id, runtime) => {
                let found = self.names.find(id);
                if found.is_sandbox {
                    return None;
                }
                let name = found.name.clone().unwrap_or_else(|| names::short(id).into());
                (name, *runtime, Some(found))
            }
        };
        let mut texts: TextValues = vec![(&v::TYPE, Arc::<str>::from(runtime))];
        if let Some(found) = found {
            texts.extend(found.image.map(|image| (&v::IMAGE, image)));
            texts.extend(found.pod.map(|pod| (&v::POD, pod)));
        }
        Some((name, texts))
    }
}

/// Two of one name get the beginning of the id, or a number.
fn tell_apart(all: &mut [WatchedGroup]) {
    let mut seen = HashSet::new();
    for watched in all {
        if seen.insert(watched.device.clone()) {
            continue;
        }
        let mut name: Arc<str> = match &watched.group.is {
            GroupKind::Id(id, _) => format!("{}-{}", watched.device, names::short(id)).into(),
            GroupKind::Named(..) | GroupKind::Service(_) => watched.device.clone(),
        };
        let mut number = 2;
        while !seen.insert(name.clone()) {
            name = format!("{}-{number}", watched.device).into();
            number += 1;
        }
        watched.device = name;
    }
}

impl WatchedGroup {
    fn new(group: ControlGroup) -> WatchedGroup {
        let file = |name: &str| ReusedFile::at(group.folder.join(name));
        WatchedGroup {
            device: "".into(),
            texts: Vec::new(),
            cpu: file("cpu.stat"),
            current: file("memory.current"),
            stat: file("memory.stat"),
            io: file("io.stat"),
            inactive: None,
            limit_bytes: None,
            limit_cpus: None,
            group,
        }
    }

    /// The lowest limits of this group and of those above it.
    fn read_limits(&mut self) {
        let folders = || self.group.above.iter().chain([&self.group.folder]);
        let lowest = |name: &str, parse: &dyn Fn(&[u8]) -> Option<f64>| {
            let texts = folders().filter_map(|folder| folder.join(name).text());
            texts.filter_map(|text| parse(text.as_bytes())).reduce(f64::min)
        };
        let bytes = lowest("memory.max", &cgroup::limit);
        let cpus = lowest("cpu.max", &quota);
        (self.limit_bytes, self.limit_cpus) = (bytes, cpus);
    }

    /// `None` once the group is gone.
    fn reading(&mut self, read_stat: bool, traffic: bool) -> Option<DeviceReading> {
        let stat = self.cpu.read_once().ok()?;
        let seconds = cgroup::value(stat, "usage_usec").map(|usec| usec / 1e6);
        if read_stat || self.inactive.is_none() {
            let stat = self.stat.read_to_end().ok();
            self.inactive = stat.and_then(|stat| cgroup::value(stat, "inactive_file"));
        }
        let current = self.current.read_once().ok().and_then(cgroup::limit);
        let used = current.map(|all| (all - self.inactive.unwrap_or(0.0)).max(0.0));
        let reading = DeviceReading::new(v::CONTAINER_KIND, self.device.clone())
            .with_some(&v::CPU_SECONDS, seconds)
            .with_some(&v::USED_BYTES, used)
            .with_some(&v::LIMIT_BYTES, self.limit_bytes)
            .with_some(&v::LIMIT_CPUS, self.limit_cpus);
        let stat = traffic.then(|| self.io.read_to_end().ok()).flatten();
        let (read, written) = match stat {
            Some(stat) => (sum(stat, b"rbytes="), sum(stat, b"wbytes=")),
            None => (None, None),
        };
        let reading = reading.with_some(&v::READ_BYTES, read).with_some(&v::WRITTEN_BYTES, written);
        Some(self.texts.iter().fold(reading, |r, (text, value)| r.text(text, value.clone())))
    }
}

/// `8:0 rbytes=1459200 wbytes=314773504 rios=…`: one count of all disks.
fn sum(stat: &[u8], key: &[u8]) -> Option<f64> {
    let words = procfs::lines(stat).flat_map(procfs::words);
    let counts = words.filter_map(|word| procfs::number(word.strip_prefix(key)?));
    counts.map(|count| count as f64).reduce(|a, b| a + b)
}
