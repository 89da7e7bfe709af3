//! One item of a layout: `2:cpu@db,#prod,"a b"/3`.

use crate::{glob::matches, registry::Registry, source::Source, spelling, widget::Plugin};

/// A widget, its place in the proportions of its row, and the sources it shows.
#[derive(Clone, Debug)]
pub struct Item {
    /// The widget.
    pub widget: &'static Plugin,
    /// Which sources; empty for every source.
    pub from: Vec<From>,
    /// How many lines of the layout it is high; 1 to 100.
    pub span: u16,
    /// Its share of the row's width, if it is on the row's first line; 1 to 100.
    pub weight: u16,
    /// Whether that was written, after a `/`.
    pub weighted: bool,
}

/// One of the selections after `@`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum From {
    /// Sources that carry this tag: `#prod`.
    Tag(String),
    /// Sources with a name that matches as a whole: `db`, `web-*`, `db-?`.
    Glob(String),
    /// The source of exactly this name: `"a b"`.
    Name(String),
    /// The source under the cursor of a list of hosts, `>`.
    Cursor,
}

impl From {
    /// The source of exactly this name, without quotes where it needs none.
    pub fn named(name: &str) -> From {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        match !name.is_empty() && name.chars().all(is_plain) {
            true => From::Glob(name.to_owned()),
            false => From::Name(name.to_owned()),
        }
    }

    /// Whether a source is among those meant.
    pub fn matches(&self, source: &Source, tags: &[String]) -> bool {
        match self {
            From::Tag(tag) => tags.contains(tag),
            From::Name(name) => source.name() == name,
            From::Glob(pattern) => matches(pattern, source.name()),
            From::Cursor => false,
        }
    }
}

impl Item {
    /// Whether it shows the source under the cursor of a list of hosts, whichever that is.
    pub fn follows(&self) -> bool {
        self.from.contains(&From::Cursor)
    }

    /// Whether it shows only the host under the cursor.
    pub fn only_follows(&self) -> bool {
        !self.from.is_empty() && self.from.iter().all(|from| *from == From::Cursor)
    }

    /// A name with a `/` that this item may have been meant for, and is not: what follows the `/` is a weight
    /// where the name is not in quotes.
    pub fn unquoted(&self) -> Option<String> {
        let From::Glob(name) = self.from.last().filter(|_| self.weighted)? else { return None };
        Some(format!("{name}/{}", self.weight))
    }

    /// Whether it shows that source, wherever the cursor is.
    pub fn shows(&self, source: &Source, tags: &[String]) -> bool {
        self.from.is_empty() || self.from.iter().any(|from| from.matches(source, tags))
    }
}

type LayoutWarnings = Vec<String>;

/// One word of a line: an item, or `.` for a place that stays free.
#[derive(Clone, Debug)]
pub(super) struct LayoutCell {
    pub span: u16,
    pub item: Option<Item>,
}

