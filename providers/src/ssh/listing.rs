//! From an answer's payload to files and links.
//!
//! grep writes each line behind its file's path and a colon. Paths may hold colons themselves: the
//! patterns of the request tell where a path ends. No content can pass for another file's line, since
//! every line begins with the path that grep was given.

use super::frames::SshFrame;
use std::path::{Path, PathBuf};

/// A longer line is left out of its file, in bytes.
const LONGEST_LINE: usize = 64 << 10;

/// The paths that a request names: literal ones, and patterns in which `*` matches any characters of a name.
#[derive(Clone, Default, Debug)]
pub struct Patterns(Vec<String>);

impl Patterns {
    /// Of a request.
    pub fn new<S: AsRef<str>>(paths: &[S]) -> Patterns {
        Patterns(paths.iter().map(|path| path.as_ref().to_owned()).collect())
    }

    /// As they are written for the shell.
    pub fn words(&self) -> String {
        self.0.join(" ")
    }

    /// Whether a path is one of these.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.0.iter().any(|pattern| matches(pattern.as_bytes(), path))
    }

    /// The path at the beginning of grep's line, and the text after it. `last` is the path of the line
    /// before.
    fn split<'a>(&self, line: &'a [u8], last: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
        if !last.is_empty() && line.get(last.len()) == Some(&b':') && line.starts_with(last) {
            return Some((&line[..last.len()], &line[last.len() + 1..]));
        }
        memchr::memchr_iter(b':', line)
            .find(|at| self.matches(&line[..*at]))
            .map(|at| (&line[..at], &line[at + 1..]))
    }
}

