//! What is written around the cells of the map: the heading, the names of groups, and behind the cells what
//! is wrong with a group, its mean, its history and its worst host.

use super::{FIGURES, Map};
use crate::hosts::{
    cells,
    sign::Sign,
    tiers::{Stats, TierRow},
};
use manytop_plugin::{
    draw::{Canvas, Ink, Place, Trace, compact, strip::bar, text},
    ratatui_core::{layout::Rect, style::Modifier},
    view::View,
};
use std::time::Duration;

/// What is behind the cells where a row is so wide at the least, and how many columns that takes.
const TAILS: [(u16, u16, &[Tail]); 3] = [
    (140, 46, &[Tail::Signs, Tail::Mean, Tail::History, Tail::Worst, Tail::Name]),
    (110, 36, &[Tail::Signs, Tail::Mean, Tail::Worst, Tail::Name]),
    (64, 14, &[Tail::Mean, Tail::Worst]),
];
/// Cells of the history of a group, and the time that one of their two samples covers.
pub(super) const HISTORY: (u16, Duration) = (8, Duration::from_millis(7500));

/// A column behind the cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tail {
    /// How many hosts have which sign.
    Signs,
    Mean,
    /// The mean over the last two minutes.
    History,
    /// The highest value.
    Worst,
    /// The name of its host.
    Name,
}

impl Tail {
    /// Its width; the name has what is left.
    const fn width(self) -> u16 {
        match self {
            Tail::Signs => 11,
            Tail::Mean => 6,
            Tail::History => HISTORY.0 + 2,
            Tail::Worst => 7,
            Tail::Name => 12,
        }
    }
}

impl Map {
    /// Columns behind the cells.
    pub(super) fn tail(&self, width: u16) -> &'static [Tail] {
        let fits = TAILS.iter().find(|(from, ..)| self.has_labels() && width >= *from);
        fits.map_or(&[], |(_, _, tail)| tail)
    }

    /// How many columns those take.
    pub(super) fn tail_width(&self, width: u16) -> u16 {
        let fits = TAILS.iter().find(|(from, ..)| self.has_labels() && width >= *from);
        fits.map_or(0, |(_, columns, _)| *columns)
    }

    /// Where those begin.
    fn tails(&self, width: u16) -> impl Iterator<Item = (Tail, u16)> + use<> {
        let mut x = width - self.tail_width(width);
        self.tail(width).iter().map(move |tail| {
            let at = x;
            x += tail.width();
            (*tail, at)
        })
    }

    /// The words of a group: its name, how many hosts, and behind the cells what is wrong, mean and worst.
    pub(super) fn words(
        &self,
        view: &View<'_>,
        line: &TierRow,
        suffix: &str,
        y: u16,
        on: &mut Canvas<'_>,
    ) {
        let (theme, figure) = (view.theme, self.figure());
        let mut stats = Stats::default();
        let mut count = 0;
        for group in &self.groups[line.groups.clone()] {
            stats.add(&group.stats);
            count += group.count;
        }
        let name = self.label - 8;
        let word = match line.groups.len() {
            1 => self.groups[line.groups.start].word(),
            _ => "others",
        };
        on.column(1, y, name, &text::cut_middle(word, name), theme.text);
        on.number(1 + name, y, 5, &compact::bytes(count as f64), theme.dim);
        let limits = &view.settings.limits;
        let number = |on: &mut Canvas<'_>, x: u16, value: Option<f64>| {
            let grade = value.map_or_else(Default::default, |v| limits.grade(figure, v));
            let text = value.map(|value| cells::shown(figure, value, view.settings));
            cells::figure(on, Place { x, width: 5 }, y, text.as_deref(), (grade, false));
        };
        let worst = stats.worst;
        for (tail, x) in self.tails(on.width()) {
            match tail {
                Tail::Signs => {
                    let mut part = on.part(Rect::new(x, y, tail.width(), 1));
                    let counted = Sign::TROUBLE.iter().zip(stats.signs).filter(|(_, n)| *n > 0);
                    counted.fold(1, |x, (sign, count)| {
                        let (style, sign) = (sign.style(theme), sign.char());
                        part.set(x, 0, sign, style.add_modifier(Modifier::BOLD));
                        part.put(x + 1, 0, &count.to_string(), style) + 1
                    });
                }
                Tail::Mean => {
                    number(on, x, (stats.known > 0).then(|| stats.sum / stats.known as f64));
                }
                Tail::History => {
                    let means = stats.means();
                    let trace = Trace::new(&means, self.newest);
                    on.spark(x + 1, y, HISTORY.0, trace, self.top, Ink::Level);
                }
                Tail::Worst => number(on, x, worst.map(|(_, value)| value)),
                Tail::Name => {
                    let Some((host, _)) = worst else { continue };
                    let Some(host) = view.numbered(host) else { continue };
                    let room = on.width().saturating_sub(x + 1);
                    let name = host.source.name();
                    let name = name.strip_suffix(suffix).unwrap_or(name);
                    on.column(x, y, room, &text::cut_middle(name, room), theme.dim);
                }
            }
        }
    }

    pub(super) fn heading(&self, view: &View<'_>, on: &mut Canvas<'_>) {
        let theme = view.theme;
        let (figure, unit) = FIGURES[self.figure % FIGURES.len()];
        let mut x = on.runs(
            1,
            0,
            &[("map  ", theme.dim), (figure.word(), theme.strong()), (unit, theme.dim)],
        );
        x = on.hot(x, 0, "  {m} next", theme.dim);
        if let Some(mean) = self.all.mean().filter(|_| on.width() >= 60) {
            let [mean, p95] = [mean, self.all.p95].map(|v| cells::shown(figure, v, view.settings));
            let parts = [
                ("  mean ", theme.dim),
                (&*mean, theme.text),
                ("  p95 ", theme.dim),
                (&*p95, theme.text),
            ];
            x = on.runs(x, 0, &parts);
        }
        let end = on.width() - self.tail_width(on.width());
        for (tail, x) in self.tails(on.width()) {
            match tail {
                Tail::Mean => _ = on.number(x, 0, 5, "mean", theme.dim),
                Tail::History => _ = on.number(x + 1, 0, HISTORY.0, "2m", theme.dim),
                Tail::Worst => _ = on.number(x, 0, 5, "worst", theme.dim),
                Tail::Signs | Tail::Name => {}
            }
        }
        let top = cells::shown(figure, self.top, view.settings);
        // the scale, seven bars, the top, and the signs
        let signs = [(Sign::Down, "DOWN"), (Sign::Over, "limit"), (Sign::Stale, "stale")];
        let width = 2 + 7 + 1 + text::width(&top) + 9 + 10 + 9;
        let Some(mut at) = end.checked_sub(width + 2).filter(|at| *at > x + 1) else { return };
        at = on.put(at, 0, "0 ", theme.dim);
        for step in 0_u16..7 {
            let level = f64::from(step) / 6.0;
            on.set(at + step, 0, bar(level), theme.ramp(level * 100.0));
        }
        at = on.runs(at + 7, 0, &[(" ", theme.dim), (&top, theme.dim)]);
        for (sign, word) in signs {
            on.set(at + 2, 0, sign.char(), sign.style(theme).add_modifier(Modifier::BOLD));
            at = on.put(at + 4, 0, word, theme.dim);
        }
    }
}
