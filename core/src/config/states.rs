//! Every key with its present value and where that comes from, for a screen of options.

use super::{
    Config, GLOBALS,
    files::Origin,
    globals, instance,
    key::{ALL, ConfigKey, KeyStyle},
    key_target::{self, WIDGET},
    request::ON_SCREEN,
};
use crate::{
    masking,
    options::{Need, Shape, Spec},
    provider::Instances,
    registry::Registry,
};

/// What a key is set to.
#[derive(Clone, Debug)]
pub struct KeyState {
    /// The key as a `.conf` file has it: `widget-procs-sort`.
    pub key: String,
    /// Its declaration.
    pub spec: &'static Spec,
    /// Its value as a file has it; of a secret only that there is one.
    pub value: String,
    /// The file with its line, the variable or the flag, and what it overrides; `None` where the default holds.
    pub origin: Option<String>,
}

impl KeyState {
    /// What can be written, in a few words.
    pub fn shape(&self) -> String {
        match self.spec.shape() {
            Shape::Flag => "true or false".into(),
            Shape::OneOf(words) => words.join(", "),
            Shape::Count => "a whole number".into(),
            Shape::Duration => "a duration: 2s, 500ms".into(),
            Shape::List => "a list, between commas".into(),
            Shape::Path => "a path".into(),
            Shape::Arguments => "a program and its arguments".into(),
            Shape::Secret => "a secret".into(),
            Shape::Text => "a text".into(),
        }
    }

    /// The default as a file has it; empty without one.
    pub fn default(&self) -> &'static str {
        match self.spec.need() {
            Need::Default(text) => text,
            Need::Required | Need::Optional => "",
        }
    }

    /// Whether the value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.spec.shape() == Shape::Secret
    }
}

impl Config {
    /// All keys that are set, and those that could be: the global ones, this machine's readers, the widgets.
    /// Of hosts only the keys that a file or a flag sets.
    pub fn key_states(&self, registry: &Registry) -> Vec<KeyState> {
        let mut all: Vec<(ConfigKey, &'static Spec)> = Vec::new();
        all.extend(GLOBALS.iter().map(|g| (ConfigKey::Global(g.spec().name().into()), g.spec())));
        for widget in registry.widgets() {
            let key = |spec: &&'static Spec| ConfigKey::named(WIDGET, widget.name(), spec.name());
            all.extend(widget.specs().iter().map(|spec| (key(spec), *spec)));
        }
        let single = registry.providers().iter().filter(|p| p.instances() == Instances::One);
        for plugin in single {
            let own = instance::specs(plugin);
            all.extend(own.map(|spec| (ConfigKey::one(plugin.name(), spec.name()), spec)));
        }
        for given in &self.given {
            if all.iter().any(|(key, _)| *key == given.key) {
                continue;
            }
            if let Ok((_, spec)) = key_target::owner(&given.key, given.style, registry) {
                all.push((given.key.clone(), spec));
            }
        }
        all.into_iter().map(|(key, spec)| self.key_state(&key, spec)).collect()
    }

    fn key_state(&self, key: &ConfigKey, spec: &'static Spec) -> KeyState {
        let find = |key: &ConfigKey| self.given.iter().find(|given| given.key == *key);
        let given = find(key).or_else(|| match key {
            ConfigKey::Named { section, option, .. } => {
                find(&ConfigKey::named(section, ALL, option))
            }
            _ => None,
        });
        let value = match given {
            Some(_) if spec.shape() == Shape::Secret => "(set)".to_owned(),
            Some(given) => masking::line(&given.raw),
            None => match spec.need() {
                Need::Default(text) => text.to_owned(),
                Need::Required | Need::Optional => String::new(),
            },
        };
        let origin = given.map(|given| {
            let lower = self.overridden.iter().filter(|(key, _)| *key == given.key);
            lower.fold(given.place.to_string(), |text, (_, place)| {
                format!("{text}, overriding {place}")
            })
        });
        KeyState { key: key.show(KeyStyle::Conf), spec, value, origin }
    }

    /// Whether the value of a key on the command line hides what a file says. One that was changed on the
    /// screen does not count.
    pub fn is_flag(&self, key: &str) -> bool {
        let key = ConfigKey::cut(key);
        let is_flag = |author, file: &str| author == Origin::Flags && file != ON_SCREEN;
        self.given.iter().any(|given| given.key == key && is_flag(given.author, &given.place.file))
    }
}

/// Whether a text can be the value of a key.
///
/// # Errors
/// Says what is expected.
pub fn check_value(key: &str, spec: &Spec, text: &str) -> Result<(), String> {
    let read = match ConfigKey::cut(key) {
        ConfigKey::Global(word) => match globals::global(&word) {
            Some(global) => (global.read)(text)?,
            None => text.to_owned(),
        },
        _ => text.to_owned(),
    };
    crate::options::Value::parse(spec.shape(), &read).map(drop)
}
