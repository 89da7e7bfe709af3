//! Pieces that widgets share: text, numbers, bars, sparklines, graphs, tables.
//!
//! All of them draw into a [`Pen`](text::Pen)'s cells or an area, and none can panic or write outside
//! of it, whatever the size and whatever the numbers.

pub mod bar;
pub mod graph;
pub mod number;
pub mod spark;
pub mod table;
pub mod text;

use ratatui_core::{buffer::Buffer, layout::Rect};

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
