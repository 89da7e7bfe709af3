//! The health of arrays, pools and drives.
//!
//! Reads `/proc/mdstat` and `/sys/block/md*/md/dev-*/errors` (software RAID), `/proc/spl/kstat/zfs/POOL/state`
//! (ZFS) and `/sys/fs/btrfs/UUID/devinfo/*/{missing,error_stats}` (btrfs). Of drives it says what
//! `smartctl` prints, or `nvme` where that is missing, if there is one and it may open them: one drive at a
//! time, in the background, once in `smartrefresh`. A drive that sleeps is not woken.
//!
//! A device is an array (`md0`), a pool by its name, a btrfs file system as `btrfs-` and the beginning of its
//! identifier, or a drive (`sda`, `nvme0`). The text `state` is `ok`, `rebuilding`, `degraded` (it works
//! without one of its parts), `failing` (a drive predicts its failure, or btrfs has counted errors) or `failed`.
//! `resync_percent` is how far a rebuild, a check or a reshape has come; `errors` counts read errors of an
//! array's members, btrfs's errors of all devices, and of a drive the sectors that it has lost or media errors;
//! `wear_percent` and `celsius` are the drive's own. `type` is `raid1` and the like, `zfs`, `btrfs` or `drive`.
//!
//! | option | default | |
//! |---|---|---|
//! | `smart` | `true` | ask drives, with `smartctl` or `nvme` |
//! | `smartctl` | found | the program to ask drives with |
//! | `smartrefresh` | `30m` | how often each drive is asked |
//! | `root` | `/` | the folder that holds `proc` and `sys` |
//!
//! On a machine without any of these the hardware counts as absent. Drives of a `root` other than `/` are asked
//! only where `smartctl` is set.

mod mdstat;
mod smart;

use crate::local::procfs::{self, ROOT, ReusedFile, Root};
use manytop_plugin::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::{path::PathBuf, time::Duration};

static SMART: Opt<bool> = Opt::<bool>::with_default(
    "smart",
    "true",
    "Ask drives for their health, with smartctl or nvme",
);
static SMARTCTL: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional(
    "smartctl",
    "The program to ask drives with; else it is searched for",
);
static SMARTREFRESH: Opt<Duration> =
    Opt::<Duration>::with_default("smartrefresh", "30m", "How often each drive is asked");

inventory::submit! {
    Plugin::reads("storage", "The health of arrays, pools and drives.", build)
        .yields(&[Provides::new(v::STORAGE, &[
            &v::ERRORS, &v::RESYNC_PERCENT, &v::WEAR_PERCENT, &v::CELSIUS,
        ]).texts(&[&v::STATE, &v::TYPE, &v::MODEL])])
        .options(&[SMART.spec(), SMARTCTL.spec(), SMARTREFRESH.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let root = Root::of(options)?;
    let mut storage = StorageReader::below(root);
    let named = options.get(&SMARTCTL);
    let may = storage.root.is_this_machine() || named.is_some();
    let smart = || smart::Smart::new(named, options.get(&SMARTREFRESH));
    storage.smart = (options.get(&SMART) && may).then(smart);
    Ok(Box::new(storage))
}

/// The state of something that holds data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StorageState {
    /// All of it works.
    Ok,
    /// It is being made whole, or another shape.
    Rebuilding,
    /// It works without a part of it.
    Degraded,
    /// It works, and has errors or predicts its failure.
    Failing,
    /// It does not work.
    Failed,
}

impl StorageState {
    /// The word of the text `state`.
    pub const fn word(self) -> &'static str {
        match self {
            StorageState::Ok => "ok",
            StorageState::Rebuilding => "rebuilding",
            StorageState::Degraded => "degraded",
            StorageState::Failing => "failing",
            StorageState::Failed => "failed",
        }
    }
}

struct StorageReader {
    root: Root,
    mdstat: ReusedFile,
    polls: u32,
    /// Pools and file systems, as last read.
    others: Vec<DeviceReading>,
    smart: Option<smart::Smart>,
}

