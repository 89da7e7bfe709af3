//! From boxes to the text of a layout.

use super::{EditColumn, EditRows, LayoutEdit, row_height};
use crate::{
    layout::{From, Item, Layout, item::LARGEST},
    registry::Registry,
};

impl LayoutEdit {
    /// The text of the layout, without comments. A layout that needs neither `.` nor a height of its own for a
    /// row is written without, so that gotop reads it too.
    pub fn text(&self, registry: &Registry) -> String {
        let rows = plain_rows(&self.scaled());
        let text = written(&rows, false);
        match Layout::parse("", &text, registry) {
            Ok(parsed) if same(&rows, &LayoutEdit::new(&parsed.layout, 0).rows) => text,
            _ => written(&rows, true),
        }
    }

    /// Widths and heights as the language can say them: at most 100, by common divisors smaller, and all columns
    /// of a row equally high.
    pub(super) fn scaled(&self) -> EditRows {
        let mut rows = self.rows.clone();
        let most = rows.iter().map(|row| row_height(row)).max().unwrap_or(1);
        for item in rows.iter_mut().flatten().flat_map(|column| &mut column.items) {
            item.span = scale(item.span, most);
        }
        // columns of one height, so that nothing of the next row fits in
        for row in &mut rows {
            let height = row_height(row);
            row.iter_mut().for_each(|column| column.stretch(height));
        }
        let heights = rows.iter().flatten().flat_map(|column| &column.items);
        let common = heights.fold(0, |common, item| divisor(common, item.span)).max(1);
        for item in rows.iter_mut().flatten().flat_map(|column| &mut column.items) {
            item.span /= common;
        }
        for row in &mut rows {
            let most = row.iter().map(|column| column.width).max().unwrap_or(1);
            row.iter_mut().for_each(|column| column.width = scale(column.width, most));
            let common = row.iter().fold(0, |common, column| divisor(common, column.width)).max(1);
            let is_even = row.iter().all(|column| column.width == common);
            for column in row {
                column.width /= common;
                for (n, item) in column.items.iter_mut().enumerate() {
                    item.weighted = n == 0 && !is_even;
                    item.weight = if n == 0 { column.width } else { 1 };
                }
            }
        }
        rows
    }
}

/// The same with the largest at most 100.
fn scale(value: u16, most: u16) -> u16 {
    if most <= LARGEST {
        return value.max(1);
    }
    let scaled = (u32::from(value) * u32::from(LARGEST) + u32::from(most) / 2) / u32::from(most);
    scaled.max(1) as u16
}

fn divisor(a: u16, b: u16) -> u16 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// A row of one column is a row a box.
fn plain_rows(rows: &EditRows) -> EditRows {
    let mut out = Vec::new();
    for row in rows {
        match &row[..] {
            [only] => {
                let own = |item: &Item| {
                    let item = Item { weight: 1, weighted: false, ..item.clone() };
                    vec![EditColumn { width: 1, items: vec![item] }]
                };
                out.extend(only.items.iter().map(own));
            }
            _ => out.push(row.clone()),
        }
    }
    out
}

/// Whether two layouts have the same boxes in the same places.
fn same(one: &EditRows, other: &EditRows) -> bool {
    let key = |rows: &EditRows| -> Vec<Vec<(u16, Vec<String>)>> {
        let column = |column: &EditColumn| {
            let is_alone = column.items.len() == 1;
            let key = |item: &Item| match is_alone {
                // alone in its column it has all of the height
                true => word(&Item { span: 1, ..item.clone() }),
                false => word(item),
            };
            (column.width, column.items.iter().map(key).collect())
        };
        rows.iter().map(|row| row.iter().map(column).collect()).collect()
    };
    let heights = |rows: &EditRows| rows.iter().map(|row| row_height(row)).collect::<Vec<_>>();
    key(one) == key(other) && heights(one) == heights(other)
}

/// The lines. With `places`, a `.` keeps a place free where the language would take another, and gives a row
/// the height that none of its first boxes has.
fn written(rows: &EditRows, places: bool) -> String {
    let mut text = String::new();
    for row in rows {
        let lines = row.iter().map(|column| column.items.len()).max().unwrap_or(0);
        for line in 0..lines {
            let last = row.iter().rposition(|column| column.items.len() > line).unwrap_or(0);
            let mut words: Vec<String> = Vec::new();
            for column in &row[..=last] {
                match column.items.get(line) {
                    Some(item) => words.push(word(item)),
                    None if places => words.push(".".to_owned()),
                    None => {}
                }
            }
            let first = row.iter().map(|column| column.items[0].span).max().unwrap_or(1);
            let height = row_height(row);
            if places && line == 0 && first < height {
                words.push(format!("{height}:."));
            }
            text.push_str(&words.join(" "));
            text.push('\n');
        }
    }
    text
}

/// One box as the language writes it.
fn word(item: &Item) -> String {
    let mut word = String::new();
    if item.span != 1 {
        word.push_str(&format!("{}:", item.span));
    }
    word.push_str(item.widget.name());
    for (n, from) in item.from.iter().enumerate() {
        word.push(if n == 0 { '@' } else { ',' });
        match from {
            From::Tag(tag) => word.push_str(&format!("#{tag}")),
            From::Glob(pattern) => word.push_str(pattern),
            From::Cursor => word.push('>'),
            From::Name(name) => {
                let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
                word.push_str(&format!("\"{escaped}\""));
            }
        }
    }
    if item.weighted {
        word.push_str(&format!("/{}", item.weight));
    }
    word
}
