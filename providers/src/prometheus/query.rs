//! What the server is asked, in its language.

use crate::remote::dialect::{Dialects, Row};
use manytop_core::{provider::Want, reading::Kind};
use std::{collections::BTreeSet, time::Duration};

/// The label that tells the moments of scrapes from the samples among which they come.
pub const MARK: &str = "manytop";

/// Where the moment of a host's last scrape is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stamp {
    /// Of `up`, which is written together with what was scraped.
    Up,
    /// Of the samples themselves, where there is no `up`: it may have been left out on the way here.
    Samples,
}

/// The metrics of which the dialects make those kinds, as a regular expression; `None` if there are none.
pub fn metrics(dialects: &Dialects, want: impl Fn(Kind) -> bool) -> Option<String> {
    let sections = dialects.iter().flat_map(|d| d.sections()).filter(|s| want(s.kind()));
    let names: BTreeSet<String> = sections
        .flat_map(|section| section.rows())
        .map(|row| match Row::metric(row) {
            (name, true) => name.to_owned(),
            (beginning, false) => format!("{beginning}.*"),
        })
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    (!names.is_empty()).then(|| names.join("|"))
}

fn selector(name: &str, select: &str) -> String {
    let comma = if select.is_empty() { "" } else { "," };
    format!("{{{name}{comma}{select}}}")
}

/// All that is wanted of all hosts, `up`, and when each was scraped: in one query, so that nothing can
/// come between.
pub fn instant(metrics: &str, select: &str, stamp: Stamp) -> String {
    let all = selector(&format!("__name__=~\"up|{metrics}\""), select);
    let up = selector("__name__=\"up\"", select);
    let taken = match stamp {
        Stamp::Up => format!("timestamp({up})"),
        Stamp::Samples => format!("max by (instance) (timestamp({all}))"),
    };
    format!("{all} or label_replace({taken}, \"{MARK}\", \"taken\", \"\", \"\")")
}

/// The samples of the time before.
pub fn past(metrics: &str, select: &str, span: Duration) -> String {
    let all = selector(&format!("__name__=~\"{metrics}\""), select);
    format!("{all}[{}s]", span.as_secs().max(1))
}

/// When the hosts were scraped.
pub fn pace(select: &str) -> String {
    past("up", select, Duration::from_secs(300))
}

/// All kinds that some dialect knows and that are wanted.
pub fn kinds(dialects: &Dialects, want: &Want) -> Vec<Kind> {
    let kinds = dialects.iter().flat_map(|d| d.sections()).map(|s| s.kind());
    kinds.filter(|kind| want.kind(*kind)).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::vocabulary::{CPU, MEMORY};

    #[test]
    fn only_the_metrics_of_what_is_wanted_are_asked_for() {
        let dialects = Dialects::load().unwrap();
        let asked = metrics(&dialects, |kind| kind == MEMORY).unwrap();
        let has = |name: &str| asked.split('|').any(|n| n == name);
        assert!(has("node_memory_MemTotal_bytes") && has("gotop_memory_Main"), "{asked}");
        assert!(!asked.contains("cpu"), "{asked}");
        let asked = metrics(&dialects, |kind| kind == CPU).unwrap();
        assert!(asked.split('|').any(|n| n == "gotop_cpu_.*"), "{asked}");
        assert_eq!(metrics(&dialects, |_| false), None);
        let kinds = kinds(&dialects, &Want::kinds(&[MEMORY, CPU, Kind::new("unheard-of")]));
        assert_eq!(kinds, [CPU, MEMORY]);
    }

    #[test]
    fn the_hosts_are_chosen_in_each_part_of_a_query() {
        assert_eq!(
            instant("a|b.*", "job=\"x\"", Stamp::Up),
            "{__name__=~\"up|a|b.*\",job=\"x\"} or label_replace(timestamp({__name__=\"up\",job=\"x\"}), \
             \"manytop\", \"taken\", \"\", \"\")"
        );
        assert_eq!(past("a", "", Duration::from_secs(60)), "{__name__=~\"a\"}[60s]");
    }
}
