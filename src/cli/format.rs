//! How `--once` and `--check` print.

/// How `--once` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// A frame of the dashboard.
    Text,
    /// The same as a picture.
    Svg,
    /// One JSON document.
    Json,
    /// The page that the exporter serves.
    Prometheus,
}

/// How `--check` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckFormat {
    /// As monitoring plugins do.
    Text,
    /// One JSON document.
    Json,
}
