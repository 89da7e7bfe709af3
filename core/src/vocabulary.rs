//! The words that providers and widgets share: kinds, quantities and texts.
//!
//! A crate of its own may add words of its own. What stands here is what more than one provider
//! yields, or what a widget that comes with manytop draws.

use crate::reading::{
    Kind, Quantity, Text,
    Unit::{Bytes, BytesPerSecond, Celsius, Count, Hertz, Percent, Seconds, Watts},
};

/// Logical processors, `CPU0` upwards.
pub const CPU: Kind = Kind::new("cpu");
/// `Main` and `Swap`.
pub const MEMORY: Kind = Kind::new("memory");
/// Temperature sensors.
pub const TEMPERATURE: Kind = Kind::new("temperature");
/// Network interfaces; `all` from dialects that know none.
pub const NETWORK: Kind = Kind::new("network");
/// Block devices, pools and mounts.
pub const DISK: Kind = Kind::new("disk");
/// Processes, by pid.
pub const PROCESS: Kind = Kind::new("process").brief();
/// Batteries.
pub const POWER: Kind = Kind::new("power");
/// The machine as a whole: one device, without a name.
pub const HOST: Kind = Kind::new("host");

/// The device of [`MEMORY`] that is the main memory.
pub const MAIN: &str = "Main";
/// The device of [`MEMORY`] that is the swap space; a machine without has one of 0 bytes.
pub const SWAP: &str = "Swap";

macro_rules! gauges { ($($name:ident = $word:literal, $unit:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Quantity = Quantity::gauge($word, $unit, $help);
)* } }
macro_rules! counters { ($($name:ident = $word:literal, $unit:expr, $rate:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Quantity = Quantity::counter($word, $unit, $rate, $help);
)* } }
macro_rules! totals { ($($name:ident = $word:literal, $unit:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Quantity = Quantity::total($word, $unit, $help);
)* } }
macro_rules! texts { ($($name:ident = $word:literal, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Text = Text::new($word, $help);
)* } }

gauges! {
    PERCENT = "percent", Percent, "How much of the device is in use.";
    FREQUENCY_HERTZ = "frequency_hertz", Hertz, "The clock rate at which a processor runs.";
    USED_BYTES = "used_bytes", Bytes, "Memory: total less available. Disk: size less free.";
    TOTAL_BYTES = "total_bytes", Bytes, "The size of the device.";
    AVAILABLE_BYTES = "available_bytes", Bytes, "What a user without privileges can still take.";
    FREE_BYTES = "free_bytes", Bytes, "What nothing occupies.";
    BUFFERS_BYTES = "buffers_bytes", Bytes, "Main memory that holds raw disk blocks.";
    CACHED_BYTES = "cached_bytes", Bytes, "Main memory that holds files' contents.";
    RECLAIMABLE_BYTES = "reclaimable_bytes", Bytes, "Memory of the kernel's own that it could give up.";
    CELSIUS = "celsius", Celsius, "Temperature.";
    RECEIVED_RATE = "received_bytes_per_second", BytesPerSecond, "What comes in through an interface.";
    SENT_RATE = "sent_bytes_per_second", BytesPerSecond, "What goes out through an interface.";
    READ_RATE = "read_bytes_per_second", BytesPerSecond, "What is read from the device.";
    WRITTEN_RATE = "written_bytes_per_second", BytesPerSecond, "What is written to the device.";
    RESIDENT_BYTES = "bytes", Bytes, "A process's memory that is in RAM.";
    MEMORY_PERCENT = "memory_percent", Percent, "A process's share of main memory.";
    THREADS = "threads", Count, "Threads of a process.";
    NICE = "nice", Count, "Niceness of a process, -20 to 19.";
    PARENT = "parent", Count, "The pid of the process's parent.";
    WATTS = "watts", Watts, "Power that flows into or out of a battery.";
    LOAD1 = "load1", Count, "Tasks that run or wait, averaged over one minute.";
    LOAD5 = "load5", Count, "Tasks that run or wait, averaged over five minutes.";
    LOAD15 = "load15", Count, "Tasks that run or wait, averaged over fifteen minutes.";
    UPTIME_SECONDS = "uptime_seconds", Seconds, "Time since the machine was started.";
    TASKS = "tasks", Count, "Tasks on the machine: every thread of every process.";
    RUNNING = "running", Count, "Tasks that run or wait for a processor, the one that reads this among them.";
}

totals! {
    TOTAL_SECONDS = "total_seconds", Seconds, "Time that a processor has spent in all states; guest time is not counted twice.";
    USER_SECONDS = "user_seconds", Seconds, "Time in user mode.";
    NICE_SECONDS = "nice_seconds", Seconds, "Time in user mode at low priority.";
    SYSTEM_SECONDS = "system_seconds", Seconds, "Time in the kernel.";
    IDLE_SECONDS = "idle_seconds", Seconds, "Time with nothing to do.";
    IOWAIT_SECONDS = "iowait_seconds", Seconds, "Time idle while a task waits for a disk.";
    IRQ_SECONDS = "irq_seconds", Seconds, "Time serving interrupts.";
    SOFTIRQ_SECONDS = "softirq_seconds", Seconds, "Time serving soft interrupts.";
    STEAL_SECONDS = "steal_seconds", Seconds, "Time that the hypervisor gave to others.";
}

counters! {
    RECEIVED_BYTES = "received_bytes", Bytes, &RECEIVED_RATE, "Bytes that came in through an interface.";
    SENT_BYTES = "sent_bytes", Bytes, &SENT_RATE, "Bytes that went out through an interface.";
    READ_BYTES = "read_bytes", Bytes, &READ_RATE, "Bytes read from the device.";
    WRITTEN_BYTES = "written_bytes", Bytes, &WRITTEN_RATE, "Bytes written to the device.";
}

/// Time that a processor has worked: all but idle and iowait.
pub static BUSY_SECONDS: Quantity = Quantity::share(
    "busy_seconds",
    Seconds,
    &TOTAL_SECONDS,
    &PERCENT,
    "Time that a processor has worked: all but idle and iowait.",
);

/// Processor time that a process has used.
pub static CPU_SECONDS: Quantity =
    Quantity::work("cpu_seconds", &PERCENT, "Processor time that a process has used.");

texts! {
    NAME = "name", "A process's short name.";
    COMMAND = "command", "A process's command line.";
    USER = "user", "Who a process belongs to.";
    STATE = "state", "The state, as the kernel words it: running, sleeping, charging.";
    MOUNTS = "mounts", "Where a disk is mounted, the shortest path first.";
    TYPE = "type", "The type of a filesystem.";
    HOSTNAME = "hostname", "The machine's own name.";
    KERNEL = "kernel", "Name and release of the kernel.";
    PROCESSOR = "processor", "The model of the processors.";
}
