//! Bars in eighths of a column: `▕██▋      ▏`.

use ratatui_core::{buffer::Cell, style::Style};

const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Draws `percent` (0 to 100, clamped) over the whole of the cells; `frame` is the style of the two
/// ends and what is empty. Not a number is drawn as empty. In fewer than five cells the ends are left out.
pub fn bar(cells: &mut [Cell], percent: f64, filled: Style, frame: Style) {
    let inside = match cells {
        [first, inside @ .., last] if inside.len() >= 3 => {
            first.set_char('▕').set_style(frame);
            last.set_char('▏').set_style(frame);
            inside
        }
        all => all,
    };
    let share = if percent.is_nan() { 0.0 } else { percent.clamp(0.0, 100.0) / 100.0 };
    let mut eighths = (share * inside.len() as f64 * 8.0).round() as usize;
    if share > 0.0 {
        eighths = eighths.max(1);
    }
    for cell in inside {
        match eighths {
            8.. => cell.set_char('█').set_style(filled),
            n @ 1..8 => cell.set_char(EIGHTHS[n]).set_style(filled),
            0 => cell.set_char(' ').set_style(frame),
        };
        eighths = eighths.saturating_sub(8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: usize, percent: f64) -> String {
        let mut cells = vec![Cell::EMPTY; width];
        bar(&mut cells, percent, Style::new(), Style::new());
        cells.iter().map(Cell::symbol).collect()
    }

    #[test]
    fn a_bar_is_as_full_as_its_percentage() {
        assert_eq!(drawn(10, 0.0), "▕        ▏");
        assert_eq!(drawn(10, 0.1), "▕▏       ▏", "something is not nothing");
        assert_eq!(drawn(10, 50.0), "▕████    ▏");
        assert_eq!(drawn(10, 57.0), "▕████▌   ▏");
        assert_eq!(drawn(10, 100.0), "▕████████▏");
        assert_eq!(drawn(4, 50.0), "██  ");
    }

    #[test]
    fn no_number_and_no_size_breaks_it() {
        assert_eq!(drawn(10, f64::NAN), drawn(10, 0.0));
        assert_eq!(drawn(10, 1e308), drawn(10, 100.0));
        assert_eq!(drawn(10, -f64::INFINITY), drawn(10, 0.0));
        assert_eq!(drawn(0, 50.0), "");
    }
}
