//! Packed bodies. What a body is packed with is seen by its first bytes, since headers leave packing
//! unsaid and claim what is not so; what the headers say only decides where the bytes do not.

use crate::http::http1::{Listener, ResponseHead};
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use std::{
    io::{self, Write},
    ops::ControlFlow,
};

/// As many bytes decide what a body is packed with.
const OPENING: usize = 64;
/// Packed bytes that are unpacked at a time. They become up to a thousand times as many.
const PORTION: usize = 256;

/// The first bytes of what is packed, and the name of the packing.
const MAGIC: [(&[u8], &str); 5] = [
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x9d", "compress"),
];

/// What is wrong with the packing of a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Packing {
    /// It is packed with something that is not read; as named by the server, or by its first bytes.
    Unread(String),
    /// What comes out is packed once more.
    Twice,
    /// It is not, or not to its end, what its beginning or its headers say.
    Damaged,
}

/// A listener's answer, unpacked on its way.
pub struct Unpacking<'a> {
    listener: &'a mut dyn Listener,
    claimed: Vec<String>,
    stage: UnpackStage,
    wrong: Option<Packing>,
}

enum UnpackStage {
    /// So much of the body has come.
    Opening(Vec<u8>),
    Plain,
    /// `begun`: something has come out.
    Packed {
        unpack: Box<dyn Unpack>,
        begun: bool,
    },
    /// The listener wants no more, or the packing is wrong.
    Over,
}

/// An unpacker that writes into a buffer of its own.
trait Unpack: Write + Send {
    fn out(&mut self) -> &mut Vec<u8>;
    fn end(&mut self) -> io::Result<()>;
}

impl Unpack for MultiGzDecoder<Vec<u8>> {
    fn out(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }

    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }
}

impl Unpack for ZlibDecoder<Vec<u8>> {
    fn out(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }

    fn end(&mut self) -> io::Result<()> {
        self.try_finish()
    }
}

impl<'a> Unpacking<'a> {
    /// For the next answer that `listener` is to hear.
    pub fn new(listener: &'a mut dyn Listener) -> Unpacking<'a> {
        let stage = UnpackStage::Opening(Vec::new());
        Unpacking { listener, claimed: Vec::new(), stage, wrong: None }
    }

    /// After the last part of the body: the listener hears what is left.
    ///
    /// # Errors
    /// The packing was wrong.
    pub fn end(mut self) -> Result<(), Packing> {
        if let UnpackStage::Opening(opening) = &mut self.stage {
            let opening = std::mem::take(opening);
            let _ = self.decide(&opening);
        }
        if let UnpackStage::Packed { mut unpack, .. } =
            std::mem::replace(&mut self.stage, UnpackStage::Over)
        {
            let ended = unpack.end();
            if !unpack.out().is_empty() {
                let _ = self.listener.body(unpack.out());
            }
            self.wrong = self.wrong.or(ended.err().map(|_| Packing::Damaged));
        }
        self.wrong.map_or(Ok(()), Err)
    }

    fn fail(&mut self, wrong: Packing) -> ControlFlow<(), usize> {
        self.wrong = Some(wrong);
        self.stage = UnpackStage::Over;
        ControlFlow::Break(())
    }

    /// The body begins with these bytes, which are handed on.
    fn decide(&mut self, opening: &[u8]) -> ControlFlow<(), usize> {
        let claims = |name: &str| self.claimed.iter().any(|claimed| claimed == name);
        let found = MAGIC.iter().find(|(magic, _)| opening.starts_with(magic));
        let packed = |unpack| UnpackStage::Packed { unpack, begun: false };
        self.stage = match found {
            Some((_, "gzip")) => packed(Box::new(MultiGzDecoder::new(Vec::new()))),
            Some((_, other)) => return self.fail(Packing::Unread((*other).to_owned())),
            None if claims("deflate") && is_zlib(opening) => {
                packed(Box::new(ZlibDecoder::new(Vec::new())))
            }
            None if self.claimed.is_empty() || is_text(opening) => UnpackStage::Plain,
            None if claims("gzip") => return self.fail(Packing::Damaged),
            None => return self.fail(Packing::Unread(self.claimed.join(", "))),
        };
        if opening.is_empty() {
            return ControlFlow::Continue(0);
        }
        self.body(opening)
    }
}

impl Listener for Unpacking<'_> {
    fn head(&mut self, head: &ResponseHead) -> ControlFlow<()> {
        self.claimed = claims(head.coding.as_deref().unwrap_or_default());
        let heard = self.listener.head(head);
        if heard.is_break() {
            self.stage = UnpackStage::Over;
        }
        heard
    }

    fn body(&mut self, part: &[u8]) -> ControlFlow<(), usize> {
        let (unpack, begun) = match &mut self.stage {
            UnpackStage::Plain => return self.listener.body(part),
            UnpackStage::Over => return ControlFlow::Break(()),
            UnpackStage::Opening(opening) if opening.is_empty() && part.len() >= OPENING => {
                return self.decide(part);
            }
            UnpackStage::Opening(opening) => {
                opening.extend_from_slice(part);
                if opening.len() < OPENING {
                    return ControlFlow::Continue(part.len());
                }
                let opening = std::mem::take(opening);
                return self.decide(&opening);
            }
            UnpackStage::Packed { unpack, begun } => (unpack, begun),
        };
        let mut work = 0;
        for portion in part.chunks(PORTION) {
            let sound = unpack.write_all(portion).is_ok();
            if !unpack.out().is_empty() {
                if !std::mem::replace(begun, true) && is_packed(unpack.out()) {
                    return self.fail(Packing::Twice);
                }
                work += unpack.out().len();
                if self.listener.body(unpack.out()).is_break() {
                    self.stage = UnpackStage::Over;
                    return ControlFlow::Break(());
                }
                unpack.out().clear();
            }
            if !sound {
                return self.fail(Packing::Damaged);
            }
        }
        ControlFlow::Continue(work.max(part.len()))
    }

    fn portion(&self) -> usize {
        match &self.stage {
            UnpackStage::Opening(_) => OPENING,
            UnpackStage::Packed { .. } => PORTION,
            UnpackStage::Plain | UnpackStage::Over => usize::MAX,
        }
    }
}

/// The packings that a `Content-Encoding` names, those left out that change nothing.
fn claims(coding: &str) -> Vec<String> {
    let names = coding.split(',').map(|name| name.trim().to_ascii_lowercase());
    names
        .filter(|name| !name.is_empty() && name != "identity")
        .map(|name| name.strip_prefix("x-").map(str::to_owned).unwrap_or(name))
        .collect()
}

fn is_packed(bytes: &[u8]) -> bool {
    MAGIC.iter().any(|(magic, _)| bytes.starts_with(magic))
}

/// The two bytes that a zlib stream begins with (RFC 1950).
fn is_zlib(bytes: &[u8]) -> bool {
    let [method, check, ..] = bytes else { return false };
    method & 0x0f == 8 && u16::from_be_bytes([*method, *check]) % 31 == 0
}

/// Whether it can be text: packed bytes hold control characters.
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.iter().any(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n'))
}
