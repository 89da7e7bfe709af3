//! A key, taken apart once. Words ignore case, a NAME keeps it.

/// What a key names.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Key {
    /// `mbps`
    Global(String),
    /// `cpu-root`
    One { provider: String, option: String },
    /// `remote-Jerry-url`
    Named { section: String, name: String, option: String },
}

/// The words of a key as they stand in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Words<'a> {
    Global(&'a str),
    One(&'a str, &'a str),
    Named(&'a str, &'a str, &'a str),
}

impl<'a> Words<'a> {
    /// See [`Key::cut`].
    pub(super) fn cut(text: &'a str) -> Words<'a> {
        match (text.split_once('-'), text.rsplit_once('-')) {
            (Some((section, _)), Some((front, option))) if front.len() > section.len() => {
                Words::Named(section, &front[section.len() + 1..], option)
            }
            (Some((provider, option)), _) => Words::One(provider, option),
            (None, _) => Words::Global(text),
        }
    }

    /// The key that they are.
    pub(super) fn key(self) -> Key {
        match self {
            Words::Global(word) => Key::Global(word.to_lowercase()),
            Words::One(provider, option) => Key::one(provider, option),
            Words::Named(section, name, option) => Key::named(section, name, option),
        }
    }
}

/// How a person has to write a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// `remote-web.example.com-url`
    Conf,
    /// `remote."web.example.com".url`
    Toml,
}

/// The NAME that sets what holds for every instance of a section.
pub(super) const ALL: &str = "*";

impl Key {
    /// Takes a key with hyphens apart: none, one, or the first and the last of more.
    pub(super) fn cut(text: &str) -> Key {
        Words::cut(text).key()
    }

    pub(super) fn one(provider: &str, option: &str) -> Key {
        Key::One { provider: provider.to_lowercase(), option: option.to_lowercase() }
    }

    pub(super) fn named(section: &str, name: &str, option: &str) -> Key {
        let (section, option) = (section.to_lowercase(), option.to_lowercase());
        Key::Named { section, name: name.to_owned(), option }
    }

    /// Its words.
    pub(super) fn words(&self) -> Words<'_> {
        match self {
            Key::Global(word) => Words::Global(word),
            Key::One { provider, option } => Words::One(provider, option),
            Key::Named { section, name, option } => Words::Named(section, name, option),
        }
    }

    /// The last word.
    pub(super) fn option(&self) -> &str {
        match self {
            Key::Global(word) => word,
            Key::One { option, .. } | Key::Named { option, .. } => option,
        }
    }

    /// This key with another last word.
    pub(super) fn with_option(&self, option: &str) -> Key {
        let mut key = self.clone();
        match &mut key {
            Key::Global(word) => *word = option.to_owned(),
            Key::One { option: o, .. } | Key::Named { option: o, .. } => *o = option.to_owned(),
        }
        key
    }

    /// As written in a file.
    pub(super) fn show(&self, style: Style) -> String {
        let quoted = |word: &str| {
            let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            match !word.is_empty() && word.chars().all(bare) {
                true => word.to_owned(),
                false => format!("{word:?}"),
            }
        };
        match (self, style) {
            (Key::Global(word), _) => word.clone(),
            (Key::One { provider, option }, Style::Conf) => format!("{provider}-{option}"),
            (Key::One { provider, option }, Style::Toml) => {
                format!("{}.{}", quoted(provider), quoted(option))
            }
            (Key::Named { section, name, option }, Style::Conf) => {
                format!("{section}-{name}-{option}")
            }
            (Key::Named { section, name, option }, Style::Toml) => {
                format!("{}.{}.{}", quoted(section), quoted(name), quoted(option))
            }
        }
    }

    /// This key and a value as a line of a file.
    pub(super) fn line(&self, value: &str, style: Style) -> String {
        match style {
            Style::Conf => format!("{}={value}", self.show(style)),
            Style::Toml => format!("{} = {value:?}", self.show(style)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_cut_at_the_first_and_the_last_hyphen() {
        let names = [
            "Jerry",
            "jerry",
            "db",
            "db-1",
            "web.example.com",
            "10.0.0.1",
            "url",
            "x-url",
            "CPU0",
            "ünï",
            "a b",
            "*",
            "-",
            "--",
            "",
        ];
        for name in names {
            let text = format!("remote-{name}-url");
            let key = Key::cut(&text);
            assert_eq!(key, Key::named("remote", name, "url"), "{text}");
            assert_eq!(key.show(Style::Conf), text);
        }
        assert_eq!(Key::cut("MBps"), Key::Global("mbps".into()));
        assert_eq!(Key::cut("CPU-Root"), Key::one("cpu", "root"));
        assert_eq!(Key::cut("Remote-Jerry-URL"), Key::named("remote", "Jerry", "url"));
    }

    #[test]
    fn toml_quotes_what_is_not_bare() {
        let show = |name| Key::named("remote", name, "url").show(Style::Toml);
        assert_eq!(show("db-1"), "remote.db-1.url");
        assert_eq!(show("web.example.com"), "remote.\"web.example.com\".url");
    }
}
