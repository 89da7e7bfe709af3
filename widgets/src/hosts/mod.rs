//! One row a source: is it there, how old are its values, what is wrong with it, and its figures.
//!
//! ```text
//!     HOST   STATE  AGE  CPU%            MEM%      USED  DISK%  FULLEST  RX/s  TX/s   °C  LOAD    UP  WHY
//! x ▌ pi4    DOWN    3m     -  ⣤⣤········    -         -      -  -           -     -    -     -     -  connection refused, next try in 8 s
//! ? ▌ nas    stale  12s    12? ⣀⣀⣀⣀⣀⣀⣀···   40? 3.2/8.0G     88? /tank    9.0k? 2.0k?  51?  0.4? 201d  no answer for 12 s
//! ! ▌ db-3   live    1s    71  ⣶⣶⣶⣶⣴⣶⣶⣶⣶⣷   88! 56.3/64G     91! /data     88M   12M   79  11.2   90d  disk 91 > 80
//! ```
//!
//! Up to eight hosts have a colour each. More than that are a fleet: the reason is in front of the figures.
//!
//! Where all hosts fit, those in trouble come first and the rest as the config has them. Where they do not, the
//! worst come first (down, stale, over a limit, then the highest against its limit), and above the table a map
//! has a cell for each. The order is renewed every five seconds, and the row under the cursor never moves. Old
//! values are dim and have a `?`; of a host that is down there is only the reason.
//!
//! Only rows in view are built, and nothing that a frame does grows with the number of hosts.
//!
//! | option | default | |
//! |---|---|---|
//! | `pinned` | none | hosts at the top, between commas: names or patterns, `db-*` |
//! | `columns` | | the columns to show behind the name, in their order; the usual ones if none is named |

mod cells;
mod chosen;
mod columns;
mod commands;
mod groups;
mod map;
mod marks;
mod order;
mod sign;
mod tiers;
mod title;
mod why;

use crate::{filter::Filter, picker::Picker};
use cells::HostRow;
use columns::{HostColumnId, PlacedHostColumn};
use commands::COMMANDS;
use groups::HostGroups;
use manytop_plugin::{
    draw::{Canvas, rows, table::Cursor},
    filter::Expression,
    host_stats::HostStats,
    options::Opt,
    provider::{BuildError, Selection},
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    view::{HOST_COLORS, SourceView, View},
    vocabulary as v,
    widget::{ColumnChoice, Keep, Key, Mouse, Move, Outcome, Plugin, Title, Wants, Widget},
};
use map::Map;
use order::HostOrder;

static PINNED: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "pinned",
    "",
    "Hosts that stand first, between commas: names or patterns, db-*",
);
static COLUMNS: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "columns",
    "",
    "The columns to show behind the name, in their order; the usual ones if none is named",
);

manytop_plugin::inventory::submit! {
    Plugin::new("hosts", "One row a source: state, age, figures, and why not", |options| {
        let order = HostOrder::pinning(options.get(&PINNED));
        let chosen = chosen::parse(&options.get(&COLUMNS));
        let chosen = chosen.map_err(|problem| BuildError::new(COLUMNS.spec(), problem))?;
        Ok(Box::new(Hosts { order, chosen, ..Hosts::default() }))
    })
        .draws(&[v::HOST])
        .options(&[PINNED.spec(), COLUMNS.spec()])
        .list()
        .commands(COMMANDS)
}

/// What a list is while its filter lets nothing through.
const NOTHING: &str = "nothing matches; {Esc} clears the filter";

#[derive(Default)]
struct Hosts {
    filter: Filter,
    /// Why the filter cannot be read; the last that could holds.
    unread: Option<String>,
    order: HostOrder,
    cursor: Cursor<usize>,
    map: Map,
    /// Rows of groups, while those are shown.
    groups: Option<(HostGroups, Cursor<usize>)>,
    /// How many rows there were for hosts when it was drawn last.
    room: usize,
    /// Rows of the map, as it was drawn last.
    map_rows: u16,
    placed: Vec<PlacedHostColumn<HostColumnId>>,
    /// The numbers of the hosts that are marked, in the order of the marks.
    marked: Vec<usize>,
    /// The columns that were chosen; empty: the usual ones.
    chosen: Vec<HostColumnId>,
    /// Whether it was drawn with few hosts, which have columns of their own.
    few: bool,
    /// The menu of columns, while it is open.
    menu: Option<Picker>,
}

