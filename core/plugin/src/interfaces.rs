//! Names of network interfaces: which of them count traffic that another one counts too.
//!
//! One list for the totals of a host and for the order in which interfaces are shown. The names are those of Linux,
//! the BSDs, macOS and Windows, of container runtimes, and of routers that are asked by SNMP.

/// What an interface is made of. A byte that crosses a lower layer is counted again by those above, so a total is
/// that of the lowest layer present.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LinkLayer {
    /// Hardware, or what a virtual machine has in its place. A name that is not listed is a port.
    Port,
    /// Several ports as one: bonds, teams, link aggregation groups.
    Bond,
    /// Bridges, VLANs, and switches made of software.
    Bridge,
    /// Tunnels and overlay networks, which end in this host.
    Tunnel,
    /// Loopback, and the ends of containers' and virtual machines' cables: never part of a total.
    Inside,
}

/// The layers that a total may be of, the lowest first.
pub const TOTALED: [LinkLayer; 4] =
    [LinkLayer::Port, LinkLayer::Bond, LinkLayer::Bridge, LinkLayer::Tunnel];

/// Words of each layer that a number follows: `bond0`.
const NUMBERED: [(LinkLayer, &[&str]); 3] = [
    (LinkLayer::Bond, &["bond", "lagg", "team"]),
    (LinkLayer::Bridge, &["br", "bridge", "ipvlan", "macvlan", "macvtap", "vlan", "vmnet", "vnet"]),
    (
        LinkLayer::Tunnel,
        &[
            "anpi",
            "ap",
            "awdl",
            "enc",
            "erspan",
            "geneve",
            "gif",
            "gre",
            "gretap",
            "ip6gre",
            "ip6tnl",
            "ip6_vti",
            "ip_vti",
            "ipsec",
            "l2tp",
            "llw",
            "pflog",
            "pfsync",
            "ppp",
            "sit",
            "stf",
            "tailscale",
            "tap",
            "tun",
            "tunl",
            "utun",
            "vti",
            "vxlan",
            "wg",
            "xfrm",
        ],
    ),
];

/// How names of each layer begin, whatever follows.
const BEGINNINGS: [(LinkLayer, &[&str]); 4] = [
    (LinkLayer::Bond, &["microsoft network adapter multiplexor", "port-channel"]),
    (
        LinkLayer::Bridge,
        &[
            "br-",
            "cni",
            "docker",
            "fwbr",
            "incusbr",
            "kube-bridge",
            "lxcbr",
            "lxdbr",
            "ovs-",
            "ovsbr",
            "podman",
            "vboxnet",
            "vethernet",
            "virbr",
            "vmbr",
            "weave",
        ],
    ),
    (
        LinkLayer::Tunnel,
        &[
            "6to4",
            "cilium_vxlan",
            "flannel",
            "isatap",
            "nebula",
            "nordlynx",
            "pppoe",
            "tap-windows",
            "teredo",
            "vxlan",
            "wan miniport",
            "wireguard",
        ],
    ),
    (
        LinkLayer::Inside,
        &[
            "azv",
            "cali",
            "cilium_",
            "dummy",
            "epair",
            "fwln",
            "fwpr",
            "ifb",
            "kube-ipvs",
            "lxc",
            "nlmon",
            "nodelocaldns",
            "veth",
        ],
    ),
];

/// Texts within names of Windows and of routers.
const WITHIN: [(LinkLayer, &str); 2] =
    [(LinkLayer::Inside, "loopback"), (LinkLayer::Bridge, "virtual ethernet adapter")];

