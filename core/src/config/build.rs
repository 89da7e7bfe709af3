//! From what was given to what is to be asked.

use super::{
    Config, Instance,
    discover::{self, Discovery},
    globals::{CRITICAL, GLOBALS, HIGH, NOLOCAL, NVIDIA},
    instance,
    key::{ALL, ConfigKey},
    watch::{self, Watching},
};
use crate::config::{
    key_target::{KEY, KeyTarget},
    location::Errors,
    resolve::Resolution,
    setting::Givens,
};
use crate::{
    options::{Need, Options, Spec},
    provider::{Instances, Plugin},
    source::Source,
};
use std::{collections::BTreeMap, path::Path};

/// Of plugins without a setting in the config.
static NOTHING: Givens = Givens::none();

impl Resolution<'_> {
    /// All of it, when nothing was wrong.
    pub(super) fn finish(mut self) -> Result<Config, Errors> {
        let mut given = std::mem::take(&mut self.given);
        let mut every: Vec<_> =
            given.values().flat_map(Givens::iter).map(|(_, given)| given.clone()).collect();
        every.sort_by_key(|g| g.order);
        self.follow(&mut given);
        let of = |owner: &KeyTarget| given.get(owner).unwrap_or(&NOTHING);
        let globals = self.globals(of(&KeyTarget::Global));
        let local = !self.request.no_local && !globals.get(&NOLOCAL);
        let mut instances = self.singles(&of);
        instances.retain(|instance| local || instance.source != Source::Local);
        let discoveries = self.discoveries(&given, &of);
        let watches = self.watches(&given, &of);
        let widgets = self.widgets(&of);
        let sections = self.sections(&given);
        let bindings = (every.iter())
            .filter_map(|given| match &given.key {
                ConfigKey::One { provider, option } if provider == KEY => {
                    Some((option.clone(), given.text.to_string()))
                }
                _ => None,
            })
            .collect();
        instances.extend(self.named(given));
        instances.iter_mut().for_each(|instance| heed(instance, &watches));
        self.note_readable();
        if globals.get(&NVIDIA) {
            self.notes.push("nvidia: not needed: NVIDIA's cards are found without it".into());
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
        Ok(Config {
            globals,
            instances,
            discoveries,
            watches,
            widgets,
            bindings,
            sections,
            notes: self.notes,
            files,
            folders,
            limits: Vec::new(),
            overridden: self.overridden,
            given: every,
        })
    }

    /// Gives options that follow another provider's the value that was given there, as if it were that of
    /// NAME `*`.
    fn follow(&self, given: &mut BTreeMap<KeyTarget, Givens>) {
        let named = self.registry.providers().iter();
        let named = named.filter(|plugin| plugin.instances() == Instances::PerName);
        let found = discover::reader(self.registry).map(|(plugin, _)| plugin.name());
        for plugin in named {
            for spec in plugin.specs() {
                let Some((provider, option)) = spec.follows() else { continue };
                let followed = given.get(&KeyTarget::One(provider));
                let followed = followed.and_then(|own| own.shared(option));
                let Some(followed) = followed else { continue };
                let discovers =
                    (found == Some(plugin.name())).then(|| KeyTarget::Discover(ALL.into()));
                let named = KeyTarget::Named(plugin.name(), ALL.into());
                for owner in [Some(named), discovers].into_iter().flatten() {
                    let all = given.entry(owner).or_default();
                    if all.get(spec.name()).is_none() {
                        all.put(spec.name(), followed.clone());
                    }
                }
            }
        }
    }

    fn globals(&mut self, given: &Givens) -> Options {
        let options = self.options(GLOBALS.iter().map(|g| g.spec()), given);
        let (high, critical) = (options.get(&HIGH), options.get(&CRITICAL));
        let at = given.get(CRITICAL.spec().name()).or(given.get(HIGH.spec().name()));
        if let Some(at) = at.filter(|_| high > critical) {
            let text = format!("high is {high} and critical {critical}; critical comes after high");
            self.problem(at.order, Some(at.place.clone()), text);
        }
        options
    }

    /// The providers with one instance. One with a required option that was not given
    /// is not wanted.
    fn singles<'a>(&mut self, of: &impl Fn(&KeyTarget) -> &'a Givens) -> Vec<Instance> {
        let mut all = Vec::new();
        for plugin in self.registry.providers() {
            if plugin.instances() != Instances::One {
                continue;
            }
            let given = of(&KeyTarget::One(plugin.name()));
            let complete = self.complete(plugin, None, given, &NOTHING);
            let options = self.options(instance::specs(plugin), given);
            if complete {
                let place = given.first().map(|g| g.place.clone());
                all.push(Instance::with(plugin, None, options, place, given.clone()));
            }
        }
        all
    }

    /// In the order in which their NAMEs come in the files.
    fn named(&mut self, given: BTreeMap<KeyTarget, Givens>) -> Vec<Instance> {
        let registry = self.registry;
        // what holds for all of a section is read once
        let mut bases = BTreeMap::new();
        for plugin in registry.providers().iter().filter(|p| p.instances() == Instances::PerName) {
            let all = given.get(&KeyTarget::Named(plugin.name(), ALL.into())).cloned();
            let all = all.unwrap_or_default();
            let base = self.options(instance::specs(plugin), &all).above();
            let specs: Vec<_> = instance::specs(plugin).collect();
            bases.insert(plugin.name(), (plugin, specs, all, base));
        }
        let owners = given.into_iter().filter_map(|(owner, own)| match owner {
            KeyTarget::Named(provider, name) if name != ALL => {
                Some((own.first()?.order, provider, name, own))
            }
            _ => None,
        });
        let mut owners: Vec<_> = owners.collect();
        owners.sort_unstable_by_key(|(order, ..)| *order);
        let mut instances = Vec::with_capacity(owners.len());
        for (_, provider, name, mut own) in owners {
            let Some((plugin, specs, all, base)) = bases.get(provider) else { continue };
            self.complete(plugin, Some(&name), &own, all);
            let mut options = base.clone();
            self.lay_over(&mut options, specs, &own);
            let place = own.first().map(|g| g.place.clone());
            own.fall_back(all);
            instances.push(Instance::with(plugin, Some(&name), options, place, own));
        }
        instances
    }

    fn discoveries<'a>(
        &mut self,
        given: &'a BTreeMap<KeyTarget, Givens>,
        of: &impl Fn(&KeyTarget) -> &'a Givens,
    ) -> Vec<Discovery> {
        let Some((plugin, found)) = discover::reader(self.registry) else { return Vec::new() };
        let names = given.iter().filter_map(|(owner, own)| match owner {
            KeyTarget::Discover(name) if name != ALL => Some((name, own)),
            _ => None,
        });
        let mut all = Vec::new();
        for (name, own) in names {
            let mut given = own.clone();
            given.fall_back(of(&KeyTarget::Discover(ALL.into())));
            let file = discover::FILE.spec().name();
            let Some(first) = own.first().map(|first| (first.order, first.place.clone())) else {
                continue;
            };
            if given.get(file).is_none() {
                let text = format!("discover {name} has no file; add discover-{name}-file=PATH");
                self.problem(first.0, Some(first.1), text);
                continue;
            }
            let options = self.options(discover::specs(plugin, found), &given);
            let (name, place) = (name.as_str().into(), Some(first.1));
            all.push(Discovery { name, options, plugin, found, place, given });
        }
        all
    }

    fn watches<'a>(
        &mut self,
        given: &'a BTreeMap<KeyTarget, Givens>,
        of: &impl Fn(&KeyTarget) -> &'a Givens,
    ) -> Vec<Watching> {
        let names = given.iter().filter_map(|(owner, own)| match owner {
            KeyTarget::Watch(name) if name != ALL => Some((name, own)),
            _ => None,
        });
        let mut all = Vec::new();
        for (name, own) in names {
            let mut given = own.clone();
            given.fall_back(of(&KeyTarget::Watch(ALL.into())));
            let Some(first) = own.first().map(|first| (first.order, first.place.clone())) else {
                continue;
            };
            let metric = watch::METRIC.spec().name();
            if given.get(metric).is_none() {
                let text = format!("watch {name} has no metric; add watch-{name}-metric=METRIC");
                self.problem(first.0, Some(first.1), text);
                continue;
            }
            let options = self.options(watch::SPECS, &given);
            all.push(Watching { name: name.clone(), options, given });
        }
        all
    }

    /// Whether nothing is missing that must be given. What may have been meant by a key that was wrong
    /// already is not reported again.
    fn complete(
        &mut self,
        plugin: &'static Plugin,
        name: Option<&str>,
        own: &Givens,
        all: &Givens,
    ) -> bool {
        let provider = plugin.name();
        let given = |spec: &Spec| [own, all].iter().any(|g| g.get(spec.name()).is_some());
        let missing: Vec<&Spec> = instance::specs(plugin)
            .filter(|spec| spec.need() == Need::Required && !given(spec))
            .collect();
        if missing.is_empty() {
            return true;
        }
        let troubled = |name: &str| self.troubled.contains(&(provider.to_owned(), name.to_owned()));
        let known = troubled(name.unwrap_or_default()) || (name.is_some() && troubled(ALL));
        if let (Some(first), false) = (own.first(), known) {
            let who = name.map_or(provider.to_owned(), |name| format!("{provider} {name}"));
            let has: Vec<&str> = own.iter().map(|(word, _)| *word).collect();
            for spec in &missing {
                let value = spec.example().map_or(spec.name().to_uppercase(), str::to_owned);
                let add = first.key.with_option(spec.name()).line(&value, first.style);
                let text = format!("{who} has {} but no {}; add {add}", and(&has), spec.name());
                self.problem(first.order, Some(first.place.clone()), text);
            }
        }
        false
    }

    fn widgets<'a>(
        &mut self,
        of: &impl Fn(&KeyTarget) -> &'a Givens,
    ) -> BTreeMap<&'static str, Options> {
        let mut all = BTreeMap::new();
        for widget in self.registry.widgets() {
            let specs = widget.specs();
            let mut options =
                self.options(specs.iter().copied(), of(&KeyTarget::Widget(ALL.into())));
            self.lay_over(&mut options, specs, of(&KeyTarget::Widget(widget.name().into())));
            all.insert(widget.name(), options);
        }
        all
    }

    /// All options, given or by default. What must be given and is not has been reported.
    pub(super) fn options(
        &mut self,
        specs: impl IntoIterator<Item = &'static Spec>,
        given: &Givens,
    ) -> Options {
        let mut options = Options::default();
        let specs: Vec<_> = specs.into_iter().collect();
        for spec in &specs {
            let _ = options.put(spec, None);
        }
        self.lay_over(&mut options, &specs, given);
        options
    }

    /// Those that were given, in the place of what holds otherwise.
    pub(super) fn lay_over(
        &mut self,
        options: &mut Options,
        specs: &[&'static Spec],
        given: &Givens,
    ) {
        for (option, given) in given.iter() {
            let Some(spec) = specs.iter().find(|spec| spec.name() == *option) else { continue };
            if let Err(wrong) = options.put(spec, Some(&given.text)) {
                let text = format!("{}: {wrong}", given.key.show(given.style));
                self.problem(given.order, Some(given.place.clone()), text);
            }
        }
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

/// Adds the watches that are of an instance to those that it is given itself, where its provider takes any.
fn heed(instance: &mut Instance, watches: &[Watching]) {
    let Some(name) = instance.name.clone() else { return };
    let takes = instance.plugin.specs().iter().find(|spec| spec.name() == watch::TAKES);
    let Some(spec) = takes.filter(|_| !watches.is_empty()) else { return };
    let own = instance.given.get(watch::TAKES).map(|given| given.text.to_string());
    let of = watches.iter().filter(|w| w.is_of(&name)).map(|w| w.name.clone());
    let all: Vec<String> = own.filter(|own| !own.is_empty()).into_iter().chain(of).collect();
    if !all.is_empty() {
        // it was checked when the file was read
        let _ = instance.options.put(spec, Some(&all.join(",")));
    }
}

/// `a`, `a and b`, `a, b and c`.
fn and(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}
