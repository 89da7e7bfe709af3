//! The names, types and helps of node_exporter's metrics, and the quantities that they tell.

use super::text::Type;
use manytop_core::{reading::Metric, vocabulary as v};

/// Name, type and help.
pub(super) type FamilyDef = (&'static str, Type, &'static str);
pub(super) const fn gauge(name: &'static str, help: &'static str) -> FamilyDef {
    (name, Type::Gauge, help)
}
pub(super) const fn counter(name: &'static str, help: &'static str) -> FamilyDef {
    (name, Type::Counter, help)
}

pub(super) const CPU_TIME: FamilyDef =
    counter("node_cpu_seconds_total", "Time that each processor has spent in each mode.");
pub(super) const MODES: [(&str, &Metric); 8] = [
    ("idle", &v::IDLE_SECONDS),
    ("iowait", &v::IOWAIT_SECONDS),
    ("irq", &v::IRQ_SECONDS),
    ("nice", &v::NICE_SECONDS),
    ("softirq", &v::SOFTIRQ_SECONDS),
    ("steal", &v::STEAL_SECONDS),
    ("system", &v::SYSTEM_SECONDS),
    ("user", &v::USER_SECONDS),
];
pub(super) const FREQUENCY: FamilyDef =
    gauge("node_cpu_scaling_frequency_hertz", "The clock rate at which each processor runs.");

pub(super) const CACHED: FamilyDef = gauge(
    "node_memory_Cached_bytes",
    "Main memory that holds files' contents, shared ones included.",
);
pub(super) const MAIN: [(FamilyDef, &Metric); 6] = [
    (gauge("node_memory_MemTotal_bytes", "The size of the main memory."), &v::TOTAL_BYTES),
    (
        gauge("node_memory_MemAvailable_bytes", "What could be given out without swapping."),
        &v::AVAILABLE_BYTES,
    ),
    (gauge("node_memory_MemFree_bytes", "Main memory that nothing occupies."), &v::FREE_BYTES),
    (
        gauge("node_memory_Buffers_bytes", "Main memory that holds raw disk blocks."),
        &v::BUFFERS_BYTES,
    ),
    (gauge("node_memory_Shmem_bytes", "Main memory that processes share."), &v::SHARED_BYTES),
    (
        gauge(
            "node_memory_SReclaimable_bytes",
            "Memory of the kernel's own that it could give up.",
        ),
        &v::RECLAIMABLE_BYTES,
    ),
];
pub(super) const SWAP: [(FamilyDef, &Metric); 2] = [
    (gauge("node_memory_SwapTotal_bytes", "The size of the swap space."), &v::TOTAL_BYTES),
    (gauge("node_memory_SwapFree_bytes", "Swap space that nothing occupies."), &v::FREE_BYTES),
];

pub(super) const FILESYSTEM: [(FamilyDef, &Metric); 5] = [
    (gauge("node_filesystem_size_bytes", "The size of each filesystem."), &v::TOTAL_BYTES),
    (gauge("node_filesystem_free_bytes", "What nothing occupies of it."), &v::FREE_BYTES),
    (
        gauge(
            "node_filesystem_avail_bytes",
            "What a user without privileges can still take of it.",
        ),
        &v::AVAILABLE_BYTES,
    ),
    (gauge("node_filesystem_files", "How many files it can hold."), &v::INODES),
    (gauge("node_filesystem_files_free", "How many more files it can hold."), &v::FREE_INODES),
];
pub(super) const DISK: [(FamilyDef, &Metric); 5] = [
    (counter("node_disk_read_bytes_total", "Bytes read from each block device."), &v::READ_BYTES),
    (counter("node_disk_written_bytes_total", "Bytes written to it."), &v::WRITTEN_BYTES),
    (counter("node_disk_reads_completed_total", "Read requests that it has completed."), &v::READS),
    (
        counter("node_disk_writes_completed_total", "Write requests that it has completed."),
        &v::WRITES,
    ),
    (
        counter("node_disk_io_time_seconds_total", "Time in which it had a request to work on."),
        &v::IO_SECONDS,
    ),
];
pub(super) const NETWORK: [(FamilyDef, &Metric); 7] = [
    (
        counter("node_network_receive_bytes_total", "Bytes that came in through each interface."),
        &v::RECEIVED_BYTES,
    ),
    (
        counter("node_network_transmit_bytes_total", "Bytes that went out through it."),
        &v::SENT_BYTES,
    ),
    (
        counter("node_network_receive_errs_total", "Packets that came in broken."),
        &v::RECEIVED_ERRORS,
    ),
    (
        counter("node_network_transmit_errs_total", "Packets that could not be sent."),
        &v::SENT_ERRORS,
    ),
    (
        counter("node_network_receive_drop_total", "Packets that came in and were dropped."),
        &v::RECEIVED_DROPS,
    ),
    (
        counter("node_network_transmit_drop_total", "Packets that were dropped before sending."),
        &v::SENT_DROPS,
    ),
    (gauge("node_network_speed_bytes", "The speed of its link, in bytes a second."), &v::LINK_RATE),
];

