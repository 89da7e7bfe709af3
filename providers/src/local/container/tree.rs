//! The control groups that are containers and services, found by walking the tree of version 2.

use super::names::{ContainerRef, container};
use crate::local::{cgroup, files::FilePath, procfs::Root};

/// Control groups that are looked at in one walk.
const MOST_VISITED: usize = 10_000;
/// How deep containers lie at most.
const DEEPEST: usize = 12;

/// A container or a service.
#[derive(Clone, PartialEq, Debug)]
pub struct ControlGroup {
    /// Its folder.
    pub folder: FilePath,
    /// The folders above it, of which limits hold for it too.
    pub above: Vec<FilePath>,
    /// What it is.
    pub is: GroupKind,
}

/// What a control group is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupKind {
    /// A unit of the service manager, `nginx.service`.
    Service(String),
    /// A container without an id: the name and the runtime.
    Named(String, &'static str),
    /// A container by its id, and the runtime as far as the path says it.
    Id(String, &'static str),
}

/// All containers, and services where they are wanted.
pub fn groups(root: &Root, services: bool) -> Vec<ControlGroup> {
    let top = root.path(cgroup::MOUNT);
    if !top.join("cgroup.controllers").exists() {
        return Vec::new();
    }
    let mut walk = TreeWalk { services, visited: 0, found: Vec::new() };
    walk.folder(&top, "", &mut Vec::new(), false);
    walk.found
}

struct TreeWalk {
    services: bool,
    visited: usize,
    found: Vec<ControlGroup>,
}

impl TreeWalk {
    fn folder(
        &mut self,
        folder: &FilePath,
        path: &str,
        above: &mut Vec<FilePath>,
        in_service: bool,
    ) {
        if above.len() > DEEPEST {
            return;
        }
        for name in folder.names().into_iter().filter(|name| !is_file(name)) {
            self.visited += 1;
            if self.visited > MOST_VISITED {
                return;
            }
            let below = folder.join(&name);
            if !below.join("cgroup.procs").exists() {
                continue;
            }
            let path = format!("{path}/{name}");
            let is = match container(&name) {
                Some(ContainerRef::Id(id)) => Some(GroupKind::Id(id.to_owned(), runtime(&path))),
                Some(ContainerRef::Named(of)) if name.starts_with("lxc") => {
                    Some(GroupKind::Named(of.to_owned(), "lxc"))
                }
                Some(ContainerRef::Named(of)) => Some(GroupKind::Named(unescaped(of), "machine")),
                None => None,
            };
            let is_service = name.ends_with(".service");
            let service = is_service && self.services && !in_service;
            let is_container = is.is_some();
            if let Some(is) = is.or_else(|| service.then(|| GroupKind::Service(unescaped(&name)))) {
                self.found.push(ControlGroup { folder: below.clone(), above: above.clone(), is });
            }
            // containers in containers belong to the outer one
            if !is_container {
                above.push(below.clone());
                self.folder(&below, &path, above, in_service || is_service);
                above.pop();
            }
        }
    }
}

/// Whether the name is one of the kernel's files: they begin with the name of their controller.
fn is_file(name: &str) -> bool {
    const CONTROLLERS: [&str; 11] = [
        "cgroup", "cpu", "cpuset", "memory", "io", "pids", "hugetlb", "rdma", "misc", "irq", "dmem",
    ];
    name.split_once('.').is_some_and(|(first, rest)| {
        CONTROLLERS.contains(&first) && !["service", "slice", "scope"].contains(&rest)
    })
}

/// The runtime, as far as the path says it.
fn runtime(path: &str) -> &'static str {
    const WORDS: [(&str, &str); 5] = [
        ("kubepods", "kubernetes"),
        ("libpod", "podman"),
        ("docker", "docker"),
        ("nerdctl", "containerd"),
        ("crio", "cri-o"),
    ];
    WORDS.iter().find(|(word, _)| path.contains(word)).map_or("container", |(_, runtime)| *runtime)
}

/// systemd writes `\x2d` for a hyphen in a unit's name.
fn unescaped(name: &str) -> String {
    name.replace(r"\x2d", "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::files::FileTree;

    #[test]
    fn containers_and_services_are_found_and_what_is_inside_of_them_is_not() {
        let id = "0123456789abcdef".repeat(4);
        let tree = FileTree::default();
        let mount = "/sys/fs/cgroup";
        tree.put(format!("{mount}/cgroup.controllers"), b"cpu memory".to_vec());
        for path in [
            "system.slice/nginx.service",
            "system.slice/cpu.service",
            r"system.slice/serial\x2dgetty.service/inner.service",
            "system.slice/docker-ID.scope/system.slice/cron.service",
            "kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope",
            "user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope",
            "user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-ID.scope",
            "user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service",
            "lxc.payload.web/system.slice/x.service",
            r"machine.slice/machine-my\x2ddebian.scope/payload",
        ] {
            let mut folder = mount.to_owned();
            for name in path.replace("ID", &id).split('/') {
                folder = format!("{folder}/{name}");
                tree.put(format!("{folder}/cgroup.procs"), Vec::new());
                tree.put(format!("{folder}/memory.current"), b"1".to_vec());
            }
        }
        let of = |services| -> Vec<String> {
            let word = |group: ControlGroup| match group.is {
                GroupKind::Service(unit) => unit,
                GroupKind::Named(name, runtime) => format!("{runtime} {name}"),
                GroupKind::Id(_, runtime) => runtime.to_owned(),
            };
            groups(&Root::of_tree(tree.clone()), services).into_iter().map(word).collect()
        };
        let containers = ["kubernetes", "lxc web", "machine my-debian", "docker", "podman"];
        assert_eq!(of(false), containers);
        assert_eq!(
            of(true),
            [
                "kubernetes",
                "lxc web",
                "machine my-debian",
                "cpu.service",
                "docker",
                "nginx.service",
                "serial-getty.service",
                "user@1000.service",
                "podman",
            ]
        );
        assert_eq!(groups(&Root::of_tree(FileTree::default()), true), []);
    }
}
