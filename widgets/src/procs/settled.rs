//! Rows keep their places for a moment: they are sorted by figures that are up to two seconds old, and the
//! order does not change right after a key.

use super::{
    process::Process,
    rows::{ProcessOrder, ProcessRows},
};
use manytop_plugin::clock::Moment;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// For so long the order stays, and after a key.
const CALM: Duration = Duration::from_secs(2);

/// Source, pid and start time.
type ProcessKey = (usize, u32, u64);

/// The figures by which rows are sorted.
pub type SortFigures = HashMap<ProcessKey, Option<f64>>;

/// The figures of the last time that the order was made.
#[derive(Default)]
pub struct Settled {
    made: Option<(Moment, ProcessOrder)>,
    figures: Arc<SortFigures>,
    /// When a key was pressed last.
    pressed: Moment,
}

impl Settled {
    /// The figures to sort by; `None`: those of now.
    pub fn figures(&self, now: Moment, order: ProcessOrder) -> Option<Arc<SortFigures>> {
        let (made, _) = self.made.filter(|(_, by)| *by == order)?;
        let is_recent = |at: Moment| now >= at && now.since(at) < CALM;
        (is_recent(made) || now >= made && is_recent(self.pressed)).then(|| self.figures.clone())
    }

    /// Remembers the figures of rows that were sorted by those of now.
    pub fn remember(&mut self, now: Moment, order: ProcessOrder, rows: &ProcessRows<'_>) {
        if order.by.begins_low() || rows.is_settled() {
            return;
        }
        let figures = rows.processes.iter().filter_map(|p| Some((key(p)?, order.by.value(p))));
        (self.made, self.figures) = (Some((now, order)), Arc::new(figures.collect()));
    }

    /// A key was pressed.
    pub fn press(&mut self, now: Moment) {
        self.pressed = now;
    }

    /// The next order is made of the figures of then.
    pub fn stir(&mut self) {
        self.made = None;
    }
}

/// The key of a process.
pub fn key(process: &Process<'_>) -> Option<ProcessKey> {
    Some((process.source.order, process.pid?, process.device.generation))
}
