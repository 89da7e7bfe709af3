//! What a process's cgroup says of it: its unit, and the container that it is in.

use crate::{
    local::cgroup,
    local::container::names::{self, ContainerNames, ContainerRef},
    local::procfs::{self, Root},
};
use std::{collections::HashMap, sync::Arc};

/// What is known by a cgroup's path.
#[derive(Clone, PartialEq, Debug)]
pub struct CgroupInfo {
    /// The path.
    pub path: Arc<str>,
    /// The unit of systemd.
    pub unit: Option<Arc<str>>,
    /// The container, by its name where that is known.
    pub container: Option<Arc<str>>,
}

/// Paths that were seen; most processes share theirs with others.
pub struct PlaceCache {
    names: ContainerNames,
    known: HashMap<Vec<u8>, CgroupInfo>,
}

/// More paths than this are not kept.
const MOST_PLACES: usize = 4096;

impl PlaceCache {
    /// With the names of the root's containers.
    pub fn below(root: &Root) -> PlaceCache {
        PlaceCache { names: ContainerNames::below(root), known: HashMap::new() }
    }

    /// Of a text like `/proc/PID/cgroup`. On a machine with both versions the path of version 1's
    /// systemd is used where that of version 2 says nothing.
    pub fn of(&mut self, table: &[u8]) -> Option<&CgroupInfo> {
        let found = cgroup::unified(table).filter(|path| path != "/");
        let systemd = || {
            let lines = procfs::lines(table);
            let line = lines.filter_map(|l| l.split(|b| *b == b':').nth(2).map(|path| (l, path)));
            let named =
                |(l, _): &(&[u8], &[u8])| memchr::memmem::find(l, b":name=systemd:").is_some();
            line.into_iter().find(named).map(|(_, path)| String::from_utf8_lossy(path).into_owned())
        };
        let path = found.or_else(systemd).or_else(|| cgroup::unified(table))?;
        if self.known.len() >= MOST_PLACES {
            self.known.clear();
        }
        let key = path.as_bytes();
        if !self.known.contains_key(key) {
            let place = self.place(&path);
            self.known.insert(key.to_owned(), place);
        }
        self.known.get(key)
    }

    fn place(&mut self, path: &str) -> CgroupInfo {
        let unit = unit(path).map(Arc::from);
        let container = container(path).map(|found| match found {
            ContainerRef::Named(name) => name.into(),
            ContainerRef::Id(id) => {
                self.names.find(id).name.unwrap_or_else(|| names::short(id).into())
            }
        });
        CgroupInfo { path: path.into(), unit, container }
    }
}

/// The container in a path, from the inside out.
fn container(path: &str) -> Option<ContainerRef<'_>> {
    path.rsplit('/').find_map(names::container)
}

/// The innermost service, scope or the like; what lies in a container has that container's scope.
fn unit(path: &str) -> Option<&str> {
    let ends = [".service", ".scope", ".socket", ".mount", ".swap"];
    path.rsplit('/').find(|part| ends.iter().any(|end| part.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_containers_are_found_in_paths() {
        let id = "a1".repeat(32);
        let of = |path: &str| {
            let path = path.replace("ID", &id);
            let container = container(&path).map(|found| match found {
                ContainerRef::Named(name) => name.to_owned(),
                ContainerRef::Id(id) => id[..4].to_owned(),
            });
            let unit = unit(&path).map(|unit| unit.replace(&id, "ID"));
            (unit.unwrap_or_default(), container.unwrap_or_default())
        };
        let pair = |unit: &str, container: &str| (unit.to_owned(), container.to_owned());
        assert_eq!(of("/system.slice/nginx.service"), pair("nginx.service", ""));
        assert_eq!(
            of("/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope"),
            pair("x.scope", "")
        );
        assert_eq!(of("/system.slice/docker-ID.scope"), pair("docker-ID.scope", "a1a1"));
        assert_eq!(of("/docker/ID/init"), pair("", "a1a1"));
        assert_eq!(
            of("/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-ID.scope"),
            pair("cri-containerd-ID.scope", "a1a1")
        );
        assert_eq!(of("/kubepods/burstable/pod1/ID"), pair("", "a1a1"));
        assert_eq!(of("/lxc.payload.web/system.slice/x.service"), pair("x.service", "web"));
        assert_eq!(of("/machine.slice/libpod-ID.scope/container"), pair("libpod-ID.scope", "a1a1"));
        assert_eq!(of("/machine.slice/machine-deb.scope"), pair("machine-deb.scope", "deb"));
        assert_eq!(of("/"), pair("", ""));
    }
}
