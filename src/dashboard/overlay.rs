//! What lies over the widgets, and takes the keys while it does.

use super::{frame, help, journal::Journal, parts::Parts};
use crate::processes;
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect},
    widget::{Key, LocalProcess, Signal},
};

/// One thing that lies over the widgets.
pub enum Overlay {
    /// The help, scrolled so far.
    Help {
        /// Lines that are above the window.
        scroll: u16,
    },
    /// The log.
    Log {
        /// Lines that are below the window.
        back: usize,
    },
    /// Whether these are to be sent that.
    Ask(Signal, Vec<LocalProcess>),
}

/// What becomes of it after a key.
pub enum After {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// It is gone, and this is to be said.
    Says(String),
}

impl Overlay {
    /// Takes a key.
    pub fn on_key(&mut self, key: Key, journal: &Journal) -> After {
        match self {
            Overlay::Help { scroll } => match key {
                Key::Char('j') | Key::Down => *scroll = scroll.saturating_add(1),
                Key::Char('k') | Key::Up => *scroll = scroll.saturating_sub(1),
                Key::Char('?' | 'q') | Key::Esc => return After::Closes,
                _ => return After::Ignored,
            },
            Overlay::Log { back } => match key {
                Key::Char('k') | Key::Up => *back += 1,
                Key::Char('j') | Key::Down => *back = back.saturating_sub(1),
                Key::Ctrl('u' | 'b') => *back += 10,
                Key::Ctrl('d' | 'f') => *back = back.saturating_sub(10),
                Key::Char('g') => *back = usize::MAX,
                Key::Char('G') => *back = 0,
                Key::Char('L' | 'q') | Key::Esc => return After::Closes,
                _ => return After::Ignored,
            },
            Overlay::Ask(signal, processes) => {
                return match key {
                    Key::Char('y') | Key::Enter => After::Says(processes::send(*signal, processes)),
                    Key::Char('n' | 'q') | Key::Esc => After::Closes,
                    _ => After::Ignored,
                };
            }
        }
        if let Overlay::Log { back } = self {
            *back = (*back).min(journal.depth());
        }
        After::Stays
    }

    /// Draws it.
    pub fn draw(
        &self,
        parts: &Parts,
        words: &[&str],
        journal: &Journal,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = &parts.theme;
        match self {
            Overlay::Help { scroll } => {
                help::draw(&parts.registry, words, *scroll, theme, area, buffer);
            }
            Overlay::Log { back } => journal.draw(*back, theme, area, buffer),
            Overlay::Ask(signal, processes) => {
                let question = processes::question(*signal, processes);
                frame::question(&question, theme, area, buffer);
            }
        }
    }
}
