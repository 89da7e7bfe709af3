//! node_exporter's names for the facts of this machine, with their types and units, so that dashboards
//! and alerts that were made for it work.
//!
//! One function a kind: from a device to its samples.

use super::{
    sample::Sample,
    text::{Families, Type},
};
use manytop_core::{
    reading::{Kind, Quantity},
    view::Device,
    vocabulary as v,
};

type Metric = (&'static str, Type, &'static str);
const fn gauge(name: &'static str, help: &'static str) -> Metric {
    (name, Type::Gauge, help)
}
const fn counter(name: &'static str, help: &'static str) -> Metric {
    (name, Type::Counter, help)
}

const CPU_TIME: Metric =
    counter("node_cpu_seconds_total", "Time that each processor has spent in each mode.");
const MODES: [(&str, &Quantity); 8] = [
    ("idle", &v::IDLE_SECONDS),
    ("iowait", &v::IOWAIT_SECONDS),
    ("irq", &v::IRQ_SECONDS),
    ("nice", &v::NICE_SECONDS),
    ("softirq", &v::SOFTIRQ_SECONDS),
    ("steal", &v::STEAL_SECONDS),
    ("system", &v::SYSTEM_SECONDS),
    ("user", &v::USER_SECONDS),
];
const FREQUENCY: Metric =
    gauge("node_cpu_scaling_frequency_hertz", "The clock rate at which each processor runs.");

const MAIN: [(Metric, &Quantity); 6] = [
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
    (
        gauge("node_memory_Cached_bytes", "Main memory that holds files' contents."),
        &v::CACHED_BYTES,
    ),
    (
        gauge(
            "node_memory_SReclaimable_bytes",
            "Memory of the kernel's own that it could give up.",
        ),
        &v::RECLAIMABLE_BYTES,
    ),
];
const SWAP: [(Metric, &Quantity); 2] = [
    (gauge("node_memory_SwapTotal_bytes", "The size of the swap space."), &v::TOTAL_BYTES),
    (gauge("node_memory_SwapFree_bytes", "Swap space that nothing occupies."), &v::FREE_BYTES),
];

const FILESYSTEM: [(Metric, &Quantity); 3] = [
    (gauge("node_filesystem_size_bytes", "The size of each filesystem."), &v::TOTAL_BYTES),
    (gauge("node_filesystem_free_bytes", "What nothing occupies of it."), &v::FREE_BYTES),
    (
        gauge(
            "node_filesystem_avail_bytes",
            "What a user without privileges can still take of it.",
        ),
        &v::AVAILABLE_BYTES,
    ),
];
const DISK: [(Metric, &Quantity); 2] = [
    (counter("node_disk_read_bytes_total", "Bytes read from each block device."), &v::READ_BYTES),
    (counter("node_disk_written_bytes_total", "Bytes written to it."), &v::WRITTEN_BYTES),
];
const NETWORK: [(Metric, &Quantity); 2] = [
    (
        counter("node_network_receive_bytes_total", "Bytes that came in through each interface."),
        &v::RECEIVED_BYTES,
    ),
    (
        counter("node_network_transmit_bytes_total", "Bytes that went out through it."),
        &v::SENT_BYTES,
    ),
];

const TEMPERATURE: Metric = gauge("node_hwmon_temp_celsius", "Temperature of each sensor.");
const CHIP: Metric = gauge("node_hwmon_chip_names", "The name of each chip with sensors.");
const SENSOR: Metric = gauge("node_hwmon_sensor_label", "What a sensor is called by its chip.");

const CHARGE: Metric = gauge("node_power_supply_capacity", "Charge of each battery, in percent.");
const POWER: Metric = gauge("node_power_supply_power_watt", "Power that flows into or out of it.");
const SUPPLY: Metric =
    gauge("node_power_supply_info", "The type and the state of each power supply.");

const HOST: [(Metric, &Quantity); 4] = [
    (gauge("node_load1", "Tasks that run or wait, averaged over one minute."), &v::LOAD1),
    (gauge("node_load5", "Tasks that run or wait, averaged over five minutes."), &v::LOAD5),
    (gauge("node_load15", "Tasks that run or wait, averaged over fifteen minutes."), &v::LOAD15),
    (gauge("node_procs_running", "Tasks that run or wait for a processor."), &v::RUNNING),
];
const TASKS: Metric = gauge("node_processes_threads", "Threads of all processes.");
const BOOTED: Metric = gauge("node_boot_time_seconds", "When the machine was started.");
const NOW: Metric = gauge("node_time_seconds", "The machine's own time.");
const UNAME: Metric = gauge("node_uname_info", "The machine's name and its kernel.");
const MODEL: Metric = gauge("node_cpu_info", "The model of the processors.");

