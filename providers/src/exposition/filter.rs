//! Which lines a dialect wants, told by the metric's name alone.

/// Bytes of a name that choose its bucket. A name that ends before the last of them is known with any
/// of the [`ENDS`] behind it; one that is shorter still is kept in a list of its own.
const CHOOSING: [usize; 3] = [5, 7, 8];
const KNOWN: usize = 9;

/// What follows a whole name in a line.
const ENDS: [u8; 4] = [b' ', b'{', b'\t', b'"'];

/// The wanted names, in buckets. A bucket only narrows the search: the name's own bytes decide.
#[derive(Debug)]
pub struct NameFilter {
    buckets: [Bucket; 256],
    short: Vec<Name>,
}

/// Names that agree in the choosing bytes, in groups of those that agree in one more.
#[derive(Default, Debug)]
struct Bucket {
    /// The byte of a name that tells most of these apart, by its place.
    telling: usize,
    /// Which values that byte has, a bit each.
    values: [u64; 4],
    /// In the order of their telling bytes.
    names: Vec<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Name {
    /// Its byte at the bucket's telling place.
    telling: u8,
    whole: bool,
    bytes: &'static [u8],
}

impl Name {
    /// What follows the name is looked at first: it refuses most lines without a comparison.
    fn begins(self, line: &[u8]) -> bool {
        let ends = |byte: &u8| matches!(byte, b' ' | b'{' | b'\t' | b'"');
        (!self.whole || line.get(self.bytes.len()).is_some_and(ends))
            && line.starts_with(self.bytes)
    }
}

impl Bucket {
    fn add(&mut self, name: Name) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// After the last name: finds the byte that tells most of them apart.
    fn settle(&mut self) {
        let shortest = self.names.iter().map(|n| n.bytes.len()).min().unwrap_or_default();
        let values = |at: usize| {
            let mut values = [0_u64; 4];
            for byte in self.names.iter().map(|n| n.bytes[at]) {
                values[usize::from(byte >> 6)] |= 1 << (byte & 63);
            }
            values
        };
        let count = |at: &usize| values(*at).iter().map(|v| v.count_ones()).sum::<u32>();
        let Some(telling) = (0..shortest).max_by_key(count) else { return };
        (self.telling, self.values) = (telling, values(telling));
        for name in &mut self.names {
            name.telling = name.bytes[telling];
        }
        self.names.sort();
    }

    #[inline]
    fn wants(&self, line: &[u8]) -> bool {
        let Some(&byte) = line.get(self.telling) else { return false };
        if self.values[usize::from(byte >> 6)] & (1 << (byte & 63)) == 0 {
            return false;
        }
        let first = self.names.partition_point(|name| name.telling < byte);
        let group = self.names[first..].iter().take_while(|name| name.telling == byte);
        group.into_iter().any(|name| name.begins(line))
    }
}

impl NameFilter {
    /// A filter for whole names, and for beginnings of names.
    pub fn new(names: impl IntoIterator<Item = (&'static str, bool)>) -> NameFilter {
        let mut filter =
            NameFilter { buckets: std::array::from_fn(|_| Bucket::default()), short: Vec::new() };
        for (name, whole) in names {
            let name = Name { bytes: name.as_bytes(), whole, telling: 0 };
            match bucket(name.bytes) {
                Some(bucket) => filter.buckets[bucket].add(name),
                None if whole && name.bytes.len() + 1 == KNOWN => {
                    for end in ENDS {
                        let ended = [name.bytes, &[end]].concat();
                        bucket(&ended).into_iter().for_each(|b| filter.buckets[b].add(name));
                    }
                }
                None if filter.short.contains(&name) => {}
                None => filter.short.push(name),
            }
        }
        filter.buckets.iter_mut().for_each(Bucket::settle);
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
        bucket(line).is_some_and(|b| self.buckets[b].wants(line))
            || self.short.iter().any(|name| name.begins(line))
    }

    /// A line that begins with blanks, or with a brace: then any text between quotes may
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
    fn names_that_begin_alike_are_told_apart_by_a_later_byte() {
        let names = ["node_memory_MemFree", "node_memory_SwapFree", "node_memory_free_bytes"];
        let filter = NameFilter::new(names.map(|name| (name, true)));
        for name in names {
            assert!(filter.wants(format!("{name} 1").as_bytes()), "{name}");
        }
        for line in ["node_memory_Active 1", "node_memory_MemTotal 1", "node_memory", "node_memo"] {
            assert!(!filter.wants(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_name_of_eight_letters_is_found_whatever_follows_it() {
        let filter = NameFilter::new([("node_cpu", true)]);
        for line in ["node_cpu{cpu=\"cpu0\"} 1", "node_cpu 1", "node_cpu\t1", "{\"node_cpu\"} 1"] {
            assert!(filter.wants(line.as_bytes()), "{line}");
        }
        assert!(!filter.wants(b"node_cpu_info 1") && !filter.wants(b"node_cpu"));
        assert!(filter.short.is_empty(), "it costs other lines nothing");
    }

    #[test]
    fn whole_names_and_beginnings() {
        let filter = NameFilter::new([
            ("node_load1", true),
            ("gotop_cpu_", false),
            ("up", true),
            ("m_", false),
        ]);
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
