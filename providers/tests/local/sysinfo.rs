//! `via=sysinfo` beside the kernel's own files, quantity by quantity. Each quantity that sysinfo gives has a bound here.

use super::{Says, device, poll, reader};
use manytop_core::{reading::DeviceReading, vocabulary as v};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// How far sysinfo's value may be from the kernel's, which is read once before and once after it.
#[derive(Clone, Copy)]
enum Bound {
    /// The same number.
    Same,
    /// From the value before to the value after, and so much beyond.
    Between(f64),
    /// Compared by a test of its own.
    Elsewhere,
}
use Bound::{Between, Elsewhere, Same};

/// The bounds: provider, quantity, bound.
const BOUNDS: &[(&str, &str, Bound)] = &[
    ("cpu", "percent", Elsewhere),            // over a second
    ("cpu", "frequency_hertz", Between(1e9)), // it follows the load, and both look at different times
    ("memory", "total_bytes", Same),
    ("memory", "used_bytes", Between(256e6)), // what other programs take meanwhile
    ("memory", "available_bytes", Between(256e6)),
    ("memory", "free_bytes", Between(256e6)),
    ("memory", "percent", Between(2.0)),
    ("temperature", "celsius", Between(5.0)),
    ("network", "received_bytes", Between(0.0)),
    ("network", "sent_bytes", Between(0.0)),
    ("network", "received_errors", Between(0.0)),
    ("network", "sent_errors", Between(0.0)),
    ("disk", "total_bytes", Same),
    ("disk", "used_bytes", Between(64e6)), // builds write beside this test
    ("disk", "available_bytes", Between(64e6)),
    ("disk", "free_bytes", Between(64e6)),
    ("disk", "percent", Between(1.0)),
    ("disk", "inodes", Same),
    ("disk", "free_inodes", Between(10_000.0)),
    ("disk", "inodes_percent", Between(1.0)),
    ("disk", "read_bytes", Between(0.0)),
    ("disk", "written_bytes", Between(0.0)),
    ("process", "cpu_seconds", Between(0.05)), // a few ticks
    ("process", "bytes", Between(16e6)),
    ("process", "memory_percent", Between(0.5)),
    ("process", "started_seconds", Between(1.0)), // whole seconds there
    ("process", "parent", Same),
    ("process", "read_bytes", Between(0.0)),
    ("process", "written_bytes", Between(0.0)),
    ("host", "uptime_seconds", Between(1.0)), // whole seconds there
    ("host", "load1", Between(0.1)),
    ("host", "load5", Between(0.1)),
    ("host", "load15", Between(0.1)),
];

/// The readings of one way before and after those of the other.
struct Compared {
    provider: &'static str,
    before: Vec<DeviceReading>,
    sysinfo: Vec<DeviceReading>,
    after: Vec<DeviceReading>,
}

impl Compared {
    fn new(provider: &'static str) -> Compared {
        let (mut kernel, mut sysinfo) = (reader(provider, &[]), reader(provider, VIA));
        Compared {
            provider,
            before: poll(provider, &mut *kernel).unwrap(),
            sysinfo: poll(provider, &mut *sysinfo).unwrap(),
            after: poll(provider, &mut *kernel).unwrap(),
        }
    }

    /// Compares the values of a device; a quantity that the kernel's files do not have here is left out.
    fn check(&self, name: &str) {
        let (before, after) = (device(&self.before, name), device(&self.after, name));
        for (quantity, value) in device(&self.sysinfo, name).values.iter() {
            let word = quantity.name();
            let at = format!("{} {name} {word}", self.provider);
            let bound = BOUNDS.iter().find(|(p, q, _)| (*p, *q) == (self.provider, word));
            let (.., bound) = bound.unwrap_or_else(|| panic!("{at}: no bound is stated"));
            let Some((a, b)) = before.values.get(quantity).zip(after.values.get(quantity)) else {
                continue;
            };
            let beyond = match bound {
                Elsewhere => continue,
                Same => 0.0,
                Between(beyond) => *beyond,
            };
            let range = a.min(b) - beyond..=a.max(b) + beyond;
            assert!(range.contains(&value), "{at}: sysinfo {value}, kernel {a} before, {b} after");
        }
    }

