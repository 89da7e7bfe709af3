//! Groups that sources belong to by their names, sources named by a provider's answer included.

use crate::{glob, names, source::Source};
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

    /// All tags of a source: its own, and those that its name earns it, each once. In its own, `{LABEL}` is replaced
    /// by the value of a label; a tag with a label that is missing is left out.
    pub fn tags(
        &self,
        own: &[String],
        source: &Source,
        labels: &[(Box<str>, Box<str>)],
    ) -> Arc<[String]> {
        if own.is_empty() && self.0.is_empty() {
            return Arc::default(); // which costs nothing
        }
        let mut tags: Vec<String> = Vec::with_capacity(own.len());
        for tag in own.iter().filter_map(|tag| filled(tag, labels)) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        for (tag, glob) in &*self.0 {
            if glob::matches(glob, source.name()) && !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags.into()
    }
}

/// A tag with the values of labels in place of `{LABEL}`, made fit to be a word of a layout.
fn filled(tag: &str, labels: &[(Box<str>, Box<str>)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = tag;
    while let Some((before, (label, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        let (_, value) = labels.iter().find(|(name, _)| **name == *label.trim())?;
        let word = |c: char| if c.is_whitespace() || matches!(c, ',' | '"') { '_' } else { c };
        out.push_str(before);
        out.extend(names::from_wire(value)?.chars().map(word));
        rest = after;
    }
    out.push_str(rest);
    Some(out)
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
            groups.tags(&own, &Source::named(name), &[]).join(" ")
        };
        assert_eq!(tags("web-1", &["prod", "web"]), "prod web");
        assert_eq!(tags("db-sql", &["x"]), "x db");
        assert_eq!(tags("other", &[]), "");
    }

    #[test]
    fn labels_make_tags() {
        let labels = [("cluster", "eu-1"), ("role", "a b, @c"), ("empty", " ")];
        let labels: Vec<(Box<str>, Box<str>)> =
            labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let own =
            ["{cluster}", "prod", "in-{cluster}", "{role}", "{missing}", "{empty}", "{", "eu-1"];
        let own = own.map(str::to_owned);
        let tags = Groups::default().tags(&own, &Source::named("web"), &labels);
        assert_eq!(*tags, ["eu-1", "prod", "in-eu-1", "a_b___c", "{"]);
    }
}
