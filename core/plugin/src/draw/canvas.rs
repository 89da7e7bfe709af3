//! A part of the screen to draw in: every piece is a method of [`Canvas`], with columns and rows counted
//! from its upper left corner. What lies outside is not drawn; no size and no number makes it panic.
//!
//! ```text
//! let mut on = Canvas::new(buffer, area, view.theme);
//! on.put(0, 0, "swap", theme.dim);
//! on.meter(9, 0, 10, 0.11, Ink::Level);
//! on.number(20, 0, 3, "11", theme.text);
//! ```

use super::text::{self, width};
use crate::theme::Theme;
use ratatui_core::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Style,
    text::Line,
};

/// A part of a buffer, and the colours to draw in it.
pub struct Canvas<'b> {
    pub(super) buffer: &'b mut Buffer,
    pub(super) area: Rect,
    /// The colours.
    pub theme: &'b Theme,
}

impl<'b> Canvas<'b> {
    /// A canvas on an area of the buffer.
    pub fn new(buffer: &'b mut Buffer, area: Rect, theme: &'b Theme) -> Canvas<'b> {
        let area = super::clip(area, buffer);
        Canvas { buffer, area, theme }
    }

    /// How many columns it has.
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// How many rows it has.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// A part of it as a canvas of its own.
    pub fn part(&mut self, at: Rect) -> Canvas<'_> {
        let x = self.area.x.saturating_add(at.x.min(self.area.width));
        let y = self.area.y.saturating_add(at.y.min(self.area.height));
        let area = Rect { x, y, ..at }.intersection(self.area);
        Canvas { buffer: self.buffer, area, theme: self.theme }
    }

    /// At most `columns` cells of row `y` from `x` on.
    pub fn cells(&mut self, x: u16, y: u16, columns: u16) -> &mut [Cell] {
        if y >= self.area.height || x >= self.area.width {
            return &mut [];
        }
        let columns = usize::from(columns.min(self.area.width - x));
        let start = self.buffer.index_of(self.area.x + x, self.area.y + y);
        self.buffer.content.get_mut(start..start + columns).unwrap_or_default()
    }

    /// One character.
    pub fn set(&mut self, x: u16, y: u16, c: char, style: Style) {
        if let [cell, ..] = self.cells(x, y, 1) {
            mark(cell, c, style);
        }
    }

    /// A text, cut at the right edge with `…`. Returns the column behind it.
    pub fn put(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        self.column(x, y, u16::MAX, text, style)
    }

    /// A text in at most `columns`, cut with `…`. Returns the column behind what was written.
    pub fn column(&mut self, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
        x.saturating_add(write(self.cells(x, y, columns), text, style))
    }

    /// A number, or a text, that ends where its `columns` end. Returns the column behind it.
    pub fn number(&mut self, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
        let blank = columns.saturating_sub(width(text));
        self.column(x.saturating_add(blank), y, columns - blank, text, style);
        x.saturating_add(columns)
    }

    /// Texts of several styles, one behind the other. Returns the column behind them.
    pub fn runs(&mut self, x: u16, y: u16, runs: &[(&str, Style)]) -> u16 {
        runs.iter().fold(x, |x, (text, style)| self.put(x, y, text, *style))
    }

    /// A line of spans, as [`hot`](crate::widget::hot) makes one. Returns the column behind it.
    pub fn line(&mut self, x: u16, y: u16, line: &Line<'_>) -> u16 {
        let base = line.style;
        line.spans.iter().fold(x, |x, span| self.put(x, y, &span.content, base.patch(span.style)))
    }

    /// A text of our own in which `{letters}` in braces are hot: keys. Returns the column behind it.
    pub fn hot(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let hot = self.theme.hot();
        parts(text)
            .fold(x, |x, (part, is_hot)| self.put(x, y, part, if is_hot { hot } else { style }))
    }

    /// Blanks, or another character, over a part of it; the backgrounds stay unless the style has one.
    pub fn fill(&mut self, at: Rect, c: char, style: Style) {
        for y in at.y..at.bottom().min(self.area.height) {
            self.cells(at.x, y, at.width).iter_mut().for_each(|cell| mark(cell, c, style));
        }
    }

    /// The row under the cursor: the selection behind its own colours, and `▌` in its first cell. Without
    /// colours `>`, and the name, in the columns `name`, is underlined. Call it when the row is drawn.
    pub fn select(&mut self, y: u16, name: std::ops::Range<u16>) {
        let theme = self.theme;
        let is_mono = theme.is_mono();
        let row = self.cells(0, y, u16::MAX);
        if is_mono {
            let name = usize::from(name.start)..usize::from(name.end).min(row.len());
            let name = row.get_mut(name).unwrap_or_default();
            name.iter_mut().for_each(|cell| cell.modifier |= super::UNDERLINED);
        } else {
            row.iter_mut().for_each(|cell| _ = cell.set_style(theme.selection));
        }
        if let [first, ..] = row {
            first.set_char(if is_mono { '>' } else { '▌' });
            first.fg = theme.key.fg.unwrap_or_default();
            first.modifier = if is_mono { super::BOLD } else { super::NO_MODIFIER };
        }
    }

    /// A key on its cap, and what it does: ` Enter  details`. Returns the column behind it.
    pub fn keycap(&mut self, x: u16, y: u16, key: &str, what: &str) -> u16 {
        let (cap, dim) = (self.theme.keycap, self.theme.dim);
        let x = self.runs(x, y, &[(" ", cap), (key, cap), (" ", cap)]);
        self.runs(x, y, &[(" ", dim), (what, dim)])
    }
}

