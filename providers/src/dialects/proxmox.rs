//! What prometheus-pve-exporter says of a Proxmox VE: its nodes, guests and storages.
//!
//! A single node is the remote itself; of a cluster each node is a host of its own name. Guests are hosts by their
//! names. A guest that does not run is left out, and a guest's disk is read where Proxmox can see into it.

use crate::dialects::{
    common_slots::{RATIO, READ, RECEIVED, SENT, SIZE, UPTIME, USED, VERSION, WRITTEN},
    complete,
    dialect::{DevicePart, Dialect, DialectRow, OfHost, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::{collections::BTreeMap, sync::Arc};

const UP: Slot = Slot::new("up");
const NODE: Slot = Slot::new("node");
const GUEST: Slot = Slot::new("guest");
const STORAGE: Slot = Slot::new("storage");

manytop_plugin::inventory::submit! {
    Dialect::new("proxmox", 1, &[
        Section::of_hosts(v::CPU, CPU, cpus).begun_by(&["pve_cpu_"]),
        Section::of_hosts(v::MEMORY, MEMORY, memory).begun_by(&["pve_memory_"]),
        Section::of_hosts(v::NETWORK, NETWORK, network),
        Section::of_hosts(v::DISK, DISK, disks),
        Section::of_hosts(v::HOST, HOST, hosts),
    ])
}

const fn row(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Label("id"))
}
const fn node() -> DialectRow {
    row("pve_node_info", NODE).keeps(&["name"])
}
const fn guest() -> DialectRow {
    row("pve_guest_info", GUEST).keeps(&["name", "template"])
}

const CPU: &[DialectRow] = &[node(), guest(), row("pve_up", UP), row("pve_cpu_usage_ratio", RATIO)];
const MEMORY: &[DialectRow] = &[
    node(),
    guest(),
    row("pve_up", UP),
    row("pve_memory_usage_bytes", USED),
    row("pve_memory_size_bytes", SIZE),
];
const NETWORK: &[DialectRow] = &[
    node(),
    guest(),
    row("pve_up", UP),
    row("pve_network_receive_bytes", RECEIVED).also(&["pve_network_receive_bytes_total"]),
    row("pve_network_transmit_bytes", SENT).also(&["pve_network_transmit_bytes_total"]),
];
const DISK: &[DialectRow] = &[
    node(),
    guest(),
    row("pve_up", UP),
    row("pve_storage_info", STORAGE).keeps(&["node", "storage"]),
    row("pve_disk_usage_bytes", USED),
    row("pve_disk_size_bytes", SIZE),
    row("pve_disk_read_bytes", READ).also(&["pve_disk_read_bytes_total"]),
    row("pve_disk_write_bytes", WRITTEN)
        .also(&["pve_disk_written_bytes_total", "pve_disk_write_bytes_total"]),
];
const HOST: &[DialectRow] = &[
    node(),
    guest(),
    row("pve_up", UP),
    row("pve_uptime_seconds", UPTIME),
    DialectRow::named("pve_version_info", VERSION).keeps(&["version"]),
];

/// The hosts of a body by their identifiers.
struct ProxmoxHosts(BTreeMap<Arc<str>, Option<Arc<str>>>);

impl ProxmoxHosts {
    /// Nodes and guests that run. Guests of one name are told apart by their identifiers.
    fn of(slots: &Slots<'_>) -> ProxmoxHosts {
        let runs = |d: &SlotDevice<'_>| d.value(UP) != Some(0.0);
        let is_node = |d: &SlotDevice<'_>| d.name().starts_with("node/");
        let nodes: Vec<_> = slots.devices().filter(is_node).collect();
        let single = nodes.len() == 1;
        let mut hosts = BTreeMap::new();
        for node in nodes.iter().filter(|node| runs(node)) {
            let named = node.find(NODE).map(|found| found.kept(0).clone());
            let named = named.unwrap_or_else(|| Arc::from(&node.name()["node/".len()..]));
            hosts.insert(node.name().clone(), (!single).then_some(named));
        }
        let guests = || slots.devices().filter_map(|d| Some((d, d.find(GUEST)?)));
        for (d, found) in guests().filter(|(d, found)| runs(d) && &**found.kept(1) != "1") {
            let name = found.kept(0);
            let same = guests().filter(|(_, other)| other.kept(0) == name).count();
            let own = if name.is_empty() || same > 1 { d.name() } else { name };
            hosts.insert(d.name().clone(), Some(own.clone()));
        }
        ProxmoxHosts(hosts)
    }

    fn readings<'a>(
        &self,
        slots: &Slots<'a>,
        reading: impl Fn(&SlotDevice<'a>) -> Option<DeviceReading>,
    ) -> Vec<OfHost> {
        let of = |d: SlotDevice<'a>| Some((self.0.get(d.name())?.clone(), reading(&d)?));
        slots.devices().filter_map(of).collect()
    }
}

fn cpus(slots: &Slots<'_>) -> Vec<OfHost> {
    ProxmoxHosts::of(slots).readings(slots, |d| {
        Some(DeviceReading::new(v::CPU, "CPU").with(&v::PERCENT, 100.0 * d.value(RATIO)?))
    })
}

fn memory(slots: &Slots<'_>) -> Vec<OfHost> {
    ProxmoxHosts::of(slots).readings(slots, |d| {
        let reading = DeviceReading::new(v::MEMORY, v::MAIN)
            .with_some(&v::TOTAL_BYTES, d.value(SIZE))
            .with_some(&v::USED_BYTES, d.value(USED));
        Some(complete::memory(reading, &mut slots.doubts()))
    })
}

fn network(slots: &Slots<'_>) -> Vec<OfHost> {
    ProxmoxHosts::of(slots).readings(slots, |d| {
        let (received, sent) = (d.value(RECEIVED), d.value(SENT));
        received.or(sent)?;
        let reading = DeviceReading::new(v::NETWORK, "all");
        Some(reading.with_some(&v::RECEIVED_BYTES, received).with_some(&v::SENT_BYTES, sent))
    })
}

/// A host's own disk is its root; a storage is a disk of its node.
fn disks(slots: &Slots<'_>) -> Vec<OfHost> {
    let hosts = ProxmoxHosts::of(slots);
    let disk = |d: &SlotDevice<'_>, name: &str| {
        let used = d.value(USED).filter(|used| *used > 0.0);
        let reading = DeviceReading::new(v::DISK, name)
            .with_some(&v::TOTAL_BYTES, used.and(d.value(SIZE)).filter(|size| *size > 0.0))
            .with_some(&v::USED_BYTES, used)
            .with_some(&v::READ_BYTES, d.value(READ))
            .with_some(&v::WRITTEN_BYTES, d.value(WRITTEN));
        complete::disk(reading, &mut slots.doubts())
    };
    let mut all = hosts.readings(slots, |d| disk(d, "root"));
    for d in slots.devices() {
        let Some(storage) = d.find(STORAGE) else { continue };
        let node: Arc<str> = format!("node/{}", storage.kept(0)).into();
        if let Some(host) = hosts.0.get(&node) {
            all.extend(disk(&d, storage.kept(1)).map(|reading| (host.clone(), reading)));
        }
    }
    all
}

