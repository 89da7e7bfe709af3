//! docs/reference/options.md: every key of a config.

use crate::markdown::{self, code, table};
use manytop_core::{
    config::{Config, GLOBALS, INSTANCE, SECTIONS},
    options::{Need, Shape, Spec},
    provider::{self, Instances},
    registry::Registry,
};

pub fn page(registry: &Registry) -> String {
    let mut text = String::from(
        "A key is `key=value` in a `.conf` file; TOML nests the same words: see \
         [configuration](../configuration.md). Durations are seconds, or a number with a unit: `2`, `500ms`, `2s`, `1m`.\n\n",
    );
    text += "## Global keys\n\n";
    text += &keys("", GLOBALS.iter().map(|global| global.spec()));
    text += "## Keys of every provider\n\n";
    text += "`PROVIDER` is a provider's name. One of which there is one for each NAME has its NAME after it: \
             `remote-Jerry-refresh`, and `remote-*-refresh` for all that have no such key of their own.\n\n";
    text += &keys("PROVIDER-", INSTANCE.iter().copied());
    for plugin in registry.providers().iter().filter(|p| !p.specs().is_empty()) {
        text += &format!("## {}\n\n{}\n\n", plugin.name(), plugin.about());
        text += &keys(&prefix(plugin), plugin.specs().iter().copied());
    }
    text += "## Section discover\n\nFiles that name hosts: see [remotes](../remotes.md#hosts-that-a-file-names). \
             What is found is read by the provider `remote`; its options can be given here too.\n\n";
    text += &keys("discover-NAME-", Config::discover_options(registry).into_iter());
    for section in &SECTIONS {
        text += &format!(
            "## Section {}\n\n{}: see [alerts](../alerts.md).\n\n",
            section.word, section.about
        );
        text += &keys(&format!("{}-NAME-", section.word), section.specs.iter().copied());
    }
    for plugin in registry.widgets().iter().filter(|w| !w.specs().is_empty()) {
        text += &format!("## Widget {}\n\n{}\n\n", plugin.name(), plugin.about());
        text += &keys(&format!("widget-{}-", plugin.name()), plugin.specs().iter().copied());
    }
    markdown::page("Options", text.trim_end())
}

/// The part of a key before its option.
fn prefix(plugin: &provider::Plugin) -> String {
    match plugin.instances() {
        Instances::One => format!("{}-", plugin.name()),
        Instances::PerName => format!("{}-NAME-", plugin.name()),
    }
}

fn keys(prefix: &str, specs: impl Iterator<Item = &'static Spec>) -> String {
    let row = |spec: &'static Spec| {
        let key = code(&format!("{prefix}{}", spec.name()));
        [key, spec.help().to_owned(), value(spec.shape()), need(spec)]
    };
    table(["key", "meaning", "value", "default"], specs.map(row))
}

fn value(shape: Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Secret => "text, never shown".to_owned(),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Duration => "duration".to_owned(),
        Shape::Path => "path".to_owned(),
        Shape::Count => "whole number".to_owned(),
        Shape::List => "words between commas".to_owned(),
        Shape::Arguments => "program and arguments between blanks".to_owned(),
        Shape::OneOf(words) => words.iter().map(|word| code(word)).collect::<Vec<_>>().join(" or "),
    }
}

fn need(spec: &Spec) -> String {
    match spec.need() {
        Need::Required => "required".to_owned(),
        Need::Optional | Need::Default("") => "–".to_owned(),
        Need::Default(default) => code(default),
    }
}
