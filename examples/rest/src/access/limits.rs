//! How many requests a token, and an address, may make.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::Caller;
use crate::error::Failure;

/// After how many requests those are forgotten who have not made any lately.
const FORGET_EVERY: u32 = 1_024;

/// The limits: the same number for each token and for each address.
pub(super) struct Limits {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_caller: DefaultKeyedRateLimiter<String>,
    checked: AtomicU32,
}

impl Limits {
    pub(super) fn new(a_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(a_minute);
        Self {
            by_address: DefaultKeyedRateLimiter::keyed(quota),
            by_caller: DefaultKeyedRateLimiter::keyed(quota),
            checked: AtomicU32::new(0),
        }
    }

    /// Counts a request of this address, whether its token is good or not.
    pub(super) fn check_address(&self, address: Option<IpAddr>) -> Result<(), Failure> {
        if self.checked.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            self.by_address.retain_recent();
            self.by_caller.retain_recent();
        }
        let Some(address) = address else { return Ok(()) };
        check(&self.by_address, &network(address))
    }

    /// Counts a request of this caller.
    pub(super) fn check_caller(&self, caller: &Caller) -> Result<(), Failure> {
        check(&self.by_caller, &format!("{}\0{}", caller.tenant, caller.name))
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

fn check<K: Clone + std::hash::Hash + Eq>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Failure> {
    limiter.check_key(key).map_err(|not_until| {
        let delay = not_until.wait_time_from(DefaultClock::default().now());
        Failure::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").retry_after(delay)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_counted_as_one_and_the_next_is_not() {
        let limits = Limits::new(NonZeroU32::new(2).unwrap());
        let ask = |address: &str| limits.check_address(Some(address.parse().unwrap())).is_ok();
        assert!(ask("2001:db8::1") && ask("2001:db8::2") && !ask("2001:db8::3"));
        assert!(ask("2001:db8:0:1::1"));
        assert!(ask("192.0.2.1") && ask("::ffff:192.0.2.1") && !ask("192.0.2.1"));
        assert!(ask("192.0.2.2"));
    }
}
