//! What is exported reads back: of the same two samples, both sides know the same.

use super::{
    page::Contents,
    sample::{
        EarlierSamples,
        tests::{TestMachine, WORDS},
    },
};
use manytop_core::{
    clock::Moment,
    engine::Sampled,
    provider::Selection,
    reading::{DeviceReading, Kind},
    view::Device,
    vocabulary as v,
};
use manytop_providers::remote::{DialectCatalog, ScrapeParser};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

const KINDS: [Kind; 8] =
    [v::CPU, v::MEMORY, v::TEMPERATURE, v::NETWORK, v::DISK, v::POWER, v::HOST, v::PROCESS];

/// Numbers that come out the same every time (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// From 0 to `most`, in steps of a hundredth.
    fn amount(&mut self, most: u64) -> f64 {
        self.below(most * 100 + 1) as f64 / 100.0
    }

    /// Mostly there.
    fn some(&mut self, most: u64) -> Option<f64> {
        (self.below(8) > 0).then(|| self.amount(most))
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len() as u64) as usize]
    }
}

/// A machine that was never seen before.
fn machine(chance: &mut Chance) -> Vec<DeviceReading> {
    let mut all = Vec::new();
    let timed = chance.below(4) > 0;
    for n in 0..1 + chance.below(12) {
        let cpu = DeviceReading::new(v::CPU, format!("CPU{n}"));
        all.push(if timed {
            times(cpu, chance)
        } else {
            cpu.with(&v::PERCENT, chance.amount(100))
        });
    }
    let total = 1e9 + chance.amount(1 << 33);
    all.push(sized(DeviceReading::new(v::MEMORY, v::MAIN), total, true, chance));
    let swap = if chance.below(2) == 0 { 0.0 } else { total / 2.0 };
    all.push(sized(DeviceReading::new(v::MEMORY, v::SWAP), swap, false, chance));
    all.push(DeviceReading::new(v::NETWORK, "lo").with(&v::RECEIVED_BYTES, chance.amount(1 << 40)));
    for n in 0..chance.below(4) {
        let name = format!("{}{n}", chance.word());
        all.push(
            DeviceReading::new(v::TEMPERATURE, &*name).with(&v::CELSIUS, chance.amount(100) - 20.0),
        );
        let (received, sent) = (chance.some(1 << 40), chance.some(1 << 40));
        all.push(
            DeviceReading::new(v::NETWORK, &*name)
                .with_some(&v::RECEIVED_BYTES, received)
                .with_some(&v::SENT_BYTES, sent)
                .with(&v::RECEIVED_ERRORS, chance.amount(1 << 20))
                .with_some(&v::SENT_DROPS, chance.some(1 << 20))
                .with(&v::LINK_RATE, 125e6),
        );
        all.push(disk(n, chance));
        let battery = DeviceReading::new(v::POWER, format!("BAT{n}"));
        let battery = battery.with(&v::PERCENT, chance.amount(100));
        let battery = battery.with_some(&v::WATTS, chance.some(90));
        let states = ["charging", "discharging", "full", "not charging", "unknown"];
        all.push(battery.text(&v::STATE, states[chance.below(5) as usize]));
        let process =
            DeviceReading::new(v::PROCESS, format!("{}", 100 + n)).text(&v::NAME, chance.word());
        all.push(process.with(&v::CPU_SECONDS, chance.amount(9000)));
    }
    all.push(
        DeviceReading::new(v::HOST, "")
            .with_some(&v::LOAD1, chance.some(9))
            .with_some(&v::RUNNING, chance.some(9))
            .with_some(&v::TASKS, chance.some(900))
            .with_some(&v::UPTIME_SECONDS, chance.some(1_000_000))
            .with_some(&v::CPU_STALLED_SECONDS, chance.some(900))
            .with_some(&v::IO_STALLED_SECONDS, chance.some(900))
            .with_some(&v::MEMORY_STALLED_SECONDS, chance.some(900))
            .with_some(&v::OOM_KILLS, chance.some(9))
            .with_some(&v::SWITCHES, chance.some(900))
            .with_some(&v::BLOCKED, chance.some(9))
            .with(&v::FAILED_UNITS, 2.0)
            .with_some(&v::LIMIT_CPUS, chance.some(9))
            .text(&v::FAILED, "a.service b@c.service")
            .text(&v::DISTRIBUTION, "Debian 12")
            .text(&v::HOSTNAME, "jerry")
            .text(&v::KERNEL, format!("Linux {}", chance.word().replace(' ', "")))
            .text(&v::PROCESSOR, "Model \"X\" \\ 2"),
    );
    all
}

