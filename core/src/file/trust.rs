//! Whether another user of this machine can write a file.

use std::path::Path;

/// What to do about a file that other users can write, or replace; `None` where they cannot. A group that is
/// its owner's own is not another user, and neither is root.
#[cfg(unix)]
pub fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    const BY_ALL: u32 = 0o002;
    const BY_GROUP: u32 = 0o020;
    const STICKY: u32 = 0o1000;
    let user = rustix::process::geteuid().as_raw();
    // an own group bears its user's number
    let open = |about: &std::fs::Metadata| {
        about.mode() & BY_ALL != 0 || about.mode() & BY_GROUP != 0 && about.gid() != about.uid()
    };
    let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    if about.uid() != user && about.uid() != 0 {
        return Some(format!("chown it to the user who runs manytop: {}", path.display()));
    }
    if open(&about) {
        return Some(format!("chmod go-w {}", path.display()));
    }
    let folder = path.canonicalize().ok()?.parent()?.to_owned();
    let about = std::fs::metadata(&folder).ok()?;
    (open(&about) && about.mode() & STICKY == 0).then(|| format!("chmod go-w {}", folder.display()))
}

/// Only Unix has such permissions.
#[cfg(not(unix))]
pub fn open_to_others(_: &Path) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
    };

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
}
