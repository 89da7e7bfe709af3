//! One host on a few rows: its processors as a graph, and beside it memory, disks, network, load and the
//! busiest processes. Below a table of many hosts it shows the one under the cursor.
//!
//! ```text
//! ╭─ ▌db-3 ─ 3 cpu ─ 97 % ─ ■ user 52 ─ ■ system 14 ─────┬──── Debian 12 ─ 16 cores ─ Enter open ─╮
//! │ ⣀⣤⣶⣿⣿⣶⣤⣀⣀⣤⣶⣶⣤⣀⣀⣀⣤⣶⣿⣿⣶⣤⣀⣀⣤⣶⣿⣿⣶⣤⣀⣀⣤⣶⣶⣤⣀⣀⣀⣤⣶⣿⣿⣶⣤⣀│ mem    ██████████████▓▒░  96! %  61.4 of 64.0G  │
//! │ ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿│ /data  ━━━━━━━━━━━━━━━╸─  93! %  3.4T of 3.6T   │
//! ╰───────── 2m ┴───────── 1m ┴──────── now──────────────┴─────────────────────────────────────────╯
//! ```
//!
//! Only devices that the host reports have a row; the disks get the rows that are left over.

use crate::{
    cpu, disk, mem, net,
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact, number, text},
    health::State,
    provider::Selection,
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
        text::Line,
    },
    view::{Device, Shown, SourceView, View},
    vocabulary as v,
    widget::{Axis, Plugin, Title, Wants, Widget, hot},
};

manytop_plugin::inventory::submit! {
    Plugin::new("preview", "One host on a few rows", |_| Ok(Box::new(Preview)))
        .draws(&[v::CPU, v::MEMORY, v::DISK, v::NETWORK, v::HOST])
}

/// Below this width there is room for the figures only.
const GRAPH: u16 = 78;
/// The figures take half of the box, but not more columns than these.
const FIGURES: (u16, u16) = (46, 96);
/// The column behind the labels.
const LABEL: u16 = 8;
/// Rows that it can use.
const ROWS: u16 = 7;

struct Preview;

impl Widget for Preview {
    fn wants(&self) -> Wants {
        let kinds = [v::CPU, v::MEMORY, v::DISK, v::NETWORK, v::HOST, v::TEMPERATURE, v::PROCESS];
        let layers = cpu::LAYERS.map(|(metric, ..)| series::whole(v::CPU, metric));
        let rates = [&v::RECEIVED_RATE, &v::SENT_RATE].map(|m| series::each(v::NETWORK, m));
        let whole = [series::whole(v::CPU, &v::PERCENT)];
        let history = layers.into_iter().chain(rates).chain(whole).collect();
        Wants { want: Selection::kinds(&kinds), history }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let theme = view.theme;
        let mut title = Title::new("cpu");
        let is_up = |one: &&SourceView| one.state(view.now) != State::Down;
        let Some(source) = view.alone().filter(is_up) else { return title };
        if let Some(percent) = source.summary.cpu {
            let old = view.devices(v::CPU).any(|d| d.old);
            title = title.value(cpu::percent_of(percent, old, view));
        }
        let split = split(area.width);
        let columns = split.unwrap_or(area.width);
        title = cpu::layers(title, view, source, (columns, columns > 64));
        let host = source.devices(v::HOST).next();
        if let Some(name) = host.and_then(|host| host.text(&v::DISTRIBUTION)) {
            title = title.right(Line::styled(text::distribution(name), theme.dim));
        }
        let cores = source.summary.cores;
        if cores > 0 {
            let words = format!("{cores} core{}", if cores == 1 { "" } else { "s" });
            title = title.right(Line::styled(words, theme.dim));
        }
        let words = source.dialects().join(", ");
        let words = if words.is_empty() { source.provider().to_owned() } else { words };
        title = title.right(Line::styled(words, theme.dim));
        title = title.right(hot("{Enter} open", theme.text, theme));
        if let Some(split) = split {
            let axis = Axis { x: 0, width: split, column: view.settings.column };
            title = title.divider(split).axis(axis);
        }
        title
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        view.count() == 0
    }

    fn rows(&self, _: &View<'_>, _: u16) -> Option<u16> {
        Some(ROWS)
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let Some(source) = view.alone() else { return };
        let mut on = Canvas::new(buffer, area, view.theme);
        let height = on.height();
        let from = match split(on.width()) {
            Some(split) => {
                cpu::stack(view, source, Rect::new(0, 0, split, height), &mut on);
                split + 1
            }
            None => 0,
        };
        let width = on.width().saturating_sub(from);
        figures(view, source, &mut on.part(Rect::new(from, 0, width, height)));
    }
}

/// The column of the line between graph and figures.
fn split(width: u16) -> Option<u16> {
    (width >= GRAPH).then(|| width - (width / 2).clamp(FIGURES.0, FIGURES.1))
}

