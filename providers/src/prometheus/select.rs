//! Label matchers of a config: `{job="node", dc=~"eu-.*"}`.

/// Matchers as they stand between the braces of a selector, checked, so that nothing but matchers gets
/// into a query.
///
/// # Errors
/// What is wrong with them.
pub fn matchers(text: &str) -> Result<String, String> {
    let wrong = |what: &str| Err(format!("{what}; write label matchers: {{job=\"node\"}}"));
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let Some(inside) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return wrong("expected braces around it");
    };
    let mut all = Vec::new();
    let mut rest = inside.trim();
    while !rest.is_empty() {
        let name =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (label, after) = rest.split_at(name);
        if label.is_empty() || label.starts_with(|c: char| c.is_ascii_digit()) {
            return wrong("expected the name of a label");
        }
        if label == "__name__" {
            return wrong("__name__ cannot be matched here");
        }
        let after = after.trim_start();
        let operator = ["=~", "!~", "!=", "="].into_iter().find(|op| after.starts_with(op));
        let Some(operator) = operator else {
            return wrong("expected one of = != =~ !~ after a label's name");
        };
        let value = after[operator.len()..].trim_start();
        let Some(length) = quoted(value) else {
            return wrong("expected a value in double quotes");
        };
        all.push(format!("{label}{operator}{}", &value[..length]));
        rest = value[length..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => {}
            None => return wrong("expected a comma between matchers"),
        }
    }
    Ok(all.join(","))
}

/// The length of the quoted text at the beginning.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.strip_prefix('"')?.char_indices() {
        match c {
            '"' if !escaped => return Some(at + 2),
            '\n' => return None,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_kept_as_they_are_but_for_blanks() {
        let fine = |text| matchers(text).unwrap();
        assert_eq!(fine(""), "");
        assert_eq!(fine("{}"), "");
        assert_eq!(fine("{job=\"node\"}"), "job=\"node\"");
        assert_eq!(fine("{ job = \"a\\\"},b\" , dc!~\"x|y\", }"), "job=\"a\\\"},b\",dc!~\"x|y\"");
    }

    #[test]
    fn nothing_else_gets_into_a_query() {
        for (text, part) in [
            ("job=\"node\"", "braces"),
            ("{job=node}", "double quotes"),
            ("{job=\"node}", "double quotes"),
            ("{job=\"node\\\"}", "double quotes"),
            ("{job}", "one of ="),
            ("{=\"a\"}", "name of a label"),
            ("{1a=\"a\"}", "name of a label"),
            ("{a=\"a\" b=\"b\"}", "a comma"),
            ("{a=\"a\"} or {b=\"b\"}", "a comma"),
            ("{__name__=\"up\"}", "__name__ cannot"),
        ] {
            let error = matchers(text).unwrap_err();
            assert!(error.contains(part) && error.contains("{job=\"node\"}"), "{text}: {error}");
        }
    }
}
