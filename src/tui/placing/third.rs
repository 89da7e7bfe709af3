//! The third column of the largest screens: GPUs, storage, containers.

use super::{Placing, WIDEST_LIST};
use manytop_core::ratatui_core::layout::Rect;

/// From this size on there are three columns, 240×80 with the first and the last row.
const THREE: (u16, u16) = (240, 78);
/// The boxes of the third column, from above.
const THIRD: [&str; 3] = ["gpu", "storage", "container"];
/// The third column is not narrower than this.
const THIRD_WIDTH: u16 = 64;

impl Placing<'_> {
    /// Cuts the third column off what is left, where the whole screen is large enough for one and there is
    /// something to show in it.
    pub(super) fn third(&mut self, area: Rect, has_list: bool) {
        if area.width < THREE.0 || area.height < THREE.1 {
            return;
        }
        self.hidden = &[];
        let boxes: Vec<usize> = THIRD.iter().filter_map(|word| self.find(word, None)).collect();
        let rows = |i: usize| self.wish(i, self.left.height);
        let asked: u32 = boxes.iter().map(|&i| u32::from(rows(i))).sum();
        // a few rows in a column of their own would leave most of it blank
        if asked < u32::from(self.left.height / 3) {
            return;
        }
        let others = if has_list { WIDEST_LIST } else { 0 };
        let width = (self.left.width.saturating_sub(others) / 2).max(THIRD_WIDTH);
        let mut column = Rect { x: self.left.right() - width, width, ..self.left };
        self.left.width -= width;
        let last = boxes.len().saturating_sub(1);
        for (n, &at) in boxes.iter().enumerate() {
            let later = 3 * (last - n) as u16;
            let most = column.height.saturating_sub(later);
            let rows = if n == last { most } else { self.wish(at, most).clamp(3, most.max(3)) };
            self.put(at, Rect { height: rows, ..column }, true);
            column.y += rows;
            column.height -= rows;
        }
    }
}
