//! One screen of widgets: a layout, its panes, and where the keys go.

mod arrange;
mod focus;

use super::{
    frame::{self, Frame},
    placing::Placement,
};
use crate::config::layouts::Size;
use crate::tui::dashboard_config::DashboardConfig;
use manytop_core::{
    clock::Moment,
    health::State,
    layout::{BoxFill, From, Item, Layout},
    options::Options,
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    view::{Snapshot, SourceView, View},
    widget::{Axis, Widget},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    slice,
    sync::Arc,
};

/// A widget in its place.
pub struct Pane {
    /// Its widget and its source.
    pub item: Item,
    /// The widget.
    pub widget: Box<dyn Widget>,
    /// Where it was drawn last, border included.
    pub area: Rect,
    /// Whether it was drawn with a border.
    pub border: bool,
    /// Its time axis, as it was drawn last.
    pub axis: Option<Axis>,
    chosen: SelectedSources,
}

/// The sources of a picture that an item selects. Picked once a picture, not on every frame.
#[derive(Default)]
struct SelectedSources {
    picture: Option<(u64, usize)>,
    selected: Option<Source>,
    sources: Vec<Arc<SourceView>>,
}

/// How boxes are placed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Arrangement {
    /// As the lines of the layout say.
    #[default]
    Layout,
    /// By the size of the screen, for one machine.
    One,
    /// By the size of the screen, for a list of hosts and the host under its cursor.
    Several,
}

impl Arrangement {
    /// The one of a size of the `default` layout.
    pub fn of(size: Size) -> Arrangement {
        match size {
            Size::Any => Arrangement::Layout,
            Size::One => Arrangement::One,
            Size::Few | Size::Fleet => Arrangement::Several,
        }
    }
}

/// One screen of widgets.
pub struct Screen {
    layout: Layout,
    /// Its panes.
    pub tiles: Vec<Pane>,
    /// Which of them has the focus.
    pub focus: usize,
    /// Which of them keys go to: the one with the focus, or the last that had it and takes keys.
    pub keys: usize,
    /// The one that has the whole screen.
    pub enlarged: Option<usize>,
    /// How its boxes are placed.
    pub arrangement: Arrangement,
    /// The source under the cursor of its list of hosts.
    pub selected: Option<Source>,
    /// How many sources were looked at for the last frame.
    pub looked: usize,
    /// The text at the right end of time axes; `None` for the present.
    pub instant: Option<String>,
    /// Where it was drawn last.
    pub area: Rect,
}

/// The message in place of a widget that panicked.
pub fn broke(item: &Item) -> String {
    format!("{} broke; the log says more", item.widget.name())
}

/// What is drawn: a picture, all of it or one source only, at a moment.
#[derive(Clone, Copy)]
pub struct FrameContext<'a> {
    /// All sources.
    pub snapshot: &'a Snapshot,
    /// The source that was opened.
    pub only: Option<&'a Source>,
    /// The moment.
    pub now: Moment,
}

impl Pane {
    /// Its place without the border.
    pub fn inside(&self) -> Rect {
        if self.border { Frame::inside(self.area) } else { self.area }
    }

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
    pub fn view<'a>(
        &'a self,
        parts: &'a DashboardConfig,
        seen: FrameContext<'a>,
        focused: bool,
    ) -> View<'a> {
        view(&self.item, &self.chosen.sources, parts, seen, focused)
    }
}

fn view<'a>(
    item: &Item,
    chosen: &'a [Arc<SourceView>],
    parts: &'a DashboardConfig,
    seen: FrameContext<'a>,
    focused: bool,
) -> View<'a> {
    let sources = match seen.only {
        Some(only) => seen.snapshot.find(only).map(slice::from_ref).unwrap_or_default(),
        None if item.from.is_empty() => &seen.snapshot.sources,
        None => chosen,
    };
    let mut view = View::new(sources, seen.now, &parts.theme, &parts.settings);
    view.focused = focused;
    view.alerts = Some(&parts.alerts);
    view.log = parts.log.as_deref();
    view
}

impl Screen {
    /// Builds a layout's widgets; those of `old` at the same place in the layout's order go on living,
    /// with their cursors and filters.
    pub fn build(
        parts: &DashboardConfig,
        layout: Layout,
        old: Option<&mut Screen>,
    ) -> Result<Screen, String> {
        let mut kept: Vec<Pane> = old.map(|s| std::mem::take(&mut s.tiles)).unwrap_or_default();
        let mut tiles = Vec::new();
        for item in layout.items() {
            let same =
                |t: &Pane| t.item.widget.name() == item.widget.name() && t.item.from == item.from;
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
            let chosen = SelectedSources::default();
            tiles.push(Pane {
                item: item.clone(),
                widget,
                area: Rect::ZERO,
                border: true,
                axis: None,
                chosen,
            });
        }
        // keys go to the first that knows any, and to a list of hosts before others
        let knows = |t: &Pane| t.item.widget.takes_keys();
        let focus = tiles.iter().position(knows).unwrap_or(0);
        Ok(Screen {
            layout,
            tiles,
            focus,
            keys: focus,
            enlarged: None,
            arrangement: Arrangement::default(),
            selected: None,
            looked: 0,
            instant: None,
            area: Rect::ZERO,
        })
    }

