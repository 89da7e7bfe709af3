//! Hosts that are read over ssh, with nothing installed there: `remote-NAME-url=ssh://[user@]host[:port]`.
//!
//! The system's `ssh` logs in, with the user's own config, agent, known hosts and jump hosts, and runs
//! `sh`. One session is kept a host. The shell is sent the names of files below /proc and /sys; their
//! contents come back in frames ([`frames`]) and are put into a tree in memory, which the readers of
//! this machine read ([`machine`]). Nothing is written there.

mod address;
mod background;
mod containers;
mod exchange;
mod failures;
mod frames;
mod link;
mod listing;
mod lists;
mod machine;
mod mounts;
mod processes;
mod provider;
mod queue;
mod script;
mod session;
mod signals;

pub use address::SCHEME;

use crate::local::disk;
use address::Address;
use machine::MachineOptions;
use manytop_plugin::{provider::Provider, reading::Kind, vocabulary as v};

/// The host at that address; `with_virtual` and `peripherals` say what of it is shown besides storage and
/// its own batteries, and `signals` whether signals may be sent to its processes.
///
/// # Errors
/// What is wrong with the address.
pub fn host(
    url: &str,
    (with_virtual, peripherals): (bool, bool),
    signals: bool,
) -> Result<Box<dyn Provider>, String> {
    let disks = disk::MountFilter { with_virtual, skip: Vec::new() };
    let shown = MachineOptions { disks, peripherals };
    Ok(Box::new(provider::SshHost::new(Address::parse(url)?, shown, signals)))
}

/// The kinds that a host over ssh gives.
pub fn kinds() -> [Kind; 10] {
    [
        v::CPU,
        v::MEMORY,
        v::TEMPERATURE,
        v::FAN,
        v::NETWORK,
        v::DISK,
        v::PROCESS,
        v::POWER,
        v::HOST,
        v::CONTAINER_KIND,
    ]
}
