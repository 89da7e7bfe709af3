//! The providers that come with manytop, one file or folder each.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[doc(hidden)]
pub mod remote;
