//! What may be used: requests and tokens a minute, and a budget in tokens and money. Pure: the time comes in as a value.

use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::Deserialize;

use crate::domain::Tokens;

/// How much of a model may be used in a minute.
///
/// ```
/// use vivavoce::RateLimit;
///
/// let limit = RateLimit { requests: Some(500), tokens: Some(200_000) };
/// # let _ = limit;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Requests a minute, each try counted.
    pub requests: Option<u32>,
    /// Tokens a minute, read and written; counted by what a request may use at most until it is known what it used.
    pub tokens: Option<u32>,
}

/// What a model costs, in whatever currency the application counts.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For a million tokens that are read.
    pub input: f64,
    /// For a million tokens that are written.
    pub output: f64,
}

impl Price {
    /// Billionths of the currency, rounded up.
    pub(super) fn nanos(self, tokens: Tokens) -> u64 {
        let of = |price: f64, count: u64| (price * 1_000.0 * count as f64).ceil();
        (of(self.input, tokens.input) + of(self.output, tokens.output)) as u64
    }
}

/// The time that a budget is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Period {
    /// A calendar day, in UTC.
    #[default]
    Day,
    /// A calendar month, in UTC.
    Month,
}

impl Period {
    /// When the period of `now` began, and when it ends.
    pub(super) fn around(self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let date = now.date_naive();
        let (first, next) = match self {
            Self::Day => (Some(date), date.succ_opt()),
            Self::Month => {
                let (year, month) =
                    if date.month() == 12 { (date.year() + 1, 1) } else { (date.year(), date.month() + 1) };
                (date.with_day(1), NaiveDate::from_ymd_opt(year, month, 1))
            }
        };
        let midnight =
            |date: Option<NaiveDate>| date.and_then(|date| date.and_hms_opt(0, 0, 0)).map(|time| time.and_utc());
        (midnight(first).unwrap_or(now), midnight(next).unwrap_or(now))
    }
}

/// How much may be used in a period. What a request may use at most is set aside before it is sent, and what it did not use is given back when its reply is there; what
/// is not known, because no reply came, counts as used. So a budget is never overshot, however many calls are made at once.
///
/// A request may use as many tokens as it has bytes, 1,024 more, and the most tokens of its reply: for an answer that is judged, some 10,000 when nothing else is said. A
/// budget below that lets no call through, which is an error of kind `limited` that does not pass.
///
/// ```
/// use vivavoce::{Budget, Period};
///
/// let budget = Budget { tokens: Some(2_000_000), money: Some(5.0), period: Period::Day };
/// # let _ = budget;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Tokens, read and written.
    pub tokens: Option<u64>,
    /// Money, in the currency of the [`Price`]s. Every model that is asked then needs a price.
    pub money: Option<f64>,
    /// For how long.
    pub period: Period,
}

impl Budget {
    /// Names a tenant's spending under this budget.
    pub(crate) fn scope(&self, tenant: &str) -> String {
        format!("{:?} {tenant}", self.period)
    }

    /// When the present period began.
    pub(crate) fn began(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.period.around(now).0
    }

    /// Why a call that may use so much is never made: the whole budget is less.
    pub(super) fn too_small_for(&self, amount: Amount) -> Option<String> {
        match (self.tokens, self.nanos()) {
            (Some(tokens), _) if tokens < amount.tokens => {
                Some(format!("{tokens} tokens, and one call may use {}", amount.tokens))
            }
            (_, Some(nanos)) if nanos < amount.nanos => {
                Some(format!("{} of money, and one call may cost {}", nanos as f64 / 1e9, amount.nanos as f64 / 1e9))
            }
            _ => None,
        }
    }

    pub(super) fn nanos(&self) -> Option<u64> {
        self.money.map(|money| (money * 1e9) as u64)
    }
}

/// An amount of tokens and money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) tokens: u64,
    pub(crate) nanos: u64,
}

