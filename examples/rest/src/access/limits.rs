//! How many requests a token, and an address, may make.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Caller;
use crate::error::Failure;

/// After how many requests those are forgotten who have not made any lately.
const FORGET_EVERY: u32 = 1_024;

type Limiter<K, C> = RateLimiter<K, DashMapStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The limits: the same number for each token and for each address.
pub(super) struct Limits<C: Clock = DefaultClock> {
    by_address: Limiter<IpAddr, C>,
    by_caller: Limiter<Arc<str>, C>,
    checked: AtomicU32,
}

impl<C: Clock + Clone> Limits<C> {
    pub(super) fn new(a_minute: NonZeroU32, clock: &C) -> Self {
        let quota = Quota::per_minute(a_minute);
        Self {
            by_address: Limiter::dashmap_with_clock(quota, clock.clone()),
            by_caller: Limiter::dashmap_with_clock(quota, clock.clone()),
            checked: AtomicU32::new(0),
        }
    }

    /// Counts a request of this address, whether its token is good or not: tokens are guessed no faster than that.
    pub(super) fn check_address(&self, address: IpAddr) -> Result<(), Failure> {
        if self.checked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.by_address.retain_recent();
            self.by_caller.retain_recent();
        }
        check(&self.by_address, &network(address))
    }

    /// Counts a request of this caller.
    pub(super) fn check_caller(&self, caller: &Caller) -> Result<(), Failure> {
        check(&self.by_caller, &caller.scope)
    }
}

/// What one person has: an address, or of IPv6 the network, in which addresses cost nothing.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

fn check<K: Clone + Hash + Eq, C: Clock>(limiter: &Limiter<K, C>, key: &K) -> Result<(), Failure> {
    limiter.check_key(key).map_err(|not_until| {
        let delay = not_until.wait_time_from(limiter.clock().now());
        Failure::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").retry_after(delay)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse as _;
    use governor::clock::FakeRelativeClock;

    use super::*;
    use crate::access::Role;

    fn limits(a_minute: u32) -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limits::new(NonZeroU32::new(a_minute).unwrap(), &clock), clock)
    }

    #[test]
    fn a_network_is_counted_as_one_and_the_next_is_not() {
        let (limits, _) = limits(2);
        let ask = |address: &str| limits.check_address(address.parse().unwrap()).is_ok();
        assert!(ask("2001:db8::1") && ask("2001:db8::2") && !ask("2001:db8::3"));
        assert!(ask("2001:db8:0:1::1"));
        assert!(ask("192.0.2.1") && ask("::ffff:192.0.2.1") && !ask("192.0.2.1"));
        assert!(ask("192.0.2.2"));
    }

    #[test]
    fn who_comes_back_when_told_is_let_in_and_not_a_second_sooner() {
        let (limits, clock) = limits(4);
        let caller = |name: &str| Caller::known(Role::Interviewer, "acme", name);
        let retry_after = || {
            let refused = limits.check_caller(&caller("a")).err()?.into_response();
            assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
            Some(refused.headers()[RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap())
        };
        for _ in 0..4 {
            assert_eq!(retry_after(), None);
        }
        assert_eq!(retry_after(), Some(15));
        assert!(limits.check_caller(&caller("b")).is_ok());
        clock.advance(Duration::from_millis(14_500));
        assert_eq!(retry_after(), Some(1));
        clock.advance(Duration::from_secs(1));
        assert_eq!(retry_after(), None);
        clock.advance(Duration::from_secs(3_600));
        for left in [None, None, None, None, Some(15)] {
            assert_eq!(retry_after(), left);
        }
    }

    #[test]
    fn who_has_not_come_lately_is_forgotten() {
        let (limits, clock) = limits(60);
        for last in 0..FORGET_EVERY - 1 {
            limits.check_address(Ipv6Addr::new(0x2001, 0xdb8, 0, last as u16, 0, 0, 0, 1).into()).unwrap();
        }
        assert_eq!(limits.by_address.len(), FORGET_EVERY as usize - 1);
        clock.advance(Duration::from_secs(120));
        limits.check_address("192.0.2.1".parse().unwrap()).unwrap();
        assert_eq!(limits.by_address.len(), 1);
    }
}
