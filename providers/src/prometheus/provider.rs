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
    provider::{Class, Failure, Polling, Provider, Selection},
    reading::PollResult,
    vocabulary::PROCESS,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// So long before the first picture lies what its rates are taken against, in seconds.
const BEFORE: f64 = 60.0;
/// Graphs are filled with at most so much of the past.
const SPAN: Duration = Duration::from_secs(300);
/// And with at most so many samples, of all hosts together.
const SAMPLES: usize = 200_000;
/// Of one host that is opened, so many points of each series,
const POINTS: u32 = 240;
/// and so many series.
const SERIES: usize = 10_000;
/// With less than so many scrapes a graph is not worth a query.
const SCRAPES: u32 = 4;

/// A server, and the hosts it knows.
#[derive(Debug)]
pub struct Prometheus {
    server: Server,
    select: String,
    hosts: EngineHosts,
    /// Metrics with timestamps that date the samples of targets without `up`.
    sampled: BTreeSet<String>,
    stage: StartupStage,
    /// The opened host of the last request for a past.
    past_of: Option<Arc<str>>,
    /// The host of such a request under way.
    requesting_past_of: Option<Arc<str>>,
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
            past_of: None,
            requesting_past_of: None,
        }
    }

    async fn ask(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let mut answer = PollResult { notes: self.server.notes(), ..PollResult::default() };
        let Some(metrics) = query::metrics(self.hosts.catalog().dialects(), |k| want.kind(k))
        else {
            return Ok(answer);
        };
        if let Some(given_up) = self.requesting_past_of.take() {
            // at its deadline: not requested again; by a user who opened another host: requested on return
            self.past_of =
                Some(given_up).filter(|host| want.past().is_some_and(|(h, _)| h == host));
        }
        if let Some((host, span)) = want.past().filter(|_| self.stage == StartupStage::Filled)
            && self.past_of.as_ref() != Some(host)
        {
            // a user waits for it: all hosts come after it
            self.add_past(host, span, want, &mut answer).await;
            answer.more = true;
            return Ok(answer);
        }
        let mut sent = Moment::now();
        let mut instant = query::instant(&metrics, &self.select, &self.sampled);
        let mut body = self.server.ask(&instant, None).await?;
        // What has no time yet is asked for once more, with one.
        if ScrapedTargets::sort(&read(&body)?, None).add_sampled(&mut self.sampled) {
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
        if self.hosts.wants_names(&sorted, sent)
            && let Ok(names) = self.server.ask(&query::names(&self.select), None).await
        {
            self.hosts.learn_names(&answer::read(&names).unwrap_or_default());
        }
        self.hosts.assign_names(&sorted);
        if self.stage == StartupStage::New {
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
        match self.stage {
            StartupStage::New => {
                if let Ok(ups) = self.server.ask(&query::pace(&self.select), None).await {
                    self.hosts.learn_pace(&answer::read(&ups).unwrap_or_default());
                }
                self.hosts.mark(&mut answer);
                self.stage = StartupStage::Empty;
                answer.more = true;
            }
            StartupStage::Empty => {
                // a poll that is given up on the way does not come back here
                self.stage = StartupStage::Filled;
                drop(sorted);
                drop(now);
                self.fill(want, at, series, &mut answer).await;
            }
            StartupStage::Filled => {}
        }
        Ok(answer)
    }

    /// What one host was like in the time before, in one query of at most so many points a series.
    async fn add_past(
        &mut self,
        host: &Arc<str>,
        span: Duration,
        want: &Selection,
        answer: &mut PollResult,
    ) {
        let Some((kinds, metrics)) = self.lasting(want) else { return };
        let step = self.hosts.pace().max(span / POINTS).max(Duration::from_secs(1));
        let Some(now) = self.hosts.server_time(Moment::now()) else { return };
        // the same points when it is opened again
        let seconds = step.as_secs_f64();
        let end = (now / seconds).floor() * seconds;
        let query = query::of_host(&metrics, &self.select, &self.hosts.instances(host));
        let range = (end - span.as_secs_f64(), end);
        self.requesting_past_of = Some(host.clone());
        let body = self.server.ask_range(&query, range, step).await;
        self.past_of = self.requesting_past_of.take();
        match body.as_deref().map_err(ToString::to_string).and_then(answer::read) {
            Ok(series) if series.len() <= SERIES => {
                answer.parts.extend(self.hosts.past(&kinds, &series));
            }
            Ok(series) => answer.notes.push(format!(
                "{host}: the time before has {} series, more than {SERIES}: it is left out",
                series.len()
            )),
            Err(why) => answer.notes.push(format!("{host}: graphs begin empty: {why}")),
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
