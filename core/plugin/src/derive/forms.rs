//! What is derived of each form of quantity, and of many at once.

use super::{between, device};
use crate::{
    clock::Moment,
    reading::{DeviceReading, Metric},
    vocabulary as v,
};

#[test]
fn every_counter_of_a_reading_has_its_rate_however_many_there_are() {
    let rates = [
        (&v::RECEIVED_BYTES, &v::RECEIVED_RATE),
        (&v::SENT_BYTES, &v::SENT_RATE),
        (&v::RECEIVED_ERRORS, &v::RECEIVED_ERRORS_RATE),
        (&v::SENT_ERRORS, &v::SENT_ERRORS_RATE),
        (&v::RECEIVED_DROPS, &v::RECEIVED_DROPS_RATE),
        (&v::SENT_DROPS, &v::SENT_DROPS_RATE),
        (&v::READ_BYTES, &v::READ_RATE),
        (&v::WRITTEN_BYTES, &v::WRITTEN_RATE),
        (&v::READS, &v::READS_RATE),
        (&v::WRITES, &v::WRITES_RATE),
        (&v::FAULTS, &v::FAULTS_RATE),
    ];
    let at = |second: u64| {
        let with = |reading: DeviceReading, (n, (counter, _)): (usize, &(&'static Metric, _))| {
            reading.with(counter, (second * (n as u64 + 1)) as f64)
        };
        rates.iter().enumerate().fold(DeviceReading::new(v::NETWORK, "x"), with)
    };
    let first = device(at(2), None, Moment::from_secs(2));
    let now = device(at(4), Some(&first), Moment::from_secs(4));
    for (n, (counter, rate)) in rates.iter().enumerate() {
        assert_eq!(now.value(rate), Some(n as f64 + 1.0), "{}", counter.name());
    }
}

#[test]
fn the_parts_of_a_processors_time_add_up() {
    let cpu = |user, system, iowait, steal, total| {
        DeviceReading::new(v::CPU, "CPU0")
            .with(&v::TOTAL_SECONDS, total)
            .with(&v::BUSY_SECONDS, user + system + steal)
            .with(&v::USER_WORK_SECONDS, user)
            .with(&v::SYSTEM_WORK_SECONDS, system)
            .with(&v::IOWAIT_SECONDS, iowait)
            .with(&v::STEAL_SECONDS, steal)
    };
    let first = device(cpu(5.0, 5.0, 5.0, 5.0, 100.0), None, Moment::from_secs(1));
    let now = device(cpu(8.0, 6.0, 4.0, 5.5, 110.0), Some(&first), Moment::from_secs(11));
    let shares = [&v::PERCENT, &v::USER_PERCENT, &v::SYSTEM_PERCENT, &v::STEAL_PERCENT];
    assert_eq!(shares.map(|q| now.value(q)), [Some(45.0), Some(30.0), Some(10.0), Some(5.0)]);
    assert_eq!(now.value(&v::IOWAIT_PERCENT), None, "the kernel lets it go backwards");
}

#[test]
fn a_share_of_time_is_whole_at_most_and_a_mean_is_of_what_was_done() {
    let disk = |busy, requests, time| {
        DeviceReading::new(v::DISK, "sda")
            .with(&v::IO_SECONDS, busy)
            .with(&v::REQUESTS, requests)
            .with(&v::REQUEST_SECONDS, time)
    };
    let first = device(disk(1.0, 10.0, 7.0), None, Moment::from_secs(1));
    let now = device(disk(1.5, 14.0, 7.5), Some(&first), Moment::from_secs(3));
    assert_eq!(now.value(&v::BUSY_PERCENT), Some(25.0));
    assert_eq!(now.value(&v::LATENCY_SECONDS), Some(0.125));
    let idle = device(disk(3.6, 14.0, 7.5), Some(&now), Moment::from_secs(5));
    assert_eq!(idle.value(&v::BUSY_PERCENT), Some(100.0), "counted a little later");
    assert_eq!(idle.value(&v::LATENCY_SECONDS), None, "nothing was completed");
    let restarted = device(disk(0.1, 1.0, 0.1), Some(&now), Moment::from_secs(5));
    assert_eq!(restarted.value(&v::BUSY_PERCENT), None);
    let since_boot = between(None, &now);
    assert_eq!(since_boot.get(&v::BUSY_PERCENT), None, "the time since then is unknown");
}
