//! The only file that takes the terminal's modes: takes the screen, gives it back whatever happens, reads
//! keys, and writes what has changed. [`tty`] waits and writes as the system does.

use crate::{
    system::tty::{self, Keys},
    tui::{
        background::{self, Answers, KeyRole},
        capabilities::{Capabilities, Colors},
        glyphs::Glyphs,
        input::{self, Input},
        key_gate::KeyGate,
        paint::Painter,
    },
};
use crossterm::{
    cursor::{Hide, MoveTo, Show},
    event::{self, DisableMouseCapture, EnableMouseCapture, KeyEventKind},
    execute, queue,
    style::ResetColor,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode, size,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    io::{self, IsTerminal},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

/// What was taken of the terminal; the panic hook and the way out both look here.
static TAKEN: AtomicU8 = AtomicU8::new(0);
/// Its modes.
const MODES: u8 = 1;
/// Its second screen and its mouse.
const SECOND: u8 = 2;
/// Its cursor.
const CURSOR: u8 = 4;

/// What is kept for the bytes of a frame.
const LITTLE: usize = 8 * 1024;
/// No screen has more columns and rows; a pty that is broken may claim it.
const LARGEST: (u16, u16) = (1600, 500);
/// What is drawn on where a terminal does not say how large it is.
const UNSAID: (u16, u16) = (80, 24);

/// Which of the standard streams is not a terminal, where one is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Keys come from it.
    Input,
    /// Frames go to it.
    Output,
}

/// What a dashboard lacks. Where a layout is read from standard input, keys come from the controlling
/// terminal.
pub fn missing(layout_on_input: bool) -> Option<Missing> {
    let input = match layout_on_input {
        true => tty::has_own_keys(),
        false => io::stdin().is_terminal(),
    };
    match (io::stdout().is_terminal(), input) {
        (false, _) => Some(Missing::Output),
        (true, false) => Some(Missing::Input),
        (true, true) => None,
    }
}

/// Whether the screen is taken now.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst) != 0
}

/// Gives the screen back, if it was taken. Safe to call at any time, from any thread, twice.
pub fn restore() {
    let taken = TAKEN.swap(0, Ordering::SeqCst);
    if taken == 0 {
        return;
    }
    let mut out = io::stdout();
    // a terminal that has gone away cannot be restored, and need not be
    let _ = match taken & SECOND {
        0 => execute!(out, ResetColor, Clear(ClearType::All), MoveTo(0, 0)),
        _ => execute!(out, DisableMouseCapture, ResetColor, LeaveAlternateScreen),
    };
    if taken & CURSOR != 0 {
        let _ = execute!(out, Show);
    }
    let _ = disable_raw_mode();
}

/// Gives back what can be without a word to the terminal, which takes none: its modes.
pub fn give_up() {
    TAKEN.store(0, Ordering::SeqCst);
    let _ = disable_raw_mode();
}

/// Reads what a person does.
pub struct InputReader {
    keys: Keys,
    answers: Answers,
}

/// How long crossterm is asked for keys that it has read already. Zero would not look at them.
const QUEUED: Duration = Duration::from_micros(50);

impl InputReader {
    /// A reader of the terminal that keys come from.
    pub fn new() -> InputReader {
        InputReader { keys: Keys::new(), answers: Answers::default() }
    }