impl Hosts {
    /// Sorts, groups and scales where that is due.
    fn refresh(&mut self, view: &View<'_>, room: usize) {
        self.room = room;
        if self.order.refresh(view, room) {
            self.cursor.hold(&mut self.order.rows);
            self.map.group(view); // a config that is read again may give other tags
            self.map.scale(view);
        }
        if let Some((groups, _)) = &mut self.groups {
            let only = &self.order.only;
            groups.refresh(view, |s| only.as_ref().is_none_or(|only| only.holds(s, view.now)));
        }
    }

    /// What follows from a key: another order, in which the cursor goes with its host.
    fn resort(&mut self, view: &View<'_>) {
        self.order.spoil();
        if self.order.refresh(view, self.room) {
            self.cursor.follow(&self.order.rows);
            self.map.scale(view);
        }
        if let Some((groups, _)) = &mut self.groups {
            groups.spoil();
        }
    }

    fn put_filter(&mut self, view: &View<'_>) {
        match Expression::parse(self.filter.text().unwrap_or_default()) {
            Ok(only) => {
                self.unread = None;
                if self.order.only != only {
                    self.order.only = only;
                    self.order.spoil();
                    self.order.refresh(view, self.room);
                    self.cursor.hold(&mut self.order.rows);
                    if let Some((groups, _)) = &mut self.groups {
                        groups.spoil();
                    }
                }
            }
            Err(error) => self.unread = Some(error.problem),
        }
    }

    /// The host that the cursor is on: the first until a person moves it.
    fn current(&self) -> Option<usize> {
        self.cursor.on().or_else(|| self.order.rows.first()).copied()
    }

    fn put_cursor(&mut self, number: usize) {
        if let Some(at) = self.order.rows.iter().position(|n| *n == number) {
            self.cursor.set(at, &self.order.rows);
        }
    }

    fn open_group(&mut self, view: &View<'_>) {
        let Some((groups, cursor)) = self.groups.take() else { return };
        if let Some(tag) = groups.tags().nth(cursor.at()) {
            let quoted = tag.contains(|c: char| !c.is_alphanumeric() && !"-_.:".contains(c));
            let text = match tag {
                "" => "tag=".to_owned(),
                tag if quoted => format!("#\"{tag}\""),
                tag => format!("#{tag}"),
            };
            self.filter.set(text);
            self.put_filter(view);
        }
    }

    fn draw_table(&mut self, view: &View<'_>, on: &mut Canvas<'_>) {
        let theme = view.theme;
        let range = self.cursor.view(self.order.rows.len(), on.height().saturating_sub(1));
        let in_view = self.order.rows[range.clone()].iter();
        let shown: Vec<&SourceView> = in_view.filter_map(|n| view.numbered(*n)).collect();
        let suffix = self.order.suffix.as_str();
        let name = |s: &SourceView| {
            let name = s.source.name();
            name.strip_suffix(suffix).unwrap_or(name).to_owned()
        };
        let placed = columns::placed(view, &shown, name, (on.width(), &self.chosen));
        let (sort, reversed) = (self.order.sort(), self.order.reversed);
        let sorted = |column| columns::shows(column, sort).then_some(reversed);
        columns::heads(on, 0, &placed, sorted);
        for (y, (at, source)) in (1..).zip(range.zip(shown)) {
            let name = name(source);
            let mut row = HostRow::new(view, source, &name);
            row.pinned = self.order.is_pinned(source);
            row.draw(on, y, &placed);
            if self.marked.contains(&source.order) {
                on.set(2, y, '*', theme.hot());
            }
            if at != self.cursor.at() {
            } else if view.focused {
                let name = placed.iter().find(|p| p.column.id == HostColumnId::Host).map(|p| p.at);
                on.select(y, name.map_or(0..0, |at| at.x..at.x + at.width));
            } else if self.cursor.on().is_some() {
                on.set(0, y, if theme.is_mono() { '>' } else { '▌' }, theme.dim);
            }
        }
        if self.order.rows.is_empty() && self.order.only.is_some() {
            on.hot(1, 1, NOTHING, theme.text);
        }
        self.placed = placed;
    }

    /// The column under a click on the heads.
    fn head_at(&self, x: u16) -> Option<HostColumnId> {
        let holds =
            |p: &&PlacedHostColumn<HostColumnId>| (p.at.x..=p.at.x + p.at.width).contains(&x);
        self.placed.iter().find(holds).map(|p| p.column.id)
    }
}

