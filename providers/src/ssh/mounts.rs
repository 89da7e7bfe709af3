//! How full a host's file systems are, by `df -kP`, and how many files they hold, by `df -iP`.
//!
//! Local ones are asked together. One that is served over a network may never answer, and what asks it
//! cannot be killed then: such mounts are asked one at a time, and as long as one hangs, no other is.

use super::script;
use crate::local::disk::MountedDevice;
use std::{collections::BTreeMap, fmt::Write as _};

/// Mounts that are asked together.
const MOST: usize = 64;

/// Types of file system that another machine serves.
const NETWORK: &[&str] = &[
    "9p",
    "acfs",
    "afs",
    "autofs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "smb3",
    "smbfs",
];

/// What is mounted, and what is known of its space.
#[derive(Default)]
pub struct Mounts {
    local: Vec<String>,
    network: Vec<String>,
    /// Mount points with names that cannot be sent.
    odd: Vec<String>,
    known: BTreeMap<String, [u64; 3]>,
    /// Inodes, and how many are free.
    inodes: BTreeMap<String, [u64; 2]>,
}

impl Mounts {
    /// Takes note of what is mounted.
    pub fn set(&mut self, devices: &[MountedDevice]) {
        self.local.clear();
        self.network.clear();
        self.odd.clear();
        for device in devices {
            let point = device.escaped.clone();
            let group = match () {
                () if !script::is_plain(&point) => &mut self.odd,
                () if is_network(&device.filesystem) => &mut self.network,
                () => &mut self.local,
            };
            group.push(point);
        }
        let all = |point: &String| self.local.contains(point) || self.network.contains(point);
        self.known.retain(|point, _| all(point));
        self.inodes.retain(|point, _| all(point));
    }

    /// Those that are asked together.
    pub fn local(&self) -> &[String] {
        &self.local[..self.local.len().min(MOST)]
    }

    /// Those that are asked one by one.
    pub fn network(&self) -> &[String] {
        &self.network
    }

    /// Takes df's answer for these mount points.
    pub fn take(&mut self, asked: &[String], table: &[u8]) {
        let text = String::from_utf8_lossy(table);
        for point in asked {
            match text.lines().find_map(|line| row(line, point)) {
                Some(blocks) => _ = self.known.insert(point.clone(), blocks),
                None => _ = self.known.remove(point),
            }
        }
    }

    /// Takes the answer of `df -i` for these mount points. A file system without a fixed number of inodes has none.
    pub fn take_inodes(&mut self, asked: &[String], table: &[u8]) {
        let text = String::from_utf8_lossy(table);
        for point in asked {
            match text.lines().find_map(|line| row(line, point)) {
                Some([all, _, free]) if all > 0 => {
                    _ = self.inodes.insert(point.clone(), [all, free]);
                }
                _ => _ = self.inodes.remove(point),
            }
        }
    }

    /// Nothing is known any more of these.
    pub fn forget(&mut self, points: &[String]) {
        points.iter().for_each(|point| _ = self.known.remove(point));
    }

    /// The table that the disks' reader takes: mount point, block size, blocks, free, available, and inodes with
    /// those that are free where they are known.
    pub fn table(&self) -> String {
        let mut table = String::new();
        for (point, [blocks, free, available]) in &self.known {
            let _ = write!(table, "{point} 1024 {blocks} {free} {available}");
            if let Some([all, free]) = self.inodes.get(point) {
                let _ = write!(table, " {all} {free}");
            }
            table.push('\n');
        }
        table
    }

    /// A note for the user.
    pub fn note(&self) -> Option<String> {
        let first = self.odd.first()?;
        Some(format!(
            "{first:?} and its like are not asked for their fill level: only names of letters, digits and \
             ._/+:@- are sent into a shell"
        ))
    }
}

fn is_network(filesystem: &str) -> bool {
    filesystem.starts_with("fuse.") || filesystem == "fuse" || NETWORK.contains(&filesystem)
}

/// `Filesystem 1024-blocks Used Available Capacity Mounted on`, read from its end: what is mounted may hold
/// blanks. Blocks, free and available.
fn row(line: &str, point: &str) -> Option<[u64; 3]> {
    let mut words = line.split_whitespace().rev();
    (words.next() == Some(point)).then_some(())?;
    let capacity = words.next()?;
    (capacity.ends_with('%') || capacity == "-").then_some(())?;
    let [available, used, blocks] = [(); 3].map(|()| words.next());
    // root's reserve in use is a negative number in some versions
    let available = available?.parse::<i64>().ok()?.max(0) as u64;
    let (used, blocks) = (used?.parse::<u64>().ok()?, blocks?.parse::<u64>().ok()?);
    Some([blocks, blocks.checked_sub(used)?, available])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(point: &str, filesystem: &str) -> MountedDevice {
        MountedDevice {
            name: "x".into(),
            block: true,
            path: point.into(),
            escaped: point.into(),
            mounts: point.into(),
            filesystem: filesystem.into(),
            read_only: false,
        }
    }

    #[test]
    fn dfs_table_becomes_that_of_statvfs() {
        let mut mounts = Mounts::default();
        mounts.set(&[device("/", "ext4"), device("/mnt/nas", "nfs4"), device(r"/a\040b", "ext4")]);
        assert_eq!(
            (mounts.local(), mounts.network()),
            (&["/".to_owned()][..], &["/mnt/nas".to_owned()][..])
        );
        let table = b"Filesystem 1024-blocks Used Available Capacity Mounted on\n\
            /dev/mapper/a b 1000 400 500 45% /\n/dev/x 9 9 9 9% /etc\n";
        mounts.take(&["/".to_owned()], table);
        assert_eq!(mounts.table(), "/ 1024 1000 600 500\n");
        mounts.take(&["/mnt/nas".to_owned()], b"nas:/x 10 20 5 50% /mnt/nas\n");
        assert_eq!(mounts.table(), "/ 1024 1000 600 500\n", "more used than there is");
        let table =
            b"Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/mapper/a b 500 200 300 40% /\n";
        mounts.take_inodes(&["/".to_owned()], table);
        assert_eq!(mounts.table(), "/ 1024 1000 600 500 500 300\n");
        mounts.take_inodes(
            &["/".to_owned()],
            b"Filesystem Inodes IUsed IFree IUse% Mounted on\nx 0 0 0 - /\n",
        );
        assert_eq!(mounts.table(), "/ 1024 1000 600 500\n", "btrfs counts none");
        assert!(mounts.note().unwrap().contains("a\\\\040b"));
        mounts.set(&[]);
        assert_eq!((mounts.table(), mounts.note()), (String::new(), None));
    }
}
