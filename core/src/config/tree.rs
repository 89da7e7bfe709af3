//! The one table that both formats, and the flags, give to the crate `config`.
//!
//! Its single first-level key holds a list of all settings, each value with the key and the location
//! as its origin. So keys are never read as paths, and what was given twice is still there, to be reported
//! with both places. One flat list, since a table for each part of a key would be most of what reading a
//! thousand remotes costs.

use super::key::{ConfigKey, Words};
use crate::config::location::{FileOrder, Location, Problem};
use config::{Map, Value, ValueKind};
use std::sync::Arc;

/// The first-level key: without dots or brackets, which would be read as a path.
const ROOT: &str = "manytop";
/// The prefix of each word of a key.
const BETWEEN: char = '\0';

/// What one file, or the command line, says.
#[derive(Default)]
pub(super) struct ConfigTree {
    said: Vec<Value>,
}

/// One key with its value.
pub(super) struct ConfigEntry {
    pub(super) key: ConfigKey,
    pub(super) place: Location,
    pub(super) order: FileOrder,
    /// The number of its file.
    pub(super) file: usize,
    pub(super) value: ValueKind,
}

impl ConfigTree {
    /// Adds a key. `line` is `None` on the command line; `byte` tells settings on one line apart.
    pub(super) fn key(&mut self, key: Words<'_>, line: Option<u32>, byte: usize, value: ValueKind) {
        match key {
            Words::Global(word) => self.put(line, byte, &[word], value),
            Words::One(provider, option) => self.put(line, byte, &[provider, option], value),
            Words::Named(section, name, option) => {
                self.put(line, byte, &[section, name, option], value);
            }
        }
    }

    /// Adds something that is wrong with the text.
    pub(super) fn problem(&mut self, line: Option<u32>, byte: usize, text: impl Into<String>) {
        self.put(line, byte, &[], ValueKind::String(text.into()));
    }

    fn put(&mut self, line: Option<u32>, byte: usize, words: &[&str], value: ValueKind) {
        let mut origin = format!("{} {byte} {}", line.unwrap_or(0), words.len());
        for word in words {
            origin.push(BETWEEN);
            origin.push_str(word);
        }
        self.said.push(Value::new(Some(&origin), value));
    }

    /// The table, for the crate `config`.
    pub(super) fn table(self) -> Map<String, Value> {
        Map::from([(ROOT.to_owned(), Value::new(None, self.said))])
    }
}

/// All keys and problems of those tables, in the order of files and lines; each table with the number of its
/// file and what messages call it.
pub(super) fn read(
    tables: Vec<(usize, Arc<str>, Map<String, Value>)>,
) -> (Vec<ConfigEntry>, Vec<Problem>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (file, shown, mut table) in tables {
        let said = table.remove(ROOT).and_then(|root| root.into_array().ok()).unwrap_or_default();
        entries.reserve(said.len());
        for value in said {
            let origin = value.origin().unwrap_or_default();
            let (at, words) = origin.split_once(BETWEEN).unwrap_or((origin, ""));
            let mut numbers = at.split(' ').map(|n| n.parse::<usize>().unwrap_or(0));
            let mut next = || numbers.next().unwrap_or(0);
            let order: FileOrder = (file, next() as u32, next());
            let place = Location { file: shown.clone(), line: (order.1 > 0).then_some(order.1) };
            match key(next(), words) {
                Some(key) => {
                    entries.push(ConfigEntry { key, place, order, file, value: value.kind })
                }
                None => {
                    let text = value.kind.to_string();
                    problems.push(Problem { order, place: Some(place), text });
                }
            }
        }
    }
    entries.sort_unstable_by_key(|e| e.order);
    (entries, problems)
}

/// A key of so many words. In a NAME anything may stand, [`BETWEEN`] too, which is refused later.
fn key(count: usize, words: &str) -> Option<ConfigKey> {
    let first = words.split_once(BETWEEN);
    let words = match count {
        1 => Words::Global(words),
        2 => first.map(|(provider, option)| Words::One(provider, option))?,
        3 => {
            let (section, rest) = first?;
            let (name, option) = rest.rsplit_once(BETWEEN)?;
            Words::Named(section, name, option)
        }
        _ => return None,
    };
    Some(words.key())
}
