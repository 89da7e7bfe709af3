//! A value on its way from a file to an option.

use super::{
    files::Origin,
    interpolate,
    key::{ConfigKey, KeyStyle},
};
use crate::config::location::{FileOrder, Location};
use crate::options::{Arguments, Shape};
use config::ValueKind;
use std::{borrow::Cow, collections::BTreeMap, ffi::OsString, fmt, sync::Arc};

/// What was given of one owner's options. There are few of them, and many owners.
#[derive(Clone, Default, Debug)]
pub(super) struct Givens(Vec<(&'static str, Arc<Setting>)>);

impl Givens {
    pub(super) const fn none() -> Givens {
        Givens(Vec::new())
    }

    pub(super) fn get(&self, option: &str) -> Option<&Setting> {
        self.0.iter().find(|(word, _)| *word == option).map(|(_, given)| &**given)
    }

    /// What was given of an option, to be put elsewhere too.
    pub(super) fn shared(&self, option: &str) -> Option<Arc<Setting>> {
        let found = self.0.iter().find(|(word, _)| *word == option);
        found.map(|(_, given)| given.clone())
    }

    /// Puts what was given of an option in the place of what may be there.
    pub(super) fn put(&mut self, option: &'static str, given: Arc<Setting>) {
        match self.0.iter_mut().find(|(word, _)| *word == option) {
            Some((_, old)) => *old = given,
            None => self.0.push((option, given)),
        }
    }

    /// In the order in which it was put there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'static str, Arc<Setting>)> {
        self.0.iter()
    }

    /// Of what is not here, what was given there holds.
    pub(super) fn fall_back(&mut self, on: &Givens) {
        for (option, given) in on.iter() {
            if self.get(option).is_none() {
                self.put(option, given.clone());
            }
        }
    }

    /// The location of its first part.
    pub(super) fn first(&self) -> Option<&Setting> {
        self.0.iter().map(|(_, given)| &**given).min_by_key(|given| given.order)
    }
}

/// A key with its value, which has the right shape.
pub(super) struct Setting {
    pub(super) key: ConfigKey,
    pub(super) place: Location,
    pub(super) order: FileOrder,
    pub(super) style: KeyStyle,
    pub(super) author: Origin,
    /// As written in the file.
    pub(super) raw: Arc<str>,
    /// As the option reads it; mostly the same.
    pub(super) text: Arc<str>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the value: it may be a secret.
        write!(f, "{} at {}", self.key.show(self.style), self.place)
    }
}

