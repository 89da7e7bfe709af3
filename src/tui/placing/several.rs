//! The places of boxes where there are several hosts.

use super::*;

/// From so many rows on a fleet has a preview of the host under the cursor.
const PREVIEW: u16 = 26;

impl Placing<'_> {
    /// A table of hosts, all hosts' graphs beside each other, then the host under the cursor.
    pub(super) fn hosts(&mut self) {
        let Some(table) = self.find("hosts", None) else {
            return self.narrow();
        };
        if self.left.width < BORDERS.0 || self.left.height < BORDERS.1 {
            return self.put(table, self.left, false);
        }
        // the strip of alerts goes first where there is little room
        if let Some(alerts) = self.find("alerts", None).filter(|_| self.left.height >= 34) {
            let rows = self.wish(alerts, 4).clamp(3, 8);
            let strip = Rect { y: self.left.bottom() - rows, height: rows, ..self.left };
            self.left.height -= rows;
            self.hosts_above();
            return self.put(alerts, strip, true);
        }
        self.hosts_above();
    }

    fn hosts_above(&mut self) {
        let Some(table) = self.find("hosts", None) else { return };
        let wish = self.wish(table, self.left.height);
        let height = self.left.height;
        let others = self.rest(None);
        let alone = others.iter().all(|&i| i == table || self.candidates[i].word == "alerts");
        let preview = self.find("preview", None);
        // where there are few rows, the table needs them more than the preview
        let below = preview.filter(|_| height >= PREVIEW);
        let below = below.map_or(0, |preview| self.wish(preview, 9).max(height / 6));
        let rows = match height {
            _ if alone => height,
            _ if preview.is_some() => height - below,
            0..24 => wish.min(height.saturating_sub(8)).max(6),
            _ => wish.min(height / 2).max(6),
        };
        let area = self.top(rows);
        self.put(table, area, true);
        if let Some(preview) = self.find("preview", None) {
            return self.put(preview, self.left, true);
        }
        let is_wide = self.left.width >= WIDE.0;
        let (cpu, mem) = (self.find("cpu", Some(false)), self.find("mem", Some(false)));
        if let Some(cpu) = cpu.filter(|_| self.left.height >= 24) {
            let area = self.top(if self.left.height >= 34 { 12 } else { 9 });
            let right = if is_wide { RIGHT } else { area.width / 2 };
            match mem {
                Some(mem) => {
                    self.put(cpu, Rect { width: area.width - right, ..area }, true);
                    let x = area.right() - right;
                    self.put(mem, Rect { x, width: right, ..area }, true);
                }
                None => self.put(cpu, area, true),
            }
        }
        let follows = |c: &Candidate| if c.follows { c.slot } else { BoxFill::Empty };
        let below: Vec<Candidate> =
            self.candidates.iter().map(|c| Candidate { slot: follows(c), ..*c }).collect();
        let mut inner = Placing::new(self.left, &below);
        inner.hidden = if is_wide { &LARGE_ONLY } else { &WIDE_ONLY };
        match (self.left.height, is_wide) {
            (0..5, _) => {}
            (_, true) => inner.wide_below(),
            (0..24, false) => inner.low_below(),
            (_, false) => inner.narrow(),
        }
        self.done.extend(inner.done);
        self.stretch();
    }

    /// The boxes of one host on a low screen: the processors, and a row of boxes.
    fn low_below(&mut self) {
        let boxes: Vec<usize> =
            ["mem", "net", "disk"].iter().filter_map(|word| self.find(word, None)).collect();
        let rows = match self.left.height {
            0..9 => 0,
            9..11 => 3,
            _ => 5,
        };
        let rows = if boxes.is_empty() { 0 } else { rows };
        if let Some(cpu) = self.find("cpu", None) {
            let area = self.top(self.left.height - rows);
            self.put(cpu, area, true);
        }
        let area = self.left;
        for (at, (x, width)) in boxes.iter().zip(share(area.width, boxes.len() as u16)) {
            self.put(*at, Rect { x: area.x + x, width, ..area }, true);
        }
    }
}
