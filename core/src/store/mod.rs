//! Keeping everything: one trait in use cases, and its three backends.
//!
//! A backend does each use case in one transaction, numbers and links the audit entries that come with it inside that transaction, and knows no rules: what may
//! happen is decided above, on a session at a version, and the backend refuses a step from any other version.

mod interview_cache;
mod list;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod queue;
mod replies;
mod session_cache;
mod spending;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
pub(crate) mod tests;
mod url;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub(crate) use list::{Bound, EvaluationQuery, Keyset, ListQuery};
pub use list::{EvaluationPage, InterviewPage, ListEvaluations, ListInterviews, Order, Paging, SortBy};
pub(crate) use queue::{Job, Lease, LeaseToken, Leased};
pub(crate) use replies::KeepReply;
pub(crate) use session_cache::{Live, SessionCache, Since, Snapshot};
pub(crate) use spending::Reservation;

use crate::audit::{Content, EventDraft, StoredEvent, origin};
use crate::domain::canonical::Sha256Digest;
use crate::domain::{
    Backlog, Delivery, Evaluation, EvaluationId, EvaluationStatus, Event, Interview, InterviewId, Message, Session,
    SessionId, Subscription,
};
use crate::error::{Error, ErrorKind, Result};
use crate::patience::Patience;

/// Whose data it is: every row, key and cache entry belongs to a tenant.
pub(crate) type Tenant = Arc<str>;

/// An idempotency key at its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyClaim {
    /// The SHA-256 of tenant, operation, parent and key.
    pub(crate) scope: Sha256Digest,
    /// The SHA-256 of the request, by which another request under the same key is told.
    pub(crate) request: Sha256Digest,
}

/// What a key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRecord {
    /// None once the interview was erased.
    pub(crate) request: Option<Sha256Digest>,
    pub(crate) result: KeyResult,
}

/// Where the first success under a key is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyResult {
    Interview(InterviewId),
    /// The plan that the entry of this number of the interview's log speaks of.
    Plan(InterviewId, u32),
    Session(SessionId),
    /// The candidate's message of this number.
    Message(SessionId, u32),
    Evaluation(EvaluationId),
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is done, and as durable as the store makes it.
    Done,
    /// Nothing was written: the key is taken.
    KeyTaken(KeyRecord),
    /// Nothing was written: what it starts from is not, or no longer, there.
    Stale,
}

/// Plans an interview. Fails with `conflict` where the id is taken.
#[derive(Debug, Clone)]
pub(crate) struct CreateInterview {
    pub(crate) tenant: Tenant,
    pub(crate) interview: Arc<Interview>,
    pub(crate) events: Vec<EventDraft>,
    pub(crate) key: Option<KeyClaim>,
}

/// An interview to start from: at one moment, its plan and whether that may still be replaced.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) interview: Arc<Interview>,
    /// The number of the last entry of the log, where the interview is a draft: its log speaks of nothing but its plan, because no session was started and no evaluation
    /// asked for. What is written on the strength of a draft is stale once the log has gone on.
    pub(crate) draft: Option<u64>,
}

/// Replaces a draft's plan. Stale where the interview is not there, or its log has gone on since.
#[derive(Debug, Clone)]
pub(crate) struct UpdateInterview {
    pub(crate) tenant: Tenant,
    pub(crate) draft: u64,
    /// The whole interview with its new plan.
    pub(crate) interview: Arc<Interview>,
    pub(crate) event: EventDraft,
    pub(crate) key: Option<(KeyClaim, KeyResult)>,
}

/// Starts a session, with what the interviewer says first. Stale where the interview is not there, or was a draft whose log has gone on since; a pending interview is in
/// progress afterwards.
#[derive(Debug, Clone)]
pub(crate) struct StartSession {
    pub(crate) tenant: Tenant,
    pub(crate) draft: Option<u64>,
    pub(crate) session: Arc<Session>,
    pub(crate) events: Vec<EventDraft>,
    pub(crate) key: Option<KeyClaim>,
}

/// Takes a session from one version to the next: messages are added, it may end, and an evaluation may be asked for.
/// Stale where the session is not there or at another version, or has an evaluation that has not failed when one is asked for. A completed session completes its
/// interview.
#[derive(Debug, Clone)]
pub(crate) struct SessionStep {
    pub(crate) tenant: Tenant,
    /// The version that the step starts from.
    pub(crate) from_version: u64,
    /// The whole session after the step.
    pub(crate) session: Arc<Session>,
    /// How many of its messages are new: none, one or two.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres")),
        allow(dead_code, reason = "memory keeps the session as a whole")
    )]
    pub(crate) added: usize,
    pub(crate) evaluation: Option<EvaluationWrite>,
    pub(crate) events: Vec<EventDraft>,
    /// A key for the result that goes with it.
    pub(crate) key: Option<(KeyClaim, KeyResult)>,
}

