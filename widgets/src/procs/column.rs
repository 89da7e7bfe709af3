//! The columns of the list of processes: their words, heads and widths, what they show, and what has to
//! be read for them.

use super::process::Process;
use manytop_plugin::{draw::table::Align, filter::Subject, reading::Metric, vocabulary as v};

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessColumn {
    Host,
    Pid,
    Parent,
    User,
    Cpu,
    History,
    Memory,
    Resident,
    Proportional,
    Swap,
    Read,
    Written,
    Received,
    Sent,
    Threads,
    Nice,
    State,
    Age,
    Time,
    Cgroup,
    Container,
    Unit,
    Command,
}

/// What is fixed of a column.
pub struct ColumnSpec {
    /// The word in a config, a filter and a menu.
    pub word: &'static str,
    /// The head; the letter in braces is the key that sorts by it.
    pub head: &'static str,
    pub width: u16,
    /// Blanks before it.
    pub gap: u16,
    pub align: Align,
    /// The columns of the highest number are dropped first; those of 0 never are.
    pub drops: u8,
    /// One sentence for the menu.
    pub about: &'static str,
    /// Quantities and texts that are read only when named.
    pub on_demand: &'static [&'static str],
}

/// Cells of a process's history.
pub const HISTORY: u16 = 5;

const fn right(
    word: &'static str,
    head: &'static str,
    width: u16,
    gap: u16,
    drops: u8,
    about: &'static str,
) -> ColumnSpec {
    ColumnSpec { word, head, width, gap, align: Align::Right, drops, about, on_demand: &[] }
}

const fn left(
    word: &'static str,
    head: &'static str,
    width: u16,
    gap: u16,
    drops: u8,
    about: &'static str,
) -> ColumnSpec {
    ColumnSpec { word, head, width, gap, align: Align::Left, drops, about, on_demand: &[] }
}

impl ColumnSpec {
    const fn reads(mut self, on_demand: &'static [&'static str]) -> ColumnSpec {
        self.on_demand = on_demand;
        self
    }
}

/// All columns with their layouts, in the order of the menu.
pub static ALL: [(ProcessColumn, ColumnSpec); 23] = [
    (ProcessColumn::Pid, right("pid", "{P}ID", 6, 0, 0, "the process id")),
    (ProcessColumn::Host, left("host", "HOST", 9, 1, 6, "the host, where several are shown")),
    (ProcessColumn::User, left("user", "USER", 8, 1, 4, "the user that it belongs to")),
    (ProcessColumn::Cpu, right("cpu", "{C}PU%", 5, 1, 0, "processor time, 100 is one core")),
    (
        ProcessColumn::History,
        left("history", "", HISTORY, 1, 7, "the last processor time, as high as one core"),
    ),
    (ProcessColumn::Memory, right("mem", "{M}EM%", 4, 2, 2, "share of the main memory")),
    (
        ProcessColumn::Resident,
        right("rss", "RSS", 4, 2, 5, "memory in RAM, shared memory counted in full"),
    ),
    (
        ProcessColumn::Proportional,
        right("pss", "PSS", 4, 2, 5, "memory in RAM, of shared memory its part only")
            .reads(&[v::PSS_BYTES.name()]),
    ),
    (
        ProcessColumn::Swap,
        right("swap", "SWAP", 4, 2, 6, "memory in the swap space").reads(&[v::SWAP_BYTES.name()]),
    ),
    (
        ProcessColumn::Read,
        right("read", "R/s", 4, 3, 9, "bytes read from disks a second")
            .reads(&[v::READ_BYTES.name()]),
    ),
    (
        ProcessColumn::Written,
        right("written", "W/s", 4, 2, 8, "bytes written to disks a second")
            .reads(&[v::WRITTEN_BYTES.name()]),
    ),
    (
        ProcessColumn::Received,
        right("received", "RX/s", 4, 2, 9, "bytes that came in by TCP a second")
            .reads(&[v::RECEIVED_BYTES.name()]),
    ),
    (
        ProcessColumn::Sent,
        right("sent", "TX/s", 4, 2, 9, "bytes that went out by TCP a second")
            .reads(&[v::SENT_BYTES.name()]),
    ),
    (ProcessColumn::Threads, right("threads", "THR", 3, 2, 9, "how many threads it has")),
    (
        ProcessColumn::State,
        left(
            "state",
            "S",
            1,
            2,
            3,
            "R running, S sleeping, D waits for a disk, T stopped, Z ended",
        ),
    ),
    (ProcessColumn::Nice, right("nice", "NI", 3, 1, 8, "its niceness, -20 to 19")),
    (ProcessColumn::Parent, right("parent", "PPID", 6, 1, 8, "the process id of its parent")),
    (ProcessColumn::Age, right("age", "AGE", 4, 2, 8, "how long ago it was started")),
    (ProcessColumn::Time, right("time", "TIME", 7, 1, 8, "processor time that it has used")),
    (
        ProcessColumn::Container,
        left("container", "CONTAINER", 14, 2, 7, "its container or pod")
            .reads(&[v::CONTAINER.name()]),
    ),
    (
        ProcessColumn::Unit,
        left("unit", "UNIT", 18, 2, 8, "its unit of the service manager").reads(&[v::UNIT.name()]),
    ),
    (
        ProcessColumn::Cgroup,
        left("cgroup", "CGROUP", 24, 2, 9, "the path of its cgroup").reads(&[v::CGROUP.name()]),
    ),
    (ProcessColumn::Command, left("command", "COMMA{N}D", 12, 2, 0, "its command line")),
];

