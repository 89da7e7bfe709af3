//! Main memory as one stacked bar, its history in the bar's colours, swap space and stalls.
//!
//! ```text
//! ████████████████████████▓▒░░░░░░░░░░░░░░░░
//! ■ used 18.1  ■ shared 1.3  ■ buf 0.6  ■ cached 9.1  ■ free 2.2
//! swap     ━╸────────  11 %  0.9 of 8.0G  zram 2.4 in 0.7G
//! stalled  ·····⣀⣀···   0 %  12 page-ins/s
//! ```
//!
//! Used is what neither a cache nor a buffer could give back: `total − available`, less what is shared.
//! The cache of ZFS counts as cached. In a container with a limit, 100 % is that limit. A source that
//! gives percentages only has a bar of one part; one without swap space says `none`. Several sources: a
//! line each, and a bar each while there is room for rows.

use crate::{
    cpu::{compare, host_value, spans},
    labels,
    row::ShortNames,
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact, number},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style, text::Line},
    theme::Theme,
    view::{Device, Shown, SourceView, View},
    vocabulary as v,
    widget::{Axis, Plugin, Title, Wants, Widget, legend},
};

manytop_plugin::inventory::submit! {
    Plugin::new("mem", "Main memory and swap space of every source", |_| Ok(Box::new(Mem)))
        .draws(&[v::MEMORY])
}

/// Boxes of several sources with so many columns label their devices.
const LABELS: u16 = 70;

struct Mem;

impl Widget for Mem {
    fn wants(&self) -> Wants {
        let memory = [
            &v::PERCENT,
            &v::USED_BYTES,
            &v::SHARED_BYTES,
            &v::BUFFERS_BYTES,
            &v::CACHED_BYTES,
            &v::TOTAL_BYTES,
        ];
        let of_memory = memory.map(|metric| series::each(v::MEMORY, metric));
        let whole = [
            series::whole(v::MEMORY, &v::PERCENT),
            series::whole(v::HOST, &v::MEMORY_STALLED_PERCENT),
        ];
        let mut want = Selection::kinds(&[v::MEMORY]);
        want.add_only(v::HOST, &[&v::MEMORY_STALLED_PERCENT]);
        Wants { want, history: of_memory.into_iter().chain(whole).collect() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let theme = view.theme;
        match view.sources() {
            [source] => {
                let mut title = Title::new("mem");
                let Some(main) = main_of(source) else { return title };
                if let Some(percent) = main.value(&v::PERCENT) {
                    let high = percent >= theme.levels.high;
                    let style = if high { theme.level(percent) } else { theme.strong() };
                    let old = source.health(v::MEMORY).is_some_and(|h| h.state(view.now).is_old());
                    let figure = compact::percent(percent).aged(old);
                    let sign = if high { "!" } else { "" };
                    title =
                        title.value(spans(&[(&figure, style), (sign, style), (" %", theme.dim)]));
                }
                if let Some(total) = main.value(&v::TOTAL_BYTES) {
                    let limit = if main.text(&v::LIMIT).is_some() { " allowed" } else { "" };
                    let figure = number::size(total);
                    let parts = [("of ", theme.dim), (&*figure, theme.text), (limit, theme.dim)];
                    title = if area.width >= 30 {
                        title.item(spans(&parts))
                    } else {
                        title.right(spans(&parts[1..]))
                    };
                }
                if let Some(available) =
                    main.value(&v::AVAILABLE_BYTES).filter(|_| area.width >= 40)
                {
                    let figure = number::size(available);
                    title = title.right(spans(&[("available ", theme.dim), (&figure, theme.text)]));
                }
                title
            }
            [] => Title::new("mem"),
            many => {
                let mut title = Title::new("mem").value(Line::styled("%", theme.dim));
                if many.len() <= crate::cpu::LINES {
                    for source in many.iter().filter(|source| !source.is_front()) {
                        // the box of the processors has the lines
                        let mark = if area.width >= 80 { "━ " } else { "" };
                        title = title.right(host_value(view, source, source.summary.memory, mark));
                    }
                }
                let few = many.len() <= crate::cpu::LINES;
                let labels = labels::split(view, v::MEMORY, area, LABELS).filter(|_| few);
                let width = labels.unwrap_or(area.width).saturating_sub(4);
                title.axis(Axis { x: 4, width, column: view.settings.column })
            }
        }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::MEMORY)
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        match view.sources() {
            [source] => one(view, source, &mut on),
            few if few.len() <= crate::cpu::LINES && on.height() >= 4 => {
                let labels = labels::split(view, v::MEMORY, area, LABELS);
                compare(view, few, (v::MEMORY, &v::PERCENT), labels, &mut on);
            }
            _ => rows(view, &mut on),
        }
    }
}

fn main_of(source: &SourceView) -> Option<&Device> {
    source.device(v::MEMORY, v::MAIN)
}

