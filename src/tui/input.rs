//! What a person does with keys and the mouse, out of crossterm's events.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use manytop_core::{theme::Rgb, widget::Key};

/// What a person did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A key.
    Key(Key),
    /// A press of the left button, in columns and rows of the screen.
    Click(u16, u16),
    /// The left button is held and the mouse has moved.
    Drag(u16, u16),
    /// The wheel; `true` towards the person.
    Wheel(u16, u16, bool),
    /// The window has another size.
    Resize,
    /// The terminal says what its background is.
    Background(Rgb),
    /// The terminal is gone.
    Gone,
}

/// A click, a drag, or the wheel.
pub fn of_mouse(mouse: MouseEvent) -> Option<Input> {
    let (x, y) = (mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(x, y)),
        MouseEventKind::Drag(MouseButton::Left) => Some(Input::Drag(x, y)),
        MouseEventKind::ScrollDown => Some(Input::Wheel(x, y, true)),
        MouseEventKind::ScrollUp => Some(Input::Wheel(x, y, false)),
        _ => None,
    }
}

/// A key as widgets know it; `None` for those that they do not.
pub fn key(key: KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Key::Ctrl(c.to_ascii_lowercase())
        }
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::ALT) => Key::Alt(c),
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
