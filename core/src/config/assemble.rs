//! From what was given to what is to be asked.

use super::{
    Config, Instance,
    given::Given,
    globals::{CRITICAL, GLOBALS, HIGH, NOLOCAL, NVIDIA},
    instance,
    key::ALL,
    owner::Owner,
    place::{Errors, Order},
    route::Route,
};
use crate::{
    options::{Need, Options, Spec},
    provider::{Instances, Plugin},
    source::Source,
};
use std::{collections::BTreeMap, path::Path};

impl Route<'_> {
    /// All of it, when nothing was wrong.
    pub(super) fn finish(mut self) -> Result<Config, Errors> {
        let globals = self.globals();
        let local = !self.request.no_local && !globals.get(&NOLOCAL);
        let mut instances = self.singles();
        instances.retain(|instance| local || instance.source != Source::Local);
        instances.extend(self.named());
        let widgets = self.widgets();
        self.note_readable();
        if globals.get(&NVIDIA) {
            self.notes
                .push("nvidia: there is no such switch in manytop; the key is not used".into());
        }
        if !self.problems.is_empty() {
            self.problems.sort_by(|a, b| (a.order, &a.text).cmp(&(b.order, &b.text)));
            self.problems.dedup();
            return Err(Errors(self.problems));
        }
        let files: Vec<_> = self.texts.iter().map(|t| t.path.clone()).collect();
        let beside = files.first().and_then(|file| file.parent()).map(Path::to_owned);
        let mut folders: Vec<_> = beside.into_iter().collect();
        for folder in self.request.folders() {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        let mut given: Vec<Given> =
            self.given.into_values().flat_map(BTreeMap::into_values).collect();
        given.sort_by_key(|g| g.order);
        let (notes, limits) = (self.notes, Vec::new());
        Ok(Config { globals, instances, widgets, notes, files, folders, limits, given })
    }

    fn of(&self, owner: &Owner) -> BTreeMap<&'static str, Given> {
        self.given.get(owner).cloned().unwrap_or_default()
    }

    fn globals(&mut self) -> Options {
        let given = self.of(&Owner::Global);
        let specs: Vec<&Spec> = GLOBALS.iter().map(|g| g.spec()).collect();
        let options = self.options(&specs, &given);
        let (high, critical) = (options.get(&HIGH), options.get(&CRITICAL));
        let at = given.get(CRITICAL.spec().name()).or(given.get(HIGH.spec().name()));
        if let Some(at) = at.filter(|_| high > critical) {
            let text = format!("high is {high} and critical {critical}; critical comes after high");
            self.problem(at.order, Some(at.place.clone()), text);
        }
        options
    }

    /// The providers of which there is one. One that cannot do without an option that nobody gave
    /// is not wanted.
    fn singles(&mut self) -> Vec<Instance> {
        let mut all = Vec::new();
        for plugin in self.registry.providers() {
            if plugin.instances() != Instances::One {
                continue;
            }
            let given = self.of(&Owner::One(plugin.name()));
            let complete = self.complete(plugin, None, &given, &given);
            let options = self.options(&instance::specs(plugin), &given);
            if complete {
                let place = first(&given).map(|g| g.place.clone());
                all.push(Instance::with(plugin, None, options, place, given));
            }
        }
        all
    }

    fn named(&mut self) -> Vec<Instance> {
        let owners = self.given.iter().filter_map(|(owner, given)| match owner {
            Owner::Named(provider, name) if name != ALL => {
                Some((first(given)?.order, *provider, name.clone()))
            }
            _ => None,
        });
        let mut owners: Vec<(Order, &str, String)> = owners.collect();
        owners.sort();
        let mut all = Vec::new();
        for (_, provider, name) in owners {
            let Some(plugin) = self.registry.provider(provider) else { continue };
            let own = self.of(&Owner::Named(plugin.name(), name.clone()));
            let mut given = self.of(&Owner::Named(plugin.name(), ALL.into()));
            given.extend(own.clone());
            self.complete(plugin, Some(&name), &own, &given);
            let options = self.options(&instance::specs(plugin), &given);
            let place = first(&own).map(|g| g.place.clone());
            all.push(Instance::with(plugin, Some(&name), options, place, given));
        }
        all
    }

    /// Whether nothing is missing that must be given. What may have been meant by a key that was wrong
    /// already is not reported again.
    fn complete(
        &mut self,
        plugin: &'static Plugin,
        name: Option<&str>,
        own: &BTreeMap<&'static str, Given>,
        given: &BTreeMap<&'static str, Given>,
    ) -> bool {
        let provider = plugin.name();
        let missing: Vec<&Spec> = (instance::specs(plugin).into_iter())
            .filter(|spec| spec.need() == Need::Required && !given.contains_key(spec.name()))
            .collect();
        let troubled = |name: &str| self.troubled.contains(&(provider.to_owned(), name.to_owned()));
        let known = troubled(name.unwrap_or_default()) || (name.is_some() && troubled(ALL));
        if let (Some(first), false) = (first(own), known) {
            let who = name.map_or(provider.to_owned(), |name| format!("{provider} {name}"));
            let mut has: Vec<_> = own.iter().collect();
            has.sort_by_key(|(_, given)| given.order);
            let has: Vec<&str> = has.into_iter().map(|(word, _)| *word).collect();
            for spec in &missing {
                let value = spec.example().map_or(spec.name().to_uppercase(), str::to_owned);
                let add = first.key.with_option(spec.name()).line(&value, first.style);
                let text = format!("{who} has {} but no {}; add {add}", and(&has), spec.name());
                self.problem(first.order, Some(first.place.clone()), text);
            }
        }
        missing.is_empty()
    }

    fn widgets(&mut self) -> BTreeMap<&'static str, Options> {
        let mut all = BTreeMap::new();
        for widget in self.registry.widgets() {
            let mut given = self.of(&Owner::Widget(ALL.into()));
            given.extend(self.of(&Owner::Widget(widget.name().into())));
            all.insert(widget.name(), self.options(widget.specs(), &given));
        }
        all
    }

    /// All options, given or by default. What must be given and is not has been reported.
    fn options(
        &mut self,
        specs: &[&'static Spec],
        given: &BTreeMap<&'static str, Given>,
    ) -> Options {
        let mut options = Options::default();
        for spec in specs {
            let given = given.get(spec.name());
            if let (Err(wrong), Some(given)) =
                (options.put(spec, given.map(|g| g.text.as_str())), given)
            {
                let text = format!("{}: {wrong}", given.key.show(given.style));
                self.problem(given.order, Some(given.place.clone()), text);
            }
        }
        options
    }

    fn note_readable(&mut self) {
        for text in self.texts.iter().filter(|t| t.world_readable) {
            if self.revealing.contains(&text.number) {
                self.notes.push(format!(
                    "{0}: holds a password, and everybody on this machine can read it; chmod 600 {0}",
                    text.shown
                ));
            }
        }
    }
}

fn first<'a>(given: &'a BTreeMap<&'static str, Given>) -> Option<&'a Given> {
    given.values().min_by_key(|given| given.order)
}

/// `a`, `a and b`, `a, b and c`.
fn and(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}
