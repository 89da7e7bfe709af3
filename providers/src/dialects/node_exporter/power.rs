//! Batteries, from `/sys/class/power_supply`, and on macOS from IOKit.

use crate::{
    dialects::{
        common_slots::{INFO, MOST},
        dialect::{DevicePart, DialectRow, Slot, SlotDevice, Slots},
    },
    local::power,
    plausible::Doubts,
};
use manytop_plugin::{
    reading::DeviceReading,
    vocabulary::{PERCENT, POWER, STATE, WATTS},
};

const CAPACITY: Slot = Slot::new("capacity");
const ENERGY: Slot = Slot::new("energy");
const ENERGY_FULL: Slot = Slot::new("energy full");
const CHARGE: Slot = Slot::new("charge");
const CHARGE_FULL: Slot = Slot::new("charge full");
const PRESENT: Slot = Slot::new("present");
const DRAWN: Slot = Slot::new("watt");
const CURRENT: Slot = Slot::new("ampere");
const VOLTAGE: Slot = Slot::new("volt");
/// macOS gives what is left and what there could be, in percent as a rule.
const LEFT: Slot = Slot::new("left");
const CHARGING: Slot = Slot::new("charging");
const CHARGED: Slot = Slot::new("charged");
/// Where the power comes from, by name; 1 for the one it is.
const DRAWN_FROM: Slot = Slot::new("source");

const fn supply(metric: &'static str, slot: Slot) -> DialectRow {
    DialectRow::named(metric, slot).of(DevicePart::Label("power_supply"))
}

pub const ROWS: &[DialectRow] = &[
    supply("node_power_supply_capacity", CAPACITY),
    supply("node_power_supply_energy_watthour", ENERGY),
    supply("node_power_supply_energy_full_watthour", ENERGY_FULL),
    supply("node_power_supply_charge_ampere", CHARGE),
    supply("node_power_supply_charge_full_ampere", CHARGE_FULL),
    supply("node_power_supply_present", PRESENT),
    supply("node_power_supply_power_watt", DRAWN),
    supply("node_power_supply_current_ampere", CURRENT),
    supply("node_power_supply_voltage_volt", VOLTAGE),
    supply("node_power_supply_info", INFO).has(&[("type", "Battery")]).keeps(&["status", "scope"]),
    supply("node_power_supply_info", INFO).has(&[("type", "UPS")]).keeps(&["status", "scope"]),
    supply("node_power_supply_current_capacity", LEFT),
    supply("node_power_supply_max_capacity", MOST),
    supply("node_power_supply_charging", CHARGING),
    supply("node_power_supply_charged", CHARGED),
    supply("node_power_supply_power_source_state", DRAWN_FROM).keeps(&["state"]),
    // in some versions it is a label
    supply("node_power_supply_info", DRAWN_FROM)
        .has(&[("type", "InternalBattery")])
        .keeps(&["state"]),
];

/// The n-th label that the row of `info` keeps.
const STATUS: usize = 0;
const SCOPE: usize = 1;

/// Mains and chargers have no capacity, and are not batteries. Neither is an empty bay, nor what drives a mouse.
pub fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let mut doubts = slots.doubts();
    let present = |d: &SlotDevice<'_>| d.value(PRESENT) != Some(0.0);
    let own = |d: &SlotDevice<'_>| {
        let scope = d.find(INFO).map(|info| info.kept(SCOPE).eq_ignore_ascii_case("device"));
        slots.shows().peripherals || scope != Some(true)
    };
    slots
        .devices()
        .filter(|d| present(d) && own(d))
        .filter_map(|d| reading(&d, &mut doubts))
        .collect()
}

/// The state in the words of Linux.
fn state(battery: &SlotDevice<'_>) -> Option<String> {
    if let Some(info) = battery.find(INFO) {
        return Some(info.kept(STATUS).to_lowercase()).filter(|status| !status.is_empty());
    }
    let is = |slot| battery.value(slot).is_some_and(|value| value > 0.0);
    let from = |name: &str| {
        battery.all(DRAWN_FROM).any(|found| found.value > 0.0 && &**found.kept(0) == name)
    };
    let word = match () {
        () if is(CHARGING) => "charging",
        () if is(CHARGED) => "full",
        () if from("Battery Power") => "discharging",
        () if from("AC Power") => "not charging",
        () => return None,
    };
    Some(word.into())
}

