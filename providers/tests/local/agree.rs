//! What the providers say of this machine lies between what the kernel's files say before and
//! after. The files are taken apart here by other means than in the providers.

use super::{Says, device, once, poll, reader};
use manytop_core::{reading::DeviceReading, vocabulary as v};
use std::{collections::BTreeMap, fs, ops::RangeInclusive, process::Command};

/// Reads a file, polls, reads the file again.
fn bracket(name: &str, file: &str) -> (String, Vec<DeviceReading>, String) {
    let mut reader = reader(name, &[]);
    // The second poll is the one that reads through kept descriptors.
    poll(name, &mut *reader).unwrap();
    let before = fs::read_to_string(file).unwrap();
    let readings = poll(name, &mut *reader).unwrap();
    (before, readings, fs::read_to_string(file).unwrap())
}

fn between(a: f64, b: f64) -> RangeInclusive<f64> {
    a.min(b)..=a.max(b)
}

fn column(line: &str, n: usize) -> f64 {
    line.split_whitespace().nth(n).unwrap().parse().unwrap()
}

#[test]
fn processors() {
    let (before, readings, after) = bracket("cpu", "/proc/stat");
    let lines = |text: &str| -> Vec<String> {
        let cpu = |l: &&str| l.starts_with("cpu") && !l.starts_with("cpu ");
        text.lines().filter(cpu).map(str::to_owned).collect()
    };
    let (before, after) = (lines(&before), lines(&after));
    assert_eq!(readings.len(), before.len());
    for (i, reading) in readings.iter().enumerate() {
        let name = before[i].split_whitespace().next().unwrap().replace("cpu", "CPU");
        assert_eq!(*reading.device, *name);
        let all = |line: &str| (1..=8).map(|n| column(line, n)).sum::<f64>() / 100.0;
        let rest = |line: &str| (column(line, 4) + column(line, 5)) / 100.0;
        let busy = |line: &str| all(line) - rest(line);
        let total = reading.number(&v::TOTAL_SECONDS);
        assert!(between(all(&before[i]), all(&after[i])).contains(&total), "{reading:?}");
        let slack = 0.001;
        let got = reading.number(&v::BUSY_SECONDS);
        assert!(busy(&before[i]) - slack <= got && got <= busy(&after[i]) + slack, "{reading:?}");
        for (n, quantity) in
            [(1, &v::USER_SECONDS), (3, &v::SYSTEM_SECONDS), (8, &v::STEAL_SECONDS)]
        {
            let range = between(column(&before[i], n) / 100.0, column(&after[i], n) / 100.0);
            assert!(range.contains(&reading.number(quantity)), "{} {reading:?}", quantity.name());
        }
    }
}

#[test]
fn memory() {
    let facts = |text: &str| -> BTreeMap<String, f64> {
        let fact = |l: &str| {
            let (name, rest) = l.split_once(':').unwrap();
            (name.to_owned(), column(rest, 0) * 1024.0)
        };
        text.lines().map(fact).collect()
    };
    // Nothing holds memory still, so that a few attempts are allowed to catch a quiet moment.
    let caught = (0..200).any(|_| {
        let (before, readings, after) = bracket("memory", "/proc/meminfo");
        let (before, after) = (facts(&before), facts(&after));
        let main = device(&readings, "Main");
        assert_eq!(main.number(&v::TOTAL_BYTES), before["MemTotal"]);
        let used = |f: &BTreeMap<String, f64>| f["MemTotal"] - f["MemAvailable"];
        let percent = 100.0 * main.number(&v::USED_BYTES) / main.number(&v::TOTAL_BYTES);
        assert!((main.number(&v::PERCENT) - percent).abs() < 1e-9);
        let swap = device(&readings, "Swap");
        assert_eq!(swap.number(&v::TOTAL_BYTES), before["SwapTotal"]);
        assert_eq!(swap.values.get(&v::PERCENT).is_some(), before["SwapTotal"] > 0.0);
        let facts = [
            (&v::FREE_BYTES, "MemFree"),
            (&v::BUFFERS_BYTES, "Buffers"),
            (&v::SHARED_BYTES, "Shmem"),
        ];
        let cached = |f: &BTreeMap<String, f64>| f["Cached"] - f["Shmem"] + f["SReclaimable"];
        let cached = between(cached(&before), cached(&after));
        between(used(&before), used(&after)).contains(&main.number(&v::USED_BYTES))
            && cached.contains(&main.number(&v::CACHED_BYTES))
            && facts.iter().all(|(q, f)| between(before[*f], after[*f]).contains(&main.number(q)))
    });
    assert!(caught, "no reading lay between the file before and after");
}

#[test]
fn network() {
    let (before, readings, after) = bracket("network", "/proc/net/dev");
    let rows = |text: &str| -> BTreeMap<String, (f64, f64)> {
        let row = |l: &str| {
            let (name, rest) = l.split_once(':').unwrap();
            (name.trim().to_owned(), (column(rest, 0), column(rest, 8)))
        };
        text.lines().skip(2).map(row).collect()
    };
    let (before, after) = (rows(&before), rows(&after));
    assert_eq!(readings.len(), before.len());
    for (name, (received, sent)) in before {
        let reading = device(&readings, &name);
        let (more_received, more_sent) = after[&name];
        assert!((received..=more_received).contains(&reading.number(&v::RECEIVED_BYTES)));
        assert!((sent..=more_sent).contains(&reading.number(&v::SENT_BYTES)));
    }
}

