//! The colours of the built-in themes: what each meaning looks like on a dark and on a light background,
//! with 16 million, 256 and 16 colours, and with none.

use super::{
    color::Rgb,
    {Depth, Ground},
};
use ratatui_core::style::{Color, Modifier, Style};

/// One meaning in all its forms.
pub(super) struct Tone {
    /// On a dark and on a light background.
    rgb: [Rgb; 2],
    /// The same of 256 colours.
    indexed: [u8; 2],
    sixteen: Style,
    mono: Style,
}

const fn tone(dark: (u32, u8), light: (u32, u8), sixteen: Style, mono: Style) -> Tone {
    Tone { rgb: [Rgb::hex(dark.0), Rgb::hex(light.0)], indexed: [dark.1, light.1], sixteen, mono }
}

/// A tone that is shown by the nearest of 256 colours.
const fn near(dark: u32, light: u32, sixteen: Style, mono: Style) -> Tone {
    let (d, l) = (Rgb::hex(dark).nearest(), Rgb::hex(light).nearest());
    tone((dark, d), (light, l), sixteen, mono)
}

impl Tone {
    pub(super) const fn rgb(&self, ground: Ground) -> Rgb {
        self.rgb[ground as usize]
    }

    /// As the colour of a cell's text.
    pub(super) const fn style(&self, ground: Ground, depth: Depth) -> Style {
        match depth {
            Depth::True => {
                let Rgb(r, g, b) = self.rgb(ground);
                Style::new().fg(Color::Rgb(r, g, b))
            }
            Depth::Palette => Style::new().fg(Color::Indexed(self.indexed[ground as usize])),
            Depth::Sixteen => self.sixteen,
            Depth::None => self.mono,
        }
    }
}

const PLAIN: Style = Style::new().fg(Color::Reset);
const BOLD: Style = PLAIN.add_modifier(Modifier::BOLD);
const DIM: Style = PLAIN.add_modifier(Modifier::DIM);
const UNDERLINED: Style = PLAIN.add_modifier(Modifier::UNDERLINED);
const REVERSED: Style = PLAIN.add_modifier(Modifier::REVERSED);

/// One of the sixteen colours.
const fn basic(color: Color) -> Style {
    Style::new().fg(color)
}

pub(super) const TEXT: Tone = tone((0xcdd5e0, 188), (0x2b3240, 236), PLAIN, PLAIN);
pub(super) const HI: Tone = tone((0xf4f7fb, 231), (0x0c0f14, 233), BOLD, BOLD);
pub(super) const LABEL: Tone = tone((0x8591a5, 246), (0x5b6575, 241), PLAIN, DIM);
pub(super) const LINE: Tone = tone((0x3c4656, 238), (0xb9c0cb, 250), basic(Color::DarkGray), DIM);
pub(super) const FAINT: Tone = tone((0x2a3240, 236), (0xd8dce3, 253), basic(Color::DarkGray), DIM);
pub(super) const KEY: Tone = tone(
    (0x9fb3ff, 147),
    (0x3b4fc4, 26),
    basic(Color::LightBlue),
    BOLD.add_modifier(Modifier::UNDERLINED),
);
pub(super) const SELECTION: Tone = tone((0x232a3a, 235), (0xe4e9f5, 254), REVERSED, PLAIN);
pub(super) const KEYCAP: Tone = tone((0x232a3a, 235), (0xe6e9f0, 254), REVERSED, REVERSED);
pub(super) const TRACK: Tone = tone((0x2f3848, 237), (0xd3d8e0, 252), basic(Color::DarkGray), DIM);
pub(super) const WARN: Tone = tone((0xff9f45, 215), (0xa84c00, 130), basic(Color::Yellow), BOLD);
pub(super) const CRIT: Tone =
    tone((0xff5c97, 204), (0xc4105e, 161), basic(Color::Magenta), REVERSED);
pub(super) const STALE: Tone =
    tone((0xf5d76e, 221), (0x7d6000, 94), basic(Color::LightYellow), UNDERLINED);
/// Text on a warning, an alarm, or the time bar of the past.
pub(super) const ON: Tone = tone((0x0d1017, 233), (0xffffff, 231), basic(Color::Black), PLAIN);
pub(super) const RX: Tone = tone((0x45c1f5, 75), (0x004f85, 24), basic(Color::Cyan), PLAIN);
pub(super) const TX: Tone =
    tone((0xa06cf0, 135), (0x9340d0, 98), basic(Color::LightMagenta), PLAIN);
pub(super) const SYSTEM: Tone =
    tone((0x7f8fb8, 103), (0x7d89a8, 103), basic(Color::DarkGray), PLAIN);
pub(super) const IOWAIT: Tone =
    tone((0xb7a6ff, 147), (0x7a5fd0, 98), basic(Color::LightMagenta), PLAIN);
