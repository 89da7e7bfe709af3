//! Default keys, rebinding, and what is refused.

use super::*;

fn registry() -> Registry {
    Registry::load(&[]).unwrap()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

fn command(bindings: &Bindings, keys: &[Key], widget: &str, list: bool) -> String {
    match bindings.resolve(keys, widget, list) {
        Resolved::Command(scope, command, _) => action(scope, command.name()),
        other => format!("{other:?}"),
    }
}

#[test]
fn default_keys_are_read_and_do_not_clash() {
    Bindings::new(&registry(), &[]).unwrap();
}

#[test]
fn a_widget_comes_before_lists_and_lists_before_the_dashboard() {
    let bindings = Bindings::new(&registry(), &[]).unwrap();
    let got = |keys: &[Key], widget, list| command(&bindings, keys, widget, list);
    let g = Key::Char('g');
    assert_eq!(got(&[g], "hosts", true), "hosts_groups");
    assert_eq!(got(&[g], "procs", true), "Pending");
    assert_eq!(got(&[g, g], "procs", true), "list_top");
    assert_eq!(got(&[Key::Char('j')], "procs", true), "list_down");
    assert_eq!(got(&[Key::Char('j')], "cpu", false), "Unbound");
    assert_eq!(got(&[Key::Ctrl('c')], "procs", true), "quit");
}

#[test]
fn a_config_rebinds_and_takes_the_key_from_a_default() {
    let bindings = Bindings::new(&registry(), &pairs(&[("help", "L"), ("quit", "Q")])).unwrap();
    let got = |key| command(&bindings, &[Key::Char(key)], "cpu", false);
    assert_eq!([got('L'), got('Q'), got('q')], ["help", "quit", "Unbound"]);
}

#[test]
fn what_is_wrong_is_named() {
    let wrong = |all: &[(&str, &str)]| Bindings::new(&registry(), &pairs(all)).unwrap_err();
    let clash = wrong(&[("help", "Q"), ("log", "Q")]);
    assert_eq!(clash, pairs(&[("log", "Q is bound to both help and log")]));
    let unknown = wrong(&[("qiut", "Q")]);
    assert!(unknown[0].1.contains("did you mean \"quit\"?"), "{unknown:?}");
    let key = wrong(&[("quit", "hyper-q")]);
    assert!(key[0].1.contains("\"hyper-q\" is not a key"), "{key:?}");
}
