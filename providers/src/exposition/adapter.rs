//! prometheus-parse, behind the one door through which this crate speaks to it.
//!
//! By itself it loses names with `:`, `.` or `-`, empty braces, a blank before the braces and quoted
//! names; it takes `}`, `,` and `=` inside a label's value for syntax, so that a label can forge a
//! sample; and it leaves escapes as they are. So the line is taken apart first and written again in
//! the form that it reads rightly: the name as a label, and every byte that it stumbles over as a
//! letter from a private-use block, which is turned back after the parse.

use super::line;
use prometheus_parse::{Scrape, Value};

/// A series and its value, all escapes undone.
#[derive(Clone, PartialEq, Debug)]
pub struct ParsedSeries {
    /// The metric's name.
    pub name: String,
    /// Labels, in the order of their names.
    pub labels: Vec<(String, String)>,
    /// The value; it may be NaN or infinite.
    pub value: f64,
}

/// The label that carries the name while prometheus-parse reads the line.
const NAME: &str = "__name__";

/// What prometheus-parse takes for syntax, or drops at the edges of a line.
const TROUBLE: [char; 9] = ['{', '}', ',', '=', '"', '\\', '\n', '\r', '#'];
/// The n-th of them is written as the letter `SHIFT + n`.
const SHIFT: u32 = 0xE000;
/// Marks a private-use letter that stood in the line itself.
const LITERAL: char = '\u{E0FF}';

/// Reads one line. `None` when it is no sample. NULs at the end of a label's value are left out: they fill
/// the fixed fields of C, which some exporters copy whole.
pub fn parse(line: &str) -> Option<ParsedSeries> {
    let sample = line::split(line)?;
    // prometheus-parse would end the value at a blank beyond ASCII, which is garbage here
    if sample.value.contains(char::is_whitespace) {
        return None;
    }
    let mut clean = String::with_capacity(line.len() + 32);
    clean.push_str("sample{");
    clean.push_str(NAME);
    clean.push_str("=\"");
    hide(&unescape(sample.name), &mut clean);
    clean.push('"');
    for (name, value) in sample.labels.iter() {
        clean.push(',');
        hide(&unescape(name), &mut clean);
        clean.push_str("=\"");
        hide(&unescape(value), &mut clean);
        clean.push('"');
    }
    clean.push_str("} ");
    clean.push_str(sample.value);
    // Given a time, prometheus-parse does not ask for the present; timestamps are not used.
    let scrape = Scrape::parse_at(std::iter::once(Ok(clean)), Default::default()).ok()?;
    let parsed = scrape.samples.into_iter().next()?;
    let (Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value)) = parsed.value else {
        return None;
    };
    let mut name = String::new();
    let mut labels = Vec::with_capacity(parsed.labels.len());
    for (key, text) in parsed.labels.iter() {
        if key == NAME {
            name = show(text);
        } else {
            labels.push((show(key), show(text).trim_end_matches('\0').to_owned()));
        }
    }
    labels.sort();
    Some(ParsedSeries { name, labels, value })
}

/// Undoes the escapes of the exposition: `\\`, `\"` and `\n`. Any other is kept as it is.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => plain.push('\n'),
                Some(c @ ('\\' | '"')) => plain.push(c),
                Some(c) => plain.extend(['\\', c]),
                None => plain.push('\\'),
            },
            c => plain.push(c),
        }
    }
    plain
}

fn hide(text: &str, into: &mut String) {
    for c in text.chars() {
        match TROUBLE.iter().position(|t| *t == c) {
            Some(nth) => into.extend(char::from_u32(SHIFT + nth as u32)),
            None if ('\u{E000}'..=LITERAL).contains(&c) => into.extend([LITERAL, c]),
            None => into.push(c),
        }
    }
}

