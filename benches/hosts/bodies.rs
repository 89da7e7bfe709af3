//! Bodies with counters that move: real ones, taken apart once, and written again once a second for each of a
//! few variants, which hosts share. A request costs no formatting.

use std::{collections::HashSet, fmt::Write, sync::Arc};

const NODE: &str = include_str!("../../providers/tests/exposition/node_exporter-1.5.0.prom");
const GOTOP: &str = include_str!("../../providers/tests/exposition/gotop-4.2.0.prom");

/// Hosts of different variants have different numbers at the same moment.
pub const VARIANTS: usize = 16;

enum Piece {
    Text(String),
    /// A value that moves: where it begins, and by how much a second.
    Counter(f64, f64),
    /// Swings around a middle.
    Gauge(f64),
}

/// A sort of host.
pub struct Kind {
    pieces: Vec<Piece>,
    rendered: Vec<(u64, Arc<[u8]>)>,
}

impl Kind {
    /// A real node_exporter of two processors.
    pub fn node() -> Kind {
        Kind::new(NODE)
    }

    /// A node_exporter of 64 processors, 8 disks and 4 interfaces, made of the real one.
    pub fn node64() -> Kind {
        Kind::new(&grown(NODE))
    }

    /// A real gotop.
    pub fn gotop() -> Kind {
        Kind::new(GOTOP)
    }

    /// Sixty lines: the first of gotop's, and as many in all-smi's words.
    pub fn small() -> Kind {
        let mut text: String = GOTOP.lines().take(30).flat_map(|line| [line, "\n"]).collect();
        let labels = r#"instance="farm",hostname="farm",index="0""#;
        for core in 0..24 {
            let _ = writeln!(
                text,
                "all_smi_cpu_core_utilization{{{labels},core_id=\"{core}\"}} {}",
                core * 4
            );
        }
        for (name, value) in [
            ("cpu_utilization", 12.5),
            ("cpu_core_count", 24.0),
            ("memory_total_bytes", 25e9),
            ("memory_used_bytes", 5e9),
            ("disk_total_bytes", 27e10),
            ("disk_available_bytes", 7e10),
        ] {
            let _ = writeln!(text, "all_smi_{name}{{{labels}}} {value}");
        }
        Kind::new(&text)
    }

    fn new(text: &str) -> Kind {
        let mut counters = HashSet::new();
        let mut pieces = vec![Piece::Text(String::new())];
        for line in text.lines() {
            if let Some(typed) =
                line.strip_prefix("# TYPE ").and_then(|t| t.strip_suffix(" counter"))
            {
                counters.insert(typed);
            }
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            let moves = moving(name, line, counters.contains(name));
            let (key, value) = match line.rsplit_once(' ').filter(|_| !line.starts_with('#')) {
                Some((key, value)) => (key, value.parse().ok()),
                None => (line, None),
            };
            let (Some(value), Some(moves)) = (value, moves) else {
                push(&mut pieces, &[line, "\n"]);
                continue;
            };
            push(&mut pieces, &[key, " "]);
            pieces.push(if moves > 0.0 {
                Piece::Counter(value, moves)
            } else {
                Piece::Gauge(value)
            });
            push(&mut pieces, &["\n"]);
        }
        Kind { pieces, rendered: vec![(u64::MAX, Arc::default()); VARIANTS] }
    }

    /// The answer, head and body, of a host of that variant in that second.
    pub fn answer(&mut self, variant: usize, second: u64) -> Arc<[u8]> {
        let variant = variant % VARIANTS;
        if self.rendered[variant].0 != second {
            let body = self.body(variant as u64, second);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            );
            self.rendered[variant] = (second, [head.as_bytes(), body.as_bytes()].concat().into());
        }
        self.rendered[variant].1.clone()
    }

    fn body(&self, variant: u64, second: u64) -> String {
        let mut body = String::with_capacity(64 * 1024);
        for (n, piece) in self.pieces.iter().enumerate() {
            let own = (n as u64).wrapping_mul(31) + variant * 17;
            match piece {
                Piece::Text(text) => body.push_str(text),
                Piece::Counter(from, step) => {
                    let whole = step.fract() == 0.0;
                    let step = step * (0.5 + (own % 64) as f64 / 64.0);
                    let grown = from + (step * second as f64 * 100.0).round() / 100.0;
                    number(if whole { grown.round() } else { grown }, &mut body);
                }
                Piece::Gauge(middle) => {
                    let swing = ((own + second) % 21) as f64 / 10.0;
                    let value = middle * swing;
                    number(if middle.fract() == 0.0 { value.round() } else { value }, &mut body);
                }
            }
        }
        body
    }
}

