//! UPSes in manytop: a provider, a widget, and a kind of their own.
//!
//! Nothing in manytop knows of this crate. A program that names it, `use manytop_ups as _;`, has the
//! provider's keys in its config, the widget's word in its layouts, and the devices wherever devices
//! are listed or exported.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod nut;
mod provider;
mod widget;
