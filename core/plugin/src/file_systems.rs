//! Types of file system: which of them hold data, and which are images, views or windows of the kernel.
//!
//! One list for all providers and for the limits of a host. The words are those of `mountinfo` and of
//! `node_filesystem_*{fstype}`, on Linux, the BSDs, macOS, Solaris and Windows.

/// What a file system of some type is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It holds data and can fill up. A type that is not listed is storage.
    Storage,
    /// An image that can never be written, and is full by nature: a CD, a squashfs, an AppImage.
    Image,
    /// It lives in memory, or shows what another file system or the kernel holds.
    Virtual,
    /// A window of the kernel's without a size, or a mount that must not be touched.
    Kernel,
}

/// Images. [`class`] adds FUSE types that end with `.AppImage`.
const IMAGE: &[&str] = &[
    "cd9660",
    "cddafs",
    "cdfs",
    "composefs",
    "cramfs",
    "erofs",
    "fuse.appimage",
    "fuse.dwarfs",
    "fuse.erofsfuse",
    "fuse.fuseiso",
    "fuse.snapfuse",
    "fuse.squashfuse",
    "fuse.squashfuse_ll",
    "hsfs",
    "iso9660",
    "romfs",
    "squashfs",
    "udf",
    "zisofs",
];

/// Memory, layers over other file systems, second views of them, and the kernel's tables that have a size.
const VIRTUAL: &[&str] = &[
    "aufs",
    "bootfs",
    "dev",
    "devfs",
    "devtmpfs",
    "efivarfs",
    "fd",
    "fdesc",
    "fdescfs",
    "fuse-overlayfs",
    "fuse.bindfs",
    "fuse.fuse-overlayfs",
    "fuse.shiftfs",
    "fuse.unionfs",
    "fuse.unionfs-fuse",
    "kernfs",
    "lindebugfs",
    "linprocfs",
    "linsysfs",
    "lofs",
    "lx_proc",
    "lxproc",
    "mfs",
    "mqueuefs",
    "namefs",
    "null",
    "nullfs",
    "overlay",
    "overlayfs",
    "procfs",
    "ptyfs",
    "ramfs",
    "rootfs",
    "shiftfs",
    "tmpfs",
    "umap",
    "union",
    "unionfs",
    "volfs",
];

/// Tables of the kernel without files, mounts that start something when they are looked at, and views
/// that belong to one user.
const KERNEL: &[&str] = &[
    "autofs",
    "binder",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "ctfs",
    "debugfs",
    "devpts",
    "fuse.gvfs-fuse-daemon",
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fusectl",
    "hugetlbfs",
    "mntfs",
    "mqueue",
    "nfsd",
    "nsfs",
    "objfs",
    "ocfs2_dlmfs",
    "pidfs",
    "portal",
    "proc",
    "pstore",
    "resctrl",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sharefs",
    "smackfs",
    "sysfs",
    "tracefs",
];

/// The class of a type of file system. Case does not matter.
pub fn class(kind: &str) -> Class {
    let lower;
    let kind = match kind.bytes().any(|b| b.is_ascii_uppercase()) {
        true => {
            lower = kind.to_ascii_lowercase();
            &*lower
        }
        false => kind,
    };
    let is_in = |list: &[&str]| list.binary_search(&kind).is_ok();
    match () {
        () if is_in(IMAGE) || (is_fuse(kind) && kind.ends_with(".appimage")) => Class::Image,
        () if is_in(VIRTUAL) => Class::Virtual,
        () if is_in(KERNEL) => Class::Kernel,
        () => Class::Storage,
    }
}

/// Whether a full file system of that type is worth an alarm.
pub fn alarms(kind: &str) -> bool {
    class(kind) == Class::Storage
}

/// Whether a program serves it, rather than the kernel. NTFS on a block device (`fuseblk`) is not meant.
pub fn is_fuse(kind: &str) -> bool {
    kind == "fuse" || kind.starts_with("fuse.")
}

/// Whether it is an image that a program serves, of a type that no list knows: it is mounted read-only, and
/// has no room at all. `free` and `available` are in bytes; what is not known counts as 0.
pub fn is_fuse_image(
    kind: &str,
    read_only: bool,
    free: Option<f64>,
    available: Option<f64>,
) -> bool {
    let unlisted = is_fuse(kind) && class(kind) == Class::Storage;
    unlisted && read_only && [free, available].iter().all(|room| room.unwrap_or(0.0) == 0.0)
}

/// Whether a block device is a file of another disk, a piece of memory, or a drive for images: `loop0`, `zram1`, `sr0`.
pub fn is_virtual_device(name: &str) -> bool {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() < name.len() && matches!(word, "loop" | "ram" | "zram" | "fd" | "sr" | "cd" | "acd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_share_no_word() {
        let mut all: Vec<&str> = Vec::new();
        for list in [IMAGE, VIRTUAL, KERNEL] {
            assert!(list.is_sorted(), "binary search needs it");
            all.extend(list);
        }
        let words = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), words);
    }

    #[test]
    fn images_and_views_are_told_from_storage() {
        for image in ["iso9660", "CDFS", "udf", "erofs", "fuse.x.AppImage", "fuse.squashfuse_ll"] {
            assert_eq!(class(image), Class::Image, "{image}");
        }
        for view in ["nullfs", "linprocfs", "devfs", "fdescfs", "tmpfs", "overlay"] {
            assert_eq!(class(view), Class::Virtual, "{view}");
        }
        for storage in ["ext4", "zfs", "NTFS", "fuseblk", "fuse.sshfs", "nfs4", "apfs", ""] {
            assert_eq!(class(storage), Class::Storage, "{storage}");
            assert!(alarms(storage));
        }
        assert_eq!(class("autofs"), Class::Kernel);
    }

    #[test]
    fn a_fuse_mount_without_any_room_that_is_read_only_is_an_image() {
        let image = |kind, read_only, free| is_fuse_image(kind, read_only, Some(free), None);
        assert!(image("fuse.anything", true, 0.0));
        assert!(!image("fuse.anything", false, 0.0), "a full one that can be written");
        assert!(!image("fuse.sshfs", true, 5.0), "a view of something that has room");
        assert!(!image("ext4", true, 0.0));
        assert!(!image("fuse.x.AppImage", true, 0.0), "its type says so already");
    }

    #[test]
    fn loops_and_drives_are_not_disks() {
        for name in ["loop0", "zram1", "sr0", "cd0", "ram15"] {
            assert!(is_virtual_device(name), "{name}");
        }
        for name in ["sda1", "md0", "nvme0n1", "loop", "dm-0", "srv1a"] {
            assert!(!is_virtual_device(name), "{name}");
        }
    }
}
