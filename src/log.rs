//! The log: what happened while a full screen was in the way. Only the owner can read it, and it is
//! rotated before it grows past `maxlogsize`.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

/// An open log; without a folder to write to, it swallows what it is told.
pub struct Log {
    path: Option<PathBuf>,
    file: Option<File>,
    size: u64,
    most: u64,
}

impl Log {
    /// `$XDG_STATE_HOME/manytop/manytop.log`, or below `~/.local/state`. It is opened when the first
    /// line is written.
    pub fn new(most: u64) -> Log {
        let state =
            std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/state"));
        let path = state.or_else(home).map(|folder| folder.join("manytop/manytop.log"));
        Log { path, file: None, size: 0, most: most.max(4096) }
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
        let line = format!("{at} {}\n", text.replace('\n', " | "));
        if self.file.is_none() {
            self.file = self.open();
        }
        if self.size + line.len() as u64 > self.most
            && let Some(path) = &self.path
        {
            let _ = fs::rename(path, path.with_extension("log.1"));
            self.file = self.open();
        }
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_ok()
        {
            self.size += line.len() as u64;
        }
    }

    fn open(&mut self) -> Option<File> {
        let path = self.path.as_ref()?;
        fs::create_dir_all(path.parent()?).ok()?;
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).ok()?;
        self.size = file.metadata().map_or(0, |m| m.len());
        Some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_private_and_rotated() {
        let folder = std::env::temp_dir().join(format!("manytop-log-{}", std::process::id()));
        let path = folder.join("manytop.log");
        let mut log = Log { path: Some(path.clone()), file: None, size: 0, most: 4096 };
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
}
