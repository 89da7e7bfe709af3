//! How the options are drawn.

use super::{
    super::{frame, panel},
    OptionsBox,
};
use manytop_core::{
    draw::Canvas,
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
};

/// The size of the box where there is room.
const SIZE: (u16, u16) = (104, 34);

impl OptionsBox {
    /// Draws it.
    pub fn draw(&mut self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let tall = area.height.saturating_sub(2).clamp(area.height.min(7), SIZE.1);
        let count = format!("{} of {}", self.found.len(), self.states.len());
        let title: &[&[panel::StyledRun<'_>]] = &[&[("options", theme.strong())]];
        let mut on = panel::open(title, (&count, theme.dim), (SIZE.0, tall), theme, area, buffer);
        let height = on.height().saturating_sub(2);
        let lower = if height >= 12 { 4 } else { u16::from(height >= 4) };
        let rows = height.saturating_sub(1 + lower + u16::from(lower == 4));
        if lower == 4 {
            panel::rule(&mut on, 2 + rows);
        }
        let keys = match self.typed {
            Some(_) => [
                ("Enter", "for this run"),
                ("^u", "clear"),
                ("", ""),
                ("", ""),
                ("Esc", "leave it"),
            ],
            None => [
                ("Enter", "change"),
                ("Left Right", "step"),
                ("w", "write to the file"),
                ("a", "add a host"),
                ("Esc", "close"),
            ],
        };
        let keys: Vec<(&str, &str)> = keys.into_iter().filter(|(key, _)| !key.is_empty()).collect();
        if lower > 0 {
            panel::foot(&mut on, &keys);
        }
        let mut on = panel::inside(&mut on);
        self.prompt(&mut on);
        let first = self.cursor.scroll(rows);
        let wide = on.width();
        let origin = if wide >= 76 { 24 } else { 0 };
        let key = (wide / 3).clamp(16.min(wide), 34);
        let value = wide.saturating_sub(2 + key + 1 + origin + 1);
        let shown = self.found.iter().enumerate().skip(first).take(usize::from(rows));
        for (y, (nth, at)) in (1..).zip(shown) {
            let state = &self.states[*at];
            let is_set = state.origin.is_some();
            on.column(2, y, key, &state.key, theme.text);
            let style = if is_set { theme.hi } else { theme.dim };
            let text = if state.value.is_empty() { "-" } else { &state.value };
            on.column(3 + key, y, value, text, style);
            if origin > 0 {
                let words = state.origin.as_deref().unwrap_or("default");
                let words = words.rsplit('/').next().unwrap_or(words);
                on.column(4 + key + value, y, origin - 1, words, theme.dim);
            }
            if nth == self.cursor.at {
                on.select(y, 2..2 + key);
            }
        }
        if self.found.is_empty() {
            on.put(2, 1, "no option has these words; Esc clears them", theme.stale);
        }
        if lower == 4 {
            self.about(&mut on, rows + 2);
        }
    }

    fn prompt(&self, on: &mut Canvas<'_>) {
        let (sign, typed, is_open) = match (&self.typed, self.current()) {
            (Some(typed), Some(state)) => (format!("{}=", state.key), typed, true),
            _ => ("/ ".to_owned(), &self.filter, self.filtering),
        };
        let x = panel::prompt(on, &sign, typed, is_open);
        if !is_open && typed.text().is_empty() {
            let dim = on.theme.dim;
            on.put(x + 1, 0, "find a key by its words", dim);
        }
    }

    /// The sentence, type and default of the key under the cursor, or what is wrong.
    fn about(&self, on: &mut Canvas<'_>, y: u16) {
        let theme = on.theme;
        let wide = on.width().saturating_sub(3);
        let Some(state) = self.current() else { return };
        let mut lines = frame::wrap(state.spec.help(), wide);
        lines.truncate(2);
        if let Some(problem) = &self.problem {
            lines.truncate(1);
            on.column(2, y + lines.len() as u16, wide, problem, theme.warn);
        } else if lines.len() < 2 {
            let default = match state.default() {
                "" => "no default".to_owned(),
                default => format!("default {default}"),
            };
            let words = format!("{} · {default}", state.shape());
            on.column(2, y + lines.len() as u16, wide, &words, theme.dim);
        }
        for (row, line) in (y..).zip(&lines) {
            on.column(2, row, wide, line, theme.text);
        }
    }
}
