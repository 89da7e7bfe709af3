//! Tables: columns are dropped when the table is narrow, and the cursor follows its item.

use super::text::{self, RowWriter};
use crate::keys::{Mouse, Move};
use ratatui_core::style::Style;
use std::ops::Range;

/// The side of its column that a text is aligned to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Names.
    Left,
    /// Numbers.
    Right,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The heading.
    pub title: &'static str,
    /// Its width; the least of it if it is flexible.
    pub width: u16,
    /// It takes what is left over. Several of them share it.
    pub flexible: bool,
    /// The side its texts stand on.
    pub align: Align,
    /// The columns of the highest number give way first, together; those of 0 never do.
    pub gives_way: u8,
}

impl Column {
    /// A column of numbers.
    pub const fn right(title: &'static str, width: u16, gives_way: u8) -> Column {
        Column { title, width, flexible: false, align: Align::Right, gives_way }
    }

    /// A column of names.
    pub const fn left(title: &'static str, width: u16, gives_way: u8) -> Column {
        Column { title, width, flexible: false, align: Align::Left, gives_way }
    }

    /// Takes what is left over.
    #[must_use]
    pub const fn flexible(mut self) -> Column {
        self.flexible = true;
        self
    }
}

/// A column that has found its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placed {
    /// Which of the columns that were asked for.
    pub index: usize,
    /// Its width.
    pub width: u16,
}

/// Which columns fit into a row of `width`, with one blank between them, and how wide they are.
pub fn place(columns: &[Column], width: u16) -> Vec<Placed> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let taken = |kept: &[usize]| {
        let widths: usize = kept.iter().map(|&i| usize::from(columns[i].width)).sum();
        widths + kept.len().saturating_sub(1)
    };
    while taken(&kept) > usize::from(width) {
        let first = kept.iter().map(|&i| columns[i].gives_way).max().unwrap_or(0);
        if first == 0 {
            break;
        }
        kept.retain(|&i| columns[i].gives_way < first);
    }
    let mut spare = usize::from(width).saturating_sub(taken(&kept)) as u16;
    let mut shares = kept.iter().filter(|&&i| columns[i].flexible).count() as u16;
    let place = |index: usize| {
        let mut width = columns[index].width;
        if columns[index].flexible {
            let share = spare / shares;
            width += share;
            spare -= share;
            shares -= 1;
        }
        Placed { index, width }
    };
    kept.into_iter().map(place).collect()
}

/// Writes the headings; `style` tells the column that the rows are sorted by from the others.
pub fn headings(
    pen: &mut RowWriter<'_>,
    columns: &[Column],
    placed: &[Placed],
    style: impl Fn(usize) -> Style,
) {
    for (n, p) in placed.iter().enumerate() {
        let column = &columns[p.index];
        if n > 0 {
            pen.skip(1);
        }
        match column.align {
            Align::Left => pen.column(p.width, column.title, style(p.index)),
            Align::Right => pen.right(p.width, column.title, style(p.index)),
        };
    }
}

/// Writes one row; `cell` draws the column of an index into the pen it is given.
pub fn row(
    pen: &mut RowWriter<'_>,
    placed: &[Placed],
    mut cell: impl FnMut(usize, &mut RowWriter<'_>),
) {
    for (n, p) in placed.iter().enumerate() {
        if n > 0 {
            pen.skip(1);
        }
        cell(p.index, &mut pen.part(p.width));
    }
}

/// The least width at which all of some texts fit, within bounds.
pub fn fitting<'a>(texts: impl Iterator<Item = &'a str>, least: u16, most: u16) -> u16 {
    texts.map(text::width).fold(least, u16::max).min(most.max(least))
}

/// The cursor of a list that is sorted again and again. It follows an item, not a row number.
#[derive(Clone, Debug)]
pub struct Cursor<Id> {
    on: Option<Id>,
    at: usize,
    offset: usize,
    height: usize,
}

