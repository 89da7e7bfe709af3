//! One row a source: is it there, how old is what it said, how is it doing, and if not, why.
//!
//! ```text
//!   HOST  STATE   AGE CPU% CORES    MEM%  USED/TOTAL DISK% FULLEST  RX/s  TX/s  TEMP  LOAD     UP WHY
//! x pi4   DOWN     3m   -  -          -           -     -  -          -     -     -     -      -  connection refused, retry 8s
//! ! nas   stale   12s  12? ▁▂▁▂      40?   3.2/8.0G?   88? /tank     9k?   2k?  51°?  0.4?  201d? no answer for 12s
//! > Jerry live     1s  41  ▃▅▄▃▄▃▄▅  63  10.1/16.0G    71  /srv     1.2M  310k   61°   3.1    41d
//! ```
//!
//! Where all hosts fit, trouble stands first and the rest as the config has them. Where they do not, the
//! worst stand first (down, stale, over a limit, then the highest against its limit), and above the table
//! a map has a cell for each. The order is made anew every five seconds, and the row under the cursor never
//! moves. What is old bears a `?`; of what is down nothing is shown but the reason.
//!
//! Only rows in view are built, and nothing that a frame does grows with the number of hosts.
//!
//! | option | default | |
//! |---|---|---|
//! | `pinned` | none | hosts that stand first, between commas: names or patterns, `db-*` |

mod cells;
mod columns;
mod expression;
mod groups;
mod map;
mod order;

use crate::filter::Filter;
use cells::Row;
use expression::Expression;
use groups::Groups;
use manytop_core::{
    draw::{
        rows,
        table::{self, Cursor, Placed},
        text::{Pen, paint},
    },
    options::Opt,
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Modifier},
    source::Source,
    summary::Summary,
    view::{SourceView, View},
    vocabulary as v,
    widget::{Action, Keep, Key, KeyHelp, Mouse, Outcome, Plugin, Title, Wants, Widget},
};
use map::{Map, When};
use order::{Order, Sort};
use std::fmt::Write;

static PINNED: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "pinned",
    "",
    "Hosts that stand first, between commas: names or patterns, db-*",
);

manytop_core::inventory::submit! {
    Plugin::new("hosts", "One row a source: state, age, figures, and why not", |options| {
        Ok(Box::new(Hosts { order: Order::pinning(options.get(&PINNED)), ..Hosts::default() }))
    })
        .draws(&[v::HOST])
        .options(&[PINNED.spec()])
        .keys(&[
            KeyHelp { keys: "Enter", help: "open the host under the cursor; of a group, list its hosts" },
            KeyHelp { keys: "/", help: "filter: web, cpu>80 & state!=live, #prod; Enter keeps, Esc clears" },
            KeyHelp { keys: "s  S", help: "sort by the next, the previous column; so does a click" },
            KeyHelp { keys: "r", help: "sort the other way round" },
            KeyHelp { keys: "g", help: "a row a group, or a row a host; Home goes to the top" },
            KeyHelp { keys: "p", help: "pin the host: it stands first" },
            KeyHelp { keys: "a", help: "acknowledge: that the host is down is known until it recovers" },
            KeyHelp { keys: "f", help: "freeze the order of rows" },
            KeyHelp { keys: "m", help: "the map shows the next figure" },
            KeyHelp { keys: "M", help: "the whole map, no map, map where rows do not fit" },
            KeyHelp { keys: "Left  Right", help: "the next host on the map" },
        ])
}

/// Before the columns: a mark, and a blank.
const MARK: u16 = 2;

