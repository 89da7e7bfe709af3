//! Frames of the built-in recording, and the painter: for `benches/painter`.

use crate::{
    cli::once,
    config::{discovery::Discovered, load::Loaded},
    recording::replay,
    tui::{
        capabilities::Capabilities,
        dashboard::Dashboard,
        glyphs::{Glyphs, Locale},
    },
};
use manytop_core::{
    config::{self, Config, Request},
    past::PastStore,
    registry::Registry,
};
use ratatui::buffer::Buffer;
use std::time::Duration;

pub use crate::tui::paint::Painter;

/// What the painter writes for a modern terminal.
///
/// # Errors
/// There are none for its name.
pub fn modern() -> Result<Capabilities, String> {
    Capabilities::of(Some("xterm-256color")).ok_or_else(|| "xterm is not known".to_owned())
}

/// Frames of that size, a second apart.
///
/// # Errors
/// The recording cannot be shown.
pub fn of_demo(size: (u16, u16), count: usize) -> Result<Vec<Buffer>, String> {
    let registry = Registry::load(&config::reserved_words())?;
    let request = Request { no_local: true, ..Request::bare() };
    let config = Config::load(&request, &registry).map_err(|errors| errors.to_string())?;
    let loaded = Loaded::of(config, registry, None, &Discovered::default())?;
    let mut store = replay::demo(&loaded.parts.registry)?;
    let (first, last) = store.span().ok_or("the recording is empty")?;
    let glyphs = Glyphs::of("utf8", &Locale::of_environment(), None);
    let frame = once::PrintedFrame { size, glyphs };
    let mut dashboard = Dashboard::new(loaded.parts, &store.at(first))?;
    let instants = (0..count).map(|n| first + Duration::from_secs(n as u64));
    let frames = instants.take_while(|at| *at <= last).map(|at| {
        let snapshot = store.at(at);
        dashboard.adapt(&snapshot, at);
        once::cells(&mut dashboard, &snapshot, at, frame)
    });
    Ok(frames.collect())
}
