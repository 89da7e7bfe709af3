//! Disks that hold a mounted filesystem: space, traffic, and how fast they answer.
//!
//! Reads `/proc/self/mountinfo` (again when the kernel says that it has changed),
//! `/proc/diskstats`, and `/sys/block/dm-*/dm/name`; asks statvfs for the space. It is the only
//! provider that touches a mount: a mount that never answers makes this one late and no other.
//!
//! A device is a block device by the kernel's name (`vda1`, `dm-0`; a name below `/dev/mapper`
//! resolves to its `dm-N`, or stays `mapper/x`), a ZFS dataset by `pool/dataset`, else the mount
//! point (NFS, FUSE). Several mounts of one device (bind mounts, subvolumes) are one: the shortest
//! path gives the numbers, `mounts` lists all, the shortest first, between blanks; a blank inside a
//! path is written `\040`, as in mountinfo. `type` is that of the filesystem.
//!
//! `total_bytes` is the filesystem's size, `free_bytes` what nothing occupies, `available_bytes`
//! what a user without privileges can take, `used_bytes` size less free, and `percent` is used of
//! used and available, as df has it. `inodes` is how many files it can hold and `free_inodes` how many
//! more; `inodes_percent` is what is taken of all, and absent where the filesystem has no such limit.
//! `read_bytes` and `written_bytes` are the block device's
//! counters since boot, from which core derives rates, as of `reads` and `writes`; `latency_seconds` is the
//! mean time from queueing to end of the requests that were completed (absent while there are none),
//! `busy_percent` the share of time with a request under way. A filesystem on several devices has those of
//! the one that is mounted, and one on none has none. Where statvfs is refused there is no space. A
//! figure that exceeds the size is absent, what depends on it is derived from the others or absent too, and a
//! note says so.
//!
//! File systems that can never be written (CDs and other images, AppImages among them) and virtual ones
//! are not storage: they are shown with `virtual` only, and never raise an alarm. An image that a FUSE
//! program serves is known by being read-only and without any room, and has no `percent`.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above; `sysinfo` lists the disks, and knows no bind mounts |
//! | `root` | `/` | the folder that holds `proc`, `sys` and the mounts; a recorded tree holds a file `statvfs` with lines of mount point, block size, blocks, free blocks, available blocks, and maybe inodes, free inodes |
//! | `virtual` | `false` | also tmpfs, overlay, CDs, squashfs and their like, and loop devices; of remotes too |
//! | `skip` | | mount points (with all below) and types of filesystem to leave alone, between commas |
//!
//! Where nothing is mounted that counts, the hardware counts as absent.

mod block;
mod mounts;
mod space;

use crate::{
    local::{
        procfs::{self, BACKEND, Backend, ROOT, ReusedFile, Root},
        sysinfo,
    },
    plausible::Doubts,
};
use block::{DiskstatsRow, Mappings};
use manytop_core::file;
use manytop_plugin::{
    clock::Moment,
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
pub use mounts::{MountFilter, MountedDevice};
pub use space::{Space, of as space_of};

static VIRTUAL: Opt<bool> = Opt::<bool>::with_default(
    "virtual",
    "false",
    "Also tmpfs, overlay, CDs, squashfs and their like, and loop devices; of remotes too",
);
static SKIP: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "skip",
    "",
    "Mount points (with all below) and types of filesystem to leave alone",
);

inventory::submit! {
    Plugin::reads("disk", "Space and traffic of disks that hold a mounted filesystem.", build)
        .yields(&[Provides::new(v::DISK, &[
            &v::PERCENT, &v::USED_BYTES, &v::TOTAL_BYTES, &v::AVAILABLE_BYTES, &v::FREE_BYTES,
            &v::INODES, &v::FREE_INODES, &v::INODES_PERCENT, &v::READ_BYTES, &v::WRITTEN_BYTES,
            &v::READS, &v::WRITES, &v::REQUESTS, &v::REQUEST_SECONDS, &v::IO_SECONDS,
        ]).texts(&[&v::MOUNTS, &v::TYPE])])
        .options(&[BACKEND.spec(), ROOT.spec(), VIRTUAL.spec(), SKIP.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let skip = options.get(&SKIP);
    let wanted = MountFilter { with_virtual: options.get(&VIRTUAL), skip };
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => below(root, wanted),
        Backend::Sysinfo => Box::new(sysinfo::SysinfoDisks::new(wanted)?),
    })
}

