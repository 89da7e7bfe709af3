//! From a picture of cells to the bytes that change a terminal into it: only the cells that differ
//! from those that are shown, the shortest way from one to the next, and of a style only what is
//! other than before. Pure: what comes of it is written elsewhere.

use crate::{system::tty, tui::capabilities::Capabilities};
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
/// Line feeds go down so many rows, where that is shorter than to name the place.
const DOWN: u16 = if tty::LINE_FEED_IS_DOWN { 2 } else { 0 };
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
struct CellStyle {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// A cell as the terminal has it, a sixth of the size of a [`Cell`].
#[derive(Clone, Copy, PartialEq)]
struct PaintedCell {
    symbol: char,
    style: Number,
}

/// Of a style among [`Styles`].
type Number = u16;

impl PaintedCell {
    /// After a clearing.
    const BLANK: PaintedCell = PaintedCell { symbol: ' ', style: 0 };
    /// Like no cell: below the right half of a wide one, or of more than one character.
    const UNKNOWN: PaintedCell = PaintedCell { symbol: '\0', style: 0 };

    fn is_known(self) -> bool {
        self.symbol != PaintedCell::UNKNOWN.symbol
    }
}

/// Every style that was ever shown, once; they are few. The first is the plain one.
struct Styles {
    all: Vec<CellStyle>,
    last: Number,
}

impl Styles {
    fn new() -> Styles {
        Styles { all: vec![CellStyle::default()], last: 0 }
    }

    fn number(&mut self, style: CellStyle) -> Number {
        if self.get(self.last) != style {
            let known = self.all.iter().position(|known| *known == style);
            let place = known.unwrap_or_else(|| {
                self.all.push(style);
                self.all.len() - 1
            });
            // more are shown without style
            self.last = Number::try_from(place).unwrap_or(0);
        }
        self.last
    }

    fn get(&self, number: Number) -> CellStyle {
        self.all.get(usize::from(number)).copied().unwrap_or_default()
    }

    fn shown(&mut self, cell: &Cell) -> PaintedCell {
        let mut chars = cell.symbol().chars();
        let symbol = match (chars.next(), chars.next()) {
            (Some(one), None) => one,
            _ => PaintedCell::UNKNOWN.symbol,
        };
        let mut style = CellStyle { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if symbol == ' ' && !style.modifier.intersects(SEEN) {
            style = CellStyle { bg: cell.bg, ..CellStyle::default() }; // nobody sees the rest
        }
        PaintedCell { symbol, style: self.number(style) }
    }

    /// Whether a cell looks the same when it is written in this style.
    fn fits(&self, cell: PaintedCell, style: CellStyle) -> bool {
        let own = self.get(cell.style);
        let is_blank = cell.symbol == ' ' && own.bg == style.bg;
        own == style || is_blank && !own.modifier.union(style.modifier).intersects(SEEN)
    }
}

/// Knows what a terminal shows, and how to change it.
pub struct Painter {
    area: Rect,
    shown: Vec<PaintedCell>,
    styles: Styles,
    style: CellStyle,
    /// Where the cursor is; `None` when that depends on the terminal.
    at: Option<Position>,
    capabilities: Capabilities,
}

impl Painter {
    /// A terminal that was just cleared.
    pub fn new(area: Rect, capabilities: Capabilities) -> Painter {
        let shown = vec![PaintedCell::BLANK; area.area() as usize];
        let (styles, style) = (Styles::new(), CellStyle::default());
        Painter { area, shown, styles, style, at: None, capabilities }
    }

    /// Appends to `out` what turns the terminal into this picture: nothing, when it shows it already.
    pub fn paint(&mut self, picture: &Buffer, out: &mut Vec<u8>) {
        debug_assert_eq!(picture.area, self.area);
        let start = out.len();
        if self.capabilities.is_modern {
            out.extend_from_slice(BEGIN);
        }
        let empty = out.len();
        for y in 0..self.area.height {
            let mut x = 0;
            while x < self.area.width {
                let place = usize::from(y) * usize::from(self.area.width) + usize::from(x);
                let Some(cell) = picture.content.get(place) else { break };
                let wide = cell.cell_width().clamp(1, self.area.width - x);
                let now = self.styles.shown(cell);
                if self.shown[place] != now || !now.is_known() {
                    self.go(Position { x, y }, out);
                    if !self.styles.fits(now, self.style) {
                        self.restyle(self.styles.get(now.style), out);
                    }
                    out.extend_from_slice(cell.symbol().as_bytes());
                    let is_plain = wide == 1 && cell.symbol().chars().nth(1).is_none();
                    let is_last = x + wide >= self.area.width; // some wrap, some wait
                    self.at = (is_plain && !is_last).then_some(Position { x: x + 1, y });
                    self.shown[place] = now;
                    self.shown[place + 1..place + usize::from(wide)].fill(PaintedCell::UNKNOWN);
                }
                x += wide;
            }
        }
        if out.len() == empty {
            out.truncate(start);
        } else if self.capabilities.is_modern {
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
            Some(at) if at.y <= to.y && to.y - at.y <= DOWN => {
                let from = out.len();
                out.resize(from + usize::from(to.y - at.y), b'\n');
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

    /// Writes the cells between again, if they need no change of style.
    fn fill(&self, from: Position, to: Position, out: &mut Vec<u8>) -> bool {
        let row = usize::from(from.y) * usize::from(self.area.width);
        let between = &self.shown[row + usize::from(from.x)..row + usize::from(to.x)];
        let is_letter = |s: &PaintedCell| {
            s.is_known() && s.symbol.is_ascii() && self.styles.fits(*s, self.style)
        };
        let all = between.iter().all(is_letter);
        if all {
            out.extend(between.iter().map(|s| s.symbol as u8)); // ASCII
        }
        all
    }

    /// Changes of the style what differs.
    fn restyle(&mut self, to: CellStyle, out: &mut Vec<u8>) {
        let from = std::mem::replace(&mut self.style, to);
        if from == to {
            return;
        }
        if to == CellStyle::default() {
            return out.extend_from_slice(b"\x1b[m");
        }
        let mut codes = Codes { out, first: true };
        let from = match self.capabilities.has_all_modifiers {
            true => from,
            false => {
                codes.put(format_args!("0")); // it knows no other way to switch one off
                CellStyle::default()
            }
        };
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

    /// A colour of the text, or, ten higher, of its background.
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
mod tests;
