//! The store in memory: nothing outlives the process, everything else is as in the others.

mod calibrations;
mod outbox;
mod queue;
mod replies;
mod spending;

use std::collections::{BTreeMap, HashMap};
use std::ops;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};

use self::calibrations::Calibrations;
use self::outbox::Outbox;
use self::queue::Queue;
use self::replies::Replies;
use self::spending::Spending;
use super::list::{cursor_lost, fold};
use super::{
    AuditPage, AuditState, Bound, Bundle, CreateInterview, EraseInterview, EvaluationQuery, EvaluationWrite, Job,
    KeepReply, KeptCalibration, KeyClaim, KeyRecord, KeyResult, Keyset, Lease, LeaseToken, Leased, ListQuery, Order,
    Planned, Reservation, SaveEvaluation, SessionStep, SortBy, Standing, StartSession, Store, StoreHealth, Tenant,
    UpdateInterview, Written,
};
use crate::audit::{Content, EventDraft, StoredEvent, Subject, origin};
use crate::domain::canonical::Sha256Digest;
use crate::domain::{
    Backlog, Delivery, Evaluation, EvaluationId, EvaluationStatus, Event, Interview, InterviewId, InterviewStatus,
    Message, Session, SessionId, SessionStatus, Subscription,
};
use crate::error::{Error, ErrorKind, Result};
use crate::patience::Patience;

/// Everything about one interview but its sessions' words.
///
/// Locks are taken in this order: a key's shard, a session, an interview's state, the queue, the outbox or the replies; the maps' own locks are held only to look up or to insert.
struct InterviewCell {
    id: InterviewId,
    tenant: Tenant,
    state: Mutex<InterviewState>,
}

struct InterviewState {
    interview: Arc<Interview>,
    folded_name: String,
    erased_at: Option<DateTime<Utc>>,
    sessions: Vec<SessionId>,
    evaluations: Vec<Arc<EvaluationWrite>>,
    log: Vec<StoredEvent>,
}

impl InterviewState {
    fn new(interview: Arc<Interview>) -> Self {
        Self {
            folded_name: fold(&interview.candidate_name),
            interview,
            erased_at: None,
            sessions: Vec::new(),
            evaluations: Vec::new(),
            log: Vec::new(),
        }
    }

    fn is_erased(&self) -> bool {
        self.erased_at.is_some()
    }

    fn head(&self) -> (u64, Sha256Digest) {
        self.log.last().map_or((0, origin(self.interview.id)), |event| (event.number, event.link))
    }

    /// The number of the last entry, where all are of the plan.
    fn draft(&self) -> Option<u64> {
        self.log.last().filter(|last| last.subject == Subject::Plan).map(|last| last.number)
    }

    /// Whether nothing can be written on the strength of the draft that this was.
    fn is_past(&self, draft: Option<u64>) -> bool {
        draft.is_some_and(|draft| draft != self.head().0)
    }

    /// Whether a session has an evaluation that has not failed.
    fn has_evaluated(&self, session: Option<SessionId>) -> bool {
        session.is_some()
            && self
                .evaluations
                .iter()
                .any(|kept| kept.evaluation.session_id == session && kept.evaluation.status != EvaluationStatus::Failed)
    }

    /// The evaluation that supersedes another and has not failed.
    fn successor(&self, id: EvaluationId) -> Option<EvaluationId> {
        let mut kept = self.evaluations.iter().map(|write| &write.evaluation);
        kept.find(|kept| kept.supersedes == Some(id) && kept.status != EvaluationStatus::Failed).map(|kept| kept.id)
    }

    /// Whether a new evaluation may be kept.
    fn may_begin(&self, new: &Evaluation) -> bool {
        let Some(superseded) = new.supersedes else { return !self.has_evaluated(new.session_id) };
        let mut kept = self.evaluations.iter().map(|write| &write.evaluation);
        kept.find(|kept| kept.id == superseded)
            .is_some_and(|kept| kept.session_id == new.session_id && kept.status.is_final())
            && self.successor(superseded).is_none()
    }

    fn set_status(&mut self, status: InterviewStatus, at: DateTime<Utc>) {
        if self.interview.status != status {
            let interview = Arc::make_mut(&mut self.interview);
            interview.status = status;
            interview.updated_at = at;
        }
    }
}

struct SessionCell {
    interview: Arc<InterviewCell>,
    session: Mutex<Arc<Session>>,
}

