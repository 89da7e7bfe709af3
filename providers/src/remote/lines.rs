//! Lines of a body that comes in chunks, and how often something is measured.

use crate::exposition::{LINE_MAX, decoder::BYTE_ORDER_MARK, line};
use memchr::memchr;
use std::time::Duration;

/// Puts the lines of a body together. Lines that are too long are left out.
#[derive(Default, Debug)]
pub struct LineBuffer {
    /// The beginning of a line whose end is in the next chunk.
    tail: Vec<u8>,
    skipping: bool,
    begun: bool,
    /// The body says that it has come to its end.
    ended: bool,
}

impl LineBuffer {
    /// Before the first chunk of a body.
    pub fn begin(&mut self) {
        *self = LineBuffer { tail: std::mem::take(&mut self.tail), ..LineBuffer::default() };
        self.tail.clear();
    }

    /// The next chunk, cut anywhere: hands each whole line on, its end included.
    pub fn feed(&mut self, mut chunk: &[u8], mut take: impl FnMut(&[u8])) {
        while let Some(end) = memchr(b'\n', chunk) {
            let (line, rest) = chunk.split_at(end + 1);
            chunk = rest;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if self.tail.is_empty() {
                self.line(line, &mut take);
            } else {
                let mut tail = std::mem::take(&mut self.tail);
                tail.extend_from_slice(line);
                self.line(&tail, &mut take);
                tail.clear();
                self.tail = tail;
            }
        }
        if self.skipping || self.tail.len() + chunk.len() > LINE_MAX {
            self.tail.clear();
            self.skipping = true;
        } else {
            self.tail.extend_from_slice(chunk);
        }
    }

    /// After the last chunk: the last line may have no end.
    pub fn end(&mut self, mut take: impl FnMut(&[u8])) {
        let mut tail = std::mem::take(&mut self.tail);
        if !tail.is_empty() && !self.skipping {
            tail.push(b'\n');
            self.line(&tail, &mut take);
        }
    }

    fn line(&mut self, line: &[u8], take: &mut impl FnMut(&[u8])) {
        let first = !std::mem::replace(&mut self.begun, true);
        let line = if first { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        self.ended |= line::is_end(line);
        if !self.ended {
            take(line);
        }
    }
}

/// The time between two samples, measured by their times.
#[derive(Default, Debug)]
pub struct Measured {
    last: Option<f64>,
    span: Option<f64>,
}

impl Measured {
    /// Takes the time of a sample, in seconds. Returns whether it is another one than the last.
    pub fn add(&mut self, at: f64) -> bool {
        let before = self.last.replace(at);
        let Some(before) = before else { return true };
        if at > before {
            let span = at - before;
            self.span = Some(self.span.map_or(span, |known| {
                if span < known { span } else { (known * 3.0 + span) / 4.0 }
            }));
        }
        at != before
    }

    /// The time between two, once there were two.
    pub fn span(&self) -> Option<Duration> {
        self.span.and_then(|span| Duration::try_from_secs_f64(span).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_the_body_is_cut() {
        let body = format!("\u{feff}a 1\n{}\nb 2\nc 3\n# EOF\nd 4\n", "x".repeat(LINE_MAX + 9));
        for cut in [1, 7, 64 * 1024, body.len()] {
            let (mut buffer, mut lines) = (LineBuffer::default(), Vec::new());
            for _ in 0..2 {
                lines.clear();
                buffer.begin();
                let mut take = |line: &[u8]| lines.push(String::from_utf8_lossy(line).into_owned());
                body.as_bytes().chunks(cut).for_each(|chunk| buffer.feed(chunk, &mut take));
                buffer.end(&mut take);
                lines.retain(|line| line.len() < LINE_MAX);
                assert_eq!(lines, ["a 1\n", "b 2\n", "c 3\n"], "{cut}");
            }
        }
        let (mut buffer, mut last) = (LineBuffer::default(), Vec::new());
        buffer.feed(b"a 1", |_| {});
        buffer.end(|line| last.extend_from_slice(line));
        assert_eq!(last, b"a 1\n", "without an end");
    }

    #[test]
    fn the_span_follows_what_is_measured() {
        let mut pace = Measured::default();
        assert!(pace.add(10.0) && pace.span().is_none());
        assert!(!pace.add(10.0), "the same sample");
        assert!(pace.add(25.0));
        assert_eq!(pace.span(), Some(Duration::from_secs(15)));
    }
}