/// The layer of an interface, by its name. Case does not matter, and an exporter may have written `_` for what a name
/// has between its words.
pub fn layer(name: &str) -> LinkLayer {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let lower;
    let name = match plain {
        true => name,
        false => {
            lower = name.to_ascii_lowercase();
            &*lower
        }
    };
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if word == "lo" || is_cable(name) {
        return LinkLayer::Inside;
    }
    let bytes = name.as_bytes();
    let within = |text: &str| (0..bytes.len()).any(|at| begins(&bytes[at..], text));
    let numbered = word.len() < name.len();
    let of_word = || NUMBERED.iter().find(|(_, words)| numbered && words.contains(&word));
    let begun = || BEGINNINGS.iter().find(|(_, all)| all.iter().any(|text| begins(bytes, text)));
    let listed = of_word().or_else(begun).map(|(layer, _)| *layer);
    match listed.or_else(|| WITHIN.iter().find(|(_, text)| within(text)).map(|(layer, _)| *layer)) {
        Some(layer) => layer,
        None if is_vlan(name) => LinkLayer::Bridge,
        None => LinkLayer::Port,
    }
}

/// Whether a name begins so, with any mark where the beginning has a blank or a hyphen.
fn begins(name: &[u8], beginning: &str) -> bool {
    let same = |(a, b): (&u8, u8)| {
        *a == b || (matches!(b, b' ' | b'-') && matches!(a, b'_' | b' ' | b'-'))
    };
    name.len() >= beginning.len() && name.iter().zip(beginning.bytes()).all(same)
}

/// `tap100i0`: the end of a virtual machine's cable.
fn is_cable(name: &str) -> bool {
    let Some((machine, number)) = name.strip_prefix("tap").and_then(|rest| rest.split_once('i'))
    else {
        return false;
    };
    [machine, number]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `eth0.100`: a part of what another interface carries.
fn is_vlan(name: &str) -> bool {
    let Some((parent, number)) = name.rsplit_once('.') else { return false };
    !parent.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_that_repeat_the_traffic_of_others_are_in_higher_layers() {
        for (expected, names) in [
            (
                LinkLayer::Port,
                &[
                    "en0",
                    "igb0",
                    "eth0",
                    "enp1s0",
                    "wlan0",
                    "all",
                    "lowpan0",
                    "brcm0",
                    "venet0",
                    "wwan0",
                    "Intel[R] Ethernet",
                    "Microsoft Hyper-V Network Adapter",
                    "Gi1/0/1",
                ][..],
            ),
            (
                LinkLayer::Bond,
                &[
                    "bond0",
                    "team1",
                    "lagg0",
                    "Port-channel12",
                    "Microsoft_Network_Adapter_Multiplexor_Driver",
                ],
            ),
            (
                LinkLayer::Bridge,
                &[
                    "br0",
                    "br-lan",
                    "br-0a1b2c3d4e5f",
                    "docker0",
                    "docker_gwbridge",
                    "virbr0",
                    "vmbr0",
                    "fwbr100i0",
                    "eth0.100",
                    "bond0.7",
                    "vlan20",
                    "Vlan20",
                    "bridge0",
                    "lxdbr0",
                    "cni0",
                    "podman0",
                    "Hyper-V Virtual Ethernet Adapter",
                    "Hyper_V_Virtual_Ethernet_Adapter__2",
                    "vEthernet (Default Switch)",
                ],
            ),
            (
                LinkLayer::Tunnel,
                &[
                    "tun0",
                    "tap100",
                    "wg0",
                    "utun3",
                    "tailscale0",
                    "flannel.1",
                    "vxlan.calico",
                    "ppp0",
                    "pppoe-wan",
                    "sit0",
                    "awdl0",
                    "isatap.{1B2F}",
                    "Teredo_Tunneling_Pseudo_Interface",
                ],
            ),
            (
                LinkLayer::Inside,
                &[
                    "lo",
                    "lo0",
                    "veth1a2b",
                    "cali0123456789a",
                    "lxc12ab",
                    "epair0b",
                    "ifb1",
                    "fwln100i0",
                    "dummy0",
                    "Software_Loopback_Interface_1",
                    "Loopback0",
                ],
            ),
        ] {
            for name in names {
                assert_eq!(layer(name), expected, "{name}");
            }
        }
    }
}
