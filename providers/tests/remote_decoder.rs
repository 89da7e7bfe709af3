//! The decoder against a reader that shares nothing with it: no cache, no prediction, one character
//! after the other.

#![allow(clippy::unwrap_used)]

#[path = "decoder/oracle.rs"]
mod oracle;

use manytop_core::{provider::Selection, testing::Numbers, vocabulary as v};
use manytop_providers::{
    exposition::{
        KEY_MAX, LINE_MAX, SERIES_MAX,
        adapter::ParsedSeries,
        decoder::{Decoder, LeftOut},
    },
    remote::{DialectCatalog, ScrapeParser},
};
use std::sync::Arc;

/// What a series means and its value, in the order of the body.
type Heard = Vec<(String, u64)>;

/// Any NaN is as good as another.
fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

fn heard(decoder: &Decoder) -> Heard {
    let valued = decoder.series().iter().filter(|key| key.has_value);
    assert_eq!(valued.clone().count(), decoder.values().len());
    valued
        .zip(decoder.values())
        .map(|(key, value)| {
            let said = key
                .meanings
                .iter()
                .map(|m| format!("{} {:?} {:?};", m.dialect.name(), m.slot, m.labels));
            (said.collect(), bits(*value))
        })
        .collect()
}

fn naive(body: &[u8], catalog: &DialectCatalog) -> Heard {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    // carriage returns within the first line are line ends
    let lines = first.trim_end().split('\r').chain(rest.split('\n'));
    let mut all = Heard::new();
    for line in lines {
        if line.strip_prefix("# EOF").is_some_and(|rest| rest.trim_ascii().is_empty()) {
            break;
        }
        let Some(series) = naive_line(line) else { continue };
        let meanings = catalog.dialects().meanings(&series, catalog.shows());
        if meanings.iter().any(|m| !m.section.is_listing()) {
            let said = meanings
                .iter()
                .map(|m| format!("{} {:?} {:?};", m.dialect.name(), m.slot, m.labels));
            all.push((said.collect(), bits(series.value)));
        }
    }
    all
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn blanks(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.at += 1;
        }
        self.at - start
    }
    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| !" \t\r{}\",=\\".contains(*c)) {
            word.push(c);
            self.at += 1;
        }
        word
    }
    fn quoted(&mut self) -> Option<String> {
        if self.peek()? != '"' {
            return None;
        }
        let mut text = String::new();
        loop {
            self.at += 1;
            match self.peek()? {
                '"' => break,
                '\\' => {
                    self.at += 1;
                    match self.peek()? {
                        'n' => text.push('\n'),
                        c @ ('"' | '\\') => text.push(c),
                        c => text.extend(['\\', c]),
                    }
                }
                c => text.push(c),
            }
        }
        self.at += 1;
        Some(text)
    }
}

fn naive_line(line: &str) -> Option<ParsedSeries> {
    let mut r = Reader { chars: line.chars().collect(), at: 0 };
    r.blanks();
    if r.peek() == Some('#') {
        return None;
    }
    let mut name = r.word();
    let mut labels = Vec::new();
    let blanks = r.blanks();
    if r.peek() == Some('{') {
        r.at += 1;
        loop {
            r.blanks();
            if r.peek()? == '}' {
                r.at += 1;
                break;
            }
            let is_quoted = r.peek()? == '"';
            let key = if is_quoted { r.quoted()? } else { r.word() };
            if key.is_empty() && !is_quoted {
                return None;
            }
            r.blanks();
            if r.peek()? == '=' {
                r.at += 1;
                r.blanks();
                let value = r.quoted()?;
                labels.push((key, value));
            } else if is_quoted && name.is_empty() {
                name = key;
            } else {
                return None;
            }
            r.blanks();
            match r.peek()? {
                ',' => r.at += 1,
                '}' => {}
                _ => return None,
            }
        }
        r.blanks();
    } else if blanks == 0 {
        return None;
    }
    if name.is_empty() {
        return None;
    }
    let mut value = String::new();
    while let Some(c) = r.peek().filter(|c| !" \t\r".contains(*c)) {
        value.push(c);
        r.at += 1;
    }
    if value.len() > 400 {
        return None;
    }
    let rest: String = r.chars[r.at..].iter().collect();
    let mut rest = rest.trim_ascii();
    if !rest.is_empty() && r.peek() == Some('\r') {
        return None;
    }
    if let Some(word) = rest.split_ascii_whitespace().next()
        && word.len() <= 400
        && word.parse::<f64>().is_ok()
    {
        rest = rest[word.len()..].trim_ascii_start();
    }
    if !rest.is_empty() && !rest.starts_with('#') {
        return None;
    }
    for (_, value) in &mut labels {
        value.truncate(value.trim_end_matches('\0').len());
    }
    labels.sort();
    Some(ParsedSeries { name, labels, value: value.parse().ok()? })
}

