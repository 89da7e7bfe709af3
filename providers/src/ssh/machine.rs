//! A host's files in memory, and the local readers over them.

use super::{
    containers::{self, UnnamedContainers},
    frames::SshFrame,
    listing::{self, Patterns},
    lists::HostFeatures,
};
use crate::local::{
    container, cpu, disk, fan, files::FileTree, host, memory, network, power, procfs::Root,
    temperature,
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure, Reader, Selection},
    reading::{DeviceReading, Kind},
    vocabulary as v,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What of a host is shown besides its storage and its own batteries.
#[derive(Clone, Default, Debug)]
pub struct MachineOptions {
    /// Which file systems.
    pub disks: disk::MountFilter,
    /// Batteries of mice and keyboards too.
    pub peripherals: bool,
}

/// The files of a host, and their readers.
pub struct SshMachine {
    tree: FileTree,
    root: Root,
    shown: MachineOptions,
    /// Each with the kind that it reads.
    readers: Vec<(Kind, Box<dyn Reader>)>,
    sensors: Vec<(Kind, Box<dyn Reader>)>,
    /// The paths that those were made for.
    paths: Vec<PathBuf>,
    interfaces: Vec<PathBuf>,
    /// What sensors said when they were last asked.
    measured: Vec<DeviceReading>,
    failed_units: Option<(f64, Option<Arc<str>>)>,
    unnamed: UnnamedContainers,
}

/// The names of failed units that are kept.
const MOST_UNITS: usize = 8;
/// The file in which readers find how full file systems are.
const SPACE: &str = "/statvfs";

impl SshMachine {
    /// One of which nothing is known yet.
    pub fn new(shown: &MachineOptions, page_bytes: Option<f64>) -> SshMachine {
        let tree = FileTree::default();
        tree.set_page_bytes(page_bytes);
        SshMachine {
            root: Root::of_tree(tree.clone()),
            tree,
            shown: shown.clone(),
            readers: Vec::new(),
            sensors: Vec::new(),
            paths: Vec::new(),
            interfaces: Vec::new(),
            measured: Vec::new(),
            failed_units: None,
            unnamed: UnnamedContainers::default(),
        }
    }

    /// Its files, for what reads them beside the local readers.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Takes the files of an answer; those that it should have held and did not are gone.
    pub fn take_files(&mut self, frame: &SshFrame, patterns: &Patterns) {
        let files = listing::files(frame, patterns);
        self.tree.remove(|path| patterns.matches(path.as_os_str().as_encoded_bytes()));
        files.into_iter().for_each(|(path, content)| self.tree.put(path, content));
    }

    /// Takes values of control groups. Those that had none are gone.
    pub fn take_containers(&mut self, frame: &SshFrame, patterns: &Patterns) {
        let files = listing::files(frame, patterns);
        let folders = containers::folders(files.iter().map(|(path, _)| path));
        // the reader finds groups by these files, which are there for each, and are not requested
        let is_group = |path: &Path| {
            path.ends_with("cgroup.procs") || path == Path::new(containers::VERSION_2)
        };
        self.tree
            .remove(|path| is_group(path) || patterns.matches(path.as_os_str().as_encoded_bytes()));
        files.into_iter().for_each(|(path, content)| self.tree.put(path, content));
        folders.iter().for_each(|path| self.tree.put(path.join("cgroup.procs"), Vec::new()));
        if !folders.is_empty() {
            self.tree.put(containers::VERSION_2, Vec::new());
        }
        self.unnamed.take(&folders);
    }

    /// The containers without a request for their names yet.
    pub fn unnamed(&mut self) -> &mut UnnamedContainers {
        &mut self.unnamed
    }

    /// The same of links.
    pub fn take_links(&mut self, frame: &SshFrame, patterns: &Patterns) {
        self.tree.remove(|path| patterns.matches(path.as_os_str().as_encoded_bytes()));
        for (path, target) in listing::links(&frame.payload, patterns) {
            match target {
                Some(target) => self.tree.link(path, target),
                None => self.tree.put(path, Vec::new()),
            }
        }
    }

    /// Takes a table of mount point, block size, blocks, free and available blocks.
    pub fn take_space(&mut self, table: String) {
        self.tree.put(SPACE, table.into_bytes());
    }

    /// Takes systemctl's list of failed units; a status other than 0 says that there is no systemd.
    pub fn take_units(&mut self, frame: &SshFrame) {
        let text = String::from_utf8_lossy(&frame.payload);
        let units: Vec<&str> =
            text.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let names = units.iter().take(MOST_UNITS).copied().collect::<Vec<_>>().join(" ");
        let names = (!names.is_empty()).then(|| names.into());
        self.failed_units = (frame.status == 0).then_some((units.len() as f64, names));
    }

    /// Takes note of new values of sensors, read at that moment.
    pub fn measure(&mut self, at: Moment) {
        let paths = ["/sys/class/hwmon", "/sys/class/thermal", "/sys/class/power_supply"];
        let more = ["/sys/class/powercap", "/sys/devices/system/cpu"];
        let folders = paths.iter().chain(&more);
        let paths: Vec<_> = folders.flat_map(|folder| self.tree.paths(Path::new(folder))).collect();
        if paths != self.paths {
            self.paths = paths;
            let root = || self.root.clone();
            self.sensors = vec![
                (v::TEMPERATURE, temperature::below(root())),
                (v::FAN, fan::below(root())),
                (v::POWER, power::below(root(), self.shown.peripherals)),
            ];
            // it looks for sensors and clock rates when it first sees a processor
            let cpu = self.readers.iter_mut().find(|(kind, _)| *kind == v::CPU);
            cpu.into_iter().for_each(|(_, reader)| *reader = cpu::below(self.root.clone()));
        }
        let wanted = Selection::kinds(&[v::TEMPERATURE, v::FAN, v::POWER]);
        let parts = self.sensors.iter_mut().filter_map(|(_, reader)| reader.read(&wanted).ok());
        let readings = parts.flat_map(|answer| answer.parts).flat_map(|part| part.readings);
        self.measured = readings.map(|reading| reading.read_at(at)).collect();
    }

