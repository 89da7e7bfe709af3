//! Requests to one server, and what it answers: over a connection of our own where it is plain HTTP, else
//! by reqwest. Both send the same, and both hand the same on.

use super::{
    addresses::Route,
    client::{self, SharedClient, TlsConfig},
    credentials::{self, Credentials, Sent},
    headers::ExtraHeaders,
    resolver::Attempt,
    unpack::Unpacking,
    url::{self, Target},
};
use crate::http::{
    errors,
    http1::{Connection, HttpError, Listener, ResponseHead, Transfer},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use manytop_plugin::{provider::Failure, source::INSECURE};
use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue},
};
use std::{fmt::Write, ops::ControlFlow, sync::Arc};

/// Text, and nothing that would have to be refused.
const TEXT: &str = "text/plain;version=0.0.4,*/*;q=0.1";
const FORM: &str = "application/x-www-form-urlencoded";
/// After so many bytes of a body the other remotes have their turn.
const TURN: usize = 64 * 1024;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum HttpRequest<'a> {
    /// The text at this address.
    Text(&'a Url),
    /// What that address answers to a form with these fields.
    Form(&'a Url, &'a str),
}

/// A server, and the connection to it.
#[derive(Debug)]
pub struct Requester {
    target: Target,
    credentials: Credentials,
    headers: ExtraHeaders,
    terms: TlsConfig,
    route: Arc<Route>,
    line: Connection,
    client: Option<Arc<SharedClient>>,
    /// The address is loopback or of a private network: packing would cost more than it saves.
    near: bool,
    /// The last answer was a 401 or 403.
    refused: bool,
    stage: RequestStage,
}

/// How far a request has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum RequestStage {
    /// No answer has begun. `plain`: over a connection of our own.
    Asked { plain: bool },
    /// The head has come. `endless`: it does not say where the body ends.
    Began { endless: bool },
}

impl Requester {
    /// For a server that has not been asked yet.
    pub fn new(target: Target, credentials: Credentials, terms: TlsConfig) -> Requester {
        let (route, near) = (target.route(), target.is_near());
        Requester {
            target,
            credentials,
            headers: ExtraHeaders::default(),
            terms,
            route,
            line: Connection::default(),
            client: None,
            near,
            refused: false,
            stage: RequestStage::Asked { plain: false },
        }
    }

    /// With headers besides those of each request.
    #[must_use]
    pub fn with_headers(self, headers: ExtraHeaders) -> Requester {
        Requester { headers, ..self }
    }

    /// What is always to be known of it: secrets that others can read, and a certificate that is not checked.
    pub fn notes(&self) -> Vec<String> {
        let plain = self.target.url.scheme() == "http" && !self.target.is_loopback();
        let secret = match self.credentials.sent() {
            Sent::Password(..) => Some("password"),
            Sent::Token(_) => Some("token"),
            Sent::Nothing if self.headers.has_authorization() => Some("token"),
            Sent::Nothing => None,
        };
        let mut notes: Vec<String> = Vec::new();
        notes.extend(
            secret.filter(|_| plain).map(|secret| format!("{secret} sent over plain HTTP")),
        );
        let files = [self.credentials.file(), self.terms.key_file(), self.headers.file()];
        notes.extend(files.into_iter().flatten().filter_map(credentials::is_public));
        if self.terms.is_insecure() && self.target.url.scheme() == "https" {
            notes.push(format!("{INSECURE} the certificate is not checked"));
        }
        notes
    }

    /// Where requests lead.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What is sent as user and password, or as token.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// From now on requests lead to another place of the same host.
    pub fn turn_to(&mut self, target: Target) {
        self.route = target.route();
        self.line = Connection::default();
        self.target = target;
    }

    /// Sends a request, and hands what comes to `listener`, unpacked.
    ///
    /// # Errors
    /// There is no answer, or no whole one, or its packing is wrong. A status other than 200 is not an error here.
    pub async fn send(
        &mut self,
        request: HttpRequest<'_>,
        listener: &mut dyn Listener,
    ) -> Result<(), Failure> {
        if self.refused {
            Box::pin(self.renew_secret()).await;
        }
        let mut unpacking = Unpacking::new(listener);
        let plain = self.plain_request(&request);
        self.stage = RequestStage::Asked { plain: plain.is_some() };
        match plain {
            Some(text) => {
                let mut watched = Watched::new(&mut unpacking, &mut self.stage, &mut self.refused);
                let asked = self.line.ask(&self.route, text.as_bytes(), &mut watched);
                self.near =
                    asked.await.map_err(|broken| errors::of_broken(broken, &self.target))?;
            }
            // Its state is large, and most remotes never need it.
            None => Box::pin(self.by_reqwest(request, &mut unpacking)).await?,
        }
        unpacking.end().map_err(errors::of_packing)
    }

