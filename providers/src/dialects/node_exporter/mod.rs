//! What node_exporter says of Linux, macOS, the BSDs and Solaris: by the names that were settled in 0.16, by
//! those before, and by those of OpenWrt's exporter in Lua, which has some of either.
//!
//! One file a kind: the table, how readings are made of it, and its tests. Everything is asked of the
//! same body, so that what belongs together was taken at one moment.

mod cpu;
mod disk;
mod fan;
mod host;
mod memory;
mod network;
mod power;
mod storage;
mod temperature;

use crate::dialects::dialect::{CollectParameter, DevicePart, Dialect, DialectRow, Section, Slot};
use manytop_plugin::vocabulary::{
    CPU, DISK, FAN, HOST, MEMORY, NETWORK, POWER, STORAGE, TEMPERATURE,
};

manytop_plugin::inventory::submit! {
    Dialect::new("node_exporter", 2, &[
        Section::new(HOST, host::ROWS, host::readings)
            .carried_by(&[
                "boottime", "filefd", "loadavg", "os", "pressure", "processes", "stat", "systemd", "time",
                "uname", "vmstat",
            ])
            .figures(host::FIGURES)
            .adding(),
        Section::new(CPU, cpu::ROWS, cpu::readings)
            .carried_by(&["cpu", "cpufreq"])
            .begun_by(&["node_cpu"])
            .adding(),
        Section::new(MEMORY, memory::ROWS, memory::readings)
            .carried_by(&["meminfo"])
            .begun_by(&["node_memory_"])
            .adding(),
        // That a BSD's processors are in the collector cpu is not said: on Linux that would have it asked for
        // in vain. Where it is not asked for anyway, the whole is.
        Section::new(TEMPERATURE, temperature::ROWS, temperature::readings)
            .carried_by(&["hwmon", "thermal", "thermal_zone"])
            .begun_by(&["node_hwmon_temp", "node_thermal_temp", "node_thermal_zone"]),
        Section::new(NETWORK, network::ROWS, network::readings)
            .carried_by(&["netclass", "netdev"])
            .begun_by(&["node_network_receive", "node_network_transmit", "node_netdev_"])
            .adding(),
        Section::new(DISK, disk::ROWS, disk::readings)
            .carried_by(&["devstat", "disk", "diskstats", "filesystem"])
            .begun_by(&["node_filesystem_", "node_disk_", "node_devstat_"])
            .adding(),
        Section::new(FAN, fan::ROWS, fan::readings).carried_by(&["hwmon"]),
        Section::new(STORAGE, storage::ROWS, storage::readings)
            .carried_by(&["btrfs", "mdadm", "zfs"])
            .adding(),
        Section::new(POWER, power::ROWS, power::readings)
            .carried_by(&["powersupplyclass"])
            .begun_by(&["node_power_supply_capacity", "node_power_supply_charge", "node_power_supply_energy"]),
    ])
    .choosing(CollectParameter::new("collect[]", COLLECTORS))
}

/// It refuses a question that names a collector which is not switched on, and lists those that are,
/// whether or not they have found anything.
const COLLECTORS: &[DialectRow] =
    &[DialectRow::named("node_scrape_collector_success", Slot::new("success"))
        .of(DevicePart::Label("collector"))];
