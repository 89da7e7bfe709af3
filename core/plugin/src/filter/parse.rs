//! Reads a filter.

use super::{
    Expression,
    term::{Compare, DeviceField, Term, TextTest},
    words::{self, DeviceWord, Dimension},
};
use crate::{
    health::State,
    host_metric::{self, HostMetric},
    reading::Kind,
    vocabulary::{METRIC, METRIC_VALUE},
};
use std::fmt;

/// Why a filter cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterError {
    /// The column at which the problem begins, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.problem)
    }
}

const STATES: [State; 6] =
    [State::Live, State::Late, State::Stale, State::Down, State::Starting, State::Idle];
/// The longer ones first: `>=` is not `>` and `=80`.
const OPERATORS: [&str; 8] = [">=", "<=", "!=", "!~", ">", "<", "=", "~"];
/// The deepest nesting of brackets and negations.
const DEEPEST: usize = 20;

/// Reads a filter of hosts, or of a list of devices of a kind.
pub(super) fn parse(text: &str, list: Option<Kind>) -> Result<Option<Expression>, FilterError> {
    let mut parser = Parser { whole: text, rest: text.trim(), depth: 0, kind: list, list };
    if parser.rest.is_empty() {
        return Ok(None);
    }
    let start = text.len() - text.trim_start().len();
    parser.whole = &text[start..];
    let shift = text[..start].chars().count();
    let result = parser.any().and_then(|expression| match parser.rest.chars().next() {
        None => Ok(Some(expression)),
        Some(c) => Err(parser.error(parser.rest, format!("{c:?} closes nothing"))),
    });
    result.map_err(|error| FilterError { column: error.column + shift, ..error })
}

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    depth: usize,
    /// The kind that was named, or is listed.
    kind: Option<Kind>,
    /// The kind of the list that is filtered; `None`: hosts.
    list: Option<Kind>,
}

