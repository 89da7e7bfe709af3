//! Dialects without Rust: tables in TOML, those that come with manytop and those of a user's folder.
//!
//! ```toml
//! name = "cellar"                                # else the file's name
//!
//! [[series]]
//! metric = "cellar_temperature_celsius"          # or a list: names of other versions; one * is any text
//! labels = { floor = "1" }                       # only series with these values
//! kind = "temperature"
//! device = "{room}"                              # a word, labels in braces, {*} for the text of the *
//! quantity = "celsius"
//! factor = 0.1                                   # the value is multiplied by it
//! ```
//!
//! Instead of `quantity` there may be `text`: with `words = { "0" = "ok" }` a word by the value, with
//! `label = "flag"` that label of a series with a value other than 0. `sum = true` adds several values up. `join = {
//! metric = "cellar_info", label = "name" }` names the device after a label of another metric with the same
//! `device`. A kind or quantity that manytop does not know is a new one, with `unit` and `type = "counter"`.

pub mod columns;
mod parse;
pub mod quantities;
pub mod template;
pub mod watch;

use super::dialect::Dialect;
use manytop_core::file;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Those that come with manytop.
const BUILT_IN: [(&str, &str); 5] = [
    ("collectd", include_str!("built_in/collectd.toml")),
    ("glances", include_str!("built_in/glances.toml")),
    ("ipmi", include_str!("built_in/ipmi.toml")),
    ("nut", include_str!("built_in/nut.toml")),
    ("telegraf", include_str!("built_in/telegraf.toml")),
];

/// A table's file is not longer.
const LENGTH_MAX: u64 = 1 << 20;
/// More files are not read.
const FILES_MAX: usize = 100;

static READ: LazyLock<Vec<&'static Dialect>> = LazyLock::new(|| {
    let read = |(name, text): &(&str, &str)| parse::dialect(name, text).ok();
    BUILT_IN.iter().filter_map(read).collect()
});

/// The tables of the user's folder. A text that was read before is not read again: what a table is made of lives
/// as long as the program.
static FROM_FILES: Mutex<FromFiles> =
    Mutex::new(FromFiles { current: Vec::new(), read: Vec::new() });
static GENERATION: AtomicU64 = AtomicU64::new(0);

struct FromFiles {
    current: Vec<&'static Dialect>,
    read: Vec<(String, String, &'static Dialect)>,
}

/// What is wrong with a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableProblem {
    /// The file's name, or the folder's.
    pub file: String,
    /// Its line, from 1.
    pub line: Option<u32>,
    /// What is wrong, and what is expected.
    pub text: String,
}

impl fmt::Display for TableProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.text),
            None => write!(f, "{}: {}", self.file, self.text),
        }
    }
}

/// All tables: those that come with manytop, and those of files.
pub(crate) fn all() -> Vec<&'static Dialect> {
    let files = FROM_FILES.lock().unwrap_or_else(PoisonError::into_inner);
    READ.iter().chain(&files.current).copied().chain(watch::current()).collect()
}

/// Changes whenever the tables of files do.
pub(super) fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// Reads `*.toml` of these folders and uses their tables from now on, instead of those that were read before. A
/// folder that does not exist holds none. Where there is a problem, what was used before stays in use.
pub fn use_folders(folders: &[PathBuf]) -> Vec<TableProblem> {
    let (mut texts, mut problems) = (Vec::new(), Vec::new());
    for folder in folders {
        let (more, wrong) = read_folder(folder);
        texts.extend(more);
        problems.extend(wrong);
    }
    let mut files = FROM_FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut current: Vec<&'static Dialect> = Vec::new();
    for (file, text) in texts {
        let known = files.read.iter().find(|(f, t, _)| *f == file && *t == text);
        let dialect = match known {
            Some((.., dialect)) => *dialect,
            None => match checked(&file, &text) {
                Ok(dialect) => {
                    files.read.push((file.clone(), text, dialect));
                    dialect
                }
                Err(wrong) => {
                    problems.extend(wrong);
                    continue;
                }
            },
        };
        if current.iter().any(|other| other.name() == dialect.name()) {
            let text = format!("the name {:?} is used by another file", dialect.name());
            problems.push(TableProblem { file, line: None, text });
        } else {
            current.push(dialect);
        }
    }
    let same = |(a, b): (&&Dialect, &&Dialect)| std::ptr::eq(*a, *b);
    let changed =
        current.len() != files.current.len() || !current.iter().zip(&files.current).all(same);
    if changed && problems.is_empty() {
        files.current = current;
        changed_tables();
    }
    problems
}

/// Remotes take over the tables of now at their next answer.
fn changed_tables() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
}

