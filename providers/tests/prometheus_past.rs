//! What a Prometheus server is asked when a person opens one of its hosts, over a real socket.

#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

mod server;

use manytop_core::{
    clock::Moment,
    inventory,
    options::Options,
    provider::{Build, PastRange, Plugin, Provider, Selection},
    start_clock, vocabulary as v,
};
use manytop_providers as _;
use server::{Server, ok};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const HOUR: Duration = Duration::from_secs(3600);
const HOST: &str = "web \"1\"";

fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

fn engine(address: &str) -> Box<dyn Provider> {
    engine_with(address, "5s")
}

fn engine_with(address: &str, refresh: &str) -> Box<dyn Provider> {
    let plugin = inventory::iter::<Plugin>.into_iter().find(|p| p.name() == "prometheus").unwrap();
    let options =
        Options::parse(plugin.specs(), &[("url", address), ("refresh", refresh)]).unwrap();
    match plugin.build() {
        Build::Polls(build) => build(&options).unwrap(),
        Build::Reads(_) => unreachable!(),
    }
}

/// The request: its head and its form.
fn request(stream: &mut dyn server::Stream) -> Option<String> {
    let mut all = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&all).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return String::from_utf8(all).ok();
            }
        }
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return None,
            Ok(n) => all.extend_from_slice(&part[..n]),
        }
    }
}

fn labels(metric: &str) -> String {
    format!(r#"{{"__name__":"{metric}","instance":"web \"1\"","job":"node"}}"#)
}

/// All that is asked for now: a memory, `up`, and the moment of the scrape.
fn instant(now: f64) -> String {
    let vector = |metric: &str, value: f64| {
        format!(r#"{{"metric":{},"value":[{now:.3},"{value}"]}}"#, labels(metric))
    };
    let mark = r#"{"instance":"web \"1\"","job":"node","manytop":"taken"}"#;
    format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{},{},{{"metric":{mark},"value":[{now:.3},"{now:.3}"]}}]}}}}"#,
        vector("gotop_memory_Main", 40.0),
        vector("up", 1.0),
    )
}

/// The hour before: a value each `step`.
fn matrix(end: f64) -> String {
    let points: Vec<String> = (1..=240)
        .map(|n| format!(r#"[{:.3},"{}"]"#, end - f64::from(n) * 15.0, n % 90))
        .rev()
        .collect();
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{},"values":[{}]}}]}}}}"#,
        labels("gotop_memory_Main"),
        points.join(",")
    )
}

struct Fake {
    server: Server,
    asked: Arc<Mutex<Vec<String>>>,
}

/// A number in the form of a request.
fn field(request: &str, name: &str) -> f64 {
    let form = request.split("\r\n\r\n").nth(1).unwrap();
    let fields = form.split('&').find_map(|field| field.strip_prefix(name));
    fields.unwrap_or_else(|| panic!("no {name} in {form}")).parse().unwrap()
}

impl Fake {
    fn new() -> Fake {
        Fake::answering(|request| matrix(field(request, "end=").min(seconds())))
    }

    /// A server that answers queries over a range so.
    fn answering(range: impl Fn(&str) -> String + Send + Sync + 'static) -> Fake {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let all = asked.clone();
        let server = Server::scripted(false, move |stream, _, _| {
            while let Some(request) = request(stream) {
                let is_range = request.starts_with("POST /api/v1/query_range ");
                let body = if is_range { range(&request) } else { instant(seconds()) };
                all.lock().unwrap().push(request);
                let answer = ok(&body).replace("Connection: close\r\n", "");
                if stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        });
        Fake { server, asked }
    }

    fn ranges(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|request| request.contains("query_range")).cloned().collect()
    }
}

/// Start, end and step of a query over a range.
fn bounds(request: &str) -> (f64, f64, f64) {
    (field(request, "start="), field(request, "end="), field(request, "step="))
}

fn opened(host: &str) -> Selection {
    let mut want = Selection::kinds(&[v::MEMORY]);
    want.set_past(PastRange { member: host.into(), span: HOUR, until: None });
    want
}

