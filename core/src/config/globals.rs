//! The keys without a hyphen: gotop's, which mean what gotop documents, and a few of manytop's own.

use super::record;
use crate::{
    host_metric::Limits,
    options::{Opt, Options, Spec, duration},
    theme::Levels,
    view::Settings,
};
use std::time::Duration;

/// A shorter history is not worth its keys.
const SHORTEST_HISTORY: Duration = Duration::from_secs(60);
/// Less memory than this holds next to nothing.
const LEAST_MEMORY: u64 = 1 << 20;

/// A key without a hyphen.
pub struct Global {
    spec: &'static Spec,
    /// From what is written to what [`Options::put`] reads.
    pub(super) read: fn(&str) -> Result<String, String>,
}

impl Global {
    /// Its name, its shape, its default.
    pub const fn spec(&self) -> &'static Spec {
        self.spec
    }
}

macro_rules! globals { ($($word:ident: $type:ty = $opt:expr, $read:expr;)*) => {
    $(
        #[doc = concat!("The key `", stringify!($word), "`.")]
        pub static $word: Opt<$type> = $opt;
    )*
    /// All of them, in the order in which they are listed and written.
    pub static GLOBALS: &[Global] = &[$(Global { spec: $word.spec(), read: $read }),*];
} }

globals! {
    GRAPHHORIZONTALSCALE: Option<u64> = Opt::<Option<u64>>::optional("graphhorizontalscale",
        "Zoom of graphs: dots from one sample to the next, 2 to a column"), from_one;
    HELPVISIBLE: bool = Opt::<bool>::with_default("helpvisible", "false",
        "Show the help at start"), plain;
    COLORSCHEME: String = Opt::<String>::with_default("colorscheme", "default",
        "gotop's key for theme; theme comes first"), plain;
    THEME: String = Opt::<String>::with_default("theme", "auto",
        "The colours: auto (by the terminal's background), dark, light, 16, none, or a name; --list colorschemes shows them"), plain;
    UPDATEINTERVAL: Duration = Opt::<Duration>::with_default("updateinterval", "1s",
        "How often this machine is read and the screen is drawn: 2s, 500ms; as in gotop, a plain number is nanoseconds"), nanoseconds;
    AVERAGECPU: bool = Opt::<bool>::with_default("averagecpu", "true",
        "Show the mean of all processors in the graph"), plain;
    PERCPULOAD: bool = Opt::<bool>::with_default("percpuload", "true",
        "Show each processor in the graph"), plain;
    TEMPSCALE: String = Opt::one_of("tempscale", &["C", "F"], "C",
        "Degrees Celsius or Fahrenheit"), plain;
    STATUSBAR: bool = Opt::<bool>::with_default("statusbar", "true",
        "Show the status bar"), plain;
    NETINTERFACE: Vec<String> = Opt::<Vec<String>>::with_default("netinterface", "all",
        "Network interfaces to show, between commas; !NAME leaves one out"), gotop_list;
    LAYOUT: String = Opt::<String>::with_default("layout", "default",
        "The layout; --list layouts shows them"), plain;
    MAXLOGSIZE: u64 = Opt::<u64>::with_default("maxlogsize", "5000000",
        "Bytes after which the log is rotated"), plain;
    METRICSEXPORTPORT: String = Opt::<String>::with_default("metricsexportport", "",
        "Address to export metrics at, as -x takes it: :8089 for this machine only"), plain;
    MBPS: bool = Opt::<bool>::with_default("mbps", "false",
        "Show network rates in bits instead of bytes"), plain;
    TEMPERATURES: Vec<String> = Opt::<Vec<String>>::with_default("temperatures", "",
        "Temperature sensors to show, between commas; all, if none is named"), gotop_list;
    NVIDIA: bool = Opt::<bool>::with_default("nvidia", "false",
        "gotop's switch for NVIDIA cards; not used"), plain;
    NVIDIAREFRESH: Option<Duration> = Opt::<Option<Duration>>::optional("nvidiarefresh",
        "gotop's interval for NVIDIA cards; not used"), plain;
    CHARSET: String = Opt::one_of("charset", &["auto", "utf8", "ascii"], "auto",
        "Characters to write: auto goes by the locale (LC_ALL, LC_CTYPE, LANG), which containers often lack"), plain;
    MOUSE: bool = Opt::<bool>::with_default("mouse", "true",
        "Take clicks and the wheel; without, the terminal selects text, as it does with Shift"), plain;
    HEADLESS: bool = Opt::<bool>::with_default("headless", "false",
        "Run without a screen, for others to read"), plain;
    EXPORTNAMES: Vec<String> = Opt::<Vec<String>>::with_default("exportnames", "gotop,node,manytop",
        "Families of names to export, between commas: gotop, node, manytop"), families;
    EXPORTPROCESSES: bool = Opt::<bool>::with_default("exportprocesses", "false",
        "Export processes too, without their command lines"), plain;
    EXPORTREMOTES: bool = Opt::<bool>::with_default("exportremotes", "false",
        "Export what is read of others too, for another manytop to read as many"), plain;
    NOLOCAL: bool = Opt::<bool>::with_default("nolocal", "false",
        "Leave this machine out"), plain;
    HIGH: u64 = Opt::<u64>::with_default("high", "80",
        "Percentage from which on a level is yellow"), percentage;
    CRITICAL: u64 = Opt::<u64>::with_default("critical", "95",
        "Percentage from which on a level is red"), percentage;
    LIMITS: String = Opt::<String>::with_default("limits", "",
        "Limits of figures of a host, between blanks: FIGURE=WARNING,CRITICAL, as in disk=80,90 load=16 took=,2s; else high and critical hold for cpu, mem, disk and temp"), limited;
    HISTORY: String = Opt::<String>::with_default("history", "10m",
        "How far back the whole screen can be shown, from memory: 10m, 1h; off keeps only what graphs need"), span;
    HISTORYMEMORY: String = Opt::<String>::with_default("historymemory", "32M",
        "How much memory that takes at most, in bytes or with K, M, G; what is oldest goes first"), size;
    RECORD: String = Opt::<String>::with_default("record", "false",
        "Record what is read: true, or the folder to record into"), plain;
    RECORDKINDS: Vec<String> = Opt::<Vec<String>>::with_default("recordkinds", "all",
        "Kinds to record, between commas: cpu,memory,process; !KIND leaves one out"), plain;
    RECORDSOURCES: Vec<String> = Opt::<Vec<String>>::with_default("recordsources", "all",
        "Sources to record, between commas: local,web-*,#db; !NAME leaves one out"), plain;
    RECORDEVERY: String = Opt::<String>::with_default("recordevery", "auto",
        "How often to record at the most: 5s; auto records every reading, above 50 sources every 10s"), record::every;
    RECORDPROCESSES: String = Opt::<String>::with_default("recordprocesses", "auto",
        "How often to record processes at the most: 30s; auto records every reading; off leaves them out"), record::processes;
    RECORDKEEP: String = Opt::<String>::with_default("recordkeep", "7d",
        "How long to keep what is recorded: 12h, 7d"), record::keep;
    RECORDSIZE: String = Opt::<String>::with_default("recordsize", "1G",
        "How many bytes recordings take at most, with K, M or G; the oldest goes first"), record::size;
    RECORDMODE: String = Opt::<String>::with_default("recordmode", "0600",
        "Mode of the files: 0600 for the owner, 0640 for a group too"), record::mode;
    ALERTS: String = Opt::one_of("alerts", &["default", "off"], "default",
        "The built-in rules of alerts (--list alerts); off leaves those of the config"), plain;
    GROUPS: Vec<String> = Opt::<Vec<String>>::with_default("groups", "",
        "Tags by name, between commas: TAG:GLOB, as in web:web-*,db:db-?"), grouped;
}

