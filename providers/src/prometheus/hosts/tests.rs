//! What becomes of a server's answers, host by host.

use super::*;
use crate::prometheus::answer;
use manytop_plugin::{
    reading::Kind,
    testing,
    vocabulary::{MEMORY, TEMPERATURE},
};

fn vector(samples: &[(&str, f64, f64)]) -> String {
    let all: Vec<_> = samples
        .iter()
        .map(|(labels, at, value)| {
            format!("{{\"metric\":{{{labels}}},\"value\":[{at},\"{value}\"]}}")
        })
        .collect();
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{}]}}}}",
        all.join(",")
    )
}

fn host(
    name: &str,
    up: f64,
    total: Option<f64>,
    scraped: f64,
    now: f64,
) -> Vec<(String, f64, f64)> {
    let own = format!("\"job\":\"node\",\"dc\":\"x\",\"instance\":\"{name}\"");
    let mut all = vec![
        (format!("\"__name__\":\"up\",{own}"), now, up),
        (format!("\"manytop\":\"taken\",{own}"), now, scraped),
    ];
    all.extend(
        total.map(|total| {
            (format!("\"__name__\":\"node_memory_MemTotal_bytes\",{own}"), now, total)
        }),
    );
    all
}

struct Site(EngineHosts);

impl Site {
    fn new() -> Site {
        let terms = HostTerms {
            catalog: Arc::new(DialectCatalog::new().unwrap()),
            fahrenheit: false,
            refresh: Duration::from_secs(5),
            lookback: LOOKBACK,
        };
        let mut hosts = EngineHosts::new(terms, SourceNames::default());
        hosts.set_clock(1000.0, Moment::now());
        Site(hosts)
    }

    fn hear(&mut self, hosts: &[Vec<(String, f64, f64)>]) -> PollResult {
        self.hear_of(&[MEMORY], hosts)
    }

    fn hear_of(&mut self, kinds: &[Kind], hosts: &[Vec<(String, f64, f64)>]) -> PollResult {
        let all: Vec<_> = hosts.concat();
        let all: Vec<_> = all.iter().map(|(l, a, v)| (l.as_str(), *a, *v)).collect();
        let (body, mut answer) = (vector(&all), PollResult::default());
        let series = answer::read(body.as_bytes()).unwrap();
        let sorted = ScrapedTargets::sort(&series, None);
        self.0.take(&sorted, &Selection::kinds(kinds), false, &mut answer);
        answer
    }
}

fn names(answer: &PollResult) -> Vec<&str> {
    answer.parts.iter().filter_map(|p| p.member.as_deref()).collect()
}

#[test]
fn each_instance_is_a_source_as_old_as_its_own_scrape() {
    let mut site = Site::new();
    let answer = site.hear(&[
        host("a:9100", 1.0, Some(5.0), 998.0, 1000.0),
        host("b:9100", 1.0, Some(7.0), 940.0, 1000.0),
    ]);
    assert_eq!(names(&answer), ["a", "b"]);
    let apart = answer.parts[0].read_at.since(answer.parts[1].read_at);
    assert_eq!(apart.as_millis(), 58_000);
    assert_eq!(testing::lines(&answer.parts[1].readings), "Main total_bytes=7\n");
    let again = site.hear(&[
        host("a:9100", 1.0, Some(6.0), 1003.0, 1005.0),
        host("b:9100", 1.0, Some(7.0), 940.0, 1005.0),
    ]);
    assert_eq!(names(&again), ["a"], "what was not scraped again is not told again");
}

#[test]
fn who_is_down_says_so_and_who_is_no_host_is_none() {
    let mut site = Site::new();
    let mut other = host("cache:1", 1.0, None, 999.0, 1000.0);
    let mut dead = host("cache:2", 0.0, None, 999.0, 1000.0);
    other.iter_mut().chain(&mut dead).for_each(|(l, ..)| *l = l.replace("node", "cache"));
    let all = [
        host("a:9100", 1.0, Some(5.0), 998.0, 1000.0),
        host("b:9100", 0.0, None, 999.0, 1000.0),
        other,
        dead,
    ];
    let answer = site.hear(&all);
    assert_eq!(names(&answer), ["a"]);
    let failed: Vec<_> = answer.failed.iter().map(|(name, _)| &**name).collect();
    assert_eq!(failed, ["b"], "of the same job as a host that is understood");
    assert!(answer.failed[0].1.reason().contains("up is 0"));
    let answer = site.hear(&all[1..2]);
    assert_eq!(answer.failed[0].0.as_ref(), "b");
    assert!(answer.failed[1].1.reason().contains("no longer"), "{:?}", answer.failed);
}

