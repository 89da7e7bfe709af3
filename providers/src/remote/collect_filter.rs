//! Asking a remote for what is wanted only, where its dialect knows how.
//!
//! It begins after a whole answer, which shows that this dialect alone is spoken and what there is to
//! choose from. What fails is made good by a whole answer in the same poll. A question that fails
//! right after a whole answer was good is the server's refusal, and no other is ever asked; one that
//! fails after others were served (a restart, say) only makes the whole be read again.

use crate::dialects::dialect::{CollectParameter, Dialect, Section};
use manytop_plugin::{provider::Selection, reading::Kind};
use reqwest::Url;
use std::collections::BTreeMap;

/// What a whole answer offered. Small, since every remote keeps one.
#[derive(Clone, Copy, Debug)]
pub struct Collectors {
    dialect: &'static Dialect,
    choice: &'static CollectParameter,
    /// Which of the dialect's carriers the server lists, a bit each.
    useful: u64,
    /// It lists others too.
    more: bool,
    /// The dialect's sections that the answer had, a bit each.
    had: u64,
}

/// A bit for each, of the first 64.
fn bits<T>(all: impl Iterator<Item = T>) -> impl Iterator<Item = (u64, T)> {
    (0..u64::BITS).map(|n| 1 << n).zip(all)
}

/// The carriers of all sections; one that carries several is listed several times.
fn carriers(
    dialect: &'static Dialect,
) -> impl Iterator<Item = (u64, (&'static Section, &'static str))> {
    bits(
        dialect
            .sections()
            .iter()
            .flat_map(|section| section.carriers().iter().map(move |carrier| (section, *carrier))),
    )
}

impl Collectors {
    /// Of all the names that the server lists only those matter that are in the dialect's own
    /// table: what it says is never sent back to it.
    pub fn new<'a>(
        dialect: &'static Dialect,
        choice: &'static CollectParameter,
        listed: impl Iterator<Item = &'a str>,
        has: impl Fn(Kind) -> bool,
    ) -> Collectors {
        let (mut useful, mut more) = (0, false);
        for name in listed {
            let known = carriers(dialect).filter(|(_, (_, carrier))| *carrier == name);
            let known = known.fold(0, |all, (bit, _)| all | bit);
            useful |= known;
            more |= known == 0;
        }
        let had = bits(dialect.sections().iter()).filter(|(_, s)| has(s.kind()));
        let had = had.fold(0, |all, (bit, _)| all | bit);
        Collectors { dialect, choice, useful, more, had }
    }

    /// The names that the server accepts and the dialect has a use for, each once, with whether it
    /// carries what is wanted.
    fn names(&self, want: &Selection) -> BTreeMap<&'static str, bool> {
        let mut names = BTreeMap::new();
        for (bit, (section, carrier)) in carriers(self.dialect) {
            if self.useful & bit != 0 {
                *names.entry(carrier).or_default() |= section.is_wanted_of(carrier, want);
            }
        }
        names
    }

    /// Whether the answer had that kind.
    fn has_kind(&self, kind: Kind) -> bool {
        self.kinds().any(|had| had == kind)
    }

    /// The kinds that the answer had.
    fn kinds(&self) -> impl Iterator<Item = Kind> + use<> {
        let had = self.had;
        bits(self.dialect.sections().iter())
            .filter(move |(bit, _)| had & bit != 0)
            .map(|(_, section)| section.kind())
    }

    /// The question that is enough for `want`; `None` where nothing can be named, or it would be all.
    fn question(self, want: &Selection) -> Option<FilteredRequest> {
        let names = self.names(want);
        let all = !self.more && names.values().all(|wanted| *wanted);
        let names: Vec<_> =
            names.into_iter().filter_map(|(n, wanted)| wanted.then_some(n)).collect();
        (!names.is_empty() && !all).then_some(FilteredRequest { offer: self, names })
    }
}

/// A question for a part.
#[derive(Clone, Debug)]
pub struct FilteredRequest {
    offer: Collectors,
    names: Vec<&'static str>,
}

impl FilteredRequest {
    /// The address with the question.
    pub fn put_to(&self, url: &Url) -> Url {
        let mut url = url.clone();
        url.query_pairs_mut()
            .extend_pairs(self.names.iter().map(|n| (self.offer.choice.parameter(), n)));
        url
    }

    /// The first wanted kind that the whole answer had and its own has not. Single quantities may be missing.
    pub fn lacks(&self, want: &Selection, has: impl Fn(Kind) -> bool) -> Option<Kind> {
        let wanted = |kind| want.kind(kind) && want.only(kind).is_none();
        self.offer.kinds().find(|kind| wanted(*kind) && !has(*kind))
    }
}

/// What is known of how to ask a remote.
#[derive(Debug)]
pub struct CollectFilter(FilterStage);

#[derive(Debug)]
enum FilterStage {
    /// Nothing; the next whole answer may tell.
    Open,
    /// A part can be asked for; `served`: it was, and came.
    Learnt { offer: Collectors, served: bool },
    /// The first question since a whole answer has not been answered well, or not yet.
    Doubted(Rejected),
    /// The whole, always.
    Off,
}

/// A question that may have been refused; the kind, if all that is wrong is that it was left out.
#[derive(Clone, Copy, Debug)]
pub struct Rejected(Option<Kind>);

impl CollectFilter {
    /// For that address. One with a query of its own is asked just that.
    pub fn of(url: &Url) -> CollectFilter {
        CollectFilter(if url.query().is_some() { FilterStage::Off } else { FilterStage::Open })
    }

    /// The question that is enough for `want`, if there is any. Until [`CollectFilter::served`] it counts
    /// as failed, so that a poll that is given up leaves the right thing behind.
    pub fn question(&mut self, want: &Selection) -> Option<FilteredRequest> {
        let FilterStage::Learnt { offer, served } = &self.0 else { return None };
        let question = offer.question(want)?;
        self.0 = if *served { FilterStage::Open } else { FilterStage::Doubted(Rejected(None)) };
        Some(question)
    }

    /// The question was answered.
    pub fn served(&mut self, question: FilteredRequest) {
        self.0 = FilterStage::Learnt { offer: question.offer, served: true };
    }

    /// There was an answer, without that kind.
    pub fn lacked(&mut self, kind: Option<Kind>) {
        if let FilterStage::Doubted(doubt) = &mut self.0 {
            doubt.0 = kind;
        }
    }

    /// Before the whole is asked for: what a good answer to it decides. A bad one decides nothing.
    pub fn doubt(&mut self) -> Option<Rejected> {
        let FilterStage::Doubted(doubt) = self.0 else { return None };
        self.0 = FilterStage::Open;
        Some(doubt)
    }

    /// After a good whole answer: what it offered, and whether it spoke several dialects.
    pub fn learn(&mut self, doubt: Option<Rejected>, offer: Option<Collectors>, mixed: bool) {
        // A kind that is not in the whole either has gone: it was not refused.
        let there = |kind| offer.as_ref().is_none_or(|offer| offer.has_kind(kind));
        let refused = doubt.is_some_and(|doubt| doubt.0.is_none_or(there));
        self.0 = match (&self.0, offer) {
            (FilterStage::Off, _) => FilterStage::Off,
            _ if mixed || refused => FilterStage::Off,
            (_, Some(offer)) => FilterStage::Learnt { offer, served: false },
            (_, None) => FilterStage::Open,
        };
    }
}
