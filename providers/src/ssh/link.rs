//! A session to a host, and what came over it: sends the requests of a poll, and makes readings of the answers.

use super::{
    background::{Background, BackgroundJob},
    containers,
    exchange::{Exchange, SshRequest},
    listing::Patterns,
    lists,
    machine::{MachineOptions, SshMachine},
    mounts::Mounts,
    processes::{self, SshProcessFields, SshProcesses},
    session::{Closed, Session, StreamFrame},
    signals,
};
use crate::natural;
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure, Selection, SignalOutcome, SignalRequest},
    reading::{PollResult, SourceReadings},
    vocabulary as v,
};
use std::time::Duration;
use tokio::time::timeout;

/// So long a first answer waits for what is asked in the background.
const FIRST: Duration = Duration::from_millis(700);
/// Files that hardly change are read again after this long.
const STEADY: Duration = Duration::from_secs(30);
/// Jobs in the background after which the shell forgets those that have ended.
const JOBS_PER_WAIT: u32 = 64;

/// A session, and what came over it.
pub struct SshLink {
    /// The session.
    pub session: Session,
    machine: SshMachine,
    mounts: Mounts,
    processes: SshProcesses,
    exchange: Exchange,
    steady: Option<Moment>,
    jobs: u32,
    /// What the shell reported of the last signal.
    signalled: Vec<u8>,
}

impl SshLink {
    /// A new session, of which nothing has been asked.
    pub fn new(session: Session, shown: &MachineOptions) -> SshLink {
        let hello = &session.hello;
        SshLink {
            machine: SshMachine::new(shown, hello.page_bytes),
            mounts: Mounts::default(),
            processes: SshProcesses::default(),
            exchange: Exchange::new(hello.has_grep, hello.keeps_nul),
            session,
            steady: None,
            jobs: 0,
            signalled: Vec::new(),
        }
    }

    /// Asks for what is wanted.
    ///
    /// # Errors
    /// The session has ended. The inner error: the answer cannot be used.
    pub async fn poll(
        &mut self,
        want: &Selection,
        background: &mut Background,
    ) -> Result<Result<PollResult, Failure>, Closed> {
        let now = Moment::now();
        let first = self.steady.is_none();
        if first {
            self.exchange.files("k", SshRequest::Processors, Patterns::new(lists::PROCESSORS));
            let links = Patterns::new(lists::LINKS);
            self.exchange.request("l", &links.words(), SshRequest::Links(links.clone()));
        }
        if self.steady.is_none_or(|last| now.since(last) >= STEADY) {
            self.steady = Some(now);
            self.exchange.files("g", SshRequest::Steady, Patterns::new(lists::STEADY));
            if want.kind(v::CONTAINER_KIND) {
                let logs = containers::logs();
                self.exchange.request("l", &logs.words(), SshRequest::Links(logs.clone()));
            }
            let hung: Vec<u32> = background.hung().collect();
            if !hung.is_empty() {
                let words = processes::of_some(&hung, &[processes::STAT]);
                self.exchange.request("g", &words, SshRequest::Hung);
            }
        }
        let listed = lists::fast(want, self.machine.known());
        if !listed.is_empty() {
            let verb = if lists::whole(want) { "g" } else { "v" };
            self.exchange.files(verb, SshRequest::Files, Patterns::new(&listed));
        }
        if want.kind(v::CONTAINER_KIND) {
            let traffic = [&v::READ_BYTES, &v::WRITTEN_BYTES];
            let traffic = traffic.iter().any(|metric| want.expensive(v::CONTAINER_KIND, metric));
            self.exchange.files("m", SshRequest::Containers, containers::values(traffic));
        }
        let wanted = SshProcessFields::of(want);
        if want.kind(v::PROCESS) {
            self.ask_for_processes(want, wanted);
        }
        self.start_jobs(want, background);
        if let Err(failure) = self.settle(background).await? {
            return Ok(Err(failure));
        }
        let read_at = Moment::now();
        if want.kind(v::PROCESS)
            && self.ask_about_processes(want, wanted)
            && let Err(failure) = self.settle(background).await?
        {
            return Ok(Err(failure));
        }
        if first {
            // what is slow should be in the first answer too, where it is not too slow
            let waited = timeout(FIRST, self.finish_jobs(want, background)).await;
            if let Ok(result) = waited
                && let Err(failure) = result?
            {
                return Ok(Err(failure));
            }
        }
        Ok(self.answer(want, wanted, background, read_at))
    }

