//! What windows_exporter says, by its names of today and those before 0.31, and its predecessor wmi_exporter.
//!
//! Time in interrupts and deferred procedure calls is part of `privileged` time there. Drives are known by their
//! letters; volumes without one are recovery and system partitions, shown with `virtual` only, as are drives for CDs
//! and images.

use crate::dialects::{
    common_slots::{
        AVAILABLE, BOOTED, BYTES, CELSIUS, FREE, FREQUENCY, IDLE, LINK, NAME, NOW, READ, READ_TIME,
        READS, RECEIVED, RECEIVED_DROPS, RECEIVED_ERRORS, SENT, SENT_DROPS, SENT_ERRORS, STARTED,
        SYSTEM, THREADS, TOTAL, USER, WRITE_TIME, WRITES, WRITTEN,
    },
    complete,
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{
    file_systems::{self, Class},
    reading::{DeviceReading, Metric},
    vocabulary as v,
};
use std::sync::Arc;

const PRIVILEGED: Slot = Slot::new("privileged");
const PAGEFILE: Slot = Slot::new("pagefile");
const PAGEFILE_FREE: Slot = Slot::new("pagefile free");
const LINK_BITS: Slot = Slot::new("link bits");
const VOLUME: Slot = Slot::new("volume");

manytop_plugin::inventory::submit! {
    Dialect::new("windows_exporter", 2, &[
        Section::new(v::HOST, HOST, host),
        Section::new(v::CPU, CPU, cpus).begun_by(&["windows_cpu_time", "wmi_cpu_time"]),
        Section::new(v::MEMORY, MEMORY, memory)
            .begun_by(&["windows_memory_physical", "windows_memory_available", "wmi_memory_available"]),
        Section::new(v::DISK, DISK, disks)
            .begun_by(&["windows_logical_disk_", "wmi_logical_disk_"]),
        Section::new(v::NETWORK, NETWORK, network)
            .begun_by(&["windows_net_bytes_", "wmi_net_bytes_"]),
        Section::new(v::TEMPERATURE, TEMPERATURE, temperatures).begun_by(&["windows_thermalzone_"]),
        Section::new(v::PROCESS, PROCESS, processes).begun_by(&["windows_process_cpu_"]),
    ])
}

const fn time(mode: &'static [(&'static str, &'static str)], slot: Slot) -> DialectRow {
    DialectRow::named("windows_cpu_time_total", slot)
        .also(&["wmi_cpu_time_total"])
        .has(mode)
        .of(DevicePart::Made(core))
}

const CPU: &[DialectRow] = &[
    time(&[("mode", "user")], USER),
    time(&[("mode", "privileged")], PRIVILEGED),
    time(&[("mode", "idle")], IDLE),
    DialectRow::named("windows_cpu_core_frequency_mhz", FREQUENCY)
        .also(&["wmi_cpu_core_frequency_mhz"])
        .of(DevicePart::Made(core)),
];

/// `0,3` is the fourth processor of the first group. The processors of further groups, which exist above 64,
/// keep their group in their name.
fn core(series: &Labelled<'_>) -> Option<String> {
    let core = series.get("core");
    let (group, number) = core.split_once(',').unwrap_or(("0", core));
    let (group, number): (u32, u32) = (group.parse().ok()?, number.parse().ok()?);
    Some(if group == 0 { format!("CPU{number}") } else { format!("CPU{group}/{number}") })
}

fn cpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |core: SlotDevice<'_>| {
        let reading = DeviceReading::new(v::CPU, core.name().clone())
            .with_some(&v::USER_SECONDS, core.value(USER))
            .with_some(&v::SYSTEM_SECONDS, core.value(PRIVILEGED))
            .with_some(&v::IDLE_SECONDS, core.value(IDLE))
            .with_some(&v::FREQUENCY_HERTZ, core.value(FREQUENCY).map(|mhz| mhz * 1e6));
        if core.is_whole() { complete::cpu(reading) } else { reading }
    };
    slots.devices().map(reading).collect()
}

