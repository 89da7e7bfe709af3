//! A recording as the past of the whole screen.
//!
//! One block is unpacked at a time. A step forth reads on in it, a step back begins it again.

use crate::{
    alerts,
    decode::{BlockDecoder, BlockEntry},
    error::RecordingError,
    event::{EventKind, RecordedEvent},
    index::RecordingIndex,
    names::NameCatalog,
    traces::Traces,
};
use manytop_core::{
    alert::AlertBoard,
    clock::Moment,
    past::{Backing, Mark, MarkKind, PastStore},
    source::Source,
    view::Snapshot,
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

/// Answers that come within this time are one sample: the readers of one machine answer one after the other.
const ONE_SAMPLE: Duration = Duration::from_millis(250);
/// Graphs have samples of so much time before the moment.
const WINDOW: Duration = Duration::from_secs(600);

/// A snapshot of a recording has a number from here on; those of a running engine stay below.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1 << 62);

struct Opened {
    block: usize,
    decoder: BlockDecoder,
    /// Up to where it was read.
    until: Moment,
}

/// A recording that is replayed.
pub struct ReplayStore {
    index: RecordingIndex,
    catalog: NameCatalog,
    opened: Option<Opened>,
    /// The moments of the samples of a block.
    samples: Option<(usize, Vec<Moment>)>,
    traces: Traces,
    /// Blocks that cannot be read.
    damaged: Vec<usize>,
}

impl ReplayStore {
    /// Opens the recording in a folder.
    ///
    /// # Errors
    /// Nothing is recorded, or a later version wrote it.
    pub fn open(folder: &Path, mut catalog: NameCatalog) -> Result<ReplayStore, RecordingError> {
        let index = RecordingIndex::open(folder, &mut catalog)?;
        Ok(ReplayStore {
            index,
            catalog,
            opened: None,
            samples: None,
            traces: Traces::default(),
            damaged: Vec::new(),
        })
    }

    /// A recording of one segment that is built into a program.
    ///
    /// # Errors
    /// The bytes are not a recording, or cannot be stored.
    pub fn built_in(bytes: &[u8], catalog: NameCatalog) -> Result<ReplayStore, RecordingError> {
        let index = RecordingIndex::built_in(bytes)?;
        Ok(ReplayStore {
            index,
            catalog,
            opened: None,
            samples: None,
            traces: Traces::default(),
            damaged: Vec::new(),
        })
    }

    /// The headers.
    pub fn index(&self) -> &RecordingIndex {
        &self.index
    }

    /// Reads what was written since.
    ///
    /// # Errors
    /// The folder cannot be read any more.
    pub fn refresh(&mut self) -> Result<(), RecordingError> {
        self.opened = None;
        self.samples = None;
        self.damaged.clear();
        self.index.refresh(&mut self.catalog)
    }

    /// Opens a block and reads it up to a moment. A damaged block is noted.
    fn read_block(&mut self, block: usize, until: Moment) -> Option<()> {
        if self.damaged.contains(&block) {
            return None;
        }
        let is_open = self.opened.as_ref().is_some_and(|o| o.block == block && o.until <= until);
        if !is_open {
            self.opened = None;
            match self.index.decoder(block) {
                Ok(decoder) => {
                    self.opened = Some(Opened { block, decoder, until: Moment::default() });
                }
                Err(notice) => return self.note_damage(block, notice),
            }
        }
        let opened = self.opened.as_mut()?;
        opened.until = until;
        match opened.decoder.run_until(until, &mut self.catalog, |_, _| {}) {
            Ok(()) => Some(()),
            Err(damage) => {
                let notice = self.index.damaged(block, damage);
                self.note_damage(block, notice)
            }
        }
    }

    fn note_damage(&mut self, block: usize, notice: String) -> Option<()> {
        self.opened = None;
        self.damaged.push(block);
        self.index.note(notice);
        None
    }

    /// The block whose last entry before a moment is the state at it: the one before where one is damaged.
    fn read_at(&mut self, at: Moment) -> Option<()> {
        let mut block = self.index.block_at(at);
        loop {
            if self.read_block(block, at).is_some() {
                return Some(());
            }
            block = block.checked_sub(1)?;
        }
    }

    /// Calls `each` for every entry from one moment to another, oldest first; damaged blocks are noted. It
    /// ends early where `each` returns false.
    pub fn scan(
        &mut self,
        from: Moment,
        to: Moment,
        mut each: impl FnMut(&RecordedFrame<'_>) -> bool,
    ) {
        let mut goes_on = true;
        for block in self.index.block_at(from)..self.index.len() {
            let Some((began, ended)) = self.index.span_of(block) else { continue };
            if began > to || !goes_on {
                return;
            }
            if ended < from {
                continue;
            }
            let mut decoder = match self.index.decoder(block) {
                Ok(decoder) => decoder,
                Err(notice) => {
                    self.index.note(notice);
                    continue;
                }
            };
            let first = decoder.now();
            let shift = self.index.clock_shift(block);
            let read = decoder.run_until(to, &mut self.catalog, |decoder, entry| {
                let at = decoder.now();
                // a block begins with what the one before has said
                let is_repeated = at == first && block > 0;
                if !goes_on || at < from || is_repeated && !matches!(entry, BlockEntry::Event(_)) {
                    return;
                }
                let wall = crate::walls::wall_of(at, decoder.clock().saturating_sub(shift));
                goes_on = match &entry {
                    BlockEntry::Frame(feed) => {
                        let Some(source) = decoder.source_of(*feed) else { return };
                        let what = FrameContent::Readings(source, *feed);
                        each(&RecordedFrame { at, wall, decoder, what })
                    }
                    BlockEntry::Event(event) => {
                        let what = FrameContent::Event(event);
                        each(&RecordedFrame { at, wall, decoder, what })
                    }
                    BlockEntry::Tick(_) | BlockEntry::Other => true,
                };
            });
            if let Err(damage) = read {
                let notice = self.index.damaged(block, damage);
                self.index.note(notice);
            }
        }
    }

    /// The moments of the samples of a block.
    fn samples_of(&mut self, block: usize) -> &[Moment] {
        if self.samples.as_ref().is_none_or(|(known, _)| *known != block) {
            let mut samples: Vec<Moment> = Vec::new();
            if let Ok(mut decoder) = self.index.decoder(block) {
                let mut first = None;
                let until = Moment::from_nanos(u64::MAX);
                // what cannot be read has no samples
                let _ = decoder.run_until(until, &mut self.catalog, |decoder, entry| {
                    if !matches!(entry, BlockEntry::Frame(_) | BlockEntry::Event(_)) {
                        return;
                    }
                    let at = decoder.now();
                    match samples.last_mut() {
                        Some(last) if first.is_some_and(|f| at.since(f) < ONE_SAMPLE) => *last = at,
                        _ => {
                            first = Some(at);
                            samples.push(at);
                        }
                    }
                });
            }
            self.samples = Some((block, samples));
        }
        self.samples.as_ref().map(|(_, samples)| samples.as_slice()).unwrap_or_default()
    }

    /// All sources as they were at a moment, without graphs.
    pub fn state_at(&mut self, at: Moment) -> Arc<Snapshot> {
        let sources = match self.read_at(at) {
            Some(()) => {
                let traces = &self.traces;
                let opened = self.opened.as_mut();
                opened.map(|o| o.decoder.views(|source| traces.history(source))).unwrap_or_default()
            }
            None => Vec::new(),
        };
        let numbers = sources.iter().map(|view| (view.source.clone(), view.order));
        let numbers: HashMap<Source, usize> = numbers.collect();
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut snapshot = Snapshot::new(sources, Arc::new(numbers), number);
        snapshot.made = at;
        Arc::new(snapshot)
    }

    /// Fills the graphs before a moment.
    fn trace(&mut self, at: Moment) {
        let from = at.before(WINDOW);
        let Some((from, to, is_new)) = self.traces.missing(from, at) else { return };
        if is_new {
            self.opened = None; // its sources have the graphs of before
        }
        let mut traces = std::mem::take(&mut self.traces);
        self.scan(from, to, |frame| {
            if let FrameContent::Readings(source, feed) = frame.what {
                traces.add(source, feed, frame);
            }
            true
        });
        traces.cover(from, to);
        self.traces = traces;
    }
}

/// What was recorded at one moment.
pub struct RecordedFrame<'a> {
    /// When it was taken, on the axis of the recording.
    pub at: Moment,
    /// When that was on the wall clock.
    pub wall: SystemTime,
    pub(crate) decoder: &'a BlockDecoder,
    /// What it is.
    pub what: FrameContent<'a>,
}

/// Readings or an event.
#[derive(Clone, Copy)]
pub enum FrameContent<'a> {
    /// What an instance answered of this source; the number tells instances of one source apart.
    Readings(&'a Source, usize),
    /// Something happened.
    Event(&'a RecordedEvent),
}

impl RecordedFrame<'_> {
    /// The devices of the answer.
    pub fn devices(&self) -> impl Iterator<Item = &manytop_core::view::Device> {
        let feed = match self.what {
            FrameContent::Readings(_, feed) => Some(feed),
            FrameContent::Event(_) => None,
        };
        feed.into_iter().flat_map(|feed| self.decoder.devices_of(feed))
    }
}

impl PastStore for ReplayStore {
    fn backing(&self) -> Backing {
        Backing::Recording
    }

    fn span(&mut self) -> Option<(Moment, Moment)> {
        self.index.span()
    }

    fn at(&mut self, at: Moment) -> Arc<Snapshot> {
        self.trace(at);
        self.state_at(at)
    }

    fn sample_before(&mut self, at: Moment) -> Option<Moment> {
        let mut block = self.index.block_at(at);
        loop {
            let samples = self.samples_of(block);
            if let Some(found) = samples.iter().rev().find(|sample| **sample < at) {
                return Some(*found);
            }
            block = block.checked_sub(1)?;
        }
    }

    fn sample_after(&mut self, at: Moment) -> Option<Moment> {
        (self.index.block_at(at)..self.index.len())
            .find_map(|block| self.samples_of(block).iter().find(|sample| **sample > at).copied())
    }

    fn marks(&mut self, from: Moment, to: Moment) -> Vec<Mark> {
        let marks = self.index.events(from, to).filter_map(|(at, event)| {
            let kind = match event.kind {
                EventKind::Stale => MarkKind::Stale,
                EventKind::Down => MarkKind::Down,
                EventKind::Warning => MarkKind::Warning,
                EventKind::Critical => MarkKind::Critical,
                _ => return None,
            };
            let source = event.source.as_deref().map(Source::named);
            Some(Mark { at: *at, kind, source, what: event.text.clone() })
        });
        marks.collect()
    }

    fn overview(&mut self, from: Moment, to: Moment, parts: usize) -> Vec<Option<f64>> {
        let part = to.since(from) / u32::try_from(parts).unwrap_or(u32::MAX).max(1);
        let mut began = from;
        let mut loads = Vec::with_capacity(parts);
        for _ in 0..parts {
            loads.push(self.index.load(began, began + part));
            began = began + part;
        }
        loads
    }

    fn wall(&self, at: Moment) -> SystemTime {
        self.index.wall(at)
    }

    fn moment(&self, wall: SystemTime) -> Moment {
        self.index.moment(wall)
    }

    fn alerts(&mut self, at: Moment) -> Option<AlertBoard> {
        Some(alerts::board(&self.index, at))
    }

    fn notices(&mut self) -> Vec<String> {
        self.index.notices()
    }
}
