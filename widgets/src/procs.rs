//! Processes, like top. Only those of this machine can be signalled.
//!
//! ```text
//!     PID USER      CPU%  MEM%   RSS   R/s   W/s   TIME COMMAND
//!   25605 root       1.0   0.1   16M     0     0   0:06 exporter -x :8089
//! ```
//!
//! Keys: `c` `m` `p` `n` sort by processor, memory, pid or name, and once more the other way round;
//! `Tab` groups by name; `/` filters; `dd`, `d3`, `d9` ask to send SIGTERM, SIGQUIT or SIGKILL to the
//! process or group under the cursor. Once the cursor was moved, sorting never moves its row; `Esc`
//! lets go.
//!
//! | option | default | |
//! |---|---|---|
//! | `sort` | `cpu` | what it is sorted by at first: `cpu`, `mem`, `pid` or `name` |
//! | `group` | `false` | whether it is grouped by name at first |

mod rows;

use crate::filter::Filter;
use manytop_core::{
    draw::{
        number::{self, Thousand},
        rows as rows_of,
        table::{self, Column, Cursor, Placed},
        text::{Pen, paint},
    },
    options::{Opt, Options},
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    source::Source,
    view::View,
    vocabulary as v,
    widget::{
        Action, Key, KeyHelp, LocalProcess, Mouse, Outcome, Plugin, Signal, Title, Wants, Widget,
    },
};
use rows::{By, Order, Row, Rows};

static SORT: Opt<String> = Opt::<String>::one_of(
    "sort",
    &["cpu", "mem", "pid", "name"],
    "cpu",
    "What it is sorted by at first",
);
static GROUP: Opt<bool> =
    Opt::<bool>::with_default("group", "false", "Whether it is grouped by name at first");

manytop_core::inventory::submit! {
    Plugin::new("procs", "Processes, sorted, filtered, grouped, signalled", |o| Ok(Box::new(Procs::new(o))))
        .draws(&[v::PROCESS])
        .options(&[SORT.spec(), GROUP.spec()])
        .keys(&[
            KeyHelp { keys: "c m p n", help: "sort by cpu, memory, pid, name; again: the other way" },
            KeyHelp { keys: "Tab", help: "group by name" },
            KeyHelp { keys: "/", help: "filter by name, command or user; Enter keeps, Esc clears" },
            KeyHelp { keys: "dd d3 d9", help: "send SIGTERM, SIGQUIT, SIGKILL, after asking" },
        ])
}

const HOST: usize = 0;
const PID: usize = 1;
const USER: usize = 2;
const CPU: usize = 3;
const MEM: usize = 4;
const RSS: usize = 5;
const READ: usize = 6;
const WRITTEN: usize = 7;
const TIME: usize = 8;
const COMMAND: usize = 9;

const COLUMNS: [Column; 10] = [
    Column::left("HOST", 8, 4),
    Column::right("PID", 7, 0),
    Column::left("USER", 8, 3),
    Column::right("CPU%", 5, 0),
    Column::right("MEM%", 5, 1),
    Column::right("RSS", 5, 2),
    Column::right("R/s", 5, 6),
    Column::right("W/s", 5, 6),
    Column::right("TIME", 6, 5),
    Column::left("COMMAND", 12, 0).flexible(),
];

struct Procs {
    order: Order,
    grouped: bool,
    filter: Filter,
    cursor: Cursor<Row>,
    /// `d` was pressed, and the signal is still to come.
    asking: bool,
    /// The rows as they were drawn last: what keys and clicks are about.
    drawn: Vec<Row>,
    /// There is room for what is dear to read.
    with_traffic: bool,
}

impl Procs {
    fn new(options: &Options) -> Procs {
        let by = match options.get(&SORT).as_str() {
            "mem" => By::Memory,
            "pid" => By::Pid,
            "name" => By::Name,
            _ => By::Cpu,
        };
        Procs {
            order: Order { by, inverted: false },
            grouped: options.get(&GROUP),
            filter: Filter::default(),
            cursor: Cursor::default(),
            asking: false,
            drawn: Vec::new(),
            with_traffic: false,
        }
    }

    fn rows<'a>(&self, view: &View<'a>) -> Rows<'a> {
        Rows::new(view, &self.filter, self.grouped)
    }

    /// A person wants another order: the cursor goes with its row.
    fn sort(&mut self, view: &View<'_>) {
        self.drawn = self.rows(view).sorted(self.order);
        self.cursor.follow(&self.drawn);
    }

    fn signal(&mut self, signal: Signal, view: &View<'_>) -> Outcome {
        let rows = self.rows(view);
        let on = self.cursor.on().or_else(|| self.drawn.first());
        let all = on.map(|row| rows.of(row)).unwrap_or_default();
        let of_this_machine = all.iter().filter(|p| p.source.source == Source::Local);
        let processes: Vec<LocalProcess> = of_this_machine
            .filter_map(|p| {
                let name = p.device.text(&v::NAME).unwrap_or("?").to_owned();
                Some(LocalProcess { pid: p.pid?, started: p.device.epoch, name })
            })
            .collect();
        Outcome::Act(if processes.is_empty() {
            Action::Say("only processes of this machine can be signalled".into())
        } else {
            Action::Signal(signal, processes)
        })
    }
}

