//! Containers and services of a host: which files of its control groups and of its runtimes are requested.
//!
//! Names of control groups may hold characters that are never sent into a shell (`\x2d`), so groups are requested by
//! patterns, and the shell there finds them. Only the ids of containers, which are hexadecimal, are sent back.

use super::listing::Patterns;
use crate::local::container::names::{ContainerRef, container};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Where the control groups are.
const MOUNT: &str = "/sys/fs/cgroup";

/// Folders of services and containers below [`MOUNT`], with systemd's names and with those of runtimes that make
/// groups themselves.
const GROUPS: [&str; 11] = [
    "*.slice/*.service",
    "*.slice/*.scope",
    "system.slice/*.slice/*.service",
    "user.slice/*.slice/*.service",
    "user.slice/*.slice/*.service/*.slice/*.scope",
    "docker/*",
    "lxc.payload.*",
    "kubepods.slice/*.slice/*.scope",
    "kubepods.slice/*.slice/*.slice/*.scope",
    "kubepods/*/*",
    "kubepods/*/*/*",
];

/// Files of a group that are read at each poll,
const VALUES: [&str; 2] = ["cpu.stat", "memory.current"];
/// and those that hardly change.
const LIMITS: [&str; 3] = ["memory.stat", "memory.max", "cpu.max"];
/// Limits of groups above also hold for those below.
const ABOVE: [&str; 3] = ["*.slice", "*.slice/*.slice", "*.slice/*.slice/*.slice"];
/// A file that is there where the control groups are of version 2, as they are where one of [`GROUPS`] has values.
pub const VERSION_2: &str = "/sys/fs/cgroup/cgroup.controllers";

/// Names of containers that are looked up at once.
const IDS_AT_ONCE: usize = 16;
/// Ids that are remembered.
const IDS_MAX: usize = 4096;

fn below_groups(files: &[&str]) -> Vec<String> {
    let all = GROUPS.iter().flat_map(|group| files.iter().map(move |file| (group, file)));
    all.map(|(group, file)| format!("{MOUNT}/{group}/{file}")).collect()
}

/// The files to read at each poll; with `traffic` the bytes that were read and written too.
pub fn values(traffic: bool) -> Patterns {
    let mut all = below_groups(&VALUES);
    if traffic {
        all.extend(below_groups(&["io.stat"]));
    }
    Patterns::new(&all)
}

/// The files to read once in a while.
pub fn limits() -> Patterns {
    let mut all = below_groups(&LIMITS);
    let above = ABOVE.iter().flat_map(|group| ["memory.max", "cpu.max"].map(|file| (group, file)));
    all.extend(above.map(|(group, file)| format!("{MOUNT}/{group}/{file}")));
    Patterns::new(&all)
}

/// The links to logs by which the kubelet names containers, which all users may list.
pub fn logs() -> Patterns {
    Patterns::new(&["/var/log/containers/*.log"])
}

/// The files in which runtimes write the names of these containers, and of all that Podman made for root.
pub fn names(ids: &[String]) -> Patterns {
    let mut all = vec![
        "/var/lib/containers/storage/*-containers/containers.json".to_owned(),
        "/var/lib/containers/storage/*-containers/volatile-containers.json".to_owned(),
    ];
    for id in ids {
        all.push(format!("/var/lib/docker/containers/{id}/config.v2.json"));
        all.push(format!("/run/containerd/io.containerd.runtime.v2.task/*/{id}/config.json"));
    }
    Patterns::new(&all)
}

/// The folders of groups, and those above them, of the paths of their files.
pub fn folders<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> BTreeSet<PathBuf> {
    let above = |path: &'a PathBuf| path.ancestors().skip(1).take_while(|p| *p != Path::new(MOUNT));
    paths.flat_map(above).map(Path::to_owned).collect()
}

/// The containers without a request for their names yet.
#[derive(Default)]
pub struct UnnamedContainers {
    requested: BTreeSet<String>,
    due: BTreeSet<String>,
}

impl UnnamedContainers {
    /// Takes the folders of all groups.
    pub fn take(&mut self, folders: &BTreeSet<PathBuf>) {
        let names = folders.iter().filter_map(|folder| folder.file_name()?.to_str());
        let ids = names.filter_map(|name| match container(name) {
            Some(ContainerRef::Id(id)) => Some(id.to_owned()),
            _ => None,
        });
        let new = ids.filter(|id| !self.requested.contains(id)).take(IDS_MAX);
        self.due = new.collect();
    }

    /// The next ids to look up, which then count as requested.
    pub fn next(&mut self) -> Vec<String> {
        let ids: Vec<String> = self.due.iter().take(IDS_AT_ONCE).cloned().collect();
        if self.requested.len() > IDS_MAX {
            self.requested.clear();
        }
        for id in &ids {
            self.due.remove(id);
            self.requested.insert(id.clone());
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_are_looked_up_and_each_of_them_once() {
        let id = "0123456789abcdef".repeat(4);
        let paths = [
            format!("{MOUNT}/system.slice/docker-{id}.scope/cpu.stat"),
            format!("{MOUNT}/system.slice/docker-$(reboot).scope/cpu.stat"),
            format!("{MOUNT}/system.slice/a.service/memory.current"),
        ]
        .map(PathBuf::from);
        let found = folders(paths.iter());
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.contains(Path::new("/sys/fs/cgroup/system.slice")));
        let mut unnamed = UnnamedContainers::default();
        unnamed.take(&found);
        assert_eq!(unnamed.next(), [id.as_str()]);
        unnamed.take(&found);
        assert!(unnamed.next().is_empty());
        let words = names(&[id]).words();
        assert!(words.contains("/var/lib/docker/containers/0123") && !words.contains('$'));
    }

    #[test]
    fn groups_of_services_and_runtimes_have_patterns() {
        let values = values(false);
        for group in [
            "system.slice/nginx.service",
            r"system.slice/system-getty.slice/getty\x2d1.service",
            "user.slice/user-1000.slice/user@1000.service",
            "user.slice/user-1000.slice/user@1000.service/user.slice/libpod-1.scope",
            "system.slice/docker-1.scope",
            "docker/1",
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-1.scope",
        ] {
            assert!(values.matches(format!("{MOUNT}/{group}/cpu.stat").as_bytes()), "{group}");
        }
        assert!(!values.matches(b"/sys/fs/cgroup/system.slice/cpu.stat"));
    }
}
