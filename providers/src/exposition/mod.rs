//! The Prometheus text exposition, read for the few series that a dialect knows.
//!
//! From scrape to scrape a series is the same line but for its value, and the n-th wanted line is
//! nearly always the n-th of last time. So the [`decoder`] compares the line with the key it
//! predicts and parses the number; only where the prediction fails is the line taken apart ([`line`]),
//! looked up among the keys that all remotes share ([`pool`]), and, the first time that any remote
//! has it, given to prometheus-parse (behind [`adapter`]). Lines that no dialect wants are skipped
//! by their name ([`filter`]), and looked at only where that is seldom enough to cost nothing, for what is
//! wrong with them ([`oddities`]).

pub mod adapter;
pub mod decoder;
pub mod filter;
pub mod line;
pub mod number;
pub mod oddities;
pub mod pool;

/// Lines longer than this are skipped, in bytes.
pub const LINE_MAX: usize = 64 * 1024;
/// Series with name and labels longer than this are skipped, in bytes.
pub const KEY_MAX: usize = 8 * 1024;
/// All keys of one remote together, in bytes.
pub const KEYS_MAX: usize = 2 * 1024 * 1024;
/// Wanted series of one remote.
pub const SERIES_MAX: usize = 10_000;
