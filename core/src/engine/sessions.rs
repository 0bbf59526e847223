//! Holding sessions: every word is stored before anything is made of it.

use std::sync::Arc;
use std::time::Instant;

use super::call::check_record;
use super::metrics::Operation;
use super::{CallOptions, Engine, deadline};
use crate::audit::{EventDraft, Recorder};
use crate::domain::{
    Interview, InterviewId, Message, MessageId, MessageKind, Session, SessionId, SessionStatus, StartSession, Turn,
    limits,
};
use crate::error::{Error, ErrorKind, Result};
use crate::interviewer::Scene;
use crate::session::{self, Next};
use crate::store::{
    EvaluationWrite, KeyClaim, KeyRecord, KeyResult, Live, SessionStep, Since, Snapshot, StartSession as StartWrite,
    Written,
};

/// How a session ends.
pub(super) struct Ending {
    pub(super) status: SessionStatus,
    pub(super) evaluation: Option<EvaluationWrite>,
}

/// What became of a candidate's message.
enum Received {
    Replied(Turn),
    /// It is stored under this number; the reply is missing.
    Pending(u32),
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
        self.run(Operation::StartSession, || {
            let claim = options.claim(&self.tenant, "start_session", interview, &start)?;
            let deadline = deadline(options.timeout);
            let _alone = self.alone(claim.as_ref(), deadline)?;
            if let Some(claim) = &claim
                && let Some(record) = self.store().key(&claim.scope)?
            {
                return self.started(&record, claim);
            }
            let plan = self.read_interview(interview)?;
            let language = start.session_language.unwrap_or(plan.interview_language);
            let next = session::next(&plan, &[]);
            let words = self.speak(&Scene { interview: &plan, language, messages: &[], next, deadline })?;
            let now = self.now();
            let id = SessionId::new(now, self.id_entropy());
            let session = Arc::new(Session {
                id,
                interview_id: interview,
                session_language: language,
                status: SessionStatus::Active,
                version: 1,
                messages: vec![Arc::new(self.message(1, next, words, now))],
                started_at: now,
                created_at: now,
                updated_at: now,
                ended_at: None,
            });
            let recorder = Recorder { interview_id: interview, session_id: Some(id), time: now };
            let write = StartWrite {
                tenant: Arc::clone(&self.tenant),
                session: Arc::clone(&session),
                events: vec![
                    recorder.session_started(&session, self.salt())?,
                    recorder.message(&session.messages[0], self.salt())?,
                ],
                key: claim,
            };
            let since = self.inner.cache.since();
            match (self.store().start_session(write)?, claim) {
                (Written::Done, _) => {
                    let snapshot = self.snapshot(&session, Some(plan), since);
                    self.inner.cache.keep(&self.inner.cache.live(id), &snapshot, since);
                    self.inner.hub.wake();
                    Ok(session)
                }
                (Written::KeyTaken(record), Some(claim)) => self.started(&record, &claim),
                (Written::KeyTaken(_) | Written::Stale, _) => Err(Error::not_found("interview", interview)),
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

    /// Stores the candidate's message and answers with the interviewer's reply. The session completes with the reply to its last answer.
    ///
    /// The message is stored before anything can fail. Where the interviewer then fails, its error is returned and the turn stays pending; sending the same text again
    /// continues that turn and stores nothing twice.
    ///
    /// # Errors
    /// `invalid_input` where the text is blank, longer than 32,000 characters or contains NUL; `not_found`; `invalid_state` where the session has ended.
    pub fn send_message(&self, session: SessionId, text: &str) -> Result<Turn> {
        self.send_message_with(session, text, &CallOptions::default())
    }

    /// Sends a message, with options of this call.
    ///
    /// # Errors
    /// As [`send_message`](Self::send_message); `conflict` where the key was used for another text, or where the session is not at the version that the caller
    /// named; `timeout` where the call's time passed while it waited for others.
    pub fn send_message_with(&self, session: SessionId, text: &str, options: &CallOptions) -> Result<Turn> {
        self.run(Operation::SendMessage, || {
            limits::required_text("message", text, limits::MAX_MESSAGE)?;
            let claim = options.claim(&self.tenant, "send_message", session, &text)?;
            let deadline = deadline(options.timeout);
            let live = self.inner.cache.live(session);
            match self.receive(&live, session, text, claim, options.expected_version, deadline)? {
                Received::Replied(turn) => Ok(turn),
                Received::Pending(number) => self.reply(&live, session, number, deadline),
            }
        })
    }

    /// Stores the message, with its reply where the interviewer answers at once.
    fn receive(
        &self,
        live: &Live,
        id: SessionId,
        text: &str,
        claim: Option<KeyClaim>,
        expected_version: Option<u64>,
        deadline: Option<Instant>,
    ) -> Result<Received> {
        let _writing = live.lock_writes(deadline)?;
        // What is kept may be behind other processes: a refusal is decided on what the store has.
        let mut exact = false;
        loop {
            let (session, interview) = self.for_writing(live, id, exact)?;
            let idle = session::is_idle(&session, self.now(), self.inner.options.idle_timeout);
            let refused = session.status != SessionStatus::Active
                || idle
                || expected_version.is_some_and(|version| version != session.version);
            if refused && !exact {
                exact = true;
                continue;
            }
            if (refused || session.pending().is_some())
                && let Some(claim) = &claim
                && let Some(record) = self.store().key(&claim.scope)?
            {
                return self.received(&record, claim);
            }
            if claim.is_none()
                && let Some(message) = session.unanswered().find(|message| message.content == text)
            {
                return Ok(Received::Pending(message.number));
            }
            if session.status != SessionStatus::Active {
                return Err(not_active(id));
            }
            if idle {
                if self.abandon(live, &session, "engine", None)?.is_none() {
                    continue;
                }
                return Err(not_active(id));
            }
            expect_version(&session, expected_version)?;

            let now = self.now();
            let number = next_number(&session)?;
            let asked = session.messages.iter().rev().find(|message| message.kind != MessageKind::Answer);
            let message = Arc::new(Message {
                content: text.to_owned(),
                created_at: now,
                id: MessageId::new(now, self.id_entropy()),
                kind: MessageKind::Answer,
                number,
                question: asked.and_then(|message| message.question),
            });
            let mut after = session.going_on();
            after.messages.push(message);
            after.updated_at = now;
            // An interviewer that answers at once is heard before the write, so that one write keeps both; if it fails, the message is kept all the same.
            let reply = self.inner.interviewer.is_instant().then(|| self.compose(&after, &interview, deadline));
            let failure = match reply {
                Some(Ok(reply)) => {
                    add_reply(&mut after, reply);
                    None
                }
                Some(Err(error)) => Some(error),
                None => None,
            };
            let replied = after.messages.len() > number as usize;
            let key = claim.map(|claim| (claim, KeyResult::Message(id, number)));
            match self.step(live, &session, after, &interview, key)? {
                (Written::Done, after) => {
                    return match failure {
                        Some(error) => Err(error),
                        None if replied => Ok(Received::Replied(turn(&after, number)?)),
                        None => Ok(Received::Pending(number)),
                    };
                }
                (Written::KeyTaken(record), _) => {
                    let claim = claim.ok_or_else(foreign_result)?;
                    live.forget();
                    return self.received(&record, &claim);
                }
                (Written::Stale, _) => {
                    // Another process was faster.
                    exact = true;
                    not_over(deadline)?;
                }
            }
        }
    }

    /// What a key was used for: the turn, or where to go on with it.
    fn received(&self, record: &KeyRecord, claim: &KeyClaim) -> Result<Received> {
        check_record(record, claim)?;
        let KeyResult::Message(id, number) = record.result else { return Err(foreign_result()) };
        let session = self.stored_session(id)?;
        Ok(match session.reply_to(number) {
            Some(_) => Received::Replied(turn(&session, number)?),
            None => Received::Pending(number),
        })
    }

    /// Completes a pending turn. The session's write lock is free while the interviewer thinks.
    fn reply(&self, live: &Live, id: SessionId, number: u32, deadline: Option<Instant>) -> Result<Turn> {
        let _thinking = live.lock_turn(deadline)?;
        let mut exact = false;
        loop {
            let (session, interview) = self.for_writing(live, id, exact)?;
            if session.reply_to(number).is_some() {
                return turn(&session, number);
            }
            if session.status != SessionStatus::Active {
                return Err(not_active(id));
            }
            let reply = self.compose(&session, &interview, deadline)?;
            let _writing = live.lock_writes(deadline)?;
            let mut after = session.going_on();
            add_reply(&mut after, reply);
            if let (Written::Done, after) = self.step(live, &session, after, &interview, None)? {
                return turn(&after, number);
            }
            exact = true;
            not_over(deadline)?;
        }
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
        self.run(Operation::AbandonSession, || {
            let claim = options.claim(&self.tenant, "abandon_session", id, &())?;
            let live = self.inner.cache.live(id);
            let deadline = deadline(options.timeout);
            let _writing = live.lock_writes(deadline)?;
            loop {
                let session = self.load(&live, id)?.session;
                // The first success counts, whatever has become of the session since; it does not change any more.
                if let Some(claim) = &claim
                    && let Some(record) = self.store().key(&claim.scope)?
                {
                    check_record(&record, claim)?;
                    return Ok(session);
                }
                expect_version(&session, options.expected_version)?;
                let key = claim.map(|claim| (claim, KeyResult::Session(id)));
                if let Some(after) = self.abandon(&live, &session, "application", key)? {
                    return Ok(after);
                }
                not_over(deadline)?;
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
        let _writing = live.lock_writes(None)?;
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
    fn abandon(
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
    fn step(
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
    fn for_writing(&self, live: &Live, id: SessionId, exact: bool) -> Result<(Arc<Session>, Arc<Interview>)> {
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

    fn stored_session(&self, id: SessionId) -> Result<Arc<Session>> {
        self.store().session(&self.tenant, id)?.ok_or_else(|| Error::not_found("session", id))
    }

    fn snapshot(&self, session: &Arc<Session>, interview: Option<Arc<Interview>>, since: Since) -> Snapshot {
        Snapshot { tenant: Arc::clone(&self.tenant), session: Arc::clone(session), interview, checked_at: since.at() }
    }

    /// What the interviewer says to a session whose last word is the candidate's.
    fn compose(&self, session: &Session, interview: &Interview, deadline: Option<Instant>) -> Result<Message> {
        let next = session::next(interview, &session.messages);
        let (language, messages) = (session.session_language, &session.messages);
        let scene = Scene { interview, language, messages, next, deadline };
        let words = self.speak(&scene)?;
        Ok(self.message(next_number(session)?, next, words, self.now()))
    }

    /// The interviewer's words, checked.
    fn speak(&self, scene: &Scene<'_>) -> Result<String> {
        let words = self.guarded("interviewer", || self.inner.interviewer.speak(scene))?;
        limits::required_text("reply", &words, limits::MAX_MESSAGE).map_err(|error| {
            Error::new(ErrorKind::Provider, format!("the interviewer's words cannot be used: {error}"))
        })?;
        Ok(words)
    }

    fn message(&self, number: u32, next: Next, content: String, now: chrono::DateTime<chrono::Utc>) -> Message {
        let (kind, question) = match next {
            Next::Question { question } => (MessageKind::Question, Some(question)),
            Next::Probe { question, .. } => (MessageKind::Probe, Some(question)),
            Next::Closing => (MessageKind::Closing, None),
        };
        Message { content, created_at: now, id: MessageId::new(now, self.id_entropy()), kind, number, question }
    }
}

/// Adds the interviewer's reply; a closing completes the session.
fn add_reply(session: &mut Session, reply: Message) {
    session.updated_at = reply.created_at;
    if reply.kind == MessageKind::Closing {
        session.status = SessionStatus::Completed;
        session.ended_at = Some(reply.created_at);
    }
    session.messages.push(Arc::new(reply));
}

/// The turn of the candidate's message `number`, as it was when its reply was given.
fn turn(session: &Session, number: u32) -> Result<Turn> {
    let message = number.checked_sub(1).and_then(|place| session.messages.get(place as usize));
    let (Some(message), Some(reply)) = (message, session.reply_to(number)) else {
        return Err(Error::internal("a turn has no reply"));
    };
    let closed = reply.kind == MessageKind::Closing;
    Ok(Turn {
        message: Arc::clone(message),
        reply: Arc::clone(reply),
        session_status: if closed { SessionStatus::Completed } else { SessionStatus::Active },
        session_version: reply.number.into(),
    })
}

fn next_number(session: &Session) -> Result<u32> {
    u32::try_from(session.messages.len() + 1)
        .ok()
        .filter(|number| *number < 1 << 20)
        .ok_or_else(|| Error::invalid_state(format!("session {} is full", session.id)))
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

fn not_active(id: SessionId) -> Error {
    Error::invalid_state(format!("session {id} is not active"))
}

pub(super) fn not_over(deadline: Option<Instant>) -> Result<()> {
    match deadline {
        Some(deadline) if Instant::now() >= deadline => {
            Err(Error::new(ErrorKind::Timeout, "the deadline passed while other processes wrote to the session")
                .retryable())
        }
        _ => Ok(()),
    }
}

fn foreign_result() -> Error {
    Error::internal("a key of one operation holds another's result")
}
