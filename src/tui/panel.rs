//! What opens over the screen: a box in the middle with a title, rules, and keys at its foot.
//!
//! ```text
//! ╭─ signal ─ postgres 2210 ─────────── blocked ─╮
//! │▌  d   TERM  15   asks it to end              │
//! ├──────────────────────────────────────────────┤
//! │  Enter  send TERM to postgres 2210           │
//! ╰──────────────────────────────────────────────╯
//! ```

use super::{frame, typed::TextInput};
use manytop_core::{
    draw::{Canvas, text::width},
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    theme::Theme,
};

/// A text with its style.
pub type StyledRun<'a> = (&'a str, Style);

/// Opens a box of that size, or as much of it as there is room for. The canvas is the whole box, with
/// its border.
pub fn open<'b>(
    title: &[&[StyledRun<'_>]],
    right: StyledRun<'_>,
    (columns, rows): (u16, u16),
    theme: &'b Theme,
    area: Rect,
    buffer: &'b mut Buffer,
) -> Canvas<'b> {
    let at = frame::centered(area, columns, rows);
    let around = Rect { x: at.x.saturating_sub(1), width: at.width.saturating_add(2), ..at };
    frame::clear(around.intersection(area).intersection(buffer.area), theme, buffer);
    let mut on = Canvas::new(buffer, at, theme);
    let (w, h) = (on.width(), on.height());
    let (end, last) = (w.saturating_sub(1), h.saturating_sub(1));
    for y in [0, last] {
        on.fill(Rect::new(0, y, w, 1), '─', theme.focus);
    }
    for x in [0, end] {
        on.fill(Rect::new(x, 0, 1, h), '│', theme.focus);
    }
    for (x, y, c) in [(0, 0, '╭'), (end, 0, '╮'), (0, last, '╰'), (end, last, '╯')] {
        on.set(x, y, c, theme.focus);
    }
    let mut x = 2;
    for part in title {
        x = label(&mut on, x, 0, end, part) + 1;
    }
    let wide = width(right.0) + 2;
    if wide > 2 && x + wide < end {
        label(&mut on, end - wide - 1, 0, end, &[right]);
    }
    on
}

/// A text in a border, with a blank on both sides, before column `end`. Returns the column behind it.
fn label(on: &mut Canvas<'_>, x: u16, y: u16, end: u16, runs: &[StyledRun<'_>]) -> u16 {
    if x + 4 > end {
        return x;
    }
    let plain = on.theme.text;
    let mut to = on.put(x, y, " ", plain);
    for (text, style) in runs {
        to = on.column(to, y, end.saturating_sub(to + 2), text, *style);
    }
    on.put(to, y, " ", plain)
}

/// The inside of a box.
pub fn inside<'c>(on: &'c mut Canvas<'_>) -> Canvas<'c> {
    let (w, h) = (on.width().saturating_sub(2), on.height().saturating_sub(2));
    on.part(Rect::new(1, 1, w, h))
}

/// The first row inside of a box: a sign, and what is typed behind it, with a cursor while it `is_open`. Returns
/// the column behind it.
pub fn prompt(on: &mut Canvas<'_>, sign: &str, typed: &TextInput, is_open: bool) -> u16 {
    let theme = on.theme;
    let wide = on.width();
    if !theme.is_mono() {
        on.fill(Rect::new(0, 0, wide, 1), ' ', theme.keycap);
    }
    let x = on.put(1, 0, sign, theme.hot());
    let room = wide.saturating_sub(x + 2);
    match is_open {
        true => typed.draw(on, x, 0, room, theme.strong()),
        false => typed.draw_still(on, x, 0, room, theme.strong()),
    }
}

/// A rule across a box, in row `y` of the box.
pub fn rule(on: &mut Canvas<'_>, y: u16) {
    let (w, focus) = (on.width(), on.theme.focus);
    on.fill(Rect::new(1, y, w.saturating_sub(2), 1), '─', on.theme.line);
    on.set(0, y, '├', focus);
    on.set(w.saturating_sub(1), y, '┤', focus);
}

/// The keys in the last row inside of a box. The first is drawn at any width, cut if need be; the last
/// where both have room; those between where there is room left.
pub fn foot(on: &mut Canvas<'_>, keys: &[(&str, &str)]) {
    let Some(y) = on.height().checked_sub(2) else { return };
    let room = on.width().saturating_sub(4);
    let cost = |(key, what): &(&str, &str)| width(key) + width(what) + 5;
    let mut on = on.part(Rect::new(2, y, room, 1));
    let [first, rest @ ..] = keys else { return };
    let mut x = on.keycap(0, 0, first.0, first.1) + 2;
    let Some((last, between)) = rest.split_last() else { return };
    for key in between {
        if x + cost(key) + cost(last) <= room + 2 {
            x = on.keycap(x, 0, key.0, key.1) + 2;
        }
    }
    if x + cost(last) <= room + 2 {
        on.keycap(x, 0, last.0, last.1);
    }
}
