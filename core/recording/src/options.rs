//! What is recorded and where to, and what of the machine that depends on.

use crate::{
    error::RecordingError,
    format::{BLOCK_HEAD, SEGMENT_HEAD},
    tail::tail_path,
};
use manytop_core::{
    clock::Moment,
    file::{OpenOptionsExt, set_mode},
    reading::Kind,
    view::SourceView,
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Which of several things are recorded.
pub type Chooses<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// What is recorded, and where to.
#[derive(Clone)]
pub struct RecordingOptions {
    /// The folder.
    pub folder: PathBuf,
    /// What is older is dropped.
    pub keep: Duration,
    /// The oldest is dropped when there are more bytes.
    pub size: u64,
    /// The mode of the files.
    pub mode: u32,
    /// Which kinds.
    pub kinds: Chooses<Kind>,
    /// Which sources.
    pub sources: Chooses<SourceView>,
    /// Answers are recorded no more often than this.
    pub every: Duration,
    /// Processes are recorded no more often than this.
    pub processes: Duration,
}

/// Whether there is nothing but a lock in the folder.
pub(crate) fn is_empty(options: &RecordingOptions) -> Result<bool, RecordingError> {
    let folder = &options.folder;
    let entries = fs::read_dir(folder).map_err(|e| RecordingError::io("read", folder, &e))?;
    let mut names = entries.flatten().map(|entry| entry.file_name());
    // a tail without a whole piece holds nothing
    let is_own = |name: &std::ffi::OsStr| name == "lock" || name == "tail";
    let short = fs::metadata(tail_path(folder)).map_or(0, |about| about.len());
    Ok(names.all(|name| is_own(&name)) && short <= (SEGMENT_HEAD + BLOCK_HEAD) as u64)
}

/// Opens a file that only the owner can read, or as `mode` says, whatever the umask.
pub(crate) fn private(path: &std::path::Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(mode);
    let file = options.open(path)?;
    set_mode(&file, mode)?;
    Ok(file)
}

/// Wall minus monotonic time, nanoseconds.
pub(crate) fn clock_now() -> i64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    (wall as u64).wrapping_sub(Moment::now().as_nanos()) as i64
}

/// A number for the boot that monotonic times belong to. Where the system has none, the clock begins with this process,
/// and so does the boot.
pub(crate) fn boot_id() -> u64 {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let text = text.unwrap_or_else(|_| format!("{} {}", std::process::id(), clock_now()));
    // FNV-1a
    text.trim().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
