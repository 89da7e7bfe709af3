//! End-to-end tests: the real binary, in a real terminal, against real peers and an exporter farm.
//!
//! `tests/run` installs what they need. A peer that is missing is a failure, never a skipped test.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod bodies;
mod farm;
mod home;
mod hosts_by_name;
mod once;
mod peers;
mod terminal;

mod architecture;
mod check;
mod demand;
mod discovery;
mod exit_codes;
mod exporter;
mod faults;
mod first_frame;
mod fleet;
mod gotop_failures;
mod invalid_configs;
mod keys;
mod log_panel;
mod main_job;
mod names;
mod node_exporter;
mod open;
mod prometheus_engine;
mod refusals;
mod relay;
mod reload;
mod restore;
mod screens;
mod silent_mount;
mod soak;
mod transports;
