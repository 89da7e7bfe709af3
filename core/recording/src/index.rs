//! All blocks of a recording, by their headers: enough to find any moment without unpacking anything.

mod scan;

use crate::{
    decode::{BlockDecoder, shifted},
    error::{Damage, RecordingError},
    event::RecordedEvent,
    segment::{BlockHeader, BlockPlace, open_segment, read_block, segment_path},
    tail::TailContent,
    walls::{shown, wall_of},
};
use manytop_core::clock::Moment;
use std::{
    fs::File,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Moments are shifted by multiples of this many nanoseconds, 16 minutes: the columns of a graph, of up to 64 s,
/// and the minutes of its means hold the same samples as they did when it was live.
const ALIGNED: i64 = 960_000_000_000;

/// A block on the axis of all runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexedBlock {
    pub place: BlockPlace,
    /// What is added to the moments in it: 0 where monotonic time is the axis.
    pub shift: i64,
}

impl IndexedBlock {
    pub(crate) fn began(&self) -> Moment {
        shifted(self.place.header.began, self.shift)
    }

    pub(crate) fn ended(&self) -> Moment {
        shifted(self.place.header.ended, self.shift)
    }

    /// Wall minus axis.
    fn clock(&self) -> i64 {
        self.place.header.clock.saturating_sub(self.shift)
    }
}

/// The headers of a recording.
pub struct RecordingIndex {
    folder: PathBuf,
    blocks: Vec<IndexedBlock>,
    /// Events of the blocks, on the axis.
    marks: Vec<(Moment, RecordedEvent)>,
    tail: Option<(TailContent, i64)>,
    tail_marks: Vec<(Moment, RecordedEvent)>,
    /// The segment that was read last, and up to where.
    read: (u64, u64),
    notices: Vec<String>,
    open: Option<(u64, File)>,
}

impl RecordingIndex {
    fn empty(folder: PathBuf) -> RecordingIndex {
        RecordingIndex {
            folder,
            blocks: Vec::new(),
            marks: Vec::new(),
            tail: None,
            tail_marks: Vec::new(),
            read: (0, 0),
            notices: Vec::new(),
            open: None,
        }
    }

    /// What puts a block behind the one before: monotonic time goes on within a boot; another boot begins
    /// at its wall time, but never before the end of the last.
    fn shift(&self, header: &BlockHeader) -> i64 {
        let clock = header.clock.saturating_sub(header.clock.rem_euclid(ALIGNED));
        let Some(last) = self.blocks.last() else { return clock };
        if last.place.header.boot == header.boot && last.place.header.ended <= header.began {
            return last.shift;
        }
        let short = last.ended().since(shifted(header.began, clock)).as_nanos() as i64;
        let steps = short.saturating_add(ALIGNED - 1) / ALIGNED;
        clock.saturating_add(steps * ALIGNED)
    }

    /// How many blocks there are, the tail included.
    pub fn len(&self) -> usize {
        self.blocks.len() + usize::from(self.tail.is_some())
    }

    /// Whether the index is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all blocks.
    pub fn bytes(&self) -> u64 {
        self.blocks.iter().map(|block| block.place.header.size()).sum()
    }

    /// First and last moment of a block.
    pub(crate) fn span_of(&self, block: usize) -> Option<(Moment, Moment)> {
        match self.blocks.get(block) {
            Some(block) => Some((block.began(), block.ended())),
            None => {
                self.tail.as_ref().filter(|_| block == self.blocks.len()).map(|(tail, shift)| {
                    (shifted(tail.header.began, *shift), shifted(tail.header.ended, *shift))
                })
            }
        }
    }

    /// First and last moment of the recording.
    pub fn span(&self) -> Option<(Moment, Moment)> {
        let (first, _) = self.span_of(0)?;
        let (_, last) = self.span_of(self.len() - 1)?;
        Some((first, last))
    }

    /// The block that holds a moment, or the last one before it; the first, for an earlier moment.
    pub(crate) fn block_at(&self, at: Moment) -> usize {
        let after = self.blocks.partition_point(|block| block.began() <= at);
        match &self.tail {
            Some((tail, shift)) if shifted(tail.header.began, *shift) <= at => self.blocks.len(),
            _ => after.saturating_sub(1),
        }
    }

