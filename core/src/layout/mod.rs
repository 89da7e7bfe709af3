//! The layout language: where each widget is, and which sources it shows.
//!
//! ```text
//! # Weights share a row's width, spans its height.
//! 2:cpu/3      hosts@#prod
//!              mem@db,"a b",web-*
//! 2:net@local  2:procs
//! ```
//!
//! A line is a row, and `#` first on a line makes it a comment. An item is
//! `[span ":"] widget ["@" from {"," from}] ["/" weight]`, where `from` is `#tag`, a name or glob, or a
//! name in double quotes. A row is as many lines high as its largest span. Its first line makes the
//! columns; the items of the lines under it fill the first column, from their own place on, that has
//! room left, and an item that finds none begins the next row. `.` in the place of an item keeps that
//! place free; at the end of a first line, `5:.` makes the row at least 5 lines high. So
//!
//! ```text
//! mem 2:cpu        ┌ mem ┐┌ cpu ┐
//! net              ┌ net ┐│     │
//! ```
//!
//! A column that is left short is stretched: there are no holes.

mod edit;
mod item;
mod place;

pub use edit::{Beside, LayoutEdit, Resize, Toward};
pub use item::{From, Item};
pub use place::BoxFill;

use crate::{masking, registry::Registry, text};
use item::LayoutCell;

/// What a layout is made of, each item with the number that it has in [`Layout::items`].
#[derive(Clone, Debug)]
pub struct Layout {
    items: Vec<Item>,
    rows: Vec<LayoutRow>,
}

/// What the text of a layout gives.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The layout.
    pub layout: Layout,
    /// What was read in another way than it was written, one sentence each.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug)]
struct LayoutRow {
    columns: Vec<LayoutColumn>,
}

#[derive(Clone, Debug)]
struct LayoutColumn {
    weight: u16,
    /// Numbers of items, from the top.
    items: Vec<usize>,
}

/// Limit of the number of items.
const MOST_ITEMS: usize = 200;

impl Layout {
    /// Reads a layout. `file` is what messages call it.
    ///
    /// # Errors
    /// All that is wrong with it, a message each: `procs:2: no widget "prosc": …`.
    pub fn parse(file: &str, text: &str, registry: &Registry) -> Result<Parsed, Vec<String>> {
        let (mut lines, mut errors, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = |problem: String| format!("{file}:{number}: {problem}");
            match item::items(line, registry) {
                Ok((items, doubts)) => {
                    lines.push(items);
                    warnings.extend(doubts.into_iter().map(at));
                }
                Err(problems) => errors.extend(problems.into_iter().map(at)),
            }
        }
        let count = lines.iter().flatten().filter(|word| word.item.is_some()).count();
        if errors.is_empty() && count == 0 {
            errors.push(format!("{file}: no widget in this layout"));
        }
        if count > MOST_ITEMS {
            errors.push(format!("{file}: {count} widgets are too many; at most {MOST_ITEMS}"));
        }
        if errors.is_empty() {
            Ok(Parsed { layout: Layout::of(lines), warnings })
        } else {
            let shown = |e: &String| text::clean_to(&masking::line(e), 400).into_owned();
            Err(errors.iter().map(shown).collect())
        }
    }

    /// The items, in the order of the text.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    fn of(lines: Vec<Vec<LayoutCell>>) -> Layout {
        let mut layout = Layout { items: Vec::new(), rows: Vec::new() };
        let mut lines = lines.into_iter();
        let mut waiting = lines.next();
        while let Some(first) = waiting.take() {
            let height = first.iter().map(|i| i.span).max().unwrap_or(1);
            let mut columns = Vec::new();
            let mut left = Vec::new();
            for item in first.into_iter().filter_map(|place| place.item) {
                left.push(height - item.span);
                columns.push(LayoutColumn { weight: item.weight, items: vec![layout.add(item)] });
            }
            for _ in 1..height {
                let Some(line) = lines.next() else { break };
                let mut rest = line.into_iter().enumerate();
                for (place, one) in rest.by_ref() {
                    let Some(item) = one.item else { continue };
                    let column = (place..columns.len()).find(|&c| left[c] >= item.span);
                    match column {
                        Some(column) => {
                            left[column] -= item.span;
                            columns[column].items.push(layout.add(item));
                        }
                        None => {
                            waiting = Some(vec![LayoutCell { span: item.span, item: Some(item) }]);
                            break;
                        }
                    }
                }
                if let Some(next) = &mut waiting {
                    next.extend(rest.map(|(_, item)| item));
                    break;
                }
            }
            if !columns.is_empty() {
                layout.rows.push(LayoutRow { columns });
            }
            waiting = waiting.or_else(|| lines.next());
        }
        layout
    }

    fn add(&mut self, item: Item) -> usize {
        self.items.push(item);
        self.items.len() - 1
    }
}