impl<Id> Default for Cursor<Id> {
    fn default() -> Cursor<Id> {
        Cursor { on: None, at: 0, offset: 0, height: 0 }
    }
}

impl<Id: Clone + PartialEq> Cursor<Id> {
    /// The item that the user chose; `None` while the cursor is at the top by default.
    pub fn on(&self) -> Option<&Id> {
        self.on.as_ref()
    }

    /// The row of the cursor.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The first row in view.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Forgets the chosen item: the cursor is at the top again, and every row may move.
    pub fn release(&mut self) {
        *self = Cursor { height: self.height, ..Cursor::default() };
    }

    /// Puts the cursor on the item of a row.
    pub fn set(&mut self, at: usize, ids: &[Id]) {
        self.at = at.min(ids.len().saturating_sub(1));
        self.on = ids.get(self.at).cloned();
    }

    /// Moves the chosen item back into the row where the user put it, after the rows were sorted: sorting
    /// never moves the row under the cursor. If that is gone, the cursor is on what has taken its row.
    pub fn hold(&mut self, ids: &mut [Id]) {
        let Some(on) = &self.on else { return };
        match ids.iter().position(|id| id == on) {
            Some(now) => {
                let at = self.at.min(ids.len() - 1);
                if now < at {
                    ids[now..=at].rotate_left(1);
                } else {
                    ids[at..=now].rotate_right(1);
                }
                self.at = at;
            }
            None => self.set(self.at, ids),
        }
    }

    /// Goes where its own is now, after a person has asked for another order.
    pub fn follow(&mut self, ids: &[Id]) {
        if let Some(now) = self.on.as_ref().and_then(|on| ids.iter().position(|id| id == on)) {
            self.at = now;
        }
    }

    /// The rows in view, of `len` at `height` a page; the cursor is among them.
    pub fn view(&mut self, len: usize, height: u16) -> Range<usize> {
        self.height = usize::from(height);
        self.at = self.at.min(len.saturating_sub(1));
        let last = len.saturating_sub(self.height);
        let lowest = (self.at + 1).saturating_sub(self.height);
        self.offset = self.offset.clamp(lowest.min(last), self.at.max(lowest)).min(last);
        self.offset..(self.offset + self.height).min(len)
    }

    /// Moves by a key, if it is one that moves: j k, arrows, g G, Home End, ^d ^u by half a page,
    /// ^f ^b and the page keys by a page.
    pub fn on_move(&mut self, to: Move, ids: &[Id]) -> bool {
        let page = self.height.max(1);
        let (up, steps) = match to {
            Move::Up => (true, 1),
            Move::Down => (false, 1),
            Move::HalfUp => (true, page.div_ceil(2)),
            Move::HalfDown => (false, page.div_ceil(2)),
            Move::PageUp => (true, page),
            Move::PageDown => (false, page),
            Move::First => (true, usize::MAX),
            Move::Last => (false, usize::MAX),
        };
        let to = if up { self.at.saturating_sub(steps) } else { self.at.saturating_add(steps) };
        self.set(to, ids);
        true
    }

    /// Moves by the mouse; `first` is the row of the widget in which the list begins.
    pub fn on_mouse(&mut self, mouse: Mouse, first: u16, ids: &[Id]) -> bool {
        let to = match mouse {
            Mouse::Click { row, .. } => {
                let Some(row) = row.checked_sub(first).map(usize::from) else { return false };
                let to = self.offset + row;
                if row >= self.height || to >= ids.len() {
                    return false;
                }
                to
            }
            Mouse::ScrollUp => self.at.saturating_sub(3),
            Mouse::ScrollDown => self.at.saturating_add(3),
        };
        self.set(to, ids);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 4] = [
        Column::right("PID", 5, 0),
        Column::left("USER", 8, 2),
        Column::right("CPU%", 5, 1),
        Column::left("COMMAND", 7, 0).flexible(),
    ];

    fn placed(width: u16) -> Vec<(usize, u16)> {
        place(&COLUMNS, width).iter().map(|p| (p.index, p.width)).collect()
    }

