//! The server's side of the wire: one question, one answer, under a cap.

use crate::remote::{
    BODY_MAX,
    client::{self, Shared, Terms},
    credentials::{self, Credentials, Sent},
    failure,
    plain::Head,
    url::{self, Target},
};
use manytop_core::{
    provider::{Class, Failure},
    text,
};
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue},
};
use std::sync::Arc;

/// Of an answer that is an error, so much is read for its words.
const WORDS: usize = 16 * 1024;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const UNPACKED: HeaderValue = HeaderValue::from_static("identity");

/// A server that is asked.
#[derive(Debug)]
pub struct Server {
    target: Target,
    credentials: Credentials,
    terms: Terms,
    client: Option<Arc<Shared>>,
    near: bool,
    refused: bool,
}

impl Server {
    /// A server that has not been asked yet.
    pub fn new(target: Target, credentials: Credentials, terms: Terms) -> Server {
        let near = target.is_near();
        Server { target, credentials, terms, client: None, near, refused: false }
    }

    /// What is always to be known of it.
    pub fn notes(&self) -> Vec<String> {
        let plain = self.target.url.scheme() == "http" && !self.target.is_loopback();
        let sent = match self.credentials.sent() {
            Sent::Password(..) if plain => Some("password sent over plain HTTP".to_owned()),
            Sent::Token(_) if plain => Some("token sent over plain HTTP".to_owned()),
            _ => None,
        };
        let insecure = (self.terms.is_insecure() && !plain)
            .then(|| "insecure: the certificate is not checked".to_owned());
        sent.into_iter().chain(insecure).collect()
    }

    /// The body of the answer to a query, evaluated at that second of the server's clock, or now.
    pub async fn ask(&mut self, query: &str, at: Option<f64>) -> Result<Vec<u8>, Failure> {
        if self.refused {
            self.renew_secret().await;
        }
        let answer = self.send(query, at).await;
        // what this and remotes share speaks of remotes
        answer.map_err(|f| f.rephrased(|text| text.replace("remote-NAME-", "prometheus-NAME-")))
    }

    async fn send(&mut self, query: &str, at: Option<f64>) -> Result<Vec<u8>, Failure> {
        let client = match &self.client {
            Some(client) => client,
            None => self.client.insert(client::shared(&self.terms)?),
        };
        // VictoriaMetrics keeps back the last 30 s otherwise; the others do not mind
        let mut fields = vec![("query", query.to_owned()), ("nocache", "1".to_owned())];
        fields.extend(at.map(|at| ("time", format!("{at:.3}"))));
        let url = self.target.url.clone();
        let mut request = client.client.post(url).header(CONTENT_TYPE, FORM).body(form(&fields));
        if self.near {
            request = request.header(ACCEPT_ENCODING, UNPACKED);
        }
        request = match self.credentials.sent() {
            Sent::Nothing => request,
            Sent::Password(user, password) => request.basic_auth(user, Some(password.reveal())),
            Sent::Token(token) => request.bearer_auth(token.reveal()),
        };
        let shown = self.terms.has_identity();
        let broken = |error| failure::of_transport(error, &self.target, shown);
        let mut answer = request.send().await.map_err(broken)?;
        if let Some(peer) = answer.remote_addr()
            && self.target.proxy.is_none()
        {
            self.near = url::is_near(peer.ip());
        }
        let status = answer.status();
        self.refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if status == StatusCode::OK {
            return self.listen(&mut answer, BODY_MAX).await;
        }
        let known = failure::of_status(&Head::of(&answer), &self.target, self.credentials.sent());
        if status == StatusCode::NOT_FOUND {
            return Err(Failure::new(Class::Refused, "404: no query API there")
                .advise("prometheus-NAME-url is what Grafana calls the server's URL"));
        }
        let speaks = status.is_client_error() || status.is_server_error();
        let said = match speaks && !self.refused {
            true => self.listen(&mut answer, WORDS).await.ok(),
            false => None,
        };
        let said = said.and_then(|body| match super::answer::read(&body) {
            Err(said) if body.starts_with(b"{") => Some(said),
            _ => None,
        });
        Err(match said {
            Some(said) => {
                let said = text::clean_to(&said, 200).into_owned();
                Failure::new(Class::Refused, format!("{}: {said}", status.as_u16()))
            }
            None => known,
        })
    }

    async fn listen(&self, answer: &mut Response, most: usize) -> Result<Vec<u8>, Failure> {
        let too_long = || {
            let limit = BODY_MAX / (1024 * 1024);
            Failure::new(Class::Payload, format!("the answer is longer than {limit} MiB"))
                .advise("divide the hosts among several by prometheus-NAME-select")
        };
        let told = answer.content_length().unwrap_or_default();
        if told > most as u64 {
            return Err(too_long());
        }
        let mut body = Vec::with_capacity(told as usize);
        let shown = self.terms.has_identity();
        let broken = |error| failure::of_transport(error, &self.target, shown);
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > most {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Tokens are renewed by writing their file anew.
    async fn renew_secret(&mut self) {
        let Some(file) = self.credentials.file().map(ToOwned::to_owned) else { return };
        let read = tokio::task::spawn_blocking(move || credentials::read(&file)).await;
        if let Ok(Ok(secret)) = read {
            self.credentials.renew(secret);
        }
    }
}

/// Fields as the body of a form.
fn form(fields: &[(&str, String)]) -> String {
    let Ok(mut url) = Url::parse("http://form/") else { return String::new() };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}
