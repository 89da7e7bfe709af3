//! From a request to all that runs: read at the start, and again whenever the config is read anew.

use crate::{dashboard::parts::Parts, discovery::Discovered, layouts::Choice, schemes};
use manytop_core::{
    config::{self, Config, Request, globals},
    engine::{Instance, Job},
    groups::Groups,
    registry::Registry,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// This machine's readers are given up after this long where the config says nothing else.
const READER_TIMEOUT: Duration = Duration::from_secs(1);

/// What a config asks for, checked to the last option; nothing of it runs yet.
pub struct Loaded {
    /// The config.
    pub config: Config,
    /// What is to be asked.
    pub instances: Vec<Instance>,
    /// What a dashboard is made of.
    pub parts: Parts,
    /// What a person should know although nothing is wrong.
    pub notes: Vec<String>,
    /// What the files of discoveries named.
    pub discovered: Discovered,
}

impl Loaded {
    /// Reads the config of a request again, while what was loaded `before` goes on.
    ///
    /// # Errors
    /// All that is wrong, a line each.
    pub fn again(
        request: &Request,
        registry: &Registry,
        before: &Choice,
        discovered: &Discovered,
    ) -> Result<Loaded, String> {
        let config = Config::load(request, registry).map_err(|errors| errors.to_string())?;
        Loaded::of(config, registry.clone(), Some(before), discovered)
    }

    /// Builds what a config asks for. `before` is the layout that is shown until now, `discovered` what was
    /// found before.
    ///
    /// # Errors
    /// All that is wrong, a line each.
    pub fn of(
        mut config: Config,
        registry: Registry,
        before: Option<&Choice>,
        discovered: &Discovered,
    ) -> Result<Loaded, String> {
        let discovered = discovered.again(&mut config)?;
        let (instances, mut problems) = instances(&config);
        match parts(&config, registry, before, &mut problems) {
            Some((parts, warnings)) if problems.is_empty() => {
                let notes = config.notes.iter().cloned().chain(warnings).collect();
                Ok(Loaded { config, instances, parts, notes, discovered })
            }
            _ => Err(problems.join("\n")),
        }
    }
}

/// What is different between two configs, for a person: `jerry added, tom gone, db changed`.
pub fn difference(old: &[config::Instance], new: &[config::Instance]) -> String {
    let by_key = |all: &[config::Instance]| -> BTreeMap<(&str, Option<String>), config::Instance> {
        let key = |i: &config::Instance| (i.plugin.name(), i.name.as_deref().map(str::to_owned));
        all.iter().map(|i| (key(i), i.clone())).collect()
    };
    let (old, new) = (by_key(old), by_key(new));
    let word = |(provider, name): &(&str, Option<String>)| match name {
        Some(name) => name.clone(),
        None => (*provider).to_owned(),
    };
    let added = new.keys().filter(|key| !old.contains_key(*key)).map(word).collect();
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(word).collect();
    let differs = |(key, now): &(_, &config::Instance)| {
        old.get(*key).is_some_and(|was| was.options != now.options)
    };
    let changed = new.iter().filter(differs).map(|(key, _)| word(key)).collect();
    let said = [(added, "added"), (gone, "gone"), (changed, "changed")];
    let said = said.into_iter().filter(|(names, _): &(Vec<String>, _)| !names.is_empty());
    let said: Vec<String> = said
        .map(|(names, word)| match names.len() {
            0..=3 => format!("{} {word}", names.join(" ")),
            n => format!("{n} {word}"),
        })
        .collect();
    if said.is_empty() { "the sources are as before".into() } else { said.join(", ") }
}

/// Builds all instances, which checks their options and connects nobody.
fn instances(config: &Config) -> (Vec<Instance>, Vec<String>) {
    let mut problems = Vec::new();
    let mut built = Vec::with_capacity(config.instances.len());
    let interval = config.globals.get(&globals::UPDATEINTERVAL);
    let groups = Groups::of(&config.globals.get(&globals::GROUPS));
    for instance in &config.instances {
        match Job::new(instance.plugin, instance.options.clone()) {
            Ok(job) => built.push(Instance {
                name: instance.name.clone(),
                source: instance.source.clone(),
                refresh: instance.refresh.unwrap_or(interval),
                closely: instance.closely,
                timeout: instance.timeout.unwrap_or(READER_TIMEOUT),
                tags: match &instance.tags[..] {
                    [] => Arc::default(), // which costs nothing
                    tags => tags.into(),
                },
                groups: groups.clone(),
                expected_offline: instance.expected_offline,
                job,
            }),
            Err(error) => problems.push(config.build_error(instance, &error)),
        }
    }
    (built, problems)
}

fn parts(
    config: &Config,
    registry: Registry,
    before: Option<&Choice>,
    problems: &mut Vec<String>,
) -> Option<(Parts, Vec<String>)> {
    let theme = schemes::load(&config.globals.get(&globals::COLORSCHEME), &config.folders);
    let layout = config.globals.get(&globals::LAYOUT);
    let choice = match before {
        // standard input was read at the start, and is there no more
        Some(choice) if layout == "-" && choice.name == "-" => Ok((choice.clone(), Vec::new())),
        Some(_) if layout == "-" => Err(vec!["layout -: is read at the start only".to_owned()]),
        _ => Choice::load(&layout, &config.folders, &registry),
    };
    for plugin in registry.widgets() {
        let options = config.widgets.get(plugin.name());
        if let Some(Err(error)) = options.map(|options| plugin.build(options)) {
            problems.push(config.widget_error(plugin.name(), &error));
        }
    }
    let (mut theme, (choice, warnings)) = match (theme, choice) {
        (Ok(theme), Ok(choice)) => (theme, choice),
        (theme, choice) => {
            problems.extend(theme.err());
            problems.extend(choice.err().into_iter().flatten());
            return None;
        }
    };
    theme.levels = config.levels();
    let parts = Parts {
        registry,
        choice,
        widget_options: config.widgets.clone(),
        theme,
        settings: config.settings(),
        statusbar: config.globals.get(&globals::STATUSBAR),
        help: config.globals.get(&globals::HELPVISIBLE),
        interval: config.globals.get(&globals::UPDATEINTERVAL),
    };
    Some((parts, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(flags: &[(&str, &str)]) -> Config {
        let registry = Registry::load(&config::reserved_words()).unwrap();
        let mut request = Request { no_local: true, ..Request::bare() };
        request.system = "/nonexistent".into();
        flags.iter().for_each(|(key, value)| request.flag("--set", key, value));
        Config::load(&request, &registry).unwrap()
    }

    #[test]
    fn what_is_different_is_said_by_name_and_of_many_by_number() {
        let url = |name: &str| (format!("remote-{name}-url"), "http://127.0.0.1/metrics");
        let of = |names: &[&str], more: &[(&str, &str)]| {
            let urls: Vec<_> = names.iter().map(|name| url(name)).collect();
            let urls = urls.iter().map(|(key, value)| (key.as_str(), *value));
            config(&urls.chain(more.iter().copied()).collect::<Vec<_>>()).instances
        };
        let old = of(&["a", "b", "c"], &[]);
        assert_eq!(difference(&old, &old), "the sources are as before");
        let new = of(&["a", "c", "d"], &[("remote-c-refresh", "9s")]);
        assert_eq!(difference(&old, &new), "d added, b gone, c changed");
        let many = of(&["d", "e", "f", "g"], &[]);
        assert_eq!(difference(&old, &many), "4 added, a b c gone");
    }
}
