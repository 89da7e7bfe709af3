//! The last lines of the journal of a process, a service or a container of this machine, read by `journalctl` while
//! its details are shown. A reader that is no longer wanted is ended.

use manytop_core::{
    reading::Kind,
    source::Source,
    text::clean_to,
    view::{DeviceLog, LogLine},
    vocabulary::{CONTAINER_KIND, PROCESS},
};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// So many lines are read.
const LINES: u64 = 20;
/// So many bytes of them.
const MOST: u64 = 256 << 10;
/// So many characters of one line.
const LONGEST: usize = 500;
/// While the present is shown, they are read again after this time.
const AGAIN: Duration = Duration::from_secs(2);

/// Instants that are closer have the same lines.
const SAME: Duration = Duration::from_millis(50);

/// What the lines are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogSubject {
    /// A process, and when it was started, in seconds since 1970: another one had its pid before.
    Process(Option<u64>),
    /// A unit of the service manager: what its processes wrote, and what the manager says of it.
    Unit,
    /// A container with a runtime that writes to the journal.
    Container,
}

impl LogSubject {
    /// The matches for `journalctl`; `+` is an or. A field must be equal: nothing in a name is a pattern.
    fn matches(self, name: &str) -> Vec<String> {
        match self {
            LogSubject::Process(_) => vec![format!("_PID={name}")],
            LogSubject::Unit => vec![
                format!("_SYSTEMD_UNIT={name}"),
                "+".to_owned(),
                format!("UNIT={name}"),
                "_PID=1".to_owned(),
            ],
            LogSubject::Container => vec![format!("CONTAINER_NAME={name}")],
        }
    }

    const fn kind(self) -> Kind {
        match self {
            LogSubject::Process(_) => PROCESS,
            LogSubject::Unit | LogSubject::Container => CONTAINER_KIND,
        }
    }
}

/// A device, and when its lines end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRequest {
    /// Its name: the pid of a process.
    pub device: Arc<str>,
    /// What it is.
    pub subject: LogSubject,
    /// The moment that is shown; `None`: now.
    pub until: Option<SystemTime>,
}

impl LogRequest {
    /// Whether it asks for the same lines: the wall clock of an instant is known to the millisecond.
    fn is_like(&self, other: &LogRequest) -> bool {
        let close = |a: SystemTime, b: SystemTime| {
            a.duration_since(b).unwrap_or_else(|early| early.duration()) < SAME
        };
        let same_until = match (self.until, other.until) {
            (Some(a), Some(b)) => close(a, b),
            (a, b) => a == b,
        };
        self.device == other.device && self.subject == other.subject && same_until
    }
}

/// Takes what was read; called from another thread.
type Take = Arc<dyn Fn(DeviceLog) + Send + Sync>;

/// A `journalctl` at work.
struct Reading {
    request: LogRequest,
    began: Instant,
    child: Arc<Mutex<Option<Child>>>,
    is_cancelled: Arc<AtomicBool>,
}

/// Reads the journal, of one device at a time.
pub struct LogReader {
    take: Take,
    reading: Option<Reading>,
    /// There is no `journalctl`, or it may not read.
    is_missing: Arc<AtomicBool>,
}

impl LogReader {
    /// Nothing is started until a log is asked for.
    pub fn new(take: Take) -> LogReader {
        LogReader { take, reading: None, is_missing: Arc::default() }
    }

    /// Asks for the lines of a device, in the place of those that were asked for before; `None`: of none.
    pub fn ask(&mut self, request: Option<LogRequest>) {
        let is_same = |reading: &Reading| {
            request.as_ref().is_some_and(|request| reading.request.is_like(request))
                && (reading.request.until.is_some() || reading.began.elapsed() < AGAIN)
        };
        if self.reading.as_ref().is_some_and(is_same) {
            return;
        }
        self.cancel();
        if let Some(request) = request.filter(|_| !self.is_missing.load(Ordering::SeqCst)) {
            self.start(request);
        }
    }

    fn cancel(&mut self) {
        let Some(reading) = self.reading.take() else { return };
        reading.is_cancelled.store(true, Ordering::SeqCst);
        let mut child = reading.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(child) = child.as_mut() {
            let _ = child.kill(); // it may have ended by itself
        }
    }

