//! Where an answer's head ends, and where its body does (RFC 9112).

use super::{
    HttpError, ResponseHead,
    head::{Transfer, newer_version, parse},
};
use crate::http::response::BODY_MAX;
use httparse::{Status, parse_chunk_size};
use memchr::memchr;

/// The most bytes of a head, and of all heads before the last one.
const HEAD_MAX: usize = 64 * 1024;
/// The most heads that announce an answer ("100 Continue", "103 Early Hints").
const ANNOUNCED_MAX: usize = 16;
/// The most bytes of a chunk's size with its extensions, of all those lines beyond [`CHUNK_LINE`] each, and of
/// the fields after the last chunk.
const CHUNK_LINE_MAX: usize = 1024;
const CHUNK_LINE: usize = 16;
const EXTENSIONS_MAX: usize = 64 * 1024;
const TRAILER_MAX: usize = 16 * 1024;

/// What a step of reading brought.
#[derive(Debug)]
pub enum Step<'a> {
    /// The next bytes belong to the same thing.
    More,
    /// The head is whole.
    Head(ResponseHead),
    /// A part of the body.
    Body(&'a [u8]),
    /// The body has ended. What follows is no part of this answer.
    End,
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug)]
enum BodyFraming {
    Length(u64),
    Size,
    Chunk(u64),
    AfterChunk,
    Trailer(usize),
    UntilClosed,
}

/// An answer as it comes.
#[derive(Debug)]
pub struct HttpResponse {
    /// Of the head, or of a chunk's size: the beginning that an earlier read brought.
    begun: Vec<u8>,
    frame: Option<BodyFraming>,
    heard: bool,
    /// Heads that announced an answer, and their bytes.
    announced: (usize, usize),
    /// Bytes of chunk extensions.
    extensions: usize,
}

impl HttpResponse {
    /// Nothing has come yet.
    pub fn new() -> HttpResponse {
        HttpResponse {
            begun: Vec::new(),
            frame: None,
            heard: false,
            announced: (0, 0),
            extensions: 0,
        }
    }

