//! The writer of a folder: snapshots go into a block, each second into the tail, at its end into a segment.

use crate::{
    encode::{BlockBuilder, WrittenDevices},
    error::RecordingError,
    event::{EventKind, RecordedEvent},
    format::{MOST_BLOCK, SEGMENT_HEAD, SEGMENT_MAGIC, arrangement},
    index::RecordingIndex,
    lock::FolderLock,
    names::NameCatalog,
    options::{RecordingOptions, boot_id, clock_now, is_empty, private},
    segment::{BlockHeader, head, packed, put_marks, segment_path},
    tail::{TailFile, read_tail, tail_path},
};
use manytop_core::{
    clock::Moment,
    file::{DirBuilderExt, FileExt},
    source::Source,
    view::{Device, Snapshot, SourceView},
    vocabulary::PROCESS,
};
use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File},
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A block ends after this long, or when it has so many bytes before compression.
const LONGEST_BLOCK: Duration = Duration::from_secs(300);
const FULL_BLOCK: usize = 384 * 1024;
/// What is written is on the disk after this long.
const SYNC: Duration = Duration::from_secs(8);
/// The level of compression.
const LEVEL: i32 = 6;
/// A segment has at most so many bytes.
const LARGEST_SEGMENT: u64 = 64 << 20;
/// An answer that comes this much early is as good as in time.
const EARLY: Duration = Duration::from_millis(300);

struct WrittenSegment {
    number: u64,
    bytes: u64,
    /// When it ended, by the wall clock.
    ended: SystemTime,
}

/// Writes a recording.
pub struct RecordingWriter {
    options: RecordingOptions,
    _lock: FolderLock,
    builder: Option<BlockBuilder>,
    tail: Option<TailFile>,
    segment: Option<File>,
    segments: Vec<WrittenSegment>,
    next_block: u64,
    boot: u64,
    synced: Moment,
    recorded: HashMap<(usize, usize), (Moment, Moment)>,
    /// When the first block began, and how many bytes the blocks took since.
    began: Option<Moment>,
    written: u64,
}

impl RecordingWriter {
    /// Opens a folder for writing; it is made where it does not exist. What a crash has left in the tail
    /// becomes a block.
    ///
    /// # Errors
    /// Another process records into it, it cannot be written, or it holds something else.
    pub fn open(
        options: RecordingOptions,
        catalog: &mut NameCatalog,
    ) -> Result<RecordingWriter, RecordingError> {
        let folder = &options.folder;
        // readers of the files may list the folder
        let folder_mode = options.mode | (options.mode & 0o444) >> 2;
        DirBuilder::new()
            .recursive(true)
            .mode(folder_mode)
            .create(folder)
            .map_err(|e| RecordingError::io("create", folder, &e))?;
        let lock = FolderLock::take(folder, options.mode)?;
        let index = match RecordingIndex::open(folder, catalog) {
            Ok(index) => Some(index),
            Err(_) if is_empty(&options)? => None,
            Err(error) => return Err(error),
        };
        let mut segments: Vec<WrittenSegment> = Vec::new();
        let mut next_block = 1;
        for block in index.iter().flat_map(|index| index.blocks()) {
            let header = &block.place.header;
            next_block = header.number + 1;
            let ended = crate::walls::wall_of(header.ended, header.clock);
            match segments.last_mut().filter(|last| last.number == block.place.segment) {
                Some(last) => {
                    last.bytes = block.place.offset + header.size();
                    last.ended = last.ended.max(ended);
                }
                None => segments.push(WrittenSegment {
                    number: block.place.segment,
                    bytes: block.place.offset + header.size(),
                    ended,
                }),
            }
        }
        let mut writer = RecordingWriter {
            options,
            _lock: lock,
            builder: None,
            tail: None,
            segment: None,
            segments,
            next_block,
            boot: boot_id(),
            synced: Moment::now(),
            recorded: HashMap::new(),
            began: None,
            written: 0,
        };
        writer.recover(catalog)?;
        Ok(writer)
    }

