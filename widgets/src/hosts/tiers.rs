//! How the rows of the map are dealt to its groups, and what a group is together.

use super::sign::Sign;
use std::ops::Range;

/// Hosts of one tag.
pub struct TierGroup {
    /// The tag; empty for hosts without one.
    pub tag: String,
    /// Where its hosts begin in the list of all, and how many they are.
    pub from: usize,
    pub count: usize,
    pub stats: Stats,
}

/// What hosts are together, as of the last scaling.
#[derive(Clone, Default)]
pub struct Stats {
    pub sum: f64,
    pub known: usize,
    /// The sums of the last two minutes, and of how many hosts each is; the oldest first.
    pub history: Vec<(f64, u32)>,
    /// The host with the highest value.
    pub worst: Option<(usize, f64)>,
    pub signs: [usize; Sign::TROUBLE.len()],
}

impl Stats {
    pub fn add(&mut self, other: &Stats) {
        self.sum += other.sum;
        self.known += other.known;
        self.worst = match (self.worst, other.worst) {
            (Some(a), Some(b)) => Some(if b.1 > a.1 { b } else { a }),
            (a, b) => a.or(b),
        };
        for (mine, others) in self.signs.iter_mut().zip(other.signs) {
            *mine += others;
        }
        self.history.resize(self.history.len().max(other.history.len()), (0.0, 0));
        for (mine, others) in self.history.iter_mut().zip(&other.history) {
            *mine = (mine.0 + others.0, mine.1 + others.1);
        }
    }

    /// Adds the history of a host.
    pub fn add_history(&mut self, values: &[Option<f64>]) {
        self.history.resize(self.history.len().max(values.len()), (0.0, 0));
        for (mine, value) in self.history.iter_mut().zip(values) {
            if let Some(value) = value {
                *mine = (mine.0 + value, mine.1 + 1);
            }
        }
    }

    /// The means of the last two minutes.
    pub fn means(&self) -> Vec<Option<f64>> {
        let mean = |&(sum, known): &(f64, u32)| (known > 0).then(|| sum / f64::from(known));
        self.history.iter().map(mean).collect()
    }
}

impl TierGroup {
    pub fn word(&self) -> &str {
        if self.tag.is_empty() { "(none)" } else { &self.tag }
    }
}

/// A row of cells.
#[derive(Debug)]
pub struct TierRow {
    /// The groups it is of; only the first line of them has their words.
    pub groups: Range<usize>,
    pub is_first: bool,
    /// Where its hosts begin in the list of all, and how many cells it has.
    pub from: usize,
    pub cells: usize,
    /// How many hosts have no cell here or below.
    pub hidden: usize,
}

/// Deals `room` rows of `across` cells: each group gets one before any gets a second; groups without one
/// share the last.
pub fn deal(groups: &[TierGroup], across: usize, room: usize) -> Vec<TierRow> {
    let mut lines = Vec::new();
    let alone = if groups.len() <= room { groups.len() } else { room.saturating_sub(1) };
    let others = groups.len() - alone;
    let mut rows = vec![1; alone];
    let mut spare = room.saturating_sub(alone + usize::from(others > 0));
    while spare > 0 {
        let before = spare;
        for (rows, group) in rows.iter_mut().zip(groups) {
            if spare > 0 && *rows * across < group.count {
                *rows += 1;
                spare -= 1;
            }
        }
        if spare == before {
            break;
        }
    }
    let mut blocks: Vec<(Range<usize>, usize)> =
        rows.into_iter().enumerate().map(|(n, rows)| (n..n + 1, rows)).collect();
    if others > 0 && room > 0 {
        blocks.push((alone..groups.len(), 1));
    }
    for (block, rows) in blocks {
        let from = groups[block.start].from;
        let count: usize = groups[block.clone()].iter().map(|g| g.count).sum();
        for row in 0..rows {
            let at = row * across;
            let mut cells = across.min(count.saturating_sub(at));
            let mut hidden = 0;
            if row + 1 == rows && at + cells < count {
                // the last cells say how many hosts have none
                cells = cells.saturating_sub(6);
                hidden = count - at - cells;
            }
            let groups = block.clone();
            lines.push(TierRow { groups, is_first: row == 0, from: from + at, cells, hidden });
        }
    }
    lines
}
