//! Disks that hold a mounted filesystem: space and traffic.
//!
//! Reads `/proc/self/mountinfo` (again when the kernel says that it has changed),
//! `/proc/diskstats`, and `/sys/block/dm-*/dm/name`; asks statvfs for the space. It is the only
//! provider that touches a mount: a mount that never answers makes this one late and no other.
//!
//! A device is a block device by the kernel's name (`vda1`, `dm-0`; what stands below `/dev/mapper`
//! resolves to its `dm-N`, or stays `mapper/x`), a ZFS dataset by `pool/dataset`, else the mount
//! point (NFS, FUSE). Several mounts of one device (bind mounts, subvolumes) are one: the shortest
//! path gives the numbers, `mounts` lists all, the shortest first, between blanks; a blank inside a
//! path is written `\040`, as in mountinfo. `type` is that of the filesystem.
//!
//! `total_bytes` is the filesystem's size, `free_bytes` what nothing occupies, `available_bytes`
//! what a user without privileges can take, `used_bytes` size less free, and `percent` is used of
//! used and available, as df has it. `read_bytes` and `written_bytes` are the block device's
//! counters since boot, from which core derives rates; a filesystem on several devices has those of
//! the one that is mounted, and one on none has none. Where statvfs is refused there is no space.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above; `sysinfo` lists the disks, and knows no bind mounts |
//! | `root` | `/` | the folder that holds `proc`, `sys` and the mounts; a recorded tree holds a file `statvfs` with lines of mount point, block size, blocks, free blocks, available blocks |
//! | `virtual` | `false` | also tmpfs, overlay, squashfs and their like, and loop devices |
//! | `skip` | | mount points (with all below) and types of filesystem to leave alone, between commas |
//!
//! Where nothing is mounted that counts, the hardware counts as absent.

mod block;
mod mounts;
mod space;

use crate::{
    kernel::{self, KeptFile, ROOT, Root, VIA, Way},
    portable,
};
use block::{Mappings, Traffic};
use manytop_core::{
    clock::Moment,
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Reader, Want, Yields},
    reading::{Answer, Part, Reading},
    vocabulary as v,
};
use mounts::Device;
pub use mounts::Wanted;
pub use space::{Space, of as space_of};

static VIRTUAL: Opt<bool> = Opt::<bool>::with_default(
    "virtual",
    "false",
    "Also tmpfs, overlay, squashfs and their like, and loop devices",
);
static SKIP: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "skip",
    "",
    "Mount points (with all below) and types of filesystem to leave alone",
);

inventory::submit! {
    Plugin::reads("disk", "Space and traffic of disks that hold a mounted filesystem.", build)
        .yields(&[Yields::new(v::DISK, &[
            &v::PERCENT, &v::USED_BYTES, &v::TOTAL_BYTES, &v::AVAILABLE_BYTES, &v::FREE_BYTES,
            &v::READ_BYTES, &v::WRITTEN_BYTES,
        ]).texts(&[&v::MOUNTS, &v::TYPE])])
        .options(&[VIA.spec(), ROOT.spec(), VIRTUAL.spec(), SKIP.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let skip = options.get(&SKIP);
    let wanted = Wanted { with_virtual: options.get(&VIRTUAL), skip };
    Ok(match kernel::way(options)? {
        Way::Kernel(root) => Box::new(Disks::below(root, wanted)),
        Way::Sysinfo => Box::new(portable::Disks::new(wanted)?),
    })
}

struct Disks {
    diskstats: KeptFile,
    mounted: Mounted,
    recorded: Option<KeptFile>,
}

/// What is mounted, as long as the kernel says nothing else.
struct Mounted {
    root: Root,
    wanted: Wanted,
    mountinfo: KeptFile,
    /// What stood in mountinfo when the devices were made of it.
    known: Vec<u8>,
    devices: Vec<Device>,
    polls: u32,
}

/// Should the kernel ever fail to say that the mounts have changed, they are read once a minute or so.
const POLLS_PER_READ: u32 = 60;

impl Disks {
    fn below(root: Root, wanted: Wanted) -> Disks {
        let recorded = Some(root.path("statvfs")).filter(|p| !root.is_this_machine() && p.exists());
        Disks {
            diskstats: root.file("proc/diskstats"),
            recorded: recorded.map(KeptFile::at),
            mounted: Mounted {
                mountinfo: root.own("mountinfo"),
                root,
                wanted,
                known: Vec::new(),
                devices: Vec::new(),
                polls: 0,
            },
        }
    }
}

impl Mounted {
    fn devices(&mut self, traffic: &[Traffic<'_>]) -> Result<&[Device], Failure> {
        let due = self.polls.is_multiple_of(POLLS_PER_READ);
        self.polls = self.polls.wrapping_add(1);
        if !due && self.root.is_this_machine() && !self.mountinfo.has_news() {
            return Ok(&self.devices);
        }
        let path = self.mountinfo.path().to_owned();
        let bytes = self.mountinfo.table().map_err(|e| kernel::unreadable(&path, &e))?;
        if bytes != self.known {
            self.known.clear();
            self.known.extend_from_slice(bytes);
            let block = Mappings::new(&self.root, traffic);
            self.devices = mounts::devices(mounts::parse(bytes), &self.wanted, &block);
        }
        Ok(&self.devices)
    }
}

impl Reader for Disks {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let root = self.mounted.root.clone();
        // A mount may take its time to answer; the counters belong to this moment.
        let taken = Moment::now();
        // A container may hide diskstats: then there is space, and no traffic.
        let traffic = self.diskstats.table().map(block::traffic).unwrap_or_default();
        let devices = self.mounted.devices(&traffic)?;
        let recorded = self.recorded.as_mut().and_then(|file| file.table().ok());
        let space = |device: &Device| match recorded {
            Some(table) => space::recorded(table, &device.escaped),
            None => space::of(&root.path(&device.path)),
        };
        let readings: Vec<_> =
            devices.iter().filter_map(|d| reading(d, space(d), &traffic)).collect();
        if readings.is_empty() {
            return Err(Failure::absent());
        }
        Ok(Answer::of(vec![Part::own(taken, readings)]))
    }
}

/// A filesystem of no size is none that holds anything: df leaves it out, and so do we.
fn reading(device: &Device, space: Option<Space>, traffic: &[Traffic<'_>]) -> Option<Reading> {
    if space.is_some_and(|s| s.size == 0.0) {
        return None;
    }
    let mut reading = Reading::new(v::DISK, device.name.clone());
    if let Some(space) = space {
        space.tell(&mut reading.values);
    }
    if let Some(t) = traffic.iter().find(|t| device.block && t.name == device.name.as_bytes()) {
        reading.values.set(&v::READ_BYTES, t.read_bytes);
        reading.values.set(&v::WRITTEN_BYTES, t.written_bytes);
    }
    reading.texts.set(&v::MOUNTS, device.mounts.clone());
    reading.texts.set(&v::TYPE, device.filesystem.clone());
    Some(reading)
}
