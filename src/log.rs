//! The log: what happened while a full screen was in the way. Only the owner can read it, and it is
//! rotated before it grows past `maxlogsize`.

use manytop_core::{file, masking};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// An open log; without a folder to write to, it swallows what it is told.
pub struct Log {
    path: Option<PathBuf>,
    file: Option<File>,
    most: u64,
}

impl Log {
    /// `$XDG_STATE_HOME/manytop/manytop.log`, or below `~/.local/state`. It is opened when the first
    /// line is written.
    pub fn new(most: u64) -> Log {
        let state =
            std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        let home = || file::home().map(|h| PathBuf::from(h).join(".local/state"));
        let path = state.or_else(home).map(|folder| folder.join("manytop/manytop.log"));
        Log { path, file: None, most: most.max(4096) }
    }

    /// Whether the folder of the log is not there yet, as before the first start; it is made.
    pub fn is_first_start(&self) -> bool {
        let Some(folder) = self.path.as_deref().and_then(Path::parent) else { return false };
        !folder.exists() && std::fs::create_dir_all(folder).is_ok()
    }

    /// It may grow to another size from now on.
    pub fn limit(&mut self, most: u64) {
        self.most = most.max(4096);
    }

    /// Where it is.
    pub fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }

    /// Adds a line. A log that cannot be written must not stop a dashboard.
    pub fn line(&mut self, text: &str) {
        let at = chrono::Local::now().format("%Y-%m-%d %H:%M:%S");
        let line = format!("{at} {}\n", masking::line(&text.replace('\n', " | ")));
        let Some(path) = self.path.clone() else { return };
        let Some(mut size) = self.size(&path) else { return };
        if size > 0 && size + line.len() as u64 > self.most {
            size = 0;
            if self.rotate(&path).is_none() {
                return; // it stays within its size
            }
        }
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_err()
        {
            let _ = file.set_len(size); // no half line on a full disk
        }
    }

    /// The size of the file of that name, opened where it is not yet, or not any more: another manytop
    /// may have rotated it.
    fn size(&mut self, path: &Path) -> Option<u64> {
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        let there = fs::metadata(path).ok();
        let same = |a: &fs::Metadata, b: &fs::Metadata| file::identity(a) == file::identity(b);
        if !open.zip(there).is_some_and(|(open, there)| same(&open, &there)) {
            self.file = open_log(path);
        }
        self.file.as_ref()?.metadata().ok().map(|about| about.len())
    }

    /// The full log becomes `manytop.log.1` once a new one is there. Otherwise all stays as it is.
    fn rotate(&mut self, path: &Path) -> Option<()> {
        self.file.as_ref()?.sync_all().ok()?;
        let new = path.with_extension("log.new");
        let file = open_log(&new)?;
        file.set_len(0).ok()?; // one may be left of a rotation that was cut short
        fs::rename(path, path.with_extension("log.1")).ok()?;
        fs::rename(&new, path).ok()?;
        self.file = Some(file);
        Some(())
    }
}

fn open_log(path: &Path) -> Option<File> {
    fs::create_dir_all(path.parent()?).ok()?;
    file::open_to_append(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_private_and_rotated() {
        let folder = std::env::temp_dir().join(format!("manytop-log-{}", std::process::id()));
        let path = folder.join("manytop.log");
        let mut log = Log { path: Some(path.clone()), file: None, most: 4096 };
        for n in 0..100 {
            log.line(&format!("line {n} of a log that is rotated, {}", "x".repeat(60)));
        }
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert!(fs::metadata(&path).unwrap().len() <= 4096);
        assert!(fs::metadata(path.with_extension("log.1")).unwrap().len() <= 4096);
        let last = fs::read_to_string(&path).unwrap();
        assert!(last.contains("line 99 of"), "{last}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_log_that_cannot_be_rotated_stays_as_it_is_and_within_its_size() {
        let folder = std::env::temp_dir().join(format!("manytop-log-full-{}", std::process::id()));
        let path = folder.join("manytop.log");
        // nothing can take the place of a folder that is not empty
        fs::create_dir_all(folder.join("manytop.log.1/in the way")).unwrap();
        let mut log = Log { path: Some(path.clone()), file: None, most: 4096 };
        (0..100).for_each(|n| log.line(&format!("line {n} of many, {}", "x".repeat(60))));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("line 0 of") && text.len() <= 4096, "{text}");
        assert!(text.ends_with('\n'));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_that_write_the_same_log_rotate_it_together() {
        let folder = std::env::temp_dir().join(format!("manytop-log-two-{}", std::process::id()));
        let path = folder.join("manytop.log");
        let log = || Log { path: Some(path.clone()), file: None, most: 4096 };
        let (mut one, mut other) = (log(), log());
        for n in 0..100 {
            one.line(&format!("one {n} {}", "x".repeat(60)));
            other.line(&format!("other {n} {}", "x".repeat(60)));
        }
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let text = read("manytop.log.1") + &read("manytop.log");
        assert!(text.len() <= 2 * 4096);
        assert!(text.ends_with(&format!("{}\n", "x".repeat(60))) && text.contains("one 99 x"));
        assert!(text.find("one 95 ") < text.find("other 95 "), "in the order of time");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_fifo_is_not_waited_for_and_secrets_are_not_kept() {
        let folder = std::env::temp_dir().join(format!("manytop-log-fifo-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("manytop.log");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, mode, 0).unwrap();
        let mut log = Log { path: Some(path.clone()), file: None, most: 4096 };
        log.line("nothing reads it");
        fs::remove_file(&path).unwrap();
        log.line("http://u:SECRET@h/ \x1b[2J");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("http://***@h/ \u{fffd}[2J\n"), "{text}");
        fs::remove_dir_all(folder).unwrap();
    }
}