pub(super) const STEAL: Tone = tone((0xf4f7fb, 231), (0x20242c, 235), basic(Color::White), PLAIN);
pub(super) const USED: Tone = tone((0x2fb7c4, 73), (0x1a8f9c, 30), basic(Color::Cyan), PLAIN);
pub(super) const SHARED: Tone = tone((0x3f63c8, 26), (0x2f4fb0, 25), basic(Color::Blue), PLAIN);
pub(super) const BUFFERS: Tone =
    tone((0xb79bf2, 147), (0xa884e0, 140), basic(Color::LightMagenta), PLAIN);
pub(super) const CACHED: Tone =
    tone((0x4a5c80, 60), (0xa9b7d2, 146), basic(Color::DarkGray), PLAIN);
pub(super) const FREE: Tone = near(0x232a36, 0xe3e7ee, PLAIN, PLAIN);
pub(super) const PAST: Tone = near(0xf0b429, 0x8a5a00, basic(Color::Yellow), REVERSED);
pub(super) const PAST_GROUND: Tone = tone((0x33270a, 235), (0xfff0c9, 230), PLAIN, PLAIN);
pub(super) const PAST_LINE: Tone = near(0x5d4a1e, 0xd9bd82, basic(Color::Yellow), DIM);

/// What shades are mixed towards, the terminal's own background being unknown.
pub(super) const PAGE: [Rgb; 2] = [Rgb::hex(0x0d1017), Rgb::hex(0xfbfbfa)];

/// Hosts in the order of the config. Found by search: all pairs are at least 0.10 apart in OKLab, for
/// people with and without a colour blindness.
pub(super) const HOSTS: [Tone; 8] = [
    near(0xf4f7fb, 0x20262f, PLAIN, PLAIN),
    near(0x57d9f8, 0x113aa6, basic(Color::LightCyan), PLAIN),
    near(0xfcb0aa, 0x177820, basic(Color::LightRed), PLAIN),
    near(0x6b97f7, 0x974f87, basic(Color::LightBlue), PLAIN),
    near(0xadcb22, 0x555bd2, basic(Color::LightGreen), PLAIN),
    near(0xc584a5, 0x424e08, basic(Color::LightMagenta), PLAIN),
    near(0xf2ef6f, 0x3c086b, basic(Color::LightYellow), PLAIN),
    near(0xa69029, 0x65335a, basic(Color::Green), PLAIN),
];

/// The stops of the level ramp: percentage and colour.
pub(super) const STOPS: [[(f64, Rgb); 6]; 2] = [
    [
        (0.0, Rgb::hex(0x2d86b8)),
        (28.0, Rgb::hex(0x22bfc0)),
        (46.0, Rgb::hex(0x86dc92)),
        (62.0, Rgb::hex(0xfbe06a)),
        (80.0, Rgb::hex(0xff9f45)),
        (100.0, Rgb::hex(0xff4d8d)),
    ],
    [
        (0.0, Rgb::hex(0x3f97c9)),
        (28.0, Rgb::hex(0x0f9497)),
        (46.0, Rgb::hex(0x4f9a3c)),
        (62.0, Rgb::hex(0xc39a00)),
        (80.0, Rgb::hex(0xd96a00)),
        (100.0, Rgb::hex(0xc4105e)),
    ],
];

/// How many steps the ramp has.
pub const STEPS: usize = 20;

/// The ramps of the built-in themes, mixed at compile time.
pub(super) static RAMPS: [[Rgb; STEPS]; 2] = [ramp(&STOPS[0]), ramp(&STOPS[1])];

/// A ramp in steps between stops, which are in order of their percentages.
pub(super) const fn ramp(stops: &[(f64, Rgb)]) -> [Rgb; STEPS] {
    let mut steps = [Rgb(0, 0, 0); STEPS];
    let mut k = 0;
    while k < STEPS {
        let at = k as f64 * 100.0 / (STEPS - 1) as f64;
        let mut i = 1;
        while i + 1 < stops.len() && stops[i].0 < at {
            i += 1;
        }
        steps[k] = match stops {
            [] => Rgb(0, 0, 0),
            [(_, one)] => *one,
            _ => {
                let ((from, a), (to, b)) = (stops[i - 1], stops[i]);
                a.mix(b, (at - from) / (to - from))
            }
        };
        k += 1;
    }
    steps
}

/// A step of the ramp with sixteen colours.
pub(super) const fn sixteen(step: usize) -> Style {
    basic(match step {
        0..5 => Color::Blue,
        5..12 => Color::Cyan,
        12..17 => Color::Yellow,
        _ => Color::Magenta,
    })
}

/// A step of the ramp without colours. It is never reversed, which would turn bars upside down.
pub(super) const fn mono(step: usize) -> Style {
    if step < 16 { PLAIN } else { BOLD }
}
