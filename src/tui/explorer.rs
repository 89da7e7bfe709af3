//! The explorer: everything that a host serves, as a tree that is searched by words. Enter watches a metric: it is
//! written into the config.
//!
//! ```text
//! ╭─ db1 ─ all that it serves ─────────────────────────────── 12 of 427 ─╮
//! │ : conn▏                                                              │
//! │  ▾ redis_*                                                 2 metrics │
//! │▌     redis_connected_clients            gauge     ⣀⣀⣤⣤⣶⣶⣿⣿        12 │
//! │    ▸ redis_connections                  counter             3 series │
//! ├──────────────────────────────────────────────────────────────────────┤
//! │  Number of client connections                                        │
//! ╰──────────────────────────────────────────────────────────────────────╯
//! ```

mod keep;
mod tree;
mod trends;

use super::{list::ListCursor, panel, typed::TextInput};
use keep::{KeepOutcome, PickedMetric, keep};
use manytop_core::{
    draw::{Canvas, spark, text::width},
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    theme::Theme,
    view::{Device, Snapshot},
    vocabulary as v,
    widget::Key,
};
use std::{collections::HashSet, path::PathBuf};
use tree::{ExplorerRow, Node};
use trends::{SAMPLES, Trends};

/// The size of the box where there is room.
const SIZE: (u16, u16) = (110, 34);
/// A host with so many series is listed with all groups open.
const FEW: usize = 40;
/// Characters that can be typed.
const TYPED_MAX: usize = 60;
/// Columns of the type, the sparkline, and the value.
const TYPE: u16 = 10;
const TREND: u16 = SAMPLES as u16 / 2 + 1;
const VALUE: u16 = 14;

/// The explorer of one host.
pub struct Explorer {
    /// The host.
    pub source: Source,
    /// The file that watches are written to.
    config: Option<PathBuf>,
    typed: TextInput,
    cursor: ListCursor,
    /// Groups and metrics that are open where they would be closed otherwise, or the other way round.
    toggled: HashSet<String>,
    trends: Trends,
    /// What can be done with each row of the tree, as of the last frame; none since rows were opened or words typed.
    rows: Vec<RowActions>,
}

/// What can be done with a row.
struct RowActions {
    /// Its name, where it has rows below it, and whether they are listed.
    node: Option<(String, bool)>,
    /// What Enter watches.
    picked: Option<PickedMetric>,
    /// The row that it is below.
    parent: Option<usize>,
}

/// What becomes of it after a key.
pub enum ExplorerKeyOutcome {
    /// The explorer has no use for the key.
    Ignored,
    /// It looks different.
    Stays,
    /// It closes.
    Closes,
    /// It closes, and this is shown.
    Says(String),
}

