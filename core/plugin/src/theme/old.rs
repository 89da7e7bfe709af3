//! The names of colours that the widgets of before use. They follow from the others, and go with the
//! last widget that names one.

use super::Theme;
use ratatui_core::style::{Color, Modifier, Style};

impl Theme {
    pub(super) fn set_old_colours(&mut self) {
        let of = |style: Style| style.fg.unwrap_or(Color::Reset);
        self.fg = of(self.text);
        self.title = of(self.hi);
        self.border = of(self.line);
        self.identity = self.hosts.iter().map(|style| of(*style)).collect();
        self.memory = vec![of(self.used), of(self.buffers)];
        self.spark = [of(self.rx), of(self.tx)];
        self.bar = of(self.used);
        self.cursor = of(self.key);
        self.high = of(self.warn);
        self.critical = of(self.crit);
        self.cool = of(self.steps[8]);
    }

    /// Text on the theme's background.
    pub fn plain(&self) -> Style {
        Style::new().fg(self.fg).bg(self.bg)
    }

    /// What matters less.
    pub fn dim(&self) -> Style {
        self.dim
    }

    /// Headings of columns.
    pub fn heading(&self) -> Style {
        self.plain().add_modifier(Modifier::BOLD)
    }

    /// A warning.
    pub fn warn(&self) -> Style {
        self.warn
    }

    /// An alarm.
    pub fn alarm(&self) -> Style {
        self.crit
    }

    /// The row under the cursor.
    pub fn cursor(&self) -> Style {
        self.plain().fg(self.cursor).add_modifier(Modifier::REVERSED)
    }

    /// The filled part of a bar at a percentage.
    pub fn bar(&self, percent: f64) -> Style {
        if percent >= self.levels.high { self.level(percent) } else { self.plain().fg(self.bar) }
    }

    /// The n-th identity; they repeat after the last.
    pub fn identity(&self, n: usize) -> Color {
        self.identity.get(n % self.identity.len().max(1)).copied().unwrap_or(self.fg)
    }
}
