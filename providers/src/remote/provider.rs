//! One remote: asks, listens, and says what it heard.

use super::{
    client::{self, Shared, Terms},
    credentials::{self, Credentials, Sent},
    exposition::decoder::LeftOut,
    failure,
    interpreter::{Interpreter, Understood},
    narrowing::Narrowing,
    probe::{self, Probe},
    relay::{self, Relay},
    url::{self, Target},
};
use manytop_core::{
    clock::Moment,
    provider::{Class, Failure, Polling, Provider, Want},
    reading::{Answer, Part},
};
use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderValue},
};
use std::sync::Arc;

/// Bodies longer than this are not read to their end, in bytes after unpacking.
pub const BODY_MAX: usize = 64 * 1024 * 1024;
/// After so many bytes of a body the other remotes have their turn.
const TURN: usize = 64 * 1024;
/// Bytes of a body that are kept to tell what it is.
const OPENING: usize = 512;

/// Text, and nothing that would have to be refused.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain;version=0.0.4,*/*;q=0.1");
const UNPACKED: HeaderValue = HeaderValue::from_static("identity");

/// One remote server.
#[derive(Debug)]
pub struct Remote {
    target: Target,
    /// Where else it may be, until it is found.
    probe: Probe,
    credentials: Credentials,
    terms: Terms,
    client: Option<Arc<Shared>>,
    interpreter: Interpreter,
    narrowing: Narrowing,
    /// It tells of others too.
    relay: Option<Box<Relay>>,
    /// What is always to be known of this remote.
    notes: Vec<String>,
    /// The address is loopback or of a private network: packing would cost more than it saves.
    near: bool,
    /// The last answer was a 401 or 403.
    refused: bool,
}

impl Remote {
    /// A remote that has not been asked yet.
    pub fn new(
        (target, probe): (Target, Probe),
        credentials: Credentials,
        terms: Terms,
        interpreter: Interpreter,
    ) -> Remote {
        let mut notes = Vec::new();
        let secret = match credentials.sent() {
            Sent::Nothing => None,
            Sent::Password(..) => Some("password"),
            Sent::Token(_) => Some("token"),
        };
        if let Some(secret) = secret
            && target.url.scheme() == "http"
            && !target.is_loopback()
        {
            notes.push(format!("{secret} sent over plain HTTP"));
        }
        if terms.is_insecure() && target.url.scheme() == "https" {
            notes.push("insecure: the certificate is not checked".into());
        }
        let near = target.is_near();
        let narrowing = Narrowing::of(&target.url);
        Remote {
            target,
            probe,
            credentials,
            terms,
            client: None,
            interpreter,
            narrowing,
            relay: None,
            notes,
            near,
            refused: false,
        }
    }

