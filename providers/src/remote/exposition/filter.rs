//! Which lines a dialect wants, told by the metric's name alone.

/// Bytes of a name that choose its bucket. Names that are not known so far stand in a list of their
/// own.
const CHOOSING: [usize; 3] = [5, 7, 9];
const KNOWN: usize = 10;

/// The wanted names, in buckets. A bucket only narrows the search: the name's own bytes decide.
#[derive(Debug)]
pub struct Filter {
    buckets: [Vec<Name>; 256],
    short: Vec<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Name {
    bytes: &'static [u8],
    whole: bool,
}

impl Name {
    fn begins(self, line: &[u8]) -> bool {
        line.starts_with(self.bytes)
            && (!self.whole
                || matches!(line.get(self.bytes.len()), Some(b' ' | b'{' | b'\t' | b'"')))
    }
}

impl Filter {
    /// A filter for whole names, and for beginnings of names.
    pub fn new(names: impl IntoIterator<Item = (&'static str, bool)>) -> Filter {
        let mut filter = Filter { buckets: std::array::from_fn(|_| Vec::new()), short: Vec::new() };
        for (name, whole) in names {
            let name = Name { bytes: name.as_bytes(), whole };
            let list = match bucket(name.bytes) {
                Some(bucket) => &mut filter.buckets[bucket],
                None => &mut filter.short,
            };
            if !list.contains(&name) {
                list.push(name);
            }
        }
        filter
    }

    /// Whether the line is of a wanted metric. It may be: what is no sample is found out later.
    #[inline]
    pub fn wants(&self, line: &[u8]) -> bool {
        match line.first() {
            Some(b'{' | b' ' | b'\t') => self.wants_odd(line),
            _ => self.wants_name(line),
        }
    }

    #[inline]
    fn wants_name(&self, line: &[u8]) -> bool {
        bucket(line).is_some_and(|b| self.buckets[b].iter().any(|name| name.begins(line)))
            || self.short.iter().any(|name| name.begins(line))
    }

    /// A line that begins with blanks, or with a brace: then any of what stands between quotes may
    /// be the name.
    #[cold]
    fn wants_odd(&self, line: &[u8]) -> bool {
        let text = line.trim_ascii_start();
        let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        match text.first() {
            Some(b'{') => memchr::memchr_iter(b'"', &text[..end])
                .any(|quote| self.wants_name(&text[quote + 1..end])),
            _ => self.wants_name(&text[..end]),
        }
    }
}

#[inline]
fn bucket(name: &[u8]) -> Option<usize> {
    let [a, b, c] = CHOOSING.map(|at| name.get(at).map(|byte| usize::from(*byte)));
    const { assert!(CHOOSING[2] < KNOWN) };
    Some((a?.wrapping_mul(31) ^ b?.wrapping_mul(17) ^ c?) & 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_and_beginnings() {
        let filter =
            Filter::new([("node_load1", true), ("gotop_cpu_", false), ("up", true), ("m_", false)]);
        for line in [
            "node_load1 1",
            "node_load1{a=\"b\"} 1",
            "node_load1\t1",
            "gotop_cpu_CPU0 1",
            "up 1",
            "m_x 1",
            "  node_load1 1",
            "{\"node_load1\"} 1",
            "{a=\"b\", \"node_load1\"} 1",
            " { \"up\" } 1",
        ] {
            assert!(filter.wants(line.as_bytes()), "{line}");
        }
        for line in [
            "",
            "n",
            "node_load15 1",
            "node_load2 1",
            "gotop_mem_x 1",
            "upper 1",
            "# node_load1",
            "node_load1",
            "{\"node_load15\"} 1",
            "x\nup 1",
            " x\nup 1",
            "{\"x\"}\n\"up\"",
        ] {
            assert!(!filter.wants(line.as_bytes()), "{line}");
        }
    }
}
