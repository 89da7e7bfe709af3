//! Reading the headers of a folder: its segments, what is damaged in them, the tail.

use super::{IndexedBlock, RecordingIndex};
use crate::{
    decode::shifted,
    error::RecordingError,
    format::{BLOCK_HEAD, SEGMENT_HEAD, SEGMENT_MAGIC},
    lock::FolderLock,
    names::NameCatalog,
    segment::{
        BlockPlace, ScanResult, check_head, next_block, open_segment, read_marks, segment_path,
        segments,
    },
    tail::{TailContent, read_tail},
    walls::{shown, wall_of},
};
use manytop_core::file::{FileExt, OpenOptionsExt};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

impl RecordingIndex {
    /// Reads the headers in a folder.
    ///
    /// # Errors
    /// The folder has no recording, or one of a later version.
    pub fn open(
        folder: &Path,
        catalog: &mut NameCatalog,
    ) -> Result<RecordingIndex, RecordingError> {
        let mut index = RecordingIndex::empty(folder.to_owned());
        index.refresh(catalog)?;
        if index.blocks.is_empty() && index.tail.is_none() {
            return Err(RecordingError::new(match index.notices.first() {
                Some(notice) => notice.clone(),
                None => format!("{} holds no recording", folder.display()),
            }));
        }
        Ok(index)
    }

    /// Reads the headers of a recording of one segment that is built into a program.
    ///
    /// # Errors
    /// The bytes are not a recording, or cannot be stored.
    pub(crate) fn built_in(bytes: &[u8]) -> Result<RecordingIndex, RecordingError> {
        let folder = PathBuf::from("built-in recording");
        check_head(&folder, bytes, SEGMENT_MAGIC)?;
        let failed = |e: io::Error| RecordingError::new(format!("no room for the recording: {e}"));
        let file = unnamed(bytes).map_err(failed)?;
        let mut index = RecordingIndex::empty(folder);
        index.scan(&file, 1, SEGMENT_HEAD as u64).map_err(failed)?;
        index.open = Some((1, file));
        Ok(index)
    }

    /// Reads what was written since.
    ///
    /// # Errors
    /// The folder cannot be read, or holds something else.
    pub fn refresh(&mut self, catalog: &mut NameCatalog) -> Result<(), RecordingError> {
        let failed = |e: io::Error| RecordingError::io("read", &self.folder, &e);
        let all = segments(&self.folder).map_err(failed)?;
        // segments that the writer has dropped are no more to be found
        let first = all.first().copied().unwrap_or(u64::MAX);
        self.blocks.retain(|block| block.place.segment >= first);
        let (last, mut offset) = self.read;
        for number in all.into_iter().filter(|number| *number >= last) {
            if number != last {
                offset = 0;
            }
            let path = segment_path(&self.folder, number);
            match open_segment(&self.folder, number) {
                Ok(file) => {
                    let read = self.scan(&file, number, offset.max(SEGMENT_HEAD as u64));
                    let read = read.map_err(|e| RecordingError::io("read", &path, &e))?;
                    self.read = (number, read);
                    self.open = None;
                }
                // of many files the others can be read
                Err(error) => self.notices.push(error.to_string()),
            }
        }
        self.tail = None;
        self.tail_marks.clear();
        match read_tail(&self.folder) {
            Ok(Some(tail)) => self.add_tail(tail, catalog),
            Ok(None) => {}
            Err(error) => self.notices.push(error.to_string()),
        }
        Ok(())
    }

    fn scan(&mut self, file: &File, number: u64, mut offset: u64) -> io::Result<u64> {
        let length = file.metadata()?.len();
        let mut lost: Option<(u64, u64)> = None;
        loop {
            match next_block(file, number, offset, length)? {
                ScanResult::End => break,
                ScanResult::Gap(from, to) if to == length => {
                    // the end may be a block that is being written
                    if !FolderLock::is_held(&self.folder) {
                        let path = segment_path(&self.folder, number);
                        self.note(format!(
                            "{}: ends in the middle of a block: {} bytes are skipped",
                            path.display(),
                            to - from
                        ));
                    }
                    offset = from;
                    break;
                }
                ScanResult::Gap(from, to) => {
                    lost = Some((from, to));
                    offset = to;
                }
                ScanResult::Block(place) => {
                    offset += place.header.size();
                    if let Some((from, to)) = lost.take() {
                        let path = segment_path(&self.folder, number);
                        let since = self.blocks.last().map_or_else(
                            || "its beginning".to_owned(),
                            |block| shown(self.wall(block.ended())),
                        );
                        let until = wall_of(place.header.began, place.header.clock);
                        self.notices.push(format!(
                            "{}: bytes {from} to {to} are damaged: skipped from {since} to {}",
                            path.display(),
                            shown(until)
                        ));
                    }
                    self.add(place, file)?;
                }
            }
        }
        Ok(offset)
    }

    fn add(&mut self, place: BlockPlace, file: &File) -> io::Result<()> {
        let header = place.header;
        let is_known = |last: &IndexedBlock| last.place.header.number >= header.number;
        if self.blocks.last().is_some_and(is_known) {
            return Ok(()); // a number that does not grow is not of this recording
        }
        let shift = self.shift(&header);
        if header.marks > 0 {
            let mut bytes = vec![0; header.marks as usize];
            file.read_exact_at(&mut bytes, place.offset + BLOCK_HEAD as u64)?;
            let marks = read_marks(header.began, &bytes).unwrap_or_default();
            self.marks.extend(marks.into_iter().map(|(at, event)| (shifted(at, shift), event)));
        }
        self.blocks.push(IndexedBlock { place, shift });
        Ok(())
    }

    fn add_tail(&mut self, tail: TailContent, catalog: &mut NameCatalog) {
        let number = tail.header.number;
        if self.blocks.last().is_some_and(|last| last.place.header.number >= number) {
            return; // it became a block since
        }
        let shift = self.shift(&tail.header);
        self.tail_marks = tail.events(shift, catalog);
        self.tail = Some((tail, shift));
    }
}

/// A file that has these bytes and no name: it is gone when it is closed.
fn unnamed(bytes: &[u8]) -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("manytop-{}.mtr", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    file.write_all_at(bytes, 0)?;
    Ok(file)
}
