//! Which source a name on the wire means. The first owner of a name keeps it; another source that comes
//! with the same name is called OWNER/NAME, and both say so. Names of a config go before names on the wire.

use super::{Described, Store, StoredInstance};
use crate::{
    names::{self, MOST_SERVED},
    source::{INSECURE, Source},
};
use std::{collections::HashMap, sync::Arc};

/// So many sources of one owner can have the same name.
const SAME_NAME: usize = 99;

/// What is to be said of the names that an instance serves.
#[derive(Default)]
pub(super) struct WireNames {
    changed: bool,
    /// Of the last answer: sources left out because they are too many, or have no usable name.
    too_many: bool,
    unusable: bool,
}

impl WireNames {
    /// Before an answer.
    pub(super) fn begin(&mut self) {
        (self.too_many, self.unusable) = (false, false);
    }

    fn notes(&self) -> impl Iterator<Item = String> {
        let changed =
            "names with characters that a NAME cannot have are shown with others in their place";
        let all = [
            (
                self.too_many,
                format!("serves more than {MOST_SERVED} sources; the rest is left out"),
            ),
            (self.unusable, "sources without a usable name are left out".to_owned()),
            (self.changed, changed.to_owned()),
        ];
        all.into_iter().filter_map(|(so, note)| so.then_some(note))
    }
}

/// Sources that could not have the name they came with: the source that has it, and what that one says.
pub(super) type Clashes = HashMap<usize, (usize, String)>;

/// What of an instance's notes holds for the sources that it serves too.
pub(super) fn inherited(notes: &[String]) -> Vec<String> {
    notes.iter().filter(|note| note.starts_with(INSECURE)).cloned().collect()
}

impl Store {
    /// The source of a member, or of the instance itself; it is known from now on. `None` when it is left
    /// out.
    pub(super) fn member(
        &mut self,
        id: usize,
        name: Option<&Arc<str>>,
    ) -> Option<(usize, Described)> {
        let instance = self.instances.get_mut(&id)?;
        let described = instance.described.clone();
        let Some(wire) = name else { return Some((*instance.members.first()?, described)) };
        if let Some(number) = instance.names.get(wire) {
            return Some((*number, described));
        }
        if instance.names.len() >= MOST_SERVED {
            instance.wire.too_many = true;
            return None;
        }
        let number = match names::from_wire(wire) {
            Some(name) => {
                instance.wire.changed |= *name != **wire;
                self.name_member(&name, &described)
            }
            None => None,
        };
        let instance = self.instances.get_mut(&id)?;
        instance.wire.unusable |= number.is_none();
        let number = number?;
        instance.names.insert(wire.clone(), number);
        instance.members.push(number);
        if described.has_past {
            self.set_engine(number, &described.source);
        }
        Some((number, described))
    }

    /// A new source of that name, or under its owner's.
    fn name_member(&mut self, name: &str, described: &Described) -> Option<usize> {
        if self.is_free(name) {
            return Some(self.source(&Source::named(name), described));
        }
        let owner = described.source.name();
        let longer = format!("{owner}/{name}");
        let numbered = (2..=SAME_NAME).map(|nth| format!("{longer} ({nth})"));
        let free =
            std::iter::once(longer.clone()).chain(numbered).find(|name| self.is_free(name))?;
        let number = self.source(&Source::named(&free), described);
        let taken = match names::is_local(name) {
            true => Source::Local,
            false => Source::named(name),
        };
        if let Some(entry) = self.sources.get_mut(&number) {
            let remark =
                format!("the name {name:?} is taken; {owner} serves this source as {name:?}");
            Arc::make_mut(entry).remarks.push(remark);
        }
        let victim = self.numbers.get(&taken).copied();
        if let Some((victim, entry)) = victim.and_then(|n| Some((n, self.sources.get_mut(&n)?))) {
            let remark =
                format!("{owner} serves another source of this name; it is called {free:?}");
            Arc::make_mut(entry).remarks.push(remark.clone());
            self.clashes.insert(number, (victim, remark));
        }
        Some(number)
    }

    /// Whether a member can have that name: no other source has it, but for those that are only attached to
    /// a source of that name.
    fn is_free(&self, name: &str) -> bool {
        let number = self.numbers.get(&Source::named(name));
        !names::is_local(name) && number.is_none_or(|number| !self.is_claimed(*number))
    }

