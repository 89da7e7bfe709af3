//! The thread that records: it takes snapshots from the engine, and neither engine nor screen wait for it.

use crate::{
    error::RecordingError,
    event::{EventKind, RecordedEvent},
    names::NameCatalog,
    options::RecordingOptions,
    writer::{RecordingWriter, started},
};
use manytop_core::{clock::Moment, health::State, view::Snapshot};
use std::{
    collections::HashMap,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

/// So many snapshots may wait for the disk.
const WAITING: usize = 64;
/// What was taken is in the file after this long.
const FLUSH: Duration = Duration::from_secs(1);
/// After an error it tries again after this long.
const RETRY: Duration = Duration::from_secs(10);

enum RecorderCommand {
    Snapshot(Box<Snapshot>),
    Event(Moment, RecordedEvent),
    Stop,
}

/// What a recorder has to say to a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecorderNote {
    /// It records.
    Note(String),
    /// It does not, or not as it should.
    Warning(String),
}

/// Hands snapshots and events to the recording thread, from wherever it is cloned to.
#[derive(Clone)]
pub struct RecorderHandle(SyncSender<RecorderCommand>);

impl RecorderHandle {
    /// Hands over a snapshot. Where the disk is slow it is dropped: the next one has what is then known.
    pub fn snapshot(&self, snapshot: Snapshot) {
        let _ = self.0.try_send(RecorderCommand::Snapshot(Box::new(snapshot)));
    }

    /// Hands over an event; it has the moment of this call.
    pub fn event(&self, event: RecordedEvent) {
        let _ = self.0.try_send(RecorderCommand::Event(Moment::now(), event));
    }
}

/// A recording under way. Dropped, it ends: what was taken is written.
pub struct Recorder {
    handle: RecorderHandle,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts to record. `tell` is called on the recording thread.
    ///
    /// # Errors
    /// As [`RecordingWriter::open`].
    pub fn start(
        options: RecordingOptions,
        catalog: &mut NameCatalog,
        tell: impl Fn(RecorderNote) + Send + 'static,
    ) -> Result<Recorder, RecordingError> {
        let folder = options.folder.clone();
        let writer = RecordingWriter::open(options, catalog)?;
        let (orders, inbox) = sync_channel(WAITING);
        let thread = thread::Builder::new().name("recorder".into()).stack_size(512 * 1024);
        let thread = thread
            .spawn(move || Recording::new(writer).run(&inbox, &tell))
            .map_err(|e| RecordingError::io("record into", &folder, &e))?;
        let handle = RecorderHandle(orders);
        handle.event(started());
        Ok(Recorder { handle, thread: Some(thread) })
    }

    /// What snapshots and events are handed to.
    pub fn handle(&self) -> RecorderHandle {
        self.handle.clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let mut stop = RecorderCommand::Stop;
        while let Err(TrySendError::Full(again)) = self.handle.0.try_send(stop) {
            stop = again;
            thread::yield_now();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic was told by the hook
        }
    }
}

struct Recording {
    writer: RecordingWriter,
    last: Option<Snapshot>,
    states: HashMap<usize, State>,
    flushed: Moment,
    /// Since when it cannot be written.
    broken: Option<Moment>,
    has_told_reach: bool,
}

impl Recording {
    fn new(writer: RecordingWriter) -> Recording {
        Recording {
            writer,
            last: None,
            states: HashMap::new(),
            flushed: Moment::now(),
            broken: None,
            has_told_reach: false,
        }
    }

    fn run(mut self, inbox: &Receiver<RecorderCommand>, tell: &dyn Fn(RecorderNote)) {
        loop {
            let wait = FLUSH.saturating_sub(Moment::now().since(self.flushed));
            match inbox.recv_timeout(wait) {
                Ok(RecorderCommand::Snapshot(snapshot)) => {
                    if self.broken.is_none() {
                        self.writer.take(&snapshot);
                    }
                    self.last = Some(*snapshot);
                }
                Ok(RecorderCommand::Event(at, event)) => self.writer.event(at, event),
                Ok(RecorderCommand::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Moment::now();
            if now.since(self.flushed) >= FLUSH {
                self.flushed = now;
                self.note_states(now);
                self.flush(now, tell);
            }
        }
        if self.broken.is_none()
            && let Err(error) = self.writer.close()
        {
            tell(RecorderNote::Warning(format!(
                "the end of the recording is not written: {error}"
            )));
        }
    }

    fn flush(&mut self, now: Moment, tell: &dyn Fn(RecorderNote)) {
        if let Some(since) = self.broken {
            if now.since(since) < RETRY {
                return;
            }
            self.writer.begin_again();
            if let Some(last) = &self.last {
                self.writer.take(last);
            }
        }
        let folder = self.writer.options().folder.display().to_string();
        match self.writer.flush() {
            Ok(()) if self.broken.take().is_some() => {
                tell(RecorderNote::Note(format!("recording goes on in {folder}")));
            }
            Ok(()) => self.tell_reach(tell),
            Err(error) => {
                if self.broken.is_none() {
                    tell(RecorderNote::Warning(stopped(&folder, &error)));
                }
                self.broken = Some(now);
            }
        }
    }

    /// Says once how far `recordsize` reaches.
    fn tell_reach(&mut self, tell: &dyn Fn(RecorderNote)) {
        if self.has_told_reach {
            return;
        }
        let Some(reach) = self.writer.reach() else { return };
        self.has_told_reach = true;
        let keep = self.writer.options().keep;
        let text = format!("recordsize lasts for {} at the present rate", span(reach));
        tell(match reach < keep {
            true => RecorderNote::Warning(format!("{text}, less than recordkeep, {}", span(keep))),
            false => RecorderNote::Note(text),
        });
    }

    /// Records which sources went and came back.
    fn note_states(&mut self, now: Moment) {
        let Some(last) = &self.last else { return };
        for view in &last.sources {
            let state = view.state(now);
            let before = self.states.insert(view.order, state);
            let was_old = before.is_some_and(State::is_old);
            let kind = match state {
                State::Stale if !was_old => EventKind::Stale,
                State::Down if before != Some(State::Down) => EventKind::Down,
                State::Live | State::Late if was_old => EventKind::Recovered,
                _ => continue,
            };
            if view.is_quiet() {
                continue;
            }
            let why = view.failure(now).map(|failure| failure.reason().to_owned());
            let source = Some(view.source.name().into());
            let event = RecordedEvent { kind, source, text: why.unwrap_or_default() };
            self.writer.event(now, event);
        }
    }
}

fn stopped(folder: &str, error: &io::Error) -> String {
    let seconds = RETRY.as_secs();
    format!("recording stopped: cannot write to {folder}: {error}; trying again every {seconds} s")
}

/// A long time in its largest unit: `7d`, `36h`, `12m`.
fn span(time: Duration) -> String {
    match time.as_secs() {
        s if s >= 2 * 86_400 => format!("{}d", s / 86_400),
        s if s >= 2 * 3600 => format!("{}h", s / 3600),
        s => format!("{}m", s / 60),
    }
}
