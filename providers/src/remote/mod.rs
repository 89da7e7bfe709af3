//! Servers elsewhere that serve Prometheus text: another manytop, a gotop with `--export`, a
//! node_exporter. Each becomes a source, drawn by the same widgets as this machine.
//!
//! | option | meaning |
//! |---|---|
//! | `url` | where the text is served, with `/metrics` at its end as a rule; user and password may stand in it; several addresses of one host between blanks |
//! | `username`, `password` | sent with each request; `password_file` keeps the password out of the config |
//! | `bearer_token_file` | a file; its first line is sent as a token instead |
//! | `ca_file` | PEM certificates to trust besides the system's, for a private authority |
//! | `cert_file`, `key_file` | PEM certificate and key to show to a server that asks for them |
//! | `insecure` | do not check the server's certificate; shown as a warning as long as it is set |
//! | `tempscale` | the scale in which a gotop there exports temperatures |
//! | `virtual`, `peripherals` | what is shown besides storage and the machine's own batteries; `disk-virtual` and `power-peripherals` hold for remotes too |
//! | `watch` | NAMEs of watches (`watch-NAME-metric`) for this host, besides those whose `-hosts` it fits |
//! | `signals` | `true` allows signals to processes of a host over `ssh://`, after a question |
//!
//! ```conf needs-host
//! remote-Jerry-url=https://gotop.example.com/metrics
//! remote-Jerry-username=gotop
//! remote-Jerry-password_file=~/.config/manytop/jerry
//! remote-Jerry-refresh=2
//! ```
//!
//! How an exporter's names become readings is a dialect's affair: a table in a file of its own,
//! under `dialects/`. A link-local address is written with its interface: `http://[fe80::1%25eth0]:9100/metrics`.
//! Redirects are not followed, loopback is never asked through a proxy, and a body
//! is read as it comes, under caps for its length, its lines and its series.
//!
//! `probe://HOST` asks the host at port 9100, then at 8089, and stays with what it found there: this is what hosts on
//! the command line are.
//!
//! `ssh://[user@]host[:port]` reads a host over the system's ssh, with nothing installed there.
//!
//! A manytop with `--export-remotes` serves its own remotes too: each of them becomes a source here, under the
//! name that it has there, as old as it is there.
//!
//! A pushgateway and the `/federate` of a Prometheus hold the series of several targets: each host becomes a source,
//! named as by the `prometheus` provider, as old as its timestamps or its push.
//!
//! Lines that cannot be read are left out, counted, and named by the first of them; so is a kind of which
//! there are metrics by names that no dialect knows.
//!
//! A node_exporter is asked only for what is requested, with `collect[]` in the query, from its second
//! answer on. A query of your own in `url` stays as it is, and so does the whole where the server refuses.

mod addresses;
pub mod body_decoder;
pub mod collect_filter;
mod federated;
mod hosts;
mod lines;
mod probe;
mod provider;
pub mod relay;
mod series;

pub use crate::{
    dialects::{
        catalog::{DialectCatalog, Shows},
        scrape_parser::{ParsedScrape, ScrapeParser},
    },
    http::response::BODY_MAX,
};

use crate::{
    dialects::{
        dialect,
        tables::{self, watch},
    },
    http::{client::TlsConfig, credentials::Credentials},
    ssh,
};
use manytop_plugin::{
    options::{Opt, Options, Secret, Spec},
    provider::{BuildError, Plugin, Provider},
    reading::Kind,
    vocabulary::{METRIC, SERIES},
};
use std::path::PathBuf;

static URL: Opt<Secret> = Opt::<Secret>::required(
    "url",
    "Where Prometheus text is served: https://HOST/metrics, or ssh://HOST",
)
.example("https://HOST/metrics");
pub(crate) static USERNAME: Opt<Option<String>> =
    Opt::<Option<String>>::optional("username", "The user to log in as");
pub(crate) static PASSWORD: Opt<Option<Secret>> =
    Opt::<Option<Secret>>::optional("password", "The user's password");
pub(crate) static PASSWORD_FILE: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("password_file", "A file with the password as its first line");
pub(crate) static BEARER_TOKEN_FILE: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional(
    "bearer_token_file",
    "A file with the token to send as its first line",
);
pub(crate) static CA_FILE: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("ca_file", "PEM certificates to trust besides the system's");
pub(crate) static CERT_FILE: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("cert_file", "A PEM certificate to show to the server");
pub(crate) static KEY_FILE: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("key_file", "The PEM key of that certificate");
pub(crate) static INSECURE: Opt<bool> =
    Opt::<bool>::with_default("insecure", "false", "Do not check the server's certificate");
pub(crate) static TEMPSCALE: Opt<String> = Opt::<String>::one_of(
    "tempscale",
    &["C", "F"],
    "C",
    "The scale in which a gotop there exports temperatures",
);

pub(crate) static VIRTUAL: Opt<bool> = Opt::<bool>::with_default(
    "virtual",
    "false",
    "Also tmpfs, overlay, CDs, squashfs and their like; as disk-virtual says, if that is given",
)
.following("disk", "virtual");
pub(crate) static PERIPHERALS: Opt<bool> = Opt::<bool>::with_default(
    "peripherals",
    "false",
    "Also batteries of mice, keyboards and the like; as power-peripherals says, if that is given",
)
.following("power", "peripherals");

pub(crate) static WATCH: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "watch",
    "",
    "NAMEs of watches for this host, besides those with a fitting -hosts",
);

