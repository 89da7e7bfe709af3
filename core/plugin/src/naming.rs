//! The names under which readings are exported where no other exporter's names can carry them, and by
//! which they are read back: `manytop_<kind>_<quantity>`, in the alphabet of metric names.

use crate::reading::{Kind, Metric, Unit};
use std::borrow::Cow;

/// The label that names a sample's source; this machine is `local`.
pub const SOURCE: &str = "source";
/// The label that names a sample's device.
pub const DEVICE: &str = "device";

/// What is said of a relayed source: whether it was read for this page.
pub const SOURCE_UP: &str = "manytop_source_up";
/// When it was last read well, in seconds of the relay's clock since 1970.
pub const SOURCE_TAKEN: &str = "manytop_source_taken_seconds";
/// How long ago that was when the page was written; with the above it tells the relay's clock.
pub const SOURCE_AGE: &str = "manytop_source_age_seconds";
/// How often it is read.
pub const SOURCE_INTERVAL: &str = "manytop_source_interval_seconds";
/// Why it could not be read, as the label `reason`.
pub const SOURCE_FAILURE: &str = "manytop_source_failure";
/// The label of [`SOURCE_FAILURE`].
pub const REASON: &str = "reason";

/// The metric of a quantity. It ends in the unit, and a counter in `_total`.
pub fn metric(kind: Kind, quantity: &Metric) -> String {
    let (kind, name) = (legal(kind.word()), legal(quantity.name()));
    let unit = match quantity.unit() {
        Unit::Percent => "percent",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes_per_second",
        Unit::Hertz => "hertz",
        Unit::Celsius => "celsius",
        Unit::Seconds => "seconds",
        Unit::Watts => "watts",
        Unit::Volts => "volts",
        Unit::Joules => "joules",
        Unit::Count => "",
    };
    let (gap, unit) = if name.ends_with(unit) { ("", "") } else { ("_", unit) };
    let total = if quantity.is_gauge() { "" } else { "_total" };
    format!("manytop_{kind}_{name}{gap}{unit}{total}")
}

/// The metric that carries the texts of a device as labels.
pub fn info(kind: Kind) -> String {
    format!("manytop_{}_info", legal(kind.word()))
}

/// A name in the alphabet of metric names; what is not in it becomes `_`.
pub fn legal(name: &str) -> Cow<'_, str> {
    let letter = |(nth, c): (usize, char)| match c {
        'a'..='z' | 'A'..='Z' | '_' | ':' => c,
        '0'..='9' if nth > 0 => c,
        _ => '_',
    };
    let is_legal = name.chars().enumerate().all(|(nth, c)| letter((nth, c)) == c);
    if is_legal { name.into() } else { name.chars().enumerate().map(letter).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary as v;

    #[test]
    fn a_name_ends_in_its_unit_once_and_in_total_where_it_counts() {
        assert_eq!(metric(v::CPU, &v::BUSY_SECONDS), "manytop_cpu_busy_seconds_total");
        assert_eq!(metric(v::HOST, &v::LOAD1), "manytop_host_load1");
        assert_eq!(metric(v::NETWORK, &v::SENT_RATE), "manytop_network_sent_bytes_per_second");
        let charge = Metric::gauge("charge", Unit::Percent, "");
        assert_eq!(metric(Kind::new("my-ups"), &charge), "manytop_my_ups_charge_percent");
    }

    #[test]
    fn what_is_not_in_the_alphabet_is_replaced() {
        assert_eq!(legal("9ün:x-1"), "__n:x_1");
    }
}
