//! The store in an SQLite file, shared by any number of threads and by the processes of one machine.
//!
//! Writes are committed in groups by whichever caller leads (see `writer`); readers have connections of their own and never wait for them.

mod calibrations;
mod copy;
mod deliveries;
mod error;
#[cfg(target_os = "linux")]
mod guard;
mod list;
mod migrate;
mod queue;
mod read;
mod reader;
mod replies;
mod rows;
mod spending;
#[cfg(test)]
mod tests;
mod write;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rusqlite::Connection;

use self::error::{Outcome, from_sqlite};
use self::reader::Readers;
use self::writer::Writer;
use super::interview_cache::InterviewCache;
use super::url::{SqlitePlace, SqliteUrl};
use super::{
    AuditPage, AuditState, Bundle, CreateInterview, EraseInterview, EvaluationQuery, Job, KeepReply, KeptCalibration,
    KeyRecord, Lease, LeaseToken, Leased, ListQuery, Planned, Reservation, SaveEvaluation, SessionStep, StartSession,
    Store, StoreHealth, Tenant, UpdateInterview, Written,
};
use crate::domain::canonical::Sha256Digest;
use crate::domain::{
    Backlog, Delivery, Evaluation, EvaluationId, Event, Interview, InterviewId, Session, SessionId, Subscription,
};
use crate::error::{Error, Result};
use crate::patience::Patience;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 128;
/// How long one attempt to empty the write-ahead log may keep writers waiting.
const CHECKPOINT_ATTEMPT: Duration = Duration::from_millis(20);

/// What every connection has, the writer's and the readers'.
fn tune(connection: &Connection, busy_timeout: Duration) -> Outcome<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(busy_timeout)?;
    migrate::harden(connection)
}

