//! What node_exporter says of Linux, since its names were settled in 0.16.
//!
//! One file a kind: the table, how readings are made of it, and its tests. Everything is asked of the
//! same body, so that what belongs together was taken at one moment.

mod cpu;
mod disk;
mod host;
mod memory;
mod network;
mod power;
mod temperature;

use crate::remote::dialect::{Choice, Dialect, Part, Row, Section, Slot};
use manytop_core::vocabulary::{CPU, DISK, HOST, MEMORY, NETWORK, POWER, TEMPERATURE};

manytop_core::inventory::submit! {
    Dialect::new("node_exporter", 2, &[
        Section::new(HOST, host::ROWS, host::readings)
            .carried_by(&["boottime", "cpu", "loadavg", "processes", "stat", "time", "uname"]),
        Section::new(CPU, cpu::ROWS, cpu::readings).carried_by(&["cpu", "cpufreq"]),
        Section::new(MEMORY, memory::ROWS, memory::readings).carried_by(&["meminfo"]),
        Section::new(TEMPERATURE, temperature::ROWS, temperature::readings)
            .carried_by(&["hwmon", "thermal_zone"]),
        Section::new(NETWORK, network::ROWS, network::readings).carried_by(&["netdev"]),
        Section::new(DISK, disk::ROWS, disk::readings).carried_by(&["diskstats", "filesystem"]),
        Section::new(POWER, power::ROWS, power::readings).carried_by(&["powersupplyclass"]),
    ])
    .choosing(Choice::new("collect[]", COLLECTORS))
}

/// It refuses a question that names a collector which is not switched on, and lists those that are,
/// whether or not they have found anything.
const COLLECTORS: &[Row] =
    &[Row::named("node_scrape_collector_success", Slot::new("success"))
        .of(Part::Label("collector"))];
