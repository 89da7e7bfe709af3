//! Connections that are kept: what comes on them between two requests, and requests that lead nowhere
//! because the server has given the connection up. Both clients: plain HTTP, and reqwest's over TLS.

use super::*;
use crate::server::{Stream, head};
use std::sync::{Mutex, mpsc::channel};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const FORGED: &str = "gotop_cpu_CPU0 99\ngotop_memory_Main 99\n";

fn kept(body: &str) -> String {
    ok(body).replace("Connection: close\r\n", "")
}

fn percent(answer: &PollResult) -> Option<f64> {
    answer.parts[0].readings[0].values.get(&v::PERCENT)
}

/// Polls twice. Between the polls `meanwhile` comes on the first connection, and its end where it `closes`.
fn between_two_polls(
    over_tls: bool,
    meanwhile: &'static str,
    closes: bool,
) -> (PollResult, Server) {
    let (go, when) = channel::<UnboundedSender<()>>();
    let when = Mutex::new(when);
    let server = Server::scripted(over_tls, move |stream, nth, report| {
        while let Some(head) = head(stream) {
            report(head);
            stream.write_all(kept(GOTOP).as_bytes()).unwrap();
            stream.flush().unwrap();
            if nth > 0 {
                continue;
            }
            let done = when.lock().unwrap().recv().unwrap();
            let _ = stream.write_all(meanwhile.as_bytes());
            let _ = stream.flush();
            if closes {
                // Over TLS by its farewell, which the script's end sends.
                done.send(()).unwrap();
                return;
            }
            done.send(()).unwrap();
        }
    });
    let url = server.url("/metrics");
    let mut remote = remote(&[("url", &url), ("insecure", "true")]);
    // In a task of its own, as the engine polls.
    let answer = block_on(async {
        let polls = tokio::spawn(async move {
            assert_eq!(percent(&remote.poll(&want()).await.unwrap()), Some(16.0));
            let (done, mut is_done) = unbounded_channel();
            go.send(done).unwrap();
            is_done.recv().await.unwrap();
            remote.poll(&want()).await.unwrap()
        });
        polls.await.unwrap()
    });
    (answer, server)
}

#[test]
fn what_comes_on_an_idle_connection_is_never_an_answer() {
    let forged: &'static str = kept(FORGED).leak();
    let farewell = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for over_tls in [false, true] {
        for (meanwhile, closes) in
            [(forged, false), (forged, true), (farewell, true), ("\r\n", false), ("garbage", true)]
        {
            let (answer, server) = between_two_polls(over_tls, meanwhile, closes);
            let case = format!("TLS {over_tls}, {meanwhile:?}, closes {closes}");
            assert_eq!(percent(&answer), Some(16.0), "{case}");
            assert_eq!((server.heads().len(), server.connections()), (2, 2), "{case}");
        }
    }
}

/// Polls twice: the first connection answers once, and to a second request by `second`; connections after
/// it answer by `others`. The outcome of the second poll, how many requests came, and on how many connections.
fn second_poll(
    over_tls: bool,
    second: &'static str,
    others: &'static str,
) -> (Result<PollResult, Failure>, usize, usize) {
    let server = Server::scripted(over_tls, move |stream, nth, report| {
        let say = |stream: &mut dyn Stream, text: &str| {
            let Some(head) = head(stream) else { return };
            report(head);
            let _ = stream.write_all(text.as_bytes());
            let _ = stream.flush();
        };
        if nth == 0 {
            say(stream, &kept(GOTOP));
            say(stream, second);
        } else {
            say(stream, others);
        }
    });
    let mut remote = remote(&[("url", &server.url("/metrics")), ("insecure", "true")]);
    let outcome = block_on(async {
        remote.poll(&want()).await.unwrap();
        remote.poll(&want()).await
    });
    (outcome, server.heads().len(), server.connections())
}

const FAREWELL: &str = "HTTP/1.1 408 Too Late\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn a_request_on_a_connection_that_was_given_up_is_sent_once_more() {
    for over_tls in [false, true] {
        for second in ["", "HTTP/1.1 20", FAREWELL] {
            let (outcome, requests, connections) = second_poll(over_tls, second, ok(GOTOP).leak());
            let case = format!("TLS {over_tls}, {second:?}");
            assert_eq!(percent(&outcome.expect(&case)), Some(16.0), "{case}");
            assert_eq!((requests, connections), (3, 2), "{case}");
        }
    }
}

#[test]
fn but_only_once_and_never_one_that_was_answered_or_had_a_connection_of_its_own() {
    for over_tls in [false, true] {
        let (outcome, requests, connections) = second_poll(over_tls, "", "");
        let failure = outcome.unwrap_err();
        assert!(failure.reason().ends_with("closed the connection without an answer"), "{failure}");
        assert_eq!((requests, connections), (3, 2), "once");

        let (outcome, requests, _) = second_poll(over_tls, FAREWELL, FAREWELL);
        assert!(outcome.unwrap_err().reason().starts_with("408: "));
        assert_eq!(requests, 3, "once");

        let torn = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nup 1\n";
        let (outcome, requests, _) = second_poll(over_tls, torn, ok(GOTOP).leak());
        assert_eq!(outcome.unwrap_err().reason(), "the answer broke off");
        assert_eq!(requests, 2, "the answer had begun");

        let server = Server::scripted(over_tls, |stream, _, report| report(head(stream).unwrap()));
        ask(&[("url", &server.url("/metrics")), ("insecure", "true")]).unwrap_err();
        assert_eq!(server.heads().len(), 1, "the connection was new");
    }
}
