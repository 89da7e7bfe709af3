//! The decoder against prometheus-parse, which reads whole bodies by itself: equal on all lines that both can
//! represent. [`LOSSES`] lists the lines that prometheus-parse cannot.

use super::{Heard, bits, heard, mutate, seed_lines};
use manytop_core::testing::Numbers;
use manytop_providers::{
    exposition::{
        adapter::{self, ParsedSeries},
        decoder::Decoder,
    },
    remote::DialectCatalog,
};
use prometheus_parse::{Scrape, Value};
use std::{io, sync::Arc};

/// Whether a line has the loss.
type Has = fn(&str) -> bool;

/// What prometheus-parse loses or reads wrongly, with a line as an example.
const LOSSES: &[(&str, Has, &str)] = &[
    ("names with other characters than letters, digits and _", odd_name, "node_load-1 1"),
    ("quoted names", |line| part(line).0.is_empty(), "{\"node_load1\"} 1"),
    (
        "a blank before the braces",
        |line| part(line).0.ends_with([' ', '\t']),
        "node_load1 {a=\"b\"} 1",
    ),
    (
        "empty braces",
        |line| part(line).1.is_some_and(|labels| labels.trim().is_empty()),
        "node_load1{} 1",
    ),
    ("syntax in a label's value, and escapes", syntax_in_value, "node_load1{a=\"x,y\"} 1"),
    (
        "blanks between labels",
        |line| skeleton(line).contains([' ', '\t']),
        "node_load1{a=\"b\", c=\"d\"} 1",
    ),
    ("labels without quotes or without values", unquoted, "node_load1{a=b} 1"),
    ("what follows value and timestamp: exemplars, garbage", more_words, "node_load1 1 x"),
    ("no blank before the value", close_value, "node_load1{a=\"b\"}1"),
    ("control characters, and blanks beyond ASCII", odd_blank, "node_load1 1\u{a0}2"),
];

/// A line's name, the text between its braces, and the rest.
fn part(line: &str) -> (&str, Option<&str>, &str) {
    let line = line.trim();
    let Some((name, rest)) = line.split_once('{') else {
        let end = line.find([' ', '\t']).unwrap_or(line.len());
        return (&line[..end], None, &line[end..]);
    };
    match rest.rfind('}') {
        Some(end) => (name, Some(&rest[..end]), &rest[end + 1..]),
        None => (name, Some(rest), ""),
    }
}

fn odd_name(line: &str) -> bool {
    let name = part(line).0.trim_end();
    !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The text between the braces without what is between quotes: `a="",b=""`.
fn skeleton(line: &str) -> String {
    let outside = part(line).1.unwrap_or_default().split('"').step_by(2);
    outside.collect::<Vec<_>>().join("\"\"")
}

fn syntax_in_value(line: &str) -> bool {
    let mut values = part(line).1.unwrap_or_default().split('"').skip(1).step_by(2);
    line.contains('\\') || values.any(|text| text.contains(['{', '}', ',', '=']))
}

fn unquoted(line: &str) -> bool {
    let (skeleton, is_named) = (skeleton(line), !part(line).0.is_empty());
    let is_label = |pair: &str| {
        let name = pair.strip_suffix("=\"\"");
        name.is_some_and(|name| !name.is_empty() && !name.contains(['"', '=']))
    };
    let pairs = skeleton.strip_suffix(',').unwrap_or(&skeleton);
    let is_whole = part(line).1.is_none() || line.trim_end().contains('}');
    is_named && (!is_whole || (!pairs.is_empty() && !pairs.split(',').all(is_label)))
}

fn close_value(line: &str) -> bool {
    part(line).2.starts_with(|c: char| !c.is_ascii_whitespace())
}

fn more_words(line: &str) -> bool {
    let words: Vec<&str> = part(line).2.split_ascii_whitespace().collect();
    words.len() > 2 || words.get(1).is_some_and(|time| time.parse::<i64>().is_err())
}

fn odd_blank(line: &str) -> bool {
    line.chars().any(|c| (c.is_control() && c != '\t') || (c.is_whitespace() && !c.is_ascii()))
        || line.contains('\u{FEFF}')
}

fn is_lost(line: &str) -> bool {
    LOSSES.iter().any(|(_, has, _)| has(line))
}

/// What prometheus-parse reads of a body.
fn oracle(body: &str) -> Vec<ParsedSeries> {
    let lines = body.lines().map(|line| io::Result::Ok(line.to_owned()));
    let scrape = Scrape::parse_at(lines, Default::default()).unwrap();
    let series = scrape.samples.into_iter().filter_map(|sample| {
        let (Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value)) = sample.value
        else {
            return None;
        };
        let labels = sample.labels.iter().map(|(name, text)| (name.clone(), text.clone()));
        let mut labels: Vec<_> = labels.collect();
        labels.sort();
        Some(ParsedSeries { name: sample.metric, labels, value })
    });
    series.collect()
}

