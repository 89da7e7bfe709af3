//! The details of a container or a service: its facts, and its last lines of the journal.

use crate::log;
use manytop_plugin::{
    draw::{Canvas, number},
    ratatui_core::layout::Rect,
    view::{Shown, View},
    vocabulary as v,
};

/// So many rows they can use.
pub const ROWS: u16 = 14;
/// A box of fewer rows has room for the list or the details.
const LOWEST: u16 = 8;
/// Columns of a fact's name.
const NAME: u16 = 16;

/// The places of the list and of the details.
pub fn split(area: Rect, is_open: bool) -> (Rect, Option<Rect>) {
    if !is_open {
        return (area, None);
    }
    let below = if area.height < LOWEST { area.height } else { area.height.min(2 * ROWS) / 2 };
    let list = Rect { height: area.height - below, ..area };
    (list, Some(Rect { y: list.bottom(), height: below, ..area }))
}

/// Draws the details; `None`: it is gone.
pub fn draw(view: &View<'_>, shown: Option<&Shown<'_>>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let Some(shown) = shown else {
        return log::rule(on, 0, &[("it is gone", theme.dim)]);
    };
    let device = shown.device;
    log::rule(on, 0, &[(&device.name, theme.hi)]);
    let rest = Rect::new(0, 1, on.width(), on.height().saturating_sub(1));
    let rest = log::draw(view, (&shown.source.source, v::CONTAINER_KIND, &device.name), on, rest);
    let texts = device.texts.iter().map(|(text, value)| (text.name(), value.to_string()));
    let figures = device.values.iter().filter(|(metric, _)| metric.is_gauge());
    let figures = figures.map(|(metric, value)| {
        let figure = number::with_unit(value, metric.unit(), view.settings).aged(shown.old);
        (metric.name(), figure.to_string())
    });
    let mut on = on.part(rest);
    // as many columns as there is room for
    let facts: Vec<(&str, String)> = texts.chain(figures).collect();
    let height = usize::from(on.height().max(1));
    let columns = facts.len().div_ceil(height).clamp(1, usize::from((on.width() / 36).max(1)));
    let wide = on.width() / columns as u16;
    for (nth, (name, value)) in facts.iter().take(columns * height).enumerate() {
        let (x, y) = ((nth / height) as u16 * wide, (nth % height) as u16);
        let name = name.replace('_', " ");
        on.column(x + 1, y, NAME.min(wide.saturating_sub(2)), &name, theme.dim);
        let from = x + 2 + NAME;
        on.column(from, y, (x + wide).saturating_sub(from + 1), value, theme.text);
    }
}
