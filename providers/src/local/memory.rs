//! Main memory and swap space: how much there is, how much is in use, and for what.
//!
//! Reads `/proc/meminfo`, `/proc/vmstat`, `/proc/swaps` and `/sys/block/zram*/mm_stat`,
//! `/proc/spl/kstat/zfs/arcstats`, and in a container `memory.*` of its cgroup.
//!
//! Devices are `Main` and `Swap`. Of the main memory `used_bytes` is total less available, which is
//! what programs hold and could not be given up without swapping; `buffers_bytes`, `shared_bytes` (Shmem)
//! and `reclaimable_bytes` (SReclaimable) are the kernel's own figures. `cached_bytes` is Cached − Shmem +
//! SReclaimable, as in htop and free. What ZFS could give up of its cache (`arc_bytes` less
//! `arc_least_bytes`) counts as cached and available; the kernel calls it used.
//! Of the swap space used is total less free. `percent` is used of total. `Swap` is always there: on a machine without
//! swap its total is 0 and it has no percent. A kernel older than 3.14 does not say what is
//! available, and some containers say more than there is: then used is total less free, buffers and
//! cached. A figure that exceeds its total is absent, and a note says so. `page_ins_per_second` are major
//! faults (pgmajfault); `in_bytes_per_second` and `out_bytes_per_second` of the swap space are pswpin and
//! pswpout; what compressed swap (zram) holds is `zram_bytes`, the memory that it takes `zram_used_bytes`.
//!
//! In a container with a cgroup that has a limit (`memory.max`) below the machine's size, that limit is the
//! total, and used is `memory.current` less `inactive_file`, as in docker stats; the text `limit` says
//! `container`.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above, `sysinfo` has neither buffers nor cached |
//! | `root` | `/` | the folder that holds `proc` and `sys` |
//!
//! A machine always has memory: without `/proc/meminfo` the poll fails.

mod beside;
mod container;

use crate::{
    local::{
        procfs::{self, BACKEND, Backend, ROOT, ReusedFile, Root},
        sysinfo,
    },
    plausible::{self, Doubts, LEFT_OUT},
};
use beside::{MemoryExtras, Told};
use container::MemoryCgroup;
use manytop_plugin::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::sync::Arc;

inventory::submit! {
    Plugin::reads("memory", "How much main memory and swap space is in use.", build)
        .yields(&[Provides::new(v::MEMORY, &[
            &v::PERCENT, &v::USED_BYTES, &v::TOTAL_BYTES, &v::AVAILABLE_BYTES, &v::FREE_BYTES,
            &v::BUFFERS_BYTES, &v::CACHED_BYTES, &v::RECLAIMABLE_BYTES, &v::SHARED_BYTES,
            &v::ARC_BYTES, &v::ARC_LEAST_BYTES, &v::PAGE_INS, &v::IN_BYTES, &v::OUT_BYTES,
            &v::ZRAM_BYTES, &v::ZRAM_USED_BYTES,
        ]).texts(&[&v::LIMIT])])
        .options(&[BACKEND.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => below(root),
        Backend::Sysinfo => Box::new(sysinfo::SysinfoMemory::new()?),
    })
}

/// The reader of the files below that root.
pub fn below(root: Root) -> Box<dyn Reader> {
    let (beside, container) = (MemoryExtras::below(&root), MemoryCgroup::below(&root));
    let (main, swap) = (v::MAIN.into(), v::SWAP.into());
    Box::new(Memory { meminfo: root.file("proc/meminfo"), beside, container, main, swap })
}

struct Memory {
    meminfo: ReusedFile,
    beside: MemoryExtras,
    container: MemoryCgroup,
    main: Arc<str>,
    swap: Arc<str>,
}

