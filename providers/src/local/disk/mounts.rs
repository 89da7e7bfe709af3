//! What is mounted, and which of it is one device.

use super::block::Mappings;
use crate::{local::procfs, natural};
use manytop_plugin::file_systems::{self, Class};
use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// A line of mountinfo.
#[derive(Clone, PartialEq, Debug)]
pub struct Mount {
    id: u64,
    parent: u64,
    number: (u64, u64),
    /// The folder of its filesystem that is mounted, escaped like the mount point.
    folder: String,
    /// The mount point as the kernel writes it: blanks and backslashes in octal.
    escaped: String,
    filesystem: String,
    /// What is mounted: `/dev/vda1`, `tank/home`, `nas:/export`.
    source: String,
    /// The filesystem itself takes no writes, wherever it is mounted.
    read_only: bool,
}

/// Something that has space, under all paths at which it is mounted.
#[derive(Clone, PartialEq, Debug)]
pub struct MountedDevice {
    /// Its name.
    pub name: Arc<str>,
    /// Whether that is the name of a block device.
    pub block: bool,
    /// The shortest mount point.
    pub path: PathBuf,
    /// The same, as mountinfo writes it.
    pub escaped: String,
    /// All mount points, the shortest first, between blanks, escaped as in mountinfo.
    pub mounts: Arc<str>,
    /// The type of the filesystem.
    pub filesystem: Arc<str>,
    /// It takes no writes.
    pub read_only: bool,
}

/// The filesystems that are requested.
#[derive(Clone, Default, Debug)]
pub struct MountFilter {
    /// Also those in memory, in layers, or in a file.
    pub with_virtual: bool,
    /// Mount points and types of filesystem to leave alone.
    pub skip: Vec<String>,
}

