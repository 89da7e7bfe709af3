//! Processor time by mode, from `/proc/stat`.

use crate::dialects::{
    common_slots::{FREQUENCY, IDLE, SYSTEM, USER},
    dialect::{DevicePart, DialectRow, Labelled, Slot, SlotDevice, Slots},
};
use manytop_plugin::{
    reading::{DeviceReading, Metric},
    vocabulary::{
        BUSY_SECONDS, CPU, FREQUENCY_HERTZ, IDLE_SECONDS, IOWAIT_SECONDS, IRQ_SECONDS,
        NICE_SECONDS, SOFTIRQ_SECONDS, STEAL_SECONDS, SYSTEM_SECONDS, SYSTEM_WORK_SECONDS,
        TOTAL_SECONDS, USER_SECONDS, USER_WORK_SECONDS,
    },
};

const NICE: Slot = Slot::new("nice");
const IOWAIT: Slot = Slot::new("iowait");
const IRQ: Slot = Slot::new("irq");
const SOFTIRQ: Slot = Slot::new("softirq");
const STEAL: Slot = Slot::new("steal");
const OTHER: Slot = Slot::new("other");

/// The name before 0.16 is that of OpenWrt's exporter to this day.
const fn time(mode: &'static [(&'static str, &'static str)], slot: Slot) -> DialectRow {
    DialectRow::named("node_cpu_seconds_total", slot)
        .also(&["node_cpu"])
        .has(mode)
        .of(DevicePart::Made(core))
}

/// The modes of Linux, and what other systems call the same: the BSDs `interrupt` and `intr`, Solaris and AIX
/// `kernel`, `sys` and `wait`. Any other mode (OpenBSD's `spin`) is work of a sort of its own.
pub const ROWS: &[DialectRow] = &[
    time(&[("mode", "user")], USER),
    time(&[("mode", "nice")], NICE),
    time(&[("mode", "system")], SYSTEM),
    time(&[("mode", "idle")], IDLE),
    time(&[("mode", "iowait")], IOWAIT),
    time(&[("mode", "irq")], IRQ),
    time(&[("mode", "softirq")], SOFTIRQ),
    time(&[("mode", "steal")], STEAL),
    time(&[("mode", "kernel")], SYSTEM),
    time(&[("mode", "sys")], SYSTEM),
    time(&[("mode", "interrupt")], IRQ),
    time(&[("mode", "intr")], IRQ),
    time(&[("mode", "wait")], IOWAIT),
    time(&[("mode", "waitio")], IOWAIT),
    time(&[("mode", "io_wait")], IOWAIT),
    DialectRow::named("node_cpu_seconds_total", OTHER)
        .also(&["node_cpu"])
        .of(DevicePart::Made(core_in_another_mode)),
    DialectRow::named("node_cpu_scaling_frequency_hertz", FREQUENCY).of(DevicePart::Made(core)),
];

const TIMES: [(Slot, &Metric); 8] = [
    (USER, &USER_SECONDS),
    (NICE, &NICE_SECONDS),
    (SYSTEM, &SYSTEM_SECONDS),
    (IDLE, &IDLE_SECONDS),
    (IOWAIT, &IOWAIT_SECONDS),
    (IRQ, &IRQ_SECONDS),
    (SOFTIRQ, &SOFTIRQ_SECONDS),
    (STEAL, &STEAL_SECONDS),
];

/// Modes with a row of their own, and guest time, which is counted under user and nice too.
const NAMED: [&str; 17] = [
    "guest",
    "guest_nice",
    "idle",
    "interrupt",
    "intr",
    "io_wait",
    "iowait",
    "irq",
    "kernel",
    "nice",
    "softirq",
    "steal",
    "sys",
    "system",
    "user",
    "wait",
    "waitio",
];

fn core_in_another_mode(series: &Labelled<'_>) -> Option<String> {
    let mode = series.get("mode");
    core(series).filter(|_| !mode.is_empty() && !NAMED.contains(&mode))
}

/// A processor by its number: `0`, or `cpu0` under the older name.
pub(super) fn core(series: &Labelled<'_>) -> Option<String> {
    let cpu = series.get("cpu");
    let number: u32 = cpu.strip_prefix("cpu").unwrap_or(cpu).parse().ok()?;
    Some(format!("CPU{number}"))
}

pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    slots.devices().map(|core| reading(&core)).collect()
}

fn reading(core: &SlotDevice<'_>) -> DeviceReading {
    let mut reading = DeviceReading::new(CPU, core.name().clone());
    if let Some((busy, total)) = sums(core) {
        reading = reading.with(&BUSY_SECONDS, busy).with(&TOTAL_SECONDS, total);
    }
    for (slot, quantity) in TIMES {
        reading = reading.with_some(quantity, core.value(slot));
    }
    if let Some((busy, _)) = sums(core) {
        let of = |slot| core.value(slot).unwrap_or_default();
        let user = of(USER) + of(NICE);
        reading = reading
            .with(&USER_WORK_SECONDS, user)
            .with(&SYSTEM_WORK_SECONDS, busy - user - of(STEAL));
    }
    reading.with_some(&FREQUENCY_HERTZ, core.value(FREQUENCY))
}

