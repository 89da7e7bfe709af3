//! Arrays and pools: what the collectors `mdadm`, `zfs` and `btrfs` say.

use crate::dialects::dialect::{DevicePart, DialectRow, Labelled, Slot, SlotDevice, Slots};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{ERRORS, RESYNC_PERCENT, STATE, STORAGE},
};

const IS: Slot = Slot::new("is");
const DISKS: Slot = Slot::new("disks");
const REQUIRED: Slot = Slot::new("required");
const BLOCKS: Slot = Slot::new("blocks");
const SYNCED: Slot = Slot::new("synced");
const POOL: Slot = Slot::new("pool");
const COUNTED: Slot = Slot::new("errors");

const fn array(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Label("device")).keeps(&["state"])
}

pub const ROWS: &[DialectRow] = &[
    array("node_md_state", IS),
    array("node_md_disks", DISKS),
    array("node_md_disks_required", REQUIRED),
    array("node_md_blocks", BLOCKS),
    array("node_md_blocks_synced", SYNCED),
    DialectRow::named("node_zfs_zpool_state", POOL)
        .of(DevicePart::Label("zpool"))
        .keeps(&["state"]),
    DialectRow::named("node_btrfs_device_errors_total", COUNTED).of(DevicePart::Made(filesystem)),
];

/// A filesystem of btrfs by the beginning of its identifier, as its device may be one of many.
fn filesystem(series: &Labelled<'_>) -> Option<String> {
    let uuid: String = series.get("uuid").chars().take(8).collect();
    (!uuid.is_empty()).then(|| format!("btrfs-{uuid}"))
}

pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    slots.devices().map(|d| reading(&d)).collect()
}

fn reading(d: &SlotDevice<'_>) -> DeviceReading {
    let reading = DeviceReading::new(STORAGE, d.name().clone());
    if d.find(POOL).is_some() {
        let state =
            d.all(POOL).find(|found| found.value > 0.0).map(|found| match &**found.kept(0) {
                "online" => "ok",
                "degraded" => "degraded",
                _ => "failed",
            });
        return state.map_or(reading.clone(), |state| reading.text(&STATE, state));
    }
    if d.find(COUNTED).is_some() {
        let errors: f64 = d.all(COUNTED).map(|found| found.value).sum();
        return reading
            .with(&ERRORS, errors)
            .text(&STATE, if errors > 0.0 { "failing" } else { "ok" });
    }
    let is = |state: &str| d.all(IS).any(|found| &**found.kept(0) == state && found.value > 0.0);
    let disks =
        |state: &str| d.all(DISKS).find(|found| &**found.kept(0) == state).map(|found| found.value);
    let missing = d.value(REQUIRED).zip(disks("active")).is_some_and(|(all, active)| active < all);
    let rebuilds = ["recovering", "resync", "reshape", "check"].into_iter().any(is);
    let state = match (is("inactive"), rebuilds, missing) {
        (true, ..) => "failed",
        (_, true, _) => "rebuilding",
        (.., true) => "degraded",
        _ => "ok",
    };
    let share = d.value(SYNCED).zip(d.value(BLOCKS).filter(|blocks| *blocks > 0.0));
    let percent = share.filter(|_| rebuilds).map(|(synced, blocks)| 100.0 * synced / blocks);
    reading
        .with_some(&RESYNC_PERCENT, percent)
        .with_some(&ERRORS, disks("failed"))
        .text(&STATE, state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn arrays_and_pools_tell_their_health() {
        let body = "node_md_blocks{device=\"md0\"} 1000\nnode_md_blocks_synced{device=\"md0\"} 250\n\
                    node_md_disks{device=\"md0\",state=\"active\"} 1\n\
                    node_md_disks{device=\"md0\",state=\"failed\"} 1\n\
                    node_md_disks_required{device=\"md0\"} 2\n\
                    node_md_disks{device=\"md1\",state=\"active\"} 1\n\
                    node_md_disks_required{device=\"md1\"} 2\n\
                    node_md_state{device=\"md0\",state=\"active\"} 0\n\
                    node_md_state{device=\"md0\",state=\"recovering\"} 1\n\
                    node_md_state{device=\"md1\",state=\"active\"} 1\n\
                    node_zfs_zpool_state{state=\"degraded\",zpool=\"tank\"} 0\n\
                    node_zfs_zpool_state{state=\"online\",zpool=\"tank\"} 1\n\
                    node_btrfs_device_errors_total{device=\"sda\",type=\"read\",uuid=\"0abd23a9-579b\"} 2\n\
                    node_btrfs_device_errors_total{device=\"sdb\",type=\"read\",uuid=\"0abd23a9-579b\"} 1\n";
        assert_eq!(
            decoded(STORAGE, body),
            "btrfs-0abd23a9 errors=3 state=\"failing\"\n\
             md0 resync_percent=25 errors=1 state=\"rebuilding\"\nmd1 state=\"degraded\"\n\
             tank state=\"ok\"\n"
        );
    }
}