/// Puts a character into a cell. The background stays unless the style has one.
pub(super) fn mark(cell: &mut Cell, c: char, style: Style) {
    cell.set_char(c);
    ink(cell, style);
}

/// Gives a cell a style in the place of its own; what the style leaves open of its colours stays.
pub(super) fn ink(cell: &mut Cell, style: Style) {
    cell.fg = style.fg.unwrap_or(cell.fg);
    cell.bg = style.bg.unwrap_or(cell.bg);
    cell.modifier = style.add_modifier;
}

/// Writes a text into cells from the left, as [`text::put`], in exactly this style.
fn write(cells: &mut [Cell], text: &str, style: Style) -> u16 {
    let used = text::put(cells, text, style);
    for cell in cells.iter_mut().take(usize::from(used)) {
        cell.modifier = style.add_modifier;
    }
    used
}

/// The parts of a text with `{hot}` letters, and whether each is hot.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    // what is between an opening and a closing brace is an odd part
    let all = text.split(['{', '}']).enumerate();
    all.filter(|(_, part)| !part.is_empty()).map(|(n, part)| (part, n % 2 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{Depth, Ground};
    use ratatui_core::style::{Color, Modifier};

    fn drawn(width: u16, height: u16, draw: impl FnOnce(&mut Canvas<'_>)) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        draw(&mut Canvas::new(&mut buffer, area, &Theme::default()));
        buffer
    }

    fn row(buffer: &Buffer, y: u16) -> String {
        (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect()
    }

    #[test]
    fn texts_and_numbers_stay_in_their_columns() {
        let theme = Theme::default();
        let buffer = drawn(12, 2, |on| {
            assert_eq!(on.column(0, 0, 5, "postgres", theme.text), 5);
            assert_eq!(on.number(5, 0, 4, "98", theme.text), 9);
            assert_eq!(on.hot(1, 1, "{P}ID a", theme.dim), 6);
            on.put(11, 1, "xyz", theme.text);
        });
        assert_eq!(row(&buffer, 0), "post…  98   ");
        assert_eq!(row(&buffer, 1), " PID a     …");
        assert_eq!(buffer[(1, 1)].modifier, Modifier::BOLD);
        assert_eq!(Some(buffer[(1, 1)].fg), theme.key.fg);
        assert_eq!(buffer[(2, 1)].modifier, Modifier::empty());
        assert_eq!(Some(buffer[(2, 1)].fg), theme.dim.fg);
    }

    #[test]
    fn the_cursor_keeps_the_colours_of_its_row() {
        let buffer = drawn(6, 1, |on| {
            on.put(2, 0, "12!", on.theme.warn);
            on.select(0, 2..5);
        });
        let theme = Theme::default();
        assert_eq!(row(&buffer, 0), "▌ 12! ");
        assert_eq!(Some(buffer[(3, 0)].fg), theme.warn.fg);
        assert!((0..6).all(|x| Some(buffer[(x, 0)].bg) == theme.selection.bg));
        let (mono, area) = (Theme::new(Ground::Dark, Depth::None), Rect::new(0, 0, 6, 1));
        let mut buffer = Buffer::empty(area);
        let mut on = Canvas::new(&mut buffer, area, &mono);
        on.put(2, 0, "db", mono.text);
        on.select(0, 2..4);
        assert_eq!(row(&buffer, 0), "> db  ");
        assert_eq!(buffer[(2, 0)].modifier, Modifier::UNDERLINED);
        assert!(buffer.content.iter().all(|cell| cell.bg == Color::Reset));
    }

    #[test]
    fn nothing_is_drawn_outside() {
        let area = Rect::new(2, 1, 3, 1);
        let mut buffer = Buffer::filled(Rect::new(0, 0, 8, 3), Cell::new("."));
        let theme = Theme::default();
        let mut on = Canvas::new(&mut buffer, area, &theme);
        on.put(0, 0, "abcdef", theme.text);
        on.put(0, 1, "abcdef", theme.text);
        on.fill(Rect::new(1, 0, 99, 99), '#', theme.text);
        on.set(9, 9, 'x', theme.text);
        on.part(Rect::new(2, 0, 9, 9)).put(0, 0, "z", theme.text);
        on.select(4, 0..9);
        assert_eq!([0, 1, 2].map(|y| row(&buffer, y)), ["........", "..a#z...", "........"]);
    }
}