    /// Makes a block of what a crash has left in the tail.
    fn recover(&mut self, catalog: &mut NameCatalog) -> Result<(), RecordingError> {
        let Some(tail) = read_tail(&self.options.folder)? else { return Ok(()) };
        if tail.header.number < self.next_block || tail.payload.len() > MOST_BLOCK {
            return Ok(());
        }
        self.next_block = tail.header.number + 1;
        let ended = crate::walls::wall_of(tail.header.ended, tail.header.clock);
        let path = tail_path(&self.options.folder);
        let marks = put_marks(tail.header.began, &tail.events(0, catalog));
        let bytes = packed(&tail.payload, &marks, tail.header, LEVEL);
        let appended = bytes.and_then(|bytes| self.append(&bytes, ended));
        appended.map_err(|e| RecordingError::io("recover", &path, &e))
    }

    /// Takes a snapshot: what has changed since the last one.
    pub fn take(&mut self, snapshot: &Snapshot) {
        self.copy(snapshot, clock_now());
    }

    /// Takes a snapshot of a time when the wall clock was so many nanoseconds ahead of its moment.
    pub fn copy(&mut self, snapshot: &Snapshot, clock: i64) {
        let options = &self.options;
        let builder = self.builder.get_or_insert_with(|| BlockBuilder::new(options.every));
        builder.at(snapshot.made, clock);
        let recorded = &mut self.recorded;
        let wanted = |view: &SourceView| (options.sources)(view);
        let now = snapshot.made;
        let is_due = |last: Moment, every: Duration| {
            every.is_zero() || now.since(last) + EARLY.min(every / 4) >= every
        };
        builder.take(snapshot, &wanted, &mut |view, instance, before| {
            let times = recorded.entry((view.order, instance.id)).or_default();
            let has_processes = instance.kinds().any(|kind| kind == PROCESS);
            let has_others = instance.kinds().any(|kind| kind != PROCESS);
            let processes = has_processes && is_due(times.1, options.processes);
            let is_due = match has_others || !has_processes {
                true => is_due(times.0, options.every),
                false => processes,
            };
            if !is_due {
                return WrittenDevices::None;
            }
            times.0 = now;
            if processes {
                times.1 = now;
            }
            let is_wanted = |device: &Device| {
                !device.kind.is_private()
                    && (options.kinds)(&device.kind)
                    && (processes || device.kind != PROCESS)
            };
            if instance.all().iter().all(is_wanted) {
                return WrittenDevices::All(instance.all());
            }
            let wanted = instance.all().iter().filter(|device| is_wanted(device));
            let mut list: Vec<Device> = wanted.cloned().collect();
            if list.is_empty() && before.is_empty() {
                return WrittenDevices::None; // nothing of this instance is recorded
            }
            if has_processes && !processes {
                list.extend(before.iter().filter(|device| device.kind == PROCESS).cloned());
            }
            WrittenDevices::Some(list)
        });
        let load = snapshot.find(&Source::Local).or(snapshot.sources.first());
        builder.add_load(load.and_then(|view| view.summary.cpu));
    }

    /// Takes an event of this moment.
    pub fn event(&mut self, at: Moment, event: RecordedEvent) {
        let every = self.options.every;
        let builder = self.builder.get_or_insert_with(|| BlockBuilder::new(every));
        let clock = builder.clock().unwrap_or_else(clock_now);
        builder.at(at, clock);
        builder.event(event);
    }

    /// Writes what was taken since the last time to the tail; a block that is full goes to its segment.
    ///
    /// # Errors
    /// It cannot be written. What was taken since the beginning of the block is then written with the next
    /// block that can be.
    pub fn flush(&mut self) -> io::Result<()> {
        let Some(builder) = &mut self.builder else { return Ok(()) };
        let Some(began) = builder.began() else { return Ok(()) };
        let now = builder.ended();
        if let Some(added) = builder.flush() {
            if self.tail.is_none() {
                let path = tail_path(&self.options.folder);
                let file = private(&path, self.options.mode)?;
                let header = header(builder, self.next_block, self.boot);
                self.tail = Some(TailFile::begin(file, &header)?);
            }
            if let Some(tail) = &mut self.tail {
                tail.add(&added, now)?;
            }
        }
        if builder.len() >= FULL_BLOCK || now.since(began) >= LONGEST_BLOCK {
            return self.end_block(true);
        }
        if Moment::now().since(self.synced) >= SYNC {
            self.synced = Moment::now();
            if let Some(tail) = &mut self.tail {
                tail.sync()?;
            }
        }
        Ok(())
    }

