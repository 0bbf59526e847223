//! Starting, reading and giving up sessions.

use std::sync::Arc;

use super::call::check_record;
use super::metrics::Operation;
use super::steps::{Ending, expect_version, foreign_result, not_active, not_over};
use super::{CallOptions, Engine};
use crate::audit::Recorder;
use crate::domain::{Interview, InterviewId, Session, SessionId, SessionStatus, StartSession, limits};
use crate::error::{Error, ErrorKind, Result};
use crate::interviewer::Speech;
use crate::patience::Patience;
use crate::session;
use crate::store::{KeyClaim, KeyRecord, KeyResult, Live, StartSession as StartWrite, Written};

/// What the interviewer said by a plan.
struct Spoken {
    plan: Arc<Interview>,
    words: Speech,
}

/// Whether the interviewer would be asked the same.
fn is_same_plan(one: &Interview, other: &Interview) -> bool {
    Interview { status: one.status, updated_at: one.updated_at, ..other.clone() } == *one
}

impl Engine {
    /// Starts a session: the interviewer greets and asks the first question.
    ///
    /// # Errors
    /// `not_found` where there is no such interview; what the interviewer answers where it fails.
    pub fn start_session(&self, interview: InterviewId, start: StartSession) -> Result<Arc<Session>> {
        self.start_session_with(interview, start, &CallOptions::default())
    }

    /// Starts a session, with options of this call.
    ///
    /// # Errors
    /// As [`start_session`](Self::start_session); `conflict` where the key was used for another request.
    pub fn start_session_with(
        &self,
        interview: InterviewId,
        start: StartSession,
        options: &CallOptions,
    ) -> Result<Arc<Session>> {
        self.calling(Operation::StartSession, options, |engine, call| {
            let claim = options.claim(&engine.tenant, "start_session", interview, &start)?;
            let _alone = engine.alone(claim.as_ref(), &call.patience)?;
            if let Some(claim) = &claim
                && let Some(record) = engine.store().key(&claim.scope)?
            {
                return engine.started(&record, claim);
            }
            let mut planned = engine.read_planned(interview)?;
            let mut spoken: Option<Spoken> = None;
            loop {
                let plan = planned.interview;
                let language = start.session_language.unwrap_or(plan.interview_language);
                let next = session::next(&plan, &[]);
                let words = match spoken.take() {
                    Some(spoken) if is_same_plan(&spoken.plan, &plan) => spoken.words,
                    _ => engine.speak(&plan, language, &[], next, call, None)?,
                };
                let now = engine.now();
                let id = SessionId::new(now, engine.id_entropy());
                let session = Arc::new(Session {
                    id,
                    interview_id: interview,
                    session_language: language,
                    status: SessionStatus::Active,
                    version: 1,
                    messages: vec![Arc::new(engine.message(1, next, words.clone(), now))],
                    started_at: now,
                    created_at: now,
                    updated_at: now,
                    ended_at: None,
                });
                let recorder = Recorder { interview_id: interview, session_id: Some(id), time: now };
                let write = StartWrite {
                    tenant: Arc::clone(&engine.tenant),
                    draft: planned.draft,
                    session: Arc::clone(&session),
                    events: vec![
                        recorder.session_started(&session, engine.salt())?,
                        recorder.message(&session.messages[0], engine.salt())?,
                    ],
                    key: claim,
                };
                let since = engine.inner.cache.since();
                match (engine.store().start_session(write)?, claim) {
                    (Written::Done, _) => {
                        let snapshot = engine.snapshot(&session, Some(plan), since);
                        engine.inner.cache.keep(&engine.inner.cache.live(id), &snapshot, since);
                        engine.inner.hub.wake();
                        return Ok(session);
                    }
                    (Written::KeyTaken(record), Some(claim)) => return engine.started(&record, &claim),
                    (Written::KeyTaken(_), None) => return Err(Error::internal("a key was taken that nobody gave")),
                    (Written::Stale, _) => {
                        // Another session was started first, or the plan was replaced: then other words are needed.
                        planned = engine.read_planned(interview)?;
                        spoken = Some(Spoken { plan, words });
                        not_over(&call.patience)?;
                    }
                }
            }
        })
    }

    /// The session that was started under a key, as it was then.
    fn started(&self, record: &KeyRecord, claim: &KeyClaim) -> Result<Arc<Session>> {
        check_record(record, claim)?;
        let KeyResult::Session(id) = record.result else { return Err(foreign_result()) };
        let mut first = Session::clone(&*self.stored_session(id)?);
        first.messages.truncate(1);
        first.status = SessionStatus::Active;
        first.version = 1;
        first.updated_at = first.created_at;
        first.ended_at = None;
        Ok(Arc::new(first))
    }

    /// Reads a session. What this engine wrote is always there; what other processes wrote, after the configured time at the latest.
    ///
    /// # Errors
    /// `not_found` where there is none, or its interview was erased.
    pub fn session(&self, id: SessionId) -> Result<Arc<Session>> {
        self.run(Operation::ReadSession, || {
            let live = self.inner.cache.live(id);
            let kept = live.snapshot().filter(|kept| kept.tenant == self.tenant);
            let since = self.inner.cache.since();
            let session = match kept {
                Some(kept) if kept.is_fresh(self.inner.options.read_staleness) => kept.session,
                Some(kept) if self.store().session_version(&self.tenant, id)? == Some(kept.session.version) => {
                    self.inner.cache.keep(&live, &self.snapshot(&kept.session, kept.interview, since), since);
                    kept.session
                }
                _ => self.load(&live, id)?.session,
            };
            self.unless_idle(&live, session)
        })
    }

