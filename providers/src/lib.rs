//! The providers that come with manytop, one file or folder each.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod child;
mod command;
#[doc(hidden)]
pub mod dialects;
#[doc(hidden)]
pub mod exposition;
#[doc(hidden)]
pub mod http;
mod local;
mod natural;
mod plausible;
mod prometheus;
mod readings;
#[doc(hidden)]
pub mod remote;
mod remote_clock;
mod sensors;
mod ssh;
pub mod ssh_config;
mod targets;
mod textfile;