    /// Takes note of new facts about interfaces.
    pub fn look_at_interfaces(&mut self) {
        let paths = self.tree.paths(Path::new("/sys/class/net"));
        if paths != self.interfaces {
            self.interfaces = paths;
            let network = self.readers.iter_mut().find(|(kind, _)| *kind == v::NETWORK);
            network.into_iter().for_each(|(_, r)| *r = network::below(self.root.clone()));
        }
    }

    /// Which files it has.
    pub fn known(&self) -> HostFeatures {
        let swaps = self.root.text("proc/swaps").unwrap_or_default();
        HostFeatures {
            container: self.root.path("sys/fs/cgroup/cgroup.type").exists(),
            zram: swaps.contains("/dev/zram"),
            zfs: self.root.path("proc/spl/kstat/zfs/arcstats").exists(),
        }
    }

    /// What is mounted there and shown.
    pub fn mounted(&self) -> Vec<disk::MountedDevice> {
        disk::mounted(&self.root, &self.shown.disks)
    }

    /// What the readers make of the files that are there, and notes on what was left out.
    ///
    /// # Errors
    /// No reader made anything of them.
    pub fn readings(&mut self, want: &Selection) -> Result<Readings, Failure> {
        if self.readers.is_empty() {
            let root = || self.root.clone();
            self.readers = vec![
                (v::CPU, cpu::below(root())),
                (v::MEMORY, memory::below(root())),
                (v::NETWORK, network::below(root())),
                (v::DISK, disk::below(root(), self.shown.disks.clone())),
                (v::HOST, host::below(root())),
                (v::CONTAINER_KIND, container::below(root(), true)),
            ];
        }
        let mut all = Readings::default();
        let mut wrong = None;
        for (kind, reader) in self.readers.iter_mut().filter(|(kind, _)| want.kind(*kind)) {
            match reader.read(want) {
                Ok(answer) => {
                    for part in answer.parts {
                        all.devices.extend(part.readings);
                        all.left_out.extend(part.left_out);
                    }
                    all.notes.extend(answer.notes);
                }
                Err(failure) if failure.class() == Class::Absent => {}
                Err(failure) => {
                    all.notes.push(format!("no {}: {}", kind.word(), failure.reason()));
                    wrong = Some(failure);
                }
            }
        }
        if let Some((count, names)) = &self.failed_units
            && let Some(host) = all.devices.iter_mut().find(|r| r.kind == v::HOST)
        {
            host.values.set(&v::FAILED_UNITS, *count);
            names.iter().for_each(|names| host.texts.set(&v::FAILED, names.clone()));
        }
        all.devices.extend(self.measured.iter().filter(|r| want.kind(r.kind)).cloned());
        match wrong {
            Some(failure) if all.devices.is_empty() => Err(failure),
            _ => Ok(all),
        }
    }
}

/// What was made of a host's files.
#[derive(Default, Debug)]
pub struct Readings {
    /// Its devices.
    pub devices: Vec<DeviceReading>,
    /// Figures that cannot be true.
    pub left_out: Vec<String>,
    /// A note for the user.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    fn frame(payload: &str) -> SshFrame {
        SshFrame { id: 1, status: 0, payload: payload.as_bytes().to_vec(), files: Vec::new() }
    }

    #[test]
    fn containers_come_of_the_values_of_their_groups() {
        let id = "0123456789abcdef".repeat(4);
        let mut machine = SshMachine::new(&MachineOptions::default(), None);
        let group = format!("/sys/fs/cgroup/system.slice/docker-{id}.scope");
        let service = "/sys/fs/cgroup/system.slice/a\\x2db.service";
        let values = format!(
            "{group}/cpu.stat:usage_usec 5000000\n{group}/memory.current:3000\n\
             {service}/cpu.stat:usage_usec 1000000\n{service}/memory.current:1000\n"
        );
        machine.take_containers(&frame(&values), &containers::values(false));
        let limits = format!(
            "{group}/memory.stat:inactive_file 1000\n\
             /sys/fs/cgroup/system.slice/memory.max:9000\n{group}/memory.max:max\n"
        );
        machine.take_files(&frame(&limits), &containers::limits());
        let ids = machine.unnamed().next();
        assert_eq!(ids, [&*id]);
        let name = format!(
            "/var/lib/docker/containers/{id}/config.v2.json:\
             {{\"Name\":\"/web\",\"Config\":{{\"Image\":\"nginx\"}}}}\n"
        );
        machine.take_files(&frame(&name), &containers::names(&ids));
        let want = Selection::kinds(&[v::CONTAINER_KIND]);
        assert_eq!(
            lines(&machine.readings(&want).unwrap().devices),
            "a-b.service cpu_seconds=1 used_bytes=1000 limit_bytes=9000 type=\"service\"\n\
             web cpu_seconds=5 used_bytes=2000 limit_bytes=9000 type=\"docker\" image=\"nginx\"\n"
        );
        machine.take_containers(&frame(""), &containers::values(false));
        assert!(machine.readings(&want).unwrap().devices.is_empty(), "both have ended");
    }
}
