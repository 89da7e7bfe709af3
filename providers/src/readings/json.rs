//! JSON: numbers by the path that leads to them, texts as lines.

use super::OwnReadings;
use serde_json::Value;

/// How deep values may lie.
const DEEPEST: usize = 16;

/// Reads a whole text.
pub fn read(text: &str, into: &mut OwnReadings) -> Result<(), String> {
    let value = serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))?;
    walk(&value, "", 0, into);
    Ok(())
}

fn walk(value: &Value, label: &str, depth: usize, into: &mut OwnReadings) {
    if depth > DEEPEST {
        into.left_out += 1;
        return;
    }
    let below = |key: &str| match label {
        "" => key.to_owned(),
        label => format!("{label}.{key}"),
    };
    match value {
        Value::Null => {}
        Value::Bool(flag) => into.value(named(label), f64::from(u8::from(*flag)), None, false),
        Value::Number(number) => match number.as_f64() {
            Some(number) => into.value(named(label), number, None, false),
            None => into.left_out += 1,
        },
        Value::String(text) => match label {
            "" => into.line(text),
            label => into.line(&format!("{label}: {text}")),
        },
        Value::Array(all) => {
            for (n, value) in all.iter().enumerate() {
                let own = ["label", "name"].iter().find_map(|key| value.get(key)?.as_str());
                let label = own.map_or_else(|| below(&(n + 1).to_string()), below);
                walk(value, &label, depth + 1, into);
            }
        }
        Value::Object(all) => match all.get("value").and_then(Value::as_f64) {
            Some(number) => {
                let unit = all.get("unit").and_then(Value::as_str);
                into.value(named(label), number, unit, false);
            }
            None => all.iter().for_each(|(key, value)| walk(value, &below(key), depth + 1, into)),
        },
    }
}

fn named(label: &str) -> &str {
    if label.is_empty() { "value" } else { label }
}
