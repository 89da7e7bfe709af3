//! The help: every key that does something, the widgets' own ones by the widgets.

use super::{
    bindings::{Binding, Bindings, Scope},
    panel,
};
use manytop_core::{
    draw::{Canvas, text},
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
};

/// The heading where a new one begins, the keys, and what they do.
type HelpLine = (Option<&'static str>, String, &'static str);

/// The lines of the help. The layout editor has a help of its own.
pub fn lines(bindings: &Bindings, words: &[&str]) -> Vec<HelpLine> {
    of(bindings.of(words).filter(|binding| binding.scope != Scope::Editor))
}

/// The heading of the layout editor.
const EDITOR: &str = Scope::Editor.heading();

/// The lines of the help of the layout editor.
pub fn of_editor(bindings: &Bindings) -> Vec<HelpLine> {
    of(bindings.all().iter().filter(|binding| binding.scope == Scope::Editor))
}

fn of<'a>(bindings: impl Iterator<Item = &'a Binding>) -> Vec<HelpLine> {
    let mut last = None;
    bindings
        .filter(|binding| !binding.keys.is_empty())
        .map(|binding| {
            let heading = binding.scope.heading();
            let new = last.replace(heading) != Some(heading);
            (new.then_some(heading), binding.shown(), binding.command.help())
        })
        .collect()
}

/// A column of the help is not narrower.
const NARROWEST: u16 = 58;
/// Blanks between two columns.
const GAP: u16 = 3;

/// One row of a column.
enum HelpRow<'a> {
    Blank,
    Heading(&'static str),
    Keys(&'a str, &'static str),
}

/// Draws the help over everything else, in up to three columns. Returns by how many rows it can be
/// scrolled.
pub fn draw(
    lines: &[HelpLine],
    scroll: u16,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let keys = lines.iter().map(|(_, keys, _)| text::width(keys)).max().unwrap_or(0).min(24);
    let help = lines.iter().map(|(.., help)| text::width(help)).max().unwrap_or(0);
    let whole = keys + help + 6;
    let mut rows = Vec::new();
    for (heading, keys, help) in lines {
        if let Some(heading) = heading {
            rows.extend((!rows.is_empty()).then_some(HelpRow::Blank));
            rows.push(HelpRow::Heading(heading));
        }
        rows.push(HelpRow::Keys(keys, help));
    }
    let usable = area.width.saturating_sub(4);
    let columns = ((usable + GAP) / (whole.min(NARROWEST) + GAP)).clamp(1, 3);
    let wide = (usable + GAP) / columns - GAP.min((usable + GAP) / columns);
    let wide = wide.min(whole);
    let tall = (rows.len() as u16).div_ceil(columns);
    let size = ((wide + GAP) * columns - GAP + 4, tall.saturating_add(4));
    let title: &[&[panel::StyledRun<'_>]] = &[&[("help", theme.strong())]];
    let mut on = panel::open(title, ("", theme.dim), size, theme, area, buffer);
    let room = on.height().saturating_sub(2);
    let lower = u16::from(room >= 2) + u16::from(room >= 8);
    let seen = room - lower;
    let most = tall.saturating_sub(seen);
    if room >= 8 {
        let y = on.height() - 3;
        panel::rule(&mut on, y);
    }
    if room >= 2 {
        let all = [("j k", "scroll"), (":", "commands"), ("Esc", "close")];
        // over the layout editor any key closes it
        let first =
            if lines.iter().all(|line| line.0.is_none_or(|head| head == EDITOR)) { 2 } else { 0 };
        panel::foot(&mut on, &all[first.max(usize::from(most == 0))..]);
    }
    let across = on.width().saturating_sub(2);
    let mut on = on.part(Rect::new(1, 1, across, seen));
    for (nth, column) in (0..).zip(rows.chunks(usize::from(tall).max(1))) {
        let x = 1 + nth * (wide + GAP);
        for (y, row) in (0..seen).zip(column.iter().skip(scroll.min(most).into())) {
            match row {
                HelpRow::Blank => {}
                HelpRow::Heading(heading) => _ = on.put(x, y, heading, theme.strong()),
                HelpRow::Keys(shown, help) => {
                    let end = caps(&mut on, x, y, shown).max(x + keys + 2);
                    on.column(end + 1, y, (x + wide).saturating_sub(end + 1), help, theme.text);
                }
            }
        }
    }
    most
}

/// Keys, each on its cap. Returns the column behind them.
fn caps(on: &mut Canvas<'_>, x: u16, y: u16, keys: &str) -> u16 {
    let (cap, plain) = (on.theme.keycap, on.theme.text);
    // the blank between two keys belongs to both caps, so that the columns stay narrow
    let mut x = on.put(x, y, " ", cap);
    for (nth, key) in keys.split(' ').enumerate() {
        if nth > 0 {
            x = on.put(x, y, " ", if on.theme.is_mono() { plain } else { cap });
        }
        x = on.put(x, y, key, cap);
    }
    on.put(x, y, " ", cap)
}