/// What the list shows unless the config says otherwise.
const DEFAULT: &str = "pid,host,user,cpu,history,mem,rss,read,written,threads,state,command";

impl ProcessColumn {
    /// The column of a word.
    pub fn parse(word: &str) -> Option<ProcessColumn> {
        let found = ALL.iter().find(|(_, layout)| layout.word.eq_ignore_ascii_case(word));
        found.map(|(column, _)| *column)
    }

    /// What is fixed of it.
    pub fn spec(self) -> &'static ColumnSpec {
        let found = ALL.iter().find(|(column, _)| *column == self);
        &found.unwrap_or(&ALL[0]).1
    }

    /// Whether rows can be sorted by it.
    pub fn sorts(self) -> bool {
        self != ProcessColumn::History
    }

    /// Whether it is a text: sorted from a to z, while figures are sorted from the highest.
    pub fn is_text(self) -> bool {
        use ProcessColumn::*;
        matches!(self, Host | User | State | Cgroup | Container | Unit | Command)
    }

    /// Whether it begins with the lowest when it is chosen: names and numbers that only identify.
    pub fn begins_low(self) -> bool {
        self.is_text() || matches!(self, ProcessColumn::Pid | ProcessColumn::Parent)
    }

    /// The metric that it shows, where that is one of the process's own.
    fn metric(self) -> Option<&'static Metric> {
        Some(match self {
            ProcessColumn::Cpu => &v::PERCENT,
            ProcessColumn::Resident => &v::RESIDENT_BYTES,
            ProcessColumn::Proportional => &v::PSS_BYTES,
            ProcessColumn::Swap => &v::SWAP_BYTES,
            ProcessColumn::Read => &v::READ_RATE,
            ProcessColumn::Written => &v::WRITTEN_RATE,
            ProcessColumn::Received => &v::RECEIVED_RATE,
            ProcessColumn::Sent => &v::SENT_RATE,
            ProcessColumn::Threads => &v::THREADS,
            ProcessColumn::Nice => &v::NICE,
            ProcessColumn::Parent => &v::PARENT,
            ProcessColumn::Time => &v::CPU_SECONDS,
            _ => return None,
        })
    }

    /// Its figure for a process; `None` where it is unknown or not a figure.
    pub fn value(self, process: &Process<'_>) -> Option<f64> {
        match self {
            ProcessColumn::Pid => process.pid.map(f64::from),
            ProcessColumn::Memory => process.memory_percent(),
            ProcessColumn::Age => process.age(),
            other => process.device.value(other.metric()?),
        }
    }

    /// Its text for a process.
    pub fn text<'a>(self, process: &Process<'a>) -> &'a str {
        let text = |text| process.device.text(text).unwrap_or_default();
        match self {
            ProcessColumn::Host => process.source.source.name(),
            ProcessColumn::User => process.user(),
            ProcessColumn::State => text(&v::STATE),
            ProcessColumn::Cgroup => text(&v::CGROUP),
            ProcessColumn::Container => text(&v::CONTAINER),
            ProcessColumn::Unit => text(&v::UNIT),
            ProcessColumn::Command => process.words(),
            _ => "",
        }
    }

    /// Whether the figures of a group are added up; otherwise a group has none.
    pub fn adds_up(self) -> bool {
        use ProcessColumn::*;
        matches!(
            self,
            Cpu | Memory
                | Resident
                | Proportional
                | Swap
                | Read
                | Written
                | Received
                | Sent
                | Threads
                | Time
        )
    }
}

/// The columns that the list shows unless others are chosen.
pub fn usual() -> Vec<ProcessColumn> {
    DEFAULT.split(',').filter_map(ProcessColumn::parse).collect()
}

/// Reads the words of a config.
///
/// # Errors
/// Names the first word that is not a column.
pub fn parse(words: &[String]) -> Result<Vec<ProcessColumn>, String> {
    let mut columns: Vec<ProcessColumn> = Vec::new();
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        let found = ProcessColumn::parse(word).ok_or_else(|| {
            let all: Vec<&str> = ALL.iter().map(|(_, layout)| layout.word).collect();
            format!("unknown column {word:?}; expected some of {}", all.join(" "))
        })?;
        if !columns.contains(&found) {
            columns.push(found);
        }
    }
    Ok(columns)
}
