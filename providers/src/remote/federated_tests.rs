//! Bodies of several targets.

use super::*;
use crate::remote::body_decoder::BodyDecoder;
use manytop_plugin::{
    testing,
    vocabulary::{MEMORY, TEMPERATURE},
};

struct Gateway(BodyDecoder);

impl Gateway {
    fn new() -> Gateway {
        let catalog = Arc::new(DialectCatalog::new().unwrap());
        Gateway(BodyDecoder::new(ScrapeParser::new(catalog, false)))
    }

    /// Asks as often as the answers say that there is more.
    fn read(&mut self, body: &str, now: u64) -> PollResult {
        let want = Selection::kinds(&[MEMORY, TEMPERATURE]);
        for _ in 0..3 {
            self.0.begin();
            body.as_bytes().chunks(11).for_each(|chunk| self.0.feed(chunk));
            let at = (1_800_000_000.0 + now as f64, Moment::from_secs(now));
            let (_, answer) = self.0.end(&want, at);
            let answer = answer.expect("a body of several targets");
            if !answer.more {
                return answer;
            }
        }
        panic!("there is always more");
    }
}

fn total(labels: &str, value: u32, stamp: &str) -> String {
    format!("node_memory_MemTotal_bytes{{{labels}}} {value}{stamp}\n")
}

/// Name, age and readings of each part.
fn parts(answer: &PollResult, now: u64) -> Vec<(String, u64, String)> {
    let one = |part: &manytop_plugin::reading::SourceReadings| {
        let age = Moment::from_secs(now).since(part.read_at).as_secs();
        (part.member.as_deref().unwrap().to_owned(), age, testing::lines(&part.readings))
    };
    answer.parts.iter().map(one).collect()
}

#[test]
fn two_hosts_are_two_sources_each_as_old_as_its_timestamps() {
    let mut gateway = Gateway::new();
    let body = |stamp: &str| {
        total("instance=\"web1:9100\",job=\"node\"", 5, stamp)
            + &total("instance=\"web2:9100\",job=\"node\"", 7, " 1800000090000")
    };
    let answer = gateway.read(&body(" 1800000098000"), 100);
    let line = |total: u32| format!("Main total_bytes={total}\n");
    assert_eq!(parts(&answer, 100), [("web1".into(), 2, line(5)), ("web2".into(), 10, line(7))]);
    let answer = gateway.read(&body(" 1800000103000"), 104);
    assert_eq!(parts(&answer, 104), [("web1".into(), 1, line(5))], "the other is as it was");
    assert_eq!(answer.parts[0].interval, Some(Duration::from_secs(5)));
    let answer =
        gateway.read(&total("instance=\"web2:9100\",job=\"node\"", 7, " 1800000104000"), 105);
    assert_eq!(answer.gone, ["web1".into()]);
}

#[test]
fn without_times_it_is_read_now() {
    let mut gateway = Gateway::new();
    let body = total("instance=\"web1:9100\",job=\"node\"", 5, "");
    assert_eq!(parts(&gateway.read(&body, 100), 100)[0].1, 0);
    let again = gateway.read(&body, 103);
    assert_eq!(parts(&again, 103)[0].1, 0);
    assert_eq!(again.parts[0].interval, None);
}

#[test]
fn one_instance_of_two_clusters_is_two_sources() {
    let mut gateway = Gateway::new();
    let body = total("cluster=\"eu\",instance=\"a:1\",job=\"node\"", 5, "")
        + &total("cluster=\"us\",instance=\"a:1\",job=\"node\"", 7, "");
    let all = parts(&gateway.read(&body, 100), 100);
    let names: Vec<_> =
        all.iter().map(|(name, _, lines)| (name.as_str(), lines.as_str())).collect();
    assert_eq!(names, [("eu/a", "Main total_bytes=5\n"), ("us/a", "Main total_bytes=7\n")]);
}

#[test]
fn what_was_pushed_is_as_old_as_the_push_and_split_by_its_grouping_key() {
    let mut gateway = Gateway::new();
    let body = "go_goroutines 9\n".to_owned()
        + &total("host=\"a\",instance=\"\",job=\"node\"", 5, "")
        + &total("host=\"b\",instance=\"\",job=\"node\"", 7, "")
        + "push_time_seconds{host=\"a\",instance=\"\",job=\"node\"} 1800000060\n\
           push_time_seconds{host=\"b\",instance=\"\",job=\"node\"} 1.80000009e+09\n\
           pushgateway_build_info{version=\"1\"} 1\n";
    let answer = gateway.read(&body, 100);
    let line = |total: u32| format!("Main total_bytes={total}\n");
    assert_eq!(parts(&answer, 100), [("a".into(), 40, line(5)), ("b".into(), 10, line(7))]);
    assert!(gateway.read(&body, 120).parts.is_empty(), "nothing was pushed since");
}

