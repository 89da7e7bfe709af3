//! Whose option a key sets, and what to say when it is nobody's.

use super::{
    discover::{self, DISCOVER},
    globals::{GLOBALS, global},
    instance,
    key::{ALL, Key, Style, check_name},
};
use crate::{
    options::Spec,
    provider::{self, Instances},
    registry::Registry,
    spelling::nearest,
    widget,
};

/// core's own section for widgets; the widget's word stands in the place of NAME.
pub(super) const WIDGET: &str = "widget";
/// Sections that are kept for what is to come.
pub(super) const LATER: [&str; 1] = ["alert"];

/// Whose option a key sets. NAME `*` is for all of a section.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Owner {
    Global,
    /// A provider of which there is one.
    One(&'static str),
    /// An instance, by provider and NAME.
    Named(&'static str, String),
    /// A widget.
    Widget(String),
    /// A file that names hosts.
    Discover(String),
}

/// Why a key is nobody's.
pub(super) enum Nobody {
    /// No such word; what may have been meant.
    Unknown(Option<Key>),
    /// The key cannot be, and why.
    Wrong(String),
}

/// Finds the owner and the option.
pub(super) fn owner(
    key: &Key,
    style: Style,
    registry: &Registry,
) -> Result<(Owner, &'static Spec), Nobody> {
    let unknown = || Nobody::Unknown(suggestion(key, registry));
    match key {
        Key::Global(word) => global(word).map(|g| (Owner::Global, g.spec())).ok_or_else(unknown),
        Key::One { provider, option } => match registry.provider(provider) {
            Some(plugin) if plugin.instances() == Instances::One => {
                let spec = find(instance::specs(plugin), option).ok_or_else(unknown)?;
                Ok((Owner::One(plugin.name()), spec))
            }
            plugin if plugin.is_some() || [WIDGET, DISCOVER].contains(&provider.as_str()) => {
                let full = Key::named(provider, "NAME", option).show(style);
                Err(Nobody::Wrong(format!("a NAME is missing; write {full:?}")))
            }
            _ => Err(unknown()),
        },
        Key::Named { section, .. } if LATER.contains(&section.as_str()) => {
            Err(Nobody::Wrong(format!("{section:?} is kept for a later version")))
        }
        Key::Named { section, name, option } if section == WIDGET => {
            let plugin = registry.widget(name);
            let name = plugin.map_or(name.as_str(), |plugin| plugin.name());
            let spec = find(widget_specs(name, registry), option).ok_or_else(unknown)?;
            Ok((Owner::Widget(name.to_owned()), spec))
        }
        Key::Named { section, name, option } if section == DISCOVER => {
            check_name(name).map_err(Nobody::Wrong)?;
            let spec = find(discovered(registry), option).ok_or_else(unknown)?;
            Ok((Owner::Discover(name.clone()), spec))
        }
        Key::Named { section, name, option } => {
            let plugin = registry.provider(section).filter(named).ok_or_else(unknown)?;
            check_name(name).map_err(Nobody::Wrong)?;
            let spec = find(instance::specs(plugin), option).ok_or_else(unknown)?;
            Ok((Owner::Named(plugin.name(), name.clone()), spec))
        }
    }
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
fn suggestion(key: &Key, registry: &Registry) -> Option<Key> {
    let globals = || GLOBALS.iter().map(|g| g.spec().name());
    let of = |shape: Instances| {
        registry.providers().iter().filter(move |p| p.instances() == shape).map(|p| p.name())
    };
    match key {
        Key::Global(word) => nearest(word, globals()).map(|word| Key::Global(word.into())),
        Key::One { provider, option } => {
            let joined = format!("{provider}{option}");
            if let Some(word) = globals().find(|word| *word == joined) {
                return Some(Key::Global(word.into()));
            }
            let plugin = registry.provider(nearest(provider, of(Instances::One))?)?;
            Some(Key::one(plugin.name(), near(option, instance::specs(plugin))?))
        }
        Key::Named { section, name, option } => {
            let sections = || of(Instances::PerName).chain([WIDGET, DISCOVER]);
            let Some(section) = nearest(section, sections()) else {
                // There is but one of it, and no NAME.
                let plugin = registry.provider(section)?;
                return Some(Key::one(plugin.name(), near(option, instance::specs(plugin))?));
            };
            if section == WIDGET {
                let words = registry.widgets().iter().map(|w| w.name()).chain([ALL]);
                let name = nearest(name, words)?;
                let option = near(option, widget_specs(name, registry))?;
                return Some(Key::named(section, name, option));
            }
            let specs = match section {
                DISCOVER => discovered(registry),
                section => instance::specs(registry.provider(section)?).collect(),
            };
            // `remote-Jerry-ca-file`: what was meant for the option was cut off for the NAME.
            if let Some((rest, word)) = name.rsplit_once('-')
                && let Some(spec) = find(specs.iter().copied(), &format!("{word}_{option}"))
            {
                return Some(Key::named(section, rest, spec.name()));
            }
            Some(Key::named(section, name, near(option, specs)?))
        }
    }
}

fn near(word: &str, specs: impl IntoIterator<Item = &'static Spec>) -> Option<&'static str> {
    nearest(word, specs.into_iter().map(|spec| spec.name()))
}
