//! Asks the server, and says what it has of each host.

use super::{
    answer::{self, QuerySeries},
    hosts::EngineHosts,
    query,
    scraped::ScrapedTargets,
    server::Server,
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure, PastRange, Polling, Provider, Selection},
    reading::{PastWindow, PollResult, SourceReadings},
    vocabulary::PROCESS,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// So long before the first picture lies what its rates are taken against, in seconds.
const BEFORE: f64 = 60.0;
/// Graphs are filled with at most so much of the past.
const SPAN: Duration = Duration::from_secs(300);
/// And with at most so many samples, of all hosts together.
const SAMPLES: usize = 200_000;
/// Of a span of the past of one host, so many points of each series,
const POINTS: u32 = 240;
/// and so many series.
const SERIES: usize = 10_000;
/// With less than so many scrapes a graph is not worth a query.
const SCRAPES: u32 = 4;
/// At most so many queries are sent in one interval; what is left comes with the next one.
const QUERIES: u32 = 3;

/// A server, and the hosts it knows.
#[derive(Debug)]
pub struct Prometheus {
    server: Server,
    select: String,
    hosts: EngineHosts,
    /// Metrics with timestamps that date the samples of targets without `up`.
    sampled: BTreeSet<String>,
    stage: StartupStage,
    /// When the interval began, and how many queries were sent in it.
    sent: (Moment, u32),
    /// The host whose last hour was requested last.
    hour_of: Option<Arc<str>>,
    /// The span of the past that was requested last, of those that end at an instant.
    window: Option<PastRange>,
    /// The request for a past under way.
    requesting: Option<PastRange>,
    /// A span of the past that could not be read, until a poll succeeds and can report it.
    failed: Option<PastWindow>,
}

/// How far the beginning has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum StartupStage {
    /// No query has been answered yet.
    New,
    /// The hosts are known, and their graphs are empty.
    Empty,
    /// The graphs were filled.
    Filled,
}

impl Prometheus {
    /// A server that has not been asked yet; `select` are checked matchers.
    pub fn new(server: Server, select: String, hosts: EngineHosts) -> Prometheus {
        Prometheus {
            server,
            select,
            hosts,
            sampled: BTreeSet::new(),
            stage: StartupStage::New,
            sent: (Moment::default(), 0),
            hour_of: None,
            window: None,
            requesting: None,
            failed: None,
        }
    }

