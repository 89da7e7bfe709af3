//! Where an answer's head ends, and where its body does (RFC 9112).

use super::{Broken, Head};
use httparse::{EMPTY_HEADER, Error, Response, Status, parse_chunk_size};
use memchr::memchr;
use reqwest::StatusCode;

/// Heads that are longer than this are no heads, in bytes.
const HEAD_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;
/// A chunk's size, with whatever extensions; and the fields after the last chunk.
const CHUNK_LINE_MAX: usize = 1024;
const TRAILER_MAX: usize = 16 * 1024;

/// What a step of reading brought.
#[derive(Debug)]
pub enum Step<'a> {
    /// The next bytes belong to the same thing.
    More,
    /// The head is whole.
    Head(Head),
    /// A part of the body.
    Body(&'a [u8]),
    /// The body has ended. What follows is no part of this answer.
    End,
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug)]
enum Frame {
    Length(u64),
    Size,
    Chunk(u64),
    AfterChunk,
    Trailer(usize),
    UntilClosed,
}

/// An answer as it comes.
#[derive(Debug)]
pub struct Answer {
    /// Of the head, or of a chunk's size: the beginning that an earlier read brought.
    begun: Vec<u8>,
    frame: Option<Frame>,
    heard: bool,
}

impl Answer {
    /// Nothing has come yet.
    pub fn new() -> Answer {
        Answer { begun: Vec::new(), frame: None, heard: false }
    }

    /// Whether anything has come.
    pub fn has_begun(&self) -> bool {
        self.heard
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// In the middle of an answer.
    pub fn closed(&self) -> Result<(), Broken> {
        match self.frame {
            Some(Frame::UntilClosed) => Ok(()),
            Some(_) => Err(Broken::BrokeOff),
            None if self.heard => Err(Broken::BrokeOff),
            None => Err(Broken::Silent),
        }
    }

    /// Takes what it can of `bytes`, at the most up to the end of one thing, and moves them on.
    ///
    /// # Errors
    /// This is not HTTP/1.
    pub fn step<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Step<'a>, Broken> {
        self.heard = true;
        match self.frame {
            None => self.head(bytes),
            Some(Frame::Length(0)) => Ok(Step::End),
            Some(Frame::Length(left)) => Ok(Step::Body(self.part(bytes, left, Frame::Length))),
            Some(Frame::UntilClosed) => Ok(Step::Body(std::mem::take(bytes))),
            Some(Frame::Chunk(0)) => {
                self.frame = Some(Frame::AfterChunk);
                Ok(Step::More)
            }
            Some(Frame::Chunk(left)) => Ok(Step::Body(self.part(bytes, left, Frame::Chunk))),
            Some(Frame::AfterChunk) => {
                if let Some(line) = self.line(bytes, CHUNK_LINE_MAX)? {
                    self.frame = Some(Frame::Size);
                    return if line.is_empty() { Ok(Step::More) } else { Err(Broken::Damaged) };
                }
                Ok(Step::More)
            }
            Some(Frame::Size) => {
                if let Some(mut line) = self.line(bytes, CHUNK_LINE_MAX)? {
                    line.extend_from_slice(b"\r\n");
                    self.frame = Some(match parse_chunk_size(&line) {
                        Ok(Status::Complete((_, 0))) => Frame::Trailer(0),
                        Ok(Status::Complete((_, size))) => Frame::Chunk(size),
                        _ => return Err(Broken::Damaged),
                    });
                }
                Ok(Step::More)
            }
            Some(Frame::Trailer(long)) => match self.line(bytes, TRAILER_MAX - long)? {
                Some(line) if line.is_empty() => {
                    self.frame = Some(Frame::Length(0));
                    Ok(Step::End)
                }
                Some(line) => {
                    self.frame = Some(Frame::Trailer((long + line.len()).min(TRAILER_MAX)));
                    Ok(Step::More)
                }
                None => Ok(Step::More),
            },
        }
    }

    /// Whether a body of that length has ended before it began.
    pub fn is_over(&self) -> bool {
        matches!(self.frame, Some(Frame::Length(0)))
    }

    fn part<'a>(
        &mut self,
        bytes: &mut &'a [u8],
        left: u64,
        frame: impl Fn(u64) -> Frame,
    ) -> &'a [u8] {
        let (part, rest) =
            bytes.split_at(bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
        *bytes = rest;
        self.frame = Some(frame(left - part.len() as u64));
        part
    }

    /// A line without its end; `None` until that has come.
    fn line(&mut self, bytes: &mut &[u8], longest: usize) -> Result<Option<Vec<u8>>, Broken> {
        let end = memchr(b'\n', bytes);
        let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        *bytes = rest;
        if self.begun.len() + part.len() > longest {
            return Err(Broken::Damaged);
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

    fn head<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Step<'a>, Broken> {
        let before = self.begun.len();
        let text = if before == 0 {
            *bytes
        } else {
            self.begun.extend_from_slice(bytes);
            &*self.begun
        };
        let mut fields = [EMPTY_HEADER; HEADERS_MAX];
        let mut answer = Response::new(&mut fields);
        let length = match answer.parse(text) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) if text.len() < HEAD_MAX => {
                if before == 0 {
                    self.begun.extend_from_slice(bytes);
                }
                *bytes = &[];
                return Ok(Step::More);
            }
            Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Err(Broken::LongHead),
            Err(_) => return Err(Broken::NoHttp),
        };
        let (head, frame) = read(&answer)?;
        *bytes = &bytes[length - before..];
        self.begun = Vec::new();
        // "100 Continue" and its like announce an answer and are none.
        if head.status.is_informational() {
            return Ok(Step::More);
        }
        self.frame = Some(frame);
        Ok(Step::Head(head))
    }
}