/// The items of a line, and what was doubtful about them.
pub(super) fn items(
    line: &str,
    registry: &Registry,
) -> Result<(Vec<LayoutCell>, LayoutWarnings), Vec<String>> {
    let (mut items, mut doubts, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for word in words(line).map_err(|e| vec![e])? {
        if let Some(span) = free(word, &mut doubts) {
            items.push(LayoutCell { span, item: None });
            continue;
        }
        match item(word, registry, &mut doubts) {
            Ok(item) => items.push(LayoutCell { span: item.span, item: Some(item) }),
            Err(e) => errors.push(e),
        }
    }
    if errors.is_empty() { Ok((items, doubts)) } else { Err(errors) }
}

/// Splits at blanks outside quotes.
fn words(line: &str) -> Result<Vec<&str>, String> {
    let (mut words, mut start) = (Vec::new(), None);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !quoted {
            words.extend(start.take().map(|s| &line[s..at]));
            continue;
        }
        start.get_or_insert(at);
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    if quoted {
        return Err("a quote is not closed; inside quotes write \\\" for a quote".into());
    }
    words.extend(start.map(|s| &line[s..]));
    Ok(words)
}

/// The span of `.` or `5:.`; `None` for any other word.
fn free(word: &str, doubts: &mut LayoutWarnings) -> Option<u16> {
    match word.strip_suffix('.')? {
        "" => Some(1),
        span => Some(number("span", span.strip_suffix(':')?, word, doubts)),
    }
}

fn item(word: &str, registry: &Registry, doubts: &mut LayoutWarnings) -> Result<Item, String> {
    let head = word.find(['@', '/']).unwrap_or(word.len());
    let (head, tail) = word.split_at(head);
    let (span, name) = match head.split_once(':') {
        Some((span, name)) => (number("span", span, word, doubts), name),
        None => (1, head),
    };
    let widget = registry.widget(name).ok_or_else(|| unknown(name, registry))?;
    let (from, tail) = match tail.strip_prefix('@') {
        Some(tail) => froms(tail).map_err(|e| format!("{word:?}: {e}"))?,
        None => (Vec::new(), tail),
    };
    let weight = tail.strip_prefix('/');
    let weighted = weight.is_some();
    let weight = weight.map_or(1, |weight| {
        let known = doubts.len();
        let number = number("weight", weight, word, doubts);
        let name = weight.bytes().any(|b| !b.is_ascii_digit());
        if let (Some(From::Glob(before)), Some(doubt)) = (from.last(), doubts.get_mut(known))
            && name
        {
            doubt.push_str(&format!("; a name with \"/\" is quoted: @\"{before}/{weight}\""));
        }
        number
    });
    Ok(Item { widget, from, span, weight, weighted })
}

fn unknown(name: &str, registry: &Registry) -> String {
    let words = registry.widgets().iter().map(|w| w.name());
    match spelling::nearest(name, words) {
        Some(meant) => format!(
            "no widget {name:?}: did you mean {meant:?}? (manytop --list widgets shows all)"
        ),
        None => format!("no widget {name:?} (manytop --list widgets shows all)"),
    }
}

/// The largest span or weight; more says nothing that a proportion of 1:100 does not.
pub(super) const LARGEST: u16 = 100;

/// As gotop does, what is not a number from 1 on counts as 1.
fn number(what: &str, digits: &str, word: &str, doubts: &mut LayoutWarnings) -> u16 {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let taken = match digits.trim_start_matches('0') {
        _ if !plain => 1,
        "" => 1,
        digits => digits.parse().unwrap_or(LARGEST).min(LARGEST),
    };
    if !plain || digits.trim_start_matches('0') != taken.to_string() {
        doubts.push(format!(
            "{word:?}: the {what} {digits:?} is not a whole number from 1 to {LARGEST}; it counts as {taken}"
        ));
    }
    taken
}

/// The selections, and what follows them.
fn froms(mut text: &str) -> Result<(Vec<From>, &str), String> {
    let mut all = Vec::new();
    loop {
        let (from, rest) = match text.strip_prefix('"') {
            Some(quoted) => literal(quoted)?,
            None => {
                let end = text.find([',', '/']).unwrap_or(text.len());
                let (plain, rest) = text.split_at(end);
                if plain.contains('"') {
                    return Err("a quote belongs around the whole name: @\"a b\"".into());
                }
                let from = match plain.strip_prefix('#') {
                    Some(tag) => From::Tag(tag.to_owned()),
                    None if plain == ">" => From::Cursor,
                    None => From::Glob(plain.to_owned()),
                };
                (from, rest)
            }
        };
        if let From::Tag(name) | From::Glob(name) | From::Name(name) = &from
            && name.is_empty()
        {
            return Err("a name is missing after \"@\" or \",\"".into());
        }
        all.push(from);
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return Ok((all, rest)),
        }
    }
}

/// The name up to the closing quote, and what follows it.
fn literal(quoted: &str) -> Result<(From, &str), String> {
    let mut name = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let rest = &quoted[at + 1..];
                if !rest.is_empty() && !rest.starts_with([',', '/']) {
                    return Err("after a closing quote comes \",\", \"/\" or a blank".into());
                }
                return Ok((From::Name(name), rest));
            }
            '\\' => match chars.next_if(|(_, c)| matches!(c, '"' | '\\')) {
                Some((_, c)) => name.push(c),
                None => name.push('\\'),
            },
            c => name.push(c),
        }
    }
    Err("a quote is not closed".into())
}
