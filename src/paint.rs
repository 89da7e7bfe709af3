//! From a picture of cells to the bytes that change a terminal into it: only the cells that differ
//! from those that are shown, the shortest way from one to the next, and of a style only what is
//! other than before. Pure: what comes of it is written elsewhere.

use ratatui::{
    buffer::{Buffer, Cell, CellWidth},
    layout::{Position, Rect},
    style::{Color, Modifier},
};
use std::io::Write;

/// What is shown together, is seen together (synchronised update).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Up to so many cells that are right already are written again where that is shorter than to skip
/// them.
const GAP: u16 = 3;
/// Modifiers, and the numbers that switch them on and off.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];
/// Modifiers by which a blank is seen.
const SEEN: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

#[derive(Clone, Copy, PartialEq, Default)]
struct Style {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// A cell as the terminal has it, a third of the size of a [`Cell`].
#[derive(Clone, Copy, PartialEq)]
struct Shown {
    /// UTF-8, filled up with zeroes.
    symbol: [u8; 8],
    style: Style,
}

impl Shown {
    /// After a clearing.
    const BLANK: Shown = Shown {
        symbol: [b' ', 0, 0, 0, 0, 0, 0, 0],
        style: Style { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() },
    };
    /// Like no cell: below the right half of a wide one, or too long to be kept.
    const UNKNOWN: Shown = Shown { symbol: [0xff; 8], ..Shown::BLANK };

    fn of(cell: &Cell) -> Shown {
        let text = cell.symbol().as_bytes();
        let mut style = Style { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if text == b" " && !style.modifier.intersects(SEEN) {
            style = Style { bg: cell.bg, ..Style::default() }; // nobody sees the rest
        }
        let mut symbol = [0; 8];
        match symbol.get_mut(..text.len()) {
            Some(start) => start.copy_from_slice(text),
            None => symbol = Shown::UNKNOWN.symbol,
        }
        Shown { symbol, style }
    }

    /// Whether it looks the same when it is written in this style.
    fn fits(&self, style: Style) -> bool {
        let is_blank = self.symbol == Shown::BLANK.symbol && self.style.bg == style.bg;
        self.style == style
            || is_blank && !self.style.modifier.union(style.modifier).intersects(SEEN)
    }

    fn is_known(&self) -> bool {
        self.symbol != Shown::UNKNOWN.symbol
    }
}

/// Knows what a terminal shows, and how to change it.
pub struct Painter {
    area: Rect,
    shown: Vec<Shown>,
    style: Style,
    /// Where the cursor is; `None` when that depends on the terminal.
    at: Option<Position>,
}

impl Painter {
    /// A terminal that was just cleared.
    pub fn new(area: Rect) -> Painter {
        let shown = vec![Shown::BLANK; area.area() as usize];
        Painter { area, shown, style: Style::default(), at: None }
    }

    /// Appends to `out` what turns the terminal into this picture: nothing, when it shows it already.
    pub fn paint(&mut self, picture: &Buffer, out: &mut Vec<u8>) {
        debug_assert_eq!(picture.area, self.area);
        let start = out.len();
        out.extend_from_slice(BEGIN);
        let empty = out.len();
        for y in 0..self.area.height {
            let mut x = 0;
            while x < self.area.width {
                let place = usize::from(y) * usize::from(self.area.width) + usize::from(x);
                let Some(cell) = picture.content.get(place) else { break };
                let wide = cell.cell_width().clamp(1, self.area.width - x);
                let now = Shown::of(cell);
                if self.shown[place] != now || !now.is_known() {
                    self.go(Position { x, y }, out);
                    if !now.fits(self.style) {
                        self.restyle(now.style, out);
                    }
                    out.extend_from_slice(cell.symbol().as_bytes());
                    let is_plain = wide == 1 && cell.symbol().chars().nth(1).is_none();
                    let is_last = x + wide >= self.area.width; // some wrap, some wait
                    self.at = (is_plain && !is_last).then_some(Position { x: x + 1, y });
                    self.shown[place] = now;
                    self.shown[place + 1..place + usize::from(wide)].fill(Shown::UNKNOWN);
                }
                x += wide;
            }
        }
        if out.len() == empty {
            out.truncate(start);
        } else {
            out.extend_from_slice(END);
        }
    }

