//! The figures of a source: one row an answer, however many devices it has.

use super::{Series, track::Track};
use crate::{
    host_stats::HostStats,
    reading::{Kind, Metric, Text, Texts},
    vocabulary as v,
};
use std::{collections::VecDeque, sync::Arc};

static HOTTEST: Text = Text::new("hottest", "The busiest processor.");
static FULLEST: Text = Text::new("fullest", "The fullest disk.");

/// The columns that are also the line of a whole source.
const WHOLE: [(Kind, &Metric, usize); 4] = [
    (v::CPU, &v::PERCENT, 0),
    (v::MEMORY, &v::PERCENT, 1),
    (v::NETWORK, &v::RECEIVED_RATE, 2),
    (v::NETWORK, &v::SENT_RATE, 3),
];

/// Whether the line of a whole source is among its figures.
pub fn is_summarized(kind: Kind, quantity: &Metric) -> bool {
    WHOLE.iter().any(|(k, metric, _)| *k == kind && **metric == *quantity)
}

/// The figures of one source.
#[derive(Default, Debug)]
pub(super) struct SummaryHistory {
    answers: VecDeque<u32>,
    track: Track,
}

impl SummaryHistory {
    pub(super) fn record(&mut self, at: u32, summary: &HostStats) {
        // several instances answer within one millisecond, or an older answer comes: the last figures stay
        if self.answers.back().is_some_and(|last| *last >= at) {
            return;
        }
        let of = |value: Option<f64>| value.map_or(f32::NAN, |value| value as f32);
        let row = [
            of(summary.cpu),
            of(summary.memory),
            of(summary.received),
            of(summary.sent),
            of(summary.memory_used),
            of(summary.memory_total),
            of(summary.disk.as_ref().map(|disk| disk.1)),
            of(summary.celsius),
            of(summary.load),
            of(summary.uptime),
            of(summary.hottest.as_ref().map(|core| core.1)),
            summary.cores as f32,
        ];
        let mut texts = Texts::default();
        for (text, named) in [(&HOTTEST, &summary.hottest), (&FULLEST, &summary.disk)] {
            if let Some((name, _)) = named {
                texts.set(text, name.clone());
            }
        }
        self.answers.push_back(at);
        self.track.identify(at, 0, 0, &texts);
        self.track.put(at, &row, None);
    }

    /// The figures at a time.
    pub(super) fn at(&self, at: u32) -> Option<HostStats> {
        let row = self.track.row(at)?;
        let value = |column| self.track.value(row, column).map(super::past::exact);
        let texts = self.track.identity(at).map(|identity| &identity.texts);
        let named = |text: &Text, column| {
            let name: Arc<str> = texts?.get(text)?.clone();
            Some((name, value(column)?))
        };
        Some(HostStats {
            cpu: value(0),
            memory: value(1),
            received: value(2),
            sent: value(3),
            memory_used: value(4),
            memory_total: value(5),
            disk: named(&FULLEST, 6),
            celsius: value(7),
            load: value(8),
            uptime: value(9),
            hottest: named(&HOTTEST, 10),
            cores: value(11).map_or(0, |cores| cores as usize),
            ..HostStats::default()
        })
    }

    /// The line of a whole source, where it is one of these columns.
    pub(super) fn series(&self, series: &Series) -> Option<(&VecDeque<u32>, &Track, usize)> {
        let is = |(kind, metric, _): &&(Kind, &Metric, usize)| {
            *kind == series.kind && metric.name() == series.quantity
        };
        let column = WHOLE.iter().find(is).filter(|_| series.device.is_none())?.2;
        (!self.track.is_empty()).then_some((&self.answers, &self.track, column))
    }

    pub(super) fn forget_before(&mut self, oldest: u32) {
        while self.answers.front().is_some_and(|at| *at < oldest) {
            self.answers.pop_front();
        }
        self.track.forget_before(oldest);
    }

    pub(super) fn shift(&mut self, by: u32) {
        self.answers.iter_mut().for_each(|at| *at = at.saturating_sub(by));
        self.track.shift(by);
    }

    pub(super) fn bytes(&self) -> usize {
        4 * self.answers.capacity() + self.track.bytes()
    }
}