type KeyShard = Mutex<HashMap<Sha256Digest, (InterviewId, KeyRecord)>>;
const KEY_SHARDS: usize = 16;

/// Keeps everything in memory.
pub(crate) struct MemoryStore {
    interviews: RwLock<HashMap<Tenant, BTreeMap<InterviewId, Arc<InterviewCell>>>>,
    sessions: RwLock<HashMap<SessionId, Arc<SessionCell>>>,
    evaluations: RwLock<HashMap<Tenant, BTreeMap<EvaluationId, Arc<InterviewCell>>>>,
    keys: [KeyShard; KEY_SHARDS],
    queue: Queue,
    outbox: Outbox,
    calibrations: Calibrations,
    replies: Replies,
    spending: Spending,
}

impl MemoryStore {
    pub(crate) fn new() -> Self {
        Self {
            interviews: RwLock::default(),
            sessions: RwLock::default(),
            evaluations: RwLock::default(),
            keys: std::array::from_fn(|_| KeyShard::default()),
            queue: Queue::default(),
            outbox: Outbox::default(),
            calibrations: Calibrations::default(),
            replies: Replies::default(),
            spending: Spending::default(),
        }
    }

    fn key_shard(&self, scope: &Sha256Digest) -> &KeyShard {
        &self.keys[usize::from(scope[0]) % KEY_SHARDS]
    }

    /// Runs a write under its key: not at all where the key is taken; the key is kept only if the write is done.
    fn keyed(
        &self,
        interview: InterviewId,
        key: Option<(KeyClaim, KeyResult)>,
        write: impl FnOnce() -> Result<Written>,
    ) -> Result<Written> {
        let Some((claim, result)) = key else { return write() };
        let mut shard = self.key_shard(&claim.scope).lock();
        if let Some((_, record)) = shard.get(&claim.scope) {
            return Ok(Written::KeyTaken(*record));
        }
        let written = write()?;
        if written == Written::Done {
            shard.insert(claim.scope, (interview, KeyRecord { request: Some(claim.request), result }));
        }
        Ok(written)
    }

    /// The interview's cell, erased or not.
    fn cell(&self, tenant: &Tenant, id: InterviewId) -> Option<Arc<InterviewCell>> {
        self.interviews.read().get(tenant)?.get(&id).cloned()
    }

    /// Adds entries to an interview's log, and has them delivered.
    fn append(&self, tenant: &Tenant, state: &mut InterviewState, events: Vec<EventDraft>) {
        for draft in events {
            let (number, previous) = state.head();
            let event = StoredEvent::after(&previous, number + 1, draft);
            // What is said is nobody's to be told of.
            if !matches!(event.subject, Subject::Message(_)) {
                self.outbox.add(tenant, state.interview.id, &event);
            }
            state.log.push(event);
        }
    }

    fn session_cell(&self, tenant: &Tenant, id: SessionId) -> Option<Arc<SessionCell>> {
        self.sessions.read().get(&id).filter(|cell| cell.interview.tenant == *tenant).cloned()
    }

    fn with_state<T>(&self, tenant: &Tenant, id: InterviewId, read: impl FnOnce(&InterviewState) -> T) -> Option<T> {
        let cell = self.cell(tenant, id)?;
        let state = cell.state.lock();
        (!state.is_erased()).then(|| read(&state))
    }

    /// Keeps a new evaluation; false where it may not be.
    fn begin_evaluation(&self, cell: &Arc<InterviewCell>, state: &mut InterviewState, write: EvaluationWrite) -> bool {
        let evaluation = &write.evaluation;
        if !state.may_begin(evaluation) {
            return false;
        }
        self.evaluations.write().entry(Arc::clone(&cell.tenant)).or_default().insert(evaluation.id, Arc::clone(cell));
        if !evaluation.status.is_final() {
            self.queue.add(evaluation.id, &cell.tenant, evaluation.created_at, write.lease);
        }
        state.evaluations.push(unleased(write));
        true
    }

    /// An evaluation as a reader sees it.
    fn shown(&self, write: &EvaluationWrite) -> Arc<Evaluation> {
        let evaluation = Arc::clone(&write.evaluation);
        let status = match evaluation.status {
            status if status.is_final() => status,
            _ if self.queue.is_leased(evaluation.id) => EvaluationStatus::Running,
            _ => EvaluationStatus::Pending,
        };
        super::as_kept(evaluation, status)
    }

