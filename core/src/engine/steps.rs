//! Taking a session from one version to the next, in the store and in the cache.

use std::sync::Arc;

use super::Engine;
use crate::audit::{EventDraft, Recorder};
use crate::domain::{Interview, Session, SessionId, SessionStatus};
use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::store::{EvaluationWrite, KeyClaim, KeyResult, Live, SessionStep, Since, Snapshot, Written};

/// How a session ends.
pub(super) struct Ending {
    pub(super) status: SessionStatus,
    pub(super) evaluation: Option<EvaluationWrite>,
}

impl Engine {
    /// Ends a session without a message.
    pub(super) fn end(
        &self,
        live: &Live,
        session: &Arc<Session>,
        ending: Ending,
        actor: &'static str,
        key: Option<(KeyClaim, KeyResult)>,
    ) -> Result<(Written, Arc<Session>)> {
        let interview = self.plan(live, session)?;
        let now = self.now();
        let mut after = session.going_on();
        after.status = ending.status;
        after.version += 1;
        after.updated_at = now;
        after.ended_at = Some(now);
        let recorder = Recorder { interview_id: session.interview_id, session_id: Some(session.id), time: now };
        let action = match ending.status {
            SessionStatus::Abandoned => crate::Action::SessionAbandoned,
            SessionStatus::Active | SessionStatus::Completed => crate::Action::SessionCompleted,
        };
        let mut events = vec![recorder.plain(action, actor, self.salt())?];
        if let Some(write) = &ending.evaluation {
            events.push(recorder.evaluation_requested(write.evaluation.id, self.salt())?);
        }
        self.write_step(live, session, after, &interview, ending.evaluation, events, key)
    }

    /// Takes a session to the state after what was said.
    pub(super) fn step(
        &self,
        live: &Live,
        from: &Arc<Session>,
        after: Session,
        interview: &Arc<Interview>,
        key: Option<(KeyClaim, KeyResult)>,
    ) -> Result<(Written, Arc<Session>)> {
        let mut after = after;
        after.version = u64::try_from(after.messages.len()).unwrap_or(u64::MAX);
        let time = after.updated_at;
        let recorder = Recorder { interview_id: from.interview_id, session_id: Some(from.id), time };
        let mut events: Vec<EventDraft> = Vec::with_capacity(3);
        for message in &after.messages[from.messages.len()..] {
            events.push(recorder.message(message, self.salt())?);
        }
        if after.status == SessionStatus::Completed {
            events.push(recorder.plain(crate::Action::SessionCompleted, "engine", self.salt())?);
        }
        self.write_step(live, from, after, interview, None, events, key)
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one write, each used once")]
    fn write_step(
        &self,
        live: &Live,
        from: &Arc<Session>,
        after: Session,
        interview: &Arc<Interview>,
        evaluation: Option<EvaluationWrite>,
        events: Vec<EventDraft>,
        key: Option<(KeyClaim, KeyResult)>,
    ) -> Result<(Written, Arc<Session>)> {
        let after = Arc::new(after);
        let step = SessionStep {
            tenant: Arc::clone(&self.tenant),
            from_version: from.version,
            session: Arc::clone(&after),
            added: after.messages.len() - from.messages.len(),
            evaluation,
            events,
            key,
        };
        let since = self.inner.cache.since();
        let written = match self.store().step_session(step) {
            Ok(written) => written,
            Err(error) => {
                // Whether it was written is not known here: the next reader asks the store.
                live.forget();
                return Err(error);
            }
        };
        if written == Written::Done {
            self.inner.cache.keep_written(live, &self.snapshot(&after, Some(Arc::clone(interview)), since), since);
            self.inner.hub.wake();
        } else {
            live.forget();
        }
        Ok((written, after))
    }

    /// The session and its plan to decide on: what is kept, or what the store has.
    pub(super) fn for_writing(
        &self,
        live: &Live,
        id: SessionId,
        exact: bool,
    ) -> Result<(Arc<Session>, Arc<Interview>)> {
        let kept = live.snapshot().filter(|kept| !exact && kept.tenant == self.tenant);
        let snapshot = match kept {
            Some(kept) => kept,
            None => self.load(live, id)?,
        };
        let interview = match snapshot.interview {
            Some(interview) => interview,
            None => self.plan(live, &snapshot.session)?,
        };
        Ok((snapshot.session, interview))
    }

    /// The session's plan, kept with it from now on.
    pub(super) fn plan(&self, live: &Live, session: &Arc<Session>) -> Result<Arc<Interview>> {
        if let Some(interview) = live.snapshot().and_then(|kept| kept.interview) {
            return Ok(interview);
        }
        let since = self.inner.cache.since();
        let interview = self.store().interview(&self.tenant, session.interview_id)?;
        let interview = interview.ok_or_else(|| Error::not_found("session", session.id))?;
        self.inner.cache.keep_plan(live, &interview, since);
        Ok(interview)
    }

    /// Reads a session from the store and keeps it.
    pub(super) fn load(&self, live: &Live, id: SessionId) -> Result<Snapshot> {
        let since = self.inner.cache.since();
        match self.store().session(&self.tenant, id)? {
            Some(session) => {
                let interview = live.snapshot().and_then(|kept| kept.interview);
                let snapshot = self.snapshot(&session, interview, since);
                self.inner.cache.keep(live, &snapshot, since);
                Ok(snapshot)
            }
            None => {
                // The place may be another tenant's.
                if live.snapshot().is_none_or(|kept| kept.tenant == self.tenant) {
                    live.forget();
                    self.inner.cache.remove(id);
                }
                Err(Error::not_found("session", id))
            }
        }
    }

    pub(super) fn stored_session(&self, id: SessionId) -> Result<Arc<Session>> {
        self.store().session(&self.tenant, id)?.ok_or_else(|| Error::not_found("session", id))
    }

    pub(super) fn snapshot(&self, session: &Arc<Session>, interview: Option<Arc<Interview>>, since: Since) -> Snapshot {
        Snapshot { tenant: Arc::clone(&self.tenant), session: Arc::clone(session), interview, checked_at: since.at() }
    }
}

/// Refuses a version that the caller named and that moved.
pub(super) fn expect_version(session: &Session, expected: Option<u64>) -> Result<()> {
    match expected {
        Some(version) if version != session.version => {
            Err(Error::conflict(format!("session {} is at version {}, not at {version}", session.id, session.version)))
        }
        _ => Ok(()),
    }
}

pub(super) fn not_active(id: SessionId) -> Error {
    Error::invalid_state(format!("session {id} is not active"))
}

pub(super) fn not_over(patience: &Patience) -> Result<()> {
    patience.check("others wrote to the session or the interview")
}

pub(super) fn foreign_result() -> Error {
    Error::internal("a key of one operation holds another's result")
}
