//! The list of processes as it is drawn: which columns fit, their heads, and a row.

use super::{
    column::{HISTORY, ProcessColumn},
    members::RowFigures,
    rows::{ProcessOrder, ProcessRow, ProcessRows},
};
use crate::series::Samples;
use manytop_plugin::{
    draw::{Canvas, Place, compact, number},
    ratatui_core::{layout::Rect, style::Modifier, style::Style},
    view::View,
    vocabulary as v,
};

/// A command of fewer cells says too little: then columns give way.
const COMMAND: u16 = 22;
/// The same where the columns were chosen.
const COMMAND_CHOSEN: u16 = 10;

/// The columns that fit, and where they are.
#[derive(Clone, Default)]
pub struct ProcessColumns {
    placed: Vec<(ProcessColumn, Place)>,
    /// Where the command begins, and its width.
    command: Place,
    grouped: bool,
}

impl ProcessColumns {
    /// The columns for a width. Those that matter least go first.
    pub fn new(
        width: u16,
        chosen: &[ProcessColumn],
        is_default: bool,
        of_several: bool,
        grouped: bool,
    ) -> ProcessColumns {
        let least = if is_default { COMMAND } else { COMMAND_CHOSEN };
        let mut kept: Vec<ProcessColumn> = chosen.to_vec();
        kept.retain(|c| *c != ProcessColumn::Host || of_several);
        let cost = |c: &ProcessColumn| match c {
            ProcessColumn::Command => c.spec().gap + least,
            c => c.spec().gap + c.spec().width,
        };
        while 1 + kept.iter().map(cost).sum::<u16>() > width {
            let first = kept.iter().map(|c| c.spec().drops).max().unwrap_or(0);
            if first == 0 {
                break;
            }
            kept.retain(|c| c.spec().drops < first);
        }
        let others: u16 = kept.iter().filter(|c| **c != ProcessColumn::Command).map(cost).sum();
        let mut x = 1;
        let mut columns = ProcessColumns { grouped, ..ProcessColumns::default() };
        for column in kept {
            let spec = column.spec();
            let wide = match column {
                ProcessColumn::Command => width.saturating_sub(1 + others + spec.gap),
                _ => spec.width,
            };
            let place = Place { x: x + if x == 1 { 0 } else { spec.gap }, width: wide };
            if column == ProcessColumn::Command {
                columns.command = place;
            }
            x = place.x + place.width;
            columns.placed.push((column, place));
        }
        columns
    }

    /// How many rows of the list an area shows.
    pub fn rows(&self, area: Rect) -> u16 {
        area.height.saturating_sub(1)
    }

    /// The columns of the command, for the mark of the cursor.
    pub fn name(&self) -> std::ops::Range<u16> {
        self.command.x..self.command.x + self.command.width
    }

    /// The column that a click on a head sorts by.
    pub fn sorts(&self, x: u16) -> Option<ProcessColumn> {
        let on = |at: &Place| (at.x..at.x + at.width + 1).contains(&x);
        let found = self.placed.iter().find(|(_, at)| on(at)).map(|(column, _)| *column);
        found.filter(|column| column.sorts())
    }

    /// Draws the heads.
    pub fn head(&self, y: u16, order: ProcessOrder, on: &mut Canvas<'_>) {
        for (column, place) in &self.placed {
            let spec = column.spec();
            let head = match (self.grouped, column) {
                (true, ProcessColumn::Pid) => "COUNT",
                _ => spec.head,
            };
            let sorted = (order.by == *column).then_some(order.inverted);
            on.head(y, *place, head, spec.align, sorted);
        }
    }