/// gotop's keys without a use here, and the note for a config that has them.
pub(super) const RETIRED: &[(&str, &str)] = &[
    ("configdir", "no longer read, as in gotop; name the config with -C"),
    ("logdir", "no longer read, as in gotop; the log is in $XDG_STATE_HOME/manytop"),
    ("logfile", "no longer read, as in gotop; the log is in $XDG_STATE_HOME/manytop"),
    ("devices", "not needed; only what somebody looks at is read"),
];

pub(super) fn global(word: &str) -> Option<&'static Global> {
    GLOBALS.iter().find(|g| g.spec.name() == word)
}

/// How numbers are to be shown, as these keys say.
pub fn settings(globals: &Options) -> Settings {
    let plain = Settings::default();
    let column = match globals.get(&GRAPHHORIZONTALSCALE) {
        Some(dots) => globals.get(&UPDATEINTERVAL) * 2 / u32::try_from(dots).unwrap_or(1).max(1),
        None => plain.column,
    };
    let all = |word: &String| word.eq_ignore_ascii_case("all");
    let interfaces = globals.get(&NETINTERFACE).into_iter().filter(|word| !all(word)).collect();
    Settings {
        fahrenheit: globals.get(&TEMPSCALE) == "F",
        bits: globals.get(&MBPS),
        average_cpu: globals.get(&AVERAGECPU),
        per_cpu: globals.get(&PERCPULOAD),
        column,
        interfaces,
        sensors: globals.get(&TEMPERATURES),
        limits: limits(globals),
        ..plain
    }
}

