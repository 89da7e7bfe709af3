//! The last row: what there is to say for a while, and the keys of the box that has the keys.
//!
//! ```text
//!  Enter  details   d  signal   t  tree   /  filter   1-6  box   z  zoom   :  commands   ?  help
//! ```

use super::bindings::{Bindings, Scope};
use manytop_core::{
    draw::{Canvas, text::width},
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
};

/// What goes on while the past is shown.
const GOES_ON: &str = "polling goes on";

/// What the last row shows.
pub struct Hints<'a> {
    /// Something to say, for a while.
    pub said: Option<&'a str>,
    /// The widget that has the keys.
    pub widget: Option<&'static str>,
    /// How many boxes have a digit.
    pub boxes: usize,
    /// A host is open over the list that it was opened from.
    pub opened: bool,
    /// The past is shown: nothing can be signalled.
    pub past: bool,
    /// There is a present beside the past that is shown.
    pub polls: bool,
}

/// Draws the row. The last two keys, commands and help, are drawn at any width that has room for them.
pub fn draw(hints: &Hints<'_>, bindings: &Bindings, theme: &Theme, row: Rect, buffer: &mut Buffer) {
    let mut on = Canvas::new(buffer, row, theme);
    let all = keys(hints, bindings);
    let (last, first) = {
        let at = all.len().saturating_sub(2);
        (&all[at..], &all[..at])
    };
    let cost = |(key, what): &(String, &str)| width(key) + width(what) + 5;
    let kept: u16 = last.iter().map(cost).sum();
    let mut end = on.width();
    if hints.past && hints.polls && hints.said.is_none() && end >= 140 {
        end -= width(GOES_ON) + 1;
        on.put(end, 0, GOES_ON, theme.past);
    }
    let mut x = 1;
    if let Some(said) = hints.said {
        let room = on.width().saturating_sub(kept + 4);
        x = on.column(x, 0, room, said, theme.warn) + 3;
    }
    for hint in first {
        if x + cost(hint) + kept > end {
            break;
        }
        x = on.keycap(x, 0, &hint.0, hint.1) + 2;
    }
    for hint in last {
        if x + cost(hint) > end + 2 {
            break;
        }
        x = on.keycap(x, 0, &hint.0, hint.1) + 2;
    }
}

/// The keys and their words, those of the widget first.
fn keys(hints: &Hints<'_>, bindings: &Bindings) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    let everywhere = |name| bindings.first_key(Scope::Everywhere, name);
    if hints.opened {
        all.extend(everywhere("close").map(|key| (key, "back to all hosts")));
        let around = everywhere("host_previous").zip(everywhere("host_next"));
        all.extend(around.map(|(a, b)| (format!("{a} {b}"), "host before, after")));
    }
    if let Some(word) = hints.widget {
        let own = bindings.all().iter().filter(|b| b.scope == Scope::Widget(word));
        all.extend(
            own.filter(|b| !b.command.hint_word().is_empty())
                .filter(|b| !hints.past || b.command.name() != "signal")
                .filter_map(|b| Some((b.keys.first()?.to_string(), b.command.hint_word()))),
        );
    }
    if hints.boxes > 1 {
        all.push((format!("1-{}", hints.boxes.min(9)), "box"));
    }
    all.extend(everywhere("enlarge").map(|key| (key, "zoom")));
    let freeze = match (hints.past, hints.polls) {
        (true, false) => "to the end",
        (true, true) => "back to now",
        (false, _) => "freeze",
    };
    all.extend(everywhere("freeze").map(|key| (key, freeze)));
    all.extend(everywhere("palette").map(|key| (key, "commands")));
    all.extend(everywhere("help").map(|key| (key, "help")));
    all
}