    fn is_claimed(&self, number: usize) -> bool {
        let attached =
            |i: &StoredInstance| i.described.attached && i.members.first() == Some(&number);
        let views = self.sources.get(&number).into_iter().flat_map(|source| &source.instances);
        views.filter_map(|view| self.instances.get(&view.id)).any(|i| !attached(i))
    }

    /// Takes a name back that a config gives to another source from now on: an instance that serves a source under it
    /// finds another name for it with its next answer.
    pub(super) fn reclaim(&mut self, source: &Source) {
        let Some(&number) = self.numbers.get(source) else { return };
        let mut ids = Vec::new();
        for (id, instance) in &mut self.instances {
            if instance.members.iter().skip(1).any(|member| *member == number) {
                instance.members.retain(|member| *member != number);
                instance.names.retain(|_, member| *member != number);
                instance.failed.remove(&number);
                ids.push(*id);
            }
        }
        ids.into_iter().for_each(|id| self.leave(id, number));
    }

    /// After a source is gone: another need not speak of it any more.
    pub(super) fn settle_clash(&mut self, number: usize) {
        let Some((victim, remark)) = self.clashes.remove(&number) else { return };
        if let Some(entry) = self.sources.get_mut(&victim) {
            Arc::make_mut(entry).remarks.retain(|said| *said != remark);
        }
    }

