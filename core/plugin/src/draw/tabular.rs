//! What rows of a table are made of: percentages with their sign, rates, heads.

use super::{
    canvas::{Canvas, parts},
    compact,
    number::ShortStr,
    table::Align,
    text::width,
};
use crate::theme::Levels;
use ratatui_core::style::Modifier;

/// Where a column is in its row.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Place {
    /// Its first cell.
    pub x: u16,
    /// Its width.
    pub width: u16,
}

impl Canvas<'_> {
    /// A percentage that ends where its `columns` end, and its sign in the cell behind them: `!` over a
    /// limit, `?` when it is old; `-` when it is unknown. Returns the column behind the sign.
    pub fn percent(
        &mut self,
        x: u16,
        y: u16,
        columns: u16,
        value: Option<f64>,
        limits: Levels,
        old: bool,
    ) -> u16 {
        let value = value.unwrap_or(f64::NAN);
        self.limited(x, y, columns, (&compact::percent(value), value), limits, old)
    }

    /// Any number with a sign behind it: its text, and the value that is compared with the limits.
    pub fn limited(
        &mut self,
        x: u16,
        y: u16,
        columns: u16,
        (text, value): (&str, f64),
        limits: Levels,
        old: bool,
    ) -> u16 {
        let theme = self.theme;
        let level = theme.level_of(value, limits.high, limits.critical);
        let (style, sign, signed) = match value {
            v if !v.is_finite() => (theme.dim, ' ', theme.text),
            _ if old => (theme.dim, '?', theme.stale),
            v if v >= limits.critical => (level.add_modifier(Modifier::BOLD), '!', level),
            v if v >= limits.high => (level, '!', level),
            _ => (level, ' ', level),
        };
        let text = if value.is_finite() { text } else { "-" };
        let end = self.number(x, y, columns, text, style);
        self.set(end, y, sign, signed);
        end.saturating_add(1)
    }

    /// A rate that ends where its `columns` end: `·` for zero, `-` when it is unknown. Returns the column
    /// behind it.
    pub fn rate(&mut self, x: u16, y: u16, columns: u16, value: Option<f64>) -> u16 {
        let theme = self.theme;
        let figure = value.map_or_else(ShortStr::unknown, compact::bytes);
        let (text, style) = match &*figure {
            "0" => ("·", theme.line),
            "-" => ("-", theme.dim),
            text => (text, theme.text),
        };
        self.number(x, y, columns, text, style)
    }

    /// The head of a column. `{letters}` in braces are hot: they sort by it. The one that the rows are
    /// sorted by is bright, with `▼` (`▲` for reverse) in the cell behind it.
    pub fn head(&mut self, y: u16, at: Place, text: &str, align: Align, sorted: Option<bool>) {
        let theme = self.theme;
        let length: u16 = parts(text).map(|(part, _)| width(part)).sum();
        let x = match align {
            Align::Left => at.x,
            Align::Right => at.x.saturating_add(at.width.saturating_sub(length)),
        };
        let Some(reverse) = sorted else {
            self.hot(x, y, text, theme.dim);
            return;
        };
        let end = parts(text).fold(x, |x, (part, _)| self.put(x, y, part, theme.strong()));
        self.set(end, y, if reverse { '▲' } else { '▼' }, theme.key);
    }
}