const MEMORY: &[DialectRow] = &[
    DialectRow::named("windows_memory_physical_total_bytes", TOTAL)
        .also(&["windows_cs_physical_memory_bytes", "wmi_cs_physical_memory_bytes"])
        .of(DevicePart::Only(v::MAIN)),
    DialectRow::named("windows_memory_available_bytes", AVAILABLE)
        .also(&["wmi_memory_available_bytes"])
        .of(DevicePart::Only(v::MAIN)),
    DialectRow::named("windows_memory_physical_free_bytes", FREE)
        .also(&["windows_os_physical_memory_free_bytes", "wmi_os_physical_memory_free_bytes"])
        .of(DevicePart::Only(v::MAIN)),
    DialectRow::named("windows_pagefile_limit_bytes", PAGEFILE).of(DevicePart::Only(v::SWAP)),
    DialectRow::named("windows_pagefile_free_bytes", PAGEFILE_FREE).of(DevicePart::Only(v::SWAP)),
    DialectRow::named("windows_os_paging_limit_bytes", TOTAL)
        .also(&["wmi_os_paging_limit_bytes"])
        .of(DevicePart::Only(v::SWAP)),
    DialectRow::named("windows_os_paging_free_bytes", FREE)
        .also(&["wmi_os_paging_free_bytes"])
        .of(DevicePart::Only(v::SWAP)),
];

/// What Windows calls free can be given out at once: its standby list is part of `available`, and older
/// exporters' free bytes include it.
fn memory(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let sum = |d: &SlotDevice<'_>, slot| {
        let mut all = d.all(slot).map(|found| found.value);
        all.next().map(|first| first + all.sum::<f64>())
    };
    let reading = |d: SlotDevice<'_>| {
        let (total, free) = match sum(&d, PAGEFILE) {
            Some(total) => (Some(total), sum(&d, PAGEFILE_FREE)),
            None => (d.value(TOTAL), d.value(FREE)),
        };
        let is_main = &**d.name() == v::MAIN;
        let mut doubts = slots.doubts();
        let available = match total.filter(|_| free.is_some()) {
            Some(total) => {
                let given = (&v::AVAILABLE_BYTES, d.value(AVAILABLE));
                doubts.part((v::MEMORY, v::MAIN), given, total, "what is free is taken").or(free)
            }
            None => d.value(AVAILABLE).or(free),
        };
        let available = available.filter(|_| is_main);
        let reading = DeviceReading::new(v::MEMORY, d.name().clone())
            .with_some(&v::TOTAL_BYTES, total)
            .with_some(&v::AVAILABLE_BYTES, available)
            .with_some(&v::FREE_BYTES, free.filter(|_| !is_main));
        complete::memory(reading, &mut doubts)
    };
    // a limit of the page file of which nothing else is known tells nothing
    let is_known = |d: &SlotDevice<'_>| {
        &**d.name() == v::MAIN || d.find(PAGEFILE).is_some() || d.find(FREE).is_some()
    };
    slots.devices().filter(is_known).map(reading).collect()
}

const fn volume(metric: &'static str, older: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(older).of(DevicePart::Made(drive))
}

const DISK: &[DialectRow] = &[
    volume("windows_logical_disk_size_bytes", &["wmi_logical_disk_size_bytes"], TOTAL),
    volume("windows_logical_disk_free_bytes", &["wmi_logical_disk_free_bytes"], FREE),
    volume("windows_logical_disk_read_bytes_total", &["wmi_logical_disk_read_bytes_total"], READ),
    volume(
        "windows_logical_disk_write_bytes_total",
        &["wmi_logical_disk_write_bytes_total"],
        WRITTEN,
    ),
    volume("windows_logical_disk_reads_total", &["wmi_logical_disk_reads_total"], READS),
    volume("windows_logical_disk_writes_total", &["wmi_logical_disk_writes_total"], WRITES),
    volume("windows_logical_disk_read_latency_seconds_total", &[], READ_TIME),
    volume("windows_logical_disk_write_latency_seconds_total", &[], WRITE_TIME),
    volume("windows_logical_disk_info", &[], VOLUME).keeps(&["filesystem", "type"]),
];

fn drive(series: &Labelled<'_>) -> Option<String> {
    let volume = series.get("volume");
    let shown = series.shows().with_virtual || !volume.starts_with("HarddiskVolume");
    (!volume.is_empty() && volume != "_Total" && shown).then(|| volume.to_owned())
}

