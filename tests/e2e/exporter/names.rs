//! The names: gotop's by gotop's own rules, node_exporter's as promtool wants them.

use super::{Exporter, recorded, value};
use crate::{
    home::{Home, PATH},
    needs,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::{Command, Stdio},
};

/// Reads a body as gotop 4 does: ends on a short line; whole numbers for processors and sensors.
fn read_as_gotop(body: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for line in body.lines() {
        assert!(!line.is_empty(), "gotop ends on a blank line");
        if line.starts_with('#') {
            continue;
        }
        assert!(line.len() >= 6, "gotop ends on {line:?}");
        let Some(rest) = line.strip_prefix("gotop_") else { continue };
        let (name, number) = rest.split_once(' ').unwrap();
        let whole = name.starts_with("cpu_") || name.starts_with("temp_");
        let number = match whole {
            true => number.parse::<i64>().map(|n| n as f64).map_err(|e| e.to_string()),
            false => number.parse::<f64>().map_err(|e| e.to_string()),
        };
        found.insert(name.to_owned(), number.unwrap_or_else(|e| panic!("{line}: {e}")));
    }
    found
}

#[test]
fn a_real_gotops_names_are_there_from_the_first_scrape() {
    let sample =
        read_as_gotop(include_str!("../../../providers/tests/exposition/gotop-4.2.0.prom"));
    let exporter = Exporter::start::<&str>(&[]);
    let ours = read_as_gotop(&exporter.scrape());
    // how many processors and which disks there are is the machine's affair
    let kind = |name: &String| {
        let own = ["cpu_CPU", "disk_:dev:"].iter().find(|k| name.starts_with(**k));
        own.map_or(name.clone(), |k| (*k).to_owned())
    };
    let ours_by_kind: BTreeSet<String> = ours.keys().map(kind).collect();
    for name in sample.keys().map(kind) {
        assert!(ours_by_kind.contains(&name), "no {name} in {ours:?}");
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(ours.keys().filter(|n| n.starts_with("cpu_")).count() >= cores);
}

#[test]
fn values_follow_gotops_formulas() {
    let exporter = Exporter::start(&recorded("laptop"));
    let body = exporter.scrape();
    let ours = read_as_gotop(&body);
    let expected = [
        // two batteries; of both together their mean
        ("battery_0", None),
        ("battery_total", None),
        // 134 of 1039 seconds since boot, cut off
        ("cpu_CPU0", Some(12.0)),
        ("cpu_CPU1", Some(12.0)),
        ("disk_:dev:dm:0", Some(0.6)),
        ("disk_:dev:dm:1", Some(0.7)),
        ("disk_:dev:nvme0n1p1", Some(0.01)),
        ("disk_:dev:sda1", Some(1.0)),
        ("disk_:home:ann:remote", Some(0.79)),
        // total less free, buffers, cached and reclaimable
        ("memory_Main", Some(100.0 * 7_333_728.0 / 16_166_472.0)),
        ("memory_Swap", Some(0.0)),
        ("net_recv", Some(0.0)),
        ("net_sent", Some(0.0)),
    ];
    for (name, value) in expected {
        let ours = ours.get(name).unwrap_or_else(|| panic!("no {name} in {ours:?}"));
        assert!(value.is_none_or(|v: f64| (v - ours).abs() < 1e-9), "{name}: {ours}");
    }
    assert!(ours.keys().any(|name| name.starts_with("temp_")), "{ours:?}");
    assert_eq!(value(&body, "node_memory_SReclaimable_bytes"), Some(307_200_000.0));
    let series = "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}";
    assert_eq!(value(&body, series), Some(900.0));
}

#[test]
fn promtool_complains_of_names_only_that_are_others() {
    needs::program("promtool");
    let exporter = Exporter::start(&recorded("laptop"));
    let body = exporter.scrape();
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).env("PATH", PATH).stdin(Stdio::piped());
    let mut promtool = promtool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let done = promtool.wait_with_output().unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(said.contains("gotop_"), "it looks at the body: {said}");
    // node_exporter takes the capitals from the kernel's own names
    let capitals = |line: &str| line.starts_with("node_memory_") && line.contains("camelCase");
    let complaints: Vec<_> =
        said.lines().filter(|line| !line.starts_with("gotop_") && !capitals(line)).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn families_can_be_left_out() {
    let families = |body: &str| {
        let names = body.lines().filter(|l| !l.starts_with('#'));
        names.map(|l| l.split('_').next().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let home = Home::new();
    let once = |names: &str| {
        let mut args = vec!["--once=prometheus".to_owned(), "--export-names".into(), names.into()];
        args.extend(recorded("laptop"));
        families(&home.run(&args).expect(0).stdout)
    };
    assert_eq!(once("gotop").into_iter().collect::<Vec<_>>(), ["gotop"]);
    assert_eq!(once("node,manytop").into_iter().collect::<Vec<_>>(), ["manytop", "node"]);
    let wrong = home.run(&["--once=prometheus", "--export-names", "gotop,prom"]).expect(2).stderr;
    assert!(wrong.contains("\"prom\" is not a family"), "{wrong}");
}

#[test]
fn once_prints_the_same_page() {
    let home = Home::new();
    let args = recorded("laptop");
    let mut once = vec!["--once=prometheus".to_owned()];
    once.extend(args.iter().cloned());
    let names = |body: &str| -> Vec<String> {
        body.lines().map(|l| l.rsplit_once(' ').unwrap().0.to_owned()).collect()
    };
    let served = names(&Exporter::start(&args).scrape());
    assert_eq!(names(&home.run(&once).expect(0).stdout), served);
}

#[test]
fn processes_are_exported_on_demand_only_and_without_command_lines() {
    let home = Home::new();
    let mut args = vec!["--once=prometheus".to_owned()];
    args.extend(recorded("laptop"));
    assert!(!home.run(&args).expect(0).stdout.contains("manytop_process_"));
    args.push("--export-processes".into());
    let body = home.run(&args).expect(0).stdout;
    assert!(
        body.contains("manytop_process_cpu_seconds_total{source=\"local\",device=\""),
        "{body}"
    );
    assert!(!body.contains("command="), "{body}");
}
