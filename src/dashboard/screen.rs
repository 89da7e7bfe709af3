//! One screen of widgets: a layout, what stands in it, and where the keys go.

use super::{
    frame::{self, Frame},
    parts::Parts,
};
use manytop_core::{
    clock::Moment,
    health::State,
    layout::{From, Item, Layout, Slot},
    options::Options,
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    view::{Snapshot, SourceView, View},
    widget::Widget,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    slice,
    sync::Arc,
};

/// A widget in its place.
pub struct Tile {
    /// What it is, and whose.
    pub item: Item,
    /// The widget.
    pub widget: Box<dyn Widget>,
    /// Where it was drawn last, border included.
    pub area: Rect,
    chosen: Chosen,
}

/// The sources of a picture that an item selects. Picked once a picture, not on every frame.
#[derive(Default)]
struct Chosen {
    picture: Option<(u64, usize)>,
    selected: Option<Source>,
    sources: Vec<Arc<SourceView>>,
}

/// One screen of widgets.
pub struct Screen {
    layout: Layout,
    /// What stands in it.
    pub tiles: Vec<Tile>,
    /// Which of them keys go to.
    pub focus: usize,
    /// The source under the cursor of its list of hosts.
    pub selected: Option<Source>,
    /// How many sources were looked at for the last frame.
    pub looked: usize,
}

/// What a person is told of a widget that panicked.
pub fn broke(item: &Item) -> String {
    format!("{} broke; the log says more", item.widget.name())
}

/// What is drawn: a picture, all of it or one source only, at a moment.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// All sources.
    pub snapshot: &'a Snapshot,
    /// The source that was opened.
    pub only: Option<&'a Source>,
    /// The moment.
    pub now: Moment,
}

impl Tile {
    /// Picks its sources out of a picture, unless it has done so before. Returns how many it looked at.
    fn choose(&mut self, snapshot: &Snapshot, selected: Option<&Source>) -> usize {
        let picture = Some((snapshot.number, snapshot.sources.len()));
        let (item, chosen) = (&self.item, &mut self.chosen);
        let same =
            chosen.picture == picture && (!item.follows() || chosen.selected.as_ref() == selected);
        if item.from.is_empty() || same {
            return 0;
        }
        let follows = |s: &SourceView| item.follows() && Some(&s.source) == selected;
        let alone = item.from.iter().all(|from| *from == From::Cursor);
        chosen.sources = if alone {
            selected.and_then(|source| snapshot.find(source)).cloned().into_iter().collect()
        } else {
            let shown = |s: &&Arc<SourceView>| item.shows(&s.source, &s.tags) || follows(s);
            snapshot.sources.iter().filter(shown).cloned().collect()
        };
        (chosen.picture, chosen.selected) = (picture, selected.cloned());
        if alone { 1 } else { snapshot.sources.len() }
    }

    /// What its widget sees.
    pub fn view<'a>(&'a self, parts: &'a Parts, seen: Seen<'a>, focused: bool) -> View<'a> {
        view(&self.item, &self.chosen.sources, parts, seen, focused)
    }
}