    fn evaluation_cell(&self, tenant: &Tenant, id: EvaluationId) -> Option<Arc<InterviewCell>> {
        self.evaluations.read().get(tenant)?.get(&id).cloned()
    }

    fn message(&self, session: SessionId, number: u32) -> Option<Arc<Message>> {
        let cell = self.sessions.read().get(&session).cloned()?;
        let session = cell.session.lock();
        session.messages.get(number.checked_sub(1)? as usize).cloned()
    }

    fn content(&self, event: &StoredEvent, plan: &Arc<Interview>, evaluations: &[Arc<EvaluationWrite>]) -> Content {
        match event.subject {
            Subject::Nothing | Subject::Request(_) => Content::Nothing,
            Subject::Plan if plan.questions.is_empty() => Content::Nothing,
            Subject::Plan => Content::Plan(Arc::clone(plan)),
            Subject::Session => {
                let cell = event.session_id.and_then(|id| self.sessions.read().get(&id).cloned());
                cell.map_or(Content::Nothing, |cell| Content::Session(cell.session.lock().session_language))
            }
            Subject::Message(number) => {
                let message = event.session_id.and_then(|session| self.message(session, number));
                message.map_or(Content::Nothing, Content::Message)
            }
            Subject::Evaluation(id) => evaluations
                .iter()
                .find(|write| write.evaluation.id == id)
                .map_or(Content::Nothing, |write| Content::Evaluation(write.document.clone())),
        }
    }

    fn bundle(&self, cell: &InterviewCell) -> Bundle {
        // Everything is locked, in the order of locks, so that no write falls between.
        let keys = self.keys.each_ref().map(|shard| shard.lock());
        loop {
            let ids = cell.state.lock().sessions.clone();
            let cells: Vec<_> = ids.iter().filter_map(|id| self.sessions.read().get(id).cloned()).collect();
            let sessions: Vec<_> = cells.iter().map(|cell| cell.session.lock()).collect();
            let state = cell.state.lock();
            if state.sessions != ids {
                // A session was started, or all were erased, meanwhile.
                continue;
            }
            let keys = keys.iter().flat_map(|shard| shard.iter()).filter(|(_, (interview, _))| *interview == cell.id);
            let keys = keys.map(|(scope, (_, record))| {
                let request = record.request.filter(|_| !state.is_erased());
                (*scope, KeyRecord { request, ..*record })
            });
            return Bundle {
                tenant: Arc::clone(&cell.tenant),
                interview: Arc::clone(&state.interview),
                erased_at: state.erased_at,
                sessions: sessions.iter().map(|session| Arc::clone(session)).collect(),
                evaluations: state.evaluations.iter().map(|write| EvaluationWrite::clone(write)).collect(),
                events: state.log.clone(),
                keys: keys.collect(),
            };
        }
    }
}

/// Where an interview stands in an order.
fn position(query: &ListQuery, state: &InterviewState) -> (String, InterviewId) {
    let key = match query.sort_by {
        SortBy::Date => String::new(),
        SortBy::Name => state.folded_name.clone(),
        SortBy::Status => state.interview.status.as_str().to_owned(),
    };
    (key, state.interview.id)
}

fn passes(query: &ListQuery, state: &InterviewState) -> bool {
    !state.is_erased()
        && query.status.is_none_or(|status| status == state.interview.status)
        && query.from.is_none_or(|from| state.interview.id >= from)
        && query.before.is_none_or(|before| state.interview.id < before)
        && query.name.as_ref().is_none_or(|name| state.folded_name.contains(name.as_str()))
}

impl Store for MemoryStore {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn patient(&self, _patience: &Patience) -> Option<Arc<dyn Store>> {
        None
    }

    fn create_interview(&self, write: CreateInterview) -> Result<Written> {
        let CreateInterview { tenant, interview, events, key } = write;
        let id = interview.id;
        self.keyed(id, key.map(|key| (key, KeyResult::Interview(id))), || {
            match self.interviews.write().entry(Arc::clone(&tenant)).or_default().entry(id) {
                std::collections::btree_map::Entry::Occupied(_) => {
                    Err(Error::conflict(format!("interview {id} is there already")))
                }
                std::collections::btree_map::Entry::Vacant(place) => {
                    let mut state = InterviewState::new(interview);
                    self.append(&tenant, &mut state, events);
                    place.insert(Arc::new(InterviewCell { id, tenant, state: Mutex::new(state) }));
                    Ok(Written::Done)
                }
            }
        })
    }