impl Amount {
    /// What is left of a reservation after `used`.
    pub(super) fn less(self, used: Self) -> Self {
        Self { tokens: self.tokens.saturating_sub(used.tokens), nanos: self.nanos.saturating_sub(used.nanos) }
    }
}

/// What one engine has used of a budget.
#[derive(Debug, Default)]
pub(super) struct Spending {
    period: Option<DateTime<Utc>>,
    used: Amount,
}

impl Spending {
    /// Sets an amount aside; false where the budget does not have it.
    pub(super) fn reserve(&mut self, budget: &Budget, period: DateTime<Utc>, amount: Amount) -> bool {
        // A clock that goes back does not open an earlier period again.
        if self.period.is_none_or(|known| known < period) {
            *self = Self { period: Some(period), used: Amount::default() };
        }
        let tokens = self.used.tokens.saturating_add(amount.tokens);
        let nanos = self.used.nanos.saturating_add(amount.nanos);
        let fits = budget.tokens.is_none_or(|most| tokens <= most) && budget.nanos().is_none_or(|most| nanos <= most);
        if fits {
            self.used = Amount { tokens, nanos };
        }
        fits
    }

    /// Gives back what was set aside in `period` and not used.
    pub(super) fn settle(&mut self, period: DateTime<Utc>, back: Amount) {
        if self.period == Some(period) {
            self.used = self.used.less(back);
        }
    }
}

/// A bucket that fills within a minute and may be overdrawn by what a request turned out to use.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    a_minute: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    fn new(a_minute: u32, now: Instant) -> Self {
        Self { a_minute: a_minute.into(), level: a_minute.into(), at: now }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + passed * self.a_minute / 60.0).min(self.a_minute);
        self.at = self.at.max(now);
    }

    /// How long until `amount` is there; an amount larger than the bucket waits for a full one.
    fn wait(&self, amount: f64) -> Duration {
        let missing = amount.min(self.a_minute) - self.level;
        Duration::try_from_secs_f64((missing / self.a_minute * 60.0).max(0.0)).unwrap_or(Duration::MAX)
    }
}

/// The rate of one model and credential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

