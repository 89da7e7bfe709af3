//! Replaces a file whole or not at all: a temporary file in the same folder, synced, then renamed.

use super::{OpenOptionsExt, irregular, system::keep_owner_and_mode};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// What becomes of a file that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    /// It stays, and nothing is written: [`io::ErrorKind::AlreadyExists`].
    Keep,
    /// The new one takes its place, with the same mode and owner.
    Replace,
}

/// The longest chain of links that is followed.
const LINKS: usize = 40;

/// Writes a file. A new one is readable by its owner alone. A link stays a link, and what it leads to is
/// replaced. After an error everything is as it was before.
///
/// # Errors
/// What is wrong, in words that follow the path.
pub fn replace(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    if existing == Existing::Keep && fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let target = followed(path)?;
    let old = match fs::symlink_metadata(&target) {
        Ok(about) => Some(about),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    if let Some(old) = &old {
        writable(&target, old)?;
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut temporary = Temporary::create(folder)?;
    temporary.file.write_all(bytes)?;
    if let Some(old) = &old {
        keep_owner_and_mode(&temporary.file, old)?;
    }
    temporary.file.sync_all()?;
    match existing {
        Existing::Replace => temporary.rename(&target)?,
        Existing::Keep => temporary.rename_to_new(&target)?,
    }
    // the name itself; some file systems cannot sync a folder
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Where the links of a path lead, whether there is a file or not.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links, one leads to the next"))
}

/// A file that its user may not write is not replaced, even where the folder would allow it.
fn writable(target: &Path, old: &Metadata) -> io::Result<()> {
    if let Some(kind) = irregular(old.file_type()) {
        let text = format!("is {kind}; expected a regular file");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    OpenOptions::new().write(true).open(target).map(drop)
}

/// A file of its own in a folder, gone unless it is renamed.
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Temporary {
    fn create(folder: &Path) -> io::Result<Temporary> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        loop {
            // hidden, and without an ending: such files of conf.d are not read
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!(".manytop-{}-{number}", std::process::id()));
            match options.open(&path) {
                Ok(file) => return Ok(Temporary { path, file, renamed: false }),
                // of an earlier process with this number, which ended in the middle
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn rename(&mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.renamed = true;
        Ok(())
    }

    /// Never takes the place of a file that came meanwhile, where the file system knows links.
    fn rename_to_new(&mut self, to: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, to) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
            Err(_) => self.rename(to),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.path); // it is of no use to anything
        }
    }
}
