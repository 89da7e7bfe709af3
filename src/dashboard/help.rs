//! The help: every key that does something, the widgets' own ones by the widgets.

use super::frame;
use manytop_core::{
    draw::text,
    ratatui_core::{buffer::Buffer, layout::Rect},
    registry::Registry,
    theme::Theme,
    widget::KeyHelp,
};

/// The keys of the dashboard itself.
pub const KEYS: &[KeyHelp] = &[
    KeyHelp { keys: "q  ^c", help: "quit" },
    KeyHelp { keys: "?", help: "this help" },
    KeyHelp { keys: "j k  g G", help: "lists: down, up, top, end" },
    KeyHelp { keys: "^d ^u  ^f ^b", help: "lists: half a page, a page" },
    KeyHelp { keys: "h  l", help: "graphs: shorter, longer time" },
    KeyHelp { keys: "b", help: "network rates in bits or bytes" },
    KeyHelp { keys: "Shift-Tab", help: "keys go to the next box; so does a click" },
    KeyHelp { keys: "Esc", help: "back from an opened host" },
    KeyHelp { keys: "[  ]", help: "an opened host: the one before, the next" },
    KeyHelp { keys: "L", help: "the log: what went down, came back, and what is wrong" },
    KeyHelp { keys: "^r", help: "read the config again, as saving it does" },
    KeyHelp { keys: "^z", help: "to the background" },
    KeyHelp { keys: "^l", help: "draw everything anew" },
];

/// The lines of the help: headings, and keys with what they do.
pub fn lines(registry: &Registry, words: &[&str]) -> Vec<(Option<&'static str>, KeyHelp)> {
    let mut lines: Vec<(Option<&'static str>, KeyHelp)> = Vec::new();
    let mut section = |heading: &'static str, keys: &[KeyHelp]| {
        for (n, key) in keys.iter().enumerate() {
            lines.push(((n == 0).then_some(heading), *key));
        }
    };
    section("everywhere", KEYS);
    for plugin in registry.widgets() {
        if words.contains(&plugin.name()) {
            section(plugin.name(), plugin.key_help());
        }
    }
    lines
}

/// Draws the help over everything else.
pub fn draw(
    registry: &Registry,
    words: &[&str],
    scroll: u16,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let lines = lines(registry, words);
    let heading = lines.iter().filter_map(|(h, _)| *h).map(text::width).max().unwrap_or(0);
    let keys = lines.iter().map(|(_, k)| text::width(k.keys)).max().unwrap_or(0);
    let help = lines.iter().map(|(_, k)| text::width(k.help)).max().unwrap_or(0);
    let width = heading + keys + help + 8;
    let height = (lines.len() + 2) as u16;
    let at = frame::centered(area, width, height);
    let inside = frame::window("help: j k scroll, Esc back", at, theme, buffer);
    let skip = usize::from(scroll).min(lines.len().saturating_sub(usize::from(inside.height)));
    for (y, (title, key)) in (inside.y..inside.bottom()).zip(lines.iter().skip(skip)) {
        let mut put = |x: u16, words: &str, style| {
            let x = inside.x.saturating_add(x);
            if x < inside.right() {
                buffer.set_stringn(x, y, words, usize::from(inside.right() - x), style);
            }
        };
        put(1, title.unwrap_or_default(), theme.dim());
        put(heading + 3, key.keys, theme.heading());
        put(heading + keys + 5, key.help, theme.plain());
    }
}
