//! Holding sessions.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyList;
use vivavoce::{InterviewId, SessionId, StartSession};

use crate::callbacks::Hearing;
use crate::calls::{CancelToken, Options};
use crate::classes::{Session, Turn};
use crate::document::{Document as _, ToPython};
use crate::engine::Engine;
use crate::read::name;
use crate::values::{Count, Id, Span, Text};

#[pymethods]
impl Engine {
    /// Starts a session: the interviewer greets and asks the first question.
    ///
    /// Args:
    ///     interview_id: The interview.
    ///     session_language: The language the library speaks, `en` or `zh-TW`; the interview's where None.
    ///     idempotency_key: Makes the call safe to repeat: the same key with the same request gives the first success again.
    ///     timeout: How long the call may wait, a `timedelta` or seconds.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Returns:
    ///     Session: With the interviewer's first message.
    ///
    /// Raises:
    ///     NotFoundError: There is no such interview.
    ///     ConflictError: The key was used for another request.
    #[pyo3(signature = (interview_id, *, session_language=None, idempotency_key=None, timeout=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn start_session(
        &self,
        py: Python<'_>,
        interview_id: Id<InterviewId>,
        session_language: Option<Text<'_>>,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Session> {
        let start = StartSession { session_language: session_language.map(|tag| name(py, &tag)).transpose()? };
        let options = Options { idempotency_key, timeout, cancel, model, provider, ..Options::default() };
        let session = self.call(py, "start_session", options, |engine, options| {
            engine.start_session_with(interview_id.0, start, options)
        })?;
        Ok(Session::of(session))
    }

    /// Stores the candidate's message and answers with the interviewer's reply. The session completes with the reply to its last answer.
    ///
    /// The message is stored before anything can fail. Where the interviewer then fails, its error is raised and the turn stays pending; sending the same text again, best
    /// with its key, continues that turn and stores nothing twice. Another text is another message; one reply then answers both.
    ///
    /// Args:
    ///     session_id: The session.
    ///     text: What the candidate says, 1 to 32,000 characters.
    ///     hear: Is called with the next words of the reply while the interviewer finds them, and with None where those heard so far do not count: the reply begins
    ///         again. In the end, what was heard is the reply. An exception ends the hearing and is raised when the turn is complete. Must not call the engine for this session.
    ///     idempotency_key: Makes the call safe to repeat: the same key with the same text gives the first turn again.
    ///     timeout: How long the call may wait for others and for the model, a `timedelta` or seconds. A database has limits of its own besides: see its URL.
    ///     expected_version: The session's version that the caller has seen.
    ///     cancel: Cancels the call from another thread.
    ///     model: The language model to ask in this call, `provider/model`.
    ///     provider: The service and the credentials for this call alone.
    ///
    /// Returns:
    ///     Turn: The message as it is kept, and the reply.
    ///
    /// Raises:
    ///     InvalidInputError: The text is blank, too long, or contains NUL.
    ///     NotFoundError: There is no such session.
    ///     InvalidStateError: The session has ended.
    ///     ConflictError: The key was used for another text, or the session is not at the expected version.
    ///     TimeoutError: The time is over.
    ///     ProviderError: The language model failed; the message is kept.
    ///
    /// Example:
    ///     >>> from vivavoce import Engine
    ///     >>> heard = []
    ///     >>> with Engine() as engine:
    ///     ...     interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who are you?"])
    ///     ...     session = engine.start_session(interview.id)
    ///     ...     turn = engine.send_message(session.id, "A mathematician.", hear=heard.append)
    ///     >>> "".join(words for words in heard if words) == turn.reply.content
    ///     True
    #[pyo3(signature = (session_id, text, *, hear=None, idempotency_key=None, timeout=None, expected_version=None, cancel=None, model=None, provider=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn send_message(
        &self,
        py: Python<'_>,
        session_id: Id<SessionId>,
        text: Text<'_>,
        hear: Option<Py<PyAny>>,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        expected_version: Option<Count<u64>>,
        cancel: Option<&Bound<'_, CancelToken>>,
        model: Option<Text<'_>>,
        provider: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Turn> {
        let (id, options) = (
            session_id.0,
            Options { idempotency_key, timeout, expected_version, cancel, queued: false, model, provider },
        );
        let Some(listener) = hear else {
            let turn = self
                .call(py, "send_message", options, |engine, options| engine.send_message_with(id, text.0, options))?;
            return Ok(Turn::of(Arc::new(turn)));
        };
        let mut hearing = Hearing::new(&listener);
        let turn = self.slow(py, "send_message", options, |engine, options| {
            engine.send_message_heard(id, text.0, options, &mut |said| hearing.hear(said))
        });
        match (turn, hearing.failure) {
            (Ok(turn), None) => Ok(Turn::of(Arc::new(turn))),
            (Err(error), None) => Err(error),
            // The turn is kept, and its key gives it.
            (Ok(_), Some(failure)) => Err(failure),
            (Err(error), Some(failure)) => {
                error.set_context(py, Some(failure));
                Err(error)
            }
        }
    }

    /// Reads a session with everything said. What this engine wrote is always there; what other processes wrote, after `read_staleness` at the latest.
    ///
    /// Args:
    ///     session_id: The session.
    ///     exact: Whether to read what the store has now, whatever other processes have written.
    ///
    /// Raises:
    ///     NotFoundError: There is none, or its interview was erased.
    #[pyo3(signature = (session_id, *, exact=false))]
    fn session(&self, py: Python<'_>, session_id: Id<SessionId>, exact: bool) -> PyResult<Session> {
        let read = if exact { vivavoce::Engine::session_exact } else { vivavoce::Engine::session };
        self.quick(py, "session", |engine| read(engine, session_id.0)).map(Session::of)
    }

    /// The ids of an interview's sessions, oldest first.
    ///
    /// Raises:
    ///     NotFoundError: There is no such interview.
    fn sessions<'py>(&self, py: Python<'py>, interview_id: Id<InterviewId>) -> PyResult<Bound<'py, PyList>> {
        let ids = self.quick(py, "sessions", |engine| engine.sessions(interview_id.0))?;
        ids_of(py, &ids)
    }

    /// Gives up a session.
    ///
    /// Raises:
    ///     NotFoundError: There is no such session.
    ///     InvalidStateError: The session has ended: it is completed, or given up already. With its key, a call may be repeated.
    #[pyo3(signature = (session_id, *, idempotency_key=None, timeout=None, expected_version=None, cancel=None))]
    fn abandon_session(
        &self,
        py: Python<'_>,
        session_id: Id<SessionId>,
        idempotency_key: Option<Text<'_>>,
        timeout: Option<Span>,
        expected_version: Option<Count<u64>>,
        cancel: Option<&Bound<'_, CancelToken>>,
    ) -> PyResult<Session> {
        let options = Options { idempotency_key, timeout, expected_version, cancel, ..Options::default() };
        let session = self.call(py, "abandon_session", options, |engine, options| {
            engine.abandon_session_with(session_id.0, options)
        })?;
        Ok(Session::of(session))
    }

    /// Gives up this tenant's sessions that have been idle for longer than the engine's `idle_timeout`, and says which. A session that is read, or is sent a message, is given
    /// up without this.
    fn abandon_idle_sessions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let ids = self.quick(py, "abandon_idle_sessions", vivavoce::Engine::abandon_idle_sessions)?;
        ids_of(py, &ids)
    }
}

pub(crate) fn ids_of<'py, T: ToPython>(py: Python<'py>, ids: &[T]) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, ids.iter().map(|id| id.to_python(py)).collect::<PyResult<Vec<_>>>()?)
}