fn push(pieces: &mut Vec<Piece>, texts: &[&str]) {
    if !matches!(pieces.last(), Some(Piece::Text(_))) {
        pieces.push(Piece::Text(String::new()));
    }
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        texts.iter().for_each(|text| last.push_str(text));
    }
}

/// How a series moves: by so much a second, or, at 0, as a gauge; `None` where it does not move.
fn moving(name: &str, line: &str, counter: bool) -> Option<f64> {
    match name {
        "node_cpu_seconds_total" if line.contains("idle") => Some(0.85),
        "node_cpu_seconds_total" if line.contains("user") => Some(0.09),
        "node_cpu_seconds_total" if line.contains("system") => Some(0.05),
        "node_cpu_seconds_total" | "node_cpu_guest_seconds_total" => None,
        "gotop_net_recv" | "gotop_net_sent" => Some(5000.0),
        "node_load1" | "node_memory_MemFree_bytes" => Some(0.0),
        _ if name.starts_with("gotop_cpu_") || name.contains("_utilization") => Some(0.0),
        _ if counter && name.contains("seconds") => Some(0.013),
        _ if counter && name.contains("bytes") => Some(12_288.0),
        _ if counter => Some(7.0),
        _ => None,
    }
}

/// A number as Go writes it, which is how exporters do.
fn number(value: f64, out: &mut String) {
    let size = value.abs();
    let _ = if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        write!(out, "{digits}e{sign}{exponent:0>2}")
    } else {
        write!(out, "{value}")
    };
}

/// A body as a larger machine would give it: what it says of its second processor, its disk and its
/// interface said of more of them, and what a server's processors have to say besides.
fn grown(text: &str) -> String {
    const SERVER: [&str; 9] = [
        "node_cpu_core_throttles_total",
        "node_cpu_frequency_max_hertz",
        "node_cpu_frequency_min_hertz",
        "node_cpu_scaling_frequency_hertz",
        "node_cpu_scaling_frequency_max_hertz",
        "node_cpu_scaling_frequency_min_hertz",
        "node_schedstat_running_seconds_total",
        "node_schedstat_timeslices_total",
        "node_schedstat_waiting_seconds_total",
    ];
    let mut out = String::with_capacity(160 * 1024);
    let mut families: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        if line.starts_with("# HELP") || families.is_empty() {
            families.push(Vec::new());
        }
        families.last_mut().unwrap().push(line);
    }
    for family in families {
        family.iter().for_each(|line| out.extend([line, "\n"]));
        let mut more = |has: &str, others: &mut dyn Iterator<Item = String>| {
            let like: Vec<&&str> = family.iter().filter(|line| line.contains(has)).collect();
            for other in others.filter(|_| !like.is_empty()) {
                like.iter().for_each(|line| out.extend([&line.replace(has, &other), "\n"]));
            }
        };
        more("cpu=\"1\"", &mut (2..64).map(|n| format!("cpu=\"{n}\"")));
        more("device=\"vda\"", &mut (0..7).map(|n| format!("device=\"nvme{n}n1\"")));
        more("device=\"eth0\"", &mut (1..4).map(|n| format!("device=\"eth{n}\"")));
    }
    for name in SERVER {
        let sort = if name.ends_with("_total") { "counter" } else { "gauge" };
        let _ = writeln!(out, "# HELP {name} What a server says of each processor.");
        let _ = writeln!(out, "# TYPE {name} {sort}");
        for n in 0..64 {
            let _ = writeln!(out, "{name}{{cpu=\"{n}\"}} {}", 2_400_000_000_u64 + n * 1000);
        }
    }
    out
}
