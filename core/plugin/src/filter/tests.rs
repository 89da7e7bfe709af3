//! The filter language: what is read, what is refused, and three truth values.

use super::super::{Compare, DeviceField, Expression, Subject, Term, TextTest, Truth};
use crate::{
    health::State,
    host_metric::HostMetric,
    options::Options,
    provider::{BuildError, Plugin, Provides, Reader},
    reading::{Metric, Text},
    vocabulary as v,
};

fn build(_: &Options) -> Result<Box<dyn Reader>, BuildError> {
    unreachable!("only its description is read")
}

crate::inventory::submit! {
    Plugin::reads("filtertest", "Declares kinds for the tests of filters", build).yields(&[
        Provides::new(v::DISK, &[&v::PERCENT, &v::READ_BYTES]).texts(&[&v::MOUNTS]),
        Provides::new(v::PROCESS, &[
            &v::CPU_SECONDS, &v::RESIDENT_BYTES, &v::PSS_BYTES, &v::WRITTEN_BYTES, &v::STARTED_SECONDS,
        ])
        .texts(&[&v::NAME, &v::COMMAND, &v::USER, &v::TYPE, &v::CGROUP, &v::CONTAINER]),
    ])
}

fn read(text: &str) -> Expression {
    Expression::parse(text).unwrap().unwrap()
}

fn term(text: &str) -> Term {
    match read(text) {
        Expression::Term(term) => term,
        other => panic!("{text}: {other:?}"),
    }
}

fn named(part: &str) -> Expression {
    Expression::Term(Term::Name(TextTest::Holds(part.to_owned())))
}

#[test]
fn and_binds_closer_than_or_and_brackets_closer_than_both() {
    assert_eq!(
        read("a | b & c"),
        Expression::Any(vec![named("a"), Expression::All(vec![named("b"), named("c")])])
    );
    assert_eq!(
        read("(a || b) && !c"),
        Expression::All(vec![
            Expression::Any(vec![named("a"), named("b")]),
            Expression::Not(Box::new(named("c")))
        ])
    );
    assert_eq!(read("Web 1"), named("web 1"), "plain text is a part of a name");
    assert_eq!(read("\"a&b\""), named("a&b"));
    assert_eq!(Expression::parse("  "), Ok(None));
}

#[test]
fn comparisons_of_hosts_are_read() {
    use Compare::*;
    assert_eq!(term("cpu>80"), Term::Metric(HostMetric::Cpu, More, 80.0));
    assert_eq!(term("took >= 500ms"), Term::Metric(HostMetric::Took, AtLeast, 0.5));
    assert_eq!(term("rx<1.5M"), Term::Metric(HostMetric::Received, Less, 1.5e6));
    assert_eq!(term("UP<=2d"), Term::Metric(HostMetric::Uptime, AtMost, 172_800.0));
    let live = Expression::Term(Term::State(State::Live));
    assert_eq!(read("state!=live"), Expression::Not(Box::new(live)));
    assert_eq!(term("#prod"), Term::Tag("prod".into()));
    assert_eq!(term("tag="), Term::Tag(String::new()));
    assert_eq!(term("tag=\"a b\""), Term::Tag("a b".into()));
    assert_eq!(term("name=web-*"), Term::Name(TextTest::Is("web-*".into())));
}

#[test]
fn comparisons_of_devices_are_read_by_the_declared_types() {
    assert_eq!(
        term("disk.percent > 90%"),
        Term::DeviceMetric(v::DISK, &v::PERCENT, Compare::More, 90.0)
    );
    assert_eq!(
        term("disk.read_bytes_per_second>20M"),
        Term::DeviceMetric(v::DISK, &v::READ_RATE, Compare::More, 20e6),
        "a derived rate"
    );
    assert_eq!(
        term("process.cmd~Train.py"),
        Term::DeviceText(
            v::PROCESS,
            DeviceField::Text(&v::COMMAND),
            TextTest::Holds("train.py".into())
        )
    );
    let both = read("disk.percent>90 & disk.mounts!=/boot & #prod");
    assert_eq!(both.kind(), Some(v::DISK));
    assert!(both.selection().kind(v::DISK) && !both.is_about_health());
    assert!(read("cpu>1 | state=down").is_about_health());
}

