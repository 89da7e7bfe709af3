//! What values are counted in.

/// The unit of a quantity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// 0 to 100.
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Hertz.
    Hertz,
    /// Degrees Celsius, whatever the screen shows.
    Celsius,
    /// Seconds.
    Seconds,
    /// Watts.
    Watts,
    /// Volts.
    Volts,
    /// Joules.
    Joules,
    /// A number of things, or a number without a unit.
    Count,
}

impl Unit {
    /// Whether a value of this unit may be negative. A disk cannot hold -5 bytes, so such a value is dropped.
    pub(super) const fn has_negatives(self) -> bool {
        matches!(self, Unit::Celsius | Unit::Watts | Unit::Volts | Unit::Count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Metric, Values};

    static SIZE: Metric = Metric::gauge("size", Unit::Bytes, "");
    static CHARGE: Metric = Metric::gauge("charge", Unit::Watts, "");

    #[test]
    fn what_cannot_be_is_absent() {
        let mut values = Values::default();
        for cannot in [-5.0, f64::NAN, f64::INFINITY] {
            values.set(&SIZE, cannot);
        }
        values.set(&CHARGE, -5.0);
        assert_eq!((values.get(&SIZE), values.get(&CHARGE)), (None, Some(-5.0)));
        values.set(&SIZE, -0.0);
        assert_eq!(values.get(&SIZE), Some(0.0));
    }
}