/// Adds the samples of this machine. `now` is its wall clock, in seconds.
pub fn write(sample: &Sample, now: f64, out: &mut Families) {
    let Some(local) = sample.local() else { return };
    let mut page = Page(out);
    page.say(NOW, &[], now);
    for device in sample.devices(local).filter(|d| carries(d)) {
        match device.kind.word() {
            "cpu" => page.cpu(device),
            "memory" => page.memory(device),
            "disk" => page.disk(device),
            "network" => page.all(&NETWORK, &[("device", &device.name)], device),
            "temperature" => page.temperature(device),
            "power" => page.power(device),
            _ => page.host(device, now),
        }
    }
}

/// Whether these names have a place for a device. A processor has one by its times only.
pub fn carries(device: &Device) -> bool {
    const KINDS: [Kind; 6] = [v::MEMORY, v::DISK, v::NETWORK, v::TEMPERATURE, v::POWER, v::HOST];
    let times = || device.value(&v::IDLE_SECONDS).is_some();
    KINDS.contains(&device.kind) || (device.kind == v::CPU && number(device).is_some() && times())
}

/// Whether a device is found again, under its own name, in what is said of it. A sensor is not: its
/// name is one, where these names tell chip and sensor.
pub fn tells_all(device: &Device) -> bool {
    carries(device) && device.kind != v::TEMPERATURE
}

fn number(cpu: &Device) -> Option<&str> {
    cpu.name.strip_prefix("CPU").filter(|n| n.parse::<u32>().is_ok())
}

struct Page<'a>(&'a mut Families);

impl Page<'_> {
    fn say(&mut self, (name, kind, help): Metric, labels: &[(&str, &str)], value: f64) {
        self.0.add(name, (kind, help), labels, value);
    }

    fn all(&mut self, table: &[(Metric, &Quantity)], labels: &[(&str, &str)], device: &Device) {
        for (metric, quantity) in table {
            if let Some(value) = device.value(quantity) {
                self.say(*metric, labels, value);
            }
        }
    }

    fn cpu(&mut self, device: &Device) {
        let Some(cpu) = number(device) else { return };
        for (mode, seconds) in MODES {
            if let Some(seconds) = device.value(seconds) {
                self.say(CPU_TIME, &[("cpu", cpu), ("mode", mode)], seconds);
            }
        }
        self.all(&[(FREQUENCY, &v::FREQUENCY_HERTZ)], &[("cpu", cpu)], device);
    }

    fn memory(&mut self, device: &Device) {
        match &*device.name {
            v::SWAP => self.all(&SWAP, &[], device),
            _ => self.all(&MAIN, &[], device),
        }
    }

    /// A block device under `/dev`, a dataset or a mount point as it is; one filesystem a mount point, but
    /// what goes by its mount point is known by no other.
    fn disk(&mut self, device: &Device) {
        let name = &*device.name;
        let filesystem = device.text(&v::TYPE).unwrap_or_default();
        let block = !name.starts_with('/') && filesystem != "zfs";
        let path = if block { format!("/dev/{name}") } else { name.to_owned() };
        let mounts = device.text(&v::MOUNTS).unwrap_or_default().split_whitespace();
        for mount in mounts.take(if name.starts_with('/') { 1 } else { usize::MAX }) {
            let mount = unescaped(mount);
            let labels = [("device", &*path), ("fstype", filesystem), ("mountpoint", &*mount)];
            self.all(&FILESYSTEM, &labels, device);
        }
        self.all(&DISK, &[("device", name)], device);
    }

    /// The name of a sensor is its chip's, and often what the chip calls it.
    fn temperature(&mut self, device: &Device) {
        let Some(celsius) = device.value(&v::CELSIUS) else { return };
        let chip = &*device.name;
        let of = [("chip", chip), ("sensor", "temp1")];
        self.say(TEMPERATURE, &of, celsius);
        let (name, label) = chip.split_once('_').unwrap_or((chip, ""));
        self.say(CHIP, &[("chip", chip), ("chip_name", name)], 1.0);
        if !label.is_empty() {
            self.say(SENSOR, &[of[0], ("label", label), of[1]], 1.0);
        }
    }

    fn power(&mut self, device: &Device) {
        let of = ("power_supply", &*device.name);
        self.all(&[(CHARGE, &v::PERCENT), (POWER, &v::WATTS)], &[of], device);
        let state = capitalised(device.text(&v::STATE).unwrap_or_default());
        self.say(SUPPLY, &[of, ("status", &state), ("type", "Battery")], 1.0);
    }

    fn host(&mut self, device: &Device, now: f64) {
        self.all(&HOST, &[], device);
        self.all(&[(TASKS, &v::TASKS)], &[], device);
        if let Some(uptime) = device.value(&v::UPTIME_SECONDS) {
            self.say(BOOTED, &[], now - uptime);
        }
        if let Some((system, release)) = device.text(&v::KERNEL).and_then(|k| k.split_once(' ')) {
            let name = device.text(&v::HOSTNAME).unwrap_or_default();
            let machine = ("machine", std::env::consts::ARCH);
            let labels = [machine, ("nodename", name), ("release", release), ("sysname", system)];
            self.say(UNAME, &labels, 1.0);
        }
        if let Some(model) = device.text(&v::PROCESSOR) {
            self.say(MODEL, &[("cpu", "0"), ("model_name", model)], 1.0);
        }
    }
}

