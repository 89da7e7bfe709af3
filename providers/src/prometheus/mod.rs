//! A Prometheus server as the engine: it polls the hosts, and manytop reads of it, for all of them at
//! once, what it knows. So do VictoriaMetrics, Thanos, Mimir and Cortex, which speak the same API.
//! Each value of the label `instance` becomes a source.
//!
//! | option | meaning |
//! |---|---|
//! | `url` | the server's address, as Grafana is given it: no `/api/v1` at its end |
//! | `select` | which hosts: label matchers, `{job="node"}`; all, if there are none |
//! | `refresh` | how often to ask; the hosts' values change as often as the server scrapes them |
//! | `timeout` | how long to wait for an answer |
//! | `username`, `password`, `password_file`, `bearer_token_file` | who asks, as for `remote` |
//! | `ca_file`, `cert_file`, `key_file`, `insecure` | certificates, as for `remote` |
//! | `tempscale` | the scale in which gotops there export temperatures |
//!
//! ```conf
//! prometheus-site-url=http://prometheus.example.com:9090
//! prometheus-site-select={job="node"}
//! ```
//!
//! However many hosts there are, it is one query each time. At the start there are three more (the hosts'
//! pace, and what was a minute ago, so that there are rates from the first picture on), and then one
//! for each kind that is shown, which fills the graphs.
//!
//! Ages are those of the samples themselves, by `timestamp(up)`: an instant vector still hands out
//! samples five minutes after the last scrape. Where `up` is 0, the host is down, and says so. A host that
//! the server no longer has is forgotten after five minutes.

mod answer;
mod hosts;
mod provider;
mod query;
mod select;
mod server;

use crate::remote::{
    BEARER_TOKEN_FILE, CA_FILE, CERT_FILE, INSECURE, KEY_FILE, PASSWORD, PASSWORD_FILE, TEMPSCALE,
    USERNAME, client::Terms, credentials::Credentials, lexicon::Lexicon, spoken_of, url::Target,
};
use manytop_core::{
    options::{Opt, Options, Secret},
    provider::{BuildError, Plugin, Provider},
};
use std::time::Duration;

static URL: Opt<Secret> = Opt::<Secret>::required("url", "The server's address: https://HOST:9090")
    .example("https://HOST:9090");
static SELECT: Opt<String> =
    Opt::<String>::with_default("select", "", "Which hosts, as label matchers: {job=\"node\"}");
static REFRESH: Opt<Duration> = Opt::<Duration>::with_default("refresh", "5s", "How often to ask");
static TIMEOUT: Opt<Duration> =
    Opt::<Duration>::with_default("timeout", "10s", "How long to wait for an answer");

manytop_core::inventory::submit! {
    Plugin::polls("prometheus", "A Prometheus or VictoriaMetrics server, for all hosts that it scrapes", build)
        .per_name()
        .for_many()
        .yields_any(spoken_of)
        .options(&[
            URL.spec(), SELECT.spec(), REFRESH.spec(), TIMEOUT.spec(), USERNAME.spec(), PASSWORD.spec(),
            PASSWORD_FILE.spec(), BEARER_TOKEN_FILE.spec(), CA_FILE.spec(), CERT_FILE.spec(),
            KEY_FILE.spec(), INSECURE.spec(), TEMPSCALE.spec(),
        ])
}

fn build(options: &Options) -> Result<Box<dyn Provider>, BuildError> {
    // what remotes and this share speaks of remotes
    let own = |e: BuildError| e.rephrased(|text| text.replace("remote-NAME-", "prometheus-NAME-"));
    let url = |problem: String| own(BuildError::new(URL.spec(), problem));
    let mut target = Target::parse(options.get(&URL).reveal()).map_err(url)?;
    if target.url.query().is_some() {
        return Err(url("a query has no place here; see prometheus-NAME-select".into()));
    }
    let path = target.url.path().trim_end_matches('/');
    if path.contains("/api/v1") {
        return Err(url("leave out /api/v1 and what follows it".into()));
    }
    let path = format!("{path}/api/v1/query");
    target.url.set_path(&path);
    let select = select::matchers(&options.get(&SELECT))
        .map_err(|problem| BuildError::new(SELECT.spec(), problem))?;
    let credentials = Credentials::new(options, &target).map_err(own)?;
    let terms = Terms::new(options, &target).map_err(own)?;
    let lexicon = Lexicon::shared().map_err(url)?;
    let server = server::Server::new(target, credentials, terms);
    let fahrenheit = options.get(&TEMPSCALE) == "F";
    let hosts = hosts::Hosts::new(lexicon, fahrenheit, options.get(&REFRESH));
    Ok(Box::new(provider::Prometheus::new(server, select, hosts)))
}
