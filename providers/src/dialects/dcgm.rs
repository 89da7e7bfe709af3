//! What NVIDIA's DCGM exporter says of graphics processors.
//!
//! Memory is in MiB and clocks in MHz there. An instance of a divided GPU is a device of its own, `gpu0/3`.

use crate::dialects::{
    common_slots::{
        ACTIVE, CELSIUS, CLOCK, DECODER, ENCODER, FAN, FREE, LIMIT, RESERVED, TOTAL, USED, WATTS,
    },
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};

const UTILISATION: Slot = Slot::new("utilisation");

manytop_plugin::inventory::submit! {
    Dialect::new("dcgm", 1, &[Section::new(v::GPU, GPU, gpus).adding().begun_by(&["DCGM_FI_DEV_"])])
        .hosts_by(&["Hostname", "instance"])
}

const fn row(metric: &'static str, older: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(older).of(DevicePart::Made(gpu)).keeps(&["modelName"])
}

const GPU: &[DialectRow] = &[
    row("DCGM_FI_DEV_GPU_UTIL", &["dcgm_gpu_utilization"], UTILISATION),
    row("DCGM_FI_PROF_GR_ENGINE_ACTIVE", &[], ACTIVE),
    row("DCGM_FI_DEV_ENC_UTIL", &["dcgm_enc_utilization"], ENCODER),
    row("DCGM_FI_DEV_DEC_UTIL", &["dcgm_dec_utilization"], DECODER),
    row("DCGM_FI_DEV_FB_USED", &["dcgm_fb_used"], USED),
    row("DCGM_FI_DEV_FB_FREE", &["dcgm_fb_free"], FREE),
    row("DCGM_FI_DEV_FB_RESERVED", &[], RESERVED),
    row("DCGM_FI_DEV_FB_TOTAL", &[], TOTAL),
    row("DCGM_FI_DEV_GPU_TEMP", &["dcgm_gpu_temp"], CELSIUS),
    row("DCGM_FI_DEV_POWER_USAGE", &["dcgm_power_usage"], WATTS),
    row("DCGM_FI_DEV_POWER_MGMT_LIMIT", &["DCGM_FI_DEV_ENFORCED_POWER_LIMIT"], LIMIT),
    row("DCGM_FI_DEV_SM_CLOCK", &["dcgm_sm_clock"], CLOCK),
    row("DCGM_FI_DEV_FAN_SPEED", &["dcgm_fan_speed"], FAN),
];

fn gpu(series: &Labelled<'_>) -> Option<String> {
    let number = Some(series.get("gpu")).filter(|gpu| !gpu.is_empty());
    let number = number.or_else(|| series.get("device").strip_prefix("nvidia"))?;
    let instance = series.get("GPU_I_ID");
    Some(if instance.is_empty() {
        format!("gpu{number}")
    } else {
        format!("gpu{number}/{instance}")
    })
}

fn gpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    const MIB: f64 = 1024.0 * 1024.0;
    let reading = |d: SlotDevice<'_>| {
        let used = d.value(USED);
        let sum = used
            .zip(d.value(FREE))
            .map(|(used, free)| used + free + d.value(RESERVED).unwrap_or_default());
        let percent = d.value(UTILISATION).or_else(|| d.value(ACTIVE).map(|ratio| ratio * 100.0));
        let model = GPU_SLOTS.iter().find_map(|slot| d.find(*slot)).map(|found| found.kept(0));
        let reading = DeviceReading::new(v::GPU, d.name().clone())
            .with_some(&v::PERCENT, percent)
            .with_some(&v::USED_BYTES, used.map(|mib| mib * MIB))
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL).or(sum).map(|mib| mib * MIB))
            .with_some(&v::CELSIUS, d.value(CELSIUS))
            .with_some(&v::WATTS, d.value(WATTS))
            .with_some(&v::MAX_WATTS, d.value(LIMIT))
            .with_some(&v::FREQUENCY_HERTZ, d.value(CLOCK).map(|mhz| mhz * 1e6))
            .with_some(&v::FAN_PERCENT, d.value(FAN))
            .with_some(&v::ENCODER_PERCENT, d.value(ENCODER))
            .with_some(&v::DECODER_PERCENT, d.value(DECODER));
        match model.filter(|model| !model.is_empty()) {
            Some(model) => reading.text(&v::MODEL, model.clone()),
            None => reading,
        }
    };
    slots.devices().map(reading).collect()
}

/// Where a model's name is looked for.
const GPU_SLOTS: [Slot; 5] = [UTILISATION, USED, CELSIUS, WATTS, CLOCK];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn a_recorded_body_is_understood() {
        assert_eq!(
            decoded(v::GPU, include_str!("bodies/dcgm.txt")),
            "gpu0 percent=97 used_bytes=37262196736 total_bytes=42505076736 celsius=61 watts=301.2 \
             frequency_hertz=1410000000 model=\"NVIDIA A100-SXM4-40GB\"\n"
        );
    }

    #[test]
    fn an_instance_of_a_divided_gpu_is_a_device_of_its_own() {
        let body = "DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu=\"0\",GPU_I_ID=\"3\",GPU_I_PROFILE=\"1g.5gb\"} 0.25\n\
                    dcgm_gpu_temp{gpu=\"0\",uuid=\"GPU-1\"} 50\n";
        assert_eq!(decoded(v::GPU, body), "gpu0 celsius=50\ngpu0/3 percent=25\n");
    }
}
