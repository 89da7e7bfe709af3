//! The settings as a file, for `--write-config`.

use super::{
    files::Origin,
    globals::GLOBALS,
    interpolate,
    key::{ConfigKey, KeyStyle},
};
use crate::config::setting::Setting;
use crate::options::{Need, Spec};
use std::sync::Arc;

pub(super) fn conf(given: &[Arc<Setting>]) -> String {
    let mut out = String::from(
        "# A key=value a line; # begins a comment. manytop --list options shows all keys.\n",
    );
    for spec in GLOBALS.iter().map(|g| g.spec()) {
        let key = ConfigKey::Global(spec.name().into());
        out += &format!("\n# {}\n", spec.help());
        match given.iter().find(|given| given.key == key) {
            Some(given) => out += &line(given),
            None => out += &format!("#{}={}\n", spec.name(), default(spec)),
        }
    }
    let others: Vec<&Arc<Setting>> =
        given.iter().filter(|given| !matches!(given.key, ConfigKey::Global(_))).collect();
    if !others.is_empty() {
        out.push('\n');
    }
    others.into_iter().for_each(|given| out += &line(given));
    out
}

fn default(spec: &Spec) -> &'static str {
    match spec.need() {
        Need::Default(text) => text,
        Need::Required | Need::Optional => spec.example().unwrap_or(""),
    }
}

fn line(given: &Setting) -> String {
    let value = match given.author {
        Origin::Own | Origin::Machine => given.raw.to_string(),
        // It was read as it is, and will be read as a person's own from now on.
        Origin::Gotop | Origin::Environment | Origin::Flags => interpolate::escape(&given.raw),
    };
    let key = given.key.show(KeyStyle::Conf);
    let whole = |text: &str| text.trim() == text && !text.contains(['\n', '\r']);
    if !whole(&value) || !whole(&key) || key.contains('=') {
        // TOML can say what this format cannot.
        return format!("# {key:?} cannot be written in this format; see {}\n", given.place);
    }
    ConfigKey::line(&given.key, &value, KeyStyle::Conf) + "\n"
}
