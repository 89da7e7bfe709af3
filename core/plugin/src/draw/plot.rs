//! Graphs over several rows, in braille: two samples a column, four dots a row.
//!
//! ```text
//! ⡀ ⣰⣄  ⢀    area     ⠉⠛⠿⡿⠋⠁   hanging     ⣀⡠⠊⠉⠒⢄   lines
//! ⣿⣾⣿⣿⣶⣦⣿                                  ⠁
//! ```

use super::{
    canvas::{Canvas, mark},
    graph::{DOTS, bit, braille},
    trace::{Ink, Trace, share},
};
use ratatui_core::{layout::Rect, style::Style};

/// A value is drawn as a dot from this share of it on.
const DOT: f64 = 0.35;
/// Layers of a stack; what comes after them is not drawn.
const MOST_LAYERS: usize = 8;

/// The dots of a half of a cell that is filled up to `n` dots, from below or from above.
pub(super) fn column_of(n: usize, half: usize, hanging: bool) -> u8 {
    let n = n.min(DOTS);
    let rows = if hanging { 0..n } else { DOTS - n..DOTS };
    rows.fold(0, |bits, row| bits | bit(half, row))
}

/// How many of `all` dots a share of 0 to 1 has: at least one.
fn height(share: f64, all: usize) -> usize {
    let dots = (share * all as f64 - DOT).ceil();
    (dots.max(1.0) as usize).min(all)
}

