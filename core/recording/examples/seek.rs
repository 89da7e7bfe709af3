//! How long it takes to show an instant of a week, and how much memory: `cargo run --release -p
//! manytop-recording --example seek [PROCESSES] [SECONDS BETWEEN SAMPLES]`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use manytop_core::{
    clock::Moment,
    groups::Groups,
    past::PastStore,
    reading::{DeviceReading, PollResult, SourceReadings},
    source::Source,
    store::{Described, Store, Update},
    vocabulary as v,
};
use manytop_recording::{NameCatalog, RecordingOptions, RecordingWriter, ReplayStore};
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

const WEEK: u64 = 7 * 86_400;

/// A number that looks random, the same for the same seed.
fn noise(seed: u64) -> u64 {
    let mixed = (seed ^ seed >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}

fn readings(second: u64, processes: u64) -> Vec<DeviceReading> {
    let s = second as f64;
    let mut list: Vec<DeviceReading> = (0..8)
        .map(|n| {
            DeviceReading::new(v::CPU, format!("CPU{n}"))
                .with(
                    &v::BUSY_SECONDS,
                    (s * 31.0 + noise(second + n) as f64 % 40.0).floor() / 100.0,
                )
                .with(&v::TOTAL_SECONDS, s)
        })
        .collect();
    let used = 4e9 + (noise(second) % 100_000) as f64 * 4096.0;
    list.push(
        DeviceReading::new(v::MEMORY, v::MAIN)
            .with(&v::USED_BYTES, used)
            .with(&v::TOTAL_BYTES, 16e9)
            .with(&v::PERCENT, used / 16e7),
    );
    let net = DeviceReading::new(v::NETWORK, "eth0");
    list.push(net.with(&v::RECEIVED_BYTES, s * 15_000.0 + (noise(second) % 9000) as f64));
    for pid in 0..processes {
        // one in ten works, and one in a hundred is another one after a while
        let works = pid % 10 == 0;
        let generation = 1 + if pid % 100 == 7 { second / 60 } else { 0 };
        list.push(
            DeviceReading::new(v::PROCESS, (100 + pid).to_string())
                .with(&v::CPU_SECONDS, if works { (s * pid as f64).floor() / 1000.0 } else { 3.5 })
                .with(
                    &v::RESIDENT_BYTES,
                    (pid * 1_000_000 + if works { noise(second * pid) % 65_536 } else { 0 }) as f64,
                )
                .text(&v::NAME, format!("process-{}", pid % 30))
                .text(&v::COMMAND, format!("/usr/lib/program-{pid} --of={generation} --and=more"))
                .in_generation(generation),
        );
    }
    list
}

fn main() {
    let mut args = std::env::args().skip(1).filter_map(|arg| arg.parse::<u64>().ok());
    let (processes, step) = (args.next().unwrap_or(190), args.next().unwrap_or(10));
    let folder = std::env::temp_dir().join(format!("manytop-seek-{}", std::process::id()));
    let options = RecordingOptions {
        folder: folder.clone(),
        keep: Duration::from_secs(86_400 * 36_500),
        size: 100 << 30,
        mode: 0o600,
        kinds: Arc::new(|_| true),
        sources: Arc::new(|_| true),
        every: Duration::ZERO,
        processes: Duration::ZERO,
    };
    let mut writer = RecordingWriter::open(options, &mut NameCatalog::default()).unwrap();
    let mut store = Store::new();
    let id = store.add(Described {
        provider: "local",
        source: Source::Local,
        interval: Duration::from_secs(step),
        tags: Arc::default(),
        groups: Groups::default(),
        expected_offline: false,
        many: false,
        has_past: false,
        attached: false,
    });
    let mut writing = Duration::ZERO;
    for second in (0..WEEK).step_by(step as usize) {
        let at = Moment::from_secs(100_000 + second);
        let part = SourceReadings::own(at, readings(second, processes));
        let result = Ok(PollResult::of(vec![part]));
        store.take(Update { instance: id, at, result, retry: None, took: None });
        let mut snapshot = store.snapshot();
        snapshot.made = at;
        let began = Instant::now();
        writer.copy(&snapshot, 1_795_000_000_000_000_000);
        writer.flush().unwrap();
        writing += began.elapsed();
    }
    writer.close().unwrap();
    let samples = WEEK / step;
    let bytes: u64 =
        fs::read_dir(&folder).unwrap().flatten().map(|e| e.metadata().unwrap().len()).sum();
    println!(
        "{samples} samples of {processes} processes: {} bytes, {:?} each",
        bytes / samples,
        writing / samples as u32
    );
    let began = Instant::now();
    let mut replay = ReplayStore::open(&folder, NameCatalog::default()).unwrap();
    println!("{} blocks are found in {:?}", replay.index().len(), began.elapsed());
    let (first, last) = replay.span().unwrap();
    let mut times: Vec<Duration> = (0..500)
        .map(|n| {
            let at = first + last.since(first).mul_f64((noise(n) % 10_000) as f64 / 1e4);
            let began = Instant::now();
            assert_eq!(replay.at(at).sources.len(), 1);
            began.elapsed()
        })
        .collect();
    times.sort();
    println!("an instant: median {:?}, p99 {:?}", times[250], times[494]);
    let mut at = last.before(Duration::from_secs(3600));
    replay.at(at);
    let began = Instant::now();
    for _ in 0..100 {
        at = replay.sample_after(at).unwrap();
        replay.at(at);
    }
    println!("a step forth: {:?}", began.elapsed() / 100);
    let began = Instant::now();
    for _ in 0..100 {
        at = replay.sample_before(at).unwrap();
        replay.at(at);
    }
    println!("a step back: {:?}", began.elapsed() / 100);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("reader and writer together: {peak}");
    fs::remove_dir_all(folder).unwrap();
}
