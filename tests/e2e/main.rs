//! End-to-end tests: the real binary, in a real terminal, against real peers and an exporter farm.
//!
//! `tests/run` installs what they need. A peer that is missing is a failure, never a skipped test.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod bodies;
mod farm;
mod federation;
mod home;
#[macro_use]
mod needs;
mod hosts_by_name;
mod once;
mod past;
mod peers;
mod ports;
mod pty;
mod terminal;

mod alerts;
mod architecture;
mod check;
mod demand;
mod discovery;
mod exit_codes;
mod explorer;
mod exporter;
mod exporters;
mod faults;
mod files;
mod first_frame;
mod fleet;
mod gotop_failures;
mod hang_up;
mod hooks;
mod implausible;
mod inside;
mod invalid_configs;
mod keys;
mod log_panel;
mod main_job;
mod names;
mod node_exporter;
mod notices;
mod open;
mod own_readings;
mod packages;
mod prometheus_engine;
mod recording;
mod refusals;
mod relay;
mod reload;
mod restore;
mod screens;
mod scripts;
mod silent_mount;
mod soak;
mod ssh;
mod structure;
mod terminals;
mod transports;
mod unread;
