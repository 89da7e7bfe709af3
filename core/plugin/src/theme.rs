//! Colours, by what they mean: dark and light, with 16 million, 256 and 16 colours, and with none.
//!
//! A colour is a [`Style`], because a meaning without colours is bold, dim, underlined or reversed. The
//! styles carry no background unless they say so: what is drawn keeps the background that is there.

pub mod color;
mod make;
mod old;
mod tones;

pub use color::Rgb;
pub use tones::STEPS;

use ratatui_core::style::{Color, Modifier, Style};

/// How many colours the terminal has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Depth {
    /// 16 million.
    #[default]
    True,
    /// 256, of which 16 to 255 are used: they look the same everywhere.
    Palette,
    /// 16, as the terminal has them.
    Sixteen,
    /// None, or not wanted (`NO_COLOR`): bold, dim, underlined, reversed.
    None,
}

/// Whether the terminal's background is dark or light.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ground {
    #[expect(missing_docs)]
    #[default]
    Dark,
    #[expect(missing_docs)]
    Light,
}

impl Ground {
    /// By a background's colour.
    pub fn of(background: Rgb) -> Ground {
        if background.lab().0 < 0.6 { Ground::Dark } else { Ground::Light }
    }
}

/// From which percentage on a level is drawn as high, and as critical.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Levels {
    /// A warning from here.
    pub high: f64,
    /// An alarm from here.
    pub critical: f64,
}

impl Default for Levels {
    fn default() -> Levels {
        Levels { high: 80.0, critical: 95.0 }
    }
}

/// The colours of a screen.
#[derive(Clone, PartialEq, Debug)]
pub struct Theme {
    /// The theme's name.
    pub name: String,
    /// How many colours it uses.
    pub depth: Depth,
    /// Whether it is made for a dark or a light background.
    pub ground: Ground,
    /// The colour that shades are mixed towards: the background, as far as it is known.
    pub page: Rgb,
    /// The percentages at which numbers turn.
    pub levels: Levels,

    /// Values.
    pub text: Style,
    /// The value of a box; names.
    pub hi: Style,
    /// Labels, units, what never changes.
    pub dim: Style,
    /// Borders, and the quiet dot of zero.
    pub line: Style,
    /// Less than borders: next to nothing in a history, the line at 50.
    pub faint: Style,
    /// The part of a meter that is not filled.
    pub track: Style,
    /// Letters that are keys; the cursor.
    pub key: Style,
    /// The border of the box in focus.
    pub focus: Style,
    /// The row under the cursor: a background only.
    pub selection: Style,
    /// A key on a cap.
    pub keycap: Style,
    /// The ground of a keycap, for fields of text.
    pub field: Style,

    /// `!` at a limit.
    pub warn: Style,
    /// `!` far above it, `x` for DOWN.
    pub crit: Style,
    /// `?` stale, `~` late, `u` unread; blocked.
    pub stale: Style,
    /// A sign on the ground of a warning (a host on the map).
    pub on_warn: Style,
    /// A sign on the ground of an alarm.
    pub on_crit: Style,
    /// A sign on a tint of stale.
    pub on_stale: Style,
    /// A sign on the brightest ground: the host under the cursor.
    pub on_hi: Style,

    /// Received, read.
    pub rx: Style,
    /// Sent, written.
    pub tx: Style,
    /// Layers of a processor's time; `user` has the ramp.
    pub system: Style,
    /// The same for graphs: a shade towards the background.
    pub system_area: Style,
    #[expect(missing_docs)]
    pub iowait: Style,
    #[expect(missing_docs)]
    pub steal: Style,
    /// Layers of memory.
    pub used: Style,
    #[expect(missing_docs)]
    pub shared: Style,
    #[expect(missing_docs)]
    pub buffers: Style,
    #[expect(missing_docs)]
    pub cached: Style,
    #[expect(missing_docs)]
    pub free: Style,
    /// Histories of what has no level: load, packets, descriptors.
    pub trend: Style,

    /// Words about the past.
    pub past: Style,
    /// The time bar: a background only.
    pub past_ground: Style,
    /// Text on a ground of the past's own colour: `PAST`, its keycaps, the instant.
    pub on_past: Style,
    /// Borders while the past is shown.
    pub past_line: Style,

