//! What a host is asked in the background, because it may be slow or hang: one job at a time.
//!
//! A job that has not answered after [`PATIENCE`] hangs. It is remembered by its pid there, across sessions
//! too: what sits in the kernel outlives its shell. No other job of a kind that can hang is started while
//! one does.

use super::containers::UnnamedContainers;
use manytop_plugin::{clock::Moment, provider::Selection, vocabulary as v};
use std::time::Duration;

/// A job that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something to do in the background.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackgroundJob {
    /// Sensors with all that is said of them.
    Sensors,
    /// What of them moves.
    Values,
    /// The links of interfaces.
    Interfaces,
    /// Failed units.
    Units,
    /// How full these file systems are; whether another machine serves them.
    Space(Vec<String>, bool),
    /// How many files these local file systems hold.
    Inodes(Vec<String>),
    /// Command lines of these processes.
    Commands(Vec<u32>),
    /// Limits of control groups, and what of their memory is not used.
    ContainerLimits,
    /// The names of containers with these ids.
    ContainerNames(Vec<String>),
}

/// A job that was started.
#[derive(Clone, Debug)]
struct RunningJob {
    id: u32,
    job: BackgroundJob,
    since: Moment,
    /// Its process there.
    pid: Option<u32>,
}

/// What is done in the background, and when it is due again.
#[derive(Default)]
pub struct Background {
    running: Option<RunningJob>,
    hung: Vec<RunningJob>,
    sensors: Option<Moment>,
    values: Option<Moment>,
    interfaces: Option<Moment>,
    units: Option<Moment>,
    containers: Option<Moment>,
    space: Option<Moment>,
    inodes: Option<Moment>,
    /// The next network mount, and when it is due.
    network: (usize, Option<Moment>),
    /// There is no systemd.
    no_units: bool,
}

fn is_due(last: Option<Moment>, now: Moment, every: u64) -> bool {
    last.is_none_or(|last| now.since(last) >= Duration::from_secs(every))
}

impl Background {
    /// A new session: nothing is known there, but what hung may hang still.
    pub fn renewed(self) -> Background {
        let mut hung = self.hung;
        hung.extend(self.running.filter(|job| job.pid.is_some()));
        hung.truncate(8);
        // numbers of another session mean nothing
        hung.iter_mut().for_each(|job| job.id = u32::MAX);
        Background { hung, no_units: false, ..Background::default() }
    }

    /// The next job, if none runs and one is due.
    pub fn next(
        &mut self,
        now: Moment,
        want: &Selection,
        (local, network): (&[String], &[String]),
        commands: Vec<u32>,
        unnamed: &mut UnnamedContainers,
    ) -> Option<BackgroundJob> {
        if let Some(late) = self.running.take_if(|job| now.since(job.since) > PATIENCE) {
            self.hung.push(late);
        }
        if self.running.is_some() {
            return None;
        }
        let wants = |kinds: &[_]| kinds.iter().any(|kind| want.kind(*kind));
        let hangs = |sort: fn(&BackgroundJob) -> bool| self.hung.iter().any(|late| sort(&late.job));
        let measured = wants(&[v::CPU, v::TEMPERATURE, v::FAN, v::POWER]);
        let no_sensor = hangs(|job| matches!(job, BackgroundJob::Sensors | BackgroundJob::Values));
        if !commands.is_empty() && !hangs(|job| matches!(job, BackgroundJob::Commands(_))) {
            return Some(BackgroundJob::Commands(commands));
        }
        if wants(&[v::DISK])
            && !local.is_empty()
            && is_due(self.space, now, 10)
            && !hangs(|job| matches!(job, BackgroundJob::Space(_, false)))
        {
            self.space = Some(now);
            return Some(BackgroundJob::Space(local.to_vec(), false));
        }
        if wants(&[v::DISK])
            && !local.is_empty()
            && is_due(self.inodes, now, 60)
            && !hangs(|job| {
                matches!(job, BackgroundJob::Space(_, false) | BackgroundJob::Inodes(_))
            })
        {
            self.inodes = Some(now);
            return Some(BackgroundJob::Inodes(local.to_vec()));
        }
        if measured && !no_sensor && is_due(self.sensors, now, 120) {
            self.sensors = Some(now);
            return Some(BackgroundJob::Sensors);
        }
        if measured && !no_sensor && is_due(self.values, now, 5) {
            self.values = Some(now);
            return Some(BackgroundJob::Values);
        }
        if wants(&[v::NETWORK])
            && is_due(self.interfaces, now, 30)
            && !hangs(|job| *job == BackgroundJob::Interfaces)
        {
            self.interfaces = Some(now);
            return Some(BackgroundJob::Interfaces);
        }
        if wants(&[v::HOST])
            && !self.no_units
            && is_due(self.units, now, 30)
            && !hangs(|job| *job == BackgroundJob::Units)
        {
            self.units = Some(now);
            return Some(BackgroundJob::Units);
        }
        if wants(&[v::CONTAINER_KIND]) {
            if is_due(self.containers, now, 30)
                && !hangs(|job| *job == BackgroundJob::ContainerLimits)
            {
                self.containers = Some(now);
                return Some(BackgroundJob::ContainerLimits);
            }
            let ids = unnamed.next();
            if !ids.is_empty() && !hangs(|job| matches!(job, BackgroundJob::ContainerNames(_))) {
                return Some(BackgroundJob::ContainerNames(ids));
            }
        }
        let (turn, last) = self.network;
        let every = 30 / network.len().clamp(1, 30) as u64;
        if wants(&[v::DISK])
            && !network.is_empty()
            && is_due(last, now, every)
            && !hangs(|job| matches!(job, BackgroundJob::Space(_, _)))
        {
            self.network = (turn.wrapping_add(1), Some(now));
            return Some(BackgroundJob::Space(vec![network[turn % network.len()].clone()], true));
        }
        None
    }

