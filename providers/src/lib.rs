//! The providers that come with manytop, one file or folder each.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cpu;
mod disk;
mod foreign;
mod host;
mod kernel;
mod memory;
mod natural;
mod network;
mod portable;
mod power;
mod process;
mod prometheus;
#[doc(hidden)]
pub mod remote;
mod temperature;
