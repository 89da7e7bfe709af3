//! The exporter: what others read of this manytop, beside the screen or without one.
//!
//! ```text
//! connection ─▶ serve ─▶ scrape ─▶ engine: one sample, shared by all requests within 250 ms
//!                          └─▶ page: gotop's names, node_exporter's, our own for the rest
//! ```
//!
//! It runs on the engine's own thread. Between scrapes nothing is read and no timer runs.

pub mod address;
mod connections;
mod deadlines;
mod gotop;
pub mod headless;
mod manytop;
mod node;
mod node_names;
pub mod page;
mod protobuf;
mod rate_limit;
mod relay;
#[cfg(test)]
mod round_trip;
pub mod sample;
mod scrape;
mod serve;
mod text;

use address::Listening;
use connections::ConnectionLimiter;
use manytop_core::{
    engine::{Demand, Engine},
    registry::Registry,
    widget::Wants,
};
use page::Contents;
use scrape::Scraper;
use serve::serve;
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// Answers under way are given so much time when the program ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// An exporter that can be started: its port is open.
pub struct Export {
    /// Where it listens.
    pub listening: Listening,
    /// What it tells.
    pub contents: Contents,
}

/// An exporter at work. Dropped, it takes no more connections, and waits for the answers under way.
pub struct Exporter {
    demand: Demand,
    scraper: Arc<Scraper>,
    stop: watch::Sender<bool>,
    /// Hangs up with the last connection.
    busy: std::sync::mpsc::Receiver<()>,
}

impl Export {
    /// Starts it on the engine's thread.
    pub fn start(self, engine: &Engine, registry: &Registry) -> Exporter {
        let wants = Wants { want: self.contents.want(registry), history: Vec::new() };
        let demand = Demand {
            selects: self.contents.selects(),
            wants,
            scheduled: false,
            closely: false,
            past: None,
        };
        let scraper = Arc::new(Scraper::new(engine.sampler(), self.contents));
        let places = Arc::new(ConnectionLimiter::new(serve::MOST, serve::MOST_OF_ONE));
        let (stop, stopped) = watch::channel(false);
        let (working, mut last) = mpsc::channel(1);
        for listener in self.listening.listeners {
            let (scraper, stopped) = (scraper.clone(), stopped.clone());
            engine.spawn(serve(listener, scraper, places.clone(), stopped, working.clone()));
        }
        let (done, busy) = std::sync::mpsc::channel();
        engine.spawn(async move {
            last.recv().await; // ends when the last connection has
            drop(done);
        });
        Exporter { demand, scraper, stop, busy }
    }
}

impl Exporter {
    /// What it wants to be read when it is asked.
    pub fn demand(&self) -> Demand {
        self.demand.clone()
    }

    /// Tells something else from now on.
    pub fn tell(&mut self, contents: Contents, registry: &Registry) {
        self.demand.wants.want = contents.want(registry);
        self.scraper.tell(contents);
    }

    /// Takes the first sample, so that an early first scrape has something to compare with. To be
    /// called when the engine has been told the demand.
    pub fn begin(&self, engine: &Engine) {
        let scraper = self.scraper.clone();
        engine.spawn(async move { drop(scraper.scrape(None).await) });
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let _ = self.busy.recv_timeout(FAREWELL);
    }
}
