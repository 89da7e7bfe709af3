//! A table's text into a dialect.

use super::{
    columns::{ColumnTarget, Fold, TableColumn, TableColumns},
    quantities,
    template::Template,
};
use crate::dialects::dialect::{DevicePart, Dialect, DialectRow, Section, Slot};
use manytop_plugin::reading::Kind;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A table has no more series.
const SERIES_MAX: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DialectTable {
    name: Option<Spanned<String>>,
    rank: Option<Spanned<u8>>,
    #[serde(default)]
    hosts_by: Vec<String>,
    /// Kinds with devices that are shown beside those of other dialects.
    #[serde(default)]
    adds: Vec<String>,
    #[serde(default)]
    series: Vec<Spanned<SeriesTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesTable {
    metric: OneOrMany,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    except: BTreeMap<String, OneOrMany>,
    kind: String,
    #[serde(default)]
    device: Option<OneOrMany>,
    replace: Option<[String; 2]>,
    quantity: Option<String>,
    factor: Option<f64>,
    offset: Option<f64>,
    #[serde(default)]
    sum: bool,
    unit: Option<String>,
    #[serde(rename = "type")]
    form: Option<String>,
    text: Option<String>,
    label: Option<String>,
    #[serde(default)]
    words: BTreeMap<String, String>,
    join: Option<Join>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    metric: String,
    label: String,
}

/// A text, or a list of them.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn list(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// Problems, each with its line.
type Problems = Vec<(u32, String)>;

fn line(text: &str, byte: usize) -> u32 {
    let before = text.as_bytes().get(..byte).unwrap_or_default();
    before.iter().filter(|b| **b == b'\n').count() as u32 + 1
}

/// A dialect of that name, unless the text gives it another. It lives as long as the program.
///
/// # Errors
/// What is wrong, each problem with its line.
pub fn dialect(name: &str, text: &str) -> Result<&'static Dialect, Problems> {
    let table: DialectTable = toml::from_str(text).map_err(|error| {
        let byte = error.span().map_or(0, |span| span.start);
        vec![(line(text, byte), error.message().trim().to_owned())]
    })?;
    let at = |spanned: &Spanned<SeriesTable>| line(text, spanned.span().start);
    let mut problems = Problems::new();
    let name_line = table.name.as_ref().map_or(1, |name| line(text, name.span().start));
    let name = table.name.as_ref().map_or(name, |name| name.get_ref());
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 40 || !name.chars().all(legal) {
        let text = format!("{name:?} is not a valid name: letters, digits, _ - and . are");
        problems.push((name_line, text));
    }
    let rank = table.rank.as_ref().map_or(1, |rank| *rank.get_ref());
    if let Some(given) = table.rank.as_ref().filter(|rank| !(1..=9).contains(rank.get_ref())) {
        let text = format!("rank: expected 1 to 9, got {rank}");
        problems.push((line(text.as_str(), given.span().start), text));
    }
    if table.series.is_empty() {
        problems.push((1, "expected at least one [[series]]".into()));
    } else if table.series.len() > SERIES_MAX {
        problems.push((1, format!("more than {SERIES_MAX} [[series]]")));
    }
    let mut sections: Vec<SectionParts> = Vec::new();
    for series in &table.series {
        if let Err(text) = add(&mut sections, series.get_ref()) {
            problems.push((at(series), text));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let sections: Vec<Section> = sections
        .into_iter()
        .map(|parts| {
            let columns = TableColumns { columns: parts.columns, names: parts.names };
            let adds = table.adds.iter().any(|kind| kind == parts.kind.word());
            let section =
                Section::of_columns(parts.kind, parts.rows.leak(), Box::leak(Box::new(columns)));
            if adds { section.adding() } else { section }
        })
        .collect();
    let dialect = Dialect::new(name.to_owned().leak(), rank, sections.leak());
    let dialect = match table.hosts_by.is_empty() {
        true => dialect,
        false => dialect.hosts_by(leaked(&table.hosts_by)),
    };
    Ok(Box::leak(Box::new(dialect)))
}

/// The series of one kind.
struct SectionParts {
    kind: Kind,
    is_known: bool,
    rows: Vec<DialectRow>,
    columns: Vec<TableColumn>,
    names: Option<Slot>,
}

fn leaked(words: &[String]) -> &'static [&'static str] {
    words.iter().map(|word| &*word.clone().leak()).collect::<Vec<&'static str>>().leak()
}

fn add(sections: &mut Vec<SectionParts>, series: &SeriesTable) -> Result<(), String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if series.kind.is_empty() || !series.kind.chars().all(legal) {
        return Err(format!("{:?} is not a valid kind", series.kind));
    }
    let at = sections.iter().position(|s| s.kind.word() == series.kind).unwrap_or_else(|| {
        let (kind, is_known) = quantities::kind(&series.kind);
        let (rows, columns) = (Vec::new(), Vec::new());
        sections.push(SectionParts { kind, is_known, rows, columns, names: None });
        sections.len() - 1
    });
    let section = &mut sections[at];
    if section.kind.is_private() {
        return Err(format!("the kind {:?} is private", series.kind));
    }
    let target = target(section, series)?;
    let keeps: &[&str] = match &target {
        ColumnTarget::Label(_) => leaked(series.label.as_slice()),
        _ => &[],
    };
    let slot = Slot::new(section.columns.len().to_string().leak());
    rows(section, series, series.metric.list(), slot, keeps)?;
    if let Some(join) = &series.join {
        let slot = *section.names.get_or_insert(Slot::new("name"));
        let keeps = leaked(std::slice::from_ref(&join.label));
        let plain =
            SeriesTable { labels: BTreeMap::new(), except: BTreeMap::new(), ..copy(series) };
        rows(section, &plain, std::slice::from_ref(&join.metric), slot, keeps)?;
    }
    section.columns.push(TableColumn { slot, target });
    Ok(())
}

