//! Reading Linux's own files below a root, and the two options that every local provider shares.
//!
//! A file stays open from poll to poll and is read again from its beginning into one buffer: the
//! kernel writes its contents at each read. The root is an option so that a recorded tree, or a
//! host's /proc and /sys seen from a container, can be read like this machine's own.

#[cfg_attr(target_os = "linux", path = "procfs/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "procfs/other.rs")]
mod system;

use super::files::{FilePath, FileTree};
use manytop_core::file::{self, FileExt};
use manytop_plugin::{
    options::{Opt, Options},
    provider::{BuildError, Class, Failure},
};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use system::BACKENDS;

/// Where proc and sys are found.
pub static ROOT: Opt<PathBuf> = Opt::<PathBuf>::with_default(
    "root",
    "/",
    "The folder that holds proc and sys: / or a recorded tree",
);

/// The reader.
pub static BACKEND: Opt<String> = Opt::one_of(
    "via",
    BACKENDS,
    BACKENDS[0],
    "kernel reads Linux's files itself; sysinfo asks the crate of that name",
);

/// The kernel counts processor time in hundredths of a second towards every program, whatever its
/// own clock does: USER_HZ is 100 on all architectures that Rust knows.
pub const TICKS_PER_SECOND: f64 = 100.0;

/// How a provider gets at its values.
pub enum Backend {
    /// By reading the files below this root.
    Kernel(Root),
    /// By the sysinfo crate.
    Sysinfo,
}

/// The way that the options choose.
pub fn way(options: &Options) -> Result<Backend, BuildError> {
    let root = Root::of(options)?;
    match options.get(&BACKEND).as_str() {
        "kernel" => Ok(Backend::Kernel(root)),
        _ if root.is_this_machine() => Ok(Backend::Sysinfo),
        _ => Err(BuildError::new(ROOT.spec(), "sysinfo knows this machine only; set via=kernel")),
    }
}

/// The folder that holds `proc` and `sys`, or the top of a tree in memory.
#[derive(Clone, Debug)]
pub struct Root(FilePath);

impl Root {
    /// The root that the options name.
    pub fn of(options: &Options) -> Result<Root, BuildError> {
        let path = options.get(&ROOT);
        if path.is_dir() {
            Ok(Root(path.into()))
        } else {
            Err(BuildError::new(ROOT.spec(), format!("{} is not a folder", path.display())))
        }
    }

    /// Another machine's files, in memory.
    pub fn of_tree(tree: FileTree) -> Root {
        Root(FilePath::top(tree))
    }

    /// Whether this is the machine on which we run, rather than a recording or another's tree.
    pub fn is_this_machine(&self) -> bool {
        self.0.tree().is_none() && self.0.as_path() == Path::new("/")
    }

    /// Another machine's files in memory, if it is that.
    pub fn tree(&self) -> Option<&FileTree> {
        self.0.tree()
    }

    /// The size of a page of memory, in bytes; `None` where another machine does not say it.
    pub fn page_bytes(&self) -> Option<f64> {
        match self.tree() {
            Some(tree) => tree.page_bytes(),
            None => system::page_bytes(),
        }
    }

    /// The path of something below.
    pub fn path(&self, below: impl AsRef<Path>) -> FilePath {
        let below = below.as_ref();
        self.0.join(below.strip_prefix("/").unwrap_or(below))
    }

    /// A file below, which is opened at the first read.
    pub fn file(&self, below: impl AsRef<Path>) -> ReusedFile {
        ReusedFile::at(self.path(below))
    }

    /// Something of ours in proc: of this machine below `proc/self`; of another tree below `proc/1`
    /// where there is that, since `self` is ourselves and not the tree's owner.
    pub fn own(&self, below: &str) -> ReusedFile {
        let first = self.path("proc/1").join(below);
        if !self.is_this_machine() && first.exists() {
            ReusedFile::at(first)
        } else {
            ReusedFile::at(self.path("proc/self").join(below))
        }
    }