impl Widget for Hosts {
    fn wants(&self) -> Wants {
        let history =
            Keep { kind: v::CPU, quantity: &v::PERCENT, each_device: false, span: cells::HISTORY };
        let shown = self.placed.iter().any(|p| p.column.id == HostColumnId::History);
        let history = if shown { vec![history] } else { Vec::new() };
        Wants { want: Selection::kinds(&HostStats::KINDS), history }
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        self.border(view)
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        view.count() == 0
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(u16::try_from(view.count() + 1).unwrap_or(u16::MAX))
    }

    fn is_typing(&self) -> bool {
        self.filter.is_typing() || self.menu.is_some()
    }

    fn columns(&self) -> Vec<ColumnChoice> {
        self.column_choices()
    }

    fn toggle_column(&mut self, word: &str, _: &View<'_>) -> Outcome {
        self.turn_column(word)
    }

    fn selected(&mut self, view: &View<'_>) -> Option<Source> {
        if self.order.is_new_roster(view) {
            self.refresh(view, self.room);
        }
        view.numbered(self.current()?).map(|s| s.source.clone())
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        self.few = view.count() <= HOST_COLORS;
        let area = self.filter.draw(area, buffer, view.theme, self.unread.as_deref());
        let anew = self.order.is_new_roster(view);
        if anew {
            self.map.group(view); // the room depends on it
        }
        self.map_rows = if self.groups.is_some() { 0 } else { self.map.rows(view, area) };
        let list = rows(area, self.map_rows, area.height);
        let room = list.height.saturating_sub(1);
        self.refresh(view, usize::from(room));
        if let Some((groups, cursor)) = &mut self.groups {
            let mut on = Canvas::new(buffer, list, view.theme);
            let range = cursor.view(groups.count(), room);
            groups.draw(view, range.start, view.focused.then_some(cursor.at()), &mut on);
            if groups.count() == 0 && self.order.only.is_some() {
                on.hot(1, 1, NOTHING, view.theme.text);
            }
            return;
        }
        let on_map = rows(area, 0, self.map_rows);
        let cursor = self.current().filter(|_| view.focused || self.cursor.on().is_some());
        self.map.draw(view, &self.order, cursor, &mut Canvas::new(buffer, on_map, view.theme));
        self.draw_table(view, &mut Canvas::new(buffer, list, view.theme));
        if let Some(menu) = &mut self.menu {
            menu.draw(&mut Canvas::new(buffer, area, view.theme));
        }
    }

    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        if self.menu.is_some() {
            return self.on_menu(key);
        }
        if key == Key::Enter && self.unread.is_some() {
            return Outcome::Redraw; // a filter that cannot be read is not kept
        }
        if !self.filter.on_key(key) {
            return Outcome::Ignored;
        }
        self.put_filter(view);
        Outcome::Redraw
    }

    fn on_command(&mut self, command: &str, view: &View<'_>) -> Outcome {
        self.command(command, view)
    }

    fn on_move(&mut self, to: Move, _: &View<'_>) -> Outcome {
        match &mut self.groups {
            Some((groups, cursor)) => {
                let ids: Vec<usize> = (0..groups.count()).collect();
                cursor.on_move(to, &ids);
            }
            None => _ = self.cursor.on_move(to, &self.order.rows),
        }
        Outcome::Redraw
    }

    fn on_escape(&mut self, view: &View<'_>) -> Outcome {
        if self.filter.clear() {
            self.put_filter(view);
        } else if self.groups.is_some() {
            self.groups = None;
        } else if self.cursor.on().is_some() {
            self.cursor.release();
        } else {
            return Outcome::Ignored;
        }
        Outcome::Redraw
    }

    fn on_mouse(&mut self, mouse: Mouse, view: &View<'_>) -> Outcome {
        let moved = match mouse {
            Mouse::Click { column, row } if row < self.map_rows => {
                let host = self.map.at(column, row);
                host.map(|number| self.put_cursor(number)).is_some()
            }
            Mouse::Click { column, row } if row == self.map_rows && self.groups.is_none() => {
                let by = self.head_at(column).and_then(columns::sort);
                if let Some(by) = by {
                    self.order.reversed = self.order.chosen == Some(by) && !self.order.reversed;
                    self.order.chosen = Some(by);
                    self.resort(view);
                }
                by.is_some()
            }
            _ => match &mut self.groups {
                Some((groups, cursor)) => {
                    let ids: Vec<usize> = (0..groups.count()).collect();
                    cursor.on_mouse(mouse, 1, &ids)
                }
                None => self.cursor.on_mouse(mouse, self.map_rows + 1, &self.order.rows),
            },
        };
        if moved { Outcome::Redraw } else { Outcome::Ignored }
    }
}
