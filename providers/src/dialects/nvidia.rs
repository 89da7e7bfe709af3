//! What the two exporters say that are called nvidia_gpu_exporter: one reads what `nvidia-smi` prints, the other
//! the driver's library.

use crate::dialects::{
    common_slots::{CELSIUS, CLOCK, DECODER, ENCODER, FAN, INFO, LIMIT, RATIO, TOTAL, USED, WATTS},
    dialect::{DevicePart, Dialect, DialectRow, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};

const DUTY: Slot = Slot::new("duty");
const MILLIWATTS: Slot = Slot::new("milliwatts");
const FAN_RATIO: Slot = Slot::new("fan ratio");
const INDEX: Slot = Slot::new("index");

manytop_plugin::inventory::submit! {
    Dialect::new("nvidia_gpu_exporter", 1, &[
        Section::new(v::GPU, GPU, gpus)
            .adding()
            .begun_by(&["nvidia_smi_utilization_", "nvidia_smi_memory_", "nvidia_gpu_memory_"]),
    ])
}

const fn smi(metric: &'static str, also: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(also).of(DevicePart::Label("uuid"))
}

const fn library(metric: &'static str, slot: Slot) -> DialectRow {
    smi(metric, &[], slot).keeps(&["minor_number", "name"])
}

const GPU: &[DialectRow] = &[
    smi("nvidia_smi_utilization_gpu_ratio", &[], RATIO),
    smi("nvidia_smi_memory_used_bytes", &[], USED),
    smi("nvidia_smi_memory_total_bytes", &[], TOTAL),
    smi("nvidia_smi_temperature_gpu", &[], CELSIUS),
    smi("nvidia_smi_power_draw_watts", &["nvidia_smi_power_draw_instant_watts"], WATTS),
    smi("nvidia_smi_enforced_power_limit_watts", &["nvidia_smi_power_limit_watts"], LIMIT),
    smi(
        "nvidia_smi_clocks_current_graphics_clock_hz",
        &["nvidia_smi_clocks_current_sm_clock_hz", "nvidia_smi_clocks_gr_clock_hz"],
        CLOCK,
    ),
    smi("nvidia_smi_fan_speed_ratio", &[], FAN_RATIO),
    smi("nvidia_smi_utilization_encoder_ratio", &[], ENCODER),
    smi("nvidia_smi_utilization_decoder_ratio", &[], DECODER),
    smi("nvidia_smi_index", &[], INDEX),
    smi("nvidia_smi_gpu_info", &[], INFO).keeps(&["index", "name"]),
    library("nvidia_gpu_duty_cycle", DUTY),
    library("nvidia_gpu_memory_used_bytes", USED),
    library("nvidia_gpu_memory_total_bytes", TOTAL),
    library("nvidia_gpu_temperature_celsius", CELSIUS),
    library("nvidia_gpu_power_usage_milliwatts", MILLIWATTS),
    library("nvidia_gpu_fanspeed_percent", FAN),
];

/// A GPU goes by its number where the body tells it, else by its identifier.
fn gpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let info = d.find(INFO).or_else(|| d.find(DUTY));
        let number = match (d.value(INDEX), info) {
            (Some(index), _) => Some(index.to_string()),
            (None, Some(info)) => Some(info.kept(0).to_string()).filter(|n| !n.is_empty()),
            (None, None) => None,
        };
        let name = number.map_or_else(|| d.name().to_string(), |number| format!("gpu{number}"));
        let percent = |ratio, given| d.value(ratio).map(|r| r * 100.0).or_else(|| d.value(given));
        let watts = d.value(WATTS).or_else(|| d.value(MILLIWATTS).map(|milli| milli / 1e3));
        let reading = DeviceReading::new(v::GPU, name)
            .with_some(&v::PERCENT, percent(RATIO, DUTY))
            .with_some(&v::USED_BYTES, d.value(USED))
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL))
            .with_some(&v::CELSIUS, d.value(CELSIUS))
            .with_some(&v::WATTS, watts)
            .with_some(&v::MAX_WATTS, d.value(LIMIT))
            .with_some(&v::FREQUENCY_HERTZ, d.value(CLOCK))
            .with_some(&v::FAN_PERCENT, percent(FAN_RATIO, FAN))
            .with_some(&v::ENCODER_PERCENT, d.value(ENCODER).map(|ratio| ratio * 100.0))
            .with_some(&v::DECODER_PERCENT, d.value(DECODER).map(|ratio| ratio * 100.0));
        match info.map(|info| info.kept(1)).filter(|model| !model.is_empty()) {
            Some(model) => reading.text(&v::MODEL, model.clone()),
            None => reading,
        }
    };
    let mut readings: Vec<_> = slots.devices().map(reading).collect();
    readings.sort_by(|a, b| crate::natural::order(&a.device, &b.device));
    readings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn both_exporters_are_read() {
        let smi = "nvidia_smi_gpu_info{driver_version=\"535\",name=\"Tesla T4\",uuid=\"a1\"} 1\n\
                   nvidia_smi_index{uuid=\"a1\"} 1\nnvidia_smi_index{uuid=\"b2\"} 0\n\
                   nvidia_smi_utilization_gpu_ratio{uuid=\"a1\"} 0.5\n\
                   nvidia_smi_memory_used_bytes{uuid=\"a1\"} 4e+09\n\
                   nvidia_smi_memory_total_bytes{uuid=\"a1\"} 1.6e+10\n\
                   nvidia_smi_power_draw_watts{uuid=\"a1\"} 70\n\
                   nvidia_smi_fan_speed_ratio{uuid=\"a1\"} 0.33\n\
                   nvidia_smi_temperature_gpu{uuid=\"b2\"} 44\n";
        assert_eq!(
            decoded(v::GPU, smi),
            "gpu0 celsius=44\n\
             gpu1 percent=50 used_bytes=4000000000 total_bytes=16000000000 watts=70 fan_percent=33 \
             model=\"Tesla T4\"\n"
        );
        let of = "{minor_number=\"2\",name=\"Tesla P4\",uuid=\"GPU-9\"}";
        let library = format!(
            "nvidia_gpu_duty_cycle{of} 12\nnvidia_gpu_power_usage_milliwatts{of} 23500\n\
             nvidia_gpu_temperature_celsius{of} 50\nnvidia_gpu_memory_used_bytes{of} 1\n"
        );
        assert_eq!(
            decoded(v::GPU, &library),
            "gpu2 percent=12 used_bytes=1 celsius=50 watts=23.5 model=\"Tesla P4\"\n"
        );
    }
}
