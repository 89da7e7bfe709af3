//! Samples for graphs: what was recorded before the moment that is shown.

use crate::replay::RecordedFrame;
use manytop_core::{
    clock::Moment,
    history::{History, KeptKind, Recorded},
    reading::Kind,
    source::Source,
};
use std::{collections::HashMap, time::Duration};

/// Samples older than this are dropped when others are read.
const MOST: Duration = Duration::from_secs(3600);
/// Samples are read from the beginning of a minute on, as its mean needs them,
const MINUTE: u64 = 60_000_000_000;
/// and from this much earlier than needed, so that steps back do not read them again.
const EARLIER: Duration = Duration::from_secs(120);

/// The samples of all sources over one span.
#[derive(Default)]
pub(crate) struct Traces {
    histories: HashMap<Source, History>,
    covered: Option<(Moment, Moment)>,
}

impl Traces {
    /// Which part of a span is not there yet, and whether all that was there is dropped: where the span does
    /// not touch the one that is.
    pub(crate) fn missing(&mut self, from: Moment, to: Moment) -> Option<(Moment, Moment, bool)> {
        match self.covered {
            Some((first, last)) if first <= from && to <= last => None,
            Some((first, last)) if first <= from && from <= last && to.since(first) < MOST => {
                Some((last + Duration::from_nanos(1), to, false))
            }
            _ => {
                self.histories.clear();
                self.covered = None;
                let from = from.before(EARLIER).as_nanos();
                Some((Moment::from_nanos(from - from % MINUTE), to, true))
            }
        }
    }

    pub(crate) fn cover(&mut self, from: Moment, to: Moment) {
        let first = self.covered.map_or(from, |(first, _)| first.min(from));
        self.covered = Some((first, to));
    }

    /// Takes an answer, as a running engine keeps it.
    pub(crate) fn add(&mut self, source: &Source, feed: usize, frame: &RecordedFrame<'_>) {
        let Some((id, provider)) = frame.decoder.instance_of(feed) else { return };
        let devices = frame.decoder.grouped(feed);
        let Some(at) = devices.list.iter().map(|device| device.read_at).max() else { return };
        let summary = frame.decoder.summary(feed);
        let is_local = *source == Source::Local;
        self.histories.entry(source.clone()).or_default().record(&Recorded {
            id,
            provider,
            at,
            devices: &devices,
            summary: &summary,
            keeps: &|kind: Kind| {
                let minutes = is_local && !kind.is_transient();
                Some(KeptKind { span: MOST, each_device: true, minutes })
            },
            summary_span: (!is_local).then_some(MOST),
            span: MOST,
        });
    }

    pub(crate) fn history(&self, source: &Source) -> History {
        self.histories.get(source).cloned().unwrap_or_default()
    }
}