impl MountFilter {
    /// Whether a filesystem of that type, mounted there, is wanted.
    pub fn mount(&self, path: &str, filesystem: &str) -> bool {
        let below = |point: &str| {
            path.strip_prefix(point.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let skipped = |word: &String| match word.starts_with('/') {
            true => below(word),
            false => word == filesystem,
        };
        let shown = match file_systems::class(filesystem) {
            Class::Storage => true,
            Class::Image | Class::Virtual => self.with_virtual,
            Class::Kernel => false,
        };
        shown && !self.skip.iter().any(skipped)
    }

    /// Whether that device is wanted.
    pub fn device(&self, name: &str) -> bool {
        self.with_virtual || !file_systems::is_virtual_device(name)
    }
}

/// The lines of mountinfo: id, parent, major:minor, root, mount point, options, optional fields,
/// a hyphen, type, source, options.
pub fn parse(mountinfo: &[u8]) -> Vec<Mount> {
    let line = |line: &[u8]| {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split(' ');
        let number = |word: &str| procfs::number(word.as_bytes());
        let (id, parent) = (number(words.next()?)?, number(words.next()?)?);
        let (major, minor) = words.next()?.split_once(':')?;
        let (folder, escaped) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut words = words.skip_while(|w| *w != "-").skip(1);
        Some(Mount {
            id,
            parent,
            number: (number(major)?, number(minor)?),
            folder,
            escaped,
            filesystem: words.next()?.to_owned(),
            source: unescape(words.next()?),
            read_only: words.next().is_some_and(|options| options.split(',').any(|o| o == "ro")),
        })
    };
    procfs::lines(mountinfo).filter_map(line).collect()
}

/// The devices behind the mounts that can be reached, in natural order.
pub fn devices(
    mounts: Vec<Mount>,
    wanted: &MountFilter,
    block: &Mappings<'_>,
) -> Vec<MountedDevice> {
    let mut groups: HashMap<MountIdentity, Vec<Mount>> = HashMap::new();
    for mount in reachable(mounts) {
        if !wanted.mount(&unescape(&mount.escaped), &mount.filesystem) {
            continue;
        }
        let fuse = mount.filesystem.starts_with("fuse.");
        let identity = match block.name(mount.number, &mount.source).filter(|_| !fuse) {
            Some(name) if !wanted.device(&name) => continue,
            Some(name) => MountIdentity::Block(name),
            None if mount.filesystem == "zfs" => MountIdentity::Dataset(mount.source.clone()),
            None => MountIdentity::Other(mount.number),
        };
        groups.entry(identity).or_default().push(mount);
    }
    let mut devices: Vec<_> =
        groups.into_iter().filter_map(|(identity, mounts)| device(identity, mounts)).collect();
    devices.sort_by(|a, b| natural::order(&a.name, &b.name));
    devices
}

/// What makes two mounts one device.
#[derive(PartialEq, Eq, Hash)]
enum MountIdentity {
    Block(String),
    Dataset(String),
    Other((u64, u64)),
}

fn device(identity: MountIdentity, mut mounts: Vec<Mount>) -> Option<MountedDevice> {
    mounts.sort_by_key(|m| m.escaped.len());
    let first = mounts.first()?;
    let path = unescape(&first.escaped);
    let (name, block) = match identity {
        MountIdentity::Block(name) => (name, true),
        MountIdentity::Dataset(name) => (name, false),
        MountIdentity::Other(_) => (path.clone(), false),
    };
    let all: Vec<_> = mounts.iter().map(|m| m.escaped.as_str()).collect();
    Some(MountedDevice {
        name: name.into(),
        block,
        path: path.into(),
        escaped: first.escaped.clone(),
        mounts: all.join(" ").into(),
        filesystem: first.filesystem.as_str().into(),
        read_only: first.read_only,
    })
}

/// Without the mounts that a later one covers: their path leads to what lies on top. A mount is covered
/// by another at or above its own path that is not among its ancestors.
fn reachable(mounts: Vec<Mount>) -> Vec<Mount> {
    let parents: HashMap<u64, u64> = mounts.iter().map(|m| (m.id, m.parent)).collect();
    // No chain is longer than there are mounts: a file that claims a circle must not hold us.
    let descends = |from: &Mount, ancestor: u64| {
        let up = std::iter::successors(Some(from.id), |id| parents.get(id).copied());
        up.take(mounts.len() + 1).any(|id| id == ancestor)
    };
    let above = |over: &str, path: &str| {
        path.strip_prefix(over.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let covers = |(i, over): (usize, &Mount), (j, m): (usize, &Mount)| {
        let on_top = || over.escaped != m.escaped || descends(over, m.id) || i > j;
        above(&over.escaped, &m.escaped) && !descends(m, over.id) && on_top()
    };
    let all = || mounts.iter().enumerate();
    let reached = all().filter(|&m| !all().any(|over| covers(over, m)));
    reached.map(|(_, m)| m).filter(|m| !is_folder_on_itself(m, &mounts)).cloned().collect()
}

/// Whether a mount shows what would stand there without it: so systemd makes folders read-only for a service, and others
/// give them a propagation of their own. It is no filesystem at a place of its own.
fn is_folder_on_itself(mount: &Mount, mounts: &[Mount]) -> bool {
    let parent = mounts.iter().find(|m| m.id == mount.parent && m.number == mount.number);
    let without = |parent: &Mount| {
        let below = mount.escaped.strip_prefix(parent.escaped.trim_end_matches('/'))?;
        let shows = mount.folder.strip_prefix(parent.folder.trim_end_matches('/'))?;
        Some(mount.escaped != parent.escaped && below == shows)
    };
    parent.and_then(without).unwrap_or(false)
}

/// Undoes the octal in which the kernel writes blanks, tabs, newlines and backslashes.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let octal =
            tail.get(..3).filter(|t| byte == b'\\' && t.iter().all(|b| (b'0'..b'8').contains(b)));
        match octal.and_then(|t| u8::from_str_radix(std::str::from_utf8(t).ok()?, 8).ok()) {
            Some(value) => {
                out.push(value);
                rest = &tail[3..];
            }
            None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(mountinfo: &str) -> Vec<String> {
        reachable(parse(mountinfo.as_bytes())).into_iter().map(|m| m.escaped).collect()
    }

    #[test]
    fn what_is_mounted_over_cannot_be_reached() {
        let seen = paths(
            "1 0 0:2 / / rw - rootfs rootfs rw\n\
             27 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
             30 27 8:2 / /a/b rw - ext4 /dev/sda2 rw\n\
             31 27 8:3 / /a rw - ext4 /dev/sda3 rw\n\
             32 31 8:4 / /a/c rw shared:1 master:2 - ext4 /dev/sda4 rw\n\
             33 32 8:5 / /a/c rw - ext4 /dev/sda5 rw\n",
        );
        assert_eq!(seen, ["/", "/a", "/a/c"]);
        let circle = "1 2 8:1 / / rw - ext4 a rw\n2 1 8:2 / /b rw - ext4 b rw\n";
        assert_eq!(paths(circle), ["/", "/b"]);
    }

    #[test]
    fn a_folder_mounted_on_itself_is_no_place_of_its_own() {
        let seen = paths(
            "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
             28 27 8:1 /home /home ro - ext4 /dev/sda1 rw\n\
             29 28 8:1 /home/a /home/a rw - ext4 /dev/sda1 rw\n\
             30 28 8:2 / /home/b rw - ext4 /dev/sda2 rw\n\
             31 30 8:2 /x /home/b/x rw - ext4 /dev/sda2 rw\n\
             32 27 8:1 /srv /mnt rw - ext4 /dev/sda1 rw\n\
             34 27 0:9 /@home /var rw - btrfs /dev/sdb rw\n",
        );
        assert_eq!(seen, ["/", "/home/b", "/mnt", "/var"]);
        let twice = "27 1 8:1 / / rw - ext4 a rw\n28 27 8:1 / / ro - ext4 a rw\n";
        assert_eq!(paths(twice), ["/"], "one over the other is all there is");
    }

    #[test]
    fn blanks_are_undone_and_what_is_no_octal_stays() {
        assert_eq!(unescape(r"/mnt/My\040Disk\134"), r"/mnt/My Disk\");
        assert_eq!(unescape(r"a\04"), r"a\04");
        assert_eq!(unescape(r"\777"), r"\777");
    }

    #[test]
    fn what_is_skipped_takes_what_is_below_with_it() {
        let wanted =
            MountFilter { skip: vec!["/mnt/dead".into(), "nfs4".into()], ..MountFilter::default() };
        assert!(!wanted.mount("/mnt/dead", "ext4"));
        assert!(!wanted.mount("/mnt/dead/deeper", "ext4"));
        assert!(wanted.mount("/mnt/deadline", "ext4"));
        assert!(!wanted.mount("/home", "nfs4"));
        assert!(!wanted.mount("/tmp", "tmpfs"));
    }
}
