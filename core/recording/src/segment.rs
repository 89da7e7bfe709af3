//! Files of a recording: segments, which are blocks one after the other, and the headers of blocks.

use crate::{
    error::{Damage, RecordingError},
    event::RecordedEvent,
    format::{BLOCK_HEAD, BLOCK_MAGIC, MOST_BLOCK, SEGMENT_HEAD, SEGMENT_MAGIC, VERSION},
    wire::{ByteReader, put_u64},
};
use manytop_core::{clock::Moment, file::FileExt};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// What is known of a block without unpacking it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct BlockHeader {
    pub arranged: u8,
    /// Bytes of the payload, packed and unpacked.
    pub packed: u32,
    pub unpacked: u32,
    /// Bytes of the events between header and payload.
    pub marks: u32,
    /// Mean load of this machine, percent; NaN where it is not known.
    pub load: f32,
    /// Blocks are counted over all segments.
    pub number: u64,
    pub began: Moment,
    pub ended: Moment,
    /// Wall minus monotonic time at the beginning, nanoseconds.
    pub clock: i64,
    /// The boot of the machine that the monotonic times belong to.
    pub boot: u64,
    /// Checksum of events and payload.
    pub checksum: u32,
}

impl BlockHeader {
    /// As bytes, with their own checksum.
    pub(crate) fn bytes(&self) -> [u8; BLOCK_HEAD] {
        let mut out = Vec::with_capacity(BLOCK_HEAD);
        out.extend_from_slice(BLOCK_MAGIC);
        out.extend_from_slice(&[self.arranged, 1, 0, 0]);
        for number in [self.packed, self.unpacked, self.marks] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.load.to_le_bytes());
        for number in [self.number, self.began.as_nanos(), self.ended.as_nanos()] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.clock.to_le_bytes());
        out.extend_from_slice(&self.boot.to_le_bytes());
        out.extend_from_slice(&self.checksum.to_le_bytes());
        out.resize(BLOCK_HEAD - 4, 0);
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        let mut bytes = [0; BLOCK_HEAD];
        bytes.copy_from_slice(&out);
        bytes
    }

    /// The header that these bytes are; `None` where they are none.
    pub(crate) fn read(bytes: &[u8]) -> Option<BlockHeader> {
        let bytes = bytes.get(..BLOCK_HEAD)?;
        let (content, checksum) = bytes.split_at(BLOCK_HEAD - 4);
        if !bytes.starts_with(BLOCK_MAGIC) || crc32fast::hash(content).to_le_bytes() != checksum {
            return None;
        }
        let mut reader = ByteReader::new(content, 4);
        let arranged = reader.byte().ok()?;
        reader.take(3).ok()?;
        let mut u32 = || Some(u32::from_le_bytes(reader.array().ok()?));
        let (packed, unpacked, marks) = (u32()?, u32()?, u32()?);
        let load = f32::from_bits(u32()?);
        let mut u64 = || Some(u64::from_le_bytes(reader.array().ok()?));
        let number = u64()?;
        let (began, ended) = (Moment::from_nanos(u64()?), Moment::from_nanos(u64()?));
        let (clock, boot) = (u64()? as i64, u64()?);
        let checksum = u32::from_le_bytes(reader.array().ok()?);
        let is_sane = began <= ended
            && packed as usize <= MOST_BLOCK
            && unpacked as usize <= MOST_BLOCK
            && marks as usize <= MOST_BLOCK;
        is_sane.then_some(BlockHeader {
            arranged,
            packed,
            unpacked,
            marks,
            load,
            number,
            began,
            ended,
            clock,
            boot,
            checksum,
        })
    }

    /// How many bytes the block takes in its segment.
    pub(crate) fn size(&self) -> u64 {
        BLOCK_HEAD as u64 + u64::from(self.marks) + u64::from(self.packed)
    }
}

/// Events with their moments, as they stand before the payload.
pub(crate) fn put_marks(began: Moment, marks: &[(Moment, RecordedEvent)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, event) in marks {
        put_u64(&mut out, at.since(began).as_nanos() as u64);
        event.put(&mut out);
    }
    out
}

/// Reads what [`put_marks`] wrote.
pub(crate) fn read_marks(
    began: Moment,
    bytes: &[u8],
) -> Result<Vec<(Moment, RecordedEvent)>, Damage> {
    let mut reader = ByteReader::new(bytes, 0);
    let mut marks = Vec::new();
    while !reader.is_at_end() {
        let at = began + Duration::from_nanos(reader.u64()?);
        marks.push((at, RecordedEvent::read(&mut reader)?));
    }
    Ok(marks)
}

/// The first bytes of a file of a recording.
pub(crate) fn head(magic: &[u8; 8]) -> [u8; SEGMENT_HEAD] {
    let mut head = [0; SEGMENT_HEAD];
    head[..8].copy_from_slice(magic);
    head[8..10].copy_from_slice(&VERSION.to_le_bytes());
    head
}

