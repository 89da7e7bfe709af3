//! Names of sources: which ones a config may give, and how a name that comes over the wire is shown.

use crate::{source::Source, text};
use std::borrow::Cow;

/// Sources that one connection serves at most; more are left out.
pub const MOST_SERVED: usize = 5_000;

/// Characters that layouts and filters give a meaning: a tag, any text, the host under the cursor, a
/// selection.
const RESERVED: [char; 4] = ['#', '*', '>', '@'];

/// Checks a NAME of a config.
///
/// # Errors
/// It is empty or `local`, begins or ends with a blank, or holds a character that is invisible or has a
/// meaning in layouts.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a NAME is missing".into());
    }
    if is_local(name.trim()) {
        return Err(format!("{name:?} is this machine's own name; choose another"));
    }
    if let Some(c) = name.chars().find(|c| text::is_hidden(*c)) {
        return Err(format!("a NAME cannot hold the invisible character {c:?}"));
    }
    if name.trim() != name {
        return Err(format!("a NAME cannot begin or end with a blank; write {:?}", name.trim()));
    }
    match name.chars().find(|c| RESERVED.contains(c)) {
        Some(c) => {
            Err(format!("a NAME cannot hold {c:?}: it has a meaning in layouts and filters"))
        }
        None => Ok(()),
    }
}

/// A name that came over the wire, as a NAME of a config could be: without blanks at its ends, `# * > @`
/// as `_`, and what is invisible replaced. `None` when nothing is left of it. It may still be taken, by
/// this machine for one.
pub fn from_wire(name: &str) -> Option<Cow<'_, str>> {
    let name = text::clean(name.trim());
    if name.contains(RESERVED) {
        return Some(name.replace(RESERVED, "_").into());
    }
    (!name.is_empty()).then_some(name)
}

/// Whether a name is this machine's, in any case of letters.
pub fn is_local(name: &str) -> bool {
    name.eq_ignore_ascii_case(Source::Local.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_takes_any_visible_name_without_a_meaning_of_its_own() {
        for name in
            ["Jerry", "db-1", "web.example.com", "a b", "ünï", "site/web", "x?", "-", "[::1]"]
        {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for (name, part) in [
            ("", "is missing"),
            ("local", "own name"),
            ("Local", "own name"),
            (" LOCAL ", "own name"),
            ("a ", "blank; write \"a\""),
            (" ", "blank"),
            ("a\u{200b}b", "invisible"),
            ("a\nb", "invisible"),
            ("#prod", "'#'"),
            ("*", "'*'"),
            (">", "'>'"),
            ("a@b", "'@'"),
        ] {
            let problem = check_name(name).unwrap_err();
            assert!(problem.contains(part), "{name:?}: {problem}");
        }
    }

    #[test]
    fn a_name_from_the_wire_is_shown_as_a_config_could_give_it() {
        for (name, shown) in [
            ("web-1", Some("web-1")),
            (" web ", Some("web")),
            ("#prod", Some("_prod")),
            ("a*b>c@d", Some("a_b_c_d")),
            ("x\u{1b}[2J", Some("x\u{fffd}[2J")),
            ("", None),
            (" \t", None),
        ] {
            assert_eq!(from_wire(name).as_deref(), shown, "{name:?}");
            if let Some(shown) = shown {
                assert_eq!(check_name(shown), Ok(()), "{shown}");
            }
        }
        assert!(is_local("Local") && !is_local("locale"));
    }
}