/// What main memory holds, in bytes: used, shared, buffers, cached, free.
fn parts(main: &Device) -> Option<([f64; 5], f64)> {
    let total = main.value(&v::TOTAL_BYTES).filter(|total| *total > 0.0)?;
    let value = |metric| main.value(metric).unwrap_or(0.0);
    let used = main.value(&v::USED_BYTES)?;
    let (shared, buffers) = (value(&v::SHARED_BYTES).min(used), value(&v::BUFFERS_BYTES));
    let cached = value(&v::CACHED_BYTES) + value(&v::ARC_BYTES);
    let rest = (total - used).max(0.0);
    let cached = cached.min((rest - buffers).max(0.0));
    let free = (rest - buffers - cached).max(0.0);
    Some(([used - shared, shared, buffers.min(rest), cached, free], total))
}

/// The colours of those parts.
fn styles(theme: &Theme) -> [Style; 5] {
    [theme.used, theme.shared, theme.buffers, theme.cached, theme.free]
}

/// The parts of main memory as shares of it, for a bar; two where only a percentage is known.
pub fn shares(main: &Device, theme: &Theme) -> Vec<(f64, Style)> {
    match parts(main) {
        Some((bytes, total)) => {
            bytes.iter().zip(styles(theme)).map(|(bytes, style)| (bytes / total, style)).collect()
        }
        None => {
            let percent = main.value(&v::PERCENT).unwrap_or(0.0) / 100.0;
            vec![(percent, theme.used), (1.0 - percent, theme.free)]
        }
    }
}

const NAMES: [&str; 5] = ["used", "shared", "buf", "cached", "free"];

fn one(view: &View<'_>, source: &SourceView, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let Some(main) = main_of(source) else { return };
    if on.height() == 1 {
        return tiny(view, main, on);
    }
    let width = on.width().saturating_sub(2);
    let known = parts(main);
    match &known {
        None if main.value(&v::PERCENT).is_none() => {
            let used = main.value(&v::USED_BYTES);
            let used = used.map_or_else(number::ShortStr::unknown, number::size);
            let words = [("used ", theme.dim), (&used, theme.text), (", total unknown", theme.dim)];
            on.runs(1, 0, &words);
        }
        _ => on.stackbar(1, 0, width, &shares(main, theme)),
    }
    if let Some((bytes, total)) = &known {
        legends(bytes, *total, styles(theme), on);
    }
    let (host, swap) = (source.devices(v::HOST).next(), source.device(v::MEMORY, v::SWAP));
    let stalled = host.and_then(|host| host.value(&v::MEMORY_STALLED_PERCENT));
    let below = u16::from(swap.is_some()) + u16::from(stalled.is_some());
    let top = 1 + u16::from(known.is_some());
    let rows = on.height().saturating_sub(top + below);
    let mut y = on.height().saturating_sub(below).max(top);
    if rows > 0 {
        history(view, source, main, Rect::new(1, top, width, rows), on);
    }
    if let Some(swap) = swap
        && y < on.height()
    {
        swap_row(swap, y, on);
        y += 1;
    }
    if let Some(stalled) = stalled
        && y < on.height()
    {
        let samples = Samples::whole(view, source, (v::HOST, &v::MEMORY_STALLED_PERCENT), 10);
        on.put(1, y, "stalled", theme.dim);
        on.spark(10, y, 10, samples.trace(), 20.0, theme.iowait.into());
        let x = on.number(20, y, 4, &compact::percent(stalled), theme.text);
        let mut x = on.put(x, y, " %  ", theme.dim);
        let page_ins =
            swap.and_then(|s| s.value(&v::PAGE_INS_RATE)).or(main.value(&v::PAGE_INS_RATE));
        if let Some(rate) = page_ins {
            x = on.runs(x, y, &[(&compact::bytes(rate), theme.text), (" page-ins/s  ", theme.dim)]);
        }
        if let Some(out) = swap.and_then(|s| s.value(&v::OUT_RATE)).filter(|out| *out > 0.0) {
            on.runs(
                x,
                y,
                &[("out ", theme.dim), (&compact::bytes(out), theme.warn), ("/s", theme.dim)],
            );
        }
    }
}

/// `■ used 18.1  ■ shared 1.3 …`, as many as fit.
fn legends(bytes: &[f64; 5], total: f64, styles: [Style; 5], on: &mut Canvas<'_>) {
    let theme = on.theme;
    let unit = unit_of(total);
    let width = on.width();
    let mut x = 1;
    // a narrow box has room for what is used and what is cached
    let order: &[usize] = if width >= 50 { &[0, 1, 2, 3, 4] } else { &[0, 3] };
    let lines: Vec<_> = order
        .iter()
        .map(|&n| {
            let style = if n == 4 { theme.line } else { styles[n] };
            let name = if n == 3 && width < 50 { "cache" } else { NAMES[n] };
            legend(style, Some(n), name, &*in_unit(bytes[n], unit), theme)
        })
        .collect();
    let texts: usize = lines.iter().map(|line| line.width()).sum();
    let gap = if 1 + texts + 2 * (lines.len() - 1) <= usize::from(width) { 2 } else { 1 };
    for line in lines {
        if x + line.width() as u16 > width {
            break;
        }
        x = on.line(x, 1, &line) + gap;
    }
}

