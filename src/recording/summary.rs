//! `--summary`: what an operator asks first of a span: outages, alerts, busy hosts, big processes.

use crate::{
    cli::{CheckFormat, ReplayArgs},
    messages,
    recording::dump::{Selected, rfc3339},
};
use manytop_core::{clock::Moment, draw::number, past::PastStore, source::Source, vocabulary as v};
use manytop_recording::{EventKind, FrameContent, RecordedEvent, ReplayStore};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    io,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// So many of each list are shown.
const MOST: usize = 10;

/// What is known of a source over the span.
#[derive(Default)]
struct HostTotals {
    /// Percentages of the processors: sum, number, peak.
    cpu: (f64, u32, f64),
    memory_peak: Option<f64>,
    disk_peak: Option<f64>,
    down: Duration,
    outages: u32,
}

/// What is known of a process over the span.
#[derive(Default)]
struct ProcessTotals {
    name: Arc<str>,
    /// Processor time when it was first and last seen, seconds.
    cpu: Option<(f64, f64)>,
    memory_peak: f64,
}

struct HostOutage {
    source: Source,
    began: SystemTime,
    lasted: Duration,
    is_over: bool,
    reason: String,
}

#[derive(Default)]
struct RecordingSummary {
    hosts: BTreeMap<Source, HostTotals>,
    processes: HashMap<(Source, Arc<str>, u64), ProcessTotals>,
    outages: Vec<HostOutage>,
    events: Vec<(SystemTime, RecordedEvent)>,
    /// Sources that are down, and since when.
    down: HashMap<Source, (Moment, SystemTime, String)>,
}

impl RecordingSummary {
    fn event(&mut self, at: Moment, wall: SystemTime, event: &RecordedEvent) {
        let source = event.source.as_deref().map(Source::named);
        match (event.kind, source) {
            (EventKind::Down, Some(source)) => {
                self.down.entry(source).or_insert((at, wall, event.text.clone()));
            }
            (EventKind::Recovered, Some(source)) => self.recovered(source, at, true),
            (EventKind::Warning | EventKind::Critical, _) => {
                self.events.push((wall, event.clone()))
            }
            _ => {}
        }
    }

    fn recovered(&mut self, source: Source, at: Moment, is_over: bool) {
        let Some((since, began, reason)) = self.down.remove(&source) else { return };
        let lasted = at.since(since);
        let host = self.hosts.entry(source.clone()).or_default();
        host.down += lasted;
        host.outages += 1;
        self.outages.push(HostOutage { source, began, lasted, is_over, reason });
    }
}

/// Prints the summary of a span.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(
    store: &mut ReplayStore,
    (from, to): (Moment, Moment),
    args: &ReplayArgs,
    format: CheckFormat,
) -> io::Result<()> {
    let mut selected = Selected::new(args);
    let mut found = RecordingSummary::default();
    store.scan(from, to, |frame| {
        match frame.what {
            FrameContent::Event(event) => {
                let source = event.source.as_deref().map(Source::named);
                if source.is_none_or(|source| selected.has_source(&source)) {
                    found.event(frame.at, frame.wall, event);
                }
            }
            FrameContent::Readings(source, _) if selected.has_source(source) => {
                let host = found.hosts.entry(source.clone()).or_default();
                let (mut busy, mut count) = (0.0, 0_u32);
                for device in frame.devices() {
                    let percent = device.value(&v::PERCENT);
                    if device.kind == v::CPU {
                        busy += percent.unwrap_or(0.0);
                        count += u32::from(percent.is_some());
                    } else if device.kind == v::MEMORY && &*device.name == v::MAIN {
                        host.memory_peak = largest(host.memory_peak, percent);
                    } else if device.kind == v::DISK {
                        host.disk_peak = largest(host.disk_peak, percent);
                    } else if device.kind == v::PROCESS {
                        let key = (source.clone(), device.name.clone(), device.generation);
                        let process = found.processes.entry(key).or_default();
                        // a shell that becomes another program has its name from then on
                        if let Some(name) = device.text(&v::NAME)
                            && *name != *process.name
                        {
                            process.name = name.into();
                        }
                        if let Some(seconds) = device.value(&v::CPU_SECONDS) {
                            let first = process.cpu.map_or(seconds, |(first, _)| first);
                            process.cpu = Some((first, seconds));
                        }
                        let memory = device.value(&v::RESIDENT_BYTES).unwrap_or(0.0);
                        process.memory_peak = process.memory_peak.max(memory);
                    }
                }
                if count > 0 {
                    let mean = busy / f64::from(count);
                    host.cpu = (host.cpu.0 + mean, host.cpu.1 + 1, host.cpu.2.max(mean));
                }
            }
            FrameContent::Readings(..) => {}
        }
        true
    });
    let still: Vec<Source> = found.down.keys().cloned().collect();
    still.into_iter().for_each(|source| found.recovered(source, to, false));
    let span = (store.wall(from), store.wall(to));
    let document = document(&found, span, &mut selected);
    let text = match format {
        CheckFormat::Json => serde_json::to_string_pretty(&document)? + "\n",
        CheckFormat::Text => text(&document),
    };
    messages::print(&text)
}

