//! The labels of a target.

use std::net::IpAddr;

/// Labels that name the site of a target: equal instances of two sites are two hosts, whatever their jobs.
pub const SITE: [&str; 17] = [
    "account",
    "cluster",
    "cluster_name",
    "customer",
    "datacenter",
    "dc",
    "env",
    "environment",
    "k8s_cluster",
    "location",
    "prometheus",
    "region",
    "site",
    "stage",
    "tenant",
    "tenant_id",
    "vm_account_id",
];

/// Labels that tell the targets of one host apart: how, where on it, and by which replica it is scraped.
const PART: [&str; 22] = [
    "__replica__",
    "app",
    "component",
    "container",
    "endpoint",
    "helm_sh_chart",
    "instance",
    "job",
    "kubernetes_name",
    "kubernetes_namespace",
    "kubernetes_pod_name",
    "metrics_path",
    "namespace",
    "pod",
    "port",
    "prometheus_replica",
    "receive",
    "release",
    "replica",
    "scheme",
    "service",
    "target",
];

/// Labels that tell the devices of a host apart, whatever else has them.
const DEVICE: [&str; 30] = [
    "chip",
    "collector",
    "core",
    "cpu",
    "device",
    "disk",
    "fstype",
    "gpu",
    "gpu_uuid",
    "groupname",
    "id",
    "ifname",
    "image",
    "interface",
    "label",
    "mode",
    "mountpoint",
    "name",
    "nic",
    "operstate",
    "power_supply",
    "quantile",
    "sensor",
    "source",
    "state",
    "type",
    "uuid",
    "volume",
    "le",
    "zone",
];

/// Labels that name the host of what was pushed without an instance.
const HOST: [&str; 7] = ["host", "hostname", "nodename", "node", "machine", "server", "target"];

/// The labels that all series of an instance and job have: where no series tells a target's own labels, these
/// identify it. What tells devices apart is not one of them.
#[derive(Default, Debug)]
pub struct CommonLabels(Option<Vec<Box<str>>>);

impl CommonLabels {
    /// Takes the labels of a series.
    pub fn add<'a>(&mut self, labels: impl Iterator<Item = &'a str> + Clone) {
        match &mut self.0 {
            Some(common) => common.retain(|name| labels.clone().any(|label| *label == **name)),
            None => {
                let own = labels.filter(|name| *name != "__name__" && !DEVICE.contains(name));
                self.0 = Some(own.map(Into::into).collect());
            }
        }
    }

    /// Whether a target is identified by that label.
    pub fn has(&self, name: &str) -> bool {
        matches!(name, "instance" | "job")
            || self.0.iter().flatten().any(|common| **common == *name)
    }
}

/// The labels that identify a target, in the order of their names. An empty label counts as missing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct TargetLabels(Box<[(Box<str>, Box<str>)]>);

impl TargetLabels {
    /// The labels of a target; `__name__` is not one of them.
    pub fn new<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> TargetLabels {
        let kept = labels.filter(|(name, value)| *name != "__name__" && !value.is_empty());
        let mut all: Vec<(Box<str>, Box<str>)> =
            kept.map(|(name, value)| (name.into(), value.into())).collect();
        all.sort();
        all.dedup_by(|a, b| a.0 == b.0);
        TargetLabels(all.into())
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(label, _)| (**label).cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a series with those labels belongs to the target.
    pub fn hold_for<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.iter().all(|(name, value)| label(name) == Some(value))
    }

    /// `instance`; empty where it is missing.
    pub fn instance(&self) -> &str {
        self.get("instance").unwrap_or_default()
    }

    /// `job`; empty where it is missing.
    pub fn job(&self) -> &str {
        self.get("job").unwrap_or_default()
    }

    /// The host of `instance`: no scheme, no port, no path. Without an instance, what another label names, or the
    /// job.
    pub fn host(&self) -> &str {
        match self.instance() {
            "" => HOST.iter().find_map(|name| self.get(name)).unwrap_or_else(|| self.job()),
            instance => host_of(instance),
        }
    }

    /// The labels of the site.
    pub fn site(&self) -> TargetLabels {
        TargetLabels::new(self.iter().filter(|(name, _)| SITE.contains(name)))
    }

    /// The labels by which targets of one job are different hosts, besides site and instance.
    pub fn rest(&self) -> TargetLabels {
        let rest = |name: &str| !SITE.contains(&name) && !PART.contains(&name);
        TargetLabels::new(self.iter().filter(|(name, _)| rest(name)))
    }
}

/// The host of `HOST:PORT`, of `[ADDRESS]:PORT` and of a URL; the text itself where it is none of these.
pub fn host_of(instance: &str) -> &str {
    let place = instance.split_once("://").map_or(instance, |(_, rest)| rest);
    let place = place.split('/').next().unwrap_or(place);
    if let Some((inside, rest)) = place.strip_prefix('[').and_then(|p| p.split_once(']'))
        && (rest.is_empty() || rest.starts_with(':'))
    {
        return inside;
    }
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    match place.rsplit_once(':') {
        Some((host, port)) if is_port(port) && !host.is_empty() && !host.contains(':') => host,
        _ if place.is_empty() => instance,
        _ => place,
    }
}

/// Whether a host is only an address, or this machine to itself: another name tells more.
pub fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok() || host == "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_instance_has_no_port() {
        for (instance, host) in [
            ("web1:9100", "web1"),
            ("web1", "web1"),
            ("db-1.example.com:9100", "db-1.example.com"),
            ("10.0.0.1:9100", "10.0.0.1"),
            ("[fd00::1]:9100", "fd00::1"),
            ("fd00::1", "fd00::1"),
            ("https://web1:8443/probe", "web1"),
            ("web1:node", "web1:node"),
            (":9100", ":9100"),
            ("http://", "http://"),
        ] {
            assert_eq!(host_of(instance), host, "{instance}");
        }
        let without = TargetLabels::new([("job", "batch"), ("instance", "")].into_iter());
        assert_eq!((without.host(), without.len()), ("batch", 1));
        let pushed = TargetLabels::new([("job", "batch"), ("host", "b1")].into_iter());
        assert_eq!(pushed.host(), "b1");
    }

    #[test]
    fn what_all_series_have_identifies_a_target() {
        let mut common = CommonLabels::default();
        common.add(["__name__", "cpu", "host", "job", "team"].into_iter());
        common.add(["__name__", "host", "job", "x"].into_iter());
        let has = |name| common.has(name);
        assert!(has("host") && has("job") && has("instance"));
        assert!(!has("team") && !has("cpu") && !has("x") && !has("__name__"));
    }

    #[test]
    fn a_series_belongs_to_the_target_whose_labels_it_has() {
        let target = TargetLabels::new([("job", "node"), ("instance", "a:1")].into_iter());
        let has = |labels: &'static [(&str, &str)]| {
            target.hold_for(|name| labels.iter().find(|(n, _)| *n == name).map(|(_, v)| *v))
        };
        assert!(has(&[("cpu", "0"), ("instance", "a:1"), ("job", "node")]));
        assert!(!has(&[("cpu", "0"), ("instance", "b:1"), ("job", "node")]));
        assert!(!has(&[("instance", "a:1")]));
    }
}
