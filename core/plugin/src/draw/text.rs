//! Text in cells: measured in columns, cut with `…`, never outside its place.

use super::clip;
use ratatui_core::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Style,
};
use std::{borrow::Cow, cmp::Ordering};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Wider than any terminal, and small enough to be added up without care.
pub const WIDEST: u16 = 4096;

/// How many columns a text takes; at most [`WIDEST`].
pub fn width(text: &str) -> u16 {
    fitting(text, WIDEST).1
}

fn char_width(c: char) -> u16 {
    c.width().unwrap_or(0) as u16
}

/// How much of a text fits: the bytes, the columns they take, and whether that is all of it.
fn fitting(text: &str, columns: u16) -> (usize, u16, bool) {
    let ascii = text.as_bytes().iter().take(usize::from(columns) + 1);
    if ascii.clone().all(|c| (0x20..0x7f).contains(c)) {
        let used = text.len().min(usize::from(columns));
        return (used, used as u16, used == text.len());
    }
    let mut used = 0;
    for (at, c) in text.char_indices() {
        let w = char_width(c);
        if used + w > columns {
            return (at, used, false);
        }
        used += w;
    }
    (text.len(), used, true)
}

/// The name of a distribution as people say it: `Debian 12` for `Debian GNU/Linux 12 (bookworm)`.
pub fn distribution(name: &str) -> String {
    let name = name.split(" (").next().unwrap_or(name);
    let words = name.split_whitespace().filter(|word| !matches!(*word, "GNU/Linux" | "Linux"));
    let short = words.collect::<Vec<_>>().join(" ");
    if short.is_empty() { name.to_owned() } else { short }
}

/// The text in at most so many columns, with `…` for what was cut off.
pub fn cut(text: &str, columns: u16) -> Cow<'_, str> {
    match fitting(text, columns) {
        (_, _, true) => Cow::Borrowed(text),
        _ if columns == 0 => Cow::Borrowed(""),
        _ => {
            let (end, ..) = fitting(text, columns - 1);
            Cow::Owned(format!("{}…", &text[..end]))
        }
    }
}

/// The text in at most so many columns, with `…` for what was taken out of its middle: of a host's
/// name, both the beginning and the number at the end tell something.
pub fn cut_middle(text: &str, columns: u16) -> Cow<'_, str> {
    if columns < 4 || fitting(text, columns).2 {
        return cut(text, columns);
    }
    let head = columns / 2;
    let tail = columns - head - 1;
    let (end, ..) = fitting(text, head);
    let mut used = 0;
    let mut fits = |c: char| {
        used += char_width(c);
        used <= tail
    };
    let bytes: usize = text.chars().rev().take_while(|&c| fits(c)).map(char::len_utf8).sum();
    Cow::Owned(format!("{}…{}", &text[..end], &text[text.len() - bytes..]))
}

/// The order in which people count: `h2` before `h10`, `CPU2` before `CPU10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    loop {
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        match (digits(left), digits(right)) {
            (0, _) | (_, 0) => match (left.first(), right.first()) {
                (Some(x), Some(y)) if x == y => {
                    left = &left[1..];
                    right = &right[1..];
                }
                (x, y) => return x.cmp(&y).then_with(|| a.cmp(b)),
            },
            (n, m) => {
                let (x, y) = (significant(&left[..n]), significant(&right[..m]));
                match x.len().cmp(&y.len()).then_with(|| x.cmp(y)) {
                    Ordering::Equal => {
                        left = &left[n..];
                        right = &right[m..];
                    }
                    unequal => return unequal,
                }
            }
        }
    }
}

fn significant(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|&&c| c == b'0').count()..]
}

/// What all names end with and a table need not repeat: a shared port, and a shared domain (from a
/// dot on). Empty for a single name, and where something would be left of no name.
pub fn shared_suffix<'a>(mut names: impl Iterator<Item = &'a str>) -> &'a str {
    let Some(first) = names.next() else { return "" };
    let (mut shared, mut several) = (first.len(), false);
    for name in names {
        several = true;
        let same = first.bytes().rev().zip(name.bytes().rev()).take_while(|(a, b)| a == b).count();
        // Something of each name must be left.
        shared = shared.min(same).min(name.len().saturating_sub(1));
    }
    let shared = shared.min(first.len().saturating_sub(1));
    if !several {
        return "";
    }
    let tail = (first.len() - shared..first.len()).find(|&at| first.is_char_boundary(at));
    let tail = tail.map_or("", |at| &first[at..]);
    let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b':');
    match tail.find(['.', ':']) {
        // Half of an address is no name.
        Some(at) if numeric(&tail[at..]) => tail.rfind(':').map_or("", |port| &tail[port..]),
        Some(at) => &tail[at..],
        None => "",
    }
}

