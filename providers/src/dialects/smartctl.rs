//! What smartctl_exporter says of drives: whether they are well, what errors they count, how worn and how warm
//! they are.

use crate::dialects::{
    common_slots::{CELSIUS, INFO},
    dialect::{DevicePart, Dialect, DialectRow, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};

const PASSED: Slot = Slot::new("passed");
const WARNING: Slot = Slot::new("warning");
const MEDIA: Slot = Slot::new("media");
const SECTORS: Slot = Slot::new("sectors");
const WEAR: Slot = Slot::new("wear");

manytop_plugin::inventory::submit! {
    Dialect::new("smartctl_exporter", 1, &[
        Section::new(v::STORAGE, STORAGE, drives).adding().begun_by(&["smartctl_device_"]),
        Section::new(v::TEMPERATURE, TEMPERATURE, temperatures).adding(),
    ])
}

const fn row(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Label("device"))
}
/// Sectors that were lost, by the numbers that drives agree on.
const fn sectors(attribute: &'static [(&'static str, &'static str)]) -> DialectRow {
    row("smartctl_device_attribute", SECTORS).has(attribute)
}

const STORAGE: &[DialectRow] = &[
    row("smartctl_device_smart_status", PASSED),
    row("smartctl_device_critical_warning", WARNING),
    row("smartctl_device_media_errors", MEDIA),
    sectors(&[("attribute_id", "5"), ("attribute_value_type", "raw")]),
    sectors(&[("attribute_id", "197"), ("attribute_value_type", "raw")]),
    sectors(&[("attribute_id", "198"), ("attribute_value_type", "raw")]),
    row("smartctl_device_percentage_used", WEAR),
    row("smartctl_device_temperature", CELSIUS).has(&[("temperature_type", "current")]),
    row("smartctl_device", INFO).keeps(&["model_name"]),
];

/// A drive that predicts its failure, or that warns, is failing; one that has lost sectors says so by its errors.
fn drives(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let sectors: Vec<f64> = d.all(SECTORS).map(|found| found.value).collect();
        let sectors = (!sectors.is_empty()).then(|| sectors.iter().sum());
        let fails = d.value(PASSED) == Some(0.0) || d.value(WARNING).is_some_and(|bits| bits > 0.0);
        let known = d.value(PASSED).or(d.value(WARNING)).is_some();
        let mut reading = DeviceReading::new(v::STORAGE, d.name().clone())
            .with_some(&v::ERRORS, d.value(MEDIA).or(sectors))
            .with_some(&v::WEAR_PERCENT, d.value(WEAR))
            .with_some(&v::CELSIUS, d.value(CELSIUS));
        if known {
            reading = reading.text(&v::STATE, if fails { "failing" } else { "ok" });
        }
        match d.find(INFO).filter(|info| !info.kept(0).is_empty()) {
            Some(info) => reading.text(&v::MODEL, info.kept(0).clone()),
            None => reading,
        }
    };
    slots.devices().map(reading).collect()
}

const TEMPERATURE: &[DialectRow] =
    &[row("smartctl_device_temperature", CELSIUS).has(&[("temperature_type", "current")])];

fn temperatures(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::TEMPERATURE, d.name().clone())
            .with_some(&v::CELSIUS, d.value(CELSIUS))
    };
    slots.devices().map(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    const BODY: &str = "\
smartctl_device{device=\"sda\",interface=\"sat\",model_name=\"WDC WD40EFRX\",serial_number=\"1\"} 1
smartctl_device_smart_status{device=\"sda\"} 1
smartctl_device_attribute{attribute_id=\"5\",attribute_name=\"Reallocated_Sector_Ct\",attribute_value_type=\"raw\",device=\"sda\"} 8
smartctl_device_attribute{attribute_id=\"5\",attribute_name=\"Reallocated_Sector_Ct\",attribute_value_type=\"value\",device=\"sda\"} 200
smartctl_device_attribute{attribute_id=\"197\",attribute_name=\"Current_Pending_Sector\",attribute_value_type=\"raw\",device=\"sda\"} 2
smartctl_device_temperature{device=\"sda\",temperature_type=\"current\"} 38
smartctl_device_temperature{device=\"sda\",temperature_type=\"drive_trip\"} 65
smartctl_device_critical_warning{device=\"nvme0\"} 4
smartctl_device_media_errors{device=\"nvme0\"} 3
smartctl_device_percentage_used{device=\"nvme0\"} 91
";

    #[test]
    fn drives_tell_their_health_and_their_temperature() {
        assert_eq!(
            decoded(v::STORAGE, BODY),
            "nvme0 errors=3 wear_percent=91 state=\"failing\"\n\
             sda errors=10 celsius=38 state=\"ok\" model=\"WDC WD40EFRX\"\n"
        );
        assert_eq!(decoded(v::TEMPERATURE, BODY), "sda celsius=38\n");
    }

    #[test]
    fn a_drives_temperature_stands_beside_the_chips() {
        let chips = "node_hwmon_temp_celsius{chip=\"nvme\",sensor=\"temp1\"} 40\n";
        assert_eq!(
            decoded(v::TEMPERATURE, &format!("{chips}{BODY}")),
            "nvme_temp1 celsius=40\nsda celsius=38\n"
        );
    }
}
