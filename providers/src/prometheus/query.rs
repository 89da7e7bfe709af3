//! The queries, in PromQL.

use crate::{
    dialects::dialect::{DialectRow, Dialects},
    targets::{SITE, SourceNames},
};
use manytop_plugin::{provider::Selection, reading::Kind};
use std::{collections::BTreeSet, time::Duration};

/// The label that marks timestamps of scrapes among the samples of one answer.
pub const MARK: &str = "manytop";

/// Its value for timestamps of the newest samples of targets without `up`.
pub const SAMPLED: &str = "sampled";

/// The metrics of which the dialects make those kinds, as a regular expression; `None` if there are none.
pub fn metrics(dialects: &Dialects, want: impl Fn(Kind) -> bool) -> Option<String> {
    let sections = dialects.iter().flat_map(|d| d.sections()).filter(|s| want(s.kind()));
    let names: BTreeSet<String> = sections
        .flat_map(|section| section.rows())
        .flat_map(DialectRow::metrics)
        .map(|(name, whole)| if whole { name.to_owned() } else { format!("{name}.*") })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| alternatives(&names))
}

/// A regular expression for these sorted names, shared prefixes once: VictoriaMetrics refuses queries of more
/// than 16 KiB, which the names of all dialects are.
fn alternatives(names: &[&str]) -> String {
    let (mut all, mut rest) = (Vec::new(), names);
    while let Some(first) = rest.first() {
        let prefix = first.split_inclusive('_').next().filter(|part| part.ends_with('_'));
        let tails: Vec<&str> = prefix.map_or_else(Vec::new, |prefix| {
            rest.iter().map_while(|name| name.strip_prefix(prefix)).collect()
        });
        match prefix {
            Some(prefix) if tails.len() > 1 => {
                all.push(format!("{prefix}({})", alternatives(&tails)));
            }
            _ => all.push((*first).to_owned()),
        }
        rest = &rest[tails.len().max(1)..];
    }
    all.join("|")
}

fn selector(name: &str, select: &str) -> String {
    let comma = if select.is_empty() { "" } else { "," };
    format!("{{{name}{comma}{select}}}")
}

/// The wanted metrics of all hosts, `up`, and when each was scraped: in one query, so that all values are of one
/// instant. `sampled` are metrics of targets without `up`, which a relabelling dropped or which push to a gateway:
/// then the timestamps of these samples and of pushes are queried too.
pub fn instant(metrics: &str, select: &str, sampled: &BTreeSet<String>) -> String {
    let pushed = if sampled.is_empty() { "" } else { "push_time_seconds|" };
    let all = selector(&format!("__name__=~\"up|{pushed}{metrics}\""), select);
    let marked =
        |what: &str, mark| format!(" or label_replace({what}, \"{MARK}\", \"{mark}\", \"\", \"\")");
    let of =
        |name: &str| format!("timestamp({})", selector(&format!("__name__=\"{name}\""), select));
    let taken = marked(&of("up"), "taken");
    // One metric each: times have no name, and equal labels would be an error.
    let times: Vec<String> = sampled.iter().map(|name| of(name)).collect();
    let sampled = match times.is_empty() {
        true => String::new(),
        false => {
            let by = SITE.join(", ");
            let newest = format!("max by (instance, job, {by}) ({})", times.join(" or "));
            marked(&newest, SAMPLED)
        }
    };
    format!("{all}{taken}{sampled}")
}

/// The names of machines.
pub fn names(select: &str) -> String {
    let metrics = SourceNames::metrics().collect::<Vec<_>>().join("|");
    // `kube_node_info` comes from a target that `select` may not choose.
    match select {
        "" => selector(&format!("__name__=~\"{metrics}\""), ""),
        _ => format!(
            "{} or {}",
            selector(&format!("__name__=~\"{metrics}\""), select),
            selector("__name__=\"kube_node_info\"", "")
        ),
    }
}

/// The samples of the time before.
pub fn past(metrics: &str, select: &str, span: Duration) -> String {
    let all = selector(&format!("__name__=~\"{metrics}\""), select);
    format!("{all}[{}s]", span.as_secs().max(1))
}

