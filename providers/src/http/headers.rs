//! Headers from a file, sent with each request: tenants of Mimir, Thanos or a proxy.

use manytop_core::file;
use reqwest::header::{HeaderName, HeaderValue};
use std::path::{Path, PathBuf};

/// Headers in a file.
const MOST: usize = 32;
/// Headers that a request has of its own, or that would change where it ends.
const OWN: [&str; 12] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that are sent and never shown.
#[derive(Clone, Default)]
pub struct ExtraHeaders {
    file: Option<PathBuf>,
    all: Vec<(HeaderName, HeaderValue)>,
}

impl std::fmt::Debug for ExtraHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.all.iter().map(|(name, _)| name)).finish()
    }
}

impl ExtraHeaders {
    /// Reads a file with one header a line, `NAME: VALUE`; blank lines and those that begin with `#` are left out.
    ///
    /// # Errors
    /// Names the file and the line, and nothing that the line holds.
    pub fn read(path: &Path) -> Result<ExtraHeaders, String> {
        let shown = path.display();
        let text = file::read_text(path, file::SECRET).map_err(|e| format!("{shown}: {e}"))?;
        let mut all = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |what: &str| Err(format!("{shown}:{number}: {what}"));
            let Some((name, value)) = line.split_once(':') else {
                return wrong("expected a header, NAME: VALUE");
            };
            let Ok(name) = name.trim().parse::<HeaderName>() else {
                return wrong("expected the name of a header before the colon");
            };
            if OWN.contains(&name.as_str()) {
                return wrong(&format!("manytop sets {name} itself; take the line out"));
            }
            let Ok(mut value) = HeaderValue::from_str(value.trim()) else {
                return wrong("expected visible ASCII characters after the colon");
            };
            if all.len() == MOST {
                return wrong(&format!("more than {MOST} headers"));
            }
            value.set_sensitive(true);
            all.push((name, value));
        }
        if all.is_empty() {
            return Err(format!("{shown}: expected a header, NAME: VALUE; the file has none"));
        }
        Ok(ExtraHeaders { file: Some(path.to_owned()), all })
    }

    /// The file.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Names and values, as they are sent.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.all.iter().map(|(name, value)| (name, value))
    }

    /// Whether one of them has credentials.
    pub fn has_authorization(&self) -> bool {
        self.all.iter().any(|(name, _)| name == "authorization")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ExtraHeaders, String> {
        let folder = std::env::temp_dir().join(format!("manytop-headers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{:x}", text.len() * 31 + usize::from(text.as_bytes()[0])));
        std::fs::write(&path, text).unwrap();
        let read = ExtraHeaders::read(&path);
        std::fs::remove_file(&path).unwrap();
        read
    }

    #[test]
    fn one_header_a_line() {
        let headers =
            read("# tenant\n\nX-Scope-OrgID: team-a\nAuthorization:Bearer a:b\n").unwrap();
        let all: Vec<_> =
            headers.iter().map(|(n, v)| format!("{n}={}", v.to_str().unwrap())).collect();
        assert_eq!(all, ["x-scope-orgid=team-a", "authorization=Bearer a:b"]);
        assert!(headers.has_authorization());
        assert!(!format!("{headers:?}").contains("team-a"), "never shown");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line_and_not_repeated() {
        for (text, part) in [
            ("hunter2\n", ":1: expected a header"),
            ("\nX Y: hunter2\n", ":2: expected the name of a header"),
            ("X: hunt\u{7}er2\n", ":1: expected visible ASCII"),
            ("Host: hunter2\n", ":1: manytop sets host itself"),
            ("# hunter2\n", "the file has none"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