impl SessionStep {
    /// What is said in the step.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres")),
        allow(dead_code, reason = "memory keeps the session as a whole")
    )]
    pub(crate) fn messages(&self) -> &[Arc<Message>] {
        let all = &self.session.messages;
        &all[all.len().saturating_sub(self.added)..]
    }
}

/// An evaluation with its canonical JSON, which is what is kept.
#[derive(Debug, Clone)]
pub(crate) struct EvaluationWrite {
    pub(crate) evaluation: Arc<Evaluation>,
    pub(crate) document: String,
    /// The lease that the caller takes with an evaluation that is still to be judged, or that it has judged it under. Without, a new one is there for any worker to take.
    pub(crate) lease: Option<Lease>,
}

/// Keeps an evaluation: a new one, or the result of one that is kept without. One that is still to be judged stands in the queue from then on, until its result is kept.
///
/// Stale where the interview is not there, or was a draft whose log has gone on since; where one that should be new exists, or its session has one that has not failed; where one that supersedes another is not of the
/// same interview and session, or the other is not final or is superseded by one that has not failed; where the one to be finished is not there, is final, or is leased
/// by another.
#[derive(Debug, Clone)]
pub(crate) struct SaveEvaluation {
    pub(crate) tenant: Tenant,
    /// Of a new one.
    pub(crate) draft: Option<u64>,
    pub(crate) write: EvaluationWrite,
    /// Whether it is a new one.
    pub(crate) new: bool,
    pub(crate) events: Vec<EventDraft>,
    pub(crate) key: Option<KeyClaim>,
}

/// Erases an interview: its plan's and sessions' words, its evaluations, the replies that were kept for it, the salts of its entries and the requests of its keys. Its
/// id, its times and its log stay. Stale where the interview is not there, or was a draft whose log has gone on since; done on an erased one, where it does nothing. What is left in files is for [`Store::purge`].
#[derive(Debug, Clone)]
pub(crate) struct EraseInterview {
    pub(crate) tenant: Tenant,
    pub(crate) interview_id: InterviewId,
    pub(crate) draft: Option<u64>,
    pub(crate) time: DateTime<Utc>,
    pub(crate) event: EventDraft,
}

/// A page of an interview's log with the content of each entry, for verification. The plan is the content of the last entry that is of it: what others before it were of is
/// not kept.
pub(crate) type AuditPage = Vec<(StoredEvent, Content)>;

/// Where an interview's log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuditState {
    pub(crate) number: u64,
    pub(crate) link: Sha256Digest,
    pub(crate) erased: bool,
}

/// Everything that belongs to one interview, at one moment: what a copy between stores moves. Nothing in it is leased, and replies that are kept are no part of it.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    pub(crate) tenant: Tenant,
    pub(crate) interview: Arc<Interview>,
    pub(crate) erased_at: Option<DateTime<Utc>>,
    pub(crate) sessions: Vec<Arc<Session>>,
    pub(crate) evaluations: Vec<EvaluationWrite>,
    pub(crate) events: Vec<StoredEvent>,
    pub(crate) keys: Vec<(Sha256Digest, KeyRecord)>,
}

/// What a copied interview is to the one that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The same.
    Same,
    /// What the kept one has become.
    Later,
    /// Another.
    Other,
}

impl Bundle {
    /// Where its log ends.
    pub(crate) fn head(&self) -> (u64, Sha256Digest) {
        self.events.last().map_or((0, origin(self.interview.id)), |event| (event.number, event.link))
    }

    /// What it is to an interview that is kept for `tenant`, and whose log ends with `kept`.
    pub(crate) fn standing(&self, tenant: &str, kept: (u64, Sha256Digest)) -> Standing {
        let (number, link) = kept;
        let is_beginning = || match number.checked_sub(1) {
            None => link == origin(self.interview.id),
            Some(before) => usize::try_from(before)
                .ok()
                .and_then(|before| self.events.get(before))
                .is_some_and(|event| (event.number, event.link) == kept),
        };
        if *tenant != *self.tenant {
            Standing::Other
        } else if kept == self.head() {
            Standing::Same
        } else if is_beginning() {
            Standing::Later
        } else {
            Standing::Other
        }
    }
}

/// How the store is, for [`Engine::health`](crate::Engine::health).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoreHealth {
    /// The number of the last migration that the store has.
    pub(crate) schema_version: u32,
}

/// How a reader waits for events that another process writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wake {
    /// Looks at this interval. Works everywhere.
    Poll(Duration),
    /// Is woken by the database: PostgreSQL's LISTEN, on a connection of its own that no transaction-pooling proxy may stand before.
    Notify,
}

/// What graders taught the built-in evaluator, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptCalibration {
    pub(crate) tenant: Tenant,
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) document: String,
}

