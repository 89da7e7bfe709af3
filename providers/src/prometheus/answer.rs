//! The server's JSON, read without copying its texts.

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use std::{borrow::Cow, fmt};

/// A text of the answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct QueryText<'a>(pub Cow<'a, str>);

/// Labels, in the order in which they came.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct QueryLabels<'a>(pub Vec<(QueryText<'a>, QueryText<'a>)>);

/// A moment, in seconds of the server's clock, and a value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct QuerySample {
    pub at: f64,
    pub value: f64,
}

/// A series with its last value, or with several.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct QuerySeries<'a> {
    #[serde(borrow)]
    pub metric: QueryLabels<'a>,
    pub value: Option<QuerySample>,
    #[serde(default)]
    pub values: Vec<QuerySample>,
}

#[derive(Deserialize)]
struct Document<'a> {
    status: QueryText<'a>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(borrow)]
    error: Option<QueryText<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    result: Vec<QuerySeries<'a>>,
}

/// The series of an answer.
///
/// # Errors
/// What the server found wrong, or that it is no answer of such a server.
pub fn read(body: &[u8]) -> Result<Vec<QuerySeries<'_>>, String> {
    let not = |_| "not the query API of a Prometheus server".to_owned();
    let document: Document<'_> = serde_json::from_slice(body).map_err(not)?;
    match document {
        Document { status, data: Some(data), .. } if &*status.0 == "success" => Ok(data.result),
        Document { error: Some(QueryText(error)), .. } => Err(error.into_owned()),
        _ => Err("the query API gave no data".into()),
    }
}

impl<'a> QueryLabels<'a> {
    /// A label's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(label, _)| &*label.0 == name).map(|(_, value)| &*value.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for QueryText<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<QueryText<'a>, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = QueryText<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<QueryText<'de>, E> {
                Ok(QueryText(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<QueryText<'de>, E> {
                Ok(QueryText(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(TextVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for QueryLabels<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<QueryLabels<'a>, D::Error> {
        struct LabelsVisitor;
        impl<'de> Visitor<'de> for LabelsVisitor {
            type Value = QueryLabels<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }
            fn visit_map<M: MapAccess<'de>>(
                self,
                mut map: M,
            ) -> Result<QueryLabels<'de>, M::Error> {
                let mut all = Vec::new();
                while let Some(label) = map.next_entry()? {
                    all.push(label);
                }
                Ok(QueryLabels(all))
            }
        }
        from.deserialize_map(LabelsVisitor)
    }
}

impl<'de> Deserialize<'de> for QuerySample {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<QuerySample, D::Error> {
        let (at, value): (f64, QueryText<'_>) = Deserialize::deserialize(from)?;
        let value =
            value.0.parse().map_err(|_| D::Error::custom("a value that is not a number"))?;
        Ok(QuerySample { at, value })
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
        assert_eq!(all[0].value, Some(QuerySample { at: 1435781451.781, value: 1.0 }));
        assert!(all[1].value.unwrap().value.is_nan());
        assert_eq!(all[2].values[1], QuerySample { at: 2.0, value: f64::INFINITY });
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
