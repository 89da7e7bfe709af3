//! Bodies in, values of wanted series out.

use super::{
    KEY_MAX, KEYS_MAX, LINE_MAX, SERIES_MAX, line, number,
    oddities::{Oddities, Unknown},
    pool::{Pool, SeriesKey},
};
use crate::dialects::catalog::DialectCatalog;
use memchr::{memchr, memchr2, memrchr};
use std::sync::Arc;

/// What may come before the first line, and means nothing.
pub const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// All lines are looked at in one body of so many at most, and in none while the series stay the same.
const LOOKS_APART: u8 = 16;

/// What was left out of a body because it was too much.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LeftOut {
    /// Lines, or names with labels, beyond the longest.
    pub long: bool,
    /// Series beyond the cap.
    pub many: bool,
}

/// Reads the bodies of one remote, in chunks as they arrive. Between bodies it keeps a pointer and a
/// number for each wanted series.
#[derive(Debug)]
pub struct Decoder {
    catalog: Arc<DialectCatalog>,
    series: Vec<Arc<SeriesKey>>,
    /// Those of the series that have one.
    values: Vec<f64>,
    /// Wanted lines read of this body; those beyond are of the last one, and only predict.
    read: u32,
    /// How many of them have a value.
    valued: u32,
    key_bytes: u32,
    /// Keys of the last body that this one contradicted; most of them come again a few lines later.
    retired: Vec<Arc<SeriesKey>>,
    /// The beginning of a line that ends in the next chunk.
    tail: Vec<u8>,
    /// What is wrong with the lines, or was when all of them were looked at; most bodies have none of it.
    oddities: Option<Box<Oddities>>,
    skipping: bool,
    changed: bool,
    left_out: LeftOut,
    place: BodyPosition,
    /// Lines that no dialect wants are looked at in this body too.
    looks: bool,
    /// They should be: the wanted series are others than when they were looked at.
    due: bool,
    /// Bodies since they were looked at.
    rested: u8,
}

/// Where in a body the next line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BodyPosition {
    First,
    Further,
    /// Behind its `# EOF`.
    Ended,
}

impl Decoder {
    /// A decoder that knows nothing yet.
    pub fn new(catalog: Arc<DialectCatalog>) -> Decoder {
        Decoder {
            catalog,
            series: Vec::new(),
            values: Vec::new(),
            read: 0,
            valued: 0,
            key_bytes: 0,
            retired: Vec::new(),
            tail: Vec::new(),
            oddities: None,
            skipping: false,
            changed: false,
            left_out: LeftOut::default(),
            place: BodyPosition::First,
            looks: true,
            due: false,
            rested: 0,
        }
    }

    /// What all remotes share.
    pub fn catalog(&self) -> &Arc<DialectCatalog> {
        &self.catalog
    }

    /// Before the first chunk of a body. A body that was never ended is forgotten.
    pub fn begin(&mut self) {
        (self.read, self.valued) = (0, 0);
        self.tail.clear();
        self.skipping = false;
        self.left_out = LeftOut::default();
        self.place = BodyPosition::First;
        match &mut self.oddities {
            Some(_) if self.looks => self.oddities = None,
            Some(oddities) => oddities.begin(),
            None => {}
        }
    }