    fn start(&mut self, request: LogRequest) {
        let (child, is_cancelled): (Arc<Mutex<Option<Child>>>, Arc<AtomicBool>) =
            Default::default();
        let running = Reading {
            request: request.clone(),
            began: Instant::now(),
            child: child.clone(),
            is_cancelled: is_cancelled.clone(),
        };
        let (take, is_missing) = (self.take.clone(), self.is_missing.clone());
        let read = move || {
            let log = read(&request, &child);
            if is_cancelled.load(Ordering::SeqCst) {
                return;
            }
            match log {
                Some(log) => take(log),
                None => is_missing.store(true, Ordering::SeqCst),
            }
        };
        let thread = thread::Builder::new().name("device-log".into()).stack_size(128 * 1024);
        if thread.spawn(read).is_ok() {
            self.reading = Some(running);
        }
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The lines of a device; `None` where the journal cannot be read.
fn read(request: &LogRequest, running: &Mutex<Option<Child>>) -> Option<DeviceLog> {
    let seconds =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let mut command = Command::new("journalctl");
    command.args(["--quiet", "--no-pager", "--boot", "--output=json"]);
    command.arg("--output-fields=MESSAGE").arg(format!("--lines={LINES}"));
    if let LogSubject::Process(Some(started)) = request.subject {
        command.arg(format!("--since=@{started}"));
    }
    if let Some(until) = request.until {
        command.arg(format!("--until=@{:.3}", seconds(until)));
    }
    command.args(request.subject.matches(&request.device));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let output = child.stdout.take()?;
    *running.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
    let lines = BufReader::new(output.take(MOST)).lines();
    let lines = lines.map_while(Result::ok).filter_map(|line| parse(&line)).collect();
    let child = running.lock().unwrap_or_else(PoisonError::into_inner).take();
    let _ = child.map(|mut child| (child.kill(), child.wait()));
    let (kind, device) = (request.subject.kind(), request.device.clone());
    Some(DeviceLog { source: Source::Local, kind, device, lines })
}

/// A line of the journal in JSON; a message that is not UTF-8 is a list of bytes.
fn parse(line: &str) -> Option<LogLine> {
    let entry: Value = serde_json::from_str(line).ok()?;
    let micros: u64 = entry.get("__REALTIME_TIMESTAMP")?.as_str()?.parse().ok()?;
    let at: chrono::DateTime<chrono::Local> =
        UNIX_EPOCH.checked_add(Duration::from_micros(micros))?.into();
    let text = match entry.get("MESSAGE")? {
        Value::String(text) => text.clone(),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().map(|b| b.as_u64().unwrap_or(0) as u8).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    };
    Some(LogLine {
        at: at.format("%H:%M:%S").to_string(),
        text: clean_to(&text, LONGEST).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_of_a_unit_is_what_it_wrote_and_what_its_manager_says() {
        let of = |subject: LogSubject, name: &str| subject.matches(name).join(" ");
        assert_eq!(
            of(LogSubject::Unit, "a b*.service"),
            "_SYSTEMD_UNIT=a b*.service + UNIT=a b*.service _PID=1"
        );
        assert_eq!(of(LogSubject::Process(Some(7)), "42"), "_PID=42");
        assert_eq!(of(LogSubject::Container, "web"), "CONTAINER_NAME=web");
    }

    #[test]
    fn a_line_of_the_journal_is_made_fit_for_a_screen() {
        let line = r#"{"__REALTIME_TIMESTAMP":"1795000000123456","MESSAGE":"a\u001b[2Jb"}"#;
        assert_eq!(parse(line).unwrap().text, "a\u{fffd}[2Jb");
        let bytes = r#"{"__REALTIME_TIMESTAMP":"1795000000123456","MESSAGE":[104,105,255]}"#;
        assert_eq!(parse(bytes).unwrap().text, "hi\u{fffd}");
        for wrong in ["", "{}", r#"{"__REALTIME_TIMESTAMP":"x","MESSAGE":"a"}"#] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
