//! The cursor of a list that lies over the screen, and which of its rows are in view.

use manytop_core::widget::Key;

/// A cursor, and the window that follows it.
#[derive(Clone, Copy, Default, Debug)]
pub struct ListCursor {
    /// The row under the cursor.
    pub at: usize,
    first: usize,
    /// Rows in view, as of the last frame.
    rows: usize,
}

impl ListCursor {
    /// Takes a key that moves in a list of so many rows. Returns whether it was one.
    pub fn on_key(&mut self, key: Key, count: usize) -> bool {
        let page = self.rows.max(1);
        self.at = match key {
            Key::Up => self.at.saturating_sub(1),
            Key::Down => self.at + 1,
            Key::PageUp | Key::Ctrl('b') => self.at.saturating_sub(page),
            Key::PageDown | Key::Ctrl('f') => self.at + page,
            Key::Home => 0,
            Key::End => count,
            _ => return false,
        };
        self.keep_within(count);
        true
    }

    /// The same for a list in which letters are not typed: `j` `k` `g` `G` move too.
    pub fn on_letter(&mut self, key: Key, count: usize) -> bool {
        let key = match key {
            Key::Char('j') => Key::Down,
            Key::Char('k') => Key::Up,
            Key::Char('g') => Key::Home,
            Key::Char('G') => Key::End,
            key => key,
        };
        self.on_key(key, count)
    }

    /// Moves by a row; behind the last comes the first.
    pub fn around(&mut self, forward: bool, count: usize) {
        let last = count.saturating_sub(1);
        self.at = match forward {
            true if self.at >= last => 0,
            true => self.at + 1,
            false => self.at.checked_sub(1).unwrap_or(last),
        };
    }

    /// Keeps the cursor within a list of so many rows.
    pub fn keep_within(&mut self, count: usize) {
        self.at = self.at.min(count.saturating_sub(1));
    }

    /// Moves the window so that the cursor is in it. Returns the first row in view.
    pub fn scroll(&mut self, rows: u16) -> usize {
        self.rows = usize::from(rows).max(1);
        self.first = self.first.clamp((self.at + 1).saturating_sub(self.rows), self.at);
        self.first
    }
}
