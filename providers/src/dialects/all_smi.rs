//! What all-smi says in its mode `api`: of graphics processors, and of the machine that they are in.
//!
//! Processors are told one by one by newer versions, and as one by older ones.

use crate::dialects::{
    common_slots::{
        AVAILABLE, BUFFERS, CACHED, CELSIUS, FAN, FREE, LIMIT, MODEL, NAME, READ, TOTAL, USED,
        WATTS, WRITTEN,
    },
    complete,
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{self as v, MAIN, SWAP},
};

const PERCENT: Slot = Slot::new("percent");
const MEGAHERTZ: Slot = Slot::new("megahertz");

manytop_plugin::inventory::submit! {
    Dialect::new("all-smi", 1, &[
        Section::new(v::GPU, GPU, gpus).adding().begun_by(&["all_smi_gpu_"]),
        Section::new(v::CPU, CPU, cpus).begun_by(&["all_smi_cpu_"]),
        Section::new(v::MEMORY, MEMORY, memory).begun_by(&["all_smi_memory_"]),
        Section::new(v::DISK, DISK, disks).begun_by(&["all_smi_disk_"]),
        Section::new(v::TEMPERATURE, TEMPERATURE, temperatures),
        Section::new(v::POWER, POWER, power),
        Section::new(v::HOST, HOST, host),
    ])
}

const fn gpu(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Made(gpu_name)).keeps(&["gpu"])
}

const GPU: &[DialectRow] = &[
    gpu("all_smi_gpu_utilization", PERCENT),
    gpu("all_smi_gpu_memory_used_bytes", USED),
    gpu("all_smi_gpu_memory_total_bytes", TOTAL),
    gpu("all_smi_gpu_temperature_celsius", CELSIUS),
    gpu("all_smi_gpu_power_consumption_watts", WATTS),
    gpu("all_smi_gpu_power_limit_max_watts", LIMIT),
    gpu("all_smi_gpu_frequency_mhz", MEGAHERTZ),
    gpu("all_smi_gpu_fan_speed_percent", FAN),
];

fn gpu_name(series: &Labelled<'_>) -> Option<String> {
    let number = ["gpu_index", "index"].map(|label| series.get(label));
    let number = number.into_iter().find(|number| !number.is_empty())?;
    Some(format!("gpu{number}"))
}

fn gpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let named = [PERCENT, USED, CELSIUS, WATTS].iter().find_map(|slot| d.find(*slot));
        let reading = DeviceReading::new(v::GPU, d.name().clone())
            .with_some(&v::PERCENT, d.value(PERCENT))
            .with_some(&v::USED_BYTES, d.value(USED))
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL))
            .with_some(&v::CELSIUS, d.value(CELSIUS))
            .with_some(&v::WATTS, d.value(WATTS))
            .with_some(&v::MAX_WATTS, d.value(LIMIT))
            .with_some(&v::FREQUENCY_HERTZ, d.value(MEGAHERTZ).map(|mhz| mhz * 1e6))
            .with_some(&v::FAN_PERCENT, d.value(FAN));
        match named.map(|found| found.kept(0)).filter(|model| !model.is_empty()) {
            Some(model) => reading.text(&v::MODEL, model.clone()),
            None => reading,
        }
    };
    slots.devices().map(reading).collect()
}

/// All processors as one, where they are not told one by one.
const ALL: &str = "CPU";

const CPU: &[DialectRow] = &[
    DialectRow::named("all_smi_cpu_core_utilization", PERCENT).of(DevicePart::Made(core)),
    DialectRow::named("all_smi_cpu_utilization", PERCENT).of(DevicePart::Only(ALL)),
    DialectRow::named("all_smi_cpu_frequency_mhz", MEGAHERTZ).of(DevicePart::Only(ALL)),
];

fn core(series: &Labelled<'_>) -> Option<String> {
    let core: u32 = series.get("core_id").parse().ok()?;
    Some(format!("CPU{core}"))
}

fn cpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let hertz = slots.device(ALL).and_then(|all| all.value(MEGAHERTZ)).map(|mhz| mhz * 1e6);
    let reading = |d: &SlotDevice<'_>| {
        DeviceReading::new(v::CPU, d.name().clone())
            .with_some(&v::PERCENT, d.value(PERCENT))
            .with_some(&v::FREQUENCY_HERTZ, hertz)
    };
    let single = |d: &SlotDevice<'_>| &**d.name() != ALL;
    let cores: Vec<_> = slots.devices().filter(single).map(|d| reading(&d)).collect();
    if cores.is_empty() { slots.device(ALL).iter().map(reading).collect() } else { cores }
}

const fn main(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Only(MAIN))
}
const fn swap(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Only(SWAP))
}

const MEMORY: &[DialectRow] = &[
    main("all_smi_memory_total_bytes", TOTAL),
    main("all_smi_memory_available_bytes", AVAILABLE),
    main("all_smi_memory_used_bytes", USED),
    main("all_smi_memory_free_bytes", FREE),
    main("all_smi_memory_buffers_bytes", BUFFERS),
    main("all_smi_memory_cached_bytes", CACHED),
    swap("all_smi_swap_total_bytes", TOTAL),
    swap("all_smi_swap_free_bytes", FREE),
    swap("all_smi_swap_used_bytes", USED),
];

