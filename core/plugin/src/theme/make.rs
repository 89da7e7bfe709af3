//! How themes are made: the built-in ones, and what follows from the colours of any.

use super::{Depth, Ground, Levels, Rgb, STEPS, Theme, tones};
use ratatui_core::style::{Color, Modifier, Style};

impl Theme {
    /// A built-in theme.
    pub fn new(ground: Ground, depth: Depth) -> Theme {
        let of = |tone: &tones::Tone| tone.style(ground, depth);
        let key = of(&tones::KEY);
        let none = Style::new();
        let mut theme = Theme {
            name: if ground == Ground::Dark { "dark" } else { "light" }.into(),
            depth,
            ground,
            page: tones::PAGE[ground as usize],
            levels: Levels::default(),
            text: of(&tones::TEXT),
            hi: of(&tones::HI),
            dim: of(&tones::LABEL),
            line: of(&tones::LINE),
            faint: of(&tones::FAINT),
            track: of(&tones::TRACK),
            key,
            focus: if depth == Depth::None { of(&tones::TEXT) } else { key },
            selection: ground_of(of(&tones::SELECTION), depth),
            keycap: none,
            field: ground_of(of(&tones::KEYCAP), depth),
            warn: of(&tones::WARN),
            crit: of(&tones::CRIT),
            stale: of(&tones::STALE),
            on_warn: none,
            on_crit: none,
            on_stale: none,
            on_hi: none,
            rx: of(&tones::RX),
            tx: of(&tones::TX),
            system: of(&tones::SYSTEM),
            system_area: none,
            iowait: of(&tones::IOWAIT),
            steal: of(&tones::STEAL),
            used: of(&tones::USED),
            shared: of(&tones::SHARED),
            buffers: of(&tones::BUFFERS),
            cached: of(&tones::CACHED),
            free: of(&tones::FREE),
            trend: none,
            past: of(&tones::PAST),
            past_ground: ground_of(of(&tones::PAST_GROUND), depth),
            on_past: none,
            past_line: of(&tones::PAST_LINE),
            hosts: tones::HOSTS.iter().map(of).collect(),
            steps: [none; STEPS],
            tints: [Color::Reset; STEPS],
            // what follows from these, below
            fg: Color::Reset,
            bg: Color::Reset,
            title: Color::Reset,
            border: Color::Reset,
            identity: Vec::new(),
            memory: Vec::new(),
            spark: [Color::Reset; 2],
            bar: Color::Reset,
            cursor: Color::Reset,
            high: Color::Reset,
            critical: Color::Reset,
            cool: Color::Reset,
        };
        theme.set_ramp(&tones::RAMPS[ground as usize]);
        theme.finish();
        theme
    }

    /// Makes what follows from other colours: shades, keycaps, signs on grounds. A theme that was made by
    /// changing colours of another ends with it.
    pub fn finish(&mut self) {
        let depth = self.depth;
        let on = tones::ON.style(self.ground, depth);
        let sign = |ground: Style| match ground.fg {
            None | Some(Color::Reset) => ground.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            color => Style { fg: on.fg, bg: color, ..Style::new() }.add_modifier(Modifier::BOLD),
        };
        self.keycap = match depth {
            Depth::True | Depth::Palette => Style { fg: self.key.fg, ..self.field },
            Depth::Sixteen | Depth::None => self.field,
        }
        .add_modifier(Modifier::BOLD);
        self.on_warn = sign(self.warn);
        self.on_crit = sign(self.crit);
        self.on_hi = sign(self.hi);
        self.on_past = sign(self.past);
        self.on_stale = match depth {
            Depth::True | Depth::Palette => {
                Style { bg: self.shade(self.stale, 0.72).fg, ..self.stale }
            }
            Depth::Sixteen | Depth::None => self.stale,
        }
        .add_modifier(Modifier::BOLD);
        self.system_area = self.shade(self.system, 0.2);
        self.trend = self.shade(self.used, 0.1);
        self.set_old_colours();
    }

    /// Gives it another ramp.
    pub fn set_ramp(&mut self, ramp: &[Rgb; STEPS]) {
        for (step, color) in ramp.iter().enumerate() {
            self.steps[step] = match self.depth {
                Depth::True | Depth::Palette => Style::new().fg(self.color(*color)),
                Depth::Sixteen => tones::sixteen(step),
                Depth::None => tones::mono(step),
            };
            self.tints[step] = match self.depth {
                Depth::True | Depth::Palette => self.color(color.mix(self.page, 0.8)),
                Depth::Sixteen | Depth::None => Color::Reset,
            };
        }
    }

    /// The ramp between stops of (percentage, colour), which are in order.
    pub fn set_stops(&mut self, stops: &[(f64, Rgb)]) {
        self.set_ramp(&tones::ramp(stops));
    }

    /// Gives it another background, which shades are mixed towards.
    pub fn set_page(&mut self, page: Rgb) {
        self.page = page;
        if matches!(self.depth, Depth::True | Depth::Palette) {
            let tint = |step: &Style| step.fg.and_then(Rgb::of).map(|c| c.mix(page, 0.8));
            let tints = self.steps.each_ref().map(tint);
            for (slot, tint) in self.tints.iter_mut().zip(tints) {
                *slot = tint.map_or(Color::Reset, |tint| color(tint, self.depth));
            }
        }
        self.finish();
    }

    /// A colour as weak as it can be and still be read on the background.
    pub fn readable(&self, style: Style) -> Style {
        let Some(own) = style.fg.and_then(Rgb::of) else { return style };
        let weaker = (1..=10).rev().map(|n| own.mix(self.page, f64::from(n) / 20.0));
        let weakest = weaker.into_iter().find(|color| color.contrast(self.page) >= 4.5);
        style.fg(self.color(weakest.unwrap_or(own)))
    }
}

/// A colour as a depth has it, of those that have colours of their own.
pub(super) fn color(rgb: Rgb, depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(rgb.0, rgb.1, rgb.2),
        _ => Color::Indexed(rgb.nearest()),
    }
}

/// A colour as a background; reversed where that is its form.
fn ground_of(style: Style, depth: Depth) -> Style {
    match depth {
        Depth::True | Depth::Palette => Style { fg: None, bg: style.fg, ..style },
        Depth::Sixteen | Depth::None => style,
    }
}