const NASTY: &[&str] = &[
    "node_load1{} 1",
    "node_load1 {a=\"b\"} 2",
    "node_load1  3",
    "node_load1\t4",
    "node_load1{a=\"}\"} 5",
    "node_load1{path=\"/a} 7 b\"} 1",
    "node_load1{a=\"x,y\", c=\"k=v\"} 6 1700000000",
    "{\"node_load1\"} 8",
    " node_load1 9",
    "{a=\"b\" , \"node_load5\"} 10",
    "node_load1 NaN",
    "node_load5 +Inf",
    "node_load15 -Inf",
    "node_load1",
    "node_load1 ",
    "node_load1 x",
    "node_load1{a=b} 1",
    "node_load15 0x10",
    "up 1",
    "",
    "gotop_disk_:dev:vda 0.15",
    "gotop_disk_:dev:mapper:a-b 0.25",
    "gotop_temp_ünï 40",
    "gotop_cpu_ avg 4",
    "node_network_receive_bytes_total{device=\"a\\\\b\\\"c\\nd\"} 11",
    "node_network_receive_bytes_total{device=\"\u{E001}\u{E0FF}\"} 12",
    "node_network_receive_bytes_total{device=\"eth0\"}13",
    "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 1e400",
    "node_cpu_seconds_total{mode=\"idle\",cpu=\"007\"} 123456789012345678901234567890",
    "# node_load1 5",
    "#",
    "{",
    "{}",
    "{} 1",
    "node_filesystem_size_bytes{device=\"/dev/sda\",fstype=\"ext4\",mountpoint=\"/a b\"} 1e+12",
    "node_load1{a=\"\\\"} 7",
    "node_load1{=\"\"} 7",
    "node_load1{\"\"=\"\"} 7",
    "node_load1{\"ü x\"=\"y\"} 7",
    "node_load1 1 # {}",
    "node_load1 1 2 # {}",
    "node_load1 1 2 3",
    "node_load1 1,5",
    "node_load1 1 x",
    "node_load5 1\rnode_load15 2",
    "# EOF",
    "# EOF x",
    "#EOF",
    "node_cpu{cpu=\"cpu0\",mode=\"idle\"} 7",
    "node_time 8",
];

const PIECES: &[&str] = &[
    "\n", "\r\n", "\r", " ", "\t", "{", "}", "\"", "\\", "=", ",", "#", "1", "NaN", "e", "-", ".",
    "\u{FEFF}", "é",
];

fn seed_lines() -> Vec<Vec<u8>> {
    let both = [
        include_str!("exposition/node_exporter-1.5.0.prom"),
        include_str!("exposition/gotop-4.2.0.prom"),
    ];
    let wanted = |line: &&str| {
        [
            "node_cpu",
            "node_load",
            "node_mem",
            "node_network_re",
            "node_disk_r",
            "node_file",
            "gotop",
            "node_uname",
        ]
        .iter()
        .any(|p| line.starts_with(p))
    };
    let lines = both.iter().flat_map(|b| b.lines().filter(wanted)).enumerate();
    lines.filter(|(n, _)| n % 2 == 0).map(|(_, line)| line.as_bytes().to_vec()).collect()
}

