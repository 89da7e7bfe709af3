//! Resolves the keys of the files to the options that they set.

use super::{
    Config, environment,
    files::{self, ConfigFile, LocatedFiles, Origin},
    globals::{RETIRED, global, limited},
    instance::{LIMITS, SOURCE},
    key::{ConfigKey, KeyStyle},
    request::{Flag, Request},
    tree::{self, ConfigEntry, ConfigTree},
};
use crate::config::{
    key_target::{self, KeyTarget, UnknownKey},
    location::{Errors, FileOrder, Location, Problem},
    setting::{self, Givens, Setting, holds_secret, userinfo},
};
use crate::{
    file, masking,
    names::check_name,
    options::{Spec, Value},
    registry::Registry,
    text::clean_to,
};
use config::{ConfigError, Map, ValueKind};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

pub(super) fn load(request: &Request, registry: &Registry) -> Result<Config, Errors> {
    let mut route = Resolution {
        request,
        registry,
        texts: Vec::new(),
        given: BTreeMap::new(),
        troubled: BTreeSet::new(),
        revealing: BTreeSet::new(),
        overridden: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    let found = files::locate(request).unwrap_or_else(|(place, text)| {
        route.problem((0, 0, 0), Some(place), text);
        LocatedFiles::default()
    });
    route.notes = found.notes;
    for (number, (path, author)) in found.files.iter().enumerate() {
        match files::read(path, *author, number, request) {
            Ok(text) => route.texts.push(text),
            Err((place, text)) => route.problem((number, 0, 0), Some(place), text),
        }
    }
    for entry in route.entries() {
        route.take(entry);
    }
    route.finish()
}

/// A variable or a flag as a source that is laid over the files, and its number in its layer.
#[derive(Clone, Debug)]
struct Layer(Flag, usize);

/// The numbers of the layers above all files: the environment, then the command line.
const ENVIRONMENT: usize = usize::MAX - 1;
const FLAGS: usize = usize::MAX;

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, config::Value>, ConfigError> {
        let Layer(flag, number) = self;
        let mut tree = ConfigTree::default();
        tree.key(flag.key.words(), None, *number, ValueKind::String(flag.value.clone()));
        Ok(tree.table())
    }
}

/// The layer of a file, by its number: all files are one.
fn layer(file: usize) -> usize {
    file.max(ENVIRONMENT - 1)
}

/// What has been found so far.
pub(super) struct Resolution<'a> {
    pub(super) request: &'a Request,
    pub(super) registry: &'a Registry,
    pub(super) texts: Vec<ConfigFile>,
    pub(super) given: BTreeMap<KeyTarget, Givens>,
    /// Instances with wrong keys: a missing option may be one of these keys, misspelt.
    pub(super) troubled: BTreeSet<(String, String)>,
    /// Files that hold a password.
    pub(super) revealing: BTreeSet<usize>,
    /// See [`Config`].
    pub(super) overridden: Vec<(ConfigKey, Location)>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

