//! An answer's head: what it says, and how its body's end is found (RFC 9112).

use super::HttpError;
use crate::exposition::{line, number};
use httparse::{EMPTY_HEADER, Error, ParserConfig, Response, Status};
use reqwest::{StatusCode, header::HeaderMap};
use std::borrow::Cow;

const HEADERS_MAX: usize = 100;
/// Of a header's value, as many bytes are kept.
const VALUE_MAX: usize = 1024;

/// What an answer says before its body.
#[derive(Clone, PartialEq, Debug)]
pub struct ResponseHead {
    /// The status.
    pub status: StatusCode,
    /// What the body is said to be.
    pub content_type: Option<String>,
    /// What the body is said to be packed with, the last packing last.
    pub coding: Option<String>,
    /// Where to ask instead.
    pub location: Option<String>,
    /// What a 401 asks for: `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// When to ask again.
    pub retry_after: Option<String>,
    /// The server's clock.
    pub date: Option<String>,
    /// The body's length in bytes as it is sent, where it is known beforehand.
    pub length: Option<u64>,
    /// How the body is transferred.
    pub transfer: Transfer,
    /// The connection can be used again.
    pub(super) lasting: bool,
}

/// What `Transfer-Encoding` says.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Transfer {
    /// Nothing.
    #[default]
    Whole,
    /// `identity`, which once meant the same.
    Identity,
    /// In chunks.
    Chunked,
    /// In a way that is not understood.
    Unknown(String),
}

/// The protocol of an answer that is not HTTP/1, as far as its first bytes tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spoken {
    Tls,
    /// HTTP/2, although HTTP/1.1 was asked for.
    Http2,
    /// Another version of HTTP, as it calls itself.
    Http(String),
    /// The text that is wanted, without a head.
    Bare,
    Ssh,
    Other,
}

impl ResponseHead {
    fn new(status: StatusCode) -> ResponseHead {
        ResponseHead {
            status,
            content_type: None,
            coding: None,
            location: None,
            challenge: None,
            retry_after: None,
            date: None,
            length: None,
            transfer: Transfer::Whole,
            lasting: false,
        }
    }

    /// The head of an answer that reqwest has received.
    pub fn of(answer: &reqwest::Response) -> ResponseHead {
        let mut head = ResponseHead::new(answer.status());
        let fields: &HeaderMap = answer.headers();
        let mut transfer = String::new();
        for (name, value) in fields {
            head.note(name.as_str(), value.as_bytes());
            if name.as_str() == "transfer-encoding" {
                join(&mut transfer, &text(value.as_bytes()));
            }
        }
        let length = fields.get("content-length").and_then(|value| value.to_str().ok());
        head.length = length.and_then(self::length).or_else(|| answer.content_length());
        head.transfer(&transfer);
        head
    }

    /// The body's declared type, without its parameters.
    pub fn answer_type(&self) -> Option<String> {
        let value = self.content_type.as_deref()?;
        Some(value.split(';').next()?.trim().to_ascii_lowercase())
    }

    /// Keeps a header that matters whatever the transport. Of packings and challenges there may be several.
    fn note(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let (kept, several) = match () {
            () if is("content-type") => (&mut self.content_type, false),
            () if is("content-encoding") => (&mut self.coding, true),
            () if is("location") => (&mut self.location, false),
            () if is("www-authenticate") => (&mut self.challenge, true),
            () if is("retry-after") => (&mut self.retry_after, false),
            () if is("date") => (&mut self.date, false),
            () => return,
        };
        let text = text(value);
        match kept {
            Some(kept) if several => join(kept, &text),
            _ => *kept = Some(text.into_owned()),
        }
    }

    /// Takes a whole `Transfer-Encoding`. Packings in it are like those of `Content-Encoding`.
    fn transfer(&mut self, text: &str) {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut names: Vec<_> = names.map(str::to_ascii_lowercase).collect();
        let said = !names.is_empty();
        names.retain(|name| name != "identity");
        let chunked = names.last().is_some_and(|name| name == "chunked");
        // Some proxies write the header that was there once more.
        names.retain(|name| name != "chunked");
        let packings = ["gzip", "x-gzip", "deflate"];
        self.transfer = match (chunked, &names[..]) {
            (false, []) if said => Transfer::Identity,
            (false, []) => Transfer::Whole,
            (true, names) if names.iter().all(|name| packings.contains(&name.as_str())) => {
                for name in names {
                    join(self.coding.get_or_insert_default(), name);
                }
                Transfer::Chunked
            }
            _ => Transfer::Unknown(text.to_owned()),
        };
    }
}

