//! docs/reference/{providers,widgets,keys}.md: what plugins say of themselves.

use crate::{
    markdown::{code, codes, page, table, text_of},
    registry,
};
use manytop::reference::{Binding, Bindings, Scope};
use manytop_core::registry::Registry;

/// A page of sections, each beginning with the file's own text.
pub fn providers(registry: &Registry) -> String {
    let mut text = String::from(
        "Their keys are in [options](options.md), what the quantities mean in [quantities](quantities.md).\n\n",
    );
    for plugin in registry.providers() {
        text += &format!("## {}\n\n{}", plugin.name(), text_of(plugin.at()));
        if !plugin.what().is_empty() {
            let row = |yields: &manytop_core::provider::Provides| {
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
        let scope = Scope::Widget(plugin.name());
        let bindings = Bindings::new(registry, &[]).unwrap();
        if !plugin.command_list().is_empty() {
            text += &keys_of(bindings.all().iter().filter(|b| b.scope == scope));
        }
    }
    page("Widgets", text.trim_end())
}

pub fn keys(registry: &Registry) -> String {
    let bindings = Bindings::new(registry, &[]).unwrap();
    let mut text = String::from(
        "`key-ACTION=KEY KEY …` in a config gives an action other keys; a key is spelled `a` `ctrl-x` `alt-x` `comma` `space` `equals` `F9`.\n",
    );
    let mut scopes: Vec<Scope> = Vec::new();
    for binding in bindings.all() {
        if !scopes.contains(&binding.scope) {
            scopes.push(binding.scope);
        }
    }
    for scope in scopes {
        let own = bindings.all().iter().filter(|b| b.scope == scope);
        text += &format!("\n## {}\n\n{}", scope.heading(), keys_of(own));
    }
    page("Keys", text.trim_end())
}

fn keys_of<'a>(bindings: impl Iterator<Item = &'a Binding>) -> String {
    let row = |binding: &Binding| {
        let shown = binding.shown();
        let keys = codes(shown.split_whitespace()).replace("`, `", "` `");
        [keys, code(&binding.action()), binding.command.help().to_owned()]
    };
    table(["key", "action", "what it does"], bindings.map(row))
}

/// An option that its plugin's text does not explain cannot be found by users.
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
