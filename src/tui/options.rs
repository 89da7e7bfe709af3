//! The options: every key with its sentence, its type, its present value and where that comes from. A change
//! holds for this run, or is written into the file that sets the key.
//!
//! ```text
//! ╭─ options ────────────────────────────────── 9 of 64 ─╮
//! │ / pro▏                                               │
//! │▌ widget-procs-sort      cpu          myserver.conf:3 │
//! ├──────────────────────────────────────────────────────┤
//! │ The column that it is sorted by at first · a text    │
//! ```

mod view;

use super::{list::ListCursor, typed::TextInput};
use manytop_core::{
    config::{KeyState, check_value},
    options::Shape,
    widget::Key,
};

/// A value typed here is not longer.
const LONGEST: usize = 300;
/// More letters than these find no key.
const LONGEST_FILTER: usize = 60;

/// A change of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyChange {
    /// The key as a `.conf` file has it.
    pub key: String,
    /// The value; `None` takes back what was changed for this run.
    pub value: Option<String>,
    /// Write it into a file.
    pub keep: bool,
}

/// What becomes of the box after a key.
pub enum Reply {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// It stays, and this is to be done.
    Changes(KeyChange),
    /// It is gone, and a host is asked for.
    AddsHost,
}

/// The box.
pub struct OptionsBox {
    states: Vec<KeyState>,
    /// The words of themes and layouts, to step through.
    words: Vec<(&'static str, Vec<String>)>,
    filter: TextInput,
    filtering: bool,
    /// The value that is being typed.
    typed: Option<TextInput>,
    /// What is wrong with it.
    problem: Option<String>,
    found: Vec<usize>,
    cursor: ListCursor,
}

impl OptionsBox {
    /// A box of these keys; `words` are those that a key can be stepped through besides its declared ones.
    pub fn new(states: Vec<KeyState>, words: Vec<(&'static str, Vec<String>)>) -> OptionsBox {
        let found = (0..states.len()).collect();
        OptionsBox {
            states,
            words,
            filter: TextInput::new(LONGEST_FILTER),
            filtering: false,
            typed: None,
            problem: None,
            found,
            cursor: ListCursor::default(),
        }
    }

    /// Takes the keys as they are after a change; the cursor stays on its own.
    pub fn refresh(&mut self, states: Vec<KeyState>) {
        let own = self.current().map(|state| state.key.clone());
        self.states = states;
        self.find();
        let at = self.found.iter().position(|at| Some(&self.states[*at].key) == own.as_ref());
        self.cursor.at = at.unwrap_or(self.cursor.at);
        self.cursor.keep_within(self.found.len());
    }

    fn current(&self) -> Option<&KeyState> {
        self.found.get(self.cursor.at).and_then(|at| self.states.get(*at))
    }

    fn find(&mut self) {
        let typed = self.filter.text().to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let matches = |state: &KeyState| {
            let (key, help) = (state.key.to_lowercase(), state.spec.help().to_lowercase());
            words.iter().all(|word| key.contains(word) || help.contains(word))
        };
        self.found = (0..self.states.len()).filter(|at| matches(&self.states[*at])).collect();
        // keys that have the words come before those with the words in their sentence
        self.found.sort_by_key(|at| {
            let key = self.states[*at].key.to_lowercase();
            !words.iter().all(|word| key.contains(word))
        });
        self.cursor.keep_within(self.found.len());
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> Reply {
        if self.typed.is_some() {
            return self.on_typing(key);
        }
        if self.filtering {
            match key {
                Key::Esc => {
                    self.filter.clear();
                    self.filtering = false;
                }
                Key::Enter => self.filtering = false,
                Key::Down | Key::Up => {
                    self.filtering = false;
                    return self.on_key(key);
                }
                _ if self.filter.on_key(key) => {}
                _ => return Reply::Ignored,
            }
            self.find();
            return Reply::Stays;
        }
        self.problem = None;
        match key {
            Key::Esc if !self.filter.text().is_empty() => {
                self.filter.clear();
                self.find();
            }
            Key::Esc | Key::Char('q' | 'o') | Key::F(2) => return Reply::Closes,
            _ if self.cursor.on_letter(key, self.found.len()) => {}
            Key::Char('/') => self.filtering = true,
            Key::Right | Key::Char('l' | ' ') => return self.step(1),
            Key::Left | Key::Char('h') => return self.step(-1),
            Key::Enter => match self.current() {
                Some(state) if state.is_secret() => {
                    self.problem = Some("a secret is written in a file, not here".into());
                }
                Some(state) if state.spec.shape() == Shape::Flag => return self.step(1),
                Some(state) => self.typed = Some(TextInput::with(&state.value, LONGEST)),
                None => return Reply::Ignored,
            },
            Key::Delete | Key::Backspace | Key::Char('u') => return self.take_back(),
            Key::Char('w') => return self.write(),
            Key::Char('a') => return Reply::AddsHost,
            _ => return Reply::Ignored,
        }
        Reply::Stays
    }

    fn on_typing(&mut self, key: Key) -> Reply {
        let Some(typed) = &mut self.typed else { return Reply::Ignored };
        match key {
            Key::Esc => (self.typed, self.problem) = (None, None),
            Key::Enter => {
                let value = typed.text().trim().to_owned();
                let Some(state) = self.current() else { return Reply::Stays };
                if let Err(problem) = check_value(&state.key, state.spec, &value) {
                    self.problem = Some(problem);
                    return Reply::Stays;
                }
                let key = state.key.clone();
                (self.typed, self.problem) = (None, None);
                return Reply::Changes(KeyChange { key, value: Some(value), keep: false });
            }
            _ if typed.on_key(key) => {}
            _ => return Reply::Ignored,
        }
        Reply::Stays
    }

    /// The values that a key can be stepped through.
    fn choices(&self, state: &KeyState) -> Vec<String> {
        match state.spec.shape() {
            Shape::Flag => vec!["false".into(), "true".into()],
            Shape::OneOf(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            _ => {
                let known = self.words.iter().find(|(key, _)| *key == state.key);
                known.map(|(_, words)| words.clone()).unwrap_or_default()
            }
        }
    }

    /// The next value of one that has few, at once.
    fn step(&mut self, by: isize) -> Reply {
        let Some(state) = self.current() else { return Reply::Ignored };
        let choices = self.choices(state);
        if choices.is_empty() {
            return Reply::Ignored;
        }
        let now = choices.iter().position(|word| *word == state.value).unwrap_or(0);
        let next = (now as isize + by).rem_euclid(choices.len() as isize) as usize;
        let (key, value) = (state.key.clone(), Some(choices[next].clone()));
        Reply::Changes(KeyChange { key, value, keep: false })
    }

    fn take_back(&self) -> Reply {
        match self.current() {
            Some(state) => {
                Reply::Changes(KeyChange { key: state.key.clone(), value: None, keep: false })
            }
            None => Reply::Ignored,
        }
    }

    fn write(&mut self) -> Reply {
        let Some(state) = self.current() else { return Reply::Ignored };
        if state.is_secret() {
            self.problem = Some("a secret is written in a file, not here".into());
            return Reply::Stays;
        }
        let (key, value) = (state.key.clone(), Some(state.value.clone()));
        Reply::Changes(KeyChange { key, value, keep: true })
    }

    /// Says what came of a change.
    pub fn say(&mut self, problem: Option<String>) {
        self.problem = problem;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::config::GLOBALS;

    fn states() -> Vec<KeyState> {
        let state = |spec: &'static manytop_core::options::Spec| KeyState {
            key: spec.name().to_owned(),
            spec,
            value: if spec.name() == "mbps" { "false" } else { "" }.into(),
            origin: None,
        };
        GLOBALS.iter().map(|g| state(g.spec())).collect()
    }

    fn press(options: &mut OptionsBox, keys: &str) -> Option<KeyChange> {
        let mut change = None;
        for c in keys.chars() {
            let key = match c {
                '\n' => Key::Enter,
                '>' => Key::Right,
                c => Key::Char(c),
            };
            if let Reply::Changes(made) = options.on_key(key) {
                change = Some(made);
            }
        }
        change
    }

    fn change(key: &str, value: &str, keep: bool) -> Option<KeyChange> {
        Some(KeyChange { key: key.into(), value: Some(value.into()), keep })
    }

    #[test]
    fn a_key_is_found_stepped_and_written() {
        let mut options = OptionsBox::new(states(), Vec::new());
        assert_eq!(press(&mut options, "/mbps\n>"), change("mbps", "true", false));
        let mut changed = states();
        changed.iter_mut().filter(|s| s.key == "mbps").for_each(|s| s.value = "true".into());
        options.refresh(changed);
        assert_eq!(press(&mut options, "w"), change("mbps", "true", true));
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_the_reason() {
        let mut options = OptionsBox::new(states(), Vec::new());
        assert_eq!(press(&mut options, "/high\n\n120\n"), None);
        assert!(options.problem.as_ref().is_some_and(|p| p.contains("0 to 100")));
        assert!(matches!(options.on_key(Key::Ctrl('u')), Reply::Stays));
        assert_eq!(press(&mut options, "70\n"), change("high", "70", false));
    }

    #[test]
    fn themes_are_stepped_through() {
        let words = vec![("theme", vec!["dark".to_owned(), "light".to_owned()])];
        let mut options = OptionsBox::new(states(), words);
        assert_eq!(press(&mut options, "/theme\n>"), change("theme", "light", false));
    }
}
