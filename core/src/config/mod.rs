//! The configuration: where it is, its two formats, what its keys mean.
//!
//! A key without a hyphen is a global one. With one it is `provider-option`, of a provider of which there is
//! one; with more it is `section-NAME-option`, cut at the first and the last: a section is a provider with an
//! instance for each NAME, or `widget`. Words ignore case, NAME keeps it; NAME `*` sets what holds for all.
//! In TOML the same keys are nested: `[section.NAME] option = …`.
//!
//! ```text
//! # myserver.conf
//! layout=procs
//! remote-Jerry-url=https://user:${PASSWORD}@jerry.example.com/metrics
//! remote-Jerry-refresh=2
//! ```
//!
//! The crate `config` reads and merges the files; what they say is checked here against the
//! declarations of the plugins, and everything that is wrong is reported at once, with its place.

mod assemble;
mod conf;
mod discover;
mod files;
mod given;
pub mod globals;
mod instance;
mod interpolate;
mod key;
mod owner;
mod place;
mod request;
mod route;
mod toml;
mod tree;
mod write;

pub use discover::{Discovery, FILE, HOSTS, NAME, PATH, SCHEME, Terms};
pub use globals::{GLOBALS, Global};
pub use instance::{EXPECTED_OFFLINE, INSTANCE, Instance, REFRESH, SOURCE, TAGS, TIMEOUT, specs};
pub use key::check_name;
pub use place::{Errors, Place, Problem};
pub use request::{Flag, Request};

use crate::{
    options::{Options, Spec},
    provider::{BuildError, with_name},
    registry::Registry,
    theme::Levels,
    view::Settings,
};
use given::Given;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// All that was asked for, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The values of [`GLOBALS`].
    pub globals: Options,
    /// What to ask: this machine's providers by name, then the others as the files have them.
    pub instances: Vec<Instance>,
    /// Where to look for more to ask.
    pub discoveries: Vec<Discovery>,
    /// The options of every widget, by its word.
    pub widgets: BTreeMap<&'static str, Options>,
    /// What a person should know although nothing is wrong.
    pub notes: Vec<String>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Where to look for `layouts/` and `colors/`: beside the first file, then the config folders.
    pub folders: Vec<PathBuf>,
    /// Limits of the command line.
    limits: Vec<String>,
    /// All keys, in the order of the files.
    given: Vec<Arc<Given>>,
}

/// Words that no provider may have for a name: the global keys and core's own sections.
pub fn reserved_words() -> Vec<&'static str> {
    let globals = GLOBALS.iter().map(|g| g.spec().name());
    let retired = globals::RETIRED.iter().map(|(word, _)| *word);
    globals
        .chain(retired)
        .chain([owner::WIDGET, discover::DISCOVER, "local"])
        .chain(owner::LATER)
        .collect()
}

impl Config {
    /// Finds and reads the files, and lays the flags over them.
    ///
    /// # Errors
    /// All that is wrong, not only the first of it.
    pub fn load(request: &Request, registry: &Registry) -> Result<Config, Errors> {
        let config = route::load(request, registry)?;
        Ok(Config { limits: request.limits.clone(), ..config })
    }

    /// How numbers are to be shown.
    pub fn settings(&self) -> Settings {
        let mut settings = globals::settings(&self.globals);
        for limit in &self.limits {
            let _ = settings.limits.put(limit); // the command line was checked before
        }
        settings
    }

    /// From which percentages on levels are yellow and red.
    pub fn levels(&self) -> Levels {
        globals::levels(&self.globals)
    }

    /// What a plugin found wrong with an option, with the place and the key: `myserver.conf:1:
    /// remote-Jerry-url: …`. `-NAME-` in the plugin's words becomes the instance's own.
    pub fn build_error(&self, instance: &Instance, error: &BuildError) -> String {
        let provider = instance.plugin.name();
        let key = match &instance.name {
            Some(name) => key::Key::named(provider, name, error.option()),
            None => key::Key::one(provider, error.option()),
        };
        let problem = match &instance.name {
            Some(name) => with_name(error.problem(), name),
            None => error.problem().to_owned(),
        };
        placed(instance.given.get(error.option()), &key, &problem)
    }

    /// What is wrong with an option of a discovery, with the place and the key.
    pub fn discovery_error(&self, discovery: &Discovery, option: &Spec, problem: &str) -> String {
        let key = key::Key::named(discover::DISCOVER, &discovery.name, option.name());
        placed(discovery.given.get(option.name()), &key, &with_name(problem, &discovery.name))
    }

    /// The options of section `discover`.
    pub fn discover_options(registry: &Registry) -> Vec<&'static Spec> {
        let reader = discover::reader(registry);
        reader.into_iter().flat_map(|(plugin, found)| discover::specs(plugin, found)).collect()
    }

    /// What a widget found wrong with an option, with the place and the key.
    pub fn widget_error(&self, widget: &str, error: &BuildError) -> String {
        let key = key::Key::named(owner::WIDGET, widget, error.option());
        let given = self.given.iter().find(|given| given.key == key);
        let all = key::Key::named(owner::WIDGET, key::ALL, error.option());
        let given = given.or_else(|| self.given.iter().find(|given| given.key == all));
        placed(given.map(|given| &**given), &key, error.problem())
    }

    /// The settings as they stand, as the text of a `.conf` file: all global keys, those that were
    /// not given as comments, and the others as they were given, `${VAR}` as it was written.
    pub fn to_conf(&self) -> String {
        write::conf(&self.given)
    }
}

fn placed(given: Option<&Given>, key: &key::Key, problem: &str) -> String {
    match given {
        Some(given) => format!("{}: {}: {problem}", given.place, given.key.show(given.style)),
        None => format!("{}: {problem}", key.show(key::Style::Conf)),
    }
}
