//! A screen as a picture: SVG, with a text for letters, and a path for dots, bars and borders, so that it looks
//! the same whatever fonts there are.

use manytop_core::{
    draw::text::width,
    ratatui_core::{
        buffer::{Buffer, Cell},
        style::{Color, Modifier},
    },
    theme::{Rgb, Theme},
};
use std::{collections::BTreeMap, fmt::Write};

/// The size of a cell, and the margin around all of them.
const WIDE: f32 = 8.4;
const TALL: f32 = 17.0;
const MARGIN: f32 = 8.0;
/// Where letters rest, from the top of a cell.
const BASELINE: f32 = 12.8;

/// The sixteen colours of a terminal, where the theme leaves them to it.
const BASE: [&str; 16] = [
    "#1a1c22", "#e05561", "#8cc265", "#d18f52", "#4aa5f0", "#c162de", "#42b3c2", "#cdd5e0",
    "#5a6374", "#ff616e", "#a5e075", "#f0a45d", "#4dc4ff", "#de73ff", "#4cd1e0", "#ffffff",
];

/// A frame as an SVG document.
pub fn svg(buffer: &Buffer, theme: &Theme) -> String {
    let columns = usize::from(buffer.area.width).max(1);
    let rows = usize::from(buffer.area.height);
    let size = (columns as f32 * WIDE + 2.0 * MARGIN, rows as f32 * TALL + 2.0 * MARGIN);
    let page = hex(theme.page);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0}\" height=\"{:.0}\" viewBox=\"0 0 {:.1} {:.1}\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"{page}\"/>\n",
        size.0, size.1, size.0, size.1
    );
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    let mut strokes: BTreeMap<String, String> = BTreeMap::new();
    let mut letters = String::new();
    for (y, row) in buffer.content.chunks(columns).enumerate() {
        backgrounds(row, y, theme, &mut out);
        let mut run: Option<PictureRun> = None;
        let mut skip = 0;
        for (x, cell) in row.iter().enumerate() {
            if skip > 0 {
                skip -= 1; // the second column of a wide character holds nothing
                continue;
            }
            skip = usize::from(width(cell.symbol()).max(1)) - 1;
            let (fore, _) = colors(cell, theme);
            let symbol = cell.symbol();
            let at = (MARGIN + x as f32 * WIDE, MARGIN + y as f32 * TALL);
            let drawn = symbol.chars().next().is_some_and(|c| {
                shape(c, at, shapes.entry(fore.clone()).or_default())
                    || stroke(c, at, strokes.entry(fore.clone()).or_default())
            });
            let bold = cell.modifier.contains(Modifier::BOLD);
            let underlined = cell.modifier.contains(Modifier::UNDERLINED);
            let goes_on = |run: &PictureRun| {
                run.fore == fore && run.bold == bold && run.underlined == underlined && run.end == x
            };
            if drawn || symbol == " " && !underlined {
                // one blank within a text belongs to it; more are drawn differently by some viewers
                let one =
                    |run: &PictureRun| symbol == " " && !run.text.ends_with(' ') && goes_on(run);
                match run.as_mut().filter(|run| one(run)) {
                    Some(run) => run.push(symbol, x + 1),
                    None => finish(run.take(), y, &mut letters),
                }
                continue;
            }
            match run.as_mut().filter(|run| goes_on(run)) {
                Some(run) => run.push(symbol, x + 1 + skip),
                None => {
                    finish(run.take(), y, &mut letters);
                    let text = symbol.to_owned();
                    run = Some(PictureRun { x, end: x + 1 + skip, text, fore, bold, underlined });
                }
            }
        }
        finish(run, y, &mut letters);
    }
    for (color, path) in shapes.iter().filter(|(_, path)| !path.is_empty()) {
        let _ = writeln!(out, "<path fill=\"{color}\" d=\"{path}\"/>");
    }
    for (color, path) in strokes.iter().filter(|(_, path)| !path.is_empty()) {
        let _ = writeln!(out, "<path fill=\"none\" stroke=\"{color}\" d=\"{path}\"/>");
    }
    out + &letters + "</svg>\n"
}

/// A text of one style.
struct PictureRun {
    x: usize,
    end: usize,
    text: String,
    fore: String,
    bold: bool,
    underlined: bool,
}

