//! What a row shows: the processes that it is about, and their figures added up.

use super::{
    column::ProcessColumn,
    process::Process,
    rows::{ProcessRow, ProcessRows, RowId},
};

/// The figures of a row: of one process, or the sums of a group.
pub struct RowFigures<'a, 'r> {
    pub first: Process<'a>,
    pub count: usize,
    rows: &'r ProcessRows<'a>,
    members: &'r [usize],
}

impl RowFigures<'_, '_> {
    /// The figure in a column.
    pub fn value(&self, column: ProcessColumn) -> Option<f64> {
        self.rows.figure(self.members, column)
    }
}

impl<'a> ProcessRows<'a> {
    /// Whether what a row is about is still there, whatever the filter lets through.
    pub fn is_alive(&self, row: &ProcessRow) -> bool {
        match &row.id {
            RowId::Group(_) => true,
            id => self.processes.iter().any(|p| p.is(id)),
        }
    }

    /// The processes that a row is about now: by what it is about, not by where it was.
    pub fn of(&self, row: &ProcessRow) -> Vec<Process<'a>> {
        match &row.id {
            RowId::Group(name) => {
                let found = self.groups.iter().flatten().find(|(key, _)| *key == &**name);
                let members = found.map(|(_, members)| &members[..]).unwrap_or_default();
                members.iter().map(|&m| self.processes[m]).collect()
            }
            id => self.processes.iter().filter(|p| p.is(id)).copied().collect(),
        }
    }

    /// The figures of a row that was made just now; `None` for one whose process has ended.
    pub fn figures<'r>(&'r self, row: &'r ProcessRow) -> Option<RowFigures<'a, 'r>> {
        let members: &[usize] = match (&self.groups, &row.id) {
            (Some(groups), RowId::Group(_)) => &groups.get(row.at)?.1,
            (None, RowId::Process(..)) if !row.below.is_empty() => &row.below,
            (None, RowId::Process(..)) => std::slice::from_ref(&row.at),
            _ => return None,
        };
        let first = *self.processes.get(*members.first()?)?;
        let ended = row.is_process() && !first.is(&row.id);
        let count = members.len();
        (!ended).then_some(RowFigures { first, count, rows: self, members })
    }

    /// The sums of all that the filter lets through.
    pub fn sum(&self, column: ProcessColumn) -> Option<f64> {
        let of = |(process, matches): (&Process<'a>, &bool)| {
            // a thread's figures are part of its process's
            let counts = *matches && process.owner.is_none() && column.adds_up();
            column.value(process).filter(|_| counts)
        };
        let known = self.processes.iter().zip(&self.matches).filter_map(of);
        known.reduce(|sum, value| sum + value)
    }

    /// What is in the column of the command.
    pub fn words<'w>(&self, row: &'w ProcessRow, first: Process<'a>) -> &'w str
    where
        'a: 'w,
    {
        match &row.id {
            RowId::Group(name) => name,
            RowId::Process(..) => first.words(),
        }
    }

    /// The figure of one process, or the sum over several where a sum means something.
    pub fn figure(&self, members: &[usize], column: ProcessColumn) -> Option<f64> {
        if let [one] = members {
            return column.value(&self.processes[*one]);
        }
        if !column.adds_up() {
            return None;
        }
        let known = members.iter().filter_map(|&m| column.value(&self.processes[m]));
        known.reduce(|sum, value| sum + value)
    }
}
