//! A Prometheus server as the engine: it polls the hosts, and manytop reads of it, for all of them at
//! once, what it knows. So do VictoriaMetrics, Thanos, Mimir and Cortex, which speak the same API.
//! Each host becomes a source.
//!
//! | option | meaning |
//! |---|---|
//! | `url` | the server's address, as Grafana is given it: no `/api/v1` at its end; of several, replicas, the first that answers |
//! | `select` | which hosts: label matchers, `{job="node"}`; all, if there are none |
//! | `name` | what a host is called, by its labels: `{cluster}-{host}` |
//! | `tags` | as everywhere; `{LABEL}` in it is the value of a host's label |
//! | `lookback` | how old a sample may be; by default as old as the server lets it be, mostly 5 minutes |
//! | `header_file` | a file with headers to send, one a line: `X-Scope-OrgID: team-a` |
//! | `refresh` | how often to ask; the hosts' values change as often as the server scrapes them |
//! | `timeout` | how long to wait for an answer |
//! | `username`, `password`, `password_file`, `bearer_token_file` | credentials, as for `remote` |
//! | `ca_file`, `cert_file`, `key_file`, `insecure` | certificates, as for `remote` |
//! | `tempscale` | the scale in which gotops there export temperatures |
//! | `virtual`, `peripherals` | what is shown besides storage and the machines' own batteries, as for `remote` |
//! | `watch` | NAMEs of watches for its hosts, as for `remote` |
//!
//! ```conf needs-host
//! prometheus-site-url=http://prometheus.example.com:9090
//! prometheus-site-select={job="node"}
//! ```
//!
//! Targets are one host where the host of `instance` and the cluster agree, so that a node_exporter and a cAdvisor of one
//! host are one source; each target keeps the clock of its own scrapes. A host is called like its instance without the
//! port. Where that is an address only, `node_uname_info`, `windows_os_hostname` or `kube_node_info` names it. Equal
//! hosts of several clusters are told apart: `eu/web1`, `us/web1`.
//!
//! However many hosts there are, it is one query each time. At the start there are three more, spread so that no interval has more
//! than three: the hosts' pace with their names, what was a minute ago, so that there are rates from the first picture on, and
//! the last minutes, which fill the graphs. Names of machines are asked for again every 5 minutes. A span of the past of the
//! host that a user looks at takes one query.
//!
//! Ages are those of the samples themselves, by `timestamp(up)`: an instant vector still hands out
//! samples five minutes after the last scrape. Where `up` is 0, the host is down, and says so. A host that
//! the server no longer has is forgotten after `lookback`.

mod answer;
mod host;
mod hosts;
mod past;
mod provider;
mod query;
mod scraped;
mod select;
mod server;

use crate::{
    dialects::catalog::DialectCatalog,
    http::{
        client::TlsConfig,
        credentials::{Credentials, Sent},
        headers::ExtraHeaders,
        requester::Requester,
        url::Target,
    },
    remote::{
        BEARER_TOKEN_FILE, CA_FILE, CERT_FILE, INSECURE, KEY_FILE, PASSWORD, PASSWORD_FILE,
        PERIPHERALS, TEMPSCALE, USERNAME, VIRTUAL, WATCH, shows, spoken_of,
    },
    targets::{NameTemplate, SourceNames},
};
use hosts::{HostTerms, LOOKBACK as LOOKBACK_DEFAULT};
use manytop_plugin::{
    options::{Opt, Options, Secret},
    provider::{BuildError, Plugin, Provider},
};
use std::{path::PathBuf, time::Duration};

static URL: Opt<Secret> = Opt::<Secret>::required("url", "The server's address: https://HOST:9090")
    .example("https://HOST:9090");
static SELECT: Opt<String> =
    Opt::<String>::with_default("select", "", "Which hosts, as label matchers: {job=\"node\"}");
