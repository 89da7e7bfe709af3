//! Clicks and the wheel.

use super::*;

impl Dashboard {
    /// Takes a click or the wheel, in columns and rows of the screen.
    pub fn on_mouse(
        &mut self,
        (x, y): (u16, u16),
        wheel: Option<bool>,
        snapshot: &Snapshot,
        now: Moment,
    ) -> Effect {
        if self.edited().is_some() && wheel.is_none() {
            return self.select_at((x, y));
        }
        if self.overlay.is_some() {
            return Effect::None;
        }
        if wheel.is_none() && self.go_to_click((x, y), snapshot, now) {
            return Effect::Draw;
        }
        let frame = self.past.frame(snapshot, now);
        let (snapshot, now) = match &frame {
            Some((past, at)) => (&**past, *at),
            None => (snapshot, now),
        };
        let screen = self.screen();
        let hit = screen.tiles.iter().position(|t| t.area.contains((x, y).into()));
        let Some(hit) = hit else { return Effect::None };
        let inside = screen.tiles[hit].inside();
        let mouse = match wheel {
            Some(true) => Mouse::ScrollDown,
            Some(false) => Mouse::ScrollUp,
            None if inside.contains((x, y).into()) => {
                screen.set_focus(hit);
                Mouse::Click { column: x - inside.x, row: y - inside.y }
            }
            None => {
                screen.set_focus(hit);
                return Effect::Draw;
            }
        };
        let before = std::mem::replace(&mut screen.keys, hit);
        let outcome = self.ask_focused(snapshot, now, |widget, view| widget.on_mouse(mouse, view));
        if wheel.is_some() || !self.screen().tiles[hit].item.widget.takes_keys() {
            self.screen().keys = before;
        }
        match outcome {
            Outcome::Ignored => Effect::Draw,
            other => self.act(other, now),
        }
    }
}
