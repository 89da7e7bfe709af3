//! Targets: what a Prometheus server scrapes, or what a gateway was sent, each with labels of its own.
//!
//! An engine, a `/federate` body and a pushgateway hold the series of many targets. The series of one target
//! share one clock; those of different targets never do. Several targets may be one host, a node_exporter and a
//! cAdvisor on it for example: then the host is one source with several clocks.

mod labels;
mod merge;
mod names;
mod template;

pub use labels::{CommonLabels, SITE, TargetLabels};
pub use merge::{TargetReadings, merge};
pub use names::SourceNames;
pub use template::NameTemplate;