/// Empties the write-ahead log; false where others keep it from that.
fn checkpoint(connection: &Connection) -> Outcome<bool> {
    match connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)) {
        Ok(busy) => Ok(busy == 0),
        Err(error) if error::is_busy(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// An SQLite file, or a private database in memory, that is open.
struct Database {
    writer: Writer,
    /// None in memory, where the writer's connection is the only one.
    readers: Option<Readers>,
    busy_timeout: Duration,
    listed: InterviewCache,
    #[cfg(target_os = "linux")]
    guard: Option<guard::Guard>,
}

impl Drop for Database {
    fn drop(&mut self) {
        // Whoever drops it without closing has nobody to tell.
        let _ = self.close();
    }
}

impl Database {
    /// Empties the log, unless other processes use the file: then it is theirs to empty, and they are not waited for.
    fn leave_log(&self, connection: &Connection) -> Outcome<()> {
        connection.busy_timeout(CHECKPOINT_ATTEMPT.min(self.busy_timeout))?;
        checkpoint(connection).map(drop)
    }

    fn close(&self) -> Result<()> {
        let connection = self.writer.close();
        if let Some(readers) = &self.readers {
            readers.close();
        }
        let Some(connection) = connection else { return Ok(()) };
        let emptied = if self.readers.is_some() { self.leave_log(&connection) } else { Ok(()) };
        #[cfg(target_os = "linux")]
        self.guard.iter().for_each(guard::Guard::release);
        let ended = connection.close().map_err(|(_, error)| from_sqlite(&error));
        #[cfg(target_os = "linux")]
        self.guard.iter().for_each(guard::Guard::close);
        emptied?;
        ended
    }
}

/// Keeps everything in an SQLite file, or in a private database in memory.
pub(crate) struct SqliteStore {
    database: Arc<Database>,
    /// How long its calls wait for those of others, besides `busy_timeout`.
    patience: Patience,
}

impl SqliteStore {
    /// Opens or creates the file, and brings its schema to this library's version.
    pub(crate) fn open(url: &SqliteUrl) -> Result<Self> {
        let writer = Writer::new(migrate::open(url)?, url.busy_timeout);
        #[cfg(target_os = "linux")]
        let guard = match &url.place {
            SqlitePlace::Memory => None,
            SqlitePlace::File(path) => {
                // A first look makes the log's index.
                writer.with(migrate::version)?;
                Some(guard::Guard::hold(path)?)
            }
        };
        let readers = match &url.place {
            SqlitePlace::Memory => None,
            SqlitePlace::File(path) => Some(Readers::new(path.clone(), url.busy_timeout)),
        };
        let database = Database {
            writer,
            readers,
            busy_timeout: url.busy_timeout,
            listed: InterviewCache::new(),
            #[cfg(target_os = "linux")]
            guard,
        };
        Ok(Self { database: Arc::new(database), patience: Patience::default() })
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        match &self.database.readers {
            Some(readers) => readers.with(&self.patience.for_store(), work),
            None => self.database.writer.with(work),
        }
    }

    fn write(&self, job: impl FnOnce(&Connection) -> Outcome<Written> + Send + 'static) -> Result<Written> {
        self.database.writer.write(&self.patience.for_store(), job)
    }

    /// Runs a write that has an answer; where it has none, what it wrote is undone.
    fn write_for<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Outcome<Option<T>> + Send + 'static,
    ) -> Result<Option<T>> {
        let answer = Arc::new(Mutex::new(None));
        let place = Arc::clone(&answer);
        self.write(move |connection| {
            let found = work(connection)?;
            let written = if found.is_some() { Written::Done } else { Written::Stale };
            *place.lock() = found;
            Ok(written)
        })?;
        let answer = answer.lock().take();
        Ok(answer)
    }

    /// Runs a write that may find that there is nothing for it to do.
    fn write_if(&self, work: impl FnOnce(&Connection) -> Outcome<bool> + Send + 'static) -> Result<bool> {
        let done = self.write_for(move |connection| Ok(work(connection)?.then_some(())))?;
        Ok(done.is_some())
    }

    /// Makes sure that nothing erased is left in the write-ahead log.
    fn empty_log(&self) -> Result<()> {
        if self.database.readers.is_none() {
            return Ok(());
        }
        let deadline = Instant::now() + self.database.busy_timeout;
        let patience = self.patience.for_store();
        loop {
            let done = self.database.writer.with(|connection| {
                connection.busy_timeout(CHECKPOINT_ATTEMPT.min(self.database.busy_timeout))?;
                let done = checkpoint(connection);
                connection.busy_timeout(self.database.busy_timeout)?;
                done
            })?;
            if done {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let words =
                    "the interview is erased, but other readers keep its words in the write-ahead log: erase it again";
                return Err(Error::storage(words).retryable());
            }
            let words = "the interview was erased, and other readers kept its words in the write-ahead log";
            patience.pause(Duration::from_millis(2), words)?;
        }
    }
}

impl Store for SqliteStore {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn patient(&self, patience: &Patience) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Self { database: Arc::clone(&self.database), patience: patience.clone() }))
    }

    fn create_interview(&self, write: CreateInterview) -> Result<Written> {
        self.write(move |connection| write::create_interview(connection, write))
    }

    fn interview(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Arc<Interview>>> {
        self.read(|connection| read::interview(connection, tenant, id))
    }

    fn planned(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Planned>> {
        self.read(|connection| read::planned(connection, tenant, id))
    }

    fn update_interview(&self, write: UpdateInterview) -> Result<Written> {
        self.write(move |connection| write::update_interview(connection, write))
    }

    fn list_interviews(&self, tenant: &Tenant, query: &ListQuery) -> Result<(Vec<Arc<Interview>>, Option<u64>)> {
        self.read(|connection| list::list(connection, tenant, query, &self.database.listed))
    }

    fn interviews_of(&self, tenant: &Tenant, external_id: &str) -> Result<Vec<InterviewId>> {
        self.read(|connection| read::interviews_of(connection, tenant, external_id))
    }

    fn start_session(&self, write: StartSession) -> Result<Written> {
        self.write(move |connection| write::start_session(connection, write))
    }

    fn session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Session>>> {
        self.read(|connection| read::session(connection, tenant, id))
    }

    fn session_version(&self, tenant: &Tenant, id: SessionId) -> Result<Option<u64>> {
        self.read(|connection| read::session_version(connection, tenant, id))
    }

    fn sessions_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<SessionId>> {
        self.read(|connection| read::sessions_of(connection, tenant, interview))
    }

    fn idle_sessions(&self, tenant: &Tenant, before: DateTime<Utc>, limit: u32) -> Result<Vec<SessionId>> {
        self.read(|connection| read::idle_sessions(connection, tenant, before, limit))
    }

    fn step_session(&self, step: SessionStep) -> Result<Written> {
        self.write(move |connection| write::step_session(connection, step))
    }

    fn save_evaluation(&self, write: SaveEvaluation) -> Result<Written> {
        self.write(move |connection| write::save_evaluation(connection, write))
    }

    fn evaluation(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<Arc<Evaluation>>> {
        self.read(|connection| read::evaluation(connection, tenant, id))
    }

    fn evaluation_of_session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Evaluation>>> {
        self.read(|connection| read::evaluation_of_session(connection, tenant, id))
    }

    fn evaluations_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<EvaluationId>> {
        self.read(|connection| read::evaluations_of(connection, tenant, interview))
    }

    fn list_evaluations(&self, tenant: &Tenant, query: &EvaluationQuery) -> Result<Vec<Arc<Evaluation>>> {
        self.read(|connection| list::list_evaluations(connection, tenant, query))
    }

    fn successor(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<EvaluationId>> {
        self.read(|connection| read::successor(connection, tenant, id))
    }

    fn lease_next(&self, now: DateTime<Utc>, lease: Lease) -> Result<Option<Job>> {
        self.write_for(move |connection| queue::lease_next(connection, now, lease))
    }

    fn lease_evaluation(&self, tenant: &Tenant, id: EvaluationId, now: DateTime<Utc>, lease: Lease) -> Result<Leased> {
        let tenant = Arc::clone(tenant);
        let leased = self.write_for(move |connection| queue::lease(connection, &tenant, id, now, lease).map(Some))?;
        Ok(leased.unwrap_or(Leased::Gone))
    }

    fn renew_lease(&self, id: EvaluationId, lease: Lease) -> Result<bool> {
        self.write_if(move |connection| queue::renew(connection, id, lease))
    }

    fn release_job(&self, id: EvaluationId, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        self.write_if(move |connection| queue::release(connection, id, token, run_at, counts))
    }

    fn next_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.read(queue::next_due)?.map(|due_at| due_at.max(now)))
    }

    fn keep_calibration(&self, new: KeptCalibration) -> Result<KeptCalibration> {
        let kept = self.write_for(move |connection| calibrations::keep(connection, new.clone()).map(Some))?;
        kept.ok_or_else(|| Error::internal("a calibration was not kept"))
    }

    fn calibration(&self, tenant: &Tenant, name: &str, version: Option<u32>) -> Result<Option<KeptCalibration>> {
        self.read(|connection| calibrations::read(connection, tenant, name, version))
    }

    fn calibrations(&self, tenant: Option<&Tenant>) -> Result<Vec<KeptCalibration>> {
        self.read(|connection| calibrations::list(connection, tenant))
    }

    fn import_calibration(&self, given: &KeptCalibration) -> Result<()> {
        let given = given.clone();
        self.write_if(move |connection| calibrations::import(connection, &given).map(|()| true)).map(drop)
    }

    fn subscribe(&self, tenant: &Tenant, subscription: &Subscription) -> Result<()> {
        let (tenant, subscription) = (Arc::clone(tenant), subscription.clone());
        let subscribed =
            self.write_if(move |connection| deliveries::subscribe(connection, &tenant, &subscription).map(|()| true));
        subscribed.map(drop)
    }

    fn unsubscribe(&self, tenant: &Tenant, name: &str) -> Result<bool> {
        let (tenant, name) = (Arc::clone(tenant), name.to_owned());
        self.write_if(move |connection| deliveries::unsubscribe(connection, &tenant, &name))
    }

    fn subscriptions(&self, tenant: &Tenant) -> Result<Vec<Subscription>> {
        self.read(|connection| deliveries::subscriptions(connection, tenant))
    }

    fn lease_delivery(
        &self,
        tenant: &Tenant,
        name: &str,
        now: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Option<Delivery>> {
        // A look costs the file no lock.
        if !self.read(|connection| deliveries::is_due(connection, tenant, name, now))? {
            return Ok(None);
        }
        let (tenant, name) = (Arc::clone(tenant), name.to_owned());
        self.write_for(move |connection| deliveries::lease(connection, &tenant, &name, now, lease))
    }

    fn end_delivery(&self, token: LeaseToken) -> Result<bool> {
        self.write_if(move |connection| deliveries::end(connection, token))
    }

    fn release_delivery(&self, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        self.write_if(move |connection| deliveries::release(connection, token, run_at, counts))
    }

    fn backlog(&self) -> Result<Backlog> {
        self.read(deliveries::backlog)
    }

    fn kept_reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>> {
        self.read(|connection| replies::kept(connection, key, not_before))
    }

    fn keep_reply(&self, write: KeepReply) -> Result<Written> {
        self.write(move |connection| replies::keep(connection, &write))
    }

    fn reserve(&self, reservation: Reservation) -> Result<bool> {
        self.write_if(move |connection| spending::reserve(connection, &reservation))
    }

    fn settle(&self, scope: &str, period: DateTime<Utc>, back_tokens: u64, back_nanos: u64) -> Result<()> {
        let scope = scope.to_owned();
        self.write(move |connection| {
            spending::settle(connection, &scope, period, back_tokens, back_nanos)?;
            Ok(Written::Done)
        })
        .map(drop)
    }

    fn spent(&self, scope: &str, period: DateTime<Utc>) -> Result<(u64, u64)> {
        self.read(|connection| spending::spent(connection, scope, period))
    }

    fn key(&self, scope: &Sha256Digest) -> Result<Option<KeyRecord>> {
        self.read(|connection| write::find_key(connection, scope))
    }

    fn events(&self, tenant: &Tenant, session: SessionId, after: u64, limit: u32) -> Result<Vec<Event>> {
        self.read(|connection| read::events(connection, tenant, session, after, limit))
    }

    fn audit_state(&self, tenant: &Tenant, interview: InterviewId) -> Result<Option<AuditState>> {
        self.read(|connection| read::audit_state(connection, tenant, interview))
    }

    fn audit_page(&self, tenant: &Tenant, interview: InterviewId, after: u64, limit: u32) -> Result<AuditPage> {
        self.read(|connection| read::audit_page(connection, tenant, interview, after, limit))
    }

    fn erase_interview(&self, write: EraseInterview) -> Result<Written> {
        let id = write.interview_id;
        let written = self.write(move |connection| write::erase(connection, write));
        // Also when it failed: it may have been done.
        self.database.listed.erase(id);
        written
    }

    fn purge(&self) -> Result<()> {
        self.empty_log()
    }

    fn export(&self, after: Option<InterviewId>, limit: u32) -> Result<Vec<Bundle>> {
        self.read(|connection| copy::export(connection, after, limit))
    }

    fn import(&self, bundle: Bundle) -> Result<bool> {
        let id = bundle.interview.id;
        let replaced = self.write_for(move |connection| copy::import(connection, &bundle).map(Some));
        self.database.listed.erase(id);
        Ok(replaced?.unwrap_or(false))
    }

    fn backup(&self, path: &Path) -> Result<()> {
        match &self.database.readers {
            // Not one of the readers' connections, which may not write at all.
            Some(readers) => {
                self.database.writer.with(|_| Ok(()))?;
                Ok(copy::backup(&readers.connect()?, path)?)
            }
            None => self.database.writer.with(|connection| copy::backup(connection, path)),
        }
    }

    fn health(&self) -> Result<StoreHealth> {
        self.read(migrate::version).map(|schema_version| StoreHealth { schema_version })
    }

    fn close(&self) -> Result<()> {
        self.database.close()
    }
}
