//! Keys as people spell them, and the commands that keys are bound to.
//!
//! A widget declares [`Command`]s; the application binds keys to them, shows them in the help and in
//! the bottom row, and lets a config rebind them (`key-procs_signal=d F9`). A widget is told the
//! command, never the key.

use std::{fmt, str::FromStr};

/// A key press, independent of the terminal that sent it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// A character, shifted as typed.
    Char(char),
    /// A character with Control held.
    Ctrl(char),
    /// A character with Alt held.
    Alt(char),
    /// The cursor keys and the keys with names.
    Up,
    #[expect(missing_docs)]
    Down,
    #[expect(missing_docs)]
    Left,
    #[expect(missing_docs)]
    Right,
    #[expect(missing_docs)]
    PageUp,
    #[expect(missing_docs)]
    PageDown,
    #[expect(missing_docs)]
    Home,
    #[expect(missing_docs)]
    End,
    #[expect(missing_docs)]
    Enter,
    #[expect(missing_docs)]
    Esc,
    #[expect(missing_docs)]
    Tab,
    #[expect(missing_docs)]
    BackTab,
    #[expect(missing_docs)]
    Backspace,
    #[expect(missing_docs)]
    Delete,
    /// A function key, from 1.
    F(u8),
}

/// Named keys and their spelling in a config.
const NAMED: &[(Key, &str)] = &[
    (Key::Up, "Up"),
    (Key::Down, "Down"),
    (Key::Left, "Left"),
    (Key::Right, "Right"),
    (Key::PageUp, "PageUp"),
    (Key::PageDown, "PageDown"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::Enter, "Enter"),
    (Key::Esc, "Esc"),
    (Key::Tab, "Tab"),
    (Key::BackTab, "Shift-Tab"),
    (Key::Backspace, "Backspace"),
    (Key::Delete, "Delete"),
    (Key::Char(' '), "Space"),
    (Key::Char(','), "comma"),
    (Key::Char('='), "equals"),
    (Key::Char('#'), "hash"),
];

impl fmt::Display for Key {
    /// As the help shows it: `^r` for Control, else as a config spells it; `,` and `=` as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Key::Char(c) if c != ' ' => write!(f, "{c}"),
            Key::Ctrl(c) => write!(f, "^{c}"),
            Key::Alt(c) => write!(f, "Alt-{c}"),
            Key::F(n) => write!(f, "F{n}"),
            named => {
                let name = NAMED.iter().find(|(key, _)| *key == named).map_or("?", |(_, n)| n);
                f.write_str(name)
            }
        }
    }
}

impl FromStr for Key {
    type Err = String;

    /// Reads `a`, `ctrl-x`, `^x`, `alt-x`, `F9`, `comma`, `space`, `Enter`; words ignore case.
    fn from_str(text: &str) -> Result<Key, String> {
        let mut chars = text.chars();
        if let (Some(one), None) = (chars.next(), chars.next()) {
            return Ok(Key::Char(one));
        }
        let lower = text.to_lowercase();
        let single = |rest: &str| {
            let mut chars = rest.chars();
            chars.next().filter(|_| chars.next().is_none())
        };
        if let Some((key, _)) = NAMED.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)) {
            return Ok(*key);
        }
        let control = lower.strip_prefix("ctrl-").or_else(|| lower.strip_prefix('^'));
        if let Some(c) = control.and_then(single) {
            return Ok(Key::Ctrl(c));
        }
        // The case of a letter with Alt counts: it is Shift.
        if let (true, Some(c)) = (lower.starts_with("alt-"), text.get(4..).and_then(single)) {
            return Ok(Key::Alt(c));
        }
        if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse().ok())
            && (1..=24).contains(&n)
        {
            return Ok(Key::F(n));
        }
        Err(format!("{text:?} is not a key; expected a, ctrl-x, alt-x, F9, Space, comma, Enter …"))
    }
}

/// What the mouse did inside the widget, in columns and rows from its upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mouse {
    /// A press of the left button.
    #[expect(missing_docs)]
    Click { column: u16, row: u16 },
    /// The wheel, away from the person.
    ScrollUp,
    /// The wheel, towards the person.
    ScrollDown,
}

/// Something that keys are bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command {
    name: &'static str,
    keys: &'static str,
    help: &'static str,
    hint: &'static str,
}

impl Command {
    /// A command; `name` is a word of letters, digits and `_`; `keys` are its default keys as a config
    /// spells them, between blanks (a word of two plain characters, `gg`, is a sequence).
    pub const fn new(name: &'static str, keys: &'static str, help: &'static str) -> Command {
        Command { name, keys, help, hint: "" }
    }

    /// Shows it in the bottom row while its widget has the focus, with this word.
    #[must_use]
    pub const fn hint(mut self, word: &'static str) -> Command {
        self.hint = word;
        self
    }

    /// Its name, unique within its widget: `signal`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The default keys, between blanks.
    pub const fn default_keys(&self) -> &'static str {
        self.keys
    }

    /// What it does, for the help and the palette.
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// Its word in the bottom row; empty when it is not shown there.
    pub const fn hint_word(&self) -> &'static str {
        self.hint
    }
}

/// A move of a list's cursor. Every list takes the same keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// A row up.
    Up,
    /// A row down.
    Down,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_spelled() {
        let spelled = [
            ("a", Key::Char('a')),
            ("A", Key::Char('A')),
            ("ctrl-x", Key::Ctrl('x')),
            ("^r", Key::Ctrl('r')),
            ("alt-X", Key::Alt('X')),
            ("comma", Key::Char(',')),
            ("space", Key::Char(' ')),
            ("equals", Key::Char('=')),
            ("f9", Key::F(9)),
            ("f", Key::Char('f')),
            ("shift-tab", Key::BackTab),
            ("pagedown", Key::PageDown),
        ];
        for (text, key) in spelled {
            assert_eq!(text.parse(), Ok(key), "{text}");
        }
        for wrong in ["", "ab", "ctrl-", "f99", "f0", "alt-ab"] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_key_reads_back_from_what_the_help_shows() {
        let plain = ['a', 'Z', '/', ',', '=', ' '].map(Key::Char);
        let others = [Key::Ctrl('r'), Key::Alt('x'), Key::F(10), Key::BackTab, Key::Enter];
        for key in plain.into_iter().chain(others) {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
    }
}