/// What that means to the dialects.
fn expected(body: &str, catalog: &DialectCatalog) -> Heard {
    let meaning = |series: &ParsedSeries| {
        let meanings = catalog.dialects().meanings(series, catalog.shows());
        let text: String = (meanings.iter())
            .map(|m| format!("{} {:?} {:?};", m.dialect.name(), m.slot, m.labels))
            .collect();
        (!meanings.is_empty()).then(|| (text, bits(series.value)))
    };
    oracle(body).iter().filter_map(meaning).collect()
}

fn decoded(decoder: &mut Decoder, body: &str) -> Heard {
    decoder.begin();
    decoder.feed(body.as_bytes());
    decoder.end();
    heard(decoder)
}

#[test]
fn equals_prometheus_parse_on_all_lines_that_both_can_represent() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let mut decoder = Decoder::new(catalog.clone());
    let mut numbers = Numbers::default();
    let seeds = seed_lines();
    let mut lines = seeds.clone();
    let (mut read, mut kept) = (0, 0);
    for round in 0..500 {
        if round % 40 == 0 {
            lines.clone_from(&seeds);
        }
        mutate(&mut lines, &mut numbers);
        let texts = lines.iter().filter_map(|line| std::str::from_utf8(line).ok());
        let texts = texts
            .flat_map(|text| text.split('\n'))
            .filter(|line| !line.trim_start().starts_with('#'));
        let texts: Vec<&str> = texts.inspect(|_| read += 1).filter(|line| !is_lost(line)).collect();
        kept += texts.len();
        let body = texts.join("\n");
        assert_eq!(
            decoded(&mut decoder, &body),
            expected(&body, &catalog),
            "round {round}:\n{body}"
        );
    }
    assert!(kept * 2 > read, "only {kept} of {read} lines are compared");
}

#[test]
fn recorded_bodies_are_read_as_prometheus_parse_reads_them() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    for body in [
        include_str!("../exposition/node_exporter-1.5.0.prom"),
        include_str!("../exposition/gotop-4.2.0.prom"),
    ] {
        // histograms and summaries are merged to one value there, by their types; of series that only list names
        // the decoder keeps no value
        let is_read = |line: &&str| !line.starts_with(['#']) && !line.starts_with("node_scrape_");
        let lines = body.lines().filter(|line| is_read(line) && !is_lost(line));
        let body = lines.collect::<Vec<_>>().join("\n");
        let mut decoder = Decoder::new(catalog.clone());
        let decoded = decoded(&mut decoder, &body);
        assert!(!decoded.is_empty());
        assert_eq!(decoded, expected(&body, &catalog));
    }
}

#[test]
fn each_listed_loss_is_one() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    for (what, has, line) in LOSSES {
        assert!(has(line), "{what}: {line}");
        let others = LOSSES.iter().filter(|(other, has, _)| other != what && has(line)).count();
        assert_eq!(others, 0, "{what}: {line} is an example of another loss too");
        let mut decoder = Decoder::new(catalog.clone());
        let is_equal = oracle(line).first() == adapter::parse(line).as_ref()
            && decoded(&mut decoder, line) == expected(line, &catalog);
        assert!(!is_equal, "{what}: {line} is read alike; it is not lost");
    }
}
