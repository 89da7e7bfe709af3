//! Batteries, from `/sys/class/power_supply`.

use crate::remote::dialect::{Device, Part, Row, Slot, Slots};
use manytop_core::{
    reading::Reading,
    vocabulary::{PERCENT, POWER, STATE, WATTS},
};

const CAPACITY: Slot = Slot::new("capacity");
const DRAWN: Slot = Slot::new("watt");
const CURRENT: Slot = Slot::new("ampere");
const VOLTAGE: Slot = Slot::new("volt");
const INFO: Slot = Slot::new("info");

const fn supply(metric: &'static str, slot: Slot) -> Row {
    Row::named(metric, slot).of(Part::Label("power_supply"))
}

pub const ROWS: &[Row] = &[
    supply("node_power_supply_capacity", CAPACITY),
    supply("node_power_supply_power_watt", DRAWN),
    supply("node_power_supply_current_ampere", CURRENT),
    supply("node_power_supply_voltage_volt", VOLTAGE),
    supply("node_power_supply_info", INFO).has(&[("type", "Battery")]).keeps(&["status"]),
];

/// Mains and chargers have no capacity, and are no batteries.
pub fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    slots.devices().filter(|d| d.value(CAPACITY).is_some()).map(|d| reading(&d)).collect()
}

fn reading(battery: &Device<'_>) -> Reading {
    let product = battery.value(CURRENT).zip(battery.value(VOLTAGE)).map(|(a, v)| a * v);
    // Drivers differ in the sign of what flows out; the state tells the direction.
    let watts = battery.value(DRAWN).or(product).map(f64::abs);
    let reading = Reading::new(POWER, battery.name().clone())
        .with_some(&PERCENT, battery.value(CAPACITY))
        .with_some(&WATTS, watts);
    match battery.find(INFO).map(|info| info.kept(0)).filter(|status| !status.is_empty()) {
        Some(status) => reading.text(&STATE, status.to_lowercase()),
        None => reading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;

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
            said(POWER, body),
            "BAT0 percent=80 watts=7.5\nBAT1 percent=50 watts=24 state=\"discharging\"\n"
        );
    }
}