/// Polls after which pools and file systems are read again.
const POLLS_PER_LOOK: u32 = 5;

impl StorageReader {
    fn below(root: Root) -> StorageReader {
        StorageReader {
            mdstat: root.file("proc/mdstat"),
            root,
            polls: 0,
            others: Vec::new(),
            smart: None,
        }
    }
}

impl Reader for StorageReader {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let mdstat = self.mdstat.read_to_end().map(String::from_utf8_lossy).unwrap_or_default();
        let arrays = mdstat::parse(&mdstat);
        let mut all: Vec<DeviceReading> = arrays.iter().map(|a| array(&self.root, a)).collect();
        if self.polls.is_multiple_of(POLLS_PER_LOOK) {
            self.others = zfs(&self.root).chain(btrfs(&self.root)).collect();
        }
        self.polls = self.polls.wrapping_add(1);
        all.extend(self.others.iter().cloned());
        let mut asks = false;
        if let Some(smart) = &mut self.smart {
            all.extend(smart.advance(&self.root));
            asks = smart.is_asking();
        }
        // while drives are being asked for the first time it is not known that there are none
        if all.is_empty() && !asks { Err(Failure::absent()) } else { Ok(PollResult::now(all)) }
    }
}

fn array(root: &Root, array: &mdstat::Array) -> DeviceReading {
    let members = root.path(format!("sys/block/{}/md", array.name));
    let names = members.names().into_iter().filter(|name| name.starts_with("dev-"));
    let counts =
        names.filter_map(|name| number(members.join(name).join("errors").text()?.as_str()));
    let reading = DeviceReading::new(v::STORAGE, array.name.as_str())
        .with_some(&v::ERRORS, counts.reduce(|a, b| a + b))
        .with_some(&v::RESYNC_PERCENT, array.percent)
        .text(&v::STATE, array.health.word());
    if array.level.is_empty() { reading } else { reading.text(&v::TYPE, array.level.as_str()) }
}

fn number(text: &str) -> Option<f64> {
    procfs::number(text.as_bytes()).map(|n| n as f64)
}

/// The pools of ZFS.
fn zfs(root: &Root) -> impl Iterator<Item = DeviceReading> {
    let folder = root.path("proc/spl/kstat/zfs");
    folder.names().into_iter().filter_map(move |pool| {
        let state = folder.join(&pool).join("state").text()?;
        let health = match &*state {
            "ONLINE" => StorageState::Ok,
            "DEGRADED" => StorageState::Degraded,
            _ => StorageState::Failed,
        };
        let reading = DeviceReading::new(v::STORAGE, pool);
        Some(reading.text(&v::STATE, health.word()).text(&v::TYPE, "zfs"))
    })
}

/// The file systems of btrfs.
fn btrfs(root: &Root) -> impl Iterator<Item = DeviceReading> {
    let folder = root.path("sys/fs/btrfs");
    folder.names().into_iter().filter_map(move |uuid| {
        let short = uuid.get(..8)?;
        let info = folder.join(&uuid).join("devinfo");
        let devices = info.names();
        if devices.is_empty() {
            return None;
        }
        let missing = |id: &String| info.join(id).join("missing").text().as_deref() == Some("1");
        let stats = devices.iter().filter_map(|id| info.join(id).join("error_stats").text());
        // `write_errs 0`, `corruption_errs 3`
        let counts = stats.flat_map(|text| {
            let of = |line: &str| number(line.split_ascii_whitespace().nth(1)?);
            text.lines().filter_map(of).collect::<Vec<_>>()
        });
        let errors = counts.reduce(|a, b| a + b);
        let health = match errors {
            _ if devices.iter().any(missing) => StorageState::Degraded,
            Some(errors) if errors > 0.0 => StorageState::Failing,
            _ => StorageState::Ok,
        };
        let reading = DeviceReading::new(v::STORAGE, format!("btrfs-{short}"))
            .with_some(&v::ERRORS, errors)
            .text(&v::STATE, health.word())
            .text(&v::TYPE, "btrfs");
        Some(reading)
    })
}
