//! What a person types to see fewer hosts.
//!
//! ```text
//! web                        the name contains it
//! cpu>80 & name~web          both
//! state!=live | took>500ms   one of them
//! !(#prod) & up<1d           not; a tag
//! ```
//!
//! `&` binds closer than `|`. A value in double quotes is taken as it stands. What is not known of a host
//! is neither more nor less than anything: a comparison with it does not hold.

use manytop_core::{
    clock::Moment,
    health::State,
    layout::fits,
    measure::{self, Measure},
    view::SourceView,
};

/// A filter that could be read.
#[derive(Clone, PartialEq, Debug)]
pub enum Expression {
    /// One of them holds.
    Any(Vec<Expression>),
    /// All of them hold.
    All(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// A figure compared.
    Figure(Measure, Compare, f64),
    /// The state's word.
    State(State),
    /// The whole name, as a pattern, in lower case.
    Name(String),
    /// A part of the name, in lower case.
    NameHolds(String),
    /// A tag, as a pattern; nothing: it has none.
    Tag(String),
    /// A part of a tag, in lower case.
    TagHolds(String),
    /// A part of the reason of the last failure, in lower case.
    WhyHolds(String),
}

/// How a figure is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compare {
    More,
    AtLeast,
    Less,
    AtMost,
    Equal,
}

const STATES: [State; 6] =
    [State::Live, State::Late, State::Stale, State::Down, State::Starting, State::Idle];
/// The longer ones first: `>=` is not `>` and `=80`.
const OPERATORS: [&str; 8] = [">=", "<=", "!=", "!~", ">", "<", "=", "~"];
/// More brackets than this are nobody's filter.
const DEEPEST: usize = 20;

impl Expression {
    /// Reads a filter; `None` for an empty one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Option<Expression>, String> {
        let mut parser = Parser { rest: text.trim(), depth: 0 };
        if parser.rest.is_empty() {
            return Ok(None);
        }
        let expression = parser.any()?;
        match parser.rest.chars().next() {
            None => Ok(Some(expression)),
            Some(c) => Err(format!("{c:?} has nothing to close")),
        }
    }

    /// Whether it holds for a source.
    pub fn holds(&self, source: &SourceView, now: Moment) -> bool {
        match self {
            Expression::Any(all) => all.iter().any(|e| e.holds(source, now)),
            Expression::All(all) => all.iter().all(|e| e.holds(source, now)),
            Expression::Not(e) => !e.holds(source, now),
            Expression::Figure(measure, compare, value) => {
                measure.value(source, now).is_some_and(|known| match compare {
                    Compare::More => known > *value,
                    Compare::AtLeast => known >= *value,
                    Compare::Less => known < *value,
                    Compare::AtMost => known <= *value,
                    Compare::Equal => (known - value).abs() < 0.5,
                })
            }
            Expression::State(state) => source.state(now) == *state,
            Expression::Name(pattern) => fits(pattern, &source.source.name().to_lowercase()),
            Expression::NameHolds(part) => source.source.name().to_lowercase().contains(part),
            Expression::Tag(none) if none.is_empty() => source.tags.is_empty(),
            Expression::Tag(pattern) => source.tags.iter().any(|tag| fits(pattern, tag)),
            Expression::TagHolds(part) => {
                source.tags.iter().any(|tag| tag.to_lowercase().contains(part))
            }
            Expression::WhyHolds(part) => {
                source.failure(now).is_some_and(|f| f.reason().to_lowercase().contains(part))
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn takes(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                // `&&` and `||` mean the same
                self.rest =
                    if "&|".contains(c) { rest.strip_prefix(c).unwrap_or(rest) } else { rest };
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Result<Expression, String> {
        let mut all = vec![self.all()?];
        while self.takes('|') {
            all.push(self.all()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expression::Any(all) })
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut all = vec![self.one()?];
        while self.takes('&') {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expression::All(all) })
    }

    fn one(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("too many brackets".into());
        }
        let one = if self.takes('!') {
            Expression::Not(Box::new(self.one()?))
        } else if self.takes('(') {
            let inside = self.any()?;
            if !self.takes(')') {
                return Err("a \")\" is missing".into());
            }
            inside
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(one)
    }

    /// What stands up to the next `&`, `|` or bracket outside of quotes.
    fn word(&mut self) -> Result<&'a str, String> {
        let mut quoted = false;
        let end = self.rest.find(|c| {
            quoted ^= c == '"';
            !quoted && "&|()".contains(c)
        });
        if end.is_none() && self.rest.matches('"').count() % 2 == 1 {
            return Err("a quote is not closed".into());
        }
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(word.trim())
    }

    fn term(&mut self) -> Result<Expression, String> {
        self.rest = self.rest.trim_start();
        let term = self.word()?;
        if term.is_empty() {
            return Err(match self.rest.chars().next() {
                Some(c) => format!("something is missing before {c:?}"),
                None => "something is missing at the end".into(),
            });
        }
        if let Some(tag) = term.strip_prefix('#') {
            return Ok(Expression::Tag(plain(tag).to_owned()));
        }
        if term.starts_with('"') {
            return Ok(Expression::NameHolds(plain(term).to_lowercase()));
        }
        let Some(at) = term.find(['>', '<', '=', '~', '!']) else {
            return Ok(Expression::NameHolds(term.to_lowercase()));
        };
        let (word, rest) = term.split_at(at);
        let word = word.trim();
        let operator = OPERATORS.into_iter().find(|o| rest.starts_with(o));
        let operator = operator.ok_or_else(|| format!("{term:?}: \"!\" stands before a term"))?;
        compare(word, operator, rest[operator.len()..].trim())
    }
}

/// Without the quotes around it.
fn plain(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)
}

