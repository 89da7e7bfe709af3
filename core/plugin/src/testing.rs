//! For the tests of plugins: readings as text. Core's module of the same name also polls providers and
//! draws widgets by name.

use crate::reading::DeviceReading;
use std::fmt::Write;

/// Readings as text, a device a line: its name, then `quantity=value` and `text="value"`.
pub fn lines(readings: &[DeviceReading]) -> String {
    let mut text = String::new();
    for reading in readings {
        text += &reading.device;
        // Writing to a String does not fail.
        for (quantity, value) in reading.values.iter() {
            let _ = write!(text, " {}={value}", quantity.name());
        }
        for (name, value) in reading.texts.iter() {
            let _ = write!(text, " {}={value:?}", name.name());
        }
        text.push('\n');
    }
    text
}

/// Numbers that look random, and are the same in every run.
pub struct Numbers(u64);

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers(0x9e37_79b9_7f4a_7c15)
    }
}

impl Numbers {
    /// The next one, from 0 and below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }
}
