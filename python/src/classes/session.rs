//! One conversation about an interview.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::document::{Document, ToPython, document};

document! {
    /// One utterance.
    Message(vivavoce::Message) {
        /// Names it.
        id,
        /// Its place in the session, from 1 without gaps.
        number,
        /// What it does in the conversation; tells who said it.
        kind,
        /// What was said, byte for byte.
        content,
        /// The planned question, from 0, that it asks, probes or answers; None for a closing.
        question,
        /// Where the interviewer's words come from, where that is said: a language model's, or the scripted interviewer's in their place.
        origin,
        /// When it was said (UTC).
        created_at,
    }
    shows(number, kind, question);

    /// Who said it.
    #[getter]
    fn role<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.role().to_python(py)
    }
}

document! {
    /// A candidate's message with the interviewer's reply to it.
    Turn(vivavoce::Turn) {
        /// What the candidate said.
        message,
        /// What the interviewer replied.
        reply,
        /// Where the session stood after the reply.
        session_status,
        /// The session's version after the reply.
        session_version,
    }
    shows(message, reply, session_status, session_version);
}

document! {
    /// One conversation, with everything said so far.
    Session(vivavoce::Session, PyOnceLock<Py<PyTuple>>) {
        /// Names it.
        id,
        /// The interview it is about.
        interview_id,
        /// The language the library speaks in it.
        session_language,
        /// Where it stands.
        status,
        /// Rises with every change, so that a caller can notice that it moved.
        version,
        /// When the first message was said (UTC).
        started_at,
        /// When the session was made (UTC).
        created_at,
        /// When it last changed (UTC).
        updated_at,
        /// When it was completed or abandoned (UTC); None while it is active.
        ended_at,
    }
    shows(id, status, version), own(messages);

    /// What was said, in order.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        // A transcript is read more often than it is fetched.
        let messages = self.1.get_or_try_init(py, || {
            let messages = self.0.messages.iter().map(|message| Bound::new(py, Message::of(Arc::clone(message))));
            PyTuple::new(py, messages.collect::<PyResult<Vec<_>>>()?).map(Bound::unbind)
        })?;
        Ok(messages.bind(py).clone())
    }

    /// How many messages the candidate has sent.
    #[getter]
    fn answers_given(&self) -> u32 {
        self.0.answers_given()
    }

    /// The candidate's last message while the interviewer's reply to it is missing; None where nothing is missing.
    #[getter]
    fn pending<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.pending().cloned().to_python(py)
    }

    /// For notebooks: the transcript.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("vivavoce._notebook")?.call_method1("session", (slf,))
    }
}