impl<'a> Parser<'a> {
    /// A problem that begins where `at`, a part of the text, does.
    fn error(&self, at: &str, problem: impl Into<String>) -> FilterError {
        let offset = (at.as_ptr() as usize).saturating_sub(self.whole.as_ptr() as usize);
        let before = self.whole.get(..offset).unwrap_or(self.whole);
        FilterError { column: before.chars().count() + 1, problem: problem.into() }
    }

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

    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut all = vec![self.all()?];
        while self.takes('|') {
            all.push(self.all()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expression::Any(all) })
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut all = vec![self.one()?];
        while self.takes('&') {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expression::All(all) })
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        self.depth += 1;
        let here = self.rest;
        if self.depth > DEEPEST {
            return Err(self.error(here, "too many brackets"));
        }
        let one = if self.takes('!') {
            Expression::Not(Box::new(self.one()?))
        } else if self.takes('(') {
            let inside = self.any()?;
            if !self.takes(')') {
                return Err(self.error(self.rest, "a \")\" is missing"));
            }
            inside
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(one)
    }

    /// The text up to the next `&`, `|` or bracket outside of quotes.
    fn word(&mut self) -> Result<&'a str, FilterError> {
        let mut quoted = false;
        let end = self.rest.find(|c| {
            quoted ^= c == '"';
            !quoted && "&|()".contains(c)
        });
        if end.is_none() && self.rest.matches('"').count() % 2 == 1 {
            return Err(self.error(self.rest, "a quote is not closed"));
        }
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(word.trim())
    }

    fn term(&mut self) -> Result<Expression, FilterError> {
        self.rest = self.rest.trim_start();
        let term = self.word()?;
        if term.is_empty() {
            let problem = match self.rest.chars().next() {
                Some(c) => format!("something is missing before {c:?}"),
                None => "something is missing at the end".into(),
            };
            return Err(self.error(self.rest, problem));
        }
        if let Some(tag) = term.strip_prefix('#') {
            return Ok(Expression::Term(Term::Tag(unquoted(tag).to_owned())));
        }
        let named = |text: &str| {
            let part = text.to_lowercase();
            Expression::Term(match self.list {
                None => Term::Name(TextTest::Holds(part)),
                Some(kind) => Term::DeviceHolds(kind, part),
            })
        };
        if term.starts_with('"') {
            return Ok(named(unquoted(term)));
        }
        let Some(at) = term.find(['>', '<', '=', '~', '!']) else { return Ok(named(term)) };
        let (word, rest) = term.split_at(at);
        let word = word.trim();
        let operator = OPERATORS.into_iter().find(|o| rest.starts_with(o));
        let operator = operator
            .ok_or_else(|| self.error(term, format!("{term:?}: \"!\" comes before a term")))?;
        let value = rest[operator.len()..].trim();
        if value.is_empty() && !(word == "tag" && operator.ends_with('=')) {
            let problem = format!("a value is missing after \"{word}{operator}\"");
            return Err(self.error(rest, problem));
        }
        if let Some(name) = word.strip_prefix("watch.") {
            return self.watch_term(term, name, (operator, value));
        }
        let test = match (word.split_once('.'), self.list) {
            (Some((kind, word)), _) => device_term(kind, word, operator, value),
            (None, None) => host_term(word, operator, value),
            (None, Some(kind)) => listed_term(kind, word, operator, value),
        };
        let test = test.map_err(|problem| match problem {
            TermProblem::Word(problem) => self.error(term, problem),
            TermProblem::Value(problem) => {
                self.error(if value.is_empty() { rest } else { value }, problem)
            }
        })?;
        self.one_kind(test.kind(), term)?;
        let expression = Expression::Term(test);
        Ok(if operator.starts_with('!') { negated(expression) } else { expression })
    }

    /// `watch.NAME>5`: a metric that is watched under that NAME, or one of its series.
    fn watch_term(
        &mut self,
        term: &str,
        name: &str,
        (operator, value): (&str, &str),
    ) -> Result<Expression, FilterError> {
        let dimension = Dimension::of(METRIC_VALUE.unit());
        let number = number(&format!("watch.{name}"), dimension, operator, unquoted(value));
        let (compare, value) = number.map_err(|problem| match problem {
            TermProblem::Word(problem) => self.error(term, problem),
            TermProblem::Value(problem) => self.error(value, problem),
        })?;
        self.one_kind(Some(METRIC), term)?;
        let name = name.to_lowercase();
        let called = |pattern: String| {
            Expression::Term(Term::DeviceText(METRIC, DeviceField::Name, TextTest::Is(pattern)))
        };
        let is_watch = Expression::Any(vec![called(format!("{name}/*")), called(name)]);
        let test = Expression::Term(Term::DeviceMetric(METRIC, &METRIC_VALUE, compare, value));
        let test = if operator.starts_with('!') { negated(test) } else { test };
        Ok(Expression::All(vec![is_watch, test]))
    }

    /// Checks that an expression is about devices of one kind.
    fn one_kind(&mut self, kind: Option<Kind>, term: &str) -> Result<(), FilterError> {
        let Some(kind) = kind else { return Ok(()) };
        let before = *self.kind.get_or_insert(kind);
        if before != kind {
            let problem = format!(
                "an expression has one kind of device; this one has {} and {}",
                before.word(),
                kind.word()
            );
            return Err(self.error(term, problem));
        }
        Ok(())
    }
}

fn negated(expression: Expression) -> Expression {
    Expression::Not(Box::new(expression))
}

/// What is wrong with a comparison.
enum TermProblem {
    Word(String),
    Value(String),
}

/// Without the quotes around it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)
}

fn text_test(word: &str, operator: &str, text: &str) -> Result<TextTest, TermProblem> {
    match operator {
        "=" | "!=" => Ok(TextTest::Is(text.to_lowercase())),
        "~" | "!~" => Ok(TextTest::Holds(text.to_lowercase())),
        _ => Err(TermProblem::Word(format!("{word} is a text; use = != ~ !~"))),
    }
}

