//! From proportions to rectangles.

use super::{Layout, LayoutColumn};
use ratatui_core::layout::Rect;

/// What an item can do with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoxFill {
    /// Nothing: its neighbours get it.
    Empty,
    /// Fill at most so many rows, its border included.
    Rows(u16),
    /// Fill any.
    All,
}

/// A border and one line within: with less, a box says nothing, and is left out for the others' good.
pub(super) const LEAST_ROWS: u16 = 3;
/// A border and something to read.
pub(super) const LEAST_COLUMNS: u16 = 10;

impl Layout {
    /// The place of each item: its number in [`Layout::items`] and its rectangle, none of them without
    /// area, none overlapping another, all inside `area`. `wants(item, width)` says what the item can do
    /// with its place at that width; whether it is empty must not depend on the width.
    ///
    /// What is empty gives its place to its column, then to its row, then to the other rows. Where
    /// rows or columns would become too small to be read, the last of them are left out.
    pub fn place(&self, area: Rect, wants: &dyn Fn(usize, u16) -> BoxFill) -> Vec<(usize, Rect)> {
        let width = area.width.min(u16::MAX - area.x);
        let height = area.height.min(u16::MAX - area.y);
        if width == 0 || height == 0 {
            return Vec::new();
        }
        let rows: Vec<PlacedRow> =
            self.rows.iter().filter_map(|row| self.row(&row.columns, width, wants)).collect();
        let parts: Vec<Share> = rows.iter().map(|row| row.part).collect();
        let mut placed = Vec::new();
        for (row, (y, height)) in rows.iter().zip(share(height, &parts)) {
            for (column, x, width) in &row.columns {
                for ((item, _), (dy, height)) in column.iter().zip(stack(height, column)) {
                    let rect = Rect { x: area.x + x, y: area.y + y + dy, width: *width, height };
                    placed.push((*item, rect));
                }
            }
        }
        placed
    }

    /// What is there of a row, and how high it would be; `None` when all of it is empty.
    fn row(
        &self,
        columns: &[LayoutColumn],
        width: u16,
        wants: &dyn Fn(usize, u16) -> BoxFill,
    ) -> Option<PlacedRow> {
        let columns: Vec<(u16, Vec<usize>)> = columns
            .iter()
            .map(|column| {
                let there = |i: &usize| wants(*i, width) != BoxFill::Empty;
                (column.weight, column.items.iter().copied().filter(there).collect())
            })
            .filter(|(_, items): &(u16, Vec<usize>)| !items.is_empty())
            .collect();
        let parts: Vec<Share> = columns
            .iter()
            .map(|&(weight, _)| Share { weight: weight.into(), least: LEAST_COLUMNS, most: None })
            .collect();
        let columns: Vec<PlacedColumn> = columns
            .into_iter()
            .zip(share(width, &parts))
            .map(|((_, items), (x, width))| {
                let cell = |i: usize| {
                    let most = match wants(i, width) {
                        BoxFill::Rows(rows) => Some(rows.max(1)),
                        BoxFill::All | BoxFill::Empty => None,
                    };
                    let least = LEAST_ROWS.min(most.unwrap_or(LEAST_ROWS));
                    (i, Share { weight: self.items[i].span.into(), least, most })
                };
                (items.into_iter().map(cell).collect(), x, width)
            })
            .collect();
        let spans = columns.iter().map(|(cells, ..)| cells.iter().map(|(_, p)| p.weight).sum());
        let mosts = columns.iter().map(|(cells, ..)| {
            cells.iter().try_fold(0_u16, |sum, (_, p)| Some(sum.saturating_add(p.most?)))
        });
        let most = mosts.reduce(|a, b| Some(a?.max(b?)))?;
        let least = LEAST_ROWS.min(most.unwrap_or(LEAST_ROWS));
        Some(PlacedRow { part: Share { weight: spans.max()?, least, most }, columns })
    }
}

type Cells = Vec<(usize, Share)>;
/// Its cells from the top, where it begins, and how wide it is.
type PlacedColumn = (Cells, u16, u16);

struct PlacedRow {
    part: Share,
    columns: Vec<PlacedColumn>,
}

/// Something that takes part in sharing out a length.
#[derive(Clone, Copy, Debug)]
struct Share {
    weight: u32,
    least: u16,
    most: Option<u16>,
}

/// Where the cells of a column begin, and how high they are. When none can fill all that there is,
/// the last is stretched.
fn stack(height: u16, cells: &[(usize, Share)]) -> Vec<(u16, u16)> {
    let mut parts: Vec<Share> = cells.iter().map(|(_, part)| *part).collect();
    let all = parts.iter().try_fold(0_u32, |sum, p| Some(sum + u32::from(p.most?)));
    if let (Some(all), Some(last)) = (all, parts.last_mut())
        && all < height.into()
    {
        last.most = None;
    }
    share(height, &parts)
}

/// Shares `total` out by weight, no part with less than its least or more than its most: where each
/// begins, and its length, always more than 0. The last parts are left out when the leasts together
/// are more than there is.
fn share(total: u16, parts: &[Share]) -> Vec<(u16, u16)> {
    let mut needed = 0_u32;
    let fit = parts.iter().take_while(|p| {
        needed += u32::from(p.least);
        needed <= total.into()
    });
    let parts = &parts[..fit.count().max(1).min(parts.len())];
    if let [only] = parts {
        return vec![(0, only.most.unwrap_or(total).min(total))];
    }

    // Every part gets its share of what is left; those that break a bound are set to it, on the side
    // that is further off, and the rest is shared again.
    let mut fixed: Vec<Option<u16>> = vec![None; parts.len()];
    let length = loop {
        let open = || parts.iter().zip(&fixed).filter(|(_, f)| f.is_none()).map(|(p, _)| p);
        let weight: u32 = open().map(|p| p.weight).sum();
        let left = f64::from(total) - fixed.iter().flatten().copied().map(f64::from).sum::<f64>();
        let length = move |p: &Share| left * f64::from(p.weight) / f64::from(weight.max(1));
        let (mut short, mut over) = (0.0, 0.0);
        for part in open() {
            short += (f64::from(part.least) - length(part)).max(0.0);
            over += part.most.map_or(0.0, |most| (length(part) - f64::from(most)).max(0.0));
        }
        if short == 0.0 && over == 0.0 {
            break length;
        }
        for (part, fixed) in parts.iter().zip(&mut fixed).filter(|(_, f)| f.is_none()) {
            if short >= over && length(part) < part.least.into() {
                *fixed = Some(part.least);
            } else if over > short
                && let Some(most) = part.most.filter(|most| length(part) > f64::from(*most))
            {
                *fixed = Some(most);
            }
        }
    };

    // Rounding the ends, not the lengths: they add up, and a whole length stays what it is.
    let (mut end, mut from) = (0.0, 0);
    let mut out = Vec::with_capacity(parts.len());
    for (part, fixed) in parts.iter().zip(fixed) {
        end += fixed.map_or_else(|| length(part), f64::from);
        let to = (end.round() as u16).clamp(from, total);
        out.push((from, to - from));
        from = to;
    }
    out
}