    fn interview(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Arc<Interview>>> {
        Ok(self.with_state(tenant, id, |state| Arc::clone(&state.interview)))
    }

    fn planned(&self, tenant: &Tenant, id: InterviewId) -> Result<Option<Planned>> {
        Ok(self
            .with_state(tenant, id, |state| Planned { interview: Arc::clone(&state.interview), draft: state.draft() }))
    }

    fn update_interview(&self, write: UpdateInterview) -> Result<Written> {
        let UpdateInterview { tenant, draft, interview, event, key } = write;
        let id = interview.id;
        self.keyed(id, key, || {
            let Some(cell) = self.cell(&tenant, id) else { return Ok(Written::Stale) };
            let mut state = cell.state.lock();
            if state.is_erased() || state.is_past(Some(draft)) {
                return Ok(Written::Stale);
            }
            state.folded_name = fold(&interview.candidate_name);
            state.interview = interview;
            self.append(&tenant, &mut state, vec![event]);
            Ok(Written::Done)
        })
    }

    fn list_interviews(&self, tenant: &Tenant, query: &ListQuery) -> Result<(Vec<Arc<Interview>>, Option<u64>)> {
        let cells: Vec<_> =
            self.interviews.read().get(tenant).map(|all| all.values().cloned().collect()).unwrap_or_default();
        let mut rows: Vec<_> = cells
            .iter()
            .filter_map(|cell| {
                let state = cell.state.lock();
                passes(query, &state).then(|| (position(query, &state), Arc::clone(&state.interview)))
            })
            .collect();
        let total = query.total.then_some(rows.len() as u64);
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        if query.order == Order::Descending {
            rows.reverse();
        }
        let skip = match query.bound {
            Bound::Offset(offset) => usize::try_from(offset).unwrap_or(usize::MAX),
            Bound::After(Keyset { id, status }) => {
                let key = match (query.sort_by, status) {
                    (SortBy::Date, _) => String::new(),
                    (SortBy::Name, _) => {
                        self.with_state(tenant, id, |state| state.folded_name.clone()).ok_or_else(cursor_lost)?
                    }
                    (SortBy::Status, status) => status.map_or_else(String::new, |status| status.as_str().to_owned()),
                };
                let last = (key, id);
                rows.partition_point(|(place, _)| match query.order {
                    Order::Ascending => *place <= last,
                    Order::Descending => *place >= last,
                })
            }
        };
        let page = rows.into_iter().skip(skip).take(query.limit as usize + 1).map(|(_, interview)| interview).collect();
        Ok((page, total))
    }

    fn interviews_of(&self, tenant: &Tenant, external_id: &str) -> Result<Vec<InterviewId>> {
        let cells: Vec<_> =
            self.interviews.read().get(tenant).map(|all| all.values().cloned().collect()).unwrap_or_default();
        Ok(cells
            .iter()
            .filter(|cell| {
                let state = cell.state.lock();
                !state.is_erased() && state.interview.external_id.as_deref() == Some(external_id)
            })
            .map(|cell| cell.id)
            .collect())
    }

    fn start_session(&self, write: StartSession) -> Result<Written> {
        let StartSession { tenant, draft, session, events, key } = write;
        let (id, interview) = (session.id, session.interview_id);
        self.keyed(interview, key.map(|key| (key, KeyResult::Session(id))), || {
            let Some(cell) = self.cell(&tenant, interview) else { return Ok(Written::Stale) };
            let mut state = cell.state.lock();
            if state.is_erased() || state.is_past(draft) {
                return Ok(Written::Stale);
            }
            if state.interview.status == InterviewStatus::Pending {
                state.set_status(InterviewStatus::InProgress, session.updated_at);
            }
            state.sessions.push(id);
            let place = SessionCell { interview: Arc::clone(&cell), session: Mutex::new(session) };
            self.sessions.write().insert(id, Arc::new(place));
            self.append(&tenant, &mut state, events);
            Ok(Written::Done)
        })
    }

    fn session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Session>>> {
        Ok(self.session_cell(tenant, id).map(|cell| Arc::clone(&cell.session.lock())))
    }

    fn session_version(&self, tenant: &Tenant, id: SessionId) -> Result<Option<u64>> {
        Ok(self.session_cell(tenant, id).map(|cell| cell.session.lock().version))
    }

    fn sessions_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<SessionId>> {
        Ok(self.with_state(tenant, interview, |state| sorted(state.sessions.clone())).unwrap_or_default())
    }

    fn idle_sessions(&self, tenant: &Tenant, before: DateTime<Utc>, limit: u32) -> Result<Vec<SessionId>> {
        let cells: Vec<_> =
            self.sessions.read().values().filter(|cell| cell.interview.tenant == *tenant).cloned().collect();
        let mut idle: Vec<_> = cells
            .iter()
            .map(|cell| Arc::clone(&cell.session.lock()))
            .filter(|session| session.status == SessionStatus::Active && session.updated_at < before)
            .map(|session| session.id)
            .collect();
        idle.sort_unstable();
        idle.truncate(limit as usize);
        Ok(idle)
    }

    fn step_session(&self, step: SessionStep) -> Result<Written> {
        let SessionStep { tenant, from_version, session, added: _, evaluation, events, key } = step;
        let id = session.id;
        self.keyed(session.interview_id, key, || {
            let Some(cell) = self.session_cell(&tenant, id) else { return Ok(Written::Stale) };
            let mut place = cell.session.lock();
            let mut state = cell.interview.state.lock();
            if place.version != from_version || state.is_erased() {
                return Ok(Written::Stale);
            }
            if let Some(write) = evaluation
                && !self.begin_evaluation(&cell.interview, &mut state, write)
            {
                return Ok(Written::Stale);
            }
            if session.status == SessionStatus::Completed {
                state.set_status(InterviewStatus::Completed, session.updated_at);
            }
            *place = session;
            self.append(&tenant, &mut state, events);
            Ok(Written::Done)
        })
    }

    fn save_evaluation(&self, write: SaveEvaluation) -> Result<Written> {
        let SaveEvaluation { tenant, draft, write, new, events, key } = write;
        let (id, interview) = (write.evaluation.id, write.evaluation.interview_id);
        self.keyed(interview, key.map(|key| (key, KeyResult::Evaluation(id))), || {
            let Some(cell) = self.cell(&tenant, interview) else { return Ok(Written::Stale) };
            let mut state = cell.state.lock();
            if state.is_erased() || state.is_past(draft) {
                return Ok(Written::Stale);
            }
            let kept = state.evaluations.iter().position(|kept| kept.evaluation.id == id);
            let saved = match kept {
                None if new => self.begin_evaluation(&cell, &mut state, write),
                // Only an evaluation that is not final stands in the queue.
                Some(at) if !new && self.queue.may_finish(id, write.lease.map(|lease| lease.token)) => {
                    self.queue.remove(id);
                    state.evaluations[at] = unleased(write);
                    true
                }
                _ => false,
            };
            if !saved {
                return Ok(Written::Stale);
            }
            self.append(&tenant, &mut state, events);
            Ok(Written::Done)
        })
    }

    fn evaluation(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<Arc<Evaluation>>> {
        let Some(cell) = self.evaluation_cell(tenant, id) else { return Ok(None) };
        let state = cell.state.lock();
        let found = state.evaluations.iter().find(|write| write.evaluation.id == id);
        Ok(found.map(|write| self.shown(write)))
    }

    fn evaluation_of_session(&self, tenant: &Tenant, id: SessionId) -> Result<Option<Arc<Evaluation>>> {
        let Some(cell) = self.session_cell(tenant, id) else { return Ok(None) };
        let state = cell.interview.state.lock();
        let of_session = state.evaluations.iter().filter(|write| write.evaluation.session_id == Some(id));
        let best = of_session.max_by_key(|write| {
            let evaluation = &write.evaluation;
            (evaluation.status != EvaluationStatus::Failed, state.successor(evaluation.id).is_none())
        });
        Ok(best.map(|write| self.shown(write)))
    }

    fn evaluations_of(&self, tenant: &Tenant, interview: InterviewId) -> Result<Vec<EvaluationId>> {
        let ids = self.with_state(tenant, interview, |state| {
            sorted(state.evaluations.iter().map(|write| write.evaluation.id).collect())
        });
        Ok(ids.unwrap_or_default())
    }

    fn list_evaluations(&self, tenant: &Tenant, query: &EvaluationQuery) -> Result<Vec<Arc<Evaluation>>> {
        let limit = query.limit as usize + 1;
        let is_wanted = |shown: &Arc<Evaluation>| query.status.is_none_or(|status| status == shown.status);
        if let Some(interview) = query.interview {
            let of_interview = self.with_state(tenant, interview, |state| {
                let before =
                    state.evaluations.iter().filter(|write| query.before.is_none_or(|id| write.evaluation.id < id));
                before.map(|write| self.shown(write)).filter(is_wanted).collect::<Vec<_>>()
            });
            let mut page = of_interview.unwrap_or_default();
            page.sort_unstable_by_key(|evaluation| std::cmp::Reverse(evaluation.id));
            page.truncate(limit);
            return Ok(page);
        }
        let mut page = Vec::with_capacity(limit);
        let mut before = query.before;
        while page.len() < limit {
            // The map is not held while an interview's state is.
            let cells: Vec<(EvaluationId, Arc<InterviewCell>)> = {
                let all = self.evaluations.read();
                let Some(all) = all.get(tenant) else { break };
                let range = before.map_or((ops::Bound::Unbounded, ops::Bound::Unbounded), |before| {
                    (ops::Bound::Unbounded, ops::Bound::Excluded(before))
                });
                all.range(range).rev().take(limit).map(|(id, cell)| (*id, Arc::clone(cell))).collect()
            };
            let Some((last, _)) = cells.last() else { break };
            before = Some(*last);
            for (id, cell) in &cells {
                let state = cell.state.lock();
                let found = state.evaluations.iter().find(|write| write.evaluation.id == *id);
                page.extend(found.map(|write| self.shown(write)).filter(is_wanted));
            }
        }
        page.truncate(limit);
        Ok(page)
    }

    fn successor(&self, tenant: &Tenant, id: EvaluationId) -> Result<Option<EvaluationId>> {
        let cell = self.evaluation_cell(tenant, id);
        Ok(cell.and_then(|cell| cell.state.lock().successor(id)))
    }

    fn lease_next(&self, now: DateTime<Utc>, lease: Lease) -> Result<Option<Job>> {
        Ok(self.queue.lease_next(now, lease))
    }

    fn lease_evaluation(&self, tenant: &Tenant, id: EvaluationId, now: DateTime<Utc>, lease: Lease) -> Result<Leased> {
        Ok(self.queue.lease(tenant, id, now, lease))
    }

    fn renew_lease(&self, id: EvaluationId, lease: Lease) -> Result<bool> {
        Ok(self.queue.renew(id, lease))
    }

    fn release_job(&self, id: EvaluationId, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        Ok(self.queue.release(id, token, run_at, counts))
    }

    fn next_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.queue.next_due().map(|due_at| due_at.max(now)))
    }

