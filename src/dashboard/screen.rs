//! One screen of widgets: a layout, what stands in it, and where the keys go.

use super::{
    frame::{self, Frame},
    parts::Parts,
};
use manytop_core::{
    clock::Moment,
    health::State,
    layout::{Item, Layout, Slot},
    options::Options,
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    view::{Snapshot, SourceView, View},
    widget::Widget,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A widget in its place.
pub struct Tile {
    /// What it is, and whose.
    pub item: Item,
    /// The widget.
    pub widget: Box<dyn Widget>,
    /// Where it was drawn last, border included.
    pub area: Rect,
}

/// One screen of widgets.
pub struct Screen {
    layout: Layout,
    /// What stands in it.
    pub tiles: Vec<Tile>,
    /// Which of them keys go to.
    pub focus: usize,
}

/// What a person is told of a widget that panicked.
pub fn broke(item: &Item) -> String {
    format!("{} broke; the log says more", item.widget.name())
}

/// What an item's widget sees.
pub fn view<'a>(
    parts: &'a Parts,
    item: &Item,
    snapshot: &'a Snapshot,
    only: Option<&Source>,
    now: Moment,
    focused: bool,
) -> View<'a> {
    let shown = |s: &&SourceView| match only {
        Some(only) => s.source == *only,
        None => item.shows(&s.source, &s.tags),
    };
    let sources = snapshot.sources.iter().map(|s| &**s).filter(shown).collect();
    let mut view = View::new(sources, now, &parts.theme, &parts.settings);
    view.focused = focused;
    view
}

impl Screen {
    /// Builds a layout's widgets; those of `old` at the same place in the layout's order go on living,
    /// with their cursors and filters.
    pub fn build(
        parts: &Parts,
        layout: Layout,
        old: Option<&mut Screen>,
    ) -> Result<Screen, String> {
        let mut kept: Vec<Tile> = old.map(|s| std::mem::take(&mut s.tiles)).unwrap_or_default();
        let mut tiles = Vec::new();
        for item in layout.items() {
            let same =
                |t: &Tile| t.item.widget.name() == item.widget.name() && t.item.from == item.from;
            let widget = match kept.iter().position(same) {
                Some(at) => kept.swap_remove(at).widget,
                None => {
                    let word = item.widget.name();
                    let options = match parts.widget_options.get(word) {
                        Some(options) => options.clone(),
                        None => Options::parse(item.widget.specs(), &[])?,
                    };
                    item.widget.build(&options).map_err(|e| format!("widget-{word}-{e}"))?
                }
            };
            tiles.push(Tile { item: item.clone(), widget, area: Rect::ZERO });
        }
        // keys go to the first that knows any, and to a list of hosts before others
        let knows = |t: &Tile| !t.item.widget.key_help().is_empty();
        let focus = tiles.iter().position(knows).unwrap_or(0);
        Ok(Screen { layout, tiles, focus })
    }

    /// The words of its widgets.
    pub fn words(&self) -> Vec<&'static str> {
        self.tiles.iter().map(|t| t.item.widget.name()).collect()
    }

    /// Moves the focus to the next widget that is on the screen and knows keys.
    pub fn focus_next(&mut self) {
        let n = self.tiles.len();
        let next = (1..=n).map(|i| (self.focus + i) % n).find(|&i| {
            let tile = &self.tiles[i];
            !tile.area.is_empty() && !tile.item.widget.key_help().is_empty()
        });
        self.focus = next.unwrap_or(self.focus);
    }

    /// Places and draws all widgets.
    pub fn draw(
        &mut self,
        parts: &Parts,
        snapshot: &Snapshot,
        only: Option<&Source>,
        now: Moment,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let views: Vec<View<'_>> = self
            .tiles
            .iter()
            .enumerate()
            .map(|(i, tile)| view(parts, &tile.item, snapshot, only, now, i == self.focus))
            .collect();
        let tiles = &self.tiles;
        let wants = |i: usize, width: u16| {
            let (Some(tile), Some(view)) = (tiles.get(i), views.get(i)) else { return Slot::Empty };
            slot(tile, view, width, area)
        };
        let placed = self.layout.place(area, &wants);
        for tile in &mut self.tiles {
            tile.area = Rect::ZERO;
        }
        for (i, area) in placed {
            let (Some(tile), Some(view)) = (self.tiles.get_mut(i), views.get(i)) else { continue };
            tile.area = area;
            let focused = i == self.focus && !tile.item.widget.key_help().is_empty();
            let inside = Frame::inside(area);
            let widget = &mut tile.widget;
            let drawn = catch_unwind(AssertUnwindSafe(|| {
                if !frame::unavailable(view, inside, buffer) {
                    widget.draw(view, inside, buffer);
                }
                // a title tells what was drawn: the rows in view, the order
                Frame { title: widget.title(view, inside), focused }.draw(view, area, buffer);
            }));
            if drawn.is_err() {
                frame::message(&broke(&tile.item), parts.theme.alarm(), inside, buffer);
            }
        }
    }
}

/// What a tile can do with its place.
fn slot(tile: &Tile, view: &View<'_>, width: u16, screen: Rect) -> Slot {
    let word = tile.item.widget.name();
    let small = match word {
        // where there is little room, boxes go in this order
        "temp" => screen.width < 60 || screen.height < 15,
        "disk" => screen.width < 45 || screen.height < 12,
        "net" => screen.width < 30 || screen.height < 9,
        _ => false,
    };
    let starting = view.sources().iter().all(|s| s.state(view.now) == State::Starting);
    // before anything is known, nothing is known to be empty; a single source that is down says so
    let asleep = view.sources().is_empty();
    let alone_and_down = matches!(view.sources(), [one] if one.state(view.now) == State::Down);
    if small || asleep {
        return Slot::Empty;
    }
    if !starting && !alone_and_down && tile.widget.is_empty(view) {
        return Slot::Empty;
    }
    match tile.widget.rows(view, width.saturating_sub(2)) {
        Some(rows) => Slot::Rows(rows.saturating_add(2)),
        None => Slot::All,
    }
}