/// From which values on figures are over a limit, as these keys say.
fn limits(globals: &Options) -> Limits {
    let mut limits = Limits::of(&levels(globals));
    for text in globals.get(&LIMITS).split_whitespace() {
        let _ = limits.put(text); // it was read before
    }
    limits
}

/// How far back the whole screen can be shown, and within how many bytes; `None`: not at all.
pub fn history(globals: &Options) -> Option<(Duration, u64)> {
    let span = kept_span(&globals.get(&HISTORY)).ok().flatten()?;
    let memory = bytes(&globals.get(&HISTORYMEMORY)).ok()?;
    Some((span, memory))
}

/// From which percentages on levels are yellow and red, as these keys say.
pub fn levels(globals: &Options) -> Levels {
    Levels { high: globals.get(&HIGH) as f64, critical: globals.get(&CRITICAL) as f64 }
}

fn plain(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn families(text: &str) -> Result<String, String> {
    match text.split(',').find(|word| !["gotop", "node", "manytop"].contains(&word.trim())) {
        Some(word) => {
            Err(format!("{word:?} is not a family of names; expected gotop, node or manytop"))
        }
        None => Ok(text.to_owned()),
    }
}

pub(super) fn limited(text: &str) -> Result<String, String> {
    let mut limits = Limits::default();
    text.split_whitespace().try_for_each(|text| limits.put(text))?;
    Ok(text.to_owned())
}

fn grouped(text: &str) -> Result<String, String> {
    let is_pair =
        |word: &str| word.split_once(':').is_some_and(|(t, g)| !t.is_empty() && !g.is_empty());
    match text.split(',').map(str::trim).find(|word| !word.is_empty() && !is_pair(word)) {
        Some(word) => Err(format!("{word:?} is not a group; write TAG:GLOB, as in web:web-*")),
        None => Ok(text.to_owned()),
    }
}

/// A span to keep; `None` for `off`.
fn kept_span(text: &str) -> Result<Option<Duration>, String> {
    if ["off", "0", "false"].iter().any(|off| text.eq_ignore_ascii_case(off)) {
        return Ok(None);
    }
    let span =
        duration(text).map_err(|_| format!("expected a time like 10m or 1h, got {text:?}"))?;
    match span >= SHORTEST_HISTORY {
        true => Ok(Some(span)),
        false => Err(format!("{text:?} is too short; expected 1m to 24h, or off")),
    }
}

fn span(text: &str) -> Result<String, String> {
    kept_span(text).map(|_| text.to_owned())
}

/// Bytes, with K, M or G for powers of 1024.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    let number = upper.trim_end_matches('B').trim_end_matches('I');
    let (number, unit) = match number.strip_suffix(['K', 'M', 'G']) {
        Some(digits) => (digits, number.chars().last()),
        None => (number, None),
    };
    let scale: u64 = match unit {
        Some('K') => 1 << 10,
        Some('M') => 1 << 20,
        Some(_) => 1 << 30,
        None => 1,
    };
    let bytes = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(scale));
    bytes.ok_or_else(|| format!("expected a number of bytes like 32M, got {text:?}"))
}

fn size(text: &str) -> Result<String, String> {
    match bytes(text)? >= LEAST_MEMORY {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is too little; expected at least 1M")),
    }
}

fn from_one(text: &str) -> Result<String, String> {
    match text.parse::<u32>() {
        Ok(1..=1000) => Ok(text.to_owned()),
        _ => Err(format!("{text:?} is not a whole number from 1 to 1000")),
    }
}

fn percentage(text: &str) -> Result<String, String> {
    match text.parse::<u32>() {
        Ok(0..=100) => Ok(text.to_owned()),
        _ => Err(format!("{text:?} is not a whole number from 0 to 100")),
    }
}

/// gotop's unit. A number so small that it can only have been meant as seconds is not taken for one.
fn nanoseconds(text: &str) -> Result<String, String> {
    match text.parse::<u64>() {
        Ok(n) if n < 1_000_000 => {
            Err(format!("a plain number is nanoseconds here, as in gotop; write {n}s for seconds"))
        }
        Ok(n) => Ok(format!("{}s", Duration::from_nanos(n).as_secs_f64())),
        Err(_) => Ok(text.to_owned()),
    }
}

/// gotop's --write-config puts brackets around its lists, and blanks between.
fn gotop_list(text: &str) -> Result<String, String> {
    Ok(match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(words) => words.split_whitespace().collect::<Vec<_>>().join(","),
        None => text.to_owned(),
    })
}
