//! The one table that both formats, and the flags, give to the crate `config`.
//!
//! Below its single first-level key that crate keeps keys as they are: each key holds a table of its own,
//! with an entry for every time it was given. So what was given twice is still there, and can be
//! reported with both places.

use super::{
    key::Key,
    place::{Order, Place, Problem},
};
use config::{Map, Value, ValueKind};

/// The first-level key: without dots or brackets, which would be read as a path.
const ROOT: &str = "manytop";

/// What one file, or the command line, says.
pub(super) struct Tree<'a> {
    /// As messages call it.
    file: &'a str,
    /// Its number among all.
    number: usize,
    root: Map<String, Value>,
}

/// One key with its value.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) place: Place,
    pub(super) order: Order,
    /// The number of its file.
    pub(super) file: usize,
    pub(super) value: ValueKind,
}

impl<'a> Tree<'a> {
    pub(super) fn new(file: &'a str, number: usize) -> Tree<'a> {
        Tree { file, number, root: Map::new() }
    }

    /// Adds a key. `line` is `None` on the command line; `byte` tells what stands on one line apart.
    pub(super) fn key(&mut self, key: &Key, line: Option<u32>, byte: usize, value: ValueKind) {
        let path: Vec<&str> = match key {
            Key::Global(word) => vec!["global", word],
            Key::One { provider, option } => vec!["one", provider, option],
            Key::Named { section, name, option } => vec!["named", section, name, option],
        };
        self.put(&path, line, byte, value);
    }

    /// Adds something that is wrong with the text.
    pub(super) fn problem(&mut self, line: Option<u32>, byte: usize, text: impl Into<String>) {
        self.put(&["problem"], line, byte, ValueKind::String(text.into()));
    }

    fn put(&mut self, path: &[&str], line: Option<u32>, byte: usize, value: ValueKind) {
        let place = Place { file: self.file.into(), line }.to_string();
        let mut at = &mut self.root;
        for word in path {
            let table =
                at.entry((*word).to_owned()).or_insert_with(|| Map::<_, Value>::new().into());
            let ValueKind::Table(table) = &mut table.kind else { return };
            at = table;
        }
        let order = format!("{} {} {byte}", self.number, line.unwrap_or(0));
        at.insert(order, Value::new(Some(&place), value));
    }

    /// The table, for the crate `config`.
    pub(super) fn table(self) -> Map<String, Value> {
        Map::from([(ROOT.to_owned(), Value::new(None, self.root))])
    }
}

/// All keys and problems of those tables, in the order of files and lines.
pub(super) fn read(tables: Vec<Map<String, Value>>) -> (Vec<Entry>, Vec<Problem>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    let roots = tables.into_iter().filter_map(|mut table| table.remove(ROOT)?.into_table().ok());
    for (branch, value) in roots.flatten() {
        let depth = match branch.as_str() {
            "global" => 1,
            "one" => 2,
            "named" => 3,
            _ => 0,
        };
        leaves(&mut Vec::new(), depth, value, &mut |words, order, value| {
            let place = Place::read(value.origin().unwrap_or_default());
            let key = match words {
                [word] => Key::Global(word.clone()),
                [provider, option] => Key::one(provider, option),
                [section, name, option] => Key::named(section, name, option),
                _ => {
                    let text = value.into_string().unwrap_or_default();
                    problems.push(Problem { order, place: Some(place), text });
                    return;
                }
            };
            let file = order.0;
            entries.push(Entry { key, place, order, file, value: value.kind });
        });
    }
    entries.sort_by_key(|e| e.order);
    (entries, problems)
}

fn leaves(
    words: &mut Vec<String>,
    depth: usize,
    value: Value,
    found: &mut dyn FnMut(&[String], Order, Value),
) {
    let ValueKind::Table(table) = value.kind else { return };
    for (word, value) in table {
        if words.len() < depth {
            words.push(word);
            leaves(words, depth, value, found);
            words.pop();
        } else {
            let mut numbers = word.split(' ').map(|n| n.parse::<usize>().unwrap_or(0));
            let mut next = || numbers.next().unwrap_or(0);
            let order = (next(), next() as u32, next());
            found(words, order, value);
        }
    }
}
