//! A line of text that a person types to see less: `/`, then letters, then Enter to keep it or Esc
//! to be rid of it.

use manytop_core::{
    draw::text::Pen,
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

    /// Whether it lets something through that bears one of these texts; case does not matter.
    pub fn admits<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        self.text.is_empty() || texts.into_iter().any(|text| holds(text, &self.text))
    }

    /// Takes a key that is meant for it: all of them while a person types, else `/`, and Esc when
    /// there is something to be rid of.
    pub fn on_key(&mut self, key: Key) -> bool {
        match (key, self.typing) {
            (Key::Char('/'), false) => self.typing = true,
            (Key::Esc, _) if self.typing || !self.text.is_empty() => *self = Filter::default(),
            (_, false) => return false,
            (Key::Enter, true) => self.typing = false,
            (Key::Backspace, true) => _ = self.text.pop(),
            (Key::Char(c), true) if self.text.len() < LONGEST && !c.is_control() => {
                self.text.push(c);
            }
            (_, true) => {}
        }
        true
    }

    /// While a person types it stands in the last row of a list, with what is wrong with it; gives back
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
        let mut pen = Pen::new(buffer, area, height);
        pen.text("/", theme.heading()).text(&self.text, theme.plain()).char('▏', theme.plain());
        if let Some(problem) = problem {
            pen.text("  ", theme.plain()).text(problem, theme.warn());
        }
        Rect { height, ..area }
    }
}

fn holds(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        return text
            .as_bytes()
            .windows(part.len())
            .any(|w| w.eq_ignore_ascii_case(part.as_bytes()));
    }
    text.to_lowercase().contains(&part.to_lowercase())
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
        assert!(!filter.on_key(Key::Char('c')) && !filter.on_key(Key::Esc));
        type_in(&mut filter, "/CaX");
        assert!(filter.is_typing() && filter.on_key(Key::Backspace));
        assert!(!filter.admits(["x", "bash"]) && filter.admits(["x", "Caddy run"]));
        assert!(filter.on_key(Key::Enter) && !filter.is_typing());
        assert_eq!(filter.text(), Some("Ca"));
        assert!(!filter.on_key(Key::Char('q')), "other keys are free again");
        assert!(filter.on_key(Key::Esc));
        assert!(filter.admits([""]));
        type_in(&mut filter, "/Ü");
        assert!(filter.admits(["fünf"]));
    }
}
