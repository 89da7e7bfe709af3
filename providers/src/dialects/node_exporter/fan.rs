//! Fans, from `/sys/class/hwmon`.

use crate::{
    dialects::{
        common_slots::{CHIP_NAME, FAULT, LABEL, MOST},
        dialect::{DevicePart, DialectRow, Slot, SlotDevice, SlotValue as Value, Slots},
    },
    sensors::{self, FoundSensor},
};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{FAN, MAX_RPM, RPM},
};
use std::collections::{BTreeMap, HashSet};

const TURNS: Slot = Slot::new("turns");

/// The device is the chip.
pub const ROWS: &[DialectRow] = &[
    DialectRow::named("node_hwmon_fan_rpm", TURNS).of(DevicePart::Label("chip")).keeps(&["sensor"]),
    DialectRow::named("node_hwmon_fan_max_rpm", MOST)
        .of(DevicePart::Label("chip"))
        .keeps(&["sensor"]),
    DialectRow::named("node_hwmon_fan_fault", FAULT)
        .of(DevicePart::Label("chip"))
        .keeps(&["sensor"]),
    DialectRow::named("node_hwmon_chip_names", CHIP_NAME)
        .of(DevicePart::Label("chip"))
        .keeps(&["chip_name"]),
    DialectRow::named("node_hwmon_sensor_label", LABEL)
        .of(DevicePart::Label("chip"))
        .keeps(&["sensor", "label"]),
];

pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let turning = slots.devices().filter(|chip| chip.find(TURNS).is_some());
    let mut found: Vec<FoundSensor<(f64, Option<f64>)>> =
        turning.flat_map(|chip| of_chip(&chip)).collect();
    sensors::tell_apart(&mut found, &mut HashSet::new());
    let reading = |FoundSensor { name, sensor: (rpm, most), .. }| {
        DeviceReading::new(FAN, name).with(&RPM, rpm).with_some(&MAX_RPM, most)
    };
    found.into_iter().map(reading).collect()
}

/// The fans of a chip, but for those that report a fault: how fast each turns, and the most it may.
fn of_chip(chip: &SlotDevice<'_>) -> Vec<FoundSensor<(f64, Option<f64>)>> {
    let name = chip.find(CHIP_NAME).map_or_else(|| chip.name(), |found| found.kept(0));
    let labels: BTreeMap<&str, String> =
        chip.all(LABEL).map(|l| (&**l.kept(0), sensors::squeezed(l.kept(1)))).collect();
    let fan = |turns: Value<'_>| {
        let number = turns.kept(0);
        let label = labels.get(&**number).map(String::as_str).filter(|label| !label.is_empty());
        let most = chip.all(MOST).find(|most| most.kept(0) == number).map(|most| most.value);
        FoundSensor {
            name: format!("{name}_{}", label.unwrap_or(number)),
            chip: chip.name().to_string(),
            number: number.to_string(),
            sensor: (turns.value, most),
        }
    };
    let is_sound = |turns: &Value<'_>| {
        let number = turns.kept(0);
        !chip.all(FAULT).any(|fault| fault.value != 0.0 && fault.kept(0) == number)
    };
    chip.all(TURNS).filter(is_sound).map(fan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn fans_are_named_by_chip_and_label() {
        let body = "node_hwmon_chip_names{chip=\"platform_thinkpad\",chip_name=\"thinkpad\"} 1\n\
                    node_hwmon_fan_max_rpm{chip=\"platform_thinkpad\",sensor=\"fan1\"} 5000\n\
                    node_hwmon_fan_rpm{chip=\"platform_thinkpad\",sensor=\"fan1\"} 2100\n\
                    node_hwmon_fan_rpm{chip=\"platform_thinkpad\",sensor=\"fan2\"} 0\n\
                    node_hwmon_fan_fault{chip=\"platform_thinkpad\",sensor=\"fan3\"} 1\n\
                    node_hwmon_fan_rpm{chip=\"platform_thinkpad\",sensor=\"fan3\"} 0\n\
                    node_hwmon_sensor_label{chip=\"platform_thinkpad\",label=\"CPU Fan\",sensor=\"fan2\"} 1\n";
        assert_eq!(
            decoded(FAN, body),
            "thinkpad_fan1 rpm=2100 max_rpm=5000\nthinkpad_cpufan rpm=0\n"
        );
    }

    #[test]
    fn fans_of_one_name_are_all_shown() {
        let chip = |n: u8| {
            format!(
                "node_hwmon_chip_names{{chip=\"pci_amdgpu_{n}\",chip_name=\"amdgpu\"}} 1\n\
                 node_hwmon_fan_rpm{{chip=\"pci_amdgpu_{n}\",sensor=\"fan1\"}} 90{n}\n"
            )
        };
        assert_eq!(
            decoded(FAN, &(chip(0) + &chip(1))),
            "amdgpu_fan1_pci_amdgpu_0 rpm=900\namdgpu_fan1_pci_amdgpu_1 rpm=901\n"
        );
    }
}
