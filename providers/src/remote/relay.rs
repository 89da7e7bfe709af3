//! A manytop that serves its remotes too (`--export-remotes`): one body, many sources.
//!
//! Such a body says so in its first line. Each `manytop_…{source="NAME",…}` line of it is handed to an
//! parser of that source's own, as if the source had said it of itself. How old it is, whether it is
//! up and why not is given by `manytop_source_…`.

use super::{federated::SERIES, lines::LineBuffer};
use crate::remote_clock::RemoteClock;
use crate::{
    dialects::{catalog::DialectCatalog, scrape_parser::ScrapeParser},
    exposition::{SERIES_MAX, decoder::BYTE_ORDER_MARK},
};
use manytop_plugin::{
    clock::Moment,
    naming::{SOURCE_AGE, SOURCE_FAILURE, SOURCE_INTERVAL, SOURCE_TAKEN, SOURCE_UP},
    provider::{Class, Failure, Selection},
    reading::{PollResult, SourceReadings},
    text,
};
use memchr::memchr;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How such a body begins.
const OPENING: &[u8] = b"# HELP manytop_source_up ";
/// More sources than these are left out.
const MEMBERS: usize = 5_000;
/// Two times of one sample differ by no more, in seconds.
const SAME: f64 = 0.02;

/// Whether a body holds several sources; `None` while that is not known.
pub fn is_relay(opening: &[u8], ended: bool) -> Option<bool> {
    let opening = opening.strip_prefix(BYTE_ORDER_MARK).unwrap_or(opening);
    (opening.len() >= OPENING.len() || ended).then(|| opening.starts_with(OPENING))
}

/// The sources that a manytop relays.
#[derive(Debug)]
pub struct Relay {
    catalog: Arc<DialectCatalog>,
    members: BTreeMap<Arc<str>, Member>,
    clock: RemoteClock,
    /// What was wanted last time.
    want: Selection,
    buffer: LineBuffer,
    line: Vec<u8>,
    too_many: bool,
    /// There are more than [`SERIES`].
    crowded: bool,
    /// Series of this body, of all sources together, without those that are too many for their source.
    series: usize,
}

#[derive(Debug)]
struct Member {
    parser: ScrapeParser,
    said: Said,
    /// The time of the last sample that was handed on.
    last: Option<f64>,
    /// It is in this body.
    there: bool,
    /// Its series in this body.
    series: usize,
}

/// What the body says of a source.
#[derive(Default, Debug)]
struct Said {
    up: bool,
    read_at: Option<f64>,
    age: Option<f64>,
    interval: Option<f64>,
    reason: Option<String>,
}

impl Relay {
    /// A relay that has not been heard yet.
    pub fn new(catalog: Arc<DialectCatalog>) -> Relay {
        Relay {
            catalog,
            members: BTreeMap::new(),
            clock: RemoteClock::default(),
            want: Selection::nothing(),
            buffer: LineBuffer::default(),
            line: Vec::new(),
            too_many: false,
            crowded: false,
            series: 0,
        }
    }

    /// Before the first chunk of a body.
    pub fn begin(&mut self) {
        self.buffer.begin();
        (self.too_many, self.crowded, self.series) = (false, false, 0);
        for member in self.members.values_mut() {
            (member.there, member.said, member.series) = (false, Said::default(), 0);
        }
    }