    /// Draws a row.
    pub fn row(
        &self,
        view: &View<'_>,
        rows: &ProcessRows<'_>,
        row: &ProcessRow,
        figures: &RowFigures<'_, '_>,
        y: u16,
        on: &mut Canvas<'_>,
    ) {
        for (column, place) in &self.placed {
            match column {
                ProcessColumn::Command => self.command(view, rows, row, figures, y, on),
                ProcessColumn::History if figures.count == 1 => {
                    self.spark(view, figures, (place.x, y), on);
                }
                column => {
                    let place = Rect::new(place.x, y, place.width, 1);
                    self.cell(view, *column, place, row, figures, on);
                }
            }
        }
    }

    fn cell(
        &self,
        view: &View<'_>,
        column: ProcessColumn,
        Rect { x, y, width, .. }: Rect,
        row: &ProcessRow,
        figures: &RowFigures<'_, '_>,
        on: &mut Canvas<'_>,
    ) {
        use ProcessColumn as C;
        let theme = view.theme;
        let first = &figures.first;
        if column.is_text() {
            if !row.is_process() && column != C::Host {
                return;
            }
            if column == C::State {
                let (letter, style) = state(column.text(first), theme);
                return on.set(x, y, letter, style);
            }
            let style = if column == C::Host { theme.text } else { theme.dim };
            _ = on.column(x, y, width, column.text(first), style);
            return;
        }
        let value = match column {
            C::Pid if !row.is_process() => Some(figures.count as f64),
            C::Pid => first.pid.map(f64::from),
            column => figures.value(column),
        };
        let denied = match column {
            C::Read | C::Written => first.is_denied("io"),
            C::Received | C::Sent => first.is_denied("network"),
            C::Proportional => first.is_denied("pss"),
            _ => false,
        };
        let strong = |strong: bool| if strong { theme.text } else { theme.dim };
        let Some(value) = value else {
            let unknown = match column {
                _ if denied => "·",
                C::Cpu | C::Read | C::Written | C::Received | C::Sent | C::Proportional => "-",
                _ => "",
            };
            _ = on.number(x, y, width, unknown, theme.dim);
            return;
        };
        let (text, style) = match column {
            C::Cpu => (
                compact::process(value).to_string(),
                match () {
                    () if first.old => theme.stale,
                    () if value >= 1.0 => theme.hi,
                    () => theme.dim,
                },
            ),
            C::Memory => match value {
                v if v < 0.05 => ("0".to_owned(), theme.dim),
                v => (format!("{v:.1}"), strong(v >= 0.1)),
            },
            C::Resident | C::Proportional | C::Swap => {
                (compact::memory(value).to_string(), strong(value >= 1e8))
            }
            C::Read | C::Written | C::Received | C::Sent => {
                _ = on.rate(x, y, width, Some(value));
                return;
            }
            C::Age => (compact::age(value).to_string(), theme.dim),
            C::Time => (number::work(value).to_string(), theme.dim),
            C::Nice => (format!("{value:.0}"), strong(value != 0.0)),
            _ => (format!("{value:.0}"), theme.dim),
        };
        on.number(x, y, width, &text, style);
    }

    fn command(
        &self,
        view: &View<'_>,
        rows: &ProcessRows<'_>,
        row: &ProcessRow,
        figures: &RowFigures<'_, '_>,
        y: u16,
        on: &mut Canvas<'_>,
    ) {
        let theme = view.theme;
        let end = self.command.x + self.command.width;
        let busy = figures.value(ProcessColumn::Cpu).is_some_and(|percent| percent >= 1.0);
        let room = |x: u16| end.saturating_sub(x);
        let mut x = self.command.x;
        for branch in row.branches() {
            x = on.column(x, y, room(x), branch, theme.line);
        }
        if row.hidden > 0 {
            x = on.column(x, y, room(x), &format!("+{} ", row.hidden), theme.key);
        }
        let words = rows.words(row, figures.first);
        let (name, arguments) = words.split_once(' ').unwrap_or((words, ""));
        // the folder of a program says less than its name; a name alone may have a slash: ksoftirqd/0
        let is_path = row.is_process() && figures.first.has_command();
        let file = name.rsplit('/').next().filter(|file| is_path && !file.is_empty());
        let name = file.unwrap_or(name);
        let underline = |style: Style| match rows.is_filtered() && row.depth > 0 {
            true => style.add_modifier(Modifier::UNDERLINED),
            false => style,
        };
        let style = match () {
            () if row.is_context => theme.dim,
            () if figures.first.owner.is_some() || figures.first.is_of_kernel() => theme.dim,
            () if busy => underline(theme.hi),
            () => underline(theme.text),
        };
        let x = on.column(x, y, room(x), name, style);
        if !arguments.is_empty() && x + 3 < end {
            on.column(x + 1, y, room(x + 1), arguments, theme.dim);
        }
    }

