//! From a request to all that runs: read at the start, and again whenever the config is reloaded.

use crate::{
    alerts::AlertService,
    config::{
        discovery::Discovered,
        layouts::{LayoutChoice, Size},
        schemes,
    },
    hooks,
    tui::{bindings::Bindings, dashboard_config::DashboardConfig},
};
use manytop_core::{
    alerts::AlertRules,
    config::{self, Config, Request, globals},
    engine::{EngineInstance, Job},
    groups::Groups,
    registry::Registry,
    source::Source,
    theme::{Depth, Theme},
};
use manytop_providers::dialects::tables::{
    self,
    watch::{Aggregation, Watch},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// This machine's readers are given up after this long where the config says nothing else.
const READER_TIMEOUT: Duration = Duration::from_secs(1);

/// So many notes are made of addresses that several NAMEs have.
const MOST_TWICE: usize = 5;

/// What a config asks for, checked to the last option; nothing of it runs yet.
pub struct Loaded {
    /// The config.
    pub config: Config,
    /// What is to be asked.
    pub instances: Vec<EngineInstance>,
    /// What a dashboard is made of.
    pub parts: DashboardConfig,
    /// What a person should know although nothing is wrong.
    pub notes: Vec<String>,
    /// The rules of alerts.
    pub rules: AlertRules,
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
        before: &LayoutChoice,
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
        before: Option<&LayoutChoice>,
        discovered: &Discovered,
    ) -> Result<Loaded, String> {
        let discovered = discovered.again(&mut config)?;
        use_tables(&config)?;
        let (instances, mut problems) = instances(&config);
        let rules = rules(&config, &mut problems);
        let takes = |i: &EngineInstance| Some((i.source.clone(), i.job.takes_signals()?));
        let known = (addresses(&instances), instances.iter().filter_map(takes).collect());
        match parts(&config, registry, before, known, &mut problems) {
            Some((parts, warnings)) if problems.is_empty() => {
                let mut notes: Vec<String> = config.notes.iter().cloned().chain(warnings).collect();
                notes.extend(same_address(&instances));
                notes.extend(unquoted(&parts, &instances));
                Ok(Loaded { config, instances, parts, notes, rules, discovered })
            }
            _ => Err(problems.join("\n")),
        }
    }
}

