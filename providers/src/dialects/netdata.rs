//! What Netdata says at `/api/v1/allmetrics?format=prometheus`: averages over its last seconds, by chart and
//! dimension.
//!
//! Rates and shares are finished figures there, so that they are taken as they are; what goes out is negative.
//! File systems come without a type: those below `/dev`, `/proc`, `/run` and `/sys` are not storage.

use crate::dialects::{
    common_slots::{
        AVAILABLE, BUFFERS, BUSY, CACHED, CELSIUS, CPU_STALLED, FREE, INFO, IO_STALLED, LINK,
        LOAD_1, LOAD_5, LOAD_15, MEMORY_STALLED, READ, READS, RECEIVED, RESERVED, SENT, UPTIME,
        USED, WRITES, WRITTEN,
    },
    complete,
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::collections::BTreeMap;

const MIB: f64 = 1024.0 * 1024.0;
const GIB: f64 = 1024.0 * MIB;

const MODE: Slot = Slot::new("mode");
const FREE_INODES: Slot = Slot::new("free inodes");
const USED_INODES: Slot = Slot::new("used inodes");
const RUNNING: Slot = Slot::new("running");
const BLOCKED: Slot = Slot::new("blocked");

manytop_plugin::inventory::submit! {
    Dialect::new("netdata", 1, &[
        Section::new(v::CPU, CPU, cpus),
        Section::new(v::MEMORY, MEMORY, memory),
        Section::new(v::DISK, DISK, disks),
        Section::new(v::NETWORK, NETWORK, network),
        Section::new(v::TEMPERATURE, TEMPERATURE, temperatures),
        Section::new(v::HOST, HOST, host),
    ])
}

/// The dimension of a chart.
macro_rules! dimension {
    ($metric:literal, $dimension:literal, $slot:expr) => {
        DialectRow::named($metric, $slot).has(&[("dimension", $dimension)])
    };
}

const CPU: &[DialectRow] = &[
    DialectRow::named("netdata_cpu_cpu_percentage_average", MODE)
        .of(DevicePart::Made(core))
        .keeps(&["dimension"]),
    DialectRow::named("netdata_system_cpu_percentage_average", MODE)
        .of(DevicePart::Only("CPU"))
        .keeps(&["dimension"]),
];

/// `cpu.cpu0`; later versions have a label of their own.
fn core(series: &Labelled<'_>) -> Option<String> {
    let label = Some(series.get("cpu")).filter(|cpu| !cpu.is_empty());
    let name = label.or_else(|| series.get("chart").strip_prefix("cpu."))?;
    let number: u32 = name.strip_prefix("cpu").unwrap_or(name).parse().ok()?;
    Some(format!("CPU{number}"))
}

/// One by one where they are told apart; else all as one. Time of guests is not part of user time there.
fn cpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let sum = |modes: &[&str]| {
            let mut all = d.all(MODE).filter(|f| modes.contains(&&**f.kept(0))).map(|f| f.value);
            all.next().map(|first| (first + all.sum::<f64>()).max(0.0))
        };
        let idle = sum(&["idle"]);
        let rest = idle.map(|idle| idle + sum(&["iowait"]).unwrap_or_default());
        let work = rest.map(|rest| (100.0 - rest).max(0.0));
        DeviceReading::new(v::CPU, d.name().clone())
            .with_some(&v::PERCENT, work)
            .with_some(&v::USER_PERCENT, sum(&["user", "nice", "guest", "guest_nice"]))
            .with_some(&v::SYSTEM_PERCENT, sum(&["system", "irq", "softirq"]))
            .with_some(&v::IOWAIT_PERCENT, sum(&["iowait"]))
            .with_some(&v::STEAL_PERCENT, sum(&["steal"]))
    };
    let single = |d: &SlotDevice<'_>| &**d.name() != "CPU";
    let cores: Vec<_> = slots.devices().filter(single).map(reading).collect();
    if cores.is_empty() { slots.devices().map(reading).collect() } else { cores }
}