fn compare(word: &str, operator: &str, value: &str) -> Result<Expression, String> {
    let text = plain(value);
    if value.is_empty() && !(word == "tag" && operator.ends_with('=')) {
        return Err(format!("a value is missing after \"{word}{operator}\""));
    }
    let expression = match word.to_lowercase().as_str() {
        "name" | "host" => match operator {
            "=" | "!=" => Expression::Name(text.to_lowercase()),
            "~" | "!~" => Expression::NameHolds(text.to_lowercase()),
            _ => return Err(format!("{word} is a text: use = != ~ !~")),
        },
        "tag" => match operator {
            "=" | "!=" => Expression::Tag(text.to_owned()),
            "~" | "!~" => Expression::TagHolds(text.to_lowercase()),
            _ => return Err("tag is a text: use = != ~ !~".into()),
        },
        "why" => match operator {
            "~" | "!~" => Expression::WhyHolds(text.to_lowercase()),
            _ => return Err("why is a text: use ~ !~".into()),
        },
        "state" => {
            let found = STATES.into_iter().find(|s| s.word().eq_ignore_ascii_case(text));
            let words = || STATES.map(State::word).join(" ");
            let state = found.ok_or_else(|| format!("no state {text:?}; there are {}", words()))?;
            if !matches!(operator, "=" | "!=") {
                return Err("state is a word: use = !=".into());
            }
            Expression::State(state)
        }
        _ => {
            let words = || Measure::ALL.map(Measure::word).join(" ");
            let measure = Measure::of(word).ok_or_else(|| {
                format!("no figure {word:?}; there are {} name tag state why", words())
            })?;
            let number = measure::quantity(text).ok_or_else(|| format!("{text:?} is no number"))?;
            let compare = match operator {
                ">" => Compare::More,
                ">=" => Compare::AtLeast,
                "<" => Compare::Less,
                "<=" => Compare::AtMost,
                "=" | "!=" => Compare::Equal,
                _ => return Err(format!("{word} is a number: use > >= < <= =")),
            };
            Expression::Figure(measure, compare, number)
        }
    };
    let negated = operator.starts_with('!');
    Ok(if negated { Expression::Not(Box::new(expression)) } else { expression })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Expression {
        Expression::parse(text).unwrap().unwrap()
    }

    #[test]
    fn and_binds_closer_than_or_and_brackets_closer_than_both() {
        let name = |part: &str| Expression::NameHolds(part.to_owned());
        assert_eq!(
            read("a | b & c"),
            Expression::Any(vec![name("a"), Expression::All(vec![name("b"), name("c")])])
        );
        assert_eq!(
            read("(a || b) && !c"),
            Expression::All(vec![
                Expression::Any(vec![name("a"), name("b")]),
                Expression::Not(Box::new(name("c")))
            ])
        );
        assert_eq!(read("Web 1"), name("web 1"), "plain text is a part of a name");
        assert_eq!(read("\"a&b\""), name("a&b"));
        assert_eq!(Expression::parse("  "), Ok(None));
    }

    #[test]
    fn comparisons_are_of_figures_and_texts() {
        use Compare::*;
        let figure = |text: &str| match read(text) {
            Expression::Figure(m, c, v) => (m, c, v),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(figure("cpu>80"), (Measure::Cpu, More, 80.0));
        assert_eq!(figure("took >= 500ms"), (Measure::Took, AtLeast, 0.5));
        assert_eq!(figure("rx<1.5M"), (Measure::Received, Less, 1.5e6));
        assert_eq!(figure("UP<=2d"), (Measure::Uptime, AtMost, 172_800.0));
        assert_eq!(read("state!=live"), Expression::Not(Box::new(Expression::State(State::Live))));
        assert_eq!(read("#prod"), Expression::Tag("prod".into()));
        assert_eq!(read("tag="), Expression::Tag(String::new()));
        assert_eq!(read("tag=\"a b\""), Expression::Tag("a b".into()));
        assert_eq!(read("name=web-*"), Expression::Name("web-*".into()));
    }

    #[test]
    fn what_cannot_be_read_is_told_in_place() {
        for (text, says) in [
            ("cpu>", "a value is missing after \"cpu>\""),
            ("cpu>x", "\"x\" is no number"),
            ("cpu~8", "cpu is a number"),
            ("foo>3", "no figure \"foo\"; there are cpu mem disk"),
            ("state=up", "no state \"up\"; there are live late"),
            ("name>a", "name is a text"),
            ("(a", "a \")\" is missing"),
            ("a)", "')' has nothing to close"),
            ("a &", "something is missing at the end"),
            ("| a", "something is missing before '|'"),
            ("\"a", "a quote is not closed"),
            ("a!b", "\"!\" stands before a term"),
        ] {
            let error = Expression::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(Expression::parse(&"(".repeat(1000)).is_err(), "and is not followed for ever");
        assert!(Expression::parse(&"!".repeat(1000)).is_err());
    }
}
