//! The cgroup (version 2) that sets this machine's limits where it is a container.

use crate::local::{
    files::FilePath,
    procfs::{self, Root},
};

/// Where the cgroups are mounted.
pub const MOUNT: &str = "sys/fs/cgroup";

/// Files that engines leave in their containers, and what they are called.
const MARKS: [(&str, &str); 3] =
    [(".dockerenv", "docker"), ("run/.containerenv", "podman"), ("run/host/container-manager", "")];

/// The folder of the container's cgroup; `None` on a machine of its own, where no limit holds. At the
/// top of what a container sees of the hierarchy lies its own cgroup, which has a type; the hierarchy's
/// true top has none. A container that sees all of the hierarchy finds its cgroup by the path in
/// `/proc/self/cgroup`.
pub fn of_container(root: &Root) -> Option<FilePath> {
    let top = root.path(MOUNT);
    if top.join("cgroup.type").exists() {
        return Some(top);
    }
    if !top.join("cgroup.controllers").exists() || kind(root).is_none() {
        return None;
    }
    let mut own = root.own("cgroup");
    let path = unified(own.read_to_end().ok()?)?;
    let folder = top.join(path.trim_start_matches('/'));
    (folder != top && folder.join("cgroup.type").exists()).then_some(folder)
}

/// The kind of container, by what its engine leaves behind: `docker`, `podman`, `kubernetes`, `lxc`.
pub fn kind(root: &Root) -> Option<String> {
    let named = || root.text("run/systemd/container");
    let kubernetes = || {
        let secrets = root.path("var/run/secrets/kubernetes.io");
        secrets.exists().then(|| "kubernetes".to_owned())
    };
    let marked = || {
        let (path, name) = MARKS.iter().find(|(path, _)| root.path(path).exists())?;
        Some(if name.is_empty() { root.text(path)? } else { (*name).to_owned() })
    };
    kubernetes().or_else(marked).or_else(named)
}

/// The path of version 2 in a text like `/proc/PID/cgroup`.
pub fn unified(table: &[u8]) -> Option<String> {
    let path = procfs::lines(table).find_map(|line| line.strip_prefix(b"0::"))?;
    Some(String::from_utf8_lossy(path).into_owned())
}

/// A limit in bytes or tasks; `None` for `max`, and for what is not a number.
pub fn limit(text: &[u8]) -> Option<f64> {
    procfs::number(text.trim_ascii()).map(|n| n as f64)
}

/// The value of a line `KEY VALUE`.
pub fn value(stat: &[u8], key: &str) -> Option<f64> {
    let line = procfs::lines(stat).find_map(|line| {
        let rest = line.strip_prefix(key.as_bytes())?;
        rest.strip_prefix(b" ")
    })?;
    procfs::number(line.trim_ascii()).map(|n| n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_files_are_read() {
        let table = b"12:cpuset:/x\n1:name=systemd:/y\n0::/system.slice/a b.service\n";
        assert_eq!(unified(table).as_deref(), Some("/system.slice/a b.service"));
        assert_eq!(unified(b"1:name=systemd:/y\n"), None);
        assert_eq!((limit(b"max\n"), limit(b"4096\n")), (None, Some(4096.0)));
        let stat = b"user_usec 5\nusage_usec 20\nnr_periods 3\n";
        assert_eq!(value(stat, "usage_usec"), Some(20.0));
        assert_eq!(value(stat, "nr"), None);
    }
}
