//! A layout that is changed box by box: move, resize, remove, add, and back to text.
//!
//! ```text
//! Right: out of a stack ─▶ a column of its own ─▶ into the stack beside it ─▶ …
//! Down:  past the next box of the stack ─▶ a row of its own ─▶ a column of the next row ─▶ …
//! ```
//!
//! While it is changed, widths are columns and heights are rows of the screen ([`LayoutEdit::measure`]), so
//! that a step is a step on the screen. The text has their proportions.

mod places;
mod resize;
mod write;

use super::{From, Item, Layout, LayoutColumn, LayoutRow};
use ratatui_core::layout::Rect;

pub use resize::Resize;

/// Where a box moves to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Toward {
    /// To the column at the left.
    Left,
    /// To the column at the right.
    Right,
    /// Towards the first row.
    Up,
    /// Towards the last row.
    Down,
}

/// Where a box is added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beside {
    /// Below the selected one, in its stack.
    Below,
    /// In a column of its own, right of the selected one.
    Right,
    /// In a row of its own, at the end.
    Last,
}

/// A layout that is being changed, and its selected box.
#[derive(Clone, Debug)]
pub struct LayoutEdit {
    rows: EditRows,
    at: Position,
}

/// One column of a row.
#[derive(Clone, Debug)]
struct EditColumn {
    width: u16,
    /// From the top; never empty. Their spans are heights.
    items: Vec<Item>,
}

/// Rows of columns, from the top.
type EditRows = Vec<Vec<EditColumn>>;

/// Row, column, and place in the stack of a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Position {
    row: usize,
    column: usize,
    item: usize,
}

impl LayoutEdit {
    /// The rows of a layout as they are written. `selected` is a number of [`Layout::items`].
    pub fn new(layout: &Layout, selected: usize) -> LayoutEdit {
        let column = |column: &LayoutColumn| EditColumn {
            width: column.weight,
            items: column.items.iter().map(|&n| layout.items[n].clone()).collect(),
        };
        let rows = layout.rows.iter().map(|row| row.columns.iter().map(column).collect()).collect();
        let mut at = Position { row: 0, column: 0, item: 0 };
        for (row, columns) in layout.rows.iter().enumerate() {
            for (column, items) in columns.columns.iter().enumerate() {
                if let Some(item) = items.items.iter().position(|&n| n == selected) {
                    at = Position { row, column, item };
                }
            }
        }
        LayoutEdit { rows, at }
    }

    /// The layout as it is now. Its items are numbered row by row, column by column, from the top.
    pub fn layout(&self) -> Layout {
        let mut layout = Layout { items: Vec::new(), rows: Vec::new() };
        for columns in &self.scaled() {
            let mut row = LayoutRow { columns: Vec::new() };
            for column in columns {
                let first = layout.items.len();
                layout.items.extend(column.items.iter().cloned());
                let items = (first..layout.items.len()).collect();
                row.columns.push(LayoutColumn { weight: column.width, items });
            }
            layout.rows.push(row);
        }
        layout
    }

    /// The number of the selected box in [`LayoutEdit::layout`].
    pub fn selected(&self) -> usize {
        self.positions().position(|at| at == self.at).unwrap_or(0)
    }

    /// Selects a box by its number.
    pub fn select(&mut self, number: usize) {
        if let Some(at) = self.position(number) {
            self.at = at;
        }
    }

    /// How many boxes there are.
    pub fn count(&self) -> usize {
        self.positions().count()
    }

    fn position(&self, number: usize) -> Option<Position> {
        self.positions().nth(number)
    }

