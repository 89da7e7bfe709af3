//! One column of values: what a series adds to a block, as the difference to the value before.
//!
//! A value that is a whole number of tenths, hundredths, … is kept as that whole number, without loss.
//! Other values are kept as their 8 bytes.

use crate::{
    error::Damage,
    wire::{ByteReader, put_i64, put_u64, unzigzag, zigzag},
};

/// What a value is multiplied with to become a whole number.
const SCALES: [f64; 6] = [1.0, 10.0, 100.0, 1e3, 1e6, 1e9];
/// Whole numbers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The state of a column, the same for its writer and its reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnState {
    bits: u64,
    /// Index in [`SCALES`] and the scaled value; `None` where the last value was kept as its bytes.
    scaled: Option<(usize, i64)>,
}

impl Default for ColumnState {
    fn default() -> ColumnState {
        ColumnState { bits: f64::NAN.to_bits(), scaled: None }
    }
}

/// The value as a whole number, if it is one at that scale.
fn whole(value: f64, scale: usize) -> Option<i64> {
    let factor = SCALES[scale];
    let scaled = (value * factor).round();
    (scaled.abs() < EXACT && (scaled / factor).to_bits() == value.to_bits())
        .then_some(scaled as i64)
}

impl ColumnState {
    /// Whether the next value is another one than the last.
    pub(crate) fn is_new(&self, value: f64) -> bool {
        self.bits != value.to_bits()
    }

    /// The last value; `None` before the first.
    pub(crate) fn value(&self) -> Option<f64> {
        (self.bits != f64::NAN.to_bits()).then_some(f64::from_bits(self.bits))
    }

    /// Appends a value.
    pub(crate) fn put(&mut self, value: f64, out: &mut Vec<u8>) {
        self.bits = value.to_bits();
        if let Some((scale, last)) = self.scaled
            && let Some(next) = whole(value, scale)
        {
            self.scaled = Some((scale, next));
            return put_u64(out, zigzag(next - last) << 1);
        }
        self.scaled = (0..SCALES.len()).find_map(|scale| Some((scale, whole(value, scale)?)));
        match self.scaled {
            Some((scale, next)) => {
                put_u64(out, (scale as u64 + 1) << 1 | 1);
                put_i64(out, next);
            }
            None => {
                put_u64(out, 1);
                out.extend_from_slice(&value.to_bits().to_le_bytes());
            }
        }
    }

    /// Reads the next value.
    pub(crate) fn read(&mut self, reader: &mut ByteReader<'_>) -> Result<f64, Damage> {
        let head = reader.u64()?;
        let value = if head & 1 == 0 {
            let Some((scale, last)) = self.scaled else {
                return Err(Damage("has a difference to no value"));
            };
            let next = last.wrapping_add(unzigzag(head >> 1));
            self.scaled = Some((scale, next));
            next as f64 / SCALES[scale]
        } else if head == 1 {
            self.scaled = None;
            f64::from_bits(u64::from_le_bytes(reader.array()?))
        } else {
            let scale = (head >> 1) as usize - 1;
            let factor = SCALES.get(scale).ok_or(Damage("has an unknown scale"))?;
            let next = reader.i64()?;
            self.scaled = Some((scale, next));
            next as f64 / factor
        };
        self.bits = value.to_bits();
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_was_written_and_steps_are_short() {
        let values = [
            0.0,
            1.0,
            2.0,
            1.5,
            0.07,
            12_345.67,
            1e15,
            1e18,
            std::f64::consts::PI,
            3.0,
            3.25,
            -4.0,
            1e-9,
        ];
        let (mut out, mut state) = (Vec::new(), ColumnState::default());
        values.iter().for_each(|value| state.put(*value, &mut out));
        let (mut reader, mut state) = (ByteReader::new(&out, 0), ColumnState::default());
        for value in values {
            assert_eq!(state.read(&mut reader).unwrap().to_bits(), value.to_bits(), "{value}");
        }
        let (mut out, mut state) = (Vec::new(), ColumnState::default());
        (0..100).for_each(|tick| state.put(f64::from(tick) / 100.0, &mut out));
        assert!(out.len() < 106, "a tick of a processor's clock takes one byte: {}", out.len());
    }

    #[test]
    fn bytes_that_no_writer_makes_are_damage() {
        for bytes in [&[0][..], &[1, 2], &[255, 1], &[3]] {
            let mut reader = ByteReader::new(bytes, 0);
            assert!(ColumnState::default().read(&mut reader).is_err(), "{bytes:?}");
        }
    }
}
