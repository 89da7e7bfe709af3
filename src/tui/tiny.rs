//! A screen too small for any box: two figures a source.

use super::dashboard_config::DashboardConfig;
use manytop_core::{
    clock::Moment,
    health::State,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Snapshot, SourceView},
};

/// What fits where no box does: processors and memory of each source, trouble first, one after the
/// other.
pub fn draw(
    snapshot: &Snapshot,
    now: Moment,
    parts: &DashboardConfig,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (theme, limits) = (&parts.theme, &parts.settings.limits);
    let cells = usize::from(area.width) * usize::from(area.height);
    if snapshot.sources.len() > cells {
        // not one of them would have a cell
        let totals = snapshot.totals(now, limits);
        let down = totals.state(State::Down);
        let style = if down > 0 { theme.crit } else { theme.text };
        let room = usize::from(area.width);
        buffer.set_stringn(area.x, area.y, format!("{down} DOWN"), room, style);
        return;
    }
    let mut sources: Vec<&SourceView> = snapshot.sources.iter().map(|s| &**s).collect();
    sources.sort_by_key(|s| std::cmp::Reverse(s.state(now).is_old()));
    let figure = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.0}"));
    let words = sources.iter().map(|s| {
        let name = if sources.len() > 1 { format!("{} ", s.source.name()) } else { String::new() };
        match s.state(now) {
            State::Down => format!("{name}DOWN"),
            State::Unread => format!("{name}unread"),
            _ => format!("{name}cpu {} mem {}", figure(s.summary.cpu), figure(s.summary.memory)),
        }
    });
    let words: Vec<char> = words.collect::<Vec<_>>().join("  ").chars().collect();
    for (y, line) in (area.y..area.bottom()).zip(words.chunks(usize::from(area.width.max(1)))) {
        let line: String = line.iter().collect();
        buffer.set_stringn(area.x, y, line, usize::from(area.width), theme.text);
    }
}
