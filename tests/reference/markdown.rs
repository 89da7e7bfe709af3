//! Markdown, and the `//!` text of a source file.

use std::{fs, panic::Location, path::Path};

/// The first line of every page, a note for editors.
pub fn page(title: &str, text: &str) -> String {
    format!("<!-- Made by tests/reference from the code; edit that. -->\n# {title}\n\n{text}\n")
}

/// A table. `|` in a cell would end it.
pub fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: [&str; N]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head) + &line([(); N].map(|()| "---"));
    for row in rows {
        let row = row.map(|cell| cell.replace('|', "\\|"));
        text += &line(row.each_ref().map(String::as_str));
    }
    text + "\n"
}

pub fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// Words in code, between commas.
pub fn codes<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(code).collect::<Vec<_>>().join(", ")
}

/// The text with which the file begins in which a plugin is registered.
pub fn text_of(at: &Location<'_>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(at.file());
    let source = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    assert!(!lines.is_empty(), "{}:1: a plugin's file begins with its `//!` text", path.display());
    lines.join("\n") + "\n\n"
}