/// Checks the first bytes of a file of a recording.
///
/// # Errors
/// It is another sort of file, or one of a later version.
pub(crate) fn check_head(path: &Path, bytes: &[u8], magic: &[u8; 8]) -> Result<(), RecordingError> {
    let shown = path.display();
    if bytes.len() < SEGMENT_HEAD {
        return Err(RecordingError::new(format!("{shown}: ends too early: {} bytes", bytes.len())));
    }
    if &bytes[..8] != magic {
        return Err(RecordingError::new(format!("{shown}: not a recording of manytop")));
    }
    let version = u16::from_le_bytes([bytes[8], bytes[9]]);
    if version > VERSION || version == 0 {
        return Err(RecordingError::new(format!(
            "{shown}: the recording has format {version}, this manytop reads formats up to {VERSION}; \
             use a newer manytop"
        )));
    }
    Ok(())
}

/// The name of a segment's file.
pub(crate) fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.mtr"))
}

/// The numbers of all segments in a folder, in their order.
pub(crate) fn segments(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".mtr"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A block in a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockPlace {
    pub segment: u64,
    pub offset: u64,
    pub header: BlockHeader,
}

/// What a scan of a segment finds after an offset.
pub(crate) enum ScanResult {
    Block(BlockPlace),
    /// These bytes hold no header; a block follows, or nothing.
    Gap(u64, u64),
    End,
}

/// The next block of a segment from an offset on.
pub(crate) fn next_block(
    file: &File,
    segment: u64,
    offset: u64,
    length: u64,
) -> io::Result<ScanResult> {
    if offset >= length {
        return Ok(ScanResult::End);
    }
    let read = |at: u64| -> io::Result<Option<BlockHeader>> {
        let mut bytes = [0; BLOCK_HEAD];
        if at + BLOCK_HEAD as u64 > length {
            return Ok(None);
        }
        file.read_exact_at(&mut bytes, at)?;
        Ok(BlockHeader::read(&bytes).filter(|header| at + header.size() <= length))
    };
    if let Some(header) = read(offset)? {
        return Ok(ScanResult::Block(BlockPlace { segment, offset, header }));
    }
    // look for the next header
    let mut at = offset + 1;
    let mut chunk = vec![0; 1 << 16];
    while at < length {
        let count = ((length - at) as usize).min(chunk.len());
        file.read_exact_at(&mut chunk[..count], at)?;
        let starts = chunk[..count].windows(BLOCK_MAGIC.len()).enumerate();
        for (start, _) in starts.filter(|(_, window)| *window == BLOCK_MAGIC) {
            let found = at + start as u64;
            if read(found)?.is_some() {
                return Ok(ScanResult::Gap(offset, found));
            }
        }
        let step = count.saturating_sub(BLOCK_MAGIC.len() - 1).max(1);
        at += step as u64;
    }
    Ok(ScanResult::Gap(offset, length))
}

/// The bytes of events and payload, checked, the payload unpacked.
///
/// # Errors
/// The block is damaged, or the file cannot be read.
pub(crate) fn read_block(file: &File, place: &BlockPlace) -> io::Result<Result<Vec<u8>, Damage>> {
    let header = &place.header;
    let mut bytes = vec![0; header.marks as usize + header.packed as usize];
    file.read_exact_at(&mut bytes, place.offset + BLOCK_HEAD as u64)?;
    if crc32fast::hash(&bytes) != header.checksum {
        return Ok(Err(Damage("has a wrong checksum")));
    }
    let unpacked =
        zstd::bulk::decompress(&bytes[header.marks as usize..], header.unpacked as usize);
    Ok(match unpacked {
        Ok(bytes) if bytes.len() == header.unpacked as usize => Ok(bytes),
        _ => Err(Damage("cannot be unpacked")),
    })
}

/// The header of a block that holds these, and its bytes, ready to be appended to a segment.
pub(crate) fn packed(
    payload: &[u8],
    marks: &[u8],
    header: BlockHeader,
    level: i32,
) -> io::Result<Vec<u8>> {
    let packed = zstd::bulk::compress(payload, level)?;
    let mut content = Vec::with_capacity(marks.len() + packed.len());
    content.extend_from_slice(marks);
    content.extend_from_slice(&packed);
    let header = BlockHeader {
        packed: packed.len() as u32,
        unpacked: payload.len() as u32,
        marks: marks.len() as u32,
        checksum: crc32fast::hash(&content),
        ..header
    };
    let mut bytes = header.bytes().to_vec();
    bytes.extend_from_slice(&content);
    Ok(bytes)
}

/// Opens a file of a recording and checks its beginning.
pub(crate) fn open(path: &Path, magic: &[u8; 8]) -> Result<File, RecordingError> {
    let failed = |e: io::Error| RecordingError::io("read", path, &e);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = [0; SEGMENT_HEAD];
    let length = file.metadata().map_err(failed)?.len().min(SEGMENT_HEAD as u64) as usize;
    file.read_exact_at(&mut bytes[..length], 0).map_err(failed)?;
    check_head(path, &bytes[..length], magic)?;
    Ok(file)
}

/// Opens a segment and checks its beginning.
pub(crate) fn open_segment(folder: &Path, number: u64) -> Result<File, RecordingError> {
    open(&segment_path(folder, number), SEGMENT_MAGIC)
}
