//! Bodies as they come: of one source, of a manytop with its remotes, or of several targets.

use super::{
    federated::{self, Federated},
    relay::{self, Relay},
    series::BODY,
};
use crate::dialects::scrape_parser::{ParsedScrape, ScrapeParser};
use manytop_plugin::{clock::Moment, provider::Selection, reading::PollResult};

/// Reads bodies, of one source or of many: how they begin decides it, and the labels of the last body.
#[derive(Debug)]
pub struct BodyDecoder {
    /// What the remote says of itself.
    pub own: ScrapeParser,
    relay: Option<Box<Relay>>,
    federated: Option<Box<Federated>>,
    /// What this body is; `None`: it is too early to tell.
    form: Option<BodyForm>,
    held: Vec<u8>,
    /// The beginning of the body, while its series are wanted.
    kept: Option<Vec<u8>>,
}

/// What a body holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BodyForm {
    /// One source.
    Own,
    /// A manytop and its remotes.
    Relayed,
    /// Several targets.
    Federated,
}

impl BodyDecoder {
    /// A decoder that has read nothing yet.
    pub fn new(own: ScrapeParser) -> BodyDecoder {
        BodyDecoder { own, relay: None, federated: None, form: None, held: Vec::new(), kept: None }
    }

    /// Whether the next body is kept for the list of its series.
    pub fn keep(&mut self, keep: bool) {
        self.kept = keep.then(Vec::new);
    }

    /// The body that was kept.
    pub fn take_kept(&mut self) -> Option<Vec<u8>> {
        self.kept.take()
    }

    /// Before the first chunk of a body.
    pub fn begin(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.clear();
        }
        (self.form, self.held) = (None, Vec::new());
        self.own.begin();
    }

    /// The next chunk, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        if let Some(kept) = &mut self.kept {
            let room = BODY.saturating_sub(kept.len()).min(chunk.len());
            kept.extend_from_slice(&chunk[..room]);
        }
        self.feed_on(chunk);
    }

    fn feed_on(&mut self, chunk: &[u8]) {
        match (self.form, &mut self.relay, &mut self.federated) {
            (Some(BodyForm::Relayed), Some(relay), _) => relay.feed(chunk, &mut self.own),
            (Some(BodyForm::Federated), _, Some(federated)) => federated.feed(chunk, &mut self.own),
            (Some(_), ..) => self.own.feed(chunk),
            (None, ..) => {
                self.held.extend_from_slice(chunk);
                self.decide(false);
            }
        }
    }

    fn decide(&mut self, ended: bool) {
        let Some(relays) = relay::is_relay(&self.held, ended) else { return };
        self.form = Some(match &mut self.federated {
            _ if relays => BodyForm::Relayed,
            Some(federated) => {
                federated.begin();
                BodyForm::Federated
            }
            None => BodyForm::Own,
        });
        if relays {
            let catalog = self.own.catalog();
            self.relay.get_or_insert_with(|| Box::new(Relay::new(catalog.clone()))).begin();
        }
        let held = std::mem::take(&mut self.held);
        self.feed_on(&held);
    }

    /// After the last chunk: what the remote says of itself, and of others, if it does or did. `clock` is the time
    /// that the server's clock showed, and when. Where the body turns out to hold several targets, the answer says
    /// that there is more: the next body is split.
    pub fn end(
        &mut self,
        want: &Selection,
        clock: (f64, Moment),
    ) -> (ParsedScrape, Option<PollResult>) {
        if self.form.is_none() {
            self.decide(true);
        }
        let mut answer = PollResult::default();
        let form = self.form.unwrap_or(BodyForm::Own);
        let mut serves = form == BodyForm::Relayed;
        match (form, &mut self.relay, &mut self.federated) {
            (BodyForm::Relayed, Some(relay), _) => {
                relay.end(want, clock.1, &mut self.own, &mut answer);
            }
            (BodyForm::Federated, _, Some(federated)) => {
                serves = federated.end(want, clock, &mut self.own, &mut answer);
            }
            _ => {}
        }
        let scrape = self.own.end(want);
        if form == BodyForm::Own && self.own.any_key(federated::is_of_target) {
            let catalog = self.own.catalog();
            self.federated = Some(Box::new(Federated::new(catalog.clone())));
            return (ParsedScrape::default(), Some(PollResult { more: true, ..answer }));
        }
        if serves {
            return (scrape, Some(answer));
        }
        if scrape.dialects.is_empty() && form == BodyForm::Own {
            return (scrape, None);
        }
        // from now on it has its own metrics only
        let mut gone = Some(answer.gone).filter(|gone| !gone.is_empty());
        if let Some(relay) = self.relay.take() {
            gone.get_or_insert_default().extend(relay.names());
        }
        if let Some(federated) = self.federated.take() {
            gone.get_or_insert_default().extend(federated.into_names());
        }
        (scrape, gone.map(|gone| PollResult { gone, ..PollResult::default() }))
    }
}