fn hosts(slots: &Slots<'_>) -> Vec<OfHost> {
    let version = slots.device("").and_then(|d| d.find(VERSION)).map(|v| v.kept(0).clone());
    ProxmoxHosts::of(slots).readings(slots, |d| {
        let name = d.find(NODE).or(d.find(GUEST)).map(|found| found.kept(0).clone());
        let mut reading = DeviceReading::new(v::HOST, "")
            .with_some(&v::UPTIME_SECONDS, d.value(UPTIME).filter(|up| *up > 0.0));
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            reading = reading.text(&v::HOSTNAME, name);
        }
        if let Some(version) = version.as_ref().filter(|_| d.name().starts_with("node/")) {
            reading = reading.text(&v::DISTRIBUTION, format!("Proxmox VE {version}"));
        }
        Some(reading)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::{decoded, decoded_by_host};

    const BODY: &str = "\
pve_version_info{release=\"8.1\",repoid=\"abc\",version=\"8.1.4\"} 1
pve_up{id=\"node/pve1\"} 1
pve_up{id=\"qemu/100\"} 1
pve_up{id=\"lxc/101\"} 1
pve_up{id=\"qemu/102\"} 0
pve_up{id=\"storage/pve1/local\"} 1
pve_node_info{id=\"node/pve1\",level=\"\",name=\"pve1\",nodeid=\"0\"} 1
pve_guest_info{id=\"qemu/100\",name=\"web\",node=\"pve1\",template=\"0\",type=\"qemu\"} 1
pve_guest_info{id=\"lxc/101\",name=\"dns\",node=\"pve1\",template=\"0\",type=\"lxc\"} 1
pve_guest_info{id=\"qemu/102\",name=\"off\",node=\"pve1\",template=\"0\",type=\"qemu\"} 1
pve_storage_info{id=\"storage/pve1/local\",node=\"pve1\",storage=\"local\"} 1
pve_cpu_usage_ratio{id=\"node/pve1\"} 0.25
pve_cpu_usage_ratio{id=\"qemu/100\"} 0.5
pve_cpu_usage_ratio{id=\"qemu/102\"} 0
pve_memory_usage_bytes{id=\"node/pve1\"} 8e+09
pve_memory_size_bytes{id=\"node/pve1\"} 1.6e+10
pve_disk_usage_bytes{id=\"storage/pve1/local\"} 5e+10
pve_disk_size_bytes{id=\"storage/pve1/local\"} 1e+11
pve_disk_usage_bytes{id=\"qemu/100\"} 0
pve_disk_size_bytes{id=\"qemu/100\"} 3e+10
pve_network_receive_bytes{id=\"lxc/101\"} 77
pve_uptime_seconds{id=\"qemu/100\"} 600
";

    #[test]
    fn a_single_node_is_the_remote_and_guests_are_hosts_by_name() {
        assert_eq!(decoded(v::CPU, BODY), "CPU percent=25\n");
        assert_eq!(
            decoded_by_host(v::CPU, BODY),
            [("web".to_owned(), "CPU percent=50\n".to_owned())]
        );
        assert_eq!(
            decoded(v::MEMORY, BODY),
            "Main percent=50 used_bytes=8000000000 total_bytes=16000000000 available_bytes=8000000000\n"
        );
        assert_eq!(
            decoded(v::DISK, BODY),
            "local percent=50 used_bytes=50000000000 total_bytes=100000000000 free_bytes=50000000000\n"
        );
        assert_eq!(
            decoded_by_host(v::NETWORK, BODY),
            [("dns".to_owned(), "all received_bytes=77\n".to_owned())]
        );
        let hosts = decoded_by_host(v::HOST, BODY);
        assert_eq!(hosts.len(), 2, "{hosts:?}");
        assert_eq!(hosts[1].1, " uptime_seconds=600 hostname=\"web\"\n");
    }

    #[test]
    fn the_nodes_of_a_cluster_are_hosts_of_their_own() {
        let body = "pve_up{id=\"node/a\"} 1\npve_up{id=\"node/b\"} 1\n\
                    pve_cpu_usage_ratio{id=\"node/a\"} 0.1\npve_cpu_usage_ratio{id=\"node/b\"} 0.2\n";
        assert_eq!(decoded(v::CPU, body), "");
        let names: Vec<_> =
            decoded_by_host(v::CPU, body).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