    /// Waits for the next input; while `gate` is closed, keys are left to another program.
    pub fn read(&mut self, gate: &KeyGate) -> Input {
        loop {
            let _open = gate.open();
            // several keys may have come with one read
            match event::poll(QUEUED) {
                Ok(true) => {}
                Ok(false) => match self.keys.wait(gate.bell()) {
                    Ok(_) => continue,
                    Err(_) => return Input::Gone,
                },
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Input::Gone,
            }
            match event::read() {
                Ok(event) => {
                    if let Some(input) = self.input(event) {
                        return input;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Input::Gone,
            }
        }
    }

    fn input(&mut self, event: event::Event) -> Option<Input> {
        match event {
            event::Event::Key(pressed) if pressed.kind != KeyEventKind::Release => {
                let key = input::key(pressed)?;
                match self.answers.take(key) {
                    KeyRole::Pressed => Some(Input::Key(key)),
                    KeyRole::Partial => None,
                    KeyRole::Background(color) => Some(Input::Background(color)),
                }
            }
            event::Event::Mouse(mouse) => input::of_mouse(mouse),
            event::Event::Resize(..) => Some(Input::Resize),
            _ => None,
        }
    }
}

/// How a picture is made fit for a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// What the terminal understands.
    pub capabilities: Capabilities,
    /// What its font and its locale have.
    pub glyphs: Glyphs,
    /// Whether clicks and the wheel come here.
    pub mouse: bool,
}

impl Look {
    fn fit(&self, picture: &mut Buffer) {
        self.glyphs.fit(picture);
        let known = self.capabilities.modifiers();
        if self.capabilities.colors == Colors::All && known.is_all() {
            return;
        }
        for cell in &mut picture.content {
            cell.fg = self.capabilities.color(cell.fg);
            cell.bg = self.capabilities.color(cell.bg);
            cell.modifier &= known;
        }
    }
}

/// The screen: what it shows, and the next picture of it, of which only the difference is written.
pub struct TerminalScreen {
    painter: Painter,
    next: Buffer,
    out: Vec<u8>,
    /// How pictures are made fit for it.
    pub look: Look,
}

impl TerminalScreen {
    /// Takes the screen.
    pub fn take(look: Look) -> io::Result<TerminalScreen> {
        let painter = Painter::new(Rect::ZERO, look.capabilities);
        let mut screen = TerminalScreen { painter, next: Buffer::default(), out: Vec::new(), look };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the screen again after [`restore`].
    pub fn enter(&mut self) -> io::Result<()> {
        tty::prepare();
        enable_raw_mode()?;
        let Capabilities { is_modern, hides_cursor, .. } = self.look.capabilities;
        let second = if is_modern { SECOND } else { 0 };
        let cursor = if hides_cursor { CURSOR } else { 0 };
        TAKEN.store(MODES | second | cursor, Ordering::SeqCst);
        if is_modern {
            queue!(self.out, EnterAlternateScreen)?;
        }
        if is_modern && self.look.mouse {
            queue!(self.out, EnableMouseCapture)?;
        }
        if hides_cursor {
            queue!(self.out, Hide)?;
        }
        self.clear()
    }

    /// Takes clicks and the wheel from now on, or leaves them to the terminal.
    pub fn take_mouse(&mut self, takes: bool) -> io::Result<()> {
        let is_other = std::mem::replace(&mut self.look.mouse, takes) != takes;
        match (self.look.capabilities.is_modern && is_other, takes) {
            (true, true) => queue!(self.out, EnableMouseCapture),
            (true, false) => queue!(self.out, DisableMouseCapture),
            (false, _) => Ok(()),
        }
    }

    /// Forgets what is shown, so that everything is written again.
    pub fn clear(&mut self) -> io::Result<()> {
        let (columns, rows) = sensible(size()?);
        let area = Rect::new(0, 0, columns, rows);
        self.painter = Painter::new(area, self.look.capabilities);
        self.next = Buffer::empty(area);
        queue!(self.out, ResetColor, Clear(ClearType::All))
    }

    /// Rings the bell with the next frame.
    pub fn ring(&mut self) {
        self.out.push(0x07);
    }

    /// Asks the terminal, with the next frame, what its background is.
    pub fn ask_background(&mut self) {
        self.out.extend_from_slice(background::QUESTION);
    }

    /// The size of the screen.
    pub fn area(&self) -> Rect {
        self.next.area
    }

    /// Draws a frame. Nothing is written where nothing has changed.
    pub fn draw(&mut self, draw: impl FnOnce(Rect, &mut Buffer)) -> io::Result<()> {
        self.next.reset();
        draw(self.next.area, &mut self.next);
        self.look.fit(&mut self.next);
        self.painter.paint(&self.next, &mut self.out);
        let written = tty::write(&self.out);
        self.out.clear();
        self.out.shrink_to(LITTLE); // a whole screen is rare
        written
    }
}

/// A size that can be drawn on, whatever a terminal says.
fn sensible((columns, rows): (u16, u16)) -> (u16, u16) {
    match (columns, rows) {
        (0, _) | (_, 0) => UNSAID,
        _ => (columns.min(LARGEST.0), rows.min(LARGEST.1)),
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

/// What the terminal of this name shows and understands; `None` for one that cannot show a dashboard. Colours only
/// where they are wanted (<https://no-color.org>).
pub fn look(term: Option<&str>, glyphs: Glyphs, mouse: bool) -> Option<Look> {
    let mut capabilities = Capabilities::of(term)?;
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        capabilities.colors = Colors::None;
    }
    Some(Look { capabilities, glyphs, mouse })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_one_that_can_be_drawn_on() {
        for (said, taken) in [
            ((120, 40), (120, 40)),
            ((1, 1), (1, 1)),
            ((65535, 65535), LARGEST),
            ((65535, 24), (1600, 24)),
            ((0, 0), (80, 24)),
            ((0, 24), (80, 24)),
        ] {
            assert_eq!(sensible(said), taken, "{said:?}");
        }
    }
}