    /// The next chunk, cut anywhere; `own` takes what the relay says of itself.
    pub fn feed(&mut self, chunk: &[u8], own: &mut ScrapeParser) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.feed(chunk, |line| self.take(line, own));
        self.buffer = buffer;
    }

    /// After the last chunk: adds what there is to say of each source.
    pub fn end(
        &mut self,
        want: &Selection,
        now: Moment,
        own: &mut ScrapeParser,
        answer: &mut PollResult,
    ) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.end(|line| self.take(line, own));
        let other_want = std::mem::replace(&mut self.want, want.clone()) != *want;
        let times =
            self.members.values().filter(|m| m.there).find_map(|m| m.said.read_at.zip(m.said.age));
        if let Some((read_at, age)) = times {
            self.clock.set(read_at + age, now);
        }
        for (name, member) in self.members.iter_mut().filter(|(_, m)| m.there) {
            let scrape = member.parser.end(want);
            let Said { up, read_at, interval, reason, .. } = &member.said;
            match (reason, read_at) {
                (Some(reason), _) => answer.failed.push((name.clone(), failure(reason))),
                (None, Some(_)) if !up => {
                    answer.failed.push((name.clone(), failure("the relay has nothing newer")));
                }
                (None, Some(read_at)) => {
                    let same = member.last.is_some_and(|last| (last - read_at).abs() < SAME);
                    if same && !other_want {
                        continue; // it is as it was
                    }
                    member.last = Some(*read_at);
                    let interval =
                        interval.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                    let mut left_out = scrape.notes;
                    if scrape.left_out.many {
                        left_out.push("too many series; the rest is left out".to_owned());
                    }
                    answer.parts.push(SourceReadings {
                        member: Some(name.clone()),
                        dialects: scrape.dialects,
                        unread_lines: scrape.unread,
                        interval,
                        left_out,
                        ..SourceReadings::own(self.clock.moment(*read_at), scrape.readings)
                    });
                }
                (None, None) => {} // not read yet
            }
        }
        let gone = self.members.iter().filter(|(_, m)| !m.there).map(|(name, _)| name.clone());
        answer.gone.extend(gone);
        self.members.retain(|_, member| member.there);
        if self.crowded {
            answer
                .notes
                .push(format!("more than {SERIES} series are relayed; the rest is left out"));
        }
        if self.too_many {
            answer
                .notes
                .push(format!("more than {MEMBERS} sources are relayed; the rest is left out"));
        }
    }

    /// The sources in the body.
    pub fn names(&self) -> impl Iterator<Item = Arc<str>> + '_ {
        self.members.keys().cloned()
    }

    /// A whole line, its end included.
    fn take(&mut self, line: &[u8], own: &mut ScrapeParser) {
        let Some(Cut { metric, name, rest }) = cut(line) else { return own.feed(line) };
        let name = text::clean(&name);
        if !self.members.contains_key(&*name) {
            if self.members.len() >= MEMBERS {
                self.too_many = true;
                return;
            }
            let parser = ScrapeParser::new(self.catalog.clone(), false);
            let said = Said::default();
            let member = Member { parser, said, last: None, there: false, series: 0 };
            self.members.insert(Arc::from(&*name), member);
        }
        let Some(member) = self.members.get_mut(&*name) else { return };
        if !member.there {
            member.there = true;
            member.parser.begin();
        }
        if !metric.starts_with("manytop_source_") {
            member.series += 1;
            if member.series <= SERIES_MAX {
                if self.series >= SERIES {
                    self.crowded = true;
                    return;
                }
                self.series += 1;
            }
            self.line.clear();
            for part in [metric.as_bytes(), b"{source=\"local\"", rest] {
                self.line.extend_from_slice(part);
            }
            return member.parser.feed(&self.line);
        }
        let value = rest.rsplit(|b| *b == b' ').next().and_then(|v| std::str::from_utf8(v).ok());
        let value = value.and_then(|v| v.trim().parse().ok()).filter(|v: &f64| v.is_finite());
        match metric {
            SOURCE_UP => member.said.up = value == Some(1.0),
            SOURCE_TAKEN => member.said.read_at = value,
            SOURCE_AGE => member.said.age = value,
            SOURCE_INTERVAL => member.said.interval = value,
            SOURCE_FAILURE => {
                let reason =
                    rest.strip_prefix(b",reason=").and_then(quoted).map(|(reason, _)| reason);
                member.said.reason = Some(reason.unwrap_or_else(|| "it cannot be read".into()));
            }
            _ => {}
        }
    }
}

/// A line about another source than the relay itself.
struct Cut<'a> {
    metric: &'a str,
    name: String,
    /// What follows the source's name and its quote.
    rest: &'a [u8],
}

fn cut(line: &[u8]) -> Option<Cut<'_>> {
    if !line.starts_with(b"manytop_") {
        return None;
    }
    let brace = memchr(b'{', line)?;
    let (name, rest) = quoted(line[brace..].strip_prefix(b"{source=")?)?;
    let metric = std::str::from_utf8(&line[..brace]).ok()?;
    (name != "local" && !name.is_empty()).then_some(Cut { metric, name, rest })
}

