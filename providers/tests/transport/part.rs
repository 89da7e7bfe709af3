//! A node_exporter that is asked for a part: what it says by collector, and refusals.

use super::*;

const CPU: &str = "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 9\n";
const MEMINFO: &str = "node_memory_MemTotal_bytes 100\n";
const LOADAVG: &str = "node_load1 1\n";

fn success(collector: &str) -> String {
    format!("node_scrape_collector_success{{collector=\"{collector}\"}} 1\n")
}

/// What a node_exporter with these three collectors and another answers.
fn body(head: &str) -> String {
    let all = [("cpu", CPU), ("loadavg", LOADAVG), ("meminfo", MEMINFO), ("arp", "")];
    let asked = asked(head);
    let part = all.iter().filter(|(name, _)| asked.is_empty() || asked.contains(name));
    part.map(|(name, lines)| format!("{lines}{}", success(name))).collect()
}

/// The collectors that a request names.
fn asked(head: &str) -> Vec<&str> {
    let target = head.split(' ').nth(1).unwrap();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.strip_prefix("collect%5B%5D=")).collect()
}

/// The targets of all requests so far, shortened.
fn questions(server: &Server) -> Vec<String> {
    let heads = server.heads();
    heads.iter().map(|head| asked(head).join("+")).collect()
}

fn wanting(remote: &mut Box<dyn Provider>, kinds: &[manytop_core::reading::Kind]) -> PollResult {
    block_on(remote.poll(&Selection::kinds(kinds))).unwrap()
}

#[test]
fn only_what_is_wanted_after_the_first_whole_answer_and_at_once_when_that_changes() {
    let server = Server::new(|head| ok(&body(head)).into());
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    let first = wanting(&mut remote, &[v::CPU]);
    let second = wanting(&mut remote, &[v::CPU]);
    assert_eq!(first.parts[0].readings, second.parts[0].readings);
    assert_eq!(second.parts[0].dialects, ["node_exporter"]);
    wanting(&mut remote, &[v::MEMORY, v::HOST]);
    let both = wanting(&mut remote, &[v::CPU, v::MEMORY]);
    assert_eq!(devices(&both), ["CPU0", "Main"]);
    // `stat`, `uname` and others carry what is known of a host, too, but are not switched on here.
    assert_eq!(questions(&server), ["", "cpu", "loadavg+meminfo", "cpu+meminfo"]);
    assert!(server.heads()[1].starts_with("GET /metrics?collect%5B%5D=cpu HTTP/1.1\r\n"));
}

#[test]
fn a_kind_that_is_not_there_is_no_reason_to_ask_for_more() {
    let server = Server::new(|head| ok(&(body(head) + &success("hwmon"))).into());
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    for _ in 0..3 {
        assert!(wanting(&mut remote, &[v::TEMPERATURE]).parts[0].readings.is_empty());
    }
    assert_eq!(questions(&server), ["", "hwmon", "hwmon"]);
}

/// A server that answers questions for a part by `part`: what it was asked in four polls, all of
/// which must come with all that is wanted.
fn four_polls(part: fn() -> Vec<u8>) -> Vec<String> {
    let server = Server::new(move |head| match asked(head).is_empty() {
        true => ok(&body(head)).into(),
        false => part(),
    });
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    for _ in 0..4 {
        assert_eq!(devices(&wanting(&mut remote, &[v::CPU])), ["CPU0"]);
    }
    questions(&server)
}

#[test]
fn a_refusal_is_made_good_in_the_same_poll_and_ends_it() {
    let once = ["", "cpu", "", "", ""];
    assert_eq!(four_polls(|| status("400 Bad Request").into()), once);
    assert_eq!(four_polls(|| status("404 Not Found").into()), once);
    assert_eq!(four_polls(|| ok("").into()), once, "nothing");
    assert_eq!(four_polls(|| ok("<html>").into()), once, "another page");
    assert_eq!(four_polls(|| ok(&success("cpu")).into()), once, "not what was asked for");
    assert_eq!(four_polls(Vec::new), once, "the connection is closed");
}

