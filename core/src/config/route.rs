//! From what the files say to whose option it is.

use super::{
    Config,
    files::{self, Author, Found, Text},
    given::{self, Given, Givens, holds_secret, userinfo},
    globals::{RETIRED, global},
    instance::SOURCE,
    key::{Key, Style, check_name},
    owner::{self, Nobody, Owner},
    place::{Errors, Order, Place, Problem},
    request::{Flag, Request},
    tree::{self, Entry, Tree},
};
use crate::{
    options::{Spec, Value},
    registry::Registry,
};
use config::{ConfigError, Map, ValueKind};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

pub(super) fn load(request: &Request, registry: &Registry) -> Result<Config, Errors> {
    let mut route = Route {
        request,
        registry,
        texts: Vec::new(),
        given: BTreeMap::new(),
        troubled: BTreeSet::new(),
        revealing: BTreeSet::new(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    let found = files::locate(request).unwrap_or_else(|(place, text)| {
        route.problem((0, 0, 0), Some(place), text);
        Found::default()
    });
    route.notes = found.notes;
    for (number, (path, author)) in found.files.iter().enumerate() {
        match files::read(path, *author, number) {
            Ok(text) => route.texts.push(text),
            Err((place, text)) => route.problem((number, 0, 0), Some(place), text),
        }
    }
    for entry in route.entries() {
        route.take(entry);
    }
    route.finish()
}

/// A flag as a source that is laid over the files, and its number among the flags.
#[derive(Clone, Debug)]
struct Layer(Flag, usize);

/// The command line comes after all files.
const FLAGS: usize = usize::MAX;

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, config::Value>, ConfigError> {
        let Layer(flag, number) = self;
        let mut tree = Tree::default();
        tree.key(flag.key.words(), None, *number, ValueKind::String(flag.value.clone()));
        Ok(tree.table())
    }
}

/// What has been found so far.
pub(super) struct Route<'a> {
    pub(super) request: &'a Request,
    pub(super) registry: &'a Registry,
    pub(super) texts: Vec<Text>,
    pub(super) given: BTreeMap<Owner, Givens>,
    /// Whose keys were wrong: what seems to be missing may be meant by them.
    pub(super) troubled: BTreeSet<(String, String)>,
    /// Files that hold a password.
    pub(super) revealing: BTreeSet<usize>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

impl Route<'_> {
    pub(super) fn problem(&mut self, order: Order, place: Option<Place>, text: String) {
        let text = crate::text::clean_to(&text, 600).into_owned();
        self.problems.push(Problem { order, place, text });
    }

    /// Every key once, in the order of the files; a flag in the place of the key that it overrides.
    fn entries(&mut self) -> Vec<Entry> {
        // The crate's own builder would merge these, copying each value several times. Nothing is gained by
        // that: every time that a key was given is wanted, with its place.
        let flags = self.request.flags.iter().enumerate();
        let layers: Vec<_> = flags.map(|(number, flag)| Layer(flag.clone(), number)).collect();
        let texts = (self.texts.iter())
            .map(|text| (text.number, text.shown.clone(), text as &dyn config::Source));
        let flags = layers.iter().map(|layer| (FLAGS, layer.0.flag.as_str().into(), layer as _));
        let read = |(file, shown, source): (_, _, &dyn config::Source)| {
            Ok((file, shown, source.collect()?))
        };
        let tables: Result<Vec<_>, ConfigError> = texts.chain(flags).map(read).collect();
        let (entries, problems) = match tables {
            Ok(tables) => tree::read(tables),
            Err(e) => {
                self.problem((0, 0, 0), None, e.to_string());
                return Vec::new();
            }
        };
        self.problems.extend(problems);

        // of each, the first time that its key was given in the files, or else by flags
        let mut first: HashMap<&Key, usize> = HashMap::with_capacity(entries.len());
        let mut again: Vec<Option<usize>> = Vec::with_capacity(entries.len());
        for (nth, entry) in entries.iter().enumerate() {
            let before = *first.entry(&entry.key).or_insert(nth);
            again.push((before != nth).then_some(before));
        }
        let mut once: Vec<Option<Entry>> = Vec::with_capacity(entries.len());
        for (entry, before) in entries.into_iter().zip(again) {
            let known = before.and_then(|nth| once.get_mut(nth)).and_then(Option::as_mut);
            let Some(known) = known else {
                once.push(Some(entry));
                continue;
            };
            if entry.file == FLAGS && known.file != FLAGS {
                *known = Entry { order: known.order, ..entry };
            } else {
                let key = entry.key.show(self.style(entry.file));
                let text = match known.place.line {
                    Some(_) => format!("{key} is given twice; first at {}", known.place),
                    None => format!("{key} is given twice"),
                };
                self.problem(entry.order, Some(entry.place), text);
            }
            once.push(None);
        }
        once.into_iter().flatten().collect()
    }

    fn style(&self, file: usize) -> Style {
        self.texts.iter().find(|t| t.number == file).map_or(Style::Conf, |t| t.style)
    }

    /// Checks one key and its value, and hands it to its owner.
    fn take(&mut self, entry: Entry) {
        let style = self.style(entry.file);
        let author = self.texts.iter().find(|t| t.number == entry.file);
        let author = author.map_or(Author::Flags, |t| t.author);
        let word = entry.key.option();
        if let (Key::Global(_), Some((_, why))) = (&entry.key, RETIRED.iter().find(|r| r.0 == word))
        {
            self.notes.push(format!("{}: {word}: {why}", entry.place));
            return;
        }
        let (owner, spec) = match owner::owner(&entry.key, style, self.registry) {
            Ok(found) => found,
            Err(nobody) => return self.nobody(entry, author, style, nobody),
        };
        match value(&entry, spec, author, self.request) {
            Ok((raw, text)) => {
                if holds_secret(spec.shape(), &raw, author) {
                    self.revealing.insert(entry.file);
                }
                let Entry { key, place, order, .. } = entry;
                let given = Given { key, place, order, style, author, raw, text };
                self.given.entry(owner).or_default().put(spec.name(), Arc::new(given));
            }
            Err(wrong) => {
                self.trouble(&entry.key);
                let text = format!("{}: {wrong}", entry.key.show(style));
                self.problem(entry.order, Some(entry.place), text);
            }
        }
    }

    fn trouble(&mut self, key: &Key) {
        let (section, name) = match key {
            Key::Global(_) => return,
            Key::One { provider, .. } => (provider.clone(), String::new()),
            Key::Named { section, name, .. } => (section.clone(), name.clone()),
        };
        self.troubled.insert((section, name));
    }

    fn nobody(&mut self, entry: Entry, author: Author, style: Style, nobody: Nobody) {
        self.trouble(&entry.key);
        let shown = entry.key.show(style);
        let plain = style == Style::Toml || !shown.contains(crate::text::is_hidden);
        let text = match nobody {
            Nobody::Wrong(why) if plain => format!("{shown}: {why}"),
            Nobody::Wrong(why) => format!("{shown:?}: {why}"),
            Nobody::Unknown(meant) => {
                if let Some(meant) = &meant {
                    self.trouble(meant);
                }
                let quoted = |key: String| match style {
                    Style::Conf => format!("{key:?}"),
                    Style::Toml => key,
                };
                // Half of a URL that was broken in two looks like a key.
                let key = match shown.contains("://") || (meant.is_none() && shown.contains('@')) {
                    true => "(not shown, it may hold a password)".to_owned(),
                    false => quoted(shown),
                };
                let meant = meant.map(|meant| quoted(meant.show(style)));
                let meant = meant.map_or(String::new(), |meant| format!(": did you mean {meant}?"));
                format!("unknown key {key}{meant} (manytop --list options shows all)")
            }
        };
        match author {
            // Whatever gotop's own config holds, it is no reason not to start.
            Author::Gotop => self.notes.push(format!("{}: {text}", entry.place)),
            _ => self.problem(entry.order, Some(entry.place), text),
        }
    }
}

/// The value as it stands in the file, and as the option reads it; checked against its declaration.
fn value(
    entry: &Entry,
    spec: &'static Spec,
    author: Author,
    request: &Request,
) -> Result<(Arc<str>, Arc<str>), String> {
    let shape = spec.shape();
    let (raw, expanded) = given::texts(&entry.value, shape, author, &request.environment)?;
    if author == Author::Flags
        && (userinfo(&expanded).is_some() || holds_secret(shape, &expanded, author))
    {
        return Err("the process list would show who logs in; write this key into a config".into());
    }
    let read = match &entry.key {
        Key::Global(word) => match global(word) {
            Some(global) => (global.read)(&expanded).map(Arc::from),
            None => Ok(expanded.clone()),
        },
        _ => Ok(expanded.clone()),
    };
    let checked = read.and_then(|text| {
        Value::parse(shape, &text)?;
        if spec.name() == SOURCE.spec().name() && *text != *"local" {
            check_name(&text)?;
        }
        Ok(text)
    });
    match checked {
        Ok(text) => Ok((raw, text)),
        // What came from the environment may be somebody's secret, put where it does not belong.
        Err(wrong) => Err(wrong.replace(&format!("{expanded:?}"), &format!("{raw:?}"))),
    }
}