    fn keep_calibration(&self, new: KeptCalibration) -> Result<KeptCalibration> {
        Ok(self.calibrations.keep(new))
    }

    fn calibration(&self, tenant: &Tenant, name: &str, version: Option<u32>) -> Result<Option<KeptCalibration>> {
        Ok(self.calibrations.read(tenant, name, version))
    }

    fn calibrations(&self, tenant: Option<&Tenant>) -> Result<Vec<KeptCalibration>> {
        Ok(self.calibrations.list(tenant))
    }

    fn import_calibration(&self, given: &KeptCalibration) -> Result<()> {
        self.calibrations.import(given)
    }

    fn subscribe(&self, tenant: &Tenant, subscription: &Subscription) -> Result<()> {
        self.outbox.subscribe(tenant, subscription);
        Ok(())
    }

    fn unsubscribe(&self, tenant: &Tenant, name: &str) -> Result<bool> {
        Ok(self.outbox.unsubscribe(tenant, name))
    }

    fn subscriptions(&self, tenant: &Tenant) -> Result<Vec<Subscription>> {
        Ok(self.outbox.subscriptions(tenant))
    }

    fn lease_delivery(
        &self,
        tenant: &Tenant,
        name: &str,
        now: DateTime<Utc>,
        lease: Lease,
    ) -> Result<Option<Delivery>> {
        Ok(self.outbox.lease(tenant, name, now, lease))
    }

