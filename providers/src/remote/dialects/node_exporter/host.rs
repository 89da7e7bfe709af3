//! The machine as a whole: load, uptime, name and kernel.

use crate::remote::dialect::{Row, Slot, Slots};
use manytop_core::{
    reading::Reading,
    vocabulary::{
        HOST, HOSTNAME, KERNEL, LOAD1, LOAD5, LOAD15, PROCESSOR, RUNNING, TASKS, UPTIME_SECONDS,
    },
};

const LOAD_1: Slot = Slot::new("load1");
const LOAD_5: Slot = Slot::new("load5");
const LOAD_15: Slot = Slot::new("load15");
const BOOTED: Slot = Slot::new("booted");
const NOW: Slot = Slot::new("now");
const UNAME: Slot = Slot::new("uname");
const MODEL: Slot = Slot::new("model");
const THREADS: Slot = Slot::new("threads");
const RUNS: Slot = Slot::new("runs");

pub const ROWS: &[Row] = &[
    Row::named("node_load1", LOAD_1),
    Row::named("node_load5", LOAD_5),
    Row::named("node_load15", LOAD_15),
    Row::named("node_boot_time_seconds", BOOTED),
    Row::named("node_time_seconds", NOW),
    Row::named("node_uname_info", UNAME).keeps(&["nodename", "sysname", "release"]),
    Row::named("node_cpu_info", MODEL).keeps(&["model_name"]),
    Row::named("node_processes_threads", THREADS),
    Row::named("node_procs_running", RUNS),
];

/// Uptime is the difference of the other side's own clock and its boot time, so that neither a
/// step of its clock nor ours shows.
pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    let Some(host) = slots.device("") else { return Vec::new() };
    let uptime = host.value(NOW).zip(host.value(BOOTED)).map(|(now, booted)| now - booted);
    let mut reading = Reading::new(HOST, host.name().clone())
        .with_some(&LOAD1, host.value(LOAD_1))
        .with_some(&LOAD5, host.value(LOAD_5))
        .with_some(&LOAD15, host.value(LOAD_15))
        .with_some(&UPTIME_SECONDS, uptime.filter(|up| *up >= 0.0))
        .with_some(&TASKS, host.value(THREADS))
        .with_some(&RUNNING, host.value(RUNS));
    if let Some(uname) = host.find(UNAME) {
        let kernel = format!("{} {}", uname.kept(1), uname.kept(2));
        reading = reading.text(&HOSTNAME, uname.kept(0).clone()).text(&KERNEL, kernel);
    }
    if let Some(model) = host.find(MODEL).filter(|m| !m.kept(0).is_empty()) {
        reading = reading.text(&PROCESSOR, model.kept(0).clone());
    }
    vec![reading]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

    #[test]
    fn uptime_is_of_one_clock() {
        let body = "node_boot_time_seconds 1000\nnode_load1 0.5\nnode_time_seconds 1600.5\n\
                    node_uname_info{domainname=\"(none)\",machine=\"x86_64\",nodename=\"db\",\
                    release=\"6.1.0\",sysname=\"Linux\",version=\"#1 SMP\"} 1\n";
        assert_eq!(
            said(HOST, body),
            " load1=0.5 uptime_seconds=600.5 hostname=\"db\" kernel=\"Linux 6.1.0\"\n"
        );
        assert_eq!(
            said(HOST, "node_boot_time_seconds 1000\nnode_time_seconds 10\n"),
            "",
            "a clock before the boot"
        );
    }
}