/// `not charging` as the kernel writes it.
fn capitalised(state: &str) -> String {
    let mut letters = state.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A mount point as it stands in mountinfo, where a blank is `\040`.
fn unescaped(mount: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(mount.to_owned(), |text, (code, c)| text.replace(code, c))
}

#[cfg(test)]
mod tests {
    use super::{
        super::sample::{Past, tests::Machine},
        *,
    };
    use manytop_core::{clock::Moment, reading::Reading};

    fn said(readings: Vec<Reading>) -> Vec<String> {
        let sampled = Machine::new("local").sampled(Moment::from_secs(9), readings);
        let (mut families, mut text) = (Families::default(), String::new());
        write(&Past::default().sample(sampled), 5000.5, &mut families);
        families.write(&mut text);
        text.lines().filter(|l| !l.starts_with('#')).skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn every_mount_point_of_a_disk_is_a_filesystem_and_its_traffic_is_said_once() {
        let disk = Reading::new(v::DISK, "dm-0")
            .with(&v::TOTAL_BYTES, 100.0)
            .with(&v::READ_BYTES, 7.0)
            .text(&v::TYPE, "ext4")
            .text(&v::MOUNTS, "/ /my\\040files");
        let data = Reading::new(v::DISK, "tank/data").with(&v::TOTAL_BYTES, 5.0);
        let data = data.text(&v::TYPE, "zfs").text(&v::MOUNTS, "/data");
        assert_eq!(
            said(vec![disk, data]),
            [
                r#"node_filesystem_size_bytes{device="/dev/dm-0",fstype="ext4",mountpoint="/"} 100"#,
                r#"node_filesystem_size_bytes{device="/dev/dm-0",fstype="ext4",mountpoint="/my files"} 100"#,
                r#"node_filesystem_size_bytes{device="tank/data",fstype="zfs",mountpoint="/data"} 5"#,
                r#"node_disk_read_bytes_total{device="dm-0"} 7"#,
            ]
        );
    }

    #[test]
    fn a_host_is_said_by_its_boot_time_and_its_uname() {
        let host = Reading::new(v::HOST, "")
            .with(&v::LOAD1, 0.5)
            .with(&v::UPTIME_SECONDS, 1000.0)
            .text(&v::HOSTNAME, "jerry")
            .text(&v::KERNEL, "Linux 6.1.0-9");
        let machine = std::env::consts::ARCH;
        assert_eq!(
            said(vec![host]),
            [
                "node_load1 0.5".to_owned(),
                "node_boot_time_seconds 4000.5".to_owned(),
                format!(
                    "node_uname_info{{machine=\"{machine}\",nodename=\"jerry\",release=\"6.1.0-9\",sysname=\"Linux\"}} 1"
                ),
            ]
        );
    }

    #[test]
    fn a_processor_without_times_has_no_place_here() {
        assert!(said(vec![Reading::new(v::CPU, "CPU0").with(&v::PERCENT, 5.0)]).is_empty());
    }

    #[test]
    fn sensors_and_batteries_have_the_labels_that_dashboards_join_by() {
        let sensor = Reading::new(v::TEMPERATURE, "coretemp_core0").with(&v::CELSIUS, 47.5);
        let battery = Reading::new(v::POWER, "BAT0").with(&v::PERCENT, 80.0);
        let battery = battery.text(&v::STATE, "not charging");
        assert_eq!(
            said(vec![sensor, battery]),
            [
                r#"node_hwmon_temp_celsius{chip="coretemp_core0",sensor="temp1"} 47.5"#,
                r#"node_hwmon_chip_names{chip="coretemp_core0",chip_name="coretemp"} 1"#,
                r#"node_hwmon_sensor_label{chip="coretemp_core0",label="core0",sensor="temp1"} 1"#,
                r#"node_power_supply_capacity{power_supply="BAT0"} 80"#,
                r#"node_power_supply_info{power_supply="BAT0",status="Not charging",type="Battery"} 1"#,
            ]
        );
    }
}
