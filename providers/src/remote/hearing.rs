//! An answer as it is heard: how it began, how long it is, and its body, which goes to the ear.

use super::{
    plain::{Head, Listener},
    relay::Ear,
};
use manytop_core::{
    clock::Moment,
    provider::{Class, Failure},
};
use reqwest::{Response, StatusCode};
use std::ops::ControlFlow;

/// Bodies longer than this are not read to their end, in bytes after unpacking.
pub const BODY_MAX: usize = 64 * 1024 * 1024;
/// After so many bytes of a body the other remotes have their turn.
const TURN: usize = 64 * 1024;
/// Bytes of a body that are kept to tell what it is.
const OPENING: usize = 512;

/// An answer without its body: how that began, and how long it was.
pub struct Heard {
    /// When the head was there.
    pub taken: Moment,
    /// The head.
    pub head: Head,
    /// How the body begins.
    pub opening: Vec<u8>,
    /// The body's length in bytes.
    pub length: usize,
}

impl Heard {
    /// The body is yet to come.
    pub fn new(head: Head) -> Heard {
        Heard { taken: Moment::now(), head, opening: Vec::new(), length: 0 }
    }

    /// Nothing of a body is kept but how it begins, and what the interpreter wants.
    fn feed(&mut self, part: &[u8], ear: &mut Ear) -> ControlFlow<()> {
        self.length += part.len();
        if self.length > BODY_MAX {
            return ControlFlow::Break(());
        }
        let missing = OPENING - self.opening.len();
        self.opening.extend_from_slice(&part[..missing.min(part.len())]);
        ear.feed(part);
        ControlFlow::Continue(())
    }
}

/// A body over [`BODY_MAX`].
pub fn too_long() -> Failure {
    let limit = BODY_MAX / (1024 * 1024);
    Failure::new(Class::Payload, format!("the body is longer than {limit} MiB"))
}

/// An answer on a connection of our own, as it comes.
pub struct Hearing<'a> {
    /// Who listens.
    pub ear: &'a mut Ear,
    /// Nothing, until the head is there.
    pub heard: Option<Heard>,
}

impl Listener for Hearing<'_> {
    fn head(&mut self, head: &Head) -> ControlFlow<()> {
        self.ear.begin();
        let good = head.status == StatusCode::OK
            && !head.packed
            && head.length.is_none_or(|length| length <= BODY_MAX as u64);
        self.heard = Some(Heard::new(head.clone()));
        if good { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn body(&mut self, part: &[u8]) -> ControlFlow<()> {
        let Some(heard) = &mut self.heard else { return ControlFlow::Break(()) };
        heard.feed(part, self.ear)
    }
}

/// Reads the body as it comes.
///
/// # Errors
/// It breaks off, or is too long.
pub async fn listen(
    ear: &mut Ear,
    answer: &mut Response,
    heard: &mut Heard,
    broken: impl Fn(reqwest::Error) -> Failure,
) -> Result<(), Failure> {
    ear.begin();
    while let Some(chunk) = answer.chunk().await.map_err(&broken)? {
        for piece in chunk.chunks(TURN) {
            let turns = heard.length / TURN;
            if heard.feed(piece, ear).is_break() {
                return Err(too_long());
            }
            // What is unpacked comes in many small pieces.
            if heard.length / TURN > turns {
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}