impl Resolution<'_> {
    pub(super) fn problem(&mut self, order: FileOrder, place: Option<Location>, text: String) {
        let text = clean_to(&masking::line(&text), 600).into_owned();
        self.problems.push(Problem { order, place, text });
    }

    /// Every key once, in the order of the files; a variable or a flag in the place of the key that it overrides.
    fn entries(&mut self) -> Vec<ConfigEntry> {
        // Not the crate's own builder: it keeps the last value of a key, and a key that is given twice in
        // one layer is an error that names both places. See docs/architecture.md for its cost.
        let environment = environment::read(&self.request.environment);
        self.notes.extend(environment.notes);
        let number = |flags: &[Flag]| -> Vec<Layer> {
            flags.iter().enumerate().map(|(nth, flag)| Layer(flag.clone(), nth)).collect()
        };
        let (environment, flags) = (number(&environment.flags), number(&self.request.flags));
        let texts = (self.texts.iter())
            .map(|text| (text.number, text.shown.clone(), text as &dyn config::Source));
        let above = (environment.iter().map(|layer| (ENVIRONMENT, layer)))
            .chain(flags.iter().map(|layer| (FLAGS, layer)));
        let above = above.map(|(number, layer)| (number, layer.0.flag.as_str().into(), layer as _));
        let read = |(file, shown, source): (_, _, &dyn config::Source)| {
            Ok((file, shown, source.collect()?))
        };
        let tables: Result<Vec<_>, ConfigError> = texts.chain(above).map(read).collect();
        let (entries, problems) = match tables {
            Ok(tables) => tree::read(tables),
            Err(e) => {
                self.problem((0, 0, 0), None, e.to_string());
                return Vec::new();
            }
        };
        self.problems.extend(problems);

        // of each, the first time that its key was given, in the lowest layer that has it
        let mut first: HashMap<&ConfigKey, usize> = HashMap::with_capacity(entries.len());
        let mut again: Vec<Option<usize>> = Vec::with_capacity(entries.len());
        for (nth, entry) in entries.iter().enumerate() {
            let before = *first.entry(&entry.key).or_insert(nth);
            again.push((before != nth).then_some(before));
        }
        let mut once: Vec<Option<ConfigEntry>> = Vec::with_capacity(entries.len());
        for (entry, before) in entries.into_iter().zip(again) {
            let known = before.and_then(|nth| once.get_mut(nth)).and_then(Option::as_mut);
            let Some(known) = known else {
                once.push(Some(entry));
                continue;
            };
            if layer(entry.file) > layer(known.file) {
                let over = ConfigEntry { order: known.order, ..entry };
                let lower = std::mem::replace(known, over);
                self.overridden.push((lower.key, lower.place));
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

    fn style(&self, file: usize) -> KeyStyle {
        self.texts.iter().find(|t| t.number == file).map_or(KeyStyle::Conf, |t| t.style)
    }

    /// Checks one key and its value, and hands it to its owner.
    fn take(&mut self, entry: ConfigEntry) {
        let style = self.style(entry.file);
        let author = match entry.file {
            ENVIRONMENT => Origin::Environment,
            file => {
                let text = self.texts.iter().find(|t| t.number == file);
                text.map_or(Origin::Flags, |text| text.author)
            }
        };
        let word = entry.key.option();
        if let (ConfigKey::Global(_), Some((_, why))) =
            (&entry.key, RETIRED.iter().find(|r| r.0 == word))
        {
            self.notes.push(format!("{}: {word}: {why}", entry.place));
            return;
        }
        let (owner, spec) = match key_target::owner(&entry.key, style, self.registry) {
            Ok(found) => found,
            Err(unknown) => return self.unknown_key(entry, author, style, unknown),
        };
        match value(&entry, spec, author, self.request) {
            Ok((raw, text)) => {
                if let Some(why) = self.untrusted(&entry, &text) {
                    self.trouble(&entry.key);
                    let text = format!("{}: {why}", entry.key.show(style));
                    return self.problem(entry.order, Some(entry.place), text);
                }
                if holds_secret(spec.shape(), &raw, author) {
                    self.revealing.insert(entry.file);
                }
                let ConfigEntry { key, place, order, .. } = entry;
                let given = Setting { key, place, order, style, author, raw, text };
                self.given.entry(owner).or_default().put(spec.name(), Arc::new(given));
            }
            Err(wrong) => {
                self.trouble(&entry.key);
                let text = format!("{}: {wrong}", entry.key.show(style));
                self.problem(entry.order, Some(entry.place), text);
            }
        }
    }

    /// Why a value is not taken from its file: an address that runs a program here is the user's own to
    /// choose.
    fn untrusted(&self, entry: &ConfigEntry, text: &str) -> Option<String> {
        let file = self.texts.iter().find(|t| t.number == entry.file)?;
        let remedy = text.starts_with(SSH).then(|| file::open_to_others(&file.path))??;
        Some(format!("{SSH} is not taken from a file that other users can write; {remedy}"))
    }

    fn trouble(&mut self, key: &ConfigKey) {
        let (section, name) = match key {
            ConfigKey::Global(_) => return,
            ConfigKey::One { provider, .. } => (provider.clone(), String::new()),
            ConfigKey::Named { section, name, .. } => (section.clone(), name.clone()),
        };
        self.troubled.insert((section, name));
    }

    fn unknown_key(
        &mut self,
        entry: ConfigEntry,
        author: Origin,
        style: KeyStyle,
        unknown: UnknownKey,
    ) {
        self.trouble(&entry.key);
        let shown = entry.key.show(style);
        let plain = style == KeyStyle::Toml || !shown.contains(crate::text::is_hidden);
        let text = match unknown {
            UnknownKey::Wrong(why) if plain => format!("{shown}: {why}"),
            UnknownKey::Wrong(why) => format!("{shown:?}: {why}"),
            UnknownKey::Unknown(meant) => {
                if let Some(meant) = &meant {
                    self.trouble(meant);
                }
                let quoted = |key: String| match style {
                    KeyStyle::Conf => format!("{key:?}"),
                    KeyStyle::Toml => key,
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
            // Unknown keys in gotop's own config do not prevent a start.
            Origin::Gotop => self.notes.push(format!("{}: {text}", entry.place)),
            _ => self.problem(entry.order, Some(entry.place), text),
        }
    }
}

/// What addresses of hosts over ssh begin with. The user in them is not masked.
const SSH: &str = "ssh://";

fn is_secret(url: &str, (_, password): (&str, &str)) -> bool {
    !url.starts_with(SSH) || !password.is_empty()
}

/// The value as written in the file, and as the option reads it; checked against its declaration.
fn value(
    entry: &ConfigEntry,
    spec: &'static Spec,
    author: Origin,
    request: &Request,
) -> Result<(Arc<str>, Arc<str>), String> {
    let shape = spec.shape();
    let (raw, expanded) = setting::texts(&entry.value, shape, author, &request.environment)?;
    if author == Origin::Flags
        && (userinfo(&expanded).is_some_and(|user| is_secret(&expanded, user))
            || holds_secret(shape, &expanded, author))
    {
        return Err(
            "credentials are not accepted on the command line (visible in `ps`); put this key in a \
             config file"
                .into(),
        );
    }
    let read = match &entry.key {
        ConfigKey::Global(word) => match global(word) {
            Some(global) => (global.read)(&expanded).map(Arc::from),
            None => Ok(expanded.clone()),
        },
        _ => Ok(expanded.clone()),
    };
    let checked = read.and_then(|text| {
        Value::parse(shape, &text)?;
        if spec.name() == LIMITS.spec().name() && !matches!(entry.key, ConfigKey::Global(_)) {
            limited(&text)?;
        }
        if spec.name() == SOURCE.spec().name() && *text != *"local" {
            check_name(&text)?;
        }
        Ok(text)
    });
    match checked {
        Ok(text) => Ok((raw, text)),
        // A value from the environment may be a secret in a wrong place.
        Err(wrong) => Err(wrong.replace(&format!("{expanded:?}"), &format!("{raw:?}"))),
    }
}
