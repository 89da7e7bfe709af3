//! The two ways agree where both know a value.

use super::{Says, device, once, poll, reader};
use manytop_core::{reading::Reading, vocabulary as v};
use std::collections::BTreeSet;

fn both(name: &str) -> (Vec<Reading>, Vec<Reading>) {
    (once(name, &[]), once(name, &[("via", "sysinfo")]))
}

fn devices(readings: &[Reading]) -> Vec<&str> {
    readings.iter().map(|r| &*r.device).collect()
}

#[test]
fn processors() {
    let (kernel, sysinfo) = both("cpu");
    assert_eq!(devices(&kernel), devices(&sysinfo));
    for (a, b) in kernel.iter().zip(&sysinfo) {
        assert_eq!(b.values.get(&v::PERCENT), None, "nothing was measured at the first poll");
        let hertz = |r: &Reading| r.values.get(&v::FREQUENCY_HERTZ).map(|h| (h / 1e8).round());
        assert_eq!(hertz(a).is_some(), hertz(b).is_some());
    }
}

#[test]
fn memory() {
    let (kernel, sysinfo) = both("memory");
    assert_eq!(devices(&kernel), devices(&sysinfo));
    for (a, b) in kernel.iter().zip(&sysinfo) {
        assert_eq!(a.number(&v::TOTAL_BYTES), b.number(&v::TOTAL_BYTES));
        assert_eq!(a.values.get(&v::PERCENT).is_some(), b.values.get(&v::PERCENT).is_some());
    }
    let used = |r: &[Reading]| device(r, "Main").number(&v::PERCENT);
    assert!((used(&kernel) - used(&sysinfo)).abs() < 5.0);
}

#[test]
fn network() {
    let (kernel, sysinfo) = both("network");
    assert_eq!(devices(&kernel), devices(&sysinfo));
    for (a, b) in kernel.iter().zip(&sysinfo) {
        assert!(a.number(&v::RECEIVED_BYTES) <= b.number(&v::RECEIVED_BYTES));
        assert!(a.number(&v::SENT_BYTES) <= b.number(&v::SENT_BYTES));
    }
}

#[test]
fn disks() {
    let (kernel, sysinfo) = both("disk");
    // What device-mapper makes sysinfo calls by another name than the kernel.
    for b in sysinfo.iter().filter(|b| !b.device.starts_with("mapper/")) {
        let a = device(&kernel, &b.device);
        assert_eq!(a.number(&v::TOTAL_BYTES), b.number(&v::TOTAL_BYTES));
        assert_eq!(a.text_of(&v::TYPE), b.text_of(&v::TYPE));
        assert!(a.number(&v::WRITTEN_BYTES) <= b.number(&v::WRITTEN_BYTES));
    }
    assert!(!sysinfo.is_empty());
}

#[test]
fn processes() {
    // Those that are there before and after were there in between.
    let mut reader = reader("process", &[]);
    let before = poll("process", &mut *reader).unwrap();
    let sysinfo = once("process", &[("via", "sysinfo")]);
    let after = poll("process", &mut *reader).unwrap();
    let lasting: BTreeSet<_> = devices(&before).into_iter().collect();
    let lasting = devices(&after).into_iter().filter(|pid| lasting.contains(pid));
    for pid in lasting {
        let (a, b) = (device(&before, pid), device(&sysinfo, pid));
        assert_eq!(a.number(&v::PARENT), b.values.get(&v::PARENT).unwrap_or(0.0), "{a:?}");
    }
    let me = std::process::id().to_string();
    let (a, b) = (device(&before, &me), device(&sysinfo, &me));
    assert_eq!(a.text_of(&v::USER), b.text_of(&v::USER));
    assert_eq!(a.text_of(&v::COMMAND), b.text_of(&v::COMMAND));
}

#[test]
fn host() {
    let (kernel, sysinfo) = both("host");
    let (a, b) = (device(&kernel, ""), device(&sysinfo, ""));
    for text in [&v::HOSTNAME, &v::KERNEL] {
        assert_eq!(a.text_of(text), b.text_of(text));
    }
    assert_eq!(a.texts.get(&v::PROCESSOR), b.texts.get(&v::PROCESSOR));
    assert!((a.number(&v::UPTIME_SECONDS) - b.number(&v::UPTIME_SECONDS)).abs() < 60.0);
}
