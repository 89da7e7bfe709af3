//! What widgets see: a picture of all sources at one moment, read-only.

use crate::{
    clock::Moment,
    health::{Health, State},
    history::{History, Series, Window},
    measure::Limits,
    provider::Failure,
    reading::{Kind, Quantity, Text, Texts, Values},
    source::{INSECURE, Source},
    summary::Summary,
    theme::Theme,
    totals::Totals,
};
use ratatui_core::style::Color;
use std::{
    cell::Cell,
    collections::{HashMap, VecDeque},
    ops::Range,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// A device with its last values, derived ones included.
#[derive(Clone, Debug)]
pub struct Device {
    /// The sort of device.
    pub kind: Kind,
    /// Its name within source and kind.
    pub name: Arc<str>,
    /// What tells it from an earlier one of the same name.
    pub epoch: u64,
    /// Numbers, those that core derived among them.
    pub values: Values,
    /// Texts.
    pub texts: Texts,
    /// When it was last read. Older than its instance's last answer: it has disappeared since.
    pub taken: Moment,
    /// When its counters were read, which may be before `taken` for one that was only repeated.
    pub(crate) counted: Moment,
    pub(crate) step: Option<Duration>,
    pub(crate) trail: VecDeque<(Moment, Values)>,
}

impl Device {
    /// The value of a quantity, in its unit; `None` when it is not known.
    pub fn value(&self, quantity: &Quantity) -> Option<f64> {
        self.values.get(quantity)
    }

    /// A text.
    pub fn text(&self, text: &Text) -> Option<&str> {
        self.texts.get(text).map(|t| &**t)
    }

    /// What is derived between an earlier state of the same device and this one: rates and shares.
    /// Without an earlier state, the shares of all that was counted since the counters began.
    #[must_use]
    pub fn since(&self, earlier: Option<&Device>) -> Values {
        crate::derive::between(earlier, self)
    }
}

/// What one instance has said of one source.
#[derive(Clone, Debug)]
pub struct InstanceView {
    /// The number under which core knows the instance.
    pub id: usize,
    /// The provider's name.
    pub provider: &'static str,
    /// The facts about its health.
    pub health: Health,
    /// How its answer was understood.
    pub dialects: Vec<&'static str>,
    /// What a person should know although the answer is good.
    pub notes: Vec<String>,
    /// Keys that stood twice in the last answer; the first of each was kept.
    pub repeated: usize,
    pub(crate) devices: Arc<Devices>,
}

/// The devices of one instance, equal kinds together.
#[derive(Clone, Default, Debug)]
pub(crate) struct Devices {
    pub(crate) list: Vec<Device>,
    pub(crate) kinds: Vec<(Kind, Range<usize>)>,
}

impl InstanceView {
    /// The devices of a kind, in the order in which the provider gave them.
    pub fn devices(&self, kind: Kind) -> &[Device] {
        let all = &*self.devices;
        let range = all.kinds.iter().find(|(k, _)| *k == kind).map(|(_, r)| r.clone());
        range.and_then(|r| all.list.get(r)).unwrap_or_default()
    }

    /// All devices.
    pub fn all(&self) -> &[Device] {
        &self.devices.list
    }

    /// The kinds there are.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.devices.kinds.iter().map(|(k, _)| *k)
    }
}

/// All that is known of one source.
#[derive(Clone, Debug)]
pub struct SourceView {
    /// Which.
    pub source: Source,
    /// Its place in the config, from 0; it decides the colour.
    pub order: usize,
    /// The groups it belongs to.
    pub tags: Arc<[String]>,
    /// A person said that it may be down.
    pub expected_offline: bool,
    /// A person knows that it is stale or down; it is forgotten when it recovers.
    pub acknowledged: bool,
    /// What each instance has said of it; this machine has one for each local provider.
    pub instances: Vec<Arc<InstanceView>>,
    /// The figures of a row in a table of hosts.
    pub summary: Summary,
    pub(crate) history: History,
}

impl SourceView {
    /// Whether nobody is to be alarmed when it is stale or down.
    pub fn is_quiet(&self) -> bool {
        self.expected_offline || self.acknowledged
    }

