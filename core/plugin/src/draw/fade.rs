//! The screen behind what opens over it.

use crate::theme::{Depth, Rgb, Theme};
use ratatui_core::{
    buffer::Buffer,
    style::{Color, Modifier},
};

/// How far the screen fades under an overlay.
pub const BEHIND: f64 = 0.62;

/// Fades what is drawn by a share of 0 to 1 towards the background, and takes its weight. Fewer than 256
/// colours are drawn dim.
pub fn fade(buffer: &mut Buffer, theme: &Theme, share: f64) {
    let mut known = FadedColors::default();
    for cell in &mut buffer.content {
        match theme.depth {
            Depth::True | Depth::Palette => {
                cell.modifier -= Modifier::BOLD;
                let fg = if cell.fg == Color::Reset { theme.fg } else { cell.fg };
                cell.fg = known.fade(fg, theme, share);
                cell.bg = known.fade(cell.bg, theme, share);
            }
            Depth::Sixteen | Depth::None => {
                cell.modifier = (cell.modifier | Modifier::DIM) - Modifier::BOLD;
            }
        }
    }
}

/// The colours of a screen are few: each is mixed once.
#[derive(Default)]
struct FadedColors(Vec<(Color, Color)>);

impl FadedColors {
    fn fade(&mut self, color: Color, theme: &Theme, share: f64) -> Color {
        let Some(rgb) = Rgb::of(color) else { return color };
        if let Some((_, faded)) = self.0.iter().find(|(known, _)| *known == color) {
            return *faded;
        }
        let faded = theme.color(rgb.mix(theme.page, share));
        self.0.push((color, faded));
        faded
    }
}