static SIGNALS: Opt<bool> = Opt::<bool>::with_default(
    "signals",
    "false",
    "Allow signals to processes of this host, after a question; only for ssh://",
);

static OPTIONS: &[&Spec] = &[
    URL.spec(),
    USERNAME.spec(),
    PASSWORD.spec(),
    PASSWORD_FILE.spec(),
    BEARER_TOKEN_FILE.spec(),
    CA_FILE.spec(),
    CERT_FILE.spec(),
    KEY_FILE.spec(),
    INSECURE.spec(),
    TEMPSCALE.spec(),
    VIRTUAL.spec(),
    PERIPHERALS.spec(),
    WATCH.spec(),
    SIGNALS.spec(),
];

/// All options of a remote.
pub(crate) fn specs() -> &'static [&'static Spec] {
    OPTIONS
}

/// What the options of a remote say that it shows.
pub(crate) fn shows(options: &Options) -> Shows {
    let watches = watch::set(&options.get(&WATCH));
    Shows { with_virtual: options.get(&VIRTUAL), peripherals: options.get(&PERIPHERALS), watches }
}

manytop_plugin::inventory::submit! {
    Plugin::polls("remote", "Servers that serve Prometheus text: manytop, gotop, node_exporter", build)
        .per_name()
        .yields_any(known_kinds)
        .reads_discovered(URL.spec(), &[
            USERNAME.spec(), PASSWORD.spec(), PASSWORD_FILE.spec(), BEARER_TOKEN_FILE.spec(),
            CERT_FILE.spec(), KEY_FILE.spec(),
        ])
        .options(OPTIONS)
}

/// A host that is read over ssh: ssh authenticates by itself.
fn over_ssh(options: &Options) -> Result<Box<dyn Provider>, BuildError> {
    let given = |text: &'static Opt<Option<String>>| options.get(text).is_some();
    let path = |file: &'static Opt<Option<PathBuf>>| options.get(file).is_some();
    let unused = [
        (given(&USERNAME), USERNAME.spec(), "write the user before the host in remote-NAME-url"),
        (options.get(&PASSWORD).is_some(), PASSWORD.spec(), KEYS),
        (path(&PASSWORD_FILE), PASSWORD_FILE.spec(), KEYS),
        (path(&BEARER_TOKEN_FILE), BEARER_TOKEN_FILE.spec(), KEYS),
        (path(&CA_FILE), CA_FILE.spec(), "ssh checks host keys by its known_hosts"),
        (path(&CERT_FILE), CERT_FILE.spec(), "write CertificateFile in ~/.ssh/config"),
        (path(&KEY_FILE), KEY_FILE.spec(), "write IdentityFile in ~/.ssh/config"),
        (options.get(&INSECURE), INSECURE.spec(), "host keys are always checked over ssh"),
    ];
    if let Some((_, spec, instead)) = unused.into_iter().find(|(is_given, ..)| *is_given) {
        return Err(BuildError::new(spec, format!("is not used with ssh://; {instead}")));
    }
    let Shows { with_virtual, peripherals, .. } = shows(options);
    let (url, signals) = (options.get(&URL), options.get(&SIGNALS));
    ssh::host(url.reveal(), (with_virtual, peripherals), signals)
        .map_err(|problem| BuildError::new(URL.spec(), problem))
}

/// What takes the place of passwords over ssh.
const KEYS: &str = "log in with a key (ssh-agent, or IdentityFile in ~/.ssh/config)";

/// The kinds of all dialects.
pub(crate) fn spoken_of() -> Vec<Kind> {
    let linked = manytop_plugin::inventory::iter::<dialect::Dialect>.into_iter();
    let dialects = linked.chain(tables::all());
    let kinds = dialects.flat_map(dialect::Dialect::sections).map(dialect::Section::kind);
    let mut kinds: Vec<Kind> = kinds.chain([METRIC, SERIES]).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The kinds of all dialects, and those of hosts over ssh.
fn known_kinds() -> Vec<Kind> {
    spoken_of().into_iter().chain(ssh::kinds()).collect()
}

fn build(options: &Options) -> Result<Box<dyn Provider>, BuildError> {
    let url = |problem: String| BuildError::new(URL.spec(), problem);
    let given = options.get(&URL);
    if given.reveal().starts_with(ssh::SCHEME) {
        return over_ssh(options);
    }
    if options.get(&SIGNALS) {
        let problem = "only processes of hosts over ssh can be signalled";
        return Err(BuildError::new(SIGNALS.spec(), problem));
    }
    let mut remotes = Vec::new();
    for address in given.reveal().split_whitespace() {
        let (target, probe) = probe::parse(address).map_err(url)?;
        let credentials = Credentials::new(options, &target)?;
        let terms = TlsConfig::new(options, &target)?;
        let catalog = DialectCatalog::shared(shows(options)).map_err(url)?;
        let parser = ScrapeParser::new(catalog, options.get(&TEMPSCALE) == "F");
        remotes.push(provider::Remote::new((target, probe), credentials, terms, parser));
    }
    if remotes.len() > addresses::MOST {
        return Err(url(format!("expected {} addresses at most", addresses::MOST)));
    }
    match remotes.len() {
        0 => Err(url("expected an address".into())),
        1 => Ok(Box::new(remotes.swap_remove(0))),
        _ => Ok(Box::new(addresses::RemoteAddresses::new(remotes))),
    }
}