#[test]
fn a_watch_is_compared_by_its_name_or_by_one_of_its_series() {
    let truth = |device: &str, value: f64, filter: &str| {
        read(filter).evaluate(&mut |term| match term {
            Term::DeviceText(_, DeviceField::Name, TextTest::Is(pattern)) => {
                crate::glob::matches(pattern, device).into()
            }
            Term::DeviceMetric(kind, metric, compare, limit) => {
                assert_eq!((*kind, metric.name()), (v::METRIC, v::METRIC_VALUE.name()));
                compare.holds(value, *limit).into()
            }
            other => panic!("{other:?}"),
        })
    };
    for (device, value, holds) in
        [("clients", 6.0, true), ("clients/db1", 6.0, true), ("clients", 5.0, false)]
    {
        let expected = if holds { Truth::True } else { Truth::False };
        assert_eq!(truth(device, value, "watch.Clients>5"), expected, "{device} {value}");
    }
    assert_eq!(truth("clients2", 6.0, "watch.clients>5"), Truth::False);
    assert_eq!(truth("clients", 5.0, "watch.clients!=6"), Truth::True);
    assert_eq!(truth("other", 5.0, "watch.clients!=6"), Truth::False, "it is another metric");
    let error = Expression::parse("watch.clients>5 & disk.percent>9").unwrap_err();
    assert!(error.problem.contains("metric and disk"), "{error}");
    assert_eq!(Expression::parse("watch.clients~5").unwrap_err().column, 1);
    assert_eq!(Expression::parse("watch.clients>x").unwrap_err().column, 15);
}

#[test]
fn errors_name_the_column_and_the_problem() {
    for (text, column, says) in [
        ("cpu>", 4, "a value is missing after \"cpu>\""),
        ("cpu>x", 5, "\"x\" is not a number"),
        ("cpu~8", 1, "cpu is a number"),
        ("web & foo>3", 7, "unknown figure \"foo\"; known are cpu mem disk"),
        ("  state=up", 9, "unknown state \"up\"; known are live late"),
        ("name>a", 1, "name is a text"),
        ("(a", 3, "a \")\" is missing"),
        ("a)", 2, "')' closes nothing"),
        ("a &", 4, "something is missing at the end"),
        ("| a", 1, "something is missing before '|'"),
        ("\"a", 1, "a quote is not closed"),
        ("a!b", 1, "\"!\" comes before a term"),
        ("cpu>5m", 5, "cpu is a percentage"),
        ("up>3%", 4, "up is a time"),
        ("ä & disk.percent>2G", 18, "disk.percent is a percentage"),
        ("dsik.percent>2", 1, "unknown kind \"dsik\"; known are disk process"),
        ("disk.percnt>2", 1, "did you mean \"percent\"?"),
        ("disk.mounts>2", 1, "disk.mounts is a text"),
        ("disk.percent>2 & process.cpu>3", 18, "one kind of device; this one has disk and process"),
    ] {
        let error = Expression::parse(text).unwrap_err();
        assert!(error.problem.contains(says), "{text}: {error}");
        assert_eq!(error.column, column, "{text}: {error}");
    }
    assert!(Expression::parse(&"(".repeat(1000)).is_err(), "nesting is bounded");
    assert!(Expression::parse(&"!".repeat(1000)).is_err());
}

#[test]
fn unknown_decides_only_where_nothing_else_does() {
    let truth = |text: &str| {
        read(text).evaluate(&mut |term| match term {
            Term::Name(TextTest::Holds(name)) if name == "t" => Truth::True,
            Term::Name(TextTest::Holds(name)) if name == "f" => Truth::False,
            _ => Truth::Unknown,
        })
    };
    assert_eq!(truth("t | u"), Truth::True);
    assert_eq!(truth("f & u"), Truth::False);
    for unknown in ["u", "!u", "f | u", "t & u", "!(t & u)", "!(u | u)", "u | !u"] {
        assert_eq!(truth(unknown), Truth::Unknown, "{unknown}");
    }
}

