//! The panel beside the lines of several sources: a row a device with label, history and percentage.
//!
//! ```text
//! Jerry-CPU0  ⣀⣀⣤⣤⣶  37
//! Jerry-CPU1  ⣤⣤⣤⣶⣶  58
//! CPU0        ⣀⣀⣀⣀⣀   3
//! ```

use crate::{row::ShortNames, series::Samples};
use manytop_plugin::{
    draw::{Canvas, Ink},
    ratatui_core::layout::Rect,
    reading::Kind,
    view::{Shown, View},
    vocabulary as v,
};

/// Columns of the panel and of the gap before it.
const PANEL: u16 = 40;

/// The column of the gap between graph and panel. `None` in boxes narrower than `wide` columns, and
/// where a row for each device would not fit.
pub fn split(view: &View<'_>, kind: Kind, area: Rect, wide: u16) -> Option<u16> {
    let devices = view.devices(kind).count();
    let fits = area.width >= wide && (1..=usize::from(area.height)).contains(&devices);
    fits.then(|| area.width - PANEL)
}

/// Draws a row for each device of a kind.
pub fn draw(view: &View<'_>, kind: Kind, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let all: Vec<Shown<'_>> = view.devices(kind).collect();
    let names = ShortNames::of(view);
    let label = names.widest(&all, on.width().saturating_sub(12));
    let spark = on.width().saturating_sub(label + 8);
    for (y, shown) in (0..on.height()).zip(&all) {
        let (source, device) = (shown.source, shown.device);
        on.column(1, y, label, &names.label(shown), view.host(source));
        let metric = (kind, &v::PERCENT);
        let history = Samples::device(view, source, metric, &device.name, spark);
        on.spark(label + 2, y, spark, history.trace(), 100.0, Ink::Level);
        let percent = device.value(&v::PERCENT);
        on.percent(label + 3 + spark, y, 3, percent, theme.levels, shown.old);
    }
}
