//! What is asked for.

use super::Plugin;
use crate::{
    clock::Moment,
    reading::{Kind, Metric, Text},
};
use std::{sync::Arc, time::Duration};

/// The data that consumers request from an instance now. Nothing else is collected.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Selection {
    /// Shared: thousands of instances are mostly asked for the same.
    kinds: Arc<Vec<KindSelection>>,
    /// The time before that is wanted at once.
    past: Option<PastRange>,
}

/// A span of the past of one member that a user looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastRange {
    /// The member's name on the wire.
    pub member: Arc<str>,
    /// The length of the span.
    pub span: Duration,
    /// Where it ends: for the answer's [`PollResult::window`](crate::reading::PollResult). `None`: now, for the
    /// graphs of the present.
    pub until: Option<Moment>,
}

/// What is wanted of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
struct KindSelection {
    kind: Kind,
    /// The only quantities that are wanted, sorted; `None`: all that is cheap to read.
    only: Option<Vec<&'static str>>,
    /// Quantities and texts that are read only when named, sorted.
    named: Vec<&'static str>,
    /// Devices of which all is wanted, sorted.
    devices: Vec<Arc<str>>,
}

impl Selection {
    /// Nothing at all.
    pub fn nothing() -> Selection {
        Selection::default()
    }

    /// These kinds, with all that is cheap to read of them.
    pub fn kinds(kinds: &[Kind]) -> Selection {
        let mut want = Selection::default();
        for kind in kinds {
            want.add(*kind, &[]);
        }
        want
    }

