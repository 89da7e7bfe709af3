//! The edges of a box: the right one and the lower one move; at the end of the screen, the opposite ones.

use super::{EditColumn, LayoutEdit, Position, row_height};
use crate::layout::place::{LEAST_COLUMNS, LEAST_ROWS};
use ratatui_core::layout::Rect;

/// How the size of a box changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resize {
    #[expect(missing_docs)]
    Wider,
    #[expect(missing_docs)]
    Narrower,
    #[expect(missing_docs)]
    Taller,
    #[expect(missing_docs)]
    Shorter,
}

impl LayoutEdit {
    /// Moves an edge of the selected box by one step; `places` are those of the boxes on the screen. Boxes
    /// without a place give nothing and get nothing.
    ///
    /// # Errors
    /// Says what is in the way.
    pub fn resize(&mut self, how: Resize, places: &[(usize, Rect)]) -> Result<(), &'static str> {
        self.measure(places);
        let positions: Vec<Position> = self.positions().collect();
        let seen: Vec<Position> =
            places.iter().filter_map(|(number, _)| positions.get(*number).copied()).collect();
        match how {
            Resize::Wider => self.width(true, &seen),
            Resize::Narrower => self.width(false, &seen),
            Resize::Taller => self.height(true, &seen),
            Resize::Shorter => self.height(false, &seen),
        }
    }

    fn width(&mut self, grows: bool, seen: &[Position]) -> Result<(), &'static str> {
        let Position { row, column, .. } = self.at;
        let is_seen = |n: usize| seen.iter().any(|at| at.row == row && at.column == n);
        let columns = &mut self.rows[row];
        let after = (column + 1..columns.len()).find(|n| is_seen(*n));
        let before = (0..column).rev().find(|n| is_seen(*n));
        let Some(other) = after.or(before) else { return Err("it has the whole width") };
        // a text knows a hundred steps
        let widest = columns.iter().map(|column| column.width).max().unwrap_or(0);
        let step = (widest.div_ceil(100)).max(2);
        let (up, down) = if grows { (column, other) } else { (other, column) };
        if columns[down].width < LEAST_COLUMNS + step {
            return Err("it does not fit");
        }
        columns[up].width += step;
        columns[down].width -= step;
        Ok(())
    }

    fn height(&mut self, grows: bool, seen: &[Position]) -> Result<(), &'static str> {
        let Position { row, column, item } = self.at;
        let in_stack = |n: usize| seen.contains(&Position { row, column, item: n });
        let length = self.rows[row][column].items.len();
        let next_row = |n: &usize| seen.iter().any(|at| at.row == *n);
        let below = (item + 1..length).find(|n| in_stack(*n));
        let row_below = (row + 1..self.rows.len()).find(next_row);
        let above = (0..item).rev().find(|n| in_stack(*n));
        let row_above = (0..row).rev().find(next_row);
        let other = match (below, row_below, above, row_above) {
            (Some(other), ..) | (None, None, Some(other), _) => {
                let items = &mut self.rows[row][column].items;
                let (up, down) = if grows { (item, other) } else { (other, item) };
                if items[down].span <= LEAST_ROWS {
                    return Err("it does not fit");
                }
                items[up].span += 1;
                items[down].span -= 1;
                return Ok(());
            }
            (None, Some(other), ..) | (None, None, None, Some(other)) => other,
            (None, None, None, None) => return Err("it has the whole height"),
        };
        let (up, down) = if grows { (row, other) } else { (other, row) };
        let has_room = |(n, one): (usize, &EditColumn)| {
            let boxes = seen.iter().filter(|at| at.row == down && at.column == n).count() as u16;
            one.height() > LEAST_ROWS * boxes
        };
        if !self.rows[down].iter().enumerate().all(has_room) {
            return Err("it does not fit");
        }
        for (n, by) in [(up, 1), (down, -1)] {
            let height = row_height(&self.rows[n]).saturating_add_signed(by);
            for (at, one) in self.rows[n].iter_mut().enumerate() {
                let own = (n == row && at == column).then_some(item);
                one.set_height(height, own);
            }
        }
        Ok(())
    }
}

impl EditColumn {
    /// Gives a column another height: all of the difference goes to one box, or to the highest.
    fn set_height(&mut self, height: u16, to: Option<usize>) {
        let highest = (0..self.items.len()).max_by_key(|n| self.items[*n].span).unwrap_or(0);
        let difference = i32::from(height) - i32::from(self.height());
        let to = to.filter(|n| i32::from(self.items[*n].span) + difference >= LEAST_ROWS.into());
        let item = &mut self.items[to.unwrap_or(highest)];
        item.span = (i32::from(item.span) + difference).max(1) as u16;
    }
}
