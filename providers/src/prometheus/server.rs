//! The server's side of the wire: one question, one answer, under a cap.

use crate::{
    http::{
        bad_status,
        http1::{Listener, ResponseHead},
        requester::{HttpRequest, Requester},
    },
    remote::BODY_MAX,
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure},
    text,
};
use reqwest::{StatusCode, Url};
use std::{ops::ControlFlow, time::Duration};

/// Of an answer that is an error, so much is read for its words.
const WORDS: usize = 16 * 1024;

/// What a switch to another replica was about is said for so long.
const NEWS: Duration = Duration::from_secs(600);

/// A server that is asked, as one or several replicas: they are the same, and the first that answers is enough.
#[derive(Debug)]
pub struct Server {
    replicas: Vec<Requester>,
    /// The one that is asked.
    current: usize,
    /// Its answer is waited for. A poll that is given up leaves this behind.
    asked: bool,
    /// How long one of several is waited for.
    patience: Duration,
    lookback: Option<Duration>,
    /// When another replica was turned to, and why.
    switched: Option<(Moment, String)>,
}

impl Server {
    /// A server that has not been asked yet; there is at least one replica.
    pub fn new(replicas: Vec<Requester>, lookback: Option<Duration>, timeout: Duration) -> Server {
        let patience = timeout / u32::try_from(replicas.len().max(1)).unwrap_or(1);
        Server { replicas, current: 0, asked: false, patience, lookback, switched: None }
    }

    /// The oldest sample that counts at a time of the server's clock, if that is limited.
    pub fn oldest(&self, at: f64) -> Option<f64> {
        self.lookback.map(|lookback| at - lookback.as_secs_f64())
    }

    /// Its address, the first replica's.
    pub fn address(&self) -> Option<String> {
        self.replicas.first().map(|replica| replica.target().url.to_string())
    }

