//! The engine: one method for each use case, and the only place that puts the parts together.

mod answers;
mod builder;
mod calibrations;
mod call;
mod deliveries;
mod entropy;
mod evaluations;
mod events;
mod interviews;
mod jobs;
mod judging;
mod metrics;
#[cfg(feature = "llm")]
mod models;
mod revisions;
mod sessions;
mod settings;
mod steps;
mod turns;
mod under_way;
mod upkeep;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound as _, Utc};

pub use answers::AnswerOptions;
pub use builder::EngineBuilder;
use call::Call;
pub use call::CallOptions;
pub use metrics::{MetricsSnapshot, OperationMetrics};
#[cfg(feature = "llm")]
pub use models::Spent;
pub use settings::Settings;
pub use upkeep::Health;

use crate::audit::Salt;
use crate::domain::{IdEntropy, limits};
use crate::error::{Error, Result};
use crate::evaluator::Evaluator;
use crate::interviewer::Interviewer;
#[cfg(feature = "llm")]
use crate::llm::Client;
use crate::patience::{CancelToken, Patience};
use crate::store::{KeyClaim, SessionCache, Store, Tenant};
use entropy::Entropy;
use events::Hub;
use metrics::{Metrics, Operation};
use under_way::{Passage, UnderWay};

/// The tenant of an engine that was told none.
const DEFAULT_TENANT: &str = "default";

/// The last second of the year 9999.
const LATEST: DateTime<Utc> = DateTime::from_timestamp(253_402_300_799, 0).unwrap();

/// The one object that an application opens: it owns the store, the interviewer and the evaluator.
///
/// It is cheap to clone; clones share everything. All methods may be called from many threads at once and block until they are done. Concurrent calls on one session
/// take turns.
///
/// Every method answers `invalid_state` after [`close`](Self::close), `storage` where the database fails, and `not_found` for an id of another tenant.
///
/// ```
/// use vivavoce::{Engine, InterviewType, NewInterview, StartSession};
///
/// let engine = Engine::open("memory:")?;
/// let interview =
///     engine.create_interview(NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?"))?;
/// let session = engine.start_session(interview.id, StartSession::default())?;
/// let turn = engine.send_message(session.id, "Two threads each hold a lock the other needs.")?;
/// assert_eq!(turn.message.number, 2);
/// let evaluation = engine.end_session(session.id)?;
/// assert!(evaluation.score.is_some());
/// engine.close()?;
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
    tenant: Tenant,
    /// The store, as patient as the calls of this handle are.
    store: Arc<dyn Store>,
    /// What cancels all calls of this handle.
    cancel: Option<CancelToken>,
}

struct Inner {
    store: Arc<dyn Store>,
    #[cfg(feature = "llm")]
    client: Option<Client>,
    interviewer: Box<dyn Interviewer>,
    evaluator: Box<dyn Evaluator>,
    #[cfg(feature = "llm")]
    with_credentials: Option<builder::WithCredentials>,
    options: builder::Options,
    cache: SessionCache,
    entropy: Arc<Entropy>,
    hub: Hub,
    /// Wakes the workers of this process when an evaluation is left to them.
    queue: Hub,
    under_way: UnderWay,
    metrics: Metrics,
    closed: Arc<AtomicBool>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("store", &self.inner.store.kind()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens an engine on the store that `url` names, with the scripted interviewer and the built-in evaluator.
    ///
    /// # Errors
    /// `invalid_input` for a URL that names no store, `unsupported` for a store that this build lacks or whose schema is newer than this library, `storage` where it
    /// cannot be opened.
    pub fn open(url: &str) -> Result<Self> {
        Self::builder().open(url)
    }

    /// Opens an engine on the store that the environment variable `DATABASE_URL` names, or in memory where that is not set. Nothing else reads the environment.
    ///
    /// # Errors
    /// As [`open`](Self::open); `invalid_input` where the variable is not Unicode.
    pub fn open_from_env() -> Result<Self> {
        Self::builder().open_from_env()
    }

    /// Options for an engine.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// The same engine for another tenant: it sees that tenant's interviews and no others.
    ///
    /// # Errors
    /// `invalid_input` where the name is blank, longer than 200 characters or contains NUL.
    pub fn for_tenant(&self, tenant: &str) -> Result<Self> {
        self.ensure_open()?;
        limits::required_text("tenant", tenant, limits::MAX_LABEL)?;
        Ok(Self { tenant: tenant.into(), ..self.clone() })
    }

    /// The same engine, all of whose calls this token cancels, also those that take no options, and also while they wait for the database: for another process's lock on the
    /// file, or for a server that does not answer.
    ///
    /// ```
    /// use vivavoce::{CancelToken, Engine, ErrorKind, ListInterviews};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let token = CancelToken::new();
    /// let request = engine.cancelled_by(&token);
    /// assert!(request.list_interviews(&ListInterviews::default()).is_ok());
    /// token.cancel();
    /// assert_eq!(request.list_interviews(&ListInterviews::default()).unwrap_err().kind(), ErrorKind::Timeout);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    #[must_use]
    pub fn cancelled_by(&self, token: &CancelToken) -> Self {
        let token = self.cancel.as_ref().map_or_else(|| token.clone(), |other| token.clone().or(other));
        let patience = Patience { cancel: Some(token.clone()), ..Patience::default() };
        Self { cancel: Some(token), ..self.patient(&patience).unwrap_or_else(|| self.clone()) }
    }

    /// The same engine for one call that waits no longer than that; none where this one will do.
    fn patient(&self, patience: &Patience) -> Option<Self> {
        let ends = patience.deadline.is_some() || patience.cancel.is_some();
        let store = ends.then(|| self.inner.store.patient(patience))??;
        Some(Self { store, ..self.clone() })
    }

    fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The time, cut to the microseconds that every store keeps, and to the years that every store can write.
    fn now(&self) -> DateTime<Utc> {
        (self.inner.options.clock)().clamp(DateTime::UNIX_EPOCH, LATEST).trunc_subsecs(6)
    }

    fn salt(&self) -> Salt {
        self.inner.entropy.bytes()
    }

    fn id_entropy(&self) -> IdEntropy {
        self.inner.entropy.bytes()
    }

    /// Waits until no other call of this engine has the key, where there is one.
    fn alone(&self, claim: Option<&KeyClaim>, patience: &Patience) -> Result<Option<Passage<'_>>> {
        claim.map(|claim| self.inner.under_way.enter(claim, patience)).transpose()
    }

