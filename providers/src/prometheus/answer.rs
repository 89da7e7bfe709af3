//! The server's JSON, read without copying its texts.

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use std::{borrow::Cow, fmt};

/// A text of the answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Text<'a>(pub Cow<'a, str>);

/// Labels, in the order in which they came.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Labels<'a>(pub Vec<(Text<'a>, Text<'a>)>);

/// A moment, in seconds of the server's clock, and a value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sample {
    pub at: f64,
    pub value: f64,
}

/// A series with its last value, or with several.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Series<'a> {
    #[serde(borrow)]
    pub metric: Labels<'a>,
    pub value: Option<Sample>,
    #[serde(default)]
    pub values: Vec<Sample>,
}

#[derive(Deserialize)]
struct Document<'a> {
    status: Text<'a>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(borrow)]
    error: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    result: Vec<Series<'a>>,
}

/// The series of an answer.
///
/// # Errors
/// What the server found wrong, or that it is no answer of such a server.
pub fn read(body: &[u8]) -> Result<Vec<Series<'_>>, String> {
    let not = |_| "not the query API of a Prometheus server".to_owned();
    let document: Document<'_> = serde_json::from_slice(body).map_err(not)?;
    match document {
        Document { status, data: Some(data), .. } if &*status.0 == "success" => Ok(data.result),
        Document { error: Some(Text(error)), .. } => Err(error.into_owned()),
        _ => Err("the query API gave no data".into()),
    }
}

impl<'a> Labels<'a> {
    /// A label's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(label, _)| &*label.0 == name).map(|(_, value)| &*value.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text<'a>, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(Reader)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Labels<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Labels<'a>, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Labels<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Labels<'de>, M::Error> {
                let mut all = Vec::new();
                while let Some(label) = map.next_entry()? {
                    all.push(label);
                }
                Ok(Labels(all))
            }
        }
        from.deserialize_map(Reader)
    }
}

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Sample, D::Error> {
        let (at, value): (f64, Text<'_>) = Deserialize::deserialize(from)?;
        let value =
            value.0.parse().map_err(|_| D::Error::custom("a value that is not a number"))?;
        Ok(Sample { at, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_matrices_are_read() {
        let body = br#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"__name__":"up","instance":"a\"b"},"value":[1435781451.781,"1"]},
            {"metric":{},"value":[1,"NaN"]},{"metric":{"x":"y"},"values":[[1,"2"],[2,"+Inf"]]}]},"warnings":["w"]}"#;
        let all = read(body).unwrap();
        assert_eq!(all[0].metric.get("instance"), Some("a\"b"));
        assert_eq!(all[0].value, Some(Sample { at: 1435781451.781, value: 1.0 }));
        assert!(all[1].value.unwrap().value.is_nan());
        assert_eq!(all[2].values[1], Sample { at: 2.0, value: f64::INFINITY });
    }

    #[test]
    fn what_is_wrong_is_said_in_the_servers_words() {
        let refused = br#"{"status":"error","errorType":"bad_data","error":"parse error: x"}"#;
        assert_eq!(read(refused).unwrap_err(), "parse error: x");
        for odd in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"status":"success"}"#,
            r#"{"status":"success","data":{"result":[{"metric":{"a":1},"value":[1,"1"]}]}}"#,
        ] {
            assert!(read(odd.as_bytes()).unwrap_err().contains("query API"), "{odd}");
        }
    }
}