    /// What is always to be known of it, and that another replica had to be turned to.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for note in self.replicas.iter().flat_map(Requester::notes) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let news = self.switched.iter().filter(|(at, _)| Moment::now().since(*at) < NEWS);
        notes.extend(news.map(|(_, why)| why.clone()));
        notes
    }

    /// What is to be said of a query that was dropped before its answer had ended.
    pub fn unfinished(&self) -> Option<&'static str> {
        self.replicas.get(self.current).and_then(Requester::unfinished)
    }

    /// The body of the answer to a query, evaluated at that second of the server's clock, or now; of several
    /// replicas that of the first that answers, beginning with the one that did last.
    pub async fn ask(&mut self, query: &str, at: Option<f64>) -> Result<Vec<u8>, Failure> {
        let count = self.replicas.len();
        if std::mem::replace(&mut self.asked, true) && count > 1 {
            self.turn("no answer in time");
        }
        let mut first = None;
        for _ in 0..count {
            let answer = match count {
                1 => self.ask_one(query, at).await,
                _ => tokio::time::timeout(self.patience, Box::pin(self.ask_one(query, at)))
                    .await
                    .unwrap_or_else(|_| Err(Failure::timeout(self.patience))),
            };
            let failure = match answer {
                Ok(body) => {
                    self.asked = false;
                    return Ok(body);
                }
                Err(failure) => failure,
            };
            if count > 1 {
                self.turn(failure.reason());
            }
            first.get_or_insert(failure);
        }
        self.asked = false;
        if count > 1 {
            self.switched = None; // nothing is better elsewhere
        }
        Err(first.unwrap_or_else(|| Failure::new(Class::Unreachable, "no answer")))
    }

    /// Asks another replica from now on.
    fn turn(&mut self, why: &str) {
        let place = |nth: usize| self.replicas.get(nth).map(|replica| replica.target().place());
        let next = (self.current + 1) % self.replicas.len();
        let (from, to) = (place(self.current).unwrap_or_default(), place(next).unwrap_or_default());
        self.switched = Some((Moment::now(), format!("{to} is asked instead of {from}: {why}")));
        self.current = next;
    }

    async fn ask_one(&mut self, query: &str, at: Option<f64>) -> Result<Vec<u8>, Failure> {
        // VictoriaMetrics keeps back the last 30 s otherwise; the others do not mind
        let mut fields = vec![("query", query.to_owned()), ("nocache", "1".to_owned())];
        fields.extend(at.map(|at| ("time", format!("{at:.3}"))));
        let url = self.url()?;
        self.send(&url, fields).await
    }

    /// The body of the answer to a query over a span of the server's clock, a value each `step`.
    pub async fn ask_range(
        &mut self,
        query: &str,
        (start, end): (f64, f64),
        step: Duration,
    ) -> Result<Vec<u8>, Failure> {
        let seconds = |at: f64| format!("{at:.3}");
        let fields = vec![
            ("query", query.to_owned()),
            ("nocache", "1".to_owned()),
            ("start", seconds(start)),
            ("end", seconds(end)),
            ("step", seconds(step.as_secs_f64())),
        ];
        let mut url = self.url()?;
        let path = format!("{}_range", url.path());
        url.set_path(&path);
        self.send(&url, fields).await
    }

    /// The address of the replica that is asked.
    fn url(&self) -> Result<Url, Failure> {
        let silent = || Failure::new(Class::Unreachable, "no answer");
        let requester = self.replicas.get(self.current).ok_or_else(silent)?;
        Ok(requester.target().url.clone())
    }

    async fn send(
        &mut self,
        url: &Url,
        mut fields: Vec<(&str, String)>,
    ) -> Result<Vec<u8>, Failure> {
        if let Some(lookback) = self.lookback {
            // Prometheus and Thanos, then VictoriaMetrics
            let seconds = format!("{}s", lookback.as_secs_f64().ceil());
            fields.push(("lookback_delta", seconds.clone()));
            fields.push(("max_lookback", seconds));
        }
        let silent = || Failure::new(Class::Unreachable, "no answer");
        let requester = self.replicas.get_mut(self.current).ok_or_else(silent)?;
        let mut collected = Collected::default();
        let request = form(&fields);
        let sent = requester.send(HttpRequest::Form(url, &request), &mut collected).await;
        let sent = sent.map_err(of_this_provider);
        let Collected { head: Some(head), body, too_long } = collected else {
            return Err(sent.err().unwrap_or_else(silent));
        };
        if head.status == StatusCode::OK {
            sent?;
            let limit = BODY_MAX / (1024 * 1024);
            let long =
                Failure::new(Class::Payload, format!("the answer is longer than {limit} MiB"));
            return match too_long {
                true => {
                    Err(long.advise("divide the hosts among several by prometheus-NAME-select"))
                }
                false => Ok(body),
            };
        }
        if head.status == StatusCode::NOT_FOUND {
            return Err(Failure::new(Class::Refused, "404: no query API there").advise(
                "prometheus-NAME-url is what Grafana calls the server's URL; an exporter is read by \
                 remote-NAME-url",
            ));
        }
        let said = match super::answer::read(&body) {
            Err(said) if body.starts_with(b"{") => text::clean_to(&said, 200).into_owned(),
            _ => {
                let (target, sent) = (requester.target(), requester.credentials().sent());
                return Err(of_this_provider(bad_status::explain(&head, target, sent)));
            }
        };
        Err(Failure::new(Class::Refused, format!("{}: {said}", head.status.as_u16())))
    }
}

/// What this and remotes share speaks of remotes.
fn of_this_provider(failure: Failure) -> Failure {
    failure.rephrased(|text| text.replace("remote-NAME-", "prometheus-NAME-"))
}

/// An answer with its body, which is kept up to a limit.
#[derive(Default)]
struct Collected {
    head: Option<ResponseHead>,
    body: Vec<u8>,
    too_long: bool,
}

impl Collected {
    /// Errors are read for their words, but for those that ask for a login: what they say is of no use.
    fn most(&self) -> usize {
        let status = self.head.as_ref().map(|head| head.status);
        match status {
            Some(StatusCode::OK) => BODY_MAX,
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) | None => 0,
            Some(status) if status.is_client_error() || status.is_server_error() => WORDS,
            Some(_) => 0,
        }
    }
}

impl Listener for Collected {
    fn head(&mut self, head: &ResponseHead) -> ControlFlow<()> {
        self.head = Some(head.clone());
        let most = self.most();
        // What it announces is packed, perhaps.
        let room = head.length.unwrap_or_default();
        self.too_long = room > most as u64;
        if self.too_long || most == 0 {
            return ControlFlow::Break(());
        }
        self.body.reserve(room as usize);
        ControlFlow::Continue(())
    }

    fn body(&mut self, part: &[u8]) -> ControlFlow<(), usize> {
        if self.body.len() + part.len() > self.most() {
            self.too_long = true;
            return ControlFlow::Break(());
        }
        self.body.extend_from_slice(part);
        ControlFlow::Continue(part.len())
    }
}

/// Fields as the body of a form.
fn form(fields: &[(&str, String)]) -> String {
    let Ok(mut url) = Url::parse("http://form/") else { return String::new() };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}
