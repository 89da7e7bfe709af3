//! What lies over the widgets, and takes the keys while it does.

use super::{
    acknowledge::{AckList, Acked, UntilBox},
    add_host::AddHostBox,
    bindings::Scope,
    dashboard::Effect,
    editor::Editor,
    explorer::{self, Explorer},
    help,
    journal::Journal,
    niceness::{self, NicenessBox},
    options::{KeyChange, OptionsBox, Reply},
    palette::{self, Palette, PaletteChoice},
    panel,
    past::prompt::{self, TimePrompt},
    signal::{self, SignalBox},
};
use crate::{hooks::HookOrder, tui::dashboard_config::DashboardConfig};
use manytop_core::{
    alerts::AckEntry,
    clock::Moment,
    draw::fade::{BEHIND, fade},
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::Snapshot,
    widget::Key,
};

/// One thing that lies over the widgets.
pub enum Overlay {
    /// The help, scrolled so far.
    Help {
        /// Lines that are above the window.
        scroll: u16,
        /// Lines that it can be scrolled by, as of the last frame.
        most: u16,
    },
    /// The log.
    Log {
        /// Lines that are below the window.
        back: usize,
    },
    /// Which signal processes get.
    Signal(SignalBox),
    /// Which niceness processes get.
    Niceness(NicenessBox),
    /// Every key of the config.
    Options(OptionsBox),
    /// A host that is added.
    AddHost(AddHostBox),
    /// Everything that can be done.
    Palette(Palette),
    /// Until when something is acknowledged.
    Until(UntilBox),
    /// What is acknowledged.
    Acknowledged(AckList),
    /// Whether the program of a hook is started.
    Confirm(HookOrder),
    /// Everything that a host serves.
    Explorer(Explorer),
    /// The time that the screen is to show.
    Time(TimePrompt),
    /// The layout editor; the dashboard takes its keys.
    Editor(Box<Editor>),
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
    /// It is gone, and this is to be done.
    Does(PaletteChoice),
    /// It stays, and a key of the config is to be changed.
    Changes(KeyChange),
    /// It is gone, and the terminal or the engine has to do this.
    Effect(Effect),
    /// It is gone, and this time is to be shown.
    GoesTo(chrono::DateTime<chrono::Utc>),
}

impl Overlay {
    /// The help, from its beginning.
    pub fn help() -> Overlay {
        Overlay::Help { scroll: 0, most: u16::MAX }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key, journal: &Journal, acknowledged: &[AckEntry]) -> After {
        match self {
            Overlay::Help { scroll, most } => {
                *scroll = match key {
                    Key::Char('j') | Key::Down => scroll.saturating_add(1),
                    Key::Char('k') | Key::Up => scroll.saturating_sub(1),
                    Key::PageDown | Key::Ctrl('d' | 'f') | Key::Char(' ') => {
                        scroll.saturating_add(10)
                    }
                    Key::PageUp | Key::Ctrl('u' | 'b') => scroll.saturating_sub(10),
                    Key::Home | Key::Char('g') => 0,
                    Key::End | Key::Char('G') => u16::MAX,
                    Key::Char('?' | 'q') | Key::F(1) | Key::Esc => return After::Closes,
                    Key::Char(':') | Key::Ctrl('p') => {
                        return After::Does(PaletteChoice::Command(
                            Scope::Everywhere,
                            "palette",
                            0,
                        ));
                    }
                    _ => return After::Ignored,
                }
                .min(*most);
            }
            Overlay::Log { back } => {
                match key {
                    Key::Char('k') | Key::Up => *back += 1,
                    Key::Char('j') | Key::Down => *back = back.saturating_sub(1),
                    Key::Ctrl('u' | 'b') | Key::PageUp => *back += 10,
                    Key::Ctrl('d' | 'f') | Key::PageDown => *back = back.saturating_sub(10),
                    Key::Char('g') | Key::Home => *back = usize::MAX,
                    Key::Char('G') | Key::End => *back = 0,
                    Key::Char('L' | 'q') | Key::Esc => return After::Closes,
                    _ => return After::Ignored,
                }
                *back = (*back).min(journal.depth());
            }
            Overlay::Signal(signal) => match signal.on_key(key) {
                signal::SignalKeyOutcome::Ignored => return After::Ignored,
                signal::SignalKeyOutcome::Stays => {}
                signal::SignalKeyOutcome::Closes => return After::Closes,
                signal::SignalKeyOutcome::Sent(text) => return After::Says(text),
                signal::SignalKeyOutcome::Remote(order) => {
                    return After::Effect(Effect::Signal(order));
                }
            },
            Overlay::Niceness(asked) => match asked.on_key(key) {
                niceness::NicenessKeyOutcome::Ignored => return After::Ignored,
                niceness::NicenessKeyOutcome::Stays => {}
                niceness::NicenessKeyOutcome::Closes => return After::Closes,
                niceness::NicenessKeyOutcome::Done(text) => return After::Says(text),
            },
            Overlay::Options(options) => return replied(options.on_key(key)),
            Overlay::AddHost(host) => return replied(host.on_key(key)),
            Overlay::Until(ask) => return acked(ask.on_key(key)),
            Overlay::Acknowledged(list) => return acked(list.on_key(key, acknowledged)),
            Overlay::Confirm(order) => match key {
                Key::Enter | Key::Char('y') => {
                    return After::Effect(Effect::Hook(order.clone()));
                }
                Key::Esc | Key::Char('n' | 'q') => return After::Closes,
                _ => return After::Ignored,
            },
            Overlay::Palette(palette) => match palette.on_key(key) {
                palette::PaletteKeyOutcome::Ignored => return After::Ignored,
                palette::PaletteKeyOutcome::Stays => {}
                palette::PaletteKeyOutcome::Closes => return After::Closes,
                palette::PaletteKeyOutcome::Chosen(choice) => return After::Does(choice),
            },
            Overlay::Explorer(explorer) => match explorer.on_key(key) {
                explorer::ExplorerKeyOutcome::Ignored => return After::Ignored,
                explorer::ExplorerKeyOutcome::Stays => {}
                explorer::ExplorerKeyOutcome::Closes => return After::Closes,
                explorer::ExplorerKeyOutcome::Says(text) => return After::Says(text),
            },
            Overlay::Editor(_) => return After::Ignored,
            Overlay::Time(prompt) => match prompt.on_key(key) {
                prompt::PromptKeyOutcome::Ignored => return After::Ignored,
                prompt::PromptKeyOutcome::Stays => {}
                prompt::PromptKeyOutcome::Closes => return After::Closes,
                prompt::PromptKeyOutcome::Time(time) => return After::GoesTo(time),
            },
        }
        After::Stays
    }

