//! The shared vocabulary and the engine of manytop.
//!
//! Providers return bare [`reading`]s; the engine makes sources and labels of them and keeps them in
//! the [`store`]; widgets draw a read-only [`view`]. This crate names no provider and no widget, does
//! no HTTP, and touches no terminal.

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod alerts;
mod boottime;
pub mod config;
pub mod engine;
pub mod file;
pub mod layout;
pub mod masking;
pub mod model;
pub mod names;
pub mod registry;
pub mod testing;

pub use boottime::start_clock;
use manytop_plugin::derive;
pub use manytop_plugin::{
    self, alert, clock, draw, file_systems, filter, fleet_stats, glob, health, history,
    host_metric, host_stats, inventory, naming, options, provider, ratatui_core, reading, source,
    spelling, text, theme, trouble, view, vocabulary, widget,
};
pub use model::{groups, past, store};

// the examples of the documentation compile
#[cfg(doctest)]
#[doc = include_str!("../../docs/adding-a-provider.md")]
mod adding_a_provider {}
#[cfg(doctest)]
#[doc = include_str!("../../docs/adding-a-widget.md")]
mod adding_a_widget {}