    /// Hosts in the order of the config; see [`Theme::host`].
    pub hosts: Vec<Style>,
    /// The level ramp, in steps of 5 %; see [`Theme::ramp`].
    pub steps: [Style; STEPS],
    /// Backgrounds for tiles of these levels; see [`Theme::tint`].
    pub tints: [Color; STEPS],

    /// Colours of widgets that are drawn in the old way.
    pub fg: Color,
    /// The background; the terminal's own unless the theme brings one.
    pub bg: Color,
    #[expect(missing_docs)]
    pub title: Color,
    #[expect(missing_docs)]
    pub border: Color,
    #[expect(missing_docs)]
    pub identity: Vec<Color>,
    #[expect(missing_docs)]
    pub memory: Vec<Color>,
    #[expect(missing_docs)]
    pub spark: [Color; 2],
    #[expect(missing_docs)]
    pub bar: Color,
    #[expect(missing_docs)]
    pub cursor: Color,
    #[expect(missing_docs)]
    pub high: Color,
    #[expect(missing_docs)]
    pub critical: Color,
    #[expect(missing_docs)]
    pub cool: Color,
}

impl Default for Theme {
    fn default() -> Theme {
        Theme::new(Ground::Dark, Depth::True)
    }
}

impl Theme {
    /// A colour as this depth has it, for depths that have colours of their own.
    pub fn color(&self, rgb: Rgb) -> Color {
        make::color(rgb, self.depth)
    }

    /// The colour of a level, 0 to 100, for graphs and bars. There are 20 steps, so that cells keep their
    /// colour while a value trembles.
    pub fn ramp(&self, percent: f64) -> Style {
        self.steps[step(percent)]
    }

    /// A background for a cell of this level: its colour, mixed to 80 % with the background.
    pub fn tint(&self, percent: f64) -> Color {
        self.tints[step(percent)]
    }

    /// The colour of a number: plain, a warning from `high`, an alarm from `critical`. Without colours both
    /// are bold: what is reversed is down.
    pub fn level_of(&self, value: f64, high: f64, critical: f64) -> Style {
        if value >= critical && !self.is_mono() {
            self.crit
        } else if value >= high.min(critical) {
            self.warn
        } else if value.is_nan() {
            self.dim
        } else {
            self.text
        }
    }

    /// A percentage as a level, by the configured limits.
    pub fn level(&self, percent: f64) -> Style {
        self.level_of(percent, self.levels.high, self.levels.critical)
    }

    /// A colour, faded by a share of 0 to 1 towards the background. Fewer than 256 colours stay as they
    /// are.
    pub fn shade(&self, style: Style, share: f64) -> Style {
        match (self.depth, style.fg.and_then(Rgb::of)) {
            (Depth::True | Depth::Palette, Some(color)) => {
                style.fg(self.color(color.mix(self.page, share)))
            }
            _ => style,
        }
    }

    /// Hot letters: keys in titles and heads.
    pub fn hot(&self) -> Style {
        self.key.add_modifier(Modifier::BOLD)
    }

    /// Names of boxes and their values.
    pub fn strong(&self) -> Style {
        self.hi.add_modifier(Modifier::BOLD)
    }

    /// The colour of the n-th host; they repeat after the last.
    pub fn host(&self, n: usize) -> Style {
        self.hosts.get(n % self.hosts.len().max(1)).copied().unwrap_or(self.text)
    }

    /// The same theme for a screen that shows the past: its borders say so.
    #[must_use]
    pub fn in_past(&self) -> Theme {
        Theme { line: self.past_line, focus: self.past, ..self.clone() }
    }

    /// Whether there are no colours.
    pub fn is_mono(&self) -> bool {
        self.depth == Depth::None
    }
}

/// The step of the ramp for a percentage.
pub fn step(percent: f64) -> usize {
    // not a number becomes 0 here
    ((percent / 5.0).max(0.0) as usize).min(STEPS - 1)
}

/// The step of a value that was in step `before`: it changes one per cent past an edge, so that a bar
/// does not flicker between two colours.
pub fn steady_step(percent: f64, before: usize) -> usize {
    let edge = before as f64 * 5.0;
    if percent > edge - 1.0 && percent < edge + 6.0 { before } else { step(percent) }
}

#[cfg(test)]
mod tests;
