//! The exposition format: names in its alphabet, escaped labels, numbers, and families with their lines
//! together.

use manytop_core::naming::legal;
use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

/// How a metric behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// It goes up and down.
    Gauge,
    /// It only grows.
    Counter,
}

impl Type {
    fn word(self) -> &'static str {
        match self {
            Type::Gauge => "gauge",
            Type::Counter => "counter",
        }
    }
}

/// The lines of a page. Those of one name stand together, below its help and its type; a series that
/// was said before is not said again.
#[derive(Debug, Default)]
pub struct Families {
    list: Vec<TextFamily>,
    places: HashMap<String, usize>,
    said: HashSet<String>,
}

#[derive(Debug)]
struct TextFamily {
    head: String,
    lines: String,
}

impl Families {
    /// Adds a sample. Of a name that differs from another only in letters that are not allowed, type
    /// and help are those of the first.
    pub fn add(&mut self, name: &str, of: (Type, &str), labels: &[(&str, &str)], value: f64) {
        let name = legal(name);
        let series = series(&name, labels);
        if self.said.contains(&series) {
            return;
        }
        let at = match self.places.get(&*name) {
            Some(at) => *at,
            None => {
                let help = of.1.replace('\\', "\\\\").replace('\n', "\\n");
                let kind = of.0.word();
                let head = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
                self.list.push(TextFamily { head, lines: String::new() });
                self.places.insert(name.into_owned(), self.list.len() - 1);
                self.list.len() - 1
            }
        };
        if let Some(family) = self.list.get_mut(at) {
            line(&mut family.lines, &series, value);
        }
        self.said.insert(series);
    }

    /// All lines.
    pub fn write(&self, out: &mut String) {
        for TextFamily { head, lines } in &self.list {
            out.push_str(head);
            out.push_str(lines);
        }
    }
}

/// Adds a line.
pub fn line(out: &mut String, series: &str, value: f64) {
    out.push_str(series);
    out.push(' ');
    number(out, value);
    out.push('\n');
}

fn series(name: &str, labels: &[(&str, &str)]) -> String {
    let mut series = String::with_capacity(name.len() + 24 * labels.len());
    series.push_str(name);
    for (nth, (label, value)) in labels.iter().enumerate() {
        series.push(if nth == 0 { '{' } else { ',' });
        series.push_str(label);
        series.push_str("=\"");
        for c in value.chars() {
            match c {
                '\\' => series.push_str("\\\\"),
                '"' => series.push_str("\\\""),
                '\n' => series.push_str("\\n"),
                c => series.push(c),
            }
        }
        series.push('"');
    }
    if !labels.is_empty() {
        series.push('}');
    }
    series
}

fn number(out: &mut String, value: f64) {
    let _ = match value {
        f64::INFINITY => out.write_str("+Inf"),
        f64::NEG_INFINITY => out.write_str("-Inf"),
        // the format knows no negative zero worth telling
        0.0 => out.write_str("0"),
        value => write!(out, "{value}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(build: impl FnOnce(&mut Families)) -> String {
        let mut families = Families::default();
        build(&mut families);
        let mut out = String::new();
        families.write(&mut out);
        out
    }

    #[test]
    fn lines_of_one_name_stand_together() {
        let gauge = (Type::Gauge, "Help.");
        let text = page(|f| {
            f.add("a", gauge, &[("x", "1")], 1.0);
            f.add("b_total", (Type::Counter, "Other\nhelp."), &[], 2.5);
            f.add("a", gauge, &[("x", "2"), ("y", "")], 3.0);
        });
        assert_eq!(
            text,
            "# HELP a Help.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\",y=\"\"} 3\n\
             # HELP b_total Other\\nhelp.\n# TYPE b_total counter\nb_total 2.5\n"
        );
    }

    #[test]
    fn names_are_mapped_and_what_becomes_the_same_is_said_once() {
        let text = page(|f| {
            f.add("my-kind_x", (Type::Gauge, "A."), &[("device", "a")], 1.0);
            f.add("my_kind_x", (Type::Counter, "B."), &[("device", "a")], 2.0);
            f.add("my_kind_x", (Type::Counter, "B."), &[("device", "b")], 3.0);
        });
        assert_eq!(
            text,
            "# HELP my_kind_x A.\n# TYPE my_kind_x gauge\nmy_kind_x{device=\"a\"} 1\n\
             my_kind_x{device=\"b\"} 3\n"
        );
    }

    #[test]
    fn labels_are_escaped_and_numbers_are_those_of_the_format() {
        let text = page(|f| {
            f.add("x", (Type::Gauge, "H."), &[("l", "a\\b\"c\nd")], f64::NAN);
            f.add("x", (Type::Gauge, "H."), &[("l", "2")], f64::NEG_INFINITY);
            f.add("x", (Type::Gauge, "H."), &[("l", "3")], f64::INFINITY);
            f.add("x", (Type::Gauge, "H."), &[("l", "4")], -0.0);
            f.add("x", (Type::Gauge, "H."), &[("l", "5")], 1e21);
        });
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                r#"x{l="a\\b\"c\nd"} NaN"#,
                r#"x{l="2"} -Inf"#,
                r#"x{l="3"} +Inf"#,
                r#"x{l="4"} 0"#,
                r#"x{l="5"} 1000000000000000000000"#
            ]
        );
    }
}
