//! Main memory and swap space, from `/proc/meminfo`, and what macOS, the BSDs and AIX say of theirs.

use crate::{
    dialects::{
        common_slots::{ACTIVE, AVAILABLE, BUFFERS, CACHED, FREE, SIZE, TOTAL, USED},
        dialect::{DevicePart, DialectRow, Slot, SlotDevice, Slots},
    },
    local::memory::MemInfo,
};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{MAIN, SWAP},
};

const SHARED: Slot = Slot::new("shared");
const RECLAIMABLE: Slot = Slot::new("reclaimable");
/// What a BSD calls the total.
const INACTIVE: Slot = Slot::new("inactive");
const WIRED: Slot = Slot::new("wired");
/// What a BSD could give up at once.
const CACHE: Slot = Slot::new("cache");
/// Programs' own memory, on macOS.
const INTERNAL: Slot = Slot::new("internal");
const PURGEABLE: Slot = Slot::new("purgeable");
const COMPRESSED: Slot = Slot::new("compressed");

const fn main(metric: &'static str, also: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(also).of(DevicePart::Only(MAIN))
}
const fn swap(metric: &'static str, also: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(also).of(DevicePart::Only(SWAP))
}

/// Linux first, with the names before 0.16, which OpenWrt's exporter has kept; then macOS with its own before
/// 0.17, the BSDs and AIX.
pub const ROWS: &[DialectRow] = &[
    main("node_memory_MemTotal_bytes", &["node_memory_MemTotal"], TOTAL),
    main("node_memory_MemAvailable_bytes", &["node_memory_MemAvailable"], AVAILABLE),
    main("node_memory_MemFree_bytes", &["node_memory_MemFree"], FREE),
    main("node_memory_Buffers_bytes", &["node_memory_Buffers"], BUFFERS),
    main("node_memory_Cached_bytes", &["node_memory_Cached"], CACHED),
    main("node_memory_Shmem_bytes", &["node_memory_Shmem"], SHARED),
    main("node_memory_SReclaimable_bytes", &["node_memory_SReclaimable"], RECLAIMABLE),
    swap("node_memory_SwapTotal_bytes", &["node_memory_SwapTotal"], TOTAL),
    swap("node_memory_SwapFree_bytes", &["node_memory_SwapFree"], FREE),
    main("node_memory_total_bytes", &["node_memory_bytes_total"], TOTAL),
    main("node_memory_active_bytes", &["node_memory_active_bytes_total"], ACTIVE),
    main("node_memory_inactive_bytes", &["node_memory_inactive_bytes_total"], INACTIVE),
    main("node_memory_wired_bytes", &["node_memory_wired_bytes_total"], WIRED),
    main("node_memory_free_bytes", &["node_memory_free_bytes_total"], FREE),
    main("node_memory_internal_bytes", &[], INTERNAL),
    main("node_memory_purgeable_bytes", &[], PURGEABLE),
    main("node_memory_compressed_bytes", &[], COMPRESSED),
    swap("node_memory_swap_total_bytes", &["node_memory_swap_size_bytes"], TOTAL),
    swap("node_memory_swap_used_bytes", &[], USED),
    main("node_memory_size_bytes", &[], SIZE),
    main("node_memory_cache_bytes", &[], CACHE),
    main("node_memory_buffer_bytes", &[], BUFFERS),
    main("node_memory_available_bytes", &[], AVAILABLE),
    swap("node_memory_paging_space_total_bytes", &[], TOTAL),
    swap("node_memory_paging_space_free_bytes", &[], FREE),
];

/// By the formulas of this machine's own memory.
pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let mut doubts = slots.doubts();
    let main = slots.device(MAIN).map(|d| {
        let facts = MemInfo {
            total: d.value(TOTAL).or(d.value(SIZE)),
            available: d.value(AVAILABLE).or_else(|| of_bsd(&d)).or_else(|| of_macos(&d)),
            free: d.value(FREE),
            buffers: d.value(BUFFERS),
            cached: d.value(CACHED),
            shared: d.value(SHARED),
            reclaimable: d.value(RECLAIMABLE),
            ..MemInfo::default()
        };
        facts.main(d.name().clone(), &mut doubts)
    });
    let swap = slots.device(SWAP).map(|d| {
        let swap_total = d.value(TOTAL);
        let swap_free = d.value(FREE).or_else(|| Some(swap_total? - d.value(USED)?));
        let facts = MemInfo { swap_total, swap_free, ..MemInfo::default() };
        facts.swap(d.name().clone(), &mut doubts)
    });
    main.into_iter().chain(swap).collect()
}

