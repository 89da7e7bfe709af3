//! Names that no row wants, and that begin as names of a kind do: a kind that could be read and is not.

use super::dialect::{DialectRow, Dialects, Section};
use crate::exposition::pool::SeriesKey;
use std::sync::Arc;

/// The beginnings that all dialects give.
#[derive(Default, Debug)]
pub struct KindHints(Vec<(&'static str, &'static Section)>);

impl KindHints {
    /// Collects them; of very many the last are left out.
    pub fn new(dialects: &Dialects) -> KindHints {
        let sections = dialects.iter().flat_map(|dialect| dialect.sections());
        let beginnings = sections.flat_map(|s| s.beginnings().iter().map(move |text| (*text, s)));
        KindHints(beginnings.take(usize::from(u8::MAX)).collect())
    }

    /// The one that a line begins with.
    pub fn find(&self, line: &[u8]) -> Option<u8> {
        let at = self.0.iter().position(|(text, _)| line.starts_with(text.as_bytes()))?;
        u8::try_from(at).ok()
    }

    /// The section that gives a hint, unless the body has metrics that it wants: those may be of devices that
    /// are left out on purpose.
    pub fn section(&self, hint: u8, series: &[Arc<SeriesKey>]) -> Option<&'static Section> {
        let (_, section) = self.0.get(usize::from(hint))?;
        let wanted = |key: &Arc<SeriesKey>| {
            let mut names = section.rows().iter().flat_map(DialectRow::metrics);
            names.any(|(name, _)| key.bytes().starts_with(name.as_bytes()))
        };
        (!series.iter().any(wanted)).then_some(*section)
    }
}
