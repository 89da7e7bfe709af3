//! What of new readings is kept: for the graphs that are shown, and for the past of the whole screen.

use super::{KeptSeries, Selects, Store};
use crate::{
    clock::Moment,
    health::Health,
    history::{History, KeptKind, Recorded, is_summarized},
    host_stats::HostStats,
    reading::Kind,
    source::Source,
    view::{Devices, SourceView},
};
use std::{fmt, time::Duration};

/// How often the memory that history takes is looked at.
const CHECK: Duration = Duration::from_secs(10);
/// However little memory there is, this much is kept.
const SHORTEST: Duration = Duration::from_secs(30);

/// What is kept whatever is on the screen.
#[derive(Clone)]
pub struct KeptPast {
    /// For how long.
    pub span: Duration,
    /// Within so many bytes; what is oldest goes first.
    pub memory: u64,
    /// The sources of which every device is kept; of all others their figures are.
    pub devices: Selects,
    /// For at least so long where an engine serves the past.
    pub told: Duration,
}

impl fmt::Debug for KeptPast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptPast({:?}, {} bytes)", self.span, self.memory)
    }
}

/// The store's own record of what it keeps.
#[derive(Default, Debug)]
pub(super) struct Keeper {
    pub(super) past: Option<KeptPast>,
    /// How far the memory reaches, where that is less than the span.
    reach: Option<Duration>,
    checked: Moment,
}

impl Keeper {
    fn span(&self) -> Option<Duration> {
        let span = self.past.as_ref()?.span;
        Some(self.reach.map_or(span, |reach| reach.min(span)))
    }
}

/// One answer that is to be kept.
pub(super) struct KeptAnswer<'a> {
    pub(super) id: usize,
    pub(super) provider: &'static str,
    /// Of a source that another one serves.
    pub(super) is_member: bool,
    pub(super) at: Moment,
    pub(super) devices: &'a Devices,
    pub(super) summary: &'a HostStats,
}

/// Keeps what is to be kept of an answer.
pub(super) fn record(
    kept: &[KeptSeries],
    keeper: &Keeper,
    view: &SourceView,
    answer: &KeptAnswer<'_>,
) {
    let past = keeper.past.as_ref().zip(keeper.span());
    let is_local = view.source == Source::Local;
    let mut kinds: Vec<(Kind, KeptKind)> = Vec::new();
    let mut longest = Duration::ZERO;
    let mut keep = |kind: Kind, span: Duration, each_device: bool| {
        // of this machine a mean a minute is kept for a day
        let minutes = is_local && !kind.is_transient();
        longest = longest.max(span);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) => {
                known.span = known.span.max(span);
                known.each_device |= each_device;
            }
            None => kinds.push((kind, KeptKind { span, each_device, minutes })),
        }
    };
    if let Some((past, span)) = past
        && (is_local || (past.devices)(&view.source, &view.tags))
    {
        // the past that an engine serves is not dropped at once
        let told = keeper.reach.map_or(past.told, |reach| reach.min(past.told));
        let span = if answer.is_member { span.max(told) } else { span };
        answer.devices.kinds.iter().for_each(|(kind, _)| keep(*kind, span, true));
    }
    for KeptSeries { selects, keep: wanted } in kept {
        let is_figure = past.is_some() && is_summarized(wanted.kind, wanted.quantity);
        if (wanted.each_device || !is_figure) && selects(&view.source, &view.tags) {
            let span = past.map_or(wanted.span, |(_, span)| span);
            keep(wanted.kind, span, wanted.each_device);
        }
    }
    let summary_span = past.map(|(_, span)| span).filter(|_| !is_local);
    if kinds.is_empty() && summary_span.is_none() {
        return;
    }
    view.history.record(&Recorded {
        id: answer.id,
        provider: answer.provider,
        at: answer.at,
        devices: answer.devices,
        summary: answer.summary,
        keeps: &|kind| kinds.iter().find(|(known, _)| *known == kind).map(|(_, keep)| *keep),
        summary_span,
        span: longest.max(summary_span.unwrap_or_default()),
    });
}

impl Store {
    /// Says what is kept whatever is on the screen; `None`: only what graphs on it need.
    pub fn set_past(&mut self, past: Option<KeptPast>, at: Moment) {
        let is_new = self.keeper.past.is_none() && past.is_some();
        self.keeper.past = past;
        if is_new {
            let ids: Vec<usize> = self.instances.keys().copied().collect();
            ids.into_iter().for_each(|id| self.share_health(id, at));
        }
    }

    /// Keeps the health of an instance of a source, where a past is kept.
    pub(super) fn record_health(
        keeper: &Keeper,
        history: &History,
        (id, provider): (usize, &'static str),
        at: Moment,
        health: &Health,
    ) {
        if keeper.past.is_some() {
            history.record_health(id, provider, at, health);
        }
    }

    /// Bytes that are kept of all sources.
    pub fn history_bytes(&self) -> u64 {
        self.sources.values().map(|view| view.history.bytes() as u64).sum()
    }

    /// Now and then: what is beyond the memory is dropped, the oldest of all sources first.
    pub(super) fn bound_history(&mut self, now: Moment) {
        let Some(past) = &self.keeper.past else { return };
        let (span, memory) = (past.span, past.memory.max(1));
        if now.since(self.keeper.checked) < CHECK {
            return;
        }
        self.keeper.checked = now;
        let bytes = self.history_bytes();
        if bytes > memory {
            let reach = self.keeper.reach.unwrap_or(span).min(span);
            let share = memory as f64 / bytes as f64;
            let reach = reach.mul_f64(0.9 * share).max(SHORTEST);
            self.keeper.reach = Some(reach);
            self.sources.values().for_each(|view| view.history.forget_before(now.before(reach)));
            if self.history_bytes() > memory {
                self.sources.values().for_each(|view| view.history.halve_minutes());
            }
        } else if let Some(reach) = self.keeper.reach
            && bytes < memory / 10 * 7
        {
            let longer = reach.mul_f64(1.2);
            self.keeper.reach = Some(longer).filter(|longer| *longer < span);
        }
    }
}
