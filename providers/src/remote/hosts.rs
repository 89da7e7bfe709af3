//! The hosts of a body that holds several: a federated page, a cluster's nodes and guests.
//!
//! They are named after the labels that tell them apart, an address without its port where that is enough. What
//! stays the same from one answer to the next was not read again where it comes from, so it is not handed on again;
//! how far apart changes lie is how often a host is read.

use crate::dialects::scrape_parser::{ParsedHost, ParsedScrape};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure},
    reading::{DeviceReading, PollResult, SourceReadings},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// How often hosts are read, as long as it is not known.
const PACE: Duration = Duration::from_secs(15);
/// A host that the body no longer has is forgotten after this time.
const FORGOTTEN: Duration = Duration::from_secs(300);
/// More hosts of one body are left out.
const HOSTS: usize = 5_000;

/// The hosts in a remote's bodies.
#[derive(Debug, Default)]
pub struct BodyHosts(BTreeMap<Arc<str>, BodyHost>);

#[derive(Debug)]
struct BodyHost {
    /// Its last readings.
    readings: Vec<DeviceReading>,
    changed: Moment,
    pace: Option<Duration>,
    seen: Moment,
}

impl BodyHosts {
    /// Adds a part for each host of a body to what else it tells. `None` where there is nothing to add.
    pub fn add_parts(
        &mut self,
        scrape: &mut ParsedScrape,
        now: Moment,
        answer: Option<PollResult>,
    ) -> Option<PollResult> {
        if scrape.hosts.is_empty() && self.0.is_empty() {
            return answer;
        }
        let mut answer = answer.unwrap_or_default();
        let hosts = named(std::mem::take(&mut scrape.hosts));
        if hosts.len() > HOSTS {
            answer.notes.push(format!("more than {HOSTS} hosts; the rest is left out"));
        }
        for (name, host) in hosts.into_iter().take(HOSTS) {
            let ParsedHost { readings, dialects, .. } = host;
            let Some(part) = self.part(&name, readings, now) else { continue };
            answer.parts.push(SourceReadings { dialects, ..part });
        }
        for (name, host) in self.0.iter().filter(|(_, host)| host.seen != now) {
            if now.since(host.seen) > FORGOTTEN {
                answer.gone.push(name.clone());
            } else {
                let missing = Failure::new(Class::Unreachable, "no longer in the answer");
                answer.failed.push((name.clone(), missing));
            }
        }
        self.0.retain(|name, _| !answer.gone.contains(name));
        Some(answer)
    }

    /// `None` where nothing has changed.
    fn part(
        &mut self,
        name: &Arc<str>,
        readings: Vec<DeviceReading>,
        now: Moment,
    ) -> Option<SourceReadings> {
        match self.0.get_mut(name) {
            Some(host) => {
                host.seen = now;
                if host.readings == readings {
                    return None;
                }
                let span = now.since(host.changed);
                host.pace = Some(host.pace.map_or(span, |pace| (pace * 3 + span) / 4));
                (host.readings, host.changed) = (readings.clone(), now);
            }
            None => {
                let host =
                    BodyHost { readings: readings.clone(), changed: now, pace: None, seen: now };
                self.0.insert(name.clone(), host);
            }
        }
        let pace = self.0.get(name).and_then(|host| host.pace).unwrap_or(PACE);
        Some(SourceReadings {
            member: Some(name.clone()),
            interval: Some(pace.max(Duration::from_secs(1))),
            ..SourceReadings::own(now, readings)
        })
    }
}

/// Hosts by the names that they get: `web1:9100` is `web1`, unless there is another port of it.
fn named(hosts: Vec<ParsedHost>) -> Vec<(Arc<str>, ParsedHost)> {
    let mut ports: HashMap<String, usize> = HashMap::new();
    for host in &hosts {
        *ports.entry(without_port(&host.name)).or_default() += 1;
    }
    let name = |host: ParsedHost| {
        let short = without_port(&host.name);
        let name = if ports.get(&short) == Some(&1) { short.into() } else { host.name.clone() };
        // this machine's own name is not another's
        let name = if &*name == "local" { "host local".into() } else { name };
        (name, host)
    };
    hosts.into_iter().map(name).collect()
}

/// `web1:9100/east` is `web1/east`: the cluster follows the address.
fn without_port(name: &str) -> String {
    let (address, more) = name.split_once('/').map_or((name, None), |(a, m)| (a, Some(m)));
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let host = match address.rsplit_once(':') {
        Some((host, port)) if digits(port) && !host.is_empty() => host,
        _ => address,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    more.map_or_else(|| host.to_owned(), |more| format!("{host}/{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::vocabulary as v;

    fn host(name: &str, load: f64) -> ParsedHost {
        let readings = vec![DeviceReading::new(v::HOST, "").with(&v::LOAD1, load)];
        ParsedHost { name: name.into(), readings, dialects: vec!["x"] }
    }

    fn told(hosts: &mut BodyHosts, at: u64, all: &[(&str, f64)]) -> PollResult {
        let all = all.iter().map(|(name, load)| host(name, *load)).collect();
        let mut scrape = ParsedScrape { hosts: all, ..ParsedScrape::default() };
        hosts.add_parts(&mut scrape, Moment::from_secs(at), None).unwrap()
    }

    #[test]
    fn hosts_lose_their_ports_where_that_leaves_them_apart() {
        let names = named(vec![
            host("a:9100", 1.0),
            host("b:1", 1.0),
            host("b:2", 1.0),
            host("[::1]:9", 1.0),
        ]);
        let names: Vec<_> = names.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["a", "b:1", "b:2", "::1"]);
        assert_eq!(without_port("web1:9100/east"), "web1/east");
        assert_eq!(without_port("vm"), "vm");
    }

    #[test]
    fn what_has_not_changed_is_not_told_again_and_what_is_missing_fails() {
        let mut hosts = BodyHosts::default();
        let first = told(&mut hosts, 100, &[("a:1", 1.0), ("b:1", 1.0)]);
        assert_eq!(first.parts.len(), 2);
        let second = told(&mut hosts, 110, &[("a:1", 1.0), ("b:1", 2.0)]);
        assert_eq!(second.parts.len(), 1);
        assert_eq!(second.parts[0].interval, Some(Duration::from_secs(10)));
        let third = told(&mut hosts, 120, &[("a:1", 3.0)]);
        assert_eq!(&*third.failed[0].0, "b");
        let fourth = told(&mut hosts, 500, &[("a:1", 4.0)]);
        assert_eq!(fourth.gone, ["b".into()]);
    }
}