#[derive(Default)]
struct Hosts {
    filter: Filter,
    /// Why the filter cannot be read; the last that could holds.
    unread: Option<String>,
    order: Order,
    cursor: Cursor<usize>,
    map: Map,
    /// Rows of groups, while those are shown.
    groups: Option<(Groups, Cursor<usize>)>,
    /// How many rows there were for hosts when it was drawn last.
    room: usize,
    /// Rows of the map, as it was drawn last.
    map_rows: u16,
    placed: Vec<Placed>,
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
            Err(problem) => self.unread = Some(problem),
        }
    }

    /// The host that the cursor is on: the first where nobody has put it anywhere.
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

    fn draw_table(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let list = rows(area, 1, area.height);
        let range = self.cursor.view(self.order.rows.len(), list.height);
        let in_view = self.order.rows[range.clone()].iter();
        let shown: Vec<&SourceView> = in_view.filter_map(|n| view.numbered(*n)).collect();
        let suffix = self.order.suffix.as_str();
        let name = |s: &SourceView| {
            let name = s.source.name();
            name.strip_suffix(suffix).unwrap_or(name).to_owned()
        };
        let (columns, placed) =
            columns::placed(view, &shown, name, area.width.saturating_sub(MARK));
        let heading = view.theme.heading();
        let sort = self.order.sort();
        let mut pen = Pen::new(buffer, area, 0);
        table::headings(pen.skip(MARK), &columns, &placed, |column| match columns::sort(column) {
            Some(by @ (Sort::Name | Sort::Tag | Sort::Figure(_))) if by == sort => {
                heading.add_modifier(Modifier::UNDERLINED)
            }
            _ => heading,
        });
        for (line, (at, source)) in range.zip(shown).enumerate() {
            let under = at == self.cursor.at();
            let name = name(source);
            let row = Row::new(view, source, &name);
            let mut pen = Pen::new(buffer, list, line as u16);
            let marked = under && (view.focused || self.cursor.on().is_some());
            pen.char(row.mark(marked, self.order.is_pinned(source)), row.style());
            table::row(pen.skip(1), &placed, |column, pen| row.cell(column, pen));
            if under && view.focused {
                paint(buffer, list, line as u16, view.theme.cursor());
            }
        }
        self.placed = placed;
    }

    /// The column under a click on the headings.
    fn heading_at(&self, x: u16) -> Option<usize> {
        let mut from = MARK;
        self.placed.iter().find_map(|p| {
            let inside = (from..from + p.width).contains(&x);
            from += p.width + 1;
            inside.then_some(p.index)
        })
    }

    fn on_group_key(&mut self, key: Key, view: &View<'_>) -> bool {
        let Some((groups, cursor)) = &mut self.groups else { return false };
        let ids: Vec<usize> = (0..groups.count()).collect();
        match key {
            Key::Enter => self.open_group(view),
            Key::Esc if self.filter.text().is_none() => self.groups = None,
            Key::Char('g') => self.groups = None,
            _ => return cursor.on_key(key, &ids),
        }
        true
    }
}

impl Widget for Hosts {
    fn wants(&self) -> Wants {
        let trend =
            Keep { kind: v::CPU, quantity: &v::PERCENT, each_device: false, span: cells::TREND };
        let shown = self.placed.iter().any(|p| p.index == columns::TREND);
        let history = if shown { vec![trend] } else { Vec::new() };
        Wants { want: Want::kinds(&Summary::KINDS), history }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let words = self.order.sort().words(self.order.reversed);
        let mut left = if area.width < 60 { "hosts".to_owned() } else { format!("hosts, {words}") };
        if self.groups.is_some() {
            left = "hosts, a row a group".to_owned();
        }
        if self.order.frozen {
            left.push_str(", frozen");
        }
        if let Some(text) = self.filter.text() {
            let _ = write!(left, "  /{text}");
        }
        let (all, listed) = (view.count(), self.order.rows.len());
        let shown = listed.min(self.room);
        let count = match &self.groups {
            Some((groups, _)) => format!("{} groups  ", groups.count()),
            None if shown < all => format!("{shown} of {all}  "),
            None => String::new(),
        };
        let keys = match area.width {
            0..100 => "/ filter  s sort",
            _ => "/ filter  s sort  g group  m map  f freeze  Enter open",
        };
        Title::new(left).right(format!("{count}{keys}"))
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        view.count() == 0
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(u16::try_from(view.count() + 1).unwrap_or(u16::MAX))
    }

