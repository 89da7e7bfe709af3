//! The machine as a whole: load, uptime, name and kernel.

use crate::dialects::{
    common_slots::{
        BOOTED, CPU_STALLED, FILES, IO_STALLED, LOAD_1, LOAD_5, LOAD_15, MEMORY_STALLED, MODEL,
        NOW, THREADS,
    },
    dialect::{DialectRow, Slot, Slots},
};
use manytop_plugin::{
    reading::{DeviceReading, Metric},
    vocabulary::{
        BLOCKED, CPU_STALLED_SECONDS, DISTRIBUTION, FAILED, FAILED_UNITS, FORKS, HOST, HOSTNAME,
        INTERRUPTS, IO_STALLED_SECONDS, KERNEL, LOAD1, LOAD5, LOAD15, MEMORY_STALLED_SECONDS,
        OOM_KILLS, OPEN_FILES, OPEN_FILES_LIMIT, PROCESSOR, RUNNING, SWITCHES, TASKS,
        UPTIME_SECONDS,
    },
};

const UNAME: Slot = Slot::new("uname");
const RUNS: Slot = Slot::new("runs");
const WAITS: Slot = Slot::new("waits");
const OOM_KILLED: Slot = Slot::new("oom killed");
const SWITCHED: Slot = Slot::new("switched");
const INTERRUPTED: Slot = Slot::new("interrupted");
const FORKED: Slot = Slot::new("forked");
const FILES_MAX: Slot = Slot::new("files at most");
const FAILED_UNIT: Slot = Slot::new("failed unit");
const FAILED_COUNT: Slot = Slot::new("failed units");
const OS: Slot = Slot::new("os");

/// Figures that are taken as they are.
const PLAIN: [(&Metric, Slot); 15] = [
    (&LOAD1, LOAD_1),
    (&LOAD5, LOAD_5),
    (&LOAD15, LOAD_15),
    (&TASKS, THREADS),
    (&RUNNING, RUNS),
    (&BLOCKED, WAITS),
    (&CPU_STALLED_SECONDS, CPU_STALLED),
    (&IO_STALLED_SECONDS, IO_STALLED),
    (&MEMORY_STALLED_SECONDS, MEMORY_STALLED),
    (&OOM_KILLS, OOM_KILLED),
    (&SWITCHES, SWITCHED),
    (&INTERRUPTS, INTERRUPTED),
    (&FORKS, FORKED),
    (&OPEN_FILES, FILES),
    (&OPEN_FILES_LIMIT, FILES_MAX),
];

/// The other names are those before 0.16, and of OpenWrt's exporter.
pub const ROWS: &[DialectRow] = &[
    DialectRow::named("node_load1", LOAD_1),
    DialectRow::named("node_load5", LOAD_5),
    DialectRow::named("node_load15", LOAD_15),
    DialectRow::named("node_boot_time_seconds", BOOTED).also(&["node_boot_time"]),
    DialectRow::named("node_time_seconds", NOW).also(&["node_time"]),
    DialectRow::named("node_uname_info", UNAME).keeps(&["nodename", "sysname", "release"]),
    DialectRow::named("node_cpu_info", MODEL).keeps(&["model_name"]),
    DialectRow::named("node_processes_threads", THREADS),
    DialectRow::named("node_procs_running", RUNS),
    DialectRow::named("node_procs_blocked", WAITS),
    DialectRow::named("node_pressure_cpu_waiting_seconds_total", CPU_STALLED),
    DialectRow::named("node_pressure_io_waiting_seconds_total", IO_STALLED),
    DialectRow::named("node_pressure_memory_waiting_seconds_total", MEMORY_STALLED),
    DialectRow::named("node_vmstat_oom_kill", OOM_KILLED),
    DialectRow::named("node_context_switches_total", SWITCHED).also(&["node_context_switches"]),
    DialectRow::named("node_intr_total", INTERRUPTED).also(&["node_intr"]),
    DialectRow::named("node_forks_total", FORKED).also(&["node_forks"]),
    DialectRow::named("node_filefd_allocated", FILES),
    DialectRow::named("node_filefd_maximum", FILES_MAX),
    DialectRow::named("node_systemd_unit_state", FAILED_UNIT)
        .has(&[("state", "failed")])
        .keeps(&["name"]),
    DialectRow::named("node_systemd_units", FAILED_COUNT).has(&[("state", "failed")]),
    DialectRow::named("node_os_info", OS).keeps(&["pretty_name"]),
];

