//! The terminal's answer to what its background is (OSC 11), found among the keys.
//!
//! An answer is read as keys: `Alt-]`, its letters, and `Alt-\` or `^G` at its end. It may come late, in
//! pieces, or never, so that it is looked for at any time, and the first frame does not wait for it.

use manytop_core::{theme::Rgb, widget::Key};

/// Asks for it.
pub const QUESTION: &[u8] = b"\x1b]11;?\x1b\\";
/// How an answer begins, `Alt-]` aside.
const BEGINNINGS: [&str; 2] = ["11;rgb:", "11;rgba:"];
/// No answer is longer.
const LONGEST: usize = 32;

/// Looks for an answer.
#[derive(Default)]
pub struct Answers {
    /// What there is of one.
    begun: Option<String>,
}

/// How a key relates to an answer of the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyRole {
    /// A key that was pressed.
    Pressed,
    /// A part of an answer.
    Partial,
    /// The end of an answer.
    Background(Rgb),
}

impl Answers {
    /// Takes the next key and says whether it belongs to an answer.
    pub fn take(&mut self, key: Key) -> KeyRole {
        let Some(begun) = &mut self.begun else {
            let begins = key == Key::Alt(']');
            self.begun = begins.then(String::new);
            return if begins { KeyRole::Partial } else { KeyRole::Pressed };
        };
        match key {
            Key::Char(c) if begun.len() < LONGEST => {
                begun.push(c);
                let fits = |start: &str| start.starts_with(&**begun) || begun.starts_with(start);
                if BEGINNINGS.iter().any(|start| fits(start)) {
                    return KeyRole::Partial;
                }
            }
            Key::Alt('\\') | Key::Ctrl('g') => {
                let color = parse(begun);
                self.begun = None;
                return color.map_or(KeyRole::Partial, KeyRole::Background);
            }
            _ => {}
        }
        // Not an answer: its beginning is lost, this key is kept.
        self.begun = None;
        KeyRole::Pressed
    }
}

/// `11;rgb:1e1e/1e1e/2e2e`, with one to four digits a colour.
fn parse(answer: &str) -> Option<Rgb> {
    let colors = BEGINNINGS.iter().find_map(|start| answer.strip_prefix(start))?;
    let mut parts = colors.split('/').map(|digits| {
        let value = u32::from_str_radix(digits, 16).ok()?;
        let most = (1_u32 << (4 * digits.len().clamp(1, 4))) - 1;
        u8::try_from((value * 255 + most / 2) / most).ok()
    });
    let mut next = || parts.next().flatten();
    Some(Rgb(next()?, next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The roles of typed keys; `\x1b` before a character is Alt.
    fn roles(typed: &str) -> Vec<KeyRole> {
        let mut answers = Answers::default();
        let mut alt = false;
        let mut all = Vec::new();
        for c in typed.chars() {
            match c {
                '\x1b' => alt = true,
                '\x07' => all.push(answers.take(Key::Ctrl('g'))),
                c if std::mem::take(&mut alt) => all.push(answers.take(Key::Alt(c))),
                c => all.push(answers.take(Key::Char(c))),
            }
        }
        all
    }

    fn keys(typed: &str) -> usize {
        roles(typed).iter().filter(|role| **role == KeyRole::Pressed).count()
    }

    #[test]
    fn an_answer_is_found_among_keys() {
        let all = roles("j\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\k");
        let background = KeyRole::Background(Rgb::hex(0xfdf6e3));
        assert_eq!(all.iter().filter(|role| **role == background).count(), 1);
        assert_eq!((all.first(), all.last()), (Some(&KeyRole::Pressed), Some(&KeyRole::Pressed)));
        assert_eq!(keys("j\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\k"), 2);
        assert!(
            roles("\x1b]11;rgb:1e/1e/2e\x07").contains(&KeyRole::Background(Rgb::hex(0x1e1e2e)))
        );
        assert!(roles("\x1b]11;rgba:0/8/f/f\x07").contains(&KeyRole::Background(Rgb(0, 136, 255))));
    }

    #[test]
    fn nothing_that_only_looks_like_one_takes_keys_away() {
        assert_eq!(keys("\x1b]dd"), 2);
        assert_eq!(keys("\x1b]11x9"), 2);
        assert_eq!(keys("]11;rgb:"), 8, "without Alt");
        assert_eq!(keys("\x1b]11;rgb:zz/zz/zz\x07q"), 1, "an answer that cannot be read");
        assert_eq!(keys(&format!("\x1b]11;rgb:{}", "f".repeat(60))), 60 + 7 - LONGEST);
    }
}
