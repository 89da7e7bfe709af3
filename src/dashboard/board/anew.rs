//! A board whose config was read again.

use super::{
    super::{parts::Parts, screen::Screen},
    Board,
};
use crate::layouts::Size;

impl Board {
    /// Goes on with other parts: widgets that stand in both layouts live on, as does what a person has
    /// opened, chosen and switched by keys, where the config says the same of it as before.
    ///
    /// # Errors
    /// A widget cannot be built; everything is as it was.
    pub fn reload(&mut self, mut parts: Parts) -> Result<(), String> {
        let size = parts.choice.size(self.sources);
        let layout = parts.choice.layout(size).clone();
        let opened = parts.choice.layout(Size::One).clone();
        // what can fail fails here, before anything is taken apart
        Screen::build(&parts, layout.clone(), None)?;
        Screen::build(&parts, opened.clone(), None)?;
        let given = parts.settings.clone();
        if given.bits == self.given.bits {
            parts.settings.bits = self.parts.settings.bits;
        }
        if given.column == self.given.column {
            parts.settings.column = self.parts.settings.column;
        }
        let old = std::mem::replace(&mut self.parts, parts);
        (self.size, self.given) = (size, given);
        self.main = self.main.rebuild(&old, &self.parts, layout)?;
        if let Some((_, screen)) = &mut self.opened {
            *screen = screen.rebuild(&old, &self.parts, opened)?;
        }
        Ok(())
    }
}
