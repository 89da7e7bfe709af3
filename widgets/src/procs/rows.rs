//! Which processes are shown, in which order, and as which group.

use crate::filter::Filter;
use manytop_core::{
    view::{Device, SourceView, View},
    vocabulary as v,
};
use std::{cmp::Ordering, collections::HashMap, sync::Arc};

/// What the rows are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Cpu,
    Memory,
    Pid,
    Name,
}

/// The order of rows: figures from the highest, pids and names from the lowest, unless inverted.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub by: By,
    pub inverted: bool,
}

impl Order {
    /// The same once more turns it round.
    pub fn choose(&mut self, by: By) {
        let inverted = self.by == by && !self.inverted;
        *self = Order { by, inverted };
    }

    /// What rows are compared by: on a quiet machine most use no processor, and then it is memory that
    /// tells who matters.
    fn figures(self, cpu: impl Fn() -> f64, memory: impl Fn() -> f64) -> [f64; 2] {
        match self.by {
            By::Cpu => [cpu(), memory()],
            By::Memory => [memory(), cpu()],
            By::Pid | By::Name => [0.0; 2],
        }
    }

    pub fn word(self) -> &'static str {
        match (self.by, self.inverted) {
            (By::Cpu, false) => "cpu%",
            (By::Memory, false) => "mem%",
            (By::Pid, false) => "pid",
            (By::Name, false) => "command",
            (By::Cpu, true) => "cpu%, lowest first",
            (By::Memory, true) => "mem%, lowest first",
            (By::Pid, true) => "pid, highest first",
            (By::Name, true) => "command, z first",
        }
    }
}

/// What a row is about, from one frame to the next.
#[derive(Clone, PartialEq, Debug)]
enum Id {
    /// Source, pid, start time.
    Process(usize, Arc<str>, u64),
    Group(Arc<str>),
}

/// A row, and where its process or group stood when it was made. Rows are equal when they are about
/// the same, wherever that stands now.
#[derive(Clone, Debug)]
pub struct Row {
    id: Id,
    at: usize,
}

impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        self.id == other.id
    }
}

/// One process.
#[derive(Clone, Copy)]
pub struct Process<'a> {
    pub source: &'a SourceView,
    pub device: &'a Device,
    pub pid: Option<u32>,
    old: bool,
}

impl<'a> Process<'a> {
    fn name(&self) -> &'a str {
        self.device.text(&v::NAME).or_else(|| self.device.text(&v::COMMAND)).unwrap_or("?")
    }

    fn memory_percent(&self) -> Option<f64> {
        let share = || {
            let of = self.source.summary.memory_total.filter(|t| *t > 0.0)?;
            Some(100.0 * self.device.value(&v::RESIDENT_BYTES)? / of)
        };
        self.device.value(&v::MEMORY_PERCENT).or_else(share)
    }
}

/// The figures of a row: of one process, or the sums of a group.
pub struct Figures<'a> {
    pub first: Process<'a>,
    pub old: bool,
    pub count: usize,
    pub percent: Option<f64>,
    pub memory: Option<f64>,
    pub bytes: Option<f64>,
    pub read: Option<f64>,
    pub written: Option<f64>,
    pub seconds: Option<f64>,
}

/// The processes that pass the filter, and, when grouped, which belong together.
pub struct Rows<'a> {
    processes: Vec<Process<'a>>,
    groups: Option<Vec<(&'a str, Vec<usize>)>>,
}