/// Takes over the dialects of the folders `dialects`, and the watches.
fn use_tables(config: &Config) -> Result<(), String> {
    let folders: Vec<_> = config.folders.iter().map(|folder| folder.join("dialects")).collect();
    let problems = tables::use_folders(&folders);
    if !problems.is_empty() {
        return Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
    let watches = config.watches.iter().map(|watching| {
        let (name, options) = (watching.name.clone(), &watching.options);
        let over = [
            (Aggregation::Sum, options.get(&config::watch::SUM)),
            (Aggregation::Max, options.get(&config::watch::MAX)),
            (Aggregation::Mean, options.get(&config::watch::AVG)),
        ];
        Watch {
            name,
            metric: options.get(&config::watch::METRIC),
            rate: options.get(&config::watch::RATE),
            unit: options.get(&config::watch::UNIT),
            title: options.get(&config::watch::TITLE),
            over: over.into_iter().find_map(|(over, label)| Some((over, label?))),
        }
    });
    tables::watch::watch(watches.collect())
        .map_err(|(name, problem)| config.watch_error(&name, &problem))
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

/// Builds all instances, which checks their options and opens no connection.
fn instances(config: &Config) -> (Vec<EngineInstance>, Vec<String>) {
    let mut problems = Vec::new();
    let mut built = Vec::with_capacity(config.instances.len());
    let interval = config.globals.get(&globals::UPDATEINTERVAL);
    let groups = Groups::of(&config.globals.get(&globals::GROUPS));
    for instance in &config.instances {
        match Job::new(instance.plugin, instance.options.clone()) {
            Ok(job) => built.push(EngineInstance {
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

/// The rules of alerts, with their webhooks checked.
fn rules(config: &Config, problems: &mut Vec<String>) -> AlertRules {
    let rules = match AlertRules::from_config(config) {
        Ok(rules) => rules,
        Err(errors) => {
            problems.extend(errors);
            return AlertRules::default();
        }
    };
    for (rule, option, problem) in AlertService::check(&rules).err().into_iter().flatten() {
        let spec = config::SECTIONS.iter().flat_map(|s| s.specs).find(|s| s.name() == option);
        let named = config.section("alert").find(|named| named.name == rule);
        let all = || config.section("alert").find(|named| &*named.name == "*");
        let text = match (named.or_else(all), spec) {
            (Some(named), Some(spec)) => config.section_error(named, spec, &problem),
            _ => format!("alert-{rule}-{option}: {problem}"),
        };
        if !problems.contains(&text) {
            problems.push(text);
        }
    }
    rules
}

/// The hosts that sources are asked at, for hooks.
fn addresses(instances: &[EngineInstance]) -> HashMap<Source, String> {
    let host = |i: &EngineInstance| Some((i.source.clone(), hooks::host_of(&i.job.address()?)?));
    instances.iter().filter_map(host).collect()
}

/// NAMEs that ask one address: what is read there counts once for each of them.
fn same_address(instances: &[EngineInstance]) -> Vec<String> {
    let mut names: HashMap<(&str, String), Vec<&str>> = HashMap::new();
    for instance in instances {
        let Some((name, address)) = instance.name.as_deref().zip(instance.job.address()) else {
            continue;
        };
        names.entry((instance.job.plugin().name(), address)).or_default().push(name);
    }
    let mut twice: Vec<_> = names.into_values().filter(|names| names.len() > 1).collect();
    twice.sort_unstable();
    let more = twice.len().saturating_sub(MOST_TWICE);
    twice.truncate(MOST_TWICE);
    let mut notes: Vec<String> = twice
        .into_iter()
        .map(|names| match names.as_slice() {
            [a, b] => format!("{a} and {b} have the same address: one source is shown as two"),
            [a, b, rest @ ..] => {
                let rest = rest.len();
                format!(
                    "{a}, {b} and {rest} more have the same address: one source is shown as many"
                )
            }
            _ => String::new(),
        })
        .collect();
    if more > 0 {
        notes.push(format!("{more} more addresses are given to several NAMEs each"));
    }
    notes
}

/// Items of the layout that seem to mean a NAME with a `/` and are read as a weight.
fn unquoted(parts: &DashboardConfig, instances: &[EngineInstance]) -> Vec<String> {
    let slashed = instances.iter().filter_map(|i| i.name.as_deref()).filter(|n| n.contains('/'));
    let slashed: Vec<&str> = slashed.collect();
    if slashed.is_empty() {
        return Vec::new();
    }
    let items = parts.choice.layout(Size::Any).items().iter();
    let meant = items.filter_map(|item| Some((item.widget.name(), item.unquoted()?)));
    let meant = meant.filter(|(_, name)| slashed.contains(&name.as_str()));
    meant
        .map(|(widget, name)| {
            format!(
                "layout: {widget}@{name} reads as a weight; for this NAME write {widget}@\"{name}\""
            )
        })
        .collect()
}

fn parts(
    config: &Config,
    registry: Registry,
    before: Option<&LayoutChoice>,
    (addresses, signals): (HashMap<Source, String>, HashMap<Source, bool>),
    problems: &mut Vec<String>,
) -> Option<(DashboardConfig, Vec<String>)> {
    let theme = theme(config);
    let layout = config.globals.get(&globals::LAYOUT);
    let choice = match before {
        // a pipe was read at the start, and is empty now
        Some(choice) if choice.is_piped && choice.name == layout => {
            Ok((choice.clone(), Vec::new()))
        }
        Some(_) if layout == "-" => Err(vec!["layout -: is read at the start only".to_owned()]),
        _ if config.is_argument(globals::LAYOUT.spec()) => {
            LayoutChoice::load_argument(&layout, &config.folders, &registry)
        }
        _ => LayoutChoice::load(&layout, &config.folders, &registry),
    };
    for plugin in registry.widgets() {
        let options = config.widgets.get(plugin.name());
        if let Some(Err(error)) = options.map(|options| plugin.build(options)) {
            problems.push(config.widget_error(plugin.name(), &error));
        }
    }
    let hooks = hooks::from_config(config, &registry).unwrap_or_else(|errors| {
        problems.extend(errors);
        Vec::new()
    });
    let bindings = Bindings::with_hooks(&registry, &config.bindings, &hooks);
    if let Err(errors) = &bindings {
        problems.extend(errors.iter().map(|(action, why)| config.binding_error(action, why)));
    }
    let (theme, (choice, warnings)) = match (theme, choice) {
        (Ok(theme), Ok(choice)) => (theme, choice),
        (theme, choice) => {
            problems.extend(theme.err());
            problems.extend(choice.err().into_iter().flatten());
            return None;
        }
    };
    let parts = DashboardConfig {
        registry,
        choice,
        widget_options: config.widgets.clone(),
        theme_is_auto: theme.is_auto,
        theme: theme.theme,
        bindings: bindings.ok()?,
        folders: config.folders.clone(),
        config_file: (config.files.first().cloned())
            .or_else(|| config.folders.first().map(|folder| folder.join("manytop.conf"))),
        settings: config.settings(),
        statusbar: config.globals.get(&globals::STATUSBAR),
        help: config.globals.get(&globals::HELPVISIBLE),
        interval: config.globals.get(&globals::UPDATEINTERVAL),
        hooks,
        addresses,
        signals,
        alerts: Arc::default(),
        log: None,
        history: globals::history(&config.globals),
    };
    Some((parts, warnings))
}

/// The theme that the config chooses, with all colours.
///
/// # Errors
/// There is no such theme.
pub fn theme_of_pictures(config: &Config) -> Result<Theme, String> {
    themed(config, Depth::True).map(|choice| choice.theme)
}

/// The theme that the config chooses, for this terminal.
fn theme(config: &Config) -> Result<schemes::ThemeChoice, String> {
    themed(config, schemes::terminal::depth(schemes::terminal::variable))
}

fn themed(config: &Config, depth: Depth) -> Result<schemes::ThemeChoice, String> {
    let given = config.globals.get(&globals::THEME);
    let gotops = config.globals.get(&globals::COLORSCHEME);
    let (key, name) = if given == "auto" && gotops != "default" {
        ("colorscheme", gotops)
    } else {
        ("theme", given)
    };
    let ground = schemes::terminal::ground(schemes::terminal::variable);
    let choice = schemes::ThemeChoice::load(&name, &config.folders, depth, ground);
    let mut choice = choice.map_err(|error| format!("{key}: {error}"))?;
    choice.theme.levels = config.levels();
    Ok(choice)
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
    fn two_names_of_one_address_are_named() {
        let notes = |flags: &[(&str, &str)]| same_address(&instances(&config(flags)).0);
        let twice = [
            ("remote-a-url", "http://127.0.0.1:80/metrics"),
            ("remote-b-url", "http://127.0.0.1/metrics"),
            ("remote-c-url", "http://127.0.0.1/other"),
            ("prometheus-d-url", "http://127.0.0.1/"),
            ("prometheus-d-select", "{job=\"a\"}"),
            ("prometheus-e-url", "http://127.0.0.1/"),
        ];
        assert_eq!(notes(&twice), ["a and b have the same address: one source is shown as two"]);
        let thrice = [&twice[..], &[("remote-x-url", "http://127.0.0.1/metrics")]].concat();
        assert!(notes(&thrice)[0].starts_with("a, b and 1 more have"));
        assert!(notes(&twice[1..]).is_empty());
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