impl Explorer {
    /// The explorer of a host; `config` is the file that watches are written to.
    pub fn new(source: Source, config: Option<PathBuf>) -> Explorer {
        Explorer {
            source,
            config,
            typed: TextInput::new(TYPED_MAX),
            cursor: ListCursor::default(),
            toggled: HashSet::new(),
            trends: Trends::default(),
            rows: Vec::new(),
        }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> ExplorerKeyOutcome {
        let count = self.rows.len();
        match (key, self.rows.get(self.cursor.at)) {
            (Key::Enter, Some(RowActions { picked: Some(picked), .. })) => {
                return ExplorerKeyOutcome::Says(self.keep(picked));
            }
            (Key::Enter, Some(RowActions { node: Some((name, _)), .. }))
            | (Key::Right, Some(RowActions { node: Some((name, false)), .. }))
            | (Key::Left, Some(RowActions { node: Some((name, true)), .. })) => {
                let name = name.clone();
                self.rows.clear();
                if !self.toggled.remove(&name) {
                    self.toggled.insert(name);
                }
            }
            (Key::Left, Some(RowActions { parent: Some(parent), .. })) => self.cursor.at = *parent,
            (Key::Enter | Key::Right | Key::Left, _) => return ExplorerKeyOutcome::Ignored,
            (Key::Esc, _) => return ExplorerKeyOutcome::Closes,
            (Key::Backspace, _) if self.typed.text().is_empty() => {
                return ExplorerKeyOutcome::Closes;
            }
            (Key::Tab | Key::Ctrl('n' | 'j'), _) => _ = self.cursor.on_key(Key::Down, count),
            (Key::BackTab | Key::Ctrl('p' | 'k'), _) => {
                self.cursor.on_key(Key::Up, count);
            }
            _ if self.cursor.on_key(key, count) => {}
            _ if self.typed.on_key(key) => {
                self.cursor = ListCursor::default();
                self.toggled.clear();
                self.rows.clear();
            }
            _ => return ExplorerKeyOutcome::Ignored,
        }
        ExplorerKeyOutcome::Stays
    }

    /// Writes a watch into the config. Returns the message about it.
    fn keep(&self, picked: &PickedMetric) -> String {
        let Some(config) = &self.config else {
            return "no config file to write to; start with -C FILE".into();
        };
        let file = config.display();
        match keep(config, self.source.name(), picked) {
            Ok(KeepOutcome::Written(name)) => format!("watching {name}: written to {file}"),
            Ok(KeepOutcome::Known(name)) => format!("{name} is watched already: see {file}"),
            Err(e) => format!("cannot write to {file}: {e}"),
        }
    }

    /// Draws it.
    pub fn draw(&mut self, snapshot: &Snapshot, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let typed = self.typed.text().to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let source = snapshot.find(&self.source);
        let all: Vec<&Device> = source.iter().flat_map(|s| s.devices(v::SERIES)).collect();
        self.trends.record(&all, counts);
        let has_words = |series: &&&Device| {
            let help = series.text(&v::HELP).unwrap_or_default();
            let text = format!("{} {help}", series.name).to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let found: Vec<&Device> = all.iter().filter(has_words).copied().collect();
        let opens = all.len() <= FEW || !words.is_empty();
        let tree = tree::rows(&found, &|name| opens != self.toggled.contains(name));
        self.rows = actions(&tree);

        let size = (SIZE.0, area.height.saturating_sub(2).clamp(area.height.min(7), SIZE.1));
        let count = format!("{} of {}", found.len(), all.len());
        let title: &[&[panel::StyledRun<'_>]] =
            &[&[(self.source.name(), theme.strong())], &[("all that it serves", theme.dim)]];
        let mut on = panel::open(title, (&count, theme.dim), size, theme, area, buffer);
        let height = on.height().saturating_sub(6);
        self.cursor.keep_within(tree.len());
        let (first, selected) = (self.cursor.scroll(height), self.cursor.at);
        panel::rule(&mut on, 2 + height);
        let enter = match self.rows.get(selected) {
            Some(RowActions { picked: None, node: Some((_, true)), .. }) => "close it",
            Some(RowActions { picked: None, node: Some(_), .. }) => "open it",
            _ => "watch it",
        };
        let keys =
            [("Enter", enter), ("Left Right", "fold"), ("Up Down", "choose"), ("Esc", "close")];
        panel::foot(&mut on, &keys);
        let mut on = panel::inside(&mut on);
        panel::prompt(&mut on, ": ", &self.typed, true);
        let shown = tree.iter().enumerate().skip(first).take(usize::from(height));
        for (y, (nth, row)) in (1..).zip(shown) {
            let end = self.row(&mut on, y, row);
            if nth == selected {
                on.select(y, 2..end);
            }
        }
        let help = tree.get(selected).map(|row| about(&row.node));
        let words = match &help {
            Some(help) => help,
            None if all.is_empty() => "waiting for the next answer",
            None => "no series has these words; ^u clears them",
        };
        let room = on.width().saturating_sub(4);
        on.column(2, 2 + height, room, words, theme.dim);
    }

    /// Draws a row. Returns the column behind its name.
    fn row(&self, on: &mut Canvas<'_>, y: u16, row: &ExplorerRow<'_>) -> u16 {
        let theme = on.theme;
        let wide = on.width();
        let value = wide.saturating_sub(VALUE + 2);
        let trend = if wide >= 72 { value.saturating_sub(TREND) } else { value };
        let kind = trend.saturating_sub(TYPE);
        let x = 2 + 2 * row.depth;
        let room = kind.saturating_sub(x + 3);
        let fold = |on: &mut Canvas<'_>, is_open: bool| {
            on.set(x, y, if is_open { '▾' } else { '▸' }, theme.key);
        };
        let count = |on: &mut Canvas<'_>, count: usize, what: &str| {
            on.number(value, y, VALUE, &format!("{count} {what}"), theme.dim);
        };
        match &row.node {
            Node::Group { prefix, metrics, is_open } => {
                fold(on, *is_open);
                on.column(x + 2, y, room, &format!("{prefix}*"), theme.strong());
                count(on, *metrics, "metrics");
            }
            Node::Metric { name, series, is_open } => {
                fold(on, *is_open);
                on.column(x + 2, y, room, name, theme.text);
                on.column(kind, y, TYPE - 1, type_of(series[0]), theme.dim);
                count(on, series.len(), "series");
            }
            Node::Series { device, labels_only } => {
                let name = tree::metric(&device.name);
                let labels = &device.name[name.len()..];
                let mut at = x + 2;
                if !labels_only {
                    at = on.column(at, y, room, name, theme.text);
                    on.column(kind, y, TYPE - 1, type_of(device), theme.dim);
                }
                on.column(at, y, kind.saturating_sub(at + 1), labels, theme.dim);
                if trend < value {
                    let shares = self.trends.shares(&device.name);
                    let cells = on.cells(trend, y, TREND - 1);
                    spark::braille(cells, &shares, 1.0, theme.used);
                }
                on.number(value, y, VALUE, &figure(device), theme.strong());
            }
        }
        kind.saturating_sub(1)
    }
}

/// What can be done with each row.
fn actions(tree: &[ExplorerRow<'_>]) -> Vec<RowActions> {
    let pick = |series: &str, device: &Device| PickedMetric {
        series: series.to_owned(),
        counts: counts(device),
    };
    // the last row at each depth so far
    let mut last: Vec<usize> = Vec::new();
    let action = |(nth, ExplorerRow { depth, node }): (usize, &ExplorerRow<'_>)| {
        last.truncate(usize::from(*depth));
        let parent = last.last().copied();
        last.push(nth);
        let (node, picked) = match node {
            Node::Group { prefix, is_open, .. } => (Some((format!("{prefix}*"), *is_open)), None),
            Node::Metric { name, series, is_open } => {
                (Some(((*name).to_owned(), *is_open)), Some(pick(name, series[0])))
            }
            Node::Series { device, .. } => (None, Some(pick(&device.name, device))),
        };
        RowActions { node, picked, parent }
    };
    tree.iter().enumerate().map(action).collect()
}

/// The help of a metric, else all labels of a series, which may be cut in its row; or what a group holds.
fn about(node: &Node<'_>) -> String {
    match node {
        Node::Group { prefix, .. } => format!("metrics whose names begin with {prefix}"),
        Node::Metric { series, .. } => series[0].text(&v::HELP).unwrap_or_default().to_owned(),
        Node::Series { device, .. } => device.text(&v::HELP).unwrap_or(&device.name).to_owned(),
    }
}

fn type_of(series: &Device) -> &str {
    series.text(&v::TYPE).unwrap_or_default()
}

/// Whether a series only grows: a counter by its type or its name, or a part of a histogram or a summary.
fn counts(series: &Device) -> bool {
    let name = tree::metric(&series.name);
    match type_of(series) {
        "counter" => true,
        "histogram" | "summary" => {
            ["_bucket", "_sum", "_count"].iter().any(|end| name.ends_with(end))
        }
        "gauge" => false,
        _ => name.ends_with("_total"),
    }
}

/// The value as the host serves it, shortened where it has no room.
fn figure(series: &Device) -> String {
    let Some(value) = series.value(&v::METRIC_VALUE) else { return "-".to_owned() };
    let exact = value.to_string();
    match width(&exact) < VALUE {
        true => exact,
        false if (1e-3..1e7).contains(&value.abs()) => format!("{value:.5}"),
        false => format!("{value:.5e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::{clock::Moment, reading::DeviceReading};

    /// Series of these names.
    pub fn series(names: &[&str]) -> Vec<Device> {
        names.iter().map(|name| valued(name, 1.0, 1.0)).collect()
    }

    /// A series with a value that was read at that second.
    pub fn valued(name: &str, value: f64, second: f64) -> Device {
        let reading = DeviceReading::new(v::SERIES, name).with(&v::METRIC_VALUE, value);
        let at = Moment::from_nanos((second * 1e9) as u64);
        Device {
            kind: v::SERIES,
            name: name.into(),
            generation: 0,
            values: reading.values,
            texts: reading.texts,
            read_at: at,
            counters_at: at,
            resolution: None,
            window: Default::default(),
        }
    }

    #[test]
    fn values_are_exact_where_they_have_room() {
        let all = [12.0, 0.5, 1732050807.0, 1.0 / 3.0, 1.23456789e-9];
        let shown = all.map(|value| figure(&valued("a", value, 1.0)));
        assert_eq!(shown.join(" "), "12 0.5 1732050807 0.33333 1.23457e-9");
    }

    #[test]
    fn a_row_knows_the_one_that_it_is_below() {
        let all = series(&["a_b", "a_c{x=\"1\"}", "a_c{x=\"2\"}", "a_d", "up"]);
        let all: Vec<&Device> = all.iter().collect();
        let rows = actions(&tree::rows(&all, &|_| true));
        let parents: Vec<_> = rows.iter().map(|row| row.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(0), Some(2), Some(2), Some(0), None]);
        assert_eq!(rows[2].picked.as_ref().map(|picked| &*picked.series), Some("a_c"));
        assert!(rows[0].picked.is_none() && rows[0].node.is_some());
    }

    #[test]
    fn counters_are_known_by_type_or_by_name() {
        let names = ["a_total", "a", "a_count", "a_total{x=\"y\"}"];
        assert_eq!(
            series(&names).iter().map(counts).collect::<Vec<_>>(),
            [true, false, false, true]
        );
    }
}