fn read(answer: &Response<'_, '_>) -> Result<(Head, Frame), Broken> {
    let status = StatusCode::from_u16(answer.code.unwrap_or(0)).map_err(|_| Broken::NoHttp)?;
    let mut head = Head {
        status,
        content_type: None,
        location: None,
        length: None,
        packed: false,
        lasting: answer.version == Some(1),
    };
    let (mut chunked, mut length) = (false, None);
    for field in answer.headers.iter() {
        let text = || std::str::from_utf8(field.value).unwrap_or_default().trim();
        let says = |word: &str| text().split(',').any(|w| w.trim().eq_ignore_ascii_case(word));
        match field.name {
            name if name.eq_ignore_ascii_case("content-length") => {
                let n: u64 = text().parse().map_err(|_| Broken::Damaged)?;
                // Two that differ are how answers are smuggled past one another.
                if length.replace(n).is_some_and(|other| other != n) {
                    return Err(Broken::Damaged);
                }
            }
            name if name.eq_ignore_ascii_case("transfer-encoding") => {
                chunked = says("chunked");
                head.packed |= !text().eq_ignore_ascii_case("chunked");
            }
            name if name.eq_ignore_ascii_case("content-encoding") => {
                head.packed |= !text().is_empty() && !text().eq_ignore_ascii_case("identity");
            }
            name if name.eq_ignore_ascii_case("connection") => {
                head.lasting = !says("close") && (head.lasting || says("keep-alive"));
            }
            name if name.eq_ignore_ascii_case("content-type") => {
                head.content_type = Some(text().to_owned());
            }
            name if name.eq_ignore_ascii_case("location") => {
                head.location = Some(text().to_owned());
            }
            _ => {}
        }
    }
    let frame = match (chunked, length) {
        (true, _) => Frame::Size,
        _ if matches!(status.as_u16(), 204 | 304) => Frame::Length(0),
        (false, Some(length)) => Frame::Length(length),
        (false, None) => Frame::UntilClosed,
    };
    head.length = length.filter(|_| !chunked);
    head.lasting &= !matches!(frame, Frame::UntilClosed) && !(chunked && length.is_some());
    Ok((head, frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status, body, and whether the answer ended; or what was wrong.
    fn hear(text: &[u8], cut: usize) -> Result<(u16, String, bool), Broken> {
        let mut answer = Answer::new();
        let (mut status, mut body) = (0, Vec::new());
        for mut bytes in text.chunks(cut) {
            while !bytes.is_empty() {
                match answer.step(&mut bytes)? {
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
        let known: [(&str, (u16, &str, bool)); 6] = [
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
            ("", Broken::Silent),
            ("HTTP/1.1 200 OK\r\nContent-Le", Broken::BrokeOff),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", Broken::BrokeOff),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", Broken::BrokeOff),
        ] {
            let heard = hear(text.as_bytes(), 7);
            assert_eq!(format!("{:?}", heard.unwrap_err()), format!("{broken:?}"), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_http_is_refused_and_nothing_grows_without_end() {
        let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}");
        let chunked = |rest: &str| head(&format!("Transfer-Encoding: chunked\r\n\r\n{rest}"));
        for (text, broken) in [
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(), Broken::NoHttp),
            ("\u{15}\u{3}\u{1}".to_owned(), Broken::NoHttp),
            (head(&format!("X: {}", "y".repeat(HEAD_MAX))), Broken::LongHead),
            (head(&"X: y\r\n".repeat(HEADERS_MAX + 1)), Broken::LongHead),
            (head("Content-Length: -1\r\n\r\n"), Broken::Damaged),
            (head("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), Broken::Damaged),
            (chunked("zz\r\n"), Broken::Damaged),
            (chunked("fffffffffffffffff\r\n"), Broken::Damaged),
            (chunked("1\r\nabc\r\n"), Broken::Damaged),
            (chunked(&"1".repeat(2 * CHUNK_LINE_MAX)), Broken::Damaged),
            (chunked(&format!("0\r\n{}", "A: b\r\n".repeat(TRAILER_MAX))), Broken::Damaged),
        ] {
            for cut in [1000, 100_000] {
                let heard = hear(text.as_bytes(), cut);
                let shown = &text[..text.len().min(60)];
                assert_eq!(format!("{:?}", heard.unwrap_err()), format!("{broken:?}"), "{shown:?}");
            }
        }
    }
}
