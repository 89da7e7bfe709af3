//! Alerts that fire, the newest first, in as many columns as there is room for.
//!
//! ```text
//! 38s x web-41 DOWN                   4m x db-17 DOWN                 9m ! db-3 mem > 95 for 5 m
//! ```
//!
//! An alert that is acknowledged is dim. Without alerts, the box leaves its place to others. In the past it has
//! what fired then.

use manytop_plugin::{
    alert::{ActiveAlert, AlertBoard, Severity},
    draw::{Canvas, compact, table::Cursor},
    ratatui_core::{buffer::Buffer, layout::Rect, text::Line},
    source::Source,
    view::View,
    widget::{Action, Command, Mouse, Move, Outcome, Plugin, Title, Wants, Widget, hot},
};
use std::sync::Arc;

manytop_plugin::inventory::submit! {
    Plugin::new("alerts", "Alerts that fire, and since when", |_| Ok(Box::<Alerts>::default()))
        .list()
        .commands(&[
            Command::new("open", "Enter", "open the host of the alert").hint("open"),
            Command::new("acknowledge", "a", "acknowledge the alert, until it recovers or for a time")
                .hint("acknowledge"),
        ])
}

/// A column is at least this wide.
const NARROWEST: u16 = 48;

/// What identifies an alert.
type AlertId = (Arc<str>, Source, Option<Arc<str>>);

#[derive(Default)]
struct Alerts {
    cursor: Cursor<AlertId>,
    ids: Vec<AlertId>,
    columns: u16,
}

fn board<'a>(view: &View<'a>) -> Option<&'a AlertBoard> {
    view.alerts
}

fn id(alert: &ActiveAlert) -> AlertId {
    (alert.rule.clone(), alert.source.clone(), alert.device.clone())
}

impl Alerts {
    fn current<'a>(&self, view: &View<'a>) -> Option<&'a ActiveAlert> {
        let on = self.cursor.on().or_else(|| self.ids.first())?;
        board(view)?.firing.iter().find(|alert| id(alert) == *on)
    }
}

impl Widget for Alerts {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let theme = view.theme;
        let title = Title::new("alerts");
        let Some(board) = board(view).filter(|board| !board.is_unknown) else { return title };
        let firing = board.firing.len().to_string();
        let recent = board.recent.to_string();
        let words = |number: String, words: &'static str| {
            Line::from_iter([
                manytop_plugin::ratatui_core::text::Span::styled(number, theme.strong()),
                manytop_plugin::ratatui_core::text::Span::styled(words, theme.dim),
            ])
        };
        title
            .item(words(firing, " firing"))
            .item(words(recent, " in the last 10 m"))
            .right(hot("{L}og", theme.text, theme))
            .right(hot("{a}cknowledge", theme.text, theme))
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        board(view).is_none_or(|board| board.firing.is_empty() && !board.is_unknown)
    }

    fn rows(&self, view: &View<'_>, width: u16) -> Option<u16> {
        let count =
            board(view).map_or(0, |board| board.firing.len() + usize::from(board.is_unknown));
        let columns = usize::from((width / NARROWEST).max(1));
        Some(u16::try_from(count.div_ceil(columns)).unwrap_or(u16::MAX).min(6))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let Some(board) = board(view) else { return };
        let theme = view.theme;
        self.ids = board.firing.iter().map(id).collect();
        self.cursor.follow(&self.ids);
        let mut on = Canvas::new(buffer, area, theme);
        if board.is_unknown {
            on.put(0, 0, "what fired at this time is not kept", theme.dim);
        }
        let columns = (on.width() / NARROWEST).max(1);
        self.columns = columns;
        let wide = on.width() / columns;
        let now = board.at.unwrap_or_else(|| view.wall());
        let rows = self.ids.len().div_ceil(usize::from(columns));
        let at = self.cursor.at();
        let height = usize::from(on.height());
        let first_row = (at / usize::from(columns) + 1).saturating_sub(height);
        let first_row = first_row.min(rows.saturating_sub(height));
        let skip = first_row * usize::from(columns);
        let shown = board.firing.iter().enumerate().skip(skip);
        for (nth, alert) in shown.take(height * usize::from(columns)) {
            let place = (nth - skip) as u16;
            let (x, y) = ((place % columns) * wide, place / columns);
            let (sign, style) = match alert.severity {
                Severity::Critical => ('x', theme.crit),
                Severity::Warning => ('!', theme.warn),
            };
            let style = if alert.acknowledged { theme.dim } else { style };
            let name = if alert.acknowledged { theme.dim } else { theme.strong() };
            on.number(x, y, 5, &compact::age(alert.age(now).as_secs_f64()), theme.dim);
            on.set(x + 6, y, sign, style);
            let end = x + wide.saturating_sub(2);
            let to = on.column(x + 8, y, end.saturating_sub(x + 8), alert.source.name(), name);
            let text = if alert.text.is_empty() { &*alert.rule } else { &alert.text };
            let to = to + 1;
            on.column(to, y, end.saturating_sub(to), text, theme.dim);
            if nth == at && view.focused {
                let marked = if theme.is_mono() { '>' } else { '▌' };
                on.set(x, y, marked, theme.key);
            }
        }
    }

    fn on_command(&mut self, command: &str, view: &View<'_>) -> Outcome {
        let Some(alert) = self.current(view) else { return Outcome::Ignored };
        match command {
            "open" => Outcome::Act(Action::Open(alert.source.clone())),
            "acknowledge" => {
                let (rule, source, device) = id(alert);
                Outcome::Act(Action::AcknowledgeAlert { rule, source, device })
            }
            _ => Outcome::Ignored,
        }
    }

    fn on_move(&mut self, to: Move, _: &View<'_>) -> Outcome {
        self.cursor.on_move(to, &self.ids);
        Outcome::Redraw
    }

    fn on_mouse(&mut self, mouse: Mouse, _: &View<'_>) -> Outcome {
        let moved = self.cursor.on_mouse(mouse, 0, &self.ids);
        if moved { Outcome::Redraw } else { Outcome::Ignored }
    }

    fn on_escape(&mut self, _: &View<'_>) -> Outcome {
        if self.cursor.on().is_none() {
            return Outcome::Ignored;
        }
        self.cursor.release();
        Outcome::Redraw
    }
}
