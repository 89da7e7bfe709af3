//! The words that providers and widgets share: kinds, quantities and texts.
//!
//! A crate of its own may add words of its own. Words here are those that more than one provider
//! yields, or what a widget that comes with manytop draws.

use crate::reading::{
    Kind, Metric, Text,
    Unit::{Bytes, BytesPerSecond, Celsius, Count, Hertz, Joules, Percent, Seconds, Watts},
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
/// All series that a host serves, `NAME{LABEL="VALUE",…}`.
pub const SERIES: Kind = Kind::new("series").transient().private();
/// Processes, by pid.
pub const PROCESS: Kind = Kind::new("process").transient();
/// Threads of the processes that are wanted in detail, by thread id.
pub const THREAD: Kind = Kind::new("thread").transient().private();
/// Files that the processes wanted in detail have open, `PID/DESCRIPTOR`.
pub const OPEN_FILE: Kind = Kind::new("open_file").transient().private();
/// Network connections of the processes that are wanted in detail, `PID/INODE`.
pub const CONNECTION: Kind = Kind::new("connection").transient().private();
/// Environment variables of the processes that are wanted in detail, `PID/NAME`.
pub const ENVIRONMENT: Kind = Kind::new("environment").transient().private();
/// Fans, with the speed at which they turn.
pub const FAN: Kind = Kind::new("fan");
/// Graphics processors, `gpu0` upwards.
pub const GPU: Kind = Kind::new("gpu");
/// Containers, pods and services, by the name that their runtime gives them.
pub const CONTAINER_KIND: Kind = Kind::new("container");
/// Arrays, pools and drives with the state of their health: `ok`, `rebuilding`, `degraded`, `failing`, `failed`.
pub const STORAGE: Kind = Kind::new("storage");
/// Single values that a user picked from what a host serves, or that a command prints.
pub const METRIC: Kind = Kind::new("metric");
/// Lines of text that a command prints, by their numbers.
pub const TEXT_LINE: Kind = Kind::new("text").transient().private();
/// Batteries, and parts of the machine that tell how much power they draw.
pub const POWER: Kind = Kind::new("power");
/// The machine as a whole: one device, without a name.
pub const HOST: Kind = Kind::new("host");

/// The device of [`MEMORY`] that is the main memory.
pub const MAIN: &str = "Main";
/// The device of [`MEMORY`] that is the swap space; a machine without has one of 0 bytes.
pub const SWAP: &str = "Swap";

macro_rules! gauges { ($($name:ident = $word:literal, $unit:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Metric = Metric::gauge($word, $unit, $help);
)* } }
macro_rules! counters { ($($name:ident = $word:literal, $unit:expr, $rate:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Metric = Metric::counter($word, $unit, $rate, $help);
)* } }
macro_rules! totals { ($($name:ident = $word:literal, $unit:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Metric = Metric::total($word, $unit, $help);
)* } }
macro_rules! shares { ($($name:ident = $word:literal, $unit:expr, $of:expr, $percent:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Metric = Metric::share($word, $unit, $of, $percent, $help);
)* } }
macro_rules! elapsed { ($($name:ident = $word:literal, $percent:expr, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Metric = Metric::elapsed($word, $percent, $help);
)* } }
macro_rules! long_texts { ($($name:ident = $word:literal, $help:literal;)*) => { $(
    #[doc = $help]
    pub static $name: Text = Text::new($word, $help).long();
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
    SHARED_BYTES = "shared_bytes", Bytes, "Main memory that several processes share, and files that live in memory.";
    ARC_BYTES = "arc_bytes", Bytes, "Main memory that ZFS uses as its cache.";
    ARC_LEAST_BYTES = "arc_least_bytes", Bytes, "What ZFS keeps of its cache however short memory is.";
    PAGE_INS_RATE = "page_ins_per_second", Count, "How often a process had to wait for a page to be read from a disk.";
    IN_RATE = "in_bytes_per_second", BytesPerSecond, "What is read back from the swap space.";
    OUT_RATE = "out_bytes_per_second", BytesPerSecond, "What is written to the swap space.";
    ZRAM_BYTES = "zram_bytes", Bytes, "What compressed swap space in memory holds.";
    ZRAM_USED_BYTES = "zram_used_bytes", Bytes, "The main memory that it takes for that.";
    CELSIUS = "celsius", Celsius, "Temperature.";
    HIGH_CELSIUS = "high_celsius", Celsius, "From where on the sensor's chip calls a temperature high.";
    CRITICAL_CELSIUS = "critical_celsius", Celsius, "From where on it calls it critical.";
    RPM = "rpm", Count, "Revolutions a minute of a fan.";
    MAX_RPM = "max_rpm", Count, "The most that the fan is made for.";
    RECEIVED_RATE = "received_bytes_per_second", BytesPerSecond, "What comes in through an interface, or over the TCP connections of a process.";
    SENT_RATE = "sent_bytes_per_second", BytesPerSecond, "What goes out through an interface, or over the TCP connections of a process.";
    RECEIVED_ERRORS_RATE = "received_errors_per_second", Count, "Packets that came in broken.";
    SENT_ERRORS_RATE = "sent_errors_per_second", Count, "Packets that could not be sent.";
    RECEIVED_DROPS_RATE = "received_drops_per_second", Count, "Packets that came in and were thrown away.";
    SENT_DROPS_RATE = "sent_drops_per_second", Count, "Packets that were thrown away instead of being sent.";
    LINK_RATE = "link_bytes_per_second", BytesPerSecond, "The speed of an interface's link.";
    READ_RATE = "read_bytes_per_second", BytesPerSecond, "What is read from the device.";
    WRITTEN_RATE = "written_bytes_per_second", BytesPerSecond, "What is written to the device.";
    READS_RATE = "reads_per_second", Count, "Read requests that the device completes.";
    WRITES_RATE = "writes_per_second", Count, "Write requests that the device completes.";
    LATENCY_SECONDS = "latency_seconds", Seconds, "How long a request took from its queueing to its end, the mean of those completed.";
    BUSY_PERCENT = "busy_percent", Percent, "Share of the time in which the device had a request to work on.";
    INODES = "inodes", Count, "How many files the filesystem can hold.";
    FREE_INODES = "free_inodes", Count, "How many more files it can hold.";
    INODES_PERCENT = "inodes_percent", Percent, "How much of the files that the filesystem can hold there are.";
    RESIDENT_BYTES = "bytes", Bytes, "A process's memory that is in RAM.";
    MEMORY_PERCENT = "memory_percent", Percent, "A process's share of main memory.";
    THREADS = "threads", Count, "Threads of a process.";
    NICE = "nice", Count, "Niceness of a process, -20 to 19.";
    PARENT = "parent", Count, "The pid of the process's parent; of a thread, a file, a connection: of its process.";
    STARTED_SECONDS = "started_seconds", Seconds, "When a process was started, in seconds since 1970.";
    SWAP_BYTES = "swap_bytes", Bytes, "A process's memory that is in the swap space.";
    PSS_BYTES = "pss_bytes", Bytes, "A process's memory in RAM, of what it shares with others its part only.";
    OPEN_FILES = "open_files", Count, "Files, sockets and pipes that a process has open.";
    OPEN_FILES_LIMIT = "open_files_limit", Count, "How many it may have open.";
    TASKS_LIMIT = "tasks_limit", Count, "How many tasks the process's user may have.";
    LIMIT_BYTES = "limit_bytes", Bytes, "How much memory the cgroup of a process or a container may take.";
    STACK_BYTES = "stack_bytes", Bytes, "The size of a process's stack.";
    STACK_LIMIT_BYTES = "stack_limit_bytes", Bytes, "How large the stack may become.";
    OOM_SCORE = "oom_score", Count, "How soon a process is killed for want of memory: the highest first, of 1000.";
    LAST_CPU = "last_cpu", Count, "The processor that it ran on last.";
    FAULTS_RATE = "faults_per_second", Count, "Pages of memory that were handed to the process at its first touch.";
    MAJOR_FAULTS_RATE = "major_faults_per_second", Count, "Pages that had to be read from a disk first.";
    FORCED_SWITCHES_RATE = "forced_switches_per_second", Count, "How often the process was made to give up its processor.";
    WATTS = "watts", Watts, "Power that flows into or out of a battery, or that a part of the machine draws.";
    MAX_WATTS = "max_watts", Watts, "The most that the part may draw.";
    LOAD1 = "load1", Count, "Tasks that run or wait, averaged over one minute.";
    LOAD5 = "load5", Count, "Tasks that run or wait, averaged over five minutes.";
    LOAD15 = "load15", Count, "Tasks that run or wait, averaged over fifteen minutes.";
    UPTIME_SECONDS = "uptime_seconds", Seconds, "Time since the machine was started.";
    TASKS = "tasks", Count, "Tasks on the machine: every thread of every process.";
    RUNNING = "running", Count, "Tasks that run or wait for a processor, the one that reads this among them.";
    BLOCKED = "blocked", Count, "Tasks that wait for a disk or another device.";
    FAILED_UNITS = "failed_units", Count, "Units of the service manager that have failed.";
    OOM_KILLS = "oom_kills", Count, "Processes that the kernel has killed for want of memory since the start.";
    SWITCHES_RATE = "switches_per_second", Count, "How often a processor went from one task to another.";
    INTERRUPTS_RATE = "interrupts_per_second", Count, "How often a device asked for a processor.";
    FORKS_RATE = "forks_per_second", Count, "Tasks that were started.";
    FAN_PERCENT = "fan_percent", Percent, "The speed of a GPU's fan, of the most that it can do.";
    ENCODER_PERCENT = "encoder_percent", Percent, "How much of the time a GPU's video encoder was busy.";
    DECODER_PERCENT = "decoder_percent", Percent, "How much of the time a GPU's video decoder was busy.";
    ERRORS = "errors", Count, "Errors that an array, a pool or a drive has counted since they were reset.";
    RESYNC_PERCENT = "resync_percent", Percent, "How far an array has come in rebuilding, checking or reshaping itself.";
    WEAR_PERCENT = "wear_percent", Percent, "How much of a drive's rated endurance is used up.";
    METRIC_VALUE = "value", Count, "The value, in the unit that the text value_unit names.";
    LIMIT_CPUS = "limit_cpus", Count, "How many processors' time a container may use.";
}
gauges! {
    USER_PERCENT = "user_percent", Percent, "Share of the time in user mode, that of low priority among it.";
    SYSTEM_PERCENT = "system_percent", Percent, "Share of the time in the kernel, interrupts among it.";
    IOWAIT_PERCENT = "iowait_percent", Percent, "Share of the time idle while a task waits for a disk.";
    STEAL_PERCENT = "steal_percent", Percent, "Share of the time that the hypervisor gave to others.";
    CPU_STALLED_PERCENT = "cpu_stalled_percent", Percent, "Share of the time in which some task waited for a processor.";
    IO_STALLED_PERCENT = "io_stalled_percent", Percent, "Share of the time in which some task waited for a disk.";
    MEMORY_STALLED_PERCENT = "memory_stalled_percent", Percent, "Share of the time in which some task waited for memory.";
    LIMIT_PERCENT = "limit_percent", Percent, "How much of the processor time that a container may use it uses.";
    LIMIT_USER_PERCENT = "limit_user_percent", Percent, "What of that is spent in user mode.";
    LIMIT_SYSTEM_PERCENT = "limit_system_percent", Percent, "What of that is spent in the kernel.";
    THROTTLED_PERCENT = "throttled_percent", Percent, "Share of a container's periods in which it was held up at its limit.";
}

totals! {
    TOTAL_SECONDS = "total_seconds", Seconds, "Time that a processor has spent in all states; guest time is not counted twice.";
    USER_SECONDS = "user_seconds", Seconds, "Time in user mode.";
    NICE_SECONDS = "nice_seconds", Seconds, "Time in user mode at low priority.";
    SYSTEM_SECONDS = "system_seconds", Seconds, "Time in the kernel.";
    IDLE_SECONDS = "idle_seconds", Seconds, "Time with nothing to do.";
    IRQ_SECONDS = "irq_seconds", Seconds, "Time serving interrupts.";
    SOFTIRQ_SECONDS = "softirq_seconds", Seconds, "Time serving soft interrupts.";
    REQUESTS = "requests", Count, "Requests that the device has completed, reads and writes.";
    PERIODS = "periods", Count, "Periods in which a container's processor time was measured out.";
}

counters! {
    RECEIVED_BYTES = "received_bytes", Bytes, &RECEIVED_RATE, "Bytes that came in through an interface, or over the TCP connections of a process.";
    SENT_BYTES = "sent_bytes", Bytes, &SENT_RATE, "Bytes that went out through an interface, or over the TCP connections of a process.";
    RECEIVED_ERRORS = "received_errors", Count, &RECEIVED_ERRORS_RATE, "Packets that came in broken.";
    SENT_ERRORS = "sent_errors", Count, &SENT_ERRORS_RATE, "Packets that could not be sent.";
    RECEIVED_DROPS = "received_drops", Count, &RECEIVED_DROPS_RATE, "Packets that came in and were thrown away.";
    SENT_DROPS = "sent_drops", Count, &SENT_DROPS_RATE, "Packets that were thrown away instead of being sent.";
    READ_BYTES = "read_bytes", Bytes, &READ_RATE, "Bytes read from the device.";
    WRITTEN_BYTES = "written_bytes", Bytes, &WRITTEN_RATE, "Bytes written to the device.";
    READS = "reads", Count, &READS_RATE, "Read requests that the device has completed.";
    WRITES = "writes", Count, &WRITES_RATE, "Write requests that the device has completed.";
    PAGE_INS = "page_ins", Count, &PAGE_INS_RATE, "Pages that a process had to wait for until they were read from a disk.";
    IN_BYTES = "in_bytes", Bytes, &IN_RATE, "Bytes read back from the swap space.";
    OUT_BYTES = "out_bytes", Bytes, &OUT_RATE, "Bytes written to the swap space.";
    SWITCHES = "switches", Count, &SWITCHES_RATE, "Changes of a processor from one task to another; of a process, those that it asked for by waiting.";
    FORCED_SWITCHES = "forced_switches", Count, &FORCED_SWITCHES_RATE, "How often the process was made to give up its processor.";
    INTERRUPTS = "interrupts", Count, &INTERRUPTS_RATE, "Interrupts that were served.";
    FORKS = "forks", Count, &FORKS_RATE, "Tasks that were started.";
    FAULTS = "faults", Count, &FAULTS_RATE, "Pages of memory that were handed to the process at its first touch.";
    MAJOR_FAULTS = "major_faults", Count, &MAJOR_FAULTS_RATE, "Pages that had to be read from a disk first.";
    METRIC_COUNTER = "counter", Count, &METRIC_VALUE, "A counter whose rate is the value.";
    ENERGY_JOULES = "energy_joules", Joules, &WATTS, "Energy that a part of the machine has used.";
}

shares! {
    BUSY_SECONDS = "busy_seconds", Seconds, &TOTAL_SECONDS, &PERCENT, "Time that a processor has worked: all but idle and iowait.";
    USER_WORK_SECONDS = "user_work_seconds", Seconds, &TOTAL_SECONDS, &USER_PERCENT, "Time in user mode, that of low priority among it.";
    SYSTEM_WORK_SECONDS = "system_work_seconds", Seconds, &TOTAL_SECONDS, &SYSTEM_PERCENT, "Time of work that is neither user mode's nor stolen: the kernel's, and its interrupts'.";
    IOWAIT_SECONDS = "iowait_seconds", Seconds, &TOTAL_SECONDS, &IOWAIT_PERCENT, "Time idle while a task waits for a disk.";
    STEAL_SECONDS = "steal_seconds", Seconds, &TOTAL_SECONDS, &STEAL_PERCENT, "Time that the hypervisor gave to others.";
    THROTTLED_PERIODS = "throttled_periods", Count, &PERIODS, &THROTTLED_PERCENT, "Periods in which a container was held up at its limit.";
}

elapsed! {
    CPU_STALLED_SECONDS = "cpu_stalled_seconds", &CPU_STALLED_PERCENT, "Time in which some task waited for a processor.";
    IO_STALLED_SECONDS = "io_stalled_seconds", &IO_STALLED_PERCENT, "Time in which some task waited for a disk.";
    MEMORY_STALLED_SECONDS = "memory_stalled_seconds", &MEMORY_STALLED_PERCENT, "Time in which some task waited for memory.";
    LIMIT_USED_SECONDS = "limit_used_seconds", &LIMIT_PERCENT, "Processor time that a container has used, by the number of processors that it may use.";
    LIMIT_USER_SECONDS = "limit_user_seconds", &LIMIT_USER_PERCENT, "What of that was spent in user mode.";
    LIMIT_SYSTEM_SECONDS = "limit_system_seconds", &LIMIT_SYSTEM_PERCENT, "What of that was spent in the kernel.";
    IO_SECONDS = "io_seconds", &BUSY_PERCENT, "Time in which the device had a request to work on.";
}

/// Time that requests took from their queueing to their end, added up over all of them.
pub static REQUEST_SECONDS: Metric = Metric::mean(
    "request_seconds",
    Seconds,
    &REQUESTS,
    &LATENCY_SECONDS,
    "Time that requests took from their queueing to their end, added up over all of them.",
);

/// Processor time that a process has used.
pub static CPU_SECONDS: Metric =
    Metric::work("cpu_seconds", &PERCENT, "Processor time that a process has used.");

texts! {
    NAME = "name", "A process's short name.";
    USER = "user", "The user that a process belongs to.";
    STATE = "state", "The state, as the kernel words it: running, sleeping, charging.";
    MOUNTS = "mounts", "Where a disk is mounted, the shortest path first.";
    TYPE = "type", "Of a disk the type of its filesystem; of a processor P or E where they differ; of a process kernel for a thread of the kernel; of a container its runtime, or service; of an array its level.";
    HOSTNAME = "hostname", "The machine's own name.";
    KERNEL = "kernel", "Name and release of the kernel.";
    PROCESSOR = "processor", "The model of the processors.";
    DISTRIBUTION = "distribution", "Name and version of the operating system's distribution.";
    FAILED = "failed", "The names of the units that have failed, between blanks.";
    CONTAINER = "container", "The container that a process, or the whole machine, is in: its name, else its kind or the beginning of its id.";
    LIMIT = "limit", "What sets the size of the main memory, where that is not the machine: container.";
    LINK = "link", "An interface's link: its speed, down, or wireless with the strength of the signal.";
    ADDRESSES = "addresses", "An interface's addresses, between blanks.";
    MODEL = "model", "The model of a drive or a GPU.";
    IMAGE = "image", "The image that a container was made of.";
    POD = "pod", "The pod that a container belongs to, with its namespace: NAMESPACE/POD.";
    TITLE = "title", "What a watched metric is called.";
    HELP = "help", "What a series is about, in the words of the program that serves it.";
    VALUE_UNIT = "value_unit", "The unit of a metric's value, as it is shown behind the number.";
    PART = "part", "What a sensor, a fan or a power rail belongs to: cpu, gpu, memory, board, battery, a disk or an interface by its name.";
    CGROUP = "cgroup", "The path of a process's cgroup.";
    UNIT = "unit", "The unit of the service manager that a process belongs to.";
    PROGRAM = "program", "The file that a process runs; (deleted) behind it where it has been replaced since.";
    FOLDER = "folder", "The folder that a process works in.";
    CPUS_ALLOWED = "cpus_allowed", "The processors that a process may run on.";
    DENIED = "denied", "What of a process could not be read for want of privileges: words between blanks.";
    PATH = "path", "What a process has open.";
    PROTOCOL = "protocol", "The protocol of a connection.";
    LOCAL = "local", "This side of a connection.";
    PEER = "peer", "The other side of a connection.";
}
long_texts! {
    COMMAND = "command", "A process's command line.";
    VALUE = "value", "The value of an environment variable.";
    LINE = "line", "A line of text that a command prints.";
}