fn read_folder(folder: &Path) -> (Vec<(String, String)>, Vec<TableProblem>) {
    let (mut texts, mut problems) = (Vec::new(), Vec::new());
    let mut problem = |path: &Path, text: String| {
        problems.push(TableProblem { file: path.display().to_string(), line: None, text });
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return (texts, problems),
        Err(e) => {
            problem(folder, format!("cannot read the folder: {e}"));
            return (texts, problems);
        }
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    if paths.len() > FILES_MAX {
        problem(folder, format!("more than {FILES_MAX} tables; the rest is left out"));
        paths.truncate(FILES_MAX);
    }
    for path in paths {
        match file::read_text(&path, LENGTH_MAX) {
            Ok(text) => texts.push((path.display().to_string(), text)),
            Err(e) => problem(&path, format!("cannot read the file: {e}")),
        }
    }
    (texts, problems)
}

fn checked(file: &str, text: &str) -> Result<&'static Dialect, Vec<TableProblem>> {
    let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let wrong = |(line, text)| TableProblem { file: file.to_owned(), line: Some(line), text };
    let dialect = parse::dialect(&stem.unwrap_or_default(), text)
        .map_err(|problems| problems.into_iter().map(wrong).collect::<Vec<_>>())?;
    let linked = manytop_plugin::inventory::iter::<Dialect>.into_iter();
    if READ.iter().copied().chain(linked).any(|other| other.name() == dialect.name()) {
        let text = format!("the name {:?} is that of a dialect of manytop's own", dialect.name());
        return Err(vec![TableProblem { file: file.to_owned(), line: Some(1), text }]);
    }
    Ok(dialect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::{decoded, decoded_by_host};
    use manytop_plugin::vocabulary as v;

    #[test]
    fn all_tables_that_come_with_manytop_are_well_formed() {
        for (name, text) in BUILT_IN {
            assert_eq!(parse::dialect(name, text).map(Dialect::name), Ok(name));
        }
    }

    #[test]
    fn ipmi_tells_temperatures_fans_and_power() {
        let body = include_str!("../bodies/ipmi.txt");
        assert_eq!(decoded(v::TEMPERATURE, body), "CPU1 Temp celsius=51\nInlet Temp celsius=24\n");
        assert_eq!(decoded(v::FAN, body), "Fan1 rpm=4560\n");
        assert_eq!(decoded(v::POWER, body), "Pwr Consumption watts=182\ndcmi watts=182\n");
    }

    #[test]
    fn a_ups_is_a_battery() {
        let body = include_str!("../bodies/nut.txt");
        assert_eq!(
            decoded(v::POWER, body),
            "ups percent=100 load_percent=8 runtime_seconds=3000 state=\"online\"\n"
        );
    }

    #[test]
    fn collectd_tells_of_a_machine() {
        let body = include_str!("../bodies/collectd.txt");
        let cpus = decoded(v::CPU, body);
        assert!(cpus.starts_with("CPU0 ") && cpus.contains("busy_seconds=891.02"), "{cpus}");
        let memory = decoded(v::MEMORY, body);
        assert!(memory.starts_with("Main percent=") && memory.contains("\nSwap "), "{memory}");
        let disks = decoded(v::DISK, body);
        assert!(disks.contains("vda read_bytes=8111100928 written_bytes=20116443136"), "{disks}");
        assert!(disks.contains("root percent=") && !disks.contains("dev-shm"), "{disks}");
        assert!(
            decoded(v::NETWORK, body)
                .starts_with("eth0 received_bytes=870675956 sent_bytes=1788927")
        );
        assert!(decoded(v::HOST, body).contains("load1=1.494140625"));
    }

    #[test]
    fn hosts_that_send_to_one_collectd_are_told_apart() {
        let body = "collectd_load_shortterm{instance=\"a\"} 1\ncollectd_load_shortterm{instance=\"b\"} 2\n";
        let hosts = decoded_by_host(v::HOST, body);
        assert_eq!(hosts, [("a".into(), " load1=1\n".into()), ("b".into(), " load1=2\n".into())]);
    }

    #[test]
    fn telegraf_tells_of_a_machine() {
        let body = include_str!("../bodies/telegraf.txt");
        assert_eq!(decoded(v::CPU, body), "CPU0 percent=4 user_percent=3\nCPU1 percent=2\n");
        assert_eq!(
            decoded(v::MEMORY, body),
            "Main percent=25 used_bytes=2000000000 total_bytes=8000000000 available_bytes=6000000000\n\
             Swap percent=0 used_bytes=0 total_bytes=1000000000 free_bytes=1000000000\n"
        );
        let disks = decoded(v::DISK, body);
        assert!(disks.starts_with("sda read_bytes=10000000000\nsda1 percent=44 "), "{disks}");
        assert_eq!(
            decoded(v::NETWORK, body),
            "eth0 received_bytes=10000000000 sent_bytes=10000000000\n"
        );
        assert_eq!(decoded(v::HOST, body), " load1=0.3 uptime_seconds=12345 hostname=\"web1\"\n");
        assert_eq!(decoded(v::TEMPERATURE, body), "coretemp_package_id_0 celsius=55\n");
    }

    #[test]
    fn glances_tells_of_a_machine() {
        let body = include_str!("../bodies/glances.txt");
        assert_eq!(
            decoded(v::CPU, body).lines().next(),
            Some(
                "CPU0 percent=100 user_percent=66.3 system_percent=32.8 iowait_percent=0 steal_percent=0"
            )
        );
        assert!(decoded(v::MEMORY, body).starts_with("Main percent=7.2"));
        let disks = decoded(v::DISK, body);
        assert!(disks.contains("/ percent=30.51"), "{disks}");
        assert!(
            decoded(v::NETWORK, body).contains("eth0 received_bytes=1143503618 sent_bytes=2722947")
        );
        assert!(decoded(v::HOST, body).contains("load1=5.62939453125"));
    }
}
