//! Writes a metric that was picked in the explorer into the config, as a watch.

use super::tree::metric;
use manytop_core::file::{self, Existing};
use std::{io, path::Path};

/// A config file is not longer.
const CONFIG_MAX: u64 = 16 << 20;

/// A metric, or one series of it, that can be watched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PickedMetric {
    /// The metric's name, with labels if only one series is meant.
    pub series: String,
    /// It is a counter: its rate is watched.
    pub counts: bool,
}

/// What became of it.
#[derive(PartialEq, Eq, Debug)]
pub enum KeepOutcome {
    /// It was written under this NAME.
    Written(String),
    /// The file had it already, under this NAME.
    Known(String),
}

/// Adds a watch of a host to a config file, in the file's own format.
///
/// # Errors
/// The file cannot be read or written, or a label's value cannot be written in a matcher.
pub fn keep(path: &Path, host: &str, picked: &PickedMetric) -> io::Result<KeepOutcome> {
    let matchers = picked.series.split_once('{').map_or("", |(_, matchers)| matchers);
    if matchers.matches('"').count() != 2 * matchers.matches("=\"").count() {
        return Err(io::Error::other("a label of it has a quotation mark in its value"));
    }
    let mut text = match file::read_text(path, CONFIG_MAX) {
        Ok(text) => text,
        Err(e) if e.is_missing() => String::new(),
        Err(e) => return Err(io::Error::other(e.to_string())),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    let is_taken = |name: &str| {
        [format!("watch-{name}-"), format!("[watch.\"{name}\"]"), format!("[watch.{name}]")]
            .iter()
            .any(|key| text.contains(key))
    };
    let first = name_for(picked);
    let numbered = (2..).map(|n| format!("{first}_{n}"));
    for name in std::iter::once(first.clone()).chain(numbered) {
        let lines = lines(&name, host, picked, is_toml);
        if text.contains(&lines) {
            return Ok(KeepOutcome::Known(name));
        }
        if !is_taken(&name) {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            file::replace(path, (text + &lines).as_bytes(), Existing::Replace)?;
            return Ok(KeepOutcome::Written(name));
        }
    }
    Err(io::Error::other("no NAME is free"))
}

/// The lines of the config for a watch of that NAME.
fn lines(name: &str, host: &str, picked: &PickedMetric, is_toml: bool) -> String {
    // a label's value is not a variable of the environment
    let series = picked.series.replace("${", "$${");
    let unit = unit(metric(&picked.series), picked.counts);
    let mut lines = if is_toml {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let (series, host) = (quoted(&series), quoted(host));
        format!("\n[watch.\"{name}\"]\nmetric = \"{series}\"\nhosts = [\"{host}\"]\n")
    } else {
        format!("watch-{name}-metric={series}\nwatch-{name}-hosts={host}\n")
    };
    let keys = [("rate", if picked.counts { "true" } else { "" }), ("unit", unit)];
    for (key, value) in keys.into_iter().filter(|(_, value)| !value.is_empty()) {
        lines += &match (is_toml, key) {
            (true, "rate") => format!("rate = {value}\n"),
            (true, _) => format!("{key} = \"{value}\"\n"),
            (false, _) => format!("watch-{name}-{key}={value}\n"),
        };
    }
    lines
}

/// The unit that a metric's name ends with, by the conventions for names; of a counter that of its rate.
fn unit(metric: &str, counts: bool) -> &'static str {
    let units = [
        ("bytes", "B"),
        ("seconds", "s"),
        ("celsius", "°C"),
        ("percent", "%"),
        ("volts", "V"),
        ("amperes", "A"),
        ("watts", "W"),
        ("hertz", "Hz"),
    ];
    let word = metric.strip_suffix("_total").unwrap_or(metric).rsplit('_').next();
    let unit = units.iter().find(|(name, _)| Some(*name) == word).map_or("", |(_, unit)| unit);
    match (counts, unit) {
        (false, unit) => unit,
        (true, "B") => "B/s",
        // seconds a second
        (true, "s") => "",
        (true, _) => "/s",
    }
}

/// A NAME of the metric's name and the values of its labels.
fn name_for(picked: &PickedMetric) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let (metric, labels) = picked.series.split_once('{').unwrap_or((&picked.series, ""));
    let values = labels.split('"').skip(1).step_by(2).filter(|value| !value.is_empty());
    let words: Vec<&str> = std::iter::once(metric).chain(values).collect();
    words.join("_").chars().map(legal).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(series: &str, counts: bool) -> PickedMetric {
        PickedMetric { series: series.into(), counts }
    }

    #[test]
    fn a_watch_is_added_to_the_file_in_its_own_format() {
        let folder = std::env::temp_dir().join(format!("explorer-{}", std::process::id()));
        let conf = folder.join("a.conf");
        let written = |name: &str| KeepOutcome::Written(name.into());
        assert_eq!(keep(&conf, "db1", &picked("redis_up", false)).unwrap(), written("redis_up"));
        let calls = picked("redis_calls_total{cmd=\"get\"}", true);
        assert_eq!(keep(&conf, "db1", &calls).unwrap(), written("redis_calls_total_get"));
        let again = picked("redis_up", false);
        assert_eq!(keep(&conf, "db2", &again).unwrap(), written("redis_up_2"));
        assert_eq!(keep(&conf, "db2", &again).unwrap(), KeepOutcome::Known("redis_up_2".into()));
        assert_eq!(
            std::fs::read_to_string(&conf).unwrap(),
            "watch-redis_up-metric=redis_up\nwatch-redis_up-hosts=db1\n\
             watch-redis_calls_total_get-metric=redis_calls_total{cmd=\"get\"}\n\
             watch-redis_calls_total_get-hosts=db1\nwatch-redis_calls_total_get-rate=true\n\
             watch-redis_calls_total_get-unit=/s\n\
             watch-redis_up_2-metric=redis_up\nwatch-redis_up_2-hosts=db2\n"
        );
        let toml = folder.join("a.toml");
        keep(&toml, "db1", &calls).unwrap();
        assert_eq!(
            std::fs::read_to_string(&toml).unwrap(),
            "\n[watch.\"redis_calls_total_get\"]\nmetric = \"redis_calls_total{cmd=\\\"get\\\"}\"\n\
             hosts = [\"db1\"]\nrate = true\nunit = \"/s\"\n"
        );
        let hostile = picked("a{b=\"${HOME}\"}", false);
        keep(&conf, "db1", &hostile).unwrap();
        let text = std::fs::read_to_string(&conf).unwrap();
        assert!(text.contains("watch-a___HOME_-metric=a{b=\"$${HOME}\"}\n"), "{text}");
        let quote = picked("a{b=\"x\"y\"}", false);
        assert!(keep(&conf, "db1", &quote).unwrap_err().to_string().contains("quotation mark"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_unit_follows_from_the_name() {
        assert_eq!(unit("go_memstats_alloc_bytes", false), "B");
        assert_eq!(unit("node_network_receive_bytes_total", true), "B/s");
        assert_eq!(unit("node_cpu_seconds_total", true), "");
        assert_eq!(unit("http_requests_total", true), "/s");
        assert_eq!(unit("redis_connected_clients", false), "");
    }
}
