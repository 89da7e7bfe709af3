//! Groups that sources belong to by their names, those too that only a provider's answer tells of.

use crate::{layout::fits, source::Source};
use std::sync::Arc;

/// A tag for each pattern of names.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Groups(Arc<[(String, String)]>);

impl Groups {
    /// Reads words as `web:web-*`; what is no such word is left out.
    pub fn of(words: &[String]) -> Groups {
        let pairs = words.iter().filter_map(|word| word.trim().split_once(':'));
        Groups(pairs.map(|(tag, glob)| (tag.to_owned(), glob.to_owned())).collect())
    }

    /// All tags of a source: its own, and those that its name earns it, each once.
    pub fn tags(&self, own: &[String], source: &Source) -> Arc<[String]> {
        if own.is_empty() && self.0.is_empty() {
            return Arc::default(); // which costs nothing
        }
        let mut tags = own.to_vec();
        for (tag, glob) in &*self.0 {
            if fits(glob, source.name()) && !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_earns_a_source_each_tag_once_and_after_its_own() {
        let words = ["web:web-*", " db:db-?", "db:*-sql", "nonsense"].map(str::to_owned);
        let groups = Groups::of(&words);
        let tags = |name, own: &[&str]| {
            let own: Vec<String> = own.iter().map(|tag| (*tag).to_owned()).collect();
            groups.tags(&own, &Source::named(name)).join(" ")
        };
        assert_eq!(tags("web-1", &["prod", "web"]), "prod web");
        assert_eq!(tags("db-sql", &["x"]), "x db");
        assert_eq!(tags("other", &[]), "");
    }
}
