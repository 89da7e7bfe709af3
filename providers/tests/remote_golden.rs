//! What becomes of exporters' bodies: both samples, and bodies in steps, each compared with a text
//! that is kept beside it.
//!
//! `MANYTOP_BLESS=1 cargo test -p manytop-providers --test remote_golden` writes the texts again.

#![allow(clippy::unwrap_used)]

use manytop_core::{provider::Selection, vocabulary as v};
use manytop_providers::remote::{DialectCatalog, ParsedScrape, ScrapeParser};
use std::{fmt::Write as _, path::PathBuf, sync::Arc};

fn everything() -> Selection {
    Selection::kinds(&[
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

fn parser() -> ScrapeParser {
    ScrapeParser::new(Arc::new(DialectCatalog::new().unwrap()), false)
}

fn written(scrape: &ParsedScrape) -> String {
    let mut text = format!("dialects: {}\n", scrape.dialects.join(" "));
    for reading in &scrape.readings {
        write!(text, "{} {:?}", reading.kind.word(), reading.device).unwrap();
        if let Some(step) = reading.resolution {
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
    for note in &scrape.notes {
        writeln!(text, "note {note}").unwrap();
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
        let mut remote = parser();
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
            let body = body.replace("<CR>", "\r").replace("<NUL>", "\0");
            let body =
                body.strip_suffix("<END>\n").map_or(body.clone(), |b| b.trim_end().to_owned());
            (title.to_owned(), body)
        })
        .collect()
}

#[test]
fn bodies_in_steps() {
    for name in ["counters", "devices", "implausible", "owners"] {
        let mut remote = parser();
        let mut text = String::new();
        for (title, body) in steps(name) {
            let scrape = remote.read(body.as_bytes(), &everything());
            write!(text, "=== {title}\n{}", written(&scrape)).unwrap();
        }
        compare(&format!("{name}.readings"), &text);
    }
}

#[test]
fn bodies_of_other_systems_and_of_earlier_versions() {
    let mut text = String::new();
    for (title, body) in steps("systems") {
        let scrape = parser().read(body.as_bytes(), &everything());
        assert_eq!((scrape.unread, scrape.not_read.len()), (0, 0), "{title}");
        write!(text, "=== {title}\n{}", written(&scrape)).unwrap();
    }
    compare("systems.readings", &text);
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
    let mut remote = parser();
    for (body, most) in [(whole, 2048), (part, 1600)] {
        for chunk in 1..50 {
            remote.begin();
            body.as_bytes().chunks(chunk * 101).for_each(|c| remote.feed(c));
            remote.end(&everything());
            assert!(remote.footprint() <= most, "{} bytes", remote.footprint());
        }
    }
}
