//! The rows of the explorer: groups of metrics with a common beginning, metrics, and their series.

use manytop_core::view::Device;
use std::collections::HashMap;

/// Fewer metrics with a common beginning are listed without a group.
const GROUP_MIN: usize = 3;

/// A row of the tree.
pub struct ExplorerRow<'a> {
    /// How far it is indented.
    pub depth: u16,
    /// What it shows.
    pub node: Node<'a>,
}

/// What a row shows.
pub enum Node<'a> {
    /// Metrics with names that begin with `prefix`.
    Group { prefix: &'a str, metrics: usize, is_open: bool },
    /// A metric with several series.
    Metric { name: &'a str, series: Vec<&'a Device>, is_open: bool },
    /// A series; `labels_only` where the row of its metric is above.
    Series { device: &'a Device, labels_only: bool },
}

/// A metric's name, without labels.
pub fn metric(series: &str) -> &str {
    series.split('{').next().unwrap_or(series)
}

/// The rows of these series in their order. `is_open` says of the beginning that a group's metrics share (with `*`
/// behind it), or of a metric's name, whether the rows below it are listed.
pub fn rows<'a>(series: &[&'a Device], is_open: &dyn Fn(&str) -> bool) -> Vec<ExplorerRow<'a>> {
    let mut metrics: Vec<(&str, Vec<&Device>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for device in series {
        let name = metric(&device.name);
        let place = *places.entry(name).or_insert(metrics.len());
        if place == metrics.len() {
            metrics.push((name, Vec::new()));
        }
        metrics[place].1.push(device);
    }
    let mut tree = ExplorerTree { is_open, rows: Vec::new() };
    let all: Vec<&(&str, Vec<&Device>)> = metrics.iter().collect();
    tree.level(&all, 0, 0);
    tree.rows
}

struct ExplorerTree<'a, 'o> {
    is_open: &'o dyn Fn(&str) -> bool,
    rows: Vec<ExplorerRow<'a>>,
}

/// A metric's name with its series.
type MetricSeries<'a> = (&'a str, Vec<&'a Device>);

impl<'a> ExplorerTree<'a, '_> {
    /// Metrics that have the first `shared` bytes of their names in common.
    fn level(&mut self, metrics: &[&MetricSeries<'a>], shared: usize, depth: u16) {
        let mut parts: Vec<(&str, Vec<&MetricSeries<'a>>)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for family in metrics {
            let prefix = through_next_word(family.0, shared);
            let place = *places.entry(prefix).or_insert(parts.len());
            if place == parts.len() {
                parts.push((prefix, Vec::new()));
            }
            parts[place].1.push(family);
        }
        for (prefix, part) in &parts {
            let is_word = prefix.len() < part[0].0.len() && prefix.len() > shared;
            if part.len() < GROUP_MIN || !is_word {
                part.iter().for_each(|family| self.metric(family, depth));
            } else if parts.len() == 1 && depth > 0 {
                // all of a group share one more word: no row of its own
                self.level(part, prefix.len(), depth);
            } else {
                let prefix = common(prefix, part);
                let is_open = (self.is_open)(&format!("{prefix}*"));
                let node = Node::Group { prefix, metrics: part.len(), is_open };
                self.rows.push(ExplorerRow { depth, node });
                if is_open {
                    self.level(part, prefix.len(), depth + 1);
                }
            }
        }
    }

    fn metric(&mut self, (name, series): &MetricSeries<'a>, depth: u16) {
        if let [device] = series[..] {
            return self
                .rows
                .push(ExplorerRow { depth, node: Node::Series { device, labels_only: false } });
        }
        let is_open = (self.is_open)(name);
        let node = Node::Metric { name, series: series.clone(), is_open };
        self.rows.push(ExplorerRow { depth, node });
        if is_open {
            let node = |device| Node::Series { device, labels_only: true };
            self.rows.extend(
                series.iter().map(|device| ExplorerRow { depth: depth + 1, node: node(device) }),
            );
        }
    }
}

/// The beginning of a name, through the word that begins at byte `from` and the `_` or `:` behind it.
fn through_next_word(name: &str, from: usize) -> &str {
    let rest = name.get(from..).unwrap_or_default();
    rest.find(['_', ':']).map_or(name, |at| &name[..=from + at])
}

/// The longest beginning in whole words that all these names share, at least `prefix`.
fn common<'a>(prefix: &'a str, families: &[&MetricSeries<'a>]) -> &'a str {
    let mut best = prefix;
    while let Some((first, _)) = families.first().map(|family| &**family) {
        let longer = through_next_word(first, best.len());
        let is_word = longer.len() > best.len() && longer.ends_with(['_', ':']);
        if !is_word
            || !families
                .iter()
                .all(|(name, _)| name.len() > longer.len() && name.starts_with(longer))
        {
            break;
        }
        best = longer;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::explorer::tests::series;

    fn shown(series: &[Device], is_open: &dyn Fn(&str) -> bool) -> String {
        let series: Vec<&Device> = series.iter().collect();
        let line = |row: &ExplorerRow<'_>| {
            let text = match &row.node {
                Node::Group { prefix, metrics, .. } => format!("{prefix}* {metrics}"),
                Node::Metric { name, series, .. } => format!("{name} {}", series.len()),
                Node::Series { device, .. } => device.name.to_string(),
            };
            format!("{}{text}", " ".repeat(usize::from(row.depth)))
        };
        rows(&series, is_open).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn metrics_are_grouped_by_their_first_words_and_series_by_their_metric() {
        let all = series(&[
            "up",
            "node_load1",
            "node_cpu{cpu=\"0\"}",
            "node_cpu{cpu=\"1\"}",
            "node_mem_a",
            "node_mem_b",
            "node_mem_c",
            "go_threads",
            "node_cpu{cpu=\"2\"}",
        ]);
        assert_eq!(
            shown(&all, &|_| true),
            "up\nnode_* 5\n node_load1\n node_cpu 3\n  node_cpu{cpu=\"0\"}\n  node_cpu{cpu=\"1\"}\n  \
             node_cpu{cpu=\"2\"}\n node_mem_* 3\n  node_mem_a\n  node_mem_b\n  node_mem_c\ngo_threads"
        );
        assert_eq!(shown(&all, &|_| false), "up\nnode_* 5\ngo_threads");
        assert_eq!(
            shown(&all, &|name| name == "node_*"),
            "up\nnode_* 5\n node_load1\n node_cpu 3\n node_mem_* 3\ngo_threads"
        );
    }

    #[test]
    fn a_word_that_all_metrics_of_a_group_share_is_part_of_its_name() {
        let all = series(&["a_b_c", "a_b_d", "a_b_e_f", "a_b"]);
        assert_eq!(shown(&all, &|_| true), "a_* 4\n a_b_* 3\n  a_b_c\n  a_b_d\n  a_b_e_f\n a_b");
        let all = series(&["a_b_c", "a_b_d", "a_b_e_f"]);
        assert_eq!(shown(&all, &|_| true), "a_b_* 3\n a_b_c\n a_b_d\n a_b_e_f");
        assert_eq!(shown(&series(&["_", "__", "___", ":"]), &|_| true).lines().count(), 4);
    }
}