/// A value as one text, as the formats give it to options of that shape: the text in the file,
/// and the same with its variables replaced.
pub(super) fn texts(
    value: &ValueKind,
    shape: Shape,
    author: Origin,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<(Arc<str>, Arc<str>), String> {
    let expand = |raw| match author {
        Origin::Own => interpolate::expand(raw, Some(environment)),
        Origin::Machine => interpolate::expand(raw, None),
        Origin::Gotop | Origin::Environment | Origin::Flags => Ok(Cow::Borrowed(raw)),
    };
    let same = |text: &str| {
        let text: Arc<str> = text.into();
        Ok((text.clone(), text))
    };
    let (expected, remedy) = match shape {
        Shape::Flag => ("true or false", ""),
        Shape::Duration => ("a number", ""),
        Shape::Count => ("a whole number", ""),
        Shape::List | Shape::Arguments => ("a string or a list", "; quote it"),
        Shape::Text | Shape::Secret | Shape::Path | Shape::OneOf(_) => ("a string", "; quote it"),
    };
    let wrong = |got| Err(format!("expected {expected}, got {got}{remedy}"));
    // The value is not shown: where a password should stand it is one, in quotes or not.
    match (value, shape) {
        (ValueKind::String(raw), _) => match expand(raw.as_str())? {
            Cow::Borrowed(text) => same(text),
            Cow::Owned(text) => Ok((raw.as_str().into(), text.into())),
        },
        (ValueKind::Boolean(flag), Shape::Flag) => same(&flag.to_string()),
        (ValueKind::I64(number), Shape::Duration | Shape::Count) => same(&number.to_string()),
        (ValueKind::Float(number), Shape::Duration) => same(&number.to_string()),
        (ValueKind::Array(words), Shape::List) => {
            let raw: Vec<String> = words.iter().map(ToString::to_string).collect();
            if raw.iter().any(|word| word.contains(',')) {
                return Err("a word of a list cannot hold a comma".into());
            }
            let text = raw.iter().map(|word| expand(word)).collect::<Result<Vec<_>, _>>()?;
            Ok((raw.join(",").into(), text.join(",").into()))
        }
        (ValueKind::Array(words), Shape::Arguments) => {
            let raw: Vec<String> = words.iter().map(ToString::to_string).collect();
            let text = raw.iter().map(|word| expand(word)).collect::<Result<Vec<_>, _>>()?;
            let joined = Arguments::joined(text.iter().map(|word| &**word));
            Ok((Arguments::joined(raw.iter().map(String::as_str)).into(), joined.into()))
        }
        (ValueKind::Boolean(_), _) => wrong("a boolean"),
        (ValueKind::Array(_), _) => wrong("a list"),
        (ValueKind::Float(_), Shape::Count) => wrong("a fraction"),
        _ => wrong("a number"),
    }
}

/// Whether the file gives away a password here: what comes from the environment is not in it.
pub(super) fn holds_secret(shape: Shape, raw: &str, author: Origin) -> bool {
    let own = match author {
        Origin::Own => interpolate::own_text(raw),
        _ => raw.into(),
    };
    match userinfo(&own) {
        Some((_, password)) => !password.is_empty(),
        // A URL may be declared a secret for the sake of a password that is not in this one.
        None => shape == Shape::Secret && !own.is_empty() && !own.contains("://"),
    }
}

/// User and password of a URL, as far as there are any.
pub(super) fn userinfo(text: &str) -> Option<(&str, &str)> {
    let rest = text.split_once("://")?.1;
    let (user, password) = match rest.split_once('@')?.0.split_once(':') {
        Some((user, password)) => (user, password),
        None => (rest.split_once('@')?.0, ""),
    };
    // An "@" further on, in a path: the part after the ":" is a port.
    let host = |c: char| matches!(c, '/' | '?' | '#');
    let port = password.split(host).next().unwrap_or_default();
    let is_port = password.contains(host) && port.bytes().all(|b| b.is_ascii_digit());
    (!is_port && !user.contains(host)).then_some((user, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_is_seen_in_odd_urls_too() {
        assert_eq!(userinfo("https://u:p@h/metrics"), Some(("u", "p")));
        assert_eq!(userinfo("https://u:p%40w@h"), Some(("u", "p%40w")));
        assert_eq!(userinfo("https://u:p/w#?@h"), Some(("u", "p/w#?")));
        assert_eq!(userinfo("https://u@h/metrics"), Some(("u", "")));
        for url in [
            "https://h:9100/a@b",
            "https://h/a@b",
            "https://h/?x=a:b@c",
            "u:p@h",
            "http://[::1]:1/",
        ] {
            assert_eq!(userinfo(url), None, "{url}");
        }
    }

    #[test]
    fn a_variable_is_no_secret_of_the_file() {
        let holds = |raw| holds_secret(Shape::Text, raw, Origin::Own);
        assert!(holds("https://u:p@h/"));
        assert!(!holds("https://u:${PW}@h/"));
        assert!(holds_secret(Shape::Text, "https://u:${PW}@h/", Origin::Gotop));
        assert!(!holds_secret(Shape::Secret, "${PW}", Origin::Own));
        assert!(holds_secret(Shape::Secret, "x${PW}", Origin::Own));
        assert!(!holds_secret(Shape::Secret, "https://h/", Origin::Own));
    }
}
