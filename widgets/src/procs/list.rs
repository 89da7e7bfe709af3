//! Which rows the list has at the moment, and the row under the cursor.

use super::{
    Procs,
    process::{Grouping, ProcessFilter},
    rows::{ProcessRow, ProcessRows},
};
use manytop_plugin::{filter::Expression, view::View, vocabulary as v};

impl Procs {
    pub(super) fn grouping(&self) -> Grouping {
        if self.tree { Grouping::None } else { self.grouping }
    }

    pub(super) fn rows<'a>(&self, view: &View<'a>) -> ProcessRows<'a> {
        let clock = view.wall().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let wanted = ProcessFilter {
            query: self.query.as_ref(),
            user: self.user.as_deref(),
            kernel: self.kernel,
            threads: self.threads,
            grouping: self.grouping(),
            settled: self.settled.figures(view.now, self.order),
            clock: clock.as_secs_f64(),
        };
        ProcessRows::new(view, &wanted)
    }

    pub(super) fn list(&self, rows: &ProcessRows<'_>) -> Vec<ProcessRow> {
        match self.tree {
            true => rows.tree(self.order, &|row| self.is_folded(row)),
            false => rows.sorted(self.order),
        }
    }

    pub(super) fn is_folded(&self, row: &ProcessRow) -> bool {
        self.folded != self.turned.contains(row)
    }

    /// After another order or shape was chosen: the cursor goes with its row.
    pub(super) fn relist(&mut self, view: &View<'_>) {
        self.settled.stir();
        self.drawn = self.list(&self.rows(view));
        self.cursor.follow(&self.drawn);
    }

    /// The row under the cursor; the first where the cursor was not moved.
    pub(super) fn current(&self) -> Option<&ProcessRow> {
        self.cursor.on().or_else(|| self.drawn.first())
    }

    /// Brings the rows up to date. One that has ended under the cursor keeps its place.
    pub(super) fn refresh(&mut self, rows: &ProcessRows<'_>) {
        self.drawn = self.list(rows);
        self.counts = (rows.matching(), rows.all());
        self.marked.retain(|row| rows.is_alive(row));
        if let Some(on) = self.cursor.on()
            && !rows.is_alive(on)
            && self.held.as_ref().is_some_and(|(held, ..)| held == on)
        {
            let at = self.cursor.at().min(self.drawn.len());
            self.drawn.insert(at, on.clone());
        }
        if self.tree || self.following {
            self.cursor.follow(&self.drawn);
        }
        self.cursor.hold(&mut self.drawn);
    }

    /// Remembers what is under the cursor.
    pub(super) fn remember(&mut self, rows: &ProcessRows<'_>) {
        let Some(row) = self.cursor.on().filter(|row| row.is_process()) else {
            self.held = None;
            return;
        };
        if let Some(process) = rows.of(row).first() {
            let name = process.name().to_owned();
            self.held = Some((row.clone(), process.device.name.to_string(), name));
        }
    }

    /// Reads the filter again; until it can be read, the last one that could holds.
    pub(super) fn requery(&mut self) {
        match Expression::parse_of(v::PROCESS, self.filter.text().unwrap_or_default()) {
            Ok(query) => (self.query, self.problem) = (query, None),
            Err(error) => self.problem = Some(error.problem),
        }
    }
}