/// The type of a volume's file system, in lower case. A disc in a drive is full by nature, whatever is on it.
fn file_system(d: &SlotDevice<'_>) -> Option<String> {
    let info = d.find(VOLUME)?;
    let (of_volume, drive) = (info.kept(0).to_ascii_lowercase(), info.kept(1));
    if drive.eq_ignore_ascii_case("cdrom") && file_systems::class(&of_volume) == Class::Storage {
        return Some("cdfs".into());
    }
    Some(of_volume).filter(|name| !name.is_empty())
}

fn disks(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let (reads, writes) = (d.value(READS), d.value(WRITES));
        let waited = d.value(READ_TIME).zip(d.value(WRITE_TIME)).map(|(r, w)| r + w);
        let reading = DeviceReading::new(v::DISK, d.name().clone())
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL).filter(|size| *size > 0.0))
            .with_some(&v::FREE_BYTES, d.value(FREE))
            .with_some(&v::AVAILABLE_BYTES, d.value(FREE))
            .with_some(&v::READ_BYTES, d.value(READ))
            .with_some(&v::WRITTEN_BYTES, d.value(WRITTEN))
            .with_some(&v::READS, reads)
            .with_some(&v::WRITES, writes)
            .with_some(&v::REQUESTS, reads.zip(writes).map(|(r, w)| r + w))
            .with_some(&v::REQUEST_SECONDS, waited)
            .text(&v::MOUNTS, d.name().replace(' ', "\\040"));
        let reading = match file_system(&d) {
            Some(name) => reading.text(&v::TYPE, name),
            None => reading,
        };
        complete::disk(reading, &mut slots.doubts())
    };
    slots.devices().filter_map(reading).collect()
}

const fn nic(metric: &'static str, older: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(older).of(DevicePart::Label("nic"))
}

const NETWORK: &[DialectRow] = &[
    nic("windows_net_bytes_received_total", &["wmi_net_bytes_received_total"], RECEIVED),
    nic("windows_net_bytes_sent_total", &["wmi_net_bytes_sent_total"], SENT),
    nic(
        "windows_net_packets_received_errors_total",
        &["windows_net_packets_received_errors", "wmi_net_packets_received_errors"],
        RECEIVED_ERRORS,
    ),
    nic(
        "windows_net_packets_outbound_errors_total",
        &["windows_net_packets_outbound_errors", "wmi_net_packets_outbound_errors"],
        SENT_ERRORS,
    ),
    nic(
        "windows_net_packets_received_discarded_total",
        &["windows_net_packets_received_discarded", "wmi_net_packets_received_discarded"],
        RECEIVED_DROPS,
    ),
    nic(
        "windows_net_packets_outbound_discarded_total",
        &["windows_net_packets_outbound_discarded", "wmi_net_packets_outbound_discarded"],
        SENT_DROPS,
    ),
    nic("windows_net_current_bandwidth_bytes", &[], LINK),
    nic("windows_net_current_bandwidth", &["wmi_net_current_bandwidth"], LINK_BITS),
];

fn network(slots: &Slots<'_>) -> Vec<DeviceReading> {
    const COUNTERS: [(&Metric, Slot); 6] = [
        (&v::RECEIVED_BYTES, RECEIVED),
        (&v::SENT_BYTES, SENT),
        (&v::RECEIVED_ERRORS, RECEIVED_ERRORS),
        (&v::SENT_ERRORS, SENT_ERRORS),
        (&v::RECEIVED_DROPS, RECEIVED_DROPS),
        (&v::SENT_DROPS, SENT_DROPS),
    ];
    let reading = |d: SlotDevice<'_>| {
        let link = d.value(LINK).or_else(|| d.value(LINK_BITS).map(|bits| bits / 8.0));
        let reading = DeviceReading::new(v::NETWORK, d.name().clone());
        let reading = COUNTERS.iter().fold(reading, |r, (q, slot)| r.with_some(q, d.value(*slot)));
        reading.with_some(&v::LINK_RATE, link.filter(|bytes| *bytes > 0.0))
    };
    slots.devices().map(reading).collect()
}

const TEMPERATURE: &[DialectRow] =
    &[DialectRow::named("windows_thermalzone_temperature_celsius", CELSIUS)
        .also(&["wmi_thermalzone_temperature_celsius"])
        .of(DevicePart::Made(zone))];