/// What a BSD can give out without writing to a disk first: pages that nothing occupies, that were not used
/// for a while, or that hold files. Dirty ones (`laundry`) and the cache of ZFS, which is wired, count as
/// used.
fn of_bsd(main: &SlotDevice<'_>) -> Option<f64> {
    main.value(SIZE)?;
    let or_none = |slot| main.value(slot).unwrap_or_default();
    Some(main.value(FREE)? + main.value(INACTIVE)? + or_none(CACHE) + or_none(BUFFERS))
}

/// What macOS does not count as used: that is programs' memory without what can be purged, what the kernel
/// holds, and what is compressed. Versions that do not say what is the programs' have what is active instead.
fn of_macos(main: &SlotDevice<'_>) -> Option<f64> {
    let internal = main.value(INTERNAL).zip(main.value(PURGEABLE));
    let programs = internal.map(|(all, purgeable)| (all - purgeable).max(0.0));
    let programs = programs.or(main.value(ACTIVE))?;
    let compressed = main.value(COMPRESSED).unwrap_or_default();
    Some(main.value(TOTAL)? - programs - main.value(WIRED)? - compressed)
}

#[cfg(test)]
mod tests {
    use crate::dialects::testing::{decoded, notes_of};
    use manytop_plugin::vocabulary::MEMORY;

    #[test]
    fn a_machine_without_swap_has_one_of_no_bytes() {
        let body = "node_memory_MemAvailable_bytes 3e+09\nnode_memory_MemTotal_bytes 4e+09\n\
                    node_memory_SwapFree_bytes 0\nnode_memory_SwapTotal_bytes 0\n";
        assert_eq!(
            decoded(MEMORY, body),
            "Main percent=25 used_bytes=1000000000 total_bytes=4000000000 available_bytes=3000000000\n\
             Swap used_bytes=0 total_bytes=0 free_bytes=0\n"
        );
    }

    #[test]
    fn without_the_available_bytes_nothing_is_made_up() {
        let body = "node_memory_MemTotal_bytes 4e+09\nnode_memory_MemFree_bytes 1e+09\n";
        assert_eq!(decoded(MEMORY, body), "Main total_bytes=4000000000 free_bytes=1000000000\n");
        let cached = "node_memory_Buffers_bytes 5e+08\nnode_memory_Cached_bytes 1.5e+09\n";
        assert_eq!(
            decoded(MEMORY, &format!("{body}{cached}")),
            "Main percent=25 used_bytes=1000000000 total_bytes=4000000000 free_bytes=1000000000 \
             buffers_bytes=500000000 cached_bytes=1500000000\n"
        );
    }

    #[test]
    fn more_available_than_there_is_is_left_out_and_said() {
        let body = "node_memory_Buffers_bytes 0\nnode_memory_Cached_bytes 1e+09\n\
                    node_memory_MemAvailable_bytes 9e+09\nnode_memory_MemFree_bytes 1e+09\n\
                    node_memory_MemTotal_bytes 4e+09\nnode_memory_SwapFree_bytes 1.9e+22\n\
                    node_memory_SwapTotal_bytes 0\n";
        assert_eq!(
            decoded(MEMORY, body),
            "Main percent=50 used_bytes=2000000000 total_bytes=4000000000 free_bytes=1000000000 \
             buffers_bytes=0 cached_bytes=1000000000\nSwap used_bytes=0 total_bytes=0\n"
        );
        assert_eq!(
            notes_of(MEMORY, body),
            [
                "memory \"Main\": available_bytes 9000000000 is not between 0 and total_bytes 4000000000; \
                 used_bytes is total less free, buffers and cached",
                "memory \"Swap\": free_bytes 19000000000000000000000 is not between 0 and total_bytes 0; \
                 it is left out",
            ]
        );
    }

