//! Fenced code blocks of the documentation, and what the word behind the fence says of each.
//!
//! ```` ```sh needs-host ```` is a language and marks. Every block has one of [`LANGUAGES`], which says how it is tried.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A language, and the marks that it may have; `file` means `file=PATH`.
const LANGUAGES: [(&str, &[&str]); 13] = [
    // commands, each run as it is
    ("sh", &[NEEDS_HOST, LONG]),
    // a terminal's lines: `$ ` begins a command
    ("console", &[NEEDS_HOST]),
    // configs of manytop: checked, and read with --once
    ("conf", &[NEEDS_HOST, PART, FILE]),
    ("toml", &[NEEDS_HOST, FILE]),
    ("layout", &[NEEDS_HOST, FILE]),
    // a list of hosts, for @FILE
    ("hosts", &[NEEDS_HOST, FILE]),
    ("Caddyfile", &[NEEDS_HOST, PART, FILE]),
    // systemd's, laid over docs/manytop.service
    ("ini", &[]),
    // Prometheus'
    ("yaml", &[NEEDS_HOST, FILE]),
    ("json", &[]),
    // compiled and run by `cargo test --doc`
    ("rust", &[]),
    // code of a page with steps that the tests of `tree` follow
    ("rust,ignore", &[]),
    // a picture: no command, no config
    ("text", &[]),
];

/// Another machine is needed: commands of manytop and configs are only checked.
pub const NEEDS_HOST: &str = "needs-host";
/// It takes minutes: what it names is looked up and not run.
pub const LONG: &str = "long";
/// It belongs into the block of its language before it.
pub const PART: &str = "part";
const FILE: &str = "file";

#[derive(Clone, Debug, Default)]
pub struct Block {
    pub page: String,
    /// Of the opening fence, from 1.
    pub line: usize,
    /// How many headings `## ` stand before it.
    pub section: usize,
    pub language: String,
    pub marks: Vec<String>,
    pub text: String,
}

