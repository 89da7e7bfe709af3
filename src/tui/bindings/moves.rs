//! The moves of lists by the names of their commands.

use manytop_core::widget::Move;

/// The move of a command of [`LISTS`](super::LISTS).
pub fn movement(command: &str) -> Option<Move> {
    Some(match command {
        "down" => Move::Down,
        "up" => Move::Up,
        "half_down" => Move::HalfDown,
        "half_up" => Move::HalfUp,
        "page_down" => Move::PageDown,
        "page_up" => Move::PageUp,
        "top" => Move::First,
        "end" => Move::Last,
        _ => return None,
    })
}
