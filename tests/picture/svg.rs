//! Turns a terminal's screen into an SVG: reads what `tmux capture-pane -p -e` prints, and writes a
//! picture of it. The real program drew it; nothing here knows what is on it.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(clippy::print_stdout)]

use std::{
    fmt::Write,
    io::{self, Read},
};

const CELL: (f32, f32) = (8.4, 17.0);
const MARGIN: f32 = 10.0;
const FOREGROUND: &str = "#d0d0d0";
const BACKGROUND: &str = "#101418";
/// The sixteen colours of a terminal.
const BASE: [&str; 16] = [
    "#202428", "#e05561", "#8cc265", "#d6b35a", "#4aa5f0", "#c162de", "#42b3c2", "#d0d0d0",
    "#5b6570", "#ff616e", "#a5e075", "#f0c674", "#6cb6ff", "#de73ff", "#5fd0e0", "#ffffff",
];

#[derive(Clone, PartialEq, Default, Debug)]
struct Style {
    foreground: Option<String>,
    background: Option<String>,
    bold: bool,
    dim: bool,
    reversed: bool,
    underlined: bool,
}

impl Style {
    /// Applies the numbers of one `ESC [ … m`.
    fn apply(&mut self, numbers: &[u16]) {
        let mut rest = numbers.iter().copied();
        while let Some(number) = rest.next() {
            match number {
                0 => *self = Style::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                4 => self.underlined = true,
                7 => self.reversed = true,
                22 => (self.bold, self.dim) = (false, false),
                24 => self.underlined = false,
                27 => self.reversed = false,
                30..=37 => self.foreground = Some(BASE[usize::from(number - 30)].to_owned()),
                38 => self.foreground = extended(&mut rest),
                39 => self.foreground = None,
                40..=47 => self.background = Some(BASE[usize::from(number - 40)].to_owned()),
                48 => self.background = extended(&mut rest),
                49 => self.background = None,
                90..=97 => self.foreground = Some(BASE[usize::from(number - 82)].to_owned()),
                100..=107 => self.background = Some(BASE[usize::from(number - 92)].to_owned()),
                _ => {}
            }
        }
    }

    /// Foreground, and background where it is not the screen's own.
    fn colors(&self) -> (&str, Option<&str>) {
        let (fore, back) = (self.foreground.as_deref(), self.background.as_deref());
        if self.reversed {
            (back.unwrap_or(BACKGROUND), Some(fore.unwrap_or(FOREGROUND)))
        } else {
            (fore.unwrap_or(FOREGROUND), back)
        }
    }
}

/// The colour after a 38 or 48: one of 256, or three bytes.
fn extended(rest: &mut impl Iterator<Item = u16>) -> Option<String> {
    match rest.next()? {
        5 => match rest.next()? {
            n @ 0..=15 => Some(BASE[usize::from(n)].to_owned()),
            n @ 16..=231 => {
                let step = |v: u16| if v == 0 { 0 } else { 55 + 40 * v };
                let n = n - 16;
                let (r, g, b) = (step(n / 36), step(n / 6 % 6), step(n % 6));
                Some(format!("#{r:02x}{g:02x}{b:02x}"))
            }
            n => {
                let grey = 8 + 10 * (n.min(255) - 232);
                Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
            }
        },
        2 => {
            let (r, g, b) = (rest.next()?, rest.next()?, rest.next()?);
            Some(format!("#{r:02x}{g:02x}{b:02x}"))
        }
        _ => None,
    }
}

/// A stretch of one style in a row: its first column, its characters.
type Run = (usize, String, Style);

/// The runs of a line. The style goes on from line to line.
fn runs(line: &str, style: &mut Style) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            let mut sequence = String::new();
            if rest.next_if_eq(&'[').is_some() {
                for c in rest.by_ref() {
                    if c.is_ascii_alphabetic() {
                        if c == 'm' {
                            let numbers: Vec<u16> = sequence
                                .split([';', ':'])
                                .map(|n| n.parse().unwrap_or(0))
                                .collect();
                            style.apply(&numbers);
                        }
                        break;
                    }
                    sequence.push(c);
                }
            }
            continue;
        }
        match runs.last_mut() {
            Some((_, text, same)) if same == style => text.push(c),
            _ => runs.push((column, c.to_string(), style.clone())),
        }
        column += 1;
    }
    runs
}

/// Where the characters of a run stand. Dots and blocks often come from another font with widths of its
/// own: each of them gets its column.
fn place(x: f32, wide: f32, text: &str) -> String {
    if text.is_ascii() {
        return format!("x=\"{x:.1}\" textLength=\"{wide:.1}\"");
    }
    let columns = (0..text.chars().count()).map(|n| format!("{:.1}", x + n as f32 * CELL.0));
    format!("x=\"{}\"", columns.collect::<Vec<_>>().join(" "))
}

fn svg(screen: &str) -> String {
    let mut style = Style::default();
    let rows: Vec<Vec<Run>> = screen.lines().map(|line| runs(line, &mut style)).collect();
    let columns = rows.iter().flatten().map(|(at, text, _)| at + text.chars().count()).max();
    let width = columns.unwrap_or(0) as f32 * CELL.0 + 2.0 * MARGIN;
    let height = rows.len() as f32 * CELL.1 + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (row, runs) in rows.iter().enumerate() {
        let top = MARGIN + row as f32 * CELL.1;
        for (column, text, style) in runs {
            let x = MARGIN + *column as f32 * CELL.0;
            let wide = text.chars().count() as f32 * CELL.0;
            let (fore, back) = style.colors();
            if let Some(back) = back {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" \
                     fill=\"{back}\"/>",
                    CELL.1
                );
            }
            if text.trim().is_empty() {
                continue;
            }
            let mut more = String::new();
            if style.bold {
                more.push_str(" font-weight=\"bold\"");
            }
            if style.dim {
                more.push_str(" opacity=\"0.6\"");
            }
            if style.underlined {
                more.push_str(" text-decoration=\"underline\"");
            }
            let place = place(x, wide, text);
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                out,
                "<text {place} y=\"{:.1}\" fill=\"{fore}\"{more} xml:space=\"preserve\">{text}</text>",
                top + 13.0
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn main() -> io::Result<()> {
    let mut screen = String::new();
    io::stdin().read_to_string(&mut screen)?;
    print!("{}", svg(&screen));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_columns_are_kept() {
        let mut style = Style::default();
        let got = runs("a\u{1b}[1;31mbc\u{1b}[38;5;16m \u{1b}[48;2;1;2;3m<\u{1b}[0md", &mut style);
        let columns: Vec<_> = got.iter().map(|(at, text, _)| (*at, text.as_str())).collect();
        assert_eq!(columns, [(0, "a"), (1, "bc"), (3, " "), (4, "<"), (5, "d")]);
        assert!(got[1].2.bold && got[1].2.foreground.as_deref() == Some(BASE[1]));
        assert_eq!(got[3].2.background.as_deref(), Some("#010203"));
        assert_eq!(style, Style::default());
        assert!(svg("\u{1b}[7m<&\u{1b}[m").contains(">&lt;&amp;</text>"));
    }
}
