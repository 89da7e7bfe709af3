//! What the rows of several widgets have in common: labels, percentages, and the count of what did
//! not fit.

use manytop_core::{
    draw::{
        number::{self, Figure},
        text::{self, Pen},
    },
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    theme::Theme,
    view::{Shown, SourceView, View},
};

/// `Jerry-Main`, or plain `Main` on this machine.
pub fn label(shown: &Shown<'_>) -> String {
    shown.source.source.label(&shown.device.name)
}

/// The width of a column of labels: as wide as they are, but never more than a share of the row.
pub fn label_width(labels: &[String], most: u16) -> u16 {
    labels.iter().map(|l| text::width(l)).max().unwrap_or(0).min(most)
}

/// Columns of [`percent`].
pub const PERCENT: u16 = 5;

/// ` 63 %`, ` 40?%` when it is old, `  -  ` when it is not known.
pub fn percent(pen: &mut Pen<'_>, value: Option<f64>, old: bool, theme: &Theme) {
    let Some(value) = value else {
        pen.right(3, "-", theme.dim()).skip(2);
        return;
    };
    let style = theme.level(value);
    pen.right(3, &number::percent(value), style);
    pen.text(if old { "?" } else { " " }, style).text("%", theme.dim());
}

/// The style of a bar: a level, or dim when what it shows is old.
pub fn bar_style(theme: &Theme, percent: f64, old: bool) -> Style {
    if old { theme.dim() } else { theme.bar(percent) }
}

/// How many of so many rows to draw in a height, and how many are left to be counted in the last.
pub fn visible(rows: usize, height: u16) -> (usize, usize) {
    let height = usize::from(height);
    if rows <= height { (rows, 0) } else { (height.saturating_sub(1), rows + 1 - height.max(1)) }
}

/// Says in a row how many did not fit.
pub fn more(buffer: &mut Buffer, area: Rect, row: usize, hidden: usize, theme: &Theme) {
    if hidden > 0 {
        let text = Figure::of(format_args!("… {hidden} more"));
        Pen::new(buffer, area, row as u16).text(&text, theme.dim());
    }
}

/// The style of a source's graphs: its identity among several, and the given one when it is alone.
pub fn identity(view: &View<'_>, source: &SourceView, alone: Style) -> Style {
    if view.sources().len() > 1 { view.theme.plain().fg(view.color(source)) } else { alone }
}

/// `n` as a number of rows.
pub fn rows(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
