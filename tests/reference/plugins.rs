//! docs/reference/{providers,widgets,keys}.md: what plugins say of themselves.

use crate::{
    markdown::{code, codes, page, table, text_of},
    registry,
};
use manytop_core::{registry::Registry, widget::KeyHelp};

/// A page of sections, each beginning with the file's own text.
pub fn providers(registry: &Registry) -> String {
    let mut text = String::from(
        "Their keys are in [options](options.md), what the quantities mean in [quantities](quantities.md).\n\n",
    );
    for plugin in registry.providers() {
        text += &format!("## {}\n\n{}", plugin.name(), text_of(plugin.at()));
        if !plugin.what().is_empty() {
            let row = |yields: &manytop_core::provider::Yields| {
                let quantities = codes(yields.quantities().iter().map(|q| q.name()));
                let texts = codes(yields.text_names().iter().map(|t| t.name()));
                [code(yields.kind().word()), quantities, texts]
            };
            text += &table(["kind", "quantities", "texts"], plugin.what().iter().map(row));
        }
    }
    page("Providers", text.trim_end())
}

pub fn widgets(registry: &Registry) -> String {
    let mut text = String::from(
        "The heading is the widget's word in a layout. Their keys in a config are in [options](options.md).\n\n",
    );
    for plugin in registry.widgets() {
        text += &format!("## {}\n\n{}", plugin.name(), text_of(plugin.at()));
        if !plugin.kinds().is_empty() {
            text += &format!("Draws {}.\n\n", codes(plugin.kinds().iter().map(|k| k.word())));
        }
        if !plugin.key_help().is_empty() {
            text += &keys_of(plugin.key_help());
        }
    }
    page("Widgets", text.trim_end())
}

pub fn keys(registry: &Registry) -> String {
    let mut text = format!("## Everywhere\n\n{}", keys_of(manytop::reference::KEYS));
    for plugin in registry.widgets().iter().filter(|w| !w.key_help().is_empty()) {
        text += &format!("## {}\n\n{}", plugin.name(), keys_of(plugin.key_help()));
    }
    page("Keys", text.trim_end())
}

fn keys_of(keys: &[KeyHelp]) -> String {
    let row = |key: &KeyHelp| {
        [codes(key.keys.split_whitespace()).replace("`, `", "` `"), key.help.to_owned()]
    };
    table(["key", "what it does"], keys.iter().map(row))
}

/// An option that its plugin's text does not explain is one that nobody finds.
#[test]
fn every_option_stands_in_its_plugins_text() {
    let registry = registry();
    let providers = registry.providers().iter().map(|p| (p.name(), p.at(), p.specs()));
    let widgets = registry.widgets().iter().map(|w| (w.name(), w.at(), w.specs()));
    let mut missing = Vec::new();
    for (name, at, specs) in providers.chain(widgets) {
        let text = text_of(at);
        for spec in specs.iter().filter(|spec| !text.contains(&code(spec.name()))) {
            missing.push(format!("{}: {name} has an option `{}`", at.file(), spec.name()));
        }
    }
    assert!(missing.is_empty(), "not in the file's `//!` text:\n  {}", missing.join("\n  "));
}
