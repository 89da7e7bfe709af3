//! Bytes through interfaces, packets that were lost, and the speed of links, from `/proc/net/dev` and
//! `/sys/class/net`.

use crate::dialects::{
    common_slots::{RECEIVED, SENT},
    dialect::{DevicePart, DialectRow, Slot, SlotDevice, Slots},
};
use manytop_plugin::{
    reading::{DeviceReading, Metric},
    vocabulary::{
        LINK, LINK_RATE, NETWORK, RECEIVED_BYTES, RECEIVED_DROPS, RECEIVED_ERRORS, SENT_BYTES,
        SENT_DROPS, SENT_ERRORS,
    },
};

const ERRORS_IN: Slot = Slot::new("errors in");
const ERRORS_OUT: Slot = Slot::new("errors out");
const DROPS_IN: Slot = Slot::new("drops in");
const DROPS_OUT: Slot = Slot::new("drops out");
const SPEED: Slot = Slot::new("speed");
const CARRIER: Slot = Slot::new("carrier");

const fn row(metric: &'static str, older: &'static [&'static str], slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).also(older).of(DevicePart::Label("device"))
}

/// The other names are those before 0.16.
pub const ROWS: &[DialectRow] = &[
    row("node_network_receive_bytes_total", &["node_network_receive_bytes"], RECEIVED),
    row("node_network_transmit_bytes_total", &["node_network_transmit_bytes"], SENT),
    row("node_network_receive_errs_total", &["node_network_receive_errs"], ERRORS_IN),
    row("node_network_transmit_errs_total", &["node_network_transmit_errs"], ERRORS_OUT),
    row("node_network_receive_drop_total", &["node_network_receive_drop"], DROPS_IN),
    row("node_network_transmit_drop_total", &["node_network_transmit_drop"], DROPS_OUT),
    row("node_network_speed_bytes", &[], SPEED),
    row("node_network_carrier", &[], CARRIER),
];

const COUNTERS: [(&Metric, Slot); 6] = [
    (&RECEIVED_BYTES, RECEIVED),
    (&SENT_BYTES, SENT),
    (&RECEIVED_ERRORS, ERRORS_IN),
    (&SENT_ERRORS, ERRORS_OUT),
    (&RECEIVED_DROPS, DROPS_IN),
    (&SENT_DROPS, DROPS_OUT),
];

/// A link without a speed says a negative one, or the largest number of 32 bits.
const FASTEST: f64 = 4e11;

pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    slots.devices().filter_map(|d| reading(&d)).collect()
}

/// `None` for interfaces of which nothing but the link is known.
fn reading(d: &SlotDevice<'_>) -> Option<DeviceReading> {
    let mut reading = DeviceReading::new(NETWORK, d.name().clone());
    for (metric, slot) in COUNTERS {
        reading = reading.with_some(metric, d.value(slot));
    }
    reading.values.iter().next()?;
    let speed = d.value(SPEED).filter(|speed| *speed > 0.0 && *speed < FASTEST);
    let reading = reading.with_some(&LINK_RATE, speed);
    Some(if d.value(CARRIER) == Some(0.0) { reading.text(&LINK, "down") } else { reading })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::decoded;

    #[test]
    fn both_directions_of_an_interface_are_one_device() {
        let body = "node_network_receive_bytes_total{device=\"eth0\"} 5\n\
                    node_network_receive_bytes_total{device=\"wg0\"} 6\n\
                    node_network_transmit_bytes_total{device=\"eth0\"} 7\n\
                    node_network_transmit_bytes_total{device=\"\"} 8\n";
        assert_eq!(
            decoded(NETWORK, body),
            "eth0 received_bytes=5 sent_bytes=7\nwg0 received_bytes=6\n"
        );
    }

    #[test]
    fn the_older_names_are_read() {
        let body = "node_network_receive_bytes{device=\"eth0\"} 5\n\
                    node_network_transmit_bytes{device=\"eth0\"} 7\n\
                    node_network_receive_packets{device=\"eth0\"} 9\n";
        assert_eq!(decoded(NETWORK, body), "eth0 received_bytes=5 sent_bytes=7\n");
    }

    #[test]
    fn errors_drops_and_the_link_are_read() {
        let body = "node_network_carrier{device=\"eth0\"} 1\nnode_network_carrier{device=\"eth1\"} 0\n\
                    node_network_receive_bytes_total{device=\"eth0\"} 1\n\
                    node_network_receive_bytes_total{device=\"eth1\"} 1\n\
                    node_network_receive_drop_total{device=\"eth0\"} 2\n\
                    node_network_receive_errs_total{device=\"eth0\"} 3\n\
                    node_network_speed_bytes{device=\"eth0\"} 1.25e+08\n\
                    node_network_speed_bytes{device=\"eth1\"} -125000\n\
                    node_network_transmit_drop_total{device=\"eth0\"} 4\n\
                    node_network_transmit_errs_total{device=\"eth0\"} 5\n";
        assert_eq!(
            decoded(NETWORK, body),
            "eth0 received_bytes=1 received_errors=3 sent_errors=5 received_drops=2 sent_drops=4 \
             link_bytes_per_second=125000000\neth1 received_bytes=1 link=\"down\"\n"
        );
    }
}