/// Whether a path matches a pattern, name by name.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    if !pattern.contains(&b'*') {
        return pattern == path;
    }
    let (mut names, mut patterns) = (path.split(|b| *b == b'/'), pattern.split(|b| *b == b'/'));
    loop {
        match (patterns.next(), names.next()) {
            (Some(pattern), Some(name)) if name_matches(pattern, name) => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

/// Whether a name matches a pattern of stars and literal pieces.
fn name_matches(pattern: &[u8], name: &[u8]) -> bool {
    let mut pieces = pattern.split(|b| *b == b'*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = pattern.rsplit(|b| *b == b'*').next().filter(|_| pattern.contains(&b'*'))
    else {
        return rest.is_empty();
    };
    let middle = pieces.clone().count().saturating_sub(1);
    for piece in pieces.take(middle) {
        match memchr::memmem::find(rest, piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The files of an answer, in its order; each line ends with a newline.
pub fn files(frame: &SshFrame, patterns: &Patterns) -> Vec<(PathBuf, Vec<u8>)> {
    if !frame.files.is_empty() {
        return one_by_one(frame, patterns);
    }
    let mut all: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for line in frame.payload.split(|b| *b == b'\n') {
        let last = all.last().map_or(&b""[..], |(path, _)| *path);
        let Some((path, content)) = patterns.split(line, last) else { continue };
        if path != last {
            all.push((path, Vec::new()));
        }
        if let Some((_, file)) = all.last_mut()
            && content.len() <= LONGEST_LINE
        {
            file.extend_from_slice(content);
            file.push(b'\n');
        }
    }
    all.into_iter().filter_map(|(path, content)| Some((path_of(path)?, content))).collect()
}

fn one_by_one(frame: &SshFrame, patterns: &Patterns) -> Vec<(PathBuf, Vec<u8>)> {
    let ends = frame.files.iter().skip(1).map(|(start, _)| *start).chain([frame.payload.len()]);
    let known = frame.files.iter().zip(ends).filter(|((_, path), _)| patterns.matches(path));
    known
        .filter_map(|((start, path), end)| {
            let content = frame.payload.get(*start..end)?;
            (!content.is_empty()).then_some(())?;
            Some((path_of(path)?, content.to_owned()))
        })
        .collect()
}

fn path_of(path: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(path).ok().map(PathBuf::from)
}

/// What `ls -ld` says: paths, and the targets of those that are links.
pub fn links(payload: &[u8], patterns: &Patterns) -> Vec<(PathBuf, Option<PathBuf>)> {
    let entry = |line: &[u8]| {
        let at = memchr::memmem::find(line, b" /")?;
        let (path, target) = match memchr::memmem::find(line, b" -> ") {
            Some(arrow) if line[0] == b'l' => (line.get(at + 1..arrow)?, Some(&line[arrow + 4..])),
            _ => (&line[at + 1..], None),
        };
        patterns.matches(path).then_some(())?;
        Some((path_of(path)?, target.and_then(path_of)))
    };
    payload.split(|b| *b == b'\n').filter_map(entry).collect()
}

/// The pid in a path like `/proc/42/stat`.
pub fn pid(path: &Path) -> Option<u32> {
    path.iter().nth(2)?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &[u8], paths: &[&str]) -> Vec<(String, String)> {
        let frame = SshFrame { payload: payload.to_owned(), ..SshFrame::default() };
        let show = |(path, content): (PathBuf, Vec<u8>)| {
            (path.display().to_string(), String::from_utf8(content).unwrap())
        };
        files(&frame, &Patterns::new(paths)).into_iter().map(show).collect()
    }

    #[test]
    fn lines_are_put_together_by_their_paths() {
        let payload = b"/proc/stat:cpu 1\n/proc/stat:\n/proc/stat:a:b\n\
            /sys/class/powercap/intel-rapl:0:1/name:dram\n/sys/class/powercap/intel-rapl:0/name:a:b\n/other:x\n";
        let patterns = ["/proc/stat", "/sys/class/powercap/intel-rapl:*/name"];
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            read(payload, &patterns),
            [
                pair("/proc/stat", "cpu 1\n\na:b\n"),
                pair("/sys/class/powercap/intel-rapl:0:1/name", "dram\n"),
                pair("/sys/class/powercap/intel-rapl:0/name", "a:b\n"),
            ]
        );
    }

    #[test]
    fn a_name_with_a_line_break_stays_in_its_own_file() {
        let payload =
            b"/proc/5/stat:5 (x) S\n/proc/5/stat:/proc/6/stat:6 (y) R 1\n/proc/7/stat:7 (z) S\n";
        let all = read(payload, &["/proc/[0-9]*/stat", "/proc/*/stat"]);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].1, "5 (x) S\n/proc/6/stat:6 (y) R 1\n");
    }

    #[test]
    fn a_star_stays_within_a_name() {
        let fits = |pattern: &str, path: &str| matches(pattern.as_bytes(), path.as_bytes());
        assert!(fits("/sys/hwmon*/temp*_input", "/sys/hwmon3/temp12_input"));
        assert!(!fits("/sys/hwmon*/temp*_input", "/sys/hwmon3/x/temp1_input"));
        assert!(!fits("/sys/hwmon*/temp*_input", "/sys/hwmon3/temp1_max"));
        assert!(!fits("/sys/*", "/sys") && fits("/sys/*", "/sys/a:b") && fits("/a*b*c", "/abbc"));
        assert!(!fits("/a*b*c", "/acb") && !fits("/ab*ba", "/aba") && !fits("/*/x", "/x"));
    }

    #[test]
    fn files_one_by_one_and_links_are_read() {
        let files_at = vec![(0, b"/a".to_vec()), (2, b"/b".to_vec()), (2, b"/evil".to_vec())];
        let frame = SshFrame { payload: b"x\nyz".to_vec(), files: files_at, ..SshFrame::default() };
        let found = files(&frame, &Patterns::new(&["/a", "/b"]));
        assert_eq!(found, [("/a".into(), b"x\n".to_vec())], "an empty file is no file");
        let text =
            b"lrwxrwxrwx 1 root root 0 Jan  1 12:00 /sys/class/net/eth0/device -> ../../pci0\n\
            drwxr-xr-x 2 root root 0 Jan  1 12:00 /sys/class/net/wlan0/wireless\nnonsense\n\
            lrwxrwxrwx 1 root root 0 Jan  1 12:00 /etc/shadow -> /x\n";
        let found =
            links(text, &Patterns::new(&["/sys/class/net/*/device", "/sys/class/net/*/wireless"]));
        assert_eq!(
            found,
            [
                ("/sys/class/net/eth0/device".into(), Some("../../pci0".into())),
                ("/sys/class/net/wlan0/wireless".into(), None),
            ]
        );
    }
}