fn memory(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let reading = DeviceReading::new(v::MEMORY, d.name().clone())
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL))
            .with_some(&v::AVAILABLE_BYTES, d.value(AVAILABLE))
            .with_some(&v::USED_BYTES, d.value(USED))
            .with_some(&v::FREE_BYTES, d.value(FREE))
            .with_some(&v::BUFFERS_BYTES, d.value(BUFFERS))
            .with_some(&v::CACHED_BYTES, d.value(CACHED));
        complete::memory(reading, &mut slots.doubts())
    };
    slots.devices().map(reading).collect()
}

const fn disk(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Label("mount_point"))
}

const DISK: &[DialectRow] = &[
    disk("all_smi_disk_total_bytes", TOTAL),
    disk("all_smi_disk_available_bytes", AVAILABLE),
    disk("all_smi_disk_read_bytes_per_sec", READ),
    disk("all_smi_disk_write_bytes_per_sec", WRITTEN),
];

fn disks(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let reading = DeviceReading::new(v::DISK, d.name().clone())
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL))
            .with_some(&v::AVAILABLE_BYTES, d.value(AVAILABLE))
            .with_some(&v::READ_RATE, d.value(READ))
            .with_some(&v::WRITTEN_RATE, d.value(WRITTEN))
            .text(&v::MOUNTS, d.name().replace(' ', "\\040"));
        complete::disk(reading, &mut slots.doubts())
    };
    slots.devices().filter_map(reading).collect()
}

const TEMPERATURE: &[DialectRow] =
    &[DialectRow::named("all_smi_cpu_temperature_celsius", CELSIUS).of(DevicePart::Only("cpu"))];

fn temperatures(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::TEMPERATURE, d.name().clone())
            .with_some(&v::CELSIUS, d.value(CELSIUS))
    };
    slots.devices().map(reading).collect()
}

const POWER: &[DialectRow] = &[
    DialectRow::named("all_smi_chassis_power_watts", WATTS).of(DevicePart::Only("chassis")),
    DialectRow::named("all_smi_cpu_power_consumption_watts", WATTS).of(DevicePart::Only("cpu")),
];

fn power(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::POWER, d.name().clone()).with_some(&v::WATTS, d.value(WATTS))
    };
    slots.devices().map(reading).collect()
}

const HOST: &[DialectRow] = &[
    DialectRow::named("all_smi_chassis_info", NAME).keeps(&["hostname", "platform"]),
    DialectRow::named("all_smi_cpu_info", MODEL).keeps(&["cpu_model"]),
    DialectRow::named("all_smi_cpu_model", MODEL).keeps(&["model"]),
];

fn host(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let Some(host) = slots.device("") else { return Vec::new() };
    let mut reading = DeviceReading::new(v::HOST, host.name().clone());
    if let Some(name) = host.find(NAME) {
        reading =
            reading.text(&v::HOSTNAME, name.kept(0).clone()).text(&v::KERNEL, name.kept(1).clone());
    }
    if let Some(model) = host.find(MODEL) {
        reading = reading.text(&v::PROCESSOR, model.kept(0).clone());
    }
    vec![reading]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    const API: &str = include_str!("bodies/allsmi-api.txt");
    const MOCK: &str = include_str!("bodies/allsmi-mock.txt");

    #[test]
    fn a_machine_is_understood_as_the_mode_api_tells_it() {
        assert_eq!(
            decoded(v::CPU, API),
            "CPU0 percent=99.66996765136719 frequency_hertz=2596000000\n\
             CPU1 percent=99.66777801513672 frequency_hertz=2596000000\n"
        );
        let memory = decoded(v::MEMORY, API);
        assert!(
            memory.starts_with("Main percent=6.20746550692")
                && memory.contains(" used_bytes=1569030144 "),
            "{memory}"
        );
        let disk = decoded(v::DISK, API);
        assert!(
            disk.starts_with("/ percent=") && disk.contains("total_bytes=270553174016"),
            "{disk}"
        );
        assert_eq!(
            decoded(v::HOST, API),
            " hostname=\"vm\" kernel=\"Linux\" processor=\"AMD EPYC\"\n"
        );
    }

    #[test]
    fn gpus_are_told_one_by_one() {
        let gpus = decoded(v::GPU, MOCK);
        assert_eq!(gpus.lines().count(), 8);
        assert!(
            gpus.starts_with(
                "gpu0 percent=35.58 used_bytes=67334835406 total_bytes=206158430208 celsius=57 watts=276.658 "
            ),
            "{gpus}"
        );
        assert_eq!(decoded(v::TEMPERATURE, MOCK), "cpu celsius=66\n");
        assert_eq!(decoded(v::POWER, MOCK), "chassis watts=3130.53\n");
        assert!(decoded(v::CPU, MOCK).starts_with("CPU percent=60.79 "));
        assert!(
            decoded(v::MEMORY, MOCK)
                .contains("Swap percent=0 used_bytes=0 total_bytes=34359738368")
        );
    }
}