    fn check_all(&self) {
        assert_eq!(names(&self.before), names(&self.sysinfo), "{}", self.provider);
        names(&self.sysinfo).into_iter().for_each(|name| self.check(name));
    }
}

const VIA: &[(&str, &str)] = &[("via", "sysinfo")];

fn names(readings: &[DeviceReading]) -> Vec<&str> {
    readings.iter().map(|r| &*r.device).collect()
}

#[test]
fn processors() {
    let compared = Compared::new("cpu");
    compared.check_all();
    for reading in &compared.sysinfo {
        assert_eq!(reading.values.get(&v::PERCENT), None, "nothing was measured at the first poll");
    }
}

#[test]
fn processors_are_as_busy() {
    let (mut kernel, mut sysinfo) = (reader("cpu", &[]), reader("cpu", VIA));
    let before = poll("cpu", &mut *kernel).unwrap();
    poll("cpu", &mut *sysinfo).unwrap();
    // until the processors have counted a second
    let counted = |readings: &[DeviceReading], of| readings[0].number(of);
    let until = Instant::now() + Duration::from_secs(60);
    let mut after = poll("cpu", &mut *kernel).unwrap();
    while counted(&after, &v::TOTAL_SECONDS) - counted(&before, &v::TOTAL_SECONDS) < 1.0 {
        assert!(Instant::now() < until, "/proc/stat does not advance");
        std::thread::yield_now();
        after = poll("cpu", &mut *kernel).unwrap();
    }
    let measured = poll("cpu", &mut *sysinfo).unwrap();
    for (nth, reading) in measured.iter().enumerate() {
        let advanced = |of| after[nth].number(of) - before[nth].number(of);
        let percent = 100.0 * advanced(&v::BUSY_SECONDS) / advanced(&v::TOTAL_SECONDS);
        let by_sysinfo = reading.number(&v::PERCENT);
        // a few ticks at both ends of a hundred
        assert!((percent - by_sysinfo).abs() < 10.0, "{nth}: {percent} and {by_sysinfo}");
    }
}

#[test]
fn memory() {
    Compared::new("memory").check_all();
}

#[test]
fn network() {
    Compared::new("network").check_all();
}

#[test]
fn disks() {
    let compared = Compared::new("disk");
    // What device-mapper makes sysinfo calls by another name than the kernel.
    let ours = compared.sysinfo.iter().filter(|b| !b.device.starts_with("mapper/"));
    for b in ours {
        compared.check(&b.device);
        assert_eq!(device(&compared.before, &b.device).text_of(&v::TYPE), b.text_of(&v::TYPE));
    }
    assert!(!compared.sysinfo.is_empty());
}

#[test]
fn processes() {
    let compared = Compared::new("process");
    // Those that are there before and after were there in between.
    let lasting: BTreeSet<_> = names(&compared.before).into_iter().collect();
    let lasting = names(&compared.after).into_iter().filter(|pid| lasting.contains(pid));
    // sysinfo does not list a thread of init as a process
    let is_process = |pid: &&str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("Tgid:").is_some_and(|of| of.trim() == *pid))
    };
    lasting.filter(is_process).for_each(|pid| compared.check(pid));
    let me = std::process::id().to_string();
    let (a, b) = (device(&compared.before, &me), device(&compared.sysinfo, &me));
    assert_eq!(a.text_of(&v::USER), b.text_of(&v::USER));
    assert_eq!(a.text_of(&v::COMMAND), b.text_of(&v::COMMAND));
}

#[test]
fn host() {
    let compared = Compared::new("host");
    compared.check_all();
    let (a, b) = (device(&compared.before, ""), device(&compared.sysinfo, ""));
    for text in [&v::HOSTNAME, &v::KERNEL] {
        assert_eq!(a.text_of(text), b.text_of(text));
    }
    assert_eq!(a.texts.get(&v::PROCESSOR), b.texts.get(&v::PROCESSOR));
}

#[test]
fn temperatures() {
    // not every machine has a sensor
    let mut kernel = reader("temperature", &[]);
    if poll("temperature", &mut *kernel).is_ok() {
        Compared::new("temperature").check_all();
    }
}
