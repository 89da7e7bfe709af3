//! What the system knows of a terminal that manytop does not: its entry in the terminfo database.
//!
//! Of an entry three facts are read: how many colours there are, and how the cursor is moved and the screen cleared, to
//! see whether these are ANSI's. The format is the one of term(5), with numbers of 16 or of 32 bits.

use manytop_core::file;
use std::{env, path::PathBuf};

/// Compiled entries are smaller.
const MOST: u64 = 64 << 10;
/// Positions in the lists of numbers and of strings.
const COLORS: usize = 13;
const CLEAR: usize = 5;
const CURSOR: usize = 10;

/// A terminal as its entry describes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminfoEntry {
    /// How many colours it has.
    pub colors: u32,
    /// Whether its cursor is moved and its screen cleared as ANSI says.
    pub is_ansi: bool,
}

/// The entry of a terminal, where there is one.
pub fn find(name: &str) -> Option<TerminfoEntry> {
    let first = name.chars().next().filter(|_| !name.contains(['/', '\0']) && name != "..")?;
    // by its first letter, or on macOS by that letter's number
    let folders = [first.to_string(), format!("{:x}", first as u32)];
    let paths = places()
        .into_iter()
        .flat_map(|place| folders.clone().map(|folder| place.join(folder).join(name)));
    paths.filter_map(|path| parse(&file::read(&path, MOST).ok()?)).next()
}

fn places() -> Vec<PathBuf> {
    let set = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let own = set("HOME").map(|home| home.join(".terminfo"));
    let listed = env::var_os("TERMINFO_DIRS").unwrap_or_default();
    let listed =
        env::split_paths(&listed).filter(|p| !p.as_os_str().is_empty()).collect::<Vec<_>>();
    let system =
        ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/local/share/terminfo"];
    set("TERMINFO").into_iter().chain(own).chain(listed).chain(system.map(PathBuf::from)).collect()
}

fn parse(bytes: &[u8]) -> Option<TerminfoEntry> {
    let short = |at: usize| Some(i16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let header = |nth: usize| usize::try_from(short(2 * nth)?).ok();
    let width = match short(0)? {
        0o432 => 2,
        0o1036 => 4,
        _ => return None,
    };
    let (names, flags, numbers, strings) = (header(1)?, header(2)?, header(3)?, header(4)?);
    let numbers_at = (12 + names + flags).next_multiple_of(2);
    let strings_at = numbers_at + width * numbers;
    let table = strings_at + 2 * strings;
    let colors = match (COLORS < numbers, width) {
        (false, _) => 0,
        (true, 2) => i32::from(short(numbers_at + 2 * COLORS)?),
        (true, _) => {
            let at = numbers_at + 4 * COLORS;
            i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)
        }
    };
    let string = |nth: usize| -> Option<&[u8]> {
        let offset = short(strings_at + 2 * nth).filter(|_| nth < strings)?;
        let text = bytes.get(table + usize::try_from(offset).ok()?..)?;
        text.split(|b| *b == 0).next()
    };
    // the text after "$<" is a pause, which no terminal needs any more
    let is = |nth, ansi: &[u8]| string(nth).is_some_and(|text| text.starts_with(ansi));
    let is_ansi = is(CURSOR, b"\x1b[%i%p1%d;%p2%dH") && is(CLEAR, b"\x1b[");
    Some(TerminfoEntry { colors: u32::try_from(colors).unwrap_or(0), is_ansi })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry as tic(1) compiles it, with so many bytes a number.
    fn compiled(width: usize, colors: i32, clear: &str, cursor: &str) -> Vec<u8> {
        let (names, flags) = ("made|up", 3);
        let mut bytes = Vec::new();
        let magic: i16 = if width == 2 { 0o432 } else { 0o1036 };
        let mut table = Vec::new();
        let mut offsets = [-1_i16; CURSOR + 1];
        for (nth, text) in [(CLEAR, clear), (CURSOR, cursor)] {
            offsets[nth] = table.len() as i16;
            table.extend_from_slice(text.as_bytes());
            table.push(0);
        }
        let sizes = [names.len() + 1, flags, COLORS + 1, offsets.len(), table.len()];
        bytes.extend(magic.to_le_bytes());
        sizes.iter().for_each(|size| bytes.extend((*size as i16).to_le_bytes()));
        bytes.extend_from_slice(names.as_bytes());
        bytes.extend_from_slice(&[0; 4][..1 + flags]);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        for nth in 0..=COLORS {
            let number = if nth == COLORS { colors } else { -1 };
            bytes.extend_from_slice(&number.to_le_bytes()[..width]);
        }
        offsets.iter().for_each(|offset| bytes.extend(offset.to_le_bytes()));
        bytes.extend(table);
        bytes
    }

    #[test]
    fn an_entry_says_how_many_colours_there_are_and_whether_it_is_ansi() {
        let cursor = "\x1b[%i%p1%d;%p2%dH$<5>";
        for width in [2, 4] {
            let read = |colors, clear, cursor| parse(&compiled(width, colors, clear, cursor));
            let entry = |colors, is_ansi| Some(TerminfoEntry { colors, is_ansi });
            assert_eq!(read(256, "\x1b[H\x1b[J$<50>", cursor), entry(256, true));
            assert_eq!(read(-1, "\x1b[H\x1b[J", cursor), entry(0, true));
            assert_eq!(read(8, "\x1bE", "\x1bY%p1%' '%+%c"), entry(8, false), "a VT52");
        }
        assert_eq!(
            parse(&compiled(4, 1 << 24, "\x1b[2J", cursor)).map(|e| e.colors),
            Some(1 << 24)
        );
    }

    #[test]
    fn what_is_no_entry_says_nothing() {
        let whole = compiled(2, 8, "\x1b[J", "\x1b[%i%p1%d;%p2%dH");
        (0..whole.len()).for_each(|end| _ = parse(&whole[..end]));
        assert_eq!(parse(b"#!/bin/sh\nexit 0\n"), None);
        assert_eq!(find("../../etc/passwd"), None);
        assert_eq!(find("no such terminal"), None);
    }
}