    /// What is to be said of a request that was dropped before its answer had ended.
    pub fn unfinished(&self) -> Option<&'static str> {
        match self.stage {
            RequestStage::Asked { plain: false } => None,
            RequestStage::Asked { plain: true } if self.line.is_connected() => {
                Some("it takes connections and does not answer: does the exporter hang?")
            }
            RequestStage::Asked { plain: true } => {
                Some("no connection is made: is the host up, or a firewall between?")
            }
            RequestStage::Began { endless: false } => {
                Some("its answer began, and did not end in time")
            }
            RequestStage::Began { endless: true } => Some(
                "its answer began, and nothing says where it ends: neither a length nor the end of \
                 the connection",
            ),
        }
    }

    /// What [`Requester::request`] sends, as it is written; `None` where reqwest is to send it. The parts of
    /// an address that was read once hold no blank and no control character; where a secret does, reqwest
    /// says so.
    fn plain_request(&self, request: &HttpRequest<'_>) -> Option<String> {
        if self.target.url.scheme() != "http" || self.target.proxy.is_some() {
            return None;
        }
        let (HttpRequest::Text(url) | HttpRequest::Form(url, _)) = request;
        let mut text = String::with_capacity(512);
        text.push_str(if matches!(request, HttpRequest::Text(_)) { "GET " } else { "POST " });
        text.push_str(url.path());
        if let Some(query) = url.query() {
            let _ = write!(text, "?{query}");
        }
        let _ = write!(text, " HTTP/1.1\r\nhost: {}", url.host_str().unwrap_or_default());
        if let Some(port) = url.port() {
            let _ = write!(text, ":{port}");
        }
        let agent = client::AGENT;
        let _ = write!(text, "\r\nuser-agent: {agent}\r\naccept-encoding: {}\r\n", self.packing());
        let _ = match self.credentials.sent() {
            Sent::Nothing => Ok(()),
            Sent::Password(user, password) => {
                let pair = BASE64_STANDARD.encode(format!("{user}:{}", password.reveal()));
                write!(text, "authorization: Basic {pair}\r\n")
            }
            Sent::Token(token) if token.reveal().contains(char::is_control) => return None,
            Sent::Token(token) => write!(text, "authorization: Bearer {}\r\n", token.reveal()),
        };
        for (name, value) in self.headers.iter() {
            let _ = write!(text, "{name}: {}\r\n", value.to_str().ok()?);
        }
        let _ = match request {
            HttpRequest::Text(_) => write!(text, "accept: {TEXT}\r\n\r\n"),
            HttpRequest::Form(_, form) => {
                let length = form.len();
                write!(text, "content-type: {FORM}\r\ncontent-length: {length}\r\n\r\n{form}")
            }
        };
        Some(text)
    }

    fn packing(&self) -> &'static str {
        if self.near { "identity" } else { "gzip" }
    }

    fn request(&mut self, request: &HttpRequest<'_>) -> Result<RequestBuilder, Failure> {
        let client = match &self.client {
            Some(client) => &client.client,
            None => &self.client.insert(client::shared(&self.terms)?).client,
        };
        let built = match request {
            HttpRequest::Text(url) => {
                client.get((*url).clone()).header(ACCEPT, HeaderValue::from_static(TEXT))
            }
            HttpRequest::Form(url, form) => client
                .post((*url).clone())
                .header(CONTENT_TYPE, HeaderValue::from_static(FORM))
                .body((*form).to_owned()),
        };
        let mut built = built.header(ACCEPT_ENCODING, HeaderValue::from_static(self.packing()));
        for (name, value) in self.headers.iter() {
            built = built.header(name, value);
        }
        Ok(match self.credentials.sent() {
            Sent::Nothing => built,
            Sent::Password(user, password) => built.basic_auth(user, Some(password.reveal())),
            Sent::Token(token) => built.bearer_auth(token.reveal()),
        })
    }

    /// An answer by reqwest. Where a connection that was kept leads to none, the request is sent once more,
    /// as in [`Connection::ask`].
    async fn by_reqwest(
        &mut self,
        request: HttpRequest<'_>,
        listener: &mut dyn Listener,
    ) -> Result<(), Failure> {
        let shown = self.terms.has_identity();
        let mut again = true;
        // What has come on connections that are kept is seen before one of them is used.
        tokio::task::yield_now().await;
        let mut answer = loop {
            let attempt = Attempt::new(self.route.clone());
            let sent = attempt.run(self.request(&request)?.send()).await;
            let stale = match &sent {
                Ok(answer) => answer.status() == StatusCode::REQUEST_TIMEOUT,
                Err(error) => errors::is_closed(error),
            };
            if !(stale && attempt.reuses() && std::mem::take(&mut again)) {
                break sent.map_err(|e| errors::of_transport(e, &self.target, shown))?;
            }
        };
        // A proxy may be near, and what is behind it far.
        if let Some(peer) = answer.remote_addr()
            && self.target.proxy.is_none()
        {
            self.near = url::is_near(peer.ip());
        }
        let head = ResponseHead::of(&answer);
        let mut watched = Watched::new(listener, &mut self.stage, &mut self.refused);
        if let Transfer::Unknown(way) = &head.transfer
            && head.status.is_success()
        {
            return Err(errors::of_broken(HttpError::Transfer(way.clone()), &self.target));
        }
        if watched.head(&head).is_break() {
            return Ok(());
        }
        let heard = listen(&mut answer, &head, &mut watched).await;
        heard.map_err(|error| errors::of_transport(error, &self.target, shown))
    }

    /// Reads the files of secrets that were refused once more: tokens are renewed by writing them. The old secret
    /// stays where that fails.
    async fn renew_secret(&mut self) {
        if let Some(file) = self.headers.file().map(ToOwned::to_owned) {
            let read = tokio::task::spawn_blocking(move || ExtraHeaders::read(&file)).await;
            if let Ok(Ok(headers)) = read {
                self.headers = headers;
            }
        }
        let Some(file) = self.credentials.file().map(ToOwned::to_owned) else { return };
        let read = tokio::task::spawn_blocking(move || credentials::read(&file)).await;
        if let Ok(Ok(secret)) = read {
            self.credentials.renew(secret);
        }
    }
}

