//! A border, and what fits into it: segments, heads, a time axis, lines across, a thumb.

use manytop_core::{
    draw::text,
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Color, Modifier, Style},
        text::{Line, Span},
        widgets::Widget,
    },
    theme::Theme,
    widget::{Axis, Rule, Scroll, Segment, Title},
};
use ratatui::widgets::{Block, BorderType};

/// Draws a border, and into it what fits.
pub(super) fn border(
    title: &Title,
    left: Vec<(Segment, bool)>,
    focused: bool,
    instant: &str,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let line = if focused { theme.focus } else { theme.line };
    let top = Writing { line, theme };
    // columns count from the left corner here, of which the inside is one away
    let end = area.width - 1;
    let divider = title.divider.map(|column| column.saturating_add(1)).filter(|x| *x < end);
    let limit = [divider, title.heads.first().map(|(column, _)| *column)];
    let limit = limit.into_iter().flatten().fold(end, u16::min);
    let (left, used) = top.left(left, limit);
    let heads = title.heads.last().map(|(column, head)| {
        let width = u16::try_from(head.width()).unwrap_or(u16::MAX);
        column.saturating_add(width).saturating_add(2)
    });
    let from = [divider.map(|x| x + 1), heads].into_iter().flatten().fold(used, u16::max);
    let right = top.right(&title.right, from, end);
    let keep = |segment: &Segment| (segment.clone(), false);
    let (foot, used) = top.left(title.foot.iter().map(keep).collect(), end);
    let foot_right = top.right(&title.foot_right, used, end);
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(exact(line))
        .title_top(left)
        .title_top(right.right_aligned())
        .title_bottom(foot)
        .title_bottom(foot_right.right_aligned())
        .render(area, buffer);
    for (column, head) in &title.heads {
        let x = area.x.saturating_add(*column);
        let line: Line<'static> = top.spaced(head).into();
        put(&line, x, area.y, area, buffer);
    }
    if let Some(axis) = &title.axis {
        ticks(axis, instant, theme, line, area, buffer);
    }
    if let Some(column) = title.divider.filter(|column| *column < area.width - 2) {
        divide(area.x + 1 + column, exact(line), area, buffer);
    }
    for rule in &title.rules {
        across(rule, &top, area, buffer);
    }
    if let Some(scroll) = title.scroll {
        thumb(scroll, exact(line), area, buffer);
    }
}

/// Writes segments into a border.
struct Writing<'a> {
    line: Style,
    theme: &'a Theme,
}

impl Writing<'_> {
    /// A segment between blanks.
    fn spaced(&self, segment: &Segment) -> Vec<Span<'static>> {
        let blank = || Span::styled(" ", exact(self.theme.text));
        let own = segment.spans.iter().map(|span| {
            let style = segment.style.patch(span.style);
            let style = if style.fg.is_none() { self.theme.text.patch(style) } else { style };
            Span::styled(span.content.clone(), exact(style))
        });
        std::iter::once(blank()).chain(own).chain(std::iter::once(blank())).collect()
    }

    fn dash(&self) -> Span<'static> {
        Span::styled("─", exact(self.line))
    }

    /// What fits between the corner and the column `limit`, which counts from the corner, and the column
    /// behind it. Segments go from the right, those that are to stay after all others; a name that is
    /// alone is cut.
    fn left(&self, mut segments: Vec<(Segment, bool)>, limit: u16) -> (Line<'static>, u16) {
        let room = usize::from(limit).saturating_sub(2);
        let width = |all: &[(Segment, bool)]| {
            all.iter().map(|(segment, _)| segment.width() + 3).sum::<usize>().saturating_sub(1)
        };
        segments.retain(|(segment, _)| segment.width() > 0);
        while segments.len() > 1 && width(&segments) > room {
            let last = segments.iter().rposition(|(_, stays)| !stays);
            segments.remove(last.unwrap_or(segments.len() - 1));
        }
        if let [(only, _)] = &mut segments[..]
            && only.width() + 2 > room
        {
            *only = cut(only, room.saturating_sub(2) as u16);
        }
        let used = 2 + width(&segments) as u16;
        let spans = segments
            .iter()
            .flat_map(|(segment, _)| std::iter::once(self.dash()).chain(self.spaced(segment)));
        (spans.collect(), if segments.is_empty() { 1 } else { used })
    }

    /// What fits between the columns `from` and `end`; the first segments go first.
    fn right(&self, segments: &[Segment], from: u16, end: u16) -> Line<'static> {
        let mut room = usize::from(end.saturating_sub(from)).saturating_sub(1);
        let fits = |segment: &&Segment| {
            let width = segment.width() + 3;
            let is_first = room >= width;
            room = room.saturating_sub(width);
            is_first
        };
        let kept = segments.iter().rev().take_while(fits).count();
        let segments = &segments[segments.len() - kept..];
        let spans = segments.iter().filter(|segment| segment.width() > 0).flat_map(|segment| {
            self.spaced(segment).into_iter().chain(std::iter::once(self.dash()))
        });
        spans.collect()
    }
}

