//! What was spent, by scope and period.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::store::Reservation;

/// Tokens and nanos, by the beginning of each period.
type Periods = BTreeMap<DateTime<Utc>, (u64, u64)>;

#[derive(Default)]
pub(super) struct Spending(Mutex<HashMap<String, Periods>>);

impl Spending {
    pub(super) fn reserve(&self, reservation: Reservation) -> bool {
        let Some(room) = reservation.room() else { return false };
        let mut scopes = self.0.lock();
        let periods = scopes.entry(reservation.scope).or_default();
        let spent = periods.entry(reservation.period).or_default();
        if spent.0 > room.before_tokens || spent.1 > room.before_nanos {
            return false;
        }
        spent.0 += room.tokens;
        spent.1 += room.nanos;
        if let Some((before, _)) = periods.range(..reservation.period).next_back() {
            let before = *before;
            periods.retain(|period, _| *period >= before);
        }
        true
    }

    pub(super) fn settle(&self, scope: &str, period: DateTime<Utc>, back_tokens: u64, back_nanos: u64) {
        let mut scopes = self.0.lock();
        if let Some(spent) = scopes.get_mut(scope).and_then(|periods| periods.get_mut(&period)) {
            spent.0 = spent.0.saturating_sub(back_tokens);
            spent.1 = spent.1.saturating_sub(back_nanos);
        }
    }

    pub(super) fn spent(&self, scope: &str, period: DateTime<Utc>) -> (u64, u64) {
        self.0.lock().get(scope).and_then(|periods| periods.get(&period)).copied().unwrap_or_default()
    }
}
