//! Lines of text that a command prints, as they come.

use crate::row;
use manytop_plugin::{
    draw::{Canvas, table::Cursor},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Move, Outcome, Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("text", "Lines of text that a command prints", |_| Ok(Box::<TextLines>::default()))
        .draws(&[v::TEXT_LINE])
        .list()
}

#[derive(Default)]
struct TextLines {
    /// Lines have no identity: this one only scrolls.
    cursor: Cursor<usize>,
    numbers: Vec<usize>,
}

impl Widget for TextLines {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[v::TEXT_LINE]), ..Wants::default() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let all = view.devices(v::TEXT_LINE).count();
        let title = Title::new("text");
        let shown = usize::from(area.height);
        if all > shown { title.scroll(self.cursor.offset(), shown, all) } else { title }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::TEXT_LINE)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(view.devices(v::TEXT_LINE).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = view.devices(v::TEXT_LINE).collect();
        let mut on = Canvas::new(buffer, area, view.theme);
        self.numbers = (0..all.len()).collect();
        let visible = self.cursor.view(all.len(), on.height());
        for (y, shown) in (0..).zip(&all[visible]) {
            let style = if shown.old { view.theme.dim } else { view.theme.text };
            on.put(1, y, shown.device.text(&v::LINE).unwrap_or_default(), style);
        }
    }

    fn on_move(&mut self, to: Move, _: &View<'_>) -> Outcome {
        if self.cursor.on_move(to, &self.numbers) { Outcome::Redraw } else { Outcome::Ignored }
    }
}