#[test]
fn traffic_of_disks() {
    let (before, readings, after) = bracket("disk", "/proc/diskstats");
    let row = |text: &str, name: &str| -> Option<(f64, f64)> {
        let line = text.lines().find(|l| l.split_whitespace().nth(2) == Some(name))?;
        Some((column(line, 5) * 512.0, column(line, 9) * 512.0))
    };
    assert!(!readings.is_empty(), "something is mounted at /");
    for reading in readings {
        let Some((read, written)) = row(&before, &reading.device) else {
            assert_eq!(reading.values.get(&v::READ_BYTES), None);
            continue;
        };
        let (more_read, more_written) = row(&after, &reading.device).unwrap();
        assert!((read..=more_read).contains(&reading.number(&v::READ_BYTES)));
        assert!((written..=more_written).contains(&reading.number(&v::WRITTEN_BYTES)));
    }
}

/// df is another program with the same formulas.
#[test]
fn space_of_disks() {
    let table = || {
        let fields = "--output=target,size,used,avail,pcent";
        let out = Command::new("df").args(["-B1", fields]).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let caught = (0..100).any(|_| {
        let (before, readings, after) = (table(), once("disk", &[]), table());
        readings.iter().all(|reading| {
            let mount = reading.text_of(&v::MOUNTS).split(' ').next().unwrap().to_owned();
            let row = |table: &str| -> [f64; 4] {
                let line = table.lines().find(|l| l.starts_with(&format!("{mount} "))).unwrap();
                let rest = line[mount.len()..].replace('%', "");
                [0, 1, 2, 3].map(|n| column(&rest, n))
            };
            let (a, b) = (row(&before), row(&after));
            assert_eq!(reading.number(&v::TOTAL_BYTES), a[0]);
            let percent = reading.number(&v::PERCENT).ceil();
            between(a[1], b[1]).contains(&reading.number(&v::USED_BYTES))
                && between(a[2], b[2]).contains(&reading.number(&v::AVAILABLE_BYTES))
                && between(a[3], b[3]).contains(&percent)
        })
    });
    assert!(caught, "no reading lay between df before and after");
}

#[test]
fn this_process() {
    let mut reader = reader("process", &[]);
    let mut readings = Vec::new();
    for _ in 0..3 {
        readings = poll("process", &mut *reader).unwrap();
    }
    let me = device(&readings, &std::process::id().to_string());
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = &stat[stat.rfind(')').unwrap() + 2..];
    let field = |n: usize| column(fields, n - 3);
    assert_eq!(me.generation as f64, field(22));
    assert_eq!(me.number(&v::PARENT), field(4));
    assert_eq!(me.number(&v::NICE), field(19));
    assert!(me.number(&v::CPU_SECONDS) <= (field(14) + field(15)) / 100.0);
    let resident = me.number(&v::RESIDENT_BYTES);
    assert_eq!(resident % 4096.0, 0.0);
    assert!(resident > 100_000.0 && resident < 4e9, "{resident}");
    assert!(me.text_of(&v::COMMAND).starts_with(&std::env::args().next().unwrap()));
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let name = status.lines().next().unwrap().trim_start_matches("Name:").trim();
    assert_eq!(me.text_of(&v::NAME), name);
    let user = Command::new("id").arg("-un").output().unwrap();
    assert_eq!(me.text_of(&v::USER), String::from_utf8(user.stdout).unwrap().trim());
    assert!(me.values.get(&v::WRITTEN_BYTES).is_some(), "our own are always readable");
}

#[test]
fn a_process_is_there_from_its_first_poll_to_its_last() {
    let mut reader = reader("process", &[]);
    let named = |readings: &[DeviceReading], pid: &str| readings.iter().any(|r| &*r.device == pid);
    poll("process", &mut *reader).unwrap();
    for _ in 0..5 {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = child.id().to_string();
        assert!(named(&poll("process", &mut *reader).unwrap(), &pid));
        assert!(named(&poll("process", &mut *reader).unwrap(), &pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!named(&poll("process", &mut *reader).unwrap(), &pid));
    }
}

#[test]
fn this_host() {
    let (before, readings, after) = bracket("host", "/proc/loadavg");
    let host = device(&readings, "");
    for (n, quantity) in [&v::LOAD1, &v::LOAD5, &v::LOAD15].into_iter().enumerate() {
        assert!(between(column(&before, n), column(&after, n)).contains(&host.number(quantity)));
    }
    assert!(host.number(&v::RUNNING) >= 1.0, "we run ourselves");
    assert!(host.number(&v::TASKS) >= host.number(&v::RUNNING));
    let uptime = column(&fs::read_to_string("/proc/uptime").unwrap(), 0);
    let earlier = host.number(&v::UPTIME_SECONDS);
    assert!(earlier > 0.0 && earlier <= uptime);
    let uname = |flag| {
        let out = Command::new("uname").arg(flag).output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(host.text_of(&v::HOSTNAME), uname("-n"));
    assert_eq!(host.text_of(&v::KERNEL), format!("{} {}", uname("-s"), uname("-r")));
}
