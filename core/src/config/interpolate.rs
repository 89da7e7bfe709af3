//! `${VAR}` from the environment, so that a file can be shared without what must stay secret.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

/// The value with each `${VAR}` replaced, and `$${` by a literal `${`. Without an environment there is
/// nothing to replace it by, and only `$${` may be written.
pub(super) fn expand<'r>(
    raw: &'r str,
    environment: Option<&BTreeMap<OsString, OsString>>,
) -> Result<Cow<'r, str>, String> {
    if !raw.contains("${") {
        return Ok(raw.into());
    }
    let mut out = String::with_capacity(raw.len());
    for part in parts(raw)? {
        match (part, environment) {
            (InterpolatedPiece::Text(text), _) => out.push_str(text),
            (InterpolatedPiece::Variable(name), None) => {
                return Err(format!(
                    "${{{name}}} is only read in your own config; for a literal ${{ write $${{"
                ));
            }
            (InterpolatedPiece::Variable(name), Some(environment)) => {
                let value = environment
                    .get(OsStr::new(name))
                    .ok_or_else(|| format!("${{{name}}} is not set in the environment"))?;
                out.push_str(value.to_str().ok_or_else(|| format!("${{{name}}} is not UTF-8"))?);
            }
        }
    }
    Ok(out.into())
}

/// The text in the file itself: the value with its variables unreplaced.
pub(super) fn own_text(raw: &str) -> Cow<'_, str> {
    if !raw.contains("${") {
        return raw.into();
    }
    let parts = parts(raw).unwrap_or_else(|_| vec![InterpolatedPiece::Text(raw)]);
    parts
        .iter()
        .filter_map(
            |part| if let InterpolatedPiece::Text(text) = part { Some(*text) } else { None },
        )
        .collect::<String>()
        .into()
}

/// A text as it must be written so that nothing in it is replaced.
pub(super) fn escape(text: &str) -> String {
    text.replace("${", "$${")
}

enum InterpolatedPiece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

fn parts(raw: &str) -> Result<Vec<InterpolatedPiece<'_>>, String> {
    let (mut parts, mut rest) = (Vec::new(), raw);
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            parts.extend([InterpolatedPiece::Text(before), InterpolatedPiece::Text("${")]);
            rest = &rest[at + 2..];
            continue;
        }
        parts.push(InterpolatedPiece::Text(&rest[..at]));
        let (name, after) = rest[at + 2..]
            .split_once('}')
            .filter(|(name, _)| {
                let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
                name.chars().all(letter) && !name.is_empty() && !name.starts_with(char::is_numeric)
            })
            .ok_or("${ begins a variable, as in ${HOME}; for a literal ${ write $${")?;
        parts.push(InterpolatedPiece::Variable(name));
        rest = after;
    }
    parts.push(InterpolatedPiece::Text(rest));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(raw: &str) -> Result<String, String> {
        let environment = BTreeMap::from([("PW".into(), "p@${X}".into()), ("E".into(), "".into())]);
        expand(raw, Some(&environment)).map(Cow::into_owned)
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(expanded("a${PW}b${E}").unwrap(), "ap@${X}b", "what comes in is not read again");
        assert_eq!(expanded("$PW $ $$ {} }").unwrap(), "$PW $ $$ {} }");
        assert_eq!(expanded("$${PW} $$${PW}").unwrap(), "${PW} $${PW}");
        for text in ["${", "a${b$${c", "$$${"] {
            assert_eq!(expanded(&escape(text)).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_missing_or_broken_variable_is_an_error() {
        assert_eq!(expanded("${NOPE}").unwrap_err(), "${NOPE} is not set in the environment");
        for raw in ["${", "${PW", "${}", "${1X}", "${A-B}", "${PW:-x}"] {
            assert!(expanded(raw).unwrap_err().contains("write $${"), "{raw}");
        }
        assert!(expand("${PW}", None).unwrap_err().contains("only read in your own config"));
        assert_eq!(expand("$${PW}", None).unwrap(), "${PW}");
    }

    #[test]
    fn own_text_is_what_the_file_gives_away() {
        assert_eq!(own_text("https://u:${PW}@h/"), "https://u:@h/");
        assert_eq!(own_text("${PW}"), "");
    }
}