fn number(
    word: &str,
    dimension: Dimension,
    operator: &str,
    text: &str,
) -> Result<(Compare, f64), TermProblem> {
    let compare = match operator {
        ">" => Compare::More,
        ">=" => Compare::AtLeast,
        "<" => Compare::Less,
        "<=" => Compare::AtMost,
        "=" | "!=" => Compare::Equal,
        _ => return Err(TermProblem::Word(format!("{word} is a number; use > >= < <= = !="))),
    };
    let value = host_metric::quantity(text)
        .ok_or_else(|| TermProblem::Value(format!("{text:?} is not a number")))?;
    dimension.check(word, text).map_err(TermProblem::Value)?;
    Ok((compare, value))
}

/// A word of a list of devices: of a device, or `host` and `tag` of its source.
fn listed_term(kind: Kind, word: &str, operator: &str, value: &str) -> Result<Term, TermProblem> {
    match word.to_lowercase().as_str() {
        "host" | "tag" => host_term(word, operator, value),
        "age" if words::have_age(kind) => {
            let (compare, value) = number(word, Dimension::Time, operator, unquoted(value))?;
            Ok(Term::DeviceAge(kind, compare, value))
        }
        _ => {
            let found = words::device_of(kind, word).map_err(TermProblem::Word)?;
            compared(kind, found, word, operator, unquoted(value))
        }
    }
}

fn device_term(kind: &str, word: &str, operator: &str, value: &str) -> Result<Term, TermProblem> {
    let (kind, found) = words::device(kind, word).map_err(TermProblem::Word)?;
    let full = format!("{}.{word}", kind.word());
    compared(kind, found, &full, operator, unquoted(value))
}

fn compared(
    kind: Kind,
    found: DeviceWord,
    full: &str,
    operator: &str,
    text: &str,
) -> Result<Term, TermProblem> {
    match found {
        DeviceWord::Field(field) => {
            Ok(Term::DeviceText(kind, field, text_test(full, operator, text)?))
        }
        DeviceWord::Metric(metric) => {
            let dimension = Dimension::of(metric.unit());
            let (compare, value) = number(full, dimension, operator, text)?;
            Ok(Term::DeviceMetric(kind, metric, compare, value))
        }
    }
}

fn host_term(word: &str, operator: &str, value: &str) -> Result<Term, TermProblem> {
    let text = unquoted(value);
    Ok(match word.to_lowercase().as_str() {
        "name" | "host" => Term::Name(text_test(word, operator, text)?),
        "tag" => match operator {
            "=" | "!=" => Term::Tag(text.to_owned()),
            "~" | "!~" => Term::TagHolds(text.to_lowercase()),
            _ => return Err(TermProblem::Word("tag is a text; use = != ~ !~".into())),
        },
        "why" => match operator {
            "~" | "!~" => Term::WhyHolds(text.to_lowercase()),
            _ => return Err(TermProblem::Word("why is a text; use ~ !~".into())),
        },
        "state" => {
            let found = STATES.into_iter().find(|s| s.word().eq_ignore_ascii_case(text));
            let words = || STATES.map(State::word).join(" ");
            let state = found.ok_or_else(|| {
                TermProblem::Value(format!("unknown state {text:?}; known are {}", words()))
            })?;
            if !matches!(operator, "=" | "!=") {
                return Err(TermProblem::Word("state is a word; use = !=".into()));
            }
            Term::State(state)
        }
        _ => {
            let words = || HostMetric::ALL.map(HostMetric::word).join(" ");
            let metric = HostMetric::of(word).ok_or_else(|| {
                let all = words();
                TermProblem::Word(format!(
                    "unknown figure {word:?}; known are {all} name tag state why, and KIND.WORD \
                     of a device, as in disk.percent"
                ))
            })?;
            let (compare, value) = number(word, Dimension::of_host(metric), operator, text)?;
            Term::Metric(metric, compare, value)
        }
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
