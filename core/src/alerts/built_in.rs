//! The rules that come with manytop. They judge what is read anyway and add no demand.

use super::{AlertRule, Probe, rule::sinks};
use crate::{
    alert::Severity::{self, Critical, Warning},
    filter::Expression,
    options::Options,
};
use std::time::Duration;

/// What a built-in rule looks at.
#[derive(Clone, Copy)]
pub(super) enum Condition {
    /// A filter. Where it names a quantity that no provider declares, the rule stays unknown.
    When(&'static str),
    /// A disk is over its limit.
    DiskLimit,
    /// A disk is full within a day, if it goes on being filled as in the last minutes.
    DiskFilling,
    /// The kernel has killed a process since the last look.
    OomKill,
    /// A sensor is at its own critical temperature, or over the limit where it has none.
    Hot,
}

/// A built-in rule.
pub(super) struct BuiltIn {
    pub name: &'static str,
    pub condition: Condition,
    pub hold: u64,
    pub severity: Severity,
    pub about: &'static str,
}

const fn rule(
    name: &'static str,
    condition: Condition,
    hold: u64,
    severity: Severity,
    about: &'static str,
) -> BuiltIn {
    BuiltIn { name, condition, hold, severity, about }
}

use Condition::{DiskFilling, DiskLimit, Hot, OomKill, When};

/// All of them, in the order in which they are listed.
pub(super) const ALL: &[BuiltIn] = &[
    rule("host-down", When("state=down"), 30, Critical, "the host does not answer"),
    rule("host-stale", When("state=stale"), 60, Warning, "the values of the host are old"),
    rule("disk", DiskLimit, 60, Critical, "a disk is over its limit (key limits)"),
    rule("disk-filling", DiskFilling, 300, Warning, "a disk is full within 24 hours"),
    rule("inodes", When("disk.inodes_percent>90"), 60, Warning, "a file system lacks inodes"),
    rule(
        "memory-pressure",
        When("host.memory_stalled_percent>10"),
        60,
        Warning,
        "tasks wait for memory",
    ),
    rule("io-pressure", When("host.io_stalled_percent>40"), 300, Warning, "tasks wait for disks"),
    rule(
        "swap-storm",
        When("memory.out_bytes_per_second>5M & memory.in_bytes_per_second>1M"),
        60,
        Critical,
        "memory is written to the swap space and read back",
    ),
    rule("oom-kill", OomKill, 0, Warning, "the kernel killed a process for want of memory"),
    rule("failed-unit", When("host.failed_units>0"), 60, Warning, "a unit has failed"),
    rule(
        "array-degraded",
        When("storage.state=degraded"),
        30,
        Critical,
        "an array or a pool lacks a drive",
    ),
    rule(
        "drive-failing",
        When("storage.state=failing | storage.state=failed | storage.state=faulted"),
        30,
        Critical,
        "a drive reports that it fails",
    ),
    rule("hot", Hot, 60, Warning, "a sensor is at its critical temperature"),
    rule(
        "throttled",
        When("host.throttled_percent>25"),
        300,
        Warning,
        "a container is held up at its processor limit",
    ),
    rule(
        "clock",
        When("host.clock_offset_seconds>1 | host.clock_offset_seconds<-1"),
        60,
        Warning,
        "the clock is off by more than a second",
    ),
];

impl BuiltIn {
    /// The rule with the sinks of some options.
    pub(super) fn rule(&self, options: &Options) -> AlertRule {
        let probe = match self.condition {
            When(text) => Expression::parse(text).ok().flatten().map(Probe::Filter),
            DiskLimit => Some(Probe::DiskLimit),
            DiskFilling => Some(Probe::DiskFilling),
            OomKill => Some(Probe::OomKill),
            Hot => Some(Probe::Hot),
        };
        AlertRule {
            probe,
            about: self.about.to_owned(),
            hold: Duration::from_secs(self.hold),
            until: None,
            severity: self.severity,
            hosts: None,
            gone: false,
            is_built_in: true,
            ..sinks(self.name, options)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_can_be_written_in_a_config() {
        for (nth, rule) in ALL.iter().enumerate() {
            assert!(ALL[..nth].iter().all(|other| other.name != rule.name), "{}", rule.name);
            crate::config::check_name(rule.name).unwrap();
        }
    }
}
