//! `tests/run` for an ordinary user without peers and apt-get: with a cargo that prints what this test says.

use crate::{
    blocks::root,
    home::{Done, Home, finish},
};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
    time::Duration,
};

/// What the script itself needs.
const TOOLS: [&str; 10] =
    ["bash", "cat", "dirname", "env", "grep", "id", "mktemp", "rm", "sed", "sort"];

fn run(said: &str, code: i32, args: &[&str]) -> Done {
    run_with(said, code, said, args)
}

/// Runs it with a cargo that prints `second`, and ends with 0, when it is asked for single tests.
fn run_with(said: &str, code: i32, second: &str, args: &[&str]) -> Done {
    let home = Home::new();
    for tool in TOOLS {
        let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
        let found = found.into_iter().find(|path| path.exists()).unwrap();
        fs::create_dir_all(home.path().join("bin")).unwrap();
        symlink(found, home.path().join("bin").join(tool)).unwrap();
    }
    let said = home.write("said", said).display().to_string();
    let second = home.write("second", second).display().to_string();
    let again = format!("case \" $* \" in *' --exact '*) exec cat {second};; esac");
    let cargo = format!("#!/bin/sh\n{again}\ncat {said}\nexit {code}\n");
    let cargo = home.write("bin/cargo", cargo);
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(root().join("tests/run"));
    command.args(args).env_clear().env("PATH", home.path().join("bin"));
    finish(&mut command, Duration::from_secs(60))
}

/// A test of which this was printed: the parts of libtest's and cargo's output that matter.
fn failure(name: &str, said: &str) -> String {
    format!(
        "---- {name} stdout ----\n\nthread '{name}' (7) panicked at tests/e2e/x.rs:1:1:\n{said}\n\n"
    )
}

fn output(failures: &[(&str, &str)]) -> String {
    let mut text =
        "     Running tests/e2e/main.rs (target/debug/deps/e2e-0123456789abcdef)\n\n".to_owned();
    text += "running 4 tests\ntest fine ... ok\ntest long ... ignored, takes long\n";
    for (name, _) in failures {
        text += &format!("test {name} ... FAILED\n");
    }
    if !failures.is_empty() {
        text += "\nfailures:\n\n";
        failures.iter().for_each(|(name, said)| text += &failure(name, said));
        text += "\nfailures:\n";
        failures.iter().for_each(|(name, _)| text += &format!("    {name}\n"));
    }
    let (word, count) = (if failures.is_empty() { "ok" } else { "FAILED" }, failures.len());
    text += &format!("\ntest result: {word}. 1 passed; {count} failed; 1 ignored; 0 measured\n\n");
    text + if failures.is_empty() { "" } else { "error: test failed, to rerun pass `--test e2e`\n" }
}

const LEFT_OUT: (&str, &str) = ("caddy::a", "left out: needs caddy");
const FAILED: (&str, &str) = ("names::b", "assertion failed");

#[test]
fn a_missing_peer_is_named_with_the_line_that_installs_it() {
    let done = run(&output(&[]), 0, &[]).expect(1);
    let line = done.stderr.lines().find(|line| line.contains("sudo apt-get install ")).unwrap();
    assert!(["caddy", "tmux", "tinyproxy"].iter().all(|peer| line.contains(peer)), "{line}");
    assert!(done.stderr.contains("tests/run --without-peers"), "{}", done.stderr);
    assert_eq!(done.stdout, "", "no test was run");
}

#[test]
fn what_was_left_out_is_named_and_is_no_failure() {
    let done = run(&output(&[LEFT_OUT]), 101, &["--without-peers"]).expect(0);
    assert!(done.stderr.contains("sudo apt-get install "), "{}", done.stderr);
    let end = "\n1 passed, 0 failed, 1 skipped, 1 left out\n\n\
               left out, with what is missing for it:\n    caddy: e2e caddy::a\n";
    assert!(done.stdout.ends_with(end), "{}", done.stdout);
    assert!(
        !done.stdout.contains("FAILED") && done.stdout.contains("test fine ... ok"),
        "{}",
        done.stdout
    );
}

#[test]
fn the_names_of_failed_tests_come_last() {
    let done = run(&output(&[LEFT_OUT, FAILED]), 101, &["--without-peers"]).expect(1);
    assert!(done.stdout.ends_with("\nfailed:\n    e2e names::b\n"), "{}", done.stdout);
    assert!(done.stdout.contains("1 passed, 1 failed, 1 skipped, 1 left out\n"), "{}", done.stdout);
    assert!(done.stdout.contains("test names::b ... FAILED\n"), "{}", done.stdout);
}

#[test]
fn a_failed_test_that_passes_alone_is_named_as_unsteady() {
    let second = "running 1 test\ntest names::b ... ok\n\n\
                  test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured\n";
    let done = run_with(&output(&[FAILED]), 101, second, &["--without-peers"]).expect(0);
    let end = "unsteady, passed at the second try:\n    names::b\n";
    assert!(done.stdout.ends_with(end), "{}", done.stdout);
    // a run that does not have the test proves nothing
    let second = second.replace("names::b", "names::c");
    run_with(&output(&[FAILED]), 101, &second, &["--without-peers"]).expect(1);
}

#[test]
fn a_program_that_breaks_off_and_one_that_is_not_built_are_failures() {
    let half = "     Running tests/e2e/main.rs (target/debug/deps/e2e-0123456789abcdef)\n\nrunning 4 tests\n";
    let done = run(half, 101, &["--without-peers"]).expect(1);
    assert!(
        done.stdout.ends_with("failed:\n    e2e (it ended without a result)\n"),
        "{}",
        done.stdout
    );
    let done = run("error: could not compile `manytop`\n", 101, &["--without-peers"]).expect(1);
    assert!(
        done.stdout.ends_with("failed:\n    error: could not compile `manytop`\n"),
        "{}",
        done.stdout
    );
}
