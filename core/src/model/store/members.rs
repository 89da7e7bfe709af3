//! Instances that stand for several sources: which they are, and how each of them is.

use super::{Described, Selects, Store};
use crate::{
    clock::Moment,
    health::Health,
    history::History,
    host_stats::HostStats,
    provider::Failure,
    reading::SourceLabels,
    source::Source,
    view::{InstanceView, Role, SourceView},
};
use std::{collections::HashMap, sync::Arc, time::Duration};

impl Store {
    /// How many sources there have ever been: it grows when a new one is heard of.
    pub fn heard_of(&self) -> usize {
        self.next_source
    }

    /// The number of a source, which is new where it was not known.
    pub(super) fn source(&mut self, source: &Source, described: &Described) -> usize {
        if let Some(&number) = self.numbers.get(source) {
            return number;
        }
        let number = self.next_source;
        self.next_source += 1;
        let view = SourceView {
            source: source.clone(),
            order: number,
            tags: described.groups.tags(&described.tags, source, &[]),
            labels: SourceLabels::default(),
            expected_offline: described.expected_offline,
            acknowledged: false,
            remarks: Vec::new(),
            instances: Vec::new(),
            summary: HostStats::default(),
            history: History::default(),
            engine_past: None,
        };
        Arc::make_mut(&mut self.numbers).insert(source.clone(), number);
        self.sources.insert(number, Arc::new(view));
        number
    }

    /// The sources of which an instance has told, its own first, each with its groups.
    pub fn members(&self, id: usize) -> impl Iterator<Item = (&Source, &[String])> {
        let members = self.instances.get(&id).into_iter().flat_map(|i| &i.members);
        members.filter_map(|number| {
            let view = self.sources.get(number)?;
            Some((&view.source, &*view.tags))
        })
    }

    /// The name under which an instance that serves others speaks of a source.
    pub fn name_on_the_wire(&self, id: usize, source: &Source) -> Option<Arc<str>> {
        let (number, instance) = (self.numbers.get(source)?, self.instances.get(&id)?);
        let mut names = instance.names.iter();
        names.find(|(_, known)| *known == number).map(|(name, _)| name.clone())
    }

    /// Whether any source is selected.
    pub fn has_any(&self, selects: &Selects) -> bool {
        self.sources.values().any(|view| selects(&view.source, &view.tags))
    }

    /// Whether an instance has ever told anything.
    pub fn has_answered(&self, id: usize) -> bool {
        self.instances.get(&id).is_some_and(|i| i.health.last_good.is_some())
    }

    /// Whether the last attempt at an instance failed.
    pub fn is_failing(&self, id: usize) -> bool {
        self.instances.get(&id).is_some_and(|i| i.health.failure.is_some())
    }

    /// Takes why members cannot be read. Returns whether any of it is new.
    pub(super) fn take_failed(
        &mut self,
        id: usize,
        all: Vec<(Arc<str>, Failure)>,
        at: Moment,
    ) -> bool {
        let mut failed = HashMap::new();
        let mut news = false;
        for (name, failure) in all {
            let Some((number, described)) = self.member(id, Some(&name)) else { continue };
            let before = self.instances.get_mut(&id).and_then(|i| i.failed.remove(&number));
            let since = before.as_ref().map_or(at, |(_, since)| *since);
            news |= before.is_none();
            failed.insert(number, (Arc::new(failure.rephrased(crate::masking::line)), since));
            if let Some(instance) = self.instances.get_mut(&id) {
                instance.unheard.retain(|unheard| *unheard != number);
            }
            let Some(entry) = self.sources.get_mut(&number) else { continue };
            if entry.instances.iter().all(|i| i.id != id) {
                let view = InstanceView {
                    id,
                    provider: described.provider,
                    health: Health::new(described.interval),
                    dialects: Vec::new(),
                    notes: Vec::new(),
                    left_out: Vec::new(),
                    repeated: 0,
                    unread_lines: 0,
                    role: Role::Member,
                    devices: Arc::default(),
                };
                Arc::make_mut(entry).instances.push(Arc::new(view));
            }
        }
        if let Some(instance) = self.instances.get_mut(&id) {
            instance.failed = failed;
        }
        news
    }

    /// Says whether anybody wants something of an instance.
    pub fn set_wanted(&mut self, id: usize, wanted: bool) {
        let Some(instance) = self.instances.get_mut(&id) else { return };
        if instance.health.wanted != wanted {
            instance.health.wanted = wanted;
            if wanted {
                let away = instance.idle_since.take().map(|since| Moment::now().since(since));
                instance.health.excused += away.unwrap_or_default();
            } else {
                instance.health.failure = None;
                instance.idle_since = Some(Moment::now());
            }
            self.share_health(id, Moment::now());
        }
    }

