//! Posts documents to one address, with the credentials and certificates of an alert's webhook.

use super::{
    addresses::Route,
    client::{self, SharedClient, TlsConfig},
    credentials::{self, Credentials, Sent},
    errors,
    resolver::Attempt,
    url::Target,
};
use crate::remote;
use manytop_plugin::{
    options::{Options, Secret},
    provider::{BuildError, Failure},
};
use reqwest::{StatusCode, header::CONTENT_TYPE};
use std::{path::Path, sync::Arc, time::Duration};

/// How long one attempt may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// What came of one attempt.
#[derive(Clone, PartialEq, Debug)]
pub enum Posted {
    /// It was taken.
    Taken,
    /// It failed, and may succeed later.
    Later(String),
    /// It was refused for good.
    Refused(String),
}

/// One address to post to.
#[derive(Debug)]
pub struct Poster {
    target: Target,
    route: Arc<Route>,
    credentials: Credentials,
    terms: TlsConfig,
    client: Option<Arc<SharedClient>>,
}

impl Poster {
    /// For an address; files are read and checked, and nothing is connected. `path` is appended to an
    /// address that does not end with it.
    ///
    /// # Errors
    /// What is wrong with which of the options `url username password_file ca_file`.
    pub fn new(
        url: &Secret,
        path: &str,
        username: Option<&str>,
        password_file: Option<&Path>,
        ca_file: Option<&Path>,
    ) -> Result<Poster, (&'static str, String)> {
        let of_url = |problem: String| ("url", problem);
        let mut target = Target::parse(url.reveal()).map_err(of_url)?;
        let own = target.url.path().trim_end_matches('/').to_owned();
        if !path.is_empty() && !own.ends_with(path) {
            target.url.set_path(&format!("{own}{path}"));
        }
        let text = |path: Option<&Path>| path.map(|path| path.to_string_lossy().into_owned());
        let mut options = Options::default();
        let given = [
            ("username", username.map(str::to_owned)),
            ("password_file", text(password_file)),
            ("ca_file", text(ca_file)),
        ];
        for spec in remote::specs() {
            let value = given.iter().find(|(name, _)| *name == spec.name());
            let value = value.and_then(|(_, value)| value.as_deref());
            // the address is not read from there
            let value = if spec.name() == "url" { Some("") } else { value };
            options.put(spec, value).map_err(of_url)?;
        }
        let wrong = |error: BuildError| {
            (error.option(), error.problem().replace("remote-NAME-", "alert-NAME-webhook_"))
        };
        let credentials = Credentials::new(&options, &target).map_err(wrong)?;
        let terms = TlsConfig::new(&options, &target).map_err(wrong)?;
        let route = target.route();
        Ok(Poster { target, route, credentials, terms, client: None })
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        self.target.place()
    }

    /// Posts a JSON document.
    pub async fn post(&mut self, body: String) -> Posted {
        match tokio::time::timeout(DEADLINE, self.attempt(body)).await {
            Ok(Ok(status)) => self.judge(status).await,
            Ok(Err(failure)) => Posted::Later(failure.reason().to_owned()),
            Err(_) => Posted::Later(format!("no answer within {} s", DEADLINE.as_secs())),
        }
    }

    async fn attempt(&mut self, body: String) -> Result<StatusCode, Failure> {
        let client = match &self.client {
            Some(client) => client.client.clone(),
            None => self.client.insert(client::shared(&self.terms)?).client.clone(),
        };
        let request = client
            .post(self.target.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let request = match self.credentials.sent() {
            Sent::Nothing => request,
            Sent::Password(user, password) => request.basic_auth(user, Some(password.reveal())),
            Sent::Token(token) => request.bearer_auth(token.reveal()),
        };
        let attempt = Attempt::new(self.route.clone());
        let sent = attempt.run(request.send()).await;
        match sent {
            Ok(answer) => Ok(answer.status()),
            Err(error) => Err(errors::of_transport(error, &self.target, false)),
        }
    }

    async fn judge(&mut self, status: StatusCode) -> Posted {
        let code = status.as_u16();
        let words = status.canonical_reason().unwrap_or_default();
        match code {
            200..=299 => Posted::Taken,
            401 | 403 => {
                // the password may have been changed since it was read
                if let Some(file) = self.credentials.file().map(Path::to_owned) {
                    let read = tokio::task::spawn_blocking(move || credentials::read(&file)).await;
                    if let Ok(Ok(secret)) = read {
                        self.credentials.renew(secret);
                    }
                }
                Posted::Later(format!("{code}: wrong user or password"))
            }
            300..=399 => Posted::Refused(format!(
                "{code}: the address redirects, and no redirect is followed; write the final one"
            )),
            404 => Posted::Refused(format!("404 at {}", self.target.url.path())),
            400 | 405 | 410 | 413 | 415 | 422 => Posted::Refused(format!("{code} {words}")),
            _ => Posted::Later(format!("{code} {words}")),
        }
    }
}
