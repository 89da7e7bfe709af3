//! Graphics processors: work with its history, memory, temperature, power, clock, fan.
//!
//! ```text
//! ╭─ gpu ─ 44 % ─ Radeon RX 6800 ──────────────────── 71 °C ─ 180/250 W ─╮
//! │ 100                              ⣀⣤⣶⣿⣿⣿⣶⣤                           │
//! │   0 ⣀⣀⣀⣀⣀⣀⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤⣶⣶⣶⣶⣶⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿ │
//! │ gpu0  44 ⣤⣶⣿  mem ━━━━╸─── 5.2G/16G  71 °C  180 W  2450 MHz  fan 45 │
//! ╰──────────────────────────────────────────────────────────────────────╯
//! ```
//!
//! A row a card; one card alone has a graph above its row where there is room.

use crate::{
    cpu::spans,
    row::{self, ShortNames},
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Modifier},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("gpu", "Graphics processors of every source", |_| Ok(Box::new(Gpu))).draws(&[v::GPU])
}

struct Gpu;

/// The rows of a graph.
const GRAPH: u16 = 5;
/// From which temperature on a card is hot, and very hot: most of them slow down near the latter.
const HOT: [f64; 2] = [85.0, 100.0];
/// Columns of a history.
const HISTORY: u16 = 8;

fn celsius(view: &View<'_>, shown: &Shown<'_>) -> Option<(f64, String)> {
    let celsius = shown.device.value(&v::CELSIUS)?;
    let figure = if view.settings.fahrenheit { celsius * 1.8 + 32.0 } else { celsius };
    Some((celsius, format!("{figure:.0}")))
}

fn degrees(view: &View<'_>) -> &'static str {
    if view.settings.fahrenheit { " °F" } else { " °C" }
}

/// `180` or `180/250`, in watts.
fn watts(shown: &Shown<'_>) -> Option<String> {
    let watts = shown.device.value(&v::WATTS)?;
    Some(match shown.device.value(&v::MAX_WATTS) {
        Some(most) => format!("{watts:.0}/{most:.0}"),
        None => format!("{watts:.0}"),
    })
}

impl Widget for Gpu {
    fn wants(&self) -> Wants {
        let history = vec![series::each(v::GPU, &v::PERCENT)];
        Wants { want: Selection::kinds(&[v::GPU]), history }
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let theme = view.theme;
        let mut title = Title::new("gpu");
        let mut all = view.devices(v::GPU);
        let (Some(first), second) = (all.next(), all.next()) else { return title };
        if second.is_some() {
            let count = (2 + all.count()).to_string();
            return title.value(spans(&[(&count, theme.hi)]));
        }
        if let Some(percent) = first.device.value(&v::PERCENT) {
            let style = theme.level(percent).add_modifier(Modifier::BOLD);
            title = title.value(spans(&[(&compact::percent(percent), style), (" %", theme.dim)]));
        }
        if let Some(model) = first.device.text(&v::MODEL) {
            title = title.right(spans(&[(model, theme.dim)]));
        }
        if let Some((degree, figure)) = celsius(view, &first) {
            let style = theme.level_of(degree, HOT[0], HOT[1]);
            title = title.right(spans(&[(&figure, style), (degrees(view), theme.dim)]));
        }
        match watts(&first) {
            Some(watts) => title.right(spans(&[(&watts, theme.text), (" W", theme.dim)])),
            None => title,
        }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::GPU)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        match view.devices(v::GPU).count() {
            1 => Some(1 + GRAPH),
            all => Some(row::rows(all)),
        }
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = view.devices(v::GPU).collect();
        let mut on = Canvas::new(buffer, area, view.theme);
        let mut first = 0;
        if let [one] = &all[..]
            && on.height() >= 4
        {
            first = on.height() - 1;
            graph(view, one, first, &mut on);
        }
        let (shown, hidden) = row::visible(all.len(), on.height() - first);
        let names = ShortNames::of(view);
        let label = names.widest(&all, (on.width() / 4).max(4)).max(4);
        for (y, shown) in (first..).zip(&all[..shown]) {
            draw_row(view, shown, (&names.label(shown), label), y, &mut on);
        }
        row::more_below(&mut on, hidden);
    }
}

