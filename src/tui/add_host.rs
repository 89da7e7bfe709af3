//! A host that is added from inside: read at once, shown with its state, then written into the config.
//!
//! ```text
//! ╭─ add a host ───────────────────────────────────────────────────╮
//! │ NAME=URL: web=http://web:9100/metrics                          │
//! │  web is live: node answers in 12 ms                            │
//! │  8 cpu, 3 disk, 1 host, 2 memory, 4 network                    │
//! │  Enter  write it   e  change it   u  take it back   Esc  leave │
//! ```

use super::{
    frame,
    options::{KeyChange, Reply},
    panel,
    typed::TextInput,
};
use manytop_core::{
    clock::Moment,
    config::check_name,
    health::State,
    masking,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    source::Source,
    theme::Theme,
    view::{Snapshot, SourceView},
    widget::Key,
};
use std::collections::BTreeMap;

/// A name and a URL are not longer.
const LONGEST: usize = 300;
/// The size of the box where there is room.
const SIZE: (u16, u16) = (84, 12);

/// The box.
pub struct AddHostBox {
    typed: TextInput,
    /// The host that is being read.
    tried: Option<Tried>,
    /// Hosts that the config has already.
    known: Vec<String>,
    /// What came of the last key, and whether it went wrong.
    said: Option<(String, bool)>,
}

struct Tried {
    name: String,
    url: String,
    is_written: bool,
}

impl Tried {
    fn change(&self, value: Option<String>, keep: bool) -> Reply {
        Reply::Changes(KeyChange { key: format!("remote-{}-url", self.name), value, keep })
    }
}

impl AddHostBox {
    /// A box that knows the hosts of the config.
    pub fn new(known: Vec<String>) -> AddHostBox {
        AddHostBox { typed: TextInput::new(LONGEST), tried: None, known, said: None }
    }

