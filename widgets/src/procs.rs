//! Processes: sorted, filtered, as a tree or grouped, with their details. Only those of this machine can
//! be signalled.
//!
//! ```text
//!    PID USER      CPU%▼      MEM%  RSS   R/s  W/s  THR  S  COMMAND
//!  48211 dev        312 ⣿⣿⣿⣿⣿  4.1  1.3G    · 4.2M   18  R  rustc --crate-name manytop
//! ```
//!
//! `c` `m` `p` `n` sort by processor, memory, pid or name, and once more the other way round; `F6` offers
//! every column. `t` shows the tree, in which ← folds and → unfolds; `Tab` groups by name, container or
//! unit; `/` filters, `u` by user; `F3` moves to what matches and filters nothing; `C` chooses columns;
//! `Enter` opens the details; `d` chooses a signal for the marked processes, or for the one under the
//! cursor. Once the cursor was moved, sorting never moves its row, unless `F` follows the process; `Esc`
//! lets go. A process that ends under the cursor stays in its row, marked as ended.
//!
//! A filter is a part of a name, command line, user or pid, or a condition in the language of
//! [filters](../fleet.md#filters) with the words of processes: `cpu>20 & user!=root`,
//! `cmd~sqlite | cgroup~docker`, `state=running & host=web-1`. In a tree the parents of what matches stay,
//! dim; the last row adds up what matches.
//!
//! The history of a process is as high as one core; its colour is its share of the machine, so that one
//! busy core is no alarm. What an ordinary user may not read of others' processes is `·`.
//!
//! | option | default | |
//! |---|---|---|
//! | `sort` | `cpu` | the column that it is sorted by at first |
//! | `columns` | | the columns to show, in their order; the usual ones if none is named |
//! | `group` | `none` | how it is grouped at first: `none`, `name`, `container` or `unit` |
//! | `tree` | `false` | whether it is a tree at first |
//! | `folded` | `false` | whether the tree is folded at first |
//! | `kernel` | `true` | whether threads of the kernel are shown at first |
//! | `threads` | `false` | whether the threads of processes are shown at first |

mod column;
mod commands;
mod details;
mod facts;
mod histories;
mod list;
mod members;
mod menu;
mod plugin;
mod process;
mod rows;
mod settled;
mod table;
mod title;
mod tree;

use crate::{filter::Filter, picker::Picker};
use column::ProcessColumn;
use details::{Details, ProcessHeading};
use manytop_plugin::{
    draw::{Canvas, table::Cursor},
    filter::Expression,
    options::Options,
    provider::{BuildError, Selection},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::Kind,
    source::Source,
    view::View,
    vocabulary as v,
    widget::{ColumnChoice, Keep, Key, Mouse, Move, Outcome, Plugin, Title, Wants, Widget},
};
use menu::Menu;
use plugin::{COLUMNS, FOLDED, GROUP, KERNEL, SORT, THREADS, TREE};
use process::Grouping;
use rows::{ProcessOrder, ProcessRow, ProcessRows};
use settled::Settled;
use std::{sync::Arc, time::Duration};
use table::ProcessColumns;

manytop_plugin::inventory::submit! {
    Plugin::new("procs", "Processes, sorted, filtered, as a tree, signalled", |o| Ok(Box::new(Procs::new(o)?)))
        .draws(&[v::PROCESS])
        .options(plugin::OPTIONS)
        .list()
        .commands(plugin::COMMANDS)
}

/// How much of a process is kept for its history.
const SPAN: Duration = Duration::from_secs(180);