    /// Moves the cursor.
    fn go(&mut self, to: Position, out: &mut Vec<u8>) {
        let mut absolute = [0_u8; 16];
        let mut rest = &mut absolute[..];
        let _ = write!(rest, "\x1b[{};{}H", to.y + 1, to.x + 1); // it always fits
        let length = 16 - rest.len();
        match self.at {
            Some(at) if at == to => {}
            Some(at)
                if at.y == to.y && at.x < to.x && to.x - at.x <= GAP && self.fill(at, to, out) => {}
            Some(at) if at.y <= to.y && to.y - at.y <= 2 => {
                let from = out.len();
                out.resize(from + usize::from(to.y - at.y), b'\n'); // straight down in raw mode
                let _ = match (at.x, to.x) {
                    (a, b) if a == b => Ok(()),
                    (a, b) if a + 1 == b => out.write_all(b"\x1b[C"),
                    (a, b) if a < b => write!(out, "\x1b[{}C", b - a),
                    (a, b) if a <= b + 3 => out.write_all(&b"\x08\x08\x08"[..usize::from(a - b)]),
                    (a, b) => write!(out, "\x1b[{}D", a - b),
                };
                if out.len() - from > length {
                    out.truncate(from);
                    out.extend_from_slice(&absolute[..length]);
                }
            }
            _ => out.extend_from_slice(&absolute[..length]),
        }
        self.at = Some(to);
    }

    /// Writes what stands between again, if that needs nothing but letters.
    fn fill(&self, from: Position, to: Position, out: &mut Vec<u8>) -> bool {
        let row = usize::from(from.y) * usize::from(self.area.width);
        let between = &self.shown[row + usize::from(from.x)..row + usize::from(to.x)];
        let is_letter = |s: &Shown| s.fits(self.style) && s.symbol[0] < 0x80 && s.symbol[1] == 0;
        let all = between.iter().all(is_letter);
        if all {
            out.extend(between.iter().map(|s| s.symbol[0]));
        }
        all
    }

    /// Changes of the style what differs.
    fn restyle(&mut self, to: Style, out: &mut Vec<u8>) {
        let from = std::mem::replace(&mut self.style, to);
        if from == to {
            return;
        }
        if to == Style::default() {
            return out.extend_from_slice(b"\x1b[m");
        }
        let mut codes = Codes { out, first: true };
        let (mut on, off) = (to.modifier - from.modifier, from.modifier - to.modifier);
        for (modifier, _, code) in MODIFIERS {
            if off.contains(modifier) {
                codes.put(format_args!("{code}"));
                // what shares its end with another ends both
                let both = MODIFIERS
                    .iter()
                    .filter(|m| m.2 == code)
                    .fold(Modifier::empty(), |a, m| a | m.0);
                on |= to.modifier & both;
            }
        }
        for (modifier, code, _) in MODIFIERS {
            if on.contains(modifier) {
                codes.put(format_args!("{code}"));
            }
        }
        if from.fg != to.fg {
            codes.color(to.fg, 0);
        }
        if from.bg != to.bg {
            codes.color(to.bg, 10);
        }
        if !codes.first {
            out.push(b'm');
        }
    }
}

/// The numbers of one sequence.
struct Codes<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Codes<'_> {
    fn put(&mut self, code: std::fmt::Arguments<'_>) {
        self.out.extend_from_slice(if self.first { b"\x1b[" } else { b";" });
        self.first = false;
        let _ = self.out.write_fmt(code); // memory takes everything
    }

    /// A colour of what stands there, or, ten higher, of what is behind it.
    fn color(&mut self, color: Color, ground: u8) {
        let code = match color {
            Color::Rgb(r, g, b) => return self.put(format_args!("{};2;{r};{g};{b}", 38 + ground)),
            Color::Indexed(i) => return self.put(format_args!("{};5;{i}", 38 + ground)),
            Color::Reset => 39,
            Color::Black => 30,
            Color::Red => 31,
            Color::Green => 32,
            Color::Yellow => 33,
            Color::Blue => 34,
            Color::Magenta => 35,
            Color::Cyan => 36,
            Color::Gray => 37,
            Color::DarkGray => 90,
            Color::LightRed => 91,
            Color::LightGreen => 92,
            Color::LightYellow => 93,
            Color::LightBlue => 94,
            Color::LightMagenta => 95,
            Color::LightCyan => 96,
            Color::White => 97,
        };
        self.put(format_args!("{}", code + ground));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style as Look;

    const AREA: Rect = Rect { x: 0, y: 0, width: 23, height: 7 };
    const WORDS: [&str; 10] =
        ["cpu", "⣿⣀", "  ", "x", "é", "宽字", "e\u{301}", "▕██▏", "1 2", "   9 "];
    const COLORS: [Color; 6] = [
        Color::Reset,
        Color::Red,
        Color::LightBlue,
        Color::Indexed(208),
        Color::Rgb(1, 22, 255),
        Color::Black,
    ];
    const LOOKS: [Modifier; 6] = [
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::BOLD.union(Modifier::REVERSED),
        Modifier::UNDERLINED,
        Modifier::ITALIC.union(Modifier::DIM),
    ];

    /// Numbers that look random and are the same every time.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 33) as usize % sides
        }

