//! Turns: the candidate's message, which is stored before anything is made of it, and the interviewer's reply.

use std::sync::Arc;

use super::call::check_record;
use super::metrics::Operation;
use super::steps::{expect_version, foreign_result, not_active, not_over};
use super::{Call, CallOptions, Engine};
use crate::domain::{
    Interview, Language, Message, MessageId, MessageKind, Session, SessionId, SessionStatus, Turn, limits,
};
use crate::error::{Error, ErrorKind, Result};
use crate::interviewer::{Ear, Listener, Said, Scene, Speech};
use crate::session::{self, Next};
use crate::store::{KeyClaim, KeyRecord, KeyResult, Live, Written};

/// What became of a candidate's message.
enum Received {
    Replied(Turn),
    /// It is stored under this number; the reply is missing.
    Pending(u32),
}

impl Engine {
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
        self.send(session, text, options, None)
    }

    /// Sends a message, and lets `hear` hear the reply while the interviewer finds it. What was heard in the end is what the turn has, whoever speaks. `hear` is called on this
    /// thread, and must not call the engine for this session.
    ///
    /// ```
    /// use vivavoce::{CallOptions, Engine, InterviewType, NewInterview, Said, StartSession};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let interview =
    ///     engine.create_interview(NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?"))?;
    /// let session = engine.start_session(interview.id, StartSession::default())?;
    /// let mut heard = String::new();
    /// let turn = engine.send_message_heard(session.id, "A circular wait.", &CallOptions::default(), &mut |said| match said {
    ///     Said::Words(words) => heard.push_str(words),
    ///     Said::Again => heard.clear(),
    /// })?;
    /// assert_eq!(heard, turn.reply.content);
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`send_message_with`](Self::send_message_with).
    pub fn send_message_heard(
        &self,
        session: SessionId,
        text: &str,
        options: &CallOptions,
        hear: &mut dyn FnMut(Said<'_>),
    ) -> Result<Turn> {
        self.send(session, text, options, Some(&Ear::new(hear)))
    }

    fn send(&self, session: SessionId, text: &str, options: &CallOptions, ear: Option<&Ear<'_>>) -> Result<Turn> {
        self.run(Operation::SendMessage, || {
            limits::required_text("message", text, limits::MAX_MESSAGE)?;
            let claim = options.claim(&self.tenant, "send_message", session, &text)?;
            let call = self.call(options)?;
            self.ensure_interviewer_asks(&call)?;
            let live = self.inner.cache.live(session);
            let turn = match self.receive(&live, session, text, claim, options.expected_version, &call)? {
                Received::Replied(turn) => turn,
                Received::Pending(number) => self.reply(&live, session, number, &call, ear.map(|ear| ear as _))?,
            };
            if let Some(ear) = ear {
                ear.finish(&turn.reply.content);
            }
            Ok(turn)
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
        call: &Call,
    ) -> Result<Received> {
        let _writing = live.lock_writes(&call.patience)?;
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
                origin: None,
                question: asked.and_then(|message| message.question),
            });
            let mut after = session.going_on();
            after.messages.push(message);
            after.updated_at = now;
            // An interviewer that answers at once is heard before the write, so that one write keeps both; if it fails, the message is kept all the same.
            let reply = self.interviewer(call).is_instant().then(|| self.compose(&after, &interview, call, None));
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
                    not_over(&call.patience)?;
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
    fn reply(&self, live: &Live, id: SessionId, number: u32, call: &Call, ear: Option<&dyn Listener>) -> Result<Turn> {
        let _thinking = live.lock_turn(&call.patience)?;
        let mut exact = false;
        loop {
            let (session, interview) = self.for_writing(live, id, exact)?;
            if session.reply_to(number).is_some() {
                return turn(&session, number);
            }
            if session.status != SessionStatus::Active {
                return Err(not_active(id));
            }
            let reply = self.compose(&session, &interview, call, ear)?;
            let _writing = live.lock_writes(&call.patience)?;
            let mut after = session.going_on();
            add_reply(&mut after, reply);
            if let (Written::Done, after) = self.step(live, &session, after, &interview, None)? {
                return turn(&after, number);
            }
            exact = true;
            not_over(&call.patience)?;
        }
    }

    /// What the interviewer says to a session whose last word is the candidate's.
    fn compose(
        &self,
        session: &Session,
        interview: &Interview,
        call: &Call,
        ear: Option<&dyn Listener>,
    ) -> Result<Message> {
        let next = session::next(interview, &session.messages);
        let speech = self.speak(interview, session.session_language, &session.messages, next, call, ear)?;
        Ok(self.message(next_number(session)?, next, speech, self.now()))
    }

    /// Refuses a model or credentials that nobody would use, before anything is written.
    pub(super) fn ensure_interviewer_asks(&self, call: &Call) -> Result<()> {
        #[cfg(feature = "llm")]
        self.ensure_asks(call, "interviewer", &self.interviewer(call).models())?;
        let _ = call;
        Ok(())
    }

    /// The interviewer's words, checked.
    pub(super) fn speak(
        &self,
        interview: &Interview,
        language: Language,
        messages: &[Arc<Message>],
        next: Next,
        call: &Call,
        ear: Option<&dyn Listener>,
    ) -> Result<Speech> {
        // One that answers at once has no time to look.
        let token = (!self.interviewer(call).is_instant()).then(|| call.patience.token());
        let scene = Scene {
            interview,
            language,
            messages,
            next,
            deadline: call.patience.deadline,
            cancel: token.as_ref(),
            ear,
            #[cfg(feature = "llm")]
            asking: self.asking(call, None),
        };
        self.ensure_interviewer_asks(call)?;
        if let Some(ear) = ear {
            ear.begin_again();
        }
        let speech = self.guarded("interviewer", call, || self.interviewer(call).speak(&scene))?;
        limits::required_text("reply", &speech.text, limits::MAX_MESSAGE).map_err(|error| {
            Error::new(ErrorKind::Provider, format!("the interviewer's words cannot be used: {error}"))
        })?;
        Ok(speech)
    }

    pub(super) fn message(
        &self,
        number: u32,
        next: Next,
        speech: Speech,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Message {
        let (kind, question) = match next {
            Next::Question { question } => (MessageKind::Question, Some(question)),
            Next::Probe { question, .. } => (MessageKind::Probe, Some(question)),
            Next::Closing => (MessageKind::Closing, None),
        };
        let id = MessageId::new(now, self.id_entropy());
        Message { content: speech.text, created_at: now, id, kind, number, origin: speech.origin, question }
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
