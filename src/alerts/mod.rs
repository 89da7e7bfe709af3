//! Alerts at work: observes each snapshot, logs what changes, and hands notices to the sinks of their rules.
//! The screen and the headless loop drive the same service.

mod delivery;
mod run;
mod state_file;
mod webhook;

use manytop_core::{
    alert::AlertBoard,
    alerts::{
        AckEntry, AckTarget, AlertChange, AlertEvent, AlertPast, AlertRule, AlertRules,
        AlertTracker, Notice, Notices, ProcessWatch, SavedAlerts, SavedDocument,
    },
    clock::Moment,
    engine::{Demand, Engine},
    host_metric::Limits,
    past::Mark,
    view::Snapshot,
};
use run::Runner;
use state_file::{StateFile, WriteOutcome};
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use webhook::Webhooks;

/// Says what went wrong with a sink; called from other threads.
pub type Report = Arc<dyn Fn(String) + Send + Sync>;

/// What a person is told after an observation.
#[derive(Default, Debug)]
pub struct News {
    /// Lines for the log, and whether each is a warning.
    pub lines: Vec<(String, bool)>,
    /// The bell rings.
    pub bell: bool,
    /// What happened to alerts, for a recording.
    pub events: Vec<AlertEvent>,
}

/// At the end of the program, notices have so much time to be delivered.
const LAST_CHANCE: Duration = Duration::from_secs(2);

/// The alerts of this program. Dropped, it sends what waits; what cannot be delivered then is sent after the
/// next start.
pub struct AlertService {
    tracker: AlertTracker,
    notices: Notices,
    runner: Runner,
    webhooks: Webhooks,
    state: StateFile,
    /// The version of what is in the state file.
    saved: u64,
    board: Arc<AlertBoard>,
    past: Arc<AlertPast>,
    /// What an earlier run has not delivered, until this one may write the state file.
    undelivered: Vec<SavedDocument>,
    /// Whether it was told that another process writes the state file.
    told_refused: bool,
    /// What went wrong with the state file, until it is told.
    problem: Option<String>,
}

impl AlertService {
    /// Starts with the rules of a config and what was saved by an earlier run. Sinks that fail say so
    /// through `report`.
    pub fn start(
        rules: AlertRules,
        limits: Limits,
        engine: &Engine,
        report: Report,
    ) -> AlertService {
        let mut state = StateFile::of_environment();
        let (mut saved, problem) = match state.read() {
            Ok(saved) => (saved, None),
            Err(problem) => (Default::default(), Some(problem)),
        };
        let undelivered = std::mem::take(&mut saved.undelivered);
        let webhooks = Webhooks::start(&rules, engine, report.clone());
        let mut tracker = AlertTracker::new(rules, limits, saved, Moment::now());
        tracker.find_hosts(&engine.view());
        for entry in tracker.acknowledged.entries() {
            if let AckTarget::Host(source) = &entry.target {
                engine.acknowledge(source.clone(), true);
            }
        }
        let saved = tracker.version();
        let wall = SystemTime::now();
        let mut service = AlertService {
            board: Arc::new(tracker.board(wall)),
            past: Arc::new(tracker.past(wall)),
            tracker,
            notices: Notices::default(),
            runner: Runner::new(report),
            webhooks,
            state,
            saved,
            undelivered,
            told_refused: false,
            problem,
        };
        if !service.undelivered.is_empty() {
            // the process that writes the file delivers them
            let problem = service.claim().err();
            service.problem = service.problem.take().or(problem);
        }
        service
    }

    /// Whether this process writes the state file. With the first `true`, what another one has left in it is
    /// taken over.
    fn claim(&mut self) -> Result<bool, String> {
        if self.state.is_claimed() && self.undelivered.is_empty() {
            return Ok(true);
        }
        let is_first = !self.state.is_claimed();
        if !self.state.claim()? {
            return Ok(false);
        }
        let mut undelivered = std::mem::take(&mut self.undelivered);
        if let Some(left) = self.state.foreign().filter(|_| is_first) {
            undelivered = left.undelivered;
            if self.tracker.acknowledged.merge(left.acknowledged) {
                self.tracker.touch();
            }
        }
        self.webhooks.restore(undelivered);
        Ok(true)
    }

    /// Checks what cannot be checked without reading files and addresses: the webhooks of rules.
    ///
    /// # Errors
    /// The rule, the option and what is wrong with it.
    pub fn check(rules: &AlertRules) -> Result<(), Vec<(Arc<str>, String, String)>> {
        webhook::check(rules)
    }

    /// Goes on with the rules of a config that was read again.
    pub fn reload(&mut self, rules: AlertRules, limits: Limits, engine: &Engine, report: &Report) {
        if *self.tracker.rules() != rules {
            self.webhooks.restart(&rules, engine, report.clone());
        }
        self.tracker.set_rules(rules, limits);
    }

    /// What rules of the config and watched processes need to have read.
    pub fn demands(&self) -> Vec<Demand> {
        self.tracker.demands()
    }

    /// What fires, as of the last observation.
    pub fn board(&self) -> Arc<AlertBoard> {
        self.board.clone()
    }

    /// What fired before. It is replaced when something happens to an alert.
    pub fn past(&self) -> Arc<AlertPast> {
        self.past.clone()
    }

    /// Alerts that began, for the time bar.
    pub fn marks(&self) -> Vec<Mark> {
        self.tracker.marks()
    }

