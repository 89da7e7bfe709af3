//! One writer a folder.

use crate::error::RecordingError;
use manytop_core::file::OpenOptionsExt;
use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Held by the writer of a folder until it ends, however it ends.
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Whether a process records into the folder.
    pub(crate) fn is_held(folder: &Path) -> bool {
        let Ok(file) = File::open(folder.join("lock")) else { return false };
        file.try_lock_shared().is_err()
    }

    /// Takes the lock of a folder.
    ///
    /// # Errors
    /// Another process records into the folder, or the lock cannot be written.
    pub(crate) fn take(folder: &Path, mode: u32) -> Result<FolderLock, RecordingError> {
        let path = folder.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(mode);
        let mut file = options.open(&path).map_err(|e| RecordingError::io("open", &path, &e))?;
        if file.try_lock().is_err() {
            let mut pid = String::new();
            let _ = Read::by_ref(&mut file).take(32).read_to_string(&mut pid); // a foreign text is left out
            let pid =
                pid.trim().parse::<u32>().map_or(String::new(), |pid| format!(" (pid {pid})"));
            return Err(RecordingError::new(format!(
                "another process{pid} records into {}; name another folder",
                folder.display()
            )));
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()));
        // on a full disk the lock holds without a pid in it
        drop(written);
        Ok(FolderLock { _file: file })
    }
}
