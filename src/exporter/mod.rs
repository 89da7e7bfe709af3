//! The exporter: what others read of this manytop, beside the screen or without one.
//!
//! ```text
//! connection ─▶ serve ─▶ scrape ─▶ engine: one sample, shared by all who ask within 250 ms
//!                          └─▶ page: gotop's names, node_exporter's, our own for the rest
//! ```
//!
//! It runs on the engine's own thread. Nobody asks: nothing is read, no timer runs.

pub mod address;
mod deadlines;
mod gotop;
mod manytop;
mod node;
pub mod page;
#[cfg(test)]
mod round_trip;
pub mod sample;
mod scrape;
mod serve;
mod text;

use address::Listening;
use manytop_core::{
    engine::{Demand, Engine},
    registry::Registry,
    widget::Wants,
};
use page::Contents;
use scrape::Scraper;
use serve::{Peers, serve};
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// An answer under way is given so much time when the program ends.
const FAREWELL: Duration = Duration::from_secs(3);

/// An exporter that can be started: its port is open.
pub struct Export {
    /// Where it listens.
    pub listening: Listening,
    /// What it tells.
    pub contents: Contents,
}

/// An exporter at work.
pub struct Exporter {
    demand: Demand,
    scraper: Arc<Scraper>,
    stop: watch::Sender<bool>,
    busy: mpsc::Receiver<()>,
}

impl Export {
    /// Starts it on the engine's thread.
    pub fn start(self, engine: &Engine, registry: &Registry) -> Exporter {
        let wants = Wants { want: self.contents.want(registry), history: Vec::new() };
        let demand = Demand { selects: Arc::new(|_, _| true), wants, scheduled: false };
        let scraper = Arc::new(Scraper::new(engine.sampler(), self.contents));
        let peers = Arc::new(Peers::default());
        let (stop, stopped) = watch::channel(false);
        let (working, busy) = mpsc::channel(1);
        for listener in self.listening.listeners {
            let (scraper, stopped) = (scraper.clone(), stopped.clone());
            engine.spawn(serve(listener, scraper, peers.clone(), stopped, working.clone()));
        }
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

    /// Takes the first sample, so that the first who asks soon has something to compare with. To be
    /// called when the engine has been told the demand.
    pub fn begin(&self, engine: &Engine) {
        let scraper = self.scraper.clone();
        engine.spawn(async move { drop(scraper.scrape(None).await) });
    }

    /// Takes no more connections, and waits for the answers under way.
    pub fn end(mut self, engine: &Engine) {
        let _ = self.stop.send(true);
        let (done, wait) = std::sync::mpsc::channel::<()>();
        engine.spawn(async move {
            self.busy.recv().await; // ends when the last connection has
            drop(done);
        });
        let _ = wait.recv_timeout(FAREWELL);
    }
}
