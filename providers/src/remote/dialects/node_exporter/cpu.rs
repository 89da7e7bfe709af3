//! Processor time by mode, from `/proc/stat`.

use crate::remote::dialect::{Device, Labelled, Part, Row, Slot, Slots};
use manytop_core::{
    reading::{Quantity, Reading},
    vocabulary::{
        BUSY_SECONDS, CPU, FREQUENCY_HERTZ, IDLE_SECONDS, IOWAIT_SECONDS, IRQ_SECONDS,
        NICE_SECONDS, SOFTIRQ_SECONDS, STEAL_SECONDS, SYSTEM_SECONDS, TOTAL_SECONDS, USER_SECONDS,
    },
};

const USER: Slot = Slot::new("user");
const NICE: Slot = Slot::new("nice");
const SYSTEM: Slot = Slot::new("system");
const IDLE: Slot = Slot::new("idle");
const IOWAIT: Slot = Slot::new("iowait");
const IRQ: Slot = Slot::new("irq");
const SOFTIRQ: Slot = Slot::new("softirq");
const STEAL: Slot = Slot::new("steal");
const FREQUENCY: Slot = Slot::new("frequency");

const fn time(mode: &'static [(&'static str, &'static str)], slot: Slot) -> Row {
    Row::named("node_cpu_seconds_total", slot).has(mode).of(Part::Made(core))
}

/// Guest time is a metric of its own, and the kernel counts it under user and nice too.
pub const ROWS: &[Row] = &[
    time(&[("mode", "user")], USER),
    time(&[("mode", "nice")], NICE),
    time(&[("mode", "system")], SYSTEM),
    time(&[("mode", "idle")], IDLE),
    time(&[("mode", "iowait")], IOWAIT),
    time(&[("mode", "irq")], IRQ),
    time(&[("mode", "softirq")], SOFTIRQ),
    time(&[("mode", "steal")], STEAL),
    Row::named("node_cpu_scaling_frequency_hertz", FREQUENCY).of(Part::Made(core)),
];

const TIMES: [(Slot, &Quantity); 8] = [
    (USER, &USER_SECONDS),
    (NICE, &NICE_SECONDS),
    (SYSTEM, &SYSTEM_SECONDS),
    (IDLE, &IDLE_SECONDS),
    (IOWAIT, &IOWAIT_SECONDS),
    (IRQ, &IRQ_SECONDS),
    (SOFTIRQ, &SOFTIRQ_SECONDS),
    (STEAL, &STEAL_SECONDS),
];

fn core(series: &Labelled<'_>) -> Option<String> {
    let number: u32 = series.get("cpu").parse().ok()?;
    Some(format!("CPU{number}"))
}

pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    slots.devices().map(|core| reading(&core)).collect()
}

fn reading(core: &Device<'_>) -> Reading {
    let mut reading = Reading::new(CPU, core.name().clone());
    if let Some((busy, total)) = sums(core) {
        reading = reading.with(&BUSY_SECONDS, busy).with(&TOTAL_SECONDS, total);
    }
    for (slot, quantity) in TIMES {
        reading = reading.with_some(quantity, core.value(slot));
    }
    reading.with_some(&FREQUENCY_HERTZ, core.value(FREQUENCY))
}

/// Time at work, and all time: sums of what there is (other systems know fewer modes), if it is
/// enough to tell work from rest. Work is added up, not taken as a small difference of large sums.
fn sums(core: &Device<'_>) -> Option<(f64, f64)> {
    core.value(IDLE)?;
    core.value(USER)?;
    core.value(SYSTEM)?;
    let (mut work, mut rest) = (0.0, 0.0);
    for (slot, _) in TIMES {
        let sum = if slot == IDLE || slot == IOWAIT { &mut rest } else { &mut work };
        *sum += core.value(slot).unwrap_or_default();
    }
    core.is_whole().then_some((work, work + rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

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
            said(CPU, &body),
            "CPU0 busy_seconds=90 total_seconds=200 user_seconds=60 nice_seconds=2 system_seconds=20 \
             idle_seconds=100 iowait_seconds=10 irq_seconds=1 softirq_seconds=3 steal_seconds=4 \
             frequency_hertz=2300000000\n"
        );
    }

    #[test]
    fn a_time_that_is_no_number_leaves_no_total_that_jumps() {
        let body = modes("3", &[("idle", "9"), ("nice", "NaN"), ("user", "1"), ("system", "2")]);
        assert_eq!(said(CPU, &body), "CPU3 user_seconds=1 system_seconds=2 idle_seconds=9\n");
    }

    #[test]
    fn cores_stand_in_natural_order() {
        let body: String = ["10", "2", "0"].map(|cpu| modes(cpu, &[("idle", "1")])).concat();
        assert_eq!(
            said(CPU, &body),
            "CPU0 idle_seconds=1\nCPU2 idle_seconds=1\nCPU10 idle_seconds=1\n"
        );
    }
}
