//! A block while it is read: entries of the structure, and values out of their columns, become sources.

mod devices;
mod sources;

use crate::{
    error::Damage,
    event::RecordedEvent,
    format::{arrangement, tag},
    names::NameCatalog,
    wire::ByteReader,
};
use devices::{DeviceState, FeedState};
use manytop_core::{
    clock::Moment,
    reading::{Kind, Metric, Text},
    view::Device,
};
use sources::SourceState;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A block describes at most so many columns, devices and sources.
const MOST_COLUMNS: usize = 1 << 20;
const MOST_DEVICES: usize = 1 << 18;
const MOST_SOURCES: usize = 1 << 16;

/// Where values come from.
#[derive(Debug)]
enum ValueSource {
    /// The place of the next value of each column, and the end of the column.
    Columns(Vec<(usize, usize)>),
    /// The place of the next value.
    Rows(usize),
}

/// What a block holds, entry by entry.
#[derive(Debug, PartialEq)]
pub(crate) enum BlockEntry {
    /// What follows happened at this moment.
    Tick(Moment),
    /// An answer: the number of the feed.
    Frame(usize),
    /// Something happened.
    Event(RecordedEvent),
    /// A name, the health of an instance, a source that came or went.
    Other,
}

/// The bytes of a block, and the state of all sources up to a place in them.
pub(crate) struct BlockDecoder {
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    values: ValueSource,
    columns: usize,
    strings: Vec<Arc<str>>,
    kinds: Vec<Kind>,
    metrics: Vec<&'static Metric>,
    texts: Vec<&'static Text>,
    schemas: Vec<Vec<&'static Metric>>,
    sources: BTreeMap<usize, SourceState>,
    feeds: Vec<FeedState>,
    devices: usize,
    now: Moment,
    clock: i64,
}

impl BlockDecoder {
    /// For the bytes of a block, unpacked. `shift` is added to all its moments; the first of them and the
    /// wall clock are in the header.
    pub(crate) fn new(
        bytes: Vec<u8>,
        arranged: u8,
        (began, shift, clock): (Moment, i64, i64),
    ) -> Result<BlockDecoder, Damage> {
        let mut reader = ByteReader::new(&bytes, 0);
        let length = reader.count()?;
        let start = reader.at;
        reader.take(length)?;
        let values = match arranged {
            arrangement::ROWS => ValueSource::Rows(reader.at),
            arrangement::COLUMNS => {
                let count = reader.count()?;
                if count > MOST_COLUMNS {
                    return Err(Damage("has too many columns"));
                }
                let lengths: Vec<usize> =
                    (0..count).map(|_| reader.index()).collect::<Result<_, _>>()?;
                let mut at = reader.at;
                let mut columns = Vec::with_capacity(count);
                for length in lengths {
                    let end = at.checked_add(length).filter(|end| *end <= bytes.len());
                    let end = end.ok_or(Damage("has a column that ends too early"))?;
                    columns.push((at, end));
                    at = end;
                }
                ValueSource::Columns(columns)
            }
            _ => return Err(Damage("has an unknown arrangement of values")),
        };
        Ok(BlockDecoder {
            at: start,
            end: start + length,
            bytes,
            values,
            columns: 0,
            strings: Vec::new(),
            kinds: Vec::new(),
            metrics: Vec::new(),
            texts: Vec::new(),
            schemas: Vec::new(),
            sources: BTreeMap::new(),
            feeds: Vec::new(),
            devices: 0,
            now: shifted(began, shift),
            clock,
        })
    }

    /// The moment of the last tick.
    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// Wall minus monotonic time of the recording, nanoseconds, at the last tick.
    pub(crate) fn clock(&self) -> i64 {
        self.clock
    }

    /// The moment of the next tick, where the next entry is one; `None` at the end and elsewhere.
    pub(crate) fn next_tick(&self) -> Option<Moment> {
        let mut reader = ByteReader::new(self.bytes.get(..self.end)?, self.at);
        if reader.byte().ok()? != tag::TICK {
            return None;
        }
        Some(self.now + Duration::from_nanos(reader.u64().ok()?))
    }

