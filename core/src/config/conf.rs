//! gotop's format: `key=value`, a line each.
//!
//! The first `=` is the one that counts, so that a URL may hold others; blanks around key and value
//! are lost; a line that begins with `#` is a comment, and a blank one nothing. The value is taken
//! whole: no quotes, no escapes, no comment after it.

use super::{key::Words, tree::ConfigTree};
use config::{Map, Value};
use std::error::Error;

/// The format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conf;

impl config::Format for Conf {
    fn parse(
        &self,
        _: Option<&String>,
        text: &str,
    ) -> Result<Map<String, Value>, Box<dyn Error + Send + Sync>> {
        let mut tree = ConfigTree::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.split_once('=').map(|(key, value)| (key.trim_end(), value.trim_start())) {
                Some(("", _)) => {
                    tree.problem(Some(number), 0, "there is no key before the \"=\"");
                }
                Some((key, value)) => tree.key(Words::cut(key), Some(number), 0, value.into()),
                // The line itself is not shown: it may be the second half of a password.
                None => tree.problem(
                    Some(number),
                    0,
                    "there is no \"=\" in this line; write key=value, or # first for a comment",
                ),
            }
        }
        Ok(tree.table())
    }
}
