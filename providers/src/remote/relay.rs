//! A manytop that tells of its remotes too (`--export-remotes`): one body, many sources.
//!
//! Such a body says so in its first line. Each `manytop_…{source="NAME",…}` line of it is handed to an
//! interpreter of that source's own, as if the source had said it of itself. How old it is, whether it is
//! up and why not stands in `manytop_source_…`.

use super::{
    exposition::LINE_MAX,
    interpreter::{Interpreter, Understood},
    lexicon::Lexicon,
};
use crate::foreign::Clock;
use manytop_core::{
    clock::Moment,
    naming::{SOURCE_AGE, SOURCE_FAILURE, SOURCE_INTERVAL, SOURCE_TAKEN, SOURCE_UP},
    provider::{Class, Failure, Want},
    reading::{Answer, Part},
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

/// Hears bodies, of one source or of many: how they begin decides it.
#[derive(Debug)]
pub struct Ear {
    /// What the remote says of itself.
    pub own: Interpreter,
    relay: Option<Box<Relay>>,
    /// Whether this body tells of several; `None`: it is too early to tell.
    relays: Option<bool>,
    held: Vec<u8>,
}

impl Ear {
    /// An ear that has heard nothing yet.
    pub fn new(own: Interpreter) -> Ear {
        Ear { own, relay: None, relays: None, held: Vec::new() }
    }

    /// Before the first chunk of a body.
    pub fn begin(&mut self) {
        (self.relays, self.held) = (None, Vec::new());
        self.own.begin();
    }

    /// The next chunk, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        match (self.relays, &mut self.relay) {
            (Some(false), _) => self.own.feed(chunk),
            (Some(true), Some(relay)) => relay.feed(chunk, &mut self.own),
            _ => {
                self.held.extend_from_slice(chunk);
                self.decide(false);
            }
        }
    }

    fn decide(&mut self, ended: bool) {
        let Some(relays) = tells(&self.held, ended) else { return };
        self.relays = Some(relays);
        if relays {
            let lexicon = self.own.lexicon();
            self.relay.get_or_insert_with(|| Box::new(Relay::new(lexicon.clone()))).begin();
        }
        let held = std::mem::take(&mut self.held);
        self.feed(&held);
    }

    /// After the last chunk: what the remote says of itself, and of others, if it does or did.
    pub fn end(&mut self, want: &Want, now: Moment) -> (Understood, Option<Answer>) {
        if self.relays.is_none() {
            self.decide(true);
        }
        let mut answer = Answer::default();
        let relays = self.relays == Some(true);
        if let Some(relay) = self.relay.as_mut().filter(|_| relays) {
            relay.end(want, now, &mut self.own, &mut answer);
        }
        let understood = self.own.end(want);
        if !relays && !understood.dialects.is_empty() {
            // it tells of itself alone from now on
            let gone = self.relay.take().map(|relay| relay.names().collect());
            return (understood, gone.map(|gone| Answer { gone, ..answer }));
        }
        (understood, relays.then_some(answer))
    }
}

/// Whether a body tells of several sources; `None`: it is too early to tell.
fn tells(opening: &[u8], ended: bool) -> Option<bool> {
    (opening.len() >= OPENING.len() || ended).then(|| opening.starts_with(OPENING))
}

/// The sources that a manytop relays.
#[derive(Debug)]
struct Relay {
    lexicon: Arc<Lexicon>,
    members: BTreeMap<Arc<str>, Member>,
    clock: Clock,
    /// What was wanted last time.
    want: Want,
    /// The beginning of a line whose end is in the next chunk.
    tail: Vec<u8>,
    line: Vec<u8>,
    too_many: bool,
}

#[derive(Debug)]
struct Member {
    interpreter: Interpreter,
    said: Said,
    /// The time of the sample that was told last.
    told: Option<f64>,
    /// It stands in this body.
    there: bool,
}

/// What the body says of a source.
#[derive(Default, Debug)]
struct Said {
    up: bool,
    taken: Option<f64>,
    age: Option<f64>,
    interval: Option<f64>,
    reason: Option<String>,
}

impl Relay {
    /// A relay that has not been heard yet.
    fn new(lexicon: Arc<Lexicon>) -> Relay {
        Relay {
            lexicon,
            members: BTreeMap::new(),
            clock: Clock::default(),
            want: Want::nothing(),
            tail: Vec::new(),
            line: Vec::new(),
            too_many: false,
        }
    }

    /// Before the first chunk of a body.
    fn begin(&mut self) {
        self.tail.clear();
        self.too_many = false;
        for member in self.members.values_mut() {
            (member.there, member.said) = (false, Said::default());
        }
    }

    /// The next chunk, cut anywhere; `own` hears what the relay says of itself.
    fn feed(&mut self, mut chunk: &[u8], own: &mut Interpreter) {
        while let Some(end) = memchr(b'\n', chunk) {
            let (line, rest) = chunk.split_at(end + 1);
            chunk = rest;
            match std::mem::take(&mut self.tail) {
                tail if tail.is_empty() => self.take(line, own),
                mut tail => {
                    tail.extend_from_slice(line);
                    self.take(&tail, own);
                }
            }
        }
        if self.tail.len() + chunk.len() <= LINE_MAX {
            self.tail.extend_from_slice(chunk);
        }
    }

