//! What is PostgreSQL's own, and enough of the trait to build on; the conformance suite of all stores is the engine's.

mod faults;
mod listening;
mod lists;
mod opening;
mod runtimes;
mod writes;

use std::sync::Arc;

use vivavoce_test_support::Cluster;

use super::PostgresStore;
use crate::audit::Recorder;
use crate::domain::{Evaluation, EvaluationStatus, Interview, InterviewType, NewInterview, SessionId};
use crate::store::tests::fixtures::*;
use crate::store::{
    EraseInterview, Job, KeepReply, KeyResult, Lease, Leased, Reservation, SaveEvaluation, SessionStep, StartSession,
    Store, Tenant, Written,
};

/// A store in a database of its own, of the cluster that all tests share.
pub(super) fn store() -> PostgresStore {
    PostgresStore::open(&Cluster::shared().create_database()).unwrap()
}
