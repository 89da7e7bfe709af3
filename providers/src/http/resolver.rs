//! What reqwest is told when it makes a connection: which address of a host it leads to, since reqwest
//! itself tries those of one family one after the other. And what it tells: that it makes one.

use super::addresses::Route;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// The request that is being sent.
    static ATTEMPT: Attempt;
}

/// One request that reqwest sends.
#[derive(Clone, Debug)]
pub struct Attempt {
    route: Arc<Route>,
    connects: Arc<AtomicBool>,
}

impl Attempt {
    /// A request on that route.
    pub fn new(route: Arc<Route>) -> Attempt {
        Attempt { route, connects: Arc::default() }
    }

    /// Runs `work`, which sends the request.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        ATTEMPT.scope(self.clone(), work).await
    }

    /// Whether the request had a connection that others had before it.
    pub fn reuses(&self) -> bool {
        !self.connects.load(Ordering::Relaxed)
    }
}

/// Resolves names to the one address that answers first. reqwest calls it, and all of [`NoteConnects`], from
/// within the request that needs a connection.
#[derive(Clone, Copy, Debug)]
pub struct Racing;

impl Resolve for Racing {
    fn resolve(&self, name: Name) -> Resolving {
        let known = ATTEMPT.try_with(|attempt| attempt.route.clone()).ok();
        let known = known.filter(|route| route.leads_to(name.as_str()));
        let route = known.unwrap_or_else(|| Route::new(name.as_str(), None, 0));
        Box::pin(async move {
            let addresses: Addrs = Box::new(route.settle().await?.into_iter());
            Ok(addresses)
        })
    }
}

/// Around reqwest's connector: takes down that a request makes a connection.
#[derive(Clone, Copy, Debug)]
pub struct NoteConnects;

impl<S> Layer<S> for NoteConnects {
    type Service = Noted<S>;

    fn layer(&self, connector: S) -> Noted<S> {
        Noted(connector)
    }
}

/// A connector with a [`NoteConnects`] around it.
#[derive(Clone, Debug)]
pub struct Noted<S>(S);

impl<R, S: Service<R>> Service<R> for Noted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        let _ = ATTEMPT.try_with(|attempt| attempt.connects.store(true, Ordering::Relaxed));
        self.0.call(request)
    }
}
