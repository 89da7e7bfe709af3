//! One remote: requests its page, and makes an answer of what comes.

use super::{
    body_decoder::BodyDecoder,
    hosts::BodyHosts,
    probe::{self, PortProbe},
    series,
};
use crate::{
    dialects::scrape_parser::{ParsedScrape, ScrapeParser},
    exposition::decoder::LeftOut,
    http::{
        bad_body, bad_status,
        client::TlsConfig,
        credentials::Credentials,
        errors,
        http1::HttpError,
        requester::{HttpRequest, Requester},
        response::{BODY_MAX, BodyReader, too_long},
        url::Target,
    },
    remote::collect_filter::CollectFilter,
    remote_clock,
};
use manytop_plugin::{
    provider::{Class, Failure, Polling, Provider, Selection},
    reading::{PollResult, SourceReadings},
    vocabulary::SERIES,
};
use reqwest::{StatusCode, Url};

/// How often a body is requested again within one poll.
const SPLITS: usize = 2;

/// One remote server.
#[derive(Debug)]
pub struct Remote {
    requester: Requester,
    /// Where else it may be, until it is found.
    probe: PortProbe,
    decoder: BodyDecoder,
    hosts: BodyHosts,
    filter: CollectFilter,
    /// What it asks, without user and password.
    address: String,
    /// What is always to be known of this remote.
    notes: Vec<String>,
}

impl Remote {
    /// A remote that has not been asked yet.
    pub fn new(
        (target, probe): (Target, PortProbe),
        credentials: Credentials,
        terms: TlsConfig,
        parser: ScrapeParser,
    ) -> Remote {
        let filter = CollectFilter::of(&target.url);
        let address = target.url.to_string();
        let requester = Requester::new(target, credentials, terms);
        let notes = requester.notes();
        let decoder = BodyDecoder::new(parser);
        let hosts = BodyHosts::default();
        Remote { requester, probe, decoder, hosts, filter, address, notes }
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        self.requester.target().place()
    }

    /// Asks where it is, or may be.
    async fn find(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let candidates = self.probe.candidates();
        if candidates.is_empty() {
            let mut answer = self.ask(want).await?;
            answer.notes.extend(self.found(&answer));
            return Ok(answer);
        }
        let mut failures = Vec::new();
        for target in candidates {
            self.filter = CollectFilter::of(&target.url);
            self.requester.turn_to(target);
            let asked = tokio::time::timeout(probe::PATIENCE, Box::pin(self.ask(want)));
            match asked.await {
                Ok(Ok(mut answer)) => {
                    self.probe.found();
                    answer.notes.extend(self.found(&answer));
                    return Ok(answer);
                }
                Ok(Err(failure)) => failures.push(failure),
                Err(_) => failures.push(Failure::timeout(probe::PATIENCE)),
            }
        }
        Err(probe::nothing(&failures))
    }

    /// What was found where, as long as that is news.
    fn found(&self, answer: &PollResult) -> Option<String> {
        let own = answer.parts.iter().find(|part| part.member.is_none());
        self.probe.note(self.requester.target(), own.map_or(&[], |part| &part.dialects))
    }

    async fn ask(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let explored = want.kind(SERIES);
        if !explored && let Some(question) = self.filter.question(want) {
            let part = self.fetch(question.put_to(&self.requester.target().url), want).await;
            let lacks = question.lacks(want, |kind| self.decoder.own.has_kind(kind));
            match part {
                Ok(answer) if lacks.is_none() && !answer.more => {
                    self.filter.served(question);
                    return Ok(answer);
                }
                // Perhaps it is the question's fault: the whole will tell.
                Ok(_) => self.filter.lacked(lacks),
                Err(_) => {}
            }
        }
        let doubt = self.filter.doubt();
        let url = self.requester.target().url.clone();
        let mut answer = self.fetch(url.clone(), want).await?;
        // A body turned out to hold several targets, or nothing that is known: the next one is split, or looked at.
        for _ in 0..SPLITS {
            if !answer.more {
                break;
            }
            answer = self.fetch(url.clone(), want).await?;
        }
        let (offer, mixed) = (self.decoder.own.offer(), self.decoder.own.is_mixed());
        self.filter.learn(doubt, offer, mixed);
        Ok(answer)
    }

