//! What the commands of the list do.

use super::{
    Procs,
    column::ProcessColumn,
    menu::Menu,
    process::Process,
    rows::{ProcessOrder, ProcessRow},
};
use manytop_plugin::{
    reading::Kind,
    source::Source,
    view::View,
    vocabulary as v,
    widget::{Action, Outcome, ProcessTarget, WatchedProcess},
};
use std::sync::Arc;

impl Procs {
    /// Does a command of the table of keys.
    pub fn perform(&mut self, command: &str, view: &View<'_>) -> Outcome {
        match command {
            "watch" => return self.watch(view),
            "signal" => return self.ask(view, Action::Signal),
            "nicer" => return self.ask(view, |all| Action::Renice(all, -1)),
            "nice" => return self.ask(view, |all| Action::Renice(all, 1)),
            "fold" => return self.fold(view),
            "unfold" => return self.unfold(view),
            "columns" => self.open_menu(Menu::Columns, view),
            "sort_choose" => self.open_menu(Menu::Sort, view),
            "user" => self.open_menu(Menu::User, view),
            "filter" => self.filter.open(),
            "search" => match self.search.text() {
                Some(_) => self.find(view, true),
                None => self.search.open(),
            },
            "mark" => return self.mark(),
            "unmark" => self.marked.clear(),
            "details" => self.details.toggle(),
            "environment" => self.details.toggle_environment(),
            "files" => self.details.toggle_files(),
            "follow" => {
                self.following = !self.following;
                if self.cursor.on().is_none() {
                    self.cursor.set(self.cursor.at(), &self.drawn);
                }
            }
            _ => {
                if !self.reshape(command) {
                    return Outcome::Ignored;
                }
                self.relist(view);
            }
        }
        Outcome::Redraw
    }

    /// The commands that change which rows there are, or their order.
    fn reshape(&mut self, command: &str) -> bool {
        match command {
            "tree" => self.tree = !self.tree,
            "group" => {
                self.grouping = self.grouping.next();
                self.tree = false;
                self.cursor.release();
            }
            "fold_all" => {
                self.folded = !self.folded;
                self.turned.clear();
            }
            "kernel" => self.kernel = !self.kernel,
            "threads" => self.threads = !self.threads,
            "sort_cpu" => self.order.choose(ProcessColumn::Cpu),
            "sort_mem" => self.order.choose(ProcessColumn::Memory),
            "sort_pid" => self.order.choose(ProcessColumn::Pid),
            "sort_name" => self.order.choose(ProcessColumn::Command),
            "sort_next" => self.sort_next(1),
            "sort_previous" => self.sort_next(-1),
            "reverse" => self.order.inverted = !self.order.inverted,
            _ => return false,
        }
        true
    }

    fn sort_next(&mut self, step: isize) {
        let all: Vec<ProcessColumn> = self.chosen.iter().copied().filter(|c| c.sorts()).collect();
        let at = all.iter().position(|by| *by == self.order.by).unwrap_or(0);
        let next = at as isize + step;
        if let Some(by) = all.get(next.rem_euclid(all.len().max(1) as isize) as usize) {
            self.order = ProcessOrder { by: *by, inverted: false };
        }
    }