    /// Asks where it is, or may be.
    async fn find(&mut self, want: &Want) -> Result<Answer, Failure> {
        let candidates = self.probe.candidates();
        if candidates.is_empty() {
            let mut answer = self.ask(want).await?;
            answer.notes.extend(self.found(&answer));
            return Ok(answer);
        }
        let mut failures = Vec::new();
        for target in candidates {
            self.narrowing = Narrowing::of(&target.url);
            self.target = target;
            match tokio::time::timeout(probe::PATIENCE, self.ask(want)).await {
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
    fn found(&self, answer: &Answer) -> Option<String> {
        let own = answer.parts.iter().find(|part| part.member.is_none());
        self.probe.note(&self.target, own.map_or(&[], |part| &part.dialects))
    }

    async fn ask(&mut self, want: &Want) -> Result<Answer, Failure> {
        if self.refused {
            self.renew_secret().await;
        }
        if let Some(question) = self.narrowing.question(want) {
            let part = self.fetch(question.put_to(&self.target.url), want).await;
            let lacks = question.lacks(want, |kind| self.interpreter.told(kind));
            match part {
                Ok(answer) if lacks.is_none() => {
                    self.narrowing.served(question);
                    return Ok(answer);
                }
                // Perhaps it is the question's fault: the whole will tell.
                Ok(_) => self.narrowing.lacked(lacks),
                Err(_) => {}
            }
        }
        let doubt = self.narrowing.doubt();
        let answer = self.fetch(self.target.url.clone(), want).await?;
        let (offer, mixed) = (self.interpreter.offer(), self.interpreter.is_mixed());
        self.narrowing.told(doubt, offer, mixed);
        Ok(answer)
    }

    /// One request, and what came of it.
    async fn fetch(&mut self, url: Url, want: &Want) -> Result<Answer, Failure> {
        let request = self.request(url)?;
        let shown = self.terms.has_identity();
        let broken = |error| failure::of_transport(error, &self.target, shown);
        let mut answer = request.send().await.map_err(broken)?;
        let taken = Moment::now();
        // A proxy may be near, and what stands behind it far.
        if let Some(peer) = answer.remote_addr()
            && self.target.proxy.is_none()
        {
            self.near = url::is_near(peer.ip());
        }
        self.refused = matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if answer.status() != StatusCode::OK {
            return Err(failure::of_status(&answer, &self.target, self.credentials.sent()));
        }
        let broken = |error| failure::of_transport(error, &self.target, shown);
        let heard = listen(&mut self.interpreter, &mut self.relay, &mut answer, broken).await?;
        let understood = self.interpreter.end(want);
        let mut told = Answer::default();
        match &mut self.relay {
            Some(relay) if heard.relays => relay.end(want, taken, &mut told),
            relay => told.gone.extend(relay.take().iter().flat_map(|relay| relay.names())),
        }
        if understood.dialects.is_empty() && heard.relays {
            told.notes.extend(self.notes.iter().cloned());
            return Ok(told); // it tells of others only
        }
        if understood.dialects.is_empty() {
            let answer_type = failure::answer_type(&answer);
            let wrong = failure::of_body(&heard.opening, heard.length, answer_type.as_deref());
            return Err(wrong.unwrap_or_else(nothing_known));
        }
        told.notes.extend(self.notes_on(&understood));
        let part = Part { dialects: understood.dialects, ..Part::own(taken, understood.readings) };
        told.parts.push(part);
        Ok(told)
    }

    fn request(&mut self, url: Url) -> Result<RequestBuilder, Failure> {
        let client = match &self.client {
            Some(client) => client,
            None => self.client.insert(client::shared(&self.terms)?),
        };
        let mut request = client.client.get(url).header(ACCEPT, TEXT);
        if self.near {
            request = request.header(ACCEPT_ENCODING, UNPACKED);
        }
        Ok(match self.credentials.sent() {
            Sent::Nothing => request,
            Sent::Password(user, password) => request.basic_auth(user, Some(password.reveal())),
            Sent::Token(token) => request.bearer_auth(token.reveal()),
        })
    }

    /// Tokens are renewed by writing their file anew. One that cannot be read is no worse than the
    /// one that was refused.
    async fn renew_secret(&mut self) {
        let Some(file) = self.credentials.file().map(ToOwned::to_owned) else { return };
        let read = tokio::task::spawn_blocking(move || credentials::read(&file)).await;
        if let Ok(Ok(secret)) = read {
            self.credentials.renew(secret);
        }
    }

    fn notes_on(&self, understood: &Understood) -> Vec<String> {
        let mut notes = self.notes.clone();
        let LeftOut { long, many } = understood.left_out;
        if many {
            notes.push("too many series; the rest is left out".into());
        }
        if long {
            notes.push("lines that are too long are left out".into());
        }
        notes
    }
}

impl Provider for Remote {
    fn poll<'a>(&'a mut self, want: &'a Want) -> Polling<'a> {
        Box::pin(self.find(want))
    }
}

fn nothing_known() -> Failure {
    Failure::new(Class::Payload, "no metrics that manytop knows")
        .advise("does a manytop, a gotop or a node_exporter answer at this address?")
}

/// How a body began, and how long it was.
struct Heard {
    opening: Vec<u8>,
    length: usize,
    /// It told of several sources.
    relays: bool,
}

/// Reads the body as it comes. Nothing of it is kept but what the interpreter wants.
async fn listen(
    interpreter: &mut Interpreter,
    relay: &mut Option<Box<Relay>>,
    answer: &mut Response,
    broken: impl Fn(reqwest::Error) -> Failure,
) -> Result<Heard, Failure> {
    let too_long = || {
        let limit = BODY_MAX / (1024 * 1024);
        Failure::new(Class::Payload, format!("the body is longer than {limit} MiB"))
    };
    if answer.content_length().is_some_and(|length| length > BODY_MAX as u64) {
        return Err(too_long());
    }
    interpreter.begin();
    let mut heard = Heard { opening: Vec::new(), length: 0, relays: false };
    let mut feed = Feed { interpreter, relay, relays: None, held: Vec::new() };
    while let Some(chunk) = answer.chunk().await.map_err(&broken)? {
        if heard.length + chunk.len() > BODY_MAX {
            return Err(too_long());
        }
        let missing = OPENING - heard.opening.len();
        heard.opening.extend_from_slice(&chunk[..missing.min(chunk.len())]);
        for piece in chunk.chunks(TURN) {
            let turns = heard.length / TURN;
            heard.length += piece.len();
            if heard.length / TURN > turns {
                tokio::task::yield_now().await;
            }
            feed.chunk(piece);
        }
    }
    heard.relays = feed.end();
    Ok(heard)
}

/// Where a body goes to: to the interpreter of this remote, or to the relay's, as its beginning says.
struct Feed<'a> {
    interpreter: &'a mut Interpreter,
    relay: &'a mut Option<Box<Relay>>,
    relays: Option<bool>,
    held: Vec<u8>,
}

impl Feed<'_> {
    fn chunk(&mut self, chunk: &[u8]) {
        match (self.relays, &mut *self.relay) {
            (Some(false), _) => self.interpreter.feed(chunk),
            (Some(true), Some(relay)) => relay.feed(chunk, self.interpreter),
            _ => {
                self.held.extend_from_slice(chunk);
                self.decide(false);
            }
        }
    }

    fn decide(&mut self, ended: bool) {
        let Some(relays) = relay::tells(&self.held, ended) else { return };
        self.relays = Some(relays);
        if relays {
            let lexicon = self.interpreter.lexicon();
            self.relay.get_or_insert_with(|| Box::new(Relay::new(lexicon.clone()))).begin();
        }
        let held = std::mem::take(&mut self.held);
        self.chunk(&held);
    }

    fn end(mut self) -> bool {
        if self.relays.is_none() {
            self.decide(true);
        }
        self.relays == Some(true)
    }
}