    /// The next chunk, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.place == BodyPosition::Ended {
            return;
        }
        let mut rest = chunk;
        if self.skipping || !self.tail.is_empty() {
            let Some(end) = memchr(b'\n', rest) else {
                return self.carry(rest);
            };
            self.carry(&rest[..end]);
            rest = &rest[end + 1..];
            self.carried();
        }
        let end = memrchr(b'\n', rest).map_or(0, |last| last + 1);
        self.lines(&rest[..end]);
        self.carry(&rest[end..]);
    }

    /// After the last chunk. Says whether the wanted series are others than last time.
    pub fn end(&mut self) -> bool {
        self.carried();
        self.tail = Vec::new();
        self.cut();
        if let Some(oddities) = self.oddities.as_mut().filter(|_| self.read > 0) {
            oddities.forget_seen();
        }
        self.oddities.take_if(|oddities| oddities.is_empty());
        // a body that was looked at is known, whatever has changed in it
        self.due = (self.due || self.changed) && !self.looks;
        self.rested = if self.looks { 0 } else { self.rested.saturating_add(1) };
        // of a body without any wanted line it has to be known what it holds instead
        let strange = self.read == 0 && self.rested > 0;
        self.looks = strange || (self.due && self.rested >= LOOKS_APART);
        if self.changed {
            self.series.shrink_to_fit();
            self.values.shrink_to_fit();
        }
        if !self.retired.is_empty() {
            self.catalog.pool().release(std::mem::take(&mut self.retired));
        }
        std::mem::take(&mut self.changed)
    }

    /// The wanted series of the last body, in its order.
    pub fn series(&self) -> &[Arc<SeriesKey>] {
        &self.series
    }

    /// The values of those that have one; NaN and infinities among them.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// What was too much.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// How many lines cannot be read, and the first of them, as it was when it was counted. Lines that no
    /// dialect wants are counted in the first body, and again when the wanted series have changed.
    pub fn unread(&self) -> (usize, &str) {
        self.oddities.as_deref().map_or((0, ""), Oddities::unread)
    }

    /// How many series a body has of which none is wanted, and how their names begin.
    pub fn seen(&self) -> Option<(usize, String)> {
        self.oddities.as_deref().and_then(Oddities::seen)
    }

    /// Whether all lines of the next body are looked at, or of this one before its end.
    pub fn looks(&self) -> bool {
        self.looks
    }

    /// Names of a kind that no row wants, as they were when all lines were looked at.
    pub fn unknown(&self) -> &[Unknown] {
        self.oddities.as_deref().map_or(&[], Oddities::unknown)
    }

    /// Forgets unknown names but those.
    pub fn retain_unknown(&mut self, keep: impl Fn(&[Arc<SeriesKey>], &Unknown) -> bool) {
        if let Some(oddities) = &mut self.oddities {
            let series = &self.series;
            oddities.retain_unknown(|unknown| keep(series, unknown));
            self.oddities.take_if(|oddities| oddities.is_empty());
        }
    }

    /// What it keeps between bodies, in bytes, the shared keys not among it.
    pub fn footprint(&self) -> usize {
        size_of::<Decoder>()
            + self.series.capacity() * size_of::<Arc<SeriesKey>>()
            + self.values.capacity() * size_of::<f64>()
            + self.retired.capacity() * size_of::<Arc<SeriesKey>>()
            + self.tail.capacity()
            + self.oddities.as_deref().map_or(0, Oddities::footprint)
    }

    fn carry(&mut self, part: &[u8]) {
        if self.skipping {
            return;
        }
        if self.tail.len() + part.len() > LINE_MAX {
            self.tail.clear();
            self.skipping = true;
            // Whether it was wanted cannot be told any more: its name is gone.
            self.left_out.long = true;
        } else {
            self.tail.extend_from_slice(part);
        }
    }

    /// The carried line has come to its end.
    fn carried(&mut self) {
        if !std::mem::take(&mut self.skipping) && !self.tail.is_empty() {
            let tail = std::mem::take(&mut self.tail);
            self.lines(&tail);
            self.tail = tail;
            self.tail.clear();
        }
    }

    /// Whole lines.
    fn lines(&mut self, text: &[u8]) {
        let mut at = 0;
        if self.place != BodyPosition::Further {
            if self.place == BodyPosition::First && !text.is_empty() {
                at = self.first(text);
            }
            if self.place == BodyPosition::Ended {
                return;
            }
        }
        while at < text.len() {
            let line = &text[at..];
            if line[0] == b'#' {
                let end = line::end(text, at);
                self.left_out.long |= end - at > LINE_MAX + 1;
                if line.starts_with(line::END) && line::is_end(&text[at..end]) {
                    self.place = BodyPosition::Ended;
                    return;
                }
                at = end;
            } else if let Some(end) = self.predicted(text, at) {
                at = end;
            } else if !self.catalog.filter().wants(line) {
                let end = line::end(text, at);
                self.left_out.long |= end - at > LINE_MAX + 1;
                if self.looks {
                    self.look(&text[at..end]);
                }
                at = end;
            } else {
                let end = line::end(text, at);
                self.learn(text[at..end].strip_suffix(b"\n").unwrap_or(&text[at..end]));
                at = end;
            }
        }
    }

    /// The beginning of a body: leaves out what means nothing, and takes carriage returns within the first
    /// line for the line ends that they are meant to be. Returns where the other lines begin.
    #[cold]
    fn first(&mut self, text: &[u8]) -> usize {
        self.place = BodyPosition::Further;
        let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let end = line::end(text, mark);
        let line = &text[mark..end];
        match memchr2(b'\r', b'\n', line) {
            Some(cr) if line[cr] == b'\r' && !line[cr..].trim_ascii().is_empty() => {
                let ends = |byte: &u8| if *byte == b'\r' { b'\n' } else { *byte };
                self.lines(&line.iter().map(ends).collect::<Vec<_>>());
                end
            }
            _ => mark,
        }
    }

    /// Reads the line at `at` if it is of the series that is expected next. Returns its end.
    #[inline]
    fn predicted(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let series = self.series.get(self.read as usize)?;
        let key = series.bytes();
        let line = &text[at..];
        if !line::begins(line, key) {
            return None;
        }
        let (value, length) = number::parse(&line[key.len()..])?;
        let after = at + key.len() + length;
        let end = match text.get(after) {
            Some(b'\n') => after + 1,
            _ => line::ended(text, after)?,
        };
        if end - at > LINE_MAX {
            return None;
        }
        if series.has_value {
            self.values[self.valued as usize] = value;
            self.valued += 1;
        }
        self.read += 1;
        Some(end)
    }

    /// A wanted line that is not the expected one.
    #[cold]
    fn learn(&mut self, line: &[u8]) {
        if line.len() > LINE_MAX {
            self.left_out.long = true;
            return;
        }
        if self.read as usize >= SERIES_MAX {
            self.left_out.many = true;
            return;
        }
        let Some((at, value)) = line::sample(line) else {
            return self.oddities.get_or_insert_default().add_wanted(line);
        };
        if at > KEY_MAX {
            self.left_out.long = true;
            return;
        }
        self.cut();
        if self.key_bytes as usize + at > KEYS_MAX {
            self.left_out.many = true;
            return;
        }
        let key = match self.catalog.pool().find(&line[..at]) {
            Some(key) => key,
            None => {
                let Some(key) = self.catalog.read(&line[..at]) else { return };
                key
            }
        };
        self.key_bytes += at as u32;
        if key.has_value {
            self.values.push(value);
            self.valued += 1;
        }
        self.series.push(key);
        self.read += 1;
        self.changed = true;
    }

    /// Gives up what was predicted beyond the last line read.
    fn cut(&mut self) {
        let read = self.read as usize;
        if self.series.len() > read {
            self.changed = true;
            for key in self.series.drain(read..) {
                self.key_bytes -= key.bytes().len() as u32;
                self.retired.push(key);
            }
            self.values.truncate(self.valued as usize);
        }
    }

    /// A line that no dialect wants: whether it can be read, and whether its kind is one that some dialect
    /// should know.
    #[cold]
    fn look(&mut self, line: &[u8]) {
        let text = line.trim_ascii();
        if text.is_empty() || text[0] == b'#' || line.len() > LINE_MAX {
            return;
        }
        if line::sample(line).is_none() {
            self.oddities.get_or_insert_default().add_unwanted(line);
            return;
        }
        if let Some(hint) = self.catalog.hints().find(text) {
            self.oddities.get_or_insert_default().add_unknown(hint, text);
        }
        if self.read == 0 {
            self.oddities.get_or_insert_default().add_seen(text);
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        let pool: &Pool = self.catalog.pool();
        pool.release(self.series.drain(..).chain(self.retired.drain(..)));
    }
}