/// Reads a body as it comes.
async fn listen(
    answer: &mut Response,
    head: &ResponseHead,
    listener: &mut dyn Listener,
) -> Result<(), reqwest::Error> {
    // reqwest takes `identity` for a body that ends with the connection.
    let known = head.length.filter(|_| head.transfer == Transfer::Identity);
    let (mut left, mut turn) = (known.unwrap_or(u64::MAX), 0);
    while left > 0
        && let Some(chunk) = answer.chunk().await?
    {
        let mut rest = &chunk[..chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
        left -= rest.len() as u64;
        while !rest.is_empty() {
            let (part, more) = rest.split_at(rest.len().min(listener.portion()).min(TURN));
            let ControlFlow::Continue(work) = listener.body(part) else { return Ok(()) };
            rest = more;
            turn += work;
            if turn > TURN {
                turn = 0;
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}

/// Takes down what a head means for the next request, and hands it on.
struct Watched<'a> {
    listener: &'a mut dyn Listener,
    stage: &'a mut RequestStage,
    refused: &'a mut bool,
}

impl<'a> Watched<'a> {
    fn new(
        listener: &'a mut dyn Listener,
        stage: &'a mut RequestStage,
        refused: &'a mut bool,
    ) -> Watched<'a> {
        Watched { listener, stage, refused }
    }
}

impl Listener for Watched<'_> {
    fn head(&mut self, head: &ResponseHead) -> ControlFlow<()> {
        *self.refused = matches!(head.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let endless = head.length.is_none() && head.transfer != Transfer::Chunked;
        *self.stage = RequestStage::Began { endless };
        self.listener.head(head)
    }

    fn body(&mut self, part: &[u8]) -> ControlFlow<(), usize> {
        self.listener.body(part)
    }

    fn portion(&self) -> usize {
        self.listener.portion()
    }
}