    #[test]
    fn the_older_names_are_those_of_openwrt_too() {
        let body = "node_memory_MemTotal 4000\nnode_memory_MemFree 100\nnode_memory_MemAvailable 3000\n\
                    node_memory_Buffers 10\nnode_memory_Cached 20\nnode_memory_SReclaimable 30\n\
                    node_memory_Shmem 5\n\
                    node_memory_SwapTotal 50\nnode_memory_SwapFree 40\n";
        assert_eq!(
            decoded(MEMORY, body),
            "Main percent=25 used_bytes=1000 total_bytes=4000 available_bytes=3000 free_bytes=100 \
             buffers_bytes=10 cached_bytes=45 shared_bytes=5 reclaimable_bytes=30\n\
             Swap percent=20 used_bytes=10 total_bytes=50 free_bytes=40\n"
        );
    }

    #[test]
    fn used_on_macos_is_what_its_activity_monitor_says() {
        let body = "node_memory_active_bytes 3400\nnode_memory_compressed_bytes 1000\n\
                    node_memory_free_bytes 50\nnode_memory_inactive_bytes 900\n\
                    node_memory_internal_bytes 4000\nnode_memory_purgeable_bytes 100\n\
                    node_memory_swap_total_bytes 2000\nnode_memory_swap_used_bytes 1500\n\
                    node_memory_total_bytes 16000\nnode_memory_wired_bytes 2100\n";
        assert_eq!(
            decoded(MEMORY, body),
            "Main percent=43.75 used_bytes=7000 total_bytes=16000 available_bytes=9000 free_bytes=50\n\
             Swap percent=75 used_bytes=1500 total_bytes=2000 free_bytes=500\n"
        );
        let older = "node_memory_active_bytes_total 4000\nnode_memory_free_bytes_total 50\n\
                     node_memory_inactive_bytes_total 900\nnode_memory_wired_bytes_total 2000\n\
                     node_memory_bytes_total 16000\n";
        assert_eq!(
            decoded(MEMORY, older),
            "Main percent=37.5 used_bytes=6000 total_bytes=16000 available_bytes=10000 free_bytes=50\n"
        );
    }

    #[test]
    fn what_a_bsd_can_give_up_is_not_used() {
        let freebsd = "node_memory_active_bytes 1000\nnode_memory_buffer_bytes 100\n\
                       node_memory_cache_bytes 0\nnode_memory_free_bytes 2000\n\
                       node_memory_inactive_bytes 2900\nnode_memory_laundry_bytes 500\n\
                       node_memory_size_bytes 8000\nnode_memory_swap_size_bytes 0\n\
                       node_memory_swap_used_bytes 0\nnode_memory_wired_bytes 1500\n";
        assert_eq!(
            decoded(MEMORY, freebsd),
            "Main percent=37.5 used_bytes=3000 total_bytes=8000 available_bytes=5000 free_bytes=2000 \
             buffers_bytes=100\nSwap used_bytes=0 total_bytes=0 free_bytes=0\n"
        );
        let openbsd = "node_memory_cache_bytes 500\nnode_memory_free_bytes 1000\n\
                       node_memory_inactive_bytes 500\nnode_memory_size_bytes 8000\n\
                       node_memory_active_bytes 4000\nnode_memory_wired_bytes 0\n";
        assert_eq!(
            decoded(MEMORY, openbsd),
            "Main percent=75 used_bytes=6000 total_bytes=8000 available_bytes=2000 free_bytes=1000\n"
        );
    }

    #[test]
    fn parts_that_are_more_than_all_of_it_are_left_out() {
        let body = "node_memory_free_bytes 9000\nnode_memory_inactive_bytes 1\n\
                    node_memory_size_bytes 8000\nnode_memory_swap_total_bytes 10\n\
                    node_memory_swap_used_bytes 11\n";
        let decoded = decoded(MEMORY, body);
        assert!(!decoded.contains("percent") && !decoded.contains("used"), "{decoded}");
    }

    #[test]
    fn aix_says_what_is_available() {
        let body = "node_memory_available_bytes 3000\nnode_memory_free_bytes 100\n\
                    node_memory_paging_space_free_bytes 40\nnode_memory_paging_space_total_bytes 50\n\
                    node_memory_total_bytes 4000\n";
        assert_eq!(
            decoded(MEMORY, body),
            "Main percent=25 used_bytes=1000 total_bytes=4000 available_bytes=3000 free_bytes=100\n\
             Swap percent=20 used_bytes=10 total_bytes=50 free_bytes=40\n"
        );
    }
}
