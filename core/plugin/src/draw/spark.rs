//! Sparklines: a whole history in one row, or one cell a core.

use super::graph::{self, DOTS};
use ratatui_core::{buffer::Cell, style::Style};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The block for a percentage: from `▁` (almost 0) to `█` (100).
pub fn block(percent: f64) -> char {
    let eighth = (percent.clamp(0.0, 100.0) / 12.5) as usize;
    BLOCKS[eighth.min(7)]
}

/// One cell a percentage (a core); `style` by level. Gives back how many cells it used. When there
/// are more values than cells, a cell covers several and shows the highest of them.
pub fn cells(cells: &mut [Cell], values: &[Option<f64>], style: impl Fn(f64) -> Style) -> u16 {
    if cells.is_empty() || values.is_empty() {
        return 0;
    }
    let group = values.len().div_ceil(cells.len());
    let mut used = 0;
    for (cell, group) in cells.iter_mut().zip(values.chunks(group)) {
        used += 1;
        let highest = group.iter().flatten().copied().fold(f64::NAN, f64::max);
        if highest.is_nan() {
            cell.set_char('·').set_style(style(0.0));
        } else {
            cell.set_char(block(highest)).set_style(style(highest));
        }
    }
    used
}

/// A history in one row of braille, two samples a column, the newest at the right; what is not known
/// is a gap. `top` is the value of a full column.
pub fn braille(cells: &mut [Cell], values: &[Option<f64>], top: f64, style: Style) {
    let samples = cells.len() * 2;
    let values = &values[values.len().saturating_sub(samples)..];
    let blank = samples - values.len();
    let height = |i: usize| {
        let value = i.checked_sub(blank).and_then(|i| values.get(i).copied().flatten());
        let value = value.filter(|v| !v.is_nan())?;
        Some(graph::dots(value, 0.0, top, DOTS).max(1))
    };
    for (x, cell) in cells.iter_mut().enumerate() {
        let mut bits = 0;
        for (side, i) in [2 * x, 2 * x + 1].into_iter().enumerate() {
            for dot in 0..height(i).unwrap_or(0) {
                bits |= graph::bit(side, DOTS - 1 - dot);
            }
        }
        if bits != 0 {
            cell.set_char(graph::braille(bits)).set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: usize, draw: impl FnOnce(&mut [Cell])) -> String {
        let mut row = vec![Cell::EMPTY; width];
        draw(&mut row);
        row.iter().map(Cell::symbol).collect()
    }

    #[test]
    fn a_cell_a_core() {
        let cores = [0.0, 12.0, 13.0, 50.0, 88.0, 100.0].map(Some);
        assert_eq!(drawn(8, |c| _ = cells(c, &cores, |_| Style::new())), "▁▁▂▅██  ");
        assert_eq!(
            drawn(2, |c| _ = cells(c, &cores, |_| Style::new())),
            "▂█",
            "the highest of three"
        );
        assert_eq!(drawn(1, |c| _ = cells(c, &[None], |_| Style::new())), "·");
        assert_eq!(drawn(0, |c| _ = cells(c, &cores, |_| Style::new())), "");
    }

    #[test]
    fn a_history_ends_at_the_right() {
        let values = [Some(0.0), Some(25.0), None, Some(100.0)];
        assert_eq!(drawn(3, |c| braille(c, &values, 100.0, Style::new())), " ⣀⢸");
        assert_eq!(drawn(1, |c| braille(c, &values, 100.0, Style::new())), "⢸");
        let wild = [Some(f64::NAN), Some(1e308)];
        assert_eq!(drawn(1, |c| braille(c, &wild, 0.0, Style::new())), "⢸");
    }
}
