//! What can be written as an option's value, and what is read of it.

use std::{fmt, path::PathBuf, time::Duration};

/// What can be written as an option's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Any text.
    Text,
    /// A text that is never shown.
    Secret,
    /// `true` or `false`.
    Flag,
    /// Seconds, or a number with a unit: `1.5`, `500ms`, `2s`, `1m`.
    Duration,
    /// A path; `~/` is the home folder.
    Path,
    /// A whole number from 0.
    Count,
    /// Words between commas.
    List,
    /// A program and its arguments, between blanks; double quotes hold an argument together, and in them
    /// `\"` and `\\` stand for a quote and a backslash.
    Arguments,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// A text that is never printed: not by `Debug`, not in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A value that was checked against its declaration.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Of a text or one-of option.
    Text(String),
    /// Of a secret option.
    Secret(Secret),
    /// Of a flag.
    Flag(bool),
    /// Of a duration.
    Duration(Duration),
    /// Of a path.
    Path(PathBuf),
    /// Of a count.
    Count(u64),
    /// Of a list.
    List(Vec<String>),
    /// Of arguments.
    Arguments(Arguments),
}

/// A program and its arguments; no shell reads them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Arguments(pub Vec<String>);

impl Arguments {
    /// Reads arguments between blanks; double quotes hold one together.
    ///
    /// # Errors
    /// A quote that is not closed.
    pub fn parse(text: &str) -> Result<Arguments, String> {
        let (mut all, mut current, mut quoted) = (Vec::new(), None::<String>, false);
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    quoted = !quoted;
                    current.get_or_insert_default();
                }
                '\\' if quoted => match chars.next() {
                    Some(c @ ('"' | '\\')) => current.get_or_insert_default().push(c),
                    next => {
                        let argument = current.get_or_insert_default();
                        argument.push('\\');
                        argument.extend(next);
                    }
                },
                c if c.is_whitespace() && !quoted => all.extend(current.take()),
                c => current.get_or_insert_default().push(c),
            }
        }
        if quoted {
            return Err("a quote is not closed".into());
        }
        all.extend(current);
        Ok(Arguments(all))
    }

    /// The text that [`Arguments::parse`] reads as these.
    pub fn joined<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
        let quoted =
            |argument: &str| format!("\"{}\"", argument.replace('\\', "\\\\").replace('"', "\\\""));
        arguments.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
    }
}

impl Value {
    /// Reads `text` as `shape`. The error says what is wrong with it, without repeating a secret.
    pub fn parse(shape: Shape, text: &str) -> Result<Value, String> {
        Ok(match shape {
            Shape::Text => Value::Text(text.to_owned()),
            Shape::Secret => Value::Secret(Secret::new(text)),
            Shape::Flag => Value::Flag(flag(text)?),
            Shape::Duration => Value::Duration(duration(text)?),
            Shape::Path => Value::Path(path(text)),
            Shape::Count => Value::Count(
                text.parse().map_err(|_| format!("{text:?} is not a whole number from 0"))?,
            ),
            Shape::List => Value::List(
                text.split(',')
                    .map(str::trim)
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            Shape::Arguments => Value::Arguments(Arguments::parse(text)?),
            Shape::OneOf(words) => match words.iter().find(|w| w.eq_ignore_ascii_case(text)) {
                Some(word) => Value::Text((*word).to_owned()),
                None => return Err(format!("{text:?} is none of {}", words.join(", "))),
            },
        })
    }
}

/// `true` and `false`, and what people write for them.
pub fn flag(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// Seconds, or a number with `ms`, `s`, `m` or `h`. More than zero, and at most a day.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = (text[..digits].trim(), &text[digits..]);
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("{text:?} is not a duration; write 2, 2s, 500ms or 1m")),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("{text:?} is not a duration; write 2, 2s, 500ms or 1m"))?;
    let seconds = number * scale;
    if !(0.001..=86_400.0).contains(&seconds) {
        return Err(format!("{text:?} is out of range; from 1ms to 24h"));
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn path(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_at_blanks_and_held_together_by_quotes() {
        let read = |text| Arguments::parse(text).unwrap().0;
        assert_eq!(read(r#"  /bin/x -a "b c" "" d"e f"g "#), ["/bin/x", "-a", "b c", "", "de fg"]);
        assert_eq!(read(r#""a \" b" \ $(x)"#), [r#"a " b"#, r"\", "$(x)"]);
        assert!(Arguments::parse("a \"b").is_err());
        let hard = ["a b", "", "\"q\"", "back\\slash", "ü\t"];
        assert_eq!(read(&Arguments::joined(hard)), hard);
    }
}