    /// What a small file says, without the blanks around it; `None` where there is no such file, or
    /// nothing in it.
    pub fn text(&self, below: impl AsRef<Path>) -> Option<String> {
        self.path(below).text()
    }
}

/// What a small file says, without the blanks around it; `None` where there is no such file, or
/// nothing in it.
pub fn text(path: &FilePath) -> Option<String> {
    path.text()
}

/// The names in a folder, in natural order; none where there is no such folder.
pub fn names(path: &FilePath) -> Vec<String> {
    path.names()
}

/// A file that stays open between polls.
pub struct ReusedFile {
    path: FilePath,
    file: Option<fs::File>,
    buffer: Vec<u8>,
}

impl fmt::Debug for ReusedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReusedFile({})", self.path.display())
    }
}

impl ReusedFile {
    /// A file that is opened at the first read.
    pub fn at(path: impl Into<FilePath>) -> ReusedFile {
        ReusedFile { path: path.into(), file: None, buffer: Vec::new() }
    }

    /// Where it is.
    pub fn path(&self) -> &FilePath {
        &self.path
    }

    /// What a file that the kernel writes in one piece says now: all of /sys, and of /proc those that
    /// are no tables (`stat`, `meminfo`, `loadavg`).
    pub fn read_once(&mut self) -> io::Result<&[u8]> {
        self.read(&|_, full| !full)
    }

    /// As [`ReusedFile::read_once`], but no further than what `enough` accepts.
    pub fn read_until(&mut self, enough: fn(&[u8]) -> bool) -> io::Result<&[u8]> {
        self.read(&|bytes, _| enough(bytes))
    }

    /// What a table says now, which the kernel hands out a page or so at a time (`net/dev`,
    /// `diskstats`, `mountinfo`): a read that falls short is not yet its end.
    pub fn read_to_end(&mut self) -> io::Result<&[u8]> {
        self.read(&|_, _| false)
    }

    /// Whether the kernel says that a table of mounts has changed since it was last asked. Only of
    /// this machine's own: a recorded file never has news.
    pub fn has_news(&self) -> bool {
        self.file.as_ref().is_none_or(system::has_news)
    }

    /// A descriptor that was kept may point at something that has gone and come back: one that fails
    /// is opened again, once.
    fn read(&mut self, enough: &dyn Fn(&[u8], bool) -> bool) -> io::Result<&[u8]> {
        if let Some(copied) = self.path.copy(&mut self.buffer) {
            return copied.map(|()| &*self.buffer);
        }
        let kept = self.file.is_some();
        let mut length = self.fill(enough);
        if kept && !matches!(length, Ok(1..)) {
            self.file = None;
            length = self.fill(enough);
        }
        match length {
            Ok(length) => Ok(&self.buffer[..length]),
            Err(e) => {
                self.file = None;
                Err(e)
            }
        }
    }

    fn fill(&mut self, enough: &dyn Fn(&[u8], bool) -> bool) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(file::open(self.path.as_path())?),
        };
        if self.buffer.is_empty() {
            self.buffer.resize(FIRST_SIZE, 0);
        }
        let mut length = 0;
        loop {
            match file.read_at(&mut self.buffer[length..], length as u64) {
                Ok(0) => return Ok(length),
                Ok(n) => length += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
            let full = length == self.buffer.len();
            if enough(&self.buffer[..length], full) {
                return Ok(length);
            }
            if full && length >= LARGEST {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"));
            }
            if full {
                self.buffer.resize(2 * length, 0);
            }
        }
    }
}

/// Most files are smaller; a larger one doubles its buffer once.
const FIRST_SIZE: usize = 2048;
/// No file of the kernel is larger; a recorded tree may hold anything.
pub(super) const LARGEST: usize = 32 << 20;

