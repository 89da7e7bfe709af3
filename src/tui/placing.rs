//! Where the boxes of the `default` layout go, by the size of the screen.
//!
//! ```text
//! 60 wide and more                  140×40 and more
//! ╭ cpu ─────────────────────╮      ╭ cpu ─────────────────────────────╮
//! ╭ mem ──╮╭ net ──╮╭ disk ──╮      ╭ procs ───────────────╮╭ mem ─────╮
//! ╭ procs ───────────────────╮      │                      │╭ net ─────╮
//!                                   │                      │╭ disk ────╮
//!                                   ╰──────────────────────╯╭ temp ────╮
//! ```
//!
//! From 240×80 a third column at the right has GPUs, storage and containers. Below 60×15 each box is one row without a border, and the list has the rest. A box that has little to
//! show takes little room; what is left over goes to those with graphs.

mod narrow;
mod several;

use manytop_core::{layout::BoxFill, ratatui_core::layout::Rect};

/// A box of the layout, before it has a place.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// The widget's word.
    pub word: &'static str,
    /// It shows the host under the cursor of a list.
    pub follows: bool,
    /// What it can do with its place.
    pub slot: BoxFill,
    /// It has a use for the whole width of a wide screen.
    pub is_wide: bool,
}

/// A box in its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placement {
    /// Which candidate.
    pub index: usize,
    /// Its place, border included.
    pub area: Rect,
    /// Whether it has a border.
    pub border: bool,
}

/// From this size on there are two columns.
const WIDE: (u16, u16) = (140, 38);
/// Below this size there are no borders.
const BORDERS: (u16, u16) = (60, 13);
/// The right column, and from which width on it is wider.
const RIGHT: u16 = 62;
const RIGHT_WIDER: (u16, u16) = (190, 76);
/// Boxes that only the largest screens have.
const LARGE_ONLY: [&str; 1] = ["container"];
/// Boxes that screens of less than two columns do not have.
const WIDE_ONLY: [&str; 3] = ["container", "storage", "source"];
/// A list is never wider than this.
const WIDEST_LIST: u16 = 180;

/// Places the boxes of one machine, of the host that was opened, or of one that follows a list; `area` is
/// the screen without the first and the last row.
pub fn one(area: Rect, candidates: &[Candidate]) -> Vec<Placement> {
    let mut place = Placing::new(area, candidates);
    let has_borders = area.width >= BORDERS.0 && area.height >= BORDERS.1;
    let mut shown = (0..candidates.len()).filter(|at| candidates[*at].slot != BoxFill::Empty);
    if let (Some(only), None, true) = (shown.next(), shown.next(), has_borders) {
        // a host that never answered says so in one box
        place.put(only, area, true);
    } else if !has_borders {
        place.tiny();
    } else if area.width < WIDE.0 || area.height < WIDE.1 {
        place.narrow();
    } else {
        place.wide();
    }
    place.done
}

/// Places a table of hosts, graphs of all of them, and below it the boxes of the host under the cursor.
pub fn several(area: Rect, candidates: &[Candidate]) -> Vec<Placement> {
    let mut place = Placing::new(area, candidates);
    place.hosts();
    place.done
}

/// About how wide a box gets, of a screen of that width.
pub fn width(word: &str, screen: u16) -> u16 {
    if matches!(word, "alerts" | "hosts") { screen } else { screen / 2 }
}

struct Placing<'a> {
    left: Rect,
    candidates: &'a [Candidate],
    /// Words that have no place at this size.
    hidden: &'static [&'static str],
    done: Vec<Placement>,
}