    /// Sends a signal to processes.
    ///
    /// # Errors
    /// As of [`SshLink::poll`].
    pub async fn signal(
        &mut self,
        request: &SignalRequest,
        background: &mut Background,
    ) -> Result<Result<Vec<SignalOutcome>, Failure>, Closed> {
        self.exchange.request("q", &signals::words(request), SshRequest::Signal);
        let settled = self.settle(background).await?;
        Ok(settled.map(|()| signals::outcomes(request, &std::mem::take(&mut self.signalled))))
    }

    fn ask_for_processes(&mut self, want: &Selection, wanted: SshProcessFields) {
        if !self.processes.knows_users() {
            self.exchange.files("g", SshRequest::Users, Patterns::new(lists::USERS));
        }
        // their start and their share of memory are of these
        let more = [(v::CPU, "/proc/stat"), (v::MEMORY, "/proc/meminfo")];
        let more = more.iter().filter(|(kind, _)| !want.kind(*kind));
        let more: Vec<_> = more.map(|(_, path)| *path).collect();
        if !more.is_empty() {
            self.exchange.files("v", SshRequest::Files, Patterns::new(&more));
        }
        let (words, _) = processes::of_all(processes::STAT);
        self.exchange.request("g", &words, SshRequest::Stats);
        if wanted.traffic {
            let (words, _) = processes::of_all(processes::IO);
            self.exchange.request("g", &words, SshRequest::Traffic);
        }
    }

    /// What is asked of single processes, now that it is known which there are.
    fn ask_about_processes(&mut self, want: &Selection, wanted: SshProcessFields) -> bool {
        let owners = self.processes.owners_due(wanted);
        if !owners.is_empty() {
            let words = processes::of_some(&owners, &["status"]);
            self.exchange.request("u", &words, SshRequest::Status);
        }
        let detailed = self.processes.detailed(want);
        if !detailed.is_empty() {
            let words = processes::of_some(&detailed, &processes::DETAILS);
            self.exchange.request("g", &words, SshRequest::Details);
        }
        !owners.is_empty() || !detailed.is_empty()
    }

    /// Starts the next job in the background, if one is due.
    fn start_jobs(&mut self, want: &Selection, background: &mut Background) {
        let commands = match want.kind(v::PROCESS) {
            true => self.processes.commands_due(),
            false => Vec::new(),
        };
        let mounts = (self.mounts.local(), self.mounts.network());
        let now = Moment::now();
        let unnamed = self.machine.unnamed();
        let Some(job) = background.next(now, want, mounts, commands, unnamed) else { return };
        if let BackgroundJob::Commands(pids) = &job {
            self.processes.commands_asked(pids);
        }
        if self.jobs == JOBS_PER_WAIT && background.hung().next().is_none() {
            self.jobs = 0;
            self.exchange.forget_jobs();
        }
        self.jobs += 1;
        let id = self.exchange.background(&job);
        background.started(id, job, now);
    }

    /// Runs all jobs that are due to their ends.
    async fn finish_jobs(
        &mut self,
        want: &Selection,
        background: &mut Background,
    ) -> Result<Result<(), Failure>, Closed> {
        loop {
            self.start_jobs(want, background);
            if let Err(failure) = self.settle(background).await? {
                return Ok(Err(failure));
            }
            if !background.is_running() {
                return Ok(Ok(()));
            }
            match self.session.receive().await? {
                Ok(answer) => self.take(answer, background),
                Err(failure) => return Ok(Err(failure)),
            }
        }
    }

    /// Sends what is to be asked, and waits for all that is answered at once.
    async fn settle(&mut self, background: &mut Background) -> Result<Result<(), Failure>, Closed> {
        let lines = self.exchange.take_lines();
        if !lines.is_empty() {
            self.session.send(&lines).await?;
        }
        while self.exchange.is_open() {
            match self.session.receive().await? {
                Ok(answer) => self.take(answer, background),
                Err(failure) => return Ok(Err(failure)),
            }
        }
        Ok(Ok(()))
    }

