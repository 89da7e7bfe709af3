//! Pieces of one row: a history, bars, meters, a stacked bar.
//!
//! ```text
//! ⣀⣀⣤⣶⣿⣤··   spark    ▁▃▇▂   bars    ━━━╸───   meter    ████▌██▏██   stackbar
//! ```

use super::{
    canvas::{Canvas, mark},
    graph::{DOTS, braille},
    plot::column_of,
    trace::{Ink, Trace, share},
};
use ratatui_core::style::{Color, Style};

const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LEFT: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// The layers of a stacked bar without colours.
pub const LAYERS: [char; 5] = ['█', '▓', '▒', '░', '·'];

/// Below this share of its top a history is faint.
const FAINT: f64 = 0.02;
/// A part of a cell that is too little to be seen.
const SLIVER: f64 = 0.06;

/// The bar of one cell for a share of 0 to 1: `▁` to `▇`, never `█`, so that rows do not grow together.
pub fn bar(share: f64) -> char {
    EIGHTHS[(share.clamp(0.0, 1.0) * 6.999) as usize]
}

impl Canvas<'_> {
    /// A history in one row: two samples a cell, `·` where there is a gap, faint below 2 % of `top`.
    pub fn spark(&mut self, x: u16, y: u16, columns: u16, trace: Trace<'_>, top: f64, ink: Ink) {
        let theme = self.theme;
        for (column, cell) in self.cells(x, y, columns).iter_mut().enumerate() {
            let (mut bits, mut highest) = (0, 0.0_f64);
            for half in 0..2 {
                let Some(value) = trace.at(usize::from(columns), column, half) else { continue };
                let share = share(value, top);
                highest = highest.max(share);
                let dots = (share * DOTS as f64 - 0.12).ceil().max(1.0);
                bits |= column_of(dots as usize, half, false);
            }
            match bits {
                0 => mark(cell, '·', theme.line),
                _ if highest < FAINT && !theme.is_mono() => mark(cell, braille(bits), theme.faint),
                _ => mark(cell, braille(bits), ink.at(highest, theme)),
            }
        }
    }

    /// A cell for each value, `▁` to `▇` of `top`; `·` for a gap. Returns the column behind them.
    pub fn bars(
        &mut self,
        x: u16,
        y: u16,
        values: impl IntoIterator<Item = Option<f64>>,
        top: f64,
        ink: Ink,
    ) -> u16 {
        let theme = self.theme;
        let mut used = 0;
        for (cell, value) in self.cells(x, y, u16::MAX).iter_mut().zip(values) {
            used += 1;
            match value.filter(|v| !v.is_nan()).map(|v| share(v, top)) {
                Some(share) => mark(cell, bar(share), ink.at(share, theme)),
                None => mark(cell, '·', theme.line),
            }
        }
        x.saturating_add(used)
    }

    /// A level of 0 to 1 as a thin bar: `━━━╸───`. With [`Ink::Level`] the ramp runs along it.
    pub fn meter(&mut self, x: u16, y: u16, columns: u16, level: f64, ink: Ink) {
        let theme = self.theme;
        let level = share(level, 1.0);
        let halves = (level * 2.0 * f64::from(columns)).round() as u32;
        let halves = halves.max(u32::from(level > 0.004));
        for (cell, i) in self.cells(x, y, columns).iter_mut().zip(0_u32..) {
            let style = match theme.is_mono() {
                true => theme.text,
                false => ink.at((f64::from(i) + 0.5) / f64::from(columns), theme),
            };
            match halves.saturating_sub(2 * i) {
                0 => mark(cell, '─', theme.track),
                1 => mark(cell, '╸', style),
                _ => mark(cell, '━', style),
            }
        }
    }

    /// One bar of full blocks, parts beside each other: (share of the whole, colour), with edges to an
    /// eighth of a cell. Without colours the parts are `█▓▒░·`; what has the colour of text is not filled.
    pub fn stackbar(&mut self, x: u16, y: u16, columns: u16, parts: &[(f64, Style)]) {
        let theme = self.theme;
        let width = f64::from(columns);
        for (cell, i) in self.cells(x, y, columns).iter_mut().zip(0_u32..) {
            let (from, to) = (f64::from(i), f64::from(i) + 1.0);
            let mut begin = 0.0;
            // how much of the cell each part has: the first two, and the largest
            let mut first: Option<(f64, Style)> = None;
            let mut second: Option<Style> = None;
            let mut largest = (SLIVER, None);
            for (n, (part, style)) in parts.iter().enumerate() {
                let end = begin + share(*part, 1.0) * width;
                let here = end.min(to) - begin.max(from);
                begin = end;
                if here <= SLIVER {
                    continue;
                }
                match first {
                    None => first = Some((here, *style)),
                    Some(_) => second = second.or(Some(*style)),
                }
                if here > largest.0 {
                    largest = (here, Some(n));
                }
            }
            let (Some((here, style)), (_, Some(part))) = (first, largest) else { continue };
            if theme.is_mono() {
                mark(cell, LAYERS[part.min(LAYERS.len() - 1)], theme.text);
            } else if style.fg == Some(Color::Reset) {
                mark(cell, '─', theme.track);
            } else if let Some(behind) = second {
                let eighths = ((here * 8.0).round() as usize).clamp(1, 7);
                mark(cell, LEFT[eighths - 1], Style { bg: behind.fg, ..style });
            } else {
                mark(cell, '█', style);
            }
        }
    }

    /// A host on the map: a bar of its level on its own tint.
    pub fn tile(&mut self, x: u16, y: u16, percent: f64) {
        let style = Style { bg: Some(self.theme.tint(percent)), ..self.theme.ramp(percent) };
        self.set(x, y, bar(share(percent, 100.0)), style);
    }
}