/// A place that keeps everything. Every method is safe to call from many threads; none is called with a lock of the engine's other than a session's held.
///
/// Reads answer `None` for what is not there, belongs to another tenant, or was erased.
pub(crate) trait Store: Send + Sync {
    /// `memory`, `sqlite` or `postgres`.
    fn kind(&self) -> &'static str;

    /// The same store, for a call that waits no longer than that: for other processes, for the server, or for other calls. None for a store where nothing is waited for.
    ///
    /// What was begun when it is over may be done all the same.
    fn patient(&self, patience: &Patience) -> Option<Arc<dyn Store>>;

    fn create_interview(&self, write: CreateInterview) -> Result<Written>;
    fn interview(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Arc<Interview>>>;
    fn planned(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Planned>>;
    fn update_interview(&self, write: UpdateInterview) -> Result<Written>;
    /// The rows of one page, and one more where there are more; `total` only where the query asks for it.
    fn list_interviews(&self, tenant: &Tenant, query: &ListQuery) -> Result<(Vec<Arc<Interview>>, Option<u64>)>;
    /// The interviews of a candidate by the application's id that are not erased, oldest first.
    fn interviews_of(&self, tenant: &Tenant, external_id: &str) -> Result<Vec<InterviewId>>;

    fn start_session(&self, write: StartSession) -> Result<Written>;
    fn session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Session>>>;
    fn session_version(&self, tenant: &Tenant, id: SessionId) -> Result<Option<u64>>;
    /// An interview's sessions, oldest first.
    fn sessions_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<SessionId>>;
    /// Active sessions that last changed before `before`, at most `limit`.
    fn idle_sessions(&self, tenant: &Tenant, before: DateTime<Utc>, limit: u32) -> Result<Vec<SessionId>>;
    fn step_session(&self, step: SessionStep) -> Result<Written>;

    fn save_evaluation(&self, write: SaveEvaluation) -> Result<Written>;
    /// One that is not final is `running` while somebody holds a lease on it, or held one and did not give it back; `pending` otherwise.
    fn evaluation(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<Arc<Evaluation>>>;
    /// The newest version of a session's evaluation: not failed and not superseded by one that has not failed; or else the last one that failed.
    fn evaluation_of_session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Evaluation>>>;
    /// An interview's evaluations, oldest first.
    fn evaluations_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<EvaluationId>>;
    /// The rows of one page, newest first, each as [`evaluation`](Self::evaluation) has it, and one more where there are more.
    fn list_evaluations(&self, tenant: &Tenant, query: &EvaluationQuery) -> Result<Vec<Arc<Evaluation>>>;
    /// The evaluation that supersedes another and has not failed.
    fn successor(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<EvaluationId>>;

    /// Leases the evaluation that could be taken for longest, of all tenants; none where none can be taken now. The lease's token is a new one.
    fn lease_next(&self, now: DateTime<Utc>, lease: Lease) -> Result<Option<Job>>;
    /// Leases one evaluation for whoever wants it judged now, also where it was given back for later. The holder's own lease is renewed.
    fn lease_evaluation(&self, tenant: &Tenant, id: EvaluationId, now: DateTime<Utc>, lease: Lease) -> Result<Leased>;
    /// Moves the end of a lease; false where it was lost.
    fn renew_lease(&self, id: EvaluationId, lease: Lease) -> Result<bool>;
    /// Gives an evaluation back, to be taken at `run_at` or later; false where the lease was lost. `counts` says whether this was an attempt: whoever was stopped made none.
    fn release_job(&self, id: EvaluationId, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool>;
    /// When the next evaluation can be taken, at the earliest `now`; none where the queue is empty.
    fn next_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>>;

    /// Subscribes, or changes what a subscription is of; what was to be delivered is delivered all the same.
    fn subscribe(&self, tenant: &Tenant, subscription: &Subscription) -> Result<()>;
    /// Forgets a subscription and what was to be delivered to it; false where there is none.
    fn unsubscribe(&self, tenant: &Tenant, name: &str) -> Result<bool>;
    /// By name.
    fn subscriptions(&self, tenant: &Tenant) -> Result<Vec<Subscription>>;
    /// Leases the delivery of a subscription that could be taken for longest; none where none can be taken now. The lease's token is a new one.
    fn lease_delivery(&self, tenant: &Tenant, name: &str, now: DateTime<Utc>, lease: Lease)
    -> Result<Option<Delivery>>;
    /// Ends a delivery; false where the lease was lost.
    fn end_delivery(&self, token: LeaseToken) -> Result<bool>;
    /// Gives a delivery back, to be taken at `run_at` or later; false where the lease was lost. `counts` says whether this was an attempt.
    fn release_delivery(&self, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool>;
    /// What waits, of all tenants.
    fn backlog(&self) -> Result<Backlog>;

    /// Keeps a calibration as the next version of its name, and answers what is kept: where the newest of the name has the same document, that one.
    fn keep_calibration(&self, new: KeptCalibration) -> Result<KeptCalibration>;
    /// The newest of a name, or a version of it.
    fn calibration(&self, tenant: &Tenant, name: &str, version: Option<u32>) -> Result<Option<KeptCalibration>>;
    /// All versions, by tenant, name and version; of all tenants where none is given.
    fn calibrations(&self, tenant: Option<&Tenant>) -> Result<Vec<KeptCalibration>>;
    /// Takes a version in from another store; `conflict` where it is there with another document.
    fn import_calibration(&self, given: &KeptCalibration) -> Result<()>;

    /// A reply that was kept at `not_before` or later.
    fn kept_reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>>;
    fn keep_reply(&self, write: KeepReply) -> Result<Written>;

    /// Reserves a part of a budget; false where there is not as much left. However many do so at once, no more is reserved than there may be. The period before the
    /// present one is still kept, for those whose clocks are behind; older ones are forgotten.
    fn reserve(&self, reservation: Reservation) -> Result<bool>;
    /// Gives back what was reserved and not spent.
    fn settle(&self, scope: &str, period: DateTime<Utc>, back_tokens: u64, back_nanos: u64) -> Result<()>;
    /// The tokens and nanos that are reserved or spent.
    fn spent(&self, scope: &str, period: DateTime<Utc>) -> Result<(u64, u64)>;

    fn key(&self, scope: &Sha256Digest) -> Result<Option<KeyRecord>>;

    /// A session's events after `after`, in order, at most `limit`.
    fn events(&self, tenant: &Tenant, session: SessionId, after: u64, limit: u32) -> Result<Vec<Event>>;
    /// Erased interviews have a log too.
    fn audit_state(&self, tenant: &Tenant, interview: InterviewId) -> Result<Option<AuditState>>;
    /// An interview's log after entry `after`, in order, at most `limit` entries.
    fn audit_page(&self, tenant: &Tenant, interview: InterviewId, after: u64, limit: u32) -> Result<AuditPage>;

    fn erase_interview(&self, write: EraseInterview) -> Result<Written>;
    /// Makes sure that nothing of what was erased is left in the store's files.
    fn purge(&self) -> Result<()> {
        Ok(())
    }

    /// The interviews after `after` by id, of all tenants, at most `limit`.
    fn export(&self, after: Option<InterviewId>, limit: u32) -> Result<Vec<Bundle>>;
    /// Takes a whole interview in. Does nothing where it is there with the same log; takes its place where its log is the beginning of this one, and says so;
    /// `conflict` where it is there with another.
    fn import(&self, bundle: Bundle) -> Result<bool>;
    /// Writes a consistent copy of the whole store to a new file.
    fn backup(&self, path: &Path) -> Result<()>;

    /// Returns when the database says that the session may have new events, or after `timeout`; may return early. The reader looks for events right before it
    /// waits, on the same thread.
    fn wait_for_notification(&self, _tenant: &Tenant, _session: SessionId, _timeout: Duration) -> Result<()> {
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("the {} store has no notifications of other processes: use Wake::Poll", self.kind()),
        ))
    }

    fn health(&self) -> Result<StoreHealth>;
    /// Ends all work and connections; later calls answer `invalid_state`.
    fn close(&self) -> Result<()>;
}

/// How far an evaluation is, as a store's own column has it: what is not final is as its lease says, whatever its document was when it was asked for.
pub(crate) fn kept_status(write: &EvaluationWrite) -> EvaluationStatus {
    match (write.evaluation.status, write.lease) {
        (status, _) if status.is_final() => status,
        (_, Some(_)) => EvaluationStatus::Running,
        (_, None) => EvaluationStatus::Pending,
    }
}

/// An evaluation as a reader sees it, of which a store has `status`.
pub(crate) fn as_kept(mut evaluation: Arc<Evaluation>, status: EvaluationStatus) -> Arc<Evaluation> {
    if evaluation.status != status && !status.is_final() {
        Arc::make_mut(&mut evaluation).status = status;
    }
    evaluation
}

/// Opens the store that a URL names.
pub(crate) fn open(url: &str) -> Result<Box<dyn Store>> {
    url::StoreUrl::parse(url)?.open()
}

/// What stays of an interview after an erasure: its id, type, language, status and times.
pub(crate) fn tombstone(interview: &Interview) -> Interview {
    Interview {
        candidate_name: String::new(),
        questions: Vec::new(),
        job_description: None,
        resume: None,
        external_id: None,
        rubric: None,
        calibration: None,
        ..interview.clone()
    }
}

/// What an import answers where the interview is there with another log.
pub(crate) fn already_there(id: InterviewId) -> Error {
    Error::conflict(format!("interview {id} is there already, with another log"))
}