/// The reader of the files below that root.
pub fn below(root: Root, wanted: MountFilter) -> Box<dyn Reader> {
    Box::new(Disks::below(root, wanted))
}

/// What is mounted below that root and wanted.
pub fn mounted(root: &Root, wanted: &MountFilter) -> Vec<MountedDevice> {
    let diskstats = root.path("proc/diskstats").read(file::LIST).unwrap_or_default();
    let mountinfo = root.path("proc/self/mountinfo").read(file::LIST).unwrap_or_default();
    let traffic = block::traffic(&diskstats);
    mounts::devices(mounts::parse(&mountinfo), wanted, &Mappings::new(root, &traffic))
}

struct Disks {
    diskstats: ReusedFile,
    mounted: Mounted,
    recorded: Option<ReusedFile>,
}

/// What is mounted, as long as the kernel says nothing else.
struct Mounted {
    root: Root,
    wanted: MountFilter,
    mountinfo: ReusedFile,
    /// What stood in mountinfo when the devices were made of it.
    known: Vec<u8>,
    devices: Vec<MountedDevice>,
    polls: u32,
}

/// Should the kernel ever fail to say that the mounts have changed, they are read once a minute or so.
const POLLS_PER_READ: u32 = 60;

impl Disks {
    fn below(root: Root, wanted: MountFilter) -> Disks {
        let recorded = Some(root.path("statvfs"));
        let recorded =
            recorded.filter(|p| root.tree().is_some() || !root.is_this_machine() && p.exists());
        Disks {
            diskstats: root.file("proc/diskstats"),
            recorded: recorded.map(ReusedFile::at),
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
    fn devices(&mut self, traffic: &[DiskstatsRow<'_>]) -> Result<&[MountedDevice], Failure> {
        let due = self.polls.is_multiple_of(POLLS_PER_READ);
        self.polls = self.polls.wrapping_add(1);
        if !due && self.root.is_this_machine() && !self.mountinfo.has_news() {
            return Ok(&self.devices);
        }
        let path = self.mountinfo.path().to_owned();
        let bytes = self.mountinfo.read_to_end().map_err(|e| procfs::unreadable(&path, &e))?;
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
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let root = self.mounted.root.clone();
        // A mount may take its time to answer; the counters belong to this moment.
        let read_at = Moment::now();
        // A container may hide diskstats: then there is space, and no traffic.
        let traffic = self.diskstats.read_to_end().map(block::traffic).unwrap_or_default();
        let with_virtual = self.mounted.wanted.with_virtual;
        let devices = self.mounted.devices(&traffic)?;
        let recorded = self.recorded.as_mut().map(|file| file.read_to_end().unwrap_or_default());
        let space = |device: &MountedDevice| match recorded {
            Some(table) => space::recorded(table, &device.escaped),
            None => space::of(root.path(&device.path).as_path()),
        };
        let mut doubts = Doubts::default();
        let readings = devices.iter().filter_map(|device| {
            reading(device, space(device), with_virtual, &traffic, &mut doubts)
        });
        let readings: Vec<_> = readings.collect();
        if readings.is_empty() {
            return Err(Failure::absent());
        }
        Ok(doubts.answer_at(read_at, readings))
    }
}

/// A filesystem of size 0 holds no data: df leaves it out, and so does manytop.
fn reading(
    device: &MountedDevice,
    space: Option<Space>,
    with_virtual: bool,
    traffic: &[DiskstatsRow<'_>],
    doubts: &mut Doubts,
) -> Option<DeviceReading> {
    if space.is_some_and(|s| s.size == 0.0) {
        return None;
    }
    let mut reading = DeviceReading::new(v::DISK, device.name.clone());
    if let Some(space) = space {
        space.tell(&mut reading, doubts);
        if space.is_fuse_image(&device.filesystem, device.read_only) {
            if !with_virtual {
                return None;
            }
            // It is full by nature; of a type that no list knows, its percentage would raise alarms.
            reading.values.remove(&v::PERCENT);
        }
    }
    if let Some(t) = traffic.iter().find(|t| device.block && t.name == device.name.as_bytes()) {
        t.tell(&mut reading.values);
    }
    reading.texts.set(&v::MOUNTS, device.mounts.clone());
    reading.texts.set(&v::TYPE, device.filesystem.clone());
    Some(reading)
}