    /// The host that is being read.
    pub fn source(&self) -> Option<Source> {
        self.tried.as_ref().map(|tried| Source::named(&tried.name))
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> Reply {
        let Some(tried) = &mut self.tried else { return self.on_typing(key) };
        match key {
            Key::Esc | Key::Char('q') => Reply::Closes,
            Key::Enter if tried.is_written => Reply::Closes,
            Key::Enter | Key::Char('w') => tried.change(Some(tried.url.clone()), true),
            Key::Char('e') if !tried.is_written => {
                let back = tried.change(None, false);
                (self.tried, self.said) = (None, None);
                back
            }
            Key::Char('u') | Key::Delete if !tried.is_written => {
                let back = tried.change(None, false);
                (self.tried, self.said) = (None, None);
                self.typed.clear();
                back
            }
            _ => Reply::Ignored,
        }
    }

    fn on_typing(&mut self, key: Key) -> Reply {
        match key {
            Key::Esc => return Reply::Closes,
            Key::Enter => {
                let (name, url) = match host(self.typed.text()) {
                    Ok(host) => host,
                    Err(problem) => {
                        self.said = Some((problem, true));
                        return Reply::Stays;
                    }
                };
                if self.known.contains(&name) {
                    let problem =
                        format!("{name} is in the config; write another NAME before the URL");
                    self.said = Some((problem, true));
                    return Reply::Stays;
                }
                self.said = None;
                let tried = self.tried.insert(Tried { name, url, is_written: false });
                return tried.change(Some(tried.url.clone()), false);
            }
            key if self.typed.on_key(key) => self.said = None,
            _ => return Reply::Ignored,
        }
        Reply::Stays
    }

    /// Takes what came of a change. What was refused is typed again.
    pub fn say(&mut self, text: String, is_written: bool) {
        match (&mut self.tried, is_written) {
            (Some(tried), true) => tried.is_written = true,
            _ => self.tried = None,
        }
        self.said = Some((text, !is_written));
    }

    /// Draws it.
    pub fn draw(
        &self,
        snapshot: &Snapshot,
        now: Moment,
        theme: &Theme,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let title: &[&[panel::StyledRun<'_>]] = &[&[("add a host", theme.strong())]];
        let mut on = panel::open(title, ("", theme.dim), SIZE, theme, area, buffer);
        let keys: &[(&str, &str)] = match &self.tried {
            None => &[("Enter", "read it"), ("^u", "clear"), ("Esc", "close")],
            Some(tried) if tried.is_written => &[("Enter", "done"), ("Esc", "close")],
            Some(_) => &[
                ("Enter", "write it"),
                ("e", "change it"),
                ("u", "take it back"),
                ("Esc", "only for this run"),
            ],
        };
        panel::foot(&mut on, keys);
        let mut on = panel::inside(&mut on);
        match &self.tried {
            None => _ = panel::prompt(&mut on, "NAME=URL: ", &self.typed, true),
            Some(tried) => {
                // a password that was typed need not stay in sight
                let url = masking::line(&tried.url);
                let shown = TextInput::with(&format!("{}={url}", tried.name), LONGEST);
                panel::prompt(&mut on, "NAME=URL: ", &shown, false);
            }
        }
        let wide = on.width().saturating_sub(3);
        let rows = on.height().saturating_sub(1);
        let mut lines: Vec<(String, Style)> = Vec::new();
        let mut add = |words: &str, style| {
            lines.extend(frame::wrap(words, wide).into_iter().map(|line| (line, style)));
        };
        match &self.tried {
            None => {
                add("web=http://web:9100/metrics, ssh://user@web, or a URL alone.", theme.text);
                add("It is read at once, and written after that.", theme.dim);
            }
            Some(tried) => {
                let source = Source::named(&tried.name);
                match snapshot.find(&source) {
                    Some(one) => {
                        let (words, style) = state(one, now, theme);
                        add(&words, style);
                        add(&served(one), theme.text);
                    }
                    None => add("it is being read", theme.dim),
                }
            }
        }
        if let Some((said, is_wrong)) = &self.said {
            add(said, if *is_wrong { theme.warn } else { theme.hi });
        }
        for (y, (line, style)) in (2..rows).zip(&lines) {
            on.column(2, y, wide, line, *style);
        }
    }
}

/// The state of a host in a sentence, with the reason that the log has.
fn state(one: &SourceView, now: Moment, theme: &Theme) -> (String, Style) {
    let name = one.source.name();
    let state = one.state(now);
    if let Some(failure) = one.failure(now) {
        let style = if state == State::Down { theme.crit } else { theme.stale };
        return (format!("{name} is {state}: {failure}"), style);
    }
    let took = one.took().map(|took| format!(" in {} ms", took.as_millis())).unwrap_or_default();
    match (state, one.dialects().join(", ")) {
        (State::Starting | State::Idle, _) => (format!("{name} is being read"), theme.dim),
        (_, dialects) if dialects.is_empty() => (format!("{name} is {state}{took}"), theme.hi),
        (_, dialects) => (format!("{name} is {state}: {dialects}{took}"), theme.hi),
    }
}

/// How many devices of each kind a host has: `8 cpu, 3 disk`.
fn served(one: &SourceView) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let kinds = one.instances.iter().flat_map(|instance| instance.kinds());
    for kind in kinds.filter(|kind| !kind.is_private()) {
        counts.insert(kind.word(), one.devices(kind).count());
    }
    let words: Vec<String> =
        counts.iter().filter(|(_, n)| **n > 0).map(|(kind, n)| format!("{n} {kind}")).collect();
    let counts = words.join(", ");
    let all: Vec<&str> =
        [counts.as_str()].into_iter().chain(one.notes()).filter(|part| !part.is_empty()).collect();
    all.join("; ")
}

/// The NAME and the URL of a host that was typed; without a NAME the host's own.
///
/// # Errors
/// Says what is expected.
fn host(text: &str) -> Result<(String, String), String> {
    let cut = text.split_once('=').filter(|(name, _)| !name.contains("://"));
    let (name, url) = match cut {
        Some((name, url)) => (name.trim(), url.trim()),
        None => ("", text.trim()),
    };
    if url.is_empty() {
        return Err("expected NAME=URL, as in web=http://web:9100/metrics".into());
    }
    let address = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = address.split('/').next().unwrap_or_default();
    let own = authority.rsplit('@').next().unwrap_or_default();
    let own = own.rsplit_once(':').map_or(own, |(host, _)| host).trim_matches(['[', ']']);
    let name = if name.is_empty() { own } else { name };
    check_name(name)?;
    Ok((name.to_owned(), url.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (AddHostBox, Option<KeyChange>) {
        let mut ask = AddHostBox::new(vec!["nas".into()]);
        text.chars().for_each(|c| drop(ask.on_key(Key::Char(c))));
        match ask.on_key(Key::Enter) {
            Reply::Changes(change) => (ask, Some(change)),
            _ => (ask, None),
        }
    }

    fn change(name: &str, value: Option<&str>, keep: bool) -> Option<KeyChange> {
        let key = format!("remote-{name}-url");
        Some(KeyChange { key, value: value.map(str::to_owned), keep })
    }

    #[test]
    fn a_host_is_read_by_name_or_by_its_url_alone_and_then_written() {
        let url = "http://web:9100/metrics";
        let (mut ask, tried) = typed(&format!("w={url}"));
        assert_eq!(tried, change("w", Some(url), false));
        let Reply::Changes(kept) = ask.on_key(Key::Enter) else { panic!("not written") };
        assert_eq!(Some(kept), change("w", Some(url), true));
        assert_eq!(typed(url).1, change("web", Some(url), false));
        assert_eq!(typed("ssh://me@db:22").1, change("db", Some("ssh://me@db:22"), false));
    }

    #[test]
    fn what_is_no_host_or_is_known_says_so() {
        for (text, words) in [("w=", "NAME=URL"), ("nas=http://x", "nas is in the config")] {
            let (ask, tried) = typed(text);
            assert_eq!(tried, None);
            assert!(ask.said.is_some_and(|(said, _)| said.contains(words)), "{text}");
        }
    }

    #[test]
    fn a_host_is_taken_back_and_changed() {
        let (mut ask, _) = typed("w=http://wbe/");
        let Reply::Changes(back) = ask.on_key(Key::Char('e')) else { panic!("not taken back") };
        assert_eq!(Some(back), change("w", None, false));
        assert_eq!((ask.typed.text(), ask.source()), ("w=http://wbe/", None));
    }
}