    /// The provider: of several, the application's word for this machine.
    pub fn provider(&self) -> &'static str {
        match (&self.source, self.instances.first()) {
            (Source::Local, _) | (_, None) => "local",
            (_, Some(first)) => first.provider,
        }
    }

    /// Whether nobody has proven who answers.
    pub fn is_insecure(&self) -> bool {
        self.notes().any(|note| note.starts_with(INSECURE))
    }

    /// `!` where nobody has proven who answers, to stand behind the name.
    pub fn mark(&self) -> &'static str {
        if self.is_insecure() { "!" } else { "" }
    }

    /// The worst state of what somebody wants of it. A source with several instances is down only
    /// when all of them are: one hung mount does not take the machine down.
    pub fn state(&self, now: Moment) -> State {
        let wanted =
            || self.instances.iter().filter(|i| i.health.wanted).map(|i| i.health.state(now));
        match wanted().max() {
            None => State::Idle,
            Some(State::Down) if wanted().any(|s| s != State::Down) => State::Stale,
            Some(worst) => worst,
        }
    }

    /// The instance whose state is the source's.
    pub fn worst(&self, now: Moment) -> Option<&InstanceView> {
        let wanted = self.instances.iter().filter(|i| i.health.wanted);
        wanted.max_by_key(|i| (i.health.state(now), i.health.age(now))).map(|i| &**i)
    }

    /// The age of the oldest last good answer of what is wanted; `None` before the first.
    pub fn age(&self, now: Moment) -> Option<Duration> {
        self.instances.iter().filter(|i| i.health.wanted).filter_map(|i| i.health.age(now)).max()
    }

    /// How long the last attempt took, the longest of what is wanted.
    pub fn took(&self) -> Option<Duration> {
        self.instances.iter().filter(|i| i.health.wanted).filter_map(|i| i.health.took).max()
    }

    /// Why the last attempt failed, if it did.
    pub fn failure(&self, now: Moment) -> Option<&Arc<Failure>> {
        let failed =
            self.instances.iter().filter(|i| i.health.wanted && i.health.failure.is_some());
        failed.max_by_key(|i| i.health.state(now)).and_then(|i| i.health.failure.as_ref())
    }

    /// What a person should know although the answers are good.
    pub fn notes(&self) -> impl Iterator<Item = &str> + '_ {
        self.instances.iter().flat_map(|i| i.notes.iter().map(String::as_str))
    }

    /// The devices of a kind, over all instances. Of a source that is down there are none to show.
    pub fn devices(&self, kind: Kind) -> impl Iterator<Item = &Device> + '_ {
        self.instances.iter().flat_map(move |i| i.devices(kind))
    }

    /// One device.
    pub fn device(&self, kind: Kind, name: &str) -> Option<&Device> {
        self.devices(kind).find(|d| &*d.name == name)
    }

    /// The health of the instance that gives a kind.
    pub fn health(&self, kind: Kind) -> Option<&Health> {
        self.instances.iter().find(|i| !i.devices(kind).is_empty()).map(|i| &i.health)
    }

    /// How the answers were understood, each word once.
    pub fn dialects(&self) -> Vec<&'static str> {
        let mut all: Vec<_> =
            self.instances.iter().flat_map(|i| i.dialects.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// All sources at one moment.
#[derive(Clone, Default, Debug)]
pub struct Snapshot {
    /// This machine first, then as the config has them.
    pub sources: Vec<Arc<SourceView>>,
    /// Which picture of its store it is: two of the same number are the same.
    pub number: u64,
    numbers: Arc<HashMap<Source, usize>>,
    totals: OnceLock<Totals>,
}

impl Snapshot {
    pub(crate) fn new(
        sources: Vec<Arc<SourceView>>,
        numbers: Arc<HashMap<Source, usize>>,
        number: u64,
    ) -> Snapshot {
        Snapshot { sources, number, numbers, totals: OnceLock::new() }
    }

    /// A source, without looking at the others.
    pub fn find(&self, source: &Source) -> Option<&Arc<SourceView>> {
        numbered(&self.sources, *self.numbers.get(source)?)
    }

    /// What all of them are together. Made when it is first asked for, with the moment and the limits of
    /// then, and the same for this picture from then on.
    pub fn totals(&self, now: Moment, limits: &Limits) -> &Totals {
        self.totals.get_or_init(|| Totals::of(self.sources.iter().map(|s| &**s), now, limits))
    }
}

/// The source of a number, of sources in their order.
fn numbered(sources: &[Arc<SourceView>], number: usize) -> Option<&Arc<SourceView>> {
    sources.binary_search_by_key(&number, |s| s.order).ok().and_then(|at| sources.get(at))
}

/// How numbers are to be shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// Degrees Fahrenheit instead of Celsius.
    pub fahrenheit: bool,
    /// Network rates in bits a second instead of bytes.
    pub bits: bool,
    /// The mean of all processors in the graph.
    pub average_cpu: bool,
    /// Each processor in the graph.
    pub per_cpu: bool,
    /// The time that one column of a graph stands for.
    pub column: Duration,
    /// Interfaces to show; those after a `!` are left out. Empty: all.
    pub interfaces: Vec<String>,
    /// Sensors to show; empty: all.
    pub sensors: Vec<String>,
    /// From which values on figures are over a limit.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            fahrenheit: false,
            bits: false,
            average_cpu: true,
            per_cpu: true,
            column: Duration::from_secs(2),
            interfaces: Vec::new(),
            sensors: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// A device that is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its source.
    pub source: &'a SourceView,
    /// The device.
    pub device: &'a Device,
    /// Its values are old: the source is stale, or the device has disappeared.
    pub old: bool,
}

