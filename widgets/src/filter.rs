//! A line of text that a person types to see less: `/`, then letters, then Enter to keep it or Esc
//! to be rid of it.

use manytop_plugin::{
    draw::{Canvas, text::RowWriter},
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
    widget::Key,
};

/// What was typed, and whether more is to come.
#[derive(Default, Debug)]
pub struct Filter {
    text: String,
    typing: bool,
}

/// More than this is not typed but pasted by mistake.
const LONGEST: usize = 100;

impl Filter {
    /// Whether keys belong to it.
    pub fn is_typing(&self) -> bool {
        self.typing
    }

    /// Says this from now on.
    pub fn set(&mut self, text: String) {
        *self = Filter { text, typing: false };
    }

    /// What it says, if anything.
    pub fn text(&self) -> Option<&str> {
        (!self.text.is_empty()).then_some(&self.text)
    }

    /// Opens it for typing.
    pub fn open(&mut self) {
        self.typing = true;
    }

    /// Closes and empties it. Returns whether there was anything to clear.
    pub fn clear(&mut self) -> bool {
        let had = self.typing || !self.text.is_empty();
        *self = Filter::default();
        had
    }

    /// Takes a key while it is typed.
    pub fn on_key(&mut self, key: Key) -> bool {
        match key {
            _ if !self.typing => return false,
            Key::Esc => *self = Filter::default(),
            Key::Enter => self.typing = false,
            Key::Backspace => _ = self.text.pop(),
            Key::Char(c) if self.text.len() < LONGEST && !c.is_control() => self.text.push(c),
            _ => {}
        }
        true
    }

    /// While it is typed, the first row of an area shows it behind its sign, with what is wrong with it.
    /// Returns what is left of the area.
    pub fn draw_above(
        &self,
        sign: &str,
        area: Rect,
        buffer: &mut Buffer,
        theme: &Theme,
        problem: Option<&str>,
    ) -> Rect {
        if !self.typing || area.height < 2 {
            return area;
        }
        let mut on = Canvas::new(buffer, Rect { height: 1, ..area }, theme);
        if !theme.is_mono() {
            on.fill(Rect::new(0, 0, area.width, 1), ' ', theme.selection);
        }
        let x = on.runs(1, 0, &[(sign, theme.hot()), (" ", theme.text), (&self.text, theme.hi)]);
        on.set(x, 0, '▏', theme.key);
        match problem {
            Some(problem) => _ = on.put(x + 3, 0, problem, theme.warn),
            None if area.width > x + 24 => {
                let at = area.width - 12;
                on.hot(at, 0, "{Esc} clears", theme.dim);
            }
            None => {}
        }
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    }

    /// While it is typed, the last row of a list shows it, with what is wrong with it; gives back
    /// what is left of the area.
    pub fn draw(
        &self,
        area: Rect,
        buffer: &mut Buffer,
        theme: &Theme,
        problem: Option<&str>,
    ) -> Rect {
        if !self.typing || area.height == 0 {
            return area;
        }
        let height = area.height - 1;
        let mut pen = RowWriter::new(buffer, area, height);
        pen.text("/", theme.heading()).text(&self.text, theme.plain()).char('▏', theme.plain());
        if let Some(problem) = problem {
            pen.text("  ", theme.plain()).text(problem, theme.warn());
        }
        Rect { height, ..area }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(filter: &mut Filter, text: &str) {
        for c in text.chars() {
            assert!(filter.on_key(Key::Char(c)));
        }
    }

    #[test]
    fn it_is_typed_kept_and_cleared() {
        let mut filter = Filter::default();
        assert!(!filter.on_key(Key::Char('c')) && !filter.clear());
        filter.open();
        type_in(&mut filter, "CaX");
        assert!(filter.is_typing() && filter.on_key(Key::Backspace));
        assert!(filter.on_key(Key::Enter) && !filter.is_typing());
        assert_eq!(filter.text(), Some("Ca"));
        assert!(!filter.on_key(Key::Char('q')), "other keys are free again");
        assert!(filter.clear());
    }
}
