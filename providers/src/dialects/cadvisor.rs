//! What cAdvisor says, by itself or as a kubelet's `/metrics/cadvisor`: of containers, and of the machine, which is
//! the control group `/`.
//!
//! Control groups that only hold others are left out. A container is named by its runtime, a pod's by
//! `NAMESPACE/POD/CONTAINER`, a service by its unit. The names of labels before Kubernetes 1.16 are read too.

use crate::dialects::{
    common_slots::{LIMIT, READ, RECEIVED, SENT, STARTED, TOTAL, VERSION, WRITTEN},
    complete,
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::time::Duration;

/// cAdvisor looks at a container that often.
pub(super) const HOUSEKEEPING: Duration = Duration::from_secs(10);
/// From here on a limit means unlimited: the kernel writes the largest number of pages.
const UNLIMITED: f64 = 4_611_686_018_427_387_904.0;

const ALL: Slot = Slot::new("all");
const CORE: Slot = Slot::new("core");
const WORKING_SET: Slot = Slot::new("working set");
const USAGE: Slot = Slot::new("usage");
const QUOTA: Slot = Slot::new("quota");
const PERIOD: Slot = Slot::new("period");
const CORES: Slot = Slot::new("cores");

manytop_plugin::inventory::submit! {
    Dialect::new("cadvisor", 1, &[
        Section::new(v::CONTAINER_KIND, CONTAINER, containers)
            .begun_by(&["container_cpu_usage", "container_memory_usage"]),
        Section::new(v::CPU, CPU, cpus),
        Section::new(v::MEMORY, MEMORY, memory),
        Section::new(v::NETWORK, NETWORK, network),
        Section::new(v::DISK, DISK, disks),
        Section::new(v::HOST, HOST, host),
    ])
}

const fn row(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Made(container)).keeps(&[
        "image",
        "namespace",
        "pod",
        "pod_name",
    ])
}

const CONTAINER: &[DialectRow] = &[
    row("container_cpu_usage_seconds_total", ALL).has(&[("cpu", "total")]),
    row("container_cpu_usage_seconds_total", ALL).has(&[("cpu", "")]),
    row("container_cpu_usage_seconds_total", CORE).of(DevicePart::Made(container_of_core)),
    row("container_memory_working_set_bytes", WORKING_SET),
    row("container_memory_usage_bytes", USAGE),
    row("container_spec_memory_limit_bytes", LIMIT),
    row("container_spec_cpu_quota", QUOTA),
    row("container_spec_cpu_period", PERIOD),
    row("container_start_time_seconds", STARTED),
    row("container_fs_reads_bytes_total", READ),
    row("container_fs_writes_bytes_total", WRITTEN),
];

fn container_of_core(series: &Labelled<'_>) -> Option<String> {
    series.get("cpu").strip_prefix("cpu")?;
    container(series)
}

/// The name of a container; `None` for the control groups around them, and for what only holds a pod's network.
fn container(series: &Labelled<'_>) -> Option<String> {
    let either = |newer, older| {
        Some(series.get(newer)).filter(|l| !l.is_empty()).unwrap_or(series.get(older))
    };
    let (id, name) = (series.get("id"), series.get("name"));
    if id.is_empty() || id == "/" {
        return None;
    }
    let (container, pod) = (either("container", "container_name"), either("pod", "pod_name"));
    if !pod.is_empty() {
        let namespace = series.get("namespace");
        let holds = container.is_empty() || container == "POD";
        return (!holds).then(|| format!("{namespace}/{pod}/{container}"));
    }
    if !name.is_empty() {
        return Some(name.to_owned());
    }
    let unit = id.rsplit('/').next().unwrap_or_default();
    unit.ends_with(".service").then(|| unit.to_owned())
}

fn containers(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let sum = |d: &SlotDevice<'_>, slot| {
        let mut all = d.all(slot).map(|found| found.value);
        all.next().map(|first| first + all.sum::<f64>())
    };
    let reading = |d: SlotDevice<'_>| {
        let cpus = d.value(QUOTA).zip(d.value(PERIOD)).filter(|(q, p)| *q > 0.0 && *p > 0.0);
        let limit = d.value(LIMIT).filter(|limit| *limit > 0.0 && *limit < UNLIMITED);
        let mut reading = DeviceReading::new(v::CONTAINER_KIND, d.name().clone())
            .in_generation(d.value(STARTED).unwrap_or_default() as u64)
            .with_resolution(HOUSEKEEPING)
            .with_some(&v::CPU_SECONDS, d.value(ALL).or_else(|| sum(&d, CORE)))
            .with_some(&v::USED_BYTES, d.value(WORKING_SET).or(d.value(USAGE)))
            .with_some(&v::LIMIT_BYTES, limit)
            .with_some(&v::LIMIT_CPUS, cpus.map(|(quota, period)| quota / period))
            .with_some(&v::READ_BYTES, sum(&d, READ))
            .with_some(&v::WRITTEN_BYTES, sum(&d, WRITTEN));
        if let Some(labels) = [ALL, CORE, WORKING_SET, USAGE].iter().find_map(|s| d.find(*s)) {
            let pod = [2, 3].map(|nth| labels.kept(nth)).into_iter().find(|pod| !pod.is_empty());
            if !labels.kept(0).is_empty() {
                reading = reading.text(&v::IMAGE, labels.kept(0).clone());
            }
            if let Some(pod) = pod {
                reading = reading.text(&v::POD, format!("{}/{pod}", labels.kept(1)));
            }
        }
        reading
    };
    slots.devices().map(reading).collect()
}