fn document(
    found: &RecordingSummary,
    span: (SystemTime, SystemTime),
    selected: &mut Selected<'_>,
) -> Value {
    let rounded = |value: f64| (value * 10.0).round() / 10.0;
    let mut hosts: Vec<_> = found.hosts.iter().collect();
    let mean = |host: &HostTotals| (host.cpu.1 > 0).then(|| host.cpu.0 / f64::from(host.cpu.1));
    hosts.sort_by(|(_, a), (_, b)| {
        let of = |host: &HostTotals| (host.down, mean(host).unwrap_or(-1.0));
        of(b).partial_cmp(&of(a)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let hosts = hosts.into_iter().take(MOST).map(|(source, host)| {
        json!({
            "source": selected.source(source),
            "down_seconds": host.down.as_secs_f64(),
            "outages": host.outages,
            "cpu_mean_percent": mean(host).map(rounded),
            "cpu_max_percent": (host.cpu.1 > 0).then(|| rounded(host.cpu.2)),
            "memory_max_percent": host.memory_peak.map(rounded),
            "disk_max_percent": host.disk_peak.map(rounded),
        })
    });
    let hosts: Vec<Value> = hosts.collect();
    let mut outages: Vec<&HostOutage> = found.outages.iter().collect();
    outages.sort_by_key(|outage| std::cmp::Reverse(outage.lasted));
    let outages = outages.into_iter().take(MOST).map(|outage| {
        json!({
            "source": selected.source(&outage.source),
            "from": rfc3339(outage.began),
            "seconds": outage.lasted.as_secs_f64(),
            "over": outage.is_over,
            "reason": selected.words(&outage.reason),
        })
    });
    let outages: Vec<Value> = outages.collect();
    let alerts = found.events.iter().map(|(wall, event)| {
        let source = event.source.as_deref().map(Source::named);
        json!({
            "time": rfc3339(*wall),
            "severity": event.kind.word(),
            "source": source.map(|source| selected.source(&source)),
            "text": selected.words(&event.text),
        })
    });
    let alerts: Vec<Value> = alerts.collect();
    let mut processes = |by: &dyn Fn(&ProcessTotals) -> f64| -> Vec<Value> {
        let mut all: Vec<_> = found.processes.iter().filter(|(_, p)| by(p) > 0.0).collect();
        all.sort_by(|(_, a), (_, b)| by(b).total_cmp(&by(a)));
        let largest = all.into_iter().take(MOST).map(|((source, pid, _), process)| {
            json!({
                "source": selected.source(source),
                "pid": &**pid,
                "name": &*process.name,
                "cpu_seconds": rounded(cpu_time(process)),
                "memory_max_bytes": process.memory_peak,
            })
        });
        largest.collect()
    };
    let by_cpu = processes(&cpu_time);
    let by_memory = processes(&|process| process.memory_peak);
    json!({
        "from": rfc3339(span.0),
        "to": rfc3339(span.1),
        "hosts": hosts,
        "outages": outages,
        "alerts": alerts,
        "processes_by_cpu": by_cpu,
        "processes_by_memory": by_memory,
    })
}

fn largest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

fn cpu_time(process: &ProcessTotals) -> f64 {
    process.cpu.map_or(0.0, |(first, last)| last - first)
}

/// How a column of a table is written.
#[derive(Clone, Copy)]
enum ColumnFormat {
    /// As it is.
    Word,
    /// A time, in the zone of the viewer.
    Time,
    /// Seconds, as a span.
    Span,
    /// A percentage without decimals.
    Percent,
    /// Bytes with their unit.
    Bytes,
    /// Whether an outage was over at the end of the span.
    Over,
}

impl ColumnFormat {
    /// The value for people; `-` without one.
    fn show(self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Null) => "-".to_owned(),
            (ColumnFormat::Time, Value::String(text)) => {
                let time = chrono::DateTime::parse_from_rfc3339(text);
                let shown = |time: chrono::DateTime<chrono::FixedOffset>| {
                    let local = time.with_timezone(&chrono::Local);
                    local.format("%Y-%m-%d %H:%M:%S").to_string()
                };
                time.map_or_else(|_| text.clone(), shown)
            }
            (_, Value::String(text)) => text.clone(),
            (ColumnFormat::Over, value) if *value == Value::Bool(false) => "to the end".to_owned(),
            (ColumnFormat::Over, _) => String::new(),
            (ColumnFormat::Span, value) => {
                number::span(value.as_f64().unwrap_or_default()).to_string()
            }
            (ColumnFormat::Percent, value) => format!("{:.0}", value.as_f64().unwrap_or_default()),
            (ColumnFormat::Bytes, value) => {
                number::size(value.as_f64().unwrap_or_default()).to_string()
            }
            (_, other) => other.to_string(),
        }
    }
}

/// The columns of a table: key, heading, how it is written.
type SummaryColumns = &'static [(&'static str, &'static str, ColumnFormat)];

/// The tables: key, title, columns.
const TABLES: &[(&str, &str, SummaryColumns)] = &[
    (
        "hosts",
        "hosts, the longest down first",
        &[
            ("source", "source", ColumnFormat::Word),
            ("down_seconds", "down for", ColumnFormat::Span),
            ("outages", "outages", ColumnFormat::Word),
            ("cpu_mean_percent", "cpu % mean", ColumnFormat::Percent),
            ("cpu_max_percent", "max", ColumnFormat::Percent),
            ("memory_max_percent", "mem % max", ColumnFormat::Percent),
            ("disk_max_percent", "disk % max", ColumnFormat::Percent),
        ],
    ),
    (
        "outages",
        "longest outages",
        &[
            ("source", "source", ColumnFormat::Word),
            ("from", "from", ColumnFormat::Time),
            ("seconds", "for", ColumnFormat::Span),
            ("over", "", ColumnFormat::Over),
            ("reason", "reason", ColumnFormat::Word),
        ],
    ),
    (
        "alerts",
        "alerts",
        &[
            ("time", "time", ColumnFormat::Time),
            ("severity", "severity", ColumnFormat::Word),
            ("source", "source", ColumnFormat::Word),
            ("text", "text", ColumnFormat::Word),
        ],
    ),
    (
        "processes_by_cpu",
        "processes by processor time",
        &[
            ("source", "source", ColumnFormat::Word),
            ("pid", "pid", ColumnFormat::Word),
            ("name", "name", ColumnFormat::Word),
            ("cpu_seconds", "cpu s", ColumnFormat::Word),
        ],
    ),
    (
        "processes_by_memory",
        "processes by peak memory",
        &[
            ("source", "source", ColumnFormat::Word),
            ("pid", "pid", ColumnFormat::Word),
            ("name", "name", ColumnFormat::Word),
            ("memory_max_bytes", "memory", ColumnFormat::Bytes),
        ],
    ),
];

/// The document as lines for people.
fn text(document: &Value) -> String {
    let time = |key: &str| ColumnFormat::Time.show(&document[key]);
    let mut out = format!("{} to {}\n", time("from"), time("to"));
    for (key, title, columns) in TABLES {
        let rows = document[*key].as_array().map(Vec::as_slice).unwrap_or_default();
        let _ = write!(out, "\n{title}\n");
        if rows.is_empty() {
            out.push_str("  none\n");
            continue;
        }
        let heads = columns.iter().map(|(_, head, _)| (*head).to_owned());
        let mut cells: Vec<Vec<String>> = vec![heads.collect()];
        let row = |row: &Value| {
            let cells = columns.iter().map(|(key, _, written)| written.show(&row[*key]));
            cells.collect()
        };
        cells.extend(rows.iter().map(row));
        let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns.len()).map(width).collect();
        for row in &cells {
            let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            let line = padded.collect::<Vec<_>>().join("  ");
            let _ = writeln!(out, "  {}", line.trim_end());
        }
    }
    out
}