impl Reader for Memory {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let path = self.meminfo.path().to_owned();
        let bytes = self.meminfo.read_once().map_err(|e| procfs::unreadable(&path, &e))?;
        let mut facts = MemInfo::parse(bytes);
        if facts.total.is_none() {
            return Err(procfs::not_understood(&path, "MemTotal"));
        }
        let mut told = self.beside.read();
        let limited = self.container.limit(&mut facts);
        if limited || told.arc.is_some_and(|[size, _]| !facts.holds(size)) {
            // the cache is the machine's, not the container's
            told.arc = None;
        }
        facts.give_up(told.spare_arc());
        // A machine without swap has a swap space of nothing.
        facts.swap_total.get_or_insert(0.0);
        let mut doubts = Doubts::default();
        let main = told.of_main(facts.main(self.main.clone(), &mut doubts));
        let main = if limited { main.text(&v::LIMIT, "container") } else { main };
        let swap = told.of_swap(facts.swap(self.swap.clone(), &mut doubts));
        Ok(doubts.answer(vec![main, swap]))
    }
}

/// What is known of a machine's memory, in bytes: what /proc/meminfo says, or an exporter of it.
#[derive(Default, Debug)]
pub struct MemInfo {
    /// Main memory that the kernel can use.
    pub total: Option<f64>,
    /// What could be given out without swapping.
    pub available: Option<f64>,
    /// Memory that is not used for anything.
    pub free: Option<f64>,
    /// Raw disk blocks.
    pub buffers: Option<f64>,
    /// Files' contents, shared memory among them.
    pub cached: Option<f64>,
    /// What several processes share, and files that live in memory.
    pub shared: Option<f64>,
    /// Memory of the kernel's own that it could give up.
    pub reclaimable: Option<f64>,
    /// Swap space.
    pub swap_total: Option<f64>,
    /// Swap space that nothing occupies.
    pub swap_free: Option<f64>,
}

impl MemInfo {
    /// Reads the text of /proc/meminfo.
    pub fn parse(meminfo: &[u8]) -> MemInfo {
        let mut facts = MemInfo::default();
        let mut open = 9;
        for line in procfs::lines(meminfo) {
            let mut words = procfs::words(line);
            let fact = match words.next().unwrap_or_default() {
                b"MemTotal:" => &mut facts.total,
                b"MemAvailable:" => &mut facts.available,
                b"MemFree:" => &mut facts.free,
                b"Buffers:" => &mut facts.buffers,
                b"Cached:" => &mut facts.cached,
                b"Shmem:" => &mut facts.shared,
                b"SReclaimable:" => &mut facts.reclaimable,
                b"SwapTotal:" => &mut facts.swap_total,
                b"SwapFree:" => &mut facts.swap_free,
                _ => continue,
            };
            *fact = words.next().and_then(procfs::number).map(|kib| kib as f64 * 1024.0);
            open -= 1;
            if open == 0 {
                break;
            }
        }
        facts
    }

    /// Counts that many bytes more as cached and available.
    fn give_up(&mut self, bytes: f64) {
        self.available = self.available.map(|available| available + bytes);
        self.cached = self.cached.map(|cached| cached + bytes);
    }

    /// Files' contents, what the kernel holds of them besides, and nothing that is shared.
    fn cached(&self) -> Option<f64> {
        let rest = self.reclaimable.unwrap_or(0.0) - self.shared.unwrap_or(0.0);
        self.cached.map(|cached| (cached + rest).max(0.0))
    }

    /// Whether that many bytes can be in use: what is more belongs to another machine, such as the host of a
    /// container.
    fn holds(&self, bytes: f64) -> bool {
        self.total.is_none_or(|total| bytes <= total - self.free.unwrap_or(0.0))
    }

