//! The open connections. They are limited, for each address and in all; at the limit a new connection replaces the
//! longest-idle one, so that clients that hold connections open cannot keep others out.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

/// A new connection has so much time to send a request, however many are waiting.
const GRACE: Duration = Duration::from_millis(50);
/// How often a waiting connection looks for a free slot.
const STEP: Duration = Duration::from_millis(5);

/// What a connection is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Between an answer and the next request.
    Idle,
    /// A request's head comes in.
    Head,
    /// It has asked too often, and waits for its turn.
    Turn,
    /// An answer is being made: it is the other side that waits.
    Making,
    /// The answer is being taken.
    Reply,
}

/// The phase of one connection, and since when: written by the connection, read by others that need its slot.
#[derive(Debug)]
pub struct ConnectionState(Mutex<(Phase, Instant)>);

impl ConnectionState {
    /// Of a connection that has just been made: a request is expected.
    pub fn new() -> ConnectionState {
        ConnectionState(Mutex::new((Phase::Head, Instant::now())))
    }

    /// What it is about.
    pub fn phase(&self) -> Phase {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// It goes on to another phase.
    pub fn enter(&self, phase: Phase) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (phase, Instant::now());
    }

    /// Since when it has kept us waiting, if it does, and has had time to say something.
    fn waited_for(&self, now: Instant) -> Option<Instant> {
        let (phase, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may_leave = match phase {
            Phase::Idle | Phase::Turn => true,
            Phase::Head | Phase::Reply => now.saturating_duration_since(since) >= GRACE,
            Phase::Making => false,
        };
        may_leave.then_some(since)
    }
}

/// All places.
#[derive(Debug)]
pub struct ConnectionLimiter {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Vec<Arc<ConnectionSlot>>>,
}

#[derive(Debug)]
struct ConnectionSlot {
    address: IpAddr,
    standing: Arc<ConnectionState>,
    wanted: Notify,
}

#[derive(PartialEq, Eq, Debug)]
enum Full {
    /// A connection will soon have had its time.
    Soon,
    /// All are just being answered.
    Busy,
}

/// A connection's slot, given back when dropped.
#[derive(Debug)]
pub struct ClientPlace {
    places: Arc<ConnectionLimiter>,
    seat: Arc<ConnectionSlot>,
}

impl ConnectionLimiter {
    /// That many, and of one address that many.
    pub fn new(most: usize, most_of_one: usize) -> ConnectionLimiter {
        ConnectionLimiter { most, most_of_one, taken: Mutex::default() }
    }

    /// A slot for a connection from that address, as soon as one is free; `None` when all slots of this address are
    /// just being answered.
    pub async fn take(places: &Arc<ConnectionLimiter>, address: IpAddr) -> Option<ClientPlace> {
        loop {
            match ConnectionLimiter::try_take(places, address, Instant::now()) {
                Ok(place) => return Some(place),
                Err(Full::Soon) => sleep(STEP).await,
                Err(Full::Busy) => return None,
            }
        }
    }

    fn try_take(
        places: &Arc<ConnectionLimiter>,
        address: IpAddr,
        now: Instant,
    ) -> Result<ClientPlace, Full> {
        let address = network(address);
        let mut taken = places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of: HashMap<IpAddr, usize> = HashMap::new();
        for seat in taken.iter() {
            *of.entry(seat.address).or_default() += 1;
        }
        let leaves = if of.get(&address).is_some_and(|n| *n >= places.most_of_one) {
            let mut own = taken.iter().filter(|seat| seat.address == address);
            let busy = own.all(|seat| seat.standing.phase() == Phase::Making);
            let full = if busy { Full::Busy } else { Full::Soon };
            Some(longest(&taken, now, |seat| seat.address == address).ok_or(full)?)
        } else if taken.len() >= places.most {
            let most = of.values().max();
            Some(longest(&taken, now, |seat| of.get(&seat.address) == most).ok_or(Full::Soon)?)
        } else {
            None
        };
        if let Some(nth) = leaves {
            taken.swap_remove(nth).wanted.notify_one();
        }
        let standing = Arc::new(ConnectionState::new());
        let seat = Arc::new(ConnectionSlot { address, standing, wanted: Notify::new() });
        taken.push(seat.clone());
        Ok(ClientPlace { places: places.clone(), seat })
    }

