//! From boxes on the screen to rows and columns.

use super::{EditColumn, EditRows, HIDDEN, LayoutEdit, Position};
use crate::layout::Item;
use ratatui_core::layout::Rect;

impl LayoutEdit {
    /// The layout that has these boxes where they are on the screen; those in `waiting` have nothing to show now
    /// and get a row at the end. Numbers are those of `items`. `None` without a box on the screen.
    pub fn of_places(
        items: &[Item],
        places: &[(usize, Rect)],
        waiting: &[usize],
        selected: usize,
    ) -> Option<LayoutEdit> {
        if places.is_empty() {
            return None;
        }
        let mut boxes: Vec<(usize, Rect)> = places.to_vec();
        boxes.sort_by_key(|(_, area)| (area.y, area.x));
        let (mut rows, mut numbers) = (Vec::new(), Vec::new());
        for row in divided(&boxes) {
            let mut columns = Vec::new();
            for column in row {
                let width = column.iter().map(|(_, area)| area.width).max().unwrap_or(1);
                let item = |(n, area): &(usize, Rect)| {
                    let span = area.height.max(1);
                    items.get(*n).map(|item| Item { span, ..item.clone() })
                };
                numbers.extend(column.iter().map(|(n, _)| *n));
                columns.push(EditColumn { width, items: column.iter().filter_map(item).collect() });
            }
            rows.push(columns);
        }
        let rest: Vec<EditColumn> = waiting
            .iter()
            .filter_map(|n| items.get(*n))
            .map(|item| Item { span: HIDDEN.1, ..item.clone() })
            .map(|item| EditColumn { width: HIDDEN.0, items: vec![item] })
            .collect();
        if !rest.is_empty() {
            rows.push(rest);
        }
        level(&mut rows);
        let mut edit = LayoutEdit { rows, at: Position { row: 0, column: 0, item: 0 } };
        edit.select(numbers.iter().position(|n| *n == selected).unwrap_or(0));
        Some(edit)
    }
}

fn level(rows: &mut EditRows) {
    for row in rows {
        let height = super::row_height(row);
        row.iter_mut().for_each(|column| column.stretch(height));
    }
}

type Boxes = Vec<(usize, Rect)>;

/// Rows of columns of boxes from the top. Where a column has rows of columns in itself, those are rows, and
/// the other columns go to the highest of them.
fn divided(boxes: &[(usize, Rect)]) -> Vec<Vec<Boxes>> {
    let mut rows = Vec::new();
    let bands = cut(boxes, |area| (area.y, area.bottom()));
    let is_whole = bands.len() == 1;
    for band in bands {
        let mut columns = cut(&band, |area| (area.x, area.right()));
        let is_stack =
            |column: &Boxes| column.windows(2).all(|pair| pair[0].1.bottom() <= pair[1].1.y);
        for column in &mut columns {
            column.sort_by_key(|(_, area)| (area.y, area.x));
        }
        match columns.iter().position(|column| !is_stack(column)) {
            // boxes around each other have neither rows nor columns
            Some(_) if is_whole && columns.len() == 1 => rows.push(columns),
            Some(nested) => {
                let mut inner = divided(&columns.remove(nested));
                let height = |row: &Vec<Boxes>| {
                    let heights = row.iter().map(|c| c.iter().map(|(_, a)| a.height).sum::<u16>());
                    heights.max().unwrap_or(0)
                };
                let highest = (0..inner.len()).max_by_key(|n| height(&inner[*n])).unwrap_or(0);
                if let Some(row) = inner.get_mut(highest) {
                    row.append(&mut columns);
                }
                rows.append(&mut inner);
            }
            None => rows.push(columns),
        }
    }
    rows
}

/// Cuts boxes apart where no box reaches across, along one direction.
fn cut(boxes: &[(usize, Rect)], ends: impl Fn(&Rect) -> (u16, u16)) -> Vec<Boxes> {
    let mut sorted = boxes.to_vec();
    sorted.sort_by_key(|(_, area)| ends(area).0);
    let mut parts: Vec<Boxes> = Vec::new();
    let mut reached = 0;
    for one in sorted {
        let (from, to) = ends(&one.1);
        match parts.last_mut() {
            Some(part) if from < reached => part.push(one),
            _ => parts.push(vec![one]),
        }
        reached = reached.max(to);
    }
    parts
}
