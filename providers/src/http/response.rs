//! An answer as it comes: how it begins, how long it is, and its body, which goes to the decoder.

use crate::{
    http::http1::{Listener, ResponseHead},
    remote::body_decoder::BodyDecoder,
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure},
};
use reqwest::StatusCode;
use std::ops::ControlFlow;

/// Bodies longer than this are not read to their end, in bytes after unpacking.
pub const BODY_MAX: usize = 64 * 1024 * 1024;
/// Bytes of a body that are kept to tell what it is.
const OPENING: usize = 512;

/// An answer without its body: how that began, and how long it was.
pub struct DecodedBody {
    /// When the head was there.
    pub read_at: Moment,
    /// The head.
    pub head: ResponseHead,
    /// How the body begins.
    pub opening: Vec<u8>,
    /// The body's length in bytes.
    pub length: usize,
}

/// A body over [`BODY_MAX`].
pub fn too_long() -> Failure {
    let limit = BODY_MAX / (1024 * 1024);
    Failure::new(Class::Payload, format!("the body is longer than {limit} MiB"))
}

/// An answer as it comes.
pub struct BodyReader<'a> {
    /// Where the body goes.
    pub decoder: &'a mut BodyDecoder,
    /// Nothing, until the head is there.
    pub received: Option<DecodedBody>,
}

impl Listener for BodyReader<'_> {
    fn head(&mut self, head: &ResponseHead) -> ControlFlow<()> {
        self.decoder.begin();
        let good = head.status == StatusCode::OK
            && head.length.is_none_or(|length| length <= BODY_MAX as u64);
        let read_at = Moment::now();
        self.received =
            Some(DecodedBody { read_at, head: head.clone(), opening: Vec::new(), length: 0 });
        if good { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Of a body only its beginning is kept, and what the decoder wants.
    fn body(&mut self, part: &[u8]) -> ControlFlow<(), usize> {
        let Some(received) = &mut self.received else { return ControlFlow::Break(()) };
        received.length += part.len();
        if received.length > BODY_MAX {
            return ControlFlow::Break(());
        }
        let missing = OPENING - received.opening.len();
        received.opening.extend_from_slice(&part[..missing.min(part.len())]);
        self.decoder.feed(part);
        ControlFlow::Continue(part.len())
    }
}