    /// A job was started under that number.
    pub fn started(&mut self, id: u32, job: BackgroundJob, now: Moment) {
        self.running = Some(RunningJob { id, job, since: now, pid: None });
    }

    /// The process of a job there.
    pub fn runs_as(&mut self, id: u32, pid: Option<u32>) {
        if let Some(job) = self.running.as_mut().filter(|job| job.id == id) {
            job.pid = pid;
        }
    }

    /// A job has answered.
    pub fn ended(&mut self, id: u32) -> Option<BackgroundJob> {
        if let Some(job) = self.running.take_if(|job| job.id == id) {
            return Some(job.job);
        }
        let at = self.hung.iter().position(|job| job.id == id)?;
        Some(self.hung.remove(at).job)
    }

    /// There is no systemd there.
    pub fn without_units(&mut self) {
        self.no_units = true;
    }

    /// Whether a job runs that will answer.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Processes there that hang.
    pub fn hung(&self) -> impl Iterator<Item = u32> + '_ {
        self.hung.iter().filter_map(|job| job.pid)
    }

    /// Of those that hung, only these are there still.
    pub fn keep(&mut self, pids: &[u32]) {
        self.hung.retain(|job| job.pid.is_some_and(|pid| pids.contains(&pid)));
    }

    /// Mount points that do not answer.
    pub fn silent(&self) -> impl Iterator<Item = &[String]> + '_ {
        self.hung.iter().filter_map(|job| match &job.job {
            BackgroundJob::Space(points, _) => Some(&points[..]),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::reading::Kind;

    const AT: fn(u64) -> Moment = Moment::from_secs;

    fn next(all: &mut Background, now: u64) -> Option<BackgroundJob> {
        next_of(all, &[v::DISK], now, Vec::new())
    }

    fn next_of(
        all: &mut Background,
        kinds: &[Kind],
        now: u64,
        pids: Vec<u32>,
    ) -> Option<BackgroundJob> {
        let (local, network) = (["/".to_owned()], ["/nas".to_owned(), "/nas2".to_owned()]);
        let mounts = (&local[..], &network[..]);
        let mut unnamed = UnnamedContainers::default();
        all.next(AT(now), &Selection::kinds(kinds), mounts, pids, &mut unnamed)
    }

    #[test]
    fn one_job_runs_at_a_time_and_one_that_hangs_keeps_other_network_mounts_unasked() {
        let mut all = Background::default();
        let local = BackgroundJob::Space(vec!["/".into()], false);
        assert_eq!(next(&mut all, 100), Some(local.clone()));
        all.started(1, local.clone(), AT(100));
        assert_eq!(next(&mut all, 101), None);
        assert_eq!(all.ended(1), Some(local.clone()));
        assert_eq!(next(&mut all, 102), Some(BackgroundJob::Inodes(vec!["/".into()])));
        let nas = BackgroundJob::Space(vec!["/nas".into()], true);
        assert_eq!(next(&mut all, 102), Some(nas.clone()));
        all.started(2, nas.clone(), AT(102));
        all.runs_as(2, Some(77));
        assert_eq!(next(&mut all, 112), None, "it may yet answer");
        assert_eq!(next(&mut all, 113), Some(local.clone()));
        all.started(3, local, AT(113));
        assert!(all.ended(3).is_some());
        assert_eq!(next(&mut all, 114), None, "no other network mount is asked");
        assert_eq!(all.silent().next(), Some(&["/nas".to_owned()][..]));

        let mut all = all.renewed();
        assert_eq!(all.hung().collect::<Vec<_>>(), [77], "a new session changes nothing");
        all.ended(2);
        assert!(next(&mut all, 200).is_some() && next(&mut all, 200).is_some());
        assert_eq!(next(&mut all, 201), None);
        all.keep(&[]);
        assert_eq!(next(&mut all, 202), Some(nas));
    }

    #[test]
    fn what_is_not_wanted_is_not_asked() {
        let mut all = Background::default();
        assert_eq!(next_of(&mut all, &[v::MEMORY], 1, vec![]), None);
        assert_eq!(next_of(&mut all, &[v::HOST], 1, vec![]), Some(BackgroundJob::Units));
        all.without_units();
        assert_eq!(next_of(&mut all, &[v::HOST], 100, vec![]), None);
        let limits = next_of(&mut all, &[v::CONTAINER_KIND], 100, vec![]);
        assert_eq!(limits, Some(BackgroundJob::ContainerLimits));
        let commands = next_of(&mut all, &[], 100, vec![7]);
        assert_eq!(commands, Some(BackgroundJob::Commands(vec![7])));
    }
}
