//! Which processes are shown, in which order, and as which group.

use super::{
    column::ProcessColumn,
    process::{Grouping, Process, ProcessFilter},
    settled::{self, SortFigures},
};
use manytop_plugin::{
    view::{Device, View},
    vocabulary as v,
};
use std::{cmp::Ordering, collections::HashMap, sync::Arc};

/// The order of rows: figures from the highest, ids and texts from the lowest, unless inverted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ProcessOrder {
    pub by: ProcessColumn,
    pub inverted: bool,
}

impl ProcessOrder {
    /// Sorts by a column; the same column again turns the order round.
    pub fn choose(&mut self, by: ProcessColumn) {
        let inverted = self.by == by && !self.inverted;
        *self = ProcessOrder { by, inverted };
    }

    /// The column's word, and what is first where that is not as usual.
    pub fn words(self) -> String {
        let word = self.by.spec().word;
        match (self.inverted, self.by.is_text(), self.by.begins_low()) {
            (false, ..) => word.to_owned(),
            (true, true, _) => format!("{word}, z first"),
            (true, _, true) => format!("{word}, highest first"),
            (true, _, false) => format!("{word}, lowest first"),
        }
    }
}

/// What a row is about, from one frame to the next.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum RowId {
    /// Source, pid, start time, and whether it is a thread.
    Process(usize, Arc<str>, u64, bool),
    Group(Arc<str>),
}

/// A row, and where its process or group was when it was made. Rows are equal when they are about the
/// same, wherever that is now.
#[derive(Clone, Debug)]
pub struct ProcessRow {
    pub(super) id: RowId,
    pub(super) at: usize,
    /// In a tree: how many branches are before the name.
    pub depth: u8,
    /// In a tree: of which of them, by bit, the row on the way to this one is the last child.
    pub(super) last_at: u64,
    /// In a tree: how many processes below it are folded away.
    pub hidden: usize,
    /// In a tree: it has processes below it.
    pub is_parent: bool,
    /// In a tree: the filter leaves it out, but not all below it.
    pub is_context: bool,
    /// In a tree, folded: it and all below it; their figures are added up.
    pub(super) below: Vec<usize>,
}

impl ProcessRow {
    pub(super) fn new(id: RowId, at: usize) -> ProcessRow {
        let (is_parent, is_context, below) = (false, false, Vec::new());
        ProcessRow { id, at, depth: 0, last_at: 0, hidden: 0, is_parent, is_context, below }
    }

    /// The branches before the name, three cells each.
    pub fn branches(&self) -> impl Iterator<Item = &'static str> {
        let is_last = |level: u8| self.last_at & (1 << level) != 0;
        (1..=self.depth).map(move |level| match (level == self.depth, is_last(level)) {
            (true, true) => "└─ ",
            (true, false) => "├─ ",
            (false, true) => "   ",
            (false, false) => "│  ",
        })
    }

    /// Whether it is about one process or thread.
    pub fn is_process(&self) -> bool {
        matches!(self.id, RowId::Process(..))
    }
}

impl PartialEq for ProcessRow {
    fn eq(&self, other: &ProcessRow) -> bool {
        self.id == other.id
    }
}

/// The processes, which of them are let through by the filter, and, when grouped, which belong together.
pub struct ProcessRows<'a> {
    pub(super) processes: Vec<Process<'a>>,
    pub(super) matches: Vec<bool>,
    pub(super) groups: Option<Vec<(&'a str, Vec<usize>)>>,
    pub(super) is_filtered: bool,
    /// Figures of a moment ago to sort by.
    settled: Option<Arc<SortFigures>>,
}

