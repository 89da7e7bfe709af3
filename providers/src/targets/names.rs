//! Which targets are one host, and what that is called.
//!
//! Targets are one host where the host of their instance and their site agree. A job that has several targets
//! there, on several ports for example, says that these are several hosts behind one address: then each of them is
//! one. A host is called like its instance without the port; an address gives way to the name of the machine
//! where a series tells it. Of equal names each gets the labels that differ in front: `eu/web1`, `us/web1`.

use super::{
    NameTemplate, TargetLabels,
    labels::{host_of, is_address},
};
use manytop_plugin::text;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Labels of a target that name the machine which it runs on.
const NODE: [&str; 4] = ["node", "nodename", "kubernetes_node", "hostname"];
/// Metrics with a label that is the machine's name.
const NAME_LABELS: [(&str, &str); 4] = [
    ("kube_node_info", "node"),
    ("node_uname_info", "nodename"),
    ("windows_cs_hostname", "hostname"),
    ("windows_os_hostname", "hostname"),
];

/// One host: its address or name, its site, and, where a job has several targets there, which of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct HostKey {
    host: String,
    site: TargetLabels,
    one_of: Option<(String, TargetLabels)>,
}

/// The names of the sources that targets belong to.
#[derive(Default, Debug)]
pub struct SourceNames {
    template: Option<NameTemplate>,
    /// Names of machines, by instance and site.
    machines: BTreeMap<(String, TargetLabels), String>,
    /// Names of Kubernetes' nodes, by address and site.
    nodes: BTreeMap<(String, TargetLabels), String>,
    given: BTreeMap<HostKey, Arc<str>>,
    /// The targets of the last call, and their names.
    last: Vec<(TargetLabels, Arc<str>)>,
}

impl SourceNames {
    /// Names by a template, or by the host.
    pub fn new(template: Option<NameTemplate>) -> SourceNames {
        SourceNames { template, ..SourceNames::default() }
    }

