//! What holds for all inputs: the kept corpora of the fuzzers are tried again, and round trips are tried with whatever
//! proptest makes up.
#![allow(clippy::unwrap_used)]

#[path = "../fuzz/properties.rs"]
mod fuzz;
mod round_trips;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

/// Tries every input of a corpus, and names those that fail.
fn replay(target: &str, property: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let files = files(&corpus);
    assert!(files.len() > 3, "the corpus of {target} is gone");
    let fails = |file: &&PathBuf| {
        let input = fs::read(file).unwrap();
        catch_unwind(AssertUnwindSafe(|| property(&input))).is_err()
    };
    let failed: Vec<_> = files.iter().filter(fails).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn the_corpus_of_exposition_holds() {
    replay("exposition", fuzz::exposition);
}

#[test]
fn the_corpus_of_config_holds() {
    replay("config", fuzz::config);
}

#[test]
fn the_corpus_of_recording_holds() {
    replay("recording", fuzz::recording);
}

#[test]
fn the_corpus_of_layout_holds() {
    replay("layout", fuzz::layout);
}

/// What people really serve and write holds too.
#[test]
fn recorded_bodies_and_known_configs_and_layouts_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ends = |path: &PathBuf, end| path.extension().is_some_and(|e| e == end);
    let mut tried = 0;
    for file in files(&root.join("providers/tests/exposition")).iter().filter(|f| ends(f, "prom")) {
        fuzz::exposition(&fs::read(file).unwrap());
        tried += 1;
    }
    for file in files(&root.join("core/tests/config/valid")).iter().filter(|f| f.is_file()) {
        let format = if ends(file, "toml") { b"1" } else { b"0" };
        fuzz::config(&[&format[..], &fs::read(file).unwrap()].concat());
        tried += 1;
    }
    for file in files(&root.join("src/config/layouts")) {
        fuzz::layout(&fs::read(file).unwrap());
        tried += 1;
    }
    assert!(tried > 10, "{tried} files");
}
