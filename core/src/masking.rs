//! The one place that makes a text fit to be printed: secrets masked, control characters replaced.
//!
//! Every error, note and log line passes [`line()`], whatever it was made of: an argument, a file, another machine's
//! words. What looks like a secret is one; a host that is masked by mistake costs less than a password that is
//! printed. Known forms are `user:password@host` with or without a scheme, `password=…`, `token=…` and their like, and
//! the words after `Bearer` and `Basic`.

use crate::text::clean_to;
use std::borrow::Cow;

/// Takes the place of a secret.
const MASK: &str = "***";
/// The most characters of a printed line.
const LONGEST: usize = 2000;
/// Words at the end of a key with a secret value.
const SECRET: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "api_key", "apikey", "credentials"];
/// Words before a secret in an HTTP header.
const SCHEMES: [&str; 2] = ["bearer ", "basic "];

/// A text as one line that may be printed: without secrets and control characters.
pub fn line(text: &str) -> String {
    // cleaned first: a control character may stand in a secret; cut last: it may stand at the cut
    let clean = clean_to(text, usize::MAX);
    clean_to(&mask(&clean), LONGEST).into_owned()
}

/// The lines of a text, each as [`line()`] makes it.
pub fn lines(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A word of the command line as it may be printed: blanks and quotes in it are its own.
pub fn argument(word: &str) -> String {
    let clean = clean_to(word, usize::MAX);
    let masked = match userinfo(&clean) {
        Some((start, end)) => format!("{}{MASK}{}", &clean[..start], &clean[end..]),
        None => clean.into_owned(),
    };
    line(&masked)
}

/// A text with its secrets replaced by `***`.
pub fn mask(text: &str) -> Cow<'_, str> {
    let mut secrets = Vec::new();
    if text.contains('@') {
        let between = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
        for word in text.split(between).chain(quoted(text)) {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            secrets.extend(userinfo(word).map(|(start, end)| (at + start, at + end)));
        }
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains('=') {
        SECRET.iter().for_each(|word| values(text, &lower, word, &mut secrets));
    }
    SCHEMES.iter().for_each(|word| headers(text, &lower, word, &mut secrets));
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_unstable();
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (start, end) in secrets {
        if start >= from {
            out.push_str(&text[from..start]);
            out.push_str(MASK);
        }
        from = from.max(end);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// The text between two quotes, as messages repeat a word; a quote in it has a `\` before it.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('"')?;
        let mut escaped = false;
        let end = after.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        rest = &after[end + 1..];
        Some(&after[..end])
    })
}

/// Where user and password stand in a word, `[KEY=][SCHEME://]USER:PASSWORD@HOST`.
fn userinfo(word: &str) -> Option<(usize, usize)> {
    let end = word.rfind('@')?;
    let before = &word[..end];
    if let Some(at) = before.find("://") {
        let start = at + "://".len();
        let authority = word[start..].split(['/', '?', '#']).next().unwrap_or_default();
        // Without "@" and ":" the host ends before an "@" of the path. With ":" it may be a port, or a
        // password that holds a "/".
        return authority.contains(['@', ':']).then_some((start, end));
    }
    let colon = before.find(':')?;
    let start = before[..colon].rfind('=').map_or(0, |at| at + 1);
    let (user, rest) = (&word[start..colon], &word[colon + 1..end]);
    (!is_span(user, rest)).then_some((start, end))
}

/// Whether this is the `2:cpu` of a layout's `2:cpu@web`.
fn is_span(span: &str, widget: &str) -> bool {
    (1..=3).contains(&span.len())
        && span.bytes().all(|b| b.is_ascii_digit())
        && (1..=12).contains(&widget.len())
        && widget.bytes().all(|b| b.is_ascii_lowercase())
}

