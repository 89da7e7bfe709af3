//! Processes: processor time, memory, owner, state; on demand what they hold, where they belong, and all
//! details of a few.
//!
//! Reads `/proc/PID/stat` of every process at each poll (of more than 256 processes, of the idle ones at
//! every fourth, and at every eighth after a while; percentages are over the time between two looks); `/proc/PID/{status,cmdline}` when a
//! process is new, when its name changes, and once in a while; `/etc/passwd` for names of users.
//!
//! A device is a pid, and the process's start time (in ticks since boot) tells it from the next one
//! that bears the pid. From `cpu_seconds` core derives `percent` of one processor, more than 100
//! where several work. `bytes` is what is in RAM, `memory_percent` that of main memory; `threads`,
//! `nice` and `parent` are the kernel's, `started_seconds` is since 1970. Texts are `name`, `command` (kernel
//! threads and zombies have none), `user` (the effective one, by number where `/etc/passwd` does
//! not know it), `state` in the kernel's words, and `type`, which is `kernel` for a thread of the kernel.
//!
//! Read on demand, by name: `read_bytes` and `written_bytes` (`/proc/PID/io`: what reaches the disks);
//! `swap_bytes` (at every eighth poll); `pss_bytes` (`smaps_rollup`, as many processes a poll as 5 ms are
//! enough for); `cgroup`, `unit` and `container` (`/proc/PID/cgroup`; the container by the name that docker's
//! or the kubelet's files give it, else by the beginning of its id); `received_bytes` and `sent_bytes`, what the
//! TCP sockets of a process have carried (the kernel's `sock_diag`, and the sockets in `/proc/PID/fd`, in which
//! a poll searches for at most 5 ms). The kernel counts no bytes of UDP, so QUIC is not in them, nor a connection
//! that was opened and closed between two polls. A socket that several processes have counts for one of them.
//! A process with a network namespace of its own, as in most containers, has no such bytes.
//!
//! Of a process that is wanted in detail there is also: processor time in user mode and in the kernel,
//! faults, switches, the processor it ran on last and those it may run on, the stack and its limit, open
//! files and their limit, the limit of tasks, that of memory (the least `memory.max` on the way up from its
//! cgroup), `oom_score`; `program` (with `(deleted)` behind it where the file has been replaced), `folder`;
//! the command line to 64 KiB. Where they are wanted too, its threads, open files, network connections and environment
//! are devices of the kinds `thread`, `open_file`, `connection` and `environment`, which are never exported. Connections are the sockets among the open
//! files that `/proc/PID/net/{tcp,tcp6,udp,udp6}` has, with both ends and the state; those of TCP have the bytes
//! that they carried.
//!
//! Of other users' processes an ordinary user may not read input and output, the proportional set size,
//! network traffic, program, folder, open files and environment: what was refused is absent, and the text `denied` names it
//! (`io pss network program folder files environment`). The capabilities `cap_sys_ptrace` and `cap_dac_read_search`
//! show them. Linux tells no priority of input and output in any file.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above. `sysinfo` costs several times as much (it opens every file at every poll), gives neither niceness nor threads nor details, and start times in seconds since 1970 |
//! | `root` | `/` | the folder that holds `proc`, `etc`, `sys` and `var` |
//!
//! Without `/proc` the poll fails. A process that ends while it is read is left out.

#[cfg(target_os = "linux")]
mod kernel;
#[cfg(not(target_os = "linux"))]
#[path = "no_kernel.rs"]
mod kernel;
pub mod stat;
pub mod user_names;

use crate::local::{
    procfs::{self, BACKEND, Backend, ROOT},
    sysinfo,
};
use manytop_plugin::{
    inventory,
    options::Options,
    provider::{BuildError, Plugin, Provides, Reader},
    vocabulary as v,
};

inventory::submit! {
    Plugin::reads("process", "Processor time, memory, owner and state of processes.", build)
        .yields(&[
            Provides::new(v::PROCESS, &[
                &v::CPU_SECONDS, &v::RESIDENT_BYTES, &v::MEMORY_PERCENT, &v::THREADS, &v::NICE,
                &v::PARENT, &v::STARTED_SECONDS, &v::READ_BYTES, &v::WRITTEN_BYTES, &v::SWAP_BYTES,
                &v::PSS_BYTES, &v::USER_SECONDS, &v::SYSTEM_SECONDS, &v::FAULTS, &v::MAJOR_FAULTS,
                &v::SWITCHES, &v::FORCED_SWITCHES, &v::LAST_CPU, &v::OPEN_FILES, &v::OPEN_FILES_LIMIT,
                &v::TASKS_LIMIT, &v::LIMIT_BYTES, &v::STACK_BYTES, &v::STACK_LIMIT_BYTES,
                &v::OOM_SCORE, &v::RECEIVED_BYTES, &v::SENT_BYTES,
            ]).texts(&[
                &v::NAME, &v::COMMAND, &v::USER, &v::STATE, &v::TYPE, &v::CGROUP, &v::UNIT,
                &v::CONTAINER, &v::PROGRAM, &v::FOLDER, &v::CPUS_ALLOWED, &v::DENIED,
            ]).on_demand(&[
                v::READ_BYTES.name(), v::WRITTEN_BYTES.name(), v::SWAP_BYTES.name(),
                v::PSS_BYTES.name(), v::RECEIVED_BYTES.name(), v::SENT_BYTES.name(), v::CGROUP.name(), v::UNIT.name(), v::CONTAINER.name(),
            ]),
            Provides::new(v::THREAD, &[&v::CPU_SECONDS, &v::NICE, &v::PARENT, &v::LAST_CPU])
                .texts(&[&v::NAME, &v::STATE]).on_demand(&[v::CPU_SECONDS.name()]),
            Provides::new(v::OPEN_FILE, &[&v::PARENT]).texts(&[&v::PATH]),
            Provides::new(v::CONNECTION, &[&v::PARENT, &v::RECEIVED_BYTES, &v::SENT_BYTES])
                .texts(&[&v::PROTOCOL, &v::LOCAL, &v::PEER, &v::STATE]),
            Provides::new(v::ENVIRONMENT, &[&v::PARENT]).texts(&[&v::VALUE]),
        ])
        .options(&[BACKEND.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => kernel::below(root)?,
        Backend::Sysinfo => Box::new(sysinfo::SysinfoProcesses::new()?),
    })
}