static NAME: Opt<String> = Opt::<String>::with_default(
    "name",
    "{host}",
    "What a host is called, by its labels: {cluster}-{host}",
);
static LOOKBACK: Opt<Option<Duration>> = Opt::<Option<Duration>>::optional(
    "lookback",
    "How old a sample may be; the server's own limit otherwise",
);
static HEADER_FILE: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional(
    "header_file",
    "A file with headers to send, one a line: X-Scope-OrgID: team-a",
);
static REFRESH: Opt<Duration> = Opt::<Duration>::with_default("refresh", "5s", "How often to ask");
static TIMEOUT: Opt<Duration> =
    Opt::<Duration>::with_default("timeout", "10s", "How long to wait for an answer");

manytop_plugin::inventory::submit! {
    Plugin::polls("prometheus", "A Prometheus or VictoriaMetrics server, for all hosts that it scrapes", build)
        .per_name()
        .for_many()
        .serves_past()
        .yields_any(spoken_of)
        .options(&[
            URL.spec(), SELECT.spec(), NAME.spec(), LOOKBACK.spec(), HEADER_FILE.spec(), REFRESH.spec(), TIMEOUT.spec(), USERNAME.spec(), PASSWORD.spec(),
            PASSWORD_FILE.spec(), BEARER_TOKEN_FILE.spec(), CA_FILE.spec(), CERT_FILE.spec(),
            KEY_FILE.spec(), INSECURE.spec(), TEMPSCALE.spec(), VIRTUAL.spec(), PERIPHERALS.spec(), WATCH.spec(),
        ])
}

fn build(options: &Options) -> Result<Box<dyn Provider>, BuildError> {
    // what remotes and this share speaks of remotes
    let own = |e: BuildError| e.rephrased(|text| text.replace("remote-NAME-", "prometheus-NAME-"));
    let url = |problem: String| own(BuildError::new(URL.spec(), problem));
    let text = options.get(&URL);
    let targets: Vec<Target> = text
        .reveal()
        .split_whitespace()
        .map(|text| address(text).map_err(url))
        .collect::<Result<_, _>>()?;
    let select = select::matchers(&options.get(&SELECT))
        .map_err(|problem| BuildError::new(SELECT.spec(), problem))?;
    let template = match &*options.get(&NAME) {
        "{host}" => None,
        given => Some(
            NameTemplate::parse(given).map_err(|problem| BuildError::new(NAME.spec(), problem))?,
        ),
    };
    let headers = options.get(&HEADER_FILE).map(|path| ExtraHeaders::read(&path)).transpose();
    let headers = headers.map_err(|problem| BuildError::new(HEADER_FILE.spec(), problem))?;
    let headers = headers.unwrap_or_default();
    let mut replicas = Vec::new();
    for target in targets {
        let credentials = Credentials::new(options, &target).map_err(own)?;
        if headers.has_authorization() && !matches!(credentials.sent(), Sent::Nothing) {
            let problem =
                "it holds an authorization, and a user or token is given too; one is enough";
            return Err(BuildError::new(HEADER_FILE.spec(), problem));
        }
        let terms = TlsConfig::new(options, &target).map_err(own)?;
        replicas.push(Requester::new(target, credentials, terms).with_headers(headers.clone()));
    }
    if replicas.is_empty() {
        return Err(url("expected the server's address".into()));
    }
    let lookback = options.get(&LOOKBACK);
    let server = server::Server::new(replicas, lookback, options.get(&TIMEOUT));
    let terms = HostTerms {
        catalog: DialectCatalog::shared(shows(options)).map_err(url)?,
        fahrenheit: options.get(&TEMPSCALE) == "F",
        refresh: options.get(&REFRESH),
        lookback: lookback.unwrap_or(LOOKBACK_DEFAULT),
    };
    let hosts = hosts::EngineHosts::new(terms, SourceNames::new(template));
    Ok(Box::new(provider::Prometheus::new(server, select, hosts)))
}

/// The address of a server's query API.
fn address(text: &str) -> Result<Target, String> {
    let mut target = Target::parse(text)?;
    if target.url.query().is_some() {
        return Err("a query has no place here; see prometheus-NAME-select".into());
    }
    let path = target.url.path().trim_end_matches('/');
    if path.contains("/api/v1") {
        return Err("leave out /api/v1 and what follows it".into());
    }
    let path = format!("{path}/api/v1/query");
    target.url.set_path(&path);
    Ok(target)
}