    /// The reading of the main memory. Used is total less available; where available is missing or cannot be
    /// true, it is total less free, buffers and cached.
    pub fn main(&self, device: impl Into<Arc<str>>, doubts: &mut Doubts) -> DeviceReading {
        let reading = DeviceReading::new(v::MEMORY, device);
        let of = (v::MEMORY, &*reading.device.clone());
        let Some(total) = self.total else { return self.parts(reading) };
        // no machine has none
        if total <= 0.0 || !doubts.is_amount(of, (&v::TOTAL_BYTES, total)) {
            return reading;
        }
        let fits = |part: Option<f64>| part.and_then(|part| plausible::part(part, total));
        let idle = fits(self.free).zip(fits(self.cached)).and_then(|(free, cached)| {
            let buffers = self.buffers.map_or(Some(0.0), |b| fits(Some(b)))?;
            fits(Some(free + cached + buffers))
        });
        let instead = match idle {
            Some(_) => "used_bytes is total less free, buffers and cached",
            None => "used_bytes and percent are left out",
        };
        let mut part =
            |quantity, value, follows| doubts.part(of, (quantity, value), total, follows);
        let known = MemInfo {
            available: part(&v::AVAILABLE_BYTES, self.available, instead),
            free: part(&v::FREE_BYTES, self.free, LEFT_OUT),
            buffers: part(&v::BUFFERS_BYTES, self.buffers, LEFT_OUT),
            cached: part(&v::CACHED_BYTES, self.cached, LEFT_OUT),
            shared: part(&v::SHARED_BYTES, self.shared, LEFT_OUT),
            reclaimable: part(&v::RECLAIMABLE_BYTES, self.reclaimable, LEFT_OUT),
            ..MemInfo::default()
        };
        let used = known.available.or(idle).map(|left| total - left);
        known.parts(sized(reading, used, total))
    }

    /// The reading of the swap space. A machine without swap has one of 0 bytes.
    pub fn swap(&self, device: impl Into<Arc<str>>, doubts: &mut Doubts) -> DeviceReading {
        let reading = DeviceReading::new(v::MEMORY, device);
        let of = (v::MEMORY, &*reading.device.clone());
        let Some(total) = self.swap_total else {
            return reading.with_some(&v::FREE_BYTES, self.swap_free);
        };
        if !doubts.is_amount(of, (&v::TOTAL_BYTES, total)) {
            return reading;
        }
        let instead = if total > 0.0 { "used_bytes and percent are left out" } else { LEFT_OUT };
        let free = doubts.part(of, (&v::FREE_BYTES, self.swap_free), total, instead);
        let nothing = (total == 0.0).then_some(0.0);
        let used = free.map(|free| total - free).or(nothing);
        sized(reading, used, total).with_some(&v::FREE_BYTES, free)
    }

    fn parts(&self, reading: DeviceReading) -> DeviceReading {
        reading
            .with_some(&v::AVAILABLE_BYTES, self.available)
            .with_some(&v::FREE_BYTES, self.free)
            .with_some(&v::BUFFERS_BYTES, self.buffers)
            .with_some(&v::CACHED_BYTES, self.cached())
            .with_some(&v::SHARED_BYTES, self.shared)
            .with_some(&v::RECLAIMABLE_BYTES, self.reclaimable)
    }
}

impl Told {
    fn of_main(&self, main: DeviceReading) -> DeviceReading {
        let [size, least] = self.arc.map_or([None; 2], |arc| arc.map(Some));
        main.with_some(&v::ARC_BYTES, size)
            .with_some(&v::ARC_LEAST_BYTES, least)
            .with_some(&v::PAGE_INS, self.page_ins)
    }

    fn of_swap(&self, swap: DeviceReading) -> DeviceReading {
        let [read, written] = self.swapped;
        let [holds, takes] = self.zram.map_or([None; 2], |zram| zram.map(Some));
        swap.with_some(&v::IN_BYTES, read)
            .with_some(&v::OUT_BYTES, written)
            .with_some(&v::ZRAM_BYTES, holds)
            .with_some(&v::ZRAM_USED_BYTES, takes)
    }
}

