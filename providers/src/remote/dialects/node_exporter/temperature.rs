//! Temperatures, from `/sys/class/hwmon`, else from `/sys/class/thermal`.

use crate::remote::dialect::{Device, Found, Part, Row, Slot, Slots};
use manytop_core::{
    reading::Reading,
    vocabulary::{CELSIUS, TEMPERATURE},
};
use std::collections::BTreeMap;

const SENSOR: Slot = Slot::new("sensor");
const CHIP_NAME: Slot = Slot::new("chip name");
const LABEL: Slot = Slot::new("label");
const ZONE: Slot = Slot::new("zone");

/// The device is the chip, by its id, under which its name and its sensors' labels stand too.
pub const ROWS: &[Row] = &[
    Row::named("node_hwmon_temp_celsius", SENSOR).of(Part::Label("chip")).keeps(&["sensor"]),
    Row::named("node_hwmon_chip_names", CHIP_NAME).of(Part::Label("chip")).keeps(&["chip_name"]),
    Row::named("node_hwmon_sensor_label", LABEL)
        .of(Part::Label("chip"))
        .keeps(&["sensor", "label"]),
    Row::named("node_thermal_zone_temp", ZONE).of(Part::Label("type")).keeps(&["zone"]),
];

/// A temperature with its name, and the id that is added where two bear the same.
struct Sensor {
    name: String,
    id: String,
    celsius: f64,
}

/// Most thermal zones are among the hwmon chips too, so they count only where there is no such chip.
pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    let sensors = match hwmon(slots) {
        sensors if sensors.is_empty() => zones(slots),
        sensors => sensors,
    };
    let mut bearers: BTreeMap<&str, usize> = BTreeMap::new();
    for sensor in &sensors {
        *bearers.entry(&sensor.name).or_default() += 1;
    }
    let named = |s: &Sensor| match bearers.get(&*s.name) {
        Some(1) => s.name.clone(),
        _ => format!("{}_{}", s.name, s.id),
    };
    sensors.iter().map(|s| Reading::new(TEMPERATURE, named(s)).with(&CELSIUS, s.celsius)).collect()
}

fn hwmon(slots: &Slots<'_>) -> Vec<Sensor> {
    slots.devices().flat_map(|chip| of_chip(&chip)).collect()
}

fn of_chip(chip: &Device<'_>) -> Vec<Sensor> {
    let id = chip.name().to_string();
    let name = chip.find(CHIP_NAME).map(|n| n.kept(0).to_string());
    let name = name.filter(|n| !n.is_empty()).unwrap_or_else(|| id.clone());
    let labels: BTreeMap<&str, String> =
        chip.all(LABEL).map(|l| (&**l.kept(0), squeezed(l.kept(1)))).collect();
    let sensor = |found: Found<'_>| {
        let label = labels.get(&**found.kept(0)).map(String::as_str).filter(|l| !l.is_empty());
        let name = format!("{name}_{}", label.unwrap_or(found.kept(0)));
        Sensor { name, id: id.clone(), celsius: found.value }
    };
    chip.all(SENSOR).map(sensor).collect()
}

fn zones(slots: &Slots<'_>) -> Vec<Sensor> {
    let zone = |name: &str, found: Found<'_>| Sensor {
        name: name.to_owned(),
        id: found.kept(0).to_string(),
        celsius: found.value,
    };
    slots.devices().flat_map(|d| d.all(ZONE).map(move |found| zone(d.name(), found))).collect()
}

/// `Core 0`, which some versions write `core_0`, as `core0`.
fn squeezed(label: &str) -> String {
    label.chars().filter(|c| !c.is_whitespace() && *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

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
            said(TEMPERATURE, body),
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
            said(TEMPERATURE, &(chip(0) + &chip(1))),
            "nvme_composite_nvme_nvme0 celsius=40\nnvme_composite_nvme_nvme1 celsius=41\n"
        );
    }

    #[test]
    fn thermal_zones_stand_in_where_there_is_no_chip() {
        let body = "node_thermal_zone_temp{type=\"acpitz\",zone=\"0\"} 27.8\n\
                    node_thermal_zone_temp{type=\"acpitz\",zone=\"1\"} 29.8\n\
                    node_thermal_zone_temp{type=\"cpu-thermal\",zone=\"2\"} 44\n";
        assert_eq!(
            said(TEMPERATURE, body),
            "acpitz_0 celsius=27.8\nacpitz_1 celsius=29.8\ncpu-thermal celsius=44\n"
        );
    }
}
