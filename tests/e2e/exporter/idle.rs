//! Unpolled, it does nothing at all.

use super::{Exporter, value};
use std::{fs, thread::sleep, time::Duration};

/// Ticks of processor time, and how often its threads were woken.
fn work(pid: u32) -> (u64, u64) {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let wakes = threads.map(|thread| {
        let status = fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        let switches = status.lines().filter_map(|line| line.split_once("_ctxt_switches:"));
        switches.map(|(_, n)| n.trim().parse::<u64>().unwrap()).sum::<u64>()
    });
    (ticks, wakes.sum())
}

fn is_idle_for(span: Duration) {
    let exporter = Exporter::start::<&str>(&[]);
    exporter.scrape();
    sleep(Duration::from_secs(1)); // the connection is closed, and what was read is forgotten
    let before = work(exporter.pid());
    sleep(span);
    assert_eq!(work(exporter.pid()), before, "ticks and wake-ups in {span:?}");
    let percent = value(&exporter.scrape(), "gotop_cpu_CPU0").unwrap();
    assert!((0.0..=100.0).contains(&percent), "{percent}");
}

#[test]
fn ten_seconds_without_a_scraper_cost_no_wake_up() {
    is_idle_for(Duration::from_secs(10));
}

#[test]
#[ignore = "a minute long; tests/run --long"]
fn a_minute_without_a_scraper_costs_no_wake_up() {
    is_idle_for(Duration::from_secs(60));
}