pub(super) const TEMPERATURE: FamilyDef =
    gauge("node_hwmon_temp_celsius", "Temperature of each sensor.");
pub(super) const CHIP: FamilyDef =
    gauge("node_hwmon_chip_names", "The name of each chip with sensors.");
pub(super) const SENSOR: FamilyDef =
    gauge("node_hwmon_sensor_label", "What a sensor is called by its chip.");

pub(super) const CHARGE: FamilyDef =
    gauge("node_power_supply_capacity", "Charge of each battery, in percent.");
pub(super) const POWER: FamilyDef =
    gauge("node_power_supply_power_watt", "Power that flows into or out of it.");
pub(super) const SUPPLY: FamilyDef =
    gauge("node_power_supply_info", "The type and the state of each power supply.");

pub(super) const HOST: [(FamilyDef, &Metric); 14] = [
    (gauge("node_load1", "Tasks that run or wait, averaged over one minute."), &v::LOAD1),
    (gauge("node_load5", "Tasks that run or wait, averaged over five minutes."), &v::LOAD5),
    (gauge("node_load15", "Tasks that run or wait, averaged over fifteen minutes."), &v::LOAD15),
    (gauge("node_procs_running", "Tasks that run or wait for a processor."), &v::RUNNING),
    (gauge("node_procs_blocked", "Tasks that wait for a disk or another device."), &v::BLOCKED),
    (
        counter(
            "node_pressure_cpu_waiting_seconds_total",
            "Time in which a task waited for a processor.",
        ),
        &v::CPU_STALLED_SECONDS,
    ),
    (
        counter(
            "node_pressure_io_waiting_seconds_total",
            "Time in which a task waited for a disk.",
        ),
        &v::IO_STALLED_SECONDS,
    ),
    (
        counter(
            "node_pressure_memory_waiting_seconds_total",
            "Time in which a task waited for memory.",
        ),
        &v::MEMORY_STALLED_SECONDS,
    ),
    (
        gauge("node_vmstat_oom_kill", "Processes that were killed for want of memory."),
        &v::OOM_KILLS,
    ),
    (counter("node_context_switches_total", "Changes from one task to another."), &v::SWITCHES),
    (counter("node_intr_total", "Interrupts that were served."), &v::INTERRUPTS),
    (counter("node_forks_total", "Tasks that were started."), &v::FORKS),
    (gauge("node_filefd_allocated", "Files that are open."), &v::OPEN_FILES),
    (gauge("node_filefd_maximum", "How many files may be open."), &v::OPEN_FILES_LIMIT),
];
pub(super) const FAILED: FamilyDef =
    gauge("node_systemd_units", "Units of the service manager by state.");
pub(super) const UNIT: FamilyDef = gauge("node_systemd_unit_state", "The state of each unit.");
pub(super) const TASKS: FamilyDef = gauge("node_processes_threads", "Threads of all processes.");
pub(super) const BOOTED: FamilyDef =
    gauge("node_boot_time_seconds", "When the machine was started.");
pub(super) const NOW: FamilyDef = gauge("node_time_seconds", "The machine's own time.");
pub(super) const UNAME: FamilyDef = gauge("node_uname_info", "The machine's name and its kernel.");
pub(super) const MODEL: FamilyDef = gauge("node_cpu_info", "The model of the processors.");
