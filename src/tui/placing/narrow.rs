//! Screens of one column: a row a box on the smallest, else boxes side by side above the list.

use super::{Placing, share};
use manytop_core::ratatui_core::layout::Rect;

impl Placing<'_> {
    /// A row a box, then the list.
    pub(super) fn tiny(&mut self) {
        let list = self.find("procs", None).or_else(|| self.find("hosts", None));
        for word in ["cpu", "mem", "disk", "net"] {
            let keep = if list.is_some() { 2 } else { 0 };
            if let Some(at) = self.find(word, None).filter(|_| self.left.height > keep) {
                let row = self.top(1);
                self.put(at, row, false);
            }
        }
        if let Some(list) = list {
            self.put(list, self.left, false);
        }
    }

    /// The processors above, the others side by side, the list below.
    pub(super) fn narrow(&mut self) {
        let height = self.left.height;
        if let Some(cpu) = self.find("cpu", None) {
            let rows = match height {
                0..18 => 5,
                18..26 => 7,
                26..40 => 9,
                _ => (height / 4).min(15),
            };
            let row = self.top(rows.min(self.wish(cpu, rows).max(5)));
            self.put(cpu, row, true);
        }
        self.boxes_in_a_row(height);
        self.list_and_rest();
    }

    /// Memory, network and disks side by side.
    pub(super) fn boxes_in_a_row(&mut self, height: u16) {
        let mut row: Vec<usize> =
            ["mem", "net", "disk"].iter().filter_map(|w| self.find(w, None)).collect();
        let mut rows = match height {
            0..16 => 3,
            16..36 => 5,
            _ => (height / 6).clamp(5, 9),
        };
        if height < 16 {
            row.retain(|&i| self.candidates[i].word == "disk");
        }
        if row.is_empty() || self.left.height < rows + 4 {
            return;
        }
        let most = row.iter().map(|&i| self.wish(i, u16::MAX)).max().unwrap_or(rows);
        rows = rows.min(most.max(5.min(rows)));
        let area = self.top(rows);
        let columns = share(area.width, row.len() as u16);
        for (at, (x, width)) in row.into_iter().zip(columns) {
            self.put(at, Rect { x: area.x + x, width, ..area }, true);
        }
    }

    /// The list of processes gets what is left, others a few rows at the bottom where there is room.
    fn list_and_rest(&mut self) {
        let list = self.find("procs", None);
        if list.is_none() {
            // a host of containers or GPUs alone: they have the room
            self.hidden = &[];
            if !self.rest(None).is_empty() {
                return self.column(self.left, None);
            }
        }
        let rest: Vec<usize> = self.rest(None).into_iter().filter(|i| Some(*i) != list).collect();
        let keep = if list.is_some() { 10 } else { 0 };
        for at in rest {
            let rows = self.wish(at, 6).clamp(3, 8);
            if self.left.height < keep + rows {
                break;
            }
            let bottom = Rect { y: self.left.bottom() - rows, height: rows, ..self.left };
            self.left.height -= rows;
            self.put(at, bottom, true);
        }
        if let Some(list) = list {
            self.put(list, self.left, true);
        } else {
            // without a list the boxes above it have its rows
            for lowest in self.done.iter_mut().filter(|p| p.area.bottom() == self.left.y) {
                lowest.area.height += self.left.height;
            }
        }
    }
}