const CPU: &[DialectRow] = &[
    DialectRow::named("container_cpu_usage_seconds_total", CORE)
        .has(&[("id", "/")])
        .of(DevicePart::Made(core)),
    DialectRow::named("container_cpu_usage_seconds_total", ALL)
        .has(&[("id", "/"), ("cpu", "total")])
        .of(DevicePart::Only("CPU")),
    DialectRow::named("container_cpu_usage_seconds_total", ALL)
        .has(&[("id", "/"), ("cpu", "")])
        .of(DevicePart::Only("CPU")),
    DialectRow::named("machine_cpu_cores", CORES).of(DevicePart::Only("CPU")),
];

/// `cpu07`.
fn core(series: &Labelled<'_>) -> Option<String> {
    let number: u32 = series.get("cpu").strip_prefix("cpu")?.parse().ok()?;
    Some(format!("CPU{number}"))
}

/// Each processor where they are told apart; else all as one, if it is known how many they are.
fn cpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let one = |name: &str, seconds| {
        DeviceReading::new(v::CPU, name)
            .with_resolution(HOUSEKEEPING)
            .with(&v::CPU_SECONDS, seconds)
    };
    let cores: Vec<_> =
        slots.devices().filter_map(|d| Some(one(d.name(), d.value(CORE)?))).collect();
    if !cores.is_empty() {
        return cores;
    }
    let all = slots.device("CPU");
    let mean =
        |d: SlotDevice<'_>| Some(d.value(ALL)? / d.value(CORES).filter(|cores| *cores > 0.0)?);
    all.and_then(mean).map(|seconds| one("CPU", seconds)).into_iter().collect()
}

const MEMORY: &[DialectRow] = &[
    DialectRow::named("machine_memory_bytes", TOTAL).of(DevicePart::Only(v::MAIN)),
    DialectRow::named("container_memory_working_set_bytes", WORKING_SET)
        .has(&[("id", "/")])
        .of(DevicePart::Only(v::MAIN)),
];

/// What the kernel could not give up at once counts as used.
fn memory(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let reading = DeviceReading::new(v::MEMORY, d.name().clone())
            .with_some(&v::TOTAL_BYTES, d.value(TOTAL))
            .with_some(&v::USED_BYTES, d.value(WORKING_SET));
        complete::memory(reading, &mut slots.doubts())
    };
    slots.devices().map(reading).collect()
}

const NETWORK: &[DialectRow] = &[
    DialectRow::named("container_network_receive_bytes_total", RECEIVED)
        .has(&[("id", "/")])
        .of(DevicePart::Label("interface")),
    DialectRow::named("container_network_transmit_bytes_total", SENT)
        .has(&[("id", "/")])
        .of(DevicePart::Label("interface")),
];

fn network(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::NETWORK, d.name().clone())
            .with_resolution(HOUSEKEEPING)
            .with_some(&v::RECEIVED_BYTES, d.value(RECEIVED))
            .with_some(&v::SENT_BYTES, d.value(SENT))
    };
    slots.devices().map(reading).collect()
}

const DISK: &[DialectRow] = &[
    DialectRow::named("container_fs_usage_bytes", USAGE)
        .has(&[("id", "/")])
        .of(DevicePart::Made(block)),
    DialectRow::named("container_fs_limit_bytes", LIMIT)
        .has(&[("id", "/")])
        .of(DevicePart::Made(block)),
];

fn block(series: &Labelled<'_>) -> Option<String> {
    let device = series.get("device").strip_prefix("/dev/")?;
    let shown = !device.is_empty()
        && !device.starts_with("shm")
        && (series.shows().with_virtual
            || !manytop_plugin::file_systems::is_virtual_device(device));
    shown.then(|| device.to_owned())
}

fn disks(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        let reading = DeviceReading::new(v::DISK, d.name().clone())
            .with_some(&v::TOTAL_BYTES, d.value(LIMIT).filter(|size| *size > 0.0))
            .with_some(&v::USED_BYTES, d.value(USAGE));
        complete::disk(reading, &mut slots.doubts())
    };
    slots.devices().filter_map(reading).collect()
}

