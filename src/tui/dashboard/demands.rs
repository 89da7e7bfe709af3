//! What a dashboard needs collected: what its boxes show, and what history keeps.

use super::*;
use crate::tui::{past::engine::SPAN, screen::Pane};
use manytop_core::{
    engine::{Demand, DemandedPast},
    host_stats::HostStats,
    provider::Selection,
    reading::Kind,
    registry::Registry,
    store::{KeptPast, Selects},
    vocabulary::{HOST, SERIES},
};

/// Of so many hosts that were opened last, every graph is kept.
pub const OPENED: usize = 4;

/// The kinds of devices that last: their graphs are kept whether or not they are shown.
pub fn lasting_kinds(registry: &Registry) -> Vec<Kind> {
    let yields = registry.providers().iter().flat_map(|provider| provider.what().iter());
    let mut kinds: Vec<Kind> =
        yields.map(|y| y.kind()).filter(|k| !k.is_transient() && !k.is_private()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

impl Dashboard {
    /// What it needs collected.
    pub fn demands(&self) -> Vec<Demand> {
        let status = Wants { want: Selection::kinds(&[HOST]), history: Vec::new() };
        let local = |s: &Source, _: &[String]| *s == Source::Local;
        let demand = |selects: Selects, wants, closely| Demand {
            selects,
            wants,
            scheduled: true,
            closely,
            past: None,
        };
        let mut demands = vec![demand(Arc::new(local), status, false)];
        let shows_any = |tile: &&Pane| self.main.selected.is_some() || !tile.item.only_follows();
        demands.extend(self.main.tiles.iter().filter(shows_any).map(|tile| {
            let (item, selected) = (tile.item.clone(), self.main.selected.clone());
            let selected = selected.filter(|_| item.follows());
            let followed = selected.clone();
            let selected_is = |source: &Source| followed.as_ref() == Some(source);
            let selects = move |s: &Source, tags: &[String]| {
                item.shows(s, tags) || selected.as_ref() == Some(s)
            };
            let past = self.past_beyond_memory().filter(|past| selected_is(&past.source));
            Demand { past, ..demand(Arc::new(selects), tile.widget.wants(), false) }
        }));
        if let Some((source, screen)) = &self.opened {
            demands.extend(screen.tiles.iter().map(|tile| {
                let only = source.clone();
                let selects = move |s: &Source, _: &[String]| *s == only;
                let hour = DemandedPast { source: source.clone(), span: SPAN, until: None };
                let hour = self.parts.history.map(|_| hour);
                let past = self.past_beyond_memory().filter(|past| past.source == *source).or(hour);
                Demand { past, ..demand(Arc::new(selects), tile.widget.wants(), true) }
            }));
        }
        if let Some(source) = self.explored().cloned() {
            let wants = Wants { want: Selection::kinds(&[SERIES]), history: Vec::new() };
            let selects = move |s: &Source, _: &[String]| *s == source;
            demands.push(demand(Arc::new(selects), wants, true));
        }
        if let Some(source) = self.added() {
            let wants = Wants { want: Selection::kinds(&HostStats::KINDS), history: Vec::new() };
            let selects = move |s: &Source, _: &[String]| *s == source;
            demands.push(demand(Arc::new(selects), wants, false));
        }
        demands.extend(self.history_demands());
        demands
    }

    /// The span around an instant that is not in memory, which the engine of the host that is shown has.
    fn past_beyond_memory(&self) -> Option<DemandedPast> {
        let (source, until) = self.past.beyond_memory()?;
        Some(DemandedPast { source, span: SPAN, until: Some(until) })
    }

    /// What its widgets want, and of which sources where that is not the layout's to say, to be compared
    /// with what they wanted before: it changes with their size and with what a person does.
    pub fn wants(&self) -> DashboardWants {
        let opened = self.opened.iter().flat_map(|(_, screen)| &screen.tiles);
        let tiles = self.main.tiles.iter().chain(opened);
        let opened = self.opened.as_ref().map(|(s, _)| s.clone());
        let looked = self.explored().cloned().or_else(|| self.added());
        let sources = [self.main.selected.clone(), opened, looked];
        (tiles.map(|tile| tile.widget.wants()).collect(), sources, self.past.beyond_memory())
    }

    /// What is kept whatever is on the screen.
    pub fn kept_past(&self) -> Option<KeptPast> {
        let (span, memory) = self.parts.history?;
        let opened = self.opened_last.clone();
        let devices: Selects = Arc::new(move |source, _| opened.contains(source));
        Some(KeptPast { span, memory, devices, told: SPAN })
    }

    /// What history needs collected: of this machine all kinds that last, of the hosts that were opened
    /// last the same, of all that the layout shows the figures of a host.
    pub(super) fn history_demands(&self) -> Vec<Demand> {
        if self.parts.history.is_none() {
            return Vec::new();
        }
        let kinds = lasting_kinds(&self.parts.registry);
        let demand = |selects: Selects, kinds: &[Kind]| Demand {
            selects,
            wants: Wants { want: Selection::kinds(kinds), history: Vec::new() },
            scheduled: true,
            closely: false,
            past: None,
        };
        let opened = self.opened_last.clone();
        let all = move |s: &Source, _: &[String]| *s == Source::Local || opened.contains(s);
        let items: Vec<_> = self.main.tiles.iter().map(|tile| tile.item.clone()).collect();
        let shown = move |s: &Source, tags: &[String]| items.iter().any(|i| i.shows(s, tags));
        vec![demand(Arc::new(all), &kinds), demand(Arc::new(shown), &HostStats::KINDS)]
    }
}