/// The power of 1024 that a total is written in.
fn unit_of(total: f64) -> f64 {
    let mut unit = 1.0;
    while total / unit >= 999.5 {
        unit *= 1024.0;
    }
    unit
}

fn in_unit(bytes: f64, unit: f64) -> number::ShortStr {
    number::fixed(bytes / unit, usize::from(unit > 1.0))
}

/// What main memory held, in the colours of the bar.
fn history(view: &View<'_>, source: &SourceView, main: &Device, at: Rect, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let of = |metric| Samples::device(view, source, (v::MEMORY, metric), &main.name, at.width);
    let used = of(&v::USED_BYTES);
    let Some(total) = main.value(&v::TOTAL_BYTES).filter(|_| !used.is_blank()) else {
        let of = (v::MEMORY, &v::PERCENT);
        let percent = Samples::device_or_whole(view, source, of, &main.name, at.width);
        return on.area(at, percent.trace(), 100.0, Ink::One(theme.used));
    };
    let (buffers, cached) = (of(&v::BUFFERS_BYTES), of(&v::CACHED_BYTES));
    let layers = [
        (used.trace(), Ink::One(theme.used)),
        (buffers.trace(), Ink::One(theme.buffers)),
        (cached.trace(), Ink::One(theme.cached)),
    ];
    let known = if cached.is_blank() || buffers.is_blank() { 1 } else { 3 };
    on.stack(at, &layers[..known], total);
}

fn swap_row(swap: &Device, y: u16, on: &mut Canvas<'_>) {
    let theme = on.theme;
    let x = if on.width() >= 40 { 10 } else { 6 };
    on.put(1, y, "swap", theme.dim);
    if swap.value(&v::TOTAL_BYTES) == Some(0.0) {
        on.put(x, y, "none", theme.dim);
        return;
    }
    let percent = swap.value(&v::PERCENT);
    let meter = if on.width() >= 40 { 10 } else { on.width().saturating_sub(x + 12).min(10) };
    on.meter(x, y, meter, percent.unwrap_or(0.0) / 100.0, Ink::Level);
    let number = percent.map(compact::percent).unwrap_or_else(number::ShortStr::unknown);
    let level = theme.level(percent.unwrap_or(0.0));
    let mut x = on.number(x + meter, y, 4, &number, level);
    x = on.put(x, y, " %  ", theme.dim);
    let (used, total) = (swap.value(&v::USED_BYTES), swap.value(&v::TOTAL_BYTES));
    if let Some((used, total)) = used.zip(total) {
        let unit = unit_of(total);
        x = on.put(x, y, &in_unit(used, unit), theme.text);
        if on.width() >= 40 {
            x = on.runs(x, y, &[(" of ", theme.dim), (&number::size(total), theme.text)]);
        }
    }
    let zram = swap.value(&v::ZRAM_BYTES).zip(swap.value(&v::ZRAM_USED_BYTES));
    if let Some((holds, takes)) = zram.filter(|_| on.width() >= 56) {
        let words = format!("  zram {} in {}", number::size(holds), number::size(takes));
        on.put(x, y, &words, theme.dim);
    }
}

/// One row: percent, meter, used of total.
fn tiny(view: &View<'_>, main: &Device, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let percent = main.value(&v::PERCENT);
    on.put(1, 0, "mem", theme.dim);
    on.percent(6, 0, 3, percent, theme.levels, false);
    on.meter(11, 0, 12, percent.unwrap_or(0.0) / 100.0, Ink::Level);
    if let Some((used, total)) = main.value(&v::USED_BYTES).zip(main.value(&v::TOTAL_BYTES)) {
        let used = in_unit(used, unit_of(total));
        on.runs(
            25,
            0,
            &[(&used, theme.text), (" of ", theme.dim), (&number::size(total), theme.text)],
        );
    }
}

/// A row a device, where there are many sources or few rows.
fn rows(view: &View<'_>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let all: Vec<Shown<'_>> =
        view.devices(v::MEMORY).filter(|s| &*s.device.name == v::MAIN).collect();
    let names = ShortNames::of(view);
    let label = names.widest(&all, on.width() / 3);
    let meter = on.width().saturating_sub(label + 20).min(40);
    for (y, shown) in (0..on.height()).zip(&all) {
        let percent = shown.device.value(&v::PERCENT);
        on.column(1, y, label, &names.label(shown), theme.text);
        on.meter(label + 2, y, meter, percent.unwrap_or(0.0) / 100.0, Ink::Level);
        let x = on.percent(label + 3 + meter, y, 3, percent, theme.levels, shown.old);
        let used = shown.device.value(&v::USED_BYTES).zip(shown.device.value(&v::TOTAL_BYTES));
        if let Some((used, total)) = used {
            on.put(x + 1, y, &number::used_of(used, total), theme.dim);
        }
    }
}