    /// Whether its head has come to its end.
    pub fn has_head(&self) -> bool {
        self.frame.is_some()
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// In the middle of an answer.
    pub fn closed(&self) -> Result<(), HttpError> {
        match self.frame {
            Some(BodyFraming::UntilClosed) => Ok(()),
            Some(_) => Err(HttpError::BrokeOff),
            None if self.heard => Err(HttpError::BrokeOff),
            None => Err(HttpError::Silent),
        }
    }

    /// Takes what it can of `bytes`, at the most up to the end of one thing, and moves them on; of a body at
    /// the most `portion` bytes.
    ///
    /// # Errors
    /// This is not HTTP/1.
    pub fn step<'a>(
        &mut self,
        bytes: &mut &'a [u8],
        portion: usize,
    ) -> Result<Step<'a>, HttpError> {
        self.heard = true;
        match self.frame {
            None => self.head(bytes),
            Some(BodyFraming::Length(0)) => Ok(Step::End),
            Some(BodyFraming::Length(left)) => {
                Ok(Step::Body(self.part(bytes, portion, left, BodyFraming::Length)))
            }
            Some(BodyFraming::UntilClosed) => {
                Ok(Step::Body(self.part(bytes, portion, u64::MAX, |_| BodyFraming::UntilClosed)))
            }
            Some(BodyFraming::Chunk(0)) => {
                self.frame = Some(BodyFraming::AfterChunk);
                Ok(Step::More)
            }
            Some(BodyFraming::Chunk(left)) => {
                Ok(Step::Body(self.part(bytes, portion, left, BodyFraming::Chunk)))
            }
            Some(BodyFraming::AfterChunk) => {
                if let Some(line) = self.line(bytes, CHUNK_LINE_MAX, LONG_CHUNK)? {
                    self.frame = Some(BodyFraming::Size);
                    return if line.is_empty() { Ok(Step::More) } else { Err(LONG_CHUNK) };
                }
                Ok(Step::More)
            }
            Some(BodyFraming::Size) => {
                if let Some(mut line) = self.line(bytes, CHUNK_LINE_MAX, LONG_EXTENSIONS)? {
                    self.extensions += line.len().saturating_sub(CHUNK_LINE);
                    if self.extensions > EXTENSIONS_MAX {
                        return Err(LONG_EXTENSIONS);
                    }
                    line.extend_from_slice(b"\r\n");
                    self.frame = Some(match parse_chunk_size(&line) {
                        Ok(Status::Complete((_, 0))) => BodyFraming::Trailer(0),
                        Ok(Status::Complete((_, size))) if size > BODY_MAX as u64 => {
                            return Err(HttpError::LongBody);
                        }
                        Ok(Status::Complete((_, size))) => BodyFraming::Chunk(size),
                        _ => return Err(HttpError::Damaged("the size of a chunk is not a number")),
                    });
                }
                Ok(Step::More)
            }
            Some(BodyFraming::Trailer(long)) => {
                match self.line(bytes, TRAILER_MAX - long, LONG_TRAILER)? {
                    Some(line) if line.is_empty() => {
                        self.frame = Some(BodyFraming::Length(0));
                        Ok(Step::End)
                    }
                    Some(line) => {
                        self.frame =
                            Some(BodyFraming::Trailer((long + line.len()).min(TRAILER_MAX)));
                        Ok(Step::More)
                    }
                    None => Ok(Step::More),
                }
            }
        }
    }

    /// Whether a body of that length has ended before it began.
    pub fn is_over(&self) -> bool {
        matches!(self.frame, Some(BodyFraming::Length(0)))
    }

    fn part<'a>(
        &mut self,
        bytes: &mut &'a [u8],
        portion: usize,
        left: u64,
        frame: impl Fn(u64) -> BodyFraming,
    ) -> &'a [u8] {
        let most = portion.min(usize::try_from(left).unwrap_or(usize::MAX));
        let (part, rest) = bytes.split_at(bytes.len().min(most));
        *bytes = rest;
        self.frame = Some(frame(left - part.len() as u64));
        part
    }

    /// A line without its end; `None` until that has come. `too_long`: what it is when it is longer.
    fn line(
        &mut self,
        bytes: &mut &[u8],
        longest: usize,
        too_long: HttpError,
    ) -> Result<Option<Vec<u8>>, HttpError> {
        let end = memchr(b'\n', bytes);
        let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        *bytes = rest;
        if self.begun.len() + part.len() > longest {
            return Err(too_long);
        }
        self.begun.extend_from_slice(part);
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.begun);
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    fn head<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Step<'a>, HttpError> {
        let before = self.begun.len();
        if before > 0 || newer_version(bytes).is_some() {
            self.begun.extend_from_slice(bytes);
            if let Some(digit) = newer_version(&self.begun) {
                self.begun[digit] = b'1';
            }
        }
        let text = if self.begun.is_empty() { *bytes } else { &*self.begun };
        let (length, head) = match parse(text)? {
            Status::Complete(read) => read,
            Status::Partial if text.len() < HEAD_MAX => {
                if self.begun.is_empty() {
                    self.begun.extend_from_slice(bytes);
                }
                *bytes = &[];
                return Ok(Step::More);
            }
            Status::Partial => return Err(HttpError::LongHead),
        };
        *bytes = &bytes[length - before..];
        self.begun = Vec::new();
        if head.status.as_u16() == 101 {
            return Err(HttpError::Switches);
        }
        if head.status.is_informational() {
            let (heads, long) = &mut self.announced;
            (*heads, *long) = (*heads + 1, *long + length);
            return match *heads > ANNOUNCED_MAX || *long > HEAD_MAX {
                true => Err(HttpError::OnlyAnnounces),
                false => Ok(Step::More),
            };
        }
        self.frame = Some(match (&head.transfer, head.length) {
            (Transfer::Chunked, _) => BodyFraming::Size,
            _ if matches!(head.status.as_u16(), 204 | 304) => BodyFraming::Length(0),
            // Its status counts all the same.
            (Transfer::Unknown(_), _) if !head.status.is_success() => BodyFraming::UntilClosed,
            (Transfer::Unknown(way), _) => return Err(HttpError::Transfer(way.clone())),
            (_, Some(length)) => BodyFraming::Length(length),
            (_, None) => BodyFraming::UntilClosed,
        });
        let lasting = head.lasting && !matches!(self.frame, Some(BodyFraming::UntilClosed));
        Ok(Step::Head(ResponseHead { lasting, ..head }))
    }
}

const LONG_CHUNK: HttpError = HttpError::Damaged("a chunk is longer than its size");
const LONG_EXTENSIONS: HttpError =
    HttpError::Damaged("what is said beside the size of chunks is too long");
