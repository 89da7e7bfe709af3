//! The right word for a misspelt one, for messages that say "did you mean".

/// The candidate that `word` was most likely meant to be, if any comes close: a slip or two of the
/// finger, in proportion to its length, or else a longer or shorter form of the same word (`memory`
/// for `mem`). Case does not matter; of equals, the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let slips = (word.len() / 3).clamp(1, 3);
    let mut best = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        let distance = match distance(&word, &other) {
            // Not one letter in common.
            d if d >= word.len().max(other.len()) => continue,
            d if d <= slips => d,
            _ if word.len().min(other.len()) >= 3
                && (word.starts_with(&other) || other.starts_with(&word)) =>
            {
                slips + 1
            }
            _ => continue,
        };
        if best.is_none_or(|(_, least)| distance < least) {
            best = Some((candidate, distance));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// The effort grows with the square of the length; longer words are not compared.
const LONGEST: usize = 64;

/// How many letters must be put in, left out, changed, or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (last[j - 1] + changed).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 8] = ["cpu", "mem", "temp", "net", "disk", "procs", "refresh", "hosts"];

    #[test]
    fn a_slip_is_understood() {
        let cases = [
            ("refesh", "refresh"),
            ("refrehs", "refresh"),
            ("reffresh", "refresh"),
            ("rafresh", "refresh"),
            ("proc", "procs"),
            ("process", "procs"),
            ("CUP", "cpu"),
            ("memory", "mem"),
            ("temperature", "temp"),
            ("dsik", "disk"),
            ("host", "hosts"),
        ];
        for (word, meant) in cases {
            assert_eq!(nearest(word, WORDS), Some(meant), "{word}");
        }
    }

    #[test]
    fn what_is_no_slip_is_left_alone() {
        for word in ["", "x", "gpu_of_the_year", "wat", "url", &"m".repeat(1000)] {
            assert_eq!(nearest(word, WORDS), None, "{word}");
        }
    }
}
