//! The distribution: its name and version, short enough for a title.

use crate::local::procfs::Root;

/// As os-release says it: `Debian 13`, `Ubuntu 24.04`, `Arch Linux`.
pub fn of(root: &Root) -> Option<String> {
    let text = ["etc/os-release", "usr/lib/os-release"].iter().find_map(|path| root.text(path))?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
        line.map(unquoted).unwrap_or_default()
    };
    let named = name(&value("NAME"), &value("VERSION_ID"));
    named.or_else(|| Some(value("PRETTY_NAME")).filter(|name| !name.is_empty()))
}

/// Of the name and the version, where there is a name.
pub fn name(name: &str, version: &str) -> Option<String> {
    let name = name.strip_suffix(" GNU/Linux").unwrap_or(name);
    (!name.is_empty()).then(|| format!("{name} {version}").trim_end().to_owned())
}

/// Without quotes around it, and without the backslashes that a shell would take away.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value);
    let mut escaped = false;
    let kept = inner.chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_its_quotes_are_taken_away() {
        assert_eq!(name("Debian GNU/Linux", "13").as_deref(), Some("Debian 13"));
        assert_eq!(name("Arch Linux", "").as_deref(), Some("Arch Linux"));
        assert_eq!(name("", "13"), None);
        let values = ["\"Debian GNU/Linux\"", "'x'", "plain", "\"a\\\"b\\\\\"", "\""].map(unquoted);
        assert_eq!(values, ["Debian GNU/Linux", "x", "plain", "a\"b\\", "\""]);
    }
}
