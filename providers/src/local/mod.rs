//! This machine's devices: Linux's files below a root, or sysinfo elsewhere.

mod cgroup;
pub mod container;
pub mod cpu;
mod cpulist;
pub mod disk;
pub mod fan;
pub mod files;
mod gpu;
pub mod host;
mod hwmon;
pub mod memory;
pub mod network;
pub mod power;
pub mod process;
pub mod procfs;
pub mod storage;
mod sysinfo;
pub mod temperature;
