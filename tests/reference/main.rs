//! The reference in `docs/`: made of the registry, the config's tables and the definition of the command
//! line, and compared with what is there.

#![allow(clippy::unwrap_used)]

mod flags;
mod manual;
mod markdown;
mod options;
mod plugins;
mod quantities;

use manytop_core::{config, registry::Registry};
use std::{collections::BTreeSet, fs, path::Path};

/// Writes stale pages again.
const MEND: &str = "MANYTOP_BLESS=1 cargo test --test reference";

/// Folders in which there is nothing but what is made here.
const FOLDERS: [&str; 2] = ["docs/reference", "docs/completions"];

fn registry() -> Registry {
    Registry::load(&config::reserved_words()).unwrap()
}

/// All pages: path from the root of the repository, text.
fn pages() -> Vec<(&'static str, String)> {
    let registry = registry();
    let mut pages = vec![
        ("docs/reference/providers.md", plugins::providers(&registry)),
        ("docs/reference/widgets.md", plugins::widgets(&registry)),
        ("docs/reference/options.md", options::page(&registry)),
        ("docs/reference/quantities.md", quantities::page(&registry)),
        ("docs/reference/keys.md", plugins::keys(&registry)),
        ("docs/reference/flags.md", flags::page()),
        ("docs/manytop.1", manual::page(&registry)),
    ];
    pages.extend(flags::completions());
    pages
}

#[test]
fn the_reference_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = pages();
    let names: BTreeSet<&str> = pages.iter().map(|(name, _)| *name).collect();
    let mut stale = Vec::new();
    for (name, text) in &pages {
        let path = root.join(name);
        if fs::read_to_string(&path).is_ok_and(|old| old == *text) {
            continue;
        }
        if std::env::var_os("MANYTOP_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        } else {
            stale.push((*name).to_owned());
        }
    }
    for folder in FOLDERS {
        for entry in fs::read_dir(root.join(folder)).into_iter().flatten() {
            let name = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            if !names.contains(name.as_str()) {
                stale.push(format!("{name}: nothing makes it"));
            }
        }
    }
    assert!(stale.is_empty(), "stale; run\n  {MEND}\n{}", stale.join("\n"));
}
