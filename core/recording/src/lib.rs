//! Recordings: what the engine receives, kept in a folder, and read again at any moment.
//!
//! ```text
//! snapshots ─▶ BlockBuilder ─▶ tail (each second) ─▶ block of a segment (each few minutes)
//! segments and tail ─▶ RecordingIndex (headers) ─▶ BlockDecoder ─▶ snapshots at any moment
//! ```
//!
//! docs/recording.md describes the format.

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod alerts;
mod decode;
mod encode;
mod error;
mod event;
mod format;
mod index;
mod lock;
mod names;
mod options;
mod recorder;
mod replay;
mod segment;
mod tail;
mod traces;
mod value;
mod walls;
mod wire;
mod writer;

pub use error::{Damage, RecordingError};
pub use event::{EventKind, RecordedEvent};
pub use format::VERSION;
pub use index::RecordingIndex;
pub use names::NameCatalog;
pub use options::RecordingOptions;
pub use recorder::{Recorder, RecorderHandle, RecorderNote};
pub use replay::{FrameContent, RecordedFrame, ReplayStore};
pub use writer::RecordingWriter;

/// Reads bytes as the unpacked payload of a block, in both arrangements, and makes a snapshot of it: for
/// fuzzing. Whatever the bytes, it ends, within memory that follows from their number.
#[doc(hidden)]
pub fn read_any(bytes: &[u8], catalog: &mut NameCatalog) -> usize {
    let mut read = 0;
    for arranged in [format::arrangement::COLUMNS, format::arrangement::ROWS] {
        let began = (manytop_core::clock::Moment::from_secs(1), 0, 0);
        let Ok(mut decoder) = decode::BlockDecoder::new(bytes.to_vec(), arranged, began) else {
            continue;
        };
        while let Ok(Some(_)) = decoder.next(catalog) {
            read += 1;
        }
        read += decoder.views(|_| manytop_core::history::History::default()).len();
    }
    read
}
