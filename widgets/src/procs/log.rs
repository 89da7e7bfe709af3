//! The last lines that a process wrote to the journal, in its details.

use super::{details::rule, process::Process};
use manytop_plugin::{
    draw::Canvas,
    ratatui_core::layout::Rect,
    view::{ProcessLog, View},
};

/// Draws the last lines of the process's log at the foot of a place, in a third of it at most. Returns what is
/// left; nothing is drawn where there is no line.
pub fn draw(view: &View<'_>, process: &Process<'_>, on: &mut Canvas<'_>, place: Rect) -> Rect {
    let is_its = |log: &&ProcessLog| {
        log.source == process.source.source && log.device == process.device.name
    };
    let Some(log) = view.log.filter(is_its) else { return place };
    let rows = (place.height / 3).min(log.lines.len() as u16 + 1);
    if rows < 2 {
        return place;
    }
    let theme = view.theme;
    let left = Rect { height: place.height - rows, ..place };
    let mut on = on.part(Rect { y: left.bottom(), height: rows, ..place });
    rule(&mut on, 0, &[("journal", theme.dim)]);
    let shown = log.lines.len().saturating_sub(usize::from(rows) - 1);
    for (y, line) in (1..rows).zip(&log.lines[shown..]) {
        let x = on.put(1, y, &line.at, theme.dim);
        let room = on.width().saturating_sub(x + 2);
        on.column(x + 1, y, room, &line.text, theme.text);
    }
    left
}
