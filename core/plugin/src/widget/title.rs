//! What is written into the border of a box, from the side of the widget:
//!
//! ```text
//! ╭─ 1 cpu ─ 44 % ─ ■ user 31 ─ max 78 ────────┬──── Ryzen 7 ─ 4.9 GHz ─╮
//! │  name   value   series                     divider        right     ┃ scroll
//! ├─ threads ── rule ───────────────────────────────────────────────────┤
//! ╰── 2m ┴───────────── 1m ┴──────────────── now ─── axis ───── foot ───╯
//! ```
//!
//! The application draws the digit that focuses the box, the name, the source, its age and failure, and
//! the border's colour. Columns and rows are those of the inside: 0 is the first behind the border.

use crate::{
    draw::{canvas::parts, strip},
    theme::Theme,
};
use ratatui_core::{
    style::Style,
    text::{Line, Span},
};
use std::time::Duration;

/// One part of a border: runs of text. Those without a colour are drawn as text.
pub type Segment = Line<'static>;

/// What is written into the border of a widget.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Title {
    /// The name, bright and bold where it has no style of its own.
    pub name: Segment,
    /// At the left, behind the name, and whether it stays when others go: the value, the worst item. What
    /// does not fit goes from the right.
    pub left: Vec<(Segment, bool)>,
    /// At the right: what rarely changes, or the box's own keys. Goes before anything at the left does,
    /// the first of it first.
    pub right: Vec<Segment>,
    /// At the left of the bottom border.
    pub foot: Vec<Segment>,
    /// At the right of the bottom border.
    pub foot_right: Vec<Segment>,
    /// Heads in the top border: the columns where their texts begin.
    pub heads: Vec<(u16, Segment)>,
    /// Lines across the box, with titles of their own.
    pub rules: Vec<Rule>,
    /// The column of a vertical line.
    pub divider: Option<u16>,
    /// The time axis of a graph, in the bottom border.
    pub axis: Option<Axis>,
    /// Which part of a list is in view.
    pub scroll: Option<Scroll>,
}

/// A line across a box: `├─ threads ───┤`.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// Its row.
    pub row: u16,
    /// What is written into it at the left.
    pub left: Vec<Segment>,
}

/// The time axis of a graph that ends now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Axis {
    /// The first column of the graph.
    pub x: u16,
    /// Its width.
    pub width: u16,
    /// What one column is long: two samples.
    pub column: Duration,
}

/// Which rows of a list are in view, for the thumb at the right border.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scroll {
    /// The first.
    pub first: usize,
    /// How many.
    pub shown: usize,
    /// Of how many.
    pub total: usize,
}

impl Title {
    /// A title that is a name.
    pub fn new(name: impl Into<Segment>) -> Title {
        Title { name: name.into(), ..Title::default() }
    }

    /// With a segment that stays as long as the name does: the value of the box, its worst item.
    #[must_use]
    pub fn value(mut self, segment: impl Into<Segment>) -> Title {
        self.left.push((segment.into(), true));
        self
    }

    /// With a segment that goes when it does not fit: a series, a maximum.
    #[must_use]
    pub fn item(mut self, segment: impl Into<Segment>) -> Title {
        self.left.push((segment.into(), false));
        self
    }

    /// With a segment at the right.
    #[must_use]
    pub fn right(mut self, segment: impl Into<Segment>) -> Title {
        self.right.push(segment.into());
        self
    }

    /// With a segment at the left of the bottom border.
    #[must_use]
    pub fn foot(mut self, segment: impl Into<Segment>) -> Title {
        self.foot.push(segment.into());
        self
    }

    /// With a head in the top border that begins in this column.
    #[must_use]
    pub fn head(mut self, column: u16, segment: impl Into<Segment>) -> Title {
        self.heads.push((column, segment.into()));
        self
    }

    /// With a line across the box.
    #[must_use]
    pub fn rule(mut self, row: u16, left: Vec<Segment>) -> Title {
        self.rules.push(Rule { row, left });
        self
    }

    /// With a vertical line in this column; the left side of the title ends there.
    #[must_use]
    pub fn divider(mut self, column: u16) -> Title {
        self.divider = Some(column);
        self
    }

    /// With a time axis.
    #[must_use]
    pub fn axis(mut self, axis: Axis) -> Title {
        self.axis = Some(axis);
        self
    }

