//! The store on PostgreSQL: shared by any number of processes, safe behind any transaction-pooling proxy.
//!
//! Everything lies in a schema of its own (`vivavoce`, or the URL's `schema`). No session state is used: names are qualified, statements are unnamed
//! (unless the URL says `prepared=yes`), locks end with their transaction. Rows are locked in one order by all writers: sessions, evaluations, the
//! head of the interview's log, the interview, kept replies and their sum. Only an erasure meets what was begun after it had locked; it then lets go and begins again.

mod calibrations;
mod client;
mod connection;
mod copy;
mod deliveries;
mod failure;
mod list;
mod listen;
mod migrate;
mod pool;
mod queue;
mod read;
mod replies;
mod rows;
mod spending;
mod statements;
#[cfg(test)]
mod tests;
mod tls;
mod url;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::connection::{Connector, outside_runtime};
use self::listen::Listener;
use self::pool::Pool;
use self::statements::{Names, Statements};
use self::url::PostgresUrl;
use super::interview_cache::InterviewCache;
use super::{
    AuditPage, AuditState, Bundle, CreateInterview, EraseInterview, EvaluationQuery, Job, KeepReply, KeptCalibration,
    KeyRecord, Lease, LeaseToken, Leased, ListQuery, Planned, Reservation, SaveEvaluation, SessionStep, StartSession,
    Store, StoreHealth, Tenant, UpdateInterview, Written,
};
use crate::domain::canonical::Sha256Digest;
use crate::domain::{
    Backlog, Delivery, Evaluation, EvaluationId, Event, Interview, InterviewId, Session, SessionId, Subscription,
};
use crate::error::{Error, ErrorKind, Result};
use crate::patience::Patience;

/// Keeps everything in a PostgreSQL database.
pub(crate) struct PostgresStore {
    pool: Pool,
    statements: Arc<Statements>,
    listener: Arc<Listener>,
    listed: Arc<InterviewCache>,
    ending: Arc<Ending>,
}

/// Ends what all handles of a store share.
struct Ending {
    pool: Pool,
    listener: Arc<Listener>,
}

impl Ending {
    fn end(&self) -> Result<()> {
        let (listener, pool) = outside_runtime(|| (self.listener.close(), self.pool.close()))?;
        listener.and(pool)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Closed in order, this finds nothing left to do; otherwise nobody is there to be told.
        let _ = self.end();
    }
}

impl PostgresStore {
    /// Connects, and brings the schema to this library's version.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let url = PostgresUrl::parse(url)?;
        let statements = Arc::new(Statements::new(Names::new(&url)));
        let pool = Pool::new(Connector::new(url)?);
        outside_runtime(|| {
            let migrated = migrate::migrate(&pool, statements.names());
            if migrated.is_err() {
                // Here, where connections may be dropped.
                let _ = pool.close();
            }
            migrated
        })??;
        let listener = Arc::new(Listener::new());
        let ending = Arc::new(Ending { pool: pool.clone(), listener: Arc::clone(&listener) });
        Ok(Self { pool, statements, listener, listed: Arc::new(InterviewCache::new()), ending })
    }

    /// Runs a use case where the driver may block.
    fn call<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        outside_runtime(work)?
    }
}

