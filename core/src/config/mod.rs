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
//! A later layer overrides an earlier one: defaults, files, environment, flags. Each layer is a `Source` of the crate
//! `config`; the values are checked here against the declarations of the plugins, and all errors are reported at
//! once, with their places.

mod build;
mod conf;
mod discover;
mod environment;
mod files;
pub mod globals;
mod instance;
mod interpolate;
mod keep;
mod key;
mod key_target;
mod location;
pub mod record;
mod request;
mod resolve;
mod section;
mod section_options;
mod setting;
mod states;
mod toml;
mod tree;
pub mod watch;
mod write;

pub use discover::{Discovery, FILE, HOSTS, NAME, PATH, SCHEME, TargetSettings};
pub use globals::{GLOBALS, Global};
pub use instance::{
    EXPECTED_OFFLINE, INSTANCE, Instance, LIMITS, REFRESH, SOURCE, TAGS, TIMEOUT, specs,
};
pub use keep::shown;
pub use location::{Errors, Location, Problem};
pub use request::{Flag, Request};
pub use section::{KeySection, NamedOptions, SECTIONS, alert, hook};
pub use states::{KeyState, check_value};
pub use watch::Watching;

pub use crate::names::check_name;

use crate::{
    options::{Options, Spec},
    provider::{BuildError, with_name},
    registry::Registry,
    theme::Levels,
    view::Settings,
};
use files::Origin;
use setting::Setting;
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
    /// Metrics that are watched, by their NAMEs.
    pub watches: Vec<Watching>,
    /// The options of every widget, by its word.
    pub widgets: BTreeMap<&'static str, Options>,
    /// The keys of actions, `key-ACTION=KEY KEY …`: the action and its keys, in the order of the files.
    pub bindings: Vec<(String, String)>,
    /// The options of core's own sections, [`SECTIONS`]: see [`Config::section`].
    sections: Vec<NamedOptions>,
    /// What a person should know although nothing is wrong.
    pub notes: Vec<String>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Where to look for `layouts/` and `colors/`: beside the first file, then the config folders.
    pub folders: Vec<PathBuf>,
    /// Limits of the command line.
    limits: Vec<String>,
    /// Keys of a lower layer that a higher one overrides, and where the lower one sets them.
    overridden: Vec<(key::ConfigKey, Location)>,
    /// All keys, in the order of the files.
    given: Vec<Arc<Setting>>,
}

/// Words that no provider may have for a name: the global keys and core's own sections.
pub fn reserved_words() -> Vec<&'static str> {
    let globals = GLOBALS.iter().map(|g| g.spec().name());
    let retired = globals::RETIRED.iter().map(|(word, _)| *word);
    globals
        .chain(retired)
        .chain([key_target::WIDGET, key_target::KEY, discover::DISCOVER, watch::WATCH, "local"])
        .chain(SECTIONS.iter().map(|section| section.word))
        .collect()
}

impl Config {
    /// Finds and reads the files, and lays the environment and then the flags over them.
    ///
    /// # Errors
    /// All that is wrong, not only the first of it.
    pub fn load(request: &Request, registry: &Registry) -> Result<Config, Errors> {
        let config = resolve::load(request, registry)?;
        Ok(Config { limits: request.limits.clone(), ..config })
    }

    /// How numbers are to be shown.
    pub fn settings(&self) -> Settings {
        let mut settings = globals::settings(&self.globals);
        for limit in &self.limits {
            let _ = settings.limits.put(limit); // the command line was checked before
        }
        for instance in &self.instances {
            if let Some(limits) = &instance.limits {
                let _ = settings.limits.put_for_host(&instance.source, limits); // checked before
            }
        }
        settings
    }

    /// Whether a global key was given on the command line.
    pub fn is_argument(&self, spec: &Spec) -> bool {
        let key = key::ConfigKey::Global(spec.name().into());
        self.given.iter().any(|given| given.key == key && given.author == Origin::Flags)
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
            Some(name) => key::ConfigKey::named(provider, name, error.option()),
            None => key::ConfigKey::one(provider, error.option()),
        };
        let problem = match &instance.name {
            Some(name) => with_name(error.problem(), name),
            None => error.problem().to_owned(),
        };
        placed(instance.given.get(error.option()), &key, &problem)
    }

    /// What is wrong with an option of a discovery, with the place and the key.
    pub fn discovery_error(&self, discovery: &Discovery, option: &Spec, problem: &str) -> String {
        let key = key::ConfigKey::named(discover::DISCOVER, &discovery.name, option.name());
        placed(discovery.given.get(option.name()), &key, &with_name(problem, &discovery.name))
    }

    /// What is wrong with a watch's metric, with the place and the key.
    pub fn watch_error(&self, name: &str, problem: &str) -> String {
        let option = watch::METRIC.spec().name();
        let key = key::ConfigKey::named(watch::WATCH, name, option);
        let watching = self.watches.iter().find(|watching| watching.name == name);
        placed(watching.and_then(|w| w.given.get(option)), &key, problem)
    }

    /// The options of section `watch`.
    pub fn watch_options() -> &'static [&'static Spec] {
        &watch::SPECS
    }

    /// The options of section `discover`.
    pub fn discover_options(registry: &Registry) -> Vec<&'static Spec> {
        let reader = discover::reader(registry);
        reader.into_iter().flat_map(|(plugin, found)| discover::specs(plugin, found)).collect()
    }

    /// What a widget found wrong with an option, with the place and the key.
    pub fn widget_error(&self, widget: &str, error: &BuildError) -> String {
        let key = key::ConfigKey::named(key_target::WIDGET, widget, error.option());
        let given = self.given.iter().find(|given| given.key == key);
        let all = key::ConfigKey::named(key_target::WIDGET, key::ALL, error.option());
        let given = given.or_else(|| self.given.iter().find(|given| given.key == all));
        placed(given.map(|given| &**given), &key, error.problem())
    }

    /// What is wrong with the keys of an action, with the place and the key.
    pub fn binding_error(&self, action: &str, problem: &str) -> String {
        let key = key::ConfigKey::one(key_target::KEY, action);
        let given = self.given.iter().find(|given| given.key == key);
        placed(given.map(|given| &**given), &key, problem)
    }

    /// The settings as they stand, as the text of a `.conf` file: all global keys, those that were
    /// not given as comments, and the others as they were given, `${VAR}` as it was written.
    pub fn to_conf(&self) -> String {
        write::conf(&self.given)
    }
}

fn placed(given: Option<&Setting>, key: &key::ConfigKey, problem: &str) -> String {
    match given {
        Some(given) => format!("{}: {}: {problem}", given.place, given.key.show(given.style)),
        None => format!("{}: {problem}", key.show(key::KeyStyle::Conf)),
    }
}