    /// A block, unpacked.
    ///
    /// # Errors
    /// It is damaged: in words for a person, with its file and time.
    pub(crate) fn decoder(&mut self, block: usize) -> Result<BlockDecoder, String> {
        if let Some((tail, shift)) = self.tail.as_ref().filter(|_| block == self.blocks.len()) {
            let began = (tail.header.began, *shift, tail.header.clock);
            let decoder = BlockDecoder::new(tail.payload.clone(), tail.header.arranged, began);
            return decoder.map_err(|damage| self.damaged(block, damage));
        }
        let indexed = *self.blocks.get(block).ok_or("the recording is shorter than before")?;
        let IndexedBlock { place, shift } = indexed;
        if self.open.as_ref().is_none_or(|(number, _)| *number != place.segment) {
            let file = open_segment(&self.folder, place.segment).map_err(|e| e.to_string())?;
            self.open = Some((place.segment, file));
        }
        let (_, file) = self.open.as_ref().ok_or("the segment is not open")?;
        let bytes = match read_block(file, &place) {
            Ok(read) => read.map_err(|damage| self.damaged(block, damage))?,
            Err(error) => {
                let path = segment_path(&self.folder, place.segment);
                return Err(RecordingError::io("read", &path, &error).to_string());
            }
        };
        let began = (place.header.began, shift, place.header.clock);
        let decoder = BlockDecoder::new(bytes, place.header.arranged, began);
        decoder.map_err(|damage| self.damaged(block, damage))
    }

    /// What is added to the moments of a block.
    pub(crate) fn clock_shift(&self, block: usize) -> i64 {
        match self.blocks.get(block) {
            Some(block) => block.shift,
            None => self.tail.as_ref().map_or(0, |(_, shift)| *shift),
        }
    }

    /// What to say of a damaged block.
    pub(crate) fn damaged(&self, block: usize, damage: Damage) -> String {
        let (path, offset) = match self.blocks.get(block) {
            Some(block) => (segment_path(&self.folder, block.place.segment), block.place.offset),
            None => (crate::tail::tail_path(&self.folder), 0),
        };
        let span = self.span_of(block).map_or(String::new(), |(from, to)| {
            format!(": skipped from {} to {}", shown(self.wall(from)), shown(self.wall(to)))
        });
        format!("{}: the block at byte {offset} {damage}{span}", path.display())
    }

    /// Events from one moment to another, oldest first.
    pub fn events(
        &self,
        from: Moment,
        to: Moment,
    ) -> impl Iterator<Item = &(Moment, RecordedEvent)> {
        let all = self.marks.iter().chain(&self.tail_marks);
        all.filter(move |(at, _)| (from..=to).contains(at))
    }

    /// The mean load of this machine in the blocks that touch a span.
    pub(crate) fn load(&self, from: Moment, to: Moment) -> Option<f64> {
        let first = self.blocks.partition_point(|block| block.ended() < from);
        let blocks = self.blocks.get(first..)?.iter().take_while(|block| block.began() <= to);
        let loads = blocks.map(|block| f64::from(block.place.header.load)).filter(|l| !l.is_nan());
        let (sum, count) = loads.fold((0.0, 0_u32), |(sum, count), load| (sum + load, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }

    /// The time on the wall clock at a moment.
    pub fn wall(&self, at: Moment) -> SystemTime {
        let block = self.block_at(at);
        let clock = match self.blocks.get(block) {
            Some(block) => block.clock(),
            None => self.tail.as_ref().map_or(0, |(tail, shift)| tail.header.clock - shift),
        };
        wall_of(at, clock)
    }

    /// The moment of a time on the wall clock: the last one, where the clock was set back.
    pub fn moment(&self, wall: SystemTime) -> Moment {
        let nanos = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let at =
            |clock: i64| Moment::from_nanos(nanos.saturating_add_signed(clock.saturating_neg()));
        if let Some((tail, shift)) = &self.tail {
            let found = at(tail.header.clock.saturating_sub(*shift));
            if found >= shifted(tail.header.began, *shift) {
                return found;
            }
        }
        let mut next: Option<Moment> = None;
        for block in self.blocks.iter().rev() {
            let found = at(block.clock());
            if found >= block.began() {
                return next.map_or(found, |next| found.min(next.before(Duration::from_nanos(1))));
            }
            next = Some(block.began());
        }
        at(self.blocks.first().map_or(0, IndexedBlock::clock))
    }

    /// What could not be read since the last call.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    pub(crate) fn note(&mut self, notice: String) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// The headers, for the writer.
    pub(crate) fn blocks(&self) -> &[IndexedBlock] {
        &self.blocks
    }
}