/// Writes along one row, from the left, and never past the end of its area.
pub struct RowWriter<'b> {
    cells: &'b mut [Cell],
}

impl<'b> RowWriter<'b> {
    /// At the left edge of a row of `area`, counted from its upper edge. A row that does not exist
    /// takes everything and shows nothing.
    pub fn new(buffer: &'b mut Buffer, area: Rect, row: u16) -> RowWriter<'b> {
        let area = clip(area, buffer);
        if row >= area.height || area.width == 0 {
            return RowWriter { cells: &mut [] };
        }
        let start = buffer.index_of(area.x, area.y + row);
        RowWriter { cells: &mut buffer.content[start..start + usize::from(area.width)] }
    }

    /// How many columns are left.
    pub fn left(&self) -> u16 {
        self.cells.len() as u16
    }

    /// Takes the next columns for another piece to draw in: fewer where fewer are left.
    pub fn take(&mut self, columns: u16) -> &'b mut [Cell] {
        let at = usize::from(columns).min(self.cells.len());
        let (head, rest) = std::mem::take(&mut self.cells).split_at_mut(at);
        self.cells = rest;
        head
    }

    /// The next columns as a pen of their own.
    pub fn part(&mut self, columns: u16) -> RowWriter<'b> {
        RowWriter { cells: self.take(columns) }
    }

    /// Leaves columns as they are.
    pub fn skip(&mut self, columns: u16) -> &mut Self {
        self.take(columns);
        self
    }

    /// Writes a text, cut where the row ends.
    pub fn text(&mut self, text: &str, style: Style) -> &mut Self {
        let used = put(self.cells, text, style);
        self.skip(used)
    }

    /// Writes one character.
    pub fn char(&mut self, c: char, style: Style) -> &mut Self {
        let mut bytes = [0; 4];
        self.text(c.encode_utf8(&mut bytes), style)
    }

    /// Writes a text at the left of a column of that width.
    pub fn column(&mut self, columns: u16, text: &str, style: Style) -> &mut Self {
        put(self.take(columns), text, style);
        self
    }

    /// Writes a text at the right of a column of that width.
    pub fn right(&mut self, columns: u16, text: &str, style: Style) -> &mut Self {
        let cells = self.take(columns);
        let (_, used, _) = fitting(text, cells.len() as u16);
        let from =
            if fitting(text, cells.len() as u16).2 { cells.len() - usize::from(used) } else { 0 };
        put(&mut cells[from..], text, style);
        self
    }

    /// Writes a name at the left of a column of that width, cut in its middle.
    pub fn middle(&mut self, columns: u16, text: &str, style: Style) -> &mut Self {
        let columns = columns.min(self.left());
        let text = cut_middle(text, columns);
        self.column(columns, &text, style)
    }
}

/// Gives a row of an area another style, whatever is written there.
pub fn paint(buffer: &mut Buffer, area: Rect, row: u16, style: Style) {
    for cell in RowWriter::new(buffer, area, row).cells {
        cell.set_style(style);
    }
}

/// Writes a text into cells from the left, with `…` in the last when it does not fit; gives back how
/// many it used. Control characters are not drawn, half of a wide character never is.
pub fn put(cells: &mut [Cell], text: &str, style: Style) -> u16 {
    let columns = u16::try_from(cells.len()).unwrap_or(u16::MAX);
    let (end, _, whole) = fitting(text, columns);
    let (end, dots) =
        if whole || columns == 0 { (end, false) } else { (fitting(text, columns - 1).0, true) };
    let mut at: usize = 0;
    for c in text[..end].chars() {
        match char_width(c) {
            0 => {
                if let Some(cell) = at.checked_sub(1).and_then(|i| cells.get_mut(i)) {
                    combine(cell, c);
                }
            }
            w => {
                let Some(cell) = cells.get_mut(at) else { break };
                cell.set_char(c).set_style(style);
                for covered in cells.iter_mut().skip(at + 1).take(usize::from(w) - 1) {
                    covered.reset();
                    covered.set_style(style);
                }
                at += usize::from(w);
            }
        }
    }
    if dots && let Some(cell) = cells.get_mut(at) {
        cell.set_char('…').set_style(style);
        at += 1;
    }
    at as u16
}

