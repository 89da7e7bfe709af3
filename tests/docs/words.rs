//! The language of comments, documentation and errors: sentences have components as their subjects.
//!
//! The counted words are a smoke alarm. A text without them can still be hard to read.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words that turn a description into a riddle.
const WORDS: [&str; 11] = [
    "nobody", "somebody", "who", "whom", "whose", "whoever", "anew", "stands", "told of",
    "tells of", "is none",
];

/// At most so many of them in 1,000 lines of comments.
const MOST_IN_COMMENTS: usize = 5;
/// At most so many of them in all pages together.
const MOST_IN_PAGES: usize = 10;

/// All files below a folder with that ending, the build's own left out.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() && name != "target" && !name.starts_with('.') {
            files(&entry, ending, found);
        } else if name.ends_with(ending) {
            found.push(entry);
        }
    }
}

fn all(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(Path::new(env!("CARGO_MANIFEST_DIR")), ending, &mut found);
    found.sort();
    found
}

/// How many of the words a text has.
fn count(text: &str) -> usize {
    let text = text.to_lowercase();
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole = |word: &str| {
        let at = text.match_indices(word);
        at.filter(|(at, _)| {
            let (before, after) = (&text[..*at], &text[at + word.len()..]);
            !is_part(before.chars().next_back()) && !is_part(after.chars().next())
        })
        .count()
    };
    WORDS.iter().map(|word| whole(word)).sum()
}

/// Lines with such words, as `file:line: text`.
fn lines(file: &Path, keep: impl Fn(&str) -> bool) -> (usize, Vec<String>) {
    let text = fs::read_to_string(file).unwrap();
    let mut total = 0;
    let mut found = Vec::new();
    for (n, line) in (1..).zip(text.lines()).filter(|(_, line)| keep(line)) {
        total += 1;
        for _ in 0..count(line) {
            found.push(format!("{}:{n}: {}", file.display(), line.trim()));
        }
    }
    (total, found)
}

#[test]
fn comments_speak_of_components() {
    let (mut total, mut found) = (0, Vec::new());
    for file in all(".rs") {
        let (lines, words) = lines(&file, |line| line.trim_start().starts_with("//"));
        total += lines;
        found.extend(words);
    }
    assert!(total > 5_000, "only {total} lines of comments were found");
    let most = MOST_IN_COMMENTS * total / 1_000;
    assert!(found.len() <= most, "{} of {most}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn pages_speak_of_components() {
    let mut found = Vec::new();
    for file in all(".md").into_iter().chain(all(".1")) {
        found.extend(lines(&file, |_| true).1);
    }
    assert!(found.len() <= MOST_IN_PAGES, "{}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn errors_name_what_was_expected() {
    let mut found = Vec::new();
    for file in all(".rs") {
        let text = fs::read_to_string(&file).unwrap();
        // tests below the code assert what they like
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let is_test = file.to_string_lossy().contains("tests");
        for (n, line) in code.lines().enumerate().filter(|_| !is_test) {
            let is_text = line.contains('"') && !line.trim_start().starts_with("//");
            let is_riddle =
                line.match_indices(" is no ").any(|(at, _)| !line[..at].ends_with("here"));
            if is_text && is_riddle {
                found.push(format!("{}:{}: {}", file.display(), n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "write \"is not a\":\n{}", found.join("\n"));
}

#[test]
fn words_are_counted_as_whole_words() {
    assert_eq!(count("Nobody knows whom, nor who."), 3);
    assert_eq!(count("a whole understands; the newcomer's whosever"), 0);
    assert_eq!(count("what is told of it is none"), 2);
}

#[test]
fn files_named_by_the_architecture_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let named = page.split('`').skip(1).step_by(2);
    let files: Vec<&str> =
        named.filter(|text| text.contains('/') && text.ends_with(".rs")).collect();
    assert!(files.len() >= 20, "{files:?}");
    let missing: Vec<_> = files.iter().filter(|file| !root.join(file).exists()).collect();
    assert!(missing.is_empty(), "docs/architecture.md: {missing:?}");
}
