//! What process-exporter says: groups of processes, by name.
//!
//! A group covers its processes: its device is its name and not a pid, so that it cannot be mistaken for one
//! that could be signalled. Groups of which no process runs are left out.

use crate::dialects::{
    common_slots::{BYTES, FILES, READ, SECONDS, STARTED, THREADS, WRITTEN},
    dialect::{DevicePart, Dialect, DialectRow, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};

const COUNT: Slot = Slot::new("count");
const SWAPPED: Slot = Slot::new("swapped");
const PROPORTIONAL: Slot = Slot::new("proportional");
const FAULTS: Slot = Slot::new("faults");
const MAJOR_FAULTS: Slot = Slot::new("major faults");

manytop_plugin::inventory::submit! {
    Dialect::new("process-exporter", 1, &[
        Section::new(v::PROCESS, PROCESS, groups).begun_by(&["namedprocess_namegroup_"]),
    ])
}

const fn row(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Label("groupname"))
}

const PROCESS: &[DialectRow] = &[
    row("namedprocess_namegroup_num_procs", COUNT),
    row("namedprocess_namegroup_cpu_seconds_total", SECONDS).also(&[
        "namedprocess_namegroup_cpu_user_seconds_total",
        "namedprocess_namegroup_cpu_system_seconds_total",
    ]),
    row("namedprocess_namegroup_memory_bytes", BYTES).has(&[("memtype", "resident")]),
    row("namedprocess_namegroup_memory_bytes", SWAPPED).has(&[("memtype", "swapped")]),
    row("namedprocess_namegroup_memory_bytes", PROPORTIONAL)
        .has(&[("memtype", "proportionalResident")]),
    row("namedprocess_namegroup_num_threads", THREADS),
    row("namedprocess_namegroup_open_filedesc", FILES),
    row("namedprocess_namegroup_read_bytes_total", READ),
    row("namedprocess_namegroup_write_bytes_total", WRITTEN),
    row("namedprocess_namegroup_minor_page_faults_total", FAULTS),
    row("namedprocess_namegroup_major_page_faults_total", MAJOR_FAULTS),
    row("namedprocess_namegroup_oldest_start_time_seconds", STARTED),
];

fn groups(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let seconds: Vec<f64> = d.all(SECONDS).map(|found| found.value).collect();
        let seconds = (!seconds.is_empty()).then(|| seconds.iter().sum());
        DeviceReading::new(v::PROCESS, d.name().clone())
            .with_some(&v::CPU_SECONDS, seconds)
            .with_some(&v::RESIDENT_BYTES, d.value(BYTES))
            .with_some(&v::SWAP_BYTES, d.value(SWAPPED))
            .with_some(&v::PSS_BYTES, d.value(PROPORTIONAL))
            .with_some(&v::THREADS, d.value(THREADS))
            .with_some(&v::OPEN_FILES, d.value(FILES))
            .with_some(&v::READ_BYTES, d.value(READ))
            .with_some(&v::WRITTEN_BYTES, d.value(WRITTEN))
            .with_some(&v::FAULTS, d.value(FAULTS))
            .with_some(&v::MAJOR_FAULTS, d.value(MAJOR_FAULTS))
            .with_some(&v::STARTED_SECONDS, d.value(STARTED))
            .text(&v::NAME, d.name().clone())
    };
    slots.devices().filter(|d| d.value(COUNT) != Some(0.0)).map(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn groups_are_processes_by_name() {
        let body = "namedprocess_namegroup_num_procs{groupname=\"bash\"} 2\n\
                    namedprocess_namegroup_num_procs{groupname=\"gone\"} 0\n\
                    namedprocess_namegroup_cpu_seconds_total{groupname=\"bash\",mode=\"system\"} 1.5\n\
                    namedprocess_namegroup_cpu_seconds_total{groupname=\"bash\",mode=\"user\"} 2.5\n\
                    namedprocess_namegroup_cpu_seconds_total{groupname=\"gone\",mode=\"user\"} 2.5\n\
                    namedprocess_namegroup_memory_bytes{groupname=\"bash\",memtype=\"resident\"} 1000\n\
                    namedprocess_namegroup_memory_bytes{groupname=\"bash\",memtype=\"virtual\"} 9000\n\
                    namedprocess_namegroup_num_threads{groupname=\"bash\"} 2\n";
        assert_eq!(
            decoded(v::PROCESS, body),
            "bash cpu_seconds=4 bytes=1000 threads=2 name=\"bash\"\n"
        );
        let older = "namedprocess_namegroup_cpu_user_seconds_total{groupname=\"a\"} 1\n\
                     namedprocess_namegroup_cpu_system_seconds_total{groupname=\"a\"} 2\n";
        assert_eq!(decoded(v::PROCESS, older), "a cpu_seconds=3 name=\"a\"\n");
    }
}
