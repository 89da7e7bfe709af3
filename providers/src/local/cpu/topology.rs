//! How processors differ from each other, and which of them hold for a container.

use crate::{
    local::cgroup,
    local::cpulist,
    local::procfs::{self, Root},
};
use std::{collections::BTreeSet, sync::Arc};

/// The types of processors where there are several, by number: `P` for those of most power, `E` for
/// those of the least, `M` for what lies between.
pub fn types(root: &Root, numbers: &[u64]) -> Vec<Option<Arc<str>>> {
    let list = |name: &str| {
        let text = root.text(format!("sys/devices/{name}/cpus")).unwrap_or_default();
        cpulist::parse(text.as_bytes())
    };
    let (power, efficient) = (list("cpu_core"), list("cpu_atom"));
    if !power.is_empty() && !efficient.is_empty() {
        let [p, e] = ["P", "E"].map(Arc::<str>::from);
        let of = |n: &u64| match (power.contains(n), efficient.contains(n)) {
            (true, _) => Some(p.clone()),
            (_, true) => Some(e.clone()),
            _ => None,
        };
        return numbers.iter().map(of).collect();
    }
    let capacity = |n: &u64| {
        let path = format!("sys/devices/system/cpu/cpu{n}/cpu_capacity");
        root.text(path).and_then(|text| procfs::number(text.as_bytes()))
    };
    // a processor without the file has neighbours without it
    if numbers.first().and_then(capacity).is_none() {
        return vec![None; numbers.len()];
    }
    by_capacity(&numbers.iter().map(capacity).collect::<Vec<_>>())
}

fn by_capacity(capacities: &[Option<u64>]) -> Vec<Option<Arc<str>>> {
    let classes: BTreeSet<u64> = capacities.iter().copied().flatten().collect();
    let (Some(least), Some(most)) = (classes.first(), classes.last()) else {
        return vec![None; capacities.len()];
    };
    if least == most {
        return vec![None; capacities.len()];
    }
    let [p, m, e] = ["P", "M", "E"].map(Arc::<str>::from);
    let of = |capacity: &Option<u64>| match capacity {
        Some(c) if c == most => Some(p.clone()),
        Some(c) if c == least => Some(e.clone()),
        Some(_) => Some(m.clone()),
        None => None,
    };
    capacities.iter().map(of).collect()
}

/// The processors on which a container may run; `None` where it may run on all, and outside of a container.
pub fn allowed(root: &Root) -> Option<BTreeSet<u64>> {
    let file = cgroup::of_container(root)?.join("cpuset.cpus.effective");
    let allowed: BTreeSet<u64> =
        cpulist::parse(procfs::text(&file)?.as_bytes()).into_iter().collect();
    (!allowed.is_empty()).then_some(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(capacities: &[u64]) -> String {
        let of = by_capacity(&capacities.iter().copied().map(Some).collect::<Vec<_>>());
        of.iter().map(|t| t.as_deref().unwrap_or("-")).collect()
    }

    #[test]
    fn cores_of_several_capacities_have_types() {
        assert_eq!(letters(&[446, 446, 871, 1024]), "EEMP");
        assert_eq!(letters(&[1024, 1024]), "--", "all are alike");
    }
}
