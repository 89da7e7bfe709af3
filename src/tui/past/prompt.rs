//! The line in which a time is typed, in the place of the last row.

use super::{super::typed::TextInput, when};
use manytop_core::{
    draw::{Canvas, text::width},
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
    widget::Key,
};

/// More than this is not typed but pasted by mistake.
const LONGEST: usize = 40;

/// What becomes of the prompt after a key.
pub enum PromptKeyOutcome {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// The time that it means.
    Time(chrono::DateTime<chrono::Utc>),
}

/// What was typed, and what is wrong with it.
#[derive(Debug)]
pub struct TimePrompt {
    /// Times of day and spans count back from here; `None`: from now.
    end: Option<chrono::DateTime<chrono::Local>>,
    typed: TextInput,
    problem: Option<String>,
}

impl TimePrompt {
    /// An empty prompt. Times of day and spans count back from `end`; without it, from now.
    pub fn new(end: Option<chrono::DateTime<chrono::Local>>) -> TimePrompt {
        TimePrompt { end, typed: TextInput::new(LONGEST), problem: None }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> PromptKeyOutcome {
        match key {
            Key::Esc => return PromptKeyOutcome::Closes,
            Key::Enter if self.typed.text().trim().is_empty() => return PromptKeyOutcome::Closes,
            Key::Enter => {
                let end = self.end.unwrap_or_else(chrono::Local::now);
                match when::parse(self.typed.text(), &end) {
                    Ok(time) => return PromptKeyOutcome::Time(time),
                    Err(problem) => self.problem = Some(problem),
                }
            }
            _ if self.typed.on_key(key) => self.problem = None,
            _ => return PromptKeyOutcome::Ignored,
        }
        PromptKeyOutcome::Stays
    }

    /// Draws it over the last row.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let row = Rect { y: area.bottom().saturating_sub(1), height: 1.min(area.height), ..area };
        let mut on = Canvas::new(buffer, row, theme);
        on.fill(Rect::new(0, 0, row.width, 1), ' ', theme.field);
        let x = on.runs(1, 0, &[("go to a time: ", theme.key), (self.typed.text(), theme.hi)]);
        on.set(x, 0, ' ', theme.on_past);
        let (words, style) = match &self.problem {
            Some(problem) => (problem.as_str(), theme.warn),
            None => (when::FORMS, theme.dim),
        };
        if x + 3 + width(words) <= on.width() || self.problem.is_some() {
            on.put(x + 3, 0, words, style);
        }
    }
}