#[test]
fn targets_of_one_host_have_their_own_clocks() {
    let mut gateway = Gateway::new();
    let body = total("instance=\"a:9100\",job=\"node\"", 5, " 1800000098000")
        + "manytop_temperature_celsius{source=\"local\",device=\"x\",instance=\"a:9290\",job=\"bmc\"} 40 1800000091000\n";
    let answer = gateway.read(&body, 100);
    assert_eq!(answer.parts.len(), 1);
    let ages: Vec<_> = answer.parts[0]
        .readings
        .iter()
        .map(|r| Moment::from_secs(100).since(r.read_at.unwrap()).as_secs())
        .collect();
    assert_eq!(ages.len(), 2);
    assert!(ages.contains(&2) && ages.contains(&9), "{ages:?}");
}

#[test]
fn a_target_that_cannot_be_scraped_is_down() {
    let mut gateway = Gateway::new();
    let up = |value: u8| format!("up{{instance=\"a:9100\",job=\"node\"}} {value} 1800000098000\n");
    let body = total("instance=\"a:9100\",job=\"node\"", 5, " 1800000098000");
    assert_eq!(gateway.read(&(body + &up(1)), 100).parts.len(), 1);
    // the same address without any wanted line of it
    let other = total("instance=\"b:9100\",job=\"node\"", 5, " 1800000098000");
    let answer = gateway.read(&(other + &up(0)), 101);
    assert_eq!(answer.failed[0].0.as_ref(), "a");
    assert!(answer.failed[0].1.reason().contains("up is 0"));
}

#[test]
fn strangers_forge_no_line() {
    let mut gateway = Gateway::new();
    let body = total(
        "instance=\"a\",job=\"node\",x=\"\\\"} 1\\nnode_memory_MemTotal_bytes{instance=\\\"b\\\",job=\\\"n\\\"} 9\"",
        3,
        "",
    );
    let all = parts(&gateway.read(&body, 100), 100);
    assert_eq!(all, [("a".into(), 0, "Main total_bytes=3\n".into())]);
}

#[test]
fn a_body_that_holds_no_targets_any_more_is_one_of_its_own() {
    let mut gateway = Gateway::new();
    gateway.read(&total("instance=\"a\",job=\"node\"", 3, ""), 100);
    gateway.0.begin();
    gateway.0.feed(total("", 3, "").replace("{}", "").as_bytes());
    let want = Selection::kinds(&[MEMORY]);
    let (own, answer) = gateway.0.end(&want, (1_800_000_101.0, Moment::from_secs(101)));
    assert_eq!(testing::lines(&own.readings), "Main total_bytes=3\n");
    assert_eq!(answer.unwrap().gone, ["a".into()]);
}

#[test]
fn a_label_of_a_value_is_not_a_target() {
    assert!(is_of_target(b"x{instance=\"a\",job=\"b\"} "));
    assert!(is_of_target(b"x{job=\"b\", instance=\"\"} "));
    assert!(!is_of_target(b"x{my_job=\"b\",instance=\"a\"} "));
    assert!(!is_of_target(b"x{instance=\"a\"} "));
}

#[test]
fn without_times_of_pushes_the_labels_that_all_lines_have_tell_targets_apart() {
    let mut gateway = Gateway::new();
    let of = |host: &str, total: u32| {
        let labels = format!("host=\"{host}\",instance=\"\",job=\"batch\"");
        format!(
            "node_memory_MemTotal_bytes{{{labels}}} {total}\nnode_hwmon_temp_celsius{{chip=\"c\",sensor=\"s\",{labels}}} 40\n"
        )
    };
    let all = parts(&gateway.read(&(of("b1", 1) + &of("b2", 2)), 100), 100);
    let names: Vec<_> = all.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["b1", "b2"]);
    assert!(all[1].2.contains("total_bytes=2") && all[1].2.contains("celsius=40"), "{all:?}");
    // others come later
    let other = (of("c1", 3) + &of("c2", 4)).replace("batch", "late");
    let all = parts(&gateway.read(&(of("b1", 1) + &of("b2", 2) + &other), 101), 101);
    let names: Vec<_> = all.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["b1", "b2", "c1", "c2"]);
}
