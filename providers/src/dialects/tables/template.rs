//! The device of a series by a template: `{chassis}/{name}`.

use crate::dialects::dialect::Labelled;
use manytop_plugin::glob;

/// Names a device after labels.
#[derive(PartialEq, Eq, Debug)]
pub struct Template {
    /// The first one counts of which all labels are there.
    choices: Vec<Vec<TemplatePiece>>,
    /// What the metric's name begins and ends with, where the rest of it is the value of `{*}`.
    name: Option<(String, String)>,
    /// Labels with patterns of values that are not wanted; [`STAR`] is the variable part of the metric's name.
    except: Vec<(String, Vec<String>)>,
    /// A text of the variable part of the name, and what takes its place.
    replace: Option<[String; 2]>,
    watch: Option<WatchDevice>,
}

/// What the variable part of a metric's name is called among labels.
const STAR: &str = "*";

/// The device of a watch: its NAME, and the values of labels that are left.
#[derive(PartialEq, Eq, Debug)]
struct WatchDevice {
    name: String,
    number: u8,
    /// Labels whose values do not tell devices apart.
    dropped: Vec<String>,
}

#[derive(PartialEq, Eq, Debug)]
enum TemplatePiece {
    Text(String),
    Label(String),
    /// The variable part of the metric's name.
    Star,
}

impl Template {
    /// Reads templates, of which the first one that fits counts. `metric` holds one `*` where a part of its name
    /// is variable.
    ///
    /// # Errors
    /// A brace that is not closed, or `{*}` where the metric's name has no variable part.
    pub fn parse(choices: &[String], metric: &str) -> Result<Template, String> {
        let name = metric.split_once('*').map(|(a, b)| (a.to_owned(), b.to_owned()));
        let choices: Result<Vec<_>, String> =
            choices.iter().map(|text| pieces(text, name.is_some())).collect();
        let mut choices = choices?;
        if choices.is_empty() {
            choices.push(Vec::new());
        }
        Ok(Template { choices, name, except: Vec::new(), replace: None, watch: None })
    }

    /// The device of the watch of that NAME and number.
    pub fn of_watch(name: &str, number: u8, dropped: Vec<String>) -> Template {
        let watch = Some(WatchDevice { name: name.to_owned(), number, dropped });
        Template { choices: Vec::new(), name: None, except: Vec::new(), replace: None, watch }
    }

    /// Without series of which a label's value fits one of these patterns.
    #[must_use]
    pub fn except(mut self, labels: Vec<(String, Vec<String>)>) -> Template {
        self.except = labels;
        self
    }

    /// With a text of the variable part replaced.
    #[must_use]
    pub fn replacing(mut self, replace: Option<[String; 2]>) -> Template {
        self.replace = replace;
        self
    }

    /// The device of a series; `None` where a label of the template is missing or empty, or where the metric's
    /// name does not end as it has to.
    pub fn device(&self, series: &Labelled<'_>) -> Option<String> {
        let star = match &self.name {
            Some((begin, end)) => {
                let star = series.name().strip_prefix(&**begin)?.strip_suffix(&**end)?;
                Some(star).filter(|star| !star.is_empty())?
            }
            None => "",
        };
        let is_out = |(label, globs): &(String, Vec<String>)| {
            let value = if label == STAR { star } else { series.get(label) };
            globs.iter().any(|pattern| glob::matches(pattern, value))
        };
        if self.except.iter().any(is_out) {
            return None;
        }
        if let Some(watch) = &self.watch {
            return watch.device(series);
        }
        let replaced = self.replace.as_ref().map(|[from, to]| star.replace(&**from, to));
        let star = replaced.as_deref().unwrap_or(star);
        self.choices.iter().find_map(|pieces| joined(pieces, star, series))
    }
}

impl WatchDevice {
    /// `None` where the remote does not heed the watch.
    fn device(&self, series: &Labelled<'_>) -> Option<String> {
        if series.shows().watches & (1 << self.number) == 0 {
            return None;
        }
        let mut labels: Vec<_> = series
            .labels()
            .filter(|(label, value)| {
                !value.is_empty() && self.dropped.iter().all(|dropped| dropped != label)
            })
            .collect();
        labels.sort_unstable();
        let values = labels.into_iter().map(|(_, value)| value);
        Some(std::iter::once(&*self.name).chain(values).collect::<Vec<_>>().join("/"))
    }
}

fn joined(pieces: &[TemplatePiece], star: &str, series: &Labelled<'_>) -> Option<String> {
    let mut device = String::new();
    for piece in pieces {
        device.push_str(match piece {
            TemplatePiece::Text(text) => text,
            TemplatePiece::Star => star,
            TemplatePiece::Label(label) => {
                Some(series.get(label)).filter(|value| !value.is_empty())?
            }
        });
    }
    Some(device)
}

fn pieces(text: &str, has_star: bool) -> Result<Vec<TemplatePiece>, String> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, behind)) = rest.split_once('{') {
        if !before.is_empty() {
            pieces.push(TemplatePiece::Text(before.to_owned()));
        }
        let Some((label, after)) = behind.split_once('}') else {
            return Err(format!("device: expected \"}}\" behind \"{{\" in {text:?}"));
        };
        pieces.push(match label {
            STAR if !has_star => return Err("device: {*} needs a metric with * in its name".into()),
            STAR => TemplatePiece::Star,
            "" => return Err(format!("device: expected a label between braces in {text:?}")),
            label => TemplatePiece::Label(label.to_owned()),
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(TemplatePiece::Text(rest.to_owned()));
    }
    Ok(pieces)
}
