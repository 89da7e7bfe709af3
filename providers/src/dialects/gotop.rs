//! What gotop 4 says with `--export`.
//!
//! It exports only what its layout shows, and of that what its widgets draw: percentages as it
//! computes them, so memory comes without bytes and a disk without its size. The device is part of
//! the metric's name, `/` written as `:`; cores are padded to two digits on machines with more than
//! ten. Its network counters are sums over all interfaces that it takes once a second.

use crate::dialects::{
    common_slots::{RECEIVED, SENT, TOTAL},
    dialect::{DevicePart, Dialect, DialectRow, Section, Slot, Slots},
};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{
        CELSIUS, CPU, DISK, MAIN, MEMORY, NETWORK, PERCENT, POWER, RECEIVED_BYTES, SENT_BYTES,
        SWAP, TEMPERATURE,
    },
};
use std::time::Duration;

const VALUE: Slot = Slot::new("value");

manytop_plugin::inventory::submit! {
    Dialect::new("gotop", 1, &[
        Section::new(CPU, &[DialectRow::each("gotop_cpu_", core, VALUE)], |slots| percents(CPU, slots)),
        Section::new(MEMORY, &[
            DialectRow::named("gotop_memory_Main", VALUE).of(DevicePart::Only(MAIN)),
            DialectRow::named("gotop_memory_Swap", VALUE).of(DevicePart::Only(SWAP)),
        ], |slots| percents(MEMORY, slots)),
        Section::new(TEMPERATURE, &[DialectRow::each("gotop_temp_", sensor, VALUE)], temperatures),
        Section::new(NETWORK, &[
            DialectRow::named("gotop_net_recv", RECEIVED).of(DevicePart::Only("all")),
            DialectRow::named("gotop_net_sent", SENT).of(DevicePart::Only("all")),
        ], network),
        Section::new(DISK, &[DialectRow::each("gotop_disk_", disk, VALUE)], disks),
        Section::new(POWER, &[
            DialectRow::named("gotop_battery_total", TOTAL).of(DevicePart::Only("total")),
            DialectRow::each("gotop_battery_", battery, VALUE),
        ], batteries),
    ])
}

/// `CPU7` and `CPU07` are one core; anything else (an average) is not a core.
fn core(name: &str) -> Option<String> {
    let number: u32 = name.strip_prefix("CPU").filter(|n| all_digits(n))?.parse().ok()?;
    Some(format!("CPU{number}"))
}