    fn take(&mut self, answer: StreamFrame, background: &mut Background) {
        match answer {
            StreamFrame::Fast(frame) => {
                let Some(ask) = self.exchange.answered(frame.id) else { return };
                match ask {
                    SshRequest::Files(patterns) | SshRequest::Processors(patterns) => {
                        self.machine.take_files(&frame, &patterns);
                    }
                    SshRequest::Steady(patterns) => {
                        self.machine.take_files(&frame, &patterns);
                        self.mounts.set(&self.machine.mounted());
                    }
                    SshRequest::Containers(patterns) => {
                        self.machine.take_containers(&frame, &patterns)
                    }
                    SshRequest::Links(patterns) => self.machine.take_links(&frame, &patterns),
                    SshRequest::Users(patterns) => {
                        self.machine.take_files(&frame, &patterns);
                        self.processes.take_users(self.machine.root());
                    }
                    SshRequest::Stats => self.processes.take_stats(&frame),
                    SshRequest::Traffic => self.processes.take_traffic(&frame),
                    SshRequest::Status => self.processes.take_status(&frame),
                    SshRequest::Details => self.processes.take_details(&frame),
                    SshRequest::Hung => background.keep(&processes::pids(&frame)),
                    SshRequest::Signal => self.signalled = frame.payload,
                    SshRequest::Pid(job) => background.runs_as(job, number(&frame.payload)),
                }
            }
            StreamFrame::Slow(frame) => match background.ended(frame.id) {
                Some(BackgroundJob::Sensors) => {
                    self.machine.take_files(&frame, &Patterns::new(lists::SENSORS));
                }
                Some(BackgroundJob::Values) => {
                    self.machine.take_files(&frame, &Patterns::new(lists::VALUES));
                    self.machine.measure(Moment::now());
                }
                Some(BackgroundJob::Interfaces) => {
                    self.machine.take_files(&frame, &Patterns::new(lists::INTERFACES));
                    self.machine.look_at_interfaces();
                }
                Some(BackgroundJob::Units) => {
                    self.machine.take_units(&frame);
                    if frame.status == 127 {
                        background.without_units();
                    }
                }
                Some(BackgroundJob::Space(points, _)) => {
                    self.mounts.take(&points, &frame.payload);
                    self.machine.take_space(self.mounts.table());
                }
                Some(BackgroundJob::ContainerLimits) => {
                    self.machine.take_files(&frame, &containers::limits());
                }
                Some(BackgroundJob::ContainerNames(ids)) => {
                    self.machine.take_files(&frame, &containers::names(&ids));
                }
                Some(BackgroundJob::Inodes(points)) => {
                    self.mounts.take_inodes(&points, &frame.payload);
                    self.machine.take_space(self.mounts.table());
                }
                Some(BackgroundJob::Commands(_)) => self.processes.take_commands(&frame),
                None => {}
            },
        }
    }

    fn answer(
        &mut self,
        want: &Selection,
        wanted: SshProcessFields,
        background: &Background,
        read_at: Moment,
    ) -> Result<PollResult, Failure> {
        let mut notes = Vec::new();
        for points in background.silent() {
            self.mounts.forget(points);
            notes.push(format!("{} does not answer; its fill level is unknown", points.join(" ")));
        }
        if !notes.is_empty() {
            self.machine.take_space(self.mounts.table());
        }
        notes.extend(self.mounts.note().filter(|_| want.kind(v::DISK)));
        let mut all = match self.machine.readings(want) {
            Ok(all) => all,
            Err(failure) if failure.class() == Class::Absent => return Err(failure),
            Err(failure) => {
                return Err(failure.advise("is /proc there, and may this user read it?"));
            }
        };
        notes.append(&mut all.notes);
        if want.kind(v::PROCESS) {
            all.devices.extend(self.processes.readings(self.machine.root(), wanted));
        }
        all.devices.sort_by(|a, b| a.kind.cmp(&b.kind).then(natural::order(&a.device, &b.device)));
        let part = SourceReadings {
            dialects: vec!["ssh"],
            left_out: all.left_out,
            ..SourceReadings::own(read_at, all.devices)
        };
        Ok(PollResult { notes, ..PollResult::of(vec![part]) })
    }
}

fn number(payload: &[u8]) -> Option<u32> {
    std::str::from_utf8(payload).ok()?.trim().parse().ok()
}
