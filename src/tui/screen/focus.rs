//! Which box has the focus, which the keys, and the digits of the boxes.

use super::Screen;

impl Screen {
    /// Gives a box the focus, and the keys where it takes any.
    pub fn set_focus(&mut self, at: usize) {
        let Some(pane) = self.tiles.get(at) else { return };
        self.focus = at;
        if pane.item.widget.takes_keys() {
            self.keys = at;
        }
    }

    /// Moves the focus to the next box on the screen that takes keys.
    pub fn focus_next(&mut self) {
        let n = self.tiles.len();
        let next = (1..=n).map(|i| (self.focus + i) % n).find(|&i| {
            let tile = &self.tiles[i];
            !tile.area.is_empty() && tile.item.widget.takes_keys()
        });
        self.set_focus(next.unwrap_or(self.focus));
    }

    /// Gives the keys to a box on the screen, where there is one that takes any and the one that has them
    /// is not on it.
    pub(super) fn focus_visible(&mut self) {
        let is_visible = |pane: &super::Pane| !pane.area.is_empty();
        if self.tiles.get(self.keys).is_none_or(is_visible) {
            return;
        }
        let takes_keys = |pane: &super::Pane| is_visible(pane) && pane.item.widget.takes_keys();
        if let Some(at) = self.tiles.iter().position(takes_keys) {
            self.set_focus(at);
        }
    }

    /// Enlarges the box with the focus, or shows all boxes again.
    pub fn toggle_enlarged(&mut self) {
        self.enlarged = match self.enlarged {
            None => Some(self.focus),
            Some(_) => None,
        };
    }

    /// The box of a digit, 1 upwards in the order of [`Screen::digits`].
    pub fn box_of(&self, digit: usize) -> Option<usize> {
        self.digits().get(digit.checked_sub(1)?).copied()
    }

    /// The boxes in the order of their digits: as the layout has its rows, and within one as people
    /// look for them.
    pub fn digits(&self) -> Vec<usize> {
        const ORDER: [&str; 10] =
            ["map", "hosts", "cpu", "mem", "net", "disk", "procs", "temp", "power", "batt"];
        let rank = |i: usize| {
            let word = self.tiles[i].item.widget.name();
            ORDER.iter().position(|w| *w == word).unwrap_or(ORDER.len())
        };
        let mut all: Vec<usize> = (0..self.tiles.len()).collect();
        // a box that takes the place of others leaves them their digits
        let covers = self.enlarged.is_some() || self.tiles.iter().any(|t| t.widget.is_wide());
        let shown = |i: &usize| covers || !self.tiles[*i].area.is_empty();
        all.retain(shown);
        all.sort_by_key(|&i| (self.tiles[i].item.follows(), rank(i)));
        all
    }
}