    /// Draws it over the screen, which fades.
    pub fn draw(
        &mut self,
        parts: &DashboardConfig,
        words: &[&str],
        journal: &Journal,
        (snapshot, now, acknowledged): (&Snapshot, Moment, &[AckEntry]),
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = &parts.theme;
        match self {
            Overlay::Time(prompt) => return prompt.draw(theme, area, buffer),
            Overlay::Editor(editor) => return editor.draw(&parts.bindings, theme, area, buffer),
            _ => {}
        }
        fade(buffer, theme, BEHIND);
        match self {
            Overlay::Help { scroll, most } => {
                let lines = help::lines(&parts.bindings, words);
                *most = help::draw(&lines, *scroll, theme, area, buffer);
                *scroll = (*scroll).min(*most);
            }
            Overlay::Log { back } => journal.draw(*back, theme, area, buffer),
            Overlay::Signal(signal) => signal.draw(snapshot, theme, area, buffer),
            Overlay::Niceness(asked) => asked.draw(theme, area, buffer),
            Overlay::Options(options) => options.draw(theme, area, buffer),
            Overlay::AddHost(host) => host.draw(snapshot, now, theme, area, buffer),
            Overlay::Palette(palette) => palette.draw(theme, area, buffer),
            Overlay::Until(ask) => ask.draw(theme, area, buffer),
            Overlay::Acknowledged(list) => list.draw(acknowledged, theme, area, buffer),
            Overlay::Confirm(order) => {
                let title: &[&[panel::StyledRun<'_>]] = &[&[("start", theme.strong())]];
                let mut on = panel::open(title, ("", theme.dim), (72, 5), theme, area, buffer);
                let room = on.width().saturating_sub(4);
                on.column(2, 1, room, &order.program.join(" "), theme.text);
                panel::foot(&mut on, &[("Enter", "start it"), ("Esc", "do not")]);
            }
            Overlay::Explorer(explorer) => explorer.draw(snapshot, theme, area, buffer),
            Overlay::Time(_) | Overlay::Editor(_) => {}
        }
    }
}

/// What follows from a key in a box that changes the config.
fn replied(reply: Reply) -> After {
    match reply {
        Reply::Ignored => After::Ignored,
        Reply::Stays => After::Stays,
        Reply::Closes => After::Closes,
        Reply::Changes(change) => After::Changes(change),
        Reply::AddsHost => After::Does(PaletteChoice::Command(Scope::Everywhere, "add_host", 0)),
    }
}

/// What follows from a key in a box about acknowledgements.
fn acked(acked: Acked) -> After {
    match acked {
        Acked::Ignored => After::Ignored,
        Acked::Stays => After::Stays,
        Acked::Closes => After::Closes,
        Acked::Until(target, span) => After::Effect(Effect::Acknowledge(target, span)),
        Acked::Lifted(target) => After::Effect(Effect::Lift(target)),
    }
}