/// A run of texts that is written as a whole, or not at all.
fn fit(on: &mut Canvas<'_>, x: u16, y: u16, runs: &[(&str, Style)]) -> u16 {
    let needed = runs.iter().map(|(text, _)| text::width(text)).fold(0, u16::saturating_add);
    if x.saturating_add(needed) > on.width() {
        return u16::MAX;
    }
    on.runs(x, y, runs)
}

/// A row of the figures.
type PreviewRow = fn(&View<'_>, &SourceView, u16, &mut Canvas<'_>);

fn figures(view: &View<'_>, source: &SourceView, on: &mut Canvas<'_>) {
    let has = |kind| source.devices(kind).next().is_some();
    let rows: [(bool, PreviewRow); 4] = [
        (has(v::MEMORY), memory),
        (net::busiest(view).is_some(), network),
        (has(v::HOST), load),
        (has(v::PROCESS), processes),
    ];
    let all = disk::sorted(view);
    let mut disks: Vec<_> = all.iter().filter(|disk| disk::fill(disk).0.is_some()).collect();
    if disks.is_empty() {
        disks = all.iter().collect();
    }
    let others = rows.iter().filter(|(there, _)| *there).count() as u16;
    let mut left = on.height().saturating_sub(others).min(disks.len() as u16);
    // the fullest disk has a row before processes do
    left = left.max(u16::from(!disks.is_empty() && on.height() > 1));
    let mut y = 0;
    for (nth, (_, row)) in rows.iter().enumerate().filter(|(_, (there, _))| *there) {
        row(view, source, y, on);
        y += 1;
        if nth == 0 {
            for (nth, disk) in disks.iter().take(usize::from(left)).enumerate() {
                let x = disk_row(view, disk, y, on);
                if nth == 0 {
                    busiest(&all, x, y, on);
                }
                y += 1;
            }
        }
    }
}

/// Where bars begin and how wide they are, and where the percentage ends.
fn bar(on: &Canvas<'_>) -> (u16, u16) {
    let width = match on.width() {
        70.. => 24,
        54..70 => 16,
        _ => 10,
    };
    (LABEL, width)
}

fn memory(view: &View<'_>, source: &SourceView, y: u16, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let Some(main) = source.device(v::MEMORY, v::MAIN) else { return };
    on.put(1, y, "mem", theme.dim);
    let (x, width) = bar(on);
    on.stackbar(x, y, width, &mem::shares(main, theme));
    let old = view.devices(v::MEMORY).any(|memory| memory.old);
    let x = on.percent(x + width + 1, y, 3, main.value(&v::PERCENT), theme.levels, old);
    let mut x = fit(on, x, y, &[(" % ", theme.dim)]);
    if let Some((used, total)) = main.value(&v::USED_BYTES).zip(main.value(&v::TOTAL_BYTES)) {
        let of = number::used_of(used, total);
        x = fit(on, x, y, &[(" ", theme.dim), (&of, theme.text)]);
    }
    let Some(swap) = source.device(v::MEMORY, v::SWAP) else { return };
    if let Some(percent) = swap.value(&v::PERCENT) {
        let figure = compact::percent(percent);
        let parts = [("   swap ", theme.dim), (&*figure, theme.level(percent)), (" %", theme.dim)];
        x = fit(on, x, y, &parts);
    }
    if let Some(out) = swap.value(&v::OUT_RATE).filter(|out| *out > 0.0) {
        fit(on, x, y, &[("  out ", theme.dim), (&compact::bytes(out), theme.warn)]);
    }
}

fn disk_row(view: &View<'_>, shown: &Shown<'_>, y: u16, on: &mut Canvas<'_>) -> u16 {
    let (theme, device) = (view.theme, shown.device);
    on.column(1, y, LABEL - 2, &text::cut_middle(device.place(), LABEL - 2), theme.dim);
    let (percent, _) = disk::fill(shown);
    let (x, width) = bar(on);
    on.meter(x, y, width, percent.unwrap_or(0.0) / 100.0, Ink::Level);
    let x = on.percent(x + width + 1, y, 3, percent, theme.levels, shown.old);
    let mut x = fit(on, x, y, &[(" % ", theme.dim)]);
    if let Some((used, total)) = device.value(&v::USED_BYTES).zip(device.value(&v::TOTAL_BYTES)) {
        let of = format!(" {}", number::used_of(used, total));
        x = fit(on, x, y, &[(&of, theme.dim)]);
    }
    x
}