fn join(list: &mut String, more: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(more);
    list.truncate(list.floor_char_boundary(VALUE_MAX));
}

/// A header's value as text; one that was folded into several lines (RFC 9112, section 5.2) as one line.
fn text(value: &[u8]) -> Cow<'_, str> {
    let text = std::str::from_utf8(value).unwrap_or_default().trim();
    let text = &text[..text.floor_char_boundary(VALUE_MAX)];
    match text.contains('\n') {
        true => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        false => text.into(),
    }
}

/// A `Content-Length`. One that was said twice is still one (RFC 9110, section 8.6); one that is too large for a
/// number is the largest.
fn length(text: &str) -> Option<u64> {
    let mut values = text.split(',').map(|part| {
        let digits = part.trim();
        let sound = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| digits.parse().unwrap_or(u64::MAX))
    });
    let first = values.next()??;
    values.all(|value| value == Some(first)).then_some(first)
}

/// Reads a head from the beginning of `bytes`. Its length in bytes, and what it says; `Partial` where its end
/// has not come. Of HTTP/1.2 and later the digit is replaced: their heads are read as those of 1.1 (RFC 9110,
/// section 2.5).
///
/// # Errors
/// It is not the head of an answer of HTTP/1.
pub fn parse(bytes: &[u8]) -> Result<Status<(usize, ResponseHead)>, HttpError> {
    let mut fields = [EMPTY_HEADER; HEADERS_MAX];
    let mut answer = Response::new(&mut fields);
    let mut config = ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    config.allow_spaces_after_header_name_in_responses(true);
    match config.parse_response(&mut answer, bytes) {
        Ok(Status::Complete(length)) => Ok(Status::Complete((length, read(&answer)?))),
        Ok(Status::Partial) => Ok(Status::Partial),
        Err(Error::TooManyHeaders) => Err(HttpError::ManyHeaders),
        Err(Error::HeaderName | Error::HeaderValue) => Err(HttpError::Header),
        Err(Error::Status) => Err(HttpError::StatusLine),
        Err(Error::NewLine | Error::Token | Error::Version) => {
            Err(HttpError::NoHttp(spoken(bytes)))
        }
    }
}

/// The place of the last digit of a version above HTTP/1.1 and below 2.
pub fn newer_version(bytes: &[u8]) -> Option<usize> {
    let begins = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n'))?;
    let digit = begins + b"HTTP/1.".len();
    (bytes[begins..].starts_with(b"HTTP/1.") && matches!(bytes.get(digit), Some(b'2'..=b'9')))
        .then_some(digit)
}

fn read(answer: &Response<'_, '_>) -> Result<ResponseHead, HttpError> {
    let status = answer.code.and_then(|code| StatusCode::from_u16(code).ok());
    let mut head = ResponseHead::new(status.ok_or(HttpError::StatusLine)?);
    let mut transfer = String::new();
    let (mut closes, mut keeps) = (false, false);
    for field in answer.headers.iter() {
        let is = |known: &str| field.name.eq_ignore_ascii_case(known);
        if is("content-length") {
            // Two that differ are how answers are smuggled past one another.
            let length = length(&text(field.value));
            let same = head.length.is_none() || head.length == length;
            head.length = length.filter(|_| same);
            if head.length.is_none() {
                return Err(HttpError::Damaged("Content-Length is not one number"));
            }
        } else if is("transfer-encoding") {
            join(&mut transfer, &text(field.value));
        } else if is("connection") {
            let text = text(field.value);
            let says = |word: &str| text.split(',').any(|w| w.trim().eq_ignore_ascii_case(word));
            closes |= says("close");
            keeps |= says("keep-alive");
        } else {
            head.note(field.name, field.value);
        }
    }
    head.transfer(&transfer);
    let several = head.transfer == Transfer::Chunked && head.length.is_some();
    head.lasting = !closes && !several && (keeps || answer.version == Some(1));
    if head.transfer == Transfer::Chunked {
        head.length = None;
    }
    Ok(head)
}

