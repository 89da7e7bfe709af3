//! Bodies in, values of wanted series out.

use super::{
    KEY_MAX, KEYS_MAX, LINE_MAX, SERIES_MAX, line, number,
    pool::{Key, Pool},
};
use crate::remote::lexicon::Lexicon;
use memchr::{memchr, memrchr};
use std::sync::Arc;

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
    lexicon: Arc<Lexicon>,
    series: Vec<Arc<Key>>,
    values: Vec<f64>,
    /// Wanted lines read of this body; those beyond are of the last one, and only predict.
    read: usize,
    key_bytes: usize,
    /// Keys of the last body that this one contradicted; most of them come again a few lines later.
    retired: Vec<Arc<Key>>,
    /// The beginning of a line whose end is in the next chunk.
    tail: Vec<u8>,
    skipping: bool,
    changed: bool,
    left_out: LeftOut,
}

impl Decoder {
    /// A decoder that knows nothing yet.
    pub fn new(lexicon: Arc<Lexicon>) -> Decoder {
        Decoder {
            lexicon,
            series: Vec::new(),
            values: Vec::new(),
            read: 0,
            key_bytes: 0,
            retired: Vec::new(),
            tail: Vec::new(),
            skipping: false,
            changed: false,
            left_out: LeftOut::default(),
        }
    }

    /// What all remotes share.
    pub fn lexicon(&self) -> &Arc<Lexicon> {
        &self.lexicon
    }

    /// Before the first chunk of a body. A body that was never ended is forgotten.
    pub fn begin(&mut self) {
        self.read = 0;
        self.tail.clear();
        self.skipping = false;
        self.left_out = LeftOut::default();
    }

    /// The next chunk, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
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
        if self.changed {
            self.series.shrink_to_fit();
            self.values.shrink_to_fit();
        }
        if !self.retired.is_empty() {
            self.lexicon.pool().release(std::mem::take(&mut self.retired));
        }
        std::mem::take(&mut self.changed)
    }

    /// The wanted series of the last body, in its order.
    pub fn series(&self) -> &[Arc<Key>] {
        &self.series
    }

    /// Their values; NaN and infinities among them.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// What was too much.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// What it keeps between bodies, in bytes, the shared keys not among it.
    pub fn footprint(&self) -> usize {
        size_of::<Decoder>()
            + self.series.capacity() * size_of::<Arc<Key>>()
            + self.values.capacity() * size_of::<f64>()
            + self.retired.capacity() * size_of::<Arc<Key>>()
            + self.tail.capacity()
    }

    fn carry(&mut self, part: &[u8]) {
        if self.skipping {
            return;
        }
        if self.tail.len() + part.len() > LINE_MAX {
            self.tail.clear();
            self.skipping = true;
            // Only a line that was wanted is missed by anybody, but its name is gone by now.
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
        while at < text.len() {
            if let Some(end) = self.predicted(text, at) {
                at = end;
                continue;
            }
            let line = &text[at..];
            if line[0] == b'#' || !self.lexicon.filter().wants(line) {
                let end = line_end(text, at);
                self.left_out.long |= end - at > LINE_MAX + 1;
                at = end;
            } else {
                let end = line_end(text, at);
                self.learn(text[at..end].strip_suffix(b"\n").unwrap_or(&text[at..end]));
                at = end;
            }
        }
    }

    /// Reads the line at `at` if it is of the series that is expected next. Returns its end.
    #[inline]
    fn predicted(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let key = self.series.get(self.read)?.bytes();
        let line = &text[at..];
        if !line.starts_with(key) {
            return None;
        }
        let (value, length) = number::parse(&line[key.len()..])?;
        let after = at + key.len() + length;
        let end = if text.get(after) == Some(&b'\n') { after + 1 } else { line_end(text, after) };
        if end - at > LINE_MAX {
            return None;
        }
        self.values[self.read] = value;
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
        if self.read >= SERIES_MAX {
            self.left_out.many = true;
            return;
        }
        let Some(at) = line::value_at(line) else { return };
        let Some((value, _)) = number::parse(&line[at..]) else { return };
        if at > KEY_MAX {
            self.left_out.long = true;
            return;
        }
        self.cut();
        if self.key_bytes + at > KEYS_MAX {
            self.left_out.many = true;
            return;
        }
        let key = match self.lexicon.pool().find(&line[..at]) {
            Some(key) => key,
            None => {
                let Some(key) = self.lexicon.read(&line[..at]) else { return };
                key
            }
        };
        self.key_bytes += at;
        self.series.push(key);
        self.values.push(value);
        self.read += 1;
        self.changed = true;
    }

    /// Gives up what was predicted beyond the last line read.
    fn cut(&mut self) {
        if self.series.len() > self.read {
            self.changed = true;
            for key in self.series.drain(self.read..) {
                self.key_bytes -= key.bytes().len();
                self.retired.push(key);
            }
            self.values.truncate(self.read);
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        let pool: &Pool = self.lexicon.pool();
        pool.release(self.series.drain(..).chain(self.retired.drain(..)));
    }
}

#[inline]
fn line_end(text: &[u8], from: usize) -> usize {
    memchr(b'\n', &text[from..]).map_or(text.len(), |n| from + n + 1)
}
