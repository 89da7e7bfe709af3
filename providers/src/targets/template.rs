//! How a source is named after the labels of its targets: `{cluster}-{host}`.

use super::TargetLabels;

/// A name with labels in braces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameTemplate(Vec<NamePiece>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum NamePiece {
    Text(String),
    Label(String),
}

impl NameTemplate {
    /// Reads a template. `{host}` is the host as it is called without a template and `{address}` the instance,
    /// unless the target has a label of that name; `{LABEL}` is the label's value, or nothing.
    ///
    /// # Errors
    /// A brace has no partner, or there is no label between two.
    pub fn parse(text: &str) -> Result<NameTemplate, String> {
        let wrong =
            || format!("expected text with labels in braces, {{cluster}}-{{host}}, got {text:?}");
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = rest.find(['{', '}']).unwrap_or(rest.len());
            let (before, after) = rest.split_at(at);
            if !before.is_empty() {
                pieces.push(NamePiece::Text(before.to_owned()));
            }
            let Some(inside) = after.strip_prefix('{') else {
                if after.is_empty() { break } else { return Err(wrong()) }
            };
            let (label, more) = inside.split_once('}').ok_or_else(wrong)?;
            if label.trim().is_empty() || label.contains('{') {
                return Err(wrong());
            }
            pieces.push(NamePiece::Label(label.trim().to_owned()));
            rest = more;
        }
        if !pieces.iter().any(|piece| matches!(piece, NamePiece::Label(_))) {
            return Err(format!("{}: all hosts would have one name", wrong()));
        }
        Ok(NameTemplate(pieces))
    }

    /// The name of a target; `None` when nothing of it is left.
    pub fn fill(&self, labels: &TargetLabels, host: &str) -> Option<String> {
        let mut name = String::new();
        for piece in &self.0 {
            name.push_str(match piece {
                NamePiece::Text(text) => text,
                NamePiece::Label(label) => match labels.get(label) {
                    Some(value) => value,
                    None if label == "host" => host,
                    None if label == "address" => labels.instance(),
                    None => "",
                },
            });
        }
        let name = name.trim();
        (!name.is_empty()).then(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_in_braces() {
        let labels = [("cluster", "eu-1"), ("instance", "web1:9100"), ("k8s-node", "n")];
        let labels = TargetLabels::new(labels.into_iter());
        for (template, name) in [
            ("{cluster}-{host}", Some("eu-1-web1")),
            ("{instance}", Some("web1:9100")),
            ("{k8s-node}.{missing}", Some("n.")),
            ("{missing}", None),
            (" { missing } ", None),
        ] {
            let filled = NameTemplate::parse(template).unwrap().fill(&labels, "web1");
            assert_eq!(filled.as_deref(), name, "{template}");
        }
    }

    #[test]
    fn a_broken_template_is_named() {
        for (template, part) in [
            ("{cluster", "labels in braces"),
            ("cluster}", "labels in braces"),
            ("{}", "labels in braces"),
            ("{a{b}}", "labels in braces"),
            ("web", "one name"),
            ("", "one name"),
        ] {
            let error = NameTemplate::parse(template).unwrap_err();
            assert!(error.contains(part), "{template}: {error}");
        }
    }
}
