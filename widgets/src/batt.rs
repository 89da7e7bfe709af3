//! Batteries: a bar each, and, where there is room, how the charge went.
//!
//! ```text
//! BAT0 ▕████████████████    ▏  80 %  discharging  12.3 W
//! ```

use crate::{
    power,
    row::{self, ShortNames},
};
use manytop_plugin::{
    draw::{self, bar, graph::Graph, text::RowWriter},
    history::Series,
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Keep, Plugin, Title, Wants, Widget},
};
use std::time::Duration;

manytop_plugin::inventory::submit! {
    Plugin::new("batt", "Charge of every battery", |_| Ok(Box::<Batt>::default()))
        .draws(&[v::POWER])
}

/// Columns of charge, state and watts.
const CHARGE: u16 = 28;
/// From so many spare rows on there is a graph.
const GRAPH: u16 = 4;

#[derive(Default)]
struct Batt {
    span: Option<Duration>,
}

impl Widget for Batt {
    fn wants(&self) -> Wants {
        let keep = |span| Keep { kind: v::POWER, quantity: &v::PERCENT, each_device: true, span };
        Wants {
            want: Selection::kinds(&[v::POWER]),
            history: self.span.map(keep).into_iter().collect(),
        }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("batt")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        power::batteries(view).next().is_none()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(power::batteries(view).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = power::batteries(view).collect();
        let spare = area.height.saturating_sub(row::rows(all.len()));
        self.span = None;
        if spare >= GRAPH && !all.is_empty() {
            self.draw_graph(view, &all, draw::rows(area, area.height - spare, spare), buffer);
        }
        let (shown, hidden) = row::visible(all.len(), area.height);
        let names = ShortNames::of(view);
        let width = names.widest(&all[..shown], area.width / 3);
        let bar_width = area.width.saturating_sub(width + 2 + CHARGE).min(40);
        for (n, shown) in all[..shown].iter().enumerate() {
            let mut pen = RowWriter::new(buffer, area, n as u16);
            pen.middle(width, &names.label(shown), view.theme.plain()).skip(1);
            if bar_width >= 6 {
                let percent = shown.device.value(&v::PERCENT).unwrap_or(0.0);
                let low = view.theme.level(100.0 - percent);
                let plain = row::bar_style(view.theme, 0.0, shown.old);
                let style = if low == view.theme.plain() { plain } else { low };
                bar::bar(pen.take(bar_width), percent, style, view.theme.dim());
                pen.skip(1);
            }
            power::draw_charge(view, shown, &mut pen);
        }
        row::more(buffer, area, shown, hidden, view.theme);
    }
}

impl Batt {
    fn draw_graph(&mut self, view: &View<'_>, all: &[Shown<'_>], area: Rect, buffer: &mut Buffer) {
        let mut graph = Graph::percent(area);
        let window = graph.window(view.settings.column);
        self.span = Some(view.settings.column * u32::from(area.width));
        for (n, shown) in all.iter().enumerate().take(16).rev() {
            let series = Series::of(v::POWER, &shown.device.name, &v::PERCENT);
            let color = view.theme.memory.get(n).copied().unwrap_or(view.theme.fg);
            let style = row::identity(view, shown.source, view.theme.plain().fg(color));
            graph.line(view.graph(shown.source, &series, window), style);
        }
        graph.draw(buffer, view.theme, view.settings.column);
    }
}