/// All that is wanted of the targets with these instances, over time.
pub fn of_host(metrics: &str, select: &str, instances: &BTreeSet<String>) -> String {
    let mut all = String::new();
    for instance in instances {
        all.push_str(if all.is_empty() { "" } else { "|" });
        for c in instance.chars() {
            match c {
                // A regular expression in a quoted string: each backslash is escaped twice.
                '\\' => all.push_str(r"\\\\"),
                c if r".+*?()|[]{}^$".contains(c) => {
                    all.extend(["\\\\", c.encode_utf8(&mut [0; 4])])
                }
                '"' => all.push_str("\\\""),
                '\n' => all.push_str("\\n"),
                c => all.push(c),
            }
        }
    }
    let comma = if select.is_empty() { "" } else { "," };
    selector(&format!("__name__=~\"{metrics}\""), &format!("instance=~\"{all}\"{comma}{select}"))
}

/// When the hosts were scraped, and the names of machines, in one query. `kube_node_info` of a target that `select`
/// does not choose is not among them.
pub fn start(select: &str) -> String {
    let names: Vec<&str> = ["up"].into_iter().chain(SourceNames::metrics()).collect();
    past(&names.join("|"), select, Duration::from_secs(300))
}

/// All kinds that some dialect knows and that are wanted.
pub fn kinds(dialects: &Dialects, want: &Selection) -> Vec<Kind> {
    let kinds = dialects.iter().flat_map(|d| d.sections()).map(|s| s.kind());
    kinds.filter(|kind| want.kind(*kind)).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::vocabulary::{CPU, MEMORY};

    #[test]
    fn only_the_metrics_of_what_is_wanted_are_asked_for() {
        let dialects = Dialects::load().unwrap();
        let asked = metrics(&dialects, |kind| kind == MEMORY).unwrap();
        assert!(asked.contains("node_(memory_("), "{asked}");
        assert!(asked.contains("MemTotal_bytes") && asked.contains("gotop_"), "{asked}");
        assert!(!asked.contains("cpu"), "{asked}");
        let asked = metrics(&dialects, |kind| kind == CPU).unwrap();
        assert!(asked.contains("gotop_cpu_.*"), "{asked}");
        assert_eq!(metrics(&dialects, |_| false), None);
        let kinds = kinds(&dialects, &Selection::kinds(&[MEMORY, CPU, Kind::new("unheard-of")]));
        assert_eq!(kinds, [CPU, MEMORY]);
        let all = metrics(&dialects, |_| true).unwrap();
        assert!(all.len() < 14_000, "{} bytes: VictoriaMetrics takes 16,384", all.len());
    }

    #[test]
    fn shared_prefixes_of_names_are_written_once() {
        let names = ["a", "a_b_c", "a_b_d.*", "a_e", "b_", "b_f", "c_d"];
        assert_eq!(alternatives(&names), "a|a_(b_(c|d.*)|e)|b_(|f)|c_d");
    }

    #[test]
    fn the_hosts_are_chosen_in_each_part_of_a_query() {
        let none = BTreeSet::new();
        assert_eq!(
            instant("a|b.*", "job=\"x\"", &none),
            "{__name__=~\"up|a|b.*\",job=\"x\"} or label_replace(timestamp({__name__=\"up\",job=\"x\"}), \
             \"manytop\", \"taken\", \"\", \"\")"
        );
        let sampled = BTreeSet::from(["a".to_owned(), "b1".to_owned()]);
        let asked = instant("a|b.*", "", &sampled);
        assert!(asked.starts_with("{__name__=~\"up|push_time_seconds|a|b.*\"} or "), "{asked}");
        assert!(
            asked.contains("(timestamp({__name__=\"a\"}) or timestamp({__name__=\"b1\"}))"),
            "{asked}"
        );
        assert_eq!(past("a", "", Duration::from_secs(60)), "{__name__=~\"a\"}[60s]");
        let instances = BTreeSet::from(["w\"1\\".to_owned(), "a.b:1".to_owned()]);
        assert_eq!(
            of_host("a", "job=\"x\"", &instances),
            r#"{__name__=~"a",instance=~"a\\.b:1|w\"1\\\\",job="x"}"#
        );
    }
}
