//! Asking a remote for what is wanted only, where its dialect knows how.
//!
//! It begins after a whole answer, which shows that this dialect alone is spoken and what there is to
//! choose from. What fails is made good by a whole answer in the same poll. A question that fails
//! right after a whole answer was good is the server's refusal, and no other is ever asked; one that
//! fails after others were served (a restart, say) only has the whole looked at anew.

use super::dialect::{Choice, Dialect, Section};
use manytop_core::{provider::Want, reading::Kind};
use reqwest::Url;
use std::mem;

/// What a whole answer told.
#[derive(Clone, Debug)]
pub struct Offer {
    sections: &'static [Section],
    parameter: &'static str,
    /// The names that the server accepts and the dialect has a use for.
    useful: Box<[&'static str]>,
    /// There are other names too.
    more: bool,
    /// The kinds that the answer told of.
    told: Box<[Kind]>,
}

impl Offer {
    /// Of all the names that the server lists only those are kept that stand in the dialect's own
    /// table: what it says is never sent back to it.
    pub fn new<'a>(
        dialect: &'static Dialect,
        choice: &'static Choice,
        listed: impl Iterator<Item = &'a str>,
        told: Box<[Kind]>,
    ) -> Offer {
        let sections = dialect.sections();
        let (mut useful, mut more) = (Vec::new(), false);
        for name in listed {
            match sections.iter().flat_map(Section::carriers).find(|known| **known == name) {
                Some(known) => useful.push(*known),
                None => more = true,
            }
        }
        Offer { sections, parameter: choice.parameter(), useful: useful.into(), more, told }
    }

    /// What to name; `None` where nothing can be named, or it would be all.
    fn names(&self, want: &Want) -> Option<Vec<&'static str>> {
        let wanted = self.sections.iter().filter(|section| want.kind(section.kind()));
        let carriers: Vec<_> = wanted.flat_map(Section::carriers).collect();
        let names = self.useful.iter().copied().filter(|name| carriers.contains(&name));
        let names: Vec<_> = names.collect();
        let all = !self.more && names.len() == self.useful.len();
        (!names.is_empty() && !all).then_some(names)
    }
}

/// A question for a part.
#[derive(Clone, Debug)]
pub struct Question {
    offer: Offer,
    names: Vec<&'static str>,
}

impl Question {
    /// The address with the question.
    pub fn put_to(&self, url: &Url) -> Url {
        let mut url = url.clone();
        url.query_pairs_mut().extend_pairs(self.names.iter().map(|n| (self.offer.parameter, n)));
        url
    }

    /// The first wanted kind of which the whole told and its answer does not.
    pub fn lacks(&self, want: &Want, told: impl Fn(Kind) -> bool) -> Option<Kind> {
        self.offer.told.iter().copied().find(|kind| want.kind(*kind) && !told(*kind))
    }
}

/// What is known of how to ask a remote.
#[derive(Debug)]
pub struct Narrowing(Stage);

#[derive(Debug)]
enum Stage {
    /// Nothing; the next whole answer may tell.
    Open,
    /// A part can be asked for; `served`: it was, and came.
    Learnt { offer: Offer, served: bool },
    /// The first question since a whole answer has not been answered well, or not yet.
    Doubted(Doubt),
    /// The whole, always.
    Off,
}

/// A question that may have been refused; the kind, if all that is wrong is that it was left out.
#[derive(Clone, Copy, Debug)]
pub struct Doubt(Option<Kind>);

impl Narrowing {
    /// For that address. One with a query of its own is asked just that.
    pub fn of(url: &Url) -> Narrowing {
        Narrowing(if url.query().is_some() { Stage::Off } else { Stage::Open })
    }

    /// The question that is enough for `want`, if there is any. Until [`Narrowing::served`] it counts
    /// as failed, so that a poll that is given up leaves the right thing behind.
    pub fn question(&mut self, want: &Want) -> Option<Question> {
        let Stage::Learnt { offer, served } = &self.0 else { return None };
        let names = offer.names(want)?;
        let failed = if *served { Stage::Open } else { Stage::Doubted(Doubt(None)) };
        match mem::replace(&mut self.0, failed) {
            Stage::Learnt { offer, .. } => Some(Question { offer, names }),
            _ => None,
        }
    }

    /// The question was answered.
    pub fn served(&mut self, question: Question) {
        self.0 = Stage::Learnt { offer: question.offer, served: true };
    }

    /// There was an answer, without that kind.
    pub fn lacked(&mut self, kind: Option<Kind>) {
        if let Stage::Doubted(doubt) = &mut self.0 {
            doubt.0 = kind;
        }
    }

    /// Before the whole is asked for: what a good answer to it decides. A bad one decides nothing.
    pub fn doubt(&mut self) -> Option<Doubt> {
        let Stage::Doubted(doubt) = self.0 else { return None };
        self.0 = Stage::Open;
        Some(doubt)
    }

    /// After a good whole answer: what it offered, and whether it spoke several dialects.
    pub fn told(&mut self, doubt: Option<Doubt>, offer: Option<Offer>, mixed: bool) {
        // A kind that is not in the whole either has gone, and nobody refused it.
        let there = |kind| offer.as_ref().is_none_or(|offer| offer.told.contains(&kind));
        let refused = doubt.is_some_and(|doubt| doubt.0.is_none_or(there));
        self.0 = match (&self.0, offer) {
            (Stage::Off, _) => Stage::Off,
            _ if mixed || refused => Stage::Off,
            (_, Some(offer)) => Stage::Learnt { offer, served: false },
            (_, None) => Stage::Open,
        };
    }
}