    /// A session as [`session`](Self::session) would read it, where that takes no store: where it was read or written within the configured time. For callers that must not
    /// wait, such as a task of an async runtime, which read it elsewhere where there is none here.
    ///
    /// ```
    /// use vivavoce::{Engine, InterviewType, NewInterview, StartSession};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let interview = engine.create_interview(NewInterview::new("Ada", InterviewType::General).question("Why?"))?;
    /// let session = engine.start_session(interview.id, StartSession::default())?;
    /// assert_eq!(engine.kept_session(session.id)?.as_ref(), Some(&session));
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_state` on a closed engine.
    pub fn kept_session(&self, id: SessionId) -> Result<Option<Arc<Session>>> {
        self.ensure_open()?;
        let options = &self.inner.options;
        let kept = self.inner.cache.kept(id).filter(|kept| {
            let is_idle = || session::is_idle(&kept.session, self.now(), options.idle_timeout);
            kept.tenant == self.tenant && kept.is_fresh(options.read_staleness) && !is_idle()
        });
        kept.map(|kept| self.run(Operation::ReadSession, || Ok(kept.session))).transpose()
    }

    /// Reads a session as the store has it now, whatever other processes have written.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn session_exact(&self, id: SessionId) -> Result<Arc<Session>> {
        self.run(Operation::ReadSession, || {
            let live = self.inner.cache.live(id);
            let session = self.load(&live, id)?.session;
            self.unless_idle(&live, session)
        })
    }

    /// An interview's sessions, oldest first.
    ///
    /// # Errors
    /// `not_found` where there is no such interview.
    pub fn sessions(&self, interview: InterviewId) -> Result<Vec<SessionId>> {
        self.run(Operation::ReadSession, || {
            self.read_interview(interview)?;
            self.store().sessions_of(&self.tenant, interview)
        })
    }

    /// Gives a session up.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` where it has ended.
    pub fn abandon_session(&self, id: SessionId) -> Result<Arc<Session>> {
        self.abandon_session_with(id, &CallOptions::default())
    }

    /// Gives a session up, with options of this call.
    ///
    /// # Errors
    /// As [`abandon_session`](Self::abandon_session); `conflict` where the session is not at the version that the caller named; `timeout` where the call's time
    /// passed while it waited for others.
    pub fn abandon_session_with(&self, id: SessionId, options: &CallOptions) -> Result<Arc<Session>> {
        self.calling(Operation::AbandonSession, options, |engine, call| {
            let claim = options.claim(&engine.tenant, "abandon_session", id, &())?;
            let live = engine.inner.cache.live(id);
            let _writing = live.lock_writes(&call.patience)?;
            loop {
                let session = engine.load(&live, id)?.session;
                // The first success counts, whatever has become of the session since; it does not change any more.
                if let Some(claim) = &claim
                    && let Some(record) = engine.store().key(&claim.scope)?
                {
                    check_record(&record, claim)?;
                    return Ok(session);
                }
                expect_version(&session, options.expected_version)?;
                let key = claim.map(|claim| (claim, KeyResult::Session(id)));
                if let Some(after) = engine.abandon(&live, &session, "application", key)? {
                    return Ok(after);
                }
                not_over(&call.patience)?;
            }
        })
    }

    /// Gives up this tenant's sessions that have been idle for longer than the configured time, and says which. Does nothing without such a time. A session that is read,
    /// or is sent a message, is given up without this; one that is ended is completed.
    ///
    /// # Errors
    /// `storage`.
    pub fn abandon_idle_sessions(&self) -> Result<Vec<SessionId>> {
        self.run(Operation::AbandonSession, || {
            let limit = self.inner.options.idle_timeout.and_then(|limit| chrono::TimeDelta::from_std(limit).ok());
            let before = limit.and_then(|limit| self.now().checked_sub_signed(limit));
            let Some(before) = before else { return Ok(Vec::new()) };
            let mut abandoned = Vec::new();
            loop {
                let before_this_page = abandoned.len();
                for id in self.store().idle_sessions(&self.tenant, before, limits::MAX_PAGE)? {
                    let live = self.inner.cache.live(id);
                    let given_up = self.load(&live, id).and_then(|kept| self.unless_idle(&live, kept.session));
                    match given_up {
                        Ok(session) if session.status == SessionStatus::Abandoned => abandoned.push(id),
                        Ok(_) => {}
                        // It was erased meanwhile.
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
                // None left, or others are at it, or the clock was set back.
                if abandoned.len() == before_this_page {
                    return Ok(abandoned);
                }
            }
        })
    }

    /// The session, given up if it has been idle for too long.
    fn unless_idle(&self, live: &Live, session: Arc<Session>) -> Result<Arc<Session>> {
        let is_idle = |session: &Session| session::is_idle(session, self.now(), self.inner.options.idle_timeout);
        if !is_idle(&session) {
            return Ok(session);
        }
        let _writing = live.lock_writes(&Patience::default())?;
        loop {
            let now = self.load(live, session.id)?.session;
            // Another process may have given it up, or gone on with it.
            if !is_idle(&now) {
                return Ok(now);
            }
            if let Some(after) = self.abandon(live, &now, "engine", None)? {
                return Ok(after);
            }
        }
    }

    /// Gives up a session as it is here; none where it has moved.
    pub(super) fn abandon(
        &self,
        live: &Live,
        session: &Arc<Session>,
        actor: &'static str,
        key: Option<(KeyClaim, KeyResult)>,
    ) -> Result<Option<Arc<Session>>> {
        if session.status != SessionStatus::Active {
            return Err(not_active(session.id));
        }
        let ending = Ending { status: SessionStatus::Abandoned, evaluation: None };
        let (written, after) = self.end(live, session, ending, actor, key)?;
        Ok((written == Written::Done).then_some(after))
    }
}
