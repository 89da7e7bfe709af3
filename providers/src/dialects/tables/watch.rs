//! Single metrics that a user watches: `watch-NAME-metric=redis_connected_clients`.
//!
//! All watches are one dialect. Which of them a remote heeds is a set of numbers, one for each NAME that was ever
//! used, so that remotes with different watches share everything else.

use super::{
    changed_tables,
    columns::{ColumnTarget, Fold, TableColumn, TableColumns},
    template::Template,
};
use crate::dialects::dialect::{DevicePart, Dialect, DialectRow, Section, Slot};
use manytop_plugin::vocabulary::{METRIC, METRIC_COUNTER, METRIC_VALUE, TITLE, VALUE_UNIT};
use std::sync::{Mutex, PoisonError};

/// More watches are refused: a set has so many numbers.
pub const MOST: usize = 64;

/// What is watched.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Watch {
    /// Its NAME, which the device gets.
    pub name: String,
    /// The metric, with label matchers: `redis_db_keys{db="db0",host!="x"}`.
    pub metric: String,
    /// It is a counter whose rate is shown.
    pub rate: bool,
    /// The unit behind the number.
    pub unit: String,
    /// What it is called.
    pub title: String,
    /// How series that differ in a label become one: `sum`, `max` or `avg`, and the label.
    pub over: Option<(Aggregation, String)>,
}

/// How several series become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aggregation {
    /// They are added up.
    Sum,
    /// The highest counts.
    Max,
    /// Their mean.
    Mean,
}

/// What is watched now.
static WATCHES: Mutex<WatchRegistry> =
    Mutex::new(WatchRegistry { names: Vec::new(), watches: Vec::new(), dialect: None });

struct WatchRegistry {
    /// NAMEs by their numbers.
    names: Vec<String>,
    watches: Vec<Watch>,
    dialect: Option<&'static Dialect>,
}

/// The dialect of what is watched.
pub(super) fn current() -> Option<&'static Dialect> {
    WATCHES.lock().unwrap_or_else(PoisonError::into_inner).dialect
}

/// The set of these NAMEs.
pub fn set(names: &[String]) -> u64 {
    let state = WATCHES.lock().unwrap_or_else(PoisonError::into_inner);
    let number = |name: &String| state.names.iter().position(|known| known == name);
    names.iter().filter_map(number).fold(0, |set, number| set | 1 << number)
}

/// Watches these from now on, instead of those before.
///
/// # Errors
/// What is wrong with one: its NAME, and what. Then what was watched before stays.
pub fn watch(watches: Vec<Watch>) -> Result<(), (String, String)> {
    let mut state = WATCHES.lock().unwrap_or_else(PoisonError::into_inner);
    if state.watches == watches {
        return Ok(());
    }
    let (mut names, mut rows, mut columns) = (state.names.clone(), Vec::new(), Vec::new());
    for watch in &watches {
        let number = names.iter().position(|name| *name == watch.name).unwrap_or_else(|| {
            names.push(watch.name.clone());
            names.len() - 1
        });
        let wrong = |text: String| (watch.name.clone(), text);
        if number >= MOST {
            return Err(wrong(format!("expected {MOST} watches at most, since the start")));
        }
        add(watch, number as u8, &mut rows, &mut columns).map_err(wrong)?;
    }
    let columns: &'static TableColumns = Box::leak(Box::new(TableColumns { columns, names: None }));
    let sections = vec![Section::of_columns(METRIC, rows.leak(), columns).adding()].leak();
    let dialect =
        (!watches.is_empty()).then(|| &*Box::leak(Box::new(Dialect::new("watch", 1, sections))));
    *state = WatchRegistry { names, watches, dialect };
    changed_tables();
    Ok(())
}