/// Values of keys that end in `word`, as in `remote-x-password=…` and `?access_token=…`.
fn values(text: &str, lower: &str, word: &str, secrets: &mut Vec<(usize, usize)>) {
    for (at, _) in lower.match_indices(word) {
        let after = at + word.len();
        let Some(value) = text[after..].strip_prefix('=') else { continue };
        let start = after + 1;
        let length = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
            _ => value
                .find(|c: char| c.is_whitespace() || matches!(c, '&' | '"' | '\'' | ';'))
                .unwrap_or(value.len()),
        };
        // a variable's name is no secret
        if length > 0 && !value.starts_with("${") {
            secrets.push((start, start + length));
        }
    }
}

/// What follows the name of a scheme of HTTP's, where it looks like more than a word.
fn headers(text: &str, lower: &str, word: &str, secrets: &mut Vec<(usize, usize)>) {
    for (at, _) in lower.match_indices(word) {
        let start = at + word.len();
        let letter = |c: char| c.is_ascii_alphanumeric() || "+/=._~-".contains(c);
        let value = &text[start..];
        let value = &value[..value.find(|c| !letter(c)).unwrap_or(value.len())];
        let odd = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '=';
        if value.len() >= 8 && value.contains(odd) {
            secrets.push((start, start + value.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        for (text, masked) in [
            ("user:SECRET@host", "***@host"),
            (
                "invalid value 'user:SECRET@host' for '--list'",
                "invalid value '***@host' for '--list'",
            ),
            ("\"https://u:SECRET@h/m\" is wrong", "\"https://***@h/m\" is wrong"),
            ("http://SECRET@h/", "http://***@h/"),
            ("x=http://u:SEC/RET@h/m", "x=http://***@h/m"),
            ("http://u:SEC@RET@h", "http://***@h"),
            ("http://u:12/SECRET@h", "http://***@h"),
            ("--set u:SECRET@h=3", "--set ***@h=3"),
            ("groups=u:SECRET@h,x", "groups=***@h,x"),
            ("a b:SECRET@c, d:SECRET@e.", "a ***@c, ***@e."),
            ("remote-J-password=SECRET, then", "remote-J-password=*** then"),
            ("http://h/?access_TOKEN=SECRET&x=1", "http://h/?access_TOKEN=***&x=1"),
            ("bearer_token=\"SECRET word\" x", "bearer_token=*** x"),
            ("\"user:my \\\"SECRET's@host\" is unknown", "\"***@host\" is unknown"),
            ("Authorization: Bearer SECRET01.x", "Authorization: Bearer ***"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_secret_stays() {
        for text in [
            "myserver.conf:2: unknown key \"remote-Jerry-refesh\"",
            "https://h/m?a=b@c",
            "mine:3: \"2:cpu@web-1\": the span",
            "\"cpu@#\": a name is missing after \"@\"",
            "use remote-Jerry-password_file=/run/secret",
            "set password=${PASSWORD}",
            "401: wrong user or password",
            "Basic authentication, a bearer token",
            "web@example.com:9100",
            "no port: http://[fe80::1]:9100/metrics",
        ] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text), "{}", mask(text));
        }
    }

    #[test]
    fn a_line_has_no_control_characters_even_inside_a_secret() {
        assert_eq!(line("a\x1b[31mb\nc\u{202e}"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert_eq!(line("u:SEC\nRET@h"), "***@h");
        assert_eq!(lines("u:SECRET@h\n\x1b[2J"), "***@h\n\u{fffd}[2J");
        let long = format!("u:{}@h", "SECRET".repeat(1000));
        assert_eq!(line(&long), "***@h", "cut after it is masked");
    }

    #[test]
    fn blanks_and_quotes_of_an_argument_are_its_own() {
        assert_eq!(argument("user:my SECRET's@host"), "***@host");
        assert_eq!(argument("--onze=user:my SECRET@host"), "--onze=***@host");
        assert_eq!(argument("https://u:my SECRET@host/"), "https://***@host/");
        assert_eq!(argument("remote-J-password=SECRET"), "remote-J-password=***");
        assert_eq!(argument("web1:9100"), "web1:9100");
    }
}
