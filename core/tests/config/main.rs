//! Configurations as people write them, right and wrong, and exactly what is said about them.
#![allow(clippy::unwrap_used)]

mod corpora;
mod files;
mod folder;
mod keys;
#[path = "../plugins/mod.rs"]
mod plugins;
