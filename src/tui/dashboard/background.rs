//! The dashboard after the terminal has reported its background.

use super::{Dashboard, Effect};
use crate::config::schemes;
use manytop_core::theme::{Depth, Rgb};

impl Dashboard {
    /// Whether the theme depends on the terminal's background, which is not known.
    pub fn wants_background(&self) -> bool {
        let has_colors = self.parts.theme.depth != Depth::None;
        self.parts.theme_is_auto && has_colors && self.background.is_none()
    }

    /// Takes the theme for the background, where it is not fixed.
    pub fn on_background(&mut self, background: Rgb) -> Effect {
        self.background = Some(background);
        if !self.parts.theme_is_auto {
            return Effect::None;
        }
        match schemes::on_background(&self.parts.theme, background) {
            Some(theme) => {
                self.parts.theme = theme;
                Effect::Draw
            }
            None => Effect::None,
        }
    }
}
