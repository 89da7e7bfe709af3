//! What is wrong with a host, in words: `no answer for 12 s`, `disk 91 > 90`, `answers in 3.9 s`.

use super::sign::{Sign, graded};
use manytop_plugin::{
    draw::{Canvas, Place, compact, text},
    health::State,
    host_metric::{Grade, Over},
    ratatui_core::{layout::Rect, style::Style},
    view::{SourceView, View},
};
use std::cmp::Reverse;

/// From how many seconds on the time that an answer took is the reason for its being late.
const LONG: f64 = 1.0;

/// A span of time in words: `12 s`, `4 m`, `41 d`.
pub fn span(seconds: f64) -> String {
    let short = compact::age(seconds);
    let unit = short.find(|c: char| c.is_ascii_alphabetic());
    unit.map_or_else(|| short.to_string(), |at| format!("{} {}", &short[..at], &short[at..]))
}

/// Texts with their styles.
type ReasonRuns = Vec<(String, Style)>;

/// Writes the reason of a failure and when the next attempt is; else for how long a host has been silent;
/// else which limits it is over and what else is wrong, what it notes, or why it is late. A host without
/// trouble is `fine`, unless `quiet`.
pub fn draw(
    view: &View<'_>,
    source: &SourceView,
    sign: Sign,
    quiet: bool,
    at: Place,
    y: u16,
    on: &mut Canvas<'_>,
) {
    let mut on = on.part(Rect::new(at.x, y, at.width, 1));
    if let Some(failure) = source.failure(view.now) {
        return failed(view, source, sign, failure.reason(), &mut on);
    }
    reasons(view, source, sign, quiet)
        .iter()
        .fold(0, |x, (text, style)| on.put(x, 0, text, *style));
}

/// All of it, with what to do about a failure; empty for a host without trouble.
pub fn whole(view: &View<'_>, source: &SourceView) -> ReasonRuns {
    let sign = Sign::of(source, view.now, &view.settings.limits);
    match source.failure(view.now) {
        Some(failure) => {
            let style = failure_style(view, source, sign);
            let next = next_try(view, source).map(|next| format!(" ({next})")).unwrap_or_default();
            vec![(format!("{}{failure}{next}", known(source)), style)]
        }
        None => reasons(view, source, sign, true),
    }
}

/// What is wrong with a host whose last attempt did not fail.
fn reasons(view: &View<'_>, source: &SourceView, sign: Sign, quiet: bool) -> ReasonRuns {
    let theme = view.theme;
    let note = source.notes().next();
    let (words, style) = match sign {
        Sign::Down => return Vec::new(),
        Sign::Stale => {
            let age = source.age(view.now).map_or(0.0, |age| age.as_secs_f64());
            let style = if source.is_quiet() { theme.dim } else { theme.text };
            let known = if source.acknowledged { "acknowledged; " } else { "" };
            (format!("{known}no answer for {}", span(age)), style)
        }
        Sign::Over => return over(view, source),
        Sign::Unread => {
            let words = note.unwrap_or("answers, but nothing in the answer is known");
            (words.to_owned(), theme.text)
        }
        Sign::Late => {
            let took = source.took().map_or(0.0, |took| took.as_secs_f64());
            let words = match source.age(view.now) {
                Some(age) if took < LONG => {
                    format!("the last answer is {} old", span(age.as_secs_f64()))
                }
                _ if took < 9.95 => format!("answers in {took:.1} s"),
                _ => format!("answers in {}", span(took)),
            };
            (words, theme.text)
        }
        Sign::Fine => match (source.state(view.now), note) {
            (State::Starting, _) => ("waiting for the first answer".to_owned(), theme.dim),
            (_, Some(note)) => (note.to_owned(), theme.warn),
            _ if quiet => return Vec::new(),
            _ => ("fine".to_owned(), theme.dim),
        },
    };
    vec![(words, style)]
}

/// Which limits it is over, the worst first, and what else is wrong.
fn over(view: &View<'_>, source: &SourceView) -> ReasonRuns {
    let theme = view.theme;
    let mut all: Vec<Over> = view.settings.limits.all_over(source, view.now).collect();
    all.sort_by_key(|over| Reverse(over.grade));
    let limits = all.iter().map(|over| (over.show(view.settings).to_string(), over.grade));
    let others = source.summary.trouble.iter().map(|trouble| {
        let critical = trouble.is_critical();
        (trouble.words.clone(), if critical { Grade::Critical } else { Grade::Warning })
    });
    let mut runs = ReasonRuns::new();
    for (words, grade) in limits.chain(others) {
        if !runs.is_empty() {
            runs.push((", ".to_owned(), theme.dim));
        }
        runs.push((words, graded(theme, grade)));
    }
    runs
}

/// That the trouble is known.
fn known(source: &SourceView) -> &'static str {
    match () {
        () if source.acknowledged => "acknowledged; ",
        () if source.expected_offline => "expected; ",
        () => "",
    }
}

fn next_try(view: &View<'_>, source: &SourceView) -> Option<String> {
    let retry = source.worst(view.now).and_then(|i| i.health.retry)?;
    Some(format!("next try in {}", span(retry.since(view.now).as_secs_f64().ceil())))
}

fn failure_style(view: &View<'_>, source: &SourceView, sign: Sign) -> Style {
    match sign {
        _ if source.is_quiet() => view.theme.dim,
        Sign::Down => sign.style(view.theme),
        _ => view.theme.text,
    }
}

/// The reason, and when the next attempt is: that is worth more than the end of a long reason.
fn failed(view: &View<'_>, source: &SourceView, sign: Sign, reason: &str, on: &mut Canvas<'_>) {
    let style = failure_style(view, source, sign);
    let known = known(source);
    let tail = next_try(view, source).map(|next| format!(", {next}")).unwrap_or_default();
    let room = on.width().saturating_sub(text::width(&tail));
    let all = text::width(known).saturating_add(text::width(reason));
    if room < all.min(24) {
        on.runs(0, 0, &[(known, style), (reason, style)]);
        return;
    }
    let mut part = on.part(Rect::new(0, 0, room, 1));
    let end = part.runs(0, 0, &[(known, style), (reason, style)]);
    on.put(end.min(room), 0, &tail, style);
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_have_their_unit_apart() {
        assert_eq!([0.0, 12.9, 240.0, 7300.0].map(span), ["0 s", "12 s", "4 m", "2 h"]);
        assert_eq!(span(f64::NAN), "-");
    }
}