/// The text between the quotes at the beginning, and what follows them.
fn quoted(bytes: &[u8]) -> Option<(String, &[u8])> {
    let bytes = bytes.strip_prefix(b"\"")?;
    let mut text = Vec::new();
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            b'"' => break,
            b'\\' => {
                at += 1;
                text.push(if *bytes.get(at)? == b'n' { b'\n' } else { bytes[at] });
            }
            byte => text.push(byte),
        }
        at += 1;
    }
    Some((String::from_utf8_lossy(&text).into_owned(), &bytes[at + 1..]))
}

/// The relay's own words, what to do among them.
fn failure(said: &str) -> Failure {
    let said = text::clean_to(said, 300);
    match said.split_once("; ") {
        Some((reason, advice)) => Failure::new(Class::Unreachable, reason).advise(advice),
        None => Failure::new(Class::Unreachable, &*said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::{
        testing,
        vocabulary::{CPU, TEMPERATURE},
    };

    fn hear(relay: &mut Relay, body: &str, now: u64) -> (PollResult, String) {
        let mut own = ScrapeParser::new(relay.catalog.clone(), false);
        let mut answer = PollResult::default();
        relay.begin();
        own.begin();
        // cut at every place
        body.as_bytes().chunks(7).for_each(|chunk| relay.feed(chunk, &mut own));
        let want = Selection::kinds(&[CPU, TEMPERATURE]);
        relay.end(&want, Moment::from_secs(now), &mut own, &mut answer);
        (answer, testing::lines(&own.end(&want).readings))
    }

    fn source(name: &str, up: u8, read_at: f64, age: f64) -> String {
        format!(
            "manytop_source_up{{source=\"{name}\"}} {up}\nmanytop_source_taken_seconds{{source=\"{name}\"}} {read_at}\n\
             manytop_source_age_seconds{{source=\"{name}\"}} {age}\n\
             manytop_source_interval_seconds{{source=\"{name}\"}} 15\n"
        )
    }

    fn sensor(name: &str, celsius: f64) -> String {
        format!("manytop_temperature_celsius{{source=\"{name}\",device=\"x\"}} {celsius}\n")
    }

    #[test]
    fn each_source_is_a_part_of_its_own_age_and_what_is_not_up_is_not_told() {
        let mut relay = Relay::new(Arc::new(DialectCatalog::new().unwrap()));
        let body = source("a", 1, 1000.0, 2.0)
            + &source("b \\\"c\\\\", 1, 990.0, 12.0)
            + &source("d", 0, 900.0, 102.0)
            + "manytop_source_failure{source=\"d\",reason=\"refused by \\\"d\\\"; is it running?\"} 1\n"
            + &sensor("a", 41.0)
            + &sensor("b \\\"c\\\\", 42.0)
            + &sensor("local", 43.0)
            + &sensor("d", 44.0);
        let (answer, own) = hear(&mut relay, &body, 5000);
        assert_eq!(own, "x celsius=43\n");
        let told: Vec<_> = (answer.parts.iter())
            .map(|p| {
                let age = Moment::from_secs(5000).since(p.read_at).as_secs();
                (p.member.as_deref().unwrap(), age, testing::lines(&p.readings))
            })
            .collect();
        let line = |celsius: u32| format!("x celsius={celsius}\n");
        assert_eq!(told, [("a", 2, line(41)), ("b \"c\\", 12, line(42))]);
        assert_eq!(answer.parts[0].interval, Some(Duration::from_secs(15)));
        assert_eq!(answer.failed.len(), 1);
        assert_eq!(&*answer.failed[0].0, "d");
        assert_eq!(answer.failed[0].1.reason(), "refused by \"d\"");
        assert_eq!(answer.failed[0].1.advice(), Some("is it running?"));

        let body =
            source("a", 1, 1000.001, 7.0) + &source("d", 0, 900.0, 107.0) + &sensor("a", 41.0);
        let (answer, _) = hear(&mut relay, &body, 5005);
        assert!(answer.parts.is_empty(), "the same sample is not another");
        assert!(answer.failed[0].1.reason().contains("nothing newer"));
        assert_eq!(answer.gone, ["b \"c\\".into()]);
    }

    #[test]
    fn a_body_says_at_its_beginning_what_it_is() {
        assert_eq!(is_relay(b"# HELP many", false), None);
        assert_eq!(is_relay(b"# HELP manytop_source_up Whether", false), Some(true));
        assert_eq!(is_relay(b"# HELP go_gc_duration_seconds", false), Some(false));
        assert_eq!(is_relay(b"up 1\n", true), Some(false));
    }
}