    fn end_delivery(&self, token: LeaseToken) -> Result<bool> {
        Ok(self.outbox.end(token))
    }

    fn release_delivery(&self, token: LeaseToken, run_at: DateTime<Utc>, counts: bool) -> Result<bool> {
        Ok(self.outbox.release(token, run_at, counts))
    }

    fn backlog(&self) -> Result<Backlog> {
        Ok(self.outbox.backlog(self.queue.len()))
    }

    fn kept_reply(&self, key: &Sha256Digest, not_before: DateTime<Utc>) -> Result<Option<String>> {
        Ok(self.replies.get(key, not_before))
    }

    fn keep_reply(&self, write: KeepReply) -> Result<Written> {
        let Some(cell) = self.cell(&write.tenant, write.interview_id) else { return Ok(Written::Stale) };
        let state = cell.state.lock();
        if state.is_erased() {
            return Ok(Written::Stale);
        }
        self.replies.keep(write);
        Ok(Written::Done)
    }

    fn reserve(&self, reservation: Reservation) -> Result<bool> {
        Ok(self.spending.reserve(reservation))
    }

    fn settle(&self, scope: &str, period: DateTime<Utc>, back_tokens: u64, back_nanos: u64) -> Result<()> {
        self.spending.settle(scope, period, back_tokens, back_nanos);
        Ok(())
    }

