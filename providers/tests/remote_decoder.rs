//! The decoder against a reader that shares nothing with it: no cache, no prediction, one character
//! after the other.

#![allow(clippy::unwrap_used)]

use manytop_providers::remote::{
    Lexicon,
    exposition::{
        KEY_MAX, LINE_MAX, SERIES_MAX,
        adapter::Series,
        decoder::{Decoder, LeftOut},
    },
};
use std::sync::Arc;

/// What a series means and its value, in the order of the body.
type Heard = Vec<(String, u64)>;

/// Any NaN is as good as another.
fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

fn heard(decoder: &Decoder) -> Heard {
    let pairs = decoder.series().iter().zip(decoder.values());
    let known = pairs.filter(|(key, _)| !key.meanings.is_empty());
    known
        .map(|(key, value)| {
            let said = key
                .meanings
                .iter()
                .map(|m| format!("{} {:?} {:?};", m.dialect.name(), m.slot, m.labels));
            (said.collect(), bits(*value))
        })
        .collect()
}

fn naive(body: &[u8], lexicon: &Lexicon) -> Heard {
    let text = String::from_utf8_lossy(body);
    let mut all = Heard::new();
    for line in text.split('\n') {
        let Some(series) = naive_line(line) else { continue };
        let meanings = lexicon.dialects().meanings(&series);
        if !meanings.is_empty() {
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

fn naive_line(line: &str) -> Option<Series> {
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
    labels.sort();
    Some(Series { name, labels, value: value.parse().ok()? })
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
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

fn mutate(lines: &mut Vec<Vec<u8>>, dice: &mut Dice) {
    for _ in 0..1 + dice.roll(4) {
        let at = dice.roll(lines.len());
        let nasty = NASTY[dice.roll(NASTY.len())].as_bytes().to_vec();
        match dice.roll(10) {
            0 => lines.insert(at, nasty),
            1 if lines.len() > 20 => drop(lines.remove(at)),
            2 => {
                let other = dice.roll(lines.len());
                lines.swap(at, other);
            }
            3 => {
                let line = lines[at].clone();
                lines.insert(dice.roll(lines.len()), line);
            }
            4 => lines[at] = nasty,
            5 if !lines[at].is_empty() => {
                let byte = dice.roll(lines[at].len());
                lines[at][byte] = dice.roll(256) as u8;
            }
            6 => {
                let piece = PIECES[dice.roll(PIECES.len())].bytes();
                let byte = dice.roll(lines[at].len() + 1);
                lines[at].splice(byte..byte, piece);
            }
            7 if !lines[at].is_empty() => {
                let end = dice.roll(lines[at].len());
                lines[at].truncate(end);
            }
            _ => {
                // what every scrape does: the numbers change, and little else
                for line in lines.iter_mut() {
                    if let Some(blank) = line.iter().rposition(|b| *b == b' ') {
                        line.truncate(blank + 1);
                        line.extend(format!("{}.{}", dice.roll(1_000_000), dice.roll(100)).bytes());
                    }
                }
            }
        }
    }
}

#[test]
fn equals_a_naive_reader_over_thousands_of_mutated_bodies() {
    let lexicon = Arc::new(Lexicon::new().unwrap());
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut whole, mut chunked) = (Decoder::new(lexicon.clone()), Decoder::new(lexicon.clone()));
    let seeds = seed_lines();
    let mut lines = seeds.clone();
    for round in 0..4_000 {
        if round % 40 == 0 {
            lines.clone_from(&seeds);
        }
        mutate(&mut lines, &mut dice);
        let mut body = lines.join(&b'\n');
        match dice.roll(3) {
            0 => {}
            1 => body.push(b'\n'),
            _ => body = lines.join(&b"\r\n"[..]),
        }
        let expected = naive(&body, &lexicon);

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
        if dice.roll(5) == 0 {
            // a poll that was given up at its deadline
            chunked.feed(&body[..dice.roll(body.len())]);
            chunked.begin();
        }
        let mut rest = &body[..];
        while !rest.is_empty() {
            let longest = if dice.roll(2) == 0 { 8 } else { 3000 };
            let (chunk, more) = rest.split_at((1 + dice.roll(longest)).min(rest.len()));
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
    assert!(lexicon.pool().is_empty(), "keys that nobody holds are freed");
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
    let lexicon = Arc::new(Lexicon::new().unwrap());
    let mut decoder = Decoder::new(lexicon.clone());
    for scrape in 0..3 {
        let line =
            |n: usize| format!("node_network_receive_bytes_total{{device=\"{scrape}-{n}\"}} 1\n");
        let body: String = (0..SERIES_MAX + 500).map(line).collect();
        let left = read(&mut decoder, body.as_bytes());
        assert_eq!(left, LeftOut { many: true, long: false });
        assert_eq!(decoder.series().len(), SERIES_MAX);
        assert_eq!(lexicon.pool().len(), SERIES_MAX, "last scrape's names are forgotten");
    }
    read(&mut decoder, b"up 1\n");
    assert!(lexicon.pool().is_empty());
    assert!(decoder.footprint() < 1024, "{}", decoder.footprint());
}

#[test]
fn long_lines_and_keys_are_skipped_and_what_follows_is_read() {
    let lexicon = Arc::new(Lexicon::new().unwrap());
    let mut decoder = Decoder::new(lexicon.clone());
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
    let lexicon = Arc::new(Lexicon::new().unwrap());
    let body = include_bytes!("exposition/node_exporter-1.5.0.prom");
    let mut remotes: Vec<_> = (0..50).map(|_| Decoder::new(lexicon.clone())).collect();
    for remote in &mut remotes {
        read(remote, body);
    }
    let series = remotes[0].series().len();
    assert_eq!(lexicon.pool().len(), series);
    remotes.truncate(1);
    assert_eq!(lexicon.pool().len(), series);
    remotes.clear();
    assert!(lexicon.pool().is_empty());
}