const LONG_TRAILER: HttpError = HttpError::Damaged("the fields after the body are too long");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::http1::head::Spoken;

    /// Status, body, and whether the answer ended; or what was wrong.
    fn hear(text: &[u8], cut: usize) -> Result<(u16, String, bool), HttpError> {
        let mut answer = HttpResponse::new();
        let (mut status, mut body) = (0, Vec::new());
        for mut bytes in text.chunks(cut) {
            while !bytes.is_empty() {
                match answer.step(&mut bytes, 1000)? {
                    Step::More => {}
                    Step::Head(head) => status = head.status.as_u16(),
                    Step::Body(part) => body.extend_from_slice(part),
                    Step::End => return Ok((status, String::from_utf8_lossy(&body).into(), true)),
                }
                if answer.is_over() {
                    return Ok((status, String::from_utf8_lossy(&body).into(), true));
                }
            }
        }
        answer.closed().map(|()| (status, String::from_utf8_lossy(&body).into(), false))
    }

    #[test]
    fn an_answer_is_the_same_however_it_is_cut() {
        let known: [(&str, (u16, &str, bool)); 9] = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", (200, "hello", true)),
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", (200, "", true)),
            ("HTTP/1.0 200 OK\r\n\r\nhello", (200, "hello", false)),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                 3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n",
                (200, "hello", true),
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                (200, "x", true),
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", (204, "", true)),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx",
                (200, "x", true),
            ),
            ("HTTP/1.2 200 OK\r\nContent-Length: 1\r\n\r\nx", (200, "x", true)),
            ("\r\nHTTP/1.7 200 OK\r\nX: a\r\n b\r\nContent-Length: 1\r\n\r\nx", (200, "x", true)),
        ];
        for (text, (status, body, ended)) in known {
            for cut in 1..=text.len() {
                let heard = hear(text.as_bytes(), cut).unwrap();
                assert_eq!(heard, (status, body.to_owned(), ended), "{text:?} by {cut}");
            }
        }
    }

    #[test]
    fn what_breaks_off_is_no_answer() {
        for (text, broken) in [
            ("", HttpError::Silent),
            ("HTTP/1.1 200 OK\r\nContent-Le", HttpError::BrokeOff),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", HttpError::BrokeOff),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n",
                HttpError::BrokeOff,
            ),
        ] {
            let heard = hear(text.as_bytes(), 7);
            assert_eq!(format!("{:?}", heard.unwrap_err()), format!("{broken:?}"), "{text:?}");
        }
    }

    #[test]
    fn other_protocols_are_refused_and_nothing_grows_without_end() {
        let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}");
        let chunked = |rest: &str| head(&format!("Transfer-Encoding: chunked\r\n\r\n{rest}"));
        let size = HttpError::Damaged("the size of a chunk is not a number");
        let length = HttpError::Damaged("Content-Length is not one number");
        let extended = format!("1;{}\r\nx\r\n", "y".repeat(CHUNK_LINE_MAX - 10));
        for (text, broken) in [
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(), HttpError::NoHttp(Spoken::Ssh)),
            ("\u{15}\u{3}\u{1}".to_owned(), HttpError::NoHttp(Spoken::Tls)),
            (head(&format!("X: {}", "y".repeat(HEAD_MAX))), HttpError::LongHead),
            (head(&"X: y\r\n".repeat(110)), HttpError::ManyHeaders),
            (head("Content-Length: -1\r\n\r\n"), length),
            (head("Transfer-Encoding: xy\r\n\r\n"), HttpError::Transfer("xy".into())),
            ("HTTP/1.1 102 P\r\n\r\n".repeat(ANNOUNCED_MAX + 1), HttpError::OnlyAnnounces),
            (
                format!("HTTP/1.1 103 E\r\nX: {}\r\n\r\n", "y".repeat(60_000)).repeat(2),
                HttpError::OnlyAnnounces,
            ),
            ("HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n".to_owned(), HttpError::Switches),
            (chunked("zz\r\n"), size),
            (
                chunked("fffffffffffffffff\r\n"),
                HttpError::Damaged("the size of a chunk is not a number"),
            ),
            (chunked("ffffffffffffffff\r\nup 1\n"), HttpError::LongBody),
            (chunked("1\r\nabc\r\n"), LONG_CHUNK),
            (chunked(&"1".repeat(2 * CHUNK_LINE_MAX)), LONG_EXTENSIONS),
            (chunked(&extended.repeat(EXTENSIONS_MAX / 900)), LONG_EXTENSIONS),
            (chunked(&format!("0\r\n{}", "A: b\r\n".repeat(TRAILER_MAX))), LONG_TRAILER),
        ] {
            for cut in [1000, 100_000] {
                let heard = hear(text.as_bytes(), cut);
                let shown = &text[..text.len().min(60)];
                assert_eq!(format!("{:?}", heard.unwrap_err()), format!("{broken:?}"), "{shown:?}");
            }
        }
    }
}
