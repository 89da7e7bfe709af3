//! Temperatures, from `/sys/class/hwmon` and `/sys/class/thermal`; on the BSDs of the processors, on macOS of
//! the sensors that IOKit has.

use super::cpu;
use crate::{
    dialects::{
        common_slots::{CHIP_NAME, FAULT, LABEL},
        dialect::{DevicePart, DialectRow, Labelled, Slot, SlotDevice, SlotValue as Value, Slots},
    },
    sensors::{self, Covered, FoundSensor},
};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{CELSIUS, TEMPERATURE},
};
use std::collections::{BTreeMap, HashSet};

const SENSOR: Slot = Slot::new("sensor");
const ZONE: Slot = Slot::new("zone");
/// A sensor that is the device itself.
const NAMED: Slot = Slot::new("named");

/// The device is the chip, by its id; its name and its sensors' labels have the same device.
pub const ROWS: &[DialectRow] = &[
    DialectRow::named("node_hwmon_temp_celsius", SENSOR)
        .of(DevicePart::Label("chip"))
        .keeps(&["sensor"]),
    DialectRow::named("node_hwmon_temp_fault", FAULT)
        .of(DevicePart::Label("chip"))
        .keeps(&["sensor"]),
    DialectRow::named("node_hwmon_chip_names", CHIP_NAME)
        .of(DevicePart::Label("chip"))
        .keeps(&["chip_name"]),
    DialectRow::named("node_hwmon_sensor_label", LABEL)
        .of(DevicePart::Label("chip"))
        .keeps(&["sensor", "label"]),
    DialectRow::named("node_thermal_zone_temp", ZONE)
        .of(DevicePart::Label("type"))
        .keeps(&["zone"]),
    DialectRow::named("node_cpu_temperature_celsius", NAMED).of(DevicePart::Made(core)),
    DialectRow::named("node_thermal_temperature_celsius", NAMED).of(DevicePart::Made(sensor)),
];

/// `cpu0`.
fn core(series: &Labelled<'_>) -> Option<String> {
    cpu::core(series).map(|name| name.to_lowercase())
}

/// `PMU tdie1` as `pmu_tdie1`.
fn sensor(series: &Labelled<'_>) -> Option<String> {
    let words: Vec<String> =
        series.get("sensor").split_whitespace().map(str::to_lowercase).collect();
    (!words.is_empty()).then(|| words.join("_"))
}

/// Thermal zones count where no chip covers them: the kernel shows most as a chip too.
pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let mut covered = Covered::default();
    let mut found: Vec<FoundSensor<f64>> =
        slots.devices().flat_map(|chip| of_chip(&chip, &mut covered)).collect();
    found.extend(zones(slots, &mut covered));
    found.extend(named(slots));
    sensors::tell_apart(&mut found, &mut HashSet::new());
    found
        .into_iter()
        .map(|f| DeviceReading::new(TEMPERATURE, f.name).with(&CELSIUS, f.sensor))
        .collect()
}

/// The sensors of a chip, but for those that report a fault.
fn of_chip(chip: &SlotDevice<'_>, covered: &mut Covered) -> Vec<FoundSensor<f64>> {
    let id = chip.name().to_string();
    let name = chip.find(CHIP_NAME).map(|n| n.kept(0).to_string());
    let name = name.filter(|n| !n.is_empty()).unwrap_or_else(|| id.clone());
    let labels: BTreeMap<&str, String> =
        chip.all(LABEL).map(|l| (&**l.kept(0), sensors::squeezed(l.kept(1)))).collect();
    let label = |sensor: &str| labels.get(sensor).map_or("", String::as_str);
    covered.add(&name, chip.all(SENSOR).map(|found| label(found.kept(0))));
    let faulty: Vec<&str> =
        chip.all(FAULT).filter(|f| f.value != 0.0).map(|f| &**f.kept(0)).collect();
    let sound = chip.all(SENSOR).filter(|found| !faulty.contains(&&**found.kept(0)));
    let sensor = |found: Value<'_>| {
        let number = found.kept(0).to_string();
        let label = Some(label(&number)).filter(|l| !l.is_empty()).unwrap_or(&number);
        let name = format!("{name}_{label}");
        FoundSensor { name, chip: id.clone(), number, sensor: found.value }
    };
    sound.map(sensor).collect()
}

