//! Histories as graphs draw them: of a source as a whole, or of one device.

use manytop_plugin::{
    draw::Trace,
    history::{Series, Window},
    reading::{Kind, Metric},
    view::{SourceView, View},
    widget::Keep,
};
use std::{sync::Arc, time::Duration};

/// How much history the boxes ask for; what is on the screen does not change it.
const SPAN: Duration = Duration::from_secs(600);

/// The history of a metric of a whole source.
pub const fn whole(kind: Kind, quantity: &'static Metric) -> Keep {
    Keep { kind, quantity, each_device: false, span: SPAN }
}

/// The history of a metric of each device.
pub const fn each(kind: Kind, quantity: &'static Metric) -> Keep {
    Keep { kind, quantity, each_device: true, span: SPAN }
}

/// The samples of one series, two for each column of a graph.
pub struct Samples {
    values: Vec<Option<f64>>,
    newest: u64,
    /// The highest value, where buckets are so long that their means hide it.
    peak: Option<f64>,
}

impl Samples {
    /// The last `columns` columns of a whole source's metric.
    pub fn whole(
        view: &View<'_>,
        source: &SourceView,
        (kind, metric): (Kind, &Metric),
        columns: u16,
    ) -> Samples {
        Samples::new(view, source, &Series::whole(kind, metric), columns)
    }

    /// The last `columns` columns of one device's metric.
    pub fn device(
        view: &View<'_>,
        source: &SourceView,
        (kind, metric): (Kind, &Metric),
        device: &Arc<str>,
        columns: u16,
    ) -> Samples {
        Samples::new(view, source, &Series::of(kind, device, metric), columns)
    }

    /// The last `columns` columns of one device's metric, or the source's own figure where that is all that was
    /// kept: of a host that was not open.
    pub fn device_or_whole(
        view: &View<'_>,
        source: &SourceView,
        of: (Kind, &Metric),
        device: &Arc<str>,
        columns: u16,
    ) -> Samples {
        let own = Samples::device(view, source, of, device, columns);
        if own.is_blank() { Samples::whole(view, source, of, columns) } else { own }
    }

    fn new(view: &View<'_>, source: &SourceView, series: &Series, columns: u16) -> Samples {
        let bucket = view.settings.column / 2;
        let window = Window { bucket, buckets: usize::from(columns) * 2 };
        let newest = view.now.as_nanos() / (bucket.as_nanos() as u64).max(1);
        let peak = view.peak(source, series, window);
        Samples { values: view.graph(source, series, window), newest, peak }
    }

    /// The sums of several series with the same columns; a gap where all have one.
    pub fn sum(series: impl Iterator<Item = Samples>) -> Samples {
        let none = Samples { values: Vec::new(), newest: 0, peak: None };
        series.fold(none, |mut sum, samples| {
            sum.values.resize(sum.values.len().max(samples.values.len()), None);
            for (sum, value) in sum.values.iter_mut().zip(&samples.values) {
                *sum = match (*sum, *value) {
                    (Some(a), Some(b)) => Some(a + b),
                    (a, b) => a.or(b),
                };
            }
            Samples { newest: samples.newest, ..sum }
        })
    }

    /// As a graph takes it.
    pub fn trace(&self) -> Trace<'_> {
        Trace::new(&self.values, self.newest)
    }

    /// The samples, oldest first.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }

    /// The number of the newest sample.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// The highest of all samples.
    pub fn highest(&self) -> Option<f64> {
        self.values.iter().flatten().copied().chain(self.peak).reduce(f64::max)
    }

    /// Whether there is nothing but gaps.
    pub fn is_blank(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }
}
