//! What snmp_exporter says by its module `if_mib`: traffic, errors and speed of a switch's or router's interfaces.
//!
//! An interface goes by its name, else by its description, else by its number. Of the counters those of 64 bits
//! are taken where there are any: one of 32 bits is full after 34 seconds at 1 Gbit/s.

use crate::dialects::{
    common_slots::{
        NAME, RECEIVED, RECEIVED_DROPS, RECEIVED_ERRORS, SENT, SENT_DROPS, SENT_ERRORS, UPTIME,
    },
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, SlotDevice, Slots},
};
use manytop_plugin::{
    reading::{DeviceReading, Metric},
    vocabulary as v,
};

const RECEIVED_32: Slot = Slot::new("received, 32 bits");
const SENT_32: Slot = Slot::new("sent, 32 bits");
const MEGABITS: Slot = Slot::new("megabits");
const BITS: Slot = Slot::new("bits");
const STATUS: Slot = Slot::new("status");
const DESCRIPTION: Slot = Slot::new("description");
const LOAD: Slot = Slot::new("load");

manytop_plugin::inventory::submit! {
    Dialect::new("snmp_exporter", 1, &[
        Section::new(v::NETWORK, NETWORK, network).begun_by(&["ifHCIn", "ifInOctets", "ifOperStatus"]),
        Section::new(v::CPU, CPU, cpus),
        Section::new(v::HOST, HOST, host),
    ])
}

const fn interface(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Made(name))
}

const NETWORK: &[DialectRow] = &[
    interface("ifHCInOctets", RECEIVED),
    interface("ifHCOutOctets", SENT),
    interface("ifInOctets", RECEIVED_32),
    interface("ifOutOctets", SENT_32),
    interface("ifInErrors", RECEIVED_ERRORS),
    interface("ifOutErrors", SENT_ERRORS),
    interface("ifInDiscards", RECEIVED_DROPS),
    interface("ifOutDiscards", SENT_DROPS),
    interface("ifHighSpeed", MEGABITS),
    interface("ifSpeed", BITS),
    interface("ifOperStatus", STATUS),
];

fn name(series: &Labelled<'_>) -> Option<String> {
    let names = ["ifName", "ifDescr", "ifIndex"].map(|label| series.get(label));
    names.into_iter().find(|name| !name.is_empty()).map(str::to_owned)
}

fn network(slots: &Slots<'_>) -> Vec<DeviceReading> {
    const COUNTERS: [(&Metric, Slot); 4] = [
        (&v::RECEIVED_ERRORS, RECEIVED_ERRORS),
        (&v::SENT_ERRORS, SENT_ERRORS),
        (&v::RECEIVED_DROPS, RECEIVED_DROPS),
        (&v::SENT_DROPS, SENT_DROPS),
    ];
    let reading = |d: SlotDevice<'_>| {
        let bits = d.value(MEGABITS).filter(|mbit| *mbit > 0.0).map(|mbit| mbit * 1e6);
        let bits = bits.or(d.value(BITS)).filter(|bits| *bits > 0.0);
        let mut reading = DeviceReading::new(v::NETWORK, d.name().clone())
            .with_some(&v::RECEIVED_BYTES, d.value(RECEIVED).or(d.value(RECEIVED_32)))
            .with_some(&v::SENT_BYTES, d.value(SENT).or(d.value(SENT_32)));
        for (quantity, slot) in COUNTERS {
            reading = reading.with_some(quantity, d.value(slot));
        }
        match d.value(STATUS) {
            // of a link that is down the speed is that of the port
            Some(status) if status != 1.0 => reading.text(&v::LINK, "down"),
            _ => reading.with_some(&v::LINK_RATE, bits.map(|bits| bits / 8.0)),
        }
    };
    slots.devices().map(reading).collect()
}

const CPU: &[DialectRow] =
    &[DialectRow::named("hrProcessorLoad", LOAD).of(DevicePart::Label("hrDeviceIndex"))];

/// Numbered in the order of their indices, which begin anywhere.
fn cpus(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let reading = |(nth, d): (usize, SlotDevice<'_>)| {
        DeviceReading::new(v::CPU, format!("CPU{nth}")).with_some(&v::PERCENT, d.value(LOAD))
    };
    slots.devices().enumerate().map(reading).collect()
}

const HOST: &[DialectRow] = &[
    DialectRow::named("sysUpTime", UPTIME),
    DialectRow::named("sysName", NAME).keeps(&["sysName"]),
    DialectRow::named("sysDescr", DESCRIPTION).keeps(&["sysDescr"]),
];

/// Its clock counts hundredths of a second.
fn host(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let Some(host) = slots.device("") else { return Vec::new() };
    let uptime = host.value(UPTIME).map(|ticks| ticks / 100.0);
    let mut reading =
        DeviceReading::new(v::HOST, host.name().clone()).with_some(&v::UPTIME_SECONDS, uptime);
    if let Some(name) = host.find(NAME).filter(|name| !name.kept(0).is_empty()) {
        reading = reading.text(&v::HOSTNAME, name.kept(0).clone());
    }
    if let Some(system) = host.find(DESCRIPTION).filter(|text| !text.kept(0).is_empty()) {
        reading = reading.text(&v::KERNEL, system.kept(0).clone());
    }
    vec![reading]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn a_recorded_body_is_understood() {
        let body = include_str!("bodies/snmp.txt");
        assert_eq!(
            decoded(v::NETWORK, body),
            "eth0 received_bytes=750084602 sent_bytes=1381925\nifb0 received_bytes=0 sent_bytes=0\n\
             ifb1 received_bytes=0 sent_bytes=0\nlo received_bytes=962419580 sent_bytes=962419580\n"
        );
        assert_eq!(decoded(v::HOST, body), " uptime_seconds=28.03\n");
    }

    #[test]
    fn speed_errors_and_state_of_a_port_are_read_and_an_alias_is_not_its_name() {
        let of = |index, alias| {
            format!(
                "{{ifAlias=\"{alias}\",ifDescr=\"Gi0/{index}\",ifIndex=\"{index}\",ifName=\"\"}}"
            )
        };
        let (one, two) = (of(1, "uplink"), of(2, ""));
        let body = format!(
            "ifHighSpeed{one} 1000\nifSpeed{one} 1e+09\nifOperStatus{one} 1\nifInErrors{one} 3\n\
             ifOutDiscards{one} 4\nifInOctets{one} 5\nifHighSpeed{two} 0\nifOperStatus{two} 2\n"
        );
        assert_eq!(
            decoded(v::NETWORK, &body),
            "Gi0/1 received_bytes=5 received_errors=3 sent_drops=4 link_bytes_per_second=125000000\n\
             Gi0/2 link=\"down\"\n"
        );
    }
}
