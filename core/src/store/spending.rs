//! What was spent on language models, held against budgets.

use chrono::{DateTime, Utc};

/// Takes a part of a budget before it is spent: all of it or, where that would be more than there may be, nothing.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    /// Whose budget it is.
    pub(crate) scope: String,
    /// When the budget's present period began. Each period begins with nothing spent.
    pub(crate) period: DateTime<Utc>,
    pub(crate) tokens: u64,
    /// Billionths of the currency's unit.
    pub(crate) nanos: u64,
    /// How many tokens may be reserved in the period; no limit where there is none.
    pub(crate) most_tokens: Option<u64>,
    pub(crate) most_nanos: Option<u64>,
}

impl Reservation {
    /// Tokens and nanos, and the most of each that may be there before they are added; none where they are too much by themselves. The stores' numbers are signed: no
    /// budget is larger than the largest of them, so that no sum overflows.
    pub(super) fn room(&self) -> Option<Room> {
        let room = |part: u64, most: Option<u64>| most.unwrap_or(LARGEST).min(LARGEST).checked_sub(part);
        let (before_tokens, before_nanos) = (room(self.tokens, self.most_tokens)?, room(self.nanos, self.most_nanos)?);
        Some(Room { tokens: self.tokens, nanos: self.nanos, before_tokens, before_nanos })
    }
}

const LARGEST: u64 = i64::MAX as u64;

/// A reservation as the stores compare it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) tokens: u64,
    pub(super) nanos: u64,
    pub(super) before_tokens: u64,
    pub(super) before_nanos: u64,
}