fn add(
    watch: &Watch,
    number: u8,
    rows: &mut Vec<DialectRow>,
    columns: &mut Vec<TableColumn>,
) -> Result<(), String> {
    let Matched { name, equal, unequal } = matched(&watch.metric)?;
    let mut dropped: Vec<String> = equal.iter().map(|(label, _)| label.clone()).collect();
    dropped.extend(watch.over.iter().map(|(_, label)| label.clone()));
    let template = Template::of_watch(&watch.name, number, dropped)
        .except(unequal.into_iter().map(|(label, value)| (label, vec![value])).collect());
    let template: &'static Template = Box::leak(Box::new(template));
    let (name, equal): (&'static str, _) = (name.leak(), super::parse::leaked_pairs(&equal));
    let mut slot = |target| {
        // one a watch: several watches of one device name stay apart
        let slot = Slot::new(format!("{number}/{}", columns.len()).leak());
        rows.push(DialectRow::named(name, slot).has(equal).of(DevicePart::Template(template)));
        columns.push(TableColumn { slot, target });
    };
    let fold = match watch.over {
        None => Fold::First,
        Some((Aggregation::Sum, _)) => Fold::Sum,
        Some((Aggregation::Max, _)) => Fold::Max,
        Some((Aggregation::Mean, _)) => Fold::Mean,
    };
    let quantity = if watch.rate { &METRIC_COUNTER } else { &METRIC_VALUE };
    slot(ColumnTarget::Quantity { quantity, factor: 1.0, offset: 0.0, fold });
    for (text, value) in [(&VALUE_UNIT, &watch.unit), (&TITLE, &watch.title)] {
        if !value.is_empty() {
            slot(ColumnTarget::Fixed(text, value.as_str().into()));
        }
    }
    Ok(())
}

/// A metric's name, and labels with the values that they must have, or must not.
struct Matched {
    name: String,
    equal: Vec<(String, String)>,
    unequal: Vec<(String, String)>,
}

fn matched(text: &str) -> Result<Matched, String> {
    let text = text.trim();
    let (name, rest) = text.split_once('{').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let name = name.trim();
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    if name.is_empty() || !name.chars().all(legal) {
        return Err(format!("{name:?} is not a valid metric name"));
    }
    let (mut equal, mut unequal) = (Vec::new(), Vec::new());
    if let Some(rest) = rest {
        let inner = rest.trim_end().strip_suffix('}');
        let mut inner = inner.ok_or("expected \"}\" at the end of the label matchers")?.trim();
        while !inner.is_empty() {
            let wrong = || format!("expected LABEL=\"VALUE\" or LABEL!=\"VALUE\", got {inner:?}");
            let at = inner.find('=').ok_or_else(wrong)?;
            let (label, behind) = (inner[..at].trim_end(), inner[at + 1..].trim_start());
            let behind = behind.strip_prefix('"').ok_or_else(wrong)?;
            let end = behind.find('"').ok_or_else(wrong)?;
            let value = behind[..end].to_owned();
            match label.strip_suffix('!') {
                Some(label) => unequal.push((label.trim_end().to_owned(), value)),
                None => equal.push((label.to_owned(), value)),
            }
            let next = behind[end + 1..].trim_start();
            inner = match next.strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if next.is_empty() => next,
                None => {
                    return Err(format!("expected a comma between label matchers, got {next:?}"));
                }
            };
        }
    }
    Ok(Matched { name: name.to_owned(), equal, unequal })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::{DialectCatalog, ScrapeParser, Shows};
    use manytop_plugin::{provider::Selection, testing::lines};
    use std::sync::Arc;

    fn decoded(names: &[&str], body: &str) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let shows = Shows { watches: set(&names), ..Shows::default() };
        let catalog = Arc::new(DialectCatalog::showing(shows).unwrap());
        let mut parser = ScrapeParser::new(catalog, false);
        lines(&parser.read(body.as_bytes(), &Selection::kinds(&[METRIC])).readings)
    }

    fn of(name: &str, metric: &str) -> Watch {
        Watch { name: name.into(), metric: metric.into(), ..Watch::default() }
    }

    #[test]
    fn what_is_watched_is_a_metric_of_the_remotes_that_heed_it() {
        let keys = Watch {
            over: Some((Aggregation::Sum, "db".into())),
            ..of("keys", "redis_db_keys{db!=\"db9\"}")
        };
        let most =
            Watch { over: Some((Aggregation::Max, "db".into())), ..of("most", "redis_db_keys") };
        let calls = Watch {
            rate: true,
            unit: "/s".into(),
            title: "Calls".into(),
            ..of("calls", "redis_calls_total{cmd=\"get\"}")
        };
        watch(vec![
            of("clients", "redis_connected_clients"),
            keys,
            most,
            calls,
            of("dbs", "redis_db_keys"),
        ])
        .unwrap();
        let body = "redis_connected_clients 12\nredis_db_keys{db=\"db0\"} 3\nredis_db_keys{db=\"db1\"} 5\n\
                    redis_db_keys{db=\"db9\"} 100\nredis_calls_total{cmd=\"get\"} 7\nredis_calls_total{cmd=\"set\"} 8\n";
        assert_eq!(decoded(&["clients"], body), "clients value=12\n");
        assert_eq!(decoded(&["keys", "most"], body), "keys value=8\nmost value=100\n");
        assert_eq!(
            decoded(&["calls"], body),
            "calls counter=7 value_unit=\"/s\" title=\"Calls\"\n"
        );
        assert_eq!(
            decoded(&["dbs"], body),
            "dbs/db0 value=3\ndbs/db1 value=5\ndbs/db9 value=100\n"
        );
        assert_eq!(decoded(&[], body), "");
        for (metric, text) in [
            ("a b", "not a valid metric name"),
            ("a{b", "expected \"}\""),
            ("a{b=c}", "LABEL=\"VALUE\""),
            ("a{b=\"c\" d=\"e\"}", "a comma"),
        ] {
            let (name, problem) = watch(vec![of("x", metric)]).unwrap_err();
            assert!(name == "x" && problem.contains(text), "{problem}");
        }
        assert_eq!(
            decoded(&["clients"], body),
            "clients value=12\n",
            "what was wrong changes nothing"
        );
    }
}