impl Canvas<'_> {
    /// An area of 0 to `top`, filled from below. A row has one colour of the ramp.
    pub fn area(&mut self, at: Rect, trace: Trace<'_>, top: f64, ink: Ink) {
        self.filled(at, trace, top, ink, false);
    }

    /// The same, hanging from its upper edge.
    pub fn hanging(&mut self, at: Rect, trace: Trace<'_>, top: f64, ink: Ink) {
        self.filled(at, trace, top, ink, true);
    }

    /// Two areas on one axis, in up and out down, with a top each; in one row, in left and out right.
    pub fn mirrored(&mut self, at: Rect, up: (Trace<'_>, f64, Ink), down: (Trace<'_>, f64, Ink)) {
        if at.height == 1 {
            let half = at.width / 2;
            let left = Rect { width: half.saturating_sub(1), ..at };
            let right = Rect {
                x: at.x + (half + 1).min(at.width),
                width: at.width.saturating_sub(half + 1),
                ..at
            };
            self.area(left, up.0, up.1, up.2);
            self.area(right, down.0, down.1, down.2);
        } else {
            let above = at.height.div_ceil(2);
            let below = Rect { y: at.y + above, height: at.height - above, ..at };
            self.area(Rect { height: above, ..at }, up.0, up.1, up.2);
            self.hanging(below, down.0, down.1, down.2);
        }
    }

    fn filled(&mut self, at: Rect, trace: Trace<'_>, top: f64, ink: Ink, hanging: bool) {
        let (rows, columns) = (usize::from(at.height), usize::from(at.width));
        let all = rows * DOTS;
        let dots = |column, half| {
            let value = trace.at(columns, column, half);
            value.map_or(0, |v| height(share(v, top), all))
        };
        for column in 0..columns {
            let (left, right) = (dots(column, 0), dots(column, 1));
            for level in 0..left.max(right).div_ceil(DOTS) {
                let row = if hanging { level } else { rows - 1 - level };
                let bits = column_of(left.saturating_sub(level * DOTS), 0, hanging)
                    | column_of(right.saturating_sub(level * DOTS), 1, hanging);
                let style = ink.at((level as f64 + 0.5) / rows as f64, self.theme);
                self.set(at.x + column as u16, at.y + row as u16, braille(bits), style);
            }
        }
    }

    /// Areas on top of each other, the first at the bottom; together they reach `top`. A cell has the
    /// colour of the layer that has most of its dots, the upper one of two that have the same number.
    /// A gap of one layer ends its column.
    pub fn stack(&mut self, at: Rect, layers: &[(Trace<'_>, Ink)], top: f64) {
        let layers = layers.get(..MOST_LAYERS).unwrap_or(layers);
        let (rows, columns) = (usize::from(at.height), usize::from(at.width));
        let all = rows * DOTS;
        let mut edges = [[0.0; MOST_LAYERS]; 2];
        let mut counts = [0; 2];
        for column in 0..columns {
            for half in 0..2 {
                let (mut sum, mut count) = (0.0, 0);
                for (trace, _) in layers {
                    let Some(value) = trace.at(columns, column, half) else { break };
                    sum += share(value, top) * all as f64;
                    edges[half][count] = sum;
                    count += 1;
                }
                counts[half] = count;
            }
            let known = [&edges[0][..counts[0]], &edges[1][..counts[1]]];
            let dots = known.map(|edges| match edges {
                [] => 0,
                [.., sum] => ((sum - DOT).ceil().max(1.0) as usize).min(all),
            });
            for level in 0..dots[0].max(dots[1]).div_ceil(DOTS) {
                let mut bits = 0;
                let mut most = [0_u8; MOST_LAYERS];
                for half in 0..2 {
                    let filled = dots[half].saturating_sub(level * DOTS).min(DOTS);
                    bits |= column_of(filled, half, false);
                    for dot in level * DOTS..level * DOTS + filled {
                        most[layer_at(known[half], dot as f64 + 0.5)] += 1;
                    }
                }
                let layer = (0..layers.len()).max_by_key(|n| (most[*n], *n)).unwrap_or(0);
                let Some((_, ink)) = layers.get(layer) else { return };
                let row = rows - 1 - level;
                let style = ink.at((level as f64 + 0.5) / rows as f64, self.theme);
                self.set(at.x + column as u16, at.y + row as u16, braille(bits), style);
            }
        }
    }

    /// Lines from 0 to `top`; the last one has the colour of a cell that it shares. A gap is a gap.
    pub fn lines(&mut self, at: Rect, lines: &[(Trace<'_>, Style)], top: f64) {
        let columns = usize::from(at.width);
        let Some(lowest) = (usize::from(at.height) * DOTS).checked_sub(1) else { return };
        for (trace, style) in lines {
            let mut last: Option<usize> = None;
            for sample in 0..columns * 2 {
                let Some(value) = trace.at(columns, sample / 2, sample % 2) else {
                    last = None;
                    continue;
                };
                let row = lowest - (share(value, top) * lowest as f64).round() as usize;
                // the way from the last sample belongs to the newer column
                let (from, to) = match last {
                    Some(before) if before + 1 < row => (before + 1, row),
                    Some(before) if row + 1 < before => (row, before - 1),
                    _ => (row, row),
                };
                for dot in from..=to {
                    let (x, y) = (at.x + (sample / 2) as u16, at.y + (dot / DOTS) as u16);
                    if let [cell, ..] = self.cells(x, y, 1) {
                        let bits = bits_of(cell.symbol()) | bit(sample % 2, dot % DOTS);
                        mark(cell, braille(bits), *style);
                    }
                }
                last = Some(row);
            }
        }
    }
}

/// The layer a height belongs to. What lies above all of them, by rounding, belongs to the highest that
/// is not empty.
fn layer_at(edges: &[f64], height: f64) -> usize {
    if let Some(layer) = edges.iter().position(|edge| height < *edge) {
        return layer;
    }
    let sum = edges.last().copied().unwrap_or(0.0);
    edges.iter().position(|edge| *edge >= sum).unwrap_or(0)
}

/// The dots that are in a cell.
fn bits_of(symbol: &str) -> u8 {
    match symbol.chars().next() {
        Some(c @ '\u{2800}'..='\u{28ff}') => (u32::from(c) - 0x2800) as u8,
        _ => 0,
    }
}