    async fn ask(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let mut answer = PollResult { notes: self.server.notes(), ..PollResult::default() };
        let Some(metrics) = query::metrics(self.hosts.catalog().dialects(), |k| want.kind(k))
        else {
            return Ok(answer);
        };
        if let Some(given_up) = self.requesting.take()
            && want.past() == Some(&given_up)
        {
            // at its deadline: not requested again; by a user who moved on: requested on return
            self.take_past(given_up, Err("no answer in time".to_owned()), &mut answer);
        }
        if let Some(past) = want.past().filter(|past| self.is_due(past))
            && self.add_past(past, want, &mut answer).await
        {
            // a user waits for it: all hosts come after it
            answer.more = true;
            return Ok(answer);
        }
        let want = &want.without_past();
        let mut sent = Moment::now();
        self.count(sent);
        let mut instant = query::instant(&metrics, &self.select, &self.sampled);
        let mut body = self.server.ask(&instant, None).await?;
        // What has no time yet is asked for once more, with one.
        if ScrapedTargets::sort(&read(&body)?, None).add_sampled(&mut self.sampled) && self.may() {
            instant = query::instant(&metrics, &self.select, &self.sampled);
            sent = Moment::now();
            body = self.server.ask(&instant, None).await?;
        }
        let now = read(&body)?;
        let series = now.len();
        let Some(at) = now.iter().find_map(|series| series.value).map(|sample| sample.at) else {
            return Err(Failure::new(Class::Payload, "the server knows no such hosts")
                .advise("see prometheus-NAME-select"));
        };
        self.hosts.set_clock(at, sent);
        let chosen = !self.select.is_empty();
        let sorted = ScrapedTargets::sort(&now, self.server.oldest(at));
        let is_new = self.stage == StartupStage::New;
        let mut ups = Vec::new();
        if is_new && self.may() {
            ups = self.server.ask(&query::start(&self.select), None).await.unwrap_or_default();
            self.hosts.learn_names(&answer::read(&ups).unwrap_or_default());
        }
        // all names are known then, but for those of nodes that `select` does not choose
        if is_new && !chosen {
            self.hosts.wants_names(&sorted, sent);
        }
        if !is_new
            && self.has_queries()
            && self.hosts.wants_names(&sorted, sent)
            && self.may()
            && let Ok(names) = self.server.ask(&query::names(&self.select), None).await
        {
            self.hosts.learn_names(&answer::read(&names).unwrap_or_default());
        }
        self.hosts.assign_names(&sorted);
        if is_new && self.may() {
            // without it, there are no rates yet
            let before = self.server.ask(&instant, Some(at - BEFORE)).await;
            if let Ok(before) = before.as_deref().map(answer::read)
                && let Ok(before) = before
            {
                let mut early = PollResult::default();
                self.hosts.take(&ScrapedTargets::sort(&before, None), want, chosen, &mut early);
                answer.parts.append(&mut early.parts);
            }
        }
        self.hosts.take(&sorted, want, chosen, &mut answer);
        drop(sorted);
        drop(now);
        if is_new {
            self.hosts.learn_pace(&answer::read(&ups).unwrap_or_default());
            self.hosts.mark(&mut answer);
            self.stage = StartupStage::Empty;
        } else if self.stage == StartupStage::Empty && self.may() {
            // a poll that is given up on the way does not come back here
            self.stage = StartupStage::Filled;
            self.fill(want, at, series, &mut answer).await;
        }
        if answer.gone.iter().any(|gone| self.window.as_ref().is_some_and(|w| w.member == *gone)) {
            self.window = None;
        }
        answer.window = self.failed.take();
        Ok(answer)
    }

    /// Counts the query that each poll sends; a new interval begins half of one after the last at the earliest.
    fn count(&mut self, now: Moment) {
        let (began, sent) = self.sent;
        let is_new = began == Moment::default() || now.since(began) > self.hosts.refresh() / 2;
        self.sent = if is_new { (now, 1) } else { (began, sent + 1) };
    }

    /// Whether the interval has queries left.
    fn has_queries(&self) -> bool {
        self.sent.1 < QUERIES
    }

    /// Whether one more query may be sent, which is counted then.
    fn may(&mut self) -> bool {
        let has = self.has_queries();
        self.sent.1 += u32::from(has);
        has
    }

    /// Whether a span of the past is still to be requested.
    fn is_due(&self, past: &PastRange) -> bool {
        let known = match past.until {
            None => self.hour_of.as_ref() == Some(&past.member),
            Some(_) => self.window.as_ref() == Some(past),
        };
        self.stage != StartupStage::New && !known
    }

    /// What one host was like in a span of time, in one query of at most so many points a series. Returns whether the
    /// server answered.
    async fn add_past(
        &mut self,
        past: &PastRange,
        want: &Selection,
        answer: &mut PollResult,
    ) -> bool {
        let Some((kinds, metrics)) = self.lasting(want) else { return false };
        let step = self.hosts.pace().max(past.span / POINTS).max(Duration::from_secs(1));
        let until = past.until.unwrap_or_else(Moment::now);
        let Some(until) = self.hosts.server_time(until) else { return false };
        // the same points when it is opened again
        let seconds = step.as_secs_f64();
        let end = (until / seconds).floor() * seconds;
        let query = query::of_host(&metrics, &self.select, &self.hosts.instances(&past.member));
        let range = (end - past.span.as_secs_f64(), end);
        self.requesting = Some(past.clone());
        self.count(Moment::now());
        let body = self.server.ask_range(&query, range, step).await;
        self.requesting = None;
        let answered = body.is_ok();
        let parts = body.map_err(|failure| failure.to_string()).and_then(|body| {
            let series = answer::read(&body)?;
            if series.len() > SERIES {
                return Err(format!("{} series, more than {SERIES}", series.len()));
            }
            let mut parts = self.hosts.past(&kinds, &series);
            parts.retain(|part| part.member.as_ref() == Some(&past.member));
            Ok(parts)
        });
        let parts = parts.map(|mut parts| {
            if past.until.is_some() {
                parts.iter_mut().for_each(|part| part.interval = Some(step));
            }
            parts
        });
        self.take_past(past.clone(), parts, answer);
        if answered {
            answer.window = answer.window.take().or(self.failed.take());
        }
        answered
    }

