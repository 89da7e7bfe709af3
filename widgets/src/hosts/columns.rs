//! The columns of the table of hosts: how wide, which give way first, and what each is sorted by.

use super::order::Sort;
use manytop_core::{
    draw::table::{self, Column, Placed},
    measure::Measure,
    view::{SourceView, View},
};

pub const HOST: usize = 0;
pub const TAG: usize = 1;
pub const STATE: usize = 2;
pub const AGE: usize = 3;
pub const CPU: usize = 4;
pub const TREND: usize = 5;
pub const CORES: usize = 6;
pub const MEM: usize = 7;
pub const USED: usize = 8;
pub const DISK: usize = 9;
pub const FULLEST: usize = 10;
pub const RECEIVED: usize = 11;
pub const SENT: usize = 12;
pub const TEMP: usize = 13;
pub const LOAD: usize = 14;
pub const UP: usize = 15;
pub const TOOK: usize = 16;
pub const WHY: usize = 17;
const ALL: usize = 18;

const COLUMNS: [Column; ALL] = [
    Column::left("HOST", 5, 0),
    Column::left("TAG", 0, 6),
    Column::left("STATE", 8, 0),
    Column::right("AGE", 5, 1),
    Column::right("CPU%", 4, 0),
    Column::left("2m", 8, 11),
    Column::left("CORES", 5, 4),
    Column::right("MEM%", 4, 0),
    Column::right("USED/TOTAL", 11, 12),
    Column::right("DISK%", 5, 3),
    Column::left("FULLEST", 10, 10),
    Column::right("RX/s", 5, 5),
    Column::right("TX/s", 5, 5),
    Column::right("TEMP", 5, 7),
    Column::right("LOAD", 5, 8),
    Column::right("UP", 6, 9),
    Column::right("TOOK", 5, 10),
    Column::left("WHY", 0, 2).flexible(),
];

/// What a reason should have when there is one to show.
const WHY_WIDTH: u16 = 18;
/// The same where rows are wide.
const WIDE_WHY: u16 = 30;

/// What a column is sorted by; none for a column that cannot be.
pub fn sort(column: usize) -> Option<Sort> {
    Some(match column {
        HOST => Sort::Name,
        TAG => Sort::Tag,
        STATE | WHY => Sort::Worst,
        AGE => Sort::Figure(Measure::Age),
        CPU | TREND | CORES => Sort::Figure(Measure::Cpu),
        MEM | USED => Sort::Figure(Measure::Memory),
        DISK | FULLEST => Sort::Figure(Measure::Disk),
        RECEIVED => Sort::Figure(Measure::Received),
        SENT => Sort::Figure(Measure::Sent),
        TEMP => Sort::Figure(Measure::Celsius),
        LOAD => Sort::Figure(Measure::Load),
        UP => Sort::Figure(Measure::Uptime),
        TOOK => Sort::Figure(Measure::Took),
        _ => return None,
    })
}

/// The columns, as wide as the rows in view need them, and those that fit.
pub fn placed(
    view: &View<'_>,
    shown: &[&SourceView],
    name: impl Fn(&SourceView) -> String,
    width: u16,
) -> ([Column; ALL], Vec<Placed>) {
    let mut columns = COLUMNS;
    let names: Vec<String> = shown.iter().map(|s| name(s) + s.mark()).collect();
    let names = names.iter().map(String::as_str);
    columns[HOST].width = table::fitting(names, 5, (width / 5).clamp(5, 32));
    let tags = shown.iter().filter_map(|s| s.tags.first()).map(String::as_str);
    columns[TAG].width = table::fitting(tags, 0, 10);
    let cores = shown.iter().map(|s| s.summary.cores).max().unwrap_or(0);
    columns[CORES].width = (cores as u16).clamp(5, (width / 8).clamp(5, 32));
    let fullest = shown.iter().filter_map(|s| s.summary.disk.as_ref()).map(|(name, _)| &**name);
    columns[FULLEST].width = table::fitting(fullest, 7, 14);
    if shown.iter().any(|s| has_word(view, s)) {
        columns[WHY].width = if width >= 150 { WIDE_WHY } else { WHY_WIDTH.min(width / 3) };
    }
    let needed: Vec<usize> = (0..ALL).filter(|c| *c != TAG || columns[TAG].width > 0).collect();
    let kept: Vec<Column> = needed.iter().map(|c| columns[*c]).collect();
    let mut placed = table::place(&kept, width);
    for column in &mut placed {
        column.index = needed[column.index];
    }
    (columns, placed)
}

fn has_word(view: &View<'_>, source: &SourceView) -> bool {
    let over = || view.settings.limits.all_over(source, view.now).next().is_some();
    source.state(view.now).is_old()
        || source.failure(view.now).is_some()
        || source.notes().next().is_some()
        || over()
}