    fn spent(&self, scope: &str, period: DateTime<Utc>) -> Result<(u64, u64)> {
        Ok(self.spending.spent(scope, period))
    }

    fn key(&self, scope: &Sha256Digest) -> Result<Option<KeyRecord>> {
        Ok(self.key_shard(scope).lock().get(scope).map(|(_, record)| *record))
    }

    fn events(&self, tenant: &Tenant, session: SessionId, after: u64, limit: u32) -> Result<Vec<Event>> {
        let Some(cell) = self.session_cell(tenant, session) else { return Ok(Vec::new()) };
        let events: Vec<StoredEvent> = {
            let state = cell.interview.state.lock();
            let skip = usize::try_from(after).unwrap_or(usize::MAX);
            let later = state.log.iter().skip(skip).filter(|event| event.session_id == Some(session));
            later.take(limit as usize).cloned().collect()
        };
        Ok(events
            .into_iter()
            .map(|event| {
                let message = match event.subject {
                    Subject::Message(number) => self.message(session, number),
                    _ => None,
                };
                event.into_event(cell.interview.id, message)
            })
            .collect())
    }

    fn audit_state(&self, tenant: &Tenant, interview: InterviewId) -> Result<Option<AuditState>> {
        Ok(self.cell(tenant, interview).map(|cell| {
            let state = cell.state.lock();
            let (number, link) = state.head();
            AuditState { number, link, erased: state.is_erased() }
        }))
    }

    fn audit_page(&self, tenant: &Tenant, interview: InterviewId, after: u64, limit: u32) -> Result<AuditPage> {
        let Some(cell) = self.cell(tenant, interview) else { return Ok(Vec::new()) };
        let (events, plan, evaluations) = {
            let state = cell.state.lock();
            let skip = usize::try_from(after).unwrap_or(usize::MAX);
            let is_plan = |at: usize| state.log.get(at).is_some_and(|event| event.subject == Subject::Plan);
            let page = state.log.iter().enumerate().skip(skip).take(limit as usize);
            let events: Vec<_> = page.map(|(at, event)| (event.clone(), is_plan(at) && is_plan(at + 1))).collect();
            (events, Arc::clone(&state.interview), state.evaluations.clone())
        };
        Ok(events
            .into_iter()
            .map(|(event, is_replaced)| {
                let content = match is_replaced {
                    true => Content::Nothing,
                    false => self.content(&event, &plan, &evaluations),
                };
                (event, content)
            })
            .collect())
    }

    fn erase_interview(&self, write: EraseInterview) -> Result<Written> {
        let EraseInterview { tenant, interview_id, draft, time, event } = write;
        let Some(cell) = self.cell(&tenant, interview_id) else { return Ok(Written::Stale) };
        let (sessions, evaluations) = {
            let mut state = cell.state.lock();
            if state.is_erased() {
                return Ok(Written::Done);
            }
            if state.is_past(draft) {
                return Ok(Written::Stale);
            }
            state.erased_at = Some(time);
            state.interview = Arc::new(super::tombstone(&state.interview));
            state.folded_name = String::new();
            for event in &mut state.log {
                event.salt = None;
            }
            self.append(&tenant, &mut state, vec![event]);
            state.evaluations.iter().for_each(|write| self.queue.remove(write.evaluation.id));
            self.replies.forget(interview_id);
            (std::mem::take(&mut state.sessions), std::mem::take(&mut state.evaluations))
        };
        {
            let mut all = self.sessions.write();
            sessions.iter().for_each(|id| drop(all.remove(id)));
        }
        {
            let mut all = self.evaluations.write();
            let mut all = all.get_mut(&tenant);
            evaluations.iter().for_each(|write| drop(all.as_mut().and_then(|all| all.remove(&write.evaluation.id))));
        }
        for shard in &self.keys {
            for (_, record) in shard.lock().values_mut().filter(|(interview, _)| *interview == interview_id) {
                record.request = None;
            }
        }
        Ok(Written::Done)
    }

