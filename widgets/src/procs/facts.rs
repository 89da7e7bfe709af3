//! What is known of a process besides its history: relatives, cgroup, limits, threads, environment, files.

use super::{process::Process, rows::ProcessRows};
use crate::log::rule;
use crate::series::Samples;
use manytop_plugin::{
    draw::{Canvas, Ink, compact, number, text::width},
    ratatui_core::layout::Rect,
    reading::Metric,
    view::{Shown, View},
    vocabulary as v,
};

/// So many threads are shown, the busiest first.
const THREADS: usize = 6;

/// A line of facts.
enum FactLine {
    Heading(String),
    /// A label and a text over the whole width.
    Wide(&'static str, String),
    /// Two labels with texts.
    Pair([(&'static str, String); 2]),
    /// Bars of what is used of a limit.
    Limits(Vec<(&'static str, Option<f64>, String)>),
    /// Threads: name, percent.
    Threads(Vec<(String, f64, Samples)>),
}

/// The facts in the order of their importance.
pub struct Facts {
    lines: Vec<FactLine>,
}

impl Facts {
    pub fn of(view: &View<'_>, rows: &ProcessRows<'_>, process: &Process<'_>) -> Facts {
        let mut lines = Vec::new();
        belongs(rows, process, &mut lines);
        limits(process, &mut lines);
        threads(view, process, &mut lines);
        more(process, &mut lines);
        Facts { lines }
    }

    /// The rows that they take.
    pub fn rows(&self, _: u16) -> u16 {
        self.lines.len() as u16
    }

    /// Draws those that there is room for.
    pub fn draw(&self, on: &mut Canvas<'_>) {
        let theme = on.theme;
        let (wide, half) = (on.width(), on.width() / 2);
        for (y, line) in (0..on.height()).zip(&self.lines) {
            match line {
                FactLine::Heading(words) => rule(on, y, &[(words, theme.dim)]),
                FactLine::Wide(label, text) => {
                    on.put(1, y, label, theme.dim);
                    on.column(11, y, wide.saturating_sub(12), text, theme.text);
                }
                FactLine::Pair(pair) => {
                    for (x, (label, text)) in [0, half].into_iter().zip(pair) {
                        on.put(x + 1, y, label, theme.dim);
                        on.column(x + 11, y, half.saturating_sub(12), text, theme.text);
                    }
                }
                FactLine::Limits(all) => {
                    for (x, (label, share, text)) in [0, half].into_iter().zip(all) {
                        on.put(x + 1, y, label, theme.dim);
                        let room = half.saturating_sub(12);
                        let bar = room.saturating_sub(width(text) + 1).min(10);
                        if let Some(share) = share.filter(|_| bar >= 4) {
                            on.meter(x + 11, y, bar, share, Ink::Level);
                        }
                        on.number(x + 11 + bar, y, room.saturating_sub(bar), text, theme.text);
                    }
                }
                FactLine::Threads(all) => {
                    let third = wide / 3;
                    for (nth, (name, percent, samples)) in (0..).zip(all) {
                        let x = 1 + nth * third;
                        let room = third.saturating_sub(14);
                        on.column(x, y, room, name, theme.text);
                        let text = compact::process(*percent);
                        let style = if *percent >= 1.0 { theme.hi } else { theme.dim };
                        on.number(x + room, y, 5, &text, style);
                        on.spark(x + room + 6, y, 6, samples.trace(), 100.0, Ink::Level);
                    }
                }
            }
        }
    }
}

fn belongs(rows: &ProcessRows<'_>, process: &Process<'_>, lines: &mut Vec<FactLine>) {
    let device = process.device;
    lines.push(FactLine::Heading("where it belongs".into()));
    let named = |p: &Process<'_>| format!("{} {}", p.name(), p.device.name);
    let parents: Vec<String> = rows.parents(process).iter().map(named).collect();
    if !parents.is_empty() {
        lines.push(FactLine::Wide("parents", parents.join(" > ")));
    } else if let Some(pid) = device.value(&v::PARENT).filter(|pid| *pid > 0.0) {
        lines.push(FactLine::Wide("parents", format!("{pid:.0}")));
    }
    let children: Vec<String> = rows.children(process).iter().map(named).collect();
    if !children.is_empty() {
        lines.push(FactLine::Wide("children", children.join("  ")));
    }
    let texts = [
        ("cgroup", &v::CGROUP, ""),
        ("unit", &v::UNIT, ""),
        ("container", &v::CONTAINER, ""),
        ("folder", &v::FOLDER, "folder"),
        ("program", &v::PROGRAM, "program"),
    ];
    for (label, text, denied) in texts {
        match device.text(text).filter(|text| !text.is_empty()) {
            Some(known) => {
                let words = match known.strip_suffix(" (deleted)") {
                    Some(path) => format!("{path}  ! replaced or deleted since it was started"),
                    None if text == &v::PROGRAM => format!("{known}  same as on disk"),
                    None => known.to_owned(),
                };
                lines.push(FactLine::Wide(label, words));
            }
            None if !denied.is_empty() && process.is_denied(denied) => {
                lines.push(FactLine::Wide(label, "·".into()));
            }
            None => {}
        }
    }
}

fn limits(process: &Process<'_>, lines: &mut Vec<FactLine>) {
    let value = |metric: &Metric| process.device.value(metric);
    let count = |n: f64| number::count(n).to_string();
    let bytes = |n: f64| compact::memory(n).to_string();
    let of = |used: Option<f64>, limit: Option<f64>, show: &dyn Fn(f64) -> String| {
        let used_text = used.map_or_else(|| "-".to_owned(), show);
        let limit_text = limit.map_or_else(|| "none".to_owned(), show);
        let share = used.zip(limit).map(|(used, limit)| used / limit.max(1.0));
        used.map(|_| (share.or(Some(0.0)), format!("{used_text} of {limit_text}")))
    };
    let all = [
        ("files", of(value(&v::OPEN_FILES), value(&v::OPEN_FILES_LIMIT), &count)),
        ("tasks", of(value(&v::THREADS), value(&v::TASKS_LIMIT), &count)),
        ("memory", of(value(&v::RESIDENT_BYTES), value(&v::LIMIT_BYTES), &bytes)),
        ("stack", of(value(&v::STACK_BYTES), value(&v::STACK_LIMIT_BYTES), &bytes)),
    ];
    let known: Vec<(&'static str, Option<f64>, String)> = all
        .into_iter()
        .filter_map(|(label, of)| of.map(|(share, text)| (label, share, text)))
        .collect();
    if known.is_empty() {
        return;
    }
    lines.push(FactLine::Heading("limits".into()));
    let mut known = known.into_iter().peekable();
    while known.peek().is_some() {
        lines.push(FactLine::Limits(known.by_ref().take(2).collect()));
    }
}

fn more(process: &Process<'_>, lines: &mut Vec<FactLine>) {
    let device = process.device;
    let value = |metric: &Metric| device.value(metric);
    let rate = |metric| value(metric).map(|n| format!("{}/s", number::count(n)));
    let two = |a: Option<String>, word: &str, b: Option<String>| match (a, b) {
        (Some(a), Some(b)) => Some(format!("{a} {word} {b}")),
        (a, _) => a,
    };
    let work = |metric| value(metric).map(|s| number::work(s).to_string());
    let last = value(&v::LAST_CPU).map(|n| format!("{n:.0}"));
    // one with a limit is among the limits
    let count = |metric, limit| {
        let count = value(metric).filter(|_| value(limit).is_none());
        count.map(|n| format!("{n:.0}"))
    };
    let bytes = |metric| value(metric).map(|n| format!("{}B/s", compact::bytes(n)));
    let network =
        two(bytes(&v::RECEIVED_RATE).map(|n| format!("in {n}")), "out", bytes(&v::SENT_RATE));
    let network = network.or_else(|| process.is_denied("network").then(|| "·".to_owned()));
    let facts: [(&'static str, Option<String>); 9] = [
        ("network", network),
        ("switches", two(rate(&v::SWITCHES_RATE), "forced", rate(&v::FORCED_SWITCHES_RATE))),
        ("faults", two(rate(&v::FAULTS_RATE), "major", rate(&v::MAJOR_FAULTS_RATE))),
        ("cores", two(device.text(&v::CPUS_ALLOWED).map(str::to_owned), "last", last)),
        ("oom score", value(&v::OOM_SCORE).map(|n| format!("{n:.0} of 1000"))),
        ("nice", value(&v::NICE).map(|n| format!("{n:.0}"))),
        ("cpu time", two(work(&v::CPU_SECONDS), "system", work(&v::SYSTEM_SECONDS))),
        ("threads", count(&v::THREADS, &v::TASKS_LIMIT)),
        ("files", count(&v::OPEN_FILES, &v::OPEN_FILES_LIMIT)),
    ];
    lines.push(FactLine::Heading("more".into()));
    let mut known = facts.into_iter().filter_map(|(label, text)| Some((label, text?)));
    while let Some(first) = known.next() {
        lines.push(FactLine::Pair([first, known.next().unwrap_or_default()]));
    }
}

fn threads(view: &View<'_>, process: &Process<'_>, lines: &mut Vec<FactLine>) {
    let pid = process.device.name.parse::<f64>().ok();
    let order = process.source.order;
    let own = |s: &Shown<'_>| s.source.order == order && s.device.value(&v::PARENT) == pid;
    let mut all: Vec<(String, f64, Samples)> = view
        .devices(v::THREAD)
        .filter(own)
        .map(|s| {
            let percent = s.device.value(&v::PERCENT).unwrap_or(0.0);
            let samples =
                Samples::device(view, s.source, (v::THREAD, &v::PERCENT), &s.device.name, 6);
            (s.device.text(&v::NAME).unwrap_or("?").to_owned(), percent, samples)
        })
        .collect();
    if all.len() < 2 {
        return;
    }
    let running = all.iter().filter(|(_, percent, _)| *percent >= 1.0).count();
    lines.push(FactLine::Heading(format!("{} threads ─ {running} busy", all.len())));
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut all = all.into_iter().take(THREADS).peekable();
    while all.peek().is_some() {
        lines.push(FactLine::Threads(all.by_ref().take(3).collect()));
    }
}

/// What of a process could not be read, and what shows it; empty where all could.
pub fn denied(process: &Process<'_>) -> String {
    let denied = process.device.text(&v::DENIED).unwrap_or_default();
    if denied.is_empty() {
        return String::new();
    }
    let words: Vec<&str> = denied.split(' ').collect();
    format!(
        "· not readable: {}; shown with: sudo setcap cap_sys_ptrace,cap_dac_read_search+ep \
         $(command -v manytop)",
        words.join(", ")
    )
}

/// The devices of a kind that belong to a process.
fn parts<'a>(
    view: &View<'a>,
    process: &Process<'_>,
    kind: manytop_plugin::reading::Kind,
) -> Vec<Shown<'a>> {
    let pid = process.device.name.parse::<f64>().ok();
    let order = process.source.order;
    let own = |s: &Shown<'_>| s.source.order == order && s.device.value(&v::PARENT) == pid;
    view.devices(kind).filter(own).collect()
}

/// What follows the pid in the name of a part.
fn own_name<'a>(shown: &Shown<'a>) -> &'a str {
    shown.device.name.split_once('/').map_or(&*shown.device.name, |(_, name)| name)
}

/// Draws names and texts in columns, and says how many there was no room for.
fn listed(on: &mut Canvas<'_>, heading: &str, all: &[(String, String)], nothing: &str) {
    let theme = on.theme;
    rule(on, 0, &[(heading, theme.dim)]);
    if all.is_empty() {
        on.put(1, 1, nothing, theme.dim);
        return;
    }
    let names = all.iter().map(|(name, _)| width(name)).max().unwrap_or(0).min(on.width() / 3);
    let room = usize::from(on.height().saturating_sub(1));
    let shown = if all.len() > room { room.saturating_sub(1) } else { all.len() };
    for (y, (name, text)) in (1..).zip(&all[..shown]) {
        on.column(1, y, names, name, theme.dim);
        on.put(names + 2, y, text, theme.text);
    }
    if shown < all.len() {
        let words = format!("… {} more; z enlarges the box", all.len() - shown);
        on.put(1, 1 + shown as u16, &words, theme.dim);
    }
}

/// The environment, by name.
pub fn environment(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>) {
    let found = parts(view, process, v::ENVIRONMENT);
    let mut all: Vec<(String, String)> = found
        .iter()
        .map(|s| {
            let value = s.device.text(&v::VALUE).unwrap_or_default().to_owned();
            (own_name(s).to_owned(), value)
        })
        .collect();
    all.sort();
    let nothing = match process.is_denied("environment") {
        true => "· other users' environments take a capability",
        false => "nothing, or not read yet",
    };
    listed(on, &format!("environment ─ {}", all.len()), &all, nothing);
}

/// Connections with what they carry, the busiest first; below them the open files by number.
pub fn files(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>) {
    let mut open = parts(view, process, v::CONNECTION);
    let busy = |s: &Shown<'_>| {
        let rates = [&v::RECEIVED_RATE, &v::SENT_RATE].map(|metric| s.device.value(metric));
        rates.into_iter().flatten().sum::<f64>()
    };
    open.sort_by(|a, b| busy(b).total_cmp(&busy(a)).then_with(|| own_name(a).cmp(own_name(b))));
    let (width, height) = (on.width(), on.height());
    let upper = if open.is_empty() { 0 } else { (open.len() as u16 + 1).min(height / 2) };
    connections(&open, &mut on.part(Rect::new(0, 0, width, upper)));
    let mut files = parts(view, process, v::OPEN_FILE);
    files.sort_by_key(|s| own_name(s).parse::<u64>().unwrap_or(u64::MAX));
    let path = |s: &Shown<'_>| s.device.text(&v::PATH).unwrap_or("-").to_owned();
    let all: Vec<(String, String)> =
        files.iter().map(|s| (own_name(s).to_owned(), path(s))).collect();
    let nothing = match process.is_denied("files") {
        true => "· other users' open files take a capability",
        false => "nothing, or not read yet",
    };
    let on = &mut on.part(Rect::new(0, upper, width, height - upper));
    listed(on, &format!("open files ─ {}", files.len()), &all, nothing);
}

/// A row for each connection: protocol and state, bytes in and out a second, both ends.
fn connections(all: &[Shown<'_>], on: &mut Canvas<'_>) {
    if on.height() < 2 {
        return;
    }
    let theme = on.theme;
    rule(on, 0, &[(&format!("connections ─ {}", all.len()), theme.dim)]);
    let room = usize::from(on.height() - 1);
    let shown = if all.len() > room { room - 1 } else { all.len() };
    for (y, s) in (1..).zip(&all[..shown]) {
        let text = |text| s.device.text(text).unwrap_or("-");
        on.column(1, y, 5, text(&v::PROTOCOL), theme.dim);
        on.column(6, y, 12, text(&v::STATE), theme.dim);
        let rates = [(19, "▼", theme.rx, &v::RECEIVED_RATE), (26, "▲", theme.tx, &v::SENT_RATE)];
        for (x, sign, style, metric) in rates {
            if let Some(rate) = s.device.value(metric) {
                on.put(x, y, sign, style);
                on.rate(x + 2, y, 4, Some(rate));
            }
        }
        let ends =
            [(text(&v::LOCAL), theme.text), (" > ", theme.dim), (text(&v::PEER), theme.text)];
        on.runs(33, y, &ends);
    }
    if shown < all.len() {
        let words = format!("… {} more; z enlarges the box", all.len() - shown);
        on.put(1, 1 + shown as u16, &words, theme.dim);
    }
}
