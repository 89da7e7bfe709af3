//! Processes: processor time, memory, owner, state.
//!
//! Reads `/proc/PID/stat` of every process at each poll (of more than 256 processes, of the idle ones at
//! every fourth, and at every eighth after a while; percentages are over the time between two looks); `/proc/PID/{status,cmdline}` when a
//! process is new, when its name changes, and once in a while; `/proc/PID/io` only where somebody
//! wants it; `/etc/passwd` for names of users.
//!
//! A device is a pid, and the process's start time (in ticks since boot) tells it from the next one
//! that bears the pid. From `cpu_seconds` core derives `percent` of one processor, more than 100
//! where several work. `bytes` is what is in RAM, `memory_percent` that of main memory; `threads`,
//! `nice` and `parent` are the kernel's. `read_bytes` and `written_bytes` reach the disks; they are
//! dear, and of other users' processes only root may read them. Texts are `name`, `command` (kernel
//! threads and zombies have none), `user` (the effective one, by number where `/etc/passwd` does
//! not know it) and `state` in the kernel's words.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above. `sysinfo` costs several times as much (it opens every file at every poll), gives neither niceness nor threads, and start times in seconds since 1970 |
//! | `root` | `/` | the folder that holds `proc` and `etc` |
//!
//! Without `/proc` the poll fails. A process that ends while it is read is left out.

#[cfg(target_os = "linux")]
mod entry;
#[cfg(target_os = "linux")]
mod newest;
#[cfg(target_os = "linux")]
mod people;
#[cfg(target_os = "linux")]
mod stat;
#[cfg(target_os = "linux")]
mod table;

use crate::{
    kernel::{self, ROOT, VIA, Way},
    portable,
};
use manytop_core::{
    inventory,
    options::Options,
    provider::{BuildError, Plugin, Reader, Yields},
    vocabulary as v,
};

inventory::submit! {
    Plugin::reads("process", "Processor time, memory, owner and state of processes.", build)
        .yields(&[Yields::new(v::PROCESS, &[
            &v::CPU_SECONDS, &v::RESIDENT_BYTES, &v::MEMORY_PERCENT, &v::THREADS, &v::NICE,
            &v::PARENT, &v::READ_BYTES, &v::WRITTEN_BYTES,
        ]).texts(&[&v::NAME, &v::COMMAND, &v::USER, &v::STATE])])
        .options(&[VIA.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match kernel::way(options)? {
        #[cfg(target_os = "linux")]
        Way::Kernel(root) => Box::new(table::Table::below(root)),
        _ => Box::new(portable::Processes::new()?),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