impl<'a> ProcessRows<'a> {
    pub fn new(view: &View<'a>, wanted: &ProcessFilter<'_>) -> ProcessRows<'a> {
        let clock = wanted.clock;
        let mut processes: Vec<Process<'a>> = view
            .devices(v::PROCESS)
            .map(|s| Process {
                source: s.source,
                device: s.device,
                pid: s.device.name.parse().ok(),
                owner: None,
                old: s.old,
                clock,
            })
            .filter(|p| wanted.kernel || !p.is_of_kernel())
            .collect();
        if wanted.threads {
            let of: HashMap<(usize, &str), &'a Device> =
                processes.iter().map(|p| ((p.source.order, &*p.device.name), p.device)).collect();
            let threads = view.devices(v::THREAD).filter_map(|s| {
                let pid = format!("{:.0}", s.device.value(&v::PARENT)?);
                let owner = *of.get(&(s.source.order, pid.as_str()))?;
                // the first thread is the process itself
                let own = s.device.name == owner.name;
                let pid = s.device.name.parse().ok();
                let (source, device, owner, old) = (s.source, s.device, Some(owner), s.old);
                (!own).then_some(Process { source, device, pid, owner, old, clock })
            });
            let threads: Vec<Process<'a>> = threads.collect();
            processes.extend(threads);
        }
        let admits = |p: &Process<'a>| {
            wanted.user.is_none_or(|user| p.user() == user) && wanted.admits(p, view.now)
        };
        let matches: Vec<bool> = processes.iter().map(admits).collect();
        let grouped = wanted.grouping != Grouping::None;
        let groups = grouped.then(|| group(&processes, &matches, wanted.grouping));
        let is_filtered = wanted.query.is_some() || wanted.user.is_some();
        let settled = wanted.settled.clone();
        ProcessRows { processes, matches, groups, is_filtered, settled }
    }

    /// Whether rows are sorted by figures of a moment ago.
    pub fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    /// How many processes there are, whatever the filter lets through.
    pub fn all(&self) -> usize {
        self.processes.len()
    }

    /// How many the filter lets through.
    pub fn matching(&self) -> usize {
        self.matches.iter().filter(|m| **m).count()
    }

    /// Whether a filter is set.
    pub fn is_filtered(&self) -> bool {
        self.is_filtered
    }

    /// The users of all processes, with how many each has, the most first.
    pub fn users(&self) -> Vec<(&'a str, usize)> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for process in &self.processes {
            *counts.entry(process.user()).or_default() += 1;
        }
        let mut all: Vec<(&str, usize)> = counts.into_iter().collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        all
    }

    pub fn of_several_sources(&self) -> bool {
        let first = self.processes.first().map(|p| p.source.order);
        self.processes.iter().any(|p| Some(p.source.order) != first)
    }

    /// All rows in that order; equal ones by memory, and then by pid.
    pub fn sorted(&self, order: ProcessOrder) -> Vec<ProcessRow> {
        let Some(groups) = &self.groups else {
            let row = |at: usize| ProcessRow::new(self.processes[at].id(), at);
            return self.ordered(order, &self.matches).into_iter().map(row).collect();
        };
        let key = |(at, (name, members)): (usize, &(&'a str, Vec<usize>))| {
            let first = &self.processes[members[0]];
            let text =
                if order.by == ProcessColumn::Command { *name } else { order.by.text(first) };
            let figure = match order.by {
                ProcessColumn::Pid => Some(members.len() as f64),
                by => self.figure(members, by),
            };
            let tie = self.figure(members, tie(order.by)).unwrap_or(-1.0);
            let pid = members.iter().filter_map(|&m| self.processes[m].pid).min();
            (figure, tie, text, pid.unwrap_or(u32::MAX), at)
        };
        let mut keyed: Vec<SortKey<'_>> = groups.iter().enumerate().map(key).collect();
        // groups have their count in the place of the pid
        let low = order.by.is_text();
        keyed.sort_unstable_by(|a, b| compare(a, b, order, low));
        let row = |(.., at): SortKey<'_>| ProcessRow::new(RowId::Group(groups[at].0.into()), at);
        keyed.into_iter().map(row).collect()
    }

    /// The places of the processes that are `shown`, in that order.
    pub(super) fn ordered(&self, order: ProcessOrder, shown: &[bool]) -> Vec<usize> {
        let (is_text, tie) = (order.by.is_text(), tie(order.by));
        let settled = self.settled.as_ref().filter(|_| !order.by.begins_low());
        let figure = |p: &Process<'a>| {
            let before = settled.and_then(|figures| figures.get(&settled::key(p)?));
            before.copied().unwrap_or_else(|| order.by.value(p))
        };
        let key = |(at, p): (usize, &Process<'a>)| {
            let text = if is_text { order.by.text(p) } else { "" };
            let tie = tie.value(p).unwrap_or(-1.0);
            (figure(p), tie, text, p.pid.unwrap_or(u32::MAX), at)
        };
        let all = self.processes.iter().enumerate().filter(|(at, _)| shown[*at]);
        let mut keyed: Vec<SortKey<'_>> = all.map(key).collect();
        let low = order.by.begins_low();
        keyed.sort_unstable_by(|a, b| compare(a, b, order, low));
        keyed.into_iter().map(|(.., at)| at).collect()
    }
}

/// What equal rows are sorted by: on a quiet machine most use no processor, and then memory counts.
fn tie(by: ProcessColumn) -> ProcessColumn {
    match by {
        ProcessColumn::Resident | ProcessColumn::Memory => ProcessColumn::Cpu,
        _ => ProcessColumn::Resident,
    }
}

/// The figure, the figure for equal ones, the text and the pid that a row is sorted by; its place.
type SortKey<'a> = (Option<f64>, f64, &'a str, u32, usize);

fn compare(a: &SortKey<'_>, b: &SortKey<'_>, order: ProcessOrder, low: bool) -> Ordering {
    let way = if order.by.is_text() {
        // what has no text is last
        a.2.is_empty().cmp(&b.2.is_empty()).then_with(|| a.2.cmp(b.2))
    } else {
        match (a.0, b.0) {
            (Some(a), Some(b)) if low => a.total_cmp(&b),
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    };
    let way = if order.by.is_text() || low { way } else { way.then_with(|| b.1.total_cmp(&a.1)) };
    let way = way.then(a.3.cmp(&b.3));
    if order.inverted { way.reverse() } else { way }
}

fn group<'a>(
    processes: &[Process<'a>],
    matches: &[bool],
    grouping: Grouping,
) -> Vec<(&'a str, Vec<usize>)> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, process) in processes.iter().enumerate().filter(|(at, _)| matches[*at]) {
        let key = grouping.key(process);
        let place = *places.entry(key).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(at);
    }
    groups
}
