//! Bodies in, readings out: everything about a remote but the network.

use super::{
    dialect::Slots,
    exposition::decoder::{Decoder, LeftOut},
    lexicon::Lexicon,
    narrowing::Offer,
    plan::{Owners, Plan},
};
use manytop_core::{
    provider::Want,
    reading::{Kind, Reading},
};
use std::sync::Arc;

/// Understands the bodies of one remote, one after the other.
#[derive(Debug)]
pub struct Interpreter {
    decoder: Decoder,
    plan: Arc<Plan>,
    owners: Owners,
    fahrenheit: bool,
}

/// A body, understood.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Understood {
    /// What was wanted of it; equal kinds stand together.
    pub readings: Vec<Reading>,
    /// The dialects it was understood by, the highest rank first.
    pub dialects: Vec<&'static str>,
    /// What was too much to be read.
    pub left_out: LeftOut,
}

impl Interpreter {
    /// An interpreter that has heard nothing yet. `fahrenheit`: temperatures of dialects that do not
    /// say their scale are in degrees Fahrenheit.
    pub fn new(lexicon: Arc<Lexicon>, fahrenheit: bool) -> Interpreter {
        let decoder = Decoder::new(lexicon);
        Interpreter { decoder, plan: Arc::default(), owners: Owners::default(), fahrenheit }
    }

    /// What all remotes share.
    pub fn lexicon(&self) -> &Arc<Lexicon> {
        self.decoder.lexicon()
    }

    /// Before the first chunk of a body.
    pub fn begin(&mut self) {
        self.decoder.begin();
    }

    /// The next chunk of the body, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.decoder.feed(chunk);
    }

    /// After the last chunk.
    pub fn end(&mut self, want: &Want) -> Understood {
        if self.decoder.end() {
            let plan = Plan::new(self.decoder.series());
            self.plan = self.decoder.lexicon().plans().share(plan);
        }
        self.owners.settle(self.plan.spans());
        let mut understood =
            Understood { left_out: self.decoder.left_out(), ..Understood::default() };
        let mut heard = Vec::new();
        for span in self.plan.spans().iter().filter(|s| self.owners.hears(s)) {
            if !heard.contains(&(u8::MAX - span.dialect.rank(), span.dialect.name())) {
                heard.push((u8::MAX - span.dialect.rank(), span.dialect.name()));
            }
            if want.kind(span.section.kind()) {
                let readings = span.section.finish(&Slots {
                    series: self.decoder.series(),
                    values: self.decoder.values(),
                    places: self.plan.places(span),
                    fahrenheit: self.fahrenheit,
                });
                let known = readings.into_iter().filter(|r| {
                    r.values.iter().next().is_some() || r.texts.iter().next().is_some()
                });
                understood.readings.extend(known);
            }
        }
        heard.sort_unstable();
        understood.dialects.extend(heard.into_iter().map(|(_, name)| name));
        understood
    }

    /// Whether the last body told of that kind.
    pub fn told(&self, kind: Kind) -> bool {
        self.plan.spans().iter().any(|span| span.section.kind() == kind)
    }

    /// Whether the last body spoke several dialects.
    pub fn is_mixed(&self) -> bool {
        let [first, others @ ..] = self.plan.spans() else { return false };
        others.iter().any(|span| !std::ptr::eq(span.dialect, first.dialect))
    }

    /// What its server lists to choose from, if the last body did.
    pub fn offer(&self) -> Option<Offer> {
        let spans = self.plan.spans();
        let (span, choice) = spans.iter().find_map(|span| {
            let choice = span.dialect.choice()?;
            std::ptr::eq(span.section, choice.listing()).then_some((span, choice))
        })?;
        let listed = Slots {
            series: self.decoder.series(),
            values: self.decoder.values(),
            places: self.plan.places(span),
            fahrenheit: self.fahrenheit,
        };
        let names = listed.devices().map(|listed| &**listed.name());
        Some(Offer::new(span.dialect, choice, names, |kind| self.told(kind)))
    }

    /// A whole body at once.
    pub fn read(&mut self, body: &[u8], want: &Want) -> Understood {
        self.begin();
        self.feed(body);
        self.end(want)
    }

    /// What it keeps between two bodies, in bytes; what all remotes share is not among it.
    pub fn footprint(&self) -> usize {
        size_of::<Interpreter>() - size_of::<Decoder>()
            + self.decoder.footprint()
            + self.owners.footprint()
    }

    /// The decoder, for measurements.
    pub fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }
}