/// A segment cut with `…`.
fn cut(segment: &Segment, columns: u16) -> Segment {
    let mut left = columns;
    let mut spans = Vec::new();
    for span in &segment.spans {
        let wide = text::width(&span.content);
        let content = text::cut(&span.content, left).into_owned();
        spans.push(Span::styled(content, span.style));
        if wide > left {
            break;
        }
        left -= wide;
    }
    Line::from(spans).style(segment.style)
}

/// A style that replaces what is in a cell, with the background that is there.
fn exact(style: Style) -> Style {
    let others = Modifier::all() - style.add_modifier;
    Style { fg: Some(style.fg.unwrap_or(Color::Reset)), ..style }.remove_modifier(others)
}

fn put(line: &Line<'_>, x: u16, y: u16, area: Rect, buffer: &mut Buffer) {
    let room = area.right().saturating_sub(1).saturating_sub(x);
    if room > 0 && y < area.bottom() {
        buffer.set_line(x, y, line, room);
    }
}

/// Times in the bottom border: `1m ┴`.
fn ticks(axis: &Axis, instant: &str, theme: &Theme, line: Style, area: Rect, buffer: &mut Buffer) {
    let (first, y) = (area.x.saturating_add(1).saturating_add(axis.x), area.bottom() - 1);
    let Some(last) = first.saturating_add(axis.width).checked_sub(1) else { return };
    if last >= area.right() {
        return;
    }
    let dim = exact(theme.dim);
    let wide = instant.len() as u16;
    if axis.width >= wide + 5 {
        put(&Line::styled(format!(" {instant}"), dim), last - wide, y, area, buffer);
    }
    for (back, words) in axis.marks() {
        let wide = words.len() as u16;
        let fits = |x: &u16| *x >= first + wide && *x > area.x + wide + 2;
        let Some(x) = last.checked_sub(back).filter(fits) else { break };
        let spans = vec![Span::styled(format!(" {words} "), dim), Span::styled("┴", exact(line))];
        put(&spans.into(), x - wide - 2, y, area, buffer);
    }
}

/// A vertical line from border to border.
fn divide(x: u16, style: Style, area: Rect, buffer: &mut Buffer) {
    for y in area.y..area.bottom() {
        let symbol = match y {
            y if y == area.y => "┬",
            y if y + 1 == area.bottom() => "┴",
            _ => "│",
        };
        buffer.set_string(x, y, symbol, style);
    }
}

/// A line across the box, with a title of its own.
fn across(rule: &Rule, writing: &Writing<'_>, area: Rect, buffer: &mut Buffer) {
    let y = area.y.saturating_add(1).saturating_add(rule.row);
    if y >= area.bottom() - 1 {
        return;
    }
    let (style, end) = (exact(writing.line), area.right() - 1);
    for x in area.x..=end {
        let symbol = match x {
            x if x == area.x => "├",
            x if x == end => "┤",
            _ => "─",
        };
        buffer.set_string(x, y, symbol, style);
    }
    let segments = rule.left.iter().map(|segment| (segment.clone(), false)).collect();
    let (line, _) = writing.left(segments, area.width - 1);
    put(&line, area.x + 1, y, area, buffer);
}

/// Which part of a list is in view, at the right border.
fn thumb(scroll: Scroll, style: Style, area: Rect, buffer: &mut Buffer) {
    let Scroll { first, shown, total } = scroll;
    let track = usize::from(area.height - 2);
    if shown >= total {
        return;
    }
    let long = ((track * shown * 2 + total) / (total * 2)).clamp(1, track);
    // the last row in view is the last of all only when the thumb is at the end
    let most = track - long;
    let at = (most * first).div_ceil((total - shown).max(1)).min(most);
    for row in at..at + long {
        buffer.set_string(area.right() - 1, area.y + 1 + row as u16, "┃", style);
    }
}
