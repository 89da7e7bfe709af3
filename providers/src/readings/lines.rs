//! Lines: `LABEL VALUE [UNIT]`, Prometheus' samples, and text.

use super::OwnReadings;
use crate::exposition::line;
use std::collections::HashMap;

/// Reads each line.
pub fn read(text: &str, into: &mut OwnReadings, texts: bool) {
    let mut types: HashMap<&str, &str> = HashMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_ascii_whitespace();
            if words.next() == Some("TYPE")
                && let (Some(name), Some(word)) = (words.next(), words.next())
            {
                types.insert(name, word);
            }
        } else if let Some(sample) = sample(line) {
            sample.put(&types, into);
        } else if let Some((label, value, unit)) = labelled(line) {
            if value.is_finite() {
                into.value(label, value, unit, unit.is_none() && is_counter(label, &types));
            }
        } else if texts {
            into.line(line);
        } else {
            into.left_out += 1;
        }
    }
}

fn is_counter(name: &str, types: &HashMap<&str, &str>) -> bool {
    match types.get(name) {
        Some(word) => *word == "counter",
        None => name.ends_with("_total"),
    }
}

/// `LABEL VALUE [UNIT]`, or a name, a value and a timestamp, which is not a unit.
fn labelled(line: &str) -> Option<(&str, f64, Option<&str>)> {
    let (label, rest) = match line.strip_prefix('"') {
        Some(rest) => rest.split_once('"')?,
        None => line.split_once(char::is_whitespace)?,
    };
    let mut words = rest.split_ascii_whitespace();
    let (value, unit) = (words.next()?.parse().ok()?, words.next());
    let is_timestamp = |unit: &&str| unit.parse::<f64>().is_ok();
    let ends = words.next().is_none() && !label.is_empty();
    ends.then(|| (label, value, unit.filter(|unit| !is_timestamp(unit))))
}

/// A sample with labels; one without is read as a label and a value.
struct LabelledSample<'a> {
    name: &'a str,
    /// Name and labels as written in the line.
    key: &'a str,
    labels: Vec<(&'a str, &'a str)>,
    value: f64,
}

fn sample(text: &str) -> Option<LabelledSample<'_>> {
    text.contains('{').then_some(())?;
    let (at, value) = line::sample(text.as_bytes())?;
    let parts = line::split(text)?;
    let key = text.get(..at)?.trim_end();
    Some(LabelledSample { name: parts.name, key, labels: parts.labels.iter().collect(), value })
}

impl LabelledSample<'_> {
    fn put(&self, types: &HashMap<&str, &str>, into: &mut OwnReadings) {
        if into.named.put(self.name, &self.labels, self.value) {
            return;
        }
        // the parts of a distribution say nothing one by one
        let is_part = self.name.ends_with("_bucket")
            || self.labels.iter().any(|(name, _)| *name == "quantile");
        if self.value.is_finite() && !is_part {
            into.value(self.key, self.value, None, is_counter(self.name, types));
        }
    }
}
