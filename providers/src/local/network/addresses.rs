//! The addresses of interfaces, asked of the system only where a consumer wants them.

use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::{cmp::Reverse, collections::HashMap, ffi::OsStr, sync::Arc};
use sysinfo::{IpNetwork, NetworkData, Networks};

/// Addresses hardly change.
const POLLS_PER_LOOK: u32 = 15;

/// Those that are known.
#[derive(Default)]
pub struct InterfaceAddresses {
    known: HashMap<String, Arc<str>>,
    polls: u32,
}

impl InterfaceAddresses {
    /// Adds to each reading the addresses of its interface.
    pub fn tell(&mut self, readings: &mut [DeviceReading]) {
        if self.polls.is_multiple_of(POLLS_PER_LOOK) {
            let all = Networks::new_with_refreshed_list();
            self.known = all.map(|all| by_name(&all)).unwrap_or_default();
        }
        self.polls = self.polls.wrapping_add(1);
        for reading in readings {
            if let Some(addresses) = self.known.get(&*reading.device) {
                reading.texts.set(&v::ADDRESSES, addresses.clone());
            }
        }
    }
}

fn by_name(all: &Networks) -> HashMap<String, Arc<str>> {
    let known = |name: &OsStr, data| Some((name.to_str()?.to_owned(), text(data)?));
    all.iter().filter_map(|(name, data)| known(name.as_ref(), data)).collect()
}

/// The addresses of an interface between blanks; `None` where it has none.
pub fn text(data: &NetworkData) -> Option<Arc<str>> {
    let mut all: Vec<&IpNetwork> = data.ip_networks().iter().collect();
    // the short ones first, those of the link last
    all.sort_by_key(|network| Reverse((network.addr.is_ipv4(), !is_of_link(network))));
    let words: Vec<String> = all.iter().map(|n| format!("{}/{}", n.addr, n.prefix)).collect();
    (!words.is_empty()).then(|| words.join(" ").into())
}

fn is_of_link(network: &IpNetwork) -> bool {
    match network.addr {
        std::net::IpAddr::V4(address) => address.is_link_local(),
        std::net::IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}