    fn positions(&self) -> impl Iterator<Item = Position> + '_ {
        self.rows.iter().enumerate().flat_map(|(row, columns)| {
            columns.iter().enumerate().flat_map(move |(column, one)| {
                (0..one.items.len()).map(move |item| Position { row, column, item })
            })
        })
    }

    fn column(&mut self) -> &mut EditColumn {
        &mut self.rows[self.at.row][self.at.column]
    }

    /// Takes widths and heights from the places of the boxes on the screen; a box without one keeps a few rows.
    pub fn measure(&mut self, places: &[(usize, Rect)]) {
        let mut number = 0;
        for columns in &mut self.rows {
            for column in columns {
                let mut width = None;
                for item in &mut column.items {
                    let place = places.iter().find(|(n, _)| *n == number).map(|(_, area)| *area);
                    number += 1;
                    item.span = place.map_or(HIDDEN.1, |area| area.height.max(1));
                    width = width.max(place.map(|area| area.width));
                }
                column.width = width.unwrap_or(HIDDEN.0).max(1);
            }
        }
    }

    /// Moves the selected box by one step. Returns whether there was one.
    pub fn shift(&mut self, to: Toward) -> bool {
        match to {
            Toward::Left | Toward::Right => self.across(to == Toward::Right),
            Toward::Up | Toward::Down => self.along(to == Toward::Down),
        }
    }

    fn across(&mut self, right: bool) -> bool {
        let Position { row, column, item } = self.at;
        if self.column().items.len() > 1 {
            let moved = self.take();
            let width = self.rows[row][column].width;
            self.at = Position { row, column: column + usize::from(right), item: 0 };
            self.rows[row].insert(self.at.column, EditColumn { width, items: vec![moved] });
            return self.level(row);
        }
        let next = if right { Some(column + 1) } else { column.checked_sub(1) };
        let Some(next) = next.filter(|next| *next < self.rows[row].len()) else { return false };
        let height = row_height(&self.rows[row]);
        let mut gone = self.rows[row].remove(column);
        let next = if next > column { column } else { next };
        let beside = &mut self.rows[row][next];
        beside.width += gone.width;
        let mut moved = gone.items.remove(item);
        moved.span = (beside.height() / beside.items.len() as u16).max(1);
        beside.items.insert(0, moved);
        self.at = Position { row, column: next, item: 0 };
        self.level_to(row, height)
    }

    fn along(&mut self, down: bool) -> bool {
        let Position { row, item, .. } = self.at;
        let length = self.column().items.len();
        let next = if down { Some(item + 1) } else { item.checked_sub(1) };
        if let Some(next) = next.filter(|next| *next < length) {
            self.column().items.swap(item, next);
            self.at.item = next;
            return true;
        }
        let is_alone = length == 1 && self.rows[row].len() == 1;
        if !is_alone {
            let height = row_height(&self.rows[row]);
            let moved = self.take();
            let own = moved.span.min(height / 2).max(1);
            self.level_to(row, height.saturating_sub(own).max(1));
            let at = row + usize::from(down);
            let width = self.rows[row].iter().map(|column| column.width).sum();
            let items = vec![Item { span: own, ..moved }];
            self.rows.insert(at, vec![EditColumn { width, items }]);
            self.at = Position { row: at, column: 0, item: 0 };
            return true;
        }
        let next = if down { row + 1 } else { row.wrapping_sub(1) };
        if next >= self.rows.len() {
            return false;
        }
        let mut own = self.rows.remove(row);
        let next = if down { row } else { next };
        let height = row_height(&self.rows[next]) + row_height(&own);
        let columns = self.rows[next].len() as u16;
        for column in &mut own {
            column.width = (column.width / (columns + 1)).max(1);
        }
        self.rows[next].append(&mut own);
        self.at = Position { row: next, column: usize::from(columns), item: 0 };
        self.level_to(next, height)
    }

    /// Takes the selected box out; its column goes with it where it was alone.
    fn take(&mut self) -> Item {
        let Position { row, column, item } = self.at;
        let taken = self.column().items.remove(item);
        if self.column().items.is_empty() {
            self.rows[row].remove(column);
        }
        taken
    }

    /// Makes all columns of a row as high as its highest.
    fn level(&mut self, row: usize) -> bool {
        let height = row_height(&self.rows[row]);
        self.level_to(row, height)
    }

    fn level_to(&mut self, row: usize, height: u16) -> bool {
        for column in &mut self.rows[row] {
            column.stretch(height);
        }
        true
    }

    /// Removes the selected box and selects the one before it. The last box stays: `false`.
    pub fn remove(&mut self) -> bool {
        if self.count() < 2 {
            return false;
        }
        let number = self.selected();
        let Position { row, .. } = self.at;
        self.take();
        if self.rows[row].is_empty() {
            self.rows.remove(row);
        }
        self.at = Position { row: 0, column: 0, item: 0 };
        self.select(number.saturating_sub(1));
        true
    }

    /// Adds a box and selects it.
    pub fn add(&mut self, item: Item, beside: Beside) {
        let Position { row, column, item: at } = self.at;
        match beside {
            Beside::Below => {
                let own = self.column();
                let height = own.items[at].span;
                let half = (height / 2).max(1);
                own.items[at].span = (height - half).max(1);
                own.items.insert(at + 1, Item { span: half, ..item });
                self.at.item += 1;
                self.level(row);
            }
            Beside::Right => {
                let own = self.column();
                let (width, height) = ((own.width / 2).max(1), own.height());
                own.width = (own.width - width).max(1);
                let items = vec![Item { span: height, ..item }];
                self.rows[row].insert(column + 1, EditColumn { width, items });
                self.at = Position { row, column: column + 1, item: 0 };
            }
            Beside::Last => {
                let width = self.rows[row].iter().map(|column| column.width).sum();
                let items = vec![Item { span: HIDDEN.1, ..item }];
                self.rows.push(vec![EditColumn { width, items }]);
                self.at = Position { row: self.rows.len() - 1, column: 0, item: 0 };
            }
        }
    }

    /// The selected box.
    pub fn item(&self) -> &Item {
        &self.rows[self.at.row][self.at.column].items[self.at.item]
    }

    /// Whether a box of these sources is there already.
    pub fn has(&self, word: &str, from: &[From]) -> bool {
        let columns = self.rows.iter().flatten();
        columns.flat_map(|c| &c.items).any(|i| i.widget.name() == word && i.from == from)
    }
}

/// The columns and rows that a box without a place on the screen counts for.
const HIDDEN: (u16, u16) = (20, 6);

impl EditColumn {
    fn height(&self) -> u16 {
        self.items.iter().map(|item| item.span).sum()
    }

    /// Gives its boxes that height together, in the proportions that they have.
    fn stretch(&mut self, height: u16) {
        let old = u32::from(self.height().max(1));
        if old == u32::from(height) {
            return;
        }
        for item in &mut self.items {
            item.span = (u32::from(item.span) * u32::from(height) / old).max(1) as u16;
        }
        // what rounding left or took goes to the highest
        while self.height() != height {
            let (sum, length) = (self.height(), self.items.len() as u16);
            let Some(highest) = self.items.iter_mut().max_by_key(|item| item.span) else { return };
            if sum < height {
                highest.span += height - sum;
            } else if sum > length && highest.span > 1 {
                highest.span -= 1;
            } else {
                return;
            }
        }
    }
}

/// The height of a row: that of its highest column.
fn row_height(columns: &[EditColumn]) -> u16 {
    columns.iter().map(EditColumn::height).max().unwrap_or(1)
}