impl<'a> Rows<'a> {
    pub fn new(view: &View<'a>, filter: &Filter, grouped: bool) -> Rows<'a> {
        let processes: Vec<Process<'a>> = view
            .devices(v::PROCESS)
            .map(|s| Process {
                source: s.source,
                device: s.device,
                pid: s.device.name.parse().ok(),
                old: s.old,
            })
            .filter(|p| {
                let texts = [&v::NAME, &v::COMMAND, &v::USER].map(|t| p.device.text(t));
                filter.admits(texts.into_iter().flatten().chain([&*p.device.name]))
            })
            .collect();
        let groups = grouped.then(|| group(&processes));
        Rows { processes, groups }
    }

    pub fn len(&self) -> usize {
        self.groups.as_ref().map_or(self.processes.len(), Vec::len)
    }

    pub fn grouped(&self) -> bool {
        self.groups.is_some()
    }

    pub fn of_several_sources(&self) -> bool {
        let first = self.processes.first().map(|p| p.source.order);
        self.processes.iter().any(|p| Some(p.source.order) != first)
    }

    /// All rows in that order; equal ones by memory, and then by pid.
    pub fn sorted(&self, order: Order) -> Vec<Row> {
        let mut rows: Vec<([f64; 2], &str, u32, Row)> = match &self.groups {
            None => self
                .processes
                .iter()
                .enumerate()
                .map(|(at, p)| {
                    let id = Id::Process(p.source.order, p.device.name.clone(), p.device.epoch);
                    let value = |q| p.device.value(q).unwrap_or(-1.0);
                    let figures =
                        order.figures(|| value(&v::PERCENT), || value(&v::RESIDENT_BYTES));
                    let words = if order.by == By::Name { self.words_of(p) } else { "" };
                    (figures, words, p.pid.unwrap_or(u32::MAX), Row { id, at })
                })
                .collect(),
            Some(groups) => groups
                .iter()
                .enumerate()
                .map(|(at, (name, members))| {
                    let value = |q| self.sum(members, |p| p.device.value(q)).unwrap_or(-1.0);
                    let figures =
                        order.figures(|| value(&v::PERCENT), || value(&v::RESIDENT_BYTES));
                    let pid = members.iter().filter_map(|&m| self.processes[m].pid).min();
                    let row = Row { id: Id::Group((*name).into()), at };
                    (figures, *name, pid.unwrap_or(u32::MAX), row)
                })
                .collect(),
        };
        rows.sort_unstable_by(|a, b| {
            let way: Ordering = match order.by {
                By::Cpu | By::Memory => {
                    b.0[0].total_cmp(&a.0[0]).then_with(|| b.0[1].total_cmp(&a.0[1]))
                }
                By::Pid => Ordering::Equal,
                By::Name => a.1.cmp(b.1),
            };
            let way = way.then(a.2.cmp(&b.2));
            if order.inverted { way.reverse() } else { way }
        });
        rows.into_iter().map(|(.., row)| row).collect()
    }

    /// The processes that a row stands for now: by what it is about, not by where it stood.
    pub fn of(&self, row: &Row) -> Vec<Process<'a>> {
        let is_it = |p: &&Process<'a>| match &row.id {
            Id::Process(order, name, epoch) => {
                p.source.order == *order && p.device.name == *name && p.device.epoch == *epoch
            }
            Id::Group(name) => p.name() == &**name,
        };
        self.processes.iter().filter(is_it).copied().collect()
    }

    /// The figures of a row that was sorted just now.
    pub fn figures(&self, row: &Row) -> Option<Figures<'a>> {
        let one = [row.at];
        let members: &[usize] = match &self.groups {
            None => &one,
            Some(groups) => &groups.get(row.at)?.1,
        };
        let first = *self.processes.get(*members.first()?)?;
        let sum = |q| self.sum(members, |p| p.device.value(q));
        Some(Figures {
            first,
            old: first.old,
            count: members.len(),
            percent: sum(&v::PERCENT),
            memory: self.sum(members, Process::memory_percent),
            bytes: sum(&v::RESIDENT_BYTES),
            read: sum(&v::READ_RATE),
            written: sum(&v::WRITTEN_RATE),
            seconds: sum(&v::CPU_SECONDS),
        })
    }

    /// What stands in the last column.
    pub fn words<'w>(&self, row: &'w Row, first: Process<'a>) -> &'w str
    where
        'a: 'w,
    {
        match &row.id {
            Id::Group(name) => name,
            Id::Process(..) => self.words_of(&first),
        }
    }

    fn words_of(&self, process: &Process<'a>) -> &'a str {
        let command = process.device.text(&v::COMMAND).filter(|c| !c.is_empty());
        command.unwrap_or_else(|| process.name())
    }

    fn sum(&self, members: &[usize], of: impl Fn(&Process<'a>) -> Option<f64>) -> Option<f64> {
        let known = members.iter().filter_map(|&m| of(&self.processes[m]));
        known.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }
}

fn group<'a>(processes: &[Process<'a>]) -> Vec<(&'a str, Vec<usize>)> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, process) in processes.iter().enumerate() {
        let place = *places.entry(process.name()).or_insert_with(|| {
            groups.push((process.name(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(at);
    }
    groups
}
