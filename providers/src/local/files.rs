//! Where a reader's files come from: the file system, or a tree in memory.
//!
//! Readers name files by [`FilePath`]s and do not know the difference. A [`FileTree`] holds what came from
//! another machine, so that one parser reads this machine, a recorded folder, and a host over ssh.

use super::procfs;
use manytop_core::file;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::{Display, Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// Files and links by absolute path, shared by all readers.
#[derive(Clone, Default)]
pub struct FileTree(Arc<RwLock<Entries>>);

#[derive(Default)]
struct Entries {
    files: BTreeMap<PathBuf, FileEntry>,
    page_bytes: Option<f64>,
}

enum FileEntry {
    File(Vec<u8>),
    /// A symbolic link and its target.
    Link(PathBuf),
}

impl FileTree {
    fn entries(&self) -> RwLockReadGuard<'_, Entries> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries_mut(&self) -> RwLockWriteGuard<'_, Entries> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the contents of a file.
    pub fn put(&self, path: impl Into<PathBuf>, contents: Vec<u8>) {
        self.entries_mut().files.insert(path.into(), FileEntry::File(contents));
    }

    /// Sets the target of a symbolic link.
    pub fn link(&self, path: impl Into<PathBuf>, target: impl Into<PathBuf>) {
        self.entries_mut().files.insert(path.into(), FileEntry::Link(target.into()));
    }

    /// Removes the entries with a path that the test accepts.
    pub fn remove(&self, accepts: impl Fn(&Path) -> bool) {
        self.entries_mut().files.retain(|path, _| !accepts(path));
    }

    /// Sets the size of the other machine's memory pages.
    pub fn set_page_bytes(&self, bytes: Option<f64>) {
        self.entries_mut().page_bytes = bytes;
    }

    /// The paths of all files and links below a folder, in order.
    pub fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        let entries = self.entries();
        let below = entries.files.range(folder.to_owned()..).map(|(path, _)| path);
        below.take_while(|path| path.starts_with(folder)).cloned().collect()
    }

    fn copy(&self, path: &Path, buffer: &mut Vec<u8>) -> io::Result<()> {
        match self.entries().files.get(path) {
            Some(FileEntry::File(contents)) => {
                buffer.clear();
                buffer.extend_from_slice(contents);
                Ok(())
            }
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Whether there is an entry of that path, or one below it.
    fn has(&self, path: &Path) -> bool {
        let entries = self.entries();
        let mut after = entries.files.range(path.to_owned()..);
        after.next().is_some_and(|(found, _)| found.starts_with(path))
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let entries = self.entries();
        let below = entries.files.range(folder.to_owned()..).map(|(path, _)| path);
        let below = below.map_while(|path| path.strip_prefix(folder).ok());
        let mut names: Vec<String> =
            below.filter_map(|rest| Some(rest.iter().next()?.to_str()?.to_owned())).collect();
        names.dedup();
        names
    }

    fn target(&self, path: &Path) -> io::Result<PathBuf> {
        match self.entries().files.get(path) {
            Some(FileEntry::Link(target)) => Ok(target.clone()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The size of a page of the other machine's memory; `None` where it is unknown.
    pub fn page_bytes(&self) -> Option<f64> {
        self.entries().page_bytes
    }
}

/// The path of a file or folder, of the file system or of a tree in memory.
#[derive(Clone, Default)]
pub struct FilePath {
    tree: Option<FileTree>,
    path: PathBuf,
}

/// Two paths are compared within one tree.
impl PartialEq for FilePath {
    fn eq(&self, other: &FilePath) -> bool {
        self.path == other.path
    }
}

impl std::fmt::Debug for FilePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.fmt(f)
    }
}

impl From<PathBuf> for FilePath {
    fn from(path: PathBuf) -> FilePath {
        FilePath { tree: None, path }
    }
}

impl FilePath {
    /// The top of a tree in memory.
    pub fn top(tree: FileTree) -> FilePath {
        FilePath { tree: Some(tree), path: "/".into() }
    }

    /// The tree in memory that it belongs to.
    pub fn tree(&self) -> Option<&FileTree> {
        self.tree.as_ref()
    }

    /// The path alone, which means nothing to the file system where there is a tree.
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// For messages.
    pub fn display(&self) -> Display<'_> {
        self.path.display()
    }

    /// A path below.
    pub fn join(&self, below: impl AsRef<Path>) -> FilePath {
        FilePath { tree: self.tree.clone(), path: self.path.join(below) }
    }

    /// The same path with more at the end of its last name.
    pub fn with_suffix(&self, suffix: &str) -> FilePath {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        FilePath { tree: self.tree.clone(), path: path.into() }
    }

    /// Whether it exists.
    pub fn exists(&self) -> bool {
        match &self.tree {
            Some(tree) => tree.has(&self.path),
            None => self.path.exists(),
        }
    }

    /// The target of a symbolic link.
    pub fn read_link(&self) -> io::Result<PathBuf> {
        match &self.tree {
            Some(tree) => tree.target(&self.path),
            None => fs::read_link(&self.path),
        }
    }

    /// Reads a whole file of at most so many bytes.
    pub fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match &self.tree {
            Some(tree) => {
                tree.copy(&self.path, &mut bytes)?;
                bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            }
            None => {
                bytes.reserve(SMALL);
                file::open(&self.path)?.take(most).read_to_end(&mut bytes)?;
            }
        }
        Ok(bytes)
    }

    /// The contents of a file in memory, put into a buffer that is used again.
    pub(super) fn copy(&self, buffer: &mut Vec<u8>) -> Option<io::Result<()>> {
        self.tree.as_ref().map(|tree| tree.copy(&self.path, buffer))
    }

    /// The names in a folder, in natural order; none where there is no such folder.
    pub fn names(&self) -> Vec<String> {
        let mut names = match &self.tree {
            Some(tree) => tree.names(&self.path),
            None => {
                let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
                entries.filter_map(|e| e.file_name().into_string().ok()).collect()
            }
        };
        names.sort_by(|a, b| crate::natural::order(a, b));
        names
    }

    /// The text of a small file without the blanks around it; `None` where there is no such file, or
    /// nothing in it.
    pub fn text(&self) -> Option<String> {
        let bytes = self.read(procfs::LARGEST as u64).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// The kernel's files of one value are smaller.
const SMALL: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_in_memory_is_read_like_folders() {
        let tree = FileTree::default();
        let top = FilePath::top(tree.clone());
        tree.put("/sys/class/hwmon/hwmon10/name", b"k10temp\n".to_vec());
        tree.put("/sys/class/hwmon/hwmon2/name", b" acpitz \n".to_vec());
        tree.put("/sys/class/hwmon-x/name", b"other".to_vec());
        tree.link("/sys/class/hwmon/hwmon2/device", "../../thermal_zone0");
        let class = top.join("sys/class/hwmon");
        assert_eq!(class.names(), ["hwmon2", "hwmon10"]);
        assert_eq!(class.join("hwmon2").names(), ["device", "name"]);
        assert_eq!(class.join("hwmon2/name").text().as_deref(), Some("acpitz"));
        assert_eq!(
            class.join("hwmon2/device").read_link().unwrap(),
            Path::new("../../thermal_zone0")
        );
        assert!(class.exists() && class.join("hwmon2").exists() && !class.join("hwmon").exists());
        assert!(!class.join("hwmon1").exists(), "a name is not a beginning of one");
        assert!(class.join("hwmon3/name").read(9).is_err());
        tree.remove(|path| path.starts_with("/sys/class/hwmon/hwmon2"));
        assert_eq!(class.names(), ["hwmon10"]);
    }

    #[test]
    fn nothing_of_a_tree_in_memory_is_looked_for_in_the_file_system() {
        let top = FilePath::top(FileTree::default());
        assert!(!top.join("proc").exists() && top.join("proc/stat").text().is_none());
        assert!(top.names().is_empty() && top.join("proc/self").read_link().is_err());
    }
}
