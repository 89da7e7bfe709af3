//! Bytes through interfaces, from `/proc/net/dev`.

use crate::remote::dialect::{Part, Row, Slot, Slots};
use manytop_core::{
    reading::Reading,
    vocabulary::{NETWORK, RECEIVED_BYTES, SENT_BYTES},
};

const RECEIVED: Slot = Slot::new("received");
const SENT: Slot = Slot::new("sent");

pub const ROWS: &[Row] = &[
    Row::named("node_network_receive_bytes_total", RECEIVED).of(Part::Label("device")),
    Row::named("node_network_transmit_bytes_total", SENT).of(Part::Label("device")),
];

pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    slots
        .devices()
        .map(|d| {
            Reading::new(NETWORK, d.name().clone())
                .with_some(&RECEIVED_BYTES, d.value(RECEIVED))
                .with_some(&SENT_BYTES, d.value(SENT))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

    #[test]
    fn both_directions_of_an_interface_are_one_device() {
        let body = "node_network_receive_bytes_total{device=\"eth0\"} 5\n\
                    node_network_receive_bytes_total{device=\"wg0\"} 6\n\
                    node_network_transmit_bytes_total{device=\"eth0\"} 7\n\
                    node_network_transmit_bytes_total{device=\"\"} 8\n";
        assert_eq!(
            said(NETWORK, body),
            "eth0 received_bytes=5 sent_bytes=7\nwg0 received_bytes=6\n"
        );
    }
}
