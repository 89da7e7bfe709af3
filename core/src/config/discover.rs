//! Section `discover`: where a file names the hosts, and how they are to be read.
//!
//! The file only lists hosts. How they are polled, and which of them receive a password, is
//! set here: otherwise the author of the file would choose where the password is sent.

use super::instance;
use crate::config::{location::Location, setting::Givens};
use crate::{
    options::{Opt, Options, Spec},
    provider::{Discoverable, Plugin},
    registry::Registry,
    source::Source,
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// core's own section; its options are these, and those of the provider that reads what is found.
pub(super) const DISCOVER: &str = "discover";
/// Discovered hosts are many, and asked less often.
const REFRESH: Duration = Duration::from_secs(15);
/// But not the one that a person looks at.
const CLOSELY: Duration = Duration::from_secs(1);

/// The file that names the hosts.
pub static FILE: Opt<PathBuf> =
    Opt::<PathBuf>::required("file", "A file_sd file of Prometheus, JSON or YAML").example("PATH");
/// How they are asked.
pub static SCHEME: Opt<String> =
    Opt::one_of("scheme", &["http", "https"], "http", "How the hosts are asked");
/// Where on each host.
pub static PATH: Opt<String> =
    Opt::<String>::with_default("path", "/metrics", "Where on a host its metrics are");
/// What they are called.
pub static NAME: Opt<String> = Opt::<String>::with_default(
    "name",
    "{address}",
    "What a host is called: {address}, {host} and {LABEL} stand for what the file says",
);
/// The hosts that receive user, password, token and certificate.
pub static HOSTS: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "hosts",
    "",
    "Hosts that may be sent the credentials: .example.com, 10.0.0.0/8; needed where there are any",
);

const OWN: [&Spec; 5] = [FILE.spec(), SCHEME.spec(), PATH.spec(), NAME.spec(), HOSTS.spec()];

/// The provider that reads what is found.
pub(super) fn reader(registry: &Registry) -> Option<(&'static Plugin, Discoverable)> {
    registry.providers().iter().find_map(|plugin| Some((*plugin, plugin.discoverable()?)))
}

/// All options of the section.
pub(super) fn specs(
    plugin: &'static Plugin,
    found: Discoverable,
) -> impl Iterator<Item = &'static Spec> {
    let others = instance::specs(plugin).filter(move |spec| {
        spec.name() != found.url.name() && spec.name() != instance::SOURCE.spec().name()
    });
    OWN.into_iter().chain(others)
}

/// Where to look for hosts.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Its NAME.
    pub name: Arc<str>,
    /// The section's own options and core's, complete.
    pub options: Options,
    pub(super) plugin: &'static Plugin,
    pub(super) found: Discoverable,
    pub(super) place: Option<Location>,
    pub(super) given: Givens,
}

impl Discovery {
    /// Whether there is anything that not everybody may be sent.
    pub fn has_credentials(&self) -> bool {
        self.found.credentials.iter().any(|spec| self.given.get(spec.name()).is_some())
    }

    /// How its hosts are asked, those that are trusted with the credentials or the others.
    ///
    /// # Errors
    /// They cannot be asked so.
    pub fn terms(&self, trusted: bool) -> Result<TargetSettings, String> {
        let secret = |spec: &Spec| self.found.credentials.iter().any(|c| c.name() == spec.name());
        let mut options = Options::default();
        let mut given = Givens::none();
        for spec in instance::specs(self.plugin).filter(|s| s.name() != self.found.url.name()) {
            let own = self.given.iter().find(|(option, _)| *option == spec.name());
            let own = own.map(|(_, given)| given).filter(|_| trusted || !secret(spec));
            options.put(spec, own.map(|given| &*given.text))?;
            own.into_iter().for_each(|own| given.put(spec.name(), own.clone()));
        }
        Ok(TargetSettings { options: options.above(), given })
    }

    /// One host: what it is called, where it is read, its tags.
    ///
    /// # Errors
    /// It cannot be read so.
    pub fn instance(
        &self,
        name: &str,
        url: &str,
        tags: Vec<String>,
        terms: &TargetSettings,
    ) -> Result<instance::Instance, String> {
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("a discovered host is read over http:// or https://".into());
        }
        let (mut options, given) = (terms.options.clone(), terms.given.clone());
        options.put(self.found.url, Some(url))?;
        let place = self.place.clone();
        let host = instance::Instance::with(self.plugin, Some(name), options, place, given);
        let refresh = self.options.get(&instance::REFRESH).unwrap_or(REFRESH);
        Ok(instance::Instance {
            source: Source::named(name),
            refresh: Some(refresh),
            closely: Some(refresh.min(CLOSELY)),
            tags,
            ..host
        })
    }
}

/// How the hosts of a discovery are asked: all but where.
#[derive(Clone, Debug)]
pub struct TargetSettings {
    options: Options,
    given: Givens,
}
