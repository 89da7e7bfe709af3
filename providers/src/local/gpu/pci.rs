//! Names of cards by their numbers, from the list `pci.ids` that distributions install.

use crate::local::procfs::Root;

/// Where the list is.
const LISTS: [&str; 3] =
    ["usr/share/hwdata/pci.ids", "usr/share/misc/pci.ids", "usr/share/pci.ids"];
/// The longest list that is read, in bytes.
const LONGEST: u64 = 8 << 20;

/// The model of a card; the list is read for this one question and not kept.
pub fn model(root: &Root, vendor: u16, device: u16) -> Option<String> {
    let list = LISTS.iter().find_map(|path| root.path(path).read(LONGEST).ok())?;
    find(&String::from_utf8_lossy(&list), vendor, device)
}

/// `73bf  Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]` below `1002  Advanced Micro Devices, …`: what is in
/// brackets is the name under which it is sold.
fn find(list: &str, vendor: u16, device: u16) -> Option<String> {
    let (vendor, device) = (format!("{vendor:04x}"), format!("\t{device:04x}"));
    let mut lines = list.lines().skip_while(|line| !line.starts_with(&vendor));
    lines.next()?;
    let mut own = lines.take_while(|line| line.starts_with(['\t', '#']) || line.is_empty());
    let name = own.find_map(|line| line.strip_prefix(&device))?.trim();
    let sold = name.rsplit_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
    Some(sold.unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_found_below_its_vendor() {
        let list = "# list\n1001  Other\n\t73bf  Not this\n1002  AMD\n\t73af  Navi\n\
                    \t\t1002 0001  Board\n\t73bf  Navi 21 [Radeon RX 6800]\n8086  Intel\n\t56a0  DG2\n";
        assert_eq!(find(list, 0x1002, 0x73bf).as_deref(), Some("Radeon RX 6800"));
        assert_eq!(find(list, 0x8086, 0x56a0).as_deref(), Some("DG2"));
        assert_eq!(find(list, 0x8086, 0x73bf), None);
        assert_eq!(find("", 1, 1), None);
    }
}
