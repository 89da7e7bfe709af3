//! The columns of the table of hosts: how wide, which give way first, and what each is sorted by.

use super::{
    cells::{has_word, used},
    chosen::table,
    order::Sort,
};
use manytop_plugin::{
    draw::{Canvas, Place, table::Align, text},
    host_metric::HostMetric,
    view::{HOST_COLORS, SourceView, View},
};

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    Sign,
    /// The colour of the host in the graphs of all hosts.
    Mark,
    Host,
    Group,
    State,
    Age,
    Why,
    Cpu,
    History,
    Memory,
    Used,
    Disk,
    Fullest,
    Received,
    Sent,
    Celsius,
    Load,
    Up,
}

/// A column of a table; a sign may stand in the first cell of the gap behind it.
#[derive(Clone, Copy, Debug)]
pub struct Column<I> {
    pub id: I,
    pub head: &'static str,
    pub width: u16,
    /// Blanks before it.
    pub gap: u16,
    pub align: Align,
    /// The columns of the highest number are dropped first, together; those of 0 never are.
    pub drops: u8,
}

/// A column of numbers.
pub const fn right<I>(id: I, head: &'static str, width: u16, gap: u16, drops: u8) -> Column<I> {
    Column { id, head, width, gap, align: Align::Right, drops }
}

/// A column of names.
pub const fn left<I>(id: I, head: &'static str, width: u16, gap: u16, drops: u8) -> Column<I> {
    Column { id, head, width, gap, align: Align::Left, drops }
}

/// A column where it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Placed<I> {
    pub column: Column<I>,
    pub at: Place,
}

/// At most so many hosts: figures first, the reason at the end.
pub const FEW: [Column<Id>; 18] = [
    left(Id::Sign, "", 1, 0, 0),
    left(Id::Mark, "", 1, 1, 0),
    left(Id::Host, "HOST", 9, 1, 0),
    left(Id::Group, "GROUP", 0, 2, 13),
    left(Id::State, "STATE", 6, 1, 2),
    right(Id::Age, "AGE", 4, 0, 3),
    right(Id::Cpu, "CPU%", 4, 2, 4),
    left(Id::History, "", 16, 2, 7),
    right(Id::Memory, "MEM%", 4, 2, 5),
    right(Id::Used, "USED", 9, 2, 14),
    right(Id::Disk, "DISK%", 5, 2, 6),
    left(Id::Fullest, "FULLEST", 7, 2, 8),
    right(Id::Received, "RX/s", 4, 2, 9),
    right(Id::Sent, "TX/s", 4, 2, 9),
    right(Id::Celsius, "°C", 3, 2, 11),
    right(Id::Load, "LOAD", 4, 2, 10),
    right(Id::Up, "UP", 4, 2, 12),
    left(Id::Why, "WHY", 0, 2, 1),
];

/// A fleet: the reason first, then the figures.
pub const FLEET: [Column<Id>; 16] = [
    left(Id::Sign, "", 1, 0, 0),
    left(Id::Host, "HOST", 9, 1, 0),
    left(Id::Group, "GROUP", 0, 2, 13),
    left(Id::State, "STATE", 6, 1, 2),
    right(Id::Age, "AGE", 4, 0, 3),
    left(Id::Why, "WHY", 4, 2, 1),
    right(Id::Cpu, "CPU%", 4, 1, 4),
    left(Id::History, "", 12, 2, 7),
    right(Id::Memory, "MEM%", 4, 2, 5),
    right(Id::Disk, "DISK%", 5, 2, 6),
    left(Id::Fullest, "FULLEST", 7, 2, 8),
    right(Id::Received, "RX/s", 4, 2, 9),
    right(Id::Sent, "TX/s", 4, 2, 9),
    right(Id::Load, "LOAD", 5, 2, 10),
    right(Id::Celsius, "°C", 3, 2, 11),
    right(Id::Up, "UP", 4, 2, 12),
];

/// How wide the reason gets before the history of a fleet's hosts does.
const WIDE_WHY: u16 = 46;
/// How wide that history gets.
const WIDE_HISTORY: u16 = 24;

/// What a column is sorted by; none for a column that cannot be.
pub const fn sort(column: Id) -> Option<Sort> {
    Some(match column {
        Id::Host => Sort::Name,
        Id::Group => Sort::Tag,
        Id::Sign | Id::State | Id::Why => Sort::Worst,
        Id::Age => Sort::Metric(HostMetric::Age),
        Id::Cpu | Id::History => Sort::Metric(HostMetric::Cpu),
        Id::Memory | Id::Used => Sort::Metric(HostMetric::Memory),
        Id::Disk | Id::Fullest => Sort::Metric(HostMetric::Disk),
        Id::Received => Sort::Metric(HostMetric::Received),
        Id::Sent => Sort::Metric(HostMetric::Sent),
        Id::Celsius => Sort::Metric(HostMetric::Celsius),
        Id::Load => Sort::Metric(HostMetric::Load),
        Id::Up => Sort::Metric(HostMetric::Uptime),
        Id::Mark => return None,
    })
}