    /// After the last chunk: adds what there is to say of each source.
    fn end(&mut self, want: &Want, now: Moment, own: &mut Interpreter, answer: &mut Answer) {
        // the last line may have no end
        let tail = std::mem::take(&mut self.tail);
        self.take(&tail, own);
        let anew = std::mem::replace(&mut self.want, want.clone()) != *want;
        let times =
            self.members.values().filter(|m| m.there).find_map(|m| m.said.taken.zip(m.said.age));
        if let Some((taken, age)) = times {
            self.clock.set(taken + age, now);
        }
        for (name, member) in self.members.iter_mut().filter(|(_, m)| m.there) {
            let understood = member.interpreter.end(want);
            let Said { up, taken, interval, reason, .. } = &member.said;
            match (reason, taken) {
                (Some(reason), _) => answer.failed.push((name.clone(), failure(reason))),
                (None, Some(_)) if !up => {
                    answer.failed.push((name.clone(), failure("the relay has nothing newer")));
                }
                (None, Some(taken)) => {
                    let same = member.told.is_some_and(|told| (told - taken).abs() < SAME);
                    if same && !anew {
                        continue; // it is as it was
                    }
                    member.told = Some(*taken);
                    let interval =
                        interval.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                    answer.parts.push(Part {
                        member: Some(name.clone()),
                        dialects: understood.dialects,
                        interval,
                        ..Part::own(self.clock.moment(*taken), understood.readings)
                    });
                }
                (None, None) => {} // not read yet
            }
        }
        let gone = self.members.iter().filter(|(_, m)| !m.there).map(|(name, _)| name.clone());
        answer.gone.extend(gone);
        self.members.retain(|_, member| member.there);
        if self.too_many {
            answer
                .notes
                .push(format!("more than {MEMBERS} sources are relayed; the rest is left out"));
        }
    }

    /// The sources that were told of.
    fn names(&self) -> impl Iterator<Item = Arc<str>> + '_ {
        self.members.keys().cloned()
    }

    /// A whole line, its end included.
    fn take(&mut self, line: &[u8], own: &mut Interpreter) {
        let Some(Cut { metric, name, rest }) = cut(line) else { return own.feed(line) };
        let name = text::clean(&name);
        if !self.members.contains_key(&*name) {
            if self.members.len() >= MEMBERS {
                self.too_many = true;
                return;
            }
            let interpreter = Interpreter::new(self.lexicon.clone(), false);
            let member = Member { interpreter, said: Said::default(), told: None, there: false };
            self.members.insert(Arc::from(&*name), member);
        }
        let Some(member) = self.members.get_mut(&*name) else { return };
        if !member.there {
            member.there = true;
            member.interpreter.begin();
        }
        if !metric.starts_with("manytop_source_") {
            self.line.clear();
            for part in [metric.as_bytes(), b"{source=\"local\"", rest] {
                self.line.extend_from_slice(part);
            }
            return member.interpreter.feed(&self.line);
        }
        let value = rest.rsplit(|b| *b == b' ').next().and_then(|v| std::str::from_utf8(v).ok());
        let value = value.and_then(|v| v.trim().parse().ok()).filter(|v: &f64| v.is_finite());
        match metric {
            SOURCE_UP => member.said.up = value == Some(1.0),
            SOURCE_TAKEN => member.said.taken = value,
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
    use manytop_core::{
        testing,
        vocabulary::{CPU, TEMPERATURE},
    };

    fn hear(relay: &mut Relay, body: &str, now: u64) -> (Answer, String) {
        let mut own = Interpreter::new(relay.lexicon.clone(), false);
        let mut answer = Answer::default();
        relay.begin();
        own.begin();
        // cut at every place
        body.as_bytes().chunks(7).for_each(|chunk| relay.feed(chunk, &mut own));
        let want = Want::kinds(&[CPU, TEMPERATURE]);
        relay.end(&want, Moment::from_secs(now), &mut own, &mut answer);
        (answer, testing::lines(&own.end(&want).readings))
    }

    fn source(name: &str, up: u8, taken: f64, age: f64) -> String {
        format!(
            "manytop_source_up{{source=\"{name}\"}} {up}\nmanytop_source_taken_seconds{{source=\"{name}\"}} {taken}\n\
             manytop_source_age_seconds{{source=\"{name}\"}} {age}\n\
             manytop_source_interval_seconds{{source=\"{name}\"}} 15\n"
        )
    }

    fn sensor(name: &str, celsius: f64) -> String {
        format!("manytop_temperature_celsius{{source=\"{name}\",device=\"x\"}} {celsius}\n")
    }

    #[test]
    fn each_source_is_a_part_of_its_own_age_and_what_is_not_up_is_not_told() {
        let mut relay = Relay::new(Arc::new(Lexicon::new().unwrap()));
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
                let age = Moment::from_secs(5000).since(p.taken).as_secs();
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
        assert_eq!(tells(b"# HELP many", false), None);
        assert_eq!(tells(b"# HELP manytop_source_up Whether", false), Some(true));
        assert_eq!(tells(b"# HELP go_gc_duration_seconds", false), Some(false));
        assert_eq!(tells(b"up 1\n", true), Some(false));
    }
}
