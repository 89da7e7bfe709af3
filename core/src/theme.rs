//! Colours, by what they mean. Schemes are data: the application reads them from JSON files of
//! gotop's form; widgets only ever name a meaning.

use ratatui_core::style::{Color, Modifier, Style};

/// From which percentage on a level is drawn as high, and as critical.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Levels {
    /// Yellow from here.
    pub high: f64,
    /// Red from here.
    pub critical: f64,
}

impl Default for Levels {
    fn default() -> Levels {
        Levels { high: 80.0, critical: 95.0 }
    }
}

/// The colours of a scheme. `Color::Reset` is the terminal's own.
#[derive(Clone, PartialEq, Debug)]
pub struct Theme {
    /// The scheme's name.
    pub name: String,
    /// Text.
    pub fg: Color,
    /// Background.
    pub bg: Color,
    /// Titles in borders.
    pub title: Color,
    /// Borders.
    pub border: Color,
    /// The border of the widget in focus.
    pub focus: Color,
    /// What matters less: axes, units, empty parts of bars.
    pub dim: Color,
    /// Identity: a host's (or, with one host, a core's) colour, the same in every box.
    pub identity: Vec<Color>,
    /// The main and swap memory of this machine, and batteries, in graphs.
    pub memory: Vec<Color>,
    /// Network and other sparklines.
    pub spark: [Color; 2],
    /// The filled part of bars at a plain level.
    pub bar: Color,
    /// The row under the cursor.
    pub cursor: Color,
    /// A level or state to look at: yellow.
    pub high: Color,
    /// A level or state to act on: red.
    pub critical: Color,
    /// A temperature below its high level.
    pub cool: Color,
    /// The percentages at which levels turn.
    pub levels: Levels,
}

impl Default for Theme {
    /// Eight identities that colour-blind people can tell apart, from the 256-colour palette.
    fn default() -> Theme {
        let identity = [39, 208, 42, 220, 170, 117, 215, 252].map(Color::Indexed).to_vec();
        Theme {
            name: "default".into(),
            fg: Color::Reset,
            bg: Color::Reset,
            title: Color::Reset,
            border: Color::Indexed(240),
            focus: Color::Indexed(39),
            dim: Color::Indexed(243),
            memory: vec![Color::Indexed(39), Color::Indexed(208)],
            identity,
            spark: [Color::Indexed(42), Color::Indexed(170)],
            bar: Color::Indexed(39),
            cursor: Color::Indexed(39),
            high: Color::Indexed(220),
            critical: Color::Indexed(203),
            cool: Color::Indexed(42),
            levels: Levels::default(),
        }
    }
}

impl Theme {
    /// Text.
    pub fn plain(&self) -> Style {
        Style::new().fg(self.fg).bg(self.bg)
    }

    /// What matters less.
    pub fn dim(&self) -> Style {
        self.plain().fg(self.dim)
    }

    /// Headings of columns.
    pub fn heading(&self) -> Style {
        self.plain().add_modifier(Modifier::BOLD)
    }

    /// Yellow.
    pub fn warn(&self) -> Style {
        self.plain().fg(self.high)
    }

    /// Red.
    pub fn alarm(&self) -> Style {
        self.plain().fg(self.critical)
    }

    /// The row under the cursor.
    pub fn cursor(&self) -> Style {
        self.plain().fg(self.cursor).add_modifier(Modifier::REVERSED)
    }

    /// A percentage as a level: plain, yellow, red.
    pub fn level(&self, percent: f64) -> Style {
        if percent >= self.levels.critical {
            self.alarm()
        } else if percent >= self.levels.high {
            self.warn()
        } else {
            self.plain()
        }
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