fn graph(view: &View<'_>, shown: &Shown<'_>, rows: u16, on: &mut Canvas<'_>) {
    let theme = view.theme;
    on.number(0, 0, 4, "100", theme.dim);
    on.number(0, rows - 1, 4, "0", theme.dim);
    let width = on.width().saturating_sub(6);
    let of = (v::GPU, &v::PERCENT);
    let samples = Samples::device(view, shown.source, of, &shown.device.name, width);
    on.area(Rect::new(5, 0, width, rows), samples.trace(), 100.0, Ink::Level);
}

fn draw_row(
    view: &View<'_>,
    shown: &Shown<'_>,
    (name, label): (&str, u16),
    y: u16,
    on: &mut Canvas<'_>,
) {
    let (theme, device) = (view.theme, shown.device);
    on.column(1, y, label, name, if shown.old { theme.dim } else { theme.text });
    let mut x = label + 2;
    x = on.percent(x, y, 3, device.value(&v::PERCENT), theme.levels, shown.old);
    let mut left = on.width().saturating_sub(x + 1);
    let mut take = |there: bool, columns: u16| {
        let fits = there && left >= columns;
        left -= if fits { columns } else { 0 };
        fits
    };
    let memory = device.value(&v::USED_BYTES);
    let total = device.value(&v::TOTAL_BYTES).filter(|total| *total > 0.0);
    // in the order of what is dropped last
    let has_memory = take(memory.is_some(), 11);
    let has_heat = take(device.value(&v::CELSIUS).is_some(), 7);
    let watts = watts(shown).filter(|watts| take(true, watts.len() as u16 + 4));
    let has_bar = take(has_memory && total.is_some(), 9);
    let has_history = take(device.value(&v::PERCENT).is_some(), HISTORY + 1);
    let clock = device.value(&v::FREQUENCY_HERTZ).filter(|_| take(true, 10));
    let fan = device.value(&v::FAN_PERCENT).filter(|_| take(true, 9));
    let encoder = device.value(&v::ENCODER_PERCENT).filter(|_| take(true, 9));
    let model = device.text(&v::MODEL).filter(|_| take(view.devices(v::GPU).count() > 1, 20));
    if has_history {
        let of = (v::GPU, &v::PERCENT);
        let samples = Samples::device(view, shown.source, of, &device.name, HISTORY);
        on.spark(x, y, HISTORY, samples.trace(), 100.0, Ink::Level);
        x += HISTORY + 1;
    }
    if let Some(used) = memory.filter(|_| has_memory) {
        if let Some(total) = total.filter(|_| has_bar) {
            on.meter(x + 1, y, 8, used / total, Ink::Level);
            x += 9;
        }
        let end = on.number(x, y, 5, &compact::memory(used), theme.text);
        if let Some(total) = total {
            on.runs(end, y, &[("/", theme.dim), (&compact::memory(total), theme.dim)]);
        }
        x += 11;
    }
    if let Some((degree, figure)) = celsius(view, shown).filter(|_| has_heat) {
        let style = theme.level_of(degree, HOT[0], HOT[1]);
        on.number(x, y, 3, &figure, style);
        on.put(x + 3, y, degrees(view), theme.dim);
        x += 7;
    }
    let mut fact = |x: u16, before: &str, figure: &str, after: &str| {
        on.runs(x, y, &[(before, theme.dim), (figure, theme.text), (after, theme.dim)]);
    };
    if let Some(watts) = watts {
        fact(x + 1, "", &watts, " W");
        x += watts.len() as u16 + 4;
    }
    if let Some(hertz) = clock {
        fact(x + 1, "", &format!("{:4.0}", hertz / 1e6), " MHz");
        x += 10;
    }
    if let Some(percent) = fan {
        fact(x + 1, "fan ", &compact::percent(percent), "");
        x += 9;
    }
    if let Some(percent) = encoder {
        fact(x + 1, "enc ", &compact::percent(percent), "");
        x += 9;
    }
    if let Some(model) = model {
        fact(x + 1, model, "", "");
    }
}