    /// A row of a process that has ended while the cursor was on it.
    pub fn ended(&self, pid: &str, name: &str, y: u16, on: &mut Canvas<'_>) {
        let theme = on.theme;
        for (column, Place { x, width }) in &self.placed {
            match column {
                ProcessColumn::Pid => _ = on.number(*x, y, *width, pid, theme.dim),
                ProcessColumn::Command => {
                    let x = on.column(*x, y, *width, "x ended ", theme.crit);
                    let room = (self.command.x + self.command.width).saturating_sub(x);
                    on.column(x, y, room, name, theme.dim);
                }
                _ => {}
            }
        }
    }

    /// The sums of what the filter lets through.
    pub fn sums(&self, rows: &ProcessRows<'_>, y: u16, on: &mut Canvas<'_>) {
        let theme = on.theme;
        let first = self.placed.iter().find(|(column, _)| column.adds_up()).map(|(_, at)| at.x);
        on.column(1, y, first.unwrap_or(0).saturating_sub(2), "sum of matches", theme.dim);
        for (column, Place { x, width }) in &self.placed {
            let Some(sum) = rows.sum(*column) else { continue };
            use ProcessColumn as C;
            let text = match column {
                C::Cpu => compact::process(sum).to_string(),
                C::Memory => format!("{sum:.1}"),
                C::Resident | C::Proportional | C::Swap => compact::memory(sum).to_string(),
                C::Read | C::Written | C::Received | C::Sent => compact::bytes(sum).to_string(),
                C::Time => number::work(sum).to_string(),
                _ => format!("{sum:.0}"),
            };
            let style = if *column == C::Cpu { theme.strong() } else { theme.text };
            on.number(*x, y, *width, &text, style);
        }
    }

    /// The history, as high as one core; the colour is the share of the machine.
    fn spark(
        &self,
        view: &View<'_>,
        figures: &RowFigures<'_, '_>,
        (x, y): (u16, u16),
        on: &mut Canvas<'_>,
    ) {
        let theme = view.theme;
        let first = figures.first;
        if first.owner.is_some() {
            return;
        }
        let of = (v::PROCESS, &v::PERCENT);
        let samples = Samples::device(view, first.source, of, &first.device.name, HISTORY);
        let percent = figures.value(ProcessColumn::Cpu).unwrap_or(0.0);
        let cores = (first.source.summary.cores as f64).max(1.0);
        let style = match percent < 0.05 {
            true => theme.faint,
            false => theme.ramp(100.0 * (percent / (100.0 * cores)).sqrt()),
        };
        on.spark(x, y, HISTORY, samples.trace(), 100.0, style.into());
    }
}

/// The letter of a state, and its style.
fn state(word: &str, theme: &manytop_plugin::theme::Theme) -> (char, Style) {
    match word {
        "running" => ('R', theme.hi),
        "disk sleep" => ('D', theme.stale.add_modifier(Modifier::BOLD)),
        "zombie" => ('Z', theme.crit.add_modifier(Modifier::BOLD)),
        "stopped" | "traced" => ('T', theme.stale),
        "idle" => ('I', theme.dim),
        "" => (' ', theme.dim),
        _ => ('S', theme.dim),
    }
}
