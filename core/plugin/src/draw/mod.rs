//! Pieces that widgets share: text, numbers, bars, histories, graphs, tables.
//!
//! [`canvas::Canvas`] is what they draw on; `compact` writes numbers in four cells, `plot` graphs, `strip`
//! pieces of one row, `tabular` what rows of a table are made of, `scale` the labels of graphs. None can
//! panic or write outside of its area, whatever the size and whatever the numbers.
//!
//! `bar`, `graph`, `spark` and [`text::RowWriter`] are the pieces of before.

pub mod bar;
pub mod canvas;
pub mod compact;
pub mod fade;
mod figures;
pub mod graph;
pub mod number;
mod plot;
pub mod scale;
pub mod spark;
pub mod strip;
pub mod table;
mod tabular;
pub mod text;
pub mod trace;

pub use canvas::Canvas;
pub use scale::Scale;
pub use tabular::Place;
pub use trace::{Ink, Trace};

use ratatui_core::{buffer::Buffer, layout::Rect, style::Modifier};

const BOLD: Modifier = Modifier::BOLD;
const UNDERLINED: Modifier = Modifier::UNDERLINED;
const NO_MODIFIER: Modifier = Modifier::empty();

/// The part of `area` that lies inside `buffer`.
pub fn clip(area: Rect, buffer: &Buffer) -> Rect {
    area.intersection(buffer.area)
}

/// The columns of `area` from `x` on, at most `width` of them; `x` counts from its left edge.
pub fn columns(area: Rect, x: u16, width: u16) -> Rect {
    let x = x.min(area.width);
    Rect { x: area.x.saturating_add(x), width: width.min(area.width - x), ..area }
}

/// The rows of `area` from `y` on, at most `height` of them; `y` counts from its upper edge.
pub fn rows(area: Rect, y: u16, height: u16) -> Rect {
    let y = y.min(area.height);
    Rect { y: area.y.saturating_add(y), height: height.min(area.height - y), ..area }
}

#[cfg(test)]
mod tests;
