//! What the author of a provider or a widget for manytop needs, and nothing else.
//!
//! A provider returns [`reading`]s; core turns them into sources and labels; a widget draws a
//! read-only [`view`] of them. This crate starts no task, reads no file and touches no terminal.

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod alert;
pub mod clock;
#[doc(hidden)]
pub mod derive;
pub mod draw;
mod failure;
pub mod file_systems;
pub mod filter;
pub mod fleet_stats;
pub mod glob;
pub mod health;
pub mod history;
pub mod host_metric;
pub mod host_stats;
pub mod interfaces;
pub mod keys;
pub mod naming;
pub mod options;
pub mod provider;
pub mod reading;
pub mod source;
pub mod spelling;
pub mod testing;
pub mod text;
pub mod theme;
pub mod trouble;
pub mod view;
pub mod vocabulary;
pub mod widget;

pub use inventory;
pub use ratatui_core;