fn spoken(bytes: &[u8]) -> Spoken {
    let line = bytes.split(|b| matches!(b, b'\r' | b'\n')).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    let word = line.split(|b| *b == b' ').next().unwrap_or_default();
    match bytes {
        [0x15 | 0x16, 3, ..] => Spoken::Tls,
        // The frame SETTINGS, with which a server begins.
        [0, 0, _, 4, 0 | 1, 0, 0, 0, 0, ..] => Spoken::Http2,
        _ if line.starts_with(b"SSH-") => Spoken::Ssh,
        _ if word.starts_with(b"HTTP/") && word.len() <= 10 && word.is_ascii() => {
            Spoken::Http(String::from_utf8_lossy(word).into_owned())
        }
        _ if line.starts_with(b"# HELP ") || line.starts_with(b"# TYPE ") => Spoken::Bare,
        _ if line::value_at(line).and_then(|at| number::parse(&line[at..])).is_some() => {
            Spoken::Bare
        }
        _ => Spoken::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &str) -> Result<ResponseHead, HttpError> {
        let text = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        match parse(text.as_bytes())? {
            Status::Complete((length, head)) => {
                assert_eq!(length, text.len());
                Ok(head)
            }
            Status::Partial => panic!("not to its end"),
        }
    }

    #[test]
    fn lengths_are_digits_and_agree() {
        for (lines, right) in [
            ("", Some(None)),
            ("Content-Length: 5\r\n", Some(Some(5))),
            ("Content-Length: 5, 5\r\n", Some(Some(5))),
            ("Content-Length: 5\r\ncontent-length: 5\r\n", Some(Some(5))),
            ("Content-Length: 99999999999999999999999\r\n", Some(Some(u64::MAX))),
            ("Content-Length: 5, 6\r\n", None),
            ("Content-Length: 5\r\ncontent-length: 6\r\n", None),
            ("Content-Length: +5\r\n", None),
            ("Content-Length: -5\r\n", None),
            ("Content-Length: 0x5\r\n", None),
            ("Content-Length: 5,\r\n", None),
        ] {
            let length = head(lines).map(|head| head.length);
            assert_eq!(length.ok(), right, "{lines:?}");
        }
    }

    #[test]
    fn transfers_are_understood_or_named() {
        let unknown = |text: &str| Transfer::Unknown(text.to_owned());
        for (lines, transfer, coding) in [
            ("", Transfer::Whole, None),
            ("Transfer-Encoding: identity\r\n", Transfer::Identity, None),
            ("Transfer-Encoding: Chunked\r\n", Transfer::Chunked, None),
            ("Transfer-Encoding: identity, chunked\r\n", Transfer::Chunked, None),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                Transfer::Chunked,
                None,
            ),
            ("Transfer-Encoding: gzip, chunked\r\n", Transfer::Chunked, Some("gzip")),
            ("Transfer-Encoding: gzip\r\n", unknown("gzip"), None),
            ("Transfer-Encoding: xchunked\r\n", unknown("xchunked"), None),
            ("Transfer-Encoding: chunked, gzip\r\n", unknown("chunked, gzip"), None),
        ] {
            let head = head(lines).unwrap();
            assert_eq!((head.transfer, head.coding.as_deref()), (transfer, coding), "{lines:?}");
        }
    }

    #[test]
    fn folded_lines_and_blanks_before_the_colon_are_read() {
        let folded =
            head("WWW-Authenticate: Digest\r\n realm=\"a\",\r\n\tnonce=\"b\"\r\n").unwrap();
        assert_eq!(folded.challenge.as_deref(), Some("Digest realm=\"a\", nonce=\"b\""));
        assert_eq!(head("Content-Length : 7\r\n").unwrap().length, Some(7));
        assert!(matches!(head("garbage\r\n"), Err(HttpError::Header)));
    }

    #[test]
    fn one_word_of_closing_is_enough() {
        let lasts = |lines: &str| head(lines).unwrap().lasting;
        assert!(lasts("") && lasts("Connection: keep-alive\r\n"));
        assert!(!lasts("Connection: close\r\nConnection: keep-alive\r\n"));
        assert!(!lasts("Connection: keep-alive\r\nConnection: upgrade, Close\r\n"));
        assert!(!lasts("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"));
    }

    #[test]
    fn other_protocols_are_recognised() {
        for (bytes, right) in [
            (&b"\x15\x03\x03\x00\x02\x02\x46"[..], Spoken::Tls),
            (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03", Spoken::Http2),
            (b"HTTP/2 200 OK\r\n\r\n", Spoken::Http("HTTP/2".into())),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Spoken::Ssh),
            (b"# HELP node_load1 x\n", Spoken::Bare),
            (b"node_load1 0.5\n", Spoken::Bare),
            (b"220 mail ESMTP\r\n", Spoken::Other),
            (b"\x01\x02\x03", Spoken::Other),
        ] {
            match parse(bytes) {
                Err(HttpError::NoHttp(spoken)) => assert_eq!(spoken, right, "{bytes:?}"),
                other => panic!("{bytes:?}: {other:?}"),
            }
        }
    }
}
