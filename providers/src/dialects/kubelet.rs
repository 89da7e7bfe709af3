//! What a kubelet says at `/metrics/resource`: processor time and memory of its node and of its containers.
//!
//! The node is the machine. It does not tell how many processors or how much memory it has, so that only what is
//! used is known; its processor time is that of the container `node`. Pods are listed where their containers are
//! not.

use super::cadvisor::HOUSEKEEPING;
use crate::dialects::{
    common_slots::{BYTES, SECONDS, STARTED},
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::collections::BTreeSet;

const POD_SECONDS: Slot = Slot::new("pod seconds");
const POD_BYTES: Slot = Slot::new("pod bytes");

manytop_plugin::inventory::submit! {
    Dialect::new("kubelet", 1, &[
        Section::new(v::CONTAINER_KIND, CONTAINER, containers),
        Section::new(v::MEMORY, MEMORY, memory),
    ])
    .hosts_by(&["node", "instance", "cluster"])
}

const fn container(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot)
        .has(&[("id", "")])
        .of(DevicePart::Made(container_name))
        .keeps(&["namespace", "pod"])
}
const fn pod(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Made(pod_name)).keeps(&["namespace", "pod"])
}
/// What is used of the node itself.
const NODE: &str = "node";
const fn node(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Only(NODE)).keeps(&["namespace", "pod"])
}

const CONTAINER: &[DialectRow] = &[
    container("container_cpu_usage_seconds_total", SECONDS),
    container("container_memory_working_set_bytes", BYTES),
    container("container_start_time_seconds", STARTED),
    pod("pod_cpu_usage_seconds_total", POD_SECONDS),
    pod("pod_memory_working_set_bytes", POD_BYTES),
    node("node_cpu_usage_seconds_total", SECONDS),
    node("node_memory_working_set_bytes", BYTES),
];

fn pod_name(series: &Labelled<'_>) -> Option<String> {
    let (namespace, pod) = (series.get("namespace"), series.get("pod"));
    (!pod.is_empty()).then(|| format!("{namespace}/{pod}"))
}

fn container_name(series: &Labelled<'_>) -> Option<String> {
    let container = series.get("container");
    let pod = pod_name(series).filter(|_| !container.is_empty())?;
    Some(format!("{pod}/{container}"))
}

fn containers(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let known: BTreeSet<String> = slots
        .devices()
        .filter_map(|d| Some(format!("{}/{}", d.find(SECONDS)?.kept(0), d.find(SECONDS)?.kept(1))))
        .collect();
    let reading = |d: SlotDevice<'_>| {
        let is_pod = d.find(POD_SECONDS).or(d.find(POD_BYTES)).is_some();
        if is_pod && known.contains(&**d.name()) {
            return None;
        }
        let reading = DeviceReading::new(v::CONTAINER_KIND, d.name().clone())
            .in_generation(d.value(STARTED).unwrap_or_default() as u64)
            .with_resolution(HOUSEKEEPING)
            .with_some(&v::CPU_SECONDS, d.value(SECONDS).or(d.value(POD_SECONDS)))
            .with_some(&v::USED_BYTES, d.value(BYTES).or(d.value(POD_BYTES)));
        let labels = [SECONDS, BYTES].iter().find_map(|slot| d.find(*slot));
        Some(match labels.filter(|labels| !labels.kept(1).is_empty()) {
            Some(labels) => reading.text(&v::POD, format!("{}/{}", labels.kept(0), labels.kept(1))),
            None => reading,
        })
    };
    slots.devices().filter_map(reading).collect()
}

const MEMORY: &[DialectRow] = &[
    DialectRow::named("node_memory_working_set_bytes", BYTES).of(DevicePart::Only(v::MAIN)),
    DialectRow::named("node_swap_usage_bytes", BYTES).of(DevicePart::Only(v::SWAP)),
];

fn memory(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |d: SlotDevice<'_>| {
        DeviceReading::new(v::MEMORY, d.name().clone()).with_some(&v::USED_BYTES, d.value(BYTES))
    };
    slots.devices().map(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    const BODY: &str = include_str!("bodies/kubelet-resource.txt");

    #[test]
    fn a_recorded_body_is_understood() {
        assert_eq!(
            decoded(v::CONTAINER_KIND, BODY),
            "kube-system/coredns-1/coredns cpu_seconds=47.8 used_bytes=17000000 pod=\"kube-system/coredns-1\"\n\
             node cpu_seconds=2354.5 used_bytes=1200000000\n"
        );
        assert_eq!(decoded(v::MEMORY, BODY), "Main used_bytes=1200000000\nSwap used_bytes=0\n");
    }

    #[test]
    fn a_pod_without_containers_is_listed_itself() {
        let body = "pod_cpu_usage_seconds_total{namespace=\"a\",pod=\"b\"} 3\n";
        assert_eq!(decoded(v::CONTAINER_KIND, body), "a/b cpu_seconds=3\n");
    }
}