    /// Gives an instance's own source what its answer said besides its readings.
    pub(super) fn put_notes(&mut self, id: usize, mut notes: Vec<String>) {
        let Some(instance) = self.instances.get(&id) else { return };
        notes.extend(instance.wire.notes());
        let number = instance.members.first().copied();
        let entry = number.and_then(|number| self.sources.get_mut(&number));
        let differs = |entry: &&mut Arc<crate::view::SourceView>| {
            entry.instances.iter().any(|i| i.id == id && i.notes != notes)
        };
        let Some(entry) = entry.filter(differs) else { return };
        for view in Arc::make_mut(entry).instances.iter_mut().filter(|i| i.id == id) {
            Arc::make_mut(view).notes.clone_from(&notes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{at, bad, cpu, good, member, members, remote, told},
        *,
    };
    use crate::{
        provider::{Class, Failure},
        reading::{PollResult, SourceReadings},
        view::SourceView,
        vocabulary::CPU,
    };

    /// The names of all sources, in their order.
    fn sources(store: &Store) -> Vec<String> {
        store.snapshot().sources.iter().map(|s| s.source.name().to_owned()).collect()
    }

    fn notes(store: &Store, name: &str) -> Vec<String> {
        let found = store.snapshot().find(&Source::named(name)).cloned();
        found.iter().flat_map(|s| s.notes()).map(str::to_owned).collect()
    }

    fn served(name: &str, percent: f64) -> SourceReadings {
        SourceReadings {
            member: Some(name.into()),
            ..SourceReadings::own(at(2), vec![cpu(0, percent)])
        }
    }

    #[test]
    fn a_relay_cannot_take_the_name_of_a_host_that_is_read_directly() {
        let mut store = Store::new();
        let relay = store.add(remote("site"));
        let victim = store.add(remote("victim"));
        store.take(good(victim, 1, vec![cpu(0, 1.0)]));
        store.take(told(
            relay,
            2,
            PollResult::of(vec![served("victim", 99.0), served("web", 5.0)]),
        ));
        assert_eq!(sources(&store), ["site", "victim", "site/victim", "web"]);
        let snapshot = store.snapshot();
        let percent = |s: &SourceView| {
            s.devices(CPU).map(|d| d.value(&crate::vocabulary::PERCENT)).collect::<Vec<_>>()
        };
        assert_eq!(percent(&snapshot.sources[1]), [Some(1.0)], "its own readings, and no other's");
        assert_eq!(snapshot.sources[1].instances.len(), 1);
        assert_eq!(
            notes(&store, "victim"),
            ["site serves another source of this name; it is called \"site/victim\""]
        );
        assert_eq!(
            notes(&store, "site/victim"),
            ["the name \"victim\" is taken; site serves this source as \"victim\""]
        );
        // nor by failing under it
        let failed = vec![("victim".into(), Failure::new(Class::Unreachable, "no route"))];
        store.take(told(relay, 3, PollResult { failed, ..PollResult::default() }));
        assert!(store.snapshot().sources[1].failure(at(3)).is_none());
        assert!(store.snapshot().sources[2].failure(at(3)).is_some());
        store.take(told(
            relay,
            4,
            PollResult { gone: vec!["victim".into()], ..PollResult::default() },
        ));
        assert_eq!(sources(&store), ["site", "victim", "web"]);
        assert!(notes(&store, "victim").is_empty(), "there is nothing to say of it any more");
    }

    #[test]
    fn of_two_relays_the_first_keeps_a_name_and_a_config_takes_it_back() {
        let mut store = Store::new();
        let [a, b] = ["a", "b"].map(|name| store.add(remote(name)));
        store.take(told(b, 2, PollResult::of(vec![served("web", 5.0)])));
        store.take(told(a, 2, PollResult::of(vec![served("web", 6.0), served("b/web", 7.0)])));
        assert_eq!(sources(&store), ["a", "b", "web", "a/web", "b/web"]);
        store.add(remote("web")); // a config that was read again
        store.take(told(b, 3, PollResult::of(vec![served("web", 5.0)])));
        assert_eq!(sources(&store), ["a", "b", "a/web", "b/web", "web", "b/web (2)"]);
    }

    #[test]
    fn names_on_the_wire_are_checked_as_those_of_a_config_are() {
        let mut store = Store::new();
        let relay = store.add(remote("site"));
        let wire =
            ["#prod", "*", ">", "_", " local", "Local", "", " ", "a\u{1b}b", "site", " web "];
        let parts = wire.map(|name| served(name, 1.0)).to_vec();
        store.take(told(relay, 2, PollResult::of(parts.clone())));
        let expected = [
            "site",
            "_prod",
            "_",
            "site/_",
            "site/_ (2)",
            "site/local",
            "site/Local",
            "a\u{fffd}b",
            "site/site",
            "web",
        ];
        assert_eq!(sources(&store), expected);
        let said = [
            "sources without a usable name are left out",
            "names with characters that a NAME cannot have are shown with others in their place",
        ];
        assert_eq!(notes(&store, "site")[..2], said);
        store.take(told(relay, 3, PollResult::of(parts)));
        assert_eq!(sources(&store), expected, "each is found again by its name on the wire");
    }

    #[test]
    fn readings_that_are_attached_to_a_source_do_not_own_its_name() {
        let mut store = Store::new();
        let ups = store.add(Described { attached: true, ..remote("web") });
        let relay = store.add(remote("site"));
        store.take(good(ups, 1, vec![]));
        store.take(told(relay, 2, PollResult::of(vec![served("web", 5.0)])));
        assert_eq!(sources(&store), ["web", "site"]);
        assert_eq!(store.snapshot().sources[0].instances.len(), 2);
    }

    #[test]
    fn an_instance_serves_so_many_sources_and_says_once_that_there_are_more() {
        let mut store = Store::new();
        let relay = store.add(remote("site"));
        let many = || (0..MOST_SERVED + 9).map(|n| member(&format!("h{n}"), 2, 1.0)).collect();
        store.take(members(relay, 2, many()));
        assert_eq!(sources(&store).len(), 1 + MOST_SERVED);
        assert_eq!(notes(&store, "site"), ["serves more than 5000 sources; the rest is left out"]);
        assert!(notes(&store, "h7").is_empty(), "it is said once, not of each");
        store.take(members(relay, 3, vec![member("h7", 3, 1.0)]));
        assert!(notes(&store, "site").is_empty());
    }

    #[test]
    fn an_engine_or_relay_without_readings_of_its_own_is_not_a_host() {
        let mut store = Store::new();
        let engine = store.add(Described { many: true, ..remote("engine") });
        let relay = store.add(remote("relay"));
        let fronts = |store: &Store| {
            let all = store.snapshot().sources;
            all.iter()
                .filter(|s| s.is_front())
                .map(|s| s.source.name().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(fronts(&store), ["engine"]);
        store.take(told(relay, 2, PollResult::of(vec![served("web", 5.0)])));
        assert_eq!(fronts(&store), ["engine", "relay"]);
        let totals = |store: &Store, t| store.snapshot().totals(at(t), &Default::default()).sources;
        assert_eq!(totals(&store, 2), 2, "web, and the engine that has not answered");
        store.take(told(engine, 2, PollResult::default()));
        assert_eq!(totals(&store, 2), 1);
        store.take(bad(engine, 20, "refused"));
        store.take(told(
            relay,
            20,
            PollResult::of(vec![SourceReadings::own(at(20), vec![cpu(0, 1.0)])]),
        ));
        assert_eq!(fronts(&store), ["engine"], "a relay with readings of its own is a host");
        assert_eq!(totals(&store, 20), 3, "an engine that is down counts");
    }
}
