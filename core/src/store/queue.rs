//! The queue of evaluations that are to be judged: whoever judges one holds a lease on it, and only the holder's result is kept.

use chrono::{DateTime, Utc};

use super::Tenant;
use crate::domain::EvaluationId;

/// Names one holder of one lease: random, and never used for a second evaluation or delivery.
pub(crate) type LeaseToken = [u8; 16];

/// A hold on an evaluation that is to be judged, or on a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) token: LeaseToken,
    /// From then on others may take the evaluation; until somebody has, its holder may still renew the lease or bring the result.
    pub(crate) until: DateTime<Utc>,
}

/// An evaluation that was leased from the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) tenant: Tenant,
    pub(crate) evaluation_id: EvaluationId,
    /// How many attempts there were, this one included, and those that were stopped not.
    pub(crate) attempts: u32,
}

/// What became of the wish to judge one particular evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leased {
    /// The lease is the caller's.
    Yours,
    /// Another holds it, until then if it is not renewed.
    HeldUntil(DateTime<Utc>),
    /// The evaluation is final, or not there.
    Gone,
}
