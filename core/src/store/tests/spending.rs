//! Budgets: never overshot, and used up exactly.

use chrono::{DateTime, TimeDelta, Utc};

use super::fixtures::now;
use super::on_every_store;
use crate::store::Reservation;

fn reservation(scope: &str, period: DateTime<Utc>, tokens: u64, nanos: u64) -> Reservation {
    Reservation { scope: scope.into(), period, tokens, nanos, most_tokens: None, most_nanos: None }
}

on_every_store! {
    fn many_threads_use_a_budget_up_exactly(store: &TestStore) {
        let period = now();
        let reserved = store.together(32, |_, store| {
            let part = Reservation { most_tokens: Some(700), ..reservation("tenant t", period, 7, 3) };
            (0..5).filter(|_| store.reserve(part.clone()).unwrap()).count()
        });
        assert_eq!(reserved.iter().sum::<usize>(), 100);
        assert_eq!(store.spent("tenant t", period).unwrap(), (700, 300));
    }

    fn either_limit_refuses_all_of_it(store: &TestStore) {
        let period = now();
        let part = |tokens, nanos| Reservation {
            most_tokens: Some(100),
            most_nanos: Some(1_000),
            ..reservation("s", period, tokens, nanos)
        };
        assert!(!store.reserve(part(101, 1)).unwrap(), "more than there is from the beginning");
        assert_eq!(store.spent("s", period).unwrap(), (0, 0));
        assert!(store.reserve(part(60, 900)).unwrap());
        assert!(!store.reserve(part(41, 1)).unwrap());
        assert!(!store.reserve(part(1, 101)).unwrap());
        assert_eq!(store.spent("s", period).unwrap(), (60, 900));
        assert!(store.reserve(part(40, 100)).unwrap());
        assert!(store.reserve(part(0, 0)).unwrap(), "nothing still fits");
        let unlimited = reservation("s", period, 1, 1);
        assert!(store.reserve(unlimited).unwrap());
        assert!(!store.reserve(part(0, 0)).unwrap(), "nothing does not fit where too much is spent");
        assert_eq!(store.spent("s", period).unwrap(), (101, 1_001));
    }

    fn what_was_reserved_too_much_is_given_back(store: &TestStore) {
        let period = now();
        let part = Reservation { most_tokens: Some(100), ..reservation("s", period, 100, 5) };
        assert!(store.reserve(part.clone()).unwrap());
        assert!(!store.reserve(part.clone()).unwrap());
        store.settle("s", period, 30, 2).unwrap();
        assert_eq!(store.spent("s", period).unwrap(), (70, 3));
        assert!(store.reserve(Reservation { tokens: 30, ..part }).unwrap());
        store.settle("s", period, u64::MAX, 9).unwrap();
        assert_eq!(store.spent("s", period).unwrap(), (0, 0), "no more than all is given back");
        store.settle("another", period, 1, 1).unwrap();
        assert_eq!(store.spent("another", period).unwrap(), (0, 0));
    }

    fn scopes_and_periods_are_apart_and_old_periods_are_forgotten(store: &TestStore) {
        let first = now();
        let [second, third] = [1, 2].map(|day| first + TimeDelta::days(day));
        for (scope, period, tokens) in [("a", first, 1), ("a", second, 2), ("a", third, 3), ("b", first, 4)] {
            assert!(store.reserve(reservation(scope, period, tokens, 0)).unwrap());
        }
        let spent = |scope, period| store.spent(scope, period).unwrap().0;
        assert_eq!([first, second, third].map(|period| spent("a", period)), [0, 2, 3]);
        assert_eq!(spent("b", first), 4);
        // Whoever's clock is behind still meets the limit of the period before.
        let late = Reservation { most_tokens: Some(2), ..reservation("a", second, 1, 0) };
        assert!(!store.reserve(late).unwrap());
        assert_eq!(spent("a", third), 3);
    }

    fn no_sum_overflows(store: &TestStore) {
        let period = now();
        let most = i64::MAX as u64;
        assert!(!store.reserve(reservation("s", period, u64::MAX, 0)).unwrap());
        assert!(store.reserve(reservation("s", period, most, most - 1)).unwrap());
        assert!(!store.reserve(reservation("s", period, 1, 0)).unwrap());
        assert!(store.reserve(reservation("s", period, 0, 1)).unwrap());
        assert_eq!(store.spent("s", period).unwrap(), (most, most));
    }
}
