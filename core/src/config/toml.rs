//! The same keys in TOML: `[remote.Jerry] url = "…"`, with the types that TOML has.

use super::{key::Words, tree::ConfigTree};
use config::{Map, Value, ValueKind};
use std::error::Error;
use toml::de::{DeTable, DeValue};

/// The format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Toml;

impl config::Format for Toml {
    fn parse(
        &self,
        _: Option<&String>,
        text: &str,
    ) -> Result<Map<String, Value>, Box<dyn Error + Send + Sync>> {
        let mut tree = ConfigTree::default();
        let lines = LineOffsets::of(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let byte = error.span().map_or(0, |span| span.start);
            tree.problem(Some(lines.at(byte)), byte, format!("not TOML: {}", error.message()));
        }
        // What is left of a broken file would only give errors that are not there.
        if errors.is_empty() {
            Walk { tree: &mut tree, lines, path: Vec::new() }.table(table.get_ref());
        }
        Ok(tree.table())
    }
}

struct LineOffsets(Vec<usize>);

impl LineOffsets {
    fn of(text: &str) -> LineOffsets {
        LineOffsets(
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect(),
        )
    }

    fn at(&self, byte: usize) -> u32 {
        self.0.partition_point(|end| *end < byte) as u32 + 1
    }
}

struct Walk<'a> {
    tree: &'a mut ConfigTree,
    lines: LineOffsets,
    path: Vec<String>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let byte = key.span().start;
            self.path.push(key.get_ref().clone().into_owned());
            match value.get_ref() {
                DeValue::Table(inner) if inner.is_empty() => {
                    self.problem(byte, &format!("[{}] is empty", self.path.join(".")));
                }
                DeValue::Table(inner) => self.table(inner),
                value => self.leaf(byte, value),
            }
            self.path.pop();
        }
    }

    fn leaf(&mut self, byte: usize, value: &DeValue<'_>) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let key = match path[..] {
            [key] => Words::cut(key),
            [provider, option] => Words::One(provider, option),
            [section, name, option] => Words::Named(section, name, option),
            [section, ref name @ .., option] => {
                let (name, option) = (name.join("."), option.to_lowercase());
                let text = format!(
                    "{:?} has too many parts; put a name with dots in quotes: [{section}.{name:?}] {option} = …",
                    path.join(".")
                );
                return self.problem(byte, &text);
            }
            [] => return,
        };
        match kind(value) {
            Ok(kind) => self.tree.key(key, Some(self.lines.at(byte)), byte, kind),
            Err(text) => self.problem(byte, &format!("{}: {text}", path.join("."))),
        }
    }

    fn problem(&mut self, byte: usize, text: &str) {
        self.tree.problem(Some(self.lines.at(byte)), byte, text);
    }
}

fn kind(value: &DeValue<'_>) -> Result<ValueKind, &'static str> {
    Ok(match value {
        DeValue::String(text) => ValueKind::String(text.clone().into_owned()),
        DeValue::Boolean(flag) => ValueKind::Boolean(*flag),
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
            .map(ValueKind::I64)
            .map_err(|_| "this number is too large")?,
        DeValue::Float(digits) => {
            ValueKind::Float(digits.as_str().parse().map_err(|_| "expected a number")?)
        }
        DeValue::Array(array) => {
            let words = array.iter().map(|word| match word.get_ref() {
                DeValue::String(text) => Ok(Value::new(None, text.as_ref())),
                _ => Err("a list holds texts, each in quotes, and nothing else"),
            });
            ValueKind::Array(words.collect::<Result<_, _>>()?)
        }
        DeValue::Datetime(_) => return Err("expected a string, got a date; quote it"),
        DeValue::Table(_) => return Err("expected a value, got a table"),
    })
}
