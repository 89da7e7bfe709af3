//! The widgets that come with manytop, one file each.
//!
//! A widget draws what its place in the layout selects: one source or many, this machine or remote
//! ones, all the same.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod alerts;
mod batt;
mod container;
mod cpu;
mod devices;
mod disk;
mod fan;
mod filter;
mod gpu;
mod hosts;
mod labels;
mod log;
mod mem;
mod metric;
mod net;
mod picker;
mod power;
mod preview;
mod procs;
mod row;
mod series;
mod source;
mod storage;
mod temp;
mod text;
