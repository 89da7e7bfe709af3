//! What programs print and what files hold, through the plugins that are registered.

use super::{plugin, poll, reader};
use manytop_core::{
    options::Options,
    provider::{Build, Class},
    testing::lines,
};
use std::fs;

/// What a shell's command gives, or why not.
fn printed(script: &str, given: &[(&str, &str)]) -> Result<String, (Class, String)> {
    let run = format!("/bin/sh -c \"{script}\"");
    let mut reader = reader("command", &[&[("run", &*run)], given].concat());
    let readings = poll("command", &mut *reader);
    readings.map(|readings| lines(&readings)).map_err(|e| (e.class(), e.to_string()))
}

#[test]
fn what_a_program_prints_becomes_readings() {
    assert_eq!(
        printed(
            "echo room 21.5 C; echo all is well; echo 'manytop_fan_rpm{device=\\\"x\\\"} 900'",
            &[]
        ),
        Ok("x rpm=900\nroom value=21.5 value_unit=\"C\"\n1 line=\"all is well\"\n".into())
    );
    assert_eq!(printed("echo '{\\\"a\\\": [1, 2]}'", &[]), Ok("a.1 value=1\na.2 value=2\n".into()));
}

#[test]
fn a_program_that_fails_says_why() {
    let failed = |class, reason: &str| Err((class, reason.to_owned()));
    assert_eq!(
        printed("echo room 1; echo no sensor >&2; exit 3", &[]),
        failed(Class::Refused, "sh ended with code 3: no sensor")
    );
    assert_eq!(printed("true", &[]), failed(Class::Payload, "sh printed nothing"));
    let (class, reason) = printed("sleep 600", &[("timeout", "100ms")]).unwrap_err();
    assert_eq!(class, Class::Timeout);
    assert!(reason.starts_with("sh killed after 0.09 s; set command-NAME-timeout"), "{reason}");
    let (class, reason) = printed("yes", &[("timeout", "60s")]).unwrap_err();
    assert_eq!((class, &*reason), (Class::Payload, "sh killed after 1048576 bytes of output"));
    let (_, reason) = printed("echo '[1,'", &[]).unwrap_err();
    assert!(reason.starts_with("sh: not valid JSON"), "{reason}");
    let mut missing = reader("command", &[("run", "/no/such/program")]);
    let reason = poll("command", &mut *missing).unwrap_err().to_string();
    assert_eq!(reason, "program cannot be started: no such program; check command-NAME-run");
}

#[test]
fn a_program_must_be_named() {
    let options = Options::parse(plugin("command").specs(), &[("run", "  ")]).unwrap();
    let Build::Reads(build) = plugin("command").build() else { panic!("command does not read") };
    assert_eq!(build(&options).err().unwrap().to_string(), "run: no program is named");
}

#[test]
fn files_of_a_folder_are_read_and_broken_ones_left_out() {
    let folder = std::env::temp_dir().join(format!("manytop-textfile-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("backup.prom"), "# TYPE backups counter\nbackups 3\nbackup_bytes 7e9\n")
        .unwrap();
    fs::write(folder.join("other.txt"), "not 1\n").unwrap();
    fs::write(folder.join("broken.prom"), b"x \xff 1\n").unwrap();
    let mut reader = reader("textfile", &[("dir", folder.to_str().unwrap())]);
    let result = reader.read(&Default::default()).unwrap();
    assert_eq!(
        lines(&result.parts[0].readings),
        "backups counter=3\nbackup_bytes value=7000000000\n"
    );
    assert_eq!(result.notes.len(), 1, "{:?}", result.notes);
    assert!(result.notes[0].contains("broken.prom"), "{:?}", result.notes);
    fs::remove_dir_all(&folder).unwrap();
    let failure = reader.read(&Default::default()).unwrap_err().to_string();
    assert!(failure.contains("check textfile-dir"), "{failure}");
    let mut off = super::reader("textfile", &[]);
    assert_eq!(off.read(&Default::default()).unwrap_err().class(), Class::Absent);
}
