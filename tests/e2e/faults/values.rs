//! Faults of what is said: names, labels and numbers that no honest exporter sends.

use super::{Check, Row, Shows, Shows::Live, healthy};
use crate::{
    bodies::{self, Body},
    farm::{Farm, Manner},
    once::{Once, near},
};
use std::{sync::Arc, time::Duration};

/// A healthy gotop with more lines, which depend on the number of the answer.
fn gotop_and(more: impl Fn(usize) -> String + Send + Sync + 'static) -> Body {
    let healthy = healthy();
    Arc::new(move |n, t| format!("{}{}", healthy(n, t), more(n)))
}

/// A node_exporter of which some lines are others. `change` gets the number of the answer and a line.
fn node_but(change: impl Fn(usize, &str) -> Option<String> + Send + Sync + 'static) -> Body {
    let node = bodies::node_exporter();
    Arc::new(move |n, t| {
        let mut out = String::new();
        for line in node(n, t).lines() {
            out.push_str(change(n, line).as_deref().unwrap_or(line));
            out.push('\n');
        }
        out
    })
}

/// A line with another value.
fn value(line: &str, value: &str) -> String {
    format!("{} {value}", line.rsplit_once(' ').map_or(line, |(key, _)| key))
}

/// Lines with names that begin so, with other values.
fn values_of(prefix: &'static str, to: &'static str) -> Body {
    node_but(move |_, line| line.starts_with(prefix).then(|| value(line, to)))
}

/// Every number that is given makes sense.
fn sane(once: &Once, source: &str) {
    for device in once.devices().iter().filter(|d| d["source"] == source) {
        for (name, number) in device["values"].as_object().unwrap() {
            let Some(number) = number.as_f64() else { continue };
            assert!(number.is_finite() && number >= 0.0, "{source}: {name} in {device}");
            let percent = name == "percent" && number > 100.0 * 64.0;
            assert!(!percent, "{source}: {name} in {device}");
        }
    }
}

const SMUGGLED: [char; 9] =
    ['\u{1b}', '\u{7}', '\n', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{0}'];

fn nothing_smuggled(once: &Once, source: &str) {
    let mut disks = 0;
    for device in once.devices().iter().filter(|d| d["source"] == source) {
        let name = device["label"].as_str().unwrap();
        assert!(!name.contains(SMUGGLED), "{source}: {name:?}");
        assert!(name.chars().count() < 300, "{source}: {name:?}");
        let marks = name.chars().filter(|c| ('\u{300}'..'\u{370}').contains(c)).count();
        assert!(marks < 20, "{source}: {marks} combining marks in {name:?}");
        disks += usize::from(device["kind"] == "disk");
    }
    assert!(disks > 1, "{source}: the names were not left out altogether");
}

fn strange_names() -> String {
    let evil = [
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred",
        "two\\nlines\\n# HELP x y",
        "\u{202e}gnp.exe\u{2066}",
        "z\u{200b}w\u{feff}\u{9b}31m",
    ];
    let mut out = String::new();
    for name in evil
        .iter()
        .map(|s| (*s).to_owned())
        .chain([format!("a{}", "\u{301}".repeat(500)), "w".repeat(900)])
    {
        for metric in ["size_bytes", "free_bytes", "avail_bytes"] {
            out.push_str(&format!(
                "node_filesystem_{metric}{{device=\"/dev/{name}\",fstype=\"ext4\",mountpoint=\"/m-{name}\"}} 1e9\n"
            ));
        }
    }
    out
}

fn table() -> Vec<(&'static str, Body, Shows, Check)> {
    let node = bodies::node_exporter();
    let strange = Arc::new(move |n, t| format!("{}{}", node(n, t), strange_names()));
    let resets = node_but(|n, line| {
        let counts = line.starts_with("node_network_") || line.starts_with("node_disk_");
        let now = format!("{}", n % 3 * 100_000);
        (counts && line.contains("_total")).then(|| value(line, &now))
    });
    let clock = node_but(|n, line| {
        let now = ["1e9", "2.6e9", "0", "1.7e9"][n % 4];
        line.starts_with("node_time_seconds ").then(|| value(line, now))
    });
    vec![
        (
            "new-names-every-time",
            gotop_and(|n| {
                let line = |i| format!("junk_{n}_{i} 1\ngotop_temp_t{n}x{i} 40\n");
                (0..200).map(line).collect()
            }),
            Live,
            sane,
        ),
        ("strange-labels", strange, Live, nothing_smuggled),
        (
            "impostor",
            gotop_and(|_| {
                "gotop_cpu_healthy-a-CPU0 99\ngotop_temp_healthy-a 99\ngotop_cpu_local 99\n".into()
            }),
            Live,
            |once, source| {
                assert!(near(once.value("healthy-a", "cpu", "CPU0", "percent"), 37.0));
                assert_eq!(once.devices_of("healthy-a", "cpu").len(), 2);
                assert!(once.find("healthy-a", "temperature", "").is_none());
                let names = once.labels(source);
                assert!(names.iter().all(|(_, label)| label.starts_with("impostor-")), "{names:?}");
            },
        ),
        ("not-a-number", values_of("node_memory_", "NaN"), Live, sane),
        ("infinite", values_of("node_memory_", "+Inf"), Live, sane),
        ("minus-infinite", values_of("node_filesystem_", "-Inf"), Live, sane),
        ("negative", values_of("node_memory_", "-5"), Live, sane),
        ("huge", values_of("node_", "1e308"), Live, sane),
        ("nan-counters", values_of("node_cpu_seconds_total", "NaN"), Live, sane),
        ("counter-reset", resets, Live, |once, source| {
            sane(once, source);
            for device in once.devices_of(source, "network") {
                for rate in ["received_bytes_per_second", "sent_bytes_per_second"] {
                    let rate = device["values"][rate].as_f64().unwrap_or(0.0);
                    assert!(rate < 1e6, "{source}: a spike in {device}");
                }
            }
        }),
        ("clock-there-steps", clock, Live, sane),
        (
            "said-twice",
            gotop_and(|_| "gotop_cpu_CPU0 99\ngotop_memory_Main 99\n".into()),
            Live,
            |once, source| {
                assert!(near(once.value(source, "cpu", "CPU0", "percent"), 37.0));
                assert!(near(once.value(source, "memory", "Main", "percent"), 61.5));
            },
        ),
        (
            "come-and-go",
            gotop_and(|n| match n % 2 {
                0 => (0..50).map(|i| format!("gotop_temp_t{i} 40\n")).collect(),
                _ => String::new(),
            }),
            Live,
            sane,
        ),
        (
            "changes-its-kind",
            {
                let (gotop, node) = (healthy(), bodies::node_exporter());
                Arc::new(
                    move |n, t: Duration| if n / 2 % 2 == 0 { gotop(n, t) } else { node(n, t) },
                )
            },
            Live,
            sane,
        ),
    ]
}

/// The same, for the soak.
pub fn manners() -> Vec<(&'static str, Manner, Shows)> {
    table().into_iter().map(|(name, body, shows, _)| (name, Manner::Serve(body), shows)).collect()
}

/// The rows.
pub fn rows(farm: &Farm) -> Vec<Row> {
    let row =
        |(name, body, shows, check)| Row::new(farm, name, Manner::Serve(body), shows).check(check);
    table().into_iter().map(row).collect()
}