    fn export(&self, after: Option<InterviewId>, limit: u32) -> Result<Vec<Bundle>> {
        let mut cells: Vec<_> = {
            let all = self.interviews.read();
            all.values().flat_map(BTreeMap::values).filter(|cell| Some(cell.id) > after).cloned().collect()
        };
        cells.sort_unstable_by_key(|cell| cell.id);
        cells.truncate(limit as usize);
        Ok(cells.iter().map(|cell| self.bundle(cell)).collect())
    }

    fn import(&self, bundle: Bundle) -> Result<bool> {
        let id = bundle.interview.id;
        let mut shards = self.keys.each_ref().map(|shard| shard.lock());
        let mut interviews = self.interviews.write();
        let kept = interviews.values().find_map(|of_tenant| of_tenant.get(&id)).cloned();
        if let Some(kept) = &kept {
            let mut state = kept.state.lock();
            match bundle.standing(&kept.tenant, state.head()) {
                Standing::Same => return Ok(false),
                Standing::Other => return Err(super::already_there(id)),
                Standing::Later => {}
            }
            // Whoever still holds it finds that it is over, and looks again.
            state.erased_at = Some(state.interview.updated_at);
            let (mut sessions, mut evaluations) = (self.sessions.write(), self.evaluations.write());
            state.sessions.iter().for_each(|id| drop(sessions.remove(id)));
            let mut of_tenant = evaluations.get_mut(&kept.tenant);
            for write in &state.evaluations {
                of_tenant.as_mut().and_then(|all| all.remove(&write.evaluation.id));
                self.queue.remove(write.evaluation.id);
            }
            self.outbox.forget(id);
            self.replies.forget(id);
            shards.iter_mut().for_each(|shard| shard.retain(|_, (interview, _)| *interview != id));
        }
        let Bundle { tenant, interview, erased_at, sessions, evaluations, events, keys } = bundle;
        let mut state = InterviewState::new(interview);
        state.erased_at = erased_at;
        state.sessions = sessions.iter().map(|session| session.id).collect();
        state.evaluations = evaluations.into_iter().map(unleased).collect();
        state.log = events;
        let ids: Vec<_> = state.evaluations.iter().map(|write| write.evaluation.id).collect();
        let asked = state.evaluations.iter().map(|write| &write.evaluation).filter(|kept| !kept.status.is_final());
        let asked: Vec<_> = asked.map(|kept| (kept.id, kept.created_at)).collect();
        let cell = Arc::new(InterviewCell { id, tenant: Arc::clone(&tenant), state: Mutex::new(state) });
        self.sessions.write().extend(sessions.into_iter().map(|session| {
            let id = session.id;
            (id, Arc::new(SessionCell { interview: Arc::clone(&cell), session: Mutex::new(session) }))
        }));
        self.evaluations
            .write()
            .entry(Arc::clone(&tenant))
            .or_default()
            .extend(ids.into_iter().map(|id| (id, Arc::clone(&cell))));
        for (scope, record) in keys {
            shards[usize::from(scope[0]) % KEY_SHARDS].insert(scope, (id, record));
        }
        interviews.entry(Arc::clone(&tenant)).or_default().insert(id, cell);
        asked.into_iter().for_each(|(id, at)| self.queue.add(id, &tenant, at, None));
        Ok(kept.is_some())
    }

    fn backup(&self, _path: &Path) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "the memory store has no file to back up: copy it to another store"))
    }

    fn health(&self) -> Result<StoreHealth> {
        Ok(StoreHealth { schema_version: 0 })
    }

    fn close(&self) -> Result<()> {
        Ok(())
    }
}

/// An evaluation as it is kept: who holds a lease on it stands in the queue.
fn unleased(write: EvaluationWrite) -> Arc<EvaluationWrite> {
    Arc::new(EvaluationWrite { lease: None, ..write })
}

fn sorted<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids
}