    /// The next entry; `None` at the end.
    pub(crate) fn next(&mut self, catalog: &mut NameCatalog) -> Result<Option<BlockEntry>, Damage> {
        // the bytes are lent out while the state changes
        let bytes = std::mem::take(&mut self.bytes);
        let next = self.entry(&bytes, catalog);
        self.bytes = bytes;
        next
    }

    /// Reads all entries up to a moment, that of the moment included.
    pub(crate) fn run_until(
        &mut self,
        until: Moment,
        catalog: &mut NameCatalog,
        mut each: impl FnMut(&BlockDecoder, BlockEntry),
    ) -> Result<(), Damage> {
        while self.next_tick().is_none_or(|next| next <= until) {
            match self.next(catalog)? {
                Some(entry) => each(self, entry),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        bytes: &[u8],
        catalog: &mut NameCatalog,
    ) -> Result<Option<BlockEntry>, Damage> {
        let structure = bytes.get(..self.end).ok_or(Damage("ends too early"))?;
        let mut reader = ByteReader::new(structure, self.at);
        if reader.is_at_end() {
            return Ok(None);
        }
        let mut entry = BlockEntry::Other;
        match reader.byte()? {
            tag::TICK => {
                let nanos = reader.u64()?;
                let moment = self.now.as_nanos().checked_add(nanos);
                self.now = Moment::from_nanos(moment.ok_or(Damage("has an impossible time"))?);
                entry = BlockEntry::Tick(self.now);
            }
            tag::CLOCK => self.clock = reader.i64()?,
            tag::STRING => self.strings.push(reader.str()?.into()),
            tag::KIND => {
                let word = reader.str()?;
                let transient = reader.byte()? == 1;
                self.kinds.push(catalog.kind(word, transient)?);
            }
            tag::METRIC => {
                let metric = catalog.metric(&mut reader, &self.metrics)?;
                self.metrics.push(metric);
            }
            tag::TEXT => {
                let name = reader.str()?;
                let long = reader.byte()? == 1;
                self.texts.push(catalog.text(name, long)?);
            }
            tag::SCHEMA => {
                let count = reader.count()?;
                let metrics = (0..count).map(|_| self.metric(&mut reader));
                self.schemas.push(metrics.collect::<Result<_, _>>()?);
            }
            tag::SOURCE => self.source(&mut reader)?,
            tag::SOURCE_GONE => self.source_gone(reader.index()?),
            tag::FEED => self.feed(&mut reader, catalog)?,
            tag::FEEDS => self.instances(&mut reader)?,
            tag::META => self.meta(&mut reader, catalog)?,
            tag::HEALTH => self.health(&mut reader)?,
            tag::FRAME => entry = BlockEntry::Frame(self.frame(&mut reader, bytes)?),
            tag::EVENT => entry = BlockEntry::Event(RecordedEvent::read(&mut reader)?),
            _ => return Err(Damage("has an unknown entry")),
        }
        self.at = reader.at;
        Ok(Some(entry))
    }

    fn string(&self, reader: &mut ByteReader<'_>) -> Result<Arc<str>, Damage> {
        let number = reader.index()?;
        self.strings.get(number).cloned().ok_or(Damage("names a text that it does not have"))
    }

    fn metric(&self, reader: &mut ByteReader<'_>) -> Result<&'static Metric, Damage> {
        let number = reader.index()?;
        let known = self.metrics.get(number).copied();
        known.ok_or(Damage("names a quantity that it does not have"))
    }

    /// A moment, written as its distance to the last tick.
    fn moment(&self, reader: &mut ByteReader<'_>) -> Result<Moment, Damage> {
        let distance = reader.i64()?;
        Ok(Moment::from_nanos(self.now.as_nanos().saturating_add_signed(distance.saturating_neg())))
    }

    /// The devices of a feed after its last frame, and the source it belongs to.
    pub(crate) fn devices_of(&self, feed: usize) -> impl Iterator<Item = &Device> {
        self.feeds.get(feed).into_iter().flat_map(FeedState::devices)
    }
}

/// A moment of a recording on the axis of all its runs.
pub(crate) fn shifted(moment: Moment, shift: i64) -> Moment {
    Moment::from_nanos(moment.as_nanos().saturating_add_signed(shift))
}

impl DeviceState {
    /// The device.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }
}
