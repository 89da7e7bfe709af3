//! Which targets become one source, and its name.

use super::*;

fn target(labels: &str) -> TargetLabels {
    TargetLabels::new(labels.split(' ').filter_map(|pair| pair.split_once('=')))
}

fn assigned(names: &mut SourceNames, targets: &[&str]) -> Vec<String> {
    let targets: Vec<_> = targets.iter().map(|labels| target(labels)).collect();
    names.assign(targets.iter()).iter().map(|name| name.to_string()).collect()
}

fn plain(targets: &[&str]) -> Vec<String> {
    assigned(&mut SourceNames::default(), targets)
}

#[test]
fn the_jobs_of_a_host_are_one_source_without_a_port() {
    let all = plain(&[
        "job=node instance=web1:9100",
        "job=cadvisor instance=web1:8080",
        "job=node instance=web2:9100",
    ]);
    assert_eq!(all, ["web1", "web1", "web2"]);
    let kubelet = plain(&[
        "job=kubelet instance=web1:10250 metrics_path=/metrics",
        "job=kubelet instance=web1:10250 metrics_path=/metrics/cadvisor",
        "job=node instance=web1:9100 namespace=monitoring pod=node-x",
    ]);
    assert_eq!(kubelet, ["web1", "web1", "web1"]);
}

#[test]
fn several_targets_of_one_job_behind_one_address_are_several_hosts() {
    let all = plain(&[
        "job=node instance=gate:9101",
        "job=node instance=gate:9102",
        "job=cadvisor instance=gate:8080",
    ]);
    assert_eq!(all, ["gate:9101", "gate:9102", "gate"]);
    let labels = plain(&["job=node instance=a:1 team=x", "job=node instance=a:1 team=y"]);
    assert_eq!(labels, ["x/a", "y/a"]);
}

#[test]
fn an_instance_of_two_clusters_is_two_sources() {
    let all = plain(&[
        "job=node instance=web1:9100 cluster=eu-1",
        "job=node instance=web1:9100 cluster=us-1",
        "job=cadvisor instance=web1:8080 cluster=us-1",
        "job=node instance=web2:9100 cluster=us-1",
    ]);
    assert_eq!(all, ["eu-1/web1", "us-1/web1", "us-1/web1", "web2"]);
    let sparse = plain(&[
        "job=node instance=a:1 cluster=eu dc=x",
        "job=ipmi instance=a:2",
        "job=c instance=a:3 dc=x",
    ]);
    assert_eq!(sparse, ["a", "a", "a"], "one site is known");
}

#[test]
fn a_known_host_keeps_its_name_when_another_of_it_comes() {
    let mut names = SourceNames::default();
    let first = "job=node instance=web1:9100 cluster=eu";
    assert_eq!(assigned(&mut names, &[first]), ["web1"]);
    let second = "job=node instance=web1:9100 cluster=us";
    assert_eq!(assigned(&mut names, &[second, first]), ["us/web1", "web1"]);
    assert_eq!(assigned(&mut names, &[first]), ["web1"]);
    assert!(names.is_given("us/web1") && !names.is_given("web2"));
}

#[test]
fn a_machines_name_tells_more_than_an_address() {
    let mut names = SourceNames::default();
    let targets = [
        "job=node instance=10.0.0.1:9100",
        "job=cadvisor instance=10.0.0.1:8080",
        "job=node instance=10.0.0.2:9100",
        "job=node instance=10.0.0.3:9100",
        "job=node instance=web4:9100",
        "job=node instance=10.0.0.5:9100 node=five",
    ];
    assert!(names.is_bare(&target(targets[0])) && !names.is_bare(&target(targets[4])));
    let learnt = [
        ("node_uname_info", "job=node instance=10.0.0.1:9100 nodename=one"),
        ("kube_node_info", "job=ksm instance=10.9.9.9:80 internal_ip=10.0.0.2 node=two"),
        ("node_uname_info", "job=node instance=10.0.0.3:9100 nodename=localhost.localdomain"),
        ("node_uname_info", "job=node instance=web4:9100 nodename=four"),
        ("node_load1", "job=node instance=web4:9100 nodename=x"),
    ];
    let news: Vec<_> = learnt.iter().map(|(m, labels)| names.learn(m, &target(labels))).collect();
    assert_eq!(news, [true, true, true, true, false]);
    let all = assigned(&mut names, &targets);
    assert_eq!(all, ["one", "one", "two", "10.0.0.3", "web4", "five"]);
}

#[test]
fn equal_names_of_machines_are_not_used() {
    let mut names = SourceNames::default();
    for instance in ["10.0.0.1:9100", "10.0.0.2:9100"] {
        names.learn("node_uname_info", &target(&format!("instance={instance} nodename=vm")));
    }
    let all =
        assigned(&mut names, &["job=n instance=10.0.0.1:9100", "job=n instance=10.0.0.2:9100"]);
    assert_eq!(all, ["10.0.0.1", "10.0.0.2"]);
}

#[test]
fn a_template_names_hosts() {
    let named = |template: &str, targets: &[&str]| {
        let template = NameTemplate::parse(template).unwrap();
        assigned(&mut SourceNames::new(Some(template)), targets)
    };
    let targets = ["job=node instance=web1:9100 cluster=eu", "job=c instance=web1:8080 cluster=eu"];
    assert_eq!(named("{cluster}-{host}", &targets), ["eu-web1", "eu-web1"]);
    assert_eq!(named("{instance}", &targets), ["web1:9100", "web1:8080"]);
    assert_eq!(named("{missing}", &targets), ["web1", "web1"], "nothing is left of the name");
    let mut names = SourceNames::new(Some(NameTemplate::parse("{cluster}-{host}").unwrap()));
    names.learn("node_uname_info", &target("instance=10.0.0.1:9100 cluster=eu nodename=one"));
    let address = "job=node instance=10.0.0.1:9100 cluster=eu";
    assert_eq!(assigned(&mut names, &[address]), ["eu-one"]);
    let same =
        named("{cluster}", &["job=n instance=a:1 cluster=eu", "job=n instance=b:1 cluster=eu"]);
    assert_eq!(same, ["a:1", "b:1"], "two hosts are never one");
}

#[test]
fn names_are_cleaned_and_never_equal() {
    let all = plain(&["job=node instance=a\u{1b}b:1", "job=x instance=a\u{200b}b:1"]);
    assert!(all.iter().all(|name| !name.contains(['\u{1b}', '\u{200b}'])), "{all:?}");
    assert_ne!(all[0], all[1]);
}
