//! The shared vocabulary and the engine of manytop.
//!
//! Providers return bare [`reading`]s; the engine makes sources and labels of them and keeps them in
//! the [`store`]; widgets draw a read-only [`view`]. This crate names no provider and no widget, does
//! no HTTP, and touches no terminal.

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod clock;
pub mod config;
mod derive;
pub mod draw;
pub mod engine;
pub mod groups;
pub mod health;
pub mod history;
pub mod layout;
pub mod measure;
pub mod naming;
pub mod options;
pub mod provider;
pub mod reading;
pub mod registry;
pub mod source;
pub mod spelling;
pub mod store;
pub mod summary;
pub mod testing;
pub mod text;
pub mod theme;
pub mod totals;
pub mod view;
pub mod vocabulary;
pub mod widget;

pub use inventory;
pub use ratatui_core;

// the examples of the documentation compile
#[cfg(doctest)]
#[doc = include_str!("../../docs/adding-a-provider.md")]
mod adding_a_provider {}
#[cfg(doctest)]
#[doc = include_str!("../../docs/adding-a-widget.md")]
mod adding_a_widget {}
