//! Readings of a user's own making, from text: what a command prints, and what files hold.
//!
//! Text is JSON where its first character is `{` or `[`. Else each line is read by itself:
//!
//! | line | reading |
//! |---|---|
//! | `LABEL VALUE [UNIT]` | a value; a label with blanks is in double quotes |
//! | `NAME{LABELS} VALUE [TIMESTAMP]` | a value, as Prometheus writes it; a counter where its type says so, or its name ends in `_total` |
//! | `manytop_KIND_QUANTITY{device="NAME"} VALUE` | that quantity of that kind, as manytop's own exporter names it |
//! | anything else | a line of text |

mod json;
mod lines;
mod named;

pub use named::kinds;

use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::collections::HashSet;

/// Values that are kept of one text.
const MOST_VALUES: usize = 2000;
/// Lines of text that are kept of one text.
const MOST_LINES: usize = 500;

/// What was read of texts.
#[derive(Default)]
pub struct OwnReadings {
    values: Vec<DeviceReading>,
    named: named::NamedDevices,
    lines: Vec<DeviceReading>,
    seen: HashSet<String>,
    /// What was left out, for a note.
    pub left_out: usize,
}

impl OwnReadings {
    /// Reads one text, with its lines of text where `texts` says so.
    ///
    /// # Errors
    /// The text begins like JSON and is not.
    pub fn read(&mut self, text: &str, texts: bool) -> Result<(), String> {
        match text.trim_start().chars().next() {
            Some('{' | '[') => json::read(text, self),
            _ => {
                lines::read(text, self, texts);
                Ok(())
            }
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.lines.is_empty() && self.named.is_empty()
    }

    /// All readings, those of one kind together.
    pub fn into_readings(self) -> Vec<DeviceReading> {
        let mut all = self.named.into_readings();
        all.extend(self.values);
        all.extend(self.lines);
        all
    }

    fn value(&mut self, label: &str, value: f64, unit: Option<&str>, is_counter: bool) {
        if self.values.len() >= MOST_VALUES || !self.seen.insert(label.to_owned()) {
            self.left_out += 1;
            return;
        }
        let quantity = if is_counter { &v::METRIC_COUNTER } else { &v::METRIC_VALUE };
        let reading = DeviceReading::new(v::METRIC, label).with(quantity, value);
        self.values.push(match unit {
            Some(unit) => reading.text(&v::VALUE_UNIT, unit),
            None => reading,
        });
    }

    fn line(&mut self, line: &str) {
        if self.lines.len() >= MOST_LINES {
            self.left_out += 1;
            return;
        }
        let number = self.lines.len() + 1;
        let reading = DeviceReading::new(v::TEXT_LINE, number.to_string());
        self.lines.push(reading.text(&v::LINE, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    fn said(text: &str) -> String {
        let mut collected = OwnReadings::default();
        collected.read(text, true).unwrap();
        lines(&collected.into_readings())
    }

    #[test]
    fn labels_values_and_units_are_read() {
        assert_eq!(
            said(
                "temp 21.5 °C\n\"living room\" -3\nBackup finished at noon\n\n# a comment\nx 1e3 10 20\n"
            ),
            "temp value=21.5 value_unit=\"°C\"\nliving room value=-3\n\
             1 line=\"Backup finished at noon\"\n2 line=\"x 1e3 10 20\"\n"
        );
        assert_eq!(said("load 5 %\r\n"), "load value=5 value_unit=\"%\"\n");
    }

    #[test]
    fn prometheus_text_is_read_with_its_counters() {
        let text = "# HELP jobs Jobs.\n# TYPE jobs counter\njobs{queue=\"mail\"} 7\n\
                    up_total 3 1700000000000\n# TYPE depth gauge\ndepth 2\nnan NaN\n";
        assert_eq!(
            said(text),
            "jobs{queue=\"mail\"} counter=7\nup_total counter=3\ndepth value=2\n"
        );
    }

    #[test]
    fn json_is_flattened() {
        assert_eq!(
            said(
                r#"{"disk":{"free":5,"ok":true},"room":{"value":21.5,"unit":"°C"},"note":"fine"}"#
            ),
            "disk.free value=5\ndisk.ok value=1\nroom value=21.5 value_unit=\"°C\"\n1 line=\"note: fine\"\n"
        );
        assert_eq!(
            said(r#"[{"label":"a","value":1,"unit":"m"},{"name":"b","value":2},3]"#),
            "a value=1 value_unit=\"m\"\nb value=2\n3 value=3\n"
        );
        let error = OwnReadings::default().read("{\"a\": }", true).unwrap_err();
        assert!(error.starts_with("not valid JSON"), "{error}");
    }

    #[test]
    fn quantities_of_any_kind_go_to_their_devices() {
        let text = "manytop_temperature_celsius{device=\"oven\"} 180\n\
                    manytop_temperature_celsius{device=\"attic\"} 31\n\
                    manytop_temperature_info{device=\"oven\",part=\"board\"} 1\n\
                    manytop_temperature_speed{device=\"oven\"} 1\n";
        assert_eq!(
            said(text),
            "oven celsius=180 part=\"board\"\nattic celsius=31\n\
             manytop_temperature_speed{device=\"oven\"} value=1\n"
        );
    }

    #[test]
    fn what_stands_twice_or_is_too_much_is_left_out() {
        let mut collected = OwnReadings::default();
        let many: String = (0..MOST_VALUES + 3).map(|n| format!("v{n} 1\n")).collect();
        collected.read(&many, true).unwrap();
        assert_eq!((collected.values.len(), collected.left_out), (MOST_VALUES, 3));
        let mut collected = OwnReadings::default();
        collected.read("a 1\na 2\n", true).unwrap();
        assert_eq!(collected.left_out, 1);
    }
}
