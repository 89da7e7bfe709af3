//! Drives, by a program in the place of smartctl.

use super::{Says, device, poll, reader};
use manytop_core::vocabulary as v;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::{Duration, Instant},
};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder =
            std::env::temp_dir().join(format!("manytop-smart-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("sys/block/sda")).unwrap();
        fs::create_dir_all(folder.join("sys/block/loop0")).unwrap();
        fs::create_dir_all(folder.join("sys/class/nvme/nvme0")).unwrap();
        Folder(folder)
    }

    fn program(&self, text: &str) -> String {
        let path = self.0.join("smartctl");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn each_drive_is_asked_once_and_without_waiting() {
    let folder = Folder::new("two");
    let asked = folder.0.join("asked");
    let program = folder.program(&format!(
        r#"echo "$@" >> {asked}
case "$*" in
*sda) echo '{{"smartctl":{{}},"model_name":"Disk","smart_status":{{"passed":false}}}}'; exit 8;;
*nvme0) echo '{{"smartctl":{{}},"smart_status":{{"passed":true}},"temperature":{{"current":40}}}}';;
esac"#,
        asked = asked.display(),
    ));
    let root = folder.0.to_str().unwrap().to_owned();
    let mut reader = reader("storage", &[("root", &root), ("smartctl", &program)]);
    let deadline = Instant::now() + Duration::from_secs(60);
    let readings = loop {
        let readings = poll("storage", &mut *reader).unwrap();
        if readings.len() == 2 {
            break readings;
        }
        assert!(Instant::now() < deadline, "{readings:?}");
        std::thread::yield_now();
    };
    let (sda, nvme) = (device(&readings, "sda"), device(&readings, "nvme0"));
    assert_eq!((sda.text_of(&v::STATE), sda.text_of(&v::MODEL)), ("failing", "Disk"));
    assert_eq!((nvme.text_of(&v::STATE), nvme.number(&v::CELSIUS)), ("ok", 40.0));
    for _ in 0..20 {
        poll("storage", &mut *reader).unwrap();
    }
    let asked = fs::read_to_string(asked).unwrap();
    let lines: Vec<&str> = asked.lines().collect();
    assert_eq!(
        lines,
        ["-j -i -H -A -n standby /dev/sda", "-j -i -H -A -n standby /dev/nvme0"],
        "and not again before its time"
    );
}
