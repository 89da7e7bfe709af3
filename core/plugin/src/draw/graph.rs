//! Line graphs in braille: two samples a column and four dots a row, the newest at the right.
//!
//! ```text
//! 100 ┤             ⡇
//!     ┤⣀⣀⣀⣠⣤⣀⣀⣀⣀⣀⣀⣀⣸⣇⣀
//!   0 └─ 2m ────── now
//! ```

use super::{
    clip, columns,
    number::{self, ShortStr},
    rows,
    text::RowWriter,
};
use crate::{history::Window, theme::Theme};
use ratatui_core::{buffer::Buffer, layout::Rect, style::Style};
use std::time::Duration;

/// Dots above each other in a cell.
pub const DOTS: usize = 4;

/// The bit of a dot: `side` 0 or 1, `row` from 0 at the top.
pub(super) const fn bit(side: usize, row: usize) -> u8 {
    const BITS: [[u8; DOTS]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    BITS[side & 1][row & 3]
}

/// The character with those dots.
pub(super) fn braille(bits: u8) -> char {
    char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')
}

/// How many of `all` dots stand for a value between `low` and `top`.
pub(super) fn dots(value: f64, low: f64, top: f64, all: usize) -> usize {
    let share = (value - low) / (top - low);
    // Not a number becomes 0 here.
    (share.clamp(0.0, 1.0) * all as f64).round() as usize
}

/// The next of 1, 2, 5, 10, 20, 50 … that a value does not exceed; 1 for what is no positive number.
pub fn nice(value: f64) -> f64 {
    if !value.is_finite() || value <= 1.0 {
        return 1.0;
    }
    // by steps: a logarithm would be all that the program needs of the mathematics library
    let mut ten = 1.0;
    while ten * 10.0 <= value {
        ten *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0].map(|n| n * ten).into_iter().find(|&n| n >= value).unwrap_or(value)
}

struct GraphLine {
    values: Vec<Option<f64>>,
    style: Style,
    filled: bool,
}

/// A graph that is being put together: made for an area, given its lines, drawn.
pub struct Graph {
    plot: Rect,
    labels: Rect,
    axis: Rect,
    top: Option<f64>,
    label: fn(f64) -> ShortStr,
    lines: Vec<GraphLine>,
}

impl Graph {
    /// From 0 to 100.
    pub fn percent(area: Rect) -> Graph {
        Graph::new(area, Some(100.0), number::percent, if area.width < 60 { 4 } else { 5 })
    }

    /// From 0 to the next round number above the highest value; `label` writes it in at most five
    /// columns.
    pub fn growing(area: Rect, label: fn(f64) -> ShortStr) -> Graph {
        Graph::new(area, None, label, 6)
    }

    fn new(area: Rect, top: Option<f64>, label: fn(f64) -> ShortStr, labels: u16) -> Graph {
        let labels = if area.width >= 16 && area.height >= 2 { labels } else { 0 };
        let axis = u16::from(labels > 0 && area.height >= 4);
        let right = columns(area, labels, u16::MAX);
        Graph {
            plot: rows(right, 0, area.height - axis),
            labels: columns(area, 0, labels),
            axis: rows(right, area.height - axis, axis),
            top,
            label,
            lines: Vec::new(),
        }
    }

    /// The window of time that it shows when one column covers `column`.
    pub fn window(&self, column: Duration) -> Window {
        Window { bucket: column / 2, buckets: usize::from(self.plot.width) * 2 }
    }

    /// Adds a line on top of those before; the last value is the newest.
    pub fn line(&mut self, values: Vec<Option<f64>>, style: Style) {
        self.lines.push(GraphLine { values, style, filled: false });
    }

    /// Adds an area, filled down to the axis.
    pub fn fill(&mut self, values: Vec<Option<f64>>, style: Style) {
        self.lines.push(GraphLine { values, style, filled: true });
    }

    /// Draws it all; `column` is the time that one column covers, for the label of the axis.
    pub fn draw(&self, buffer: &mut Buffer, theme: &Theme, column: Duration) {
        let top = self.top.unwrap_or_else(|| {
            let values = self.lines.iter().flat_map(|l| l.values.iter().flatten());
            nice(values.copied().filter(|v| v.is_finite()).fold(0.0, f64::max))
        });
        self.draw_labels(buffer, top, theme.dim());
        self.draw_axis(buffer, column, theme.dim());
        let mut dots = Dots::new(self.plot);
        for (index, line) in self.lines.iter().enumerate() {
            dots.add(line, index, top);
        }
        dots.draw(buffer, self.plot, &self.lines);
    }

    fn draw_labels(&self, buffer: &mut Buffer, top: f64, dim: Style) {
        let Some(room) = self.labels.width.checked_sub(2) else { return };
        let gap = u16::from(self.labels.width == 5);
        let zero = self.labels.height.saturating_sub(1);
        let half = (self.plot.height >= 8).then_some(self.plot.height.saturating_sub(1) / 2);
        for row in 0..self.labels.height {
            let value = match row {
                0 => Some(top),
                r if r == zero => Some(0.0),
                r if Some(r) == half => Some(top / 2.0),
                _ => None,
            };
            let label = value.map(|v| (self.label)(v)).unwrap_or_default();
            let end = if row == zero && self.axis.height > 0 { '└' } else { '┤' };
            let mut pen = RowWriter::new(buffer, self.labels, row);
            pen.right(room + 1 - gap, &label, dim).skip(gap).char(end, dim);
        }
    }

    fn draw_axis(&self, buffer: &mut Buffer, column: Duration, dim: Style) {
        let span = column.as_secs_f64() * f64::from(self.plot.width);
        let span = number::span(span);
        let mut pen = RowWriter::new(buffer, self.axis, 0);
        pen.text("─ ", dim).text(&span, dim).text(" ", dim);
        while pen.left() > 4 {
            pen.text("─", dim);
        }
        pen.text(" now", dim);
    }
}

/// A cell's dots, and the line that gives the cell its colour: the last one drawn into it.
#[derive(Clone, Copy, Default)]
struct Spot {
    bits: u8,
    line: u16,
}

struct Dots {
    spots: Vec<Spot>,
    width: usize,
    height: usize,
}

impl Dots {
    fn new(plot: Rect) -> Dots {
        let (width, height) = (usize::from(plot.width), usize::from(plot.height));
        Dots { spots: vec![Spot::default(); width * height], width, height }
    }

    fn add(&mut self, line: &GraphLine, index: usize, top: f64) {
        let samples = self.width * 2;
        let levels = self.height * DOTS;
        if levels == 0 {
            return;
        }
        let values = &line.values[line.values.len().saturating_sub(samples)..];
        let blank = samples - values.len();
        let mut last: Option<(usize, usize)> = None;
        for (i, value) in values.iter().enumerate() {
            let Some(value) = value.filter(|v| !v.is_nan()) else { continue };
            let (x, y) = (blank + i, dots(value, 0.0, top, levels - 1));
            if line.filled {
                self.upright(x, 0, y, index);
            } else {
                match last {
                    // The way from the last sample is shared by both columns.
                    Some((before, from)) if before + 1 == x => {
                        let middle = from.midpoint(y);
                        self.upright(before, from, middle, index);
                        self.upright(x, middle, y, index);
                    }
                    _ => self.upright(x, y, y, index),
                }
            }
            last = Some((x, y));
        }
    }

    /// Sets the dots of one column from one height to another, counted from the bottom.
    fn upright(&mut self, x: usize, from: usize, to: usize, line: usize) {
        let lowest = self.height * DOTS - 1;
        for y in from.min(to)..=from.max(to).min(lowest) {
            let row = lowest - y;
            if let Some(spot) = self.spots.get_mut(row / DOTS * self.width + x / 2) {
                spot.bits |= bit(x % 2, row % DOTS);
                spot.line = line as u16;
            }
        }
    }

    fn draw(&self, buffer: &mut Buffer, plot: Rect, lines: &[GraphLine]) {
        if clip(plot, buffer) != plot || self.width == 0 {
            return;
        }
        for (row, spots) in self.spots.chunks(self.width).enumerate() {
            let cells = RowWriter::new(buffer, plot, row as u16).take(plot.width);
            for (cell, spot) in cells.iter_mut().zip(spots).filter(|(_, s)| s.bits != 0) {
                let style = lines.get(usize::from(spot.line)).map_or(Style::new(), |l| l.style);
                cell.set_char(braille(spot.bits)).set_style(style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(
        width: u16,
        height: u16,
        build: impl FnOnce(&mut Graph),
        top: Option<f64>,
    ) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let mut graph = if top.is_some() {
            Graph::percent(area)
        } else {
            Graph::growing(area, |v| number::rate(v, false))
        };
        build(&mut graph);
        graph.draw(&mut buffer, &Theme::default(), Duration::from_secs(2));
        let cells: Vec<&str> = buffer.content.iter().map(|c| c.symbol()).collect();
        cells.chunks(usize::from(width).max(1)).map(<[&str]>::concat).collect()
    }

    const PERCENT: Option<f64> = Some(100.0);

    #[test]
    fn a_line_with_its_axes() {
        let mut values = vec![Some(0.0); 20];
        values.extend([Some(100.0), Some(50.0), None, None, Some(0.0), Some(0.0)]);
        let got = drawn(20, 5, |g| g.line(values, Style::new()), PERCENT);
        assert_eq!(
            got,
            [
                "100┤             ⡇  ",
                "   ┤             ⣿  ",
                "   ┤            ⢸⠁  ",
                "   ┤   ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸  ⣀",
                "  0└─ 32s ────── now",
            ]
            .map(str::to_owned)
        );
    }

    #[test]
    fn an_area_is_filled_and_a_gap_is_not() {
        let values = vec![Some(100.0), Some(50.0), None, Some(0.0)];
        assert_eq!(drawn(2, 1, |g| g.fill(values, Style::new()), PERCENT), ["⣷⢀"]);
    }

    #[test]
    fn a_later_line_keeps_its_colour() {
        let area = Rect::new(0, 0, 1, 1);
        let mut buffer = Buffer::empty(area);
        let mut graph = Graph::percent(area);
        let styles =
            [Style::new().fg(Theme::default().high), Style::new().fg(Theme::default().critical)];
        graph.fill(vec![Some(30.0), Some(30.0)], styles[0]);
        graph.line(vec![Some(100.0), Some(100.0)], styles[1]);
        graph.draw(&mut buffer, &Theme::default(), Duration::from_secs(2));
        assert_eq!(buffer.content[0].symbol(), "⣭");
        assert_eq!(Some(buffer.content[0].fg), styles[1].fg);
    }

    #[test]
    fn a_growing_graph_ends_at_a_round_number() {
        assert_eq!([0.0, 1.0, 1.1, 4300.0, 1e6].map(nice), [1.0, 1.0, 2.0, 5000.0, 1e6]);
        let got = drawn(16, 4, |g| g.fill(vec![Some(4300.0)], Style::new()), None);
        assert_eq!(got[0], " 5.0k┤         ⢠");
        assert_eq!(got[3], "    0└─ 20s  now");
    }

    #[test]
    fn no_size_and_no_number_breaks_it() {
        let wild = [Some(f64::NAN), Some(f64::INFINITY), Some(-1e308), Some(1e308), None];
        for width in 0..40 {
            for height in 0..12 {
                for top in [PERCENT, None] {
                    let values = wild.iter().copied().cycle().take(100).collect::<Vec<_>>();
                    drawn(
                        width,
                        height,
                        |g| {
                            g.fill(values.clone(), Style::new());
                            g.line(values, Style::new());
                        },
                        top,
                    );
                }
            }
        }
    }
}
