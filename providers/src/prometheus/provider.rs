//! Asks the server, and says what it has of each host.

use super::{
    answer::{self, Series},
    hosts::{Hosts, Past},
    query::{self, Stamp},
    server::Server,
};
use manytop_core::{
    clock::Moment,
    provider::{Class, Failure, Polling, Provider, Want},
    reading::Answer,
    vocabulary::PROCESS,
};
use std::time::Duration;

/// So long before the first picture lies what its rates are taken against, in seconds.
const BEFORE: f64 = 60.0;
/// Graphs are filled with at most so much of the past.
const SPAN: Duration = Duration::from_secs(300);
/// And with at most so many samples, of all hosts together.
const SAMPLES: usize = 200_000;
/// With less than so many scrapes a graph is not worth a query.
const SCRAPES: u32 = 4;

/// A server, and the hosts it knows.
#[derive(Debug)]
pub struct Prometheus {
    server: Server,
    select: String,
    hosts: Hosts,
    stamp: Stamp,
    stage: Stage,
}

/// How far the beginning has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Nothing has been asked well.
    New,
    /// The graphs are to be filled.
    Empty,
    Filled,
}

impl Prometheus {
    /// A server that has not been asked yet; `select` are checked matchers.
    pub fn new(server: Server, select: String, hosts: Hosts) -> Prometheus {
        Prometheus { server, select, hosts, stamp: Stamp::Up, stage: Stage::New }
    }

    async fn ask(&mut self, want: &Want) -> Result<Answer, Failure> {
        let mut answer = Answer { notes: self.server.notes(), ..Answer::default() };
        let Some(metrics) = query::metrics(self.hosts.lexicon().dialects(), |k| want.kind(k))
        else {
            return Ok(answer);
        };
        let sent = Moment::now();
        let instant = query::instant(&metrics, &self.select, self.stamp);
        let body = self.server.ask(&instant, None).await?;
        let now = read(&body)?;
        let Some(at) = now.iter().find_map(|series| series.value).map(|sample| sample.at) else {
            return Err(Failure::new(Class::Payload, "the server knows no such hosts")
                .advise("see prometheus-NAME-select"));
        };
        self.hosts.set_clock(at, sent);
        let chosen = !self.select.is_empty();
        if self.stage == Stage::New {
            // without it, there are no rates yet
            let before = self.server.ask(&instant, Some(at - BEFORE)).await;
            if let Ok(before) = before.as_deref().map(answer::read)
                && let Ok(before) = before
            {
                let mut early = Answer::default();
                self.hosts.take(&before, want, chosen, &mut early);
                answer.parts.append(&mut early.parts);
            }
        }
        let timeless = self.hosts.take(&now, want, chosen, &mut answer);
        if timeless && self.stamp == Stamp::Up {
            self.stamp = Stamp::Samples;
            answer.more = true;
            return Ok(answer);
        }
        match self.stage {
            Stage::New => {
                if let Ok(ups) = self.server.ask(&query::pace(&self.select), None).await {
                    self.hosts.learn_pace(&answer::read(&ups).unwrap_or_default());
                }
                self.hosts.mark(&mut answer);
                self.stage = Stage::Empty;
                answer.more = true;
            }
            Stage::Empty => {
                // a poll that is given up on the way is not to be given up for ever
                self.stage = Stage::Filled;
                let series = now.len();
                drop(now);
                self.fill(want, at, series, &mut answer).await;
            }
            Stage::Filled => {}
        }
        Ok(answer)
    }

    /// What the graphs of the wanted kinds show of the time before, a query for each.
    async fn fill(&mut self, want: &Want, at: f64, series: usize, answer: &mut Answer) {
        let pace = self.hosts.pace();
        let scrapes = (SAMPLES / series.max(1)).min(1000) as u32;
        let span = SPAN.min(pace * scrapes);
        if span < pace * SCRAPES {
            return; // of so many hosts it would be too much
        }
        let mut past = Past::new();
        for kind in query::kinds(self.hosts.lexicon().dialects(), want) {
            if kind == PROCESS {
                continue;
            }
            let Some(metrics) = query::metrics(self.hosts.lexicon().dialects(), |k| k == kind)
            else {
                continue;
            };
            let samples = query::past(&metrics, &self.select, span);
            let body = self.server.ask(&samples, Some(at)).await;
            match body.as_deref().map_err(ToString::to_string).and_then(answer::read) {
                Ok(series) => self.hosts.past(kind, &series, &mut past),
                Err(why) => return answer.notes.push(format!("graphs begin empty: {why}")),
            }
        }
        answer.parts.extend(self.hosts.past_parts(past));
    }
}

fn read(body: &[u8]) -> Result<Vec<Series<'_>>, Failure> {
    answer::read(body).map_err(|why| Failure::new(Class::Payload, why))
}

impl Provider for Prometheus {
    fn poll<'a>(&'a mut self, want: &'a Want) -> Polling<'a> {
        Box::pin(self.ask(want))
    }
}