fn reading(battery: &SlotDevice<'_>, doubts: &mut Doubts) -> Option<DeviceReading> {
    let left = |now, full| power::ratio(battery.value(now), battery.value(full));
    let figures = [
        battery.value(CAPACITY),
        left(LEFT, MOST),
        left(ENERGY, ENERGY_FULL),
        left(CHARGE, CHARGE_FULL),
    ];
    if figures.iter().all(Option::is_none) {
        return None;
    }
    let name = battery.name();
    let product = battery.value(CURRENT).zip(battery.value(VOLTAGE)).map(|(a, v)| a * v);
    let reading = DeviceReading::new(POWER, name.clone())
        .with_some(&PERCENT, power::charge(&figures, name, doubts))
        .with_some(&WATTS, power::flow(&[battery.value(DRAWN), product], name, doubts));
    Some(match state(battery) {
        Some(state) => reading.text(&STATE, state),
        None => reading,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::testing::{decoded, decoded_with_virtual, notes_of};

    #[test]
    fn watts_are_given_or_the_product_of_volts_and_amperes() {
        let body = "node_power_supply_capacity{power_supply=\"BAT0\"} 80\n\
                    node_power_supply_capacity{power_supply=\"BAT1\"} 50\n\
                    node_power_supply_current_ampere{power_supply=\"BAT1\"} -2\n\
                    node_power_supply_info{power_supply=\"AC\",type=\"Mains\"} 1\n\
                    node_power_supply_info{capacity_level=\"Normal\",power_supply=\"BAT1\",status=\"Discharging\",type=\"Battery\"} 1\n\
                    node_power_supply_online{power_supply=\"AC\"} 1\n\
                    node_power_supply_power_watt{power_supply=\"BAT0\"} 7.5\n\
                    node_power_supply_voltage_volt{power_supply=\"AC\"} 20\n\
                    node_power_supply_voltage_volt{power_supply=\"BAT1\"} 12\n";
        assert_eq!(
            decoded(POWER, body),
            "BAT0 percent=80 watts=7.5\nBAT1 percent=50 watts=24 state=\"discharging\"\n"
        );
    }

    #[test]
    fn an_empty_bay_and_a_mouse_are_not_batteries_of_the_machine() {
        let body = "node_power_supply_capacity{power_supply=\"BAT0\"} 0\n\
                    node_power_supply_present{power_supply=\"BAT0\"} 0\n\
                    node_power_supply_info{power_supply=\"BAT0\",status=\"Unknown\",type=\"Battery\"} 1\n\
                    node_power_supply_capacity{power_supply=\"hidpp_battery_0\"} 5\n\
                    node_power_supply_info{power_supply=\"hidpp_battery_0\",scope=\"Device\",type=\"Battery\"} 1\n\
                    node_power_supply_capacity{power_supply=\"BAT1\"} 40\n\
                    node_power_supply_present{power_supply=\"BAT1\"} 1\n";
        assert_eq!(decoded(POWER, body), "BAT1 percent=40\n");
        assert_eq!(
            decoded_with_virtual(POWER, body),
            "BAT1 percent=40\nhidpp_battery_0 percent=5\n"
        );
    }

    #[test]
    fn a_capacity_beyond_all_falls_back_to_what_is_left_of_a_full_charge() {
        let body = "node_power_supply_capacity{power_supply=\"BAT0\"} 652\n\
                    node_power_supply_info{power_supply=\"BAT0\",status=\"Full\",type=\"Battery\"} 1\n";
        assert_eq!(decoded(POWER, body), "BAT0 state=\"full\"\n");
        assert_eq!(
            notes_of(POWER, body),
            ["power \"BAT0\": 652 % is not a charge; it is left out"]
        );
        let energy = "node_power_supply_energy_watthour{power_supply=\"BAT0\"} 30\n\
                      node_power_supply_energy_full_watthour{power_supply=\"BAT0\"} 40\n\
                      node_power_supply_power_watt{power_supply=\"BAT0\"} 640\n";
        assert_eq!(decoded(POWER, &format!("{body}{energy}")), "BAT0 percent=75 state=\"full\"\n");
    }

    #[test]
    fn a_battery_of_macos_is_read_and_its_state_is_in_the_words_of_linux() {
        let body = |charging: u8, charged: u8, on_battery: u8| {
            format!(
                "node_power_supply_charged{{power_supply=\"InternalBattery-0\"}} {charged}\n\
                 node_power_supply_charging{{power_supply=\"InternalBattery-0\"}} {charging}\n\
                 node_power_supply_current_ampere{{power_supply=\"InternalBattery-0\"}} -0.5\n\
                 node_power_supply_current_capacity{{power_supply=\"InternalBattery-0\"}} 71\n\
                 node_power_supply_info{{id=\"1\",power_supply=\"InternalBattery-0\",transport_type=\"Internal\",type=\"InternalBattery\"}} 1\n\
                 node_power_supply_max_capacity{{power_supply=\"InternalBattery-0\"}} 100\n\
                 node_power_supply_power_source_state{{power_supply=\"InternalBattery-0\",state=\"AC Power\"}} {}\n\
                 node_power_supply_power_source_state{{power_supply=\"InternalBattery-0\",state=\"Battery Power\"}} {on_battery}\n\
                 node_power_supply_power_source_state{{power_supply=\"InternalBattery-0\",state=\"Off Line\"}} 0\n\
                 node_power_supply_voltage_volt{{power_supply=\"InternalBattery-0\"}} 12\n",
                1 - on_battery
            )
        };
        for (body, state) in [
            (body(0, 0, 1), "discharging"),
            (body(1, 0, 0), "charging"),
            (body(0, 1, 0), "full"),
            (body(0, 0, 0), "not charging"),
        ] {
            let expected = format!("InternalBattery-0 percent=71 watts=6 state=\"{state}\"\n");
            assert_eq!(decoded(POWER, &body), expected);
        }
        let body = "node_power_supply_current_capacity{power_supply=\"a\"} 50\n\
                    node_power_supply_info{power_supply=\"a\",type=\"InternalBattery\",state=\"Battery Power\"} 1\n\
                    node_power_supply_max_capacity{power_supply=\"a\"} 80\n\
                    node_power_supply_current_capacity{power_supply=\"b\"} 50\n\
                    node_power_supply_max_capacity{power_supply=\"b\"} 0\n";
        assert_eq!(decoded(POWER, body), "a percent=62.5 state=\"discharging\"\n");
    }
}