fn copy(series: &SeriesTable) -> SeriesTable {
    SeriesTable {
        metric: series.metric.clone(),
        labels: series.labels.clone(),
        except: series.except.clone(),
        kind: series.kind.clone(),
        device: series.device.clone(),
        replace: series.replace.clone(),
        quantity: None,
        factor: None,
        offset: None,
        sum: false,
        unit: None,
        form: None,
        text: None,
        label: None,
        words: BTreeMap::new(),
        join: None,
    }
}

/// What the values of a series are.
fn target(section: &SectionParts, series: &SeriesTable) -> Result<ColumnTarget, String> {
    let kind = section.kind;
    match (&series.quantity, &series.text) {
        (Some(_), Some(_)) => Err("quantity and text exclude each other".into()),
        (None, None) => Err("expected a quantity or a text".into()),
        (Some(name), None) => {
            let counter = match series.form.as_deref() {
                None | Some("gauge") => false,
                Some("counter") => true,
                Some(other) => {
                    return Err(format!("type: expected gauge or counter, got {other:?}"));
                }
            };
            let unit = series.unit.as_deref();
            let quantity = quantities::quantity(kind, section.is_known, name, unit, counter)?;
            let (factor, offset) = (series.factor.unwrap_or(1.0), series.offset.unwrap_or(0.0));
            if !factor.is_finite() || factor == 0.0 || !offset.is_finite() {
                return Err("factor: expected a number other than 0".into());
            }
            let fold = if series.sum { Fold::Sum } else { Fold::First };
            Ok(ColumnTarget::Quantity { quantity, factor, offset, fold })
        }
        (None, Some(name)) => {
            let text = quantities::text(kind, name);
            match (&series.label, series.words.is_empty()) {
                (Some(_), true) => Ok(ColumnTarget::Label(text)),
                (None, false) => {
                    let word = |(number, word): (&String, &String)| {
                        let value = number.parse::<f64>();
                        let value =
                            value.map_err(|_| format!("words: {number:?} is not a number"))?;
                        Ok((value, word.clone()))
                    };
                    let words: Result<Vec<_>, String> = series.words.iter().map(word).collect();
                    Ok(ColumnTarget::Words(text, words?))
                }
                _ => Err("a text needs either label or words".into()),
            }
        }
    }
}

/// Adds a row for each name.
fn rows(
    section: &mut SectionParts,
    series: &SeriesTable,
    metrics: &[String],
    slot: Slot,
    keeps: &'static [&'static str],
) -> Result<(), String> {
    if metrics.is_empty() {
        return Err("metric: expected at least one name".into());
    }
    for metric in metrics {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '*' | '.' | '-');
        let begins = metric.split('*').next().unwrap_or_default();
        if begins.len() < 3 || !metric.chars().all(legal) || metric.matches('*').count() > 1 {
            return Err(format!(
                "metric: {metric:?} is not a valid name; it begins with three letters at least and holds one * at most"
            ));
        }
        let device = series.device.as_ref().map_or(&[][..], OneOrMany::list);
        let except =
            series.except.iter().map(|(label, globs)| (label.clone(), globs.list().to_vec()));
        let template = Template::parse(device, metric)?
            .except(except.collect())
            .replacing(series.replace.clone());
        let name: &'static str = begins.to_owned().leak();
        let row = DialectRow::named(name, slot)
            .of(DevicePart::Template(Box::leak(Box::new(template))))
            .keeps(keeps)
            .has(pairs(&series.labels));
        section.rows.push(if metric.contains('*') { row.beginnings() } else { row });
    }
    Ok(())
}

fn pairs(labels: &BTreeMap<String, String>) -> &'static [(&'static str, &'static str)] {
    let labels: Vec<_> = labels.iter().map(|(l, v)| (l.clone(), v.clone())).collect();
    leaked_pairs(&labels)
}

/// Labels with values that live as long as the program.
pub(super) fn leaked_pairs(labels: &[(String, String)]) -> &'static [(&'static str, &'static str)] {
    let leak = |(label, value): &(String, String)| {
        let pair: (&'static str, &'static str) = (label.clone().leak(), value.clone().leak());
        pair
    };
    labels.iter().map(leak).collect::<Vec<_>>().leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_named_with_their_lines() {
        let head = "name = \"x\"\n\n[[series]]\nmetric = \"x_temp\"\nkind = \"temperature\"\n";
        for (rest, line, text) in [
            ("quantity = \"celsus\"\n", 3, "did you mean \"celsius\""),
            ("quantity = \"celsius\"\ndevice = \"{room\"\n", 3, "expected \"}\""),
            ("", 3, "expected a quantity or a text"),
            ("quantity = \"celsius\"\nfactor = 0.0\n", 3, "other than 0"),
            ("quantity = \"celsius\"\nfaktor = 1.0\n", 7, "unknown field `faktor`"),
            ("quantity = 5\n", 6, "expected a string"),
            ("text = \"state\"\n", 3, "either label or words"),
            ("quantity = \"celsius\"\ndevice = \"{*}\"\n", 3, "needs a metric with *"),
        ] {
            let problems = dialect("x", &format!("{head}{rest}")).err().unwrap();
            assert_eq!(problems.len(), 1, "{rest}: {problems:?}");
            assert_eq!(problems[0].0, line, "{rest}: {problems:?}");
            assert!(problems[0].1.contains(text), "{rest}: {problems:?}");
        }
        let empty = dialect("x", "name = \"a b\"\n").err().unwrap();
        assert_eq!(empty.len(), 2, "{empty:?}");
    }
}
