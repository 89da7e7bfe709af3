//! The tail: the block that is being written, in pieces that are whole each second.
//!
//! Once a block is complete it goes to a segment by column, and the tail begins again. What a crash leaves
//! in the tail becomes a block in the order of time.

use crate::{
    decode::{BlockDecoder, BlockEntry},
    encode::Added,
    error::RecordingError,
    event::RecordedEvent,
    format::{BLOCK_HEAD, MOST_BLOCK, SEGMENT_HEAD, TAIL_MAGIC, arrangement},
    names::NameCatalog,
    segment::{BlockHeader, check_head, head},
    wire::{ByteReader, put_u64},
};
use manytop_core::{clock::Moment, file::FileExt};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Length, checksum and end of a piece.
const PIECE_HEAD: usize = 16;

pub(crate) fn tail_path(folder: &Path) -> PathBuf {
    folder.join("tail")
}

/// What a tail holds.
pub(crate) struct TailContent {
    pub header: BlockHeader,
    /// The payload of a block in the order of time.
    pub payload: Vec<u8>,
}

impl TailContent {
    /// The events in it, with their moments shifted by so much.
    pub(crate) fn events(
        &self,
        shift: i64,
        catalog: &mut NameCatalog,
    ) -> Vec<(Moment, RecordedEvent)> {
        let header = &self.header;
        let began = (header.began, shift, header.clock);
        let mut events = Vec::new();
        // damage shows when it is read for the screen
        if let Ok(mut decoder) = BlockDecoder::new(self.payload.clone(), header.arranged, began) {
            let until = Moment::from_nanos(u64::MAX);
            let _ = decoder.run_until(until, catalog, |decoder, entry| {
                if let BlockEntry::Event(event) = entry {
                    events.push((decoder.now(), event));
                }
            });
        }
        events
    }
}

/// A tail that is open for writing.
pub(crate) struct TailFile {
    file: File,
    length: u64,
}

impl TailFile {
    /// Begins a tail: what the file held is dropped.
    pub(crate) fn begin(file: File, header: &BlockHeader) -> io::Result<TailFile> {
        file.set_len(0)?;
        let mut tail = TailFile { file, length: 0 };
        let mut bytes = head(TAIL_MAGIC).to_vec();
        bytes.extend_from_slice(&header.bytes());
        tail.append(&bytes)?;
        Ok(tail)
    }

    /// Adds a piece; `ended` is the last moment in it.
    pub(crate) fn add(&mut self, added: &Added, ended: Moment) -> io::Result<()> {
        let mut content = Vec::with_capacity(added.structure.len() + added.values.len() + 4);
        put_u64(&mut content, added.structure.len() as u64);
        content.extend_from_slice(&added.structure);
        content.extend_from_slice(&added.values);
        let mut piece = Vec::with_capacity(PIECE_HEAD + content.len());
        piece.extend_from_slice(&(content.len() as u32).to_le_bytes());
        piece.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
        piece.extend_from_slice(&ended.as_nanos().to_le_bytes());
        piece.extend_from_slice(&content);
        self.append(&piece)
    }

    /// All of it, or nothing of it.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all_at(bytes, self.length);
        match written {
            Ok(()) => {
                self.length += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                let _ = self.file.set_len(self.length); // half a piece would be skipped as well
                Err(error)
            }
        }
    }

    /// Waits until it is on the disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.sync_data()
    }

    pub(crate) fn into_file(self) -> File {
        self.file
    }
}

/// Reads a tail; `None` without one, or without a whole piece in it. A broken piece ends it.
///
/// # Errors
/// It cannot be read, or is another sort of file.
pub(crate) fn read_tail(folder: &Path) -> Result<Option<TailContent>, RecordingError> {
    let path = tail_path(folder);
    match fs::metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(RecordingError::io("read", &path, &e)),
        Ok(about) if about.len() < (SEGMENT_HEAD + BLOCK_HEAD) as u64 => return Ok(None),
        Ok(about) if about.len() > 2 * MOST_BLOCK as u64 => {
            return Err(RecordingError::new(format!("{}: too large", path.display())));
        }
        Ok(_) => {}
    }
    let bytes = fs::read(&path).map_err(|e| RecordingError::io("read", &path, &e))?;
    check_head(&path, &bytes, TAIL_MAGIC)?;
    Ok(content(&bytes))
}

fn content(bytes: &[u8]) -> Option<TailContent> {
    let mut header = BlockHeader::read(bytes.get(SEGMENT_HEAD..)?)?;
    let mut reader = ByteReader::new(bytes, SEGMENT_HEAD + BLOCK_HEAD);
    let (mut structure, mut values) = (Vec::new(), Vec::new());
    let mut piece = || {
        let length = u32::from_le_bytes(reader.array().ok()?) as usize;
        let checksum = u32::from_le_bytes(reader.array().ok()?);
        let ended = Moment::from_nanos(u64::from_le_bytes(reader.array().ok()?));
        let content = reader.take(length).ok()?;
        (crc32fast::hash(content) == checksum).then_some((content, ended))
    };
    while let Some((content, ended)) = piece() {
        let mut parts = ByteReader::new(content, 0);
        let length = parts.count().ok()?;
        structure.extend_from_slice(parts.take(length).ok()?);
        values.extend_from_slice(content.get(parts.at..)?);
        header.ended = header.ended.max(ended);
    }
    if structure.is_empty() {
        return None;
    }
    let mut payload = Vec::with_capacity(structure.len() + values.len() + 8);
    put_u64(&mut payload, structure.len() as u64);
    payload.extend_from_slice(&structure);
    payload.extend_from_slice(&values);
    header.arranged = arrangement::ROWS;
    Some(TailContent { header, payload })
}