    #[test]
    fn columns_give_way_in_their_order() {
        assert_eq!(placed(40), [(0, 5), (1, 8), (2, 5), (3, 19)]);
        assert_eq!(placed(28), [(0, 5), (1, 8), (2, 5), (3, 7)]);
        assert_eq!(placed(27), [(0, 5), (2, 5), (3, 15)]);
        assert_eq!(placed(18), [(0, 5), (3, 12)]);
        assert_eq!(placed(0), [(0, 5), (3, 7)], "what matters stays, and is cut");
    }

    #[test]
    fn the_row_under_the_cursor_stays_while_others_are_sorted() {
        let mut cursor = Cursor::default();
        let mut ids = vec!['a', 'b', 'c', 'd'];
        cursor.hold(&mut ids);
        cursor.view(4, 2);
        assert!(cursor.on_move(Move::Down, &ids));
        assert_eq!(cursor.on(), Some(&'b'));
        let mut sorted = vec!['d', 'c', 'b', 'a'];
        cursor.hold(&mut sorted);
        assert_eq!((sorted.as_slice(), cursor.at()), (&['d', 'b', 'c', 'a'][..], 1));
        let mut sorted = vec!['b', 'c', 'd'];
        cursor.hold(&mut sorted);
        assert_eq!((sorted.as_slice(), cursor.at()), (&['c', 'b', 'd'][..], 1));
        let mut without = vec!['c', 'd'];
        cursor.hold(&mut without);
        assert_eq!(cursor.on(), Some(&'d'), "what took its row");
        cursor.hold(&mut []);
        assert_eq!(cursor.on(), None);
    }

    #[test]
    fn the_view_follows_the_cursor_by_every_key() {
        let ids: Vec<usize> = (0..100).collect();
        let mut cursor = Cursor::default();
        assert_eq!(cursor.view(100, 10), 0..10);
        let mut press = |key| {
            assert!(cursor.on_move(key, &ids));
            (cursor.at(), cursor.view(100, 10))
        };
        assert_eq!(press(Move::Down), (1, 0..10));
        assert_eq!(press(Move::HalfDown), (6, 0..10));
        assert_eq!(press(Move::PageDown), (16, 7..17));
        assert_eq!(press(Move::Up), (15, 7..17));
        assert_eq!(press(Move::PageUp), (5, 5..15));
        assert_eq!(press(Move::Last), (99, 90..100));
        assert_eq!(press(Move::Down), (99, 90..100));
        assert_eq!(press(Move::HalfUp), (94, 90..100));
        assert_eq!(press(Move::First), (0, 0..10));
    }

    #[test]
    fn the_mouse_hits_the_row_it_points_at() {
        let ids: Vec<usize> = (0..100).collect();
        let mut cursor = Cursor::default();
        cursor.on_move(Move::Last, &ids);
        cursor.view(100, 10);
        assert!(cursor.on_mouse(Mouse::Click { column: 0, row: 1 }, 1, &ids));
        assert_eq!(cursor.on(), Some(&90));
        assert!(!cursor.on_mouse(Mouse::Click { column: 0, row: 0 }, 1, &ids), "the headings");
        assert!(!cursor.on_mouse(Mouse::Click { column: 0, row: 11 }, 1, &ids), "below the list");
        assert!(cursor.on_mouse(Mouse::ScrollUp, 1, &ids));
        assert_eq!(cursor.at(), 87);
    }

    #[test]
    fn an_empty_list_and_no_room_break_nothing() {
        let mut cursor = Cursor::<u8>::default();
        for height in [0, 1, 5] {
            assert_eq!(cursor.view(0, height), 0..0);
            assert!(cursor.on_move(Move::Last, &[]));
            assert!(cursor.on_mouse(Mouse::ScrollDown, 0, &[]));
        }
        cursor.set(2, &[1, 2, 3]);
        assert_eq!(cursor.view(3, 0).len(), 0);
        assert_eq!(cursor.view(1, 5), 0..1, "it shrank");
    }
}
