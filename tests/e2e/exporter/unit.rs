//! `docs/manytop.service`: systemd takes it, it confines, and what is told under it is the same.

use crate::{
    home::{Home, PATH, binary, finish},
    needs::{self, as_ordinary_user},
};
use std::{collections::BTreeSet, fs, process::Command, time::Duration};

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manytop.service");
/// systemd finds the program in its own path: `/usr/local/bin`, `/usr/bin`.
const STARTED: &str = "ExecStart=manytop";

fn unit() -> String {
    fs::read_to_string(UNIT).unwrap()
}

/// The unit with the binary under test in it.
fn written(home: &Home) -> String {
    let text = unit().replace(STARTED, &format!("ExecStart={}", binary().display()));
    home.write("manytop.service", text).display().to_string()
}

#[track_caller]
fn analyze(args: &[&str]) -> String {
    needs::program("systemd-analyze");
    let mut command = Command::new("systemd-analyze");
    command.args(args).env_clear().env("PATH", PATH).env("SYSTEMD_PAGER", "cat");
    let done = finish(&mut command, Duration::from_secs(60)).expect(0);
    done.stdout + &done.stderr
}

#[test]
fn systemd_takes_it_without_a_complaint() {
    let home = Home::new();
    assert_eq!(analyze(&["verify", "--man=no", &written(&home)]), "");
}

#[test]
fn systemd_finds_it_well_confined() {
    let home = Home::new();
    // fails past the threshold, in tenths
    let said = analyze(&["security", "--offline=yes", "--threshold=25", &written(&home)]);
    assert!(said.contains("Overall exposure level"), "{said}");
}

#[test]
fn what_it_starts_is_a_command_that_manytop_knows() {
    let home = Home::new();
    let unit = unit();
    let args = unit.lines().find_map(|line| line.strip_prefix(STARTED)).unwrap();
    let args = args.split_whitespace();
    home.run(&args.chain(["--check-config"]).collect::<Vec<_>>()).expect(0);
}

/// Series without their values, and for each of what does not change from one moment to the next.
fn told(page: &str) -> BTreeSet<String> {
    let series = page.lines().filter(|l| l.starts_with("node_") || l.starts_with("manytop_"));
    let series = series.filter(|l| !l.starts_with("manytop_process_"));
    series.map(|l| l.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

/// What systemd makes of `ProtectSystem=strict`, `ProtectHome=read-only`, `NoNewPrivileges=yes` and an empty
/// `CapabilityBoundingSet=`: everything read-only, and mounts of its own for it. Without them the disks must be the
/// same, and so must processes.
#[test]
fn disks_and_processes_are_the_same_under_its_confinement() {
    as_root!();
    let home = Home::new();
    let ordinary = as_ordinary_user();
    let ordinary = [ordinary, &["setpriv", "--no-new-privs", "--bounding-set=-all"]].concat();
    let confine = "mount --make-rslave / && for d in /home /root; do \
                   mount --bind $d $d && mount -o remount,ro,bind $d || exit 1; done; \
                   mount -o remount,ro,bind / && exec \"$@\"";
    let page = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script, "sh"]).args(&ordinary).arg(binary());
        command.args(["--once=prometheus", "--export-processes"]);
        command.env_clear().env("PATH", PATH).current_dir("/");
        finish(&mut command, Duration::from_secs(60)).expect(0).stdout
    };
    let (free, confined) = (page("exec \"$@\""), page(confine));
    let disks = |page: &str| {
        let told = told(page);
        told.into_iter().filter(|s| s.starts_with("node_filesystem_")).collect::<Vec<_>>()
    };
    assert_eq!(disks(&free), disks(&confined));
    assert_eq!(told(&free), told(&confined));
    let me = format!("device=\"{}\"", std::process::id());
    let mine =
        |page: &str| page.lines().any(|l| l.contains("manytop_process_info") && l.contains(&me));
    assert!(mine(&free) && mine(&confined), "the process of somebody else");
    drop(home);
}