#[test]
fn a_server_that_was_down_or_begun_anew_has_refused_nothing() {
    // By request: the whole, then a part that fails with the whole that would tell why.
    let down = std::cell::Cell::new(0);
    let server = Server::new(move |head| {
        down.set(down.get() + 1);
        match down.get() {
            2 | 3 => status("502 Bad Gateway").into(),
            // Another set of collectors, after a part was served.
            6 => status("400 Bad Request").into(),
            _ => ok(&body(head)).into(),
        }
    });
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    wanting(&mut remote, &[v::CPU]);
    let failure = block_on(remote.poll(&Selection::kinds(&[v::CPU]))).unwrap_err();
    assert!(failure.reason().starts_with("502 at /metrics"), "{failure}");
    for _ in 0..4 {
        wanting(&mut remote, &[v::CPU]);
    }
    assert_eq!(questions(&server), ["", "cpu", "", "", "cpu", "cpu", "", "cpu"]);
}

#[test]
fn a_question_without_an_answer_is_not_asked_again() {
    let server = Server::new(|head| match asked(head).is_empty() {
        true => ok(&body(head)).into(),
        false => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".into(),
    });
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    let want = Selection::kinds(&[v::CPU]);
    block_on(async {
        remote.poll(&want).await.unwrap();
        // Given up by core before anything came.
        assert!(!begun(remote.poll(&want)).await);
        for _ in 0..2 {
            remote.poll(&want).await.unwrap();
        }
    });
    let seen = questions(&server);
    assert!(matches!(seen.iter().filter(|q| *q == "cpu").count(), 0 | 1), "{seen:?}");
    assert_eq!(seen[seen.len() - 2..], ["", ""]);
}

/// Begins a poll and gives it up; whether it was done.
async fn begun(mut poll: manytop_core::provider::Polling<'_>) -> bool {
    std::future::poll_fn(|c| std::task::Poll::Ready(poll.as_mut().poll(c).is_ready())).await
}

#[test]
fn what_is_not_a_node_exporter_alone_is_asked_for_everything() {
    for other in [GOTOP, "manytop_cpu_busy_seconds_total{source=\"local\",device=\"CPU0\"} 7\n"] {
        let server = Server::new(move |head| ok(&(body(head) + other)).into());
        let mut remote = remote(&[("url", &server.url("/metrics"))]);
        for _ in 0..3 {
            wanting(&mut remote, &[v::CPU]);
        }
        assert_eq!(questions(&server), ["", "", ""]);
    }
    let server = Server::always(ok(GOTOP));
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    for _ in 0..3 {
        wanting(&mut remote, &[v::CPU]);
    }
    assert!(server.heads().iter().all(|head| head.starts_with("GET /metrics HTTP")));
}

#[test]
fn a_query_of_its_own_stays_as_it_is() {
    for query in ["?", "?collect[]=cpu&collect[]=meminfo", "?target=x"] {
        let server = Server::new(|head| ok(&body(head)).into());
        let url = server.url(&format!("/metrics{query}"));
        let mut remote = remote(&[("url", &url)]);
        for _ in 0..3 {
            wanting(&mut remote, &[v::MEMORY]);
        }
        let own = format!("GET /metrics{query} HTTP/1.1\r\n");
        assert!(server.heads().iter().all(|head| head.starts_with(&own)), "{own}");
    }
}

#[test]
fn where_all_is_wanted_nothing_is_named() {
    let all = ["cpu", "meminfo"].map(success).concat() + CPU + MEMINFO;
    let server = Server::always(ok(&all));
    let mut remote = remote(&[("url", &server.url("/metrics"))]);
    for kinds in [&[v::CPU, v::MEMORY][..], &[v::CPU, v::MEMORY], &[v::CPU]] {
        wanting(&mut remote, kinds);
    }
    assert_eq!(questions(&server), ["", "", "cpu"]);
}
