//! Each kind of path that is not a plain file, read and replaced.

use super::*;
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

struct TestFolder(PathBuf);

impl TestFolder {
    fn new() -> TestFolder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("manytop-file-{}-{n}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        TestFolder(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn fifo(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap().flatten();
        let mut names: Vec<_> =
            entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn error(path: &Path) -> String {
    read(path, 1 << 20).unwrap_err().to_string()
}

#[test]
fn what_is_not_a_regular_file_is_named_and_never_waited_for() {
    let folder = TestFolder::new();
    assert_eq!(error(&folder.fifo("fifo")), "is a FIFO; expected a regular file");
    let socket = folder.0.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(error(&socket), "is a socket; expected a regular file");
    assert_eq!(error(&folder.0), "is a folder; expected a regular file");
    assert_eq!(error(Path::new("/dev/zero")), "is a device; expected a regular file");
    assert_eq!(error(Path::new("/dev/full")), "is a device; expected a regular file");
    assert_eq!(error(&folder.0.join("none")), "no such file");
    let link = folder.0.join("link");
    symlink(folder.0.join("fifo"), &link).unwrap();
    assert_eq!(error(&link), "is a FIFO; expected a regular file", "behind a link too");
    assert_eq!(check(&link, 9).unwrap_err().to_string(), "is a FIFO; expected a regular file");
    assert_eq!(read(Path::new("/dev/null"), 9).unwrap(), b"");
}

#[test]
fn a_file_is_read_up_to_its_limit() {
    let folder = TestFolder::new();
    let file = folder.write("file", "\u{feff}a\nb");
    assert_eq!(read_text(&file, 6).unwrap(), "a\nb");
    assert_eq!(read(&file, 5).unwrap_err().to_string(), "is larger than 0 KiB");
    let large = folder.write("large", "");
    fs::File::options().write(true).open(&large).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(error(&large), "is larger than 1 MiB", "a terabyte without a byte on the disk");
    let latin = folder.write("latin", b"a\n\xfc");
    assert_eq!(read_text(&latin, 9).unwrap_err().to_string(), "line 2 is not UTF-8");
}

#[test]
fn an_argument_may_be_a_pipe_and_a_file_that_stays_open_may_not() {
    let folder = TestFolder::new();
    let fifo = folder.fifo("fifo");
    // the shell ends at once, and what it started waits until the FIFO is opened
    let late = ["-c", "printf late >\"$0\" &", fifo.to_str().unwrap()];
    assert!(std::process::Command::new("sh").args(late).status().unwrap().success());
    assert_eq!(read_argument(&fifo, 99).unwrap(), (b"late".to_vec(), true));
    let file = folder.write("file", "text");
    assert_eq!(read_argument(&file, 99).unwrap(), (b"text".to_vec(), false));
    assert!(open(&fifo).unwrap_err().to_string().contains("is a FIFO"));
    assert!(open(&file).is_ok());
}

#[test]
fn a_pipe_ends_in_time_and_within_its_size() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let late = read_stream(&reader, 9, Some(Duration::from_millis(20))).unwrap_err();
    assert_eq!(late.to_string(), "did not end within 0.02 s");
    let endless = fs::File::open("/dev/zero").unwrap();
    let large = read_stream(&endless, 1 << 20, Some(Duration::from_secs(60))).unwrap_err();
    assert_eq!(large.to_string(), "is larger than 1 MiB");
    assert!(matches!(
        read_stream(&endless, u64::MAX, Some(Duration::ZERO)),
        Err(ReadError::Late(_))
    ));
}

#[test]
fn a_replaced_file_keeps_its_mode_and_owner_and_a_link_stays_one() {
    let folder = TestFolder::new();
    let file = folder.write("file", "old");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.0.join("link");
    symlink("file", &link).unwrap();
    let before = fs::metadata(&file).unwrap();
    replace(&link, b"new", Existing::Replace).unwrap();
    let after = fs::symlink_metadata(&file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(after.mode(), before.mode());
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(folder.names(), ["file", "link"], "no temporary file is left");
}

#[test]
fn a_new_file_is_its_owners_alone_and_an_old_one_stays_where_it_must() {
    let folder = TestFolder::new();
    let file = folder.0.join("file");
    replace(&file, b"first", Existing::Keep).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let again = replace(&file, b"second", Existing::Keep).unwrap_err();
    assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&file).unwrap(), b"first");
    let link = folder.0.join("link");
    symlink("to come", &link).unwrap();
    assert!(replace(&link, b"x", Existing::Keep).is_err());
    replace(&link, b"x", Existing::Replace).unwrap();
    assert_eq!(folder.names(), ["file", "link", "to come"]);
}

#[test]
fn what_cannot_be_replaced_is_as_it_was() {
    let folder = TestFolder::new();
    let fifo = folder.fifo("fifo");
    let said = replace(&fifo, b"x", Existing::Replace).unwrap_err().to_string();
    assert_eq!(said, "is a FIFO; expected a regular file");
    let said = replace(&folder.0, b"x", Existing::Replace).unwrap_err().to_string();
    assert_eq!(said, "is a folder; expected a regular file");
    assert!(replace(&folder.0.join("none/file"), b"x", Existing::Replace).is_err());
    let knot = folder.0.join("knot");
    symlink("knot", &knot).unwrap();
    assert!(replace(&knot, b"x", Existing::Replace).is_err());
    assert_eq!(folder.names(), ["fifo", "knot"]);
}

#[test]
fn a_file_that_all_can_write_is_open_and_one_in_such_a_folder_too() {
    let folder = std::env::temp_dir().join(format!("manytop-trust-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("a.conf");
    fs::write(&file, "").unwrap();
    let set = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        open_to_others(&file)
    };
    set(&folder, 0o700);
    assert_eq!(set(&file, 0o644), None);
    assert_eq!(set(&file, 0o666), Some(format!("chmod go-w {}", file.display())));
    assert_eq!(set(&file, 0o600), None);
    let shown = folder.canonicalize().unwrap();
    assert_eq!(set(&folder, 0o777), Some(format!("chmod go-w {}", shown.display())));
    assert_eq!(set(&folder, 0o1777), None, "in /tmp nobody replaces another's files");
    fs::remove_dir_all(&folder).unwrap();
}