fn times(mut cpu: DeviceReading, chance: &mut Chance) -> DeviceReading {
    let modes = [
        &v::USER_SECONDS,
        &v::NICE_SECONDS,
        &v::SYSTEM_SECONDS,
        &v::IRQ_SECONDS,
        &v::SOFTIRQ_SECONDS,
        &v::STEAL_SECONDS,
        &v::IDLE_SECONDS,
        &v::IOWAIT_SECONDS,
    ];
    for mode in modes {
        cpu = cpu.with(mode, chance.amount(100_000));
    }
    summed(cpu).with_some(&v::FREQUENCY_HERTZ, chance.some(4_000_000_000))
}

/// With the sums as the kernel's reader makes them.
fn summed(cpu: DeviceReading) -> DeviceReading {
    let of = |q| cpu.values.get(q).unwrap_or_default();
    let busy = of(&v::USER_SECONDS) + of(&v::NICE_SECONDS) + of(&v::SYSTEM_SECONDS);
    let busy = busy + of(&v::IRQ_SECONDS) + of(&v::SOFTIRQ_SECONDS) + of(&v::STEAL_SECONDS);
    let total = busy + of(&v::IDLE_SECONDS) + of(&v::IOWAIT_SECONDS);
    let user = of(&v::USER_SECONDS) + of(&v::NICE_SECONDS);
    let system = busy - user - of(&v::STEAL_SECONDS);
    cpu.with(&v::BUSY_SECONDS, busy)
        .with(&v::TOTAL_SECONDS, total)
        .with(&v::USER_WORK_SECONDS, user)
        .with(&v::SYSTEM_WORK_SECONDS, system)
}

fn sized(reading: DeviceReading, total: f64, main: bool, chance: &mut Chance) -> DeviceReading {
    let left = total * chance.amount(1);
    let used = total - left;
    let reading = reading.with(&v::TOTAL_BYTES, total).with(&v::USED_BYTES, used);
    let reading = match total > 0.0 {
        true => reading.with(&v::PERCENT, 100.0 * used / total),
        false => reading,
    };
    match main {
        true => reading
            .with(&v::AVAILABLE_BYTES, left)
            .with_some(&v::CACHED_BYTES, chance.some(1 << 30))
            .with_some(&v::RECLAIMABLE_BYTES, chance.some(1 << 10)),
        false => reading.with(&v::FREE_BYTES, left),
    }
}

fn disk(n: u64, chance: &mut Chance) -> DeviceReading {
    let (name, kind) = match chance.below(4) {
        0 => (format!("tank/data{n}"), "zfs"),
        1 => (format!("/mnt/{n}"), "nfs4"),
        2 => (format!("mapper/x{n}"), "ext4"),
        _ => (format!("sd{n}"), "ext4"),
    };
    let size = 1e9 + chance.amount(1 << 40);
    let free = size * chance.amount(1);
    let available = free * chance.amount(1);
    let used = size - free;
    let mut disk = DeviceReading::new(v::DISK, name)
        .with(&v::TOTAL_BYTES, size)
        .with(&v::USED_BYTES, used)
        .with(&v::FREE_BYTES, free)
        .with(&v::AVAILABLE_BYTES, available)
        .text(&v::TYPE, kind);
    // only the kernel's own devices have traffic, and several mounts
    let block = kind == "ext4";
    let mounts = if block { format!("/a{n} /a{n}/longer") } else { format!("/mnt/{n}") };
    disk = disk.text(&v::MOUNTS, mounts);
    if block {
        disk = disk.with_some(&v::READ_BYTES, chance.some(1 << 40));
        disk = disk.with_some(&v::WRITTEN_BYTES, chance.some(1 << 40));
        let (reads, writes) = (chance.amount(1 << 20), chance.amount(1 << 20));
        disk = disk
            .with(&v::READS, reads)
            .with(&v::WRITES, writes)
            .with(&v::REQUESTS, reads + writes)
            .with(&v::REQUEST_SECONDS, chance.amount(1 << 10))
            .with_some(&v::IO_SECONDS, chance.some(1 << 10));
        disk = disk.with(&v::INODES, 1000.0).with(&v::FREE_INODES, 250.0);
        disk = disk.with(&v::INODES_PERCENT, 75.0);
    }
    if used + available > 0.0 {
        disk = disk.with(&v::PERCENT, 100.0 * used / (used + available));
    }
    disk
}