const HOST: &[DialectRow] =
    &[DialectRow::named("cadvisor_version_info", VERSION).keeps(&["kernelVersion", "osVersion"])];

fn host(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let version = slots.device("").and_then(|host| host.find(VERSION));
    let Some(version) = version.filter(|info| !info.kept(0).is_empty()) else { return Vec::new() };
    vec![
        DeviceReading::new(v::HOST, "")
            .text(&v::KERNEL, format!("Linux {}", version.kept(0)))
            .text(&v::DISTRIBUTION, version.kept(1).clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    const BODY: &str = "\
cadvisor_version_info{cadvisorVersion=\"v0.49.1\",dockerVersion=\"\",kernelVersion=\"6.1.0\",osVersion=\"Debian 12\"} 1
container_cpu_usage_seconds_total{cpu=\"total\",id=\"/\",image=\"\",name=\"\"} 1000 1795691300000
container_cpu_usage_seconds_total{cpu=\"total\",id=\"/docker/0a1b\",image=\"nginx:1.25\",name=\"web\"} 12.5 1795691300000
container_cpu_usage_seconds_total{cpu=\"total\",id=\"/system.slice\",image=\"\",name=\"\"} 100 1795691300000
container_cpu_usage_seconds_total{cpu=\"total\",id=\"/system.slice/cron.service\",image=\"\",name=\"\"} 7 1795691300000
container_memory_working_set_bytes{id=\"/\",image=\"\",name=\"\"} 2e+09
container_memory_working_set_bytes{id=\"/docker/0a1b\",image=\"nginx:1.25\",name=\"web\"} 5e+07
container_network_receive_bytes_total{id=\"/\",interface=\"eth0\",name=\"\"} 77
container_network_transmit_bytes_total{id=\"/\",interface=\"eth0\",name=\"\"} 78
container_spec_cpu_period{id=\"/docker/0a1b\",image=\"nginx:1.25\",name=\"web\"} 100000
container_spec_cpu_quota{id=\"/docker/0a1b\",image=\"nginx:1.25\",name=\"web\"} 50000
container_spec_memory_limit_bytes{id=\"/docker/0a1b\",image=\"nginx:1.25\",name=\"web\"} 1e+08
container_spec_memory_limit_bytes{id=\"/system.slice/cron.service\",image=\"\",name=\"\"} 0
machine_cpu_cores 4
machine_memory_bytes 8e+09
";

    #[test]
    fn containers_and_services_are_told_apart_from_what_holds_them() {
        assert_eq!(
            decoded(v::CONTAINER_KIND, BODY),
            "cron.service cpu_seconds=7\n\
             web cpu_seconds=12.5 used_bytes=50000000 limit_bytes=100000000 limit_cpus=0.5 image=\"nginx:1.25\"\n"
        );
    }

    #[test]
    fn the_machine_is_the_control_group_that_holds_all() {
        assert_eq!(decoded(v::CPU, BODY), "CPU cpu_seconds=250\n");
        assert_eq!(
            decoded(v::MEMORY, BODY),
            "Main percent=25 used_bytes=2000000000 total_bytes=8000000000 available_bytes=6000000000\n"
        );
        assert_eq!(decoded(v::NETWORK, BODY), "eth0 received_bytes=77 sent_bytes=78\n");
    }

    #[test]
    fn a_pods_containers_are_named_by_both_generations_of_labels() {
        let body = "container_cpu_usage_seconds_total{container=\"app\",cpu=\"cpu00\",id=\"/kubepods/b/x\",name=\"k8s_app_1\",namespace=\"prod\",pod=\"api-1\"} 1\n\
                    container_cpu_usage_seconds_total{container=\"app\",cpu=\"cpu01\",id=\"/kubepods/b/x\",name=\"k8s_app_1\",namespace=\"prod\",pod=\"api-1\"} 2\n\
                    container_cpu_usage_seconds_total{container=\"POD\",cpu=\"total\",id=\"/kubepods/b/y\",namespace=\"prod\",pod=\"api-1\"} 4\n\
                    container_cpu_usage_seconds_total{container=\"\",cpu=\"total\",id=\"/kubepods/b\",namespace=\"prod\",pod=\"api-1\"} 8\n\
                    container_memory_usage_bytes{container_name=\"old\",id=\"/kubepods/c/z\",name=\"k8s_old\",namespace=\"test\",pod_name=\"p-2\"} 16\n";
        assert_eq!(
            decoded(v::CONTAINER_KIND, body),
            "prod/api-1/app cpu_seconds=3 pod=\"prod/api-1\"\ntest/p-2/old used_bytes=16 pod=\"test/p-2\"\n"
        );
    }
}
