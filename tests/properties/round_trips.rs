//! Names go out and come back: config keys, layout items, labels.

use crate::fuzz::{quoted, written};
use manytop_core::{
    config::{Config, Request, check_name, reserved_words},
    layout::{From, Layout},
    registry::Registry,
};
use manytop_providers::exposition::adapter::{self, ParsedSeries};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn registry() -> Registry {
    Registry::load(&reserved_words()).unwrap()
}

/// Names as users give them, and unusual ones.
fn name() -> impl Strategy<Value = String> {
    let nasty = proptest::collection::vec(
        prop_oneof![
            Just('-'),
            Just('='),
            Just('.'),
            Just('#'),
            Just('*'),
            Just('"'),
            Just('\\'),
            Just(' '),
            Just('@'),
            Just(','),
            Just('/'),
            Just('['),
            Just('$'),
            Just('{'),
            Just('}'),
            Just('ü'),
            Just('a'),
            any::<char>()
        ],
        1..12,
    );
    prop_oneof![nasty.prop_map(String::from_iter), "[A-Za-z][A-Za-z0-9.-]{0,20}"]
}

/// The NAMEs of the remotes that a request makes.
fn names(request: &Request) -> Vec<String> {
    let config = Config::load(request, &registry()).unwrap_or_else(|e| panic!("{e}"));
    config.instances.iter().filter_map(|i| i.name.as_deref().map(str::to_owned)).collect()
}

proptest! {
    /// NAME is the text between the first and the last hyphen, whatever is in it.
    #[test]
    fn a_name_comes_back_from_its_key(name in name()) {
        let name = name.trim().to_owned();
        prop_assume!(check_name(&name).is_ok() && name != "*" && !name.contains('='));
        let mut request = Request { no_local: true, ..Request::bare() };
        request.set(&format!("remote-{name}-url=http://127.0.0.1/metrics")).unwrap();
        request.set(&format!("Remote-{name}-Refresh=2")).unwrap();
        prop_assert_eq!(names(&request), [name.clone()]);
        let mut flag = Request { no_local: true, ..Request::bare() };
        flag.named("--remote", "remote", "url", &format!("{name}=http://127.0.0.1/metrics")).unwrap();
        prop_assert_eq!(names(&flag), [name.clone()]);
    }

    /// What is written by --write-config is read again as it was.
    #[test]
    fn a_value_comes_back_from_the_file_that_it_is_written_to(path in "[^\\p{Cc}\\p{Z}]{1,20}") {
        let mut request = Request { no_local: true, ..Request::bare() };
        request.set("remote-a-url=http://127.0.0.1/metrics").unwrap();
        request.set(&format!("remote-a-ca_file={path}")).unwrap();
        let config = Config::load(&request, &registry()).unwrap_or_else(|e| panic!("{e}"));
        let folder = std::env::temp_dir().join(format!("manytop-properties-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("x.conf");
        std::fs::write(&file, config.to_conf()).unwrap();
        let request = Request { file: Some(file), no_local: true, ..Request::bare() };
        let again = Config::load(&request, &registry()).unwrap_or_else(|e| panic!("{e}"));
        std::fs::remove_dir_all(&folder).unwrap();
        prop_assert_eq!(&config.instances[0].options, &again.instances[0].options);
    }

    /// A quoted name means that source and no other.
    #[test]
    fn a_quoted_name_comes_back_from_a_layout(one in name(), two in name(), span in 1..=100u16) {
        prop_assume!(!(one.clone() + &two).contains(['\n', '\r']));
        let text = format!("{span}:cpu@{},#tag,{}/7 mem", quoted(&one), quoted(&two));
        let parsed = Layout::parse("x", &text, &registry()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let item = &parsed.layout.items()[0];
        prop_assert_eq!((item.span, item.weight), (span, 7));
        prop_assert_eq!(&item.from, &[From::Name(one), From::Tag("tag".into()), From::Name(two)]);
    }

    /// Labels are read as they were written.
    #[test]
    fn labels_come_back_from_a_line(
        name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,12}",
        labels in proptest::collection::btree_map(name(), name(), 0..5),
        value in any::<f64>(),
    ) {
        let labels: BTreeMap<_, _> = labels;
        let labels: Vec<_> = labels.into_iter().filter(|(k, _)| k != "__name__").collect();
        let series = ParsedSeries { name, labels, value };
        let read = adapter::parse(&written(&series)).expect("a sample");
        // fields of a fixed size in a kernel are filled up with NUL
        let filled = |(key, text): &(String, String)| (key.clone(), text.trim_end_matches('\0').to_owned());
        let labels: Vec<_> = series.labels.iter().map(filled).collect();
        prop_assert_eq!((&read.name, &read.labels), (&series.name, &labels));
        prop_assert!(read.value == series.value || series.value.is_nan());
    }
}
