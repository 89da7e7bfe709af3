//! The documentation, tried: every command and every config of README.md and docs/ is run as it is written, by an
//! ordinary user on a network of its own.
//!
//! The word behind a block's fence says how: see `blocks`. A `needs-host` block is only checked.

#![allow(clippy::unwrap_used, dead_code)]

#[path = "../e2e/home.rs"]
mod home;
#[macro_use]
#[path = "../e2e/needs.rs"]
mod needs;
#[path = "../e2e/faults/network.rs"]
mod network;
#[path = "../e2e/terminal.rs"]
mod terminal;

mod blocks;
mod commands;
mod languages;
mod runner;
mod session;
mod tree;
mod words;

/// A test for each page.
macro_rules! pages {
    ($($name:ident: $page:literal,)*) => {
        const PAGES: &[&str] = &[$($page),*];
        $(
            #[test]
            fn $name() {
                let blocks = blocks::in_page($page);
                if blocks.iter().any(blocks::Block::is_tried) {
                    as_root!();
                }
                languages::try_page(&blocks);
            }
        )*
    };
}

pages! {
    adding_a_dialect: "docs/adding-a-dialect.md",
    adding_a_provider: "docs/adding-a-provider.md",
    adding_a_widget: "docs/adding-a-widget.md",
    alerts: "docs/alerts.md",
    architecture: "docs/architecture.md",
    benchmarks: "docs/benchmarks.md",
    compared: "docs/compared.md",
    configuration: "docs/configuration.md",
    exporting: "docs/exporting.md",
    fleet: "docs/fleet.md",
    past: "docs/past.md",
    platforms: "docs/platforms.md",
    hooks: "docs/hooks.md",
    readme: "README.md",
    screen: "docs/screen.md",
    what_you_have: "docs/what-you-have.md",
    recording: "docs/recording.md",
    reference_flags: "docs/reference/flags.md",
    reference_keys: "docs/reference/keys.md",
    reference_options: "docs/reference/options.md",
    reference_providers: "docs/reference/providers.md",
    reference_quantities: "docs/reference/quantities.md",
    reference_widgets: "docs/reference/widgets.md",
    reliability: "docs/reliability.md",
    remotes: "docs/remotes.md",
    scale: "docs/scale.md",
    ssh: "docs/ssh.md",
}

#[test]
fn every_page_has_a_test() {
    let missing: Vec<_> = blocks::pages().into_iter().filter(|p| !PAGES.contains(&&**p)).collect();
    assert!(missing.is_empty(), "tests/docs/main.rs names every page; not {missing:?}");
}