const MEMORY: &[DialectRow] = &[
    dimension!("netdata_system_ram_MiB_average", "free", FREE).of(DevicePart::Only(v::MAIN)),
    dimension!("netdata_system_ram_MiB_average", "used", USED).of(DevicePart::Only(v::MAIN)),
    dimension!("netdata_system_ram_MiB_average", "cached", CACHED).of(DevicePart::Only(v::MAIN)),
    dimension!("netdata_system_ram_MiB_average", "buffers", BUFFERS).of(DevicePart::Only(v::MAIN)),
    DialectRow::named("netdata_mem_available_MiB_average", AVAILABLE).of(DevicePart::Only(v::MAIN)),
    dimension!("netdata_mem_swap_MiB_average", "free", FREE)
        .also(&["netdata_system_swap_MiB_average"])
        .of(DevicePart::Only(v::SWAP)),
    dimension!("netdata_mem_swap_MiB_average", "used", USED)
        .also(&["netdata_system_swap_MiB_average"])
        .of(DevicePart::Only(v::SWAP)),
];

fn memory(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let bytes = |slot| d.value(slot).map(|mib| mib * MIB);
        let is_swap = &**d.name() == v::SWAP;
        let parts: Option<Vec<f64>> =
            if is_swap { vec![FREE, USED] } else { vec![FREE, USED, CACHED, BUFFERS] }
                .into_iter()
                .map(bytes)
                .collect();
        let reading = DeviceReading::new(v::MEMORY, d.name().clone())
            .with_some(&v::TOTAL_BYTES, parts.map(|parts| parts.iter().sum()))
            .with_some(&v::FREE_BYTES, bytes(FREE))
            .with_some(&v::AVAILABLE_BYTES, bytes(AVAILABLE))
            .with_some(&v::BUFFERS_BYTES, bytes(BUFFERS))
            .with_some(&v::CACHED_BYTES, bytes(CACHED));
        complete::memory(reading, &mut slots.doubts())
    };
    slots.devices().map(reading).collect()
}

const DISK: &[DialectRow] = &[
    dimension!("netdata_disk_space_GiB_average", "avail", AVAILABLE).of(DevicePart::Made(mount)),
    dimension!("netdata_disk_space_GiB_average", "used", USED).of(DevicePart::Made(mount)),
    dimension!("netdata_disk_space_GiB_average", "reserved for root", RESERVED)
        .also(&[])
        .of(DevicePart::Made(mount)),
    dimension!("netdata_disk_space_GiB_average", "reserved_for_root", RESERVED)
        .of(DevicePart::Made(mount)),
    dimension!("netdata_disk_inodes_inodes_average", "avail", FREE_INODES)
        .of(DevicePart::Made(mount)),
    dimension!("netdata_disk_inodes_inodes_average", "used", USED_INODES)
        .of(DevicePart::Made(mount)),
    dimension!("netdata_disk_io_KiB_persec_average", "reads", READ)
        .of(DevicePart::Made(block))
        .keeps(&["family"]),
    dimension!("netdata_disk_io_KiB_persec_average", "writes", WRITTEN)
        .of(DevicePart::Made(block))
        .keeps(&["family"]),
    dimension!("netdata_disk_ops_operations_persec_average", "reads", READS)
        .of(DevicePart::Made(block)),
    dimension!("netdata_disk_ops_operations_persec_average", "writes", WRITES)
        .of(DevicePart::Made(block)),
    DialectRow::named("netdata_disk_util___of_time_working_average", BUSY)
        .of(DevicePart::Made(block)),
];

fn mount(series: &Labelled<'_>) -> Option<String> {
    let labels = ["mount_point", "family"].map(|label| series.get(label));
    let mount = labels.into_iter().find(|mount| mount.starts_with('/'))?;
    let is_storage = ["/dev", "/proc", "/run", "/sys"].iter().all(|folder| {
        mount.strip_prefix(folder).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'))
    });
    (is_storage || series.shows().with_virtual).then(|| mount.to_owned())
}

/// `disk.vda`, `disk_ops.vda`.
fn block(series: &Labelled<'_>) -> Option<String> {
    let label = Some(series.get("device")).filter(|device| !device.is_empty());
    let name = label.or_else(|| series.get("chart").split_once('.').map(|(_, name)| name))?;
    let shown =
        series.shows().with_virtual || !manytop_plugin::file_systems::is_virtual_device(name);
    (!name.is_empty() && shown).then(|| name.to_owned())
}

