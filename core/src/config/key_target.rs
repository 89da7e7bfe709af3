//! The option that a key sets, and the error for an unknown key.

use super::{
    discover::{self, DISCOVER},
    globals::{GLOBALS, global},
    instance,
    key::{ALL, ConfigKey, KeyStyle},
    section::{SECTIONS, section, section as section_of},
    watch::{self, WATCH},
};
use crate::{
    names,
    options::{Opt, Spec},
    provider::{self, Instances},
    registry::Registry,
    spelling::nearest,
    widget,
};

/// core's own section for widgets; the widget's word takes the place of NAME.
pub(super) const WIDGET: &str = "widget";
/// core's own section for key bindings: `key-ACTION=KEY KEY …`.
pub(super) const KEY: &str = "key";
/// The value of a key binding: keys as they are spelled, between blanks.
static KEYS: Opt<String> = Opt::<String>::with_default("keys", "", "Keys of an action");

/// The option that a key sets. NAME `*` applies to all instances of a section.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum KeyTarget {
    Global,
    /// A provider of which there is one.
    One(&'static str),
    /// An instance, by provider and NAME.
    Named(&'static str, String),
    /// A widget.
    Widget(String),
    /// A file that names hosts.
    Discover(String),
    /// A NAME of one of core's own sections.
    Section(&'static str, String),
    /// A metric that is watched.
    Watch(String),
    /// An action that keys are bound to.
    Binding(String),
}

/// Why a key is unknown.
pub(super) enum UnknownKey {
    /// No such word; what may have been meant.
    Unknown(Option<ConfigKey>),
    /// The key cannot be, and why.
    Wrong(String),
}

/// Finds the owner and the option.
pub(super) fn owner(
    key: &ConfigKey,
    style: KeyStyle,
    registry: &Registry,
) -> Result<(KeyTarget, &'static Spec), UnknownKey> {
    let unknown = || UnknownKey::Unknown(suggestion(key, registry));
    match key {
        ConfigKey::Global(word) => {
            global(word).map(|g| (KeyTarget::Global, g.spec())).ok_or_else(unknown)
        }
        ConfigKey::One { provider, option } if provider == KEY => {
            Ok((KeyTarget::Binding(option.clone()), KEYS.spec()))
        }
        ConfigKey::One { provider, option } => match registry.provider(provider) {
            Some(plugin) if plugin.instances() == Instances::One => {
                let spec = find(instance::specs(plugin), option).ok_or_else(unknown)?;
                Ok((KeyTarget::One(plugin.name()), spec))
            }
            plugin
                if plugin.is_some()
                    || [WIDGET, DISCOVER, WATCH].contains(&provider.as_str())
                    || section(provider).is_some() =>
            {
                let full = ConfigKey::named(provider, "NAME", option).show(style);
                Err(UnknownKey::Wrong(format!("a NAME is missing; write {full:?}")))
            }
            _ => Err(unknown()),
        },
        ConfigKey::Named { section, name, option } if section == WIDGET => {
            let plugin = registry.widget(name);
            let name = plugin.map_or(name.as_str(), |plugin| plugin.name());
            let spec = find(widget_specs(name, registry), option).ok_or_else(unknown)?;
            Ok((KeyTarget::Widget(name.to_owned()), spec))
        }
        ConfigKey::Named { section, name, option } if section == DISCOVER => {
            check_name(name)?;
            let spec = find(discovered(registry), option).ok_or_else(unknown)?;
            Ok((KeyTarget::Discover(name.clone()), spec))
        }
        ConfigKey::Named { section: word, name, option } if section(word).is_some() => {
            check_name(name)?;
            let found = section(word).ok_or_else(unknown)?;
            let spec = find(found.specs.iter().copied(), option).ok_or_else(unknown)?;
            Ok((KeyTarget::Section(found.word, name.clone()), spec))
        }
        ConfigKey::Named { section, name, option } if section == WATCH => {
            check_name(name)?;
            let spec = find(watch::SPECS, option).ok_or_else(unknown)?;
            Ok((KeyTarget::Watch(name.clone()), spec))
        }
        ConfigKey::Named { section, name, option } => {
            let plugin = registry.provider(section).filter(named).ok_or_else(unknown)?;
            check_name(name)?;
            let spec = find(instance::specs(plugin), option).ok_or_else(unknown)?;
            Ok((KeyTarget::Named(plugin.name(), name.clone()), spec))
        }
    }
}

/// A NAME, or `*` for all of them.
fn check_name(name: &str) -> Result<(), UnknownKey> {
    if name == ALL { Ok(()) } else { names::check_name(name).map_err(UnknownKey::Wrong) }
}

fn named(plugin: &&'static provider::Plugin) -> bool {
    plugin.instances() == Instances::PerName
}

fn find(specs: impl IntoIterator<Item = &'static Spec>, word: &str) -> Option<&'static Spec> {
    specs.into_iter().find(|spec| spec.name().eq_ignore_ascii_case(word))
}

fn widget_specs(name: &str, registry: &Registry) -> Vec<&'static Spec> {
    let of = |plugin: &&'static widget::Plugin| plugin.specs().iter().copied();
    match name {
        ALL => registry.widgets().iter().flat_map(of).collect(),
        name => registry.widget(name).iter().flat_map(of).collect(),
    }
}

fn discovered(registry: &Registry) -> Vec<&'static Spec> {
    let reader = discover::reader(registry).into_iter();
    reader.flat_map(|(plugin, found)| discover::specs(plugin, found)).collect()
}

/// The key that was most likely meant, each of its words known or close to a known one.
fn suggestion(key: &ConfigKey, registry: &Registry) -> Option<ConfigKey> {
    let globals = || GLOBALS.iter().map(|g| g.spec().name());
    let of = |shape: Instances| {
        registry.providers().iter().filter(move |p| p.instances() == shape).map(|p| p.name())
    };
    match key {
        ConfigKey::Global(word) => {
            nearest(word, globals()).map(|word| ConfigKey::Global(word.into()))
        }
        ConfigKey::One { provider, option } => {
            let joined = format!("{provider}{option}");
            if let Some(word) = globals().find(|word| *word == joined) {
                return Some(ConfigKey::Global(word.into()));
            }
            let plugin = registry.provider(nearest(provider, of(Instances::One))?)?;
            Some(ConfigKey::one(plugin.name(), near(option, instance::specs(plugin))?))
        }
        ConfigKey::Named { section, name, option } => {
            let sections = || {
                let own = SECTIONS.iter().map(|section| section.word);
                of(Instances::PerName).chain([WIDGET, DISCOVER, WATCH]).chain(own)
            };
            let Some(section) = nearest(section, sections()) else {
                // There is but one of it, and no NAME.
                let plugin = registry.provider(section)?;
                return Some(ConfigKey::one(plugin.name(), near(option, instance::specs(plugin))?));
            };
            if section == WIDGET {
                let words = registry.widgets().iter().map(|w| w.name()).chain([ALL]);
                let name = nearest(name, words)?;
                let option = near(option, widget_specs(name, registry))?;
                return Some(ConfigKey::named(section, name, option));
            }
            let specs = match section {
                DISCOVER => discovered(registry),
                own if section_of(own).is_some() => {
                    section_of(own).map(|own| own.specs.to_vec()).unwrap_or_default()
                }
                WATCH => watch::SPECS.to_vec(),
                section => instance::specs(registry.provider(section)?).collect(),
            };
            // `remote-Jerry-ca-file`: what was meant for the option was cut off for the NAME.
            if let Some((rest, word)) = name.rsplit_once('-')
                && let Some(spec) = find(specs.iter().copied(), &format!("{word}_{option}"))
            {
                return Some(ConfigKey::named(section, rest, spec.name()));
            }
            Some(ConfigKey::named(section, name, near(option, specs)?))
        }
    }
}

fn near(word: &str, specs: impl IntoIterator<Item = &'static Spec>) -> Option<&'static str> {
    nearest(word, specs.into_iter().map(|spec| spec.name()))
}
