//! Alerts: rules, the state of each alert, what was acknowledged, and notices.
//!
//! ```text
//! Snapshot ─▶ AlertTracker (rules: pending ─▶ firing ─▶ resolved) ─▶ AlertEvent ─▶ Notices ─▶ Notice
//! ```
//!
//! Nothing here does I/O: the application observes each snapshot with the tracker, and sends notices where
//! their rules say. An alert is a rule, a host and, where the rule names a kind, a device. Where the
//! condition is unknown (the host is down, the value is missing) the alert keeps its state.

mod acknowledge;
mod built_in;
mod event;
mod filling;
mod notice;
mod past;
mod probe;
mod rule;
mod saved;
#[cfg(test)]
mod tests;
mod tracker;
mod watch;

pub use acknowledge::{AckEntry, AckTarget, Acknowledgements};
pub use event::{AlertChange, AlertEvent};
pub use notice::{Notice, Notices, WINDOW, timestamp};
pub use past::{AlertPast, LAG, RECENT};
pub use probe::Probe;
pub use rule::{AlertRule, AlertRules, Webhook, WebhookForm};
pub use saved::{SavedAlerts, SavedDocument};
pub use tracker::AlertTracker;
pub use watch::ProcessWatch;
