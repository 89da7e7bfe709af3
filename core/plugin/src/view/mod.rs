//! What widgets see: a picture of all sources at one moment, read-only.

mod engine_past;
mod log;
mod snapshot;
mod source_view;

pub use engine_past::{EnginePast, EngineWindow};
pub use log::{DeviceLog, LogLine};
pub use snapshot::Snapshot;
pub use source_view::{Device, Devices, InstanceView, Role, SourceView};

use snapshot::numbered;

use crate::{
    alert::AlertBoard,
    clock::Moment,
    health::State,
    history::{Series, Window},
    host_metric::Limits,
    reading::Kind,
    source::Source,
    theme::Theme,
};
use ratatui_core::style::{Color, Style};
use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, SystemTime},
};

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
    /// The time that one column of a graph covers.
    pub column: Duration,
    /// Interfaces to show; those after a `!` are left out. Empty: all.
    pub interfaces: Vec<String>,
    /// Sensors to show; empty: all.
    pub sensors: Vec<String>,
    /// From which values on figures are over a limit.
    pub limits: Limits,
    /// The hosts that are compared side by side, which have the first colours.
    pub compared: Vec<Source>,
}

/// Up to so many hosts have a colour each: more could not be told apart.
pub const HOST_COLORS: usize = 8;

impl Settings {
    /// The number of a host's colour: its place among those that are compared, else in the config. `None` for
    /// one that has no colour of its own.
    pub fn host_color(&self, source: &SourceView) -> Option<usize> {
        let place = self.compared.iter().position(|compared| *compared == source.source);
        let own = Some(source.order).filter(|_| self.compared.is_empty());
        place.or(own).filter(|place| *place < HOST_COLORS)
    }
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
            compared: Vec::new(),
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
    /// Whether other boxes show the source under this widget's cursor.
    pub is_followed: bool,
    /// The alerts that fire; `None` where none are observed.
    pub alerts: Option<&'a AlertBoard>,
    /// The log of the process or the service that is shown with details, where one was found.
    pub log: Option<&'a DeviceLog>,
}

impl<'a> View<'a> {
    /// A view of those sources.
    pub fn new(
        sources: &'a [Arc<SourceView>],
        now: Moment,
        theme: &'a Theme,
        settings: &'a Settings,
    ) -> View<'a> {
        View {
            sources,
            looked: Cell::new(0),
            now,
            theme,
            settings,
            focused: false,
            is_followed: false,
            alerts: None,
            log: None,
        }
    }

    /// The time of day at the moment that is drawn.
    pub fn wall(&self) -> SystemTime {
        let (now, wall) = (Moment::now(), SystemTime::now());
        let at = wall.checked_sub(now.since(self.now)).unwrap_or(wall);
        at.checked_add(self.now.since(now)).unwrap_or(at)
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
    /// left out: their last values are no longer true. One that is shown alone is not, and its values are
    /// old: they show how it was.
    pub fn devices(&self, kind: Kind) -> impl Iterator<Item = Shown<'a>> + '_ {
        let (now, alone) = (self.now, self.alone().is_some());
        let shown = move |s: &&SourceView| alone || s.state(now) != State::Down;
        let up = self.sources().iter().map(|s| &**s).filter(shown);
        up.flat_map(move |source| {
            source.instances.iter().flat_map(move |instance| {
                let old = instance.health.state(now).is_old();
                let good = instance.health.last_good;
                instance.devices(kind).iter().map(move |device| Shown {
                    source,
                    device,
                    old: old || good > Some(device.read_at),
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

    /// The highest value of a line in a window with buckets of a minute or longer: their means hide it.
    /// `None` for shorter ones.
    pub fn peak(&self, source: &SourceView, series: &Series, window: Window) -> Option<f64> {
        let bucket = Some(window.bucket).filter(|bucket| *bucket >= Duration::from_secs(60))?;
        let span = bucket * u32::try_from(window.buckets).unwrap_or(u32::MAX);
        source.history.peak(series, self.now.before(span), self.now)
    }

    /// The colour of a source, the same in every box.
    pub fn color(&self, source: &SourceView) -> Color {
        self.theme.identity(self.settings.host_color(source).unwrap_or(source.order))
    }

    /// The same as a style; that of names for a host without a colour of its own.
    pub fn host(&self, source: &SourceView) -> Style {
        self.settings.host_color(source).map_or(self.theme.hi, |place| self.theme.host(place))
    }
}