/// A mount point and the block device with charts in its family are one disk.
fn disks(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let mut traffic: BTreeMap<String, SlotDevice<'_>> = BTreeMap::new();
    for d in slots.devices() {
        if let Some(found) = d.find(READ).or(d.find(WRITTEN)) {
            traffic.entry(found.kept(0).to_string()).or_insert(d);
        }
    }
    let mut readings = Vec::new();
    for d in slots.devices().filter(|d| d.find(USED).is_some()) {
        let block = traffic.remove(&**d.name());
        let bytes = |slot| d.value(slot).map(|gib| gib * GIB);
        let parts = [bytes(AVAILABLE), bytes(USED), bytes(RESERVED)].into_iter().sum();
        let inodes = d.value(FREE_INODES).zip(d.value(USED_INODES));
        let name = block.as_ref().map_or(d.name(), |block| block.name());
        let reading = DeviceReading::new(v::DISK, name.clone())
            .with_some(&v::TOTAL_BYTES, parts)
            .with_some(&v::USED_BYTES, bytes(USED))
            .with_some(&v::AVAILABLE_BYTES, bytes(AVAILABLE))
            .with_some(&v::INODES, inodes.map(|(free, used)| free + used))
            .with_some(&v::FREE_INODES, d.value(FREE_INODES))
            .text(&v::MOUNTS, d.name().replace(' ', "\\040"));
        let reading = complete::disk(reading, &mut slots.doubts());
        readings.extend(reading.map(|reading| match block {
            Some(block) => with_traffic(reading, &block),
            None => reading,
        }));
    }
    let rest = traffic.values();
    readings.extend(rest.map(|d| with_traffic(DeviceReading::new(v::DISK, d.name().clone()), d)));
    readings
}

fn with_traffic(reading: DeviceReading, d: &SlotDevice<'_>) -> DeviceReading {
    let kib = |slot| d.value(slot).map(|kib| kib.abs() * 1024.0);
    reading
        .with_some(&v::READ_RATE, kib(READ))
        .with_some(&v::WRITTEN_RATE, kib(WRITTEN))
        .with_some(&v::READS_RATE, d.value(READS).map(f64::abs))
        .with_some(&v::WRITES_RATE, d.value(WRITES).map(f64::abs))
        .with_some(&v::BUSY_PERCENT, d.value(BUSY))
}

const NETWORK: &[DialectRow] = &[
    dimension!("netdata_net_net_kilobits_persec_average", "received", RECEIVED)
        .of(DevicePart::Made(interface)),
    dimension!("netdata_net_net_kilobits_persec_average", "sent", SENT)
        .of(DevicePart::Made(interface)),
    DialectRow::named("netdata_net_speed_kilobits_persec_average", LINK)
        .of(DevicePart::Made(interface)),
];

fn interface(series: &Labelled<'_>) -> Option<String> {
    let label = Some(series.get("device")).filter(|device| !device.is_empty());
    let name = label.or_else(|| series.get("chart").split_once('.').map(|(_, name)| name))?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn network(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let bytes = |slot| d.value(slot).map(|kilobits| kilobits.abs() * 125.0);
        DeviceReading::new(v::NETWORK, d.name().clone())
            .with_some(&v::RECEIVED_RATE, bytes(RECEIVED))
            .with_some(&v::SENT_RATE, bytes(SENT))
            .with_some(&v::LINK_RATE, bytes(LINK).filter(|speed| *speed > 0.0))
    };
    slots.devices().map(reading).collect()
}

const TEMPERATURE: &[DialectRow] =
    &[DialectRow::named("netdata_sensors_temperature_Celsius_average", CELSIUS)
        .also(&["netdata_sensors_sensor_temperature_Celsius_average"])
        .of(DevicePart::Made(sensor))];

/// The dimension is the sensor, the chart its chip: `sensors.coretemp-isa-0000_temperature`.
fn sensor(series: &Labelled<'_>) -> Option<String> {
    let chart = series.get("chart");
    let chip = chart.split_once('.').map_or(chart, |(_, chip)| chip);
    let chip = chip.strip_suffix("_temperature").unwrap_or(chip);
    let sensor = [series.get("label"), series.get("dimension")];
    let sensor = sensor.into_iter().find(|sensor| !sensor.is_empty())?;
    Some(format!("{chip}_{sensor}").replace(' ', "_").to_lowercase())
}

