//! The condition of a rule, tested for a host or a device.

use super::filling::Filling;
use crate::{
    clock::Moment,
    file_systems,
    filter::{Expression, Truth},
    health::State,
    host_metric::{HostMetric, Limits},
    reading::Kind,
    view::{Device, SourceView},
    vocabulary as v,
};
use std::time::Duration;

/// How long an OOM kill fires.
const OOM: Duration = Duration::from_secs(600);
/// A disk that is full within this time fires.
const DAY: f64 = 86_400.0;
/// Critical temperatures below this are placeholders of the sensor's chip.
const PLAUSIBLE: f64 = 20.0;

/// A condition.
#[derive(Clone, PartialEq, Debug)]
pub enum Probe {
    /// A filter.
    Filter(Expression),
    /// A disk is over its limit.
    DiskLimit,
    /// A disk is full within a day.
    DiskFilling,
    /// The kernel has killed a process lately.
    OomKill,
    /// A sensor is at its critical temperature.
    Hot,
}

/// What a probe remembers of a device between two observations.
#[derive(Clone, Default, Debug)]
pub(super) struct Remembered {
    pub(super) filling: Filling,
    oom: Option<(f64, Option<Moment>)>,
}

impl Probe {
    /// The kind of device that it is about.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Probe::Filter(expression) => expression.kind(),
            Probe::DiskLimit | Probe::DiskFilling => Some(v::DISK),
            Probe::OomKill => Some(v::HOST),
            Probe::Hot => Some(v::TEMPERATURE),
        }
    }

    /// Whether it needs to remember anything of a device.
    pub(super) const fn remembers(&self) -> bool {
        matches!(self, Probe::DiskFilling | Probe::OomKill)
    }

    /// Whether a host that may be down without an alarm is left out.
    pub fn is_about_health(&self) -> bool {
        matches!(self, Probe::Filter(expression) if expression.is_about_health())
    }

    /// Its truth, and what is the case, for people.
    pub(super) fn test(
        &self,
        source: &SourceView,
        device: Option<&Device>,
        now: Moment,
        limits: &Limits,
        remembered: Option<&mut Remembered>,
    ) -> Truth {
        match self {
            Probe::Filter(expression) => expression.test(source, device, now),
            Probe::DiskLimit => {
                let Some(device) = device.filter(|disk| alarms(disk)) else { return Truth::False };
                let limit = disk_limit(source, limits);
                let percent = device.value(&v::PERCENT);
                percent.zip(limit).map(|(percent, limit)| percent > limit).into()
            }
            Probe::DiskFilling => {
                let Some(device) = device.filter(|disk| alarms(disk)) else { return Truth::False };
                let used = device.value(&v::USED_BYTES);
                let (Some(used), Some(remembered)) = (used, remembered) else {
                    return Truth::Unknown;
                };
                remembered.filling.add(device.read_at, used);
                let left = device.value(&v::TOTAL_BYTES).map(|total| total - used);
                let rate = remembered.filling.rate();
                let full = |(left, rate): (f64, f64)| rate > 0.0 && left / rate < DAY;
                left.zip(rate).map(full).into()
            }
            Probe::OomKill => {
                let kills = device.and_then(|host| host.value(&v::OOM_KILLS));
                let (Some(kills), Some(remembered)) = (kills, remembered) else {
                    return Truth::Unknown;
                };
                let at = match remembered.oom {
                    Some((before, _)) if kills > before => Some(now),
                    Some((_, at)) => at,
                    None => None,
                };
                remembered.oom = Some((kills, at));
                at.is_some_and(|at| now.since(at) < OOM).into()
            }
            Probe::Hot => {
                let celsius = device.and_then(|sensor| sensor.value(&v::CELSIUS));
                let critical = device.and_then(|sensor| sensor.value(&v::CRITICAL_CELSIUS));
                let critical = critical
                    .filter(|critical| *critical > PLAUSIBLE)
                    .or_else(|| limits.for_host(&source.source, HostMetric::Celsius).critical);
                celsius.zip(critical).map(|(celsius, critical)| celsius >= critical).into()
            }
        }
    }

    /// What is the case: the values that decide it.
    pub(super) fn facts(
        &self,
        source: &SourceView,
        device: Option<&Device>,
        now: Moment,
        limits: &Limits,
        remembered: Option<&Remembered>,
    ) -> String {
        let place = || device.map(Device::place).unwrap_or_default();
        let value = |metric| device.and_then(|device| device.value(metric));
        match self {
            Probe::Filter(expression) => {
                let facts = expression.facts(source, device, now);
                let place = device.map(place_of).unwrap_or_default();
                match source.state(now) {
                    State::Down | State::Stale if expression.is_about_health() => {
                        let why = source.failure(now).map(|failure| failure.reason().to_owned());
                        let why = why.filter(|why| !facts.contains(why.as_str()));
                        [facts].into_iter().chain(why).collect::<Vec<_>>().join(": ")
                    }
                    _ => [place, facts]
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(" "),
                }
            }
            Probe::DiskLimit => {
                let percent = value(&v::PERCENT).unwrap_or_default();
                let limit = disk_limit(source, limits).unwrap_or_default();
                format!("{} {percent:.0} % > {limit:.0}", place())
            }
            Probe::DiskFilling => {
                let used = value(&v::USED_BYTES).unwrap_or_default();
                let left = value(&v::TOTAL_BYTES).map_or(0.0, |total| total - used);
                let rate = remembered.and_then(|r| r.filling.rate()).unwrap_or(1.0);
                let span = crate::draw::number::span(left / rate.max(1.0));
                format!("{} full in {span}", place())
            }
            Probe::OomKill => "out of memory: the kernel killed a process".to_owned(),
            Probe::Hot => {
                format!("{} {:.0} °C", place(), value(&v::CELSIUS).unwrap_or_default())
            }
        }
    }
}

/// The limit of the disks of a host: that to act on, else the first.
fn disk_limit(source: &SourceView, limits: &Limits) -> Option<f64> {
    let limit = limits.for_host(&source.source, HostMetric::Disk);
    limit.critical.or(limit.warning)
}

/// Whether a file system of its type can become full.
fn alarms(disk: &Device) -> bool {
    disk.text(&v::TYPE).is_none_or(file_systems::alarms)
}

/// The device as people know it, and nothing for the one device of a host.
fn place_of(device: &Device) -> String {
    match (device.kind == v::HOST, device.kind == v::PROCESS) {
        (true, _) => String::new(),
        (_, true) => {
            let name = device.text(&v::NAME).unwrap_or("process");
            format!("{name} ({})", device.name)
        }
        _ => device.place().to_owned(),
    }
}