/// What each collector has of it; names and kernel are texts.
pub const FIGURES: &[(&str, &[&str])] = &[
    ("boottime", &[UPTIME_SECONDS.name()]),
    ("filefd", &[OPEN_FILES.name(), OPEN_FILES_LIMIT.name()]),
    ("loadavg", &[LOAD1.name(), LOAD5.name(), LOAD15.name()]),
    ("os", &[]),
    (
        "pressure",
        &[
            "cpu_stalled_percent",
            "io_stalled_percent",
            "memory_stalled_percent",
            CPU_STALLED_SECONDS.name(),
            IO_STALLED_SECONDS.name(),
            MEMORY_STALLED_SECONDS.name(),
        ],
    ),
    ("processes", &[TASKS.name()]),
    (
        "stat",
        &[
            UPTIME_SECONDS.name(),
            RUNNING.name(),
            BLOCKED.name(),
            SWITCHES.name(),
            INTERRUPTS.name(),
            FORKS.name(),
        ],
    ),
    ("systemd", &[FAILED_UNITS.name()]),
    ("time", &[UPTIME_SECONDS.name()]),
    ("uname", &[]),
    ("vmstat", &[OOM_KILLS.name()]),
];

/// Uptime is the difference of the other side's own clock and its boot time, so that neither a
/// step of its clock nor ours shows.
pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let Some(host) = slots.device("") else { return Vec::new() };
    let uptime = host.value(NOW).zip(host.value(BOOTED)).map(|(now, booted)| now - booted);
    let mut reading = DeviceReading::new(HOST, host.name().clone())
        .with_some(&UPTIME_SECONDS, uptime.filter(|up| *up >= 0.0));
    for (metric, slot) in PLAIN {
        reading = reading.with_some(metric, host.value(slot));
    }
    let units: Vec<_> = host.all(FAILED_UNIT).collect();
    let failed: Vec<&str> =
        units.iter().filter(|unit| unit.value > 0.0).map(|unit| &**unit.kept(0)).collect();
    let count = (!units.is_empty()).then_some(failed.len() as f64);
    reading = reading.with_some(&FAILED_UNITS, host.value(FAILED_COUNT).or(count));
    if !failed.is_empty() {
        reading = reading.text(&FAILED, failed.join(" "));
    }
    if let Some(uname) = host.find(UNAME) {
        let kernel = format!("{} {}", uname.kept(1), uname.kept(2));
        reading = reading.text(&HOSTNAME, uname.kept(0).clone()).text(&KERNEL, kernel);
    }
    if let Some(os) = host.find(OS).filter(|os| !os.kept(0).is_empty()) {
        reading = reading.text(&DISTRIBUTION, os.kept(0).clone());
    }
    if let Some(model) = host.find(MODEL).filter(|m| !m.kept(0).is_empty()) {
        reading = reading.text(&PROCESSOR, model.kept(0).clone());
    }
    vec![reading]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn uptime_is_of_one_clock() {
        let body = "node_boot_time_seconds 1000\nnode_load1 0.5\nnode_time_seconds 1600.5\n\
                    node_uname_info{domainname=\"(none)\",machine=\"x86_64\",nodename=\"db\",\
                    release=\"6.1.0\",sysname=\"Linux\",version=\"#1 SMP\"} 1\n";
        assert_eq!(
            decoded(HOST, body),
            " uptime_seconds=600.5 load1=0.5 hostname=\"db\" kernel=\"Linux 6.1.0\"\n"
        );
        let older = body.replace("_time_seconds", "_time");
        assert_eq!(decoded(HOST, &older), decoded(HOST, body), "the older names");
        assert_eq!(
            decoded(HOST, "node_boot_time_seconds 1000\nnode_time_seconds 10\n"),
            "",
            "a clock before the boot"
        );
    }

    #[test]
    fn stalls_kills_files_and_failed_units_are_read() {
        let body = "node_context_switches_total 11\nnode_filefd_allocated 12\nnode_filefd_maximum 13\n\
                    node_forks_total 14\nnode_intr_total 15\nnode_os_info{pretty_name=\"Debian 12\"} 1\n\
                    node_pressure_cpu_waiting_seconds_total 1.5\nnode_pressure_io_waiting_seconds_total 2.5\n\
                    node_pressure_memory_waiting_seconds_total 3.5\nnode_procs_blocked 4\n\
                    node_systemd_unit_state{name=\"a.service\",state=\"active\",type=\"\"} 0\n\
                    node_systemd_unit_state{name=\"a.service\",state=\"failed\",type=\"\"} 1\n\
                    node_systemd_unit_state{name=\"b.service\",state=\"failed\",type=\"\"} 0\n\
                    node_vmstat_oom_kill 2\n";
        assert_eq!(
            decoded(HOST, body),
            " blocked=4 cpu_stalled_seconds=1.5 io_stalled_seconds=2.5 memory_stalled_seconds=3.5 \
             oom_kills=2 switches=11 interrupts=15 forks=14 open_files=12 open_files_limit=13 \
             failed_units=1 failed=\"a.service\" distribution=\"Debian 12\"\n"
        );
    }
}