    /// One request, and what came of it.
    async fn fetch(&mut self, url: Url, want: &Selection) -> Result<PollResult, Failure> {
        self.decoder.keep(want.kind(SERIES));
        let mut reader = BodyReader { decoder: &mut self.decoder, received: None };
        let sent = self.requester.send(HttpRequest::Text(&url), &mut reader).await;
        let target = self.requester.target();
        // A status, or a length, says more than what was wrong with the body behind it.
        if let Some(received) = &reader.received {
            if received.head.status != StatusCode::OK {
                let sent = self.requester.credentials().sent();
                return Err(bad_status::explain(&received.head, target, sent));
            }
            let announced = received.head.length.is_some_and(|length| length > BODY_MAX as u64);
            if announced || received.length > BODY_MAX {
                return Err(too_long());
            }
        }
        sent?;
        let nothing = || errors::of_broken(HttpError::Silent, target);
        let received = reader.received.ok_or_else(nothing)?;
        let shown = remote_clock::server_time(received.head.date.as_deref());
        let (mut scrape, members) = self.decoder.end(want, (shown, received.read_at));
        if let Some(body) = self.decoder.take_kept() {
            scrape.readings.extend(series::readings(&body));
        }
        let members = self.hosts.add_parts(&mut scrape, received.read_at, members);
        if scrape.dialects.is_empty() && members.is_some() {
            // it serves others only
            let mut answer = members.unwrap_or_default();
            answer.notes.extend(self.notes.iter().cloned());
            return Ok(answer);
        }
        if scrape.dialects.is_empty() && scrape.readings.is_empty() {
            let wrong = bad_body::explain(&received, &target.url);
            if wrong.is_none() && scrape.seen.is_none() && self.decoder.own.looks_next() {
                return Ok(PollResult { more: true, ..PollResult::default() });
            }
            return Err(wrong.unwrap_or_else(|| nothing_known(&scrape)));
        }
        let notes = self.notes_on(&scrape);
        let mut answer = members.unwrap_or_default();
        answer.notes.extend(notes);
        let ParsedScrape { readings, dialects, notes: left_out, unread: unread_lines, .. } = scrape;
        let part = SourceReadings {
            dialects,
            left_out,
            unread_lines,
            ..SourceReadings::own(received.read_at, readings)
        };
        answer.parts.push(part);
        Ok(answer)
    }

    fn notes_on(&self, scrape: &ParsedScrape) -> Vec<String> {
        let mut notes = self.notes.clone();
        let LeftOut { long, many } = scrape.left_out;
        if many {
            notes.push("too many series; the rest is left out".into());
        }
        if long {
            notes.push("lines that are too long are left out".into());
        }
        notes.extend(unread(scrape));
        for (kind, name) in &scrape.not_read {
            notes.push(format!("no {}: names such as \"{name}\" are not read", kind.word()));
        }
        notes
    }
}

impl Provider for Remote {
    fn poll<'a>(&'a mut self, want: &'a Selection) -> Polling<'a> {
        Box::pin(self.find(want))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn unfinished(&self) -> Option<String> {
        self.requester.unfinished().map(str::to_owned)
    }

    fn address(&self) -> Option<String> {
        Some(self.address.clone())
    }
}

/// The answer is sound, and no dialect knows any of it.
fn nothing_known(scrape: &ParsedScrape) -> Failure {
    if let Some((count, names)) = &scrape.seen {
        let reason = format!("answers with {count} series: {names}; no dialect reads them");
        return Failure::new(Class::Unread, reason).advise("press x to explore");
    }
    let nothing = "no metrics that manytop knows";
    if let Some(unread) = unread(scrape) {
        return Failure::new(Class::Payload, format!("{nothing}; {unread}"));
    }
    Failure::new(Class::Payload, nothing)
        .advise("does a manytop, a gotop or a node_exporter answer at this address?")
}

/// How many lines cannot be read, and the first.
fn unread(ParsedScrape { unread, first_unread, .. }: &ParsedScrape) -> Option<String> {
    match unread {
        0 => None,
        1 => Some(format!("1 line cannot be read: {first_unread}")),
        lines => Some(format!("{lines} lines cannot be read, the first: {first_unread}")),
    }
}
