//! What the screen writes into files: pictures of itself, and keys of the config.

use super::{dashboard::Dashboard, options::KeyChange};
use crate::{config::reload::Reloader, picture};
use manytop_core::{
    clock::Moment,
    config::{self, Request},
    file::{self, Existing},
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::Snapshot,
};
use std::path::Path;

/// Saves what is on the screen as a picture, in the folder in which the program was started.
pub fn save_picture(board: &mut Dashboard, snapshot: &Snapshot, now: Moment, area: Rect) {
    let mut buffer = Buffer::empty(area);
    board.draw(snapshot, now, area, &mut buffer);
    let name = chrono::Local::now().format("manytop-%Y%m%d-%H%M%S.svg").to_string();
    let picture = picture::svg(&buffer, &board.parts.theme);
    let text = match file::replace(Path::new(&name), picture.as_bytes(), Existing::Keep) {
        Ok(()) => format!("saved as {name}"),
        Err(error) => format!("{name} cannot be written: {error}"),
    };
    board.journal.tell(&text);
    board.say(text, now);
}

/// Changes a key for this run, or writes it into a file and reads the config again.
pub fn option(change: KeyChange, request: &Request, reloader: &Reloader, board: &mut Dashboard) {
    let KeyChange { key, value, keep } = change;
    if !keep {
        return reloader.set(key, value);
    }
    let now = Moment::now();
    let Some(config) = &board.config else { return };
    let states = config.key_states(&board.parts.registry);
    let spec = states.iter().find(|state| state.key == key).map(|state| state.spec);
    let Some(spec) = spec else { return };
    let value = value.unwrap_or_default();
    match config.keep(request, &board.parts.registry, &key, spec, &value) {
        Ok(path) => {
            let text = format!("{key} written to {}", config::shown(&path));
            board.journal.tell(&text);
            board.say_of_option(text.clone(), true);
            board.say(text, now);
            reloader.set(key, None);
        }
        Err(problem) => {
            let text = format!("{key} not written: {problem}");
            board.journal.warn(&text);
            board.say_of_option(text.clone(), false);
            board.say(text, now);
        }
    }
}