    fn call(&self, options: &CallOptions) -> Result<Call> {
        Call::new(options, self.cancel.as_ref(), &self.inner.closed)
    }

    /// Does an operation of one call, by an engine that is as patient as the call.
    fn calling<T>(
        &self,
        operation: Operation,
        options: &CallOptions,
        work: impl FnOnce(&Self, &Call) -> Result<T>,
    ) -> Result<T> {
        self.run(operation, || {
            let call = self.call(options)?;
            work(self.patient(&call.patience).as_ref().unwrap_or(self), &call)
        })
    }

    /// Who speaks in this call.
    fn interviewer(&self, call: &Call) -> &dyn Interviewer {
        let own = &*self.inner.interviewer;
        #[cfg(feature = "llm")]
        if let (Some((with_credentials, _)), true, true) =
            (&self.inner.with_credentials, call.provider.is_some(), own.models().is_empty())
        {
            return &**with_credentials;
        }
        let _ = call;
        own
    }

    /// Who judges in this call.
    fn evaluator(&self, call: &Call) -> &dyn Evaluator {
        let own = &*self.inner.evaluator;
        #[cfg(feature = "llm")]
        if let (Some((_, with_credentials)), true, true) =
            (&self.inner.with_credentials, call.provider.is_some(), own.models().is_empty())
        {
            return &**with_credentials;
        }
        let _ = call;
        own
    }

    /// Asks the application's interviewer or evaluator, whose panic is an error like any other. Who fails when the call is over has given up: then that is the error.
    fn guarded<T>(&self, whose: &'static str, call: &Call, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        let done = caught.unwrap_or_else(|_| Err(Error::internal(format!("the {whose} panicked"))));
        done.or_else(|error| call.patience.check("an interviewer or evaluator was asked").and(Err(error)))
    }

    fn ensure_open(&self) -> Result<()> {
        match self.inner.closed.load(Ordering::Acquire) {
            true => Err(Error::invalid_state("the engine is closed")),
            false => Ok(()),
        }
    }

    /// Refuses to go on with what was cancelled by the handle's own token.
    fn ensure_wanted(&self) -> Result<()> {
        let Some(cancel) = &self.cancel else { return Ok(()) };
        Patience { cancel: Some(cancel.clone()), ..Patience::default() }.check("it was worked on")
    }

    /// Does an operation: not on a closed engine, measured, within a span that names no content.
    fn run<T>(&self, operation: Operation, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.ensure_open()?;
        self.ensure_wanted()?;
        let _span = tracing::debug_span!("vivavoce", operation = operation.as_str()).entered();
        let began = Instant::now();
        let result = work();
        self.record(operation, began, result.as_ref().err());
        result
    }

    /// Counts what was done, or failed.
    fn record(&self, operation: Operation, began: Instant, error: Option<&Error>) {
        self.inner.metrics.record(operation, began.elapsed(), error.map(Error::kind));
        if let Some(error) = error {
            tracing::debug!(operation = operation.as_str(), kind = error.kind().as_str(), "failed");
        }
    }

    /// What the engine has counted since it was opened, for all tenants.
    pub fn metrics(&self) -> MetricsSnapshot {
        let snapshot = self.inner.metrics.snapshot();
        #[cfg(feature = "llm")]
        let snapshot = MetricsSnapshot { models: self.inner.client.as_ref().map(Client::counted), ..snapshot };
        snapshot
    }

    /// Ends the engine and all its clones: connections are closed, files are left complete. Calls under way finish or end with `invalid_state`. Closing again does nothing.
    ///
    /// Workers are better stopped and waited for before: one that is cut off leaves its evaluation to others only after ten seconds, and has made an attempt.
    ///
    /// # Errors
    /// `storage` where the store could not be closed cleanly; what was acknowledged is safe all the same.
    pub fn close(&self) -> Result<()> {
        if self.inner.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.inner.hub.wake();
        self.inner.store.close()
    }
}

/// When a call has to be over.
fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}