fn show(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let nth = u32::from(c).wrapping_sub(SHIFT) as usize;
        match TROUBLE.get(nth) {
            Some(trouble) => plain.push(*trouble),
            None if c == LITERAL => plain.extend(chars.next()),
            None => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, Vec<(String, String)>, f64) {
        let series = parse(line).unwrap_or_else(|| panic!("lost: {line}"));
        (series.name, series.labels, series.value)
    }

    fn expect(line: &str, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<_> =
            labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(read(line), (name.to_owned(), labels, value), "{line}");
    }

    #[test]
    fn names_with_colon_dot_and_hyphen_are_not_lost() {
        expect("gotop_disk_:dev:vda 0.15", "gotop_disk_:dev:vda", &[], 0.15);
        expect("a.b 1", "a.b", &[], 1.0);
        expect("a-b{c=\"d\"} 2", "a-b", &[("c", "d")], 2.0);
    }

    #[test]
    fn empty_braces_and_a_blank_before_them_are_not_lost() {
        expect("foo{} 1", "foo", &[], 1.0);
        expect("foo {a=\"b\"} 1", "foo", &[("a", "b")], 1.0);
        expect("foo { } 1", "foo", &[], 1.0);
    }

    #[test]
    fn names_beyond_ascii_are_not_lost() {
        expect("métrique 1", "métrique", &[], 1.0);
        expect(
            "{\"a name, with = \\\"all\\\"\",b=\"c\"} 1",
            "a name, with = \"all\"",
            &[("b", "c")],
            1.0,
        );
        expect("foo{\"ünï.label\"=\"ж\"} 1", "foo", &[("ünï.label", "ж")], 1.0);
    }

    #[test]
    fn syntax_inside_a_label_value_is_text() {
        expect("foo{a=\"x,y\"} 1", "foo", &[("a", "x,y")], 1.0);
        expect("foo{a=\"k=v\"} 1", "foo", &[("a", "k=v")], 1.0);
        expect("foo{a=\"}\"} 1", "foo", &[("a", "}")], 1.0);
        expect("foo{a=\"b # c\"} 1", "foo", &[("a", "b # c")], 1.0);
        expect("foo{a=\" b \"} 1", "foo", &[("a", " b ")], 1.0);
        expect("foo{a=\"\"} 1", "foo", &[("a", "")], 1.0);
    }

    #[test]
    fn a_label_forges_no_sample() {
        expect("foo{path=\"/a} 7 b\"} 1", "foo", &[("path", "/a} 7 b")], 1.0);
        expect("foo{path=\"\\\"} 7\"} 1", "foo", &[("path", "\"} 7")], 1.0);
        expect("foo{path=\"\\nfoo 7\"} 1", "foo", &[("path", "\nfoo 7")], 1.0);
    }

    #[test]
    fn blanks_between_labels_are_not_part_of_their_names() {
        expect("foo{a=\"b\", c=\"d\"} 1", "foo", &[("a", "b"), ("c", "d")], 1.0);
        expect("foo{ a = \"b\" , c = \"d\" , } 1", "foo", &[("a", "b"), ("c", "d")], 1.0);
    }

    #[test]
    fn escapes_are_undone_and_private_use_letters_survive() {
        expect(r#"foo{a="C:\\DIR\\f \"x\"\n."} 1"#, "foo", &[("a", "C:\\DIR\\f \"x\"\n.")], 1.0);
        expect(r#"foo{a="\x\\n"} 1"#, "foo", &[("a", "\\x\\n")], 1.0);
        let odd = "\u{E000}\u{E001}\u{E0FF}\u{E0FE}\u{F8FF}";
        expect(&format!("foo{{a=\"{odd}\"}} 1"), "foo", &[("a", odd)], 1.0);
    }

    #[test]
    fn timestamps_line_ends_and_words_for_numbers() {
        expect("foo 1 1700000000000", "foo", &[], 1.0);
        expect("foo 1\r", "foo", &[], 1.0);
        expect("  foo\t1  ", "foo", &[], 1.0);
        expect("foo +Inf", "foo", &[], f64::INFINITY);
        expect("foo -Inf", "foo", &[], f64::NEG_INFINITY);
        expect("foo 1e-05", "foo", &[], 1e-5);
        assert!(read("foo NaN").2.is_nan());
    }

    #[test]
    fn a_quantile_is_a_label_like_any_other() {
        expect("foo_bucket{le=\"+Inf\"} 3", "foo_bucket", &[("le", "+Inf")], 3.0);
        expect("foo{quantile=\"0.5\"} 3", "foo", &[("quantile", "0.5")], 3.0);
    }

    #[test]
    fn nuls_that_fill_a_field_of_c_are_not_part_of_a_value() {
        expect("foo{a=\"sd0a\0\0\"} 1", "foo", &[("a", "sd0a")], 1.0);
        expect("foo{a=\"x\0y\"} 1", "foo", &[("a", "x\0y")], 1.0);
    }

    #[test]
    fn a_line_that_is_no_sample_is_none() {
        for line in [
            "",
            "# HELP foo bar",
            "foo",
            "foo bar",
            "foo{a=\"b\"",
            "foo{a=b} 1",
            "= 1",
            "foo 1\u{a0}2",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