impl Rate {
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        let bucket = |a_minute: Option<u32>| a_minute.map(|a_minute| Bucket::new(a_minute.max(1), now));
        Self { requests: bucket(limit.requests), tokens: bucket(limit.tokens) }
    }

    /// Takes one request of so many tokens, or says how long until it may be taken.
    pub(super) fn take(&mut self, tokens: u64, now: Instant) -> Result<(), Duration> {
        let mut wait = Duration::ZERO;
        for (bucket, amount) in [(&mut self.requests, 1.0), (&mut self.tokens, tokens as f64)] {
            if let Some(bucket) = bucket {
                bucket.fill(now);
                wait = wait.max(bucket.wait(amount));
            }
        }
        if !wait.is_zero() {
            return Err(wait);
        }
        for (bucket, amount) in [(&mut self.requests, 1.0), (&mut self.tokens, tokens as f64)] {
            if let Some(bucket) = bucket {
                bucket.level -= amount.min(bucket.a_minute);
            }
        }
        Ok(())
    }

    /// Gives back the tokens that were not used.
    pub(super) fn give_back(&mut self, tokens: u64, now: Instant) {
        if let Some(bucket) = &mut self.tokens {
            bucket.fill(now);
            bucket.level = (bucket.level + tokens as f64).min(bucket.a_minute);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn prices_are_for_a_million_tokens_and_rounded_up() {
        let price = Price { input: 0.15, output: 0.6 };
        assert_eq!(price.nanos(Tokens { input: 1_000_000, output: 0 }), 150_000_000);
        assert_eq!(price.nanos(Tokens { input: 1, output: 1 }), 150 + 600);
        assert_eq!(Price { input: 0.0001, output: 0.0 }.nanos(Tokens { input: 1, output: 9 }), 1);
        assert_eq!(price.nanos(Tokens { input: u64::MAX, output: u64::MAX }), u64::MAX);
    }

    #[test]
    fn periods_are_calendar_days_and_months() {
        for (period, now, first, next) in [
            (Period::Day, "2026-02-28T23:59:59Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"),
            (Period::Month, "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            (Period::Month, "2026-12-31T00:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(period.around(time(now)), (time(first), time(next)));
        }
    }

    #[test]
    fn a_new_period_begins_with_the_whole_budget_and_an_old_one_is_not_settled_into_it() {
        let budget = Budget { tokens: Some(10), ..Budget::default() };
        let (one, two) = (time("2026-01-01T00:00:00Z"), time("2026-01-02T00:00:00Z"));
        let ten = Amount { tokens: 10, nanos: 0 };
        let mut spending = Spending::default();
        assert!(spending.reserve(&budget, one, ten));
        assert!(!spending.reserve(&budget, one, Amount { tokens: 1, nanos: 0 }));
        assert!(spending.reserve(&budget, two, ten));
        spending.settle(one, ten);
        assert!(!spending.reserve(&budget, two, Amount { tokens: 1, nanos: 0 }));
        spending.settle(two, Amount { tokens: 4, nanos: 0 });
        assert!(spending.reserve(&budget, two, Amount { tokens: 4, nanos: 0 }));
        assert!(!spending.reserve(&budget, one, Amount { tokens: 1, nanos: 0 }), "the clock went back");
    }

    #[test]
    fn money_is_counted_beside_tokens() {
        let budget = Budget { tokens: Some(1_000), money: Some(0.5), ..Budget::default() };
        let now = time("2026-01-01T00:00:00Z");
        let mut spending = Spending::default();
        assert!(spending.reserve(&budget, now, Amount { tokens: 1, nanos: 400_000_000 }));
        assert!(!spending.reserve(&budget, now, Amount { tokens: 1, nanos: 100_000_001 }));
        assert!(spending.reserve(&budget, now, Amount { tokens: 1, nanos: 100_000_000 }));
    }

    #[test]
    fn requests_and_tokens_come_back_within_a_minute() {
        let start = Instant::now();
        let mut rate = Rate::new(RateLimit { requests: Some(2), tokens: Some(100) }, start);
        assert_eq!(rate.take(10, start), Ok(()));
        assert_eq!(rate.take(10, start), Ok(()));
        assert_eq!(rate.take(10, start), Err(Duration::from_secs(30)), "two requests a minute");
        let later = start + Duration::from_secs(30);
        assert_eq!(rate.take(100, later), Ok(()), "a bucket is full again at most");
        assert_eq!(rate.take(50, later + Duration::from_secs(30)), Ok(()));
        rate.give_back(30, later + Duration::from_secs(30));
        assert_eq!(rate.take(60, later + Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn what_is_larger_than_the_limit_waits_for_a_full_bucket_and_goes_then() {
        let start = Instant::now();
        let mut rate = Rate::new(RateLimit { requests: None, tokens: Some(60) }, start);
        assert_eq!(rate.take(1_000, start), Ok(()));
        assert_eq!(rate.take(1_000, start), Err(Duration::from_secs(60)));
        assert_eq!(rate.take(1_000, start + Duration::from_secs(60)), Ok(()));
    }

    proptest! {
        #[test]
        fn what_is_reserved_and_settled_never_exceeds_a_budget(
            steps in proptest::collection::vec((0_u64..40, 0_u64..40), 1..60),
        ) {
            let budget = Budget { tokens: Some(100), ..Budget::default() };
            let now = time("2026-01-01T00:00:00Z");
            let mut spending = Spending::default();
            let mut used = 0;
            for (most, really) in steps {
                if spending.reserve(&budget, now, Amount { tokens: most, nanos: 0 }) {
                    let really = really.min(most);
                    spending.settle(now, Amount { tokens: most - really, nanos: 0 });
                    used += really;
                } else {
                    prop_assert!(used + most > 100);
                }
                prop_assert!(used <= 100);
            }
        }
    }
}
