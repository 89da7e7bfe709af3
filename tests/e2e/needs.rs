//! What a test needs of the machine that runs it: programs, and the rights of root.
//!
//! Where one is missing the test fails and says how to get it. With `MANYTOP_WITHOUT_PEERS`, which
//! `tests/run --without-peers` sets, its failure begins with [`LEFT_OUT`], and tests/run counts it as left out.

use crate::home::PATH;
use std::{path::Path, process::Command};

/// `tests/summary` knows these words.
const LEFT_OUT: &str = "left out: needs";

/// Fails, or leaves the test out, where a program of that name or path is missing.
#[track_caller]
pub fn program(name: &str) {
    let found = PATH.split(':').any(|folder| Path::new(folder).join(name).is_file());
    if !found {
        missing(name, "tests/run prints the line that installs it");
    }
}

#[track_caller]
pub fn missing(what: &str, advice: &str) -> ! {
    match std::env::var_os("MANYTOP_WITHOUT_PEERS") {
        Some(_) => panic!("{LEFT_OUT} {what}"),
        None => panic!("{what} is missing: {advice}"),
    }
}

/// Fails, or leaves the test out, where root of this container may not `unshare` so.
#[track_caller]
pub fn namespaces(args: &[&str]) {
    program("unshare");
    let allowed = Command::new("unshare").args(args).arg("true").output().unwrap();
    if !allowed.status.success() {
        missing(&format!("root outside of a container (unshare {})", args.join(" ")), "run there");
    }
}

/// Whether this process may do what root may, at least in namespaces of its own.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a test of an ordinary user once more, as root of a user namespace, which needs no rights. Returns whether
/// it did, and so nothing is left to do; `false`: this is root.
#[track_caller]
pub fn ran_as_root(test: &str) -> bool {
    if is_root() {
        return false;
    }
    let test = test.split_once("::").map_or(test, |(_, test)| test);
    let test = test.strip_suffix("::here").unwrap_or(test);
    program("unshare");
    let within = ["--user", "--map-root-user", "--"];
    let unshare = |command: &mut Command| command.output().unwrap();
    let allowed = unshare(Command::new("unshare").args(within).arg("true"));
    if !allowed.status.success() {
        missing("root", "or a kernel that lets an ordinary user have user namespaces");
    }
    let again = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args(within).arg(again).args(["--exact", test, "--nocapture"]);
    let done = unshare(&mut command);
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let said = said.concat();
    if let Some((_, needs)) = said.split_once(LEFT_OUT) {
        panic!("{LEFT_OUT}{}", needs.lines().next().unwrap_or_default());
    }
    assert!(done.status.success() && said.contains("1 passed"), "as root of a namespace:\n{said}");
    true
}

/// What a command line begins with so that an ordinary user runs the rest. As root of a user namespace, which has no
/// other user, that is one without root's rights.
pub fn as_ordinary_user() -> &'static [&'static str] {
    let users = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let one_user = users.split_whitespace().nth(2) == Some("1");
    match (is_root(), one_user) {
        (false, _) => &[],
        (true, true) => &["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"],
        (true, false) => &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    }
}

/// Makes the rest of a test run as root: see [`ran_as_root`].
#[macro_export]
macro_rules! as_root {
    () => {
        fn here() {}
        if $crate::needs::ran_as_root(std::any::type_name_of_val(&here)) {
            return;
        }
    };
}
