//! The widgets that come with manytop, one file each.
//!
//! A widget draws what its place in the layout selects: one source or many, this machine or remote
//! ones, all the same.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod batt;
mod cpu;
mod devices;
mod disk;
mod filter;
mod hosts;
mod legend;
mod mem;
mod net;
mod power;
mod procs;
mod row;
mod temp;