impl<'a> Placing<'a> {
    fn new(area: Rect, candidates: &'a [Candidate]) -> Placing<'a> {
        Placing { left: area, candidates, hidden: &WIDE_ONLY, done: Vec::new() }
    }

    /// The box of that word which is not placed and not empty.
    fn find(&self, word: &str, follows: Option<bool>) -> Option<usize> {
        self.candidates.iter().enumerate().position(|(i, c)| {
            c.word == word
                && c.slot != BoxFill::Empty
                && follows.is_none_or(|f| c.follows == f)
                && self.done.iter().all(|p| p.index != i)
        })
    }

    /// The rows that a box asks for, border included; `otherwise` when it takes any.
    fn wish(&self, index: usize, otherwise: u16) -> u16 {
        match self.candidates[index].slot {
            BoxFill::Rows(rows) => rows,
            BoxFill::All | BoxFill::Empty => otherwise,
        }
    }

    fn put(&mut self, index: usize, area: Rect, border: bool) {
        if area.width > 0 && area.height > 0 {
            self.done.push(Placement { index, area, border });
        }
    }

    /// Cuts rows off the top of what is left.
    fn top(&mut self, rows: u16) -> Rect {
        let rows = rows.min(self.left.height);
        let top = Rect { height: rows, ..self.left };
        self.left.y += rows;
        self.left.height -= rows;
        top
    }

    /// Everything else that has something to show, stacked in what is left of a column.
    fn rest(&mut self, follows: Option<bool>) -> Vec<usize> {
        let placed = |i: usize| self.done.iter().any(|p| p.index == i);
        let wanted = |c: &Candidate| {
            let is_hidden = self.hidden.contains(&c.word);
            !is_hidden && c.slot != BoxFill::Empty && follows.is_none_or(|f| c.follows == f)
        };
        (0..self.candidates.len()).filter(|&i| wanted(&self.candidates[i]) && !placed(i)).collect()
    }

    fn wide(&mut self) {
        let area = self.left;
        if let Some(cpu) = self.find("cpu", None) {
            let most = if self.left.height >= 70 {
                22
            } else if self.left.height >= 44 {
                15
            } else {
                13
            };
            let rows = self.wish(cpu, most).clamp(9, most);
            let row = self.top(rows);
            self.put(cpu, row, true);
        }
        let list = self.find("procs", None);
        self.hidden = if list.is_some() { &LARGE_ONLY } else { &[] };
        self.third(area, list.is_some());
        let width = self.left.width;
        if let Some(list) = list.filter(|&at| width >= RIGHT_WIDER.0 && self.candidates[at].is_wide)
        {
            return self.put(list, self.left, true);
        }
        let mut right = if area.width >= RIGHT_WIDER.0 { RIGHT_WIDER.1 } else { RIGHT };
        right = right.max(width.saturating_sub(WIDEST_LIST));
        if list.is_none() {
            return self.two_columns(right);
        }
        let column = Rect { x: self.left.right() - right, width: right, ..self.left };
        self.column(column, list);
        if let Some(list) = list {
            let placed = self.done.iter().any(|p| p.area.x == column.x && p.area.y >= column.y);
            let width = if placed { width - right } else { width };
            self.put(list, Rect { width, ..self.left }, true);
        }
    }

    /// Without a list: what has graphs at the left, the others beside it.
    fn two_columns(&mut self, right: u16) {
        let graphs: Vec<usize> =
            ["net", "disk"].iter().filter_map(|word| self.find(word, None)).collect();
        let all = self.rest(None);
        let mut others: Vec<usize> = all.into_iter().filter(|i| !graphs.contains(i)).collect();
        others.sort_by_key(|&i| self.candidates[i].word != "mem");
        if graphs.is_empty() || others.is_empty() {
            return self.column(self.left, None);
        }
        let area = self.left;
        let right = right.min(area.width / 2);
        self.stack(Rect { x: area.right() - right, width: right, ..area }, others);
        let left = Rect { width: area.width - right, ..area };
        let upper = if graphs.len() > 1 { (area.height * 2 / 5).max(8) } else { area.height };
        let mut y = area.y;
        for (nth, at) in graphs.into_iter().enumerate() {
            let height = if nth == 0 { upper.min(area.height) } else { area.bottom() - y };
            self.put(at, Rect { y, height, ..left }, true);
            y += height;
        }
    }

    /// The boxes beside a list, under each other.
    fn column(&mut self, column: Rect, list: Option<usize>) {
        let order = ["mem", "net", "disk", "temp"];
        let mut boxes: Vec<usize> = order.iter().filter_map(|w| self.find(w, None)).collect();
        boxes.extend(
            self.rest(None)
                .into_iter()
                .filter(|i| Some(*i) != list && !order.contains(&self.candidates[*i].word)),
        );
        self.stack(column, boxes);
    }

    /// Boxes under each other: first what each needs at the least, in the order in which they are given
    /// up (`temp` first), then rows up to what each asks for, then the graphs grow.
    fn stack(&mut self, column: Rect, mut boxes: Vec<usize>) {
        let order = ["mem", "net", "disk", "temp"];
        let least = |this: &Self, i: usize| {
            let least = match this.candidates[i].word {
                "mem" => 6,
                "net" | "disk" => 5,
                _ => 3,
            };
            least.min(this.wish(i, least))
        };
        // the last ones go first where not even the least fits
        while boxes.iter().map(|&i| least(self, i)).sum::<u16>() > column.height {
            boxes.pop();
        }
        let mut heights: Vec<u16> = boxes.iter().map(|&i| least(self, i)).collect();
        let mut spare = column.height - heights.iter().sum::<u16>();
        for word in ["temp", "net", "mem", "disk", ""] {
            for (at, height) in boxes.iter().zip(&mut heights) {
                let own = self.candidates[*at].word;
                if own == word || word.is_empty() && !order.contains(&own) {
                    let most = match word {
                        "temp" => 6,
                        "mem" => 9,
                        "net" => 8,
                        _ => u16::MAX,
                    };
                    let add = self.wish(*at, 8).min(most).saturating_sub(*height).min(spare);
                    *height += add;
                    spare -= add;
                }
            }
        }
        // the graphs of memory and network share what is left
        let graphs: Vec<usize> = (0..boxes.len())
            .filter(|&n| matches!(self.candidates[boxes[n]].word, "mem" | "net"))
            .collect();
        match graphs.len() as u16 {
            0 => {
                if let Some(last) = heights.last_mut() {
                    *last += spare;
                }
            }
            n => {
                for (k, &at) in graphs.iter().enumerate() {
                    heights[at] += spare / n + u16::from((k as u16) < spare % n);
                }
            }
        }
        let mut y = column.y;
        for (at, height) in boxes.into_iter().zip(heights) {
            self.put(at, Rect { y, height, ..column }, true);
            y += height;
        }
    }

    /// The boxes of one host below a table: less room than a whole screen.
    fn wide_below(&mut self) {
        if let Some(cpu) = self.find("cpu", None) {
            let rows = if self.left.height >= 20 { 12 } else { self.left.height.min(9) };
            let row = self.top(rows);
            self.put(cpu, row, true);
        }
        let list = self.find("procs", None);
        let right = if list.is_some() { RIGHT } else { self.left.width };
        let column = Rect { x: self.left.right() - right, width: right, ..self.left };
        if list.is_none() && self.left.height >= 5 {
            self.boxes_in_a_row(40);
            self.hidden = &[];
            if !self.rest(None).is_empty() {
                self.column(self.left, None);
            }
            return;
        }
        self.column(column, list);
        if let Some(list) = list {
            self.put(list, Rect { width: self.left.width - right, ..self.left }, true);
        }
    }

    /// The lowest boxes reach to the bottom.
    fn stretch(&mut self) {
        let bottom = self.left.bottom();
        let Some(lowest) = self.done.iter().map(|p| p.area.bottom()).max() else { return };
        if lowest < bottom {
            for placed in self.done.iter_mut().filter(|p| p.area.bottom() == lowest) {
                placed.area.height += bottom - lowest;
            }
        }
    }
}

/// Equal shares of a width: where each begins and how wide it is.
fn share(width: u16, parts: u16) -> Vec<(u16, u16)> {
    let parts = parts.max(1);
    let edge = |n: u16| (u32::from(width) * u32::from(n) / u32::from(parts)) as u16;
    (0..parts).map(|n| (edge(n), edge(n + 1) - edge(n))).collect()
}

mod third;

#[cfg(test)]
mod tests;
