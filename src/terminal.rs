//! The only file that touches the terminal: takes the screen, gives it back whatever happens, reads
//! keys, and writes what has changed.

use crate::paint::Painter;
use crossterm::{
    cursor::{Hide, Show},
    event::{
        self, DisableMouseCapture, EnableMouseCapture, KeyCode, KeyEvent, KeyEventKind,
        KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
    },
    execute, queue,
    style::ResetColor,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode, size,
    },
};
use manytop_core::widget::Key;
use ratatui::{buffer::Buffer, layout::Rect, style::Color};
use std::{
    io::{self, IsTerminal},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether the screen is taken; the panic hook and the way out both look here.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// What is kept for the bytes of a frame.
const LITTLE: usize = 8 * 1024;

/// Whether a dashboard can be shown at all.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// Whether the screen is taken now.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Gives the screen back, if it was taken. Safe to call at any time, from any thread, twice.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // a terminal that has gone away cannot be restored, and need not be
        let _ = execute!(out, DisableMouseCapture, ResetColor, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Gives back what can be without a word to the terminal, which takes none: its modes.
pub fn give_up() {
    TAKEN.store(false, Ordering::SeqCst);
    let _ = disable_raw_mode();
}

/// What a person did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A key.
    Key(Key),
    /// A press of the left button, in columns and rows of the screen.
    Click(u16, u16),
    /// The wheel; `true` towards the person.
    Wheel(u16, u16, bool),
    /// The window has another size.
    Resize,
    /// The terminal is gone.
    Gone,
}

/// Waits for the next thing a person does.
pub fn read() -> Input {
    loop {
        match event::read() {
            Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => {
                if let Some(key) = translate(key) {
                    return Input::Key(key);
                }
            }
            Ok(event::Event::Mouse(mouse)) => {
                if let Some(input) = mouse_input(mouse) {
                    return input;
                }
            }
            Ok(event::Event::Resize(..)) => return Input::Resize,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Input::Gone,
        }
    }
}

fn mouse_input(mouse: MouseEvent) -> Option<Input> {
    let (x, y) = (mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(x, y)),
        MouseEventKind::ScrollDown => Some(Input::Wheel(x, y, true)),
        MouseEventKind::ScrollUp => Some(Input::Wheel(x, y, false)),
        _ => None,
    }
}

fn translate(key: KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Key::Ctrl(c.to_ascii_lowercase())
        }
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::F(n) => Key::F(n),
        _ => return None,
    })
}

/// The screen: what it shows, and the next picture of it, of which only the difference is written.
pub struct Screen {
    painter: Painter,
    next: Buffer,
    out: Vec<u8>,
}

impl Screen {
    /// Takes the screen.
    pub fn take() -> io::Result<Screen> {
        let mut screen =
            Screen { painter: Painter::new(Rect::ZERO), next: Buffer::default(), out: Vec::new() };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the screen again after [`restore`].
    pub fn enter(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        queue!(self.out, EnterAlternateScreen, Hide, EnableMouseCapture)?;
        self.clear()
    }

    /// Forgets what is shown, so that everything is written anew.
    pub fn clear(&mut self) -> io::Result<()> {
        let (columns, rows) = size()?;
        let area = Rect::new(0, 0, columns, rows);
        self.painter = Painter::new(area);
        self.next = Buffer::empty(area);
        queue!(self.out, ResetColor, Clear(ClearType::All))
    }

    /// Draws a frame. Nothing is written where nothing has changed.
    pub fn draw(&mut self, draw: impl FnOnce(Rect, &mut Buffer)) -> io::Result<()> {
        self.next.reset();
        draw(self.next.area, &mut self.next);
        self.painter.paint(&self.next, &mut self.out);
        let written = write(&self.out);
        self.out.clear();
        self.out.shrink_to(LITTLE); // a whole screen is rare
        written
    }
}

/// Straight to the terminal: standard output's own buffer would cut a frame at its line feeds.
fn write(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether colours are wanted at all (<https://no-color.org>).
pub fn has_colors() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Takes the colours out of a picture; bold, reversed and the like stay.
pub fn without_colors(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        cell.fg = Color::Reset;
        cell.bg = Color::Reset;
    }
}