    /// The same for other parts: widgets with changed options are built again, the others live on, keys go
    /// where they went, and what was enlarged stays so.
    pub fn rebuild(
        &mut self,
        old: &DashboardConfig,
        parts: &DashboardConfig,
        layout: Layout,
    ) -> Result<Screen, String> {
        let item = |at: usize| self.tiles.get(at).map(|tile| tile.item.clone());
        let (focused, enlarged) = (item(self.focus), self.enlarged.and_then(item));
        self.tiles.retain(|tile| {
            let word = tile.item.widget.name();
            old.widget_options.get(word) == parts.widget_options.get(word)
        });
        let mut screen = Screen::build(parts, layout, Some(self))?;
        let place = |of: Option<Item>| {
            let (name, from) = of.map(|item| (item.widget.name(), item.from))?;
            screen.tiles.iter().position(|t| t.item.widget.name() == name && t.item.from == from)
        };
        let (focus, enlarged) = (place(focused), place(enlarged));
        focus.into_iter().for_each(|at| screen.set_focus(at));
        screen.enlarged = enlarged;
        screen.selected.clone_from(&self.selected);
        Ok(screen)
    }

    /// The words of its widgets.
    pub fn words(&self) -> Vec<&'static str> {
        self.tiles.iter().map(|t| t.item.widget.name()).collect()
    }

    /// Asks a widget with what it sees.
    pub fn ask<T>(
        &mut self,
        tile: usize,
        parts: &DashboardConfig,
        seen: FrameContext<'_>,
        ask: impl FnOnce(&mut dyn Widget, &View<'_>) -> T,
    ) -> Option<T> {
        let focused = tile == self.focus;
        let Pane { item, widget, chosen, .. } = self.tiles.get_mut(tile)?;
        let view = view(item, &chosen.sources, parts, seen, focused);
        let answer = ask(&mut **widget, &view);
        self.looked += view.looked();
        Some(answer)
    }

    /// Which of its widgets is a list of hosts that boxes follow, and the source under its cursor.
    pub fn select(
        &mut self,
        parts: &DashboardConfig,
        seen: FrameContext<'_>,
    ) -> Option<(usize, Source)> {
        (0..self.tiles.len()).find_map(|tile| {
            self.looked += self.tiles[tile].choose(seen.snapshot, None);
            let selected = self.ask(tile, parts, seen, |widget, view| {
                catch_unwind(AssertUnwindSafe(|| widget.selected(view))).ok().flatten()
            });
            Some((tile, selected??))
        })
    }

    /// Places and draws all widgets.
    pub fn draw(
        &mut self,
        parts: &DashboardConfig,
        seen: FrameContext<'_>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
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
        self.area = area;
        let (placed, looked) = self.placements(parts, seen, area);
        self.looked += looked;
        for tile in &mut self.tiles {
            tile.area = Rect::ZERO;
        }
        for Placement { index, area, border } in &placed {
            if let Some(tile) = self.tiles.get_mut(*index) {
                (tile.area, tile.border) = (*area, *border);
            }
        }
        self.focus_visible();
        let digits = self.digits();
        let is_followed = placed.iter().any(|p| self.tiles[p.index].item.follows());
        let is_named = seen.only.is_some() && parts.statusbar;
        for Placement { index: i, area, .. } in placed {
            let Some(tile) = self.tiles.get_mut(i) else { continue };
            let focused = i == self.focus;
            let digit =
                digits.iter().position(|at| *at == i).map(|n| n as u8 + 1).filter(|n| *n < 10);
            let (inside, border) = (tile.inside(), tile.border);
            let Pane { item, widget, chosen, axis, .. } = tile;
            let instant = self.instant.clone();
            *axis = None;
            let mut view = view(item, &chosen.sources, parts, seen, i == self.focus);
            view.is_followed = is_followed;
            let view = &view;
            let drawn = catch_unwind(AssertUnwindSafe(|| {
                if !frame::unavailable(view, item.follows(), inside, buffer) {
                    widget.draw(view, inside, buffer);
                }
                // a title tells what was drawn: the rows in view, the order
                if border {
                    let title = widget.title(view, inside);
                    *axis = title.axis;
                    Frame { title, digit, focused, is_named, instant }.draw(view, area, buffer);
                }
            }));
            self.looked += view.looked();
            if drawn.is_err() {
                frame::message(&broke(item), parts.theme.alarm(), inside, buffer);
            }
        }
    }
}

/// Boxes of what few machines have: they take no place before something is known of it.
const RARE: [&str; 6] = ["batt", "container", "fan", "gpu", "power", "storage"];

/// What a tile can do with its place.
fn slot(
    tile: &Pane,
    view: &View<'_>,
    width: u16,
    screen: Option<Rect>,
    repeats: impl FnOnce() -> bool,
) -> BoxFill {
    let word = tile.item.widget.name();
    let small = screen.is_some_and(|screen| match word {
        // where there is little room, boxes go in this order
        "temp" => screen.width < 60 || screen.height < 15,
        "disk" => screen.width < 45 || screen.height < 12,
        "net" => screen.width < 30 || screen.height < 9,
        _ => false,
    });
    // a widget without kinds is not waiting for any source
    let waits = !tile.item.widget.kinds().is_empty() && !RARE.contains(&word);
    let starting = || waits && view.sources().iter().all(|s| s.state(view.now) == State::Starting);
    // before anything is known, nothing is known to be empty; a single source without values says so
    let asleep = view.count() == 0;
    let is_blank = frame::blank(view, tile.item.follows()).is_some();
    if small || asleep || (is_blank && repeats()) {
        return BoxFill::Empty;
    }
    if !is_blank && tile.widget.is_empty(view) && !starting() {
        return BoxFill::Empty;
    }
    // the graph of one host's network can have any height that a layout gives it
    let grows = word == "net" && screen.is_some() && view.alone().is_some();
    match tile.widget.rows(view, width.saturating_sub(2)).filter(|_| !grows) {
        Some(rows) => BoxFill::Rows(rows.saturating_add(2)),
        None => BoxFill::All,
    }
}