        fn scribble(&mut self, picture: &mut Buffer) {
            for _ in 0..self.roll(9) {
                let (x, y) = (self.roll(23) as u16, self.roll(7) as u16);
                let look = Look::reset()
                    .fg(COLORS[self.roll(6)])
                    .bg(COLORS[self.roll(6)])
                    .add_modifier(LOOKS[self.roll(6)]);
                picture.set_string(x, y, WORDS[self.roll(10)], look);
            }
        }
    }

    fn color(color: vt100::Color) -> Color {
        match color {
            vt100::Color::Default => Color::Reset,
            vt100::Color::Idx(0) => Color::Black,
            vt100::Color::Idx(1) => Color::Red,
            vt100::Color::Idx(12) => Color::LightBlue,
            vt100::Color::Idx(i) => Color::Indexed(i),
            vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
        }
    }

    /// What a person sees of a cell of the terminal.
    fn seen(cell: &vt100::Cell) -> (String, Color, Color, Modifier) {
        let looks = [
            (cell.bold(), Modifier::BOLD),
            (cell.dim(), Modifier::DIM),
            (cell.italic(), Modifier::ITALIC),
            (cell.underline(), Modifier::UNDERLINED),
            (cell.inverse(), Modifier::REVERSED),
        ];
        let look = looks.iter().filter(|l| l.0).fold(Modifier::empty(), |all, l| all | l.1);
        let text = if cell.contents().is_empty() { " " } else { cell.contents() };
        (text.to_owned(), color(cell.fgcolor()), color(cell.bgcolor()), look)
    }

    fn assert_shows(terminal: &vt100::Parser, picture: &Buffer, round: usize) {
        for y in 0..AREA.height {
            let mut x = 0;
            while x < AREA.width {
                let wanted = &picture[(x, y)];
                let (text, fg, bg, look) = seen(terminal.screen().cell(y, x).expect("a cell"));
                assert_eq!(text, wanted.symbol(), "text at {x},{y} in round {round}");
                assert_eq!(bg, wanted.bg, "background at {x},{y} in round {round}");
                if text != " " || wanted.modifier.intersects(SEEN) {
                    assert_eq!(
                        (fg, look),
                        (wanted.fg, wanted.modifier),
                        "at {x},{y} in round {round}"
                    );
                }
                x += wanted.cell_width().max(1);
            }
        }
    }

    #[test]
    fn a_terminal_shows_the_picture_whatever_it_showed_before() {
        let mut dice = Dice(1);
        let mut terminal = {
            let size = |n| std::num::NonZero::new(n).expect("a size");
            vt100::Parser::new(size(AREA.height), size(AREA.width), 0)
        };
        let mut painter = Painter::new(AREA);
        let mut picture = Buffer::empty(AREA);
        for round in 0..3000 {
            if dice.roll(20) == 0 {
                picture.reset();
            }
            dice.scribble(&mut picture);
            let mut out = Vec::new();
            painter.paint(&picture, &mut out);
            terminal.process(&out);
            assert_shows(&terminal, &picture, round);
            painter.paint(&picture, &mut out);
        }
    }

    #[test]
    fn what_is_shown_already_is_not_written_again() {
        let mut painter = Painter::new(AREA);
        let mut picture = Buffer::empty(AREA);
        Dice(2).scribble(&mut picture);
        painter.paint(&picture, &mut Vec::new());
        let mut out = Vec::new();
        painter.paint(&picture, &mut out);
        assert_eq!(out, b"");
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let mut painter = Painter::new(AREA);
        let mut picture = Buffer::empty(AREA);
        picture.set_string(0, 0, "cpu 12 %", Look::new());
        picture.set_string(0, 1, "mem 34 %", Look::new());
        painter.paint(&picture, &mut Vec::new());
        picture.set_string(4, 0, "9", Look::new().fg(Color::Indexed(208)));
        picture.set_string(5, 1, "9", Look::new().fg(Color::Indexed(208)));
        let mut out = Vec::new();
        painter.paint(&picture, &mut out);
        let bytes = String::from_utf8(out).expect("text");
        assert_eq!(bytes, "\x1b[?2026h\x1b[1;5H\x1b[38;5;208m9\n9\x1b[?2026l");
    }
}