fn temperatures(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::TEMPERATURE, d.name().clone())
            .with_some(&v::CELSIUS, d.value(CELSIUS))
    };
    slots.devices().map(reading).collect()
}

const HOST: &[DialectRow] = &[
    dimension!("netdata_system_load_load_average", "load1", LOAD_1),
    dimension!("netdata_system_load_load_average", "load5", LOAD_5),
    dimension!("netdata_system_load_load_average", "load15", LOAD_15),
    DialectRow::named("netdata_system_uptime_seconds_average", UPTIME),
    dimension!("netdata_system_processes_processes_average", "running", RUNNING),
    dimension!("netdata_system_processes_processes_average", "blocked", BLOCKED),
    dimension!("netdata_system_cpu_some_pressure_percentage_average", "some 10", CPU_STALLED),
    dimension!("netdata_system_io_some_pressure_percentage_average", "some 10", IO_STALLED),
    dimension!("netdata_system_memory_some_pressure_percentage_average", "some 10", MEMORY_STALLED),
    DialectRow::named("netdata_info", INFO).keeps(&["instance"]),
];

/// Averages of small numbers may be a little below 0.
fn host(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let Some(host) = slots.device("") else { return Vec::new() };
    let value = |slot| host.value(slot).map(|value| value.max(0.0));
    let reading = DeviceReading::new(v::HOST, host.name().clone())
        .with_some(&v::LOAD1, value(LOAD_1))
        .with_some(&v::LOAD5, value(LOAD_5))
        .with_some(&v::LOAD15, value(LOAD_15))
        .with_some(&v::UPTIME_SECONDS, value(UPTIME))
        .with_some(&v::RUNNING, value(RUNNING))
        .with_some(&v::BLOCKED, value(BLOCKED))
        .with_some(&v::CPU_STALLED_PERCENT, value(CPU_STALLED))
        .with_some(&v::IO_STALLED_PERCENT, value(IO_STALLED))
        .with_some(&v::MEMORY_STALLED_PERCENT, value(MEMORY_STALLED));
    vec![match host.find(INFO).filter(|info| !info.kept(0).is_empty()) {
        Some(info) => reading.text(&v::HOSTNAME, info.kept(0).clone()),
        None => reading,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    const BODY: &str = include_str!("bodies/netdata.txt");

    #[test]
    fn a_recorded_body_is_understood() {
        let cpus = decoded(v::CPU, BODY);
        assert_eq!(cpus.lines().count(), 2, "{cpus}");
        assert!(cpus.starts_with("CPU0 percent=") && cpus.contains(" iowait_percent="), "{cpus}");
        let memory = decoded(v::MEMORY, BODY);
        assert!(
            memory.starts_with("Main percent=") && memory.contains(" total_bytes=252765"),
            "{memory}"
        );
        let disks = decoded(v::DISK, BODY);
        assert_eq!(disks.lines().count(), 1, "{disks}");
        assert!(
            disks.starts_with("vda ")
                && disks.contains(" percent=22.7")
                && disks.contains("mounts=\"/\""),
            "{disks}"
        );
        assert!(disks.contains(" read_bytes_per_second=") && disks.contains(" inodes="), "{disks}");
        assert!(decoded(v::NETWORK, BODY).starts_with("eth0 received_bytes_per_second="));
        let host = decoded(v::HOST, BODY);
        assert!(host.contains("load1=1.4117474") && host.contains("hostname=\"vm\""), "{host}");
    }

    #[test]
    fn what_goes_out_is_negative_there_and_positive_here() {
        let body = "netdata_net_net_kilobits_persec_average{chart=\"net.eth0\",family=\"eth0\",dimension=\"sent\"} -8\n\
                    netdata_disk_io_KiB_persec_average{chart=\"disk.sda\",family=\"sda\",dimension=\"writes\"} -2\n";
        assert_eq!(decoded(v::NETWORK, body), "eth0 sent_bytes_per_second=1000\n");
        assert_eq!(decoded(v::DISK, body), "sda written_bytes_per_second=2048\n");
    }
}