/// What one widget sees: the sources that its place in the layout selects, and how to show them.
pub struct View<'a> {
    sources: &'a [Arc<SourceView>],
    looked: Cell<usize>,
    /// The moment for which ages and graphs are drawn.
    pub now: Moment,
    /// Colours.
    pub theme: &'a Theme,
    /// Units and scales.
    pub settings: &'a Settings,
    /// Whether keys go to this widget.
    pub focused: bool,
}

impl<'a> View<'a> {
    /// A view of those sources.
    pub fn new(
        sources: &'a [Arc<SourceView>],
        now: Moment,
        theme: &'a Theme,
        settings: &'a Settings,
    ) -> View<'a> {
        View { sources, looked: Cell::new(0), now, theme, settings, focused: false }
    }

    /// The selected sources, in config order.
    pub fn sources(&self) -> &'a [Arc<SourceView>] {
        self.looked.set(self.looked.get() + self.sources.len());
        self.sources
    }

    /// How many sources are selected.
    pub fn count(&self) -> usize {
        self.sources.len()
    }

    /// The selected source, if there is but one.
    pub fn alone(&self) -> Option<&'a SourceView> {
        match self.sources {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The selected source of that [order](SourceView::order), without looking at the others.
    pub fn numbered(&self, order: usize) -> Option<&'a SourceView> {
        self.looked.set(self.looked.get() + 1);
        numbered(self.sources, order).map(|s| &**s)
    }

    /// Changes when other sources are selected: the number of sources, and the last of them.
    pub fn roster(&self) -> (usize, usize) {
        (self.sources.len(), self.sources.last().map_or(0, |s| s.order))
    }

    /// How many sources were handed out to be looked at, for tests: what is drawn on every frame must not
    /// grow with the number of sources.
    pub fn looked(&self) -> usize {
        self.looked.get()
    }

    /// The devices of a kind over all selected sources, in config order. Sources that are down are
    /// left out: their last values are no longer true.
    pub fn devices(&self, kind: Kind) -> impl Iterator<Item = Shown<'a>> + '_ {
        let now = self.now;
        let up = self.sources().iter().map(|s| &**s).filter(move |s| s.state(now) != State::Down);
        up.flat_map(move |source| {
            source.instances.iter().flat_map(move |instance| {
                let old = instance.health.state(now).is_old();
                let good = instance.health.last_good;
                instance.devices(kind).iter().map(move |device| Shown {
                    source,
                    device,
                    old: old || good > Some(device.taken),
                })
            })
        })
    }

    /// Whether any selected source has devices of that kind to show.
    pub fn has(&self, kind: Kind) -> bool {
        self.devices(kind).next().is_some()
    }

    /// A line of a graph, the newest bucket last; all gaps where nothing is known.
    pub fn graph(&self, source: &SourceView, series: &Series, window: Window) -> Vec<Option<f64>> {
        let health = source.health(series.kind).or(source.instances.first().map(|i| &i.health));
        let interval = health.map_or(Duration::from_secs(1), |h| h.interval);
        source
            .history
            .buckets(series, self.now, window, interval)
            .unwrap_or_else(|| vec![None; window.buckets])
    }

    /// The colour that stands for a source, the same in every box.
    pub fn color(&self, source: &SourceView) -> Color {
        self.theme.identity(source.order)
    }
}