struct Procs {
    order: ProcessOrder,
    chosen: Vec<ProcessColumn>,
    /// The columns are the usual ones.
    is_usual: bool,
    grouping: Grouping,
    tree: bool,
    /// Whether rows of the tree are folded,
    folded: bool,
    /// except these, which are the other way.
    turned: Vec<ProcessRow>,
    kernel: bool,
    threads: bool,
    user: Option<String>,
    filter: Filter,
    query: Option<Expression>,
    /// What is wrong with the filter.
    problem: Option<String>,
    search: Filter,
    cursor: Cursor<ProcessRow>,
    settled: Settled,
    following: bool,
    marked: Vec<ProcessRow>,
    /// The rows as they were drawn last: what keys and clicks are about.
    drawn: Vec<ProcessRow>,
    /// The row under the cursor with its pid and name, to show it when it has ended.
    held: Option<(ProcessRow, String, String)>,
    menu: Option<(Menu, Picker)>,
    details: Details,
    /// What the border says of the process in the details.
    head: ProcessHeading,
    columns: ProcessColumns,
    /// Rows above the heads: a filter or a search that is being typed.
    above: u16,
    /// How many processes the filter lets through, and how many there are.
    counts: (usize, usize),
}

impl Procs {
    fn new(options: &Options) -> Result<Procs, BuildError> {
        let word = options.get(&SORT);
        let by = match word.as_str() {
            "name" => Some(ProcessColumn::Command),
            word => ProcessColumn::parse(word).filter(|column| column.sorts()),
        };
        let by =
            by.ok_or_else(|| BuildError::new(SORT.spec(), format!("unknown column {word:?}")))?;
        let named = column::parse(&options.get(&COLUMNS));
        let named = named.map_err(|problem| BuildError::new(COLUMNS.spec(), problem))?;
        let is_usual = named.is_empty();
        let chosen = if is_usual { column::usual() } else { named };
        Ok(Procs {
            order: ProcessOrder { by, inverted: false },
            chosen,
            is_usual,
            grouping: Grouping::parse(&options.get(&GROUP)),
            tree: options.get(&TREE),
            folded: options.get(&FOLDED),
            turned: Vec::new(),
            kernel: options.get(&KERNEL),
            threads: options.get(&THREADS),
            user: None,
            filter: Filter::default(),
            query: None,
            problem: None,
            search: Filter::default(),
            cursor: Cursor::default(),
            settled: Settled::default(),
            following: false,
            marked: Vec::new(),
            drawn: Vec::new(),
            held: None,
            menu: None,
            details: Details::default(),
            head: ProcessHeading::default(),
            columns: ProcessColumns::default(),
            above: 0,
            counts: (0, 0),
        })
    }

    fn draw_list(&mut self, view: &View<'_>, rows: &ProcessRows<'_>, on: &mut Canvas<'_>) {
        let grouped = self.grouping() != Grouping::None;
        let several = rows.of_several_sources();
        self.columns =
            ProcessColumns::new(on.width(), &self.chosen, self.is_usual, several, grouped);
        self.columns.head(0, self.order, on);
        if self.drawn.is_empty() && rows.is_filtered() {
            on.put(2, 1, "nothing matches; Esc clears the filter", view.theme.dim);
        }
        let sums = rows.is_filtered() && !self.drawn.is_empty() && on.height() >= 6;
        let height = on.height().saturating_sub(1 + u16::from(sums));
        for (y, at) in (1..).zip(self.cursor.view(self.drawn.len(), height)) {
            let row = &self.drawn[at];
            match (rows.figures(row), &self.held) {
                (Some(figures), _) => self.columns.row(view, rows, row, &figures, y, on),
                (None, Some((held, pid, name))) if held == row => {
                    self.columns.ended(pid, name, y, on);
                }
                _ => continue,
            }
            if self.marked.contains(row) {
                on.set(0, y, '*', view.theme.hot());
            }
            if at == self.cursor.at() && view.focused {
                on.select(y, self.columns.name());
                if self.marked.contains(row) {
                    on.set(1, y, '*', view.theme.hot());
                }
            }
        }
        if sums {
            self.columns.sums(rows, on.height() - 1, on);
        }
    }
}