    /// What is acknowledged, the oldest first.
    pub fn acknowledged(&self) -> &[AckEntry] {
        self.tracker.acknowledged.entries()
    }

    /// Takes a snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot, now: Moment, engine: &Engine) -> News {
        self.observe_at(snapshot, now, SystemTime::now(), engine)
    }

    fn observe_at(
        &mut self,
        snapshot: &Snapshot,
        now: Moment,
        wall: SystemTime,
        engine: &Engine,
    ) -> News {
        let mut news = News::default();
        news.lines.extend(self.problem.take().map(|problem| (problem, true)));
        let is_waiting = self.notices.is_waiting();
        if self.tracker.is_idle() && self.tracker.acknowledged.entries().is_empty() && !is_waiting {
            return news;
        }
        let events = self.tracker.observe(snapshot, now, wall);
        // hosts that went down again within the time of their acknowledgement
        for entry in self.tracker.acknowledged.entries() {
            if let AckTarget::Host(source) = &entry.target
                && let Some(view) = snapshot.find(source)
                && !view.acknowledged
                && view.state(now).is_old()
            {
                engine.acknowledge(source.clone(), true);
            }
        }
        self.webhooks.keep(&events, &self.tracker);
        if !events.is_empty() {
            self.past = Arc::new(self.tracker.past(wall));
        }
        events.iter().for_each(|event| self.notices.add(event.clone()));
        news.events = events;
        for notice in self.notices.due(wall) {
            self.send(&notice, &mut news);
        }
        self.webhooks.resend(&self.tracker, wall);
        self.board = Arc::new(self.tracker.board(wall));
        self.save(&mut news);
        news
    }

    fn send(&mut self, notice: &Notice, news: &mut News) {
        let line = format!("alert {}", notice.line());
        news.lines.push((line, notice.change != AlertChange::Resolved));
        let Some(rule) = self.tracker.rule(&notice.rule) else { return };
        news.bell |= rule.bell && notice.change != AlertChange::Resolved;
        if !rule.run.is_empty() {
            self.runner.start(rule, notice);
        }
        self.webhooks.send(rule, notice);
    }

    /// Writes the state file where something changed. Alerts whose notice waits for equal ones are not
    /// in it yet: a run that is killed before tells them after its next start.
    fn save(&mut self, news: &mut News) {
        let version = self.tracker.version();
        if version == self.saved || self.notices.is_waiting() {
            return;
        }
        let written = self.claim().and_then(|_| self.state.write(&self.tracker.saved()));
        self.saved = self.tracker.version();
        match written {
            Ok(WriteOutcome::Done) => {}
            Ok(WriteOutcome::Refused) if self.told_refused => {}
            Ok(WriteOutcome::Refused) => {
                self.told_refused = true;
                let text = "another manytop keeps the alerts: what is acknowledged here is forgotten \
                            when this one ends";
                news.lines.push((text.to_owned(), true));
            }
            Err(problem) => news.lines.push((problem, true)),
        }
    }

    /// Sends what waits, and saves what could not be delivered.
    fn end(&mut self) {
        let mut news = News::default();
        for notice in self.notices.take() {
            self.send(&notice, &mut news);
        }
        let until = Instant::now() + LAST_CHANCE;
        self.runner.wait(until);
        let undelivered = self.webhooks.wait(until);
        let is_same = self.tracker.version() == self.saved && undelivered.is_empty();
        if is_same && !self.state.is_claimed() || !matches!(self.claim(), Ok(true)) {
            return;
        }
        let saved = SavedAlerts { undelivered, ..self.tracker.saved() };
        let _ = self.state.write(&saved); // the screen and the log are gone
    }

    /// Acknowledges a host or an alert for some time, or until it recovers.
    pub fn acknowledge(&mut self, target: AckTarget, span: Option<Duration>, engine: &Engine) {
        if let AckTarget::Host(source) = &target {
            engine.acknowledge(source.clone(), true);
        }
        let at = SystemTime::now();
        let until = span.map(|span| at + span);
        self.tracker.acknowledged.add(AckEntry { target, at, until });
        self.changed();
    }

    /// Lifts an acknowledgement.
    pub fn lift(&mut self, target: &AckTarget, engine: &Engine) {
        if let AckTarget::Host(source) = target {
            engine.acknowledge(source.clone(), false);
        }
        self.tracker.acknowledged.lift(target);
        self.changed();
    }

    fn changed(&mut self) {
        self.tracker.touch();
        self.board = Arc::new(self.tracker.board(SystemTime::now()));
        let mut news = News::default();
        self.save(&mut news);
        self.problem = news.lines.pop().map(|(line, _)| line);
    }

    /// Watches a process until it ends, or no longer. Returns whether it is watched now.
    pub fn watch(&mut self, watch: ProcessWatch) -> bool {
        self.tracker.watch(watch)
    }
}

impl Drop for AlertService {
    fn drop(&mut self) {
        self.end();
    }
}

/// A rule for `--list alerts`: name, when it fires, how bad it is.
pub fn describe(rule: &AlertRule) -> String {
    let hold = match rule.hold.as_secs() {
        0 => String::new(),
        seconds => format!(" for {}", manytop_core::draw::number::span(seconds as f64)),
    };
    let unknown = if rule.probe.is_none() { " (unknown: no provider reads it)" } else { "" };
    let own = if rule.is_built_in { "" } else { " (config)" };
    format!("{} {}{hold}{own}{unknown}", rule.severity.word(), rule.about)
}
