//! Servers elsewhere that serve Prometheus text: another manytop, a gotop with `--export`, a
//! node_exporter. Each becomes a source, drawn by the same widgets as this machine.
//!
//! | option | meaning |
//! |---|---|
//! | `url` | where the text is served, with `/metrics` at its end as a rule; user and password may stand in it |
//! | `username`, `password` | sent with each request; `password_file` keeps the password out of the config |
//! | `bearer_token_file` | a file whose first line is sent as a token instead |
//! | `ca_file` | PEM certificates to trust besides the system's, for a private authority |
//! | `cert_file`, `key_file` | PEM certificate and key to show to a server that asks for them |
//! | `insecure` | do not check the server's certificate; shown as a warning as long as it is set |
//! | `tempscale` | the scale in which a gotop there exports temperatures |
//!
//! ```conf
//! remote-Jerry-url=https://gotop.example.com/metrics
//! remote-Jerry-username=gotop
//! remote-Jerry-password_file=~/.config/manytop/jerry
//! remote-Jerry-refresh=2
//! ```
//!
//! How an exporter's names become readings is a dialect's affair: a table in a file of its own,
//! under `dialects/`. Redirects are not followed, loopback is never asked through a proxy, and a body
//! is read as it comes, under caps for its length, its lines and its series.
//!
//! `probe://HOST` asks the host at port 9100, then at 8089, and stays with what it found there: this is what hosts on
//! the command line are.
//!
//! A manytop with `--export-remotes` tells of its own remotes too: each of them becomes a source here, under the
//! name that it has there, as old as it is there.
//!
//! A node_exporter is asked only for what somebody wants, with `collect[]` in the query, from its second
//! answer on. A query of your own in `url` stays as it is, and so does the whole where the server refuses.

pub(crate) mod client;
pub(crate) mod credentials;
pub mod dialect;
mod dialects;
pub mod exposition;
pub(crate) mod failure;
mod hearing;
mod interpreter;
pub(crate) mod lexicon;
mod narrowing;
pub(crate) mod plain;
mod plan;
mod probe;
mod provider;
mod proxy;
mod relay;
mod slots;
pub(crate) mod url;

pub use hearing::BODY_MAX;
pub use interpreter::{Interpreter, Understood};
pub use lexicon::Lexicon;

use client::Terms;
use credentials::Credentials;
use manytop_core::{
    inventory,
    options::{Opt, Options, Secret},
    provider::{BuildError, Plugin, Provider},
    reading::Kind,
};
use std::path::PathBuf;

static URL: Opt<Secret> =
    Opt::<Secret>::required("url", "Where Prometheus text is served: https://HOST/metrics")
        .example("https://HOST/metrics");
pub(crate) static USERNAME: Opt<Option<String>> =
    Opt::<Option<String>>::optional("username", "The user to log in as");
pub(crate) static PASSWORD: Opt<Option<Secret>> =
    Opt::<Option<Secret>>::optional("password", "The user's password");
pub(crate) static PASSWORD_FILE: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("password_file", "A file whose first line is the password");
pub(crate) static BEARER_TOKEN_FILE: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional(
    "bearer_token_file",
    "A file whose first line is a token to send",
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

manytop_core::inventory::submit! {
    Plugin::polls("remote", "Servers that serve Prometheus text: manytop, gotop, node_exporter", build)
        .per_name()
        .yields_any(spoken_of)
        .reads_discovered(URL.spec(), &[
            USERNAME.spec(), PASSWORD.spec(), PASSWORD_FILE.spec(), BEARER_TOKEN_FILE.spec(),
            CERT_FILE.spec(), KEY_FILE.spec(),
        ])
        .options(&[
            URL.spec(), USERNAME.spec(), PASSWORD.spec(), PASSWORD_FILE.spec(),
            BEARER_TOKEN_FILE.spec(), CA_FILE.spec(), CERT_FILE.spec(), KEY_FILE.spec(),
            INSECURE.spec(), TEMPSCALE.spec(),
        ])
}

/// The kinds of all dialects.
pub(crate) fn spoken_of() -> Vec<Kind> {
    let dialects = inventory::iter::<dialect::Dialect>.into_iter();
    dialects.flat_map(|dialect| dialect.sections()).map(dialect::Section::kind).collect()
}

fn build(options: &Options) -> Result<Box<dyn Provider>, BuildError> {
    let url = |problem: String| BuildError::new(URL.spec(), problem);
    let (target, probe) = probe::parse(options.get(&URL).reveal()).map_err(url)?;
    let credentials = Credentials::new(options, &target)?;
    let terms = Terms::new(options, &target)?;
    let lexicon = Lexicon::shared().map_err(url)?;
    let interpreter = Interpreter::new(lexicon, options.get(&TEMPSCALE) == "F");
    Ok(Box::new(provider::Remote::new((target, probe), credentials, terms, interpreter)))
}
