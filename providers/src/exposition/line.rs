//! One line of the exposition, taken apart with respect for its quotes. Nothing is copied and
//! nothing is unescaped here.

/// The places of a sample's parts in its line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample<'a> {
    /// The name, as written: escapes are not undone.
    pub name: &'a str,
    /// Label names and values, as written.
    pub labels: Labels<'a>,
    /// The value's text.
    pub value: &'a str,
    /// What follows the value: a timestamp, or nothing.
    pub rest: &'a str,
}

/// The text between a sample's braces, from the first label on. It has been checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Labels<'a>(&'a str);

/// The text between braces.
enum LabelItem<'a> {
    /// A quoted metric name.
    Name(&'a str),
    Label(&'a str, &'a str),
}

impl<'a> Labels<'a> {
    /// Names and values, as written.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut cursor = LabelCursor(self.0);
        std::iter::from_fn(move || {
            loop {
                match cursor.item()? {
                    LabelItem::Label(name, value) => return Some((name, value)),
                    LabelItem::Name(_) => {}
                }
            }
        })
    }
}

/// Where the value begins in a line that is a well-formed sample up to there: the bytes before it
/// are the series' key. `None` for anything else.
///
/// Invalid UTF-8 makes no difference here: only ASCII bytes have a meaning.
pub fn value_at(line: &[u8]) -> Option<usize> {
    let mut cursor = Bytes { line, at: 0 };
    cursor.blanks();
    if cursor.peek() == Some(b'#') {
        return None;
    }
    let bare = cursor.name();
    let blank = cursor.blanks();
    if cursor.peek() == Some(b'{') {
        let named = cursor.braces()?;
        // a name before the braces, or one quoted between them, and not both
        if bare == named {
            return None;
        }
        cursor.blanks();
    } else if !bare || !blank {
        return None;
    }
    cursor.peek().is_some_and(|b| b != b'\r').then_some(cursor.at)
}

/// Whether `rest`, which follows a value up to the line's end, is what may follow it: a timestamp, an
/// exemplar behind a `#`, or nothing.
pub fn ends_well(rest: &[u8]) -> bool {
    let text = rest.trim_ascii();
    if text.is_empty() {
        return true;
    }
    let after = match super::number::parse(text) {
        Some((_, length)) => text[length..].trim_ascii_start(),
        None => text,
    };
    matches!(rest[0], b' ' | b'\t') && matches!(after.first(), None | Some(b'#'))
}

/// Where the value begins, and the value. `None` if the line is not a sample from its first byte to its last.
pub fn sample(line: &[u8]) -> Option<(usize, f64)> {
    let at = value_at(line)?;
    let (value, length) = super::number::parse(&line[at..])?;
    ends_well(&line[at + length..]).then_some((at, value))
}

/// How the line begins that ends a body in the text of OpenMetrics.
pub const END: &[u8] = b"# EOF";

/// Whether a line says that the body ends with it.
pub fn is_end(line: &[u8]) -> bool {
    line.strip_prefix(END).is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// The end of a line with a value that ends at `after`; `None` if something else than a timestamp or an
/// exemplar follows.
pub fn ended(text: &[u8], after: usize) -> Option<usize> {
    let end = end(text, after);
    ends_well(&text[after..end]).then_some(end)
}

/// Where the line ends that goes on at `from`, its line feed included.
#[inline]
pub fn end(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |n| from + n + 1)
}

/// Whether a line begins with a key. Most lines that do not are refused by eight bytes that are compared in place.
#[inline]
pub fn begins(line: &[u8], key: &[u8]) -> bool {
    let early = |text: &[u8]| text.get(8..)?.first_chunk::<8>().copied();
    let differ = early(key).zip(early(line)).is_some_and(|(key, line)| key != line);
    !differ && line.starts_with(key)
}

/// Takes a line apart. `None` when [`value_at`] finds no sample in it.
pub fn split(line: &str) -> Option<Sample<'_>> {
    let at = value_at(line.as_bytes())?;
    let (key, rest) = (line.get(..at)?.trim_matches([' ', '\t']), line.get(at..)?);
    let end = rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
    let (value, rest) = (&rest[..end], rest[end..].trim());
    let Some(brace) = key.find('{').filter(|_| key.ends_with('}')) else {
        return Some(Sample { name: key, labels: Labels::default(), value, rest });
    };
    let labels = Labels(&key[brace + 1..key.len() - 1]);
    let bare = key[..brace].trim_matches([' ', '\t']);
    let mut cursor = LabelCursor(labels.0);
    let name = if bare.is_empty() {
        std::iter::from_fn(|| cursor.item()).find_map(|item| match item {
            LabelItem::Name(name) => Some(name),
            LabelItem::Label(..) => None,
        })?
    } else {
        bare
    };
    Some(Sample { name, labels, value, rest })
}

