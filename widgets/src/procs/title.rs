//! The border of the list.

use super::{Procs, process::Grouping};
use crate::cpu::spans;
use manytop_plugin::{
    ratatui_core::{layout::Rect, text::Line},
    text::counted,
    view::View,
    vocabulary as v,
    widget::{Title, hot},
};

impl Procs {
    pub fn draw_title(&self, view: &View<'_>, area: Rect) -> Title {
        let theme = view.theme;
        let mut title = Title::new("procs");
        if self.tree {
            title = title.item(Line::styled("tree", theme.hi));
        }
        let words = self.order.words();
        title = title.value(match self.grouping() {
            Grouping::None => spans(&[("by ", theme.dim), (&words, theme.hi)]),
            grouping => spans(&[
                ("by ", theme.dim),
                (grouping.word(), theme.hi),
                (" and ", theme.dim),
                (&words, theme.hi),
            ]),
        });
        if !self.marked.is_empty() {
            let words = format!("{} marked", self.marked.len());
            title = title.value(Line::styled(words, theme.key));
        }
        if let Some(user) = &self.user {
            title = title.item(spans(&[("user ", theme.dim), (user, theme.text)]));
        }
        if self.following {
            title = title.item(Line::styled("following", theme.hi));
        }
        let host = view.alone().and_then(|one| one.devices(v::HOST).next());
        for (metric, word, style) in
            [(&v::RUNNING, " running", theme.text), (&v::BLOCKED, " blocked", theme.stale)]
        {
            let value = host.and_then(|host| host.value(metric)).filter(|n| *n > 0.0);
            if let Some(value) = value {
                title = title.item(spans(&[(&format!("{value:.0}"), style), (word, theme.dim)]));
            }
        }
        let (matching, all) = self.counts;
        let shown = self.drawn.len();
        let is_filtered = self.filter.text().is_some() || self.user.is_some();
        if is_filtered {
            if let Some(text) = self.filter.text().filter(|_| !self.filter.is_typing()) {
                title = title.item(spans(&[("/ ", theme.key), (text, theme.text)]));
            }
            let word = match (area.width, all) {
                (..70, _) => "",
                (_, 1) => " matches",
                _ => " match",
            };
            let words = format!("{matching} of {all}{word}");
            title = title.right(Line::styled(words, theme.text));
        } else if self.tree {
            title = title.right(hot("{Left} fold", theme.text, theme));
            title = title.right(hot("{Right} unfold", theme.text, theme));
        } else {
            title = title.right(hot("{t}ree", theme.text, theme));
            title = title.right(hot("{/} filter", theme.text, theme));
        }
        if shown == 0 {
            return title;
        }
        let (list, beside) = self.details.split(area);
        let room = usize::from(self.columns.rows(list).saturating_sub(self.above));
        let first = self.cursor.offset().min(shown.saturating_sub(room));
        let last = (first + room).min(shown);
        if !is_filtered {
            let counts = format!("{}-{last} of {}", first + 1, counted_rows(shown, self));
            title = title.right(Line::styled(counts, theme.dim));
        }
        title = title.scroll(first, room, shown);
        match beside {
            Some(at) => self.details.title(title, area, at, view, &self.head),
            None => title,
        }
    }
}

fn counted_rows(shown: usize, list: &Procs) -> String {
    match list.grouping() {
        Grouping::None => shown.to_string(),
        _ => counted(shown, "group"),
    }
}
