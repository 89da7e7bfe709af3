//! Main memory and swap space, from `/proc/meminfo`.

use crate::remote::dialect::{Device, Part, Row, Slot, Slots};
use manytop_core::{
    reading::Reading,
    vocabulary::{
        AVAILABLE_BYTES, BUFFERS_BYTES, CACHED_BYTES, FREE_BYTES, MAIN, MEMORY, PERCENT,
        RECLAIMABLE_BYTES, SWAP, TOTAL_BYTES, USED_BYTES,
    },
};

const TOTAL: Slot = Slot::new("total");
const AVAILABLE: Slot = Slot::new("available");
const FREE: Slot = Slot::new("free");
const BUFFERS: Slot = Slot::new("buffers");
const CACHED: Slot = Slot::new("cached");
const RECLAIMABLE: Slot = Slot::new("reclaimable");

const fn main(metric: &'static str, slot: Slot) -> Row {
    Row::named(metric, slot).of(Part::Only(MAIN))
}
const fn swap(metric: &'static str, slot: Slot) -> Row {
    Row::named(metric, slot).of(Part::Only(SWAP))
}

pub const ROWS: &[Row] = &[
    main("node_memory_MemTotal_bytes", TOTAL),
    main("node_memory_MemAvailable_bytes", AVAILABLE),
    main("node_memory_MemFree_bytes", FREE),
    main("node_memory_Buffers_bytes", BUFFERS),
    main("node_memory_Cached_bytes", CACHED),
    main("node_memory_SReclaimable_bytes", RECLAIMABLE),
    swap("node_memory_SwapTotal_bytes", TOTAL),
    swap("node_memory_SwapFree_bytes", FREE),
];

/// used = total − available, and for swap total − free.
pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    let main = slots.device(MAIN).map(|d| {
        sized(&d, AVAILABLE)
            .with_some(&AVAILABLE_BYTES, d.value(AVAILABLE))
            .with_some(&FREE_BYTES, d.value(FREE))
            .with_some(&BUFFERS_BYTES, d.value(BUFFERS))
            .with_some(&CACHED_BYTES, d.value(CACHED))
            .with_some(&RECLAIMABLE_BYTES, d.value(RECLAIMABLE))
    });
    let swap = slots.device(SWAP).map(|d| sized(&d, FREE).with_some(&FREE_BYTES, d.value(FREE)));
    main.into_iter().chain(swap).collect()
}

fn sized(device: &Device<'_>, left: Slot) -> Reading {
    let total = device.value(TOTAL);
    let used = total.zip(device.value(left)).map(|(total, left)| (total - left).max(0.0));
    let percent = total.zip(used).filter(|(total, _)| *total > 0.0);
    Reading::new(MEMORY, device.name().clone())
        .with_some(&PERCENT, percent.map(|(total, used)| 100.0 * used / total))
        .with_some(&USED_BYTES, used)
        .with_some(&TOTAL_BYTES, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

    #[test]
    fn a_machine_without_swap_has_one_of_no_bytes() {
        let body = "node_memory_MemAvailable_bytes 3e+09\nnode_memory_MemTotal_bytes 4e+09\n\
                    node_memory_SwapFree_bytes 0\nnode_memory_SwapTotal_bytes 0\n";
        assert_eq!(
            said(MEMORY, body),
            "Main percent=25 used_bytes=1000000000 total_bytes=4000000000 available_bytes=3000000000\n\
             Swap used_bytes=0 total_bytes=0 free_bytes=0\n"
        );
    }

    #[test]
    fn without_the_available_bytes_nothing_is_made_up() {
        let body = "node_memory_MemTotal_bytes 4e+09\nnode_memory_MemFree_bytes 1e+09\n";
        assert_eq!(said(MEMORY, body), "Main total_bytes=4000000000 free_bytes=1000000000\n");
    }
}