    /// With a thumb at the right border, when not all rows are in view.
    #[must_use]
    pub fn scroll(mut self, first: usize, shown: usize, total: usize) -> Title {
        self.scroll = Some(Scroll { first, shown, total });
        self
    }

    /// The name and what is at its right, without styles, for tests: `cpu ─ 44 % ─ user 31`.
    pub fn words(&self) -> String {
        let left = self.left.iter().map(|(segment, _)| segment);
        let all: Vec<String> =
            std::iter::once(&self.name).chain(left).map(ToString::to_string).collect();
        all.join(" ─ ")
    }

    /// What is at the right, without styles, for tests.
    pub fn right_words(&self) -> String {
        self.right.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ─ ")
    }
}

impl Axis {
    /// Marks for whole times: (columns from the right end, text). At least 20 columns lie between two.
    pub fn marks(&self) -> impl Iterator<Item = (u16, String)> {
        const STEPS: [(u64, char); 20] = [
            (1, 's'),
            (2, 's'),
            (5, 's'),
            (10, 's'),
            (20, 's'),
            (30, 's'),
            (1, 'm'),
            (2, 'm'),
            (5, 'm'),
            (10, 'm'),
            (20, 'm'),
            (30, 'm'),
            (1, 'h'),
            (2, 'h'),
            (4, 'h'),
            (8, 'h'),
            (12, 'h'),
            (1, 'd'),
            (2, 'd'),
            (7, 'd'),
        ];
        let seconds = |unit| match unit {
            's' => 1.0,
            'm' => 60.0,
            'h' => 3600.0,
            _ => 86_400.0,
        };
        let column = self.column.as_secs_f64().max(1e-3);
        let length = move |(n, unit): (u64, char)| n as f64 * seconds(unit) / column;
        let (n, unit) = STEPS.into_iter().find(|step| length(*step) >= 20.0).unwrap_or((7, 'd'));
        let width = self.width;
        (1..)
            .map(move |k| ((length((n, unit)) * f64::from(k)).round(), k))
            .take_while(move |(back, _)| *back < f64::from(width))
            .map(move |(back, k)| (back as u16, format!("{}{unit}", n * u64::from(k as u32))))
    }
}

/// A text in which `{letters}` in braces are hot: keys. The rest is drawn in the style, and as text
/// without one.
pub fn hot(text: &'static str, style: Style, theme: &Theme) -> Segment {
    let span = |(part, is_hot)| Span::styled(part, if is_hot { theme.hot() } else { style });
    parts(text).map(span).collect::<Vec<_>>().into()
}

/// A series of a graph: its mark, name and value, `■ user 31`. Without colours the mark is that of the
/// `layer`-th part of a stacked bar.
pub fn legend(
    mark: Style,
    layer: Option<usize>,
    name: &'static str,
    value: impl Into<String>,
    theme: &Theme,
) -> Segment {
    let glyph = match layer.and_then(|n| strip::LAYERS.get(n)) {
        Some(glyph) if theme.is_mono() => glyph.to_string(),
        None if theme.is_mono() => String::new(),
        _ => "■".into(),
    };
    let blank = if glyph.is_empty() { "" } else { " " };
    Line::from(vec![
        Span::styled(glyph, mark),
        Span::styled(format!("{blank}{name} "), theme.dim),
        Span::styled(value.into(), theme.text),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_marks_at_whole_times() {
        let marks = |secs_in_ms, width| {
            let axis = Axis { x: 4, width, column: Duration::from_millis(secs_in_ms) };
            axis.marks().map(|(back, text)| format!("{back}:{text}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(marks(2000, 93), "30:1m 60:2m 90:3m");
        assert_eq!(marks(1000, 47), "20:20s 40:40s");
        assert_eq!(marks(500, 47), "20:10s 40:20s");
        assert_eq!(marks(64_000, 93), "28:30m 56:60m 84:90m");
        assert_eq!(marks(2000, 20), "");
    }

    #[test]
    fn hot_letters_are_spans_of_their_own() {
        let theme = Theme::default();
        let segment = hot("{t}ree", theme.dim, &theme);
        let spans: Vec<_> = segment.spans.iter().map(|s| (&*s.content, s.style)).collect();
        assert_eq!(spans, [("t", theme.hot()), ("ree", theme.dim)]);
        let title = Title::new("cpu").value("44 %").item(segment).right("model");
        assert_eq!(title.words(), "cpu ─ 44 % ─ tree");
    }
}