    /// The metrics that hold machines' names.
    pub fn metrics() -> impl Iterator<Item = &'static str> {
        NAME_LABELS.iter().map(|(metric, _)| *metric)
    }

    /// Takes a series of [`SourceNames::metrics`]. Returns whether the name is new.
    pub fn learn(&mut self, metric: &str, labels: &TargetLabels) -> bool {
        let Some((_, label)) = NAME_LABELS.iter().find(|(name, _)| *name == metric) else {
            return false;
        };
        let Some(name) = labels.get(label) else { return false };
        let (known, key) = match (metric, labels.get("internal_ip")) {
            ("kube_node_info", Some(address)) => (&mut self.nodes, address),
            ("kube_node_info", None) => return false,
            _ => (&mut self.machines, labels.instance()),
        };
        let key = (key.to_owned(), labels.site());
        if known.get(&key).is_some_and(|known| known == name) {
            return false;
        }
        known.insert(key, name.to_owned());
        self.last.clear();
        true
    }

    /// Whether a target is called by its address only, so that a machine's name would tell more.
    pub fn is_bare(&self, target: &TargetLabels) -> bool {
        is_address(target.host())
    }

    /// Forgets names of machines, which are learnt once more, and what follows from them.
    pub fn forget(&mut self) {
        self.machines.clear();
        self.nodes.clear();
        self.given.clear();
        self.last.clear();
    }

    /// Whether some host has that name.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.values().any(|given| &**given == name)
    }

    /// The name of the source that each target belongs to, in the order of the targets. A host keeps its name
    /// while it is known.
    pub fn assign<'a>(&mut self, targets: impl Iterator<Item = &'a TargetLabels>) -> Vec<Arc<str>> {
        let targets: Vec<&TargetLabels> = targets.collect();
        let same = self.last.len() == targets.len()
            && self.last.iter().zip(&targets).all(|((last, _), now)| last == *now);
        if !same {
            let names = self.name(&targets);
            self.last = targets.into_iter().cloned().zip(names).collect();
        }
        self.last.iter().map(|(_, name)| name.clone()).collect()
    }

    fn name(&mut self, targets: &[&TargetLabels]) -> Vec<Arc<str>> {
        let keys = self.keys(targets);
        let mut fresh: BTreeMap<&HostKey, &TargetLabels> = BTreeMap::new();
        for (key, target) in keys.iter().zip(targets) {
            if !self.given.contains_key(key) {
                fresh.entry(key).or_insert(*target);
            }
        }
        if fresh.len() + self.given.len() > 2 * targets.len() + 1000 {
            let used: BTreeSet<&HostKey> = keys.iter().collect();
            self.given.retain(|key, _| used.contains(key));
        }
        let mut tries: Vec<(&HostKey, Vec<String>)> =
            fresh.into_iter().map(|(key, target)| (key, self.candidates(key, target))).collect();
        let mut taken: HashMap<Arc<str>, usize> =
            self.given.values().map(|name| (name.clone(), 2)).collect();
        // Each takes the first of its names that no other wants.
        while !tries.is_empty() {
            let mut wanted: HashMap<Arc<str>, usize> = HashMap::new();
            let first = |names: &[String]| names.first().map_or("", String::as_str).to_owned();
            for (_, names) in &tries {
                *wanted.entry(first(names).into()).or_default() += 1;
            }
            let mut left = Vec::new();
            for (nth, (key, mut names)) in tries.into_iter().enumerate() {
                let name: Arc<str> = first(&names).into();
                let last = names.len() <= 1;
                let free = !taken.contains_key(&name);
                if free && (last || wanted.get(&name).is_some_and(|count| *count == 1)) {
                    taken.insert(name.clone(), 1);
                    self.given.insert(key.clone(), name);
                    continue;
                }
                match last {
                    true => names = vec![format!("{name} ({})", nth + 2)],
                    false => drop(names.remove(0)),
                }
                left.push((key, names));
            }
            tries = left;
        }
        keys.iter().filter_map(|key| self.given.get(key).cloned()).collect()
    }

    /// The host of each target.
    fn keys(&self, targets: &[&TargetLabels]) -> Vec<HostKey> {
        let mut keys: Vec<HostKey> = targets
            .iter()
            .map(|target| {
                let host = target.host();
                let fill = |template: &NameTemplate| template.fill(target, &self.host_name(target));
                let named = self.template.as_ref().and_then(fill);
                HostKey {
                    host: named.unwrap_or_else(|| host.to_owned()),
                    site: target.site(),
                    one_of: None,
                }
            })
            .collect();
        self.settle_sites(&mut keys);
        let mut jobs: BTreeMap<(&HostKey, &str), BTreeSet<(&str, TargetLabels)>> = BTreeMap::new();
        for (key, target) in keys.iter().zip(targets) {
            let variants = jobs.entry((key, target.job())).or_default();
            variants.insert((target.instance(), target.rest()));
        }
        let several: Vec<bool> = keys
            .iter()
            .zip(targets)
            .map(|(key, target)| jobs.get(&(key, target.job())).is_some_and(|all| all.len() > 1))
            .collect();
        for ((key, target), several) in keys.iter_mut().zip(targets).zip(several) {
            if several {
                key.one_of = Some((target.instance().to_owned(), target.rest()));
            }
        }
        keys
    }

    /// A target that tells less of its site than another one of its host, or nothing, is of that site where there is
    /// one such site only.
    fn settle_sites(&self, keys: &mut [HostKey]) {
        let mut sites: BTreeMap<String, BTreeSet<TargetLabels>> = BTreeMap::new();
        for key in &*keys {
            sites.entry(key.host.clone()).or_default().insert(key.site.clone());
        }
        sites.retain(|_, sites| sites.len() > 1);
        for key in keys {
            let Some(sites) = sites.get(&key.host) else { continue };
            let more = |site: &&TargetLabels| {
                site.len() > key.site.len() && key.site.hold_for(|name| site.get(name))
            };
            let most = sites.iter().filter(more).map(TargetLabels::len).max().unwrap_or_default();
            let mut fullest = sites.iter().filter(more).filter(|site| site.len() == most);
            if let (Some(only), None) = (fullest.next(), fullest.next()) {
                key.site = only.clone();
            }
        }
    }

    /// What a host may be called, the best first.
    fn candidates(&self, key: &HostKey, target: &TargetLabels) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if self.template.is_none() {
            names.extend(self.machine(key, target));
        }
        let plain = match &key.one_of {
            None => {
                names.push(key.host.clone());
                key.host.clone()
            }
            Some((instance, rest)) => {
                names.push(instance.clone());
                for (_, value) in rest.iter() {
                    names.push(format!("{value}/{}", key.host));
                }
                instance.clone()
            }
        };
        for (_, value) in key.site.iter() {
            names.push(format!("{value}/{plain}"));
        }
        let all: Vec<&str> = key.site.iter().map(|(_, value)| value).collect();
        let rest = key.one_of.iter().flat_map(|(_, rest)| rest.iter().map(|(_, value)| value));
        let all: Vec<&str> = all.into_iter().chain(rest).collect();
        names.push(format!("{}/{plain}", all.join("/")));
        names.retain(|name| !name.trim_matches('/').is_empty());
        names.dedup();
        names
            .into_iter()
            .map(|name| text::clean(name.trim_start_matches('/')).into_owned())
            .collect()
    }

    /// The host of one target, as a template names it.
    fn host_name(&self, target: &TargetLabels) -> String {
        let host = target.host();
        let key = HostKey { host: host.to_owned(), site: target.site(), one_of: None };
        self.machine(&key, target).unwrap_or_else(|| host.to_owned())
    }

    /// The name of the machine, where the instance tells only an address.
    fn machine(&self, key: &HostKey, target: &TargetLabels) -> Option<String> {
        if !self.is_bare(target) {
            return None;
        }
        let host = target.host();
        let by_label = || NODE.iter().find_map(|label| target.get(label)).map(str::to_owned);
        let of_node = || self.nodes.get(&(host.to_owned(), key.site.clone())).cloned();
        let own = || self.machines.get(&(target.instance().to_owned(), key.site.clone())).cloned();
        let of_machine = || {
            let here = |(instance, site): &(String, TargetLabels)| {
                host_of(instance) == host && *site == key.site
            };
            let mut all = self.machines.iter().filter(|(at, _)| here(at)).map(|(_, name)| name);
            let first = all.next()?;
            all.all(|name| name == first).then(|| first.clone())
        };
        let told = match key.one_of {
            // several behind one address: a node's name would be that of the proxy in front
            Some(_) => own(),
            None => by_label().or_else(of_node).or_else(own).or_else(of_machine),
        };
        told.filter(|name| !is_address(name) && !name.starts_with("localhost"))
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
