//! Commands in blocks of the documentation: where one ends, and what it names.

use crate::blocks::{Block, LONG, root};
use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

pub struct Command {
    /// In its page, from 1.
    pub line: usize,
    pub text: String,
}

/// The commands of a block. One ends where bash would run it: lines that go on, quotes and here-documents are whole.
pub fn split(block: &Block) -> Vec<Command> {
    let (mut commands, mut text, mut first) = (Vec::new(), String::new(), 0);
    for (line, number) in block.text.lines().zip(block.line + 1..) {
        let line = match &*block.language {
            "console" => match line.strip_prefix("$ ") {
                Some(command) => command,
                None => continue, // what it prints
            },
            _ => line,
        };
        if text.is_empty() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            first = number;
        }
        text.push_str(line);
        text.push('\n');
        if is_whole(&text) {
            commands
                .push(Command { line: first, text: std::mem::take(&mut text).trim().to_owned() });
        }
    }
    assert!(text.is_empty(), "{}:{first}: bash cannot read {text:?}", block.page);
    commands
}

fn is_whole(text: &str) -> bool {
    let mut bash = process::Command::new("bash");
    let done = bash.args(["-n", "-c", text]).output().unwrap();
    done.status.success() && done.stderr.is_empty() && !text.ends_with("\\\n")
}

/// Words without those that set variables, and without a comment behind them.
fn words(command: &str) -> Vec<&str> {
    let command = command.split(" #").next().unwrap_or_default();
    let command = command.rsplit(" | ").next().unwrap_or_default();
    let is_setting = |word: &&str| {
        word.split_once('=')
            .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    };
    command.split_whitespace().skip_while(is_setting).collect()
}

/// What manytop is told, if the command runs it: by its name or by cargo.
pub fn arguments_of_manytop(command: &str) -> Option<&str> {
    let arguments = command.strip_prefix("manytop").or_else(|| {
        let (cargo, arguments) = command.strip_prefix("cargo run")?.split_once(" -- ")?;
        ["", " --release"].contains(&cargo).then_some(arguments)
    })?;
    Some(arguments.trim_start())
}

/// Fails unless what a block's commands name is there: packages, targets and tests, scripts and their options.
pub fn look_up(block: &Block) {
    assert!(block.has(LONG));
    let page = fs::read_to_string(root().join(&block.page)).unwrap();
    for command in split(block) {
        let at = format!("{}:{}", block.page, command.line);
        let words = words(&command.text);
        let (own, passed) =
            words.split_at(words.iter().position(|w| *w == "--").unwrap_or(words.len()));
        match own[0] {
            "cargo" => cargo(&own[1..], &page, &at),
            script if root().join(script).is_file() => options(script, own, &page, &at),
            other => panic!(
                "{at}: there is no {other:?} here; a long block has cargo or scripts of this tree"
            ),
        }
        assert!(passed.first().is_none_or(|word| *word == "--"), "{at}: {passed:?}");
    }
}

fn options(script: &str, words: &[&str], page: &str, at: &str) {
    let file = root().join(script);
    let read = process::Command::new("bash").arg("-n").arg(&file).status().unwrap();
    assert!(read.success(), "{at}: bash cannot read {script}");
    // a script may hand its options on to a program beside it
    let beside = sources(file.parent().unwrap());
    let known =
        beside.iter().chain([&file]).map(|file| fs::read_to_string(file).unwrap_or_default());
    let known: String = known.collect();
    if script == "tests/run" {
        let is_its_own = |word: &&&str| known.contains(&format!("[{word}]"));
        let rest = words[1..].iter().filter(|word| !is_its_own(word));
        return cargo(&["test"].into_iter().chain(rest.copied()).collect::<Vec<_>>(), page, at);
    }
    for option in words.iter().filter(|word| word.starts_with("--")) {
        assert!(known.contains(option), "{at}: {script} knows no {option}");
    }
}

fn cargo(words: &[&str], page: &str, at: &str) {
    let verb = words.first().copied().unwrap_or_default();
    let known = ["bench", "build", "clippy", "run", "test"];
    assert!(known.contains(&verb), "{at}: cargo {verb}");
    let mut filter = None;
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match *word {
            "-p" | "--test" | "--example" | "--bench" | "--bin" => {
                let name = rest.next().unwrap_or_else(|| panic!("{at}: {word} has no name"));
                assert!(is_target(word, name), "{at}: there is no {word} {name}");
            }
            word if word.starts_with('-') => {
                let known = ["--release", "--workspace", "--quiet", "--locked", "--ignored"];
                assert!(known.contains(&word), "{at}: {word}");
            }
            word => filter = Some(word),
        }
    }
    if let Some(filter) = filter.filter(|_| verb == "test") {
        let name = filter.trim_end_matches(':');
        // a file that the page has written, or one of this tree
        let found = page.contains(&format!("{name}.rs`, whole"))
            || sources(root()).iter().any(|file| {
                file.strip_prefix(root()).unwrap().display().to_string().contains(name)
                    || fs::read_to_string(file)
                        .is_ok_and(|text| text.contains(&format!("fn {name}")))
            });
        assert!(found, "{at}: no test is called {filter:?}");
    }
}

fn is_target(kind: &str, name: &str) -> bool {
    let manifests = sources(root()).into_iter().filter(|file| file.ends_with("Cargo.toml"));
    let named = format!("name = \"{name}\"");
    let table = format!("[[{}]]", kind.trim_start_matches('-'));
    for manifest in manifests {
        let text = fs::read_to_string(&manifest).unwrap();
        let is_named = match kind {
            "-p" => text.contains(&format!("[package]\n{named}")),
            _ => text.contains(&format!("{table}\n{named}")),
        };
        let folder = manifest.parent().unwrap().join(match kind {
            "--test" => "tests",
            "--example" => "examples",
            "--bench" => "benches",
            _ => "src/bin",
        });
        if is_named
            || folder.join(name).join("main.rs").exists()
            || folder.join(format!("{name}.rs")).exists()
        {
            return true;
        }
    }
    false
}

/// The sources and manifests below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                found.extend(sources(&path));
            }
        } else if name == "Cargo.toml" || name.ends_with(".rs") {
            found.push(path);
        }
    }
    found
}
