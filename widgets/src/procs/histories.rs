//! The histories of one process: processor time, memory, input and output.

use super::process::Process;
use crate::log::rule;
use crate::series::Samples;
use manytop_plugin::{
    draw::{Canvas, Ink, compact},
    ratatui_core::layout::Rect,
    reading::Metric,
    view::View,
    vocabulary as v,
};

/// As many of the three histories as have a rule and two rows each.
pub fn graphs(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>) {
    let number = (on.height() / 3).min(3);
    if number == 0 {
        return;
    }
    let each = on.height() / number;
    let extra = on.height() % number;
    let mut y = 0;
    for (nth, draw) in (0..number).zip([cpu, memory, io]) {
        let height = each + u16::from(nth < extra);
        let width = on.width();
        draw(view, process, &mut on.part(Rect::new(0, y, width, height)));
        y += height;
    }
}

fn samples(view: &View<'_>, process: &Process<'_>, metric: &Metric, columns: u16) -> Samples {
    let name = &process.device.name;
    Samples::device(view, process.source, (v::PROCESS, metric), name, columns)
}

/// The place of a graph below its rule, behind labels of four cells.
fn below_rule(on: &Canvas<'_>) -> Rect {
    Rect::new(5, 1, on.width().saturating_sub(6), on.height().saturating_sub(1))
}

fn cpu(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let at = below_rule(on);
    let samples = samples(view, process, &v::PERCENT, at.width);
    let highest = samples.highest().unwrap_or(0.0);
    let cores = (process.source.summary.cores as f64).max(1.0);
    let top = (highest.max(100.0) / 100.0).ceil() * 100.0;
    let now = process.device.value(&v::PERCENT).map(|p| compact::process(p).to_string());
    let most = compact::process(highest).to_string();
    let shown = view.settings.column * u32::from(at.width);
    let shown = compact::age(shown.as_secs_f64()).to_string();
    let words = [
        ("cpu ", theme.dim),
        (now.as_deref().unwrap_or("-"), theme.strong()),
        (" % of a core ─ max ", theme.dim),
        (&most, theme.text),
        (" ─ ", theme.dim),
        (&shown, theme.dim),
    ];
    rule(on, 0, &words);
    on.number(0, 1, 4, &format!("{top:.0}"), theme.dim);
    on.number(0, on.height().saturating_sub(1), 4, "0", theme.dim);
    let ink = Ink::LevelUpTo(100.0 * (top / (100.0 * cores)).min(1.0));
    on.area(at, samples.trace(), top, ink);
}

fn memory(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let at = below_rule(on);
    let samples = samples(view, process, &v::RESIDENT_BYTES, at.width);
    let value = |metric| process.device.value(metric).map(|b| compact::memory(b).to_string());
    let now = value(&v::RESIDENT_BYTES);
    let highest = samples.highest().unwrap_or(0.0);
    let top = highest.max(1.0) * 1.1;
    let mut words = vec![("mem ", theme.dim), (now.as_deref().unwrap_or("-"), theme.strong())];
    let others = [
        (" ─ max ", Some(compact::memory(highest).to_string())),
        (" ─ pss ", value(&v::PSS_BYTES)),
        (" ─ limit ", value(&v::LIMIT_BYTES)),
        (" ─ swapped ", value(&v::SWAP_BYTES)),
    ];
    for (label, text) in &others {
        if let Some(text) = text {
            words.extend([(*label, theme.dim), (text.as_str(), theme.text)]);
        }
    }
    rule(on, 0, &words);
    on.number(0, 1, 4, &compact::memory(top), theme.dim);
    on.number(0, on.height().saturating_sub(1), 4, "0", theme.dim);
    on.area(at, samples.trace(), top, Ink::One(theme.used));
}

fn io(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let at = below_rule(on);
    let read = samples(view, process, &v::READ_RATE, at.width);
    let written = samples(view, process, &v::WRITTEN_RATE, at.width);
    let unknown = if process.is_denied("io") { "·" } else { "-" };
    let value = |metric| {
        let known = process.device.value(metric).map(|b| compact::bytes(b).to_string());
        known.unwrap_or_else(|| unknown.to_owned())
    };
    let (now_read, now_written) = (value(&v::READ_RATE), value(&v::WRITTEN_RATE));
    let (all_read, all_written) = (value(&v::READ_BYTES), value(&v::WRITTEN_BYTES));
    let mut words = vec![
        ("io ", theme.dim),
        ("▼ ", theme.rx),
        (&*now_read, theme.strong()),
        ("  ▲ ", theme.tx),
        (&*now_written, theme.strong()),
    ];
    if process.device.value(&v::READ_RATE).is_some() {
        words.push(("B/s", theme.dim));
    }
    if process.device.value(&v::READ_BYTES).is_some() {
        words.extend([(" ─ read ", theme.dim), (&*all_read, theme.text)]);
        words.extend([("  written ", theme.dim), (&*all_written, theme.text)]);
    }
    rule(on, 0, &words);
    let top = |samples: &Samples| samples.highest().unwrap_or(0.0).max(1e4) * 1.1;
    let (up, down) = (top(&read), top(&written));
    on.number(0, 1, 4, &compact::bytes(up), theme.dim);
    on.mirrored(
        at,
        (read.trace(), up, Ink::One(theme.rx)),
        (written.trace(), down, Ink::One(theme.tx)),
    );
}