fn named(slots: &Slots<'_>) -> impl Iterator<Item = FoundSensor<f64>> {
    slots.devices().filter_map(|d| {
        let (name, sensor) = (d.name().to_string(), d.value(NAMED)?);
        Some(FoundSensor { name, chip: "sensor".into(), number: String::new(), sensor })
    })
}

fn zones(slots: &Slots<'_>, covered: &mut Covered) -> Vec<FoundSensor<f64>> {
    let mut zones: Vec<(&str, Value<'_>)> = slots
        .devices()
        .flat_map(|zone| zone.all(ZONE).map(|f| (&**zone.name(), f)).collect::<Vec<_>>())
        .collect();
    zones.retain(|(kind, _)| !covered.next(kind));
    let zone = |(kind, found): (&str, Value<'_>)| FoundSensor {
        name: kind.to_owned(),
        chip: found.kept(0).to_string(),
        number: String::new(),
        sensor: found.value,
    };
    zones.into_iter().map(zone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::{decoded, notes_of};

    #[test]
    fn sensors_are_named_by_chip_and_label() {
        let body = "node_hwmon_chip_names{chip=\"platform_coretemp_0\",chip_name=\"coretemp\"} 1\n\
                    node_hwmon_sensor_label{chip=\"platform_coretemp_0\",label=\"Package id 0\",sensor=\"temp1\"} 1\n\
                    node_hwmon_sensor_label{chip=\"platform_coretemp_0\",label=\"core_0\",sensor=\"temp2\"} 1\n\
                    node_hwmon_temp_celsius{chip=\"platform_coretemp_0\",sensor=\"temp1\"} 50\n\
                    node_hwmon_temp_celsius{chip=\"platform_coretemp_0\",sensor=\"temp2\"} 48.5\n\
                    node_hwmon_temp_celsius{chip=\"pci0000:00_0000:00:18_3\",sensor=\"temp1\"} NaN\n\
                    node_hwmon_temp_celsius{chip=\"thing\",sensor=\"temp1\"} 30\n\
                    node_thermal_zone_temp{type=\"x86_pkg_temp\",zone=\"0\"} 51\n";
        assert_eq!(
            decoded(TEMPERATURE, body),
            "coretemp_packageid0 celsius=50\ncoretemp_core0 celsius=48.5\nthing_temp1 celsius=30\n"
        );
    }

    #[test]
    fn equal_sensor_names_get_the_chips_id() {
        let chip = |n: u8| {
            format!(
                "node_hwmon_chip_names{{chip=\"nvme_nvme{n}\",chip_name=\"nvme\"}} 1\n\
                 node_hwmon_sensor_label{{chip=\"nvme_nvme{n}\",label=\"Composite\",sensor=\"temp1\"}} 1\n\
                 node_hwmon_temp_celsius{{chip=\"nvme_nvme{n}\",sensor=\"temp1\"}} 4{n}\n"
            )
        };
        assert_eq!(
            decoded(TEMPERATURE, &(chip(0) + &chip(1))),
            "nvme_composite_nvme_nvme0 celsius=40\nnvme_composite_nvme_nvme1 celsius=41\n"
        );
    }

    #[test]
    fn equal_labels_on_one_chip_get_the_sensors_number() {
        let body = "node_hwmon_chip_names{chip=\"platform_nct6775_656\",chip_name=\"nct6798\"} 1\n\
                    node_hwmon_sensor_label{chip=\"platform_nct6775_656\",label=\"smbusmaster 0\",sensor=\"temp1\"} 1\n\
                    node_hwmon_sensor_label{chip=\"platform_nct6775_656\",label=\"smbusmaster 0\",sensor=\"temp2\"} 1\n\
                    node_hwmon_temp_celsius{chip=\"platform_nct6775_656\",sensor=\"temp1\"} 40\n\
                    node_hwmon_temp_celsius{chip=\"platform_nct6775_656\",sensor=\"temp2\"} 41\n\
                    node_hwmon_temp_celsius{chip=\"platform_nct6775_656\",sensor=\"temp2\",x=\"\"} 42\n";
        assert_eq!(
            decoded(TEMPERATURE, body),
            "nct6798_smbusmaster0_platform_nct6775_656_temp1 celsius=40\n\
             nct6798_smbusmaster0_platform_nct6775_656_temp2 celsius=41\n\
             nct6798_smbusmaster0_platform_nct6775_656_temp2_2 celsius=42\n"
        );
    }

    #[test]
    fn thermal_zones_are_shown_where_no_chip_covers_them() {
        let zones = "node_thermal_zone_temp{type=\"acpitz\",zone=\"0\"} 27.8\n\
                     node_thermal_zone_temp{type=\"acpitz\",zone=\"1\"} 29.8\n\
                     node_thermal_zone_temp{type=\"cpu-thermal\",zone=\"2\"} 44\n";
        assert_eq!(
            decoded(TEMPERATURE, zones),
            "acpitz_0 celsius=27.8\nacpitz_1 celsius=29.8\ncpu-thermal celsius=44\n"
        );
        let chips = "node_hwmon_chip_names{chip=\"nvme_nvme0\",chip_name=\"nvme\"} 1\n\
                     node_hwmon_chip_names{chip=\"thermal_thermal_zone0\",chip_name=\"acpitz\"} 1\n\
                     node_hwmon_temp_celsius{chip=\"nvme_nvme0\",sensor=\"temp1\"} 38\n\
                     node_hwmon_temp_celsius{chip=\"thermal_thermal_zone0\",sensor=\"temp1\"} 27.8\n";
        assert_eq!(
            decoded(TEMPERATURE, &format!("{chips}{zones}")),
            "nvme_temp1 celsius=38\nacpitz_temp1 celsius=27.8\nacpitz celsius=29.8\ncpu-thermal celsius=44\n"
        );
    }

    #[test]
    fn what_a_driver_says_without_a_sensor_is_left_out_and_named() {
        let body = "node_hwmon_temp_celsius{chip=\"applesmc\",sensor=\"temp3\"} 249\n\
                    node_hwmon_temp_celsius{chip=\"nct\",sensor=\"temp1\"} 30\n\
                    node_hwmon_temp_celsius{chip=\"nct\",sensor=\"temp2\"} 31\n\
                    node_hwmon_temp_celsius{chip=\"nvme\",sensor=\"temp1\"} -273.15\n\
                    node_hwmon_temp_celsius{chip=\"nvme\",sensor=\"temp2\"} 65261.85\n\
                    node_hwmon_temp_fault{chip=\"nct\",sensor=\"temp1\"} 0\n\
                    node_hwmon_temp_fault{chip=\"nct\",sensor=\"temp2\"} 1\n";
        assert_eq!(decoded(TEMPERATURE, body), "nct_temp1 celsius=30\n");
        let notes = notes_of(TEMPERATURE, body);
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert_eq!(
            notes[1],
            "temperature \"nvme_temp1\": -273.15 °C is implausible; it is left out"
        );
    }

    #[test]
    fn temperatures_of_the_bsds_and_of_macos_are_read() {
        let body = "node_cpu_temperature_celsius{cpu=\"0\"} 40\n\
                    node_cpu_temperature_celsius{cpu=\"1\"} NaN\n\
                    node_cpu_temperature_celsius{cpu=\"10\"} 41\n";
        assert_eq!(decoded(TEMPERATURE, body), "cpu0 celsius=40\ncpu10 celsius=41\n");
        let body = "node_thermal_temperature_celsius{sensor=\"PMU tdie1\"} 51.5\n\
                    node_thermal_temperature_celsius{sensor=\"\"} 1\n\
                    node_thermal_cpu_speed_limit_ratio 1\n";
        assert_eq!(decoded(TEMPERATURE, body), "pmu_tdie1 celsius=51.5\n");
    }
}