    /// The processes that are marked, else those of the row under the cursor.
    fn targets(&self, view: &View<'_>) -> Vec<ProcessTarget> {
        let rows = self.rows(view);
        let marked = &self.marked;
        let all: Vec<Process<'_>> = match marked.is_empty() {
            false => marked.iter().flat_map(|row| rows.of(row)).collect(),
            true => self.current().map(|row| rows.of(row)).unwrap_or_default(),
        };
        let mut found: Vec<ProcessTarget> = Vec::new();
        for process in &all {
            // a thread is signalled as the process that it belongs to
            let device = process.owner.unwrap_or(process.device);
            let Ok(pid) = device.name.parse() else { continue };
            let name = device.text(&v::NAME).unwrap_or("?").to_owned();
            let source = process.source.source.clone();
            if found.iter().all(|known| known.pid != pid || known.source != source) {
                found.push(ProcessTarget { source, pid, started: device.generation, name });
            }
        }
        found
    }

    fn ask(
        &mut self,
        view: &View<'_>,
        action: impl FnOnce(Vec<ProcessTarget>) -> Action,
    ) -> Outcome {
        let targets = self.targets(view);
        if !targets.is_empty() {
            return Outcome::Act(action(targets));
        }
        Outcome::Act(Action::Say("the process has ended".into()))
    }

    /// Has the end of the process under the cursor reported, or no longer.
    fn watch(&self, view: &View<'_>) -> Outcome {
        let rows = self.rows(view);
        let all = self.current().map(|row| rows.of(row)).unwrap_or_default();
        let [process] = all.as_slice() else {
            return Outcome::Act(Action::Say("one process can be watched at a time".into()));
        };
        let device = process.owner.unwrap_or(process.device);
        Outcome::Act(Action::Watch(WatchedProcess {
            source: process.source.source.clone(),
            pid: device.name.clone(),
            generation: device.generation,
            name: device.text(&v::NAME).unwrap_or("?").to_owned(),
            started: device.value(&v::STARTED_SECONDS).map(|seconds| seconds as u64),
        }))
    }

    /// The process under the cursor, for programs that a key starts.
    pub(super) fn process_under_cursor(&self, view: &View<'_>) -> Option<(Source, Kind, Arc<str>)> {
        let rows = self.rows(view);
        let all = rows.of(self.current()?);
        let process = all.first()?;
        Some((process.source.source.clone(), v::PROCESS, process.device.name.clone()))
    }

    fn mark(&mut self) -> Outcome {
        let Some(row) = self.current().cloned() else { return Outcome::Ignored };
        match self.marked.iter().position(|marked| *marked == row) {
            Some(at) => _ = self.marked.remove(at),
            None => self.marked.push(row),
        }
        let next = self.cursor.at() + 1;
        self.cursor.set(next, &self.drawn);
        Outcome::Redraw
    }

    fn turn(&mut self, row: ProcessRow, view: &View<'_>) -> Outcome {
        match self.turned.iter().position(|turned| *turned == row) {
            Some(at) => _ = self.turned.swap_remove(at),
            None => self.turned.push(row),
        }
        self.relist(view);
        Outcome::Redraw
    }

    /// Folds the row under the cursor, or goes to its parent where there is nothing to fold.
    fn fold(&mut self, view: &View<'_>) -> Outcome {
        let at = self.cursor.at();
        let Some(row) = self.drawn.get(at).filter(|_| self.tree).cloned() else {
            return Outcome::Ignored;
        };
        if row.is_parent && !self.is_folded(&row) {
            return self.turn(row, view);
        }
        let above = self.drawn[..at].iter().rposition(|r| r.depth < row.depth);
        let Some(parent) = above else { return Outcome::Ignored };
        self.cursor.set(parent, &self.drawn);
        Outcome::Redraw
    }

    fn unfold(&mut self, view: &View<'_>) -> Outcome {
        let row = self.drawn.get(self.cursor.at()).filter(|_| self.tree).cloned();
        match row.filter(|row| row.is_parent && self.is_folded(row)) {
            Some(row) => self.turn(row, view),
            None => Outcome::Ignored,
        }
    }

    /// Moves the cursor to the next row that matches the search; while it is typed, the one under the
    /// cursor may match too.
    pub fn find(&mut self, view: &View<'_>, next: bool) {
        let Some(text) = self.search.text().map(str::to_lowercase) else { return };
        let rows = self.rows(view);
        let (len, at) = (self.drawn.len(), self.cursor.at());
        let order = (0..len).map(|step| (at + step + usize::from(next)) % len);
        let found = order.into_iter().find(|&at| {
            let row = &self.drawn[at];
            let figures = rows.figures(row);
            figures.is_some_and(|figures| match row.is_process() {
                true => figures.first.contains(&text),
                false => rows.words(row, figures.first).to_lowercase().contains(&text),
            })
        });
        if let Some(found) = found {
            self.cursor.set(found, &self.drawn);
        }
    }
}