impl Block {
    /// `docs/remotes.md:64`.
    pub fn at(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    pub fn has(&self, mark: &str) -> bool {
        self.marks.iter().any(|m| m == mark)
    }

    /// The path of `file=PATH`.
    pub fn file(&self) -> Option<&str> {
        self.marks.iter().find_map(|mark| mark.strip_prefix("file="))
    }

    /// Whether trying it starts a program.
    pub fn is_tried(&self) -> bool {
        !self.has(LONG) && !["json", "rust", "rust,ignore", "text"].contains(&&*self.language)
    }

    /// What is wrong with how it is marked, if anything is.
    fn problem(&self) -> Option<String> {
        let Some((_, marks)) = LANGUAGES.iter().find(|(name, _)| *name == self.language) else {
            let known: Vec<_> = LANGUAGES.iter().map(|(name, _)| *name).collect();
            let given = &self.language;
            return Some(format!(
                "the block is neither runnable nor marked: {given:?}; write a language, one of {known:?}"
            ));
        };
        let name = |mark: &String| mark.split('=').next().unwrap_or_default().to_owned();
        if let Some(mark) = self.marks.iter().find(|mark| !marks.contains(&&*name(mark))) {
            return Some(format!("{} has no mark {mark:?}; it has {marks:?}", self.language));
        }
        if self.language == "text" {
            let is_hidden = |line: &&str| is_command(line) || is_config(line);
            let line = self.text.lines().find(is_hidden)?;
            return Some(format!(
                "a picture holds a command or a config, {line:?}; write sh or conf"
            ));
        }
        self.text.trim().is_empty().then(|| "the block is empty".to_owned())
    }
}

fn is_command(line: &str) -> bool {
    let programs = ["benches/", "caddy ", "cargo ", "curl ", "manytop ", "ssh ", "tests/", "tmux "];
    let line = line.trim_start().trim_start_matches("$ ");
    // a line of usage has words in brackets, a drawing has arrows and boxes
    let is_drawn = |c: char| c == '[' || ('\u{2500}'..='\u{25ff}').contains(&c);
    programs.iter().any(|program| line.starts_with(program)) && !line.contains(is_drawn)
}

fn is_config(line: &str) -> bool {
    let Some((key, _)) = line.split_once('=') else { return false };
    let sections = ["remote-", "discover-", "prometheus-", "widget-"];
    sections.iter().any(|section| key.starts_with(section)) && !key.contains(' ')
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README, and every page of the docs.
pub fn pages() -> Vec<String> {
    let mut found = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (inner, files): (Vec<PathBuf>, Vec<_>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        found.extend(files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    found.iter().map(name).collect()
}

/// All blocks of a page, in its order.
pub fn in_page(page: &str) -> Vec<Block> {
    parse(page, &fs::read_to_string(root().join(page)).unwrap()).unwrap_or_else(|e| panic!("{e}"))
}

/// The blocks of a text; the error names the line where code is in no fence, or a fence does not end.
fn parse(page: &str, text: &str) -> Result<Vec<Block>, String> {
    let (mut blocks, mut section, mut before) = (Vec::new(), 0, "");
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let start = line.trim_start();
        let fence =
            ['`', '~'].into_iter().find(|mark| start.starts_with(&mark.to_string().repeat(3)));
        let is_indented = line.starts_with("    ") && before.trim().is_empty();
        before = line;
        let Some(mark) = fence else {
            section += usize::from(line.starts_with("## "));
            if is_indented && !start.is_empty() {
                return Err(format!("{page}:{number}: indented code; put it into a fence"));
            }
            continue;
        };
        let info = start.trim_start_matches(mark);
        let (indent, width) = (line.len() - start.len(), start.len() - info.len());
        let mut words = info.split_whitespace().map(str::to_owned);
        let language = words.next().unwrap_or_default();
        let mut block = Block {
            page: page.to_owned(),
            line: number,
            section,
            language,
            marks: words.collect(),
            ..Block::default()
        };
        let is_end = |line: &str| {
            let line = line.trim();
            line.len() >= width && line.chars().all(|c| c == mark)
        };
        loop {
            let Some((line, _)) = lines.next() else {
                return Err(format!("{}: the fence does not end", block.at()));
            };
            if is_end(line) {
                break;
            }
            let blank = line.len() - line.trim_start().len();
            block.text.push_str(&line[indent.min(blank)..]);
            block.text.push('\n');
        }
        blocks.push(block);
    }
    Ok(blocks)
}

/// What is wrong with how the blocks of a text are marked.
fn problems(page: &str, text: &str) -> Vec<String> {
    match parse(page, text) {
        Ok(blocks) => {
            let named = |block: &Block| Some(format!("{}: {}", block.at(), block.problem()?));
            blocks.iter().filter_map(named).collect()
        }
        Err(problem) => vec![problem],
    }
}

#[test]
fn every_block_has_a_language_that_says_how_it_is_tried() {
    let text = |page: &String| fs::read_to_string(root().join(page)).unwrap();
    let all: Vec<_> = pages().iter().flat_map(|page| problems(page, &text(page))).collect();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn a_block_that_is_neither_runnable_nor_marked_is_named_with_file_and_line() {
    let problem = |text: &str| problems("a.md", text).concat();
    for (text, said) in [
        ("one\n\n```\nmanytop\n```\n", "a.md:3: the block is neither runnable nor marked: \"\""),
        ("```shell\nmanytop\n```\n", "a.md:1: the block is neither runnable nor marked: \"shell\""),
        ("```sh needs-root\nmanytop\n```\n", "a.md:1: sh has no mark \"needs-root\""),
        ("```text\n $ manytop --once\n```\n", "a.md:1: a picture holds a command"),
        ("~~~text\nremote-a-url=http://h/\n~~~\n", "a.md:1: a picture holds a command or a config"),
        ("```sh\nmanytop\n", "a.md:1: the fence does not end"),
        ("one\n\n    manytop\n", "a.md:3: indented code"),
        ("```sh\n\n```\n", "a.md:1: the block is empty"),
        ("```sh needs-host\nssh HOST\n```\n```text\nmanytop [FLAG]...\n```\n", ""),
    ] {
        assert!(problem(text).starts_with(said), "{text}: {}", problem(text));
        assert_eq!(problem(text).is_empty(), said.is_empty(), "{text}: {}", problem(text));
    }
    let found =
        parse("a.md", "## a\n- b\n\n  ```conf part file=x.conf\n  a=1\n    b\n  ```\n").unwrap();
    assert_eq!((&*found[0].at(), found[0].section, found[0].file()), ("a.md:4", 1, Some("x.conf")));
    assert_eq!((&*found[0].text, found[0].has(PART)), ("a=1\n  b\n", true));
}
