//! Prometheus' other format: `io.prometheus.client.MetricFamily` messages, each after its length. A client that
//! prefers it, as a Prometheus does that reads native histograms, gets the page in it.
//!
//! It is made of the text, so that both always say the same.

use std::collections::HashMap;

/// What it is called.
pub const TYPE: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Whether a client with this `Accept` prefers protobuf to text. Of two formats with equal weight the first counts.
pub fn is_preferred(accept: &str) -> bool {
    let mut best: (f64, bool) = (0.0, false);
    for range in accept.split(',') {
        let mut words = range.split(';').map(|word| word.trim().to_ascii_lowercase());
        let kind = words.next().unwrap_or_default();
        let parameters: HashMap<String, String> = words
            .filter_map(|w| {
                w.split_once('=').map(|(k, v)| (k.trim().into(), v.trim_matches([' ', '"']).into()))
            })
            .collect();
        let is = |name: &str, value: &str| parameters.get(name).is_some_and(|given| given == value);
        let protobuf = match kind.as_str() {
            "application/vnd.google.protobuf" => {
                is("proto", "io.prometheus.client.metricfamily") && is("encoding", "delimited")
            }
            "text/plain" | "text/*" | "*/*" => false,
            _ => continue,
        };
        if kind.starts_with("application/") && !protobuf {
            continue; // another message, or another framing
        }
        let welcome = parameters.get("q").map_or(Some(1.0), |q| q.parse().ok()).unwrap_or(0.0);
        if welcome > best.0 {
            best = (welcome, protobuf);
        }
    }
    best.1
}

/// What a family is, by the numbers of `MetricType`, and the field of a metric that holds its value.
#[derive(Clone, Copy)]
enum ProtobufType {
    Counter = 0,
    Gauge = 1,
    Untyped = 3,
}

impl ProtobufType {
    fn field(self) -> u64 {
        match self {
            ProtobufType::Gauge => 2,
            ProtobufType::Counter => 3,
            ProtobufType::Untyped => 5,
        }
    }
}

/// A page of ours in it. A line that is no sample is left out; ours has none.
pub fn encode(page: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(page.len());
    let mut family = ProtobufFamily::default();
    let mut of = ("", ProtobufType::Untyped);
    for line in page.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' ')) {
            family.end(&mut out);
            family.begin(name, Some(help));
            of = (name, ProtobufType::Untyped);
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' '))
        {
            of =
                (name, if kind == "counter" { ProtobufType::Counter } else { ProtobufType::Gauge });
            family.kind(of.1);
        } else if let Some((series, value)) = line.rsplit_once(' ')
            && let Ok(value) = value.parse()
        {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            if name != of.0 {
                // without a head: a family of one
                family.end(&mut out);
                family.begin(name, None);
                of = (name, ProtobufType::Untyped);
                family.kind(of.1);
            }
            family.metric(of.1, labels.strip_suffix('}').unwrap_or(labels), value);
        }
    }
    family.end(&mut out);
    out
}

/// A family in the making, and room for its content.
#[derive(Default)]
struct ProtobufFamily {
    bytes: Vec<u8>,
    metric: Vec<u8>,
    pair: Vec<u8>,
}

impl ProtobufFamily {
    fn begin(&mut self, name: &str, help: Option<&str>) {
        bytes(&mut self.bytes, 1, name.as_bytes());
        if let Some(help) = help {
            bytes(&mut self.bytes, 2, unescaped(help).as_bytes());
        }
    }

    fn kind(&mut self, kind: ProtobufType) {
        varint(&mut self.bytes, 3 << 3);
        varint(&mut self.bytes, kind as u64);
    }

    fn metric(&mut self, kind: ProtobufType, mut labels: &str, value: f64) {
        self.metric.clear();
        while let Some((name, rest)) = labels.split_once("=\"") {
            let end = end_of(rest);
            self.pair.clear();
            bytes(&mut self.pair, 1, name.trim_start_matches(',').as_bytes());
            bytes(&mut self.pair, 2, unescaped(&rest[..end]).as_bytes());
            bytes(&mut self.metric, 1, &self.pair);
            labels = rest.get(end + 1..).unwrap_or_default();
        }
        let mut number = [0; 9];
        number[0] = 1 << 3 | 1; // field 1, eight bytes
        number[1..].copy_from_slice(&value.to_le_bytes());
        bytes(&mut self.metric, kind.field(), &number);
        bytes(&mut self.bytes, 4, &self.metric);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if !self.bytes.is_empty() {
            varint(out, self.bytes.len() as u64);
            out.append(&mut self.bytes);
        }
    }
}

/// Where the quote is that ends a label's value.
fn end_of(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            },
            letter => letter,
        });
    }
    out
}

/// A field of bytes.
fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_prefers_it_gets_it_and_nobody_else() {
        let delimited = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
                         encoding=delimited";
        for (accept, preferred) in [
            (
                format!(
                    "{delimited},application/openmetrics-text;version=1.0.0;q=0.8,text/plain;\
                      version=0.0.4;q=0.5,*/*;q=0.1"
                ),
                true,
            ),
            (format!("{delimited};q=0.5,text/plain;q=0.4"), true),
            (format!("{delimited};q=0.5,text/plain"), false),
            (format!("text/plain,{delimited}"), false),
            (format!("{delimited};q=0,*/*;q=0.1"), false),
            (delimited.replace("delimited", "text"), false),
            (delimited.replace("MetricFamily", "Other"), false),
            ("text/plain;version=0.0.4,*/*;q=0.1".into(), false),
            ("*/*".into(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_preferred(&accept), preferred, "{accept}");
        }
    }

    #[test]
    fn families_are_messages_after_their_length() {
        let page = "g_total 1\n# HELP a H\\\\e\\nlp.\n# TYPE a gauge\na{x=\"1\",y=\"\\\"}\\n\"} 2.5\na 3\n\
                    # HELP b B.\n# TYPE b counter\nb +Inf\n";
        let double = |v: f64| [&[9], &v.to_le_bytes()[..]].concat();
        let field = |number: u8, content: &[u8]| {
            [&[number << 3 | 2, content.len() as u8], content].concat()
        };
        let pair = |name: &str, value: &str| {
            field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat())
        };
        let family = |parts: &[Vec<u8>]| {
            let all = parts.concat();
            [&[all.len() as u8], &all[..]].concat()
        };
        let wanted = [
            family(&[field(1, b"g_total"), vec![24, 3], field(4, &field(5, &double(1.0)))]),
            family(&[
                field(1, b"a"),
                field(2, b"H\\e\nlp."),
                vec![24, 1],
                field(4, &[pair("x", "1"), pair("y", "\"}\n"), field(2, &double(2.5))].concat()),
                field(4, &field(2, &double(3.0))),
            ]),
            family(&[
                field(1, b"b"),
                field(2, b"B."),
                vec![24, 0],
                field(4, &field(3, &double(f64::INFINITY))),
            ]),
        ];
        assert_eq!(encode(page), wanted.concat());
    }

    #[test]
    fn long_lengths_take_more_bytes() {
        let mut out = Vec::new();
        varint(&mut out, 300);
        assert_eq!(out, [0xac, 2]);
    }
}
