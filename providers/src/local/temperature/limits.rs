//! What a sensor says of itself: from where on it is hot, and what it belongs to.

use crate::{local::files::FilePath, local::hwmon, local::procfs};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::sync::Arc;

/// Limits, in degrees Celsius, and the part of the machine.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct TemperatureLimits {
    high: Option<f64>,
    critical: Option<f64>,
    part: Option<Arc<str>>,
}

impl TemperatureLimits {
    /// Of a chip's sensor, given the paths of its files.
    pub fn of_chip(file: impl Fn(&str) -> FilePath, part: Option<Arc<str>>) -> TemperatureLimits {
        let limit = |what| procfs::text(&file(what)).and_then(|text| plausible(&text));
        let part = hwmon::of_label(procfs::text(&file("label")).as_deref(), part);
        TemperatureLimits { high: limit("max"), critical: limit("crit"), part }.ordered()
    }

    /// Of a thermal zone of that type.
    pub fn of_zone(folder: &FilePath, kind: &str) -> TemperatureLimits {
        let point = |name: &String| {
            let point = name.strip_suffix("_type").filter(|p| p.starts_with("trip_point_"))?;
            let celsius = procfs::text(&folder.join(format!("{point}_temp")))?;
            Some((procfs::text(&folder.join(name))?, plausible(&celsius)?))
        };
        let points: Vec<_> = procfs::names(folder).iter().filter_map(point).collect();
        let lowest = |of: &str| {
            let of = points.iter().filter(|(kind, _)| kind == of).map(|(_, celsius)| *celsius);
            of.min_by(f64::total_cmp)
        };
        let (high, critical) = (lowest("hot").or_else(|| lowest("passive")), lowest("critical"));
        TemperatureLimits { high, critical, part: hwmon::of_driver(kind).map(Arc::from) }.ordered()
    }

    /// A chip that was never told its first limit has it above the second.
    fn ordered(self) -> TemperatureLimits {
        let ordered = self.high.zip(self.critical).is_none_or(|(high, critical)| high <= critical);
        TemperatureLimits { high: self.high.filter(|_| ordered), ..self }
    }

    /// Adds them to a reading.
    pub fn tell(&self, reading: DeviceReading) -> DeviceReading {
        let reading = reading
            .with_some(&v::HIGH_CELSIUS, self.high)
            .with_some(&v::CRITICAL_CELSIUS, self.critical);
        match &self.part {
            Some(part) => reading.text(&v::PART, part.clone()),
            None => reading,
        }
    }
}

/// In thousandths of a degree; 0, 127 and 65261.85 °C are how chips write that no limit was set.
fn plausible(text: &str) -> Option<f64> {
    let celsius = procfs::decimal(text.as_bytes())? / 1000.0;
    (celsius > 0.0 && celsius < 127.0).then_some(celsius)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_limit_is_absent() {
        let read = ["100000", "-273150", "0", "127000", "65261850", "x"].map(plausible);
        assert_eq!(read, [Some(100.0), None, None, None, None, None]);
        let limits =
            TemperatureLimits { high: Some(100.0), critical: Some(90.0), part: None }.ordered();
        assert_eq!((limits.high, limits.critical), (None, Some(90.0)));
    }
}