impl Store for PostgresStore {
    fn kind(&self) -> &'static str {
        "postgres"
    }

    fn patient(&self, patience: &Patience) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Self {
            pool: self.pool.patient(patience),
            statements: Arc::clone(&self.statements),
            listener: Arc::clone(&self.listener),
            listed: Arc::clone(&self.listed),
            ending: Arc::clone(&self.ending),
        }))
    }

    fn create_interview(&self, write: CreateInterview) -> Result<Written> {
        self.call(|| self.write_interview(&write))
    }

    fn interview(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Arc<Interview>>> {
        self.call(|| self.read_interview(tenant, id))
    }

    fn planned(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Planned>> {
        self.call(|| self.read_planned(tenant, id))
    }

    fn update_interview(&self, write: UpdateInterview) -> Result<Written> {
        self.call(|| self.write_update(&write))
    }

    fn list_interviews(&self, tenant: &Tenant, query: &ListQuery) -> Result<(Vec<Arc<Interview>>, Option<u64>)> {
        self.call(|| self.read_list(tenant, query))
    }

    fn interviews_of(&self, tenant: &Tenant, external_id: &str) -> Result<Vec<InterviewId>> {
        self.call(|| self.read_interviews_of(tenant, external_id))
    }

    fn start_session(&self, write: StartSession) -> Result<Written> {
        self.call(|| self.write_session(&write))
    }

    fn session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Session>>> {
        self.call(|| self.read_session(tenant, id))
    }

    fn session_version(&self, tenant: &Tenant, id: SessionId) -> Result<Option<u64>> {
        self.call(|| self.read_version(tenant, id))
    }

    fn sessions_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<SessionId>> {
        self.call(|| self.read_sessions_of(tenant, interview))
    }

    fn idle_sessions(&self, tenant: &Tenant, before: DateTime<Utc>, limit: u32) -> Result<Vec<SessionId>> {
        self.call(|| self.read_idle(tenant, before, limit))
    }

    fn step_session(&self, step: SessionStep) -> Result<Written> {
        self.call(|| self.write_step(&step))
    }

    fn save_evaluation(&self, write: SaveEvaluation) -> Result<Written> {
        self.call(|| self.write_evaluation(&write))
    }

    fn evaluation(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<Arc<Evaluation>>> {
        self.call(|| self.read_evaluation(tenant, id))
    }

    fn evaluation_of_session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Evaluation>>> {
        self.call(|| self.read_evaluation_of(tenant, id))
    }

    fn evaluations_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<EvaluationId>> {
        self.call(|| self.read_evaluations_of(tenant, interview))
    }

    fn list_evaluations(&self, tenant: &Tenant, query: &EvaluationQuery) -> Result<Vec<Arc<Evaluation>>> {
        self.call(|| self.read_evaluations(tenant, query))
    }

    fn successor(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<EvaluationId>> {
        self.call(|| self.read_successor(tenant, id))
    }

    fn lease_next(&self, now: DateTime<Utc>, lease: Lease) -> Result<Option<Job>> {
        self.call(|| self.take_next(now, lease))
    }

    fn lease_evaluation(&self, tenant: &Tenant, id: EvaluationId, now: DateTime<Utc>, lease: Lease) -> Result<Leased> {
        self.call(|| self.take_evaluation(tenant, id, now, lease))
    }

    fn renew_lease(&self, id: EvaluationId, lease: Lease) -> Result<bool> {
        self.call(|| self.renew(id, lease))
    }

    fn release_job(&self, id: EvaluationId, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        self.call(|| self.release(id, token, run_at, counts))
    }

    fn next_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.call(|| self.read_next_due())?.map(|due_at| due_at.max(now)))
    }

    fn keep_calibration(&self, new: KeptCalibration) -> Result<KeptCalibration> {
        self.call(|| self.write_calibration(&new))
    }

    fn calibration(&self, tenant: &Tenant, name: &str, version: Option<u32>) -> Result<Option<KeptCalibration>> {
        self.call(|| self.read_calibration(tenant, name, version))
    }

    fn calibrations(&self, tenant: Option<&Tenant>) -> Result<Vec<KeptCalibration>> {
        self.call(|| self.read_calibrations(tenant))
    }

    fn import_calibration(&self, given: &KeptCalibration) -> Result<()> {
        self.call(|| self.take_calibration(given))
    }

    fn subscribe(&self, tenant: &Tenant, subscription: &Subscription) -> Result<()> {
        self.call(|| self.write_subscription(tenant, subscription))
    }

    fn unsubscribe(&self, tenant: &Tenant, name: &str) -> Result<bool> {
        self.call(|| self.delete_subscription(tenant, name))
    }

    fn subscriptions(&self, tenant: &Tenant) -> Result<Vec<Subscription>> {
        self.call(|| self.read_subscriptions(tenant))
    }

    fn lease_delivery(
        &self,
        tenant: &Tenant,
        name: &str,
        now: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Option<Delivery>> {
        self.call(|| self.take_delivery(tenant, name, now, lease))
    }

    fn end_delivery(&self, token: LeaseToken) -> Result<bool> {
        self.call(|| self.delete_delivery(token))
    }

    fn release_delivery(&self, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        self.call(|| self.give_delivery_back(token, run_at, counts))
    }

    fn backlog(&self) -> Result<Backlog> {
        self.call(|| self.read_backlog())
    }

    fn kept_reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>> {
        self.call(|| self.read_reply(key, not_before))
    }

    fn keep_reply(&self, write: KeepReply) -> Result<Written> {
        self.call(|| self.write_reply(&write))
    }

    fn reserve(&self, reservation: Reservation) -> Result<bool> {
        self.call(|| self.write_reservation(&reservation))
    }

    fn settle(&self, scope: &str, period: DateTime<Utc>, back_tokens: u64, back_nanos: u64) -> Result<()> {
        self.call(|| self.give_back(scope, period, back_tokens, back_nanos))
    }

    fn spent(&self, scope: &str, period: DateTime<Utc>) -> Result<(u64, u64)> {
        self.call(|| self.read_spent(scope, period))
    }

    fn key(&self, scope: &Sha256Digest) -> Result<Option<KeyRecord>> {
        self.call(|| self.pool.run(|connection, _| self.find_key(connection, scope)))
    }

    fn events(&self, tenant: &Tenant, session: SessionId, after: u64, limit: u32) -> Result<Vec<Event>> {
        // On the caller's own thread: see `listen`.
        self.listener.reading(session);
        self.call(|| self.read_events(tenant, session, after, limit))
    }

    fn audit_state(&self, tenant: &Tenant, interview: InterviewId) -> Result<Option<AuditState>> {
        self.call(|| self.read_audit_state(tenant, interview))
    }

    fn audit_page(&self, tenant: &Tenant, interview: InterviewId, after: u64, limit: u32) -> Result<AuditPage> {
        self.call(|| self.read_audit_page(tenant, interview, after, limit))
    }

    fn erase_interview(&self, write: EraseInterview) -> Result<Written> {
        let written = self.call(|| self.erase(&write));
        // Also when it failed: it may have been done.
        self.listed.erase(write.interview_id);
        written
    }

    fn export(&self, after: Option<InterviewId>, limit: u32) -> Result<Vec<Bundle>> {
        self.call(|| self.read_bundles(after, limit))
    }

    fn import(&self, bundle: Bundle) -> Result<bool> {
        let replaced = self.call(|| self.write_bundle(&bundle));
        self.listed.erase(bundle.interview.id);
        replaced
    }

    fn backup(&self, _path: &Path) -> Result<()> {
        Err(Error::new(
            ErrorKind::Unsupported,
            "a PostgreSQL store is backed up with the server's own tools: see pg_dump",
        ))
    }

    fn wait_for_notification(&self, tenant: &Tenant, session: SessionId, timeout: Duration) -> Result<()> {
        if self.pool.is_closed() {
            return Err(pool::closed());
        }
        self.wait_notified(tenant, session, timeout)
    }

    fn health(&self) -> Result<StoreHealth> {
        let names = self.statements.names();
        let version = self.call(|| self.pool.run(|connection, _| migrate::version(connection, names)));
        version.map(|schema_version| StoreHealth { schema_version })
    }

    fn close(&self) -> Result<()> {
        self.ending.end()
    }
}
