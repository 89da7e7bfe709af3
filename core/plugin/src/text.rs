//! Foreign text made fit for a screen. Whatever comes from another machine is hostile until it has
//! been through [`clean`]: an invisible or reordering character can forge a label, and a hundred
//! combining marks can paint over the neighbours. Providers call it once, where the text comes in.

use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// Characters that a cleaned text has at most.
pub const LONGEST: usize = 128;

/// Combining marks on one character.
const MARKS: usize = 2;

/// Takes the place of what must not be drawn.
const REPLACEMENT: char = '\u{fffd}';

/// `text` with at most [`LONGEST`] characters, all of them visible; see [`clean_to`].
pub fn clean(text: &str) -> Cow<'_, str> {
    clean_to(text, LONGEST)
}

/// `text` with what is hidden ([`is_hidden`]) replaced by U+FFFD, at most two combining marks on a
/// character and none at the start, and at most `longest` characters, the last of which is `…` where
/// something was cut. Borrowed when nothing had to change.
pub fn clean_to(text: &str, longest: usize) -> Cow<'_, str> {
    if is_clean(text, longest) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(longest.saturating_mul(4)));
    let mut length = 0;
    // As if two marks had gone before: a mark at the start would change the character before the text.
    let mut marks = MARKS;
    for c in text.chars() {
        let c = if is_hidden(c) || (length == 0 && is_mark(c)) { REPLACEMENT } else { c };
        if is_mark(c) {
            marks += 1;
            if marks > MARKS {
                continue;
            }
        } else {
            marks = 0;
        }
        if length == longest {
            out.pop();
            out.extend((longest > 0).then_some('…'));
            break;
        }
        out.push(c);
        length += 1;
    }
    Cow::Owned(out)
}

/// Whether a text contains a part that is in lower case; case does not matter.
pub fn contains(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        let is_part = |window: &[u8]| window.eq_ignore_ascii_case(part.as_bytes());
        return part.is_empty() || text.as_bytes().windows(part.len()).any(is_part);
    }
    text.to_lowercase().contains(part)
}

/// A number of things, `1 source` or `3 sources`.
pub fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn is_clean(text: &str, longest: usize) -> bool {
    if text.is_ascii() {
        return text.len() <= longest && text.bytes().all(|b| (0x20..0x7f).contains(&b));
    }
    let mut marks = MARKS;
    text.chars().enumerate().all(|(at, c)| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        at < longest && marks <= MARKS && !is_hidden(c)
    })
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.width() == Some(0)
}

/// Whether a character draws nothing of its own, reorders its neighbours, or means something else in
/// every font: control, format, bidirectional, tag, variation, zero-width, filler, line-separating
/// and private-use characters, and what is no character at all.
pub fn is_hidden(c: char) -> bool {
    // The categories Cc, Cf, Zl, Zp and Co, and the property Default_Ignorable_Code_Point, of
    // Unicode 16; joiners among combining marks (U+034F, the Khmer inherent vowels) included.
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}'
        | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}')
        || (c as u32) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmless_is_borrowed() {
        for text in
            ["", "CPU0", "/srv/data (1)", "ünï", "u\u{308}n", "日本語", "µs °C ✓ ⣿ e\u{301}\u{323}"]
        {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
    }

    #[test]
    fn what_is_hidden_or_reorders_is_replaced() {
        let hidden = [
            '\0',
            '\x1b',
            '\n',
            '\t',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2028}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{e000}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{f0000}',
            '\u{10fffd}',
            '\u{3164}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{61c}',
        ];
        for c in hidden {
            assert_eq!(clean(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
            assert_eq!(clean(&c.to_string()), "\u{fffd}", "{c:?}");
        }
    }

    #[test]
    fn marks_are_few_and_never_first() {
        assert_eq!(clean(&format!("e{}x", "\u{301}".repeat(50))), "e\u{301}\u{301}x");
        assert_eq!(clean("\u{301}x"), "\u{fffd}x", "it would sit on the label's prefix");
    }

    #[test]
    fn length_is_capped_and_the_cut_is_seen() {
        assert_eq!(clean(&"x".repeat(128)), "x".repeat(128));
        assert_eq!(clean(&"x".repeat(10_000)), "x".repeat(127) + "…");
        assert_eq!(clean_to("äöü", 2), "ä…");
        assert_eq!(clean_to("abc", 0), "");
    }

    #[test]
    fn cleaning_twice_changes_nothing_more() {
        let any = ['a', 'é', '\u{301}', '\u{202e}', '\u{200d}', '\n', '日', '\u{fffd}', '…'];
        for a in any {
            for b in any {
                for c in any {
                    for longest in 0..4 {
                        let once = clean_to(&String::from_iter([a, b, c]), longest).into_owned();
                        assert_eq!(clean_to(&once, longest), once);
                        assert!(once.chars().count() <= longest && !once.contains(is_hidden));
                    }
                }
            }
        }
    }
}