    /// Writes the block to its segment and begins another, or none at the end.
    fn end_block(&mut self, goes_on: bool) -> io::Result<()> {
        let Some(builder) = &self.builder else { return Ok(()) };
        let Some(began) = builder.began() else { return Ok(()) };
        let header = header(builder, self.next_block, self.boot);
        let marks = put_marks(began, builder.marks());
        let payload = builder.payload();
        let bytes = packed(&payload, &marks, header, LEVEL)?;
        let ended = SystemTime::now();
        self.append(&bytes, ended)?;
        self.next_block += 1;
        self.began.get_or_insert(began);
        self.written += bytes.len() as u64;
        if let Some(tail) = self.tail.take() {
            let _ = tail.into_file().set_len(0); // an old tail is known by its number
        }
        let old = self.builder.take();
        if goes_on {
            self.builder = old.map(BlockBuilder::next);
        }
        Ok(())
    }

    /// After an error: the block begins again with all that is known, in a tail of its own.
    pub fn begin_again(&mut self) {
        self.tail = None;
        self.segment = None;
        self.builder = self.builder.take().map(BlockBuilder::next);
    }

    fn append(&mut self, bytes: &[u8], ended: SystemTime) -> io::Result<()> {
        self.make_room(bytes.len() as u64);
        let largest = LARGEST_SEGMENT.min(self.options.size / 8).max(64 << 10);
        let is_full =
            self.segments.last().is_none_or(|last| last.bytes + bytes.len() as u64 > largest);
        if is_full {
            self.segment = None;
            let number = self.segments.last().map_or(1, |last| last.number + 1);
            let file = private(&segment_path(&self.options.folder, number), self.options.mode)?;
            file.set_len(0)?;
            file.write_all_at(&head(SEGMENT_MAGIC), 0)?;
            self.segment = Some(file);
            self.segments.push(WrittenSegment { number, bytes: SEGMENT_HEAD as u64, ended });
        }
        let Some(last) = self.segments.last_mut() else { return Ok(()) };
        let file = match self.segment.take() {
            Some(file) => file,
            None => private(&segment_path(&self.options.folder, last.number), self.options.mode)?,
        };
        let written = file.write_all_at(bytes, last.bytes).and_then(|()| file.sync_data());
        if let Err(error) = written {
            let _ = file.set_len(last.bytes); // half a block would be skipped as well
            return Err(error);
        }
        file.set_len(last.bytes + bytes.len() as u64)?;
        last.bytes += bytes.len() as u64;
        last.ended = last.ended.max(ended);
        self.segment = Some(file);
        Ok(())
    }

    /// Drops the oldest segments beyond the limits; the last one stays.
    fn make_room(&mut self, more: u64) {
        let oldest = SystemTime::now().checked_sub(self.options.keep).unwrap_or(UNIX_EPOCH);
        loop {
            let bytes: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
            let Some(first) = self.segments.first().filter(|_| self.segments.len() > 1) else {
                return;
            };
            if bytes + more <= self.options.size && first.ended >= oldest {
                return;
            }
            // one that is gone already needs no room
            let _ = fs::remove_file(segment_path(&self.options.folder, first.number));
            self.segments.remove(0);
        }
    }

    /// How long `recordsize` lasts at the present rate; `None` in the first minute.
    pub fn reach(&self) -> Option<Duration> {
        let span = self.builder.as_ref()?.ended().since(self.began?).as_secs_f64();
        if span < 60.0 || self.written == 0 {
            return None;
        }
        let seconds = self.options.size as f64 / (self.written as f64 / span);
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Ends the recording: what was taken becomes a block.
    ///
    /// # Errors
    /// It cannot be written; it is in the tail as far as that was flushed.
    pub fn close(mut self) -> io::Result<()> {
        self.flush()?;
        self.end_block(false)
    }

    /// What is recorded, and where to.
    pub fn options(&self) -> &RecordingOptions {
        &self.options
    }
}

/// The event that a recording begins with.
pub(crate) fn started() -> RecordedEvent {
    let text = format!("recording by manytop {}", env!("CARGO_PKG_VERSION"));
    RecordedEvent { kind: EventKind::Started, source: None, text }
}

fn header(builder: &BlockBuilder, number: u64, boot: u64) -> BlockHeader {
    BlockHeader {
        arranged: arrangement::COLUMNS,
        packed: 0,
        unpacked: 0,
        marks: 0,
        load: builder.load().map_or(f32::NAN, |load| load as f32),
        number,
        began: builder.began().unwrap_or_default(),
        ended: builder.ended(),
        clock: builder.began_clock(),
        boot,
        checksum: 0,
    }
}