/// Whether the `▼` of an order is in the head of this column: one column for each order.
pub fn shows(column: Id, order: Sort) -> bool {
    let second = matches!(column, Id::Sign | Id::State | Id::History | Id::Used | Id::Fullest);
    !second && sort(column) == Some(order)
}

/// The columns, the usual ones or those that were chosen, as wide as the rows in view need them, and those
/// that fit.
pub fn placed(
    view: &View<'_>,
    shown: &[&SourceView],
    name: impl Fn(&SourceView) -> String,
    (width, chosen): (u16, &[Id]),
) -> Vec<Placed<Id>> {
    let few = view.count() <= HOST_COLORS;
    let mut columns = table(few, chosen);
    for column in &mut columns {
        match column.id {
            Id::Host => {
                let names = shown.iter().map(|s| name(s) + s.mark());
                let widest = names.map(|n| text::width(&n)).max().unwrap_or(0);
                column.width = widest.clamp(5, (width / 5).clamp(5, 32));
            }
            Id::Group => {
                let tags = shown.iter().filter_map(|s| s.tags.first());
                let widest = tags.map(|tag| text::width(tag)).max().unwrap_or(0);
                column.width = if widest > 0 { widest.clamp(5, 10) } else { 0 };
            }
            Id::State => {
                let words = shown.iter().map(|s| text::width(s.state(view.now).word()));
                column.width = words.max().unwrap_or(0).clamp(6, 8);
            }
            Id::Why if shown.iter().any(|s| has_word(view, s)) => {
                column.width = match width {
                    130.. => 30,
                    100.. => 24,
                    _ => (width / 3).max(12),
                };
            }
            Id::Fullest => {
                let disks = shown.iter().filter_map(|s| s.summary.disk.as_ref());
                let widest = disks.map(|(name, _)| text::width(name)).max().unwrap_or(0);
                column.width = widest.clamp(7, 14);
            }
            Id::Used => {
                let widest = shown.iter().filter_map(|s| used(s)).map(|u| text::width(&u)).max();
                column.width = widest.unwrap_or(0).clamp(8, 11);
            }
            Id::Celsius if view.settings.fahrenheit => column.head = "°F",
            _ => {}
        }
    }
    columns.retain(|c| c.id != Id::Group || c.width > 0);
    let spare = keep(&mut columns, width);
    let widen = |columns: &mut [Column<Id>], id: Id, most: u16, spare: u16| {
        let Some(column) = columns.iter_mut().find(|c| c.id == id) else { return spare };
        let more = most.saturating_sub(column.width).min(spare);
        column.width += more;
        spare - more
    };
    if few {
        widen(&mut columns, Id::Why, u16::MAX, spare);
    } else {
        let spare = widen(&mut columns, Id::Why, WIDE_WHY, spare);
        let spare = widen(&mut columns, Id::History, WIDE_HISTORY, spare);
        widen(&mut columns, Id::Why, u16::MAX, spare);
    }
    lay(&columns)
}

/// Drops what does not fit into a row of that width; its first and last cells stay blank. Returns how
/// many columns are left over.
pub fn keep<I>(columns: &mut Vec<Column<I>>, width: u16) -> u16 {
    let taken = |columns: &[Column<I>]| columns.iter().map(|c| c.width + c.gap).sum::<u16>();
    let width = width.saturating_sub(2);
    while taken(columns) > width {
        let first = columns.iter().map(|c| c.drops).max().unwrap_or(0);
        if first == 0 {
            break;
        }
        columns.retain(|c| c.drops < first);
    }
    width.saturating_sub(taken(columns))
}

/// Places columns beside each other, from the second cell on.
pub fn lay<I: Copy>(columns: &[Column<I>]) -> Vec<Placed<I>> {
    let mut x = 1;
    let place = |column: &Column<I>| {
        let at = Place { x: x + column.gap, width: column.width };
        x = at.x + at.width;
        Placed { column: *column, at }
    };
    columns.iter().map(place).collect()
}

/// Draws the heads; `sorted` says whether the rows are sorted by a column, and whether in reverse.
pub fn heads<I: Copy>(
    on: &mut Canvas<'_>,
    y: u16,
    placed: &[Placed<I>],
    sorted: impl Fn(I) -> Option<bool>,
) {
    for Placed { column, at } in placed {
        if at.width >= text::width(column.head) {
            on.head(y, *at, column.head, column.align, sorted(column.id));
        }
    }
}