impl Widget for Procs {
    fn wants(&self) -> Wants {
        let mut want = Selection::kinds(&[v::PROCESS, v::MEMORY, v::HOST]);
        let sorted = [self.order.by];
        for column in self.chosen.iter().chain(&sorted) {
            want.add(v::PROCESS, column.spec().on_demand);
        }
        match self.grouping() {
            Grouping::Container => want.add(v::PROCESS, &[v::CONTAINER.name()]),
            Grouping::Unit => want.add(v::PROCESS, &[v::UNIT.name()]),
            Grouping::None | Grouping::Name => {}
        }
        if let Some(query) = &self.query {
            want.join(&query.selection());
        }
        if self.threads {
            want.add(v::THREAD, &[v::CPU_SECONDS.name()]);
        }
        let keep = |quantity| Keep { kind: v::PROCESS, quantity, each_device: true, span: SPAN };
        let mut history = vec![keep(&v::PERCENT)];
        if self.details.is_open() {
            self.details.want(self.current(), &mut want);
            history.extend([&v::RESIDENT_BYTES, &v::READ_RATE, &v::WRITTEN_RATE].map(keep));
        }
        Wants { want, history }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        self.draw_title(view, area)
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::PROCESS)
    }

    fn selected_device(&mut self, view: &View<'_>) -> Option<(Source, Kind, Arc<str>)> {
        self.process_under_cursor(view)
    }

    fn columns(&self) -> Vec<ColumnChoice> {
        self.column_choices()
    }

    fn toggle_column(&mut self, word: &str, view: &View<'_>) -> Outcome {
        self.turn_column(word, view)
    }

    fn is_typing(&self) -> bool {
        self.filter.is_typing() || self.search.is_typing() || self.menu.is_some()
    }

    fn is_wide(&self) -> bool {
        self.details.is_open()
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let (list, beside) = self.details.split(area);
        let before = list.height;
        let problem = self.problem.as_deref();
        let list = self.filter.draw_above("/", list, buffer, view.theme, problem);
        let list = self.search.draw_above("search", list, buffer, view.theme, None);
        self.above = before - list.height;
        let rows = self.rows(view);
        self.refresh(&rows);
        self.settled.remember(view.now, self.order, &rows);
        let mut on = Canvas::new(buffer, list, view.theme);
        self.draw_list(view, &rows, &mut on);
        self.remember(&rows);
        if let Some((_, menu)) = &mut self.menu {
            menu.draw(&mut on);
        }
        if let Some(at) = beside {
            let row = self.cursor.on().or_else(|| self.drawn.first());
            let of = row.map(|row| rows.of(row)).unwrap_or_default();
            match of.first() {
                Some(process) => self.head = ProcessHeading::of(process),
                None => self.head.end(),
            }
            let mut on = Canvas::new(buffer, at, view.theme);
            self.details.draw(view, &rows, &of, &mut on);
        }
    }

    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        if self.menu.is_some() {
            return self.on_menu(key, view);
        }
        if self.search.is_typing() {
            self.search.on_key(key);
            self.find(view, false);
            return Outcome::Redraw;
        }
        if !self.filter.on_key(key) {
            return Outcome::Ignored;
        }
        self.requery();
        Outcome::Redraw
    }

    fn on_command(&mut self, command: &str, view: &View<'_>) -> Outcome {
        self.settled.press(view.now);
        self.perform(command, view)
    }

    fn on_move(&mut self, to: Move, view: &View<'_>) -> Outcome {
        self.settled.press(view.now);
        self.cursor.on_move(to, &self.drawn);
        Outcome::Redraw
    }

    fn on_escape(&mut self, view: &View<'_>) -> Outcome {
        if self.filter.clear() {
            self.requery();
            self.relist(view);
        } else if self.user.take().is_some() {
            self.relist(view);
        } else if self.details.close() || self.search.clear() {
        } else if self.following || self.cursor.on().is_some() {
            self.following = false;
            self.cursor.release();
        } else {
            return Outcome::Ignored;
        }
        Outcome::Redraw
    }

    fn on_mouse(&mut self, mouse: Mouse, view: &View<'_>) -> Outcome {
        if let Mouse::Click { column, row } = mouse
            && row == self.above
        {
            let Some(by) = self.columns.sorts(column) else { return Outcome::Ignored };
            self.order.choose(by);
            self.relist(view);
            return Outcome::Redraw;
        }
        let moved = self.cursor.on_mouse(mouse, self.above + 1, &self.drawn);
        if moved { Outcome::Redraw } else { Outcome::Ignored }
    }
}
