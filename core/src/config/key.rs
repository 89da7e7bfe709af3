//! A key, taken apart once. Words ignore case, a NAME keeps it.

/// What a key names.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum ConfigKey {
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
    /// See [`ConfigKey::cut`].
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
    pub(super) fn key(self) -> ConfigKey {
        match self {
            Words::Global(word) => ConfigKey::Global(word.to_lowercase()),
            Words::One(provider, option) => ConfigKey::one(provider, option),
            Words::Named(section, name, option) => ConfigKey::named(section, name, option),
        }
    }
}

/// How a person has to write a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeyStyle {
    /// `remote-web.example.com-url`
    Conf,
    /// `remote."web.example.com".url`
    Toml,
}

/// The NAME that sets what holds for every instance of a section.
pub(super) const ALL: &str = "*";

impl ConfigKey {
    /// Takes a key with hyphens apart: none, one, or the first and the last of more.
    pub(super) fn cut(text: &str) -> ConfigKey {
        Words::cut(text).key()
    }

    pub(super) fn one(provider: &str, option: &str) -> ConfigKey {
        ConfigKey::One { provider: provider.to_lowercase(), option: option.to_lowercase() }
    }

    pub(super) fn named(section: &str, name: &str, option: &str) -> ConfigKey {
        let (section, option) = (section.to_lowercase(), option.to_lowercase());
        ConfigKey::Named { section, name: name.to_owned(), option }
    }

    /// Its words.
    pub(super) fn words(&self) -> Words<'_> {
        match self {
            ConfigKey::Global(word) => Words::Global(word),
            ConfigKey::One { provider, option } => Words::One(provider, option),
            ConfigKey::Named { section, name, option } => Words::Named(section, name, option),
        }
    }

    /// The last word.
    pub(super) fn option(&self) -> &str {
        match self {
            ConfigKey::Global(word) => word,
            ConfigKey::One { option, .. } | ConfigKey::Named { option, .. } => option,
        }
    }

    /// This key with another last word.
    pub(super) fn with_option(&self, option: &str) -> ConfigKey {
        let mut key = self.clone();
        match &mut key {
            ConfigKey::Global(word) => *word = option.to_owned(),
            ConfigKey::One { option: o, .. } | ConfigKey::Named { option: o, .. } => {
                *o = option.to_owned()
            }
        }
        key
    }

    /// As written in a file.
    pub(super) fn show(&self, style: KeyStyle) -> String {
        let quoted = |word: &str| {
            let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            match !word.is_empty() && word.chars().all(bare) {
                true => word.to_owned(),
                false => format!("{word:?}"),
            }
        };
        match (self, style) {
            (ConfigKey::Global(word), _) => word.clone(),
            (ConfigKey::One { provider, option }, KeyStyle::Conf) => format!("{provider}-{option}"),
            (ConfigKey::One { provider, option }, KeyStyle::Toml) => {
                format!("{}.{}", quoted(provider), quoted(option))
            }
            (ConfigKey::Named { section, name, option }, KeyStyle::Conf) => {
                format!("{section}-{name}-{option}")
            }
            (ConfigKey::Named { section, name, option }, KeyStyle::Toml) => {
                format!("{}.{}.{}", quoted(section), quoted(name), quoted(option))
            }
        }
    }

    /// This key and a value as a line of a file.
    pub(super) fn line(&self, value: &str, style: KeyStyle) -> String {
        match style {
            KeyStyle::Conf => format!("{}={value}", self.show(style)),
            KeyStyle::Toml => format!("{} = {value:?}", self.show(style)),
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
            let key = ConfigKey::cut(&text);
            assert_eq!(key, ConfigKey::named("remote", name, "url"), "{text}");
            assert_eq!(key.show(KeyStyle::Conf), text);
        }
        assert_eq!(ConfigKey::cut("MBps"), ConfigKey::Global("mbps".into()));
        assert_eq!(ConfigKey::cut("CPU-Root"), ConfigKey::one("cpu", "root"));
        assert_eq!(ConfigKey::cut("Remote-Jerry-URL"), ConfigKey::named("remote", "Jerry", "url"));
    }

    #[test]
    fn toml_quotes_what_is_not_bare() {
        let show = |name| ConfigKey::named("remote", name, "url").show(KeyStyle::Toml);
        assert_eq!(show("db-1"), "remote.db-1.url");
        assert_eq!(show("web.example.com"), "remote.\"web.example.com\".url");
    }
}