fn listed(text: &str) -> Expression {
    Expression::parse_of(v::PROCESS, text).unwrap().unwrap()
}

#[test]
fn in_a_list_bare_words_are_those_of_its_devices() {
    let metric = |metric, compare, value| Term::DeviceMetric(v::PROCESS, metric, compare, value);
    for (text, expected) in [
        ("cpu>20", metric(&v::PERCENT, Compare::More, 20.0)),
        ("process.cpu>20", metric(&v::PERCENT, Compare::More, 20.0)),
        ("rss>=1.5G", metric(&v::RESIDENT_BYTES, Compare::AtLeast, 1.5e9)),
        ("write<1M", metric(&v::WRITTEN_RATE, Compare::Less, 1e6)),
        ("age<=2h", Term::DeviceAge(v::PROCESS, Compare::AtMost, 7200.0)),
        ("pid=42", Term::DeviceText(v::PROCESS, DeviceField::Name, TextTest::Is("42".into()))),
        ("Web -x 1", Term::DeviceHolds(v::PROCESS, "web -x 1".into())),
        ("\"a=b|c\"", Term::DeviceHolds(v::PROCESS, "a=b|c".into())),
        ("host=web-*", Term::Name(TextTest::Is("web-*".into()))),
        ("#prod", Term::Tag("prod".into())),
    ] {
        assert_eq!(listed(text), Expression::Term(expected), "{text}");
    }
    for (text, says) in [
        ("user>a", "user is a text"),
        ("cpu~8", "cpu is a number"),
        ("age>x", "\"x\" is not a number"),
        ("usr=root", "unknown word \"usr\" of process; did you mean \"user\"?; known are cgroup"),
        ("disk.percent>3", "one kind of device; this one has process and disk"),
    ] {
        let error = Expression::parse_of(v::PROCESS, text).unwrap_err();
        assert!(error.problem.contains(says), "{text}: {error}");
    }
    let error = Expression::parse("process.age>1h").unwrap_err();
    assert!(error.problem.contains("unknown word"), "an alert does not know it: {error}");
}

#[test]
fn a_list_reads_what_its_filter_compares_and_nothing_of_hosts() {
    let selection = listed("pss>1M & host=web-1 | !(container=web & #prod)").selection();
    assert!(selection.expensive(v::PROCESS, &v::PSS_BYTES));
    assert!(selection.dear_text(v::PROCESS, &v::CONTAINER));
    assert_eq!(selection.iter().collect::<Vec<_>>(), [v::PROCESS]);
    assert!(read("#prod").selection().kind(v::CPU), "of a host some kind has to be read");
}

/// A process of which the pid, the command line and the age are known.
struct KnownSubject;

impl Subject for KnownSubject {
    fn name(&self) -> &str {
        "4711"
    }

    fn value(&self, _: &Metric) -> Option<f64> {
        None
    }

    fn text(&self, text: &Text) -> Option<&str> {
        (text.name() == v::COMMAND.name()).then_some("/usr/bin/Train.py --fast")
    }

    fn age(&self) -> Option<f64> {
        Some(90.0)
    }
}

#[test]
fn devices_are_tested_by_any_of_their_names() {
    let truth = |text: &str| listed(text).evaluate(&mut |term| term.test_subject(&KnownSubject));
    for (text, expected) in [
        ("train", Truth::True),
        ("4711", Truth::True),
        ("root", Truth::False),
        ("cmd~TRAIN & age>1m", Truth::True),
        ("user=root", Truth::Unknown),
        ("!(user=root)", Truth::Unknown),
        ("cpu>1 | pid=47*", Truth::True),
    ] {
        assert_eq!(truth(text), expected, "{text}");
    }
}
