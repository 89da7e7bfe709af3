//! The requests of all consumers, and the part of them that each instance has to serve.

use super::{
    orders::Orders,
    tap::{Tap, TapDemand},
    tasks::Handle,
};
use crate::{
    clock::Moment,
    model::store::{KeptPast, KeptSeries, Selects, Store},
    provider::{PastRange, Selection},
    source::Source,
    widget::Wants,
};
use std::{collections::BTreeMap, time::Duration};

/// One consumer's request for data.
#[derive(Clone)]
pub struct Demand {
    /// Of which sources.
    pub selects: Selects,
    /// What.
    pub wants: Wants,
    /// Its instances are asked at their own intervals; otherwise only when a sample is asked for.
    pub scheduled: bool,
    /// A person looks at these alone: they may be asked more often.
    pub closely: bool,
    /// A span of the past that a user looks at.
    pub past: Option<DemandedPast>,
}

/// A span of the past of one source, which an engine that has it is asked for at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DemandedPast {
    /// The source.
    pub source: Source,
    /// The length of the span.
    pub span: Duration,
    /// Where it ends; `None`: now.
    pub until: Option<Moment>,
}

/// All wishes.
#[derive(Clone, Default)]
pub struct Demands {
    /// The requests of all consumers.
    pub demands: Vec<Demand>,
    /// How often a new picture is needed; `None` without a screen.
    pub frame: Option<Duration>,
    /// What is kept whatever is on the screen.
    pub past: Option<KeptPast>,
}

/// Tells every instance what is requested of it. With a screen, the health that is shown is that
/// of what they look at: what is only sampled on request is as old as its last sample, and well.
///
/// Returns whether a request names sources that are not known yet. For them, instances are polled too that
/// have never answered: one may serve others, and its first answer names them.
pub(super) fn apply(
    demands: &Demands,
    tap: Option<&Tap>,
    handles: &BTreeMap<usize, Handle>,
    store: &mut Store,
) -> bool {
    let looked_at = tap.is_some() || demands.demands.iter().any(|d| d.scheduled);
    // no instance serves this machine for another
    let is_lost =
        |d: &Demand| d.scheduled && !(d.selects)(&Source::Local, &[]) && !store.has_any(&d.selects);
    let lost: Vec<bool> = demands.demands.iter().map(is_lost).collect();
    for (id, handle) in handles {
        let (mut want, mut scheduled) = (Selection::nothing(), Selection::nothing());
        let mut closely = false;
        // an instance that serves others is requested where one of them is; its first answer names them
        let learning = handle.plugin.is_many() && store.members(*id).nth(1).is_none();
        let unheard = handle.described.source != Source::Local && !store.has_answered(*id);
        let selected = |(d, lost): &(&Demand, &bool)| {
            learning
                || (**lost && unheard)
                || store.members(*id).any(|(s, tags)| (d.selects)(s, tags))
        };
        for (demand, _) in demands.demands.iter().zip(&lost).filter(selected) {
            let mut of_it = demand.wants.want.of(handle.plugin);
            if let Some(past) = demand.past.as_ref().filter(|_| handle.plugin.has_past())
                && let Some(member) = store.name_on_the_wire(*id, &past.source)
            {
                of_it.set_past(PastRange { member, span: past.span, until: past.until });
            }
            want.join(&of_it);
            if demand.scheduled {
                scheduled.join(&of_it);
                closely |= demand.closely;
            }
        }
        let mut every = None;
        let is_tapped =
            |d: &&TapDemand| learning || store.members(*id).any(|(s, tags)| (d.selects)(s, tags));
        let is_shown = !scheduled.is_empty();
        for demand in tap.into_iter().flat_map(|tap| &tap.demands).filter(is_tapped) {
            let of_it = demand.want.of(handle.plugin);
            if !of_it.is_empty() {
                every = Some(every.map_or(demand.every, |every| demand.every.min(every)));
            }
            want.join(&of_it);
            scheduled.join(&of_it);
        }
        let every = every.filter(|_| !is_shown);
        store.set_interval(*id, every.unwrap_or_default().max(handle.described.interval));
        store.set_wanted(*id, !if looked_at { &scheduled } else { &want }.is_empty());
        let orders = Orders { want, scheduled, closely, every };
        handle.orders.send_if_modified(|old| {
            let changed = *old != orders;
            *old = orders;
            changed
        });
    }
    let kept = demands.demands.iter().flat_map(|d| {
        let selects = &d.selects;
        d.wants
            .history
            .iter()
            .map(move |k| KeptSeries { selects: selects.clone(), keep: k.clone() })
    });
    store.set_kept(kept.collect());
    store.set_past(demands.past.clone(), Moment::now());
    lost.contains(&true)
}
