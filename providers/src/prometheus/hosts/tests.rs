//! What becomes of a server's answers, host by host.

use super::*;
use crate::prometheus::answer;
use manytop_core::{testing, vocabulary::MEMORY};

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

struct Site(Hosts);

impl Site {
    fn new() -> Site {
        let lexicon = Arc::new(Lexicon::new().unwrap());
        let mut hosts = Hosts::new(lexicon, false, Duration::from_secs(5));
        hosts.set_clock(1000.0, Moment::now());
        Site(hosts)
    }

    fn hear(&mut self, hosts: &[Vec<(String, f64, f64)>]) -> Answer {
        let all: Vec<_> = hosts.concat();
        let all: Vec<_> = all.iter().map(|(l, a, v)| (l.as_str(), *a, *v)).collect();
        let (body, mut answer) = (vector(&all), Answer::default());
        let series = answer::read(body.as_bytes()).unwrap();
        self.0.take(&series, &Want::kinds(&[MEMORY]), false, &mut answer);
        answer
    }
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.parts.iter().filter_map(|p| p.member.as_deref()).collect()
}

#[test]
fn each_instance_is_a_source_as_old_as_its_own_scrape() {
    let mut site = Site::new();
    let answer = site.hear(&[
        host("a:9100", 1.0, Some(5.0), 998.0, 1000.0),
        host("b:9100", 1.0, Some(7.0), 940.0, 1000.0),
    ]);
    assert_eq!(names(&answer), ["a:9100", "b:9100"]);
    let apart = answer.parts[0].taken.since(answer.parts[1].taken);
    assert_eq!(apart.as_millis(), 58_000);
    assert_eq!(testing::lines(&answer.parts[1].readings), "Main total_bytes=7\n");
    let again = site.hear(&[
        host("a:9100", 1.0, Some(6.0), 1003.0, 1005.0),
        host("b:9100", 1.0, Some(7.0), 940.0, 1005.0),
    ]);
    assert_eq!(names(&again), ["a:9100"], "what was not scraped again is not told again");
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
    assert_eq!(names(&answer), ["a:9100"]);
    let failed: Vec<_> = answer.failed.iter().map(|(name, _)| &**name).collect();
    assert_eq!(failed, ["b:9100"], "of the same job as a host that is understood");
    assert!(answer.failed[0].1.reason().contains("up is 0"));
    let answer = site.hear(&all[1..2]);
    assert_eq!(answer.failed[0].0.as_ref(), "b:9100");
    assert!(answer.failed[1].1.reason().contains("no longer"), "{:?}", answer.failed);
}

#[test]
fn strangers_cannot_forge_a_sample_or_take_this_machines_name() {
    let mut site = Site::new();
    let mut all = host("local", 1.0, None, 999.0, 1000.0);
    all.push((
        "\"__name__\":\"node_memory_MemTotal_bytes\",\"instance\":\"local\",\
         \"x\":\"\\\"} 1\\nnode_memory_MemTotal_bytes 9\\n\""
            .to_owned(),
        1000.0,
        3.0,
    ));
    let answer = site.hear(&[all]);
    assert_eq!(names(&answer), ["instance local"]);
    assert_eq!(testing::lines(&answer.parts[0].readings), "Main total_bytes=3\n");
}
