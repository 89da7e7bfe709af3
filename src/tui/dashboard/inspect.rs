//! What tests see of a dashboard.

use super::{super::screen::Pane, Dashboard};
use manytop_core::ratatui_core::layout::Rect;

impl Dashboard {
    /// How many sources the widgets looked at in the last frame.
    pub fn looked(&self) -> usize {
        self.main.looked
    }

    /// Whether a box has the focus, and a box the keys.
    pub fn has_focus(&mut self) -> bool {
        let screen = self.screen();
        screen.focus < screen.tiles.len() && screen.keys < screen.tiles.len()
    }

    /// The word and the place of each box.
    pub fn boxes(&self) -> Vec<(&'static str, Rect)> {
        let tiles = self.main.tiles.iter().filter(|pane| !pane.area.is_empty());
        tiles.map(|pane| (pane.item.widget.name(), pane.area)).collect()
    }

    /// The boxes with a border, where nothing lies over them.
    pub fn borders(&mut self) -> Vec<Rect> {
        if self.overlay.is_some() {
            return Vec::new();
        }
        let with_border = |pane: &&Pane| pane.area.width >= 8 && pane.border;
        let tiles = self.screen().tiles.iter();
        tiles.filter(with_border).map(|pane| pane.area).filter(|area| area.height >= 3).collect()
    }
}
