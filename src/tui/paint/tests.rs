//! A terminal that is emulated must show what was painted.

use super::*;
use ratatui::style::Style as Look;

const AREA: Rect = Rect { x: 0, y: 0, width: 23, height: 7 };
const WORDS: [&str; 10] = ["cpu", "⣿⣀", "  ", "x", "é", "宽字", "e\u{301}", "▕██▏", "1 2", "   9 "];
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

fn modern() -> Capabilities {
    Capabilities::of(Some("xterm")).expect("a terminal")
}

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
                assert_eq!((fg, look), (wanted.fg, wanted.modifier), "at {x},{y} in round {round}");
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
    let mut painter = Painter::new(AREA, modern());
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
    }
}

#[test]
fn what_is_shown_already_is_not_written_again() {
    let mut painter = Painter::new(AREA, modern());
    let mut picture = Buffer::empty(AREA);
    Dice(2).scribble(&mut picture);
    painter.paint(&picture, &mut Vec::new());
    let mut out = Vec::new();
    painter.paint(&picture, &mut out);
    assert_eq!(out, b"");
}

#[test]
fn the_shortest_way_is_taken() {
    let mut painter = Painter::new(AREA, modern());
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

#[test]
fn a_vt100_is_sent_nothing_that_it_does_not_know() {
    let vt100 = Capabilities::of(Some("vt100")).expect("a terminal");
    let mut painter = Painter::new(AREA, vt100);
    let mut picture = Buffer::empty(AREA);
    picture.set_string(0, 0, "cpu", Look::new().add_modifier(Modifier::BOLD | Modifier::REVERSED));
    picture.set_string(3, 0, "12", Look::new().add_modifier(Modifier::BOLD));
    picture.set_string(5, 0, "%", Look::new());
    let mut out = Vec::new();
    painter.paint(&picture, &mut out);
    let bytes = String::from_utf8(out).expect("text");
    assert_eq!(bytes, "\x1b[1;1H\x1b[0;1;7mcpu\x1b[0;1m12\x1b[m%");
}
