//! All series of a body, for the explorer and `--list metrics`.

use crate::exposition::{LINE_MAX, adapter};
use manytop_plugin::{
    reading::DeviceReading,
    text::{clean, clean_to},
    vocabulary::{HELP, METRIC_VALUE, SERIES, TYPE},
};
use std::{collections::HashMap, fmt::Write as _, sync::Arc};

/// More series of one body are left out.
const MOST: usize = 10_000;
/// So much of a body is kept while its series are wanted.
pub const BODY: usize = 8 << 20;

/// The series of a body in its order: name and labels, value, type and help. Values that are not finite are left
/// out, the series stay.
pub fn readings(body: &[u8]) -> Vec<DeviceReading> {
    let text = String::from_utf8_lossy(body);
    let mut about: HashMap<&str, [Option<Arc<str>>; 2]> = HashMap::new();
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.len() <= LINE_MAX) {
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.trim_start().splitn(3, ' ');
            let (kind, name, rest) = (words.next(), words.next(), words.next());
            let (Some(name), Some(rest)) = (name, rest) else { continue };
            let known = about.entry(name).or_default();
            match kind {
                Some("TYPE") => known[0] = Some(clean(rest.trim()).into()),
                Some("HELP") => known[1] = Some(clean_to(rest.trim(), 200).into()),
                _ => {}
            }
        } else if found.len() < MOST
            && let Some(series) = adapter::parse(line)
        {
            let mut device = clean(&series.name).into_owned();
            for (nth, (label, value)) in series.labels.iter().enumerate() {
                let open = if nth == 0 { '{' } else { ',' };
                let _ = write!(device, "{open}{}=\"{}\"", clean(label), clean(value));
            }
            if !series.labels.is_empty() {
                device.push('}');
            }
            let reading = DeviceReading::new(SERIES, device).with(&METRIC_VALUE, series.value);
            found.push((series.name, reading));
        }
    }
    let complete = |(name, reading): (String, DeviceReading)| {
        let family = ["_bucket", "_sum", "_count", "_total", "_created"];
        let family = family.iter().find_map(|end| about.get(name.strip_suffix(end)?));
        let [kind, help] = about.get(&*name).or(family).cloned().unwrap_or_default();
        let reading = match kind {
            Some(kind) => reading.text(&TYPE, kind),
            None => reading,
        };
        match help {
            Some(help) => reading.text(&HELP, help),
            None => reading,
        }
    };
    found.into_iter().map(complete).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    #[test]
    fn every_series_has_its_type_and_help() {
        let body = b"# HELP redis_up Whether it answers.\n# TYPE redis_up gauge\nredis_up 1\n\
                     # TYPE redis_calls counter\nredis_calls_total{cmd=\"get\",x=\"\"} 7\nredis_nan NaN\nbad\n";
        assert_eq!(
            lines(&readings(body)),
            "redis_up value=1 type=\"gauge\" help=\"Whether it answers.\"\n\
             redis_calls_total{cmd=\"get\",x=\"\"} value=7 type=\"counter\"\nredis_nan\n"
        );
    }
}
