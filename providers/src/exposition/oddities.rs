//! What is odd about a body's lines: those that cannot be read, and names of a kind that no dialect knows.

use manytop_plugin::text::clean_to;

/// So much of a line is kept, in characters.
const LINE: usize = 100;
/// So much of a name is kept, in characters.
const NAME: usize = 60;

/// A name that begins as names of a kind do, and that no row wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// Which of the catalog's hints it begins with.
    pub hint: u8,
    /// The name, cleaned and cut.
    pub name: Box<str>,
}

/// What is odd about a body. Most bodies have nothing of it, so that it is kept apart.
#[derive(Default, Debug)]
pub struct Oddities {
    /// Lines of wanted names, in this body.
    wanted: u32,
    /// Other lines, in the last body of which all were looked at.
    unwanted: u32,
    /// The first of them, cleaned and cut.
    first: Box<str>,
    unknown: Vec<Unknown>,
    /// Series by the first word of their names, as long as none is wanted.
    seen: Vec<(Box<str>, u32)>,
}

/// More first words than these are counted under the last one.
const WORDS: usize = 100;
/// So many of them are named.
const NAMED: usize = 3;

impl Oddities {
    /// Before a body of which not all lines are looked at.
    pub fn begin(&mut self) {
        self.wanted = 0;
    }

    /// A line of a wanted name that cannot be read.
    #[cold]
    pub fn add_wanted(&mut self, line: &[u8]) {
        if self.wanted + self.unwanted == 0 {
            self.first = shown(line, LINE);
        }
        self.wanted = self.wanted.saturating_add(1);
    }

    /// Another line that cannot be read.
    #[cold]
    pub fn add_unwanted(&mut self, line: &[u8]) {
        if self.wanted + self.unwanted == 0 {
            self.first = shown(line, LINE);
        }
        self.unwanted = self.unwanted.saturating_add(1);
    }

    /// A line with a name that begins with that hint; the first name of each is kept.
    #[cold]
    pub fn add_unknown(&mut self, hint: u8, line: &[u8]) {
        if self.unknown.iter().all(|known| known.hint != hint) {
            let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'{' | b'}' | b'"' | b',');
            let end = line.iter().position(ends).unwrap_or(line.len());
            self.unknown.push(Unknown { hint, name: shown(&line[..end], NAME) });
        }
    }

    /// A sound line of a body in which no line is wanted so far.
    #[cold]
    pub fn add_seen(&mut self, line: &[u8]) {
        let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'{' | b'}' | b'"' | b',');
        let name = &line[..line.iter().position(ends).unwrap_or(line.len())];
        let word = match name.iter().position(|b| matches!(b, b'_' | b':')) {
            Some(end) => &name[..=end],
            None => name,
        };
        let known = self.seen.iter().position(|(known, _)| known.as_bytes() == word);
        match known.or_else(|| (self.seen.len() == WORDS).then_some(WORDS - 1)) {
            Some(at) => self.seen[at].1 = self.seen[at].1.saturating_add(1),
            None => self.seen.push((shown(word, NAME), 1)),
        }
    }

    /// Some line is wanted: what else there is does not matter.
    pub fn forget_seen(&mut self) {
        self.seen = Vec::new();
    }

    /// How many series there are, and how the most of their names begin; those of a program's own runtime last.
    pub fn seen(&self) -> Option<(usize, String)> {
        let all: usize = self.seen.iter().map(|(_, count)| *count as usize).sum();
        let own = |word: &str| ["go_", "process_", "promhttp_", "python_"].contains(&word);
        let mut words: Vec<_> = self.seen.iter().collect();
        words.sort_by_key(|(word, count)| (own(word), std::cmp::Reverse(*count)));
        let mut names: Vec<String> = (words.iter().take(NAMED))
            .map(
                |(word, _)| {
                    if word.ends_with(['_', ':']) { format!("{word}*") } else { word.to_string() }
                },
            )
            .collect();
        if words.len() > NAMED {
            names.push("…".into());
        }
        (all > 0).then(|| (all, names.join(", ")))
    }

    /// How many lines cannot be read, and the first of them.
    pub fn unread(&self) -> (usize, &str) {
        (self.wanted as usize + self.unwanted as usize, &self.first)
    }

    /// Names of a kind that no row wants.
    pub fn unknown(&self) -> &[Unknown] {
        &self.unknown
    }

    /// Forgets names but those.
    pub fn retain_unknown(&mut self, keep: impl FnMut(&Unknown) -> bool) {
        self.unknown.retain(keep);
        self.unknown.shrink_to_fit();
    }

    /// Whether there is nothing odd.
    pub fn is_empty(&self) -> bool {
        self.wanted + self.unwanted == 0 && self.unknown.is_empty() && self.seen.is_empty()
    }

    /// What it takes, in bytes.
    pub fn footprint(&self) -> usize {
        size_of::<Oddities>()
            + self.first.len()
            + self.unknown.capacity() * size_of::<Unknown>()
            + self.unknown.iter().map(|u| u.name.len()).sum::<usize>()
            + self.seen.iter().map(|(word, _)| word.len() + 24).sum::<usize>()
    }
}

/// Bytes of a remote, made fit for a screen.
fn shown(bytes: &[u8], most: usize) -> Box<str> {
    // what is cut off need not be read: no character has more than four bytes
    let bytes = &bytes[..bytes.len().min(4 * most + 4)];
    clean_to(String::from_utf8_lossy(bytes.trim_ascii()).as_ref(), most).into()
}