/// A file that cannot be read, in words for a person.
pub fn unreadable(path: &FilePath, error: &io::Error) -> Failure {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Class::Unreachable, format!("no file {path}"))
            .advise("is proc mounted there, and is the option root right?"),
        io::ErrorKind::PermissionDenied => {
            Failure::new(Class::Refused, format!("not allowed to read {path}"))
        }
        _ => Failure::new(Class::Unreachable, format!("cannot read {path}: {error}")),
    }
}

/// A file in which what it must hold does not stand.
pub fn not_understood(path: &FilePath, missing: &str) -> Failure {
    Failure::new(Class::Payload, format!("{missing} is missing in {}", path.display()))
}

/// The lines of a file.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty())
}

/// The words of a line.
pub fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| matches!(b, b' ' | b'\t')).filter(|w| !w.is_empty())
}

/// A whole number from 0; `None` when the text is not a number, or does not fit.
pub fn number(word: &[u8]) -> Option<u64> {
    let digit = |b: &u8| b.is_ascii_digit().then(|| u64::from(b - b'0'));
    let mut digits = word.iter();
    let first = digits.next().and_then(digit)?;
    digits.try_fold(first, |n, b| n.checked_mul(10)?.checked_add(digit(b)?))
}

/// A number with a sign or a decimal point.
pub fn decimal(word: &[u8]) -> Option<f64> {
    std::str::from_utf8(word).ok()?.trim().parse().ok()
}

/// Device names that are shared from poll to poll instead of being allocated again. Asked for in nearly
/// the same order each time, a name is found at its last place.
#[derive(Default)]
pub struct SharedNames {
    known: Vec<Arc<str>>,
    next: usize,
}

impl SharedNames {
    /// The shared text of a name; what is no UTF-8 in it is replaced.
    pub fn share(&mut self, name: &[u8]) -> Arc<str> {
        let found = match self.known.get(self.next) {
            Some(known) if known.as_bytes() == name => Some(self.next),
            _ => self.known.iter().position(|known| known.as_bytes() == name),
        };
        let at = found.unwrap_or_else(|| {
            if self.known.len() >= MOST_NAMES {
                self.known.clear();
            }
            self.known.push(String::from_utf8_lossy(name).into());
            self.known.len() - 1
        });
        self.next = at + 1;
        self.known[at].clone()
    }

    /// The next name asked for will be the first again.
    pub fn rewind(&mut self) {
        self.next = 0;
    }
}

/// A machine that makes and drops interfaces all day must not grow us.
const MOST_NAMES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_file_says_what_it_says_now() {
        let path = std::env::temp_dir().join(format!("manytop-kept-{}", std::process::id()));
        fs::write(&path, "one").unwrap();
        let mut file = ReusedFile::at(path.clone());
        assert_eq!(file.read_once().unwrap(), b"one");
        fs::write(&path, "two and more").unwrap();
        assert_eq!(file.read_once().unwrap(), b"two and more");
        let long = "x".repeat(3 * FIRST_SIZE);
        fs::write(&path, &long).unwrap();
        assert_eq!(file.read_to_end().unwrap(), long.as_bytes());
        assert_eq!(file.read_once().unwrap(), long.as_bytes());
        fs::remove_file(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert_eq!(file.read_once().unwrap(), long.as_bytes(), "as long as the descriptor answers");
        fs::remove_file(&path).unwrap();
        assert!(ReusedFile::at(path).read_once().is_err());
    }

    #[test]
    fn a_number_is_digits_that_fit() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number(b""), None);
        assert_eq!(number(b"-1"), None);
        assert_eq!(number(b"1x"), None);
        assert_eq!(decimal(b"-12.5\n"), Some(-12.5));
    }

    #[test]
    fn a_name_is_made_once() {
        let mut names = SharedNames::default();
        let first = names.share(b"eth0");
        names.share(b"eth1");
        names.rewind();
        assert!(Arc::ptr_eq(&first, &names.share(b"eth0")));
        assert_eq!(&*names.share(b"\xff"), "\u{fffd}");
    }
}