impl PictureRun {
    fn push(&mut self, symbol: &str, end: usize) {
        self.text.push_str(symbol);
        self.end = end;
    }
}

fn finish(run: Option<PictureRun>, y: usize, out: &mut String) {
    let Some(mut run) = run else { return };
    let all = run.text.len();
    if !run.underlined {
        run.text.truncate(run.text.trim_end().len());
    }
    let columns = run.end - run.x - (all - run.text.len());
    let (x, y) = (MARGIN + run.x as f32 * WIDE, MARGIN + y as f32 * TALL + BASELINE);
    let wide = columns as f32 * WIDE;
    let weight = if run.bold { " font-weight=\"bold\"" } else { "" };
    let line = if run.underlined { " text-decoration=\"underline\"" } else { "" };
    let text = escaped(&run.text);
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{wide:.1}\" fill=\"{}\"{weight}{line}>{text}</text>",
        run.fore
    );
}

/// A text for XML; what XML cannot say is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control() && !('\u{fffe}'..='\u{ffff}').contains(c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

/// The backgrounds of a row that are not the page's.
fn backgrounds(row: &[Cell], y: usize, theme: &Theme, out: &mut String) {
    let mut x = 0;
    while x < row.len() {
        let (_, back) = colors(&row[x], theme);
        let same = row[x..].iter().take_while(|cell| colors(cell, theme).1 == back).count().max(1);
        if let Some(color) = back {
            let (left, top) = (MARGIN + x as f32 * WIDE, MARGIN + y as f32 * TALL);
            let wide = same as f32 * WIDE;
            let _ = writeln!(
                out,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{TALL}\" fill=\"{color}\"/>"
            );
        }
        x += same;
    }
}

/// Foreground and background of a cell; no background where it is the page's.
fn colors(cell: &Cell, theme: &Theme) -> (String, Option<String>) {
    let fore = color(cell.fg).or_else(|| color(theme.text.fg.unwrap_or_default()));
    let light = theme.page.0 > 0x80;
    let fore = fore.unwrap_or_else(|| if light { "#2b3240" } else { "#cdd5e0" }.to_owned());
    let back = color(cell.bg);
    if cell.modifier.contains(Modifier::REVERSED) {
        return (back.unwrap_or_else(|| hex(theme.page)), Some(fore));
    }
    (fore, back)
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A colour of a terminal; `None` for its own.
fn color(color: Color) -> Option<String> {
    let base = |n: usize| Some(BASE[n].to_owned());
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(hex(Rgb(r, g, b))),
        Color::Indexed(n @ 0..=15) => base(usize::from(n)),
        Color::Indexed(n @ 16..=231) => {
            let step = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
            let n = n - 16;
            Some(hex(Rgb(step(n / 36), step(n / 6 % 6), step(n % 6))))
        }
        Color::Indexed(n) => {
            let grey = 8 + 10 * (n - 232);
            Some(hex(Rgb(grey, grey, grey)))
        }
        Color::Black => base(0),
        Color::Red => base(1),
        Color::Green => base(2),
        Color::Yellow => base(3),
        Color::Blue => base(4),
        Color::Magenta => base(5),
        Color::Cyan => base(6),
        Color::Gray => base(7),
        Color::DarkGray => base(8),
        Color::LightRed => base(9),
        Color::LightGreen => base(10),
        Color::LightYellow => base(11),
        Color::LightBlue => base(12),
        Color::LightMagenta => base(13),
        Color::LightCyan => base(14),
        Color::White => base(15),
    }
}

fn rectangle(path: &mut String, x: f32, y: f32, wide: f32, tall: f32) {
    let _ = write!(path, "M{x:.1} {y:.1}h{wide:.1}v{tall:.1}h-{wide:.1}z");
}

