//! The last lines of the journal of a process or a service, in its details.

use manytop_plugin::{
    draw::Canvas,
    ratatui_core::{layout::Rect, style::Style},
    reading::Kind,
    source::Source,
    view::{DeviceLog, View},
};

/// Draws the last lines of a device's log at the foot of a place, in a third of it at most. Returns what is
/// left; nothing is drawn where there is no line.
pub fn draw(
    view: &View<'_>,
    (source, kind, device): (&Source, Kind, &str),
    on: &mut Canvas<'_>,
    place: Rect,
) -> Rect {
    let is_its =
        |log: &&DeviceLog| log.source == *source && log.kind == kind && *log.device == *device;
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

/// A line with what follows in words.
pub fn rule(on: &mut Canvas<'_>, y: u16, words: &[(&str, Style)]) {
    let (width, line) = (on.width(), on.theme.line);
    on.fill(Rect::new(0, y, width, 1), '─', line);
    let x = on.put(1, y, " ", on.theme.text);
    let x = on.runs(x, y, words);
    on.put(x, y, " ", on.theme.text);
}
