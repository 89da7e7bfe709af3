//! Single values that a command prints, a file holds, or that were picked from what a host serves.
//!
//! ```text
//! living room  ⣀⣀⣤⣤⣶⣶⣿⣿   21.5 °C
//! ```

use crate::{
    row::{self, ShortNames},
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, compact},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("metric", "Single values of every source", |_| Ok(Box::new(Metrics))).draws(&[v::METRIC])
}

struct Metrics;

/// Columns of a history.
const HISTORY: u16 = 10;

/// A number as it is, in at most seven cells, where it is neither large nor small.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if size >= 1e6 => {
            format!("{}{}", if value < 0.0 { "-" } else { "" }, &*compact::bytes(size))
        }
        size if value.fract() == 0.0 || size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.1e}"),
    }
}

impl Widget for Metrics {
    fn wants(&self) -> Wants {
        let history = vec![series::each(v::METRIC, &v::METRIC_VALUE)];
        Wants { want: Selection::kinds(&[v::METRIC]), history }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("metric")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::METRIC)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(view.devices(v::METRIC).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = view.devices(v::METRIC).collect();
        let mut on = Canvas::new(buffer, area, view.theme);
        let theme = view.theme;
        let (shown, hidden) = row::visible(all.len(), on.height());
        let names = ShortNames::of(view);
        let rest = on.width().saturating_sub(2);
        let has_history = rest >= 30 + HISTORY;
        let label = names.widest(&all, rest.saturating_sub(if has_history { 28 } else { 16 }));
        for (y, shown) in (0..).zip(&all[..shown]) {
            let style = if shown.old { theme.dim } else { theme.text };
            on.column(1, y, label, &names.label(shown), theme.dim);
            let mut x = label + 2;
            if has_history {
                let of = (v::METRIC, &v::METRIC_VALUE);
                let samples = Samples::device(view, shown.source, of, &shown.device.name, HISTORY);
                let top = samples.highest().unwrap_or(0.0).max(f64::MIN_POSITIVE);
                on.spark(x, y, HISTORY, samples.trace(), top, theme.used.into());
                x += HISTORY + 1;
            }
            let value = shown.device.value(&v::METRIC_VALUE).map(figure);
            let end = on.number(x, y, 8, value.as_deref().unwrap_or("-"), style);
            let mark = if shown.old { "?" } else { " " };
            let unit = shown.device.text(&v::VALUE_UNIT).unwrap_or_default();
            on.runs(end, y, &[(mark, theme.stale), (unit, theme.dim)]);
        }
        row::more_below(&mut on, hidden);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_short_and_keeps_what_matters() {
        let all = [0.0, 7.0, -3.0, 21.54, 0.256, 1234.5, 2.5e6, -2.5e6, 0.00012];
        assert_eq!(all.map(figure).join(" "), "0 7 -3 21.5 0.26 1234 2.5M -2.5M 1.2e-4");
    }
}
