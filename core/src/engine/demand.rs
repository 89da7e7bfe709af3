//! Who wants what of whom, and what each instance is told of that.

use super::{task::Orders, tasks::Handle};
use crate::{
    provider::Want,
    source::Source,
    store::{Kept, Selects, Store},
    widget::Wants,
};
use std::{collections::BTreeMap, time::Duration};

/// Somebody's wish.
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
}

/// All wishes.
#[derive(Clone, Default)]
pub struct Demands {
    /// Who wants what.
    pub demands: Vec<Demand>,
    /// How often a new picture is needed; `None`: nobody looks.
    pub frame: Option<Duration>,
}

/// Tells every instance what is wanted of it. Where somebody looks, the health that is shown is that
/// of what they look at: what is only sampled on request is as old as its last sample, and well.
///
/// Returns whether somebody wants sources of which nobody has told yet. For them, those are asked too who
/// have never answered: one may stand for others, and its first answer says for whom.
pub(super) fn apply(
    demands: &Demands,
    handles: &BTreeMap<usize, Handle>,
    store: &mut Store,
) -> bool {
    let looked_at = demands.demands.iter().any(|d| d.scheduled);
    // this machine is nobody's to tell of
    let is_lost =
        |d: &Demand| d.scheduled && !(d.selects)(&Source::Local, &[]) && !store.has_any(&d.selects);
    let lost: Vec<bool> = demands.demands.iter().map(is_lost).collect();
    for (id, handle) in handles {
        let (mut want, mut scheduled) = (Want::nothing(), Want::nothing());
        let mut closely = false;
        // who stands for others is wanted where one of them is; whom it stands for, its first answer says
        let learning = handle.plugin.is_many() && store.members(*id).nth(1).is_none();
        let unheard = handle.described.source != Source::Local && !store.has_answered(*id);
        let selected = |(d, lost): &(&Demand, &bool)| {
            learning
                || (**lost && unheard)
                || store.members(*id).any(|(s, tags)| (d.selects)(s, tags))
        };
        for (demand, _) in demands.demands.iter().zip(&lost).filter(selected) {
            let of_it = demand.wants.want.of(handle.plugin);
            want.join(&of_it);
            if demand.scheduled {
                scheduled.join(&of_it);
                closely |= demand.closely;
            }
        }
        store.set_wanted(*id, !if looked_at { &scheduled } else { &want }.is_empty());
        let orders = Orders { want, scheduled, closely };
        handle.orders.send_if_modified(|old| {
            let changed = *old != orders;
            *old = orders;
            changed
        });
    }
    let kept = demands.demands.iter().flat_map(|d| {
        let selects = &d.selects;
        d.wants.history.iter().map(move |k| Kept { selects: selects.clone(), keep: k.clone() })
    });
    store.set_kept(kept.collect());
    lost.contains(&true)
}