fn sensor(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// `:dev:vda` is `vda`, `:dev:mapper:vg:root` is `mapper/vg-root` (later versions write `-` as `:`
/// too, and no name in that folder holds a `/`), `tank:data` is `tank/data`.
fn disk(name: &str) -> Option<String> {
    let device = match name.strip_prefix(":dev:") {
        Some(device) => match device.strip_prefix("mapper:") {
            Some(mapped) => format!("mapper/{}", mapped.replace(':', "-")),
            None => device.replace(':', "/"),
        },
        None => name.replace(':', "/"),
    };
    (!device.is_empty()).then_some(device)
}

fn battery(number: &str) -> Option<String> {
    all_digits(number).then(|| format!("BAT{number}"))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn percents(kind: manytop_plugin::reading::Kind, slots: &Slots<'_>) -> Vec<DeviceReading> {
    let devices = slots.devices();
    devices
        .map(|d| DeviceReading::new(kind, d.name().clone()).with_some(&PERCENT, d.value(VALUE)))
        .collect()
}

fn temperatures(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let celsius = |degrees: f64| if slots.fahrenheit() { (degrees - 32.0) / 1.8 } else { degrees };
    slots
        .devices()
        .map(|d| {
            DeviceReading::new(TEMPERATURE, d.name().clone())
                .with_some(&CELSIUS, d.value(VALUE).map(celsius))
        })
        .collect()
}

fn network(slots: &Slots<'_>) -> Vec<DeviceReading> {
    slots
        .devices()
        .map(|d| {
            DeviceReading::new(NETWORK, d.name().clone())
                .with_some(&RECEIVED_BYTES, d.value(RECEIVED))
                .with_some(&SENT_BYTES, d.value(SENT))
                .with_resolution(Duration::from_secs(1))
        })
        .collect()
}

/// The fraction in use. A number above 1 is not a fraction: forks of gotop export byte counters under names
/// that begin alike.
fn disks(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let percent = |fraction: f64| {
        (0.0..=1.0).contains(&fraction).then(|| (fraction * 100.0 * 1e6).round() / 1e6)
    };
    slots
        .devices()
        .map(|d| {
            DeviceReading::new(DISK, d.name().clone())
                .with_some(&PERCENT, d.value(VALUE).and_then(percent))
        })
        .collect()
}

/// The batteries one by one, else all of them together. A machine without any exports a total of 0,
/// at which a machine with one would not run.
fn batteries(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let of = |slot: Slot| {
        let charged = slots.devices().filter_map(move |d| Some((d, d.value(slot)?)));
        charged.map(|(d, value)| DeviceReading::new(POWER, d.name().clone()).with(&PERCENT, value))
    };
    let single: Vec<_> = of(VALUE).collect();
    if single.is_empty() {
        of(TOTAL).filter(|r| r.values.get(&PERCENT) != Some(0.0)).collect()
    } else {
        single
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::{decoded, decoded_in};

    #[test]
    fn cores_are_unpadded_and_stand_in_natural_order() {
        let body = "gotop_cpu_CPU10 4\ngotop_cpu_CPU00 1\ngotop_cpu_CPU02 3\ngotop_cpu_CPU01 2\n\
                    gotop_cpu_AVRG 5\ngotop_cpu_ avg 6\n";
        assert_eq!(
            decoded(CPU, body),
            "CPU0 percent=1\nCPU1 percent=2\nCPU2 percent=3\nCPU10 percent=4\n"
        );
    }

    #[test]
    fn disk_names_are_turned_back() {
        assert_eq!(disk(":dev:vda").as_deref(), Some("vda"));
        assert_eq!(disk(":dev:nvme0n1p2").as_deref(), Some("nvme0n1p2"));
        assert_eq!(disk(":dev:mapper:vg-root").as_deref(), Some("mapper/vg-root"));
        assert_eq!(disk(":dev:mapper:vg:root").as_deref(), Some("mapper/vg-root"));
        assert_eq!(disk("tank:data").as_deref(), Some("tank/data"));
        assert_eq!(disk(":dev:"), None);
        let body = "gotop_disk_:dev:vda 0.07\ngotop_disk_read 123456\ngotop_disk_:dev:vdb 1\n";
        assert_eq!(decoded(DISK, body), "vda percent=7\nvdb percent=100\n");
    }

    #[test]
    fn memory_is_percent_and_no_bytes_are_invented() {
        let body = "gotop_memory_Main 40.5\ngotop_memory_Swap 0\n";
        assert_eq!(decoded(MEMORY, body), "Main percent=40.5\nSwap percent=0\n");
    }

    #[test]
    fn no_battery_is_no_reading() {
        assert_eq!(decoded(POWER, "gotop_battery_total 0\n"), "");
        assert_eq!(decoded(POWER, "gotop_battery_total 88\n"), "total percent=88\n");
        let both = "gotop_battery_total 50\ngotop_battery_0 60\ngotop_battery_1 0\n";
        assert_eq!(decoded(POWER, both), "BAT0 percent=60\nBAT1 percent=0\n");
    }

    #[test]
    fn temperatures_are_celsius_whatever_the_remote_shows() {
        let body = "gotop_temp_coretemp_core0 50\n";
        assert_eq!(decoded(TEMPERATURE, body), "coretemp_core0 celsius=50\n");
        assert_eq!(decoded_in(true, TEMPERATURE, body), "coretemp_core0 celsius=10\n");
    }
}
