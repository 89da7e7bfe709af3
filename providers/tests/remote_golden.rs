//! What becomes of exporters' bodies: both samples, and bodies in steps, each compared with a text
//! that is kept beside it.
//!
//! `MANYTOP_BLESS=1 cargo test -p manytop-providers --test remote_golden` writes the texts anew.

#![allow(clippy::unwrap_used)]

use manytop_core::{provider::Want, vocabulary as v};
use manytop_providers::remote::{Interpreter, Lexicon, Understood};
use std::{fmt::Write as _, path::PathBuf, sync::Arc};

fn everything() -> Want {
    Want::kinds(&[
        v::CPU,
        v::MEMORY,
        v::TEMPERATURE,
        v::NETWORK,
        v::DISK,
        v::PROCESS,
        v::POWER,
        v::HOST,
    ])
}

fn interpreter() -> Interpreter {
    Interpreter::new(Arc::new(Lexicon::new().unwrap()), false)
}

fn written(understood: &Understood) -> String {
    let mut text = format!("dialects: {}\n", understood.dialects.join(" "));
    for reading in &understood.readings {
        write!(text, "{} {:?}", reading.kind.word(), reading.device).unwrap();
        if let Some(step) = reading.step {
            write!(text, " step={step:?}").unwrap();
        }
        for (quantity, value) in reading.values.iter() {
            write!(text, " {}={value}", quantity.name()).unwrap();
        }
        for (name, value) in reading.texts.iter() {
            write!(text, " {}={value:?}", name.name()).unwrap();
        }
        text.push('\n');
    }
    text
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/exposition")
}

fn compare(golden: &str, got: &str) {
    let path = folder().join(golden);
    if std::env::var_os("MANYTOP_BLESS").is_some() {
        std::fs::write(&path, got).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == got, "{} differs; it is now:\n{got}", path.display());
}

#[test]
fn the_samples_of_real_exporters() {
    for name in ["gotop-4.2.0", "node_exporter-1.5.0"] {
        let body = std::fs::read(folder().join(format!("{name}.prom"))).unwrap();
        let mut remote = interpreter();
        let first = remote.read(&body, &everything());
        compare(&format!("{name}.readings"), &written(&first));
        assert_eq!(remote.read(&body, &everything()), first, "a steady body says the same");
    }
}

/// A file of steps: `=== title` lines, each followed by the body of that step.
fn steps(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder().join(format!("{name}.steps"))).unwrap();
    let (_, first) = text.split_once("=== ").unwrap();
    first
        .split("=== ")
        .map(|step| {
            let (title, body) = step.split_once('\n').unwrap();
            let body = body.replace("<CR>", "\r");
            let body =
                body.strip_suffix("<END>\n").map_or(body.clone(), |b| b.trim_end().to_owned());
            (title.to_owned(), body)
        })
        .collect()
}

#[test]
fn bodies_in_steps() {
    for name in ["counters", "devices", "owners"] {
        let mut remote = interpreter();
        let mut text = String::new();
        for (title, body) in steps(name) {
            let understood = remote.read(body.as_bytes(), &everything());
            write!(text, "=== {title}\n{}", written(&understood)).unwrap();
        }
        compare(&format!("{name}.readings"), &text);
    }
}

#[test]
fn what_is_kept_of_a_node_exporter_is_small() {
    let whole = std::fs::read_to_string(folder().join("node_exporter-1.5.0.prom")).unwrap();
    // What comes after the first answer, if everything is wanted: fewer collectors list themselves.
    let asked = ["cpu", "cpufreq", "diskstats", "filesystem", "hwmon", "loadavg", "meminfo"];
    let asked = [&asked[..], &["netdev", "powersupplyclass", "stat", "time", "uname"]].concat();
    let other = |line: &&str| {
        let of = line.strip_prefix("node_scrape_collector_success{collector=\"");
        of.is_some_and(|rest| !asked.contains(&rest.split('"').next().unwrap()))
    };
    let part: String = whole.split_inclusive('\n').filter(|line| !other(line)).collect();
    let mut remote = interpreter();
    for (body, most) in [(whole, 2560), (part, 2048)] {
        for chunk in 1..50 {
            remote.begin();
            body.as_bytes().chunks(chunk * 101).for_each(|c| remote.feed(c));
            remote.end(&everything());
            assert!(remote.footprint() <= most, "{} bytes", remote.footprint());
        }
    }
}