/// Walks over a line that may be anything, and says whether it is a sample.
struct Bytes<'a> {
    line: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn blanks(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at > start
    }

    /// A name without quotes. Wider than Prometheus allows: whatever is no delimiter.
    fn name(&mut self) -> bool {
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b'{' | b'}' | b'"' | b'=' | b',' | b'\\' => break,
                _ => self.at += 1,
            }
        }
        self.at > start
    }

    fn quoted(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => break self.at += 1,
                b'\n' => return None,
                _ => self.at += 1,
            }
        }
        Some(())
    }

    /// From `{` to past `}`; says whether a quoted metric name stood among the labels.
    fn braces(&mut self) -> Option<bool> {
        self.at += 1;
        let mut named = false;
        loop {
            self.blanks();
            match self.peek()? {
                b'}' => break self.at += 1,
                b'"' => self.quoted()?,
                _ if self.name() => {}
                _ => return None,
            }
            let quoted = self.line[self.at - 1] == b'"';
            self.blanks();
            if self.peek()? == b'=' {
                self.at += 1;
                self.blanks();
                if self.peek()? != b'"' {
                    return None;
                }
                self.quoted()?;
                self.blanks();
            } else if quoted && !named {
                named = true;
            } else {
                return None;
            }
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {}
                _ => return None,
            }
        }
        Some(named)
    }
}

/// Walks over what stood between braces and was found well-formed.
struct LabelCursor<'a>(&'a str);

impl<'a> LabelCursor<'a> {
    fn item(&mut self) -> Option<LabelItem<'a>> {
        let text = self.0.trim_start_matches([' ', '\t', ',']);
        let (first, rest) = token(text)?;
        let rest = rest.trim_start_matches([' ', '\t']);
        let Some(rest) = rest.strip_prefix('=') else {
            self.0 = rest;
            return Some(LabelItem::Name(first));
        };
        let (value, rest) = token(rest.trim_start_matches([' ', '\t']))?;
        self.0 = rest;
        Some(LabelItem::Label(first, value))
    }
}

/// A quoted text, without its quotes, or a bare word; and what follows.
fn token(text: &str) -> Option<(&str, &str)> {
    if let Some(inside) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = inside.bytes().position(|b| match b {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' => {
                escaped = true;
                false
            }
            b => b == b'"',
        })?;
        return Some((&inside[..end], &inside[end + 1..]));
    }
    let end = text.find([' ', '\t', '=', ',', '"']).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(line: &str) -> Vec<(&str, &str)> {
        split(line).unwrap().labels.iter().collect()
    }

    #[test]
    fn the_value_begins_after_name_and_labels() {
        for (line, key) in [
            ("foo 1", "foo "),
            ("foo\t1", "foo\t"),
            ("  foo   1", "  foo   "),
            ("gotop_disk_:dev:vda 0.15", "gotop_disk_:dev:vda "),
            ("foo{} 1", "foo{} "),
            ("foo{}1", "foo{}"),
            ("foo {a=\"b\"} 1", "foo {a=\"b\"} "),
            ("foo{a=\"}\"} 1", "foo{a=\"}\"} "),
            ("foo{path=\"/a} 7 b\"} 1", "foo{path=\"/a} 7 b\"} "),
            ("foo{a=\"\\\"} 7\"} 1", "foo{a=\"\\\"} 7\"} "),
            ("foo{a=\"b\", c=\"d\" , } 1", "foo{a=\"b\", c=\"d\" , } "),
            ("{\"a name\",b=\"c\"} 1", "{\"a name\",b=\"c\"} "),
            ("métrique 1", "métrique "),
        ] {
            assert_eq!(value_at(line.as_bytes()), Some(key.len()), "{line}");
        }
        for wrong in [
            "",
            "# 5",
            " # HELP foo bar",
            "foo",
            "foo ",
            "foo{",
            "foo{a=\"b\"",
            "foo{a=\"b\"}",
            "foo{a=b} 1",
            "foo{a} 1",
            "foo{\"a\"} 1",
            "foo{a=\"b\"c=\"d\"} 1",
            "foo{,} 1",
            "{} 1",
            "a\\b 1",
            "{a=\"b\"} 1",
            "{\"a\",\"b\"} 1",
            "= 1",
            "foo \r",
            "foo{a=\"b\\\"} 1",
        ] {
            assert_eq!(value_at(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_timestamp_and_an_exemplar_may_follow_a_value() {
        for rest in [
            "",
            " ",
            "\r",
            " \r\n",
            " 1700000000.123",
            "\t17\r",
            " # {a=\"b # c\"} 1 2",
            " 1 # {} 1",
        ] {
            assert!(ends_well(rest.as_bytes()), "{rest:?}");
        }
        for rest in [" x", " 000 000", "\rnode_load1 1", "\r1", " 1 x", ",5", " 1,5"] {
            assert!(!ends_well(rest.as_bytes()), "{rest:?}");
        }
    }

    #[test]
    fn the_parts_are_found_where_they_stand() {
        let sample =
            split("foo{a=\"x,y\" ,b = \"k=v\",c=\"\\\\\\\"\"}  12.5  1700000000\r").unwrap();
        assert_eq!((sample.name, sample.value, sample.rest), ("foo", "12.5", "1700000000"));
        assert_eq!(
            sample.labels.iter().collect::<Vec<_>>(),
            [("a", "x,y"), ("b", "k=v"), ("c", "\\\\\\\"")]
        );
        assert_eq!(labels("foo{path=\"/a} 7 b\"} 1"), [("path", "/a} 7 b")]);
        assert_eq!(labels("foo {} 1"), []);
        let quoted = split("{a=\"b\",\"the name\",c=\"\"} 3").unwrap();
        assert_eq!(quoted.name, "the name");
        assert_eq!(quoted.labels.iter().collect::<Vec<_>>(), [("a", "b"), ("c", "")]);
        assert_eq!(split("foo 1").unwrap().name, "foo");
    }
}
