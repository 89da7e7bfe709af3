//! A line of text that is typed: a filter, a name, a value.

use manytop_core::{
    draw::{Canvas, text::width},
    ratatui_core::style::Style,
    widget::Key,
};

/// The text, and how many characters it has at most.
#[derive(Clone, Debug)]
pub struct TextInput {
    text: String,
    most: usize,
}

impl TextInput {
    /// An empty line of at most so many characters.
    pub fn new(most: usize) -> TextInput {
        TextInput { text: String::new(), most }
    }

    /// A line that has a text already.
    pub fn with(text: &str, most: usize) -> TextInput {
        TextInput { text: text.to_owned(), most }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Forgets what was typed.
    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// Takes a key: a character, Backspace, `^u` for the whole line, `^w` for the last word. Returns whether
    /// it was one of these.
    pub fn on_key(&mut self, key: Key) -> bool {
        match key {
            Key::Backspace => _ = self.text.pop(),
            Key::Ctrl('u') => self.text.clear(),
            Key::Ctrl('w') => {
                let kept = self.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.text.truncate(kept);
            }
            Key::Char(c) if !c.is_control() && self.text.chars().count() < self.most => {
                self.text.push(c);
            }
            _ => return false,
        }
        true
    }

    /// Draws the end of the text that fits into `room` columns, and the cursor behind it. Returns the column of
    /// the cursor.
    pub fn draw(&self, on: &mut Canvas<'_>, x: u16, y: u16, room: u16, style: Style) -> u16 {
        let x = self.draw_still(on, x, y, room, style);
        let key = on.theme.key;
        on.set(x, y, '▏', key);
        x
    }

    /// The same without a cursor. Returns the column behind the text.
    pub fn draw_still(&self, on: &mut Canvas<'_>, x: u16, y: u16, room: u16, style: Style) -> u16 {
        let mut over = width(&self.text).saturating_sub(room.saturating_sub(1));
        let mut utf8 = [0; 4];
        let begins = self.text.char_indices().find(|(_, c)| {
            let wide = width(c.encode_utf8(&mut utf8));
            let fits = over == 0;
            over = over.saturating_sub(wide);
            fits
        });
        let begins = begins.map_or(self.text.len(), |(at, _)| at);
        on.column(x, y, room, &self.text[begins..], style)
    }
}
