//! The dashboard after a reload of the config.

use super::{
    super::screen::{Arrangement, Screen},
    Dashboard,
};
use crate::config::layouts::Size;
use crate::tui::dashboard_config::DashboardConfig;
use manytop_core::{clock::Moment, layout::LayoutEdit, text::counted};

impl Dashboard {
    /// Goes on with other parts: widgets that stand in both layouts live on, as does what a person has
    /// opened, chosen and switched by keys, where the config says the same of it as before.
    ///
    /// # Errors
    /// A widget cannot be built; everything is as it was.
    pub fn reload(&mut self, mut parts: DashboardConfig) -> Result<(), String> {
        let size = parts.choice.size(self.sources);
        let edited = self.edited().map(LayoutEdit::layout);
        let arrangement = edited.as_ref().map_or(Arrangement::of(size), |_| Arrangement::Layout);
        let layout = edited.unwrap_or_else(|| parts.choice.layout(size).clone());
        let opened = parts.choice.layout(Size::One).clone();
        // what can fail fails here, before anything is taken apart
        Screen::build(&parts, layout.clone(), None)?;
        Screen::build(&parts, opened.clone(), None)?;
        parts.alerts = self.parts.alerts.clone();
        let given = parts.settings.clone();
        if given.bits == self.given.bits {
            parts.settings.bits = self.parts.settings.bits;
        }
        if given.column == self.given.column {
            parts.settings.column = self.parts.settings.column;
        }
        let given_interval = parts.interval;
        if given_interval == self.given_interval {
            parts.interval = self.parts.interval;
        }
        self.stop_comparing();
        let old = std::mem::replace(&mut self.parts, parts);
        if let Some(color) = self.background {
            self.on_background(color);
        }
        (self.size, self.given, self.given_interval) = (size, given, given_interval);
        self.main = self.main.rebuild(&old, &self.parts, layout)?;
        self.main.arrangement = arrangement;
        if let Some((_, screen)) = &mut self.opened {
            *screen = screen.rebuild(&old, &self.parts, opened)?;
            screen.arrangement = Arrangement::One;
        }
        Ok(())
    }

    /// The config that was saved is not taken: what is wrong with it, while the old one goes on. The log has
    /// all of it; on the screen there is room for the first, and for the file's own name.
    pub fn refuse(&mut self, wrong: &str) {
        for line in wrong.lines() {
            self.journal.warn(&format!("config not read again: {line}"));
        }
        let first = wrong.lines().next().unwrap_or_default();
        let (place, what) = first.split_once(": ").unwrap_or(("", first));
        let place = place.rsplit('/').next().unwrap_or_default();
        let colon = if place.is_empty() { "" } else { ": " };
        let problems = counted(wrong.lines().count().max(1), "problem");
        let text = format!("config refused, {problems}: {place}{colon}{what}");
        self.say_of_option(text.clone(), false);
        self.say(text, Moment::now());
    }
}
