//! Other layouts for this run.

use super::{Arrangement, Dashboard, Effect, KeyChange, Screen};
use crate::config::layouts::{self, LayoutChoice};
use manytop_core::clock::Moment;

impl Dashboard {
    /// Shows the layout after this one, or before it, of those that come along and the user's own.
    pub(super) fn change_layout(&mut self, forward: bool, now: Moment) -> Effect {
        let names = layouts::all_names(&self.parts.folders);
        let at = names.iter().position(|name| *name == self.parts.choice.name).unwrap_or(0);
        let step = if forward { 1 } else { names.len() - 1 };
        self.choose_layout(&names[(at + step) % names.len()], now)
    }

    /// Shows a layout and sets the key of the config, for this run.
    pub(super) fn choose_layout(&mut self, name: &str, now: Moment) -> Effect {
        self.show_layout(name, now);
        Effect::Option(KeyChange {
            key: "layout".into(),
            value: Some(name.to_owned()),
            keep: false,
        })
    }

    /// Shows a layout, for this run.
    pub(super) fn show_layout(&mut self, name: &str, now: Moment) {
        self.stop_comparing();
        let built = LayoutChoice::load(name, &self.parts.folders, &self.parts.registry)
            .map_err(|errors| errors.join("; "))
            .and_then(|(choice, _)| {
                let size = choice.size(self.sources);
                let layout = choice.layout(size).clone();
                Ok((Screen::build(&self.parts, layout, Some(&mut self.main))?, choice, size))
            });
        match built {
            Ok((mut screen, choice, size)) => {
                screen.arrangement = Arrangement::of(size);
                (self.main, self.parts.choice, self.size) = (screen, choice, size);
                self.say(format!("layout {name}"), now);
            }
            Err(problem) => self.say(problem, now),
        }
    }
}