/// The device that is the busiest, beside the fullest disk: a file system and its device may be two.
fn busiest(all: &[Shown<'_>], x: u16, y: u16, on: &mut Canvas<'_>) {
    let theme = on.theme;
    let busy = |shown: &&Shown<'_>| shown.device.value(&v::BUSY_PERCENT).unwrap_or(-1.0);
    let Some(shown) = all.iter().max_by(|a, b| busy(a).total_cmp(&busy(b))) else { return };
    let mut x = x;
    let mut name = format!("   {} ", shown.device.name);
    if let Some(seconds) = shown.device.value(&v::LATENCY_SECONDS).filter(|s| *s >= 0.001) {
        let figure = compact::millis(seconds * 1e3);
        let unit = if figure.ends_with('s') { "" } else { " ms" };
        let style = theme.level_of(seconds, disk::SLOW[0], disk::SLOW[1]);
        x = fit(on, x, y, &[(&name, theme.dim), (&figure, style), (unit, theme.dim)]);
        name = "  ".to_owned();
    }
    if let Some(busy) = shown.device.value(&v::BUSY_PERCENT).filter(|busy| *busy >= 0.5) {
        let sign = if busy >= theme.levels.high { "!" } else { "" };
        let figure = format!("{}{sign}", compact::percent(busy));
        fit(on, x, y, &[(&name, theme.dim), ("busy ", theme.dim), (&figure, theme.level(busy))]);
    }
}

fn network(view: &View<'_>, _: &SourceView, y: u16, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let Some(shown) = net::busiest(view) else { return };
    on.put(1, y, "net", theme.dim);
    let graph = if on.width() >= 60 { 8 } else { 0 };
    let mut x = LABEL;
    for (mark, style, metric) in
        [('▼', theme.rx, &v::RECEIVED_RATE), ('▲', theme.tx, &v::SENT_RATE)]
    {
        on.set(x, y, mark, style);
        let figure = net::figure(view, shown.device.value(metric)).0;
        on.number(x + 1, y, 5, &figure, if shown.old { theme.stale } else { theme.text });
        let samples =
            Samples::device(view, shown.source, (v::NETWORK, metric), &shown.device.name, graph);
        let top = samples.highest().unwrap_or(0.0).max(net::LOUD);
        on.spark(x + 7, y, graph, samples.trace(), top, style.into());
        x += graph + 9;
    }
    let mut x = fit(on, x, y, &[(&shown.device.name, theme.dim)]);
    if let Some(link) = shown.device.text(&v::LINK) {
        x = fit(on, x, y, &[("  ", theme.dim), (link, theme.dim)]);
    }
    if let Some(words) = net::faults(&shown) {
        fit(on, x, y, &[("   ", theme.dim), (&words, theme.warn)]);
    }
}

fn load(view: &View<'_>, source: &SourceView, y: u16, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let Some(host) = source.devices(v::HOST).next() else { return };
    on.put(1, y, "load", theme.dim);
    let cores = source.summary.cores.max(1) as f64;
    let mut x = LABEL;
    for (nth, metric) in [&v::LOAD1, &v::LOAD5, &v::LOAD15].into_iter().enumerate() {
        let Some(load) = host.value(metric) else { continue };
        // a task waits for each processor
        let style = match nth {
            0 if load > 4.0 * cores => theme.crit.add_modifier(Modifier::BOLD),
            0 if load > 2.0 * cores => theme.warn,
            _ => theme.text,
        };
        x = fit(on, x, y, &[(&number::fixed(load, if load < 99.95 { 1 } else { 0 }), style)]);
        x = fit(on, x, y, &[("  ", theme.dim)]);
    }
    let stalls = [
        ("io", &v::IO_STALLED_PERCENT),
        ("mem", &v::MEMORY_STALLED_PERCENT),
        ("cpu", &v::CPU_STALLED_PERCENT),
    ];
    let mut word = " stalled ";
    for (name, metric) in stalls {
        let Some(percent) = host.value(metric).filter(|percent| *percent >= 0.5) else { continue };
        let style = theme.level_of(percent, 20.0, 60.0);
        let parts = [
            (word, theme.dim),
            (name, theme.dim),
            (" ", theme.dim),
            (&*compact::percent(percent), style),
            (" %", theme.dim),
        ];
        x = fit(on, x, y, &parts);
        word = "  ";
    }
    if let Some(celsius) = source.summary.celsius {
        let unit = if view.settings.fahrenheit { "°F" } else { "°C" };
        let shown = if view.settings.fahrenheit { celsius * 1.8 + 32.0 } else { celsius };
        let figure = format!("  {shown:.0}");
        fit(on, x, y, &[(&figure, theme.level(celsius)), (unit, theme.dim)]);
    }
}

/// The busiest processes: name, and percent of one processor.
fn processes(view: &View<'_>, source: &SourceView, y: u16, on: &mut Canvas<'_>) {
    let theme = view.theme;
    on.put(1, y, "top", theme.dim);
    let mut all: Vec<(f64, &Device)> = (source.devices(v::PROCESS))
        .filter_map(|process| Some((process.value(&v::PERCENT)?, process)))
        .filter(|(percent, _)| *percent >= 0.05)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut x = LABEL;
    for (percent, process) in all.iter().take(8) {
        let name = process.text(&v::NAME).unwrap_or(&process.name);
        let figure = format!(" {}   ", compact::process(*percent));
        x = fit(on, x, y, &[(name, theme.hi), (&figure, theme.text)]);
        if x == u16::MAX {
            break;
        }
    }
    if all.is_empty() {
        on.put(LABEL, y, "all idle", theme.dim);
    }
}
