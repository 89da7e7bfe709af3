//! What the rows of several widgets have in common: labels, percentages, and the count of what did
//! not fit.

use manytop_plugin::{
    draw::{
        Canvas,
        number::ShortStr,
        text::{self, RowWriter},
    },
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    source::Source,
    theme::Theme,
    view::{Shown, SourceView, View},
};

/// The names of a view's sources, without the domain and port that all of them share.
pub struct ShortNames<'a> {
    suffix: &'a str,
    /// There is one source, which the border names.
    is_alone: bool,
}

impl<'a> ShortNames<'a> {
    /// Of those sources; this machine has no domain to share.
    pub fn of(view: &View<'a>) -> ShortNames<'a> {
        let named = view.sources().iter().filter(|s| s.source != Source::Local);
        let suffix = text::shared_suffix(named.map(|s| s.source.name()));
        ShortNames { suffix, is_alone: view.count() == 1 }
    }

    /// The name of a source.
    pub fn source<'s>(&self, source: &'s SourceView) -> &'s str {
        let name = source.source.name();
        name.strip_suffix(self.suffix).unwrap_or(name)
    }

    /// `Jerry-Main`, or plain `Main` on this machine and in a box of one source.
    pub fn label(&self, shown: &Shown<'_>) -> String {
        let device = &shown.device.name;
        match shown.source.source {
            _ if self.is_alone => (**device).to_owned(),
            Source::Local => (**device).to_owned(),
            Source::Named(_) => {
                format!("{}{}-{device}", self.source(shown.source), shown.source.mark())
            }
        }
    }

    /// How many columns the label takes.
    pub fn width(&self, shown: &Shown<'_>) -> u16 {
        let device = text::width(&shown.device.name);
        match shown.source.source {
            _ if self.is_alone => device,
            Source::Local => device,
            Source::Named(_) => {
                let mark = shown.source.mark().len() as u16;
                text::width(self.source(shown.source)) + mark + 1 + device
            }
        }
    }

    /// The width of a column of labels: as wide as they are, but never more than `most`.
    pub fn widest<'s>(&self, rows: impl IntoIterator<Item = &'s Shown<'s>>, most: u16) -> u16 {
        rows.into_iter().map(|s| self.width(s)).max().unwrap_or(0).min(most)
    }
}

/// The style of a bar: a level, or dim when what it shows is old.
pub fn bar_style(theme: &Theme, percent: f64, old: bool) -> Style {
    if old { theme.dim() } else { theme.bar(percent) }
}

/// How many of so many rows to draw in a height, and how many are left to be counted in the last. The
/// only row there is room for says more than a count.
pub fn visible(rows: usize, height: u16) -> (usize, usize) {
    match usize::from(height) {
        height if rows <= height => (rows, 0),
        height @ 0..=1 => (height, 0),
        height => (height - 1, rows + 1 - height),
    }
}

/// Says in a row how many did not fit.
pub fn more(buffer: &mut Buffer, area: Rect, row: usize, hidden: usize, theme: &Theme) {
    if hidden > 0 {
        let text = ShortStr::of(format_args!("… {hidden} more"));
        RowWriter::new(buffer, area, row as u16).text(&text, theme.dim());
    }
}

/// Writes in the last row how many rows did not fit.
pub fn more_below(on: &mut Canvas<'_>, hidden: usize) {
    if hidden > 0 {
        let (y, dim) = (on.height().saturating_sub(1), on.theme.dim);
        on.put(1, y, &ShortStr::of(format_args!("… {hidden} more")), dim);
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
