//! The server: connections under caps and deadlines, and what is answered to which request.

use super::{
    deadlines::{ConnectionTimeouts, Deadlines},
    protobuf,
    scrape::Scraper,
};
use crate::exporter::{
    connections::{ClientPlace, ConnectionLimiter, Phase},
    rate_limit::RateLimiter,
};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Bytes},
    header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    pin, select,
    sync::{mpsc, watch},
    task::yield_now,
    time::{Instant, sleep, sleep_until},
};

const LIMITS: ConnectionTimeouts = ConnectionTimeouts {
    idle: Duration::from_secs(120),
    head: Duration::from_secs(5),
    answer: Duration::from_secs(10),
};
/// Connections at a time, of all peers and of one address.
pub const MOST: usize = 256;
/// See [`MOST`].
pub const MOST_OF_ONE: usize = 128;
/// A request needs no more for its head; of an answer nothing is kept.
const BUFFER: usize = 16 * 1024;
/// How long is waited when the system is out of descriptors.
const OUT_OF_BREATH: Duration = Duration::from_millis(10);

/// The prefix of the header by which Prometheus says how long it waits.
const PATIENCE: &str = "x-prometheus-scrape-timeout-seconds";

type HttpReply = Response<Full<Bytes>>;

/// Takes connections until told to stop. `busy` is dropped with the last of them.
pub async fn serve(
    listener: std::net::TcpListener,
    scraper: Arc<Scraper>,
    places: Arc<ConnectionLimiter>,
    stop: watch::Receiver<bool>,
    busy: mpsc::Sender<()>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut stopped = stop.clone();
    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let place = select! {
                    place = ConnectionLimiter::take(&places, peer.ip()) => place,
                    _ = stopped.wait_for(|stop| *stop) => return,
                };
                if let Some(place) = place {
                    let (scraper, stop, busy) = (scraper.clone(), stop.clone(), busy.clone());
                    tokio::spawn(async move {
                        connection(stream, place, scraper, stop).await;
                        drop(busy);
                    });
                    // what it has asked already is read before the next one may want its place
                    yield_now().await;
                }
            }
            Err(_) => {
                places.spare();
                sleep(OUT_OF_BREATH).await;
            }
        }
    }
}

/// Serves one connection to its end. A request under way is answered before it stops.
async fn connection(
    stream: TcpStream,
    place: ClientPlace,
    scraper: Arc<Scraper>,
    mut stop: watch::Receiver<bool>,
) {
    let standing = place.standing().clone();
    let stream = Deadlines::new(stream, LIMITS, standing.clone());
    let pace = RateLimiter::new(Instant::now());
    let service = service_fn(|request: Request<_>| {
        let turn = pace.turn(Instant::now());
        standing.enter(if turn.is_some() { Phase::Turn } else { Phase::Making });
        let (scraper, standing) = (&scraper, &standing);
        async move {
            if let Some(turn) = turn {
                sleep_until(turn).await;
                standing.enter(Phase::Making);
            }
            Ok::<_, Infallible>(answer(&request, scraper).await)
        }
    });
    let served = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    pin!(served);
    let stopping = select! {
        _ = served.as_mut() => false, // a connection that breaks is its peer's affair
        _ = place.is_lost() => false,
        _ = stop.wait_for(|stop| *stop) => true,
    };
    if stopping && matches!(standing.phase(), Phase::Turn | Phase::Making | Phase::Reply) {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}

async fn answer<B: Body>(request: &Request<B>, scraper: &Scraper) -> HttpReply {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n");
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    match request.uri().path() {
        "/metrics" => {
            let patience = request.headers().get(PATIENCE).and_then(|v| v.to_str().ok());
            match scraper.scrape(patience.and_then(|s| s.parse().ok())).await {
                Ok(page) if prefers_protobuf(request) => {
                    let page = protobuf::encode(&String::from_utf8_lossy(&page));
                    of_type(StatusCode::OK, protobuf::TYPE, page)
                }
                Ok(page) => {
                    let kind = "text/plain; version=0.0.4; charset=utf-8";
                    of_type(StatusCode::OK, kind, page)
                }
                Err(why) => text(StatusCode::SERVICE_UNAVAILABLE, why),
            }
        }
        "/-/healthy" => text(StatusCode::OK, "manytop is healthy\n"),
        "/" => of_type(StatusCode::OK, "text/html; charset=utf-8", HOME.to_owned()),
        _ => text(StatusCode::NOT_FOUND, "there is /metrics, /-/healthy and /\n"),
    }
}

fn prefers_protobuf<B>(request: &Request<B>) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(protobuf::is_preferred)
}

const HOME: &str = concat!(
    "<!doctype html><html lang=\"en\"><title>manytop</title>",
    "<h1>manytop ",
    env!("CARGO_PKG_VERSION"),
    "</h1>",
    "<p>This is the exporter of a manytop. Its <a href=\"/metrics\">metrics</a> are read by another manytop ",
    "(<code>remote-NAME-url=http://HOST:PORT/metrics</code>), by gotop and by Prometheus.</html>\n",
);

fn text(status: StatusCode, body: &str) -> HttpReply {
    of_type(status, "text/plain; charset=utf-8", body.to_owned())
}

fn of_type(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> HttpReply {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