#[test]
fn strangers_cannot_forge_a_sample() {
    let mut site = Site::new();
    let mut all = host("local", 1.0, None, 999.0, 1000.0);
    all.push((
        "\"__name__\":\"node_memory_MemTotal_bytes\",\"job\":\"node\",\"dc\":\"x\",\"instance\":\"local\",\
         \"x\":\"\\\"} 1\\nnode_memory_MemTotal_bytes 9\\n\""
            .to_owned(),
        1000.0,
        3.0,
    ));
    let answer = site.hear(&[all]);
    assert_eq!(names(&answer), ["local"], "core gives it another name: site/local");
    assert_eq!(testing::lines(&answer.parts[0].readings), "Main total_bytes=3\n");
}

/// A target with `up`, the moment of its scrape, and a sensor.
fn sensor(labels: &str, celsius: f64, scraped: f64, now: f64) -> Vec<(String, f64, f64)> {
    vec![
        (format!("\"__name__\":\"up\",{labels}"), now, 1.0),
        (format!("\"manytop\":\"taken\",{labels}"), now, scraped),
        (
            format!(
                "\"__name__\":\"manytop_temperature_celsius\",\"device\":\"x\",\"source\":\"local\",{labels}"
            ),
            now,
            celsius,
        ),
    ]
}

const BOTH: [Kind; 2] = [MEMORY, TEMPERATURE];

#[test]
fn each_target_of_a_host_has_its_own_clock() {
    let mut site = Site::new();
    let bmc = "\"job\":\"bmc\",\"instance\":\"a:9290\"";
    let all = [host("a:9100", 1.0, Some(5.0), 998.0, 1000.0), sensor(bmc, 40.0, 991.0, 1000.0)];
    let answer = site.hear_of(&BOTH, &all);
    assert_eq!(names(&answer), ["a"], "one host");
    let part = &answer.parts[0];
    let ages: Vec<_> = part
        .readings
        .iter()
        .map(|r| (r.kind, part.read_at.since(r.read_at.unwrap()).as_secs()))
        .collect();
    assert_eq!(ages.iter().find(|(kind, _)| *kind == MEMORY), Some(&(MEMORY, 0)));
    assert_eq!(ages.iter().find(|(kind, _)| *kind == TEMPERATURE), Some(&(TEMPERATURE, 7)));
    let before = part.readings.iter().find(|r| r.kind == MEMORY).unwrap().read_at;
    // one of them is scraped, the other is not: its reading is the same one again
    let all = [host("a:9100", 1.0, Some(5.0), 998.0, 1001.0), sensor(bmc, 41.0, 1001.0, 1001.0)];
    let answer = site.hear_of(&BOTH, &all);
    let again = answer.parts[0].readings.iter().find(|r| r.kind == MEMORY).unwrap().read_at;
    assert_eq!(again, before);
    assert!(site.hear_of(&BOTH, &all).parts.is_empty(), "neither was scraped since");
    // one of them cannot be scraped: the host is not down, and says so
    let dead = host("a:9100", 0.0, None, 1002.0, 1002.0);
    let answer = site.hear_of(&BOTH, &[dead, sensor(bmc, 41.0, 1002.0, 1002.0)]);
    assert!(answer.failed.is_empty());
    assert_eq!(answer.parts[0].left_out, ["job \"node\" at \"a:9100\" is not read: up is 0"]);
}