    /// Hangs up on the one that has kept us waiting longest: there are no descriptors left.
    pub fn spare(&self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nth) = longest(&taken, Instant::now(), |_| true) {
            taken.swap_remove(nth).wanted.notify_one();
        }
    }
}

/// The one among them that has kept us waiting longest.
fn longest(
    taken: &[Arc<ConnectionSlot>],
    now: Instant,
    among: impl Fn(&ConnectionSlot) -> bool,
) -> Option<usize> {
    let waited =
        |(nth, seat): (usize, &Arc<ConnectionSlot>)| Some((seat.standing.waited_for(now)?, nth));
    let among = taken.iter().enumerate().filter(|(_, seat)| among(seat));
    among.filter_map(waited).min().map(|(_, nth)| nth)
}

/// A client with one IPv6 address usually has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

impl ClientPlace {
    /// What its connection is about.
    pub fn standing(&self) -> &Arc<ConnectionState> {
        &self.seat.standing
    }

    /// Waits until another connection has taken it.
    pub async fn is_lost(&self) {
        self.seat.wanted.notified().await;
    }
}

impl Drop for ClientPlace {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|seat| !Arc::ptr_eq(seat, &self.seat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::Future, pin::pin, task::Context, task::Waker};

    fn is_lost(place: &ClientPlace) -> bool {
        pin!(place.is_lost()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn who_has_kept_us_waiting_longest_gives_way() {
        let places = Arc::new(ConnectionLimiter::new(10, 3));
        let later = Instant::now() + GRACE * 2;
        let take = |address, now| ConnectionLimiter::try_take(&places, ip(address), now);
        let other = take("10.0.0.2", later).unwrap();
        let held: Vec<_> = (0..3).map(|_| take("10.0.0.1", later).unwrap()).collect();
        held[0].standing().enter(Phase::Head); // waited for since now only
        let young = take("10.0.0.1", Instant::now() - GRACE);
        assert_eq!(young.unwrap_err(), Full::Soon, "all have just come");
        let fourth = take("10.0.0.1", later).unwrap();
        let lost = |held: &[ClientPlace]| held.iter().map(is_lost).collect::<Vec<_>>();
        assert_eq!(lost(&held), [false, true, false]);
        // a connection is never closed while its answer is being made
        for place in held.iter().chain([&fourth]) {
            place.standing().enter(Phase::Making);
        }
        assert_eq!(take("10.0.0.1", later).unwrap_err(), Full::Busy);
        fourth.standing().enter(Phase::Idle);
        assert!(take("10.0.0.1", Instant::now()).is_ok(), "it has had its answer");
        assert!(is_lost(&fourth) && !is_lost(&other));
    }

    #[test]
    fn of_a_full_house_the_address_with_the_most_gives_way() {
        let places = Arc::new(ConnectionLimiter::new(4, 3));
        let later = Instant::now() + GRACE * 2;
        let take = |address| ConnectionLimiter::try_take(&places, ip(address), later);
        let single = take("10.0.0.2").unwrap();
        let held: Vec<_> = (0..3).map(|_| take("10.0.0.1").unwrap()).collect();
        let third = take("10.0.0.3").unwrap();
        assert!(is_lost(&held[0]) && !is_lost(&single));
        drop((third, held));
        assert!(take("10.0.0.1").is_ok() && !is_lost(&single));
        assert_eq!(places.taken.lock().unwrap().len(), 1, "places are given back");
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        assert_eq!(network(ip("2001:db8:1:2:3::4")), network(ip("2001:db8:1:2:ffff::1")));
        assert_ne!(network(ip("2001:db8:1:3::4")), network(ip("2001:db8:1:2::4")));
        assert_eq!(network(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
        assert_ne!(network(ip("10.0.0.1")), network(ip("10.0.0.2")));
    }
}