/// Adds what a character of dots, blocks or bars is drawn with. Returns whether it is one.
fn shape(c: char, (x, y): (f32, f32), path: &mut String) -> bool {
    match c {
        '\u{2800}'..='\u{28ff}' => {
            let bits = u32::from(c) - 0x2800;
            // the bits of the dots, column by column from the top
            for (at, bit) in [0, 1, 2, 6, 3, 4, 5, 7].into_iter().enumerate() {
                if bits & (1 << bit) != 0 {
                    let (column, row) = ((at / 4) as f32, (at % 4) as f32);
                    let (dx, dy) = (WIDE / 2.0, TALL / 4.0);
                    rectangle(path, x + column * dx + 0.9, y + row * dy + 0.9, 2.5, 2.5);
                }
            }
        }
        '▁'..='█' => {
            let share = (u32::from(c) - 0x2580) as f32 / 8.0;
            rectangle(path, x, y + TALL * (1.0 - share), WIDE, TALL * share);
        }
        '▉'..='▏' => {
            let share = (8 - (u32::from(c) - 0x2588)) as f32 / 8.0;
            rectangle(path, x, y, WIDE * share, TALL);
        }
        '■' => rectangle(path, x + 0.7, y + 5.0, 7.0, 7.0),
        '━' => rectangle(path, x, y + 7.3, WIDE, 2.4),
        '╸' => rectangle(path, x, y + 7.3, WIDE / 2.0, 2.4),
        '╺' => rectangle(path, x + WIDE / 2.0, y + 7.3, WIDE / 2.0, 2.4),
        '┃' => rectangle(path, x + 3.0, y, 2.4, TALL),
        '·' => rectangle(path, x + 3.5, y + 8.0, 1.4, 1.4),
        '┈' => {
            for n in 0..4 {
                rectangle(path, x + 0.6 + n as f32 * 2.1, y + 8.1, 0.9, 0.9);
            }
        }
        _ => return false,
    }
    true
}

/// Adds the lines of a border. Returns whether it is a character of one.
fn stroke(c: char, (x, y): (f32, f32), path: &mut String) -> bool {
    let (middle, center) = (x + WIDE / 2.0, y + TALL / 2.0);
    let (right, bottom) = (x + WIDE, y + TALL);
    // the ends of the lines: left, right, up, down
    let ends = match c {
        '─' => "lr",
        '│' => "ud",
        '├' => "udr",
        '┤' => "udl",
        '┬' => "lrd",
        '┴' => "lru",
        '┼' => "lrud",
        '└' => "ur",
        '┘' => "ul",
        '┌' => "dr",
        '┐' => "dl",
        '╭' | '╮' | '╰' | '╯' => {
            let end = if matches!(c, '╭' | '╰') { right } else { x };
            let rest = if matches!(c, '╭' | '╮') { bottom } else { y };
            let _ =
                write!(path, "M{middle:.1} {rest:.1}Q{middle:.1} {center:.1} {end:.1} {center:.1}");
            return true;
        }
        _ => return false,
    };
    for end in ends.chars() {
        let (to_x, to_y) = match end {
            'l' => (x, center),
            'r' => (right, center),
            'u' => (middle, y),
            _ => (middle, bottom),
        };
        let _ = write!(path, "M{middle:.1} {center:.1}L{to_x:.1} {to_y:.1}");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::ratatui_core::{layout::Rect, style::Style};

    fn drawn(draw: impl FnOnce(&mut Buffer)) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        draw(&mut buffer);
        svg(&buffer, &Theme::default())
    }

    #[test]
    fn texts_are_escaped_and_keep_their_columns() {
        let picture = drawn(|buffer| {
            buffer.set_string(1, 0, "a<b & \u{65e5}\u{672c}", Style::new().fg(Color::Rgb(1, 2, 3)));
        });
        let expected = "x=\"16.4\" y=\"20.8\" textLength=\"84.0\" fill=\"#010203\">a&lt;b &amp; \u{65e5}\u{672c}</text>";
        assert!(picture.contains(expected), "{picture}");
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    }

    #[test]
    fn dots_and_borders_are_paths_and_backgrounds_rectangles() {
        let picture = drawn(|buffer| {
            buffer.set_string(0, 0, "╭⣿─", Style::new().fg(Color::Rgb(9, 9, 9)));
            buffer.set_string(0, 1, "x ", Style::new().bg(Color::Rgb(8, 8, 8)));
        });
        assert_eq!(picture.matches("<path fill=\"#090909\"").count(), 1, "{picture}");
        assert_eq!(picture.matches("h2.5v2.5").count(), 8, "eight dots");
        assert!(picture.contains("stroke=\"#090909\""));
        assert!(picture.contains("width=\"16.8\" height=\"17\" fill=\"#080808\""), "{picture}");
    }
}
