//! Finds a text by letters: as they stand, with others between, or in any order.

/// How a text has the letters.
#[derive(PartialEq, Eq, Debug)]
pub struct SearchMatch {
    /// 0 is the best.
    pub rank: u8,
    /// The characters of the text that match, counted from 0.
    pub at: Vec<usize>,
}

/// Whether a text has all letters of each typed word; case does not count.
pub fn matched(typed: &str, text: &str) -> Option<SearchMatch> {
    let lower = |text: &str| -> Vec<char> {
        text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
    };
    let text = lower(text);
    let mut all = SearchMatch { rank: 0, at: Vec::new() };
    for word in typed.split_whitespace() {
        let found = one(&lower(word), &text)?;
        all.rank = all.rank.max(found.rank);
        all.at.extend(found.at);
    }
    Some(all)
}

fn one(word: &[char], text: &[char]) -> Option<SearchMatch> {
    let begins = |at: usize| at == 0 || !text[at - 1].is_alphanumeric();
    let whole = || (0..text.len()).filter(|at| text[*at..].starts_with(word));
    let together =
        |rank, at: usize| Some(SearchMatch { rank, at: (at..at + word.len()).collect() });
    if let Some(at) = whole().find(|at| begins(*at)) {
        return together(0, at);
    }
    if let Some(at) = whole().next() {
        return together(1, at);
    }
    let starts = || (0..text.len()).filter(|at| text[*at] == word[0]);
    if let Some(at) = starts().filter(|at| begins(*at)).find_map(|at| in_order(word, text, at)) {
        return Some(SearchMatch { rank: 2, at });
    }
    if let Some(at) = starts().next().and_then(|at| in_order(word, text, at)) {
        return Some(SearchMatch { rank: 3, at });
    }
    any_order(word, text).map(|at| SearchMatch { rank: 4, at })
}

fn in_order(word: &[char], text: &[char], from: usize) -> Option<Vec<usize>> {
    let mut next = from;
    word.iter()
        .map(|c| {
            let at = next + text.get(next..)?.iter().position(|other| other == c)?;
            next = at + 1;
            Some(at)
        })
        .collect()
}

fn any_order(word: &[char], text: &[char]) -> Option<Vec<usize>> {
    let mut at: Vec<usize> = Vec::new();
    for c in word {
        at.push((0..text.len()).find(|n| text[*n] == *c && !at.contains(n))?);
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(typed: &str, text: &str) -> Option<u8> {
        matched(typed, text).map(|found| found.rank)
    }

    #[test]
    fn the_beginning_of_a_word_is_the_best_and_any_order_is_the_last() {
        assert_eq!(rank("gr", "graphs: shorter time"), Some(0));
        assert_eq!(rank("GR", "procs: group by name"), Some(0));
        assert_eq!(rank("rap", "graphs: shorter time"), Some(1));
        assert_eq!(rank("gst", "graphs: shorter time"), Some(2));
        assert_eq!(rank("hst", "graphs: shorter time"), Some(3));
        assert_eq!(rank("pg", "graphs"), Some(4));
        assert_eq!(rank("gg", "graphs"), None, "each letter is used once");
        assert_eq!(rank("", "graphs"), Some(0));
    }

    #[test]
    fn words_come_in_any_order_and_their_letters_are_known() {
        let found = matched("time gr", "graphs: time").unwrap();
        assert_eq!(found, SearchMatch { rank: 0, at: vec![8, 9, 10, 11, 0, 1] });
        assert_eq!(matched("gr xy", "graphs: time"), None);
        assert_eq!(matched("É", "é").map(|found| found.at), Some(vec![0]));
    }
}
