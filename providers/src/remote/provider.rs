//! One remote: asks, listens, and says what it heard.

use super::{
    client::{self, Shared, Terms},
    credentials::{self, Credentials, Sent},
    exposition::decoder::LeftOut,
    failure,
    hearing::{BODY_MAX, Heard, Hearing, listen, too_long},
    interpreter::{Interpreter, Understood},
    narrowing::Narrowing,
    plain::{Broken, Head, Line},
    probe::{self, Probe},
    relay::Ear,
    url::{self, Target},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use manytop_core::{
    provider::{Class, Failure, Polling, Provider, Want},
    reading::{Answer, Part},
    source::INSECURE,
};
use reqwest::{
    RequestBuilder, StatusCode, Url,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderValue},
};
use std::{fmt::Write, sync::Arc};

/// Text, and nothing that would have to be refused.
const TEXT: &str = "text/plain;version=0.0.4,*/*;q=0.1";
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
    line: Line,
    /// It is to be asked through reqwest alone.
    packs: bool,
    ear: Ear,
    narrowing: Narrowing,
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
        notes.extend(credentials.file().and_then(credentials::is_public));
        notes.extend(terms.key_file().and_then(credentials::is_public));
        if terms.is_insecure() && target.url.scheme() == "https" {
            notes.push(format!("{INSECURE} the certificate is not checked"));
        }
        let near = target.is_near();
        let packs = target.url.scheme() != "http" || target.proxy.is_some();
        let narrowing = Narrowing::of(&target.url);
        Remote {
            target,
            probe,
            credentials,
            terms,
            client: None,
            line: Line::default(),
            packs,
            ear: Ear::new(interpreter),
            narrowing,
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
            self.line = Line::default();
            self.target = target;
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
    fn found(&self, answer: &Answer) -> Option<String> {
        let own = answer.parts.iter().find(|part| part.member.is_none());
        self.probe.note(&self.target, own.map_or(&[], |part| &part.dialects))
    }

    async fn ask(&mut self, want: &Want) -> Result<Answer, Failure> {
        if self.refused {
            Box::pin(self.renew_secret()).await;
        }
        if let Some(question) = self.narrowing.question(want) {
            let part = self.fetch(question.put_to(&self.target.url), want).await;
            let lacks = question.lacks(want, |kind| self.ear.own.told(kind));
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
        let (offer, mixed) = (self.ear.own.offer(), self.ear.own.is_mixed());
        self.narrowing.told(doubt, offer, mixed);
        Ok(answer)
    }

    /// One request, and what came of it.
    async fn fetch(&mut self, url: Url, want: &Want) -> Result<Answer, Failure> {
        let mut hearing = None;
        if self.near && !self.packs {
            hearing = self.ask_plainly(&url).await?;
        }
        let heard = match hearing {
            Some(heard) => heard,
            // Its state is large, and most remotes never need it.
            None => Box::pin(self.ask_by_reqwest(url)).await?,
        };
        let (understood, mut told) = self.ear.end(want, heard.taken);
        if understood.dialects.is_empty() && told.is_some() {
            // it tells of others only
            return Ok(Answer { notes: self.notes.clone(), ..told.unwrap_or_default() });
        }
        if understood.dialects.is_empty() {
            let answer_type = heard.head.answer_type();
            let wrong = failure::of_body(&heard.opening, heard.length, answer_type.as_deref());
            return Err(wrong.unwrap_or_else(nothing_known));
        }
        let notes = self.notes_on(&understood);
        let mut answer = told.take().unwrap_or_default();
        answer.notes.extend(notes);
        let readings = understood.readings;
        let part = Part { dialects: understood.dialects, ..Part::own(heard.taken, readings) };
        answer.parts.push(part);
        Ok(answer)
    }

    /// By a connection of our own. `None`: it answers in a way that reqwest knows better.
    async fn ask_plainly(&mut self, url: &Url) -> Result<Option<Heard>, Failure> {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
        let Some(request) = self.plain_request(url) else { return Ok(None) };
        let mut hearing = Hearing { ear: &mut self.ear, heard: None };
        let asked = self.line.ask(host, port.unwrap_or(80), request.as_bytes(), &mut hearing);
        let near = asked.await.map_err(|broken| failure::of_broken(broken, &self.target))?;
        let nothing = || failure::of_broken(Broken::Silent, &self.target);
        let heard = hearing.heard.ok_or_else(nothing)?;
        self.near = near;
        self.check(&heard.head)?;
        if heard.head.packed {
            self.packs = true;
            return Ok(None);
        }
        if heard.length > BODY_MAX {
            return Err(too_long());
        }
        Ok(Some(heard))
    }

    async fn ask_by_reqwest(&mut self, url: Url) -> Result<Heard, Failure> {
        let request = self.request(url)?;
        let shown = self.terms.has_identity();
        let broken = |error| failure::of_transport(error, &self.target, shown);
        let mut answer = request.send().await.map_err(broken)?;
        let mut heard = Heard::new(Head::of(&answer));
        // A proxy may be near, and what stands behind it far.
        if let Some(peer) = answer.remote_addr()
            && self.target.proxy.is_none()
        {
            self.near = url::is_near(peer.ip());
        }
        self.check(&heard.head)?;
        let broken = |error| failure::of_transport(error, &self.target, shown);
        listen(&mut self.ear, &mut answer, &mut heard, broken).await?;
        Ok(heard)
    }

    /// Whether it is an answer at all.
    fn check(&mut self, head: &Head) -> Result<(), Failure> {
        self.refused = matches!(head.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if head.status != StatusCode::OK {
            return Err(failure::of_status(head, &self.target, self.credentials.sent()));
        }
        match head.length.is_some_and(|length| length > BODY_MAX as u64) {
            true => Err(too_long()),
            false => Ok(()),
        }
    }

    /// What [`Remote::request`] sends, as it is written. The parts of an address that was read once hold
    /// no blank and no control character; where a secret does, reqwest says so.
    fn plain_request(&self, url: &Url) -> Option<String> {
        let mut text = String::with_capacity(512);
        let _ = write!(text, "GET {}", url.path());
        if let Some(query) = url.query() {
            let _ = write!(text, "?{query}");
        }
        let _ = write!(text, " HTTP/1.1\r\nhost: {}", url.host_str().unwrap_or_default());
        if let Some(port) = url.port() {
            let _ = write!(text, ":{port}");
        }
        let _ = write!(
            text,
            "\r\nuser-agent: {}\r\naccept: {TEXT}\r\naccept-encoding: identity\r\n",
            client::AGENT
        );
        let _ = match self.credentials.sent() {
            Sent::Nothing => Ok(()),
            Sent::Password(user, password) => {
                let pair = BASE64_STANDARD.encode(format!("{user}:{}", password.reveal()));
                write!(text, "authorization: Basic {pair}\r\n")
            }
            Sent::Token(token) if token.reveal().contains(char::is_control) => return None,
            Sent::Token(token) => write!(text, "authorization: Bearer {}\r\n", token.reveal()),
        };
        text.push_str("\r\n");
        Some(text)
    }

    fn request(&mut self, url: Url) -> Result<RequestBuilder, Failure> {
        let client = match &self.client {
            Some(client) => client,
            None => self.client.insert(client::shared(&self.terms)?),
        };
        let mut request = client.client.get(url).header(ACCEPT, HeaderValue::from_static(TEXT));
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

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

fn nothing_known() -> Failure {
    Failure::new(Class::Payload, "no metrics that manytop knows")
        .advise("does a manytop, a gotop or a node_exporter answer at this address?")
}