fn view<'a>(
    item: &Item,
    chosen: &'a [Arc<SourceView>],
    parts: &'a Parts,
    seen: Seen<'a>,
    focused: bool,
) -> View<'a> {
    let sources = match seen.only {
        Some(only) => seen.snapshot.find(only).map(slice::from_ref).unwrap_or_default(),
        None if item.from.is_empty() => &seen.snapshot.sources,
        None => chosen,
    };
    let mut view = View::new(sources, seen.now, &parts.theme, &parts.settings);
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
            let chosen = Chosen::default();
            tiles.push(Tile { item: item.clone(), widget, area: Rect::ZERO, chosen });
        }
        // keys go to the first that knows any, and to a list of hosts before others
        let knows = |t: &Tile| !t.item.widget.key_help().is_empty();
        let focus = tiles.iter().position(knows).unwrap_or(0);
        Ok(Screen { layout, tiles, focus, selected: None, looked: 0 })
    }

    /// The same for other parts: widgets whose options have changed are built anew, the others live on,
    /// and keys go where they went.
    pub fn rebuild(
        &mut self,
        old: &Parts,
        parts: &Parts,
        layout: Layout,
    ) -> Result<Screen, String> {
        let focused = self.tiles.get(self.focus).map(|tile| tile.item.clone());
        self.tiles.retain(|tile| {
            let word = tile.item.widget.name();
            old.widget_options.get(word) == parts.widget_options.get(word)
        });
        let mut screen = Screen::build(parts, layout, Some(self))?;
        let same = |t: &Tile| {
            let of = |i: &Item| i.widget.name() == t.item.widget.name() && i.from == t.item.from;
            focused.as_ref().is_some_and(of)
        };
        screen.focus = screen.tiles.iter().position(same).unwrap_or(screen.focus);
        screen.selected.clone_from(&self.selected);
        Ok(screen)
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

    /// Asks a widget with what it sees.
    pub fn ask<T>(
        &mut self,
        tile: usize,
        parts: &Parts,
        seen: Seen<'_>,
        ask: impl FnOnce(&mut dyn Widget, &View<'_>) -> T,
    ) -> Option<T> {
        let focused = tile == self.focus;
        let Tile { item, widget, chosen, .. } = self.tiles.get_mut(tile)?;
        let view = view(item, &chosen.sources, parts, seen, focused);
        let answer = ask(&mut **widget, &view);
        self.looked += view.looked();
        Some(answer)
    }

    /// Which of its widgets is a list of hosts that boxes follow, and the source under its cursor.
    pub fn select(&mut self, parts: &Parts, seen: Seen<'_>) -> Option<(usize, Source)> {
        (0..self.tiles.len()).find_map(|tile| {
            self.looked += self.tiles[tile].choose(seen.snapshot, None);
            let selected = self.ask(tile, parts, seen, |widget, view| {
                catch_unwind(AssertUnwindSafe(|| widget.selected(view))).ok().flatten()
            });
            Some((tile, selected??))
        })
    }

    /// Places and draws all widgets.
    pub fn draw(&mut self, parts: &Parts, seen: Seen<'_>, area: Rect, buffer: &mut Buffer) {
        self.looked = 0;
        if seen.only.is_none() {
            self.selected = match self.tiles.iter().any(|tile| tile.item.follows()) {
                true => self.select(parts, seen).map(|(_, source)| source),
                false => None,
            };
            for tile in &mut self.tiles {
                self.looked += tile.choose(seen.snapshot, self.selected.as_ref());
            }
        }
        let views: Vec<View<'_>> = self
            .tiles
            .iter()
            .enumerate()
            .map(|(i, tile)| tile.view(parts, seen, i == self.focus))
            .collect();
        let tiles = &self.tiles;
        let wants = |i: usize, width: u16| {
            let (Some(tile), Some(view)) = (tiles.get(i), views.get(i)) else { return Slot::Empty };
            // that a host is down is said once below a list of hosts, not by every box
            let repeats = tile.item.follows() && tiles[..i].iter().any(|t| t.item.follows());
            slot(tile, view, width, area, repeats)
        };
        let placed = self.layout.place(area, &wants);
        self.looked += views.iter().map(View::looked).sum::<usize>();
        drop(views);
        for tile in &mut self.tiles {
            tile.area = Rect::ZERO;
        }
        for (i, area) in placed {
            let Some(tile) = self.tiles.get_mut(i) else { continue };
            tile.area = area;
            let focused = i == self.focus && !tile.item.widget.key_help().is_empty();
            let inside = Frame::inside(area);
            let Tile { item, widget, chosen, .. } = tile;
            let view = &view(item, &chosen.sources, parts, seen, i == self.focus);
            let drawn = catch_unwind(AssertUnwindSafe(|| {
                if !frame::unavailable(view, inside, buffer) {
                    widget.draw(view, inside, buffer);
                }
                // a title tells what was drawn: the rows in view, the order
                Frame { title: widget.title(view, inside), focused }.draw(view, area, buffer);
            }));
            self.looked += view.looked();
            if drawn.is_err() {
                frame::message(&broke(item), parts.theme.alarm(), inside, buffer);
            }
        }
    }
}

/// What a tile can do with its place.
fn slot(tile: &Tile, view: &View<'_>, width: u16, screen: Rect, repeats: bool) -> Slot {
    let word = tile.item.widget.name();
    let small = match word {
        // where there is little room, boxes go in this order
        "temp" => screen.width < 60 || screen.height < 15,
        "disk" => screen.width < 45 || screen.height < 12,
        "net" => screen.width < 30 || screen.height < 9,
        _ => false,
    };
    let starting = || view.sources().iter().all(|s| s.state(view.now) == State::Starting);
    // before anything is known, nothing is known to be empty; a single source that is down says so
    let asleep = view.count() == 0;
    let alone_and_down = view.alone().is_some_and(|one| one.state(view.now) == State::Down);
    if small || asleep || (alone_and_down && repeats) {
        return Slot::Empty;
    }
    if !alone_and_down && tile.widget.is_empty(view) && !starting() {
        return Slot::Empty;
    }
    match tile.widget.rows(view, width.saturating_sub(2)) {
        Some(rows) => Slot::Rows(rows.saturating_add(2)),
        None => Slot::All,
    }
}