fn mutate(lines: &mut Vec<Vec<u8>>, numbers: &mut Numbers) {
    for _ in 0..1 + numbers.below(4) {
        let at = numbers.below(lines.len());
        let nasty = NASTY[numbers.below(NASTY.len())].as_bytes().to_vec();
        match numbers.below(10) {
            0 => lines.insert(at, nasty),
            1 if lines.len() > 20 => drop(lines.remove(at)),
            2 => {
                let other = numbers.below(lines.len());
                lines.swap(at, other);
            }
            3 => {
                let line = lines[at].clone();
                lines.insert(numbers.below(lines.len()), line);
            }
            4 => lines[at] = nasty,
            5 if !lines[at].is_empty() => {
                let byte = numbers.below(lines[at].len());
                lines[at][byte] = numbers.below(256) as u8;
            }
            6 => {
                let piece = PIECES[numbers.below(PIECES.len())].bytes();
                let byte = numbers.below(lines[at].len() + 1);
                lines[at].splice(byte..byte, piece);
            }
            7 if !lines[at].is_empty() => {
                let end = numbers.below(lines[at].len());
                lines[at].truncate(end);
            }
            _ => {
                // what every scrape does: the numbers change, and little else
                for line in lines.iter_mut() {
                    if let Some(blank) = line.iter().rposition(|b| *b == b' ') {
                        line.truncate(blank + 1);
                        line.extend(
                            format!("{}.{}", numbers.below(1_000_000), numbers.below(100)).bytes(),
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn equals_a_naive_reader_over_thousands_of_mutated_bodies() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let mut numbers = Numbers::default();
    let (mut whole, mut chunked) = (Decoder::new(catalog.clone()), Decoder::new(catalog.clone()));
    let seeds = seed_lines();
    let mut lines = seeds.clone();
    for round in 0..4_000 {
        if round % 40 == 0 {
            lines.clone_from(&seeds);
        }
        mutate(&mut lines, &mut numbers);
        let mut body = lines.join(&b'\n');
        match numbers.below(3) {
            0 => {}
            1 => body.push(b'\n'),
            _ => body = lines.join(&b"\r\n"[..]),
        }
        let expected = naive(&body, &catalog);

        whole.begin();
        whole.feed(&body);
        whole.end();
        assert_eq!(
            heard(&whole),
            expected,
            "whole, round {round}:\n{}",
            String::from_utf8_lossy(&body)
        );

        chunked.begin();
        if numbers.below(5) == 0 {
            // a poll that was given up at its deadline
            chunked.feed(&body[..numbers.below(body.len())]);
            chunked.begin();
        }
        let mut rest = &body[..];
        while !rest.is_empty() {
            let longest = if numbers.below(2) == 0 { 8 } else { 3000 };
            let (chunk, more) = rest.split_at((1 + numbers.below(longest)).min(rest.len()));
            chunked.feed(chunk);
            rest = more;
        }
        chunked.end();
        assert_eq!(
            heard(&chunked),
            expected,
            "in chunks, round {round}:\n{}",
            String::from_utf8_lossy(&body)
        );
    }
    drop((whole, chunked));
    assert!(catalog.pool().is_empty(), "unused keys are freed");
}

fn read(decoder: &mut Decoder, body: &[u8]) -> LeftOut {
    decoder.begin();
    for chunk in body.chunks(8 * 1024) {
        decoder.feed(chunk);
    }
    decoder.end();
    decoder.left_out()
}

#[test]
fn series_beyond_the_cap_are_left_out_and_memory_stays() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let mut decoder = Decoder::new(catalog.clone());
    for scrape in 0..3 {
        let line =
            |n: usize| format!("node_network_receive_bytes_total{{device=\"{scrape}-{n}\"}} 1\n");
        let body: String = (0..SERIES_MAX + 500).map(line).collect();
        let left = read(&mut decoder, body.as_bytes());
        assert_eq!(left, LeftOut { many: true, long: false });
        assert_eq!(decoder.series().len(), SERIES_MAX);
        assert_eq!(catalog.pool().len(), SERIES_MAX, "last scrape's names are forgotten");
    }
    read(&mut decoder, b"up 1\n");
    assert!(catalog.pool().is_empty());
    assert!(decoder.footprint() < 1024, "{}", decoder.footprint());
}

#[test]
fn long_lines_and_keys_are_skipped_and_what_follows_is_read() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let mut decoder = Decoder::new(catalog.clone());
    for long in [
        format!("node_load1{{a=\"{}\"}} 1\n", "x".repeat(10 * 1024 * 1024)),
        format!("node_load1{{a=\"{}\"}} 1\n", "x".repeat(KEY_MAX)),
        format!("node_load1 1{}\n", " ".repeat(LINE_MAX)),
        format!("# HELP {}\n", "x".repeat(2 * LINE_MAX)),
    ] {
        let left = read(&mut decoder, format!("{long}node_load5 5\n").as_bytes());
        assert_eq!((decoder.values(), left.long), (&[5.0][..], true));
        assert!(decoder.footprint() < 1024, "{}", decoder.footprint());
    }
    let longest = format!("node_load1 1{}", " ".repeat(LINE_MAX - "node_load1 1".len()));
    for _ in 0..2 {
        assert!(!read(&mut decoder, longest.as_bytes()).long);
        assert_eq!(decoder.values(), [1.0], "a line of just that length is read");
    }
}

#[test]
fn keys_of_all_remotes_are_kept_once() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let body = include_bytes!("exposition/node_exporter-1.5.0.prom");
    let mut remotes: Vec<_> = (0..50).map(|_| Decoder::new(catalog.clone())).collect();
    for remote in &mut remotes {
        read(remote, body);
    }
    let series = remotes[0].series().len();
    assert_eq!(catalog.pool().len(), series);
    remotes.truncate(1);
    assert_eq!(catalog.pool().len(), series);
    remotes.clear();
    assert!(catalog.pool().is_empty());
}

/// How many lines cannot be read, the first of them, and what can.
fn unread(body: &str) -> (usize, String, Vec<f64>) {
    let mut decoder = Decoder::new(Arc::new(DialectCatalog::new().unwrap()));
    read(&mut decoder, body.as_bytes());
    let (lines, first) = decoder.unread();
    (lines, first.to_owned(), decoder.values().to_vec())
}

#[test]
fn lines_that_cannot_be_read_are_counted_wanted_or_not_and_the_first_is_kept() {
    for body in [
        "node_load1 1\n\n \r\n# HELP x\n#\n # y\nx{a=\"b\"} 2 1700000000000\nz +Inf\n",
        "",
        "node_load1 1 # {a=\"b\"} 2\n# EOF\nhello there\nnode_load5 5\n",
    ] {
        let (lines, first, _) = unread(body);
        assert_eq!((lines, &*first), (0, ""), "{body}");
    }
    let body = "up x\nnode_load1 8,000000e+09\nnode_load5 0x1p33\nnode_load15 1_000\nnode_time 1 2 3\n\
                <p>\nnode_load5 5\n";
    let (lines, first, values) = unread(body);
    assert_eq!((lines, &*first, &*values), (6, "up x", &[5.0][..]));

    let hostile = format!("\u{1b}[2J{} 1 2 3\n", "x".repeat(5000));
    let (lines, first, _) = unread(&hostile);
    assert_eq!(lines, 1);
    assert!(first.starts_with("\u{fffd}[2Jxx") && first.chars().count() <= 100, "{first}");
}

#[test]
fn the_count_follows_the_body() {
    let mut decoder = Decoder::new(Arc::new(DialectCatalog::new().unwrap()));
    let mut count = |body: &str| {
        read(&mut decoder, body.as_bytes());
        decoder.unread().0
    };
    assert_eq!(count("node_load1 1\nnode_load5 x\nother y\n"), 2);
    assert_eq!(count("node_load1 1\nnode_load5 x\nother y\n"), 2);
    assert_eq!(count("node_load1 x\nnode_load5 x\nother y\n"), 3, "a wanted line that was good");
    for _ in 0..40 {
        count("node_load1 1\nnode_load5 5\nother 1\n");
    }
    assert_eq!(count("node_load1 1\nnode_load5 5\nother 1\n"), 0);
    assert!(decoder.footprint() < 1024, "{}", decoder.footprint());
}

#[test]
fn a_body_begins_behind_its_mark_and_ends_at_its_end() {
    let with_mark = "\u{FEFF}node_load1 1\nnode_load5 2\n";
    assert_eq!(unread(with_mark), (0, String::new(), vec![1.0, 2.0]));
    let ended = "node_load1 1\n# EOF\nnode_load5 2\n";
    assert_eq!(unread(ended), (0, String::new(), vec![1.0]));
    let not_ended = "node_load1 1\n# EOF, not yet\nnode_load5 2\n# EOF\r\nnode_load15 3\n";
    assert_eq!(unread(not_ended), (0, String::new(), vec![1.0, 2.0]));
    for ends in ["\r", "\r\n", "\n"] {
        let body = ["# HELP x", "node_load1 1", "node_load5 2", ""].join(ends);
        assert_eq!(unread(&body), (0, String::new(), vec![1.0, 2.0]), "{body:?}");
        assert_eq!(unread(body.trim_end()), (0, String::new(), vec![1.0, 2.0]), "{body:?}");
    }
    let mixed = "node_load1 1\nnode_load5 2\rnode_load15 3\n";
    let first = "node_load5 2\u{fffd}node_load15 3";
    assert_eq!(unread(mixed), (1, first.into(), vec![1.0]));
}

#[test]
fn a_kind_whose_names_are_not_known_is_named() {
    let catalog = Arc::new(DialectCatalog::new().unwrap());
    let not_read = |body: &str| {
        let mut parser = ScrapeParser::new(catalog.clone(), false);
        let kinds = [v::MEMORY, v::DISK, v::TEMPERATURE, v::POWER];
        let mut last = Vec::new();
        for _ in 0..3 {
            last = parser.read(body.as_bytes(), &Selection::kinds(&kinds)).not_read;
        }
        last.into_iter().map(|(kind, name)| format!("{} {name}", kind.word())).collect::<Vec<_>>()
    };
    let body = "node_load1 1\nnode_memory_real_bytes 5\nnode_memory_virtual_bytes 6\n\
                node_disk_blocks_total{device=\"a\"} 7\nnode_cpu_ticks{cpu=\"0\"} 1\n";
    assert_eq!(not_read(body), ["memory node_memory_real_bytes", "disk node_disk_blocks_total"]);
    let left_out = "node_filesystem_files{device=\"tmpfs\",fstype=\"tmpfs\",mountpoint=\"/run\"} 7\n\
                    node_filesystem_size_bytes{device=\"tmpfs\",fstype=\"tmpfs\",mountpoint=\"/run\"} 7\n\
                    node_memory_MemTotal_bytes 1\nnode_memory_real_bytes 5\n\
                    node_power_supply_online{power_supply=\"AC\"} 1\n";
    assert_eq!(not_read(left_out), [""; 0], "what is left out on purpose, and what is read");
}

#[test]
fn a_body_in_which_no_name_is_known_any_more_is_looked_at_at_once() {
    let mut parser = ScrapeParser::new(Arc::new(DialectCatalog::new().unwrap()), false);
    let want = Selection::kinds(&[v::HOST]);
    assert_eq!(parser.read(b"node_load1 1\n", &want).seen, None);
    let unknown = b"redis_up 1\nredis_clients 3\n";
    assert_eq!(parser.read(unknown, &want).seen, None);
    assert!(parser.looks_next());
    for _ in 0..4 {
        assert_eq!(parser.read(unknown, &want).seen, Some((2, "redis_*".to_owned())));
    }
    assert_eq!(parser.read(b"node_load1 1\n", &want).seen, None);
}