/// Adds a combining mark to a cell's text: a few at most, and only marks that do not change its width.
fn combine(cell: &mut Cell, mark: char) {
    if mark.is_control() || cell.symbol().len() > 12 {
        return;
    }
    let both = format!("{}{mark}", cell.symbol());
    if both.width() == cell.symbol().width() {
        cell.set_symbol(&both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(width: u16, draw: impl FnOnce(&mut RowWriter<'_>)) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        draw(&mut RowWriter::new(&mut buffer, area, 0));
        buffer.content.iter().map(Cell::symbol).collect()
    }

    #[test]
    fn a_text_is_cut_where_its_place_ends() {
        let plain = Style::new();
        assert_eq!(row(6, |p| _ = p.text("manytop", plain)), "manyt…"[..].to_owned());
        assert_eq!(row(7, |p| _ = p.text("manytop", plain)), "manytop");
        assert_eq!(row(9, |p| _ = p.column(4, "ab", plain).text("c", plain)), "ab  c    ");
        assert_eq!(row(9, |p| _ = p.right(4, "ab", plain).text("c", plain)), "  abc    ");
        assert_eq!(row(3, |p| _ = p.right(9, "12345", plain)), "12…");
        assert_eq!(row(0, |p| _ = p.text("x", plain).right(3, "y", plain)), "");
    }

    #[test]
    fn wide_characters_are_never_halved() {
        let plain = Style::new();
        assert_eq!(width("日本"), 4);
        assert_eq!(row(4, |p| _ = p.text("日本", plain)), "日 本 ");
        assert_eq!(row(3, |p| _ = p.text("日本", plain)), "日 …");
        assert_eq!(row(2, |p| _ = p.text("日本", plain)), "… ");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut_middle("日本語日本語", 7), "日…語");
    }

    #[test]
    fn marks_combine_and_controls_vanish() {
        let plain = Style::new();
        assert_eq!(row(3, |p| _ = p.text("e\u{301}x", plain)), "e\u{301}x ");
        assert_eq!(row(4, |p| _ = p.text("a\u{1b}[b", plain)), "a[b ");
        let zalgo = format!("a{}b", "\u{301}".repeat(1000));
        let drawn = row(2, |p| _ = p.text(&zalgo, plain));
        assert!(drawn.starts_with('a') && drawn.ends_with('b') && drawn.len() < 20, "{drawn:?}");
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(cut_middle("database-frontend-17", 11), "datab…nd-17");
        assert_eq!(cut_middle("short", 11), "short");
        assert_eq!(cut_middle("abcdef", 3), "ab…");
        assert_eq!(cut_middle("abcdef", 0), "");
    }

    #[test]
    fn numbers_in_names_are_counted() {
        let mut names = ["h10", "h2", "h", "CPU10", "CPU2", "h02", "h2a"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["CPU2", "CPU10", "h", "h02", "h2", "h2a", "h10"]);
    }

    #[test]
    fn what_all_hosts_end_with_is_not_repeated() {
        let shared = |names: &[&'static str]| shared_suffix(names.iter().copied());
        assert_eq!(shared(&["a.example.com:9100", "b.example.com:9100"]), ".example.com:9100");
        assert_eq!(shared(&["web1:9100", "db-1:9100"]), ":9100");
        assert_eq!(shared(&["web-1.x", "web-1.x"]), ".x", "nothing is left of neither");
        assert_eq!(shared(&["10.0.0.1", "10.1.0.1"]), "", "half of an address is no name");
        assert_eq!(shared(&["10.0.0.1:9100", "10.1.0.1:9100"]), ":9100");
        assert_eq!(shared(&["Jerry", "Harry"]), "");
        assert_eq!(shared(&["one.example.com"]), "");
        assert_eq!(shared(&[]), "");
        assert_eq!(shared(&["a.b", ".b", ""]), "");
    }
}