#[test]
fn the_hour_before_of_an_opened_host_is_one_bounded_query() {
    let fake = Fake::new();
    let mut engine = engine(&fake.server.url(""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut poll = |want: &Selection| runtime.block_on(engine.poll(want)).unwrap();
    let all = Selection::kinds(&[v::MEMORY]);
    (0..3).for_each(|_| drop(poll(&all)));
    assert_eq!(fake.ranges().len(), 0, "nobody has opened it");
    let answer = poll(&opened(HOST));
    let ranges = fake.ranges();
    assert_eq!(ranges.len(), 1);
    let form = &ranges[0];
    assert!(form.contains("instance%3D%7E%22web+%5C%221%5C%22%22"), "{form}");
    let (start, end, step) = bounds(form);
    assert!((end - start - 3600.0).abs() < 1.0 && (seconds() - end) < 20.0, "{form}");
    assert!((end - start) / step <= 240.0, "{form}");
    let parts = &answer.parts;
    assert!(parts.len() >= 230, "{} parts", parts.len());
    assert!(parts.iter().all(|part| part.member.as_deref() == Some(HOST)));
    assert!(parts.windows(2).all(|pair| pair[0].read_at < pair[1].read_at), "oldest first");
    assert!(answer.more, "the other hosts come at once after it");
    // it is asked once, and again when another was opened meanwhile
    (0..2).for_each(|_| drop(poll(&opened(HOST))));
    assert_eq!(fake.ranges().len(), 1);
    poll(&opened("another"));
    poll(&opened(HOST));
    assert_eq!(fake.ranges().len(), 3);
}

/// The hour before an instant.
fn before(until: Moment) -> Selection {
    let mut want = Selection::kinds(&[v::MEMORY]);
    want.set_past(PastRange { member: HOST.into(), span: HOUR, until: Some(until) });
    want
}

#[test]
fn the_hour_around_an_instant_is_one_bounded_query() {
    start_clock();
    let fake = Fake::new();
    let mut engine = engine(&fake.server.url(""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut poll = |want: &Selection| runtime.block_on(engine.poll(want)).unwrap();
    let yesterday = Moment::now().before(24 * HOUR);
    poll(&Selection::kinds(&[v::MEMORY]));
    let answer = poll(&before(yesterday));
    let ranges = fake.ranges();
    assert_eq!(ranges.len(), 1);
    let (start, end, step) = bounds(&ranges[0]);
    let ago = seconds() - end;
    assert!((86_400.0..86_430.0).contains(&ago), "{ago} s ago");
    assert!((end - start - 3600.0).abs() < 1.0 && (end - start) / step <= 240.0);
    let window = answer.window.unwrap();
    assert_eq!((&*window.member, window.until, window.span), (HOST, yesterday, HOUR));
    let parts = window.readings.unwrap();
    assert!(parts.len() >= 230, "{} parts", parts.len());
    assert!(parts.iter().all(|part| part.read_at <= yesterday && part.interval.is_some()));
    assert!(parts.windows(2).all(|pair| pair[0].read_at < pair[1].read_at), "oldest first");
    assert!(answer.parts.is_empty(), "none of it is of the present");
    // it is asked once, as long as that hour is wanted
    assert!(poll(&before(yesterday)).window.is_none());
    assert_eq!(fake.ranges().len(), 1);
    assert!(poll(&before(yesterday.before(HOUR))).window.is_some());
    assert_eq!(fake.ranges().len(), 2);
}

#[test]
fn why_an_hour_cannot_be_had_is_told_with_the_next_good_answer() {
    start_clock();
    let refused = r#"{"status":"error","errorType":"execution","error":"too many points"}"#;
    let fake = Fake::answering(move |_| refused.to_owned());
    let mut engine = engine(&fake.server.url(""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut poll = |want: &Selection| runtime.block_on(engine.poll(want)).unwrap();
    let wanted = before(Moment::now().before(2 * HOUR));
    poll(&Selection::kinds(&[v::MEMORY]));
    let window = poll(&wanted).window.unwrap();
    assert_eq!(window.readings, Err("too many points".to_owned()));
    assert!(poll(&wanted).window.is_none());
    assert_eq!(fake.ranges().len(), 1, "it is not asked again");
}

/// Polls, and returns how many queries that took.
fn queries(fake: &Fake, engine: &mut dyn Provider) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sent = || fake.asked.lock().unwrap().len();
    let before = sent();
    let answer = runtime.block_on(engine.poll(&Selection::kinds(&[v::MEMORY]))).unwrap();
    assert!(!answer.more, "the rest has time");
    sent() - before
}

#[test]
fn what_is_left_at_the_start_waits_for_the_next_interval() {
    let fake = Fake::new();
    let mut engine = engine_with(&fake.server.url(""), "60s");
    let each: Vec<usize> = (0..4).map(|_| queries(&fake, &mut *engine)).collect();
    assert_eq!(each, [3, 1, 1, 1]);
}

#[test]
fn graphs_are_filled_in_the_next_interval() {
    let fake = Fake::new();
    let mut engine = engine_with(&fake.server.url(""), "10ms");
    // the times of scrapes with the names, and the samples for graphs
    let spans = || {
        let asked = fake.asked.lock().unwrap();
        asked.iter().filter(|request| request.contains("s%5D&")).count()
    };
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while spans() < 2 {
        assert!(std::time::Instant::now() < until, "{} of 2", spans());
        assert!((1..=3).contains(&queries(&fake, &mut *engine)));
    }
    assert_eq!((queries(&fake, &mut *engine), spans()), (1, 2), "once each");
}