    /// Adds a kind, and the names of quantities and texts of it that are worth an extra effort.
    pub fn add(&mut self, kind: Kind, expensive: &[&'static str]) {
        let wanted = self.wanted(kind);
        wanted.only = None;
        for name in expensive {
            if let Err(place) = wanted.named.binary_search(name) {
                wanted.named.insert(place, name);
            }
        }
    }

    /// Adds these quantities of a kind, and no others. A provider may still give all of the kind.
    pub fn add_only(&mut self, kind: Kind, quantities: &[&'static Metric]) {
        let is_new = !self.kind(kind);
        let wanted = self.wanted(kind);
        if is_new {
            wanted.only = Some(Vec::new());
        }
        let Some(only) = &mut wanted.only else { return };
        for name in quantities.iter().map(|metric| metric.name()) {
            if let Err(place) = only.binary_search(&name) {
                only.insert(place, name);
            }
        }
    }

    /// Adds a kind, and one device of it of which all is wanted, however much effort it is: the process
    /// that is shown with its details.
    pub fn add_device(&mut self, kind: Kind, device: impl Into<Arc<str>>) {
        let (wanted, device) = (self.wanted(kind), device.into());
        wanted.only = None;
        if let Err(place) = wanted.devices.binary_search(&device) {
            wanted.devices.insert(place, device);
        }
    }

    fn wanted(&mut self, kind: Kind) -> &mut KindSelection {
        let kinds = Arc::make_mut(&mut self.kinds);
        let at = match kinds.binary_search_by(|w| w.kind.cmp(&kind)) {
            Ok(at) => at,
            Err(at) => {
                let (named, devices) = (Vec::new(), Vec::new());
                kinds.insert(at, KindSelection { kind, only: None, named, devices });
                at
            }
        };
        &mut kinds[at]
    }

    /// Adds that a span of the past of a member is wanted: a user has opened it, or looks at an instant that is no
    /// longer in memory. There is one such span at a time.
    pub fn set_past(&mut self, past: PastRange) {
        self.past = Some(past);
    }

    /// The span of the past that is wanted at once.
    pub fn past(&self) -> Option<&PastRange> {
        self.past.as_ref()
    }

    /// The same without the past.
    #[must_use]
    pub fn without_past(&self) -> Selection {
        Selection { kinds: self.kinds.clone(), past: None }
    }

    /// Adds all that another wants.
    pub fn join(&mut self, other: &Selection) {
        if self.kinds.is_empty() {
            *self = Selection { past: other.past.clone().or(self.past.take()), ..other.clone() };
        }
        if self.covers(other) {
            return;
        }
        if other.past.is_some() {
            self.past.clone_from(&other.past);
        }
        for wanted in other.kinds.iter() {
            self.join_kind(wanted);
            wanted.devices.iter().for_each(|device| self.add_device(wanted.kind, device.clone()));
        }
    }

    fn join_kind(&mut self, other: &KindSelection) {
        let Some(only) = &other.only else { return self.add(other.kind, &other.named) };
        let is_new = !self.kind(other.kind);
        let wanted = self.wanted(other.kind);
        match &mut wanted.only {
            _ if is_new => wanted.only = Some(only.clone()),
            Some(known) => {
                known.extend(only);
                known.sort_unstable();
                known.dedup();
            }
            None => {}
        }
    }

    /// What of this a plugin can give.
    #[must_use]
    pub fn of(&self, plugin: &Plugin) -> Selection {
        let yields = |wanted: &&KindSelection| plugin.yields_kind(wanted.kind);
        if self.kinds.iter().filter(yields).count() == self.kinds.len() {
            return self.clone();
        }
        let kinds = Arc::new(self.kinds.iter().filter(yields).cloned().collect());
        Selection { kinds, past: self.past.clone() }
    }

    /// Whether that kind is wanted.
    pub fn kind(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|w| w.kind == kind)
    }

    /// The names of the only quantities of a kind that are wanted; `None`: all that is cheap to read.
    pub fn only(&self, kind: Kind) -> Option<&[&'static str]> {
        self.kinds.iter().find(|w| w.kind == kind)?.only.as_deref()
    }

    /// Whether a consumer asked for that quantity by name, although it is dear to read.
    pub fn expensive(&self, kind: Kind, quantity: &Metric) -> bool {
        self.has(kind, quantity.name())
    }

    /// Whether a consumer asked for that text by name.
    pub fn dear_text(&self, kind: Kind, text: &Text) -> bool {
        self.has(kind, text.name())
    }

    /// Whether a consumer asked for the quantity or text of that name.
    pub fn has(&self, kind: Kind, name: &str) -> bool {
        self.kinds.iter().any(|w| w.kind == kind && w.named.contains(&name))
    }

    /// The devices of a kind of which all is wanted, in the order of their names.
    pub fn devices(&self, kind: Kind) -> &[Arc<str>] {
        let wanted = self.kinds.iter().find(|w| w.kind == kind);
        wanted.map_or(&[], |w| &w.devices)
    }

    /// Whether `other` wants nothing that this does not.
    pub fn covers(&self, other: &Selection) -> bool {
        let covered = |of: &KindSelection, by: &KindSelection| {
            let within = match (&of.only, &by.only) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(of), Some(by)) => of.iter().all(|name| by.contains(name)),
            };
            of.kind == by.kind
                && within
                && of.named.iter().all(|name| by.named.contains(name))
                && of.devices.iter().all(|device| by.devices.contains(device))
        };
        let past = other.past.is_none() || self.past == other.past;
        past && other.kinds.iter().all(|wanted| self.kinds.iter().any(|by| covered(wanted, by)))
    }

    /// The kinds, in the order of their words.
    pub fn iter(&self) -> impl Iterator<Item = Kind> + '_ {
        self.kinds.iter().map(|w| w.kind)
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary as v;

    #[test]
    fn the_time_before_of_another_member_is_something_else() {
        let hour = |member: &str, until: Option<u64>| PastRange {
            member: member.into(),
            span: Duration::from_secs(3600),
            until: until.map(Moment::from_secs),
        };
        let mut first = Selection::kinds(&[v::CPU]);
        first.set_past(hour("web", None));
        let mut other = Selection::kinds(&[v::CPU]);
        assert!(first.covers(&other) && !other.covers(&first));
        other.join(&first);
        assert_eq!(other.past(), Some(&hour("web", None)));
        other.set_past(hour("web", Some(9000)));
        assert!(!first.covers(&other), "another hour");
        assert!(first.covers(&other.without_past()));
        other.set_past(hour("db", None));
        assert!(!first.covers(&other) && first.covers(&Selection::kinds(&[v::CPU])));
        let mut none = Selection::nothing();
        none.join(&other);
        assert_eq!(none.past(), other.past());
    }

    #[test]
    fn what_several_consumers_want_is_joined_and_covered() {
        let mut list = Selection::kinds(&[v::PROCESS, v::CPU]);
        let mut details = Selection::nothing();
        details.add(v::PROCESS, &[v::READ_BYTES.name(), v::CGROUP.name()]);
        details.add_device(v::PROCESS, "42");
        details.add(v::THREAD, &[]);
        assert!(!list.covers(&details) && !details.covers(&list));
        list.join(&details);
        assert!(list.covers(&details));
        assert!(
            list.expensive(v::PROCESS, &v::READ_BYTES) && list.dear_text(v::PROCESS, &v::CGROUP)
        );
        assert!(!list.expensive(v::CPU, &v::READ_BYTES));
        assert_eq!(list.devices(v::PROCESS), ["42".into()]);
        assert!(list.devices(v::CPU).is_empty() && list.devices(v::DISK).is_empty());
        assert_eq!(list.iter().collect::<Vec<_>>(), [v::CPU, v::PROCESS, v::THREAD]);
        let before = list.clone();
        list.add_device(v::PROCESS, "42");
        assert_eq!(list, before, "a device is wanted once");
        list.add_device(v::PROCESS, "7");
        assert!(!before.covers(&list), "another device is more");
    }

    #[test]
    fn some_quantities_of_a_kind_are_less_than_all_of_it() {
        let all = Selection::kinds(&[v::HOST]);
        let mut some = Selection::nothing();
        some.add_only(v::HOST, &[&v::LOAD1]);
        assert_eq!(some.only(v::HOST), Some(&["load1"][..]));
        assert!(some.kind(v::HOST) && all.covers(&some) && !some.covers(&all));
        let mut more = Selection::nothing();
        more.add_only(v::HOST, &[&v::LOAD5]);
        assert!(!some.covers(&more));
        some.join(&more);
        assert_eq!(some.only(v::HOST), Some(&["load1", "load5"][..]));
        some.join(&all);
        assert_eq!(some, all);
    }
}