#[test]
fn an_instance_of_two_clusters_is_two_hosts_and_never_added_up() {
    let mut site = Site::new();
    let in_cluster = |name: &str, total| {
        let mut all = host("a:9100", 1.0, Some(total), 998.0, 1000.0);
        all.iter_mut().for_each(|(l, ..)| l.push_str(&format!(",\"cluster\":\"{name}\"")));
        all
    };
    let answer = site.hear(&[in_cluster("eu-1", 5.0), in_cluster("us-1", 7.0)]);
    assert_eq!(names(&answer), ["eu-1/a", "us-1/a"]);
    let lines = |nth: usize| testing::lines(&answer.parts[nth].readings);
    assert_eq!(
        (lines(0), lines(1)),
        ("Main total_bytes=5\n".into(), "Main total_bytes=7\n".into())
    );
    let label = |nth: usize, name: &str| {
        let labels = &answer.parts[nth].labels;
        labels.iter().find(|(label, _)| **label == *name).map(|(_, value)| value.to_string())
    };
    assert_eq!(label(1, "cluster").as_deref(), Some("us-1"));
    assert_eq!(label(1, "job").as_deref(), Some("node"));
}

#[test]
fn what_a_gateway_hands_on_has_no_up_and_the_time_of_its_samples() {
    let mut site = Site::new();
    let pushed = "\"job\":\"push\",\"instance\":\"b\"";
    let mut all = host("a:9100", 1.0, Some(5.0), 998.0, 1000.0);
    all.push((format!("\"__name__\":\"node_memory_MemTotal_bytes\",{pushed}"), 1000.0, 9.0));
    let all: Vec<_> = all.iter().map(|(l, a, v)| (l.as_str(), *a, *v)).collect();
    let body = vector(&all);
    let series = answer::read(body.as_bytes()).unwrap();
    let mut sampled = BTreeSet::new();
    let sorted = ScrapedTargets::sort(&series, None);
    assert!(sorted.add_sampled(&mut sampled), "one has no moment");
    assert_eq!(sampled, ["node_memory_MemTotal_bytes".to_owned()].into());
    assert!(!sorted.add_sampled(&mut sampled), "it is asked for");
    let stamped = format!("\"manytop\":\"sampled\",{pushed}");
    let sampled = vec![
        (stamped, 1000.0, 950.0),
        (
            "\"manytop\":\"sampled\",\"job\":\"node\",\"instance\":\"a:9100\"".to_owned(),
            1000.0,
            990.0,
        ),
    ];
    let own: Vec<_> = all.iter().map(|(l, a, v)| ((*l).to_owned(), *a, *v)).collect();
    let answer = site.hear(&[own, sampled]);
    assert_eq!(names(&answer), ["a", "b"]);
    assert_eq!(answer.parts[0].read_at.since(answer.parts[1].read_at).as_secs(), 48);
}

#[test]
fn pushes_without_an_instance_are_told_apart_by_their_own_labels() {
    let mut site = Site::new();
    let total = |labels: &str, value: f64| {
        (format!("\"__name__\":\"node_memory_MemTotal_bytes\",{labels}"), 1000.0, value)
    };
    let pushed = |host: &str| format!("\"job\":\"batch\",\"host\":\"{host}\"");
    let time = |host: &str, at| {
        (format!("\"__name__\":\"push_time_seconds\",{}", pushed(host)), 1000.0, at)
    };
    let all = vec![
        total(&pushed("b1"), 1.0),
        total(&pushed("b2"), 2.0),
        time("b1", 900.0),
        time("b2", 950.0),
        // a server without honor_labels
        total(
            "\"job\":\"pg\",\"instance\":\"pg:1\",\"exported_job\":\"x\",\"exported_instance\":\"c1\"",
            3.0,
        ),
        total(
            "\"job\":\"pg\",\"instance\":\"pg:1\",\"exported_job\":\"x\",\"exported_instance\":\"c2\"",
            4.0,
        ),
        ("\"manytop\":\"taken\",\"job\":\"pg\",\"instance\":\"pg:1\"".to_owned(), 1000.0, 999.0),
        ("\"__name__\":\"up\",\"job\":\"pg\",\"instance\":\"pg:1\"".to_owned(), 1000.0, 1.0),
    ];
    let answer = site.hear(&[all]);
    assert_eq!(names(&answer), ["b1", "b2"], "the exported ones have no time yet");
    assert_eq!(answer.parts[1].read_at.since(answer.parts[0].read_at).as_secs(), 50);
}