/// Time at work, and all time, if it is enough to tell work from rest. Every mode that is not known to be
/// idle or waiting is work; systems differ in which they have. Work is added up, not taken as a small
/// difference of large sums.
fn sums(core: &SlotDevice<'_>) -> Option<(f64, f64)> {
    core.value(IDLE)?;
    core.value(USER)?;
    let sum = |slot: Slot| core.all(slot).map(|found| found.value).sum::<f64>();
    let rest = sum(IDLE) + sum(IOWAIT);
    let modes = TIMES.iter().map(|(slot, _)| *slot).filter(|slot| ![IDLE, IOWAIT].contains(slot));
    let work: f64 = modes.chain([OTHER]).map(sum).sum();
    core.is_whole().then_some((work, work + rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    fn modes(cpu: &str, times: &[(&str, &str)]) -> String {
        let line = |(mode, value): &(&str, &str)| {
            format!("node_cpu_seconds_total{{cpu=\"{cpu}\",mode=\"{mode}\"}} {value}\n")
        };
        times.iter().map(line).collect()
    }

    #[test]
    fn busy_is_all_but_idle_and_iowait_and_guests_are_not_counted_twice() {
        let times = [
            ("idle", "100"),
            ("iowait", "10"),
            ("irq", "1"),
            ("nice", "2"),
            ("softirq", "3"),
            ("steal", "4"),
            ("system", "20"),
            ("user", "60"),
        ];
        let body = modes("0", &times)
            + "node_cpu_guest_seconds_total{cpu=\"0\",mode=\"user\"} 50\n"
            + "node_cpu_scaling_frequency_hertz{cpu=\"0\"} 2.3e+09\n";
        assert_eq!(
            decoded(CPU, &body),
            "CPU0 busy_seconds=90 total_seconds=200 user_seconds=60 nice_seconds=2 system_seconds=20 \
             idle_seconds=100 iowait_seconds=10 irq_seconds=1 softirq_seconds=3 steal_seconds=4 \
             user_work_seconds=62 system_work_seconds=24 frequency_hertz=2300000000\n"
        );
    }

    #[test]
    fn the_older_name_of_times_and_of_processors_is_read() {
        let body = modes("cpu0", &[("idle", "100"), ("system", "20"), ("user", "60")])
            + &modes("cpu10", &[("user", "1")]);
        assert_eq!(
            decoded(CPU, &body.replace("node_cpu_seconds_total", "node_cpu")),
            "CPU0 busy_seconds=80 total_seconds=180 user_seconds=60 system_seconds=20 idle_seconds=100 \
             user_work_seconds=60 system_work_seconds=20\n\
             CPU10 user_seconds=1\n"
        );
    }

    #[test]
    fn a_time_that_is_no_number_leaves_no_total_that_jumps() {
        let body = modes("3", &[("idle", "9"), ("nice", "NaN"), ("user", "1"), ("system", "2")]);
        assert_eq!(decoded(CPU, &body), "CPU3 user_seconds=1 system_seconds=2 idle_seconds=9\n");
    }

    #[test]
    fn modes_of_other_systems_are_work_unless_they_wait() {
        for (times, expected) in [
            // FreeBSD
            (
                &[
                    ("idle", "100"),
                    ("interrupt", "50"),
                    ("nice", "1"),
                    ("system", "9"),
                    ("user", "40"),
                ][..],
                "busy_seconds=100 total_seconds=200",
            ),
            // OpenBSD
            (
                &[
                    ("idle", "100"),
                    ("interrupt", "5"),
                    ("nice", "1"),
                    ("spin", "45"),
                    ("system", "9"),
                    ("user", "40"),
                ],
                "busy_seconds=100 total_seconds=200",
            ),
            // Solaris
            (
                &[("idle", "60"), ("kernel", "30"), ("user", "70"), ("wait", "40")],
                "busy_seconds=100 total_seconds=200",
            ),
            // an unknown system
            (
                &[("idle", "100"), ("dreaming", "60"), ("user", "40")],
                "busy_seconds=100 total_seconds=200",
            ),
            // guests run in user time
            (
                &[("idle", "100"), ("guest", "60"), ("system", "40"), ("user", "60")],
                "busy_seconds=100 total_seconds=200",
            ),
        ] {
            let decoded = decoded(CPU, &modes("0", times));
            assert!(decoded.contains(expected), "{times:?}: {decoded}");
        }
    }

    #[test]
    fn cores_stand_in_natural_order() {
        let body: String = ["10", "2", "0"].map(|cpu| modes(cpu, &[("idle", "1")])).concat();
        assert_eq!(
            decoded(CPU, &body),
            "CPU0 idle_seconds=1\nCPU2 idle_seconds=1\nCPU10 idle_seconds=1\n"
        );
    }
}
