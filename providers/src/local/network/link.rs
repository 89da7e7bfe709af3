//! The links of interfaces: their speed, whether they are up, the strength of a wireless signal.

use crate::local::procfs::{self, ReusedFile, Root};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::{collections::HashMap, path::Path, sync::Arc};

/// Links hardly change.
const POLLS_PER_LOOK: u32 = 15;

/// What is known of the links, by interface.
pub struct Links {
    root: Root,
    wireless: ReusedFile,
    known: HashMap<Arc<str>, Link>,
    polls: u32,
}

#[derive(Clone, Default, PartialEq, Debug)]
struct Link {
    /// Bytes a second.
    speed: Option<f64>,
    text: Option<Arc<str>>,
}

impl Links {
    /// Below that root; nothing is read yet.
    pub fn below(root: &Root) -> Links {
        let wireless = root.own("net/wireless");
        Links { root: root.clone(), wireless, known: HashMap::new(), polls: 0 }
    }

    /// Adds to each reading what is known of its link. Looks again once in a while, and at an interface
    /// that is new.
    pub fn tell(&mut self, readings: &mut [DeviceReading]) {
        if self.polls.is_multiple_of(POLLS_PER_LOOK) {
            self.known.clear();
        }
        self.polls = self.polls.wrapping_add(1);
        for reading in readings {
            if !self.known.contains_key(&reading.device) {
                let link = self.look(&reading.device);
                self.known.insert(reading.device.clone(), link);
            }
            let Some(link) = self.known.get(&reading.device) else { continue };
            if let Some(speed) = link.speed {
                reading.values.set(&v::LINK_RATE, speed);
            }
            if let Some(text) = &link.text {
                reading.texts.set(&v::LINK, text.clone());
            }
        }
    }

    fn look(&mut self, interface: &str) -> Link {
        let folder = self.root.path(Path::new("sys/class/net").join(interface));
        let state = procfs::text(&folder.join("operstate")).unwrap_or_default();
        if matches!(&*state, "down" | "lowerlayerdown" | "notpresent") {
            return Link { speed: None, text: Some("down".into()) };
        }
        if folder.join("wireless").exists() || folder.join("phy80211").exists() {
            let signal =
                self.wireless.read_to_end().ok().and_then(|table| signal(table, interface));
            let text = signal.map_or("wireless".into(), |dbm| format!("wireless {dbm} dBm"));
            return Link { speed: None, text: Some(text.into()) };
        }
        // what is only software claims a speed that it does not have
        let real = folder.join("device").exists() || folder.join("bonding").exists();
        let megabits = procfs::text(&folder.join("speed")).filter(|_| real);
        let speed = megabits.and_then(|t| procfs::number(t.as_bytes())).filter(|m| *m > 0);
        let speed = speed.map(|megabits| megabits as f64 * 1e6 / 8.0);
        Link { speed, text: speed.and_then(speed_text).map(Arc::from) }
    }
}

/// A link's speed in words: `100 Mbit/s`, `2.5 Gbit/s`; `None` for one that no link has (a driver that
/// knows none says −1, which some make 2³²−1 of).
pub fn speed_text(bytes_per_second: f64) -> Option<String> {
    let megabits = bytes_per_second * 8.0 / 1e6;
    if !(0.001..10e6).contains(&megabits) {
        return None;
    }
    Some(match megabits {
        m if m >= 1000.0 => format!("{} Gbit/s", (m / 10.0).round() / 100.0),
        m => format!("{} Mbit/s", (m * 1000.0).round() / 1000.0),
    })
}

/// /proc/net/wireless: interface, status, quality, level in dBm (some drivers give no negative number,
/// which is a share of their own then).
fn signal(table: &[u8], interface: &str) -> Option<i64> {
    let row = procfs::lines(table).find_map(|line| {
        let line = line.trim_ascii();
        line.strip_prefix(interface.as_bytes())?.strip_prefix(b":")
    })?;
    let level = procfs::words(row).nth(2)?;
    let level = procfs::decimal(level.strip_suffix(b".").unwrap_or(level))?;
    (level < 0.0).then_some(level as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_said_in_its_usual_words() {
        let said = |megabits: f64| speed_text(megabits * 1e6 / 8.0);
        let speeds = [10.0, 100.0, 1000.0, 2500.0, 40_000.0].map(|m| said(m).unwrap());
        assert_eq!(speeds, ["10 Mbit/s", "100 Mbit/s", "1 Gbit/s", "2.5 Gbit/s", "40 Gbit/s"]);
        assert_eq!((said(4_294_967_295.0), said(0.0), said(-1.0)), (None, None, None));
    }

    #[test]
    fn the_signal_of_a_wireless_interface_is_its_level() {
        let table = b"Inter-| sta-|   Quality        |   Discarded packets\n face | tus | link level noise\n\
            \x20wlan0: 0000   54.  -56.  -256        0      0\n  wlan1: 0000   54.  70.  0\n";
        assert_eq!(signal(table, "wlan0"), Some(-56));
        assert_eq!((signal(table, "wlan1"), signal(table, "wlan")), (None, None));
    }
}