/// `\_TZ.THM0` is `THM0`.
fn zone(series: &Labelled<'_>) -> Option<String> {
    let name = series.get("name");
    let zone = name.rsplit_once("_TZ.").map_or(name, |(_, zone)| zone);
    (!zone.is_empty()).then(|| zone.to_owned())
}

fn temperatures(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::TEMPERATURE, d.name().clone())
            .with_some(&v::CELSIUS, d.value(CELSIUS))
    };
    slots.devices().map(reading).collect()
}

const HOST: &[DialectRow] = &[
    DialectRow::named("windows_system_boot_time_timestamp", BOOTED).also(&[
        "windows_system_boot_time_timestamp_seconds",
        "windows_system_system_up_time",
        "wmi_system_system_up_time",
    ]),
    DialectRow::named("windows_time_current_timestamp_seconds", NOW)
        .also(&["windows_os_time", "wmi_os_time"]),
    DialectRow::named("windows_system_threads", THREADS).also(&["wmi_system_threads"]),
    DialectRow::named("windows_os_hostname", NAME)
        .also(&["windows_cs_hostname", "wmi_cs_hostname"])
        .keeps(&["hostname"]),
    DialectRow::named("windows_os_info", SYSTEM)
        .also(&["wmi_os_info"])
        .keeps(&["product", "version"]),
];

/// There is no load average. Uptime is of the machine's own clock where it tells the time.
fn host(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let Some(host) = slots.device("") else { return Vec::new() };
    let now = host.value(NOW).unwrap_or_else(|| slots.now());
    let uptime = host.value(BOOTED).map(|booted| now - booted).filter(|up| *up >= 0.0);
    let mut reading = DeviceReading::new(v::HOST, host.name().clone())
        .with_some(&v::UPTIME_SECONDS, uptime)
        .with_some(&v::TASKS, host.value(THREADS));
    if let Some(name) = host.find(NAME) {
        reading = reading.text(&v::HOSTNAME, name.kept(0).clone());
    }
    if let Some(system) = host.find(SYSTEM) {
        reading = reading
            .text(&v::KERNEL, format!("Windows {}", system.kept(1)))
            .text(&v::DISTRIBUTION, system.kept(0).clone());
    }
    vec![reading]
}

const fn process(metric: &'static str, older: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(older).of(DevicePart::Made(pid)).keeps(&["process"])
}

const PROCESS: &[DialectRow] = &[
    process("windows_process_cpu_time_total", &["wmi_process_cpu_time_total"], USER),
    process("windows_process_working_set_private_bytes", &[], BYTES),
    process(
        "windows_process_working_set_bytes",
        &["windows_process_working_set", "wmi_process_working_set"],
        TOTAL,
    ),
    process(
        "windows_process_threads",
        &["windows_process_thread_count", "wmi_process_thread_count"],
        THREADS,
    ),
    process(
        "windows_process_start_time_seconds_timestamp",
        &["windows_process_start_time", "wmi_process_start_time"],
        STARTED,
    ),
];

/// The idle process is not one.
fn pid(series: &Labelled<'_>) -> Option<String> {
    let pid: u32 = series.get("process_id").parse().ok()?;
    (pid != 0 && series.get("process") != "_Total").then(|| pid.to_string())
}

fn processes(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let mut times = d.all(USER).map(|found| found.value);
        let time = times.next().map(|first| first + times.sum::<f64>());
        let started = d.value(STARTED);
        let names = [USER, TOTAL, BYTES].iter().find_map(|slot| d.find(*slot));
        let name: Option<Arc<str>> = names.map(|found| found.kept(0).clone());
        let reading = DeviceReading::new(v::PROCESS, d.name().clone())
            .in_generation(started.unwrap_or_default() as u64)
            .with_some(&v::CPU_SECONDS, time)
            .with_some(&v::RESIDENT_BYTES, d.value(TOTAL).or(d.value(BYTES)))
            .with_some(&v::THREADS, d.value(THREADS))
            .with_some(&v::STARTED_SECONDS, started);
        match name {
            Some(name) => reading.text(&v::NAME, name),
            None => reading,
        }
    };
    slots.devices().map(reading).collect()
}

#[cfg(test)]
#[path = "windows_tests.rs"]
mod tests;
