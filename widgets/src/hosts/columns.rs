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
pub enum HostColumnId {
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
pub struct HostColumn<I> {
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
pub const fn right<I>(id: I, head: &'static str, width: u16, gap: u16, drops: u8) -> HostColumn<I> {
    HostColumn { id, head, width, gap, align: Align::Right, drops }
}

/// A column of names.
pub const fn left<I>(id: I, head: &'static str, width: u16, gap: u16, drops: u8) -> HostColumn<I> {
    HostColumn { id, head, width, gap, align: Align::Left, drops }
}

/// A column where it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct PlacedHostColumn<I> {
    pub column: HostColumn<I>,
    pub at: Place,
}

/// At most so many hosts: figures first, the reason at the end.
pub const FEW: [HostColumn<HostColumnId>; 18] = [
    left(HostColumnId::Sign, "", 1, 0, 0),
    left(HostColumnId::Mark, "", 1, 1, 0),
    left(HostColumnId::Host, "HOST", 9, 1, 0),
    left(HostColumnId::Group, "GROUP", 0, 2, 13),
    left(HostColumnId::State, "STATE", 6, 1, 2),
    right(HostColumnId::Age, "AGE", 4, 0, 3),
    right(HostColumnId::Cpu, "CPU%", 4, 2, 4),
    left(HostColumnId::History, "", 16, 2, 7),
    right(HostColumnId::Memory, "MEM%", 4, 2, 5),
    right(HostColumnId::Used, "USED", 9, 2, 14),
    right(HostColumnId::Disk, "DISK%", 5, 2, 6),
    left(HostColumnId::Fullest, "FULLEST", 7, 2, 8),
    right(HostColumnId::Received, "RX/s", 4, 2, 9),
    right(HostColumnId::Sent, "TX/s", 4, 2, 9),
    right(HostColumnId::Celsius, "°C", 3, 2, 11),
    right(HostColumnId::Load, "LOAD", 4, 2, 10),
    right(HostColumnId::Up, "UP", 4, 2, 12),
    left(HostColumnId::Why, "WHY", 0, 2, 1),
];

/// A fleet: the reason first, then the figures.
pub const FLEET: [HostColumn<HostColumnId>; 16] = [
    left(HostColumnId::Sign, "", 1, 0, 0),
    left(HostColumnId::Host, "HOST", 9, 1, 0),
    left(HostColumnId::Group, "GROUP", 0, 2, 13),
    left(HostColumnId::State, "STATE", 6, 1, 2),
    right(HostColumnId::Age, "AGE", 4, 0, 3),
    left(HostColumnId::Why, "WHY", 4, 2, 1),
    right(HostColumnId::Cpu, "CPU%", 4, 1, 4),
    left(HostColumnId::History, "", 12, 2, 7),
    right(HostColumnId::Memory, "MEM%", 4, 2, 5),
    right(HostColumnId::Disk, "DISK%", 5, 2, 6),
    left(HostColumnId::Fullest, "FULLEST", 7, 2, 8),
    right(HostColumnId::Received, "RX/s", 4, 2, 9),
    right(HostColumnId::Sent, "TX/s", 4, 2, 9),
    right(HostColumnId::Load, "LOAD", 5, 2, 10),
    right(HostColumnId::Celsius, "°C", 3, 2, 11),
    right(HostColumnId::Up, "UP", 4, 2, 12),
];

/// How wide the reason gets before the history of a fleet's hosts does.
const WIDE_WHY: u16 = 46;
/// How wide that history gets.
const WIDE_HISTORY: u16 = 24;

/// What a column is sorted by; none for a column that cannot be.
pub const fn sort(column: HostColumnId) -> Option<Sort> {
    Some(match column {
        HostColumnId::Host => Sort::Name,
        HostColumnId::Group => Sort::Tag,
        HostColumnId::Sign | HostColumnId::State | HostColumnId::Why => Sort::Worst,
        HostColumnId::Age => Sort::Metric(HostMetric::Age),
        HostColumnId::Cpu | HostColumnId::History => Sort::Metric(HostMetric::Cpu),
        HostColumnId::Memory | HostColumnId::Used => Sort::Metric(HostMetric::Memory),
        HostColumnId::Disk | HostColumnId::Fullest => Sort::Metric(HostMetric::Disk),
        HostColumnId::Received => Sort::Metric(HostMetric::Received),
        HostColumnId::Sent => Sort::Metric(HostMetric::Sent),
        HostColumnId::Celsius => Sort::Metric(HostMetric::Celsius),
        HostColumnId::Load => Sort::Metric(HostMetric::Load),
        HostColumnId::Up => Sort::Metric(HostMetric::Uptime),
        HostColumnId::Mark => return None,
    })
}

/// Whether the `▼` of an order is in the head of this column: one column for each order.
pub fn shows(column: HostColumnId, order: Sort) -> bool {
    let second = matches!(
        column,
        HostColumnId::Sign
            | HostColumnId::State
            | HostColumnId::History
            | HostColumnId::Used
            | HostColumnId::Fullest
    );
    !second && sort(column) == Some(order)
}

/// The columns, the usual ones or those that were chosen, as wide as the rows in view need them, and those
/// that fit.
pub fn placed(
    view: &View<'_>,
    shown: &[&SourceView],
    name: impl Fn(&SourceView) -> String,
    (width, chosen): (u16, &[HostColumnId]),
) -> Vec<PlacedHostColumn<HostColumnId>> {
    let few = view.count() <= HOST_COLORS;
    let mut columns = table(few, chosen);
    for column in &mut columns {
        match column.id {
            HostColumnId::Host => {
                let names = shown.iter().map(|s| name(s) + s.mark());
                let widest = names.map(|n| text::width(&n)).max().unwrap_or(0);
                column.width = widest.clamp(5, (width / 5).clamp(5, 32));
            }
            HostColumnId::Group => {
                let tags = shown.iter().filter_map(|s| s.tags.first());
                let widest = tags.map(|tag| text::width(tag)).max().unwrap_or(0);
                column.width = if widest > 0 { widest.clamp(5, 10) } else { 0 };
            }
            HostColumnId::State => {
                let words = shown.iter().map(|s| text::width(s.state(view.now).word()));
                column.width = words.max().unwrap_or(0).clamp(6, 8);
            }
            HostColumnId::Why if shown.iter().any(|s| has_word(view, s)) => {
                column.width = match width {
                    130.. => 30,
                    100.. => 24,
                    _ => (width / 3).max(12),
                };
            }
            HostColumnId::Fullest => {
                let disks = shown.iter().filter_map(|s| s.summary.disk.as_ref());
                let widest = disks.map(|(name, _)| text::width(name)).max().unwrap_or(0);
                column.width = widest.clamp(7, 14);
            }
            HostColumnId::Used => {
                let widest = shown.iter().filter_map(|s| used(s)).map(|u| text::width(&u)).max();
                column.width = widest.unwrap_or(0).clamp(8, 11);
            }
            HostColumnId::Celsius if view.settings.fahrenheit => column.head = "°F",
            _ => {}
        }
    }
    columns.retain(|c| c.id != HostColumnId::Group || c.width > 0);
    let spare = keep(&mut columns, width);
    let widen =
        |columns: &mut [HostColumn<HostColumnId>], id: HostColumnId, most: u16, spare: u16| {
            let Some(column) = columns.iter_mut().find(|c| c.id == id) else { return spare };
            let more = most.saturating_sub(column.width).min(spare);
            column.width += more;
            spare - more
        };
    if few {
        widen(&mut columns, HostColumnId::Why, u16::MAX, spare);
    } else {
        let spare = widen(&mut columns, HostColumnId::Why, WIDE_WHY, spare);
        let spare = widen(&mut columns, HostColumnId::History, WIDE_HISTORY, spare);
        widen(&mut columns, HostColumnId::Why, u16::MAX, spare);
    }
    lay(&columns)
}

/// Drops what does not fit into a row of that width; its first and last cells stay blank. Returns how
/// many columns are left over.
pub fn keep<I>(columns: &mut Vec<HostColumn<I>>, width: u16) -> u16 {
    let taken = |columns: &[HostColumn<I>]| columns.iter().map(|c| c.width + c.gap).sum::<u16>();
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
pub fn lay<I: Copy>(columns: &[HostColumn<I>]) -> Vec<PlacedHostColumn<I>> {
    let mut x = 1;
    let place = |column: &HostColumn<I>| {
        let at = Place { x: x + column.gap, width: column.width };
        x = at.x + at.width;
        PlacedHostColumn { column: *column, at }
    };
    columns.iter().map(place).collect()
}

/// Draws the heads; `sorted` says whether the rows are sorted by a column, and whether in reverse.
pub fn heads<I: Copy>(
    on: &mut Canvas<'_>,
    y: u16,
    placed: &[PlacedHostColumn<I>],
    sorted: impl Fn(I) -> Option<bool>,
) {
    for PlacedHostColumn { column, at } in placed {
        if at.width >= text::width(column.head) {
            on.head(y, *at, column.head, column.align, sorted(column.id));
        }
    }
}
