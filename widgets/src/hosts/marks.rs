//! Marked hosts, to be compared side by side.

use super::Hosts;
use manytop_plugin::{
    source::Source,
    view::View,
    widget::{Action, Outcome},
};

/// More hosts are not compared side by side.
const MOST_COMPARED: usize = 6;

impl Hosts {
    /// Marks the host under the cursor, or no longer, and goes to the next.
    pub(super) fn mark(&mut self) -> Outcome {
        let Some(number) = self.current() else { return Outcome::Ignored };
        match self.marked.iter().position(|marked| *marked == number) {
            Some(at) => _ = self.marked.remove(at),
            None => self.marked.push(number),
        }
        let next = self.cursor.at() + 1;
        self.cursor.set(next, &self.order.rows);
        Outcome::Redraw
    }

    /// Asks for the marked hosts side by side.
    pub(super) fn compare(&mut self, view: &View<'_>) -> Outcome {
        let known = self.marked.iter().filter_map(|number| view.numbered(*number));
        let hosts: Vec<Source> = known.map(|source| source.source.clone()).collect();
        Outcome::Act(match hosts.len() {
            2..=MOST_COMPARED => Action::Compare(hosts),
            n if n < 2 => Action::Say("mark two to six hosts with Space, then compare".into()),
            n => Action::Say(format!("{n} hosts are marked; at most {MOST_COMPARED} are compared")),
        })
    }
}
