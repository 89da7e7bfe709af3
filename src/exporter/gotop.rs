//! The names that gotop 4 exports, with its formulas, so that a real gotop can read this machine as it
//! reads another gotop.
//!
//! Its reader takes the text after the name for a whole number where it is one of a processor or a
//! sensor, and ends with the program on a line of less than six bytes. It knows no help and no types.

use super::{sample::ExportSample, text::line};
use manytop_core::{naming::legal, view::Device, vocabulary as v};
use std::collections::HashSet;

/// Adds the lines of this machine.
pub fn write(sample: &ExportSample, out: &mut String) {
    let Some(local) = sample.local() else { return };
    let mut lines = GotopLines { out, said: HashSet::new() };
    let of = |kind| sample.devices(local).filter(move |d| d.kind == kind);

    let charges: Vec<f64> = of(v::POWER).filter_map(|d| d.value(&v::PERCENT)).collect();
    for (nth, charge) in charges.iter().enumerate() {
        lines.add(&format!("battery_{nth}"), *charge);
    }
    // of no battery gotop gives 0 too
    let mean = charges.iter().sum::<f64>() / charges.len().max(1) as f64;
    lines.add("battery_total", mean.trunc());

    let digits = if of(v::CPU).count() > 10 { 2 } else { 1 };
    for cpu in of(v::CPU) {
        let number = cpu.name.strip_prefix("CPU").and_then(|n| n.parse::<u32>().ok());
        if let Some((number, percent)) = number.zip(sample.percent(local, cpu)) {
            lines.add(&format!("cpu_CPU{number:0digits$}"), percent.min(100.0).trunc());
        }
    }
    for disk in of(v::DISK) {
        if let Some(percent) = disk.value(&v::PERCENT) {
            lines.add(&format!("disk_{}", disk_name(disk)), percent.round() / 100.0);
        }
    }
    for memory in of(v::MEMORY) {
        if let Some(percent) = memory_percent(memory) {
            lines.add(&format!("memory_{}", memory.name), percent);
        }
    }
    lines.add("net_recv", sample.traffic[0]);
    lines.add("net_sent", sample.traffic[1]);
    for sensor in of(v::TEMPERATURE) {
        if let Some(celsius) = sensor.value(&v::CELSIUS) {
            lines.add(&format!("temp_{}", sensor.name), celsius.trunc());
        }
    }
}

struct GotopLines<'a> {
    out: &'a mut String,
    said: HashSet<String>,
}

impl GotopLines<'_> {
    /// gotop writes `/` and `-` as `:`.
    fn add(&mut self, name: &str, value: f64) {
        let name = legal(&format!("gotop_{}", name.replace(['/', '-'], ":"))).into_owned();
        if !self.said.contains(&name) {
            line(self.out, &name, value);
            self.said.insert(name);
        }
    }
}

/// gotop names a disk by what is mounted.
fn disk_name(disk: &Device) -> String {
    let path = disk.name.starts_with('/') || disk.text(&v::TYPE) == Some("zfs");
    if path { disk.name.to_string() } else { format!("/dev/{}", disk.name) }
}

/// Main memory is used where it holds neither buffers nor files, shared ones included, nor what the kernel can
/// reclaim; of no swap space it is 0.
fn memory_percent(memory: &Device) -> Option<f64> {
    let of = |quantity| memory.value(quantity);
    let total = of(&v::TOTAL_BYTES)?;
    if &*memory.name == v::SWAP {
        return if total > 0.0 { of(&v::PERCENT) } else { Some(0.0) };
    }
    let held = [&v::FREE_BYTES, &v::BUFFERS_BYTES, &v::CACHED_BYTES].map(of);
    let [Some(free), Some(buffers), Some(cached)] = held else { return of(&v::PERCENT) };
    let shared = of(&v::SHARED_BYTES).unwrap_or_default();
    let used = total - free - buffers - cached - shared;
    (total > 0.0).then(|| 100.0 * used.max(0.0) / total)
}

#[cfg(test)]
mod tests {
    use super::{
        super::sample::{EarlierSamples, tests::TestMachine},
        *,
    };
    use manytop_core::{clock::Moment, reading::DeviceReading};

    fn said(readings: Vec<DeviceReading>) -> String {
        let sampled = TestMachine::new("local").sampled(Moment::from_secs(9), readings);
        let mut out = String::new();
        write(&EarlierSamples::default().sample(sampled), &mut out);
        out
    }

    #[test]
    fn a_machine_with_nothing_has_the_names_that_are_always_there() {
        assert_eq!(said(vec![]), "gotop_battery_total 0\ngotop_net_recv 0\ngotop_net_sent 0\n");
    }

    #[test]
    fn formulas_and_names_are_gotops() {
        let main = DeviceReading::new(v::MEMORY, v::MAIN)
            .with(&v::TOTAL_BYTES, 1000.0)
            .with(&v::FREE_BYTES, 300.0)
            .with(&v::BUFFERS_BYTES, 50.0)
            .with(&v::CACHED_BYTES, 200.0)
            .with(&v::SHARED_BYTES, 25.0)
            .with(&v::PERCENT, 33.0);
        let disk = |name: &str, filesystem: &str, percent| {
            DeviceReading::new(v::DISK, name).with(&v::PERCENT, percent).text(&v::TYPE, filesystem)
        };
        let text = said(vec![
            DeviceReading::new(v::CPU, "CPU0").with(&v::PERCENT, 12.9),
            main,
            DeviceReading::new(v::MEMORY, v::SWAP).with(&v::TOTAL_BYTES, 0.0),
            disk("vda1", "ext4", 15.4),
            disk("mapper/vg-root", "ext4", 28.5),
            disk("tank/data", "zfs", 99.6),
            disk("/mnt/nas", "nfs4", 7.0),
            DeviceReading::new(v::TEMPERATURE, "coretemp_core0").with(&v::CELSIUS, 47.9),
            DeviceReading::new(v::TEMPERATURE, "k10 temp,1").with(&v::CELSIUS, -3.5),
            DeviceReading::new(v::POWER, "BAT0").with(&v::PERCENT, 50.5),
            DeviceReading::new(v::POWER, "BAT1").with(&v::PERCENT, 80.0),
        ]);
        assert_eq!(
            text,
            "gotop_battery_0 50.5\ngotop_battery_1 80\ngotop_battery_total 65\ngotop_cpu_CPU0 12\n\
             gotop_disk_:dev:vda1 0.15\ngotop_disk_:dev:mapper:vg:root 0.29\ngotop_disk_tank:data 1\n\
             gotop_disk_:mnt:nas 0.07\ngotop_memory_Main 42.5\ngotop_memory_Swap 0\n\
             gotop_net_recv 0\ngotop_net_sent 0\ngotop_temp_coretemp_core0 47\ngotop_temp_k10_temp_1 -3\n"
        );
        assert!(text.lines().all(|line| line.len() >= 6));
    }

    #[test]
    fn processors_are_padded_where_there_are_more_than_ten() {
        let cpus = |n: u32| {
            (0..n).map(|n| DeviceReading::new(v::CPU, format!("CPU{n}")).with(&v::PERCENT, 1.0))
        };
        assert!(said(cpus(10).collect()).contains("gotop_cpu_CPU9 1\n"));
        assert!(said(cpus(11).collect()).contains("gotop_cpu_CPU09 1\n"));
    }
}
