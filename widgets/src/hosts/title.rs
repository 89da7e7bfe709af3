//! What is written into the border of the table of hosts.

use super::{Hosts, columns::HostColumnId, why};
use crate::cpu::spans;
use manytop_plugin::{
    draw::text,
    health::State,
    ratatui_core::{
        style::Modifier,
        text::{Line, Span},
    },
    view::View,
    widget::{Title, hot},
};

impl Hosts {
    /// The order, how many hosts need a look, the keys, and which rows are in view.
    pub(super) fn border(&self, view: &View<'_>) -> Title {
        let theme = view.theme;
        let words = match &self.groups {
            Some(_) => "by group".to_owned(),
            None => self.order.sort().words(self.order.reversed),
        };
        let mut title = Title::new("hosts").value(Line::styled(words, theme.hi));
        if !self.marked.is_empty() {
            let words = format!("{} marked", self.marked.len());
            title = title.value(Line::styled(words, theme.key));
        }
        if let Some(text) = self.filter.text() {
            title = title.value(spans(&[("/", theme.key), (text, theme.hi)]));
        }
        if self.order.trouble > 0 {
            let count = self.order.trouble.to_string();
            let words = if self.order.trouble == 1 { " needs a look" } else { " need a look" };
            let count = (&*count, theme.text.add_modifier(Modifier::BOLD));
            title = title.item(spans(&[count, (words, theme.dim)]));
        }
        for keys in ["{/} filter", "{s}ort", "{g}roups", "{p}in", "{a}cknowledge"] {
            title = title.right(hot(keys, theme.text, theme));
        }
        let (first, listed) = match &self.groups {
            Some((groups, cursor)) => (cursor.offset(), groups.count()),
            None => (self.cursor.offset(), self.order.rows.len()),
        };
        let shown = listed.min(self.room);
        let first = first.min(listed - shown);
        if shown < listed || (self.groups.is_none() && listed < view.count() && listed > 0) {
            let range = format!("{}-{} of {listed}", first + 1, first + shown);
            title = title.right(Line::styled(range, theme.dim));
        }
        if shown < listed {
            title = title.scroll(first, shown, listed);
        }
        self.reason(view).into_iter().fold(title, Title::foot)
    }

    /// What is wrong with the host under the cursor, where the row has no room for all of it. Boxes that
    /// follow the cursor have the reason of a failure themselves.
    fn reason(&self, view: &View<'_>) -> Option<Line<'static>> {
        let number = self.current().filter(|_| self.groups.is_none())?;
        let source = view.numbered(number)?;
        let is_shown_below = view.is_followed && source.state(view.now) == State::Down;
        if is_shown_below {
            return None;
        }
        let column = self.placed.iter().find(|placed| placed.column.id == HostColumnId::Why);
        let room = column.map_or(0, |placed| placed.at.width);
        let whole = why::whole(view, source);
        let needed = whole.iter().map(|(text, _)| text::width(text)).fold(0, u16::saturating_add);
        if whole.is_empty() || needed <= room {
            return None;
        }
        let name = (format!("{}: ", source.source.name()), view.theme.hi);
        let spans = std::iter::once(name).chain(whole);
        Some(spans.map(|(text, style)| Span::styled(text, style)).collect())
    }
}
