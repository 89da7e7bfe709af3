//! Recording beside the screen or without one, and what is made of a recording.
//!
//! ```text
//! engine ─ tap ─▶ recorder (a thread of its own) ─▶ folder ─▶ ReplayStore ─▶ screen, --once, --dump, --summary, …
//! ```

pub mod check_alerts;
pub mod dump;
pub mod mask;
pub mod openmetrics;
pub mod plan;
pub mod replay;
pub mod summary;