impl Widget for Procs {
    fn wants(&self) -> Wants {
        let mut want = Want::kinds(&[v::PROCESS, v::MEMORY]);
        if self.with_traffic {
            want.add(v::PROCESS, &[v::READ_BYTES.name(), v::WRITTEN_BYTES.name()]);
        }
        Wants { want, ..Wants::default() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let mut left = if self.grouped { "procs by name and " } else { "procs by " }.to_owned();
        left.push_str(self.order.word());
        if let Some(text) = self.filter.text() {
            left.push_str("  /");
            left.push_str(text);
        }
        if self.asking {
            return Title::new(left).right("d SIGTERM  3 SIGQUIT  9 SIGKILL");
        }
        let all = if self.grouped || self.filter.text().is_some() {
            self.rows(view).len()
        } else {
            view.devices(v::PROCESS).count()
        };
        if all == 0 {
            return Title::new(left);
        }
        let room = usize::from(area.height.saturating_sub(1 + u16::from(self.filter.is_typing())));
        let first = self.cursor.offset().min(all.saturating_sub(room));
        let last = (first + room).min(all);
        Title::new(left).right(format!("{}-{last} of {all}", first + 1))
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::PROCESS)
    }

    fn is_typing(&self) -> bool {
        self.filter.is_typing()
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let area = self.filter.draw(area, buffer, view.theme, None);
        let rows = self.rows(view);
        self.drawn = rows.sorted(self.order);
        self.cursor.hold(&mut self.drawn);
        let mut columns = COLUMNS;
        if !rows.of_several_sources() {
            // A column that never fits.
            columns[HOST].width = u16::MAX;
            columns[HOST].gives_way = u8::MAX;
        }
        if self.grouped {
            columns[PID].title = "COUNT";
        }
        let placed = table::place(&columns, area.width);
        self.with_traffic = placed.iter().any(|p| p.index == READ);
        let sorted_by = match self.order.by {
            By::Cpu => CPU,
            By::Memory => MEM,
            By::Pid => PID,
            By::Name => COMMAND,
        };
        let heading = |column| {
            if column == sorted_by { view.theme.heading() } else { view.theme.dim() }
        };
        table::headings(&mut Pen::new(buffer, area, 0), &columns, &placed, heading);
        let list = rows_of(area, 1, area.height);
        for (line, at) in self.cursor.view(self.drawn.len(), list.height).enumerate() {
            let line = line as u16;
            draw_row(view, &rows, &self.drawn[at], &placed, &mut Pen::new(buffer, list, line));
            if at == self.cursor.at() && view.focused {
                paint(buffer, list, line, view.theme.cursor());
            }
        }
    }

    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        if self.filter.on_key(key) {
            self.asking = false;
            return Outcome::Redraw;
        }
        if std::mem::take(&mut self.asking) {
            match key {
                Key::Char('d') => return self.signal(Signal::Terminate, view),
                Key::Char('3') => return self.signal(Signal::Quit, view),
                Key::Char('9') => return self.signal(Signal::Kill, view),
                _ => {}
            }
        }
        let by = match key {
            Key::Char('c') => Some(By::Cpu),
            Key::Char('m') => Some(By::Memory),
            Key::Char('p') => Some(By::Pid),
            Key::Char('n') => Some(By::Name),
            _ => None,
        };
        match key {
            _ if by.is_some() => {
                self.order.choose(by.unwrap_or(self.order.by));
                self.sort(view);
            }
            Key::Tab => {
                self.grouped = !self.grouped;
                self.cursor.release();
                self.sort(view);
            }
            Key::Char('d') => self.asking = true,
            Key::Esc if self.cursor.on().is_some() => self.cursor.release(),
            _ if self.cursor.on_key(key, &self.drawn) => {}
            _ => return Outcome::Ignored,
        }
        Outcome::Redraw
    }

    fn on_mouse(&mut self, mouse: Mouse, _: &View<'_>) -> Outcome {
        self.asking = false;
        let moved = self.cursor.on_mouse(mouse, 1, &self.drawn);
        if moved { Outcome::Redraw } else { Outcome::Ignored }
    }
}

fn draw_row(view: &View<'_>, rows: &Rows<'_>, row: &Row, placed: &[Placed], pen: &mut Pen<'_>) {
    let theme = view.theme;
    let (plain, dim) = (theme.plain(), theme.dim());
    let Some(figures) = rows.figures(row) else { return };
    let first = figures.first;
    let old = figures.old;
    let number = |pen: &mut Pen<'_>, value: Option<f64>, show: &dyn Fn(f64) -> number::Figure| {
        let style: Style = if value.unwrap_or(0.0) == 0.0 { dim } else { plain };
        let figure = value.map_or_else(number::Figure::unknown, show).aged(old);
        pen.right(pen.left(), &figure, style);
    };
    table::row(pen, placed, |column, pen| match column {
        HOST => _ = pen.middle(pen.left(), first.source.source.name(), plain),
        PID if figures.count > 1 || rows.grouped() => {
            number(pen, Some(figures.count as f64), &number::count);
        }
        PID => _ = pen.right(pen.left(), &first.device.name, plain),
        USER => _ = pen.column(pen.left(), first.device.text(&v::USER).unwrap_or("-"), plain),
        CPU => number(pen, figures.percent, &number::percent_fine),
        MEM => number(pen, figures.memory, &number::percent_fine),
        RSS => number(pen, figures.bytes, &|b| number::short(b, Thousand::Binary)),
        READ => number(pen, figures.read, &|r| number::rate(r, false)),
        WRITTEN => number(pen, figures.written, &|r| number::rate(r, false)),
        TIME => number(pen, figures.seconds, &number::work),
        COMMAND => _ = pen.text(rows.words(row, first), plain),
        _ => {}
    });
}