/// The same machine some time later: its counters have grown, or were reset.
fn later(before: &[DeviceReading], chance: &mut Chance) -> Vec<DeviceReading> {
    let grown = before.iter().map(|reading| {
        let mut now = reading.clone();
        for (quantity, value) in reading.values.iter().filter(|(q, _)| !q.is_gauge()) {
            let anew = chance.below(20) == 0;
            now.values.set(quantity, if anew { 0.0 } else { value + chance.amount(100) });
        }
        if let Some((reads, writes)) = now.values.get(&v::READS).zip(now.values.get(&v::WRITES)) {
            now.values.set(&v::REQUESTS, reads + writes);
        }
        if now.values.get(&v::IDLE_SECONDS).is_some() { summed(now) } else { now }
    });
    grown.collect()
}

/// By kind and name: gauges and what was derived, and texts.
type ByDevice<'a> = BTreeMap<(&'static str, String), (Vec<(&'a str, f64)>, Vec<String>)>;

/// All that is shown of a source: gauges and what was derived, and texts.
fn known(sampled: &Sampled) -> ByDevice<'_> {
    let source = &sampled.snapshot.sources[0];
    // of what nothing is known, nothing can be told
    let tells = |d: &&Device| d.values.iter().next().is_some() || d.texts.iter().next().is_some();
    let devices = KINDS.iter().flat_map(|kind| source.devices(*kind)).filter(tells);
    let one = |d: &Device| {
        let gauges = d.values.iter().filter(|(q, _)| q.is_gauge());
        let mut values: Vec<_> = gauges.map(|(q, value)| (q.name(), value)).collect();
        values.sort_by_key(|(name, _)| *name);
        let mut texts: Vec<_> =
            d.texts.iter().map(|(text, value)| format!("{}={value}", text.name())).collect();
        texts.sort();
        ((d.kind.word(), d.name.to_string()), (values, texts))
    };
    devices.map(one).collect()
}

#[test]
fn both_sides_derive_the_same() {
    let contents =
        Contents { gotop: true, node: true, manytop: true, processes: true, remotes: false };
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    for seed in 0..300 {
        let mut chance = Chance(seed);
        let (mut own, mut reader) = (TestMachine::new("local"), TestMachine::new("Jerry"));
        let mut parser = ScrapeParser::new(catalog.clone(), false);
        let mut past = EarlierSamples::default();
        let mut readings = machine(&mut chance);
        for step in 0..3 {
            let at = Moment::from_secs(1000 + 7 * step);
            let told = own.sampled(at, readings.clone());
            let now = UNIX_EPOCH + Duration::from_secs(1_795_000_000 + 7 * step);
            let page = contents.page(&past.sample(told.clone()), now);
            let heard = parser.read(page.as_bytes(), &Selection::kinds(&KINDS)).readings;
            let heard = reader.sampled(at, heard);
            compare(seed, &known(&told), &known(&heard), &page);
            readings = later(&readings, &mut chance);
        }
    }
}

/// Equal but for the last places of sums and differences.
fn compare(seed: u64, own: &ByDevice<'_>, read: &ByDevice<'_>, page: &str) {
    let names = |k: &ByDevice<'_>| k.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(own), names(read), "seed {seed}\n{page}");
    for (device, (values, texts)) in own {
        let (heard, words) = &read[device];
        assert_eq!(texts, words, "seed {seed} {device:?}");
        let near = |(a, b): (&(&str, f64), &(&str, f64))| {
            a.0 == b.0 && (a.1 - b.1).abs() <= 1e-6 * a.1.abs().max(1.0)
        };
        let equal = values.len() == heard.len() && values.iter().zip(heard).all(near);
        assert!(equal, "seed {seed} {device:?}\n{values:?}\n{heard:?}\n{page}");
    }
}
