//! Processes as a tree.

use super::{
    process::Process,
    rows::{ProcessOrder, ProcessRow, ProcessRows},
};
use manytop_plugin::vocabulary as v;

/// A branch of a tree is not drawn deeper.
const DEEPEST: u8 = 60;

/// The children of each process as linked lists of places, and the roots as one.
struct Forest {
    roots: Option<usize>,
    first: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
}

impl Forest {
    /// Of places in the order of siblings.
    fn new(order: &[usize], parents: &[Option<usize>]) -> Forest {
        let none = vec![None; parents.len()];
        let mut forest = Forest { roots: None, first: none.clone(), next: none };
        for &at in order.iter().rev() {
            let head = match parents[at] {
                Some(parent) => &mut forest.first[parent],
                None => &mut forest.roots,
            };
            forest.next[at] = head.replace(at);
        }
        forest
    }

    /// A process and all below it.
    fn all(&self, top: usize) -> Vec<usize> {
        let mut all = vec![top];
        let mut open: Vec<usize> = self.first[top].into_iter().collect();
        while let Some(at) = open.pop() {
            all.push(at);
            open.extend(self.next[at]);
            open.extend(self.first[at]);
        }
        all
    }
}

impl ProcessRows<'_> {
    /// The place of the parent of each process.
    fn parent_places(&self) -> Vec<Option<usize>> {
        let own = |(at, p): (usize, &Process<'_>)| {
            let pid = p.pid.filter(|_| p.owner.is_none())?;
            Some(((p.source.order, pid), at))
        };
        let mut places: Vec<_> = self.processes.iter().enumerate().filter_map(own).collect();
        places.sort_unstable();
        let parent = |(at, p): (usize, &Process<'_>)| {
            let pid = p.device.value(&v::PARENT)? as u32;
            let found = places.binary_search_by_key(&(p.source.order, pid), |(key, _)| *key);
            found.ok().map(|found| places[found].1).filter(|parent| *parent != at)
        };
        self.processes.iter().enumerate().map(parent).collect()
    }

    /// All rows as a tree: each process below its parent, siblings in that order. The children of
    /// `folded` rows are left out, and counted. Parents that the filter leaves out are kept.
    pub fn tree(
        &self,
        order: ProcessOrder,
        folded: &dyn Fn(&ProcessRow) -> bool,
    ) -> Vec<ProcessRow> {
        let parents = self.parent_places();
        let mut shown = self.matches.clone();
        if self.is_filtered {
            for at in (0..shown.len()).filter(|at| self.matches[*at]) {
                let mut up = parents[at];
                while let Some(above) = up.filter(|above| !shown[*above]) {
                    shown[above] = true;
                    up = parents[above];
                }
            }
        }
        let forest = Forest::new(&self.ordered(order, &shown), &parents);
        let mut tree = Vec::with_capacity(self.processes.len());
        // a stack instead of calls: a chain of processes may be long
        let mut open: Vec<(usize, u8, u64)> =
            forest.roots.map(|at| (at, 0, 0)).into_iter().collect();
        while let Some((at, depth, above)) = open.pop() {
            let sibling = forest.next[at];
            open.extend(sibling.map(|at| (at, depth, above)));
            let mut row = ProcessRow::new(self.processes[at].id(), at);
            row.depth = depth;
            row.last_at = above | u64::from(sibling.is_none()) << depth;
            row.is_context = !self.matches[at];
            row.is_parent = forest.first[at].is_some();
            if row.is_parent && folded(&row) {
                row.below = forest.all(at);
                row.hidden = row.below.len() - 1;
            } else if depth < DEEPEST {
                open.extend(forest.first[at].map(|child| (child, depth + 1, row.last_at)));
            }
            tree.push(row);
        }
        tree
    }
}

impl<'a> ProcessRows<'a> {
    /// The processes above one, the highest first.
    pub fn parents(&self, process: &Process<'a>) -> Vec<Process<'a>> {
        let mut above = Vec::new();
        let mut at = *process;
        while above.len() < usize::from(DEEPEST) {
            let Some(pid) = at.device.value(&v::PARENT) else { break };
            let order = at.source.order;
            let is_it = |p: &&Process<'a>| {
                p.owner.is_none() && p.source.order == order && p.pid.map(f64::from) == Some(pid)
            };
            let Some(parent) = self.processes.iter().find(is_it) else { break };
            above.push(*parent);
            at = *parent;
        }
        above.reverse();
        above
    }

    /// The processes below one.
    pub fn children(&self, process: &Process<'a>) -> Vec<Process<'a>> {
        let pid = process.pid.map(f64::from);
        let order = process.source.order;
        let is_child = |p: &&Process<'a>| {
            p.owner.is_none() && p.source.order == order && p.device.value(&v::PARENT) == pid
        };
        self.processes.iter().filter(is_child).copied().collect()
    }
}
