//! A circuit breaker for each provider, model and credential: what fails again and again is left alone for a while.

use std::time::{Duration, Instant};

/// How many failures in a row open the circuit.
const FAILURES: u32 = 5;
/// How long it then stays open; one attempt after that decides.
const PAUSE: Duration = Duration::from_secs(30);

/// The state of one circuit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// Until then nothing is attempted.
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether an attempt may be made now, or else how long until one may. After the pause one attempt is let through; the next ones wait for what becomes of it.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.open_until {
            Some(until) if now < until => Err(until - now),
            Some(_) => {
                self.open_until = Some(now + PAUSE);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The service answered, be it with a refusal: it is there.
    pub(super) fn succeed(&mut self) {
        *self = Self::default();
    }

    /// The service did not answer, or failed.
    pub(super) fn fail(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.open_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_opens_after_failures_in_a_row_and_one_attempt_closes_it() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES {
            breaker.fail(start);
        }
        assert_eq!(breaker.admit(start), Ok(()));
        breaker.succeed();
        for _ in 1..FAILURES {
            breaker.fail(start);
        }
        assert_eq!(breaker.admit(start), Ok(()), "a success in between counts");
        breaker.fail(start);
        assert_eq!(breaker.admit(start), Err(PAUSE));
        let later = start + PAUSE;
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(PAUSE), "only one attempt is let through");
        breaker.fail(later);
        assert_eq!(breaker.admit(later + PAUSE / 2), Err(PAUSE / 2));
        assert_eq!(breaker.admit(later + PAUSE), Ok(()));
        breaker.succeed();
        assert_eq!(breaker.admit(later + PAUSE), Ok(()));
    }
}