/// Of nothing there is no percentage.
fn sized(reading: DeviceReading, used: Option<f64>, total: f64) -> DeviceReading {
    let percent = used.filter(|_| total > 0.0).map(|used| 100.0 * used / total);
    reading
        .with_some(&v::PERCENT, percent)
        .with_some(&v::USED_BYTES, used)
        .with(&v::TOTAL_BYTES, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    fn told(meminfo: &str) -> (String, Vec<String>) {
        let mut doubts = Doubts::default();
        let facts = MemInfo::parse(meminfo.as_bytes());
        let readings = [facts.main(v::MAIN, &mut doubts), facts.swap(v::SWAP, &mut doubts)];
        (lines(&readings), doubts.into_notes())
    }

    #[test]
    fn cached_is_without_what_is_shared_and_with_what_zfs_could_give_up() {
        let mut facts = MemInfo::parse(
            b"MemTotal: 1000 kB\nMemAvailable: 500 kB\nCached: 300 kB\nShmem: 50 kB\nSReclaimable: 20 kB\n",
        );
        facts.give_up(10.0 * 1024.0);
        let main = facts.main(v::MAIN, &mut Doubts::default());
        assert_eq!(main.values.get(&v::CACHED_BYTES), Some(280.0 * 1024.0));
        assert_eq!(main.values.get(&v::USED_BYTES), Some(490.0 * 1024.0));
        assert_eq!(main.values.get(&v::AVAILABLE_BYTES), Some(510.0 * 1024.0));
    }

    /// A container on a host with ZFS sees the host's cache.
    #[test]
    fn a_cache_larger_than_what_is_in_use_is_another_machines() {
        let facts = MemInfo::parse(b"MemTotal: 1000 kB\nMemFree: 600 kB\nMemAvailable: 700 kB\n");
        assert!(facts.holds(400.0 * 1024.0));
        assert!(!facts.holds(401.0 * 1024.0));
        assert!(MemInfo::default().holds(1e12));
    }

    #[test]
    fn what_the_kernel_does_not_say_is_absent() {
        let (said, notes) = told("MemTotal: 1000 kB\nMemFree: 600 kB\n");
        assert_eq!(said, "Main total_bytes=1024000 free_bytes=614400\nSwap\n");
        assert!(notes.is_empty());
    }

    #[test]
    fn without_available_bytes_what_is_free_and_cached_is_not_used() {
        let (said, notes) =
            told("MemTotal: 1000 kB\nMemFree: 400 kB\nBuffers: 100 kB\nCached: 250 kB\n");
        assert!(
            said.starts_with("Main percent=25 used_bytes=256000 total_bytes=1024000 free"),
            "{said}"
        );
        assert!(notes.is_empty(), "an old kernel is not in doubt");
    }

    #[test]
    fn a_total_that_cannot_be_true_leaves_no_figure() {
        let (said, notes) = told("MemTotal: 0 kB\nMemFree: 0 kB\nMemAvailable: 0 kB\n");
        assert_eq!((said.as_str(), notes.len()), ("Main\nSwap\n", 0));
        let (said, notes) =
            told("MemTotal: 18000000000000000 kB\nMemFree: 5 kB\nMemAvailable: 7 kB\n");
        assert_eq!((said.as_str(), notes.len()), ("Main\nSwap\n", 1));
    }

    /// What lxcfs says in a container.
    #[test]
    fn available_bytes_of_the_host_are_not_those_of_a_container() {
        let (said, notes) = told(
            "MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 9000 kB\nBuffers: 0 kB\n\
             Cached: 300 kB\nSwapTotal: 0 kB\nSwapFree: 18446744073709551000 kB\n",
        );
        assert_eq!(
            said,
            "Main percent=50 used_bytes=512000 total_bytes=1024000 free_bytes=204800 \
             buffers_bytes=0 cached_bytes=307200\nSwap used_bytes=0 total_bytes=0\n"
        );
        assert_eq!(
            notes[0],
            "memory \"Main\": available_bytes 9216000 is not between 0 and total_bytes 1024000; \
             used_bytes is total less free, buffers and cached"
        );
        assert!(notes[1].starts_with("memory \"Swap\": free_bytes 1888"), "{notes:?}");
    }

    #[test]
    fn figures_that_contradict_each_other_leave_nothing_to_derive_from() {
        let (said, notes) = told(
            "MemTotal: 1000 kB\nMemFree: 900 kB\nMemAvailable: 1001 kB\nBuffers: 0 kB\nCached: 300 kB\n\
             SReclaimable: 5000 kB\nSwapTotal: 10 kB\nSwapFree: 11 kB\n",
        );
        assert_eq!(
            said,
            "Main total_bytes=1024000 free_bytes=921600 buffers_bytes=0 cached_bytes=307200\n\
             Swap total_bytes=10240\n"
        );
        assert_eq!(notes.len(), 3, "{notes:?}");
    }
}
