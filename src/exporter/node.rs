//! node_exporter's names for the facts of this machine, with their types and units, so that dashboards
//! and alerts that were made for it work.
//!
//! One function a kind: from a device to its samples.

use super::{node_names::*, sample::ExportSample, text::Families};
use manytop_core::{
    reading::{Kind, Metric, Text},
    view::Device,
    vocabulary as v,
};

/// Adds the samples of this machine. `now` is its wall clock, in seconds.
pub fn write(sample: &ExportSample, now: f64, out: &mut Families) {
    let Some(local) = sample.local() else { return };
    let mut page = NodePage(out);
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
    const KINDS: [Kind; 5] = [v::MEMORY, v::DISK, v::NETWORK, v::TEMPERATURE, v::HOST];
    let has = |metric| device.value(metric).is_some();
    KINDS.contains(&device.kind)
        || (device.kind == v::CPU && number(device).is_some() && has(&v::IDLE_SECONDS))
        || (device.kind == v::POWER && has(&v::PERCENT))
}

/// Whether these names tell a quantity of a device that they carry, or it follows from what they tell.
pub fn tells(device: &Device, metric: &Metric) -> bool {
    const FOLLOW: [&Metric; 8] = [
        &v::BUSY_SECONDS,
        &v::TOTAL_SECONDS,
        &v::USER_WORK_SECONDS,
        &v::SYSTEM_WORK_SECONDS,
        &v::PERCENT,
        &v::USED_BYTES,
        &v::INODES_PERCENT,
        &v::REQUESTS,
    ];
    let is_in = |table: &[(FamilyDef, &Metric)]| table.iter().any(|(_, m)| *m == metric);
    let told = match device.kind.word() {
        "cpu" => MODES.iter().any(|(_, m)| *m == metric) || *metric == v::FREQUENCY_HERTZ,
        "memory" if &*device.name == v::SWAP => is_in(&SWAP),
        "memory" => is_in(&MAIN) || *metric == v::CACHED_BYTES,
        "disk" => is_in(&FILESYSTEM) || is_in(&DISK),
        "network" => is_in(&NETWORK),
        "power" => *metric == v::WATTS,
        _ => is_in(&HOST) || [&v::TASKS, &v::UPTIME_SECONDS, &v::FAILED_UNITS].contains(&metric),
    };
    told || FOLLOW.contains(&metric)
}

/// Whether these names tell a text of a device that they carry.
pub fn tells_text(device: &Device, text: &Text) -> bool {
    let texts: &[&Text] = match device.kind.word() {
        "disk" => &[&v::MOUNTS, &v::TYPE],
        "power" => &[&v::STATE],
        "host" => &[&v::HOSTNAME, &v::KERNEL, &v::PROCESSOR, &v::FAILED],
        _ => &[],
    };
    texts.contains(&text)
}

/// Whether a device is found again, under its own name, in what is said of it. A sensor is not: its
/// name is one, where these names tell chip and sensor.
pub fn tells_all(device: &Device) -> bool {
    carries(device) && device.kind != v::TEMPERATURE
}

fn number(cpu: &Device) -> Option<&str> {
    cpu.name.strip_prefix("CPU").filter(|n| n.parse::<u32>().is_ok())
}

struct NodePage<'a>(&'a mut Families);

impl NodePage<'_> {
    fn say(&mut self, (name, kind, help): FamilyDef, labels: &[(&str, &str)], value: f64) {
        self.0.add(name, (kind, help), labels, value);
    }

    fn all(&mut self, table: &[(FamilyDef, &Metric)], labels: &[(&str, &str)], device: &Device) {
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
            _ => {
                self.all(&MAIN, &[], device);
                // the kernel counts what is shared as cached, and what it could reclaim apart
                if let Some(cached) = device.value(&v::CACHED_BYTES) {
                    let part = |metric| device.value(metric).unwrap_or_default();
                    let files = cached + part(&v::SHARED_BYTES) - part(&v::RECLAIMABLE_BYTES);
                    self.say(CACHED, &[], files.max(0.0));
                }
            }
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
        self.all(&[(FAILED, &v::FAILED_UNITS)], &[("state", "failed")], device);
        for unit in device.text(&v::FAILED).unwrap_or_default().split_whitespace() {
            self.say(UNIT, &[("name", unit), ("state", "failed")], 1.0);
        }
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

/// A mount point as written in mountinfo, where a blank is `\040`.
fn unescaped(mount: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(mount.to_owned(), |text, (code, c)| text.replace(code, c))
}

#[cfg(test)]
mod tests {
    use super::{
        super::sample::{EarlierSamples, tests::TestMachine},
        *,
    };
    use manytop_core::{clock::Moment, reading::DeviceReading};

    fn said(readings: Vec<DeviceReading>) -> Vec<String> {
        let sampled = TestMachine::new("local").sampled(Moment::from_secs(9), readings);
        let (mut families, mut text) = (Families::default(), String::new());
        write(&EarlierSamples::default().sample(sampled), 5000.5, &mut families);
        families.write(&mut text);
        text.lines().filter(|l| !l.starts_with('#')).skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn every_mount_point_of_a_disk_is_a_filesystem_and_its_traffic_is_said_once() {
        let disk = DeviceReading::new(v::DISK, "dm-0")
            .with(&v::TOTAL_BYTES, 100.0)
            .with(&v::READ_BYTES, 7.0)
            .text(&v::TYPE, "ext4")
            .text(&v::MOUNTS, "/ /my\\040files");
        let data = DeviceReading::new(v::DISK, "tank/data").with(&v::TOTAL_BYTES, 5.0);
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
        let host = DeviceReading::new(v::HOST, "")
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
        assert!(said(vec![DeviceReading::new(v::CPU, "CPU0").with(&v::PERCENT, 5.0)]).is_empty());
    }

    #[test]
    fn sensors_and_batteries_have_the_labels_that_dashboards_join_by() {
        let sensor = DeviceReading::new(v::TEMPERATURE, "coretemp_core0").with(&v::CELSIUS, 47.5);
        let battery = DeviceReading::new(v::POWER, "BAT0").with(&v::PERCENT, 80.0);
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
