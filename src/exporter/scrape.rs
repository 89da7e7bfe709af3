//! From a request to a page: asks the engine, or shares the sample of another request.

use super::{page::Contents, sample::EarlierSamples};
use hyper::body::Bytes;
use manytop_core::engine::Sampler;
use std::time::{Duration, SystemTime};
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, timeout},
};

/// A page younger than this is shared: it costs one reading, and one copy of it is held, however many ask.
const SHARED: Duration = Duration::from_millis(250);
/// Sources that have not answered by then are not on the page.
const DEADLINE: Duration = Duration::from_secs(1);
/// Of the time that a scraper waits, what is left for the way.
const MARGIN: f64 = 0.9;

/// Makes pages.
pub struct Scraper {
    sampler: Sampler,
    contents: watch::Sender<Contents>,
    state: Mutex<ScrapeState>,
}

#[derive(Default)]
struct ScrapeState {
    past: EarlierSamples,
    last: Option<Last>,
}

struct Last {
    page: Bytes,
    at: Instant,
    /// How long late sources were waited for.
    waited: Duration,
}

impl Scraper {
    /// A scraper that has not asked anybody yet.
    pub fn new(sampler: Sampler, contents: Contents) -> Scraper {
        Scraper { sampler, contents: watch::Sender::new(contents), state: Mutex::default() }
    }

    /// Puts something else on the pages from now on.
    pub fn tell(&self, contents: Contents) {
        self.contents.send_replace(contents);
    }

    /// The page, for a client that waits that many seconds at most.
    ///
    /// # Errors
    /// The reason when no page can be made in time, or at all.
    pub async fn scrape(&self, patience: Option<f64>) -> Result<Bytes, &'static str> {
        let deadline = deadline(patience);
        // a request that arrives during another scrape finds a page that is young enough
        let state = timeout(deadline, self.state.lock()).await;
        let mut state = state.map_err(|_| "somebody who waits longer is being answered\n")?;
        let shared = |last: &&Last| last.at.elapsed() < SHARED && last.waited >= deadline;
        if let Some(last) = state.last.as_ref().filter(shared) {
            return Ok(last.page.clone());
        }
        let sampled = self.sampler.sample(deadline).await.ok_or("manytop is ending\n")?;
        let waited = if sampled.late.is_empty() { DEADLINE } else { deadline };
        let sample = state.past.sample(sampled);
        let contents = *self.contents.borrow();
        let page = Bytes::from(contents.page(&sample, SystemTime::now()));
        state.last = Some(Last { page: page.clone(), at: Instant::now(), waited });
        Ok(page)
    }
}

/// Within what a scraper waits; nonsense counts as nothing said.
fn deadline(patience: Option<f64>) -> Duration {
    let given = patience.and_then(|seconds| Duration::try_from_secs_f64(seconds * MARGIN).ok());
    given.filter(|wait| !wait.is_zero()).map_or(DEADLINE, |wait| wait.min(DEADLINE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scraper_that_waits_less_shortens_the_deadline() {
        let ms = |patience| deadline(patience).as_millis();
        assert_eq!(ms(None), 1000);
        assert_eq!(ms(Some(10.0)), 1000);
        assert_eq!(ms(Some(0.5)), 450);
        for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(ms(Some(nonsense)), 1000, "{nonsense}");
        }
    }
}