    /// Puts a span of the past into the answer. A problem with one that ends at an instant waits for a poll that
    /// succeeds.
    fn take_past(
        &mut self,
        past: PastRange,
        parts: Result<Vec<SourceReadings>, String>,
        answer: &mut PollResult,
    ) {
        let Some(until) = past.until else {
            match parts {
                Ok(parts) => answer.parts.extend(parts),
                Err(why) => {
                    answer.notes.push(format!("{}: graphs begin empty: {why}", past.member));
                }
            }
            self.hour_of = Some(past.member);
            return;
        };
        let PastRange { member, span, .. } = past.clone();
        self.window = Some(past);
        let window = PastWindow { member, until, span, readings: parts };
        match window.readings {
            Ok(_) => answer.window = Some(window),
            Err(_) => self.failed = Some(window),
        }
    }

    /// What the graphs of the wanted kinds show of the time before, in one query of at most [`SAMPLES`] samples.
    async fn fill(&mut self, want: &Selection, at: f64, series: usize, answer: &mut PollResult) {
        let pace = self.hosts.pace();
        let scrapes = (SAMPLES / series.max(1)).min(1000) as u32;
        let span = SPAN.min(pace * scrapes);
        if span < pace * SCRAPES {
            return; // of so many hosts it would be too much
        }
        let Some((kinds, metrics)) = self.lasting(want) else { return };
        let samples = query::past(&metrics, &self.select, span);
        let body = self.server.ask(&samples, Some(at)).await;
        match body.as_deref().map_err(ToString::to_string).and_then(answer::read) {
            Ok(series) => answer.parts.extend(self.hosts.past(&kinds, &series)),
            Err(why) => answer.notes.push(format!("graphs begin empty: {why}")),
        }
    }

    /// The wanted kinds that have graphs, and a regular expression of their metrics; `None` if there are none.
    fn lasting(&self, want: &Selection) -> Option<(Selection, String)> {
        let dialects = self.hosts.catalog().dialects();
        let mut kinds = query::kinds(dialects, want);
        kinds.retain(|kind| *kind != PROCESS);
        let metrics = query::metrics(dialects, |kind| kinds.contains(&kind))?;
        Some((Selection::kinds(&kinds), metrics))
    }
}

fn read(body: &[u8]) -> Result<Vec<QuerySeries<'_>>, Failure> {
    answer::read(body).map_err(|why| {
        let failure = Failure::new(Class::Payload, why);
        match body.trim_ascii_start().first() {
            Some(b'{') => failure,
            _ => failure.advise(
                "prometheus-NAME-url is what Grafana calls the server's URL; an exporter is read by \
                 remote-NAME-url",
            ),
        }
    })
}

impl Provider for Prometheus {
    fn poll<'a>(&'a mut self, want: &'a Selection) -> Polling<'a> {
        Box::pin(self.ask(want))
    }

    fn address(&self) -> Option<String> {
        // other matchers choose other hosts
        self.server.address().map(|address| format!("{address} {}", self.select))
    }

    fn unfinished(&self) -> Option<String> {
        self.server.unfinished().map(str::to_owned)
    }
}
