//! The sink `-run`: starts programs with the facts of a notice in their environment and, as JSON, on their
//! standard input. A few at a time, each within a time limit.

use super::Report;
use crate::system::program;
use manytop_core::{
    alerts::{AlertRule, Notice},
    text::clean_to,
};
use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// So many programs run at a time.
const AT_ONCE: usize = 4;
/// So many wait for their turn; more are not started.
const WAITING: usize = 100;
/// After this time a program is ended.
const LIMIT: Duration = Duration::from_secs(30);
/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// So much fits into a pipe at once.
const PIPE: usize = 32 * 1024;
/// So much of what a program says is shown.
const SHOWN: usize = 200;

/// A program that is to be started.
struct RunOrder {
    rule: Arc<str>,
    program: Vec<String>,
    environment: Vec<(&'static str, String)>,
    input: String,
}

/// Programs that wait for their turn, and the threads that run them.
#[derive(Default)]
struct RunQueue {
    waiting: Mutex<Vec<RunOrder>>,
    workers: AtomicUsize,
    /// Programs that wait or are being started.
    unstarted: AtomicUsize,
}

/// Starts programs.
pub struct Runner {
    queue: Arc<RunQueue>,
    report: Report,
}

impl Runner {
    /// Nothing runs until a notice comes.
    pub fn new(report: Report) -> Runner {
        Runner { queue: Arc::default(), report }
    }

    /// Starts the program of a rule for a notice, now or when its turn comes.
    pub fn start(&self, rule: &AlertRule, notice: &Notice) {
        let order = RunOrder {
            rule: rule.name.clone(),
            program: rule.run.clone(),
            environment: environment(notice),
            input: notice.to_json().to_string() + "\n",
        };
        let queue = self.queue.clone();
        let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING {
            drop(waiting);
            let name = &rule.name;
            return (self.report)(format!(
                "alert-{name}-run: {WAITING} programs wait already; one is left out"
            ));
        }
        waiting.push(order);
        queue.unstarted.fetch_add(1, Ordering::SeqCst);
        drop(waiting);
        if queue.workers.fetch_add(1, Ordering::SeqCst) >= AT_ONCE {
            queue.workers.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        let (of_worker, report) = (queue.clone(), self.report.clone());
        let started = thread::Builder::new()
            .name("alert-run".into())
            .stack_size(128 * 1024)
            .spawn(move || work(&of_worker, &report));
        if let Err(error) = started {
            queue.workers.fetch_sub(1, Ordering::SeqCst);
            (self.report)(format!("alert-{}-run: cannot start a thread: {error}", rule.name));
        }
    }

    /// Waits until all programs are started, or a time comes. They go on when this program has ended.
    pub fn wait(&self, until: Instant) {
        while self.queue.unstarted.load(Ordering::SeqCst) > 0 && Instant::now() < until {
            thread::sleep(LOOK);
        }
    }
}

fn work(queue: &RunQueue, report: &Report) {
    loop {
        let order = {
            let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.is_empty() {
                // under the lock: an order that comes now finds one worker less
                queue.workers.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            waiting.remove(0)
        };
        let started = start(&order);
        queue.unstarted.fetch_sub(1, Ordering::SeqCst);
        if let Err(problem) = started.and_then(finish) {
            report(format!("alert-{}-run: {}: {problem}", order.rule, order.program[0]));
        }
    }
}

/// Facts of a notice for the environment of a program.
fn environment(notice: &Notice) -> Vec<(&'static str, String)> {
    let Some(first) = notice.events.first() else { return Vec::new() };
    let plain = |text: &str| clean_to(text, 1024).replace('\0', "");
    vec![
        ("MANYTOP_ALERT", plain(&notice.rule)),
        ("MANYTOP_CHANGE", notice.change.word().to_owned()),
        ("MANYTOP_SEVERITY", first.severity.word().to_owned()),
        ("MANYTOP_SOURCE", plain(first.source.name())),
        ("MANYTOP_DEVICE", plain(first.device.as_deref().unwrap_or_default())),
        ("MANYTOP_COUNT", notice.events.len().to_string()),
        ("MANYTOP_GROUP", plain(notice.group().unwrap_or_default())),
        ("MANYTOP_TEXT", plain(&notice.line())),
        ("MANYTOP_AT", manytop_core::alerts::timestamp(first.at)),
    ]
}

/// Starts a program and gives it its input.
fn start(order: &RunOrder) -> Result<Child, String> {
    let (program, arguments) = order.program.split_first().ok_or("no program")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(order.environment.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = program::in_own_group(&mut command).spawn();
    let mut child = child.map_err(|error| format!("cannot be started: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        let text = order.input.clone();
        if text.len() <= PIPE {
            let _ = input.write_all(text.as_bytes()); // a program need not read it
        } else {
            // one that does not read it must not hold anything up
            let _ = thread::Builder::new()
                .name("alert-input".into())
                .stack_size(64 * 1024)
                .spawn(move || drop(input.write_all(text.as_bytes())));
        }
    }
    Ok(child)
}

/// Waits for a program to end. The error is its status and what it said last.
fn finish(mut child: Child) -> Result<(), String> {
    let said = child.stderr.take().and_then(|stderr| {
        let read = move || {
            let mut text = Vec::new();
            let _ = stderr.take(64 * 1024).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        thread::Builder::new().name("alert-errors".into()).stack_size(128 * 1024).spawn(read).ok()
    });
    let status = wait(&mut child)?;
    if status.success() {
        return Ok(());
    }
    // what it has left behind may hold standard error open: only a program that failed is waited for
    let said = said.filter(thread::JoinHandle::is_finished).and_then(|said| said.join().ok());
    let last = said.as_deref().and_then(|said| said.lines().rfind(|line| !line.trim().is_empty()));
    match last {
        Some(line) => Err(format!("{status}: {}", clean_to(line, SHOWN))),
        None => Err(status.to_string()),
    }
}

fn wait(child: &mut Child) -> Result<std::process::ExitStatus, String> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if started.elapsed() >= LIMIT => {
                program::kill_with_children(child);
                let _ = child.wait();
                return Err(format!("ended after {} s, its time limit", LIMIT.as_secs()));
            }
            Ok(None) => thread::sleep(LOOK),
            Err(error) => return Err(error.to_string()),
        }
    }
}