    fn is_typing(&self) -> bool {
        self.filter.is_typing()
    }

    fn selected(&mut self, view: &View<'_>) -> Option<Source> {
        if self.order.is_new_roster(view) {
            self.refresh(view, self.room);
        }
        view.numbered(self.current()?).map(|s| s.source.clone())
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let area = self.filter.draw(area, buffer, view.theme, self.unread.as_deref());
        let anew = self.order.is_new_roster(view);
        if anew {
            self.map.group(view); // the room depends on it
        }
        self.map_rows = if self.groups.is_some() { 0 } else { self.map.rows(view, area) };
        let list = rows(area, self.map_rows, area.height);
        self.refresh(view, usize::from(list.height.saturating_sub(1)));
        if let Some((groups, cursor)) = &mut self.groups {
            let range = cursor.view(groups.count(), list.height.saturating_sub(1));
            groups.draw(view, range.start, Some(cursor.at()), list, buffer);
            let line = (1 + cursor.at() - range.start) as u16;
            if view.focused && !range.is_empty() {
                paint(buffer, list, line, view.theme.cursor());
            }
            return;
        }
        let on_map = rows(area, 0, self.map_rows);
        let cursor = self.cursor.on().or_else(|| self.order.rows.first()).copied();
        self.map.draw(view, &self.order, cursor.filter(|_| view.focused), on_map, buffer);
        self.draw_table(view, list, buffer);
    }

    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        let typing = self.filter.is_typing();
        if typing && key == Key::Enter && self.unread.is_some() {
            return Outcome::Redraw; // what cannot be read is not kept
        }
        if self.filter.on_key(key) {
            self.put_filter(view);
            return Outcome::Redraw;
        }
        if self.on_group_key(key, view) {
            return Outcome::Redraw;
        }
        match key {
            Key::Char('s') | Key::Char('S') => {
                self.order.chosen = Some(self.order.sort().next(key == Key::Char('s')));
                self.order.reversed = false;
                self.resort(view);
            }
            Key::Char('r') => {
                self.order.reversed = !self.order.reversed;
                self.resort(view);
            }
            Key::Char('f') => {
                self.order.frozen = !self.order.frozen;
                self.order.spoil();
            }
            Key::Char('p') => {
                if let Some(source) = self.current().and_then(|n| view.numbered(n)) {
                    self.order.pin(source);
                    self.resort(view);
                }
            }
            Key::Char('a') => {
                let source = self.current().and_then(|n| Some(view.numbered(n)?.source.clone()));
                return source.map_or(Outcome::Ignored, |s| Outcome::Act(Action::Acknowledge(s)));
            }
            Key::Char('g') => self.groups = Some(Default::default()),
            Key::Char('m') => {
                self.map.next();
                self.map.scale(view);
            }
            Key::Char('M') => {
                self.map.when = match self.map.when {
                    When::Needed => When::Whole,
                    When::Whole => When::Never,
                    When::Never => When::Needed,
                };
            }
            Key::Left | Key::Right => {
                let to = self.map.beside(self.current(), key == Key::Right, &self.order);
                let Some(to) = to else { return Outcome::Ignored };
                self.put_cursor(to);
            }
            Key::Enter => {
                let source = self.current().and_then(|number| view.numbered(number));
                let Some(source) = source else { return Outcome::Ignored };
                self.put_cursor(source.order); // who comes back finds it there
                return Outcome::Act(Action::Open(source.source.clone()));
            }
            Key::Esc if self.cursor.on().is_some() => self.cursor.release(),
            _ if self.cursor.on_key(key, &self.order.rows) => {}
            _ => return Outcome::Ignored,
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
                let by = self.heading_at(column).and_then(columns::sort);
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