    /// Says how often an instance is asked.
    pub fn set_interval(&mut self, id: usize, interval: Duration) {
        let Some(instance) = self.instances.get_mut(&id) else { return };
        if instance.described.interval != interval {
            instance.described.interval = interval;
            instance.health.interval = interval;
            self.share_health(id, Moment::now());
        }
    }

    /// Nothing was asked since then for so long, because manytop was suspended, stopped or blocked: it
    /// makes no source worse until it is asked again.
    pub fn excuse(&mut self, since: Moment, gap: Duration) {
        self.away = Some((since, gap));
        let ids: Vec<usize> = self.instances.keys().copied().collect();
        for id in ids {
            if let Some(instance) = self.instances.get_mut(&id) {
                instance.health.excused += gap;
                self.share_health(id, Moment::now());
            }
        }
    }

    pub(super) fn take_gone(&mut self, id: usize, gone: &[Arc<str>]) {
        let Some(instance) = self.instances.get_mut(&id) else { return };
        let mut gone: Vec<usize> =
            gone.iter().filter_map(|name| instance.names.remove(name)).collect();
        if gone.is_empty() {
            return;
        }
        gone.sort_unstable();
        instance.members.retain(|member| gone.binary_search(member).is_err());
        gone.into_iter().for_each(|number| self.leave(id, number));
    }

    /// Gives every member its instance's health, each with the time of its own last answer.
    pub(super) fn share_health(&mut self, id: usize, at: Moment) {
        let Some(instance) = self.instances.get(&id) else { return };
        let serves = instance.described.many || instance.members.len() > 1;
        let own = if serves { Role::Server } else { Role::Single };
        // the first is the instance's own source; members are as old as their own last part
        for (nth, number) in instance.members.iter().enumerate() {
            let Some(entry) = self.sources.get_mut(number) else { continue };
            let view = Arc::make_mut(entry);
            let history = view.history.clone();
            for shared in view.instances.iter_mut().filter(|i| i.id == id) {
                let mut health = instance.health.clone();
                if nth > 0 {
                    (health.last_good, health.interval) =
                        (shared.health.last_good, shared.health.interval);
                    if let (None, Some((failure, since))) =
                        (&health.failure, instance.failed.get(number))
                    {
                        health.failure = Some(failure.clone());
                        health.failing_since = Some(*since);
                    }
                }
                let of = (id, shared.provider);
                Store::record_health(&self.keeper, &history, of, at, &health);
                let role = if nth == 0 { own } else { Role::Member };
                if shared.health != health || shared.role != role {
                    let shared = Arc::make_mut(shared);
                    (shared.health, shared.role) = (health, role);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, bad, cpu, good, member, members, remote};
    use crate::{health::State, model::store::Store};
    use std::time::Duration;

    #[test]
    fn a_source_is_as_well_as_before_after_manytop_was_away() {
        let mut store = Store::new();
        let ids = ["a", "b", "site"].map(|name| store.add(remote(name)));
        store.take(good(ids[0], 100, vec![cpu(0, 1.0)]));
        store.take(bad(ids[1], 100, "refused"));
        store.take(members(ids[2], 100, vec![member("web", 100, 1.0)]));
        store.excuse(at(100), Duration::from_secs(600));
        let states = |store: &Store, t| {
            store.snapshot().sources.iter().map(|s| s.state(at(t))).collect::<Vec<_>>()
        };
        use State::{Down, Live, Stale};
        assert_eq!(states(&store, 701), [Live, Down, Live, Live]);
        assert_eq!(store.snapshot().sources[0].age(at(701)), Some(Duration::from_secs(601)));
        assert_eq!(states(&store, 706), [Stale, Down, Stale, Stale], "nothing since");
        store.take(bad(ids[0], 701, "no route"));
        assert_eq!(states(&store, 701)[0], Live, "one failure does not change the state");
        store.take(members(ids[2], 702, vec![]));
        assert_eq!(
            states(&store, 702)[2..],
            [Live, Stale],
            "it was asked, and knows nothing newer of web"
        );
        store.take(good(ids[0], 703, vec![cpu(0, 1.0)]));
        assert_eq!(states(&store, 709)[0], Stale, "the gap is over");
        store.take(good(ids[1], 100, vec![cpu(0, 1.0)]));
        assert_eq!(states(&store, 701)[1], Live, "its answer had come before the gap");
    }
}
