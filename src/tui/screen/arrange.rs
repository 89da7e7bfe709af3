//! Where the boxes of a screen go.

use super::{Arrangement, FrameContext, Pane, Screen, slot};
use crate::tui::{
    dashboard_config::DashboardConfig,
    placing::{self, Candidate, Placement},
};
use manytop_core::{
    layout::{BoxFill, Layout, LayoutEdit},
    ratatui_core::layout::Rect,
    view::View,
};

impl Screen {
    /// The places of its boxes, and how many sources were looked at for them.
    pub(super) fn placements(
        &self,
        parts: &DashboardConfig,
        seen: FrameContext<'_>,
        area: Rect,
    ) -> (Vec<Placement>, usize) {
        let views = self.views(parts, seen);
        let whole = |(index, area)| Placement { index, area, border: true };
        let placed = match (self.enlarged.filter(|at| *at < self.tiles.len()), self.arrangement) {
            (Some(only), _) => vec![whole((only, area))],
            (None, Arrangement::One) => placing::one(area, &self.candidates(&views, area)),
            (None, Arrangement::Several) => placing::several(area, &self.candidates(&views, area)),
            (None, Arrangement::Layout) => {
                let wants = |i: usize, width: u16| self.wants(i, width, &views, area);
                self.layout.place(area, &wants).into_iter().map(whole).collect()
            }
        };
        (placed, views.iter().map(View::looked).sum())
    }

    /// Its layout as it is drawn now, where the size of the screen says where boxes go. Boxes that have nothing
    /// to show come at the end; those for which there is no room are left out. `None` where no box has a border.
    pub fn edit_as_drawn(
        &self,
        parts: &DashboardConfig,
        seen: FrameContext<'_>,
    ) -> Option<LayoutEdit> {
        let views = self.views(parts, seen);
        let mut candidates = self.candidates(&views, self.area);
        // the details beside a list cover other boxes only for a while
        candidates.iter_mut().for_each(|one| one.is_wide = false);
        let placed = match self.arrangement {
            Arrangement::Several => placing::several(self.area, &candidates),
            _ => placing::one(self.area, &candidates),
        };
        if placed.iter().any(|one| !one.border) {
            return None;
        }
        let places: Vec<(usize, Rect)> = placed.iter().map(|one| (one.index, one.area)).collect();
        let is_empty = |n: &usize| candidates[*n].slot == BoxFill::Empty;
        let waiting: Vec<usize> = (0..candidates.len()).filter(is_empty).collect();
        LayoutEdit::of_places(self.layout.items(), &places, &waiting, self.focus)
    }

    /// Its layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn views<'a>(&'a self, parts: &'a DashboardConfig, seen: FrameContext<'a>) -> Vec<View<'a>> {
        let tiles = self.tiles.iter().enumerate();
        tiles.map(|(i, tile)| tile.view(parts, seen, i == self.focus)).collect()
    }

    fn candidates(&self, views: &[View<'_>], area: Rect) -> Vec<Candidate> {
        let candidate = |(i, tile): (usize, &Pane)| Candidate {
            word: tile.item.widget.name(),
            follows: tile.item.follows(),
            slot: self.wants(i, placing::width(tile.item.widget.name(), area.width), views, area),
            is_wide: tile.widget.is_wide(),
        };
        self.tiles.iter().enumerate().map(candidate).collect()
    }

    fn wants(&self, i: usize, width: u16, views: &[View<'_>], area: Rect) -> BoxFill {
        let (Some(tile), Some(view)) = (self.tiles.get(i), views.get(i)) else {
            return BoxFill::Empty;
        };
        // the placing by size knows itself what small screens have room for
        let rules = (self.arrangement == Arrangement::Layout).then_some(area);
        // that a host is down is said once below a list of hosts, and once where it was opened
        let repeats = || {
            let opened = view.alone().filter(|_| rules.is_none()).map(|one| &one.source);
            let is_same = |other: &View<'_>| other.alone().map(|one| &one.source) == opened;
            tile.item.follows() && self.tiles[..i].iter().any(|tile| tile.item.follows())
                || opened.is_some() && views[..i].iter().any(is_same)
        };
        slot(tile, view, width, rules, repeats)
    }
}
