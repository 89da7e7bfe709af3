//! What node_exporter says of Linux, since its names were settled in 0.16.
//!
//! One file a kind: the table, how readings are made of it, and its tests. Everything is asked of the
//! same body, so that what belongs together was taken at one moment.

mod cpu;
mod disk;
mod host;
mod memory;
mod network;
mod power;
mod temperature;

use crate::remote::dialect::{Dialect, Section};
use manytop_core::vocabulary::{CPU, DISK, HOST, MEMORY, NETWORK, POWER, TEMPERATURE};

manytop_core::inventory::submit! {
    Dialect::new("node_exporter", 2, &[
        Section::new(HOST, host::ROWS, host::readings),
        Section::new(CPU, cpu::ROWS, cpu::readings),
        Section::new(MEMORY, memory::ROWS, memory::readings),
        Section::new(TEMPERATURE, temperature::ROWS, temperature::readings),
        Section::new(NETWORK, network::ROWS, network::readings),
        Section::new(DISK, disk::ROWS, disk::readings),
        Section::new(POWER, power::ROWS, power::readings),
    ])
}
